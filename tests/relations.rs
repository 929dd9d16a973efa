//! Measures the relation layer on the sentences of `tests/relations/`, prints the score by construction, and guards
//! against falling back: the floors are a little below what is reached.

use std::collections::BTreeMap;

use dateline::pipeline::{Relations, relations};
use dateline::relations::Role;
use dateline::rules::{Ruleset, load, source};
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

#[derive(Default)]
struct Score {
    sentences: usize,
    whole: usize,
    right: usize,
    surplus: usize,
    missing: usize,
    forbidden: usize,
    violated: usize,
}

impl Score {
    fn f1(&self) -> f64 {
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

#[test]
fn the_relation_layer_keeps_its_score() {
    let rules = load(&source::embedded()).ruleset.expect("the embedded rules load");
    let mut files: Vec<_> = std::fs::read_dir("tests/relations").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let mut by_kind: BTreeMap<String, Score> = BTreeMap::new();
    let mut all = Score::default();
    for path in files {
        let suite: Suite = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for sentence in &suite.sentence {
            let (score, mistakes) = score(&rules, sentence);
            if !mistakes.is_empty() {
                println!("[{}] {} <{}> {}", sentence.kind, sentence.text, sentence.predicate, mistakes.join("; "));
            }
            by_kind.entry(sentence.kind.clone()).or_default().add(&score);
            all.add(&score);
        }
    }
    for (kind, score) in &by_kind {
        println!("{kind:18} {:3} of {:3} whole  F1 {:.3}", score.whole, score.sentences, score.f1());
    }
    println!(
        "all                {:3} of {:3} whole  F1 {:.3}  {} of {} forbidden roles given",
        all.whole,
        all.sentences,
        all.f1(),
        all.violated,
        all.forbidden
    );
    assert!(all.sentences >= 150, "the suite has {} sentences", all.sentences);
    assert!(all.f1() >= 0.80, "F1 fell to {:.3}", all.f1());
    assert!(all.violated <= 20, "{} forbidden roles were given", all.violated);
}
