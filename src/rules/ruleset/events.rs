//! Compiled rules of events: triggers, conditions, slots, what they set.

use std::sync::Arc;

use super::mentions::FieldShape;
use crate::event::domain::{Certainty, Record, RuleRef, Status, Value};
use crate::rules::lexicon::LexiconId;
use crate::rules::program::{Program, TypeId};

/// Where a condition looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Agent,
    Patient,
    Recipient,
    Topic,
    Place,
    Speaker,
    Clause,
    Sentence,
    /// The trigger's own noun phrase.
    Phrase,
    Before,
    After,
}

/// A compiled condition.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// As the rule has it: `patient = '''...'''`.
    pub text: Arc<str>,
    pub place: Where,
    pub program: Arc<Program>,
}

/// What a slot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    Mention(TypeId),
    Lexicon(LexiconId),
    Text,
    /// A noun phrase up to its head.
    Noun,
    Quote,
    Flag,
}

/// A role that a slot asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SlotRole {
    Agent,
    Patient,
    Recipient,
    Topic,
    /// Any phrase with a preposition.
    Oblique,
    Time,
    Place,
    Speaker,
    /// The clause that says what is claimed, feared, announced.
    Content,
}

/// How a slot is found.
#[derive(Clone, Debug)]
pub(crate) enum Finder {
    Role {
        role: SlotRole,
        via: Option<Arc<Program>>,
    },
    After(Arc<Program>),
    Near {
        pattern: Option<Arc<Program>>,
        within: u32,
    },
    Span {
        from: Arc<Program>,
        until: Option<Arc<Program>>,
    },
    /// Index of the other slot.
    Inside(usize),
    Capture,
}

/// Which list of the envelope a slot joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joins {
    Actor,
    Recipient,
    Place,
    Time,
    Nothing,
}

/// A compiled slot.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub field: Arc<str>,
    pub shape: FieldShape,
    pub fill: Fill,
    pub finders: Vec<Finder>,
    /// What all finders find is taken, not only what the first one does.
    pub every: bool,
    pub required: bool,
    pub joins: Joins,
    pub only: Vec<(Arc<str>, Vec<Value>)>,
}

/// A compiled event rule.
#[derive(Clone, Debug)]
pub(crate) struct EventRule {
    pub info: RuleRef,
    pub emits: Arc<str>,
    pub category: Arc<str>,
    pub modes: Vec<Arc<str>>,
    pub modes_if: Vec<(Arc<str>, Condition)>,
    /// Of several conditions of `modes_if` that hold only the first counts.
    pub one_mode: bool,
    /// Modes where no condition of `modes_if` holds.
    pub mode_else: Vec<Arc<str>>,
    /// The mode where one of two parties receives the other: he is the recipient then.
    pub host: Option<Arc<str>>,
    pub contexts: Vec<Arc<str>>,
    pub slots: Vec<Slot>,
    pub set: Record,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    pub assume: Sets,
    /// An event of one of these is none of this rule.
    pub unless_status: Vec<Status>,
    /// What its complement tells is no event of its own.
    pub absorbs: bool,
    /// Categories of events that it answers.
    pub answers: Vec<Arc<str>>,
    /// It stands even where another event's complement tells it.
    pub independent: bool,
    /// Where an event is that tells no place.
    pub place: PlacePolicy,
    pub priority: i32,
}

impl EventRule {
    /// Whether it tells of an act of speech: it absorbs what it speaks of, or is where the article was filed.
    pub fn is_speech(&self) -> bool {
        self.absorbs || self.place == PlacePolicy::Dateline
    }

    /// Whether it tells of what happens at a place.
    pub fn happens(&self) -> bool {
        self.place == PlacePolicy::Story
    }
}

/// Where an event is that tells no place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PlacePolicy {
    /// Nowhere that is known.
    #[default]
    Own,
    /// Where the article was filed, if it happened on its day.
    Dateline,
    /// The same for what is no act of speech: talks.
    Filed,
    /// In the country that the article speaks of around it.
    Country,
    /// At the place of what the article told last.
    Story,
    /// Nowhere else. Whom it is done to may be the place, as for the two before.
    Target,
}

/// What a cue or a rule says of an assertion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sets {
    pub status: Option<Status>,
    pub certainty: Option<Certainty>,
}
