//! Makes typed mentions: runs the rules of a stage and turns what they caught into records.

use std::sync::Arc;

use super::calendar::TimeExpression;
use super::lattice::{Lattice, Mention, MentionId, Target};
use super::matcher::{Captured, Match, Scratch, match_all};
use super::pace::Pace;
use super::{Stopped, quantities, times};
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;
use crate::rules::program::TypeId;
use crate::rules::ruleset::{CaptureUse, FieldKind, FieldShape, Make, MentionRule, MentionStage};
use crate::text::{TextSpan, TokenRange};

/// A mention before the longest are chosen.
struct Candidate {
    mention: Mention,
    priority: i32,
}

/// Runs one stage over all sentences.
pub(super) fn run(
    rules: &Ruleset,
    stage: &MentionStage,
    lattice: &mut Lattice<'_>,
    scratch: &mut Scratch,
    pace: Pace<'_>,
) -> Result<(), Stopped> {
    if stage.rules.is_empty() {
        return Ok(());
    }
    let doc = lattice.doc;
    let mut candidates: Vec<Candidate> = Vec::new();
    for sentence in doc.sentences() {
        pace.step()?;
        match_all(lattice, &stage.set, sentence.tokens, scratch, &mut |index, found| {
            let Some((rule, uses)) = stage.programs.get(index as usize) else { return };
            let Some(rule) = stage.rules.get(*rule as usize) else { return };
            let program = stage.set.get(index);
            let names = program.map(|p| p.captures.as_slice()).unwrap_or_default();
            candidates.extend(candidate(rules, lattice, rule, names, uses, &found));
        });
        for (regex, rule, uses) in &stage.regexes {
            let Some(rule) = stage.rules.get(*rule as usize) else { continue };
            regex_matches(rules, lattice, sentence.tokens, regex, rule, uses, &mut candidates);
        }
        // No mention reaches over the end of a sentence; so the work grows with the text and not with its square.
        settle(lattice, sentence.tokens, &mut candidates);
    }
    Ok(())
}

fn regex_matches(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    sentence: TokenRange,
    regex: &regex::Regex,
    rule: &MentionRule,
    uses: &[(Arc<str>, CaptureUse)],
    out: &mut Vec<Candidate>,
) {
    let base = lattice.doc.span_of(sentence).start as usize;
    let text = lattice.text(sentence);
    let names: Vec<Arc<str>> = uses.iter().map(|(name, _)| name.clone()).collect();
    let plain: Vec<CaptureUse> = uses.iter().map(|(_, usage)| usage.clone()).collect();
    let tokens =
        |range: std::ops::Range<usize>| lattice.doc.tokens_in(TextSpan::new(base + range.start, base + range.end));
    for found in regex.captures_iter(text) {
        let Some(whole) = found.get(0).map(|whole| tokens(whole.range())).filter(|range| !range.is_empty()) else {
            continue;
        };
        let captures = names
            .iter()
            .enumerate()
            .filter_map(|(index, name)| {
                let group = found.name(name).filter(|group| !group.is_empty())?.range();
                let own = tokens(group.clone());
                // A part of a token: "2008" in "mid-2008".
                let span = own.is_empty().then(|| TextSpan::new(base + group.start, base + group.end));
                let range = if own.is_empty() { whole } else { own };
                Some(Captured { name: index as u16, range, target: None, span })
            })
            .collect();
        out.extend(candidate(rules, lattice, rule, &names, &plain, &Match { range: whole, captures }));
    }
}

fn candidate(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    rule: &MentionRule,
    names: &[Arc<str>],
    uses: &[CaptureUse],
    found: &Match,
) -> Option<Candidate> {
    let capture = |name: &str| {
        let own = found.captures.iter().find(|c| names.get(c.name as usize).is_some_and(|own| **own == *name))?;
        Some(naming(lattice, own))
    };
    let extent = rule.extent.as_deref().and_then(capture).unwrap_or(found.range);
    let mut time: Option<Box<TimeExpression>> = None;
    let record = match &rule.make {
        Make::Entity => fields(rules, lattice, names, uses, &found.captures, rule.set.clone()),
        Make::Quantity { message, dimension } => {
            quantities::record(rules, lattice, names, found, &rule.set, message, dimension.as_deref())?
        }
        Make::Time(own) => {
            time = Some(Box::new(times::expression(rules, lattice, names, found, own, &rule.set)?));
            Record::new()
        }
    };
    let mention = Mention {
        ty: rule.ty,
        range: found.range,
        extent,
        record: Arc::new(record),
        rule: rule.id.clone(),
        antecedent: None,
        parties: Vec::new(),
        time,
        hides: rule.hides.clone(),
        covered: false,
    };
    Some(Candidate { mention, priority: rule.priority })
}

/// The words of a capture; of one that is nothing but a mention those that name it.
fn naming(lattice: &Lattice<'_>, captured: &Captured) -> TokenRange {
    let mention = match captured.target {
        Some(Target::Mention(_, id)) => lattice.mention(id).filter(|mention| mention.range == captured.range),
        _ => None,
    };
    mention.map_or(captured.range, |mention| mention.extent)
}

/// Fills fields from captures, on top of `record`.
pub(super) fn fields(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    names: &[Arc<str>],
    uses: &[CaptureUse],
    captures: &[Captured],
    mut record: Record,
) -> Record {
    let of = |c: &Captured| Some((names.get(c.name as usize)?.clone(), uses.get(c.name as usize)?));
    for captured in captures {
        let Some((name, CaptureUse::Field(shape))) = of(captured) else { continue };
        let Some(value) = value(rules, lattice, &name, shape, captured) else { continue };
        if shape.repeated {
            let mut list = match record.get(&name) {
                Some(Value::List(list)) => list.clone(),
                _ => Vec::new(),
            };
            list.push(value);
            record.set(name, Value::List(list));
        } else {
            record.set_if_absent(name, value);
        }
    }
    // The fields of the mention that this one is built on, under those that it got itself.
    for captured in captures {
        if let Some((_, CaptureUse::Base)) = of(captured)
            && let Some(Target::Mention(_, id)) = captured.target
            && let Some(base) = lattice.mention(id)
        {
            for (name, value) in base.record.iter() {
                record.set_if_absent(name.clone(), value.clone());
            }
        }
    }
    record
}

/// What a capture gives to a field.
pub(super) fn value(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    name: &str,
    shape: &FieldShape,
    captured: &Captured,
) -> Option<Value> {
    let words = || Value::Text(lattice.caught(captured).into());
    let found = match captured.target {
        Some(Target::Entry(_, id)) => rules.lexicons.entry(id)?.value(name),
        Some(Target::Mention(_, id)) => {
            let mention = lattice.mention(id)?;
            match &shape.kind {
                FieldKind::Message(_) => nested(lattice, mention),
                FieldKind::Integer | FieldKind::Float => {
                    mention.record.get("min").or(mention.record.get("max"))?.clone()
                }
                _ => mention.record.get(name).cloned().unwrap_or_else(words),
            }
        }
        Some(Target::Numeral(index)) => {
            let numeral = lattice.numerals.get(index as usize)?;
            match &shape.kind {
                FieldKind::Message(_) => Value::Record(quantities::count(numeral, lattice.text(captured.range))),
                FieldKind::Text => words(),
                _ => Value::Float(numeral.min),
            }
        }
        None => words(),
    };
    coerce(found, shape)
}

/// The record of a mention as the value of a field, with its words.
pub(super) fn nested(lattice: &Lattice<'_>, mention: &Mention) -> Value {
    let mut record = (*mention.record).clone();
    record.set_if_absent("text", Value::Text(lattice.text(mention.extent).into()));
    Value::Record(record)
}

/// Makes a value fit its field; nothing if it cannot.
fn coerce(value: Value, shape: &FieldShape) -> Option<Value> {
    Some(match (&shape.kind, value) {
        (FieldKind::Text | FieldKind::Enum(_), Value::Text(text)) => Value::Text(text),
        (FieldKind::Text, Value::Integer(n)) => Value::Text(n.to_string().into()),
        (FieldKind::Text, Value::Float(n)) => Value::Text(n.to_string().into()),
        (FieldKind::Integer, Value::Integer(n)) => Value::Integer(n),
        (FieldKind::Integer, Value::Float(n)) if n.is_finite() => Value::Integer(n.round() as i64),
        (FieldKind::Float, Value::Integer(n)) => Value::Float(n as f64),
        (FieldKind::Float, Value::Float(n)) => Value::Float(n),
        (FieldKind::Integer, Value::Text(text)) => Value::Integer(super::numerals::digits(&text)? as i64),
        (FieldKind::Float, Value::Text(text)) => Value::Float(super::numerals::digits(&text)?),
        (FieldKind::Bool, Value::Bool(truth)) => Value::Bool(truth),
        (FieldKind::Message(_), Value::Record(record)) => Value::Record(record),
        _ => return None,
    })
}

/// Of the mentions of one type that overlap, the longest stands; of equals the one with the higher priority, then the
/// one with more fields, then the one whose rule comes first.
///
/// All candidates are of one sentence; they are taken out of the list.
fn settle(lattice: &mut Lattice<'_>, sentence: TokenRange, candidates: &mut Vec<Candidate>) {
    if candidates.is_empty() {
        return;
    }
    candidates.sort_by(|a, b| {
        let fields = |c: &Candidate| c.mention.record.iter().count();
        (b.mention.range.len(), b.priority, fields(b))
            .cmp(&(a.mention.range.len(), a.priority, fields(a)))
            .then_with(|| a.mention.range.start.cmp(&b.mention.range.start))
            .then_with(|| a.mention.rule.cmp(&b.mention.rule))
    });
    let mut taken: Vec<(TypeId, TokenRange)> = Vec::new();
    let mut covered = false;
    let mut chosen: Vec<Mention> = Vec::new();
    let mut in_the_way: Vec<(MentionId, TokenRange)> = Vec::new();
    for candidate in candidates.drain(..) {
        let (ty, range) = (candidate.mention.ty, candidate.mention.range);
        if taken.iter().any(|(t, r)| *t == ty && r.overlaps(range)) {
            continue;
        }
        in_the_way.clear();
        let before_its_end = TokenRange::new(sentence.start as usize, range.end as usize);
        let overlapping =
            lattice.mentions_from(before_its_end).filter(|(_, m)| m.ty == ty && !m.covered && m.range.overlaps(range));
        in_the_way.extend(overlapping.map(|(id, m)| (id, m.range)));
        // A mention of an earlier stage gives way to one that holds all of its words, unless the rule stands back from all.
        if in_the_way.iter().any(|(_, earlier)| candidate.priority < 0 || !range.covers(*earlier)) {
            continue;
        }
        for (id, _) in &in_the_way {
            if let Some(mention) = lattice.mentions.get_mut(id.0 as usize) {
                mention.covered = true;
                covered = true;
            }
        }
        taken.push((ty, range));
        chosen.push(candidate.mention);
    }
    if covered {
        lattice.drop_covered(sentence);
    }
    chosen.sort_by_key(|mention| (mention.range, mention.ty));
    for mention in chosen {
        lattice.add_mention(mention);
    }
}

/// Of the mentions that lexicons made, the longest stands.
pub(super) fn settle_lexicons(lattice: &mut Lattice<'_>) {
    let doc = lattice.doc;
    let (mut order, mut kept) = (Vec::new(), Vec::<(TypeId, TokenRange)>::new());
    for sentence in doc.sentences() {
        order.clear();
        order.extend(lattice.mentions_from(sentence.tokens).map(|(id, m)| (id, m.ty, m.range)));
        order.sort_by_key(|(id, _, range)| (std::cmp::Reverse(range.len()), range.start, id.0));
        kept.clear();
        let mut any = false;
        for (id, ty, range) in &order {
            if !kept.iter().any(|(other, r)| other == ty && r.overlaps(*range)) {
                kept.push((*ty, *range));
            } else if let Some(mention) = lattice.mentions.get_mut(id.0 as usize) {
                mention.covered = true;
                any = true;
            }
        }
        if any {
            lattice.drop_covered(sentence.tokens);
        }
    }
}

/// Covers what stands inside the words of mentions that hide its type: the places in the names of people.
pub(super) fn hide(lattice: &mut Lattice<'_>) {
    let mut hiding: Vec<MentionId> = lattice
        .all_mentions()
        .filter(|(_, mention)| mention.hides.is_some() && !mention.covered)
        .map(|(id, _)| id)
        .collect();
    // The longest first: what is hidden itself hides nothing.
    hiding.sort_by_key(|id| lattice.mention(*id).map(|m| (std::cmp::Reverse(m.extent.len()), m.extent.start, m.ty)));
    for id in hiding {
        let Some(own) = lattice.mention(id).filter(|mention| !mention.covered) else { continue };
        let (extent, hides) = (own.extent, own.hides.clone());
        let sentence = TokenRange::new(lattice.sentence_start(extent.start as usize), extent.end as usize);
        let inside: Vec<MentionId> = lattice
            .mentions_from(sentence)
            .filter(|(other, m)| {
                *other != id
                    && extent.covers(m.extent)
                    && hides.iter().flat_map(|types| types.iter()).any(|ty| *ty == m.ty)
            })
            .map(|(other, _)| other)
            .collect();
        for other in &inside {
            if let Some(mention) = lattice.mentions.get_mut(other.0 as usize) {
                mention.covered = true;
            }
        }
        if !inside.is_empty() {
            lattice.drop_covered(sentence);
        }
    }
}

/// The mentions of each sentence, in order.
pub(super) fn by_sentence(lattice: &Lattice<'_>) -> Vec<Vec<MentionId>> {
    let mut out = vec![Vec::new(); lattice.doc.sentences().len()];
    for (id, mention) in lattice.all_mentions().filter(|(_, mention)| !mention.covered) {
        let sentence = lattice.doc.sentence_of(mention.range.start as usize).unwrap_or_default();
        if let Some(list) = out.get_mut(sentence) {
            list.push(id);
        }
    }
    for list in &mut out {
        list.sort_by_key(|id| lattice.mention(*id).map(|m| (m.range, m.ty)));
    }
    out
}
