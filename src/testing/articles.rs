//! Whole articles as tests: `tests/NAME.txt` in a pack, with the events of the pack's own rules that are expected beside
//! it in `NAME.events`.
//!
//! A name that begins with a day (`2016-03-25-launch.txt`) gives the day of publication.

use std::path::PathBuf;

use jiff::civil::Date;

use super::snapshot;
use crate::pipeline::{self, Article, Options};
use crate::rules::Ruleset;
use crate::rules::diagnostic::{Code, Diagnostic, Level, Sources};
use crate::rules::source::PackFiles;
use crate::rules::syntax::Place;

/// How the articles of packs came out.
#[derive(Clone, Debug, Default)]
pub struct ArticleReport {
    pub passed: usize,
    pub failed: usize,
    /// One for each article that came out otherwise than expected.
    pub diagnostics: Vec<Diagnostic>,
    /// What stands now in the place of what was expected: name of the pack, path in it, text.
    pub changed: Vec<(String, PathBuf, String)>,
}

/// Reads the articles of all packs and compares what comes out with what is expected.
pub fn run_articles(rules: &Ruleset, packs: &[PackFiles], sources: &Sources) -> ArticleReport {
    let mut report = ArticleReport::default();
    for pack in packs {
        // What other packs find in the article is not this one's to say.
        let options = Options { packs: vec![crate::rules::pack_id(pack)], ..Options::default() };
        for (path, bytes) in &pack.files {
            let Some(stem) = path.strip_prefix("tests/").and_then(|name| name.strip_suffix(".txt")) else { continue };
            let body = String::from_utf8_lossy(bytes).into_owned();
            let published_at = stem.get(..10).and_then(|day| day.parse::<Date>().ok()).and_then(noon);
            let article = Article { id: stem.to_owned(), body, published_at, ..Article::default() };
            let Ok((doc, extraction)) = pipeline::extract(rules, &article, &options, &|| false) else {
                continue;
            };
            let got = snapshot::of(&doc, &extraction);
            let beside = format!("tests/{stem}.events");
            let expected = pack.files.get(&beside).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            if expected.as_ref() == Some(&got) {
                report.passed += 1;
                continue;
            }
            let place = |path: &str| {
                let file = sources.find(&format!("{}/{path}", pack.name))?;
                Some(Place { file, bytes: 0..0 })
            };
            let (code, level, at, message) = match &expected {
                None => {
                    let message = format!("nobody has said yet which events the article `{stem}` holds");
                    (Code::NoSnapshot, Level::Warning, place(path), message)
                }
                Some(expected) => {
                    report.failed += 1;
                    let mut message = format!("the events of the article `{stem}` are others than expected");
                    for line in snapshot::difference(expected, &got) {
                        message.push_str(&format!("\n  {line}"));
                    }
                    (Code::SnapshotDiffers, Level::Error, place(&beside), message)
                }
            };
            let mut problem = match at {
                Some(at) => Diagnostic::error(code, at, message),
                None => Diagnostic::new(code, level, message),
            };
            problem.level = level;
            let help = "read the difference; if it is right, `dateline test --update` writes the file".to_owned();
            report.diagnostics.push(problem.with_help(Some(help)));
            report.changed.push((pack.name.clone(), PathBuf::from(beside), got));
        }
    }
    report
}

/// Noon of a day, in UTC.
pub(super) fn noon(day: Date) -> Option<jiff::Timestamp> {
    day.at(12, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}
