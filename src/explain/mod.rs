//! Why events came out as they did, and why others did not: what fired, what nearly fired, what was merged, suppressed
//! or framed by a cue, each with its words.

pub mod page;
mod text;

use serde::Serialize;

pub use self::text::show;
use crate::event::domain::{Event, Evidence, Extraction, Record, Value};
use crate::pipeline::trace::{Note, What};
use crate::pipeline::{self, Article, Observed, Options, Stopped};
use crate::rules::Ruleset;
use crate::rules::syntax::TriggerKind;
use crate::text::{Document, TextSpan, TokenRange};

/// Words of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Bytes of [`Explanation::text`].
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    pub text: String,
}

/// An article with the reasons for all that was found in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    pub article: String,
    /// Day of publication, if it was given.
    pub published: Option<String>,
    /// The text as it was read; what offsets count in.
    pub text: String,
    pub headline: Option<Words>,
    pub events: Vec<EventReasons>,
    pub mentions: Vec<MentionReasons>,
    /// Triggers that gave no event, in the order of the text.
    pub misses: Vec<Miss>,
}

/// An event, and all that had a say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventReasons {
    pub rule: String,
    pub pack: String,
    pub version: String,
    pub description: String,
    /// Where the rule stands.
    pub file: String,
    pub line: u32,
    pub category: String,
    pub modes: Vec<String>,
    pub event_type: String,
    pub status: String,
    pub certainty: String,
    pub attributed_to: Option<String>,
    pub confidence: f32,
    pub actors: Vec<String>,
    pub recipients: Vec<String>,
    pub place: Option<PlaceShown>,
    pub time: Option<TimeShown>,
    /// The trigger first.
    pub evidence: Vec<Words>,
    pub slots: Vec<SlotReasons>,
    /// Contexts that set the status or the certainty, with their cues.
    pub cues: Vec<Cause>,
    /// Mentions that were put into this event, with the rules that did it.
    pub merged: Vec<Cause>,
}

/// A place for a map.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaceShown {
    pub name: String,
    pub point: Option<(f64, f64)>,
}

/// A time for a timeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeShown {
    pub text: String,
    pub start: Option<String>,
    pub end: Option<String>,
}

/// How a field was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SlotReasons {
    pub field: String,
    pub words: Words,
    /// `active subject`, `after`, `enrich.weapon_model`, ...
    pub how: String,
    pub certainty: String,
    pub confidence: f32,
}

/// A rule, with the words that it went by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    pub rule: String,
    pub words: Words,
}

/// A typed mention, and the rule that made it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MentionReasons {
    pub kind: String,
    pub rule: String,
    pub words: Words,
}

/// A trigger that gave no event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Miss {
    /// `event.weapon_launch`
    pub rule: String,
    pub words: Words,
    pub why: String,
}

/// Extracts an article and says why what came out did.
///
/// # Errors
/// [`Stopped::Cancelled`] as soon as `cancelled` says so.
pub fn explain(
    rules: &Ruleset,
    article: &Article,
    options: &Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<(Document, Explanation), Stopped> {
    let (doc, extraction, seen) = pipeline::observe(rules, article, options, false, cancelled)?;
    let explanation = Explanation {
        article: article.id.clone(),
        published: article.published_at.map(|at| at.strftime("%Y-%m-%d").to_string()),
        text: doc.text().to_owned(),
        headline: doc.headline_span().map(|span| words(&doc, span)),
        events: extraction.events.iter().map(|event| reasons(rules, &doc, &seen, event)).collect(),
        mentions: mentions(&doc, &seen),
        misses: misses(rules, &doc, &seen, &extraction),
    };
    Ok((doc, explanation))
}

fn words(doc: &Document, span: TextSpan) -> Words {
    let text = doc.text().get(span.range()).unwrap_or_default();
    Words { start: span.start, end: span.end, text: text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

fn named(record: &Record) -> String {
    record.text("name").or(record.text("text")).unwrap_or_default().to_owned()
}

fn reasons(rules: &Ruleset, doc: &Document, seen: &Observed, event: &Event) -> EventReasons {
    let info = rules.rules().iter().find(|rule| rule.kind == "event" && *rule.id == *event.rule.id);
    let at = |evidence: &Evidence| words(doc, evidence.span);
    let number = |value: Option<&Value>| match value {
        Some(Value::Float(number)) => Some(*number),
        _ => None,
    };
    let place = event.place.as_ref().map(|place| {
        let point = match place.get("point") {
            Some(Value::Record(point)) => number(point.get("lat")).zip(number(point.get("lon"))),
            _ => None,
        };
        PlaceShown { name: named(place), point }
    });
    let own = |record: &Record, field: &str| record.text(field).map(str::to_owned);
    let time = event.time.as_ref().map(|time| TimeShown {
        text: own(time, "text").unwrap_or_default(),
        start: own(time, "start"),
        end: own(time, "end"),
    });
    // Notes speak of triggers; those of the event are its evidence.
    let is_own = |range: TokenRange| event.evidence.iter().any(|evidence| evidence.span == doc.span_of(range));
    let mut cues = Vec::new();
    let mut merged = Vec::new();
    for note in seen.notes.iter().filter(|note| is_own(note.trigger)) {
        match &note.what {
            What::Cue { by, words: range } => {
                cues.push(Cause { rule: by.to_string(), words: words(doc, doc.span_of(*range)) });
            }
            What::Merged { by, .. } => {
                merged.push(Cause { rule: by.to_string(), words: words(doc, doc.span_of(note.trigger)) });
            }
            _ => {}
        }
    }
    cues.dedup();
    EventReasons {
        rule: format!("event.{}", event.rule.id),
        pack: event.rule.pack.to_string(),
        version: event.rule.version.to_string(),
        description: info.map_or_else(String::new, |info| info.description.clone()),
        file: info.map_or_else(String::new, |info| info.file.clone()),
        line: info.map_or(0, |info| info.line),
        category: event.category.to_string(),
        modes: event.modes.iter().map(|mode| mode.to_string()).collect(),
        event_type: event.event_type.to_string(),
        status: event.assertion.status.name().to_owned(),
        certainty: event.assertion.certainty.name().to_owned(),
        attributed_to: event.assertion.attributed_to.as_ref().map(named),
        confidence: event.confidence,
        actors: event.actors.iter().map(named).collect(),
        recipients: event.recipients.iter().map(named).collect(),
        place,
        time,
        evidence: event.evidence.iter().map(at).collect(),
        slots: event
            .slots
            .iter()
            .map(|slot| SlotReasons {
                field: slot.field.to_string(),
                words: at(&slot.evidence),
                how: slot.how.to_string(),
                certainty: slot.certainty.name().to_owned(),
                confidence: slot.confidence,
            })
            .collect(),
        cues,
        merged,
    }
}

fn mentions(doc: &Document, seen: &Observed) -> Vec<MentionReasons> {
    let own = |(kind, rule, range): &(_, _, TokenRange)| MentionReasons {
        kind: std::string::ToString::to_string(kind),
        rule: std::string::ToString::to_string(rule),
        words: words(doc, doc.span_of(*range)),
    };
    seen.mentions.iter().map(own).collect()
}

fn misses(rules: &Ruleset, doc: &Document, seen: &Observed, extraction: &Extraction) -> Vec<Miss> {
    let mut out: Vec<Miss> = seen
        .notes
        .iter()
        .filter_map(|note| {
            let rule = rules.events.get(note.rule?)?;
            // A merged mention is told with its event.
            let span = doc.span_of(note.trigger);
            let told = extraction.events.iter().any(|event| event.evidence.iter().any(|own| own.span == span));
            // Nor is a word that set the rule off as another part of speech.
            let own = extraction.events.iter().any(|event| {
                event.rule.id == rule.info.id && event.evidence.iter().any(|evidence| evidence.span == span)
            });
            let needless = match note.what {
                What::Merged { .. } => told,
                What::PartOfSpeech { .. } => own,
                _ => false,
            };
            if needless {
                return None;
            }
            let why = why(rules, doc, note)?;
            Some(Miss { rule: format!("event.{}", rule.info.id), words: words(doc, span), why })
        })
        .collect();
    out.sort_by(|a, b| (a.words.start, &a.rule).cmp(&(b.words.start, &b.rule)));
    out.dedup();
    out
}

/// A note as a sentence with the words that it is about, for notes that tell why a rule gave no event.
pub fn reason(rules: &Ruleset, doc: &Document, note: &Note) -> Option<String> {
    let why = why(rules, doc, note)?;
    let words = doc.text_of(note.trigger).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("`{words}` at {}: {why}", doc.span_of(note.trigger).start))
}

fn why(rules: &Ruleset, doc: &Document, note: &Note) -> Option<String> {
    let words = |range: TokenRange| doc.text_of(range).split_whitespace().collect::<Vec<_>>().join(" ");
    let rule = note.rule.and_then(|index| rules.events.get(index));
    let name = |index: usize| rules.events.get(index).map_or("", |rule| &*rule.info.id).to_owned();
    let why = match &note.what {
        What::PartOfSpeech { wanted, tag } => {
            let wanted = match wanted {
                TriggerKind::Verb => "a verb",
                TriggerKind::Noun => "a noun",
                TriggerKind::Adjective => "an adjective",
                TriggerKind::Phrase => "a phrase",
            };
            format!("the trigger asks for {wanted} in its own right, and the word is read as {tag} here")
        }
        What::When(index) => {
            let condition = rule.and_then(|rule| rule.when.get(*index)).map_or("", |condition| &*condition.text);
            format!("`when.{condition}` finds nothing")
        }
        What::Unless(index) => {
            let condition = rule.and_then(|rule| rule.unless.get(*index)).map_or("", |condition| &*condition.text);
            format!("`unless.{condition}` is found")
        }
        What::EmptySlot(slot) => format!("the slot `{slot}` is required and found nothing"),
        What::Lost(winner) => format!("`{}` took the same words", name(*winner)),
        What::Absorbed => "it stands in what another event of the sentence speaks of".to_owned(),
        What::Filtered(filter) => format!("`{filter}` suppresses it"),
        What::Merged { by, into } => format!("`{by}` put it into the event of \"{}\"", words(*into)),
        What::Cue { .. } => return None,
    };
    Some(why)
}
