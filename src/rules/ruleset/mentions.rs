//! Compiled rules of mentions: entities, quantities, times, tags, and the fields that they fill.

use std::sync::Arc;

use regex::Regex;

use crate::event::domain::Record;
use crate::rules::program::{ProgramSet, TypeId};

/// What a field of a message can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Text,
    /// Full name of the enum.
    Enum(String),
    Integer,
    Float,
    Bool,
    /// Full name of the message.
    Message(String),
    /// Bytes, maps: rules cannot fill them.
    Other,
}

/// A field as rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldShape {
    pub kind: FieldKind,
    pub repeated: bool,
}

/// A type of mention.
#[derive(Clone, Debug)]
pub(crate) struct TypeInfo {
    pub name: Arc<str>,
    /// The message that its mentions fill.
    pub message: Option<Arc<str>>,
}

/// A capture's place in the message.
#[derive(Clone, Debug)]
pub(crate) enum CaptureUse {
    /// Fills the field.
    Field(FieldShape),
    /// `base:@Type`: the mention's own fields are taken over.
    Base,
    /// A component that the stage itself reads (times, quantities).
    Component,
}

/// A rule that makes mentions.
#[derive(Clone, Debug)]
pub(crate) struct MentionRule {
    /// `entity.actor_official`
    pub id: Arc<str>,
    pub ty: TypeId,
    pub set: Record,
    pub extent: Option<Arc<str>>,
    /// Types whose mentions inside the words that name this one do not count.
    pub hides: Option<Arc<[TypeId]>>,
    pub priority: i32,
    pub make: Make,
}

/// How a mention rule turns its captures into a record.
#[derive(Clone, Debug)]
pub(crate) enum Make {
    Entity,
    /// The name of the message decides the shape: Count, Quantity, Money.
    Quantity {
        message: Arc<str>,
        dimension: Option<Arc<str>>,
    },
    Time(TimeRule),
}

/// What a time rule says beside its captures.
#[derive(Clone, Debug)]
pub(crate) struct TimeRule {
    pub kind: TimeKind,
    pub anchor: Anchor,
    pub direction: Direction,
}

/// Kinds of time expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeKind {
    Date,
    Clock,
    Offset,
    /// A part of another time.
    Part,
    Range,
    Duration,
    Set,
}

/// What an incomplete expression is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Anchor {
    /// Publication, or the dateline.
    #[default]
    Document,
    /// The time last spoken of.
    Reference,
    /// The time of the clause that its own clause hangs on.
    Clause,
}

/// Which of several dates that fit is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Direction {
    Past,
    Future,
    Nearest,
    /// By the tense of the predicate; the past where it says nothing.
    #[default]
    Tense,
}

/// Mention rules that run in one pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct MentionStage {
    /// Whether the stage builds entities; quantities and times come before all of these.
    pub entities: bool,
    pub set: ProgramSet,
    /// For each program of `set`: its rule, and what its captures are for.
    pub programs: Vec<(u32, Vec<CaptureUse>)>,
    pub rules: Vec<MentionRule>,
    /// Regexes over a sentence's text.
    pub regexes: Vec<RegexRule>,
}

/// A regex, its rule, and the uses of its named groups.
pub(crate) type RegexRule = (Regex, u32, Vec<(Arc<str>, CaptureUse)>);

/// A compiled article tag.
#[derive(Clone, Debug)]
pub(crate) struct TagRule {
    pub tag: Arc<str>,
    pub least: u32,
}
