//! What "the minister", "he" and "the group" refer back to.

use std::sync::Arc;

use super::Stopped;
use super::analysis::Analysis;
use super::lattice::{Mention, MentionId};
use super::matcher::match_all;
use super::mentions::fields;
use super::names;
use crate::event::domain::{Record, Value};
use crate::relations::{Clauses, Label, Tag, WordClass};
use crate::rules::program::{TypeId, class};
use crate::rules::ruleset::{Number, Pick, ReferRule};
use crate::text::TokenRange;

/// Ties references to what they refer to, in the order of the text.
pub(super) fn resolve(analysis: &mut Analysis<'_>) -> Result<(), Stopped> {
    if let Some(actor) = analysis.rules.actor_type {
        names::resolve(analysis, actor)?;
        names::abbreviations(analysis, actor)?;
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
        let meant = antecedents(analysis, rule, sentence, range, &record);
        let (antecedent, parties) = match meant.as_slice() {
            [] => continue,
            [one] => (Some(*one), Vec::new()),
            _ => (None, meant),
        };
        done = Some(range);
        match own {
            Some((id, _)) => {
                if let Some(mention) = analysis.lattice.mentions.get_mut(id.0 as usize) {
                    mention.antecedent = antecedent;
                    mention.parties = parties;
                }
            }
            None => {
                analysis.add_mention(Mention {
                    ty: rule.to,
                    range,
                    extent: range,
                    record: Arc::new(record),
                    rule: rule.id.clone(),
                    antecedent,
                    parties,
                    time: None,
                    hides: None,
                    covered: false,
                });
            }
        }
    }
    Ok(())
}

/// What the words around a pronoun say once its sentence is parsed: in what somebody reports it stands for who does
/// something there before it stands for the speaker ("Officials say the minister was freed hours after his abduction"), and
/// in the reason of a judgement for whom that falls on ("imposed sanctions on Iran because of its refusal").
pub(super) fn revise(analysis: &mut Analysis<'_>, sentence: usize) {
    let Some(ty) = analysis.rules.actor_type else { return };
    let pronoun = |mention: &Mention| {
        mention.range.len() == 1
            && (mention.antecedent.is_some() || !mention.parties.is_empty())
            && matches!(analysis.lattice.tag(mention.range.start as usize), Some(Tag::PRP | Tag::PRPS))
    };
    let own = analysis.mentions(sentence, ty).filter(|(_, mention)| pronoun(mention));
    let found: Vec<_> = own.filter_map(|(id, _)| Some((id, nearer(analysis, sentence, ty, id)?))).collect();
    for (id, meant) in found {
        let Some(mention) = analysis.lattice.mentions.get_mut(id.0 as usize) else { continue };
        match meant.as_slice() {
            [] => {}
            [one] => (mention.antecedent, mention.parties) = (Some(*one), Vec::new()),
            _ => (mention.antecedent, mention.parties) = (None, meant),
        }
    }
}

/// Whom a pronoun stands for by the tree of its sentence, where that says it.
fn nearer(analysis: &Analysis<'_>, sentence: usize, ty: TypeId, pronoun: MentionId) -> Option<Vec<MentionId>> {
    let clauses = analysis.clauses(sentence)?;
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let own = analysis.lattice.mention(pronoun)?;
    let rule = analysis.rules.references.iter().find(|rule| rule.id == own.rule)?;
    let at = own.range.start as usize - start;
    let fits = |word: usize| {
        let id = analysis.mention_at(sentence, ty, start + word).filter(|id| *id != pronoun)?;
        let record = analysis.record(id);
        let only =
            rule.only.iter().all(|(field, values)| record.get(field).is_some_and(|value| values.contains(value)));
        (word < at && only).then_some(id)
    };
    let plural = |word: usize| matches!(clauses.tag(word), Some(Tag::NNS | Tag::NNPS));
    // With those that "and" ties to it.
    let group = |word: usize| -> Option<Vec<MentionId>> {
        let listed = clauses.children(word).filter(|c| clauses.label(*c) == Label::Conj && *c < at);
        let all: Vec<usize> = std::iter::once(word).chain(listed).collect();
        match rule.number {
            Some(Number::Plural) if all.len() == 1 && !plural(word) => None,
            Some(Number::Plural) => all.into_iter().map(fits).collect(),
            Some(Number::Singular) if plural(word) => None,
            _ => Some(vec![fits(word)?]),
        }
    };
    if let Some(found) = judged(&clauses, at).and_then(group) {
        return Some(found);
    }
    let mut clause = clauses.clause_head(at);
    let mut within = clauses.tag(at) == Some(Tag::PRPS);
    for _ in 0..4 {
        let subject = clauses.children(clause).find(|c| clauses.label(*c).is_subject());
        if let Some(subject) = subject.filter(|subject| within && !clauses.under(at, *subject)) {
            let subject = match clauses.tag(subject) {
                Some(Tag::WP | Tag::WDT) => clauses.head(clause)?,
                _ => subject,
            };
            if let Some(found) = group(subject) {
                return Some(found);
            }
        }
        let up = clauses.head(clause)?;
        let reported = matches!(clauses.label(clause), Label::Ccomp | Label::Parataxis);
        let verb = clauses.tag(up).is_some_and(Tag::is_verb);
        if reported || !verb && clauses.label(clause) != Label::AclRelcl {
            return None;
        }
        (clause, within) = (clauses.clause_head(up), true);
    }
    None
}

/// Whom the judgement falls on whose reason a possessive pronoun stands in: "fined the bank for its role".
fn judged(clauses: &Clauses<'_>, pronoun: usize) -> Option<usize> {
    let noun = clauses.head(pronoun).filter(|_| clauses.label(pronoun) == Label::NmodPoss)?;
    let reason = pronoun.checked_sub(1).is_some_and(|before| clauses.is(before, WordClass::REASON_PREPOSITION));
    let mut above = std::iter::successors(clauses.head(noun).filter(|_| reason), |at| clauses.head(*at)).take(4);
    let verb = above.find(|at| clauses.tag(*at).is_some_and(Tag::is_verb))?;
    let object = clauses.children(verb).find(|c| clauses.label(*c) == Label::Obj && *c < pronoun)?;
    if clauses.is(verb, WordClass::OBJECT_CONTROL) {
        return Some(object);
    }
    let introduced = |c: usize| clauses.children(c).any(|p| p < c && clauses.is(p, WordClass::RECIPIENT_PREPOSITION));
    let against = |c: &usize| {
        matches!(clauses.label(*c), Label::Nmod | Label::Obl) && *c < pronoun && *c != noun && introduced(*c)
    };
    let mut both = clauses.children(object).chain(clauses.children(verb));
    if clauses.is(verb, WordClass::LIGHT_VERB) { both.find(against) } else { None }
}

/// What a reference means: one mention, or several; nothing where none fits.
fn antecedents(
    analysis: &Analysis<'_>,
    rule: &ReferRule,
    sentence: usize,
    range: TokenRange,
    record: &Record,
) -> Vec<MentionId> {
    let first = sentence.saturating_sub(rule.lookback as usize);
    let plural = |id: MentionId| {
        let last = analysis.lattice.mention(id).and_then(|m| analysis.lattice.tag(m.extent.end as usize - 1));
        matches!(last, Some(Tag::NNS | Tag::NNPS))
    };
    let fits = |id: &MentionId| {
        let full = analysis.record(*id);
        rule.only.iter().all(|(field, values)| full.get(field).is_some_and(|value| values.contains(value)))
            && rule.agree.iter().all(|field| agrees(&full, record, field))
    };
    let of = |index: usize| -> Vec<MentionId> {
        let tells = analysis.sentence(index).is_some_and(|s| s.part.tells() && !s.duplicate);
        let ids = analysis.mentions(index, rule.to);
        let mut ids: Vec<MentionId> =
            ids.filter(|(_, m)| tells && m.range.end <= range.start).map(|(id, _)| id).collect();
        ids.sort_by_key(|id| analysis.lattice.mention(*id).map(|m| m.range));
        ids.retain(fits);
        ids
    };
    let alone = |ids: &[MentionId]| match rule.number {
        Some(Number::Singular) => ids.iter().copied().filter(|id| !plural(*id)).collect(),
        _ => ids.to_vec(),
    };
    match rule.pick {
        Pick::First => (first..=sentence).find_map(|index| alone(&of(index)).first().copied()).into_iter().collect(),
        Pick::Nearest => {
            let back = || (first..=sentence).rev().map(|index| alone(&of(index)));
            let nearest = |ids: Vec<MentionId>| ids.last().copied();
            let place = Some(rule.to) == analysis.rules.place_type;
            let stands = |ids: Vec<MentionId>| ids.into_iter().rfind(|id| !is_attribute(analysis, *id));
            let found = if place { back().find_map(stands) } else { None };
            found.or_else(|| back().find_map(nearest)).into_iter().collect()
        }
        // From the nearest sentence back; in a sentence the subject comes first in English.
        Pick::Subject if rule.number == Some(Number::Plural) => {
            let mut many = (first..=sentence).rev().map(|index| {
                let ids = of(index);
                let joined = ids.iter().map(|id| joined(analysis, &ids, *id));
                joined.into_iter().find(|group| group.len() > 1 || group.iter().any(|id| plural(*id)))
            });
            many.find_map(|group| group).unwrap_or_default()
        }
        Pick::Subject => {
            let subject = (first..=sentence).rev().find_map(|index| alone(&of(index)).first().copied());
            subject.into_iter().collect()
        }
        Pick::Pair => pair(analysis, (first..=sentence).rev().map(of)),
    }
}

/// Whether a mention only says of whom or what the noun behind it is: "U.S. soldiers".
fn is_attribute(analysis: &Analysis<'_>, id: MentionId) -> bool {
    let Some(mention) = analysis.lattice.mention(id) else { return false };
    let next = mention.range.end as usize;
    matches!(analysis.lattice.tag(next), Some(Tag::NN | Tag::NNS | Tag::NNP | Tag::NNPS))
}

/// A mention with those that a comma or a conjunction ties to it: "Chad, Niger and Mali".
fn joined(analysis: &Analysis<'_>, ids: &[MentionId], first: MentionId) -> Vec<MentionId> {
    let mut group = vec![first];
    let Some(mut last) = analysis.lattice.mention(first).map(|m| m.range) else { return group };
    let mut conjunction = false;
    for id in ids.iter().skip_while(|id| **id != first).skip(1) {
        let Some(range) = analysis.lattice.mention(*id).map(|m| m.range) else { continue };
        let between = TokenRange { start: last.end, end: range.start.max(last.end) };
        let is_conjunction = |at: usize| analysis.lattice.tag(at) == Some(Tag::CC);
        let light = between.range().all(|at| {
            is_conjunction(at)
                || analysis.lattice.class(at) & (class::COMMA | class::DETERMINER) != 0
                || analysis.lattice.tag(at) == Some(Tag::PRPS)
        });
        if between.is_empty() || between.len() > 3 || !light {
            break;
        }
        group.push(*id);
        last = range;
        conjunction |= between.range().any(is_conjunction);
    }
    if !conjunction {
        group.truncate(1);
    }
    group
}

/// The two parties last named: those that one sentence ties to each other, else the first two of one sentence, else one
/// of each. `sentences` go back from the reference.
fn pair(analysis: &Analysis<'_>, sentences: impl Iterator<Item = Vec<MentionId>>) -> Vec<MentionId> {
    let mut known: Vec<MentionId> = Vec::new();
    for mut ids in sentences {
        ids.retain(|id| {
            let last = analysis.lattice.mention(*id).and_then(|m| analysis.lattice.tag(m.extent.end as usize - 1));
            !matches!(last, Some(Tag::JJ))
        });
        let mut seen: Vec<String> = Vec::new();
        ids.retain(|id| {
            let identity = analysis.identity(*id);
            let new = !seen.contains(&identity);
            seen.push(identity);
            new
        });
        let tied = ids.iter().map(|id| joined(analysis, &ids, *id)).find(|group| group.len() == 2);
        match (tied, ids.as_slice()) {
            (Some(group), _) => return group,
            (None, [a, b, ..]) => return vec![*a, *b],
            (None, _) => {
                let new = |id: &MentionId| known.iter().all(|own| analysis.identity(*own) != analysis.identity(*id));
                let new: Vec<MentionId> = ids.iter().copied().filter(new).collect();
                known.extend(new);
            }
        }
    }
    match known.as_slice() {
        [a, b, ..] => vec![*b, *a],
        _ => Vec::new(),
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
