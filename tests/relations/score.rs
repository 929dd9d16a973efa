//! Scores the relation layer on the sentences of this folder: used by the test that guards it and by the benchmark.

use std::collections::BTreeMap;

use dateline::pipeline::{Relations, relations};
use dateline::relations::Role;
use dateline::rules::Ruleset;
use serde::Deserialize;

#[derive(Deserialize)]
struct Suite {
    sentence: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    kind: String,
    text: String,
    predicate: String,
    nth: Option<usize>,
    agent: Option<Vec<String>>,
    patient: Option<Vec<String>>,
    recipient: Option<Vec<String>>,
    topic: Option<Vec<String>>,
    time: Option<Vec<String>>,
    #[serde(default)]
    oblique: Vec<String>,
    #[serde(default)]
    not_agent: Vec<String>,
    #[serde(default)]
    not_patient: Vec<String>,
    speaker: Option<Vec<String>>,
}

/// How a set of sentences came out.
#[derive(Default)]
pub struct Score {
    pub sentences: usize,
    /// Sentences without a mistake.
    pub whole: usize,
    right: usize,
    surplus: usize,
    missing: usize,
    /// Roles that must not be given, and those that were.
    pub forbidden: usize,
    pub violated: usize,
}

impl Score {
    /// F1 of arguments and speakers.
    pub fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (2 * self.right + self.surplus + self.missing).max(1) as f64
    }

    fn add(&mut self, other: &Score) {
        self.sentences += other.sentences;
        self.whole += other.whole;
        self.right += other.right;
        self.surplus += other.surplus;
        self.missing += other.missing;
        self.forbidden += other.forbidden;
        self.violated += other.violated;
    }
}

fn score(rules: &Ruleset, sentence: &Sentence) -> (Score, Vec<String>) {
    let found = relations(rules, &sentence.text, &sentence.predicate, sentence.nth.unwrap_or(1)).unwrap_or_default();
    let mut score = Score { sentences: 1, ..Score::default() };
    let mut mistakes = Vec::new();
    for (role, name, gold) in [
        (Role::Agent, "agent", &sentence.agent),
        (Role::Patient, "patient", &sentence.patient),
        (Role::Recipient, "recipient", &sentence.recipient),
        (Role::Topic, "topic", &sentence.topic),
        (Role::Time, "time", &sentence.time),
    ] {
        let Some(gold) = gold else { continue };
        let mut heads = heads(&found, role);
        for head in gold {
            match heads.iter().position(|h| h == head) {
                Some(at) => {
                    heads.remove(at);
                    score.right += 1;
                }
                None => mistakes.push(format!("-{name} {head}")),
            }
        }
        mistakes.extend(heads.iter().map(|head| format!("+{name} {head}")));
    }
    for phrase in &sentence.oblique {
        let (preposition, head) = phrase.split_once(' ').unwrap();
        let there = found.arguments.iter().any(|a| a.head == head && a.preposition.as_deref() == Some(preposition));
        if there {
            score.right += 1;
        } else {
            mistakes.push(format!("-oblique {phrase}"));
        }
    }
    for speaker in sentence.speaker.iter().flatten() {
        if found.speaker.as_ref() == Some(speaker) {
            score.right += 1;
        } else {
            mistakes.push(format!("-speaker {speaker}"));
        }
    }
    score.missing = mistakes.iter().filter(|m| m.starts_with('-')).count();
    score.surplus = mistakes.iter().filter(|m| m.starts_with('+')).count();
    for (role, name, list) in
        [(Role::Agent, "agent", &sentence.not_agent), (Role::Patient, "patient", &sentence.not_patient)]
    {
        score.forbidden += list.len();
        for head in list.iter().filter(|head| heads(&found, role).contains(head)) {
            score.violated += 1;
            mistakes.push(format!("!{name} {head}"));
        }
    }
    score.whole = usize::from(mistakes.is_empty());
    (score, mistakes)
}

fn heads(found: &Relations, role: Role) -> Vec<String> {
    let mut heads: Vec<String> = found.arguments.iter().filter(|a| a.role == role).map(|a| a.head.clone()).collect();
    heads.sort();
    heads.dedup();
    heads
}

/// The scores by construction, of all sentences, and a line for each sentence with mistakes.
pub fn measure(rules: &Ruleset) -> (BTreeMap<String, Score>, Score, Vec<String>) {
    let mut lines = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir("tests/relations").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let mut by_kind: BTreeMap<String, Score> = BTreeMap::new();
    let mut all = Score::default();
    for path in files {
        let suite: Suite = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for sentence in &suite.sentence {
            let (score, mistakes) = score(rules, sentence);
            if !mistakes.is_empty() {
                let mistakes = mistakes.join("; ");
                lines.push(format!("[{}] {} <{}> {mistakes}", sentence.kind, sentence.text, sentence.predicate));
            }
            by_kind.entry(sentence.kind.clone()).or_default().add(&score);
            all.add(&score);
        }
    }
    (by_kind, all, lines)
}
