//! Which of the times of a sentence is that of an event, and what the time says of how the event is told.

use std::sync::LazyLock;

use dateline::pipeline::{Article, Options, extract};
use dateline::rules::source::embedded;
use dateline::rules::{Ruleset, load};

static RULES: LazyLock<Ruleset> = LazyLock::new(|| load(&embedded()).ruleset.expect("the embedded packs load"));

/// Trigger, first day, and status where it is not asserted, of every event of a text published on a Friday.
fn told(text: &str) -> Vec<String> {
    let published_at = "2007-06-15T12:00:00Z".parse().ok();
    let article = Article { body: text.to_owned(), published_at, ..Article::default() };
    let (_, found) = extract(&RULES, &article, &Options::default(), &|| false).expect("nothing cancels");
    let words = |event: &dateline::event::domain::Event| {
        let trigger = event.evidence.first().map_or("", |e| &text[e.span.range()]);
        let day = event.time.as_ref().and_then(|time| time.text("start")).unwrap_or("-");
        let status = format!("{:?}", event.assertion.status);
        if status == "Asserted" { format!("{trigger} {day}") } else { format!("{trigger} {day} {status}") }
    };
    found.events.iter().map(words).collect()
}

#[test]
fn a_time_among_the_words_before_a_noun_dates_the_noun() {
    let expected = ["accused -", "bombing 2003-01-01 Historical"];
    assert_eq!(told("Peru has accused Ecuador of planning the deadly 2003 Cusco bombing."), expected);
    let two = told("Officials blamed Hamas for Monday's bombings, as well as the 2003 Haifa bombings.");
    assert!(two.contains(&"bombings 2003-01-01 Historical".to_owned()), "{two:?}");
}

#[test]
fn a_time_before_a_relative_pronoun_is_that_of_the_noun() {
    let strikes = told("The outage follows a wave of similar cyber attacks last month that closed several banks.");
    assert_eq!(strikes, ["cyber attacks 2007-05-01"]);
    let blast = told("Ankara has condemned the car bombing of a market on Monday that killed nine people.");
    assert!(blast.iter().skip(1).all(|event| event.ends_with("2007-06-11")), "{blast:?}");
}

#[test]
fn what_a_sentence_tells_of_another_occasion_was_at_another_time() {
    assert_eq!(
        told("Ghana and Togo signed a treaty on Monday after months of negotiations."),
        ["signed 2007-06-11", "negotiations -"]
    );
    let freed = told("Nigeria released ten rebels ahead of elections on Monday.");
    assert!(freed.contains(&"released -".to_owned()), "{freed:?}");
    let clause = "The union went on strike on Monday after police arrested its leader.";
    assert_eq!(told(clause), ["went on strike 2007-06-11", "arrested -"]);
    let soon = "Rebels killed a judge in Lima on Monday, shortly after soldiers arrested their leader.";
    assert_eq!(told(soon), ["killed 2007-06-11", "arrested 2007-06-11"]);
}

#[test]
fn the_time_of_what_is_asked_is_not_that_of_the_asking() {
    assert_eq!(told("France has urged Iran to release the sailors on Thursday."), ["urged -"]);
    assert_eq!(told("France urged Iran on Thursday to release the sailors."), ["urged 2007-06-14"]);
    let bombing = told("A report is expected to implicate Hezbollah in the February 14 bombing in Beirut.");
    assert_eq!(bombing.first().map(String::as_str), Some("implicate - Future"));
    let sermon = told("In Thursday's speech, Hugo Chavez condemned the United States.");
    assert_eq!(sermon, ["condemned 2007-06-14"]);
}

#[test]
fn the_time_of_a_proposal_is_not_that_of_what_is_proposed() {
    let marched = told("Thousands marched in Accra on Thursday as Ghana prepares to host a summit.");
    assert_eq!(marched, ["marched 2007-06-14", "host - Future"]);
    // But who says that he will help promises it then.
    assert_eq!(told("Chad said on Thursday that it will send aid to Sudan."), ["send 2007-06-14"]);
}

#[test]
fn what_has_a_day_that_is_over_is_not_planned() {
    let elections = told("Officials expect the results of last month's elections on Sunday.");
    assert!(elections.contains(&"elections 2007-05-01".to_owned()), "{elections:?}");
    assert_eq!(told("Kenya hopes to try the pirates captured by its navy last week."), ["captured 2007-06-04"]);
}

#[test]
fn what_comes_in_spite_of_something_comes_after_it() {
    let kept = told("Chile will keep its troops in Haiti despite a sniper attack on a soldier on Thursday.");
    assert_eq!(kept, ["sniper attack 2007-06-14"]);
    // "may have tried" looks back.
    let tried = told("Peru may have tried to influence the March elections.");
    assert_eq!(tried, ["elections 2007-03-01"]);
}

#[test]
fn an_attack_without_a_year_has_been() {
    assert_eq!(
        told("A general resigned over an investigation into an August air strike in Herat.").last().map(String::as_str),
        Some("air strike 2006-08-01")
    );
}

#[test]
fn predicates_that_are_joined_share_the_time_behind_them() {
    let gunmen = told("Four officers were killed and two others wounded on Monday in clashes with a gang.");
    assert_eq!(gunmen.first().map(String::as_str), Some("killed 2007-06-11"));
}

#[test]
fn what_began_a_period_is_at_its_beginning_with_all_that_is_joined_to_it() {
    let since = "Violence has risen since July, when a truce broke down, and soldiers stormed a mosque in Islamabad.";
    assert_eq!(told(since).last().map(String::as_str), Some("stormed 2006-07-01"));
}

#[test]
fn a_distance_from_a_dated_noun_is_not_the_day_of_the_noun() {
    let arrest = told("Italian police arrested a man in Rome a week after the May 21 attacks in Cairo.");
    assert_eq!(arrest, ["arrested 2007-05-28", "attacks 2007-05-21"]);
}

#[test]
fn what_goes_on_behind_history_is_history() {
    let refused = told("The opposition won the 1990 elections, but the army refused to hand over power.");
    assert_eq!(refused.last().map(String::as_str), Some("refused to hand - Historical"));
    let jailed = "Mordechai Vanunu was kidnapped in Rome in 1986. He was later jailed for 18 years.";
    assert!(told(jailed).last().is_some_and(|event| event.ends_with("- Historical")), "{:?}", told(jailed));
    let fought = "Chad and Libya fought a border war from 1978 to 1987. Libya attacked Chad with tanks.";
    assert!(told(fought).last().is_some_and(|event| event.ends_with("- Historical")), "{:?}", told(fought));
    // What somebody else does, or has done, may be news.
    let freed = "Mordechai Vanunu was kidnapped in Rome in 1986. Police have arrested two protesters.";
    assert!(told(freed).last().is_some_and(|event| !event.ends_with("Historical")), "{:?}", told(freed));
}

#[test]
fn a_year_whose_middle_is_a_year_ago_is_history() {
    assert_eq!(told("Gunmen killed a priest in Mosul in 2005."), ["killed 2005-01-01 Historical"]);
    assert_eq!(told("Gunmen killed a priest in Mosul in 2006."), ["killed 2006-01-01"]);
}

#[test]
fn a_time_behind_what_is_done_with_a_noun_dates_the_noun() {
    let drills = told("Russian troops prepare for live-fire drills to begin Tuesday in Tula.");
    assert_eq!(drills.last().map(String::as_str), Some("live-fire drills 2007-06-19 Future"));
    let cancelled = told("Ministers have canceled all meetings scheduled for Friday.");
    assert_eq!(cancelled, ["canceled -"]);
}

#[test]
fn a_time_right_behind_a_verb_of_saying_is_when_it_was_said() {
    assert_eq!(told("Officials said Thursday that gunmen killed a judge in Lima."), ["killed -"]);
    assert_eq!(told("Officials said Thursday gunmen killed a judge in Lima."), ["killed -"]);
}

#[test]
fn a_planned_strike_that_has_begun_is_one() {
    assert_eq!(told("Unions in Nigeria have begun a planned nationwide strike."), ["nationwide strike -"]);
}
