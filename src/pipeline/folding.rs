//! Folds a sentence before it is parsed, so that the parser meets fewer and plainer words.
//!
//! A name of several words, a person with title and offices, a noun for people with what counts and describes it ("at
//! least six Iraqi policemen"), an expression of time is one word to the parser; quotation marks are none. The tree is
//! unfolded afterwards: the words of a fold hang on its last one, marks on their neighbour.

use super::analysis::Analysis;
use super::lattice::{Lattice, Mention};
use crate::relations::{Label, Tag, Tree};
use crate::rules::Ruleset;
use crate::rules::program::class;
use crate::rules::ruleset::Anchor;
use crate::text::{Document, TokenRange};

/// Longest fold, in words.
const MOST: usize = 14;

/// What a fold is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word by itself.
    Word,
    Name,
    /// A common noun with its modifiers.
    Noun,
    /// An expression of time: it goes by the word that the rules give for all of them.
    Time,
}

/// One word that the parser sees.
#[derive(Clone, Copy, Debug)]
struct Fold {
    range: TokenRange,
    kind: Kind,
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
    let mut taken: Vec<Option<(TokenRange, Kind)>> = vec![None; sentence.len()];
    let start = sentence.start as usize;
    let list = analysis.mentions_of.get(index).map(Vec::as_slice).unwrap_or_default();
    let mut stretches: Vec<(TokenRange, Kind)> = list
        .iter()
        .filter_map(|id| lattice.mention(*id))
        .filter(|m| !m.covered && m.range.len() <= MOST && sentence.covers(m.range))
        .filter_map(|m| {
            // "a day after troops took the town": the day stays a word of that clause.
            let apart = m.time.as_ref().is_some_and(|time| time.anchor == Anchor::Clause);
            if Some(m.ty) == rules.time_type && rules.time_stand_in.is_some() && !apart {
                return Some((m.range, Kind::Time));
            }
            let actor = Some(m.ty) == rules.actor_type;
            if (actor || Some(m.ty) == rules.place_type) && is_name(analysis, m) {
                return (m.range.len() > 1).then_some((m.range, Kind::Name));
            }
            (actor && is_noun(analysis, m, sentence)).then_some((m.extent, Kind::Noun))
        })
        .collect();
    stretches.sort_by_key(|(range, _)| (std::cmp::Reverse(range.len()), range.start));
    for (range, kind) in stretches {
        let local = range.start as usize - start..range.end as usize - start;
        if taken.get(local.clone()).is_some_and(|own| own.iter().all(Option::is_none)) {
            for at in local {
                if let Some(slot) = taken.get_mut(at) {
                    *slot = Some((range, kind));
                }
            }
        }
    }
    let mut out = Folded { start, count: sentence.len(), ..Folded::default() };
    let mut at = start;
    while at < sentence.end as usize {
        match taken.get(at - start).copied().flatten() {
            Some((range, kind)) => {
                out.folds.push(Fold { range, kind });
                let last = lattice.tag(range.end as usize - 1);
                out.tags.push(match (kind, last) {
                    (Kind::Noun, Some(Tag::NNS | Tag::NNPS)) => Tag::NNS,
                    (Kind::Noun, _) => Tag::NN,
                    _ => Tag::NNP,
                });
                at = range.end as usize;
            }
            None => {
                if lattice.class(at) & class::QUOTE == 0 {
                    out.folds.push(Fold { range: TokenRange::new(at, at + 1), kind: Kind::Word });
                    out.tags.push(lattice.tag(at).unwrap_or(Tag::NN));
                }
                at += 1;
            }
        }
    }
    out
}

/// Whether a mention is a common noun behind nothing but what counts and describes it: "at least six Iraqi policemen",
/// "a civilian", not "members of a party", nor what stands before another noun ("rebel leaders").
fn is_noun(analysis: &Analysis<'_>, mention: &Mention, sentence: TokenRange) -> bool {
    let lattice = &analysis.lattice;
    let (range, end) = (mention.extent, mention.extent.end as usize);
    if range.end != mention.range.end || mention.antecedent.is_some() {
        return false;
    }
    let noun = |at: usize| lattice.tag(at).is_some_and(Tag::is_noun);
    // "was elected pope": the participle is that of the clause.
    let first = range.start as usize;
    let verbal = |at: usize| lattice.tag(at).is_some_and(Tag::is_verb);
    if lattice.tag(first) == Some(Tag::VBN) && first > sentence.start as usize && verbal(first - 1) {
        return false;
    }
    let counts =
        |at: usize| matches!(lattice.tag(at), Some(Tag::CD | Tag::JJS | Tag::JJR | Tag::RB | Tag::RBS | Tag::IN));
    let plain = |at: usize| match lattice.tag(at) {
        Some(Tag::IN | Tag::TO | Tag::RB) => counts(at + 1),
        Some(Tag::POS | Tag::PRPS | Tag::COMMA | Tag::CC | Tag::VBD | Tag::VBZ | Tag::VBP | Tag::VB | Tag::MD) => false,
        Some(Tag::WDT | Tag::WP | Tag::PRP | Tag::COLON | Tag::LRB | Tag::RRB) => false,
        _ => true,
    };
    let last = end - 1;
    let before = range.start as usize..last;
    let alone = before.is_empty();
    // A word that the tagger took for an adjective, and that stands behind an article.
    let mistaken = alone
        && lattice.tag(last) == Some(Tag::JJ)
        && mention.range.start < range.start
        && (!sentence.contains(end) || !matches!(lattice.tag(end), Some(Tag::JJ | Tag::VBN | Tag::VBG)));
    let followed = sentence.contains(end) && (noun(end) || lattice.tag(end) == Some(Tag::POS) && alone);
    let nominal = noun(last) || (lattice.tag(last) == Some(Tag::JJ) && !alone) || mistaken;
    nominal && !followed && before.clone().all(plain) && (!alone || mistaken)
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
        self.folds.iter().map(move |fold| match (&rules.time_stand_in, fold.kind) {
            (Some(word), Kind::Time) => word.as_str(),
            _ => doc.word((fold.range.end as usize).saturating_sub(1)),
        })
    }

    /// Their tags.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// Lays a tree of folds out over all words of the sentence.
    pub fn unfold(&self, folded: &Tree, lattice: &Lattice<'_>, out: &mut Tree) {
        const LEFT_OUT: u16 = u16::MAX;
        let root = self.count as u16;
        out.heads.clear();
        out.labels.clear();
        out.heads.resize(self.count, LEFT_OUT);
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
                    (own, inside(fold.kind, lattice.tag(at)))
                };
                if let (Some(h), Some(l)) = (out.heads.get_mut(local), out.labels.get_mut(local)) {
                    *h = head;
                    *l = label;
                }
            }
        }
        // What was left out hangs on the word before it, else on the one behind it.
        for (at, head) in out.heads.iter_mut().enumerate().filter(|(_, head)| **head == LEFT_OUT) {
            let neighbour = if at > 0 { at - 1 } else { at + 1 };
            *head = if neighbour < self.count { neighbour as u16 } else { root };
        }
    }
}

/// What a word of a fold is to the last one: as the parser would have it in plain phrases, else no more than a part.
fn inside(kind: Kind, tag: Option<Tag>) -> Label {
    match (kind, tag) {
        (Kind::Noun, Some(Tag::CD)) => Label::Nummod,
        (Kind::Noun, Some(Tag::DT)) => Label::Det,
        (Kind::Noun, Some(Tag::JJ | Tag::VBN | Tag::VBG)) => Label::Amod,
        (Kind::Noun, Some(tag)) if tag.is_noun() => Label::Compound,
        _ => Label::Flat,
    }
}
