//! How a slot finds its value around a trigger.

mod extents;
mod finders;
mod values;

use std::sync::Arc;

use self::extents::first_clause;
use self::finders::{after, by_role, near, predicates};
use self::values::{each, fill, is_part_of_found, names_of_several, rest_of_list, total};
use crate::event::domain::Value;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::lattice::MentionId;
use crate::pipeline::matcher::find_first;
use crate::relations::Argument;
use crate::rules::ruleset::{Finder, Slot};
use crate::text::TokenRange;

/// A predicate in its sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger {
    pub sentence: usize,
    /// First token of the sentence.
    pub start: usize,
    /// Head word, as an index into the sentence.
    pub head: usize,
    pub range: TokenRange,
}

/// A value for a slot.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub value: Value,
    pub mention: Option<MentionId>,
    pub range: TokenRange,
    pub how: Arc<str>,
    /// From 0 to 1.
    pub trust: f32,
}

/// A place where a value may stand.
struct Candidate {
    /// Head word, as an index into the article, or a stretch of words.
    head: Option<usize>,
    range: TokenRange,
    how: Arc<str>,
    trust: f32,
}

/// All values of a slot (one, if its field does not repeat). `filled` are the ranges that earlier slots found.
pub(super) fn find(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    slot: &Slot,
    filled: &[Vec<TokenRange>],
) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for finder in &slot.finders {
        let candidates = candidates(analysis, trigger, arguments, slot, finder, filled);
        if let Some(total) = total(analysis, trigger, slot, &candidates) {
            return vec![total];
        }
        for candidate in candidates {
            if is_part_of_found(analysis, trigger, slot, &candidate, &found) {
                continue;
            }
            let names = names_of_several(analysis, trigger, slot, &candidate);
            if names.len() > 1 && slot.shape.repeated {
                found.extend(
                    names
                        .into_iter()
                        .filter(|name| !found.iter().any(|f| f.range.overlaps(name.range)))
                        .collect::<Vec<_>>(),
                );
                continue;
            }
            if let Some(value) = fill(analysis, trigger, slot, &candidate)
                && !found.iter().any(|f| f.range.overlaps(value.range))
            {
                let rest = rest_of_list(analysis, trigger, slot, &candidate, &value);
                found.extend(each(analysis, slot, value));
                found.extend(rest);
                if !slot.shape.repeated {
                    return found;
                }
            }
        }
        if !found.is_empty() && !slot.every {
            break;
        }
    }
    found
}

fn candidates(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    slot: &Slot,
    finder: &Finder,
    filled: &[Vec<TokenRange>],
) -> Vec<Candidate> {
    let Some(sentence) = analysis.sentence(trigger.sentence).map(|s| s.tokens) else { return Vec::new() };
    match finder {
        Finder::Role { role, via: None } => by_role(analysis, trigger, arguments, *role),
        Finder::Role { role, via: Some(program) } => {
            let mut out = Vec::new();
            for other in predicates(analysis, trigger, program, sentence) {
                let mut own = Vec::new();
                if let Some(clauses) = analysis.clauses(trigger.sentence) {
                    clauses.arguments(other.head, false, &mut own);
                }
                out.extend(by_role(analysis, &other, &own, *role));
            }
            out
        }
        Finder::After(program) => after(analysis, trigger, program, sentence),
        Finder::Near { pattern, within } => {
            near(analysis, trigger, slot, pattern.as_deref(), *within as usize, sentence)
        }
        Finder::Span { from, until } => {
            let Analysis { lattice, scratch, .. } = analysis;
            let right = TokenRange { start: trigger.range.end, end: sentence.end };
            let Some(first) = find_first(lattice, from, right, scratch) else { return Vec::new() };
            let rest = TokenRange { start: first.range.end, end: sentence.end };
            let end = until.as_ref().and_then(|until| find_first(lattice, until, rest, scratch));
            let range = TokenRange { start: rest.start, end: end.map_or(rest.end, |m| m.range.start) };
            vec![Candidate { head: None, range, how: "span".into(), trust: 0.7 }]
        }
        Finder::Inside(index) => {
            let ranges = filled.get(*index).cloned().unwrap_or_default();
            let range = |range: TokenRange| first_clause(analysis, range);
            let inside = |range| Candidate { head: None, range, how: "inside".into(), trust: 0.8 };
            ranges.into_iter().map(range).map(inside).collect()
        }
        Finder::Capture => Vec::new(),
    }
}
