//! Rules that the same words set off: what two triggers have in common, word by word, whatever they are written as.

use std::collections::{BTreeMap, BTreeSet};

use super::Compiler;
use crate::rules::diagnostic::{Code, Diagnostic};
use crate::rules::pattern::{Node, NodeKind};
use crate::rules::syntax::{Condition, EventTable, Finder, Place, SlotTable, SlotType, Trigger};

/// Words that two rules share, as a message tells them at most.
const TOLD: usize = 3;

/// What a rule asks for beside its trigger.
type Circumstances = String;

/// The words of a trigger, each with the place of the lexicon's term that says it, if one does.
type Words<'a> = BTreeMap<String, Option<&'a Place>>;

impl Compiler<'_> {
    /// What the triggers of event rules answer to: words that two rules share, and words that stand in every sentence.
    pub(super) fn check_triggers(&self, out: &mut Vec<Diagnostic>) {
        let tables = self.packs.iter().flat_map(|pack| &pack.events);
        let triggers: Vec<(&EventTable, &Trigger, Words<'_>)> = tables
            .flat_map(|table| table.triggers.iter().map(move |trigger| (table, trigger, self.words(trigger))))
            .collect();
        self.overlapping_events(&triggers, out);
        self.common_triggers(&triggers, out);
    }

    /// Event rules with words in common, under the same conditions and with the same required slots.
    fn overlapping_events(&self, triggers: &[(&EventTable, &Trigger, Words<'_>)], out: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<Circumstances, Vec<(&EventTable, &Words<'_>)>> = BTreeMap::new();
        for (table, trigger, words) in triggers {
            let others = seen.entry(circumstances(table, trigger)).or_default();
            let mut told: BTreeSet<&str> = BTreeSet::new();
            for (other, theirs) in others.iter().filter(|(other, _)| other.id.value != table.id.value) {
                let shared: Vec<&str> =
                    words.keys().filter(|word| theirs.contains_key(*word)).map(String::as_str).collect();
                if !shared.is_empty() && told.insert(&other.id.value) {
                    out.push(ambiguous(table, other, trigger, &shared));
                }
            }
            others.push((table, words));
        }
    }

    /// Lexicons of triggers with words that stand in every sentence.
    fn common_triggers(&self, triggers: &[(&EventTable, &Trigger, Words<'_>)], out: &mut Vec<Diagnostic>) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (table, trigger, words) in triggers {
            for (word, at) in words {
                let Some(at) = at.filter(|_| self.reading.stop_words.contains(word)) else { continue };
                if told.insert(word) {
                    let id = &table.id.value;
                    let message = format!("`{word}` is a word of every day, and each one sets off `{id}`");
                    let help = "take it away, or write a trigger that asks for what stands around it".to_owned();
                    let problem = Diagnostic::warning(Code::CommonWord, at.clone(), message);
                    let label = trigger.pattern.at.clone();
                    out.push(problem.with_label(label, "the trigger").with_help(Some(help)));
                }
            }
        }
    }

    fn words(&self, trigger: &Trigger) -> Words<'_> {
        let mut out = Words::new();
        self.expand(&trigger.pattern.value.root, &trigger.pattern.value.source, &mut out);
        out
    }

    /// All that a pattern matches, where that is one word or one lexicon's term; a longer one stands for itself.
    fn expand<'s>(&'s self, node: &Node, source: &str, out: &mut Words<'s>) {
        match &node.kind {
            NodeKind::Words(words) => {
                out.insert(words.to_lowercase(), None);
            }
            NodeKind::Attributes(tests) => match tests.as_slice() {
                [(key, values)] if key == "lemma" || key == "word" => {
                    out.extend(values.iter().map(|value| (value.to_lowercase(), None)));
                }
                _ => {
                    out.insert(bare(node, source), None);
                }
            },
            NodeKind::Lexicon(name) => {
                let tables = self.packs.iter().flat_map(|pack| &pack.lexicons).filter(|table| table.id.value == *name);
                let terms = tables.flat_map(|table| &table.entries).flat_map(|entry| &entry.terms);
                out.extend(terms.map(|term| (term.value.to_lowercase(), Some(&term.at))));
            }
            NodeKind::Capture { node, .. } => self.expand(node, source, out),
            NodeKind::Alternatives(nodes) => nodes.iter().for_each(|node| self.expand(node, source, out)),
            NodeKind::Sequence(nodes) if nodes.len() == 1 => {
                nodes.iter().for_each(|node| self.expand(node, source, out))
            }
            _ => {
                out.insert(bare(node, source), None);
            }
        }
    }
}

fn ambiguous(table: &EventTable, other: &EventTable, trigger: &Trigger, shared: &[&str]) -> Diagnostic {
    let words: Vec<String> = shared.iter().take(TOLD).map(|word| format!("`{word}`")).collect();
    let more = match shared.len().saturating_sub(TOLD) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let (words, other_id, own_id) = (words.join(", "), &other.id.value, &table.id.value);
    let message = format!("both `{other_id}` and `{own_id}` answer to {words}{more}, and nothing tells them apart");
    let help = "ask for what they differ in: `when`, `unless`, a required slot, or a `priority`".to_owned();
    let problem = Diagnostic::warning(Code::AmbiguousRules, trigger.pattern.at.clone(), message);
    problem.with_label(other.id.at.clone(), "the other rule").with_help(Some(help))
}

/// All that a rule asks for beside the words of a trigger.
fn circumstances(table: &EventTable, trigger: &Trigger) -> Circumstances {
    let conditions = |list: &[Condition]| {
        let own = |c: &Condition| format!("{} {}", c.place.value, bare(&c.pattern.value.root, &c.pattern.value.source));
        let mut all: Vec<String> = list.iter().map(own).collect();
        all.sort();
        all
    };
    let mut required: Vec<String> = table.slots.iter().filter(|slot| slot.required).map(shape).collect();
    required.sort();
    let (when, unless) = (conditions(&table.when), conditions(&table.unless));
    let statuses: Vec<&str> = table.unless_status.iter().map(|status| status.value.as_str()).collect();
    format!("{:?} {when:?} {unless:?} {statuses:?} {required:?} {}", trigger.kind, table.priority)
}

/// What a slot asks for, without the name of its field.
fn shape(slot: &SlotTable) -> String {
    let fills = match &slot.fills {
        SlotType::Mention(name) => format!("@{}", name.value),
        SlotType::Lexicon(name) => format!("${}", name.value),
        other => format!("{other:?}"),
    };
    let pattern = |pattern: &crate::rules::syntax::Located<crate::rules::pattern::Pattern>| {
        bare(&pattern.value.root, &pattern.value.source)
    };
    let finders: Vec<String> = slot
        .finders
        .iter()
        .map(|finder| match finder {
            Finder::Role { role, .. } => role.value.clone(),
            Finder::After(own) => pattern(own),
            Finder::Near { within, .. } => format!("near {within}"),
            Finder::Span { from, .. } => pattern(from),
            Finder::Inside(name) => name.value.clone(),
            Finder::Capture => "capture".to_owned(),
        })
        .collect();
    format!("{fills} {finders:?}")
}

/// A pattern without its layout and without the names of its captures: two that are the same here match the same words.
pub(super) fn bare(node: &Node, source: &str) -> String {
    let all = |nodes: &[Node], between: &str| {
        let parts: Vec<String> = nodes.iter().map(|node| bare(node, source)).collect();
        parts.join(between)
    };
    match &node.kind {
        NodeKind::Capture { node, .. } => bare(node, source),
        NodeKind::Sequence(nodes) => all(nodes, " "),
        NodeKind::Alternatives(nodes) => format!("({})", all(nodes, " | ")),
        NodeKind::Repeat { node, min, max } => format!("({}){{{min},{max}}}", bare(node, source)),
        NodeKind::Not { behind, node } => format!("(?{}! {})", if *behind { "<" } else { "" }, bare(node, source)),
        _ => source.get(node.at.clone()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// The names of the captures of a pattern, in its order.
pub(super) fn captures<'a>(node: &'a Node, out: &mut Vec<&'a str>) {
    match &node.kind {
        NodeKind::Capture { name, node } => {
            out.push(name);
            captures(node, out);
        }
        NodeKind::Sequence(nodes) | NodeKind::Alternatives(nodes) => nodes.iter().for_each(|node| captures(node, out)),
        NodeKind::Repeat { node, .. } => captures(node, out),
        _ => {}
    }
}
