//! How well extracted events fit annotated articles: what is found, what is missed, what is invented.
//!
//! Both sides are brought to one shape ([`Told`]) and paired, article by article; then events, arguments, places, times,
//! counts and modes are counted. An event is found when an extracted event of its category has evidence in one of the
//! sentences that mention it; each event is used once, the best fit first.

mod gold;
mod pairs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::gold::{AlsoAt, Annotated, GoldEvent, read};
pub use self::pairs::Told;

use crate::pipeline::{self, Options};
use crate::rules::Ruleset;

/// Hits among what was annotated and what was extracted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub hit: usize,
    pub gold: usize,
    pub extracted: usize,
}

impl Tally {
    fn add(&mut self, hit: usize, gold: usize, extracted: usize) {
        self.hit += hit;
        self.gold += gold;
        self.extracted += extracted;
    }

    /// Share of what was extracted that is right, from 0 to 1; 0 if nothing was.
    pub fn precision(&self) -> f64 {
        share(self.hit, self.extracted)
    }

    /// Share of what was annotated that was extracted, from 0 to 1; 0 if nothing was.
    pub fn recall(&self) -> f64 {
        share(self.hit, self.gold)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let sum = self.precision() + self.recall();
        if sum > 0.0 { 2.0 * self.precision() * self.recall() / sum } else { 0.0 }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Annotated, not extracted.
    Missed,
    /// Extracted, not annotated.
    Spurious,
}

/// An event that one side has and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    pub fault: Fault,
    pub article: String,
    pub category: String,
    pub trigger: String,
    /// The sentence of the trigger.
    pub sentence: String,
    /// The rule that fired, where one did.
    pub rule: String,
}

/// The score of a ruleset over annotated articles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    pub articles: usize,
    pub events: Tally,
    /// Actors and recipients together, of found events among all.
    pub roles: Tally,
    pub place: Tally,
    /// First and last day, both right.
    pub time: Tally,
    /// Counts: killed, wounded, arrested and their like.
    pub numbers: Tally,
    /// Modes of found events.
    pub modes: Tally,
    /// Found events with the right status (`hit`) among the found ones (`gold`).
    pub status: Tally,
    pub by_category: BTreeMap<String, Tally>,
    pub errors: Vec<Miss>,
}

/// Extracts from annotated articles and compares.
pub fn score(rules: &Ruleset, articles: &[Annotated]) -> Score {
    let mut score = Score { articles: articles.len(), ..Score::default() };
    for article in articles {
        let extracted = match pipeline::extract(rules, &article.article(), &Options::default(), &|| false) {
            Ok((_, extraction)) => extraction.events,
            Err(_) => Vec::new(),
        };
        let gold: Vec<Told> = article.events.iter().map(Told::annotated).collect();
        let found: Vec<Told> = extracted.iter().map(|event| Told::extracted(event, article)).collect();
        count(&mut score, article, &gold, &found);
    }
    score
}

fn count(score: &mut Score, article: &Annotated, gold: &[Told], found: &[Told]) {
    let pairs = pairs::pair_up(gold, found);
    score.events.add(pairs.len(), gold.len(), found.len());
    for told in gold {
        score.by_category.entry(told.category.clone()).or_default().gold += 1;
    }
    for told in found {
        score.by_category.entry(told.category.clone()).or_default().extracted += 1;
        score.roles.extracted += told.actors.len() + told.recipients.len();
        score.place.extracted += usize::from(!told.place.is_empty());
        score.time.extracted += usize::from(told.time.is_some());
        score.numbers.extracted += told.numbers.len();
    }
    for (index, told) in gold.iter().enumerate() {
        score.roles.gold += told.actors.len() + told.recipients.len();
        score.place.gold += usize::from(!told.place.is_empty());
        score.time.gold += usize::from(told.time.is_some());
        score.numbers.gold += told.numbers.len();
        let partner = pairs.iter().find(|(gold, _)| *gold == index).and_then(|(_, at)| found.get(*at));
        match partner {
            Some(partner) => {
                score.by_category.entry(told.category.clone()).or_default().hit += 1;
                pairs::compare(score, told, partner);
            }
            None => score.errors.push(miss(Fault::Missed, article, told)),
        }
    }
    for (index, told) in found.iter().enumerate() {
        if !pairs.iter().any(|(_, at)| *at == index) {
            score.errors.push(miss(Fault::Spurious, article, told));
        }
    }
}

fn miss(fault: Fault, article: &Annotated, told: &Told) -> Miss {
    Miss {
        fault,
        article: article.id.clone(),
        category: told.category.clone(),
        trigger: told.trigger.clone(),
        sentence: article.sentences.get(told.sentence).cloned().unwrap_or_default(),
        rule: told.rule.clone(),
    }
}
