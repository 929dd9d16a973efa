//! The packs that come with Dateline, scored on the project's own annotated articles (`tests/eval/README.md`).

use std::fmt::Write as _;

use dateline::rules::source::embedded;
use dateline::rules::{Ruleset, load};
use dateline::scoring::{Annotated, Fault, Score, read, score};

const ARTICLES: &str = include_str!("eval/articles.jsonl");

const CATEGORIES: [&str; 20] = [
    "AGREE",
    "CONSULT",
    "SUPPORT",
    "CONCEDE",
    "COOPERATE",
    "AID",
    "RETREAT",
    "REQUEST",
    "ACCUSE",
    "REJECT",
    "THREATEN",
    "PROTEST",
    "SANCTION",
    "MOBILIZE",
    "COERCE",
    "ASSAULT",
    "ELECTION",
    "APPOINT",
    "DISASTER",
    "OUTBREAK",
];

fn articles() -> Vec<Annotated> {
    match read(ARTICLES) {
        Ok(articles) => articles,
        Err(error) => panic!("tests/eval/articles.jsonl: {error}"),
    }
}

fn rules() -> Ruleset {
    let report = load(&embedded());
    match report.ruleset {
        Some(rules) => rules,
        None => panic!("the embedded packs do not load"),
    }
}

fn table(score: &Score) -> String {
    let mut out = String::from("           annotated  extracted  found\n");
    for (category, tally) in &score.by_category {
        let _ = writeln!(out, "{category:10} {:9} {:10} {:6}", tally.gold, tally.extracted, tally.hit);
    }
    out
}

/// What the packs reach today lies a little above these floors. Raise them when the packs get better; a rule that lowers
/// one has cost more than it brought.
#[test]
fn the_packs_keep_their_score() {
    let score = score(&rules(), &articles());
    let table = table(&score);
    println!("{table}");
    let reached = [
        ("F1 of the events", score.events.f1(), 0.80),
        ("F1 of actors and recipients", score.roles.f1(), 0.60),
        ("F1 of places", score.place.f1(), 0.48),
        ("F1 of times", score.time.f1(), 0.73),
        ("F1 of numbers", score.numbers.f1(), 0.62),
        ("F1 of modes", score.modes.f1(), 0.79),
        ("share of right statuses", score.status.recall(), 0.95),
    ];
    for (what, value, _) in reached {
        println!("{what}: {value:.3}");
    }
    for (what, value, floor) in reached {
        assert!(value >= floor, "the {what} fell to {value:.3}, below {floor}\n{table}");
    }
}

/// Few events of a category say little about it, none say nothing.
#[test]
fn every_category_is_there_three_times() {
    let articles = articles();
    for category in CATEGORIES {
        let events = articles.iter().flat_map(|article| &article.events).filter(|event| event.category == category);
        assert!(events.count() >= 3, "fewer than three events of {category}");
    }
    for event in articles.iter().flat_map(|article| &article.events) {
        assert!(CATEGORIES.contains(&event.category.as_str()), "{} is no category", event.category);
    }
}

/// The words of an annotation are words of its article: triggers of their sentence, arguments of any.
#[test]
fn annotations_quote_their_article() {
    for article in articles() {
        let body = article.sentences.join(" ");
        for event in &article.events {
            let at = format!("{} {} [{}]", article.id, event.category, event.trigger);
            let triggers = event.also.iter().map(|also| (also.sentence, &also.trigger));
            for (sentence, trigger) in triggers.chain([(event.sentence, &event.trigger)]) {
                let there = article.sentences.get(sentence).is_some_and(|text| text.contains(trigger.as_str()));
                assert!(there, "{at}: no {trigger:?} in sentence {sentence}");
            }
            let arguments = event.actors.iter().chain(&event.recipients);
            for words in arguments.chain(&event.place).chain(&event.time).chain(&event.source) {
                assert!(body.contains(words.as_str()), "{at}: no {words:?} in the article");
            }
            assert_eq!(event.start.is_some(), event.end.is_some(), "{at}: half a time");
        }
    }
}

/// One extracted event answers for one annotated one.
#[test]
fn an_event_annotated_twice_is_missed_once() {
    let event = r#"{"type": "ASSAULT", "sentence": 0, "trigger": "killed", "status": "asserted"}"#;
    let line = format!(
        r#"{{"id": "x", "published": "2008-05-02", "sentences": ["Gunmen killed five soldiers near Baghdad on Friday."], "events": [{event}, {event}]}}"#
    );
    let score = score(&rules(), &read(&line).expect("the article is well-formed"));
    assert_eq!((score.events.gold, score.events.hit), (2, 1));
    let missed: Vec<&str> =
        score.errors.iter().filter(|error| error.fault == Fault::Missed).map(|error| error.trigger.as_str()).collect();
    assert_eq!(missed, ["killed"]);
}
