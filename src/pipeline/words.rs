//! Looks every word up: lexicon hits become edges, and entries that stand for somebody or something mentions.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::Stopped;
use super::lattice::{Lattice, Mention, Target};
use super::pace::Pace;
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;
use crate::rules::lexicon::{EntryId, Hit, Writing};
use crate::text::{Document, TokenRange};

/// Finds all phrases of all lexicons.
pub(super) fn look_up(rules: &Ruleset, lattice: &mut Lattice<'_>, pace: Pace<'_>) -> Result<(), Stopped> {
    let doc = lattice.doc;
    let mut hits: Vec<Hit> = Vec::new();
    for sentence in doc.sentences() {
        pace.step()?;
        for token in sentence.tokens.range() {
            hits.clear();
            let rest = TokenRange::new(token, sentence.tokens.end as usize);
            let written = |len: usize, writing: &Writing| writing.fits(|| characters(doc, token..token + len));
            rules.lexicons.scan(lattice.words(rest), &written, &mut hits);
            for hit in &hits {
                lattice.add_edge(token, token + hit.len as usize, Target::Entry(hit.lexicon, hit.entry));
            }
        }
    }
    Ok(())
}

/// The characters of words, joined by one space; a typographic apostrophe counts as a straight one.
fn characters(doc: &Document, words: Range<usize>) -> impl Iterator<Item = char> {
    let start = words.start;
    let word = move |at| (at > start).then_some(' ').into_iter().chain(doc.word(at).chars());
    words.flat_map(word).map(|c| if c == '\u{2019}' { '\'' } else { c })
}

/// How often the phrases of an article that are not open to doubt have each value of an attribute.
type Evidence = FxHashMap<Arc<str>, u32>;

/// Settles which entry is meant where several of a lexicon share a phrase, and makes mentions of the entries that stand
/// for mentions. The entry that holds on the article's day is meant; if none does, the first, without the fields that
/// depend on the day. Of several that hold, where the lexicon tells them apart by an attribute, the one is meant whose
/// value the rest of the article speaks of most.
pub(super) fn make_mentions(rules: &Ruleset, lattice: &mut Lattice<'_>, day: Option<Date>) {
    let doc = lattice.doc;
    let mut evidence: Vec<(Arc<str>, Evidence)> = Vec::new();
    let mut found: Vec<(usize, EntryId)> = Vec::new();
    for sentence in doc.sentences() {
        for token in sentence.tokens.range() {
            found.clear();
            found.extend(lattice.edges(token).filter_map(|edge| match edge.target {
                Target::Entry(_, id) => Some((edge.end as usize, id)),
                _ => None,
            }));
            // Edges come newest first; entries in the order of the files are wanted.
            found.sort_unstable();
            let mut rest = found.as_slice();
            while let Some(&(end, first)) = rest.first() {
                let lexicon = rules.lexicons.entry(first).map(|entry| entry.lexicon);
                let same = |(e, id): &(usize, EntryId)| {
                    *e == end && rules.lexicons.entry(*id).map(|entry| entry.lexicon) == lexicon
                };
                let count = rest.iter().take_while(|item| same(item)).count().max(1);
                let (group, others) = rest.split_at(count);
                rest = others;
                if let Some(id) = settle(rules, lattice, token, group, day, &mut evidence) {
                    mention(rules, lattice, TokenRange::new(token, end), id, day);
                }
            }
        }
    }
}

/// The entry that is meant of those of one lexicon that share a phrase. Those that the day or the rest of the article
/// speaks against are taken out of the lattice.
fn settle(
    rules: &Ruleset,
    lattice: &mut Lattice<'_>,
    token: usize,
    group: &[(usize, EntryId)],
    day: Option<Date>,
    evidence: &mut Vec<(Arc<str>, Evidence)>,
) -> Option<EntryId> {
    let &(end, first) = group.first()?;
    if group.len() == 1 {
        return Some(first);
    }
    let holds = |id: EntryId| rules.lexicons.entry(id).is_some_and(|entry| entry.holds(day));
    let mut left: Vec<EntryId> = group.iter().map(|(_, id)| *id).filter(|id| holds(*id)).collect();
    if left.is_empty() {
        return Some(first);
    }
    let lexicon = rules.lexicons.entry(first)?.lexicon;
    let apart = rules.lexicons.traits(lexicon).and_then(|traits| traits.tell_apart.clone());
    if let Some(attribute) = apart.filter(|_| left.len() > 1) {
        let at = evidence.iter().position(|(name, _)| *name == attribute).unwrap_or_else(|| {
            evidence.push((attribute.clone(), values(rules, lattice, &attribute)));
            evidence.len() - 1
        });
        let spoken = |id: &EntryId| {
            let value = rules.lexicons.entry(*id)?.attributes.text(&attribute)?;
            evidence.get(at)?.1.get(value).copied()
        };
        let most = left.iter().map(|id| spoken(id).unwrap_or_default()).max();
        let best = left.iter().copied().find(|id| Some(spoken(id).unwrap_or_default()) == most)?;
        left = vec![best];
    }
    if left.len() < group.len() {
        lattice.retain_edges(token, |edge| match edge.target {
            Target::Entry(own, id) => own != lexicon || edge.end as usize != end || left.contains(&id),
            _ => true,
        });
    }
    left.first().copied()
}

/// Counts the values of an attribute over the phrases whose entries agree on it.
fn values(rules: &Ruleset, lattice: &Lattice<'_>, attribute: &str) -> Evidence {
    let mut out = Evidence::default();
    let mut here: Vec<(u32, u16, Option<Arc<str>>)> = Vec::new();
    for token in 0..lattice.doc.tokens().len() {
        here.clear();
        for edge in lattice.edges(token) {
            let Target::Entry(lexicon, id) = edge.target else { continue };
            let Some(Value::Text(value)) = rules.lexicons.entry(id).and_then(|e| e.attributes.get(attribute)) else {
                continue;
            };
            match here.iter_mut().find(|(end, own, _)| *end == edge.end && *own == lexicon.0) {
                Some((.., known)) if known.as_ref() != Some(value) => *known = None,
                Some(_) => {}
                None => here.push((edge.end, lexicon.0, Some(value.clone()))),
            }
        }
        for value in here.drain(..).filter_map(|(.., value)| value) {
            *out.entry(value).or_default() += 1;
        }
    }
    out
}

/// Makes the mentions of an entry.
fn mention(rules: &Ruleset, lattice: &mut Lattice<'_>, range: TokenRange, id: EntryId, day: Option<Date>) {
    let Some(entry) = rules.lexicons.entry(id) else { return };
    for (ty, record) in &entry.mentions {
        let record = if entry.holds(day) {
            record.clone()
        } else {
            let mut timeless = Record::new();
            for (name, value) in record.iter().filter(|(name, _)| &***name != "role") {
                timeless.set(name.clone(), value.clone());
            }
            Arc::new(timeless)
        };
        lattice.add_mention(Mention {
            ty: *ty,
            range,
            extent: range,
            record,
            rule: rules.lexicons.id(entry.lexicon),
            antecedent: None,
            parties: Vec::new(),
            time: None,
            hides: rules.lexicons.traits(entry.lexicon).and_then(|traits| traits.hides.clone()),
            covered: false,
        });
    }
}
