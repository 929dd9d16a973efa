//! The times of an article, in the order of the text: for measuring how they are read, and for showing it.

use super::lattice::MentionId;
use super::pace::Pace;
use super::{Article, Watch, read, understand, when};
use crate::rules::Ruleset;

/// An expression of time with its place on the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeFound {
    /// Its words.
    pub text: String,
    /// Index of its sentence.
    pub sentence: usize,
    /// The rule that recognised it.
    pub rule: String,
    /// TIMEX3 value.
    pub timex: String,
    /// First moment, where it is known.
    pub start: Option<String>,
    /// Last moment, inclusive.
    pub end: Option<String>,
}

/// All times of an article. Each is placed by the verb that it hangs on and by the day last spoken of.
pub fn times(rules: &Ruleset, article: &Article) -> Vec<TimeFound> {
    let doc = read(rules, article);
    let Ok(mut analysis) = understand(rules, &doc, article, Watch::default(), Pace::free()) else {
        return Vec::new();
    };
    let Some(ty) = rules.time_type else { return Vec::new() };
    let mut spoken = None;
    let mut out = Vec::new();
    for sentence in 0..doc.sentences().len() {
        let mut list: Vec<MentionId> = analysis.mentions(sentence, ty).map(|(id, _)| id).collect();
        list.sort_by_key(|id| analysis.lattice.mention(*id).map(|m| m.range));
        if !list.is_empty() {
            analysis.parse(sentence);
        }
        for id in &list {
            let Some(mention) = analysis.lattice.mention(*id) else { continue };
            let tense = when::tense_around(&analysis, sentence, mention.range);
            let Some(found) = when::placed(&analysis, sentence, *id, tense, spoken) else { continue };
            let found = found.resolved;
            spoken = found.start.filter(|_| found.start == found.end).or(spoken);
            out.push(TimeFound {
                text: analysis.lattice.text(mention.extent).to_owned(),
                sentence,
                rule: mention.rule.to_string(),
                start: found.start_text(),
                end: found.end_text(),
                timex: found.timex,
            });
        }
    }
    out
}
