//! What tests exercise: rules, slots, alternatives of patterns.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Verdict;
use crate::rules::diagnostic::{Code, Diagnostic};
use crate::rules::ruleset::{RuleTest, Ruleset};
use crate::rules::syntax::{FileId, Place};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub covered: usize,
    pub all: usize,
}

/// What tests exercise.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Rules that make events or mentions and have a test in which they must fire.
    pub rules: Share,
    /// Slots of event rules that a test of the rule fills.
    pub slots: Share,
    /// Alternatives of patterns that matched in any test; only of rules that were compiled to tell.
    pub alternatives: Share,
    /// Event rules and mention rules without a test in which they must fire.
    pub untested: Vec<String>,
    /// One for each rule with slots that its tests leave empty.
    pub empty_slots: Vec<Diagnostic>,
    /// Where the alternatives stand that no test reaches.
    pub unreached: Vec<Place>,
}

/// What was seen in the tests so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    fired: BTreeSet<String>,
    slots: BTreeMap<String, BTreeSet<String>>,
    marks: BTreeSet<u32>,
    /// Where the first test of a rule stands in which it must fire.
    tests: BTreeMap<String, Place>,
    /// Rules whose tests were run, and the files that these stand in.
    run: BTreeSet<String>,
    files: BTreeSet<FileId>,
}

impl Seen {
    pub fn add(&mut self, test: &RuleTest, verdict: &Verdict) {
        self.marks.extend(&verdict.marks);
        self.run.insert(test.rule.to_string());
        self.files.insert(test.table.at.file);
        if test.table.rejects || test.table.todo {
            return;
        }
        self.tests.entry(test.rule.to_string()).or_insert_with(|| test.table.at.clone());
        if verdict.problems.is_empty() {
            self.fired.insert(test.rule.to_string());
        }
        self.slots.entry(test.rule.to_string()).or_default().extend(verdict.slots.iter().cloned());
    }

    /// Of all rules; where only some of the tests were run, of the rules and files that these are of.
    pub fn coverage(self, rules: &Ruleset, some: bool) -> Coverage {
        let mut out = Coverage::default();
        let kinds = ["event", "entity", "time", "quantity"];
        for rule in rules.rules().iter().filter(|rule| kinds.contains(&rule.kind)) {
            let name = format!("{}.{}", rule.kind, rule.id);
            if some && !self.run.contains(&name) {
                continue;
            }
            out.rules.all += 1;
            if self.fired.contains(&name) {
                out.rules.covered += 1;
            } else {
                out.untested.push(name);
            }
        }
        for rule in &rules.events {
            let name = format!("event.{}", rule.info.id);
            if some && !self.run.contains(&name) {
                continue;
            }
            let filled = self.slots.get(&name);
            let empty: Vec<&str> = rule
                .slots
                .iter()
                .map(|slot| &*slot.field)
                .filter(|field| !filled.is_some_and(|filled| filled.contains(*field)))
                .collect();
            out.slots.all += rule.slots.len();
            out.slots.covered += rule.slots.len() - empty.len();
            if let (false, Some(at)) = (empty.is_empty(), self.tests.get(&name)) {
                let message = format!("no test of {name} fills {}", empty.join(", "));
                out.empty_slots.push(Diagnostic::warning(Code::UntestedSlot, at.clone(), message));
            }
        }
        let wanted = |place: &Place| !some || self.files.contains(&place.file);
        for (index, place) in rules.marks.iter().enumerate().filter(|(_, place)| wanted(place)) {
            out.alternatives.all += 1;
            if self.marks.contains(&(index as u32)) {
                out.alternatives.covered += 1;
            } else {
                out.unreached.push(place.clone());
            }
        }
        out
    }
}
