//! Later sentences that add to an event: "The missiles flew around 500 kilometers", "The resolution was adopted".

use std::sync::Arc;

use super::Stopped;
use super::analysis::Analysis;
use super::contexts;
use super::events::{Draft, EventTime, conditions, put};
use super::lattice::Target;
use super::matcher::{Captured, find_first, match_at};
use super::mentions::value;
use super::slots::{Trigger, find};
use crate::event::domain::{Certainty, Record, SlotEvidence, Status, Value};
use crate::rules::ruleset::{CaptureUse, EnrichRule, FieldKind, LinkRule};
use crate::text::TokenRange;

/// Adds what later sentences say.
pub(super) fn run(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) -> Result<(), Stopped> {
    if drafts.is_empty() {
        return Ok(());
    }
    let rules = analysis.rules;
    for sentence in 0..analysis.doc().sentences().len() {
        analysis.pace.step()?;
        let tells = analysis.sentence(sentence).is_some_and(|s| s.part.tells() && !s.duplicate);
        if !tells {
            continue;
        }
        for rule in &rules.enrichments {
            enrich(analysis, drafts, sentence, rule);
        }
        for rule in &rules.links {
            link(analysis, drafts, sentence, rule);
        }
    }
    Ok(())
}

/// The draft that a rule means: the nearest before, in the same sentence or at most `lookback` sentences back.
fn target(
    drafts: &[Draft],
    sentence: usize,
    before: TokenRange,
    lookback: u32,
    of: &dyn Fn(usize) -> bool,
) -> Option<usize> {
    drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| draft.stands() && of(draft.rule))
        .filter(|(_, draft)| {
            draft.trigger.end <= before.end && sentence - draft.sentence.min(sentence) <= lookback as usize
        })
        .filter(|(_, draft)| draft.sentence <= sentence)
        .max_by_key(|(_, draft)| draft.trigger.start)
        .map(|(index, _)| index)
}

fn enrich(analysis: &mut Analysis<'_>, drafts: &mut [Draft], sentence: usize, rule: &EnrichRule) {
    let Some(tokens) = analysis.sentence(sentence).map(|s| s.tokens) else { return };
    let of = |index: usize| rule.of.binary_search_by_key(&index, |(event, _)| *event as usize).is_ok();
    if !drafts.iter().any(|draft| draft.sentence <= sentence && of(draft.rule)) {
        return;
    }
    let Analysis { lattice, scratch, .. } = analysis;
    let Some(anaphor) = find_first(lattice, &rule.anaphor, tokens, scratch) else { return };
    let Some(index) = target(drafts, sentence, anaphor.range, rule.lookback, &of) else { return };
    let Some(slot) = drafts
        .get(index)
        .and_then(|draft| rule.of.iter().find(|(event, _)| *event as usize == draft.rule))
        .map(|(_, slot)| slot.clone())
    else {
        return;
    };
    analysis.parse(sentence);
    let mut any = false;
    for (program, uses) in &rule.patterns {
        for token in tokens.range() {
            let Analysis { lattice, scratch, .. } = analysis;
            let Some(found) = match_at(lattice, program, token, tokens.end as usize, scratch) else { continue };
            let Some(trigger) = trigger_of(analysis, sentence, found.range) else { continue };
            if !conditions(analysis, &trigger, &rule.when, true) || !conditions(analysis, &trigger, &rule.unless, false)
            {
                continue;
            }
            let certainty = contexts::certainty(analysis, &trigger).unwrap_or_default();
            for captured in &found.captures {
                let (Some(name), Some(usage)) =
                    (program.captures.get(captured.name as usize), uses.get(captured.name as usize))
                else {
                    continue;
                };
                let Some(draft) = drafts.get_mut(index) else { return };
                any |= match usage {
                    CaptureUse::Field(shape) => {
                        let Some(value) = field_value(analysis, name, shape, captured) else { continue };
                        add(analysis, draft, slot.as_deref(), name, value, captured.range, &rule.id, certainty)
                    }
                    _ => envelope(analysis, draft, name, captured, &rule.id),
                };
            }
            break;
        }
    }
    if any || (rule.patterns.is_empty() && !rule.set.is_empty()) {
        let Some(draft) = drafts.get_mut(index) else { return };
        for (name, value) in rule.set.iter() {
            add(analysis, draft, slot.as_deref(), name, value.clone(), anaphor.range, &rule.id, Certainty::Stated);
        }
        if sentence != draft.sentence {
            draft.also.push(anaphor.range);
        }
    }
}

/// A matched stretch of words as a predicate of its sentence.
fn trigger_of(analysis: &Analysis<'_>, sentence: usize, range: TokenRange) -> Option<Trigger> {
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let clauses = analysis.clauses(sentence)?;
    let head = clauses.head_of(range.start as usize - start..range.end as usize - start);
    Some(Trigger { sentence, start, head, range })
}

fn field_value(
    analysis: &Analysis<'_>,
    name: &str,
    shape: &crate::rules::ruleset::FieldShape,
    captured: &Captured,
) -> Option<Value> {
    if let (FieldKind::Message(_), Some(Target::Mention(ty, id))) = (&shape.kind, captured.target)
        && (Some(ty) == analysis.rules.actor_type || Some(ty) == analysis.rules.place_type)
    {
        return Some(Value::Record(super::output::shown(analysis, id)));
    }
    value(analysis.rules, &analysis.lattice, name, shape, captured)
}

/// Sets a field of the event's message, or of the message in one of its slots; says whether it was open.
#[allow(clippy::too_many_arguments)]
fn add(
    analysis: &Analysis<'_>,
    draft: &mut Draft,
    slot: Option<&str>,
    name: &Arc<str>,
    value: Value,
    range: TokenRange,
    rule: &Arc<str>,
    certainty: Certainty,
) -> bool {
    let path: Arc<str> = match slot {
        Some(slot) => format!("{slot}.{name}").into(),
        None => name.clone(),
    };
    let set = match slot {
        None => draft.detail.set_if_absent(name.clone(), value),
        Some(slot) => {
            let mut inner = match draft.detail.get(slot) {
                Some(Value::Record(record)) => record.clone(),
                _ => Record::new(),
            };
            let set = inner.set_if_absent(name.clone(), value);
            if set {
                // A field `x_certainty` beside `x` says how sure the article is of it.
                let beside = format!("{name}_certainty");
                if certainty != Certainty::Stated {
                    inner.set(beside, Value::Text(certainty.name().into()));
                }
                draft.detail.set(slot, Value::Record(inner));
            }
            set
        }
    };
    if set {
        let evidence = analysis.evidence(range);
        draft.slots.push(SlotEvidence { field: path, evidence, how: rule.clone(), certainty, confidence: 0.8 });
    }
    set
}

/// `time` and `place` captures complete the envelope: a time of day is put on the event's day.
fn envelope(analysis: &Analysis<'_>, draft: &mut Draft, name: &str, captured: &Captured, rule: &Arc<str>) -> bool {
    let Some(Target::Mention(_, id)) = captured.target else { return false };
    let Some(mention) = analysis.lattice.mention(id) else { return false };
    let set = match name {
        "place" if draft.place.is_none() || draft.filed => {
            draft.place = Some(id);
            draft.filed = false;
            true
        }
        "time" => {
            let Some(expression) = mention.time.as_deref() else { return false };
            let day = draft.time.as_ref().and_then(|time| time.resolved.start);
            match (day, expression.is_clock()) {
                (Some(day), true) => {
                    let reference = analysis.reference(super::calendar::Tense::Open, Some(day));
                    let resolved = super::calendar::at_clock(day, expression, &reference);
                    draft.time = Some(EventTime { resolved, range: captured.range });
                    true
                }
                (None, false) => {
                    let resolved =
                        super::calendar::resolve(expression, &analysis.reference(super::calendar::Tense::Open, None));
                    // "hopes to arrange a meeting" is not of the day on which he said so.
                    if draft.assertion.status == Status::Future && resolved.start <= analysis.day.date {
                        return false;
                    }
                    draft.time = Some(EventTime { resolved, range: captured.range });
                    true
                }
                _ => false,
            }
        }
        _ => false,
    };
    if set {
        let evidence = analysis.evidence(captured.range);
        let (how, certainty) = (rule.clone(), Certainty::Stated);
        draft.slots.push(SlotEvidence { field: name.into(), evidence, how, certainty, confidence: 0.8 });
    }
    set
}

fn link(analysis: &mut Analysis<'_>, drafts: &mut [Draft], sentence: usize, rule: &LinkRule) {
    let Some(tokens) = analysis.sentence(sentence).map(|s| s.tokens) else { return };
    let Analysis { lattice, scratch, .. } = analysis;
    let Some(anaphor) = find_first(lattice, &rule.anaphor, tokens, scratch) else { return };
    let of = |index: usize| rule.to.iter().any(|event| *event as usize == index);
    let Some(index) = target(drafts, sentence, anaphor.range, rule.lookback, &of) else { return };
    analysis.parse(sentence);
    let mut inner = rule.set.clone();
    let mut evidence: Vec<SlotEvidence> = Vec::new();
    let prefix = rule.into.as_ref().map(|into| format!("{into}.")).unwrap_or_default();
    let mut tied = false;
    for token in tokens.range() {
        let Analysis { lattice, scratch, .. } = analysis;
        let Some(found) = match_at(lattice, &rule.trigger, token, tokens.end as usize, scratch) else { continue };
        let Some(trigger) = trigger_of(analysis, sentence, found.range) else { continue };
        tied = true;
        let mut arguments = Vec::new();
        if let Some(clauses) = analysis.clauses(sentence) {
            clauses.arguments(trigger.head, false, &mut arguments);
        }
        let Some(mut draft) = drafts.get(index).cloned() else { return };
        draft.detail = inner;
        draft.slots.clear();
        for slot in &rule.slots {
            for found in find(analysis, &trigger, &arguments, slot, &[]) {
                put(analysis, &mut draft, &slot.field, &slot.shape, &found, &prefix);
            }
        }
        inner = draft.detail;
        evidence.extend(draft.slots);
    }
    if !tied || inner.is_empty() {
        return;
    }
    let Some(draft) = drafts.get_mut(index) else { return };
    match &rule.into {
        Some(into) => {
            draft.detail.set_if_absent(into.clone(), Value::Record(inner));
        }
        None => {
            for (name, value) in inner.iter() {
                draft.detail.set_if_absent(name.clone(), value.clone());
            }
        }
    }
    draft.slots.extend(evidence);
    draft.also.push(anaphor.range);
}
