//! What "the minister", "he" and "the group" refer back to.

use std::sync::Arc;

use super::Stopped;
use super::analysis::Analysis;
use super::lattice::{Mention, MentionId};
use super::matcher::match_all;
use super::mentions::fields;
use super::names;
use crate::event::domain::{Record, Value};
use crate::rules::ruleset::{Pick, ReferRule};
use crate::text::TokenRange;

/// Ties references to what they refer to, in the order of the text.
pub(super) fn resolve(analysis: &mut Analysis<'_>) -> Result<(), Stopped> {
    if let Some(actor) = analysis.rules.actor_type {
        names::resolve(analysis, actor)?;
    }
    let rules = analysis.rules;
    let mut found: Vec<(usize, u32, TokenRange, Record)> = Vec::new();
    for (index, sentence) in analysis.doc().sentences().iter().enumerate() {
        analysis.pace.step()?;
        if !sentence.part.tells() || sentence.duplicate {
            continue;
        }
        let Analysis { lattice, scratch, .. } = analysis;
        match_all(lattice, &rules.anaphors, sentence.tokens, scratch, &mut |program, m| {
            let Some(rule) = rules.references.get(program as usize) else { return };
            let names = rules.anaphors.get(program).map(|p| p.captures.as_slice()).unwrap_or_default();
            let record = fields(rules, lattice, names, &rule.uses, &m.captures, Record::new());
            found.push((index, program, m.range, record));
        });
    }
    found.sort_by_key(|(index, program, range, _)| (*index, range.start, std::cmp::Reverse(range.end), *program));
    let mut done: Option<TokenRange> = None;
    for (sentence, program, range, record) in found {
        let Some(rule) = rules.references.get(program as usize) else { continue };
        // They come in the order of the text, so that only the last can reach into this one.
        if done.is_some_and(|last| last.overlaps(range)) {
            continue;
        }
        let own =
            analysis.mentions(sentence, rule.to).find(|(_, m)| m.range.overlaps(range)).map(|(id, m)| (id, m.range));
        // A longer mention says more than the reference does ("the group Hamas").
        if own.is_some_and(|(_, r)| !range.covers(r)) {
            continue;
        }
        let Some(antecedent) = antecedent(analysis, rule, sentence, range, &record) else { continue };
        done = Some(range);
        match own {
            Some((id, _)) => {
                if let Some(mention) = analysis.lattice.mentions.get_mut(id.0 as usize) {
                    mention.antecedent = Some(antecedent);
                }
            }
            None => {
                analysis.add_mention(Mention {
                    ty: rule.to,
                    range,
                    extent: range,
                    record: Arc::new(record),
                    rule: rule.id.clone(),
                    antecedent: Some(antecedent),
                    time: None,
                    hides: None,
                    covered: false,
                });
            }
        }
    }
    Ok(())
}

fn antecedent(
    analysis: &Analysis<'_>,
    rule: &ReferRule,
    sentence: usize,
    range: TokenRange,
    record: &Record,
) -> Option<MentionId> {
    let first = sentence.saturating_sub(rule.lookback as usize);
    let fits = |id: &MentionId| {
        let full = analysis.record(*id);
        rule.only.iter().all(|(field, values)| full.get(field).is_some_and(|value| values.contains(value)))
            && rule.agree.iter().all(|field| agrees(&full, record, field))
    };
    let of = |index: usize| -> Vec<MentionId> {
        let tells = analysis.sentence(index).is_some_and(|s| s.part.tells() && !s.duplicate);
        let ids = analysis.mentions(index, rule.to);
        ids.filter(|(_, m)| tells && m.range.end <= range.start && !m.range.overlaps(range)).map(|(id, _)| id).collect()
    };
    match rule.pick {
        Pick::First => (first..=sentence).flat_map(of).find(fits),
        // From the nearest sentence back; in a sentence the subject comes first in English.
        Pick::Subject => (first..=sentence).rev().find_map(|index| of(index).into_iter().find(|id| fits(id))),
        Pick::Nearest => (first..=sentence).rev().find_map(|index| of(index).into_iter().rev().find(|id| fits(id))),
    }
}

/// Whether a field of the reference does not speak against the antecedent, and is there in both.
fn agrees(antecedent: &Record, reference: &Record, field: &str) -> bool {
    match (antecedent.get(field), reference.get(field)) {
        (Some(Value::Text(a)), Some(Value::Text(b))) => {
            a.eq_ignore_ascii_case(b) || a.to_lowercase().ends_with(&format!(" {}", b.to_lowercase()))
        }
        (Some(a), Some(b)) => a == b,
        (_, None) => true,
        (None, Some(_)) => false,
    }
}
