//! Measures the relation layer on the sentences of `tests/relations/`, prints the score by construction, and guards
//! against falling back: the floors are a little below what is reached.

#[path = "relations/score.rs"]
mod score;

use dateline::rules::{load, source};

#[test]
fn the_relation_layer_keeps_its_score() {
    let rules = load(&source::embedded()).ruleset.expect("the embedded rules load");
    let (by_kind, all, mistakes) = score::measure(&rules);
    mistakes.iter().for_each(|line| println!("{line}"));
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
    assert!(all.f1() >= 0.87, "F1 fell to {:.3}", all.f1());
    assert!(all.violated <= 14, "{} forbidden roles were given", all.violated);
}
