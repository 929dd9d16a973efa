//! Folds a sentence before it is parsed, so that the parser meets fewer and plainer words.
//!
//! A name of several words, a person with title and offices, an expression of time is one word to the parser; quotation
//! marks are none. The tree is unfolded afterwards: the words of a fold hang on its last one, marks on their neighbour.

use super::analysis::Analysis;
use super::lattice::Mention;
use crate::relations::{Label, Tag, Tree};
use crate::rules::Ruleset;
use crate::rules::program::class;
use crate::rules::ruleset::Anchor;
use crate::text::{Document, TokenRange};

/// Longest fold, in words.
const MOST: usize = 14;

/// One word that the parser sees.
#[derive(Clone, Copy, Debug)]
struct Fold {
    range: TokenRange,
    /// An expression of time: it goes by the word that the rules give for all of them.
    time: bool,
}

/// A sentence as the parser sees it.
#[derive(Debug, Default)]
pub(super) struct Folded {
    start: usize,
    count: usize,
    folds: Vec<Fold>,
    tags: Vec<Tag>,
}

/// Folds the sentence at `index`.
pub(super) fn fold(analysis: &Analysis<'_>, index: usize, sentence: TokenRange) -> Folded {
    let lattice = &analysis.lattice;
    let rules = analysis.rules;
    let mut taken: Vec<Option<(TokenRange, bool)>> = vec![None; sentence.len()];
    let start = sentence.start as usize;
    let list = analysis.mentions_of.get(index).map(Vec::as_slice).unwrap_or_default();
    let mut mentions: Vec<(&Mention, bool)> = list
        .iter()
        .filter_map(|id| lattice.mention(*id))
        .filter(|m| !m.covered && m.range.len() <= MOST && sentence.covers(m.range))
        .filter_map(|m| {
            // "a day after troops took the town": the day stays a word of that clause.
            let apart = m.time.as_ref().is_some_and(|time| time.anchor == Anchor::Clause);
            let time = Some(m.ty) == rules.time_type && rules.time_stand_in.is_some() && !apart;
            let name = (Some(m.ty) == rules.actor_type || Some(m.ty) == rules.place_type) && is_name(analysis, m);
            (time || (name && m.range.len() > 1)).then_some((m, time))
        })
        .collect();
    mentions.sort_by_key(|(m, _)| (std::cmp::Reverse(m.range.len()), m.range.start));
    for (mention, time) in mentions {
        let local = mention.range.start as usize - start..mention.range.end as usize - start;
        if taken.get(local.clone()).is_some_and(|own| own.iter().all(Option::is_none)) {
            for at in local {
                if let Some(slot) = taken.get_mut(at) {
                    *slot = Some((mention.range, time));
                }
            }
        }
    }
    let mut out = Folded { start, count: sentence.len(), ..Folded::default() };
    let mut at = start;
    while at < sentence.end as usize {
        match taken.get(at - start).copied().flatten() {
            Some((range, time)) => {
                out.folds.push(Fold { range, time });
                out.tags.push(Tag::NNP);
                at = range.end as usize;
            }
            None => {
                if lattice.class(at) & class::QUOTE == 0 {
                    out.folds.push(Fold { range: TokenRange::new(at, at + 1), time: false });
                    out.tags.push(lattice.tag(at).unwrap_or(Tag::NN));
                }
                at += 1;
            }
        }
    }
    out
}

/// Whether a mention is a name: its naming words are capitalised, and it ends with them.
fn is_name(analysis: &Analysis<'_>, mention: &Mention) -> bool {
    let lattice = &analysis.lattice;
    let capital = |at: usize| lattice.class(at) & class::CAP != 0;
    let last = mention.extent.end as usize;
    let fits = mention.extent.range().all(|at| capital(at) || lattice.doc.word(at).chars().count() <= 3);
    fits && mention.extent.end == mention.range.end
        && last.checked_sub(1).is_some_and(capital)
        && mention.extent.range().next().is_some_and(capital)
        && mention
            .range
            .range()
            .all(|at| lattice.class(at) & class::POSSESSIVE == 0 || mention.record.text("name").is_some())
}

impl Folded {
    /// The words that the parser sees.
    pub fn words<'w>(&'w self, doc: &'w Document, rules: &'w Ruleset) -> impl Iterator<Item = &'w str> {
        self.folds.iter().map(move |fold| match (&rules.time_stand_in, fold.time) {
            (Some(word), true) => word.as_str(),
            _ => doc.word((fold.range.end as usize).saturating_sub(1)),
        })
    }

    /// Their tags.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Lays a tree of folds out over all words of the sentence.
    pub fn unfold(&self, folded: &Tree, out: &mut Tree) {
        let root = self.count as u16;
        out.heads.clear();
        out.labels.clear();
        out.heads.resize(self.count, root);
        out.labels.resize(self.count, Label::Punct);
        let last = |fold: &Fold| (fold.range.end as usize - 1 - self.start) as u16;
        for (index, fold) in self.folds.iter().enumerate() {
            let own = last(fold);
            let head = folded.heads.get(index).and_then(|head| self.folds.get(usize::from(*head))).map_or(root, last);
            for at in fold.range.range() {
                let local = at - self.start;
                let (head, label) = if local == usize::from(own) {
                    (head, folded.labels.get(index).copied().unwrap_or(Label::Dep))
                } else {
                    (own, Label::Flat)
                };
                if let (Some(h), Some(l)) = (out.heads.get_mut(local), out.labels.get_mut(local)) {
                    *h = head;
                    *l = label;
                }
            }
        }
        // What was left out hangs on the word before it, else on the one behind it.
        for at in 0..self.count {
            let shown = self.folds.iter().any(|fold| fold.range.contains(at + self.start));
            if !shown {
                let neighbour = if at > 0 { at - 1 } else { at + 1 };
                if let Some(head) = out.heads.get_mut(at) {
                    *head = if neighbour < self.count { neighbour as u16 } else { root };
                }
            }
        }
    }
}
