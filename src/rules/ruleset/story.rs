//! Compiled rules of what stands around events: contexts, references, links, merges, recasts, filters.

use std::sync::Arc;

use super::events::{Condition, EventRule, Sets, Slot};
use super::mentions::CaptureUse;
use crate::event::domain::{Record, Status, Value};
use crate::rules::program::{Program, TypeId};

/// Where a context cue must stand with respect to the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Modifier,
    Auxiliary,
    Marker,
    Governor,
    Clause,
    Sentence,
    Trigger,
    Noun,
}

/// A compiled context rule.
#[derive(Clone, Debug)]
pub(crate) struct ContextRule {
    /// `context.denial`
    pub id: Arc<str>,
    pub scope: Scope,
    pub sets: Sets,
    pub unless: Vec<Condition>,
    pub priority: i32,
}

/// A compiled reference rule.
#[derive(Clone, Debug)]
pub(crate) struct ReferRule {
    pub id: Arc<str>,
    pub to: TypeId,
    pub uses: Vec<CaptureUse>,
    pub only: Vec<(Arc<str>, Vec<Value>)>,
    pub agree: Vec<Arc<str>>,
    pub lookback: u32,
    pub pick: Pick,
    pub number: Option<Number>,
}

/// Whether one or several are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Singular,
    Plural,
}

/// Which of the antecedents that fit is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    Nearest,
    Subject,
    First,
    /// The two last named.
    Pair,
}

/// A compiled enrichment.
#[derive(Clone, Debug)]
pub(crate) struct EnrichRule {
    pub id: Arc<str>,
    /// Event rules by index, in order, with the slot whose message is filled.
    pub of: Vec<(u32, Option<Arc<str>>)>,
    pub anaphor: Arc<Program>,
    pub lookback: u32,
    pub patterns: Vec<(Arc<Program>, Vec<CaptureUse>)>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    pub set: Record,
}

/// A compiled link.
#[derive(Clone, Debug)]
pub(crate) struct LinkRule {
    pub to: Vec<u32>,
    pub anaphor: Arc<Program>,
    pub lookback: u32,
    pub trigger: Arc<Program>,
    pub slots: Vec<Slot>,
    pub into: Option<Arc<str>>,
    pub set: Record,
}

/// A part of an event that merges compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Actors,
    Recipients,
    Place,
    Time,
    Status,
    Modes,
    /// Told in one breath.
    Clause,
    Field(Arc<str>),
}

/// What the later of two mentions must be to merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Later {
    Any,
    /// It points back, or names neither parties nor a day.
    Definite,
    /// It says neither where nor when.
    Unsettled,
    /// It stands in the second sentence, and the earlier one in the first.
    Retold,
}

/// A compiled merge rule.
#[derive(Clone, Debug)]
pub(crate) struct MergeRule {
    /// `merge.same_event`
    pub id: Arc<str>,
    /// For each event rule: whether the merge is for its events.
    pub of: Vec<bool>,
    pub agree: Vec<Part>,
    pub share: Vec<Part>,
    pub within: Option<u32>,
    /// What the later mention must be.
    pub later: Later,
    /// Whether events of different rules may merge.
    pub across: bool,
    /// Of these modes only the first that any mention has stays: they exclude one another.
    pub modes: Vec<Arc<str>>,
    /// Of the later mention.
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
}

/// What an event is called once its status is known.
#[derive(Clone, Debug)]
pub(crate) struct RecastRule {
    pub id: Arc<str>,
    /// For each event rule: whether its events may be recast.
    pub of: Vec<bool>,
    pub status: Vec<Status>,
    pub category: Arc<str>,
    pub modes: Vec<Arc<str>>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    pub sets: Sets,
}

/// Whether a name means an event rule: `event.x`, `pack:x`, `category:X`, or `*`.
pub(crate) fn is_named(rule: &EventRule, name: &str) -> bool {
    match name.split_once([':', '.']) {
        Some(("event", id)) => *rule.info.id == *id,
        Some(("pack", id)) => *rule.info.pack == *id,
        Some(("category", category)) => *rule.category == *category,
        _ => name == "*",
    }
}

/// A compiled filter.
#[derive(Clone, Debug)]
pub(crate) struct FilterRule {
    /// `filter.sports`
    pub id: Arc<str>,
    /// For each event rule: whether the filter is for its events.
    pub of: Vec<bool>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
}
