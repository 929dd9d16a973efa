//! The way of an article: one file a stage, in the order of the flow.
//!
//! words → numerals → quantities and times → the article's day → mentions → references → events (relations, slots,
//! contexts) → enrichments → merges → output.

/// A span of a stage: for traces, where somebody takes them.
macro_rules! stage {
    ($name:literal) => {
        tracing::debug_span!(target: "dateline::stage", $name)
    };
}

mod analysis;
mod anchor;
mod answers;
mod calendar;
mod contexts;
mod enrichments;
mod events;
mod folding;
mod lattice;
mod listing;
mod matcher;
mod mentions;
mod merges;
mod names;
mod numerals;
mod output;
mod pace;
mod quantities;
mod references;
mod relations;
mod setting;
mod slots;
mod story;
mod timeline;
mod times;
pub mod trace;
mod when;
mod words;

use std::sync::Arc;

use jiff::tz::TimeZone;

pub use self::listing::{Listed, mentions};
pub use self::matcher::Cost;
pub use self::relations::{Relation, Relations, relations};
pub use self::timeline::{TimeFound, times};

use self::analysis::Analysis;
use self::pace::Pace;
use self::trace::{Note, Trace};
use crate::event::domain::{Extraction, Record, Value};
use crate::rules::Ruleset;
use crate::rules::ruleset::{EventRule, is_named};
use crate::text::{Document, MediaType, ReadingLimits, TokenRange};

/// An article as a caller sends it.
#[derive(Clone, Debug, Default)]
pub struct Article {
    /// The caller's own id; comes back with the result.
    pub id: String,
    /// The headline, where it is not in the body.
    pub headline: Option<String>,
    /// The text.
    pub body: String,
    /// The format of the body.
    pub media_type: MediaType,
    /// When it was published.
    pub published_at: Option<jiff::Timestamp>,
    /// Who published it.
    pub source: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// Where it was published.
    pub url: Option<String>,
}

/// What a caller wants of an extraction. Empty lists restrict nothing.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Ids of packs whose event rules may fire.
    pub packs: Vec<String>,
    /// Categories of events.
    pub categories: Vec<String>,
    /// Rules that may not fire: `event.x`, `pack:x`, `category:X`.
    pub disabled: Vec<String>,
    /// Full message names.
    pub event_types: Vec<String>,
    /// Events below are left out; 0 to 1.
    pub min_confidence: f32,
    /// How many events may be found; nothing bounds them if it is not said. Beyond it the article is not read on, and a
    /// warning says so.
    pub max_events: Option<usize>,
}

/// Why an extraction ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The caller asked to stop: it went away, or its deadline passed.
    #[error("the extraction was cancelled")]
    Cancelled,
}

/// Runs every stage over one article. `cancelled` is asked once a sentence by each of them.
///
/// # Errors
/// [`Stopped::Cancelled`] as soon as `cancelled` says so.
pub fn extract(
    rules: &Ruleset,
    article: &Article,
    options: &Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Document, Extraction), Stopped> {
    let (doc, extraction, _) = run(rules, article, options, Watch::default(), cancelled)?;
    Ok((doc, extraction))
}

/// The same, with what the stages noted and what the patterns cost.
///
/// # Errors
/// [`Stopped::Cancelled`] as soon as `cancelled` says so.
pub fn observe(
    rules: &Ruleset,
    article: &Article,
    options: &Options,
    timed: bool,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Document, Extraction, Observed), Stopped> {
    run(rules, article, options, Watch { traced: true, timed }, cancelled)
}

/// What one extraction did beside its result.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// What the stages noted, in the order in which it happened.
    pub notes: Vec<Note>,
    /// Typed mentions that stand: type, rule, words.
    pub mentions: Vec<(Arc<str>, Arc<str>, TokenRange)>,
    /// What each program of the rules cost, by its number.
    pub costs: Vec<Cost>,
    /// Marks that matches came by, in rules that are compiled to measure coverage.
    pub marks: Vec<u32>,
}

/// How closely an extraction is looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Watch {
    traced: bool,
    timed: bool,
}

fn run(
    rules: &Ruleset,
    article: &Article,
    options: &Options,
    watch: Watch,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Document, Extraction, Observed), Stopped> {
    let doc = stage!("read").in_scope(|| read(rules, article));
    let pace = Pace::until(cancelled);
    let mut analysis = understand(rules, &doc, article, watch, pace)?;
    let among = |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
    let wanted = |rule: &EventRule| {
        among(&options.packs, &rule.info.pack)
            && (options.categories.is_empty() || options.categories.iter().any(|name| rules.gives(rule, name)))
            && among(&options.event_types, &rule.emits)
            && !options.disabled.iter().any(|name| is_named(rule, name))
    };
    let most = options.max_events.unwrap_or(usize::MAX);
    let events::Told { mut drafts, cut } = events::run(&mut analysis, &wanted, most)?;
    drafts.retain(|draft| among(&options.categories, &draft.category));
    stage!("merges").in_scope(|| merges::run(&mut analysis, &mut drafts))?;
    stage!("answers").in_scope(|| answers::run(&analysis, &mut drafts))?;
    stage!("enrichments").in_scope(|| enrichments::run(&mut analysis, &mut drafts))?;
    stage!("story").in_scope(|| story::settle(&mut analysis, &mut drafts));
    let _span = stage!("output").entered();
    let mut warnings = output::warnings(&analysis);
    warnings.extend(cut.then(|| output::too_many(most)));
    let extraction = Extraction {
        events: output::events(&analysis, &drafts, options.min_confidence),
        document: output::document(&mut analysis, article.language.as_deref()),
        warnings,
    };
    let observed = Observed {
        notes: analysis.trace.take(),
        mentions: if watch.traced { mentions_seen(&analysis) } else { Vec::new() },
        costs: std::mem::take(&mut analysis.scratch.costs),
        marks: std::mem::take(&mut analysis.scratch.marks),
    };
    drop(analysis);
    Ok((doc, extraction, observed))
}

fn mentions_seen(analysis: &Analysis<'_>) -> Vec<(Arc<str>, Arc<str>, TokenRange)> {
    let types = &analysis.rules.type_names;
    let standing = analysis.lattice.mentions.iter().filter(|mention| !mention.covered);
    let mut out: Vec<_> = standing
        .filter_map(|mention| Some((types.get(mention.ty.0 as usize)?.clone(), mention.rule.clone(), mention.extent)))
        .collect();
    out.sort_by_key(|(_, _, range)| *range);
    out
}

/// Reads an article.
fn read(rules: &Ruleset, article: &Article) -> Document {
    let limits = ReadingLimits::default();
    Document::read(&article.body, article.media_type, article.headline.as_deref(), &rules.reading, &limits)
}

/// The stages up to the references: what the words stand for.
fn understand<'a>(
    rules: &'a Ruleset,
    doc: &'a Document,
    article: &Article,
    watch: Watch,
    pace: Pace<'a>,
) -> Result<Analysis<'a>, Stopped> {
    let words = stage!("words").entered();
    let mut analysis = Analysis::new(rules, doc, pace)?;
    if watch.traced {
        analysis.scratch.count(rules, watch.timed);
        analysis.trace = Trace::on();
    }
    words::look_up(rules, &mut analysis.lattice, pace)?;
    numerals::find(rules, &mut analysis.lattice);
    drop(words);
    let _span = stage!("mentions").entered();
    for stage in rules.stages.iter().filter(|stage| !stage.entities) {
        mentions::run(rules, stage, &mut analysis.lattice, &mut analysis.scratch, pace)?;
    }
    let published = article.published_at.map(|at| at.to_zoned_datetime(TimeZone::UTC).date());
    analysis.day = anchor::find(&analysis, published);
    words::make_mentions(rules, &mut analysis.lattice, analysis.day.date);
    mentions::settle_lexicons(&mut analysis.lattice);
    for stage in rules.stages.iter().filter(|stage| stage.entities) {
        mentions::run(rules, stage, &mut analysis.lattice, &mut analysis.scratch, pace)?;
    }
    analysis.mentions_of = mentions::by_sentence(&analysis.lattice);
    analysis.zone = zone(&analysis);
    references::resolve(&mut analysis)?;
    mentions::hide(&mut analysis.lattice);
    Ok(analysis)
}

/// The zone of the dateline's place, where the gazetteer gives it.
fn zone(analysis: &Analysis<'_>) -> Option<String> {
    let span = analysis.doc().dateline()?.place?;
    let range = analysis.doc().tokens_in(span);
    range.range().find_map(|token| {
        analysis.entries_at(token).find_map(|(entry, _)| entry.attributes.text("zone").map(str::to_owned))
    })
}

/// The mentions that one rule (or all rules of its type) made, as records, and the marks that matches came by: what
/// tests of mention rules look at.
pub(crate) fn mentions_of(rules: &Ruleset, article: &Article, rule: &str) -> (Vec<Record>, Vec<u32>) {
    let doc = read(rules, article);
    let Ok(mut analysis) = understand(rules, &doc, article, Watch::default(), Pace::free()) else {
        return Default::default();
    };
    let marks = std::mem::take(&mut analysis.scratch.marks);
    let made = analysis.lattice.mentions.iter().enumerate().filter(|(_, m)| !m.covered && *m.rule == *rule);
    let records = made.map(|(index, mention)| {
        let id = lattice::MentionId(index as u32);
        match mention.time.as_deref() {
            Some(time) => {
                let mut own = output::shown(&analysis, id);
                let reference = analysis.reference(calendar::Tense::Open, None);
                let resolved = calendar::resolve(time, &reference);
                for (name, value) in output::time_record(&analysis, &resolved, mention.extent).iter() {
                    own.set(name.clone(), value.clone());
                }
                own
            }
            None => {
                let mut own = output::shown(&analysis, id);
                own.set_if_absent("text", Value::Text(analysis.lattice.text(mention.extent).into()));
                own
            }
        }
    });
    (records.collect(), marks)
}
