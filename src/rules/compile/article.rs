//! Tables about the article as a whole: contexts, references, enrichments, links, merges, tags, reading.

use std::sync::Arc;

use super::events::{STATUSES, values_of};
use super::mentions::first_line;
use super::{Compiler, add_to};
use crate::rules::diagnostic::{Code, Diagnostic, Level};
use crate::rules::program::ProgramSet;
use crate::rules::ruleset::{
    CaptureUse, ContextRule, EnrichRule, EventRule, FieldKind, FilterRule, Later, LinkRule, MergeRule, Number, Part,
    Pick, RecastRule, ReferRule, Scope, TagRule,
};
use crate::rules::syntax::{EnrichTable, Name};
use crate::text::{LayoutRule, LayoutRules, ReadingRules};

/// Latest year for undated articles when no pack says.
const DEFAULT_HORIZON: i16 = 2099;

/// Before the name of a category where a list names event rules.
const CATEGORY: &str = "category:";

/// Keys of `[reading]`.
const READING_KEYS: &[&str] = &[
    "title_abbreviation",
    "abbreviation",
    "number_abbreviation",
    "sentence_starter",
    "stop_word",
    "horizon",
    "time_stand_in",
];

impl Compiler<'_> {
    /// `[context.x]`
    pub(super) fn contexts(&mut self) -> (Vec<ContextRule>, ProgramSet) {
        let (mut rules, mut set) = (Vec::new(), ProgramSet::default());
        for pack in self.packs {
            for table in &pack.contexts {
                self.keep_tests("context", &table.id, None, &table.tests);
                let Some(scope) = &table.scope else {
                    let message = format!("the context `{}` does not say where its cue must stand", table.id.value);
                    self.error(Code::ContextWithoutScope, &table.id.at, message);
                    continue;
                };
                let scopes = [
                    ("modifier", Scope::Modifier),
                    ("auxiliary", Scope::Auxiliary),
                    ("marker", Scope::Marker),
                    ("governor", Scope::Governor),
                    ("clause", Scope::Clause),
                    ("sentence", Scope::Sentence),
                    ("trigger", Scope::Trigger),
                    ("noun", Scope::Noun),
                ];
                let Some(scope) = self.one_of(scope, &scopes) else { continue };
                let sets = self.sets(&table.set);
                let unless = self.conditions(&table.unless);
                let id = format!("context.{}", table.id.value).into();
                if let Some(program) = self.program(&table.cue) {
                    self.check_begin(&program, &table.cue, "cue");
                    add_to(
                        &mut set,
                        &mut rules,
                        program,
                        ContextRule { id, scope, sets, unless, priority: table.priority },
                    );
                }
            }
        }
        (rules, set)
    }

    /// `[refer.x]`
    pub(super) fn references(&mut self) -> (Vec<ReferRule>, ProgramSet) {
        let (mut rules, mut set) = (Vec::new(), ProgramSet::default());
        for pack in self.packs {
            for table in &pack.references {
                self.keep_tests("refer", &table.id, None, &table.tests);
                let Some(to) = self.type_of(&table.to, "reference") else { continue };
                self.used_types.insert(to);
                let pick = match &table.pick {
                    Some(name) => self.one_of(
                        name,
                        &[
                            ("nearest", Pick::Nearest),
                            ("subject", Pick::Subject),
                            ("first", Pick::First),
                            ("pair", Pick::Pair),
                        ],
                    ),
                    None => Some(Pick::Nearest),
                };
                let numbers = [("singular", Number::Singular), ("plural", Number::Plural)];
                let number = table.number.as_ref().and_then(|name| self.one_of(name, &numbers));
                let (Some(pick), Some(program)) = (pick, self.program(&table.anaphor)) else { continue };
                let message = self.types[to.0 as usize].message.clone();
                let mut uses = Vec::new();
                for name in &program.captures {
                    let at = table.anaphor.value.capture_place(&table.anaphor.at, name);
                    let shape = message.as_ref().and_then(|message| self.expect_field(message, name, &at));
                    uses.push(shape.map_or(CaptureUse::Component, CaptureUse::Field));
                }
                let rule = ReferRule {
                    id: format!("refer.{}", table.id.value).into(),
                    to,
                    uses,
                    only: table.only.iter().map(|(name, values)| values_of(name, values)).collect(),
                    agree: table.agree.iter().map(|name| name.value.as_str().into()).collect(),
                    lookback: table.lookback,
                    pick,
                    number,
                };
                add_to(&mut set, &mut rules, program, rule);
            }
        }
        (rules, set)
    }

    /// `[enrich.x]`
    pub(super) fn enrichments(&mut self, events: &[EventRule]) -> Vec<EnrichRule> {
        let packs = self.packs;
        let tables = packs.iter().flat_map(|pack| &pack.enrichments);
        tables.filter_map(|table| self.enrichment(table, events)).collect()
    }

    fn enrichment(&mut self, table: &EnrichTable, events: &[EventRule]) -> Option<EnrichRule> {
        self.keep_tests("enrich", &table.id, None, &table.tests);
        let mut of: Vec<(u32, Option<Arc<str>>)> = Vec::new();
        let mut message: Option<Arc<str>> = None;
        // Events of a whole category have no message in common: only when and where they were is added to them.
        let (categories, targets): (Vec<_>, Vec<_>) =
            table.of.iter().cloned().partition(|target| target.value.starts_with(CATEGORY));
        let chosen = self.chosen(&categories, events);
        of.extend((0u32..).zip(chosen).filter(|(_, chosen)| *chosen).map(|(rule, _)| (rule, None)));
        let envelope = !categories.is_empty();
        for target in &targets {
            let (rule, slot) = self.event_target(target, events)?;
            if envelope {
                of.push((rule, slot));
                continue;
            }
            let own = match &slot {
                None => events[rule as usize].emits.clone(),
                Some(slot) => match self.field(&events[rule as usize].emits, slot).map(|shape| shape.kind) {
                    Some(FieldKind::Message(name)) => name.into(),
                    _ => {
                        self.error(
                            Code::UndefinedField,
                            &target.at,
                            format!("`{slot}` is no field that holds a message"),
                        );
                        return None;
                    }
                },
            };
            if message.as_ref().is_some_and(|message| *message != own) {
                let text = "the targets of an enrichment must all fill the same message".to_owned();
                self.error(Code::FieldTypesDisagree, &target.at, text);
                return None;
            }
            message = Some(own);
            of.push((rule, slot));
        }
        let message = if envelope { "".into() } else { message? };
        let anaphor = self.program(&table.anaphor)?;
        let mut patterns = Vec::new();
        for pattern in &table.patterns {
            let Some(program) = self.program(pattern) else { continue };
            let mut uses = Vec::new();
            for name in &program.captures {
                // `time.clock` style captures fill the envelope.
                let at = pattern.value.capture_place(&pattern.at, name);
                uses.push(match &**name {
                    "time" | "place" => CaptureUse::Component,
                    _ => self.expect_field(&message, name, &at).map_or(CaptureUse::Component, CaptureUse::Field),
                });
            }
            patterns.push((program, uses));
        }
        of.sort_by_key(|(rule, _)| *rule);
        Some(EnrichRule {
            id: format!("enrich.{}", table.id.value).into(),
            of,
            anaphor,
            lookback: table.lookback,
            patterns,
            when: self.conditions(&table.when),
            unless: self.conditions(&table.unless),
            set: self.fixed_fields(&message, &table.set),
        })
    }

    /// `event.x` or `event.x.slot`: the rule's index, and the slot.
    fn event_target(&mut self, target: &Name, events: &[EventRule]) -> Option<(u32, Option<Arc<str>>)> {
        let mut parts = target.value.splitn(3, '.');
        let (kind, id, slot) = (parts.next(), parts.next(), parts.next());
        let found = match (kind, id) {
            (Some("event"), Some(id)) => events.iter().position(|rule| *rule.info.id == *id),
            _ => None,
        };
        let Some(found) = found else {
            let names: Vec<String> = events.iter().map(|rule| format!("event.{}", rule.info.id)).collect();
            let help = crate::rules::diagnostic::suggest(&target.value, names.iter().map(String::as_str))
                .map(|name| format!("did you mean `{name}`?"));
            let message = format!("there is no event rule `{}`", target.value);
            self.error_with_help(Code::UndefinedRule, &target.at, message, help);
            return None;
        };
        Some((found as u32, slot.map(Arc::from)))
    }

    /// `[link.x]`
    pub(super) fn links(&mut self, events: &[EventRule]) -> Vec<LinkRule> {
        let mut rules = Vec::new();
        for pack in self.packs {
            for table in &pack.links {
                self.keep_tests("link", &table.id, None, &table.tests);
                let mut to = Vec::new();
                let mut message: Option<Arc<str>> = None;
                for target in &table.to {
                    let Some((rule, _)) = self.event_target(target, events) else { continue };
                    message = Some(events[rule as usize].emits.clone());
                    to.push(rule);
                }
                let Some(mut message) = message else { continue };
                if let Some(into) = &table.into {
                    match self.expect_field(&message, &into.value, &into.at).map(|shape| shape.kind) {
                        Some(FieldKind::Message(name)) => message = name.into(),
                        Some(_) => {
                            self.error(
                                Code::FieldTypesDisagree,
                                &into.at,
                                format!("`{}` holds no message", into.value),
                            );
                            continue;
                        }
                        None => continue,
                    }
                }
                let (Some(anaphor), Some(trigger)) = (self.program(&table.anaphor), self.program(&table.trigger))
                else {
                    continue;
                };
                rules.push(LinkRule {
                    to,
                    anaphor,
                    lookback: table.lookback,
                    trigger,
                    slots: self.slots(&table.slots, &message),
                    into: table.into.as_ref().map(|into| into.value.as_str().into()),
                    set: self.fixed_fields(&message, &table.set),
                });
            }
        }
        rules
    }

    /// `[merge.x]`
    pub(super) fn merges(&mut self, events: &[EventRule]) -> Vec<MergeRule> {
        let mut rules = Vec::new();
        for pack in self.packs {
            for table in &pack.merges {
                self.keep_tests("merge", &table.id, None, &table.tests);
                let of = self.chosen(&table.of, events);
                // Rules that one list names may tell of the same happening.
                let across = table.of.len() > 1 || table.of.iter().any(|target| target.value.starts_with(CATEGORY));
                let later = match &table.later {
                    Some(name) => {
                        let kinds = [
                            ("any", Later::Any),
                            ("definite", Later::Definite),
                            ("unsettled", Later::Unsettled),
                            ("retold", Later::Retold),
                        ];
                        self.one_of(name, &kinds)
                    }
                    None => Some(Later::Any),
                };
                let Some(later) = later else { continue };
                let parts = |names: &[Name]| names.iter().map(|name| part(&name.value)).collect();
                rules.push(MergeRule {
                    id: format!("merge.{}", table.id.value).into(),
                    of,
                    agree: parts(&table.agree),
                    share: parts(&table.share),
                    within: table.within,
                    later,
                    across,
                    modes: table.modes.iter().map(|mode| mode.value.as_str().into()).collect(),
                    when: self.conditions(&table.when),
                    unless: self.conditions(&table.unless),
                });
            }
        }
        rules
    }

    /// `[recast.x]`
    pub(super) fn recasts(&mut self, events: &[EventRule]) -> Vec<RecastRule> {
        let mut rules = Vec::new();
        for table in self.packs.iter().flat_map(|pack| &pack.recasts) {
            self.keep_tests("recast", &table.id, None, &table.tests);
            rules.push(RecastRule {
                id: table.id.value.as_str().into(),
                of: self.chosen(&table.of, events),
                status: table.status.iter().filter_map(|name| self.one_of(name, STATUSES)).collect(),
                category: table.category.value.as_str().into(),
                modes: table.modes.iter().map(|mode| mode.value.as_str().into()).collect(),
                when: self.conditions(&table.when),
                unless: self.conditions(&table.unless),
                sets: self.sets(&table.set),
            });
        }
        rules
    }

    /// `[filter.x]`
    pub(super) fn filters(&mut self, events: &[EventRule]) -> Vec<FilterRule> {
        let mut rules = Vec::new();
        for table in self.packs.iter().flat_map(|pack| &pack.filters) {
            self.keep_tests("filter", &table.id, None, &table.tests);
            rules.push(FilterRule {
                id: format!("filter.{}", table.id.value).into(),
                of: self.chosen(&table.of, events),
                when: self.conditions(&table.when),
                unless: self.conditions(&table.unless),
            });
        }
        rules
    }

    /// For each event rule whether a list of targets (`event.x`, `category:ASSAULT`, `pack:weapons`, `*`)
    /// means it.
    fn chosen(&mut self, targets: &[Name], events: &[EventRule]) -> Vec<bool> {
        let mut of = vec![false; events.len()];
        for target in targets {
            if target.value == "*" {
                of.fill(true);
            } else if let Some(category) = target.value.strip_prefix(CATEGORY) {
                let mut any = false;
                for (own, _) in of.iter_mut().zip(events).filter(|(_, rule)| *rule.category == *category) {
                    *own = true;
                    any = true;
                }
                if !any {
                    let message = format!("no event rule has the category `{category}`");
                    self.error(Code::UndefinedRule, &target.at, message);
                }
            } else if let Some(pack) = target.value.strip_prefix("pack:") {
                let mut any = false;
                for (own, _) in of.iter_mut().zip(events).filter(|(_, rule)| *rule.info.pack == *pack) {
                    *own = true;
                    any = true;
                }
                if !any {
                    self.error(Code::UndefinedRule, &target.at, format!("no event rule is from the pack `{pack}`"));
                }
            } else if let Some(own) =
                self.event_target(target, events).and_then(|(index, _)| of.get_mut(index as usize))
            {
                *own = true;
            }
        }
        of
    }

    /// `[tag.x]`
    pub(super) fn tags(&mut self) -> (Vec<TagRule>, ProgramSet) {
        let (mut rules, mut set) = (Vec::new(), ProgramSet::default());
        for pack in self.packs {
            for table in &pack.tags {
                self.keep_tests("tag", &table.id, None, &table.tests);
                if let Some(program) = self.program(&table.any) {
                    self.check_begin(&program, &table.any, "pattern");
                    let tag = TagRule { tag: table.id.value.as_str().into(), least: table.least.max(1) };
                    add_to(&mut set, &mut rules, program, tag);
                }
            }
        }
        (rules, set)
    }

    /// `[layout.x]` and `[reading]`: what the reader of articles knows, and the horizon of undated articles.
    pub(super) fn reading(&mut self) -> (ReadingRules, i16, Option<String>) {
        let mut rules = ReadingRules::default();
        let mut horizon = DEFAULT_HORIZON;
        let mut time_stand_in = None;
        let mut layout = Vec::new();
        for pack in self.packs {
            for (name, words) in &pack.reading {
                let set = match name.value.as_str() {
                    "title_abbreviation" => &mut rules.title_abbreviations,
                    "abbreviation" => &mut rules.abbreviations,
                    "number_abbreviation" => &mut rules.number_abbreviations,
                    "sentence_starter" => &mut rules.sentence_starters,
                    "stop_word" => &mut rules.stop_words,
                    "horizon" => {
                        match words.value.first().and_then(|year| year.parse().ok()) {
                            Some(year) => horizon = year,
                            None => self.error(Code::WrongType, &words.at, "the horizon is a year".to_owned()),
                        }
                        continue;
                    }
                    "time_stand_in" => {
                        time_stand_in = words.value.first().cloned();
                        continue;
                    }
                    other => {
                        let message = format!("`[reading]` has no key `{other}`; it has {}", READING_KEYS.join(", "));
                        self.error(Code::UnknownKey, &name.at, message);
                        continue;
                    }
                };
                set.extend(&words.value);
            }
            for table in &pack.layouts {
                match LayoutRule::new(&table.id.value, &table.part.value, &table.regex.value) {
                    Ok(rule) => layout.push(rule),
                    Err(error) => self.error(Code::RegexSyntax, &table.regex.at, first_line(&error.to_string())),
                }
            }
            // Names that may stand in pairs: whatever stands for an actor, a place or a nation.
            let named = pack.lexicons.iter().filter(|table| {
                !table.entity.is_empty()
                    || table.entries.iter().any(|e| e.attributes.iter().any(|(k, _)| k.value == "country"))
            });
            for term in named.flat_map(|table| &table.entries).flat_map(|entry| &entry.terms) {
                let mut words = term.value.split_whitespace().filter(|word| word.starts_with(char::is_uppercase));
                let first = words.next();
                first.into_iter().chain(words.next_back()).for_each(|word| rules.pair_names.insert(word));
            }
        }
        match LayoutRules::new(layout) {
            Ok(layout) => rules.layout = layout,
            Err(error) => {
                let message = first_line(&error.to_string());
                self.diagnostics.push(Diagnostic::new(Code::RegexSyntax, Level::Error, message));
            }
        }
        (rules, horizon, time_stand_in)
    }
}

fn part(name: &str) -> Part {
    match name {
        "actors" => Part::Actors,
        "recipients" => Part::Recipients,
        "place" => Part::Place,
        "time" => Part::Time,
        "status" => Part::Status,
        "modes" => Part::Modes,
        "clause" => Part::Clause,
        field => Part::Field(field.into()),
    }
}
