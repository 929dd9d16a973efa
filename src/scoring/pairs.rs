//! Events of both sides in one shape, and which of them are the same.

use std::collections::{BTreeMap, BTreeSet};

use super::Score;
use super::gold::{Annotated, GoldEvent};
use crate::event::domain::{Event, Record, Status, Value};

/// Counts that are compared, wherever they stand in the message.
const COUNTS: &[&str] =
    &["killed", "wounded", "arrested", "abducted", "released", "participants", "launched", "amount_usd"];

/// Words that do not count when arguments are compared.
const SMALL: &[&str] =
    &["the", "a", "an", "of", "in", "at", "least", "some", "more", "than", "about", "'s", "his", "her", "its", "their"];

/// An event as one of the sides tells it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub category: String,
    pub modes: BTreeSet<String>,
    /// All sentences that mention it.
    pub sentences: BTreeSet<usize>,
    /// That of the trigger.
    pub sentence: usize,
    pub trigger: String,
    pub actors: Vec<String>,
    pub recipients: Vec<String>,
    /// Empty if there is none.
    pub place: String,
    /// First and last day, ISO 8601.
    pub time: Option<(String, String)>,
    pub status: &'static str,
    pub numbers: BTreeMap<String, i64>,
    pub rule: String,
}

impl Told {
    pub(super) fn annotated(event: &GoldEvent) -> Self {
        let day = |date: &jiff::civil::Date| date.to_string();
        let statuses = [Status::Asserted, Status::Negated, Status::Future, Status::Hypothetical, Status::Historical]
            .map(Status::name);
        let status = event.status.as_deref().unwrap_or("asserted");
        Self {
            category: event.category.clone(),
            modes: event.mode.iter().cloned().collect(),
            sentences: std::iter::once(event.sentence).chain(event.also.iter().map(|also| also.sentence)).collect(),
            sentence: event.sentence,
            trigger: event.trigger.clone(),
            actors: event.actors.clone(),
            recipients: event.recipients.clone(),
            place: event.place.clone().unwrap_or_default(),
            time: event.start.as_ref().map(|start| (day(start), event.end.as_ref().map(day).unwrap_or_default())),
            status: statuses.into_iter().find(|name| name.eq_ignore_ascii_case(status)).unwrap_or_default(),
            numbers: event.numbers.clone(),
            rule: String::new(),
        }
    }

    pub(super) fn extracted(event: &Event, article: &Annotated) -> Self {
        let body = article.sentences.join(" ");
        let words = |records: &[Record]| {
            let text = |record: &Record| record.text("text").or(record.text("name")).unwrap_or_default().to_owned();
            records.iter().map(text).collect()
        };
        let day =
            |time: &Record, field: &str| time.text(field).unwrap_or_default().chars().take(10).collect::<String>();
        let at = |span: crate::text::TextSpan| article.sentence_at(span.range().start);
        let trigger = event.evidence.first();
        let numbers = COUNTS.iter().filter_map(|name| Some(((*name).to_owned(), count_of(&event.detail, name)?)));
        Self {
            category: event.category.to_string(),
            modes: event.modes.iter().map(ToString::to_string).collect(),
            sentences: event.evidence.iter().map(|evidence| at(evidence.span)).collect(),
            sentence: trigger.map(|evidence| at(evidence.span)).unwrap_or_default(),
            trigger: trigger.and_then(|evidence| body.get(evidence.span.range())).unwrap_or_default().to_owned(),
            actors: words(&event.actors),
            recipients: words(&event.recipients),
            place: event.place.as_ref().and_then(|place| place.text("text")).unwrap_or_default().to_owned(),
            time: event
                .time
                .as_ref()
                .filter(|time| time.text("start").is_some())
                .map(|time| (day(time, "start"), day(time, "end"))),
            status: event.assertion.status.name(),
            numbers: numbers.collect(),
            rule: event.rule.id.to_string(),
        }
    }
}

/// The first count of a name anywhere in a message: its lower bound.
fn count_of(record: &Record, name: &str) -> Option<i64> {
    record.iter().find_map(|(field, value)| match value {
        _ if &**field == name => whole(value),
        Value::Record(inner) => count_of(inner, name),
        Value::List(list) => list.iter().find_map(|value| match value {
            Value::Record(inner) => count_of(inner, name),
            _ => None,
        }),
        _ => None,
    })
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Float(number) => Some(*number as i64),
        Value::Record(count) => count.get("min").and_then(whole),
        _ => None,
    }
}

fn words(text: &str) -> Vec<String> {
    let mark = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '\'' | '.' | '-'));
    let lower = text.to_lowercase();
    lower.split(mark).filter(|word| !word.is_empty() && !SMALL.contains(word)).map(str::to_owned).collect()
}

/// Whether two arguments are the same: their last words are, or one holds the other.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let (Some(last_a), Some(last_b)) = (a.last(), b.last()) else { return false };
    let holds = |long: &[String], short: &[String]| long.windows(short.len()).any(|part| part == short);
    last_a.trim_end_matches('s') == last_b.trim_end_matches('s') || holds(&a, &b) || holds(&b, &a)
}

fn arguments(gold: &[String], found: &[String]) -> usize {
    let mut left: Vec<&String> = found.iter().collect();
    let mut hits = 0;
    for gold in gold {
        if let Some(at) = left.iter().position(|found| same(gold, found)) {
            left.remove(at);
            hits += 1;
        }
    }
    hits
}

/// How well two events fit, in tenths; nothing if they cannot be the same.
fn affinity(gold: &Told, found: &Told) -> Option<usize> {
    if gold.category != found.category || gold.sentences.is_disjoint(&found.sentences) {
        return None;
    }
    let own = usize::from(gold.sentences.contains(&found.sentence)) * 5;
    let (a, b) = (words(&gold.trigger), words(&found.trigger));
    let trigger = usize::from(a.iter().any(|word| b.contains(word))) * 5;
    let roles = arguments(&gold.actors, &found.actors) + arguments(&gold.recipients, &found.recipients);
    Some(10 + own + trigger + 2 * roles)
}

/// Indices of events that are the same, each used once, the best fits first (of equals the later ones, as the scorer
/// that the annotations came with has it).
pub(super) fn pair_up(gold: &[Told], found: &[Told]) -> Vec<(usize, usize)> {
    let mut fits: Vec<(usize, usize, usize)> = Vec::new();
    for (i, a) in gold.iter().enumerate() {
        fits.extend(found.iter().enumerate().filter_map(|(j, b)| Some((affinity(a, b)?, i, j))));
    }
    fits.sort_unstable_by(|a, b| b.cmp(a));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (_, i, j) in fits {
        if !pairs.iter().any(|(a, b)| *a == i || *b == j) {
            pairs.push((i, j));
        }
    }
    pairs
}

/// Counts what a found event has right.
pub(super) fn compare(score: &mut Score, gold: &Told, found: &Told) {
    score.roles.hit += arguments(&gold.actors, &found.actors) + arguments(&gold.recipients, &found.recipients);
    score.place.hit += usize::from(!gold.place.is_empty() && same(&gold.place, &found.place));
    score.time.hit += usize::from(gold.time.is_some() && gold.time == found.time);
    score.numbers.hit += gold.numbers.iter().filter(|(name, value)| found.numbers.get(*name) == Some(value)).count();
    score.modes.add(gold.modes.intersection(&found.modes).count(), gold.modes.len(), found.modes.len());
    score.status.add(usize::from(gold.status == found.status), 1, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_the_same_by_their_last_word_or_by_holding_one_another() {
        assert!(same("five soldiers", "the soldier"));
        assert!(same("George Bush", "President George Bush"));
        assert!(same("Bush", "Bush administration"));
        assert!(!same("Georgia", "Russia"));
        assert!(!same("", "Russia"));
    }

    #[test]
    fn each_event_is_used_once_and_the_best_fit_first() {
        let told = |trigger: &str, sentence: usize| Told {
            category: "ASSAULT".into(),
            trigger: trigger.into(),
            sentence,
            sentences: [sentence].into(),
            ..Told::default()
        };
        let gold = [told("killed", 0), told("bombing", 0)];
        assert_eq!(pair_up(&gold, &[told("bombing", 0)]), [(1, 0)]);
        assert!(pair_up(&gold, &[told("bombing", 1)]).is_empty());
    }
}
