//! Tables about events: the rules themselves, what adds to them, ties, merges and frames them.

use semver::Version;
use toml::de::DeValue;

use super::table::{File, Item, Table};
use super::tests;
use crate::rules::diagnostic::Code;
use crate::rules::syntax::{
    Condition, ContextTable, EnrichTable, EventTable, FilterTable, Finder, LinkTable, Located, MergeTable, Name,
    RecastTable, SlotTable, SlotType, Status, TagTable, Trigger, TriggerKind,
};

const EVENT_KEYS: &[&str] = &[
    "emits",
    "category",
    "mode",
    "mode_else",
    "host",
    "one_mode",
    "contexts",
    "version",
    "status",
    "description",
    "priority",
    "trigger",
    "set",
    "assume",
    "place",
    "absorbs",
    "answers",
    "independent",
    "when",
    "unless",
];

pub(super) fn event(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<EventTable> {
    let emits = table.need_string("emits");
    let category = table.need_string("category");
    let modes = table.strings("mode");
    let contexts = table.strings("contexts");
    let version = match table.string("version") {
        Some(text) => match Version::parse(&text.value) {
            Ok(version) => version,
            Err(error) => {
                let message = format!("`{}` is no semantic version: {error}", text.value);
                table.file.error(Code::WrongType, text.at.bytes, message, Some("write it as 1.0.0".into()));
                Version::new(0, 0, 0)
            }
        },
        None => Version::new(0, 1, 0),
    };
    let statuses = [
        ("experimental", Status::Experimental),
        ("test", Status::Test),
        ("stable", Status::Stable),
        ("deprecated", Status::Deprecated),
    ];
    let status = table.choice("status", &statuses).unwrap_or_default();
    let description = table.text("description");
    let priority = table.priority();
    let triggers = triggers(&mut table);
    let slots = slots(&mut table);
    let set = table.attributes("set");
    let when = conditions(&mut table, "when");
    let (mut unless, mut unless_status) = (Vec::new(), Vec::new());
    if let Some(item) = table.get("unless") {
        for (place, item) in table.entries_of(item, "a condition") {
            if place.value == "status" {
                unless_status = table.file.strings(item, "status");
            } else if let Some(pattern) = table.file.pattern(item, &place.value) {
                unless.push(Condition { place, pattern });
            }
        }
    }
    let mut modes_if = Vec::new();
    for (mode, item) in table.entries("modes_if") {
        for condition in conditions_of(&mut table, item) {
            modes_if.push((mode.clone(), condition));
        }
    }
    let mode_else = table.strings("mode_else");
    let host = table.string("host");
    let one_mode = table.boolean("one_mode");
    let assume = table.attributes("assume");
    let place = table.string("place");
    let absorbs = table.boolean("absorbs");
    let answers = table.strings("answers");
    let independent = table.boolean("independent");
    let tests = tests(&mut table, &format!("event.{}", id.value));
    table.finish(&[]);
    Some(EventTable {
        id,
        emits: emits?,
        category: category?,
        modes,
        modes_if,
        one_mode,
        mode_else,
        host,
        contexts,
        version,
        status,
        description,
        triggers,
        slots,
        set,
        when,
        unless,
        unless_status,
        absorbs,
        answers,
        independent,
        assume,
        place,
        priority,
        tests,
    })
}

fn triggers(table: &mut Table<'_, '_, '_, '_>) -> Vec<Trigger> {
    let kinds = [
        ("verb", TriggerKind::Verb),
        ("noun", TriggerKind::Noun),
        ("adjective", TriggerKind::Adjective),
        ("phrase", TriggerKind::Phrase),
    ];
    let mut out = Vec::new();
    let entries = table.entries("trigger");
    if entries.is_empty() {
        table.need("trigger");
    }
    for (name, item) in entries {
        match kinds.iter().find(|(word, _)| *word == name.value) {
            Some((_, kind)) => {
                out.extend(table.file.pattern(item, &name.value).map(|pattern| Trigger { kind: *kind, pattern }));
            }
            None => {
                let message = format!("a trigger is a verb, noun, adjective or phrase, no `{}`", name.value);
                table.file.error(Code::UnknownKey, name.at.bytes, message, None);
            }
        }
    }
    out
}

/// `when.patient = '''...'''`
fn conditions(table: &mut Table<'_, '_, '_, '_>, key: &'static str) -> Vec<Condition> {
    match table.get(key) {
        Some(item) => conditions_of(table, item),
        None => Vec::new(),
    }
}

fn conditions_of<'t, 'i>(table: &mut Table<'t, 'i, '_, '_>, item: Item<'t, 'i>) -> Vec<Condition> {
    let entries = table.entries_of(item, "a condition");
    entries
        .into_iter()
        .filter_map(|(place, item)| {
            let pattern = table.file.pattern(item, &place.value)?;
            Some(Condition { place, pattern })
        })
        .collect()
}

/// Slots, each a table or a list of tables: ways to fill the same field, of which the first that finds something stands.
fn slots(table: &mut Table<'_, '_, '_, '_>) -> Vec<SlotTable> {
    let mut out = Vec::new();
    for (field, item) in table.entries("slot") {
        match item.get_ref() {
            DeValue::Array(ways) => out.extend(ways.iter().filter_map(|way| slot(table.file, field.clone(), way))),
            _ => out.extend(slot(table.file, field, item)),
        }
    }
    out
}

fn slot(file: &mut File<'_>, field: Name, item: Item<'_, '_>) -> Option<SlotTable> {
    // A scalar under `[event.x.slot]` is most likely a key of the event that stands below the wrong header.
    if !matches!(item.get_ref(), DeValue::Table(_)) && EVENT_KEYS.contains(&field.value.as_str()) {
        let message = format!("`{}` is a key of the event, not a slot", field.value);
        let help = Some("write it above the header `[event.x.slot]`".to_owned());
        file.error(Code::UnknownKey, field.at.bytes, message, help);
        return None;
    }
    let name = format!("slot.{}", field.value);
    let mut table = Table::new(file, name, field.at.bytes.clone(), item)?;
    let fills = match table.need_string("type") {
        Some(text) => slot_type(table.file, text),
        None => None,
    };
    let mut finders = Vec::new();
    let roles = table.strings("role");
    let via = table.pattern("via");
    finders.extend(roles.into_iter().map(|role| Finder::Role { role, via: via.clone() }));
    finders.extend(table.pattern("after").map(Finder::After));
    let within = table.count("within");
    let near = table.pattern("near");
    if near.is_some() || within.is_some() {
        finders.push(Finder::Near { pattern: near, within: within.unwrap_or(8) });
    }
    let until = table.pattern("until");
    finders.extend(table.pattern("span").map(|from| Finder::Span { from, until }));
    finders.extend(table.string("in").map(Finder::Inside));
    if table.boolean("capture") {
        finders.push(Finder::Capture);
    }
    let required = table.boolean("required");
    let every = table.boolean("every");
    let joins = table.string("as");
    let only = table.restrictions("where");
    table.finish(&[]);
    Some(SlotTable { field, fills: fills?, finders, every, required, joins, only })
}

fn slot_type(file: &mut File<'_>, text: Name) -> Option<SlotType> {
    let rest =
        |skip: usize| Located { value: text.value.get(skip..).unwrap_or_default().to_owned(), at: text.at.clone() };
    Some(match text.value.as_str() {
        "text" => SlotType::Text,
        "noun" => SlotType::Noun,
        "quote" => SlotType::Quote,
        "flag" => SlotType::Flag,
        name if name.starts_with('@') => SlotType::Mention(rest(1)),
        name if name.starts_with('$') => SlotType::Lexicon(rest(1)),
        other => {
            let message = format!("`{other}` is no type of slot");
            let help =
                Some("a slot takes \"@Type\", \"$lexicon\", \"text\", \"noun\", \"quote\" or \"flag\"".to_owned());
            file.error(Code::WrongType, text.at.bytes.clone(), message, help);
            return None;
        }
    })
}

pub(super) fn enrichment(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<EnrichTable> {
    let of = table.strings("of");
    if of.is_empty() {
        table.need("of");
    }
    let anaphor = table.need_pattern("anaphor");
    let lookback = table.count("lookback").unwrap_or(2);
    let patterns = match table.get("patterns") {
        Some(item) => table.file.patterns(item, "patterns"),
        None => Vec::new(),
    };
    let when = conditions(&mut table, "when");
    let unless = conditions(&mut table, "unless");
    let set = table.attributes("set");
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("enrich.{}", id.value));
    table.finish(&[]);
    Some(EnrichTable { id, of, anaphor: anaphor?, lookback, patterns, when, unless, set, description, tests })
}

pub(super) fn link(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<LinkTable> {
    let to = table.strings("to");
    if to.is_empty() {
        table.need("to");
    }
    let anaphor = table.need_pattern("anaphor");
    let lookback = table.count("lookback").unwrap_or(2);
    let trigger = table.need_pattern("trigger");
    let slots = slots(&mut table);
    let into = table.string("into");
    let set = table.attributes("set");
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("link.{}", id.value));
    table.finish(&[]);
    Some(LinkTable { id, to, anaphor: anaphor?, lookback, trigger: trigger?, slots, into, set, description, tests })
}

pub(super) fn merge(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<MergeTable> {
    let of = table.strings("of");
    let agree = table.strings("agree");
    let share = table.strings("share");
    let within = table.count("within");
    let later = table.string("later");
    let modes = table.strings("modes");
    let when = conditions(&mut table, "when");
    let unless = conditions(&mut table, "unless");
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("merge.{}", id.value));
    table.finish(&[]);
    Some(MergeTable { id, of, agree, share, within, later, modes, when, unless, description, tests })
}

pub(super) fn recast(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<RecastTable> {
    let of = table.strings("of");
    if of.is_empty() {
        table.need("of");
    }
    let status = table.strings("status");
    if status.is_empty() {
        table.need("status");
    }
    let category = table.need_string("category");
    let modes = table.strings("mode");
    let when = conditions(&mut table, "when");
    let unless = conditions(&mut table, "unless");
    let set = table.attributes("set");
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("recast.{}", id.value));
    table.finish(&[]);
    Some(RecastTable { id, of, status, category: category?, modes, when, unless, set, description, tests })
}

pub(super) fn context(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<ContextTable> {
    let cue = table.need_pattern("cue");
    let scope = table.string("scope");
    let set = table.attributes("set");
    let unless = conditions(&mut table, "unless");
    let priority = table.priority();
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("context.{}", id.value));
    table.finish(&[]);
    Some(ContextTable { id, cue: cue?, scope, set, unless, priority, description, tests })
}

pub(super) fn filter(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<FilterTable> {
    let of = table.strings("of");
    if of.is_empty() {
        table.need("of");
    }
    let when = conditions(&mut table, "when");
    let unless = conditions(&mut table, "unless");
    let reason = table.need_string("reason");
    let tests = tests(&mut table, &format!("filter.{}", id.value));
    table.finish(&[]);
    Some(FilterTable { id, of, when, unless, reason: reason?, tests })
}

pub(super) fn tag(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<TagTable> {
    let any = table.need_pattern("any");
    let least = table.count("least").unwrap_or(1);
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &format!("tag.{}", id.value));
    table.finish(&[]);
    Some(TagTable { id, any: any?, least, description, tests })
}
