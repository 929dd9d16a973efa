//! Candidate rules at work on articles that others answered: what they would change is counted, and told in the log.
//!
//! No answer waits for this. One article at a time is worked on, a few may wait, and those for which there is no room
//! are passed over, so that a busy service is not made busier.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use prost::Message as _;
use rustc_hash::FxHasher;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::convert::{Job, brief};
use super::live::{Live, LiveRules};
use crate::api::v1;
use crate::event::envelope;
use crate::pipeline;
use crate::telemetry::metrics::{Comparison, Difference};
use crate::telemetry::{self, Metrics};

/// Articles that wait or are worked on.
const PLACES: usize = 16;
/// The log tells of one article in this time at most.
const TELL: Duration = Duration::from_secs(1);
/// Differences that it tells of one article.
const TOLD: usize = 5;

/// Has candidate rules work on a share of the articles.
#[derive(Clone, Debug)]
pub(super) struct Shadow {
    rules: Arc<LiveRules>,
    share: f64,
    /// How long one article may take.
    longest: Duration,
    places: Arc<Semaphore>,
    turn: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    begin: Instant,
    /// Milliseconds from the beginning to when the log may tell again.
    next: Arc<AtomicU64>,
}

/// An article that candidate rules are to work on.
#[derive(Debug)]
pub(super) struct Picked {
    candidate: Arc<Live>,
    place: OwnedSemaphorePermit,
}

impl Shadow {
    pub fn new(rules: Arc<LiveRules>, share: f64, longest: Duration, metrics: Arc<Metrics>) -> Self {
        let (places, turn) = (Arc::new(Semaphore::new(PLACES)), Arc::new(Semaphore::new(1)));
        Self { rules, share, longest, places, turn, metrics, begin: Instant::now(), next: Arc::default() }
    }

    /// Whether candidate rules are to work on the next article.
    pub fn pick(&self) -> Option<Picked> {
        if self.share <= 0.0 {
            return None;
        }
        let candidate = self.rules.candidate()?.current()?;
        let drawn = u32::try_from(telemetry::random() % 1_000_000).unwrap_or_default();
        if f64::from(drawn) >= self.share * 1e6 {
            return None;
        }
        match self.places.clone().try_acquire_owned() {
            Ok(place) => Some(Picked { candidate, place }),
            Err(_) => {
                self.metrics.compared(Comparison::Skipped);
                None
            }
        }
    }

    /// Has candidate rules work on an article, and compares with the answer that it had.
    pub fn compare(&self, picked: Picked, job: Arc<Job>, answer: &v1::ExtractResponse) {
        let before = told(&answer.events);
        let own = self.clone();
        tokio::spawn(async move {
            let Picked { candidate, place } = picked;
            let Ok(turn) = own.turn.clone().acquire_owned().await else { return };
            let inner = own.clone();
            let work = move || {
                let _places = (place, turn);
                let outcome = inner.work(&candidate, &job, &before);
                inner.metrics.compared(outcome);
            };
            if tokio::task::spawn_blocking(work).await.is_err() {
                own.metrics.compared(Comparison::Failed);
            }
        });
    }

    fn work(&self, candidate: &Live, job: &Job, before: &Told) -> Comparison {
        let limit = Instant::now() + self.longest;
        let late = || Instant::now() >= limit;
        let Ok((doc, extraction)) = pipeline::extract(&candidate.ruleset, &job.article, &job.options, &late) else {
            return Comparison::Failed;
        };
        let at = Some(candidate.loaded_at);
        let answer = envelope::response(&candidate.ruleset, at, &job.article, &doc, &extraction, job.encoding);
        let Ok(answer) = answer else { return Comparison::Failed };
        let after = told(&answer.events);
        let differences = differences(before, &after);
        for (difference, place) in &differences {
            self.metrics.differs(&place.category, *difference);
        }
        let different = differences.iter().any(|(difference, _)| *difference != Difference::Same);
        if different && self.may_tell() {
            let list = list(&differences);
            tracing::info!(
                article = brief(&job.article.id),
                candidate = candidate.ruleset.digest(),
                "the candidate differs:{list}"
            );
        }
        if different { Comparison::Different } else { Comparison::Same }
    }

    /// Whether the log may tell of an article now.
    fn may_tell(&self) -> bool {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let now = millis(self.begin.elapsed());
        let told = |next: u64| (now >= next).then(|| now.saturating_add(millis(TELL)));
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, told).is_ok()
    }
}

/// Where an article tells an event of a category.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    start: u32,
    end: u32,
    category: String,
    words: String,
}

/// The events of an answer: by their place, a number for all that is said of each.
type Told = BTreeMap<Place, Vec<u64>>;

fn told(events: &[v1::Event]) -> Told {
    let mut out = Told::new();
    for event in events {
        let span = event.evidence.first().cloned().unwrap_or_default();
        let place = Place { start: span.start, end: span.end, category: event.category.clone(), words: span.text };
        out.entry(place).or_default().push(content(event));
    }
    out.values_mut().for_each(|list| list.sort_unstable());
    out
}

/// A number for what an event says. Ids and versions change with the rules and say nothing.
fn content(event: &v1::Event) -> u64 {
    let mut own = event.clone();
    own.id.clear();
    own.rule = None;
    own.links.iter_mut().for_each(|link| link.event_id.clear());
    let mut hasher = FxHasher::default();
    own.encode_to_vec().hash(&mut hasher);
    hasher.finish()
}

/// What differs, in the order of the text.
fn differences<'a>(before: &'a Told, after: &'a Told) -> Vec<(Difference, &'a Place)> {
    let mut out = Vec::new();
    let mut places: Vec<&Place> = before.keys().chain(after.keys()).collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let none = Vec::new();
        let (old, new) = (before.get(place).unwrap_or(&none), after.get(place).unwrap_or(&none));
        let same = old.iter().filter(|content| new.contains(content)).count().min(new.len());
        let pairs = old.len().min(new.len()).max(same);
        out.extend(std::iter::repeat_n((Difference::Same, place), same));
        out.extend(std::iter::repeat_n((Difference::Changed, place), pairs - same));
        out.extend(std::iter::repeat_n((Difference::Missing, place), old.len() - pairs.min(old.len())));
        out.extend(std::iter::repeat_n((Difference::Added, place), new.len() - pairs.min(new.len())));
    }
    out
}

/// The first differences, for the log: `+ASSAULT "shelled" -PROTEST "rallied"`.
fn list(differences: &[(Difference, &Place)]) -> String {
    let mut out = String::new();
    let real = differences.iter().filter(|(difference, _)| *difference != Difference::Same);
    for (difference, place) in real.clone().take(TOLD) {
        let sign = match difference {
            Difference::Added => '+',
            Difference::Missing => '-',
            Difference::Changed | Difference::Same => '~',
        };
        let _ = write!(out, " {sign}{} {:?}", place.category, brief(&place.words));
    }
    let rest = real.count().saturating_sub(TOLD);
    if rest > 0 {
        let _ = write!(out, " and {rest} more");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(category: &str, words: &str, start: u32, confidence: f32) -> v1::Event {
        let end = start + u32::try_from(words.len()).unwrap();
        let span = v1::Span { start, end, text: words.to_owned(), sentence: 0 };
        v1::Event {
            id: format!("{start}-{confidence}"),
            category: category.to_owned(),
            evidence: vec![span],
            confidence,
            ..v1::Event::default()
        }
    }

    #[test]
    fn what_changed_what_is_missing_and_what_was_added() {
        let mut before = vec![
            event("ASSAULT", "shelled", 5, 1.0),
            event("ASSAULT", "raided", 20, 1.0),
            event("PROTEST", "rallied", 40, 1.0),
        ];
        let mut after = vec![
            event("ASSAULT", "shelled", 5, 1.0),
            event("ASSAULT", "raided", 20, 0.5),
            event("CONSULT", "rallied", 40, 1.0),
        ];
        // Two of one category at one place are two.
        before.push(event("CONSULT", "met", 60, 1.0));
        after.extend([event("CONSULT", "met", 60, 1.0), event("CONSULT", "met", 60, 0.7)]);
        // An id says nothing.
        after[0].id = "other".to_owned();
        let (before, after) = (told(&before), told(&after));
        let found = differences(&before, &after);
        assert_eq!(list(&found), " ~ASSAULT \"raided\" +CONSULT \"rallied\" -PROTEST \"rallied\" +CONSULT \"met\"");
        assert_eq!(found.iter().filter(|(difference, _)| *difference == Difference::Same).count(), 2);
        assert!(differences(&after, &after).iter().all(|(difference, _)| *difference == Difference::Same));
    }

    #[test]
    fn the_log_tells_a_few_differences_and_how_many_more() {
        let after: Vec<v1::Event> = (0..40).map(|at| event("ASSAULT", &"x".repeat(500), at * 1000, 1.0)).collect();
        let after = told(&after);
        let said = list(&differences(&Told::new(), &after));
        assert!(said.ends_with(" and 35 more") && said.len() < 1000, "{said}");
    }
}
