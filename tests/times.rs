//! Measures the reading of times on the sentences of `tests/times/`, prints the score by kind, and guards against
//! falling back: the floor is a little below what is reached.

use std::collections::BTreeMap;

use dateline::pipeline::{Article, TimeFound, times};
use dateline::rules::{Ruleset, load, source};
use serde::Deserialize;

#[derive(Deserialize)]
struct Suite {
    time: Vec<Case>,
}

/// One expression in its sentence. `none = true`: there is no time in the sentence at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    text: String,
    published: String,
    #[serde(default)]
    words: String,
    value: Option<String>,
    start: Option<String>,
    end: Option<String>,
    /// The expression gives no dates.
    #[serde(default)]
    open: bool,
    #[serde(default)]
    none: bool,
}

/// What is wrong with a case, if anything.
fn judge(rules: &Ruleset, case: &Case) -> Option<String> {
    let published_at = format!("{}T12:00:00Z", case.published).parse().ok();
    let article = Article { body: case.text.clone(), published_at, ..Article::default() };
    let found = times(rules, &article);
    if case.none {
        return found.first().map(|time| format!("found \"{}\" {}", time.text, time.timex));
    }
    let Some(time) = found.iter().find(|time| overlap(&time.text, &case.words)) else {
        return Some(format!("\"{}\" is not found", case.words));
    };
    let TimeFound { timex, start, end, .. } = time;
    let (wanted_start, wanted_end) = match (&case.start, &case.end, &case.value) {
        _ if case.open => (None, None),
        (Some(start), Some(end), _) => (Some(start), Some(end)),
        (Some(start), None, _) => (Some(start), Some(start)),
        // A value that is a day is its own beginning and end.
        (None, None, Some(value)) if value.len() >= 10 => (Some(value), Some(value)),
        (None, end, _) => (None, end.as_ref()),
    };
    let day = |text: &String| text.chars().take(10).collect::<String>();
    let moment = |own: &Option<String>, wanted: Option<&String>| match (own, wanted) {
        (Some(own), Some(wanted)) => {
            own == wanted || day(own) == *wanted || day(own) == day(wanted) && case.start.is_none()
        }
        (None, None) => true,
        _ => false,
    };
    let right = time.text == case.words
        && case.value.as_ref().is_none_or(|value| value == timex)
        && moment(start, wanted_start)
        && moment(end, wanted_end);
    let show = |at: &Option<String>| at.clone().unwrap_or_else(|| "?".to_owned());
    (!right).then(|| format!("\"{}\" is {timex}, {} to {} [{}]", time.text, show(start), show(end), time.rule))
}

fn overlap(one: &str, other: &str) -> bool {
    one.contains(other) || other.contains(one)
}

#[test]
fn the_times_keep_their_score() {
    let rules = load(&source::embedded()).ruleset.expect("the embedded rules load");
    let mut files: Vec<_> = std::fs::read_dir("tests/times").unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let mut scores: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for path in files {
        let kind = path.file_stem().unwrap().to_string_lossy().into_owned();
        let suite: Suite = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in &suite.time {
            let (right, all) = scores.entry(kind.clone()).or_default();
            *all += 1;
            match judge(&rules, case) {
                None => *right += 1,
                Some(mistake) => println!("[{kind}] {} <{}> {mistake}", case.text, case.words),
            }
        }
    }
    let (mut right, mut all) = (0, 0);
    for (kind, (own, of)) in &scores {
        println!("{kind:12} {own:3} of {of:3}");
        right += own;
        all += of;
    }
    println!("all          {right:3} of {all:3}");
    assert!(all >= 250, "the suite has {all} expressions");
    assert!(right * 100 >= all * 98, "only {right} of {all} are right");
}
