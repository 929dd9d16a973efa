//! Measures where and when events are placed, on the articles of `tests/settings/`, prints every mistake, and guards
//! against falling back: the floors are a little below what is reached.

use dateline::event::domain::Event;
use dateline::pipeline::{Article, Options, extract};
use dateline::rules::{Ruleset, load, source};
use serde::Deserialize;

#[derive(Deserialize)]
struct Suite {
    article: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    published: String,
    event: Vec<Expected>,
}

/// An event that the article tells. Lists hold all answers that are right; an empty one: the text does not say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    category: Vec<String>,
    place: Vec<String>,
    /// The first day.
    day: Vec<String>,
    /// The last one, where it matters.
    until: Option<Vec<String>>,
    /// Asserted unless given.
    status: Option<String>,
}

/// Right ones of all.
#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    fn is_at_least(&self, percent: usize) -> bool {
        self.right * 100 >= self.all * percent
    }
}

fn place(event: &Event) -> String {
    event.place.as_ref().and_then(|place| place.text("text")).unwrap_or_default().to_owned()
}

fn day(event: &Event, field: &str) -> String {
    let moment = event.time.as_ref().and_then(|time| time.text(field)).unwrap_or_default();
    moment.chars().take(10).collect()
}

/// What of an event is as it is wanted: place, days, status.
fn compare(event: &Event, wanted: &Expected) -> [bool; 3] {
    let until = wanted.until.as_ref().is_none_or(|until| fits(&day(event, "end"), until));
    let status = wanted.status.as_deref().unwrap_or("asserted");
    [
        fits(&place(event), &wanted.place),
        fits(&day(event, "start"), &wanted.day) && until,
        event.assertion.status.name().eq_ignore_ascii_case(status),
    ]
}

fn fits(found: &str, wanted: &[String]) -> bool {
    wanted.iter().any(|right| right == found) || wanted.is_empty() && found.is_empty()
}

fn events(rules: &Ruleset, case: &Case) -> Vec<Event> {
    let published_at = format!("{}T23:00:00Z", case.published).parse().ok();
    let article = Article { body: case.text.clone(), published_at, ..Article::default() };
    let (_, found) = extract(rules, &article, &Options::default(), &|| false).expect("nothing cancels");
    found.events
}

/// The suites of a folder, in the order of their names.
fn suites(folder: &str) -> Vec<Suite> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|own| own == "toml")).collect();
    files.sort();
    files.iter().map(|path| toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

#[test]
fn each_way_of_telling_is_understood() {
    let rules = load(&source::embedded()).ruleset.expect("the embedded rules load");
    let mut wrong = Vec::new();
    for suite in suites("tests/settings/exact") {
        for case in &suite.article {
            let found = events(&rules, case);
            for wanted in &case.event {
                let own = |event: &&Event| wanted.category.iter().any(|own| **own == *event.category);
                if !found.iter().filter(own).any(|event| compare(event, wanted) == [true; 3]) {
                    let told = |event: &Event| {
                        let (place, day, status) = (place(event), day(event, "start"), event.assertion.status.name());
                        format!("\n    {} at {place} on {day}, {status}", event.category)
                    };
                    let told: String = found.iter().map(told).collect();
                    wrong.push(format!("{}\n    wanted {wanted:?}{told}", case.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn events_keep_their_places_and_days() {
    let rules = load(&source::embedded()).ruleset.expect("the embedded rules load");
    let (mut places, mut days, mut statuses) = (Score::default(), Score::default(), Score::default());
    let mut found = Score::default();
    for suite in suites("tests/settings") {
        for case in &suite.article {
            let mut left = events(&rules, case);
            for wanted in &case.event {
                let score = |event: &Event| compare(event, wanted).map(usize::from).iter().sum::<usize>();
                let own = (0..left.len()).filter(|at| wanted.category.iter().any(|own| **own == *left[*at].category));
                // Of several the one that fits best, of equals the first.
                let best = own.max_by_key(|at| (score(&left[*at]), std::cmp::Reverse(*at)));
                found.add(best.is_some());
                let Some(best) = best else {
                    println!("{}\n    no event of {}", case.text, wanted.category.join(", "));
                    continue;
                };
                let event = left.remove(best);
                let [of_place, of_day, of_status] = compare(&event, wanted);
                places.add(of_place);
                days.add(of_day);
                statuses.add(of_status);
                if !(of_place && of_day && of_status) {
                    let (place, start, end) = (place(&event), day(&event, "start"), day(&event, "end"));
                    println!("{}\n    not {} at {place} on {start} to {end}", case.text, event.assertion.status.name());
                    println!("    {wanted:?}");
                }
            }
        }
    }
    println!("places {} of {}, days {} of {}", places.right, places.all, days.right, days.all);
    println!("statuses {} of {}, found {} of {}", statuses.right, statuses.all, found.right, found.all);
    assert!(found.all >= 170 && found.is_at_least(93), "only {} of {} events are found", found.right, found.all);
    assert!(places.is_at_least(86), "only {} of {} places are right", places.right, places.all);
    assert!(days.is_at_least(88), "only {} of {} days are right", days.right, days.all);
    assert!(statuses.is_at_least(95), "only {} of {} statuses are right", statuses.right, statuses.all);
}
