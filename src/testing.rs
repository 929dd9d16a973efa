//! Runs the tests that stand under the rules.

use std::fmt::Write as _;

use crate::event::domain::{Event, Record, Value};
use crate::pipeline::{self, Article, Options};
use crate::rules::diagnostic::{Code, Diagnostic, Level};
use crate::rules::ruleset::{RuleTest, Ruleset};
use crate::rules::syntax::Scalar;

/// How the tests of a ruleset went.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    pub passed: usize,
    pub failed: usize,
    /// Known to fail, and failing.
    pub todo: usize,
    /// One for each test that failed, and for each `todo` test that passes.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs all tests of a ruleset, on all cores.
pub fn run_tests(rules: &Ruleset) -> TestReport {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(rules.tests.len().max(1));
    let chunk = rules.tests.len().div_ceil(threads).max(1);
    let mut report = TestReport::default();
    std::thread::scope(|scope| {
        let handles: Vec<_> = rules
            .tests
            .chunks(chunk)
            .map(|tests| scope.spawn(move || tests.iter().map(|test| (test, run(rules, test))).collect::<Vec<_>>()))
            .collect();
        for (test, problems) in handles.into_iter().filter_map(|handle| handle.join().ok()).flatten() {
            match (problems.is_empty(), test.todo) {
                (true, false) => report.passed += 1,
                (false, true) => report.todo += 1,
                (true, true) => {
                    let message = format!("`{}`: this test is marked `todo` and passes", test.name);
                    let mut diagnostic = Diagnostic::error(Code::TodoPasses, test.at.clone(), message);
                    diagnostic.level = Level::Warning;
                    report.diagnostics.push(diagnostic);
                    report.passed += 1;
                }
                (false, false) => {
                    report.failed += 1;
                    let mut message = format!("`{}` of {} failed", test.name, test.rule);
                    for problem in &problems {
                        let _ = write!(message, "\n  {problem}");
                    }
                    report.diagnostics.push(Diagnostic::error(Code::TestFailed, test.at.clone(), message));
                }
            }
        }
    });
    report.diagnostics.sort_by(Diagnostic::by_place);
    report
}

/// What went wrong in one test.
fn run(rules: &Ruleset, test: &RuleTest) -> Vec<String> {
    let published_at = test.published.and_then(|day| {
        day.at(12, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    });
    let article = Article { body: test.text.clone(), published_at, ..Article::default() };
    let (kind, id) = test.rule.split_once('.').unwrap_or_default();
    match kind {
        "entity" | "time" | "quantity" => {
            let found: Vec<Found> = pipeline::mentions_of(rules, &article, &test.rule)
                .into_iter()
                .map(|record| Found { record, event: None })
                .collect();
            judge(rules, test, &found)
        }
        _ => {
            let Ok((_, extraction)) = pipeline::extract(rules, &article, &Options::default(), &|| false) else {
                return vec!["the extraction was stopped".into()];
            };
            let own = extraction.events.into_iter().filter(|event| match kind {
                "event" => *event.rule.id == *id,
                "enrich" | "link" => event.slots.iter().any(|slot| *slot.how == *test.rule) || kind == "link",
                _ => true,
            });
            let found: Vec<Found> =
                own.map(|event| Found { record: event.detail.clone(), event: Some(event) }).collect();
            judge(rules, test, &found)
        }
    }
}

struct Found {
    record: Record,
    event: Option<Event>,
}

fn judge(_rules: &Ruleset, test: &RuleTest, found: &[Found]) -> Vec<String> {
    if test.rejects {
        return found
            .iter()
            .map(|found| match &found.event {
                Some(event) => format!("expected nothing, got {}", summary(event)),
                None => format!("expected nothing, got {}", show(&Value::Record(found.record.clone()))),
            })
            .collect();
    }
    let mut problems = Vec::new();
    match test.count {
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
    for (path, expected, _) in &test.expect {
        let got = look_up(found, path);
        if !got.iter().any(|value| equals(value, expected)) {
            let list: Vec<String> = got.iter().map(show).collect();
            let got = if list.is_empty() { "nothing".to_owned() } else { list.join(", ") };
            let expected = match expected {
                Scalar::Text(text) => format!("\"{text}\""),
                Scalar::Integer(n) => n.to_string(),
                Scalar::Float(n) => n.to_string(),
                Scalar::Bool(truth) => truth.to_string(),
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

fn show(value: &Value) -> String {
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
