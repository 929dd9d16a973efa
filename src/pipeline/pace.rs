//! Whether an extraction should go on: every stage asks once a sentence, so that one that nobody waits for any more ends.

use std::fmt;

use super::Stopped;

/// Asks whoever waits for an extraction.
#[derive(Clone, Copy)]
pub(crate) struct Pace<'a>(&'a dyn Fn() -> bool);

impl<'a> Pace<'a> {
    /// Goes on until this says that it should not.
    pub fn until(cancelled: &'a dyn Fn() -> bool) -> Self {
        Self(cancelled)
    }

    /// Goes on to the end.
    pub fn free() -> Self {
        Self(&|| false)
    }

    /// One more step.
    pub fn step(self) -> Result<(), Stopped> {
        if (self.0)() { Err(Stopped::Cancelled) } else { Ok(()) }
    }
}

impl fmt::Debug for Pace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;

    use super::super::{Article, Options, extract};
    use super::*;
    use crate::rules::{Ruleset, load, source};

    const SENTENCES: usize = 60;

    fn rules() -> Ruleset {
        let (packs, problems) = source::from_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/basics"));
        assert!(problems.is_empty(), "{problems:?}");
        load(&packs).ruleset.expect("the packs are sound")
    }

    fn article() -> Article {
        let body = (1..=SENTENCES).map(|n| format!("Iran launched {n} rockets. ")).collect();
        Article { body, ..Article::default() }
    }

    #[test]
    fn every_stage_asks_at_every_sentence_and_ends_where_it_should() {
        let (rules, article) = (rules(), article());
        let asked = Cell::new(0);
        let until = |last: usize| {
            asked.set(0);
            let cancelled = || {
                asked.set(asked.get() + 1);
                asked.get() >= last
            };
            extract(&rules, &article, &Options::default(), &cancelled).map(|(_, found)| found.events.len())
        };
        assert_eq!(until(usize::MAX), Ok(SENTENCES));
        let all = asked.get();
        // Tags, words, mentions, references, events, merges, enrichments.
        assert!(all >= 7 * (SENTENCES - 1), "{all}");
        for last in [1, SENTENCES / 2, SENTENCES + 1, all / 2, all - 1, all] {
            assert_eq!(until(last), Err(Stopped::Cancelled));
            assert_eq!(asked.get(), last, "it went on");
        }
    }

    #[test]
    fn an_article_that_tells_too_much_is_cut_and_a_warning_says_so() {
        let (rules, article) = (rules(), article());
        let told = |max_events: Option<usize>| {
            let options = Options { max_events, ..Options::default() };
            let (_, found) = extract(&rules, &article, &options, &|| false).expect("nothing cancels");
            (found.events.len(), found.warnings.iter().any(|warning| warning.code == "events-cut"))
        };
        assert_eq!(told(Some(7)), (7, true));
        assert_eq!(told(Some(SENTENCES)), (SENTENCES, false));
        assert_eq!(told(None), (SENTENCES, false));
    }
}
