//! What the pipeline found, before it becomes protobuf.
//!
//! A [`Record`] is a message without a schema: named fields whose names are the names of the protobuf fields.
//! Rules are checked against the descriptors when they load, so a record always fits its message; the binding
//! ([`super::message`]) turns it into a real message through descriptors and knows no type by name.

use std::sync::Arc;

use crate::text::TextSpan;

/// A stretch of the article that proves something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// Where, in the text that the document holds.
    pub span: TextSpan,
    /// Index of the sentence, from 0.
    pub sentence: u32,
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string, or the short name of an enum value ("PERSON" for `ACTOR_KIND_PERSON`).
    Text(Arc<str>),
    /// A whole number, for any numeric field.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// An instant, for `google.protobuf.Timestamp`.
    Instant(jiff::Timestamp),
    /// A place in the text, for `dateline.v1.Span`.
    Span(Evidence),
    /// A nested message.
    Record(Record),
    /// The values of a repeated field, in the order of the text.
    List(Vec<Value>),
}

/// A message without a schema: fields by name, each at most once, in the order in which they were set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    fields: Vec<(Arc<str>, Value)>,
}

impl Record {
    /// A record without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.iter().find(|(name, _)| &**name == field).map(|(_, value)| value)
    }

    /// The text of a field, where it is one.
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.get(field) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Sets a field, in place of what it had.
    pub fn set(&mut self, field: impl Into<Arc<str>>, value: Value) {
        let field = field.into();
        match self.fields.iter_mut().find(|(name, _)| *name == field) {
            Some((_, old)) => *old = value,
            None => self.fields.push((field, value)),
        }
    }

    /// Sets a field that has no value yet; says whether it did.
    pub fn set_if_absent(&mut self, field: impl Into<Arc<str>>, value: Value) -> bool {
        let field = field.into();
        if self.get(&field).is_some() {
            return false;
        }
        self.fields.push((field, value));
        true
    }

    /// Whether no field is set.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }
}

/// Whether the article tells the event as a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It happened or is happening, as the article or its source says.
    #[default]
    Asserted,
    /// It did not happen.
    Negated,
    /// Planned or expected.
    Future,
    /// If, could, may, demanded, threatened.
    Hypothetical,
    /// Told as background, from long before publication.
    Historical,
}

/// How sure the article is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// Said without a hedge.
    #[default]
    Stated,
    /// "is presumed to", "apparently", "suspected".
    Presumed,
    /// "may have", "possibly".
    Possible,
    /// Somebody named in the article denies it.
    Disputed,
}

impl Status {
    /// Short name of the enum value in the messages.
    pub fn name(self) -> &'static str {
        match self {
            Status::Asserted => "ASSERTED",
            Status::Negated => "NEGATED",
            Status::Future => "FUTURE",
            Status::Hypothetical => "HYPOTHETICAL",
            Status::Historical => "HISTORICAL",
        }
    }
}

impl Certainty {
    /// Short name of the enum value in the messages.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Stated => "STATED",
            Certainty::Presumed => "PRESUMED",
            Certainty::Possible => "POSSIBLE",
            Certainty::Disputed => "DISPUTED",
        }
    }
}

/// How the article stands to the event, and who says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assertion {
    pub status: Status,
    pub certainty: Certainty,
    /// A `dateline.v1.Actor`.
    pub attributed_to: Option<Record>,
}

/// The rule that an event comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRef {
    /// `weapon_launch`
    pub id: Arc<str>,
    pub version: Arc<str>,
    pub pack: Arc<str>,
}

/// How one field of an event was found.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotEvidence {
    /// Path of the field in the detail message: `weapon`, `weapon.model`.
    pub field: Arc<str>,
    pub evidence: Evidence,
    /// `active subject`, `passive by-phrase`, `enrich.weapon_model`, ...
    pub how: Arc<str>,
    pub certainty: Certainty,
    /// 0 to 1.
    pub confidence: f32,
}

/// A tie from one event to another of the same article.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Id of the link rule.
    pub rule: Arc<str>,
    /// Index of the other event in [`Extraction::events`].
    pub event: usize,
}

/// One happening, or one act of speech, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub rule: RuleRef,
    /// Full name of the message that `detail` fills.
    pub event_type: Arc<str>,
    pub category: Arc<str>,
    pub modes: Vec<Arc<str>>,
    pub contexts: Vec<Arc<str>>,
    pub detail: Record,
    /// Records of `dateline.v1.Actor`.
    pub actors: Vec<Record>,
    /// Records of `dateline.v1.Actor`.
    pub recipients: Vec<Record>,
    /// A record of `dateline.v1.Place`.
    pub place: Option<Record>,
    /// A record of `dateline.v1.EventTime`.
    pub time: Option<Record>,
    pub assertion: Assertion,
    /// Ids of other rules whose mentions of it were merged into this one.
    pub merged_rules: Vec<Arc<str>>,
    /// The trigger first, then the event's other mentions in the order of the text.
    pub evidence: Vec<Evidence>,
    pub slots: Vec<SlotEvidence>,
    pub links: Vec<Link>,
    /// 0 to 1, from how the slots were bound.
    pub confidence: f32,
}

/// Something that the caller should know about an article that was read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable code: `language`, `not-text`, `sentence-cut`, `events-cut`, `step-budget`.
    pub code: &'static str,
    /// One line for people.
    pub message: String,
}

/// What the reader found out about the article as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocumentFacts {
    pub headline: Option<Evidence>,
    /// The dateline's words, its place (`dateline.v1.Place`), its time (`dateline.v1.EventTime`), its agency.
    pub dateline: Option<DatelineFacts>,
    /// BCP 47; empty where it could not be told.
    pub language: String,
    pub sentences: u32,
    /// Article-level tags ("military", "cbrn"), sorted.
    pub tags: Vec<Arc<str>>,
}

/// The line that says where and when the article was filed.
#[derive(Clone, Debug, PartialEq)]
pub struct DatelineFacts {
    pub evidence: Evidence,
    pub place: Option<Record>,
    pub time: Option<Record>,
    pub agency: Option<String>,
}

/// All that one article yields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extraction {
    pub document: DocumentFacts,
    /// In the order of their triggers.
    pub events: Vec<Event>,
    pub warnings: Vec<Warning>,
}
