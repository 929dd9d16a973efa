//! Looks every word up: lexicon hits become edges, and entries that stand for somebody or something mentions.

use std::sync::Arc;

use jiff::civil::Date;

use super::lattice::{Lattice, Mention, Target};
use crate::rules::Ruleset;
use crate::rules::lexicon::{EntryId, Hit};
use crate::text::TokenRange;

/// Finds all phrases of all lexicons.
pub(super) fn look_up(rules: &Ruleset, lattice: &mut Lattice<'_>) {
    let doc = lattice.doc;
    let mut hits: Vec<Hit> = Vec::new();
    for sentence in doc.sentences() {
        for token in sentence.tokens.range() {
            hits.clear();
            let rest = TokenRange::new(token, sentence.tokens.end as usize);
            let written = |len: usize| {
                let mut out = String::new();
                for at in token..token + len {
                    if at > token {
                        out.push(' ');
                    }
                    out.push_str(doc.word(at));
                }
                out.replace('\u{2019}', "'")
            };
            rules.lexicons.scan(lattice.words(rest), &written, &mut hits);
            for hit in &hits {
                lattice.add_edge(token, token + hit.len as usize, Target::Entry(hit.lexicon, hit.entry));
            }
        }
    }
}

/// Makes mentions of the entries that stand for mentions. Where several entries of a lexicon share a phrase, the one
/// that holds on the article's day is meant; if none does, the first, without the fields that depend on the day.
pub(super) fn make_mentions(rules: &Ruleset, lattice: &mut Lattice<'_>, day: Option<Date>) {
    let doc = lattice.doc;
    let mut found: Vec<(usize, usize, EntryId)> = Vec::new();
    for sentence in doc.sentences() {
        for token in sentence.tokens.range() {
            found.clear();
            for edge in lattice.edges(token) {
                let Target::Entry(_, id) = edge.target else { continue };
                let Some(entry) = rules.lexicons.entry(id) else { continue };
                if entry.mentions.is_empty() {
                    continue;
                }
                found.push((token, edge.end as usize, id));
            }
            if found.is_empty() {
                continue;
            }
            // Edges come newest first; entries in the order of the files are wanted.
            found.sort_by_key(|(_, end, id)| (*end, *id));
            let chosen = choose(rules, &found, day);
            for (start, end, id, holds) in chosen {
                let Some(entry) = rules.lexicons.entry(id) else { continue };
                let range = TokenRange::new(start, end);
                for (ty, record) in &entry.mentions {
                    let record = if holds || (entry.since.is_none() && entry.until.is_none()) {
                        record.clone()
                    } else {
                        let mut timeless = crate::event::domain::Record::new();
                        for (name, value) in record.iter().filter(|(name, _)| &***name != "role") {
                            timeless.set(name.clone(), value.clone());
                        }
                        Arc::new(timeless)
                    };
                    let rule = format!("lexicon.{}", rules.lexicons.name(entry.lexicon)).into();
                    lattice.add_mention(Mention {
                        ty: *ty,
                        range,
                        extent: range,
                        record,
                        rule,
                        antecedent: None,
                        time: None,
                        covered: false,
                    });
                }
            }
        }
    }
}

/// One entry for each lexicon and length, with whether it holds on the day.
fn choose(rules: &Ruleset, found: &[(usize, usize, EntryId)], day: Option<Date>) -> Vec<(usize, usize, EntryId, bool)> {
    let mut out: Vec<(usize, usize, EntryId, bool)> = Vec::new();
    for &(start, end, id) in found {
        let Some(entry) = rules.lexicons.entry(id) else { continue };
        let holds = entry.holds(day);
        let same = out.iter_mut().find(|(_, e, other, _)| {
            *e == end && rules.lexicons.entry(*other).is_some_and(|other| other.lexicon == entry.lexicon)
        });
        match same {
            // Later entries take the place of earlier ones only if they hold and those did not.
            Some(slot) if holds && !slot.3 => *slot = (start, end, id, holds),
            Some(_) => {}
            None => out.push((start, end, id, holds)),
        }
    }
    out
}
