//! Whether a test gives what it expects, and what came near where it does not.

use crate::event::domain::{Event, Record, RuleRef, Value};
use crate::explain::reason;
use crate::pipeline::trace::What;
use crate::pipeline::{self, Article, Observed, Options};
use crate::rules::ruleset::{RuleTest, Ruleset};
use crate::rules::syntax::{Expectation, Scalar};
use crate::text::Document;

/// Steps that a rule may take for each word of a test.
const STEPS_PER_WORD: u64 = 2_000;
/// Near misses that are told.
const NEAR_MISSES: usize = 4;

/// What came of a test.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// What is otherwise than expected; then what came near.
    pub problems: Vec<String>,
    /// Slots of the rule that were filled.
    pub slots: Vec<String>,
    /// Marks of alternatives that matched.
    pub marks: Vec<u32>,
    /// Steps that the rule's own patterns took.
    pub steps: u64,
    /// The rule of another pack that goes before this one, and took its words.
    pub superseded_by: Option<RuleRef>,
}

impl Verdict {
    /// Whether the rule took far more steps than its text is worth.
    pub fn is_dear(&self, _rules: &Ruleset, test: &RuleTest) -> bool {
        let words = test.table.text.value.split_whitespace().count() as u64 + 10;
        self.steps > STEPS_PER_WORD * words
    }
}

/// Runs one test.
pub(super) fn run(rules: &Ruleset, test: &RuleTest) -> Verdict {
    let published_at = test.table.published.and_then(super::articles::noon);
    let article = Article { body: test.table.text.value.clone(), published_at, ..Article::default() };
    let (kind, id) = test.rule.split_once('.').unwrap_or_default();
    if matches!(kind, "entity" | "time" | "quantity") {
        let (records, marks) = pipeline::mentions_of(rules, &article, &test.rule);
        let found: Vec<Found> = records.into_iter().map(|record| Found { record, event: None }).collect();
        return Verdict { problems: judge(test, &found), marks, ..Verdict::default() };
    }
    let Ok((doc, extraction, seen)) = pipeline::observe(rules, &article, &Options::default(), false, &|| false) else {
        return Verdict { problems: vec!["the extraction was stopped".into()], ..Verdict::default() };
    };
    let mut verdict = Verdict { marks: seen.marks.clone(), ..Verdict::default() };
    let costs = seen.costs.iter().zip(&rules.owners);
    verdict.steps = costs.filter(|(_, owner)| **owner == test.rule).map(|(cost, _)| cost.steps).sum();
    if kind == "tag" {
        let given = extraction.document.tags.iter().any(|tag| **tag == *id);
        if given == test.table.rejects {
            let said = if given { "expected no such tag, got it" } else { "expected the tag, got none" };
            verdict.problems.push(said.to_owned());
        }
        return verdict;
    }
    let own = extraction.events.into_iter().filter(|event| match kind {
        "event" => *event.rule.id == *id || event.merged_rules.iter().any(|rule| **rule == *id),
        "enrich" | "link" => event.slots.iter().any(|slot| *slot.how == *test.rule) || kind == "link",
        "recast" => rules.is_recast(id, &event.rule.id, &event.category),
        _ => true,
    });
    let found: Vec<Found> = own.map(|event| Found { record: event.detail.clone(), event: Some(event) }).collect();
    for slot in found.iter().filter_map(|found| found.event.as_ref()).flat_map(|event| &event.slots) {
        verdict.slots.push(slot.field.split('.').next().unwrap_or_default().to_owned());
    }
    verdict.problems = judge(test, &found);
    if kind == "event" && !test.table.rejects && !verdict.problems.is_empty() {
        verdict.superseded_by = if found.is_empty() { winner(rules, &seen, id) } else { None };
        verdict.problems.extend(near(rules, &doc, &seen, id, found.is_empty()));
    }
    verdict
}

/// The rule of another pack that took the words of this one because its author put it before this one. At equal priority
/// nobody has: that stays a failure.
fn winner(rules: &Ruleset, seen: &Observed, id: &str) -> Option<RuleRef> {
    seen.notes.iter().find_map(|note| {
        let What::Lost(winner) = note.what else { return None };
        let (own, other) = (rules.events.get(note.rule?)?, rules.events.get(winner)?);
        let before = other.priority > own.priority && other.info.pack != own.info.pack;
        (*own.info.id == *id && before).then(|| other.info.clone())
    })
}

/// Why the rule did not fire, or did not fire more often.
fn near(rules: &Ruleset, doc: &Document, seen: &Observed, id: &str, nothing: bool) -> Vec<String> {
    let own = rules.events.iter().position(|rule| *rule.info.id == *id);
    let notes = seen.notes.iter().filter(|note| note.rule.is_some() && note.rule == own);
    let mut out: Vec<String> = notes.filter_map(|note| reason(rules, doc, note)).collect();
    out.dedup();
    out.truncate(NEAR_MISSES);
    if out.is_empty() && nothing {
        out.push("no trigger of the rule matches a word of the text".to_owned());
    }
    out.into_iter().map(|reason| format!("near miss: {reason}")).collect()
}

struct Found {
    record: Record,
    event: Option<Event>,
}

fn judge(test: &RuleTest, found: &[Found]) -> Vec<String> {
    if test.table.rejects {
        return found
            .iter()
            .map(|found| match &found.event {
                Some(event) => format!("expected nothing, got {}", summary(event)),
                None => format!("expected nothing, got {}", show(&Value::Record(found.record.clone()))),
            })
            .collect();
    }
    let mut problems = Vec::new();
    match test.table.count {
        Some(count) if found.len() != count as usize => {
            problems.push(format!("expected {count}, got {}", found.len()));
        }
        None if found.is_empty() => problems.push("expected one, got none".to_owned()),
        _ => {}
    }
    if found.is_empty() {
        return problems;
    }
    // The one that comes nearest to what is expected is the one that is meant.
    let nearest = found.iter().map(|found| misses(test, found)).min_by_key(Vec::len).unwrap_or_default();
    problems.extend(nearest);
    problems
}

fn misses(test: &RuleTest, found: &Found) -> Vec<String> {
    let mut out = Vec::new();
    for Expectation { path, value: expected, .. } in &test.table.expect {
        let got = look_up(found, path);
        let fits = match expected {
            Some(expected) => got.iter().any(|value| equals(value, expected)),
            None => got.is_empty(),
        };
        if !fits {
            let list: Vec<String> = got.iter().map(show).collect();
            let got = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
            let expected = match expected {
                Some(Scalar::Text(text)) => format!("\"{text}\""),
                Some(Scalar::Integer(n)) => n.to_string(),
                Some(Scalar::Float(n)) => n.to_string(),
                Some(Scalar::Bool(truth)) => truth.to_string(),
                None => "nothing".to_owned(),
            };
            out.push(format!("{}: expected {expected}, got {got}", path.join(".")));
        }
    }
    out
}

/// All values at a path: in the message, else in the envelope.
fn look_up(found: &Found, path: &[String]) -> Vec<Value> {
    let Some((first, rest)) = path.split_first() else { return Vec::new() };
    let mut values = Vec::new();
    let text = |text: &str| vec![Value::Text(text.into())];
    if let Some(event) = &found.event {
        let records = |list: &[Record]| list.iter().cloned().map(Value::Record).collect::<Vec<_>>();
        values = match first.as_str() {
            "actors" => records(&event.actors),
            "recipients" => records(&event.recipients),
            "place" => event.place.clone().map(Value::Record).into_iter().collect(),
            "time" => event.time.clone().map(Value::Record).into_iter().collect(),
            "attributed_to" => event.assertion.attributed_to.clone().map(Value::Record).into_iter().collect(),
            "category" => text(&event.category),
            "modes" => event.modes.iter().map(|mode| Value::Text(mode.clone())).collect(),
            "contexts" => event.contexts.iter().map(|mode| Value::Text(mode.clone())).collect(),
            "event_type" => text(&event.event_type),
            "status" => text(event.assertion.status.name()),
            "certainty" => text(event.assertion.certainty.name()),
            _ => Vec::new(),
        };
    }
    if values.is_empty() {
        values.extend(found.record.get(first).cloned());
    }
    for step in rest {
        values = flat(values)
            .into_iter()
            .filter_map(|value| match value {
                Value::Record(record) => record.get(step).cloned(),
                _ => None,
            })
            .collect();
    }
    flat(values)
}

fn flat(values: Vec<Value>) -> Vec<Value> {
    values
        .into_iter()
        .flat_map(|value| match value {
            Value::List(list) => list,
            other => vec![other],
        })
        .collect()
}

fn equals(value: &Value, expected: &Scalar) -> bool {
    let number = |n: f64| match value {
        Value::Integer(m) => (*m as f64 - n).abs() < 1e-9,
        Value::Float(m) => (m - n).abs() <= 1e-9 * n.abs().max(1.0),
        // A count is its lower bound.
        Value::Record(record) => match record.get("min").or(record.get("max")).or(record.get("amount")) {
            Some(Value::Integer(m)) => (*m as f64 - n).abs() < 1e-9,
            Some(Value::Float(m)) => (m - n).abs() <= 1e-9 * n.abs().max(1.0),
            _ => false,
        },
        _ => false,
    };
    match expected {
        Scalar::Text(text) => match value {
            Value::Text(own) => **own == **text,
            Value::Record(record) => {
                record.text("name") == Some(text.as_str()) || record.text("text") == Some(text.as_str())
            }
            _ => false,
        },
        Scalar::Integer(n) => number(*n as f64),
        Scalar::Float(n) => number(*n),
        Scalar::Bool(truth) => *value == Value::Bool(*truth),
    }
}

fn summary(event: &Event) -> String {
    let names =
        |list: &[Record]| list.iter().filter_map(|r| r.text("name").or(r.text("text"))).collect::<Vec<_>>().join(", ");
    format!("{} ({} -> {})", event.rule.id, names(&event.actors), names(&event.recipients))
}

pub(super) fn show(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        Value::Integer(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Instant(at) => at.to_string(),
        Value::Span(_) => "a span".to_owned(),
        Value::Record(record) => {
            let fields: Vec<String> = record
                .iter()
                .filter(|(name, _)| !matches!(&***name, "span" | "earliest" | "latest"))
                .map(|(name, value)| format!("{name} = {}", show(value)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::List(list) => list.iter().map(show).collect::<Vec<_>>().join(", "),
    }
}
