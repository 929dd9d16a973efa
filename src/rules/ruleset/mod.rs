//! The compiled rules: immutable, shared by all extractions, swapped whole.

mod events;
mod mentions;
mod story;

use std::sync::Arc;

pub(crate) use self::events::*;
pub(crate) use self::mentions::*;
pub(crate) use self::story::*;
use crate::event::schema::EventTypes;
use crate::relations::{RelationModel, WordClass};
use crate::rules::lexicon::{LexiconId, Lexicons};
use crate::rules::program::{ProgramSet, TypeId};
use crate::rules::syntax::{TestTable, TriggerKind};
use crate::rules::vocabulary::Vocabulary;
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
    pub table: TestTable,
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
