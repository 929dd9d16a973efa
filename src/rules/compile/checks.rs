//! What is allowed and most likely not meant: rules that take each other's words, patterns that cost too much, fields
//! that nothing fills.

use std::collections::{BTreeMap, BTreeSet};

use super::Compiler;
use super::overlaps::{bare, captures};
use crate::rules::diagnostic::{Code, Diagnostic};
use crate::rules::pattern::{Node, NodeKind, Pattern};
use crate::rules::program::{First, Program};
use crate::rules::syntax::{Case, EventTable, Located, Name, Place, Recogniser, Scalar};

impl Compiler<'_> {
    /// Checks that look at whole packs, once everything else is in order.
    pub(super) fn check_meaning(&mut self) {
        let mut out = Vec::new();
        self.check_triggers(&mut out);
        self.equal_recognisers(&mut out);
        self.common_words(&mut out);
        self.unfilled_fields(&mut out);
        self.diagnostics.extend(out);
    }

    /// Rules that make mentions by the same pattern: of one meaning, one is too many; of two, only one will ever be heard.
    fn equal_recognisers(&self, out: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<(String, String), (&Name, String, bool)> = BTreeMap::new();
        for pack in self.packs {
            let entities = pack
                .entities
                .iter()
                .map(|t| (&t.id, &t.makes.value[..], &t.recogniser, &t.set, t.priority, String::new(), false));
            let quantities = pack
                .quantities
                .iter()
                .map(|t| (&t.id, &t.makes.value[..], &t.recogniser, &t.set, t.priority, String::new(), false));
            let times = pack.times.iter().map(|t| {
                let said = |name: &Option<Name>| name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
                let more = format!("{} {} {}", t.kind.value, said(&t.anchor), said(&t.direction));
                (&t.id, "Time", &t.recogniser, &t.set, t.priority, more, true)
            });
            for (id, makes, recogniser, set, priority, more, time) in entities.chain(quantities).chain(times) {
                let own: Vec<(String, &Scalar)> =
                    set.iter().map(|(name, value)| (name.value.clone(), &value.value)).collect();
                for (source, names, at) in sources_of(recogniser) {
                    let meaning = format!("{own:?} {names} {more}");
                    let key = (format!("{makes} {priority}"), source);
                    let Some((first, other, _)) = seen.get(&key) else {
                        seen.insert(key, (id, meaning.clone(), time));
                        continue;
                    };
                    if first.value == id.value {
                        continue;
                    }
                    let (code, what) = match (*other == meaning, time) {
                        (true, _) => (Code::DuplicateRule, "says what"),
                        (false, true) => (Code::AmbiguousTime, "reads the same words otherwise than"),
                        (false, false) => (Code::AmbiguousRules, "makes something else of the same words than"),
                    };
                    let message = format!(
                        "`{}` {what} `{}` {}",
                        id.value,
                        first.value,
                        if *other == meaning { "says" } else { "does" }
                    );
                    let help = "give one of them a higher `priority`, or take one away".to_owned();
                    let problem = Diagnostic::warning(code, at, message).with_label(first.at.clone(), "the other rule");
                    out.push(problem.with_help(Some(help)));
                }
            }
        }
    }

    /// Names that are also words of every day: "May", "Will".
    fn common_words(&self, out: &mut Vec<Diagnostic>) {
        for table in self.packs.iter().flat_map(|pack| &pack.lexicons).filter(|table| !table.entity.is_empty()) {
            for term in table.entries.iter().flat_map(|entry| &entry.terms) {
                let upper = term.value.chars().all(|c| !c.is_lowercase());
                if self.reading.stop_words.contains(&term.value) && (table.case == Case::Any || !upper) {
                    let message = format!("`{}` is a word of every day, and each one will be a mention", term.value);
                    let help = "take it away, or write a rule that asks for what stands around it".to_owned();
                    out.push(Diagnostic::warning(Code::CommonWord, term.at.clone(), message).with_help(Some(help)));
                }
            }
        }
    }

    /// Fields of a pack's own messages that no rule fills.
    fn unfilled_fields(&self, out: &mut Vec<Diagnostic>) {
        let mut filled: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let tables: Vec<&EventTable> = self.packs.iter().flat_map(|pack| &pack.events).collect();
        let emits = |target: &Name| {
            let id = target.value.split('.').nth(1)?;
            tables.iter().find(|table| table.id.value == id).map(|table| table.emits.value.as_str())
        };
        for table in &tables {
            let own = filled.entry(&table.emits.value).or_default();
            own.extend(table.slots.iter().map(|slot| slot.field.value.clone()));
            own.extend(table.set.iter().map(|(name, _)| name.value.clone()));
            for trigger in &table.triggers {
                names(&trigger.pattern.value.root, own);
            }
        }
        for table in self.packs.iter().flat_map(|pack| &pack.enrichments) {
            for own in table.of.iter().filter_map(emits).collect::<Vec<_>>() {
                let own = filled.entry(own).or_default();
                table.patterns.iter().for_each(|pattern| names(&pattern.value.root, own));
                own.extend(table.set.iter().map(|(name, _)| name.value.clone()));
            }
        }
        for table in self.packs.iter().flat_map(|pack| &pack.links) {
            for own in table.to.iter().filter_map(emits).collect::<Vec<_>>() {
                let own = filled.entry(own).or_default();
                own.extend(table.into.iter().map(|into| into.value.clone()));
                own.extend(table.slots.iter().map(|slot| slot.field.value.clone()));
            }
        }
        let mut told = BTreeSet::new();
        for table in &tables {
            let Some(message) = self.event_types.message(&table.emits.value) else { continue };
            if crate::event::schema::is_built_in(message.parent_file().name()) || !told.insert(&table.emits.value) {
                continue;
            }
            let own = filled.get(table.emits.value.as_str());
            let empty: Vec<String> = message
                .fields()
                .map(|field| field.name().to_owned())
                .filter(|name| !own.is_some_and(|own| own.contains(name)))
                .collect();
            if !empty.is_empty() {
                let message = format!("no rule ever fills {} of `{}`", empty.join(", "), table.emits.value);
                out.push(Diagnostic::warning(Code::UnfilledField, table.emits.at.clone(), message));
            }
        }
    }

    /// What a program that runs over every sentence costs by the way it begins.
    pub(super) fn check_begin(&mut self, program: &Program, pattern: &Located<Pattern>, what: &str) {
        if program.first.list() == [First::Any] {
            let message = format!("this {what} can begin with any word, so it is tried at every one");
            let help = "begin it with words, a lexicon, a type or a class".to_owned();
            self.diagnostics
                .push(Diagnostic::warning(Code::NoLiteral, pattern.at.clone(), message).with_help(Some(help)));
            return;
        }
        let lists = self.packs.iter().flat_map(|pack| &pack.reading).filter(|(name, _)| name.value == "stop_word");
        let common: BTreeSet<_> =
            lists.flat_map(|(_, words)| &words.value).map(|word| self.vocabulary.id(word)).collect();
        let words =
            program.first.list().iter().filter(|first| matches!(first, First::Word(word) if common.contains(word)));
        let words = words.count();
        if what == "trigger" && words > 0 && words == program.first.list().len() {
            let message = "this trigger begins with words that stand in every sentence".to_owned();
            let help = "let it begin with the word that says what happened".to_owned();
            self.diagnostics
                .push(Diagnostic::warning(Code::CommonLiteral, pattern.at.clone(), message).with_help(Some(help)));
        }
    }

    /// A field that holds one value and a capture that may catch several.
    pub(super) fn check_captures(&mut self, pattern: &Located<Pattern>, name: &str, repeated: bool) {
        if !repeated && times(&pattern.value.root, name) > 1 {
            let at = pattern.value.capture_place(&pattern.at, name);
            let message = format!("`{name}` may be captured more than once, and the field holds one value");
            let help = "only the first one is kept: capture the whole, or take a field that repeats".to_owned();
            self.diagnostics.push(Diagnostic::warning(Code::RepeatedCapture, at, message).with_help(Some(help)));
        }
    }

    /// Alternatives that are there twice.
    pub(super) fn check_alternatives(&mut self, pattern: &Located<Pattern>) {
        let mut found = Vec::new();
        twins(&pattern.value.root, &pattern.value.source, &mut found);
        for (second, first, text) in found {
            let place = |at: &std::ops::Range<usize>| pattern.value.place(&pattern.at, at);
            let message = format!("the alternative `{text}` is there twice");
            let problem = Diagnostic::warning(Code::UnreachableAlternative, place(&second), message);
            self.diagnostics.push(problem.with_label(place(&first), "the first one"));
        }
    }
}

/// A pattern without its layout.
fn plain(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a recogniser matches, what it calls the parts, and where it stands.
fn sources_of(recogniser: &Recogniser) -> Vec<(String, String, Place)> {
    let pattern = |own: &Located<Pattern>| {
        let mut names = Vec::new();
        captures(&own.value.root, &mut names);
        (bare(&own.value.root, &own.value.source), names.join(" "), own.at.clone())
    };
    match recogniser {
        Recogniser::Patterns(list) => list.iter().map(pattern).collect(),
        Recogniser::Regex(text) => vec![(text.value.clone(), String::new(), text.at.clone())],
    }
}

/// The names of all captures.
fn names(node: &Node, out: &mut BTreeSet<String>) {
    match &node.kind {
        NodeKind::Capture { name, node } => {
            out.insert(name.clone());
            names(node, out);
        }
        NodeKind::Sequence(nodes) | NodeKind::Alternatives(nodes) => nodes.iter().for_each(|node| names(node, out)),
        NodeKind::Repeat { node, .. } => names(node, out),
        _ => {}
    }
}

/// How often a capture can catch something in one match.
fn times(node: &Node, name: &str) -> u32 {
    match &node.kind {
        NodeKind::Capture { name: own, node } => u32::from(own == name) + times(node, name),
        NodeKind::Sequence(nodes) => nodes.iter().map(|node| times(node, name)).sum(),
        NodeKind::Alternatives(nodes) => nodes.iter().map(|node| times(node, name)).max().unwrap_or(0),
        NodeKind::Repeat { node, max, .. } => max.saturating_mul(times(node, name)),
        _ => 0,
    }
}

type Twin = (std::ops::Range<usize>, std::ops::Range<usize>, String);

fn twins(node: &Node, source: &str, out: &mut Vec<Twin>) {
    match &node.kind {
        NodeKind::Alternatives(nodes) => {
            let mut seen: BTreeMap<String, &Node> = BTreeMap::new();
            for node in nodes {
                let text = plain(source.get(node.at.clone()).unwrap_or_default());
                match seen.get(&text) {
                    Some(first) => out.push((node.at.clone(), first.at.clone(), text)),
                    None => {
                        seen.insert(text, node);
                    }
                }
                twins(node, source, out);
            }
        }
        NodeKind::Sequence(nodes) => nodes.iter().for_each(|node| twins(node, source, out)),
        NodeKind::Repeat { node, .. } | NodeKind::Capture { node, .. } | NodeKind::Not { node, .. } => {
            twins(node, source, out);
        }
        _ => {}
    }
}
