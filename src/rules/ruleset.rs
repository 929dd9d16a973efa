//! The compiled rules: immutable, shared by all extractions, swapped whole.

use std::sync::Arc;

use regex::Regex;

use super::lexicon::{LexiconId, Lexicons};
use super::program::{Program, ProgramSet, TypeId};
use super::syntax::TriggerKind;
use super::vocabulary::Vocabulary;
use crate::event::domain::{Certainty, Record, RuleRef, Status, Value};
use crate::event::schema::EventTypes;
use crate::relations::{RelationModel, WordClass};
use crate::text::ReadingRules;

/// A loaded pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    pub id: String,
    pub version: String,
    pub description: String,
    /// SHA-256 of the pack's files, in hexadecimal.
    pub digest: String,
}

/// A rule of any kind, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// `weapon_launch`
    pub id: String,
    /// `event`, `entity`, `lexicon`, ...
    pub kind: &'static str,
    pub pack: String,
    /// Semantic version; empty for kinds without one.
    pub version: String,
    /// `stable`, ...; empty for kinds without one.
    pub status: &'static str,
    pub description: String,
    /// Of event rules.
    pub category: String,
    /// Full name of the message that the rule emits, where it does.
    pub emits: String,
    /// File inside the rules directory.
    pub file: String,
    /// Line of the table's header, from 1.
    pub line: u32,
}

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

/// A compiled article tag.
#[derive(Clone, Debug)]
pub(crate) struct TagRule {
    pub tag: Arc<str>,
    pub least: u32,
}

/// Parts of an event's envelope that tests look at; everything else that they look at is a field of its message.
pub(crate) const ENVELOPE: [&str; 11] = [
    "actors",
    "recipients",
    "place",
    "time",
    "attributed_to",
    "category",
    "modes",
    "contexts",
    "event_type",
    "status",
    "certainty",
];

/// A test that stands under a rule.
#[derive(Clone, Debug)]
pub(crate) struct RuleTest {
    /// `event.weapon_launch`
    pub rule: Arc<str>,
    pub at: super::syntax::Place,
    pub name: String,
    pub published: Option<jiff::civil::Date>,
    pub text: String,
    pub rejects: bool,
    pub todo: bool,
    pub expect: Vec<super::syntax::Expectation>,
    pub count: Option<u32>,
}

/// Everything that the service knows about the world.
#[derive(Debug)]
pub struct Ruleset {
    pub(super) digest: String,
    pub(super) packs: Vec<PackInfo>,
    pub(super) rules: Vec<RuleInfo>,
    pub(super) event_types: EventTypes,
    pub(crate) tests: Vec<RuleTest>,
    pub(crate) model: Arc<RelationModel>,
    /// For each program by its number: the table that it stands in, `event.weapon_launch`.
    pub(crate) owners: Vec<Arc<str>>,
    /// For each program by its number: what it can begin with.
    pub(crate) firsts: Vec<Vec<super::program::First>>,
    /// Names of the types of mention.
    pub(crate) type_names: Vec<Arc<str>>,
    /// Where the alternatives stand that matches of rules with coverage tell of.
    pub(crate) marks: Vec<super::syntax::Place>,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) lexicons: Lexicons,
    pub(crate) reading: ReadingRules,
    /// Latest year that a date without a year may be placed in when nothing else says.
    pub(crate) horizon: i16,
    /// The word that stands for any expression of time when a sentence is parsed.
    pub(crate) time_stand_in: Option<String>,
    pub(crate) classes: ProgramSet,
    /// For each program of `classes`: the class that its words get.
    pub(crate) class_of: Vec<WordClass>,
    pub(crate) number_words: Option<LexiconId>,
    pub(crate) time_type: Option<TypeId>,
    pub(crate) place_type: Option<TypeId>,
    pub(crate) actor_type: Option<TypeId>,
    /// Quantities, times, then entities, in an order in which each finds what it refers to.
    pub(crate) stages: Vec<MentionStage>,
    pub(crate) events: Vec<EventRule>,
    pub(crate) triggers: ProgramSet,
    /// For each program of `triggers`: its rule, the part of speech that it asks for, and the uses of its captures.
    pub(crate) trigger_of: Vec<(u32, TriggerKind, Vec<CaptureUse>)>,
    pub(crate) contexts: Vec<ContextRule>,
    pub(crate) cues: ProgramSet,
    pub(crate) references: Vec<ReferRule>,
    pub(crate) anaphors: ProgramSet,
    pub(crate) enrichments: Vec<EnrichRule>,
    pub(crate) links: Vec<LinkRule>,
    pub(crate) merges: Vec<MergeRule>,
    pub(crate) recasts: Vec<RecastRule>,
    pub(crate) filters: Vec<FilterRule>,
    pub(crate) tags: Vec<TagRule>,
    pub(crate) tag_cues: ProgramSet,
}

impl Ruleset {
    /// SHA-256 over all files of all packs, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The packs, by id.
    pub fn packs(&self) -> &[PackInfo] {
        &self.packs
    }

    /// All rules of all kinds, by kind and id.
    pub fn rules(&self) -> &[RuleInfo] {
        &self.rules
    }

    /// The types of events and of their parts.
    pub fn event_types(&self) -> &EventTypes {
        &self.event_types
    }

    /// Whether the events of a rule can come out with a category.
    pub(crate) fn gives(&self, rule: &EventRule, category: &str) -> bool {
        let index = || self.events.iter().position(|other| other.info.id == rule.info.id);
        *rule.category == *category
            || self.recasts.iter().any(|recast| {
                *recast.category == *category && index().is_some_and(|at| recast.of.get(at).copied().unwrap_or(false))
            })
    }

    /// Whether an event of a rule, with this category, is what a recast makes of it.
    pub(crate) fn is_recast(&self, recast: &str, rule: &str, category: &str) -> bool {
        let index = self.events.iter().position(|other| *other.info.id == *rule);
        self.recasts
            .iter()
            .filter(|own| *own.id == *recast && *own.category == *category)
            .any(|own| index.is_some_and(|at| own.of.get(at).copied().unwrap_or(false)))
    }

    /// All names that mean event rules: of each, of their packs and of their categories.
    pub fn names_of_events(&self) -> Vec<String> {
        let names = |rule: &EventRule| {
            [
                format!("event.{}", rule.info.id),
                format!("pack:{}", rule.info.pack),
                format!("category:{}", rule.category),
            ]
        };
        self.events.iter().flat_map(names).collect()
    }

    /// Categories that event rules emit, sorted.
    pub fn categories(&self) -> Vec<&str> {
        let own = self.events.iter().map(|rule| &*rule.category);
        let mut all: Vec<&str> = own.chain(self.recasts.iter().map(|recast| &*recast.category)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
