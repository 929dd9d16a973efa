//! What "the minister", "he", "the group" and a bare surname refer back to.

use std::sync::Arc;

use super::analysis::Analysis;
use super::lattice::{Lattice, Mention, MentionId};
use super::matcher::match_all;
use super::mentions::fields;
use crate::event::domain::{Record, Value};
use crate::rules::program::{TypeId, class};
use crate::rules::ruleset::{Pick, ReferRule};
use crate::text::TokenRange;

/// Ties references to what they refer to, in the order of the text.
pub(super) fn resolve(analysis: &mut Analysis<'_>) {
    if let Some(actor) = analysis.rules.actor_type {
        surnames(analysis, actor);
    }
    let rules = analysis.rules;
    let mut found: Vec<(usize, u32, TokenRange, Record)> = Vec::new();
    for (index, sentence) in analysis.doc().sentences().iter().enumerate() {
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
    let mut done: Vec<TokenRange> = Vec::new();
    for (sentence, program, range, record) in found {
        let Some(rule) = rules.references.get(program as usize) else { continue };
        if done.iter().any(|r| r.overlaps(range)) {
            continue;
        }
        let own =
            analysis.mentions(sentence, rule.to).find(|(_, m)| m.range.overlaps(range)).map(|(id, m)| (id, m.range));
        // A longer mention says more than the reference does ("the group Hamas").
        if own.is_some_and(|(_, r)| !range.covers(r)) {
            continue;
        }
        let Some(antecedent) = antecedent(analysis, rule, sentence, range, &record) else { continue };
        done.push(range);
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
                    covered: false,
                });
            }
        }
    }
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

/// A surname alone stands for the person whose full name the article gives.
fn surnames(analysis: &mut Analysis<'_>, actor: TypeId) {
    let lattice = &analysis.lattice;
    let doc = lattice.doc;
    let mut people: Vec<(Vec<String>, MentionId)> = Vec::new();
    for (index, mention) in lattice.mentions.iter().enumerate() {
        if mention.ty != actor || mention.covered || mention.record.text("kind") != Some("PERSON") {
            continue;
        }
        let words: Vec<String> = mention.extent.range().map(|at| doc.word(at).to_owned()).collect();
        if words.len() > 1 {
            people.push((words, MentionId(index as u32)));
        }
    }
    if people.is_empty() {
        return;
    }
    let mut ties: Vec<(MentionId, MentionId)> = Vec::new();
    let mut new: Vec<(TokenRange, MentionId)> = Vec::new();
    for (index, mention) in lattice.mentions.iter().enumerate() {
        // "Mr. Bush" behind "George Bush"
        if mention.ty == actor
            && !mention.covered
            && mention.record.text("kind") == Some("PERSON")
            && mention.extent.len() == 1
        {
            let word = doc.word(mention.extent.start as usize);
            ties.extend(person(&people, lattice, word, mention.range).map(|id| (MentionId(index as u32), id)));
        }
    }
    for sentence in doc.sentences().iter().filter(|s| s.part.tells()) {
        for token in sentence.tokens.range() {
            if lattice.class(token) & class::CAP == 0 {
                continue;
            }
            let range = TokenRange::new(token, token + 1);
            // A name next to it would make it a part of another name.
            let neighbour = |at: usize| {
                sentence.tokens.contains(at)
                    && lattice.class(at) & class::NAME != 0
                    && lattice.class(at) & class::CAP != 0
            };
            let taken = lattice.mentions.iter().any(|m| m.ty == actor && !m.covered && m.range.overlaps(range));
            if taken || neighbour(token + 1) || token.checked_sub(1).is_some_and(neighbour) {
                continue;
            }
            new.extend(person(&people, lattice, doc.word(token), range).map(|id| (range, id)));
        }
    }
    for (reference, to) in ties {
        if let Some(mention) = analysis.lattice.mentions.get_mut(reference.0 as usize) {
            mention.antecedent = Some(to);
        }
    }
    for (range, to) in new {
        analysis.add_mention(Mention {
            ty: actor,
            range,
            extent: range,
            record: Arc::new(Record::new()),
            rule: "surname".into(),
            antecedent: Some(to),
            time: None,
            covered: false,
        });
    }
}

/// The person whose full name ends with this word: the nearest before, else the first behind.
fn person(people: &[(Vec<String>, MentionId)], lattice: &Lattice<'_>, word: &str, at: TokenRange) -> Option<MentionId> {
    let named = |words: &[String]| words.last().is_some_and(|last| last == word);
    let start = |id: &MentionId| lattice.mention(*id).map_or(u32::MAX, |m| m.range.start);
    let fits: Vec<MentionId> =
        people.iter().filter(|(words, id)| named(words) && start(id) != at.start).map(|(_, id)| *id).collect();
    let before = fits.iter().filter(|id| start(id) < at.start).max_by_key(|id| start(id));
    before.or_else(|| fits.iter().min_by_key(|id| start(id))).copied()
}
