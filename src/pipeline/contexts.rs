//! How the article stands to an event: denied, planned, possible, long past; and who says so.
//!
//! Cues never delete an event; they set attributes of it.

use jiff::ToSpan;

use super::analysis::Analysis;
use super::calendar::Granularity;
use super::events::EventTime;
use super::slots::Trigger;
use super::trace::What;
use super::when;
use crate::event::domain::{Assertion, Certainty, Record, Status, Value};
use crate::relations::{Clauses, Governor, Label};
use crate::rules::ruleset::{EventRule, Scope, Sets};
use crate::text::TokenRange;

/// Status, certainty and source of a predicate.
pub(super) fn assertion(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    rule: &EventRule,
    time: Option<&EventTime>,
) -> Assertion {
    let over = time.is_some_and(|time| when::is_over(analysis, trigger, time));
    let mut sets = cues(analysis, trigger, over);
    if sets.status.is_none() {
        sets.status = rule.assume.status;
    }
    if sets.certainty.is_none() {
        sets.certainty = rule.assume.certainty;
    }
    if sets.status.is_none()
        && let (Some(day), Some(time)) = (analysis.day.date, time)
    {
        if is_history(analysis, time) {
            sets.status = Some(Status::Historical);
        } else if time.resolved.start.is_some_and(|start| start > day) {
            sets.status = Some(Status::Future);
        }
    }
    Assertion {
        status: sets.status.unwrap_or_default(),
        certainty: sets.certainty.unwrap_or_default(),
        attributed_to: source(analysis, trigger),
    }
}

/// Whether a time was over a year before the article's day; of a whole year its middle counts.
pub(super) fn is_history(analysis: &Analysis<'_>, time: &EventTime) -> bool {
    let year_before = analysis.day.date.and_then(|day| day.checked_sub(1.year()).ok());
    let middle = (time.resolved.granularity == Granularity::Year)
        .then_some(time.resolved.start)
        .flatten()
        .and_then(|start| start.checked_add(6.months()).ok());
    middle.or(time.resolved.end).zip(year_before).is_some_and(|(end, year_before)| end < year_before)
}

/// What the cues around a predicate say. What is `over` is not planned nor asked for by the word that it hangs on: "expects
/// results of last month's election".
pub(super) fn cues(analysis: &mut Analysis<'_>, trigger: &Trigger, over: bool) -> Sets {
    let rules = analysis.rules;
    let found = analysis.cues(trigger.sentence).to_vec();
    let mut best: Vec<(i32, Sets)> = Vec::new();
    for (program, range) in found {
        let Some(rule) = rules.contexts.get(program as usize) else { continue };
        let ahead = matches!(rule.sets.status, Some(Status::Future | Status::Hypothetical));
        if over && ahead && rule.scope == Scope::Governor {
            continue;
        }
        let in_scope =
            analysis.clauses(trigger.sentence).is_some_and(|clauses| in_scope(&clauses, trigger, range, rule.scope));
        let excused = rule.unless.iter().any(|condition| super::events::holds(analysis, trigger, &[], condition));
        if in_scope && !excused {
            let what = || What::Cue { by: rule.id.clone(), words: range };
            analysis.trace.note(None, trigger.sentence, trigger.range, what);
            best.push((rule.priority, rule.sets));
        }
    }
    // The higher priority first; among equals what takes most from the fact.
    let weight = |status: Option<Status>| match status {
        Some(Status::Negated) => 4,
        Some(Status::Hypothetical) => 3,
        Some(Status::Future) => 2,
        Some(Status::Historical) => 1,
        _ => 0,
    };
    best.sort_by_key(|(priority, sets)| std::cmp::Reverse((*priority, weight(sets.status))));
    Sets {
        status: best.iter().find_map(|(_, sets)| sets.status),
        certainty: best.iter().find_map(|(_, sets)| sets.certainty),
    }
}

fn in_scope(clauses: &Clauses<'_>, trigger: &Trigger, cue: TokenRange, scope: Scope) -> bool {
    // What the words of the trigger itself say is the rule's own affair ("will not withdraw" as a refusal).
    if scope != Scope::Trigger && cue.overlaps(trigger.range) {
        return false;
    }
    let head = trigger.head;
    let own = |at: usize| cue.contains(trigger.start + at);
    // A noun that a light verb carries stands in the frame of the verb.
    let carrier = clauses.head(head).filter(|up| {
        matches!(clauses.label(head), Label::Obj | Label::NsubjPass | Label::Obl | Label::Nsubj)
            && clauses.is(*up, crate::relations::WordClass::LIGHT_VERB)
    });
    let holders = || std::iter::once(head).chain(carrier);
    match scope {
        Scope::Trigger => cue.overlaps(trigger.range),
        Scope::Sentence => true,
        Scope::Clause => cue.range().any(|at| at >= trigger.start && clauses.in_clause(at - trigger.start, head)),
        Scope::Modifier => holders().any(|at| clauses.modifiers(at).any(|(child, _)| own(child))),
        Scope::Auxiliary => holders().any(|at| {
            clauses
                .modifiers(at)
                .any(|(child, label)| matches!(label, Label::Aux | Label::AuxPass | Label::Cop) && own(child))
        }),
        Scope::Noun => clauses.children(head).any(|child| {
            own(child) && matches!(clauses.label(child), Label::Det | Label::Amod | Label::Compound | Label::Nummod)
        }),
        Scope::Marker => {
            let mut governors = Vec::new();
            clauses.governors(head, &mut governors);
            std::iter::once(head).chain(governors.iter().map(|g| g.token)).any(|at| {
                clauses.children(at).any(|c| {
                    own(c)
                        && matches!(clauses.label(c), Label::Mark | Label::Advmod)
                        && clauses.under(head, at)
                        && matches!(clauses.label(at), Label::Advcl | Label::Ccomp | Label::Xcomp | Label::Acl)
                })
            })
        }
        Scope::Governor => {
            let mut governors = Vec::new();
            clauses.governors(head, &mut governors);
            let reaches = |link: Label| {
                matches!(
                    link,
                    Label::Xcomp
                        | Label::Ccomp
                        | Label::Obj
                        | Label::Obl
                        | Label::Nmod
                        | Label::Conj
                        | Label::Acl
                        | Label::NsubjPass
                        | Label::Csubj
                        | Label::Advcl
                        | Label::Appos
                )
            };
            let mut low = head;
            let chain: Vec<&Governor> = governors
                .iter()
                .take_while(|g| {
                    let fact = clauses.tells_a_fact(low);
                    low = g.token;
                    !fact && reaches(g.link)
                })
                .collect();
            // A conjunct is framed by what frames the first of them ("refused to stop and leave"), not by that one itself
            // ("denies a part in it and promises revenge").
            chain
                .iter()
                .enumerate()
                .any(|(step, g)| own(g.token) && g.link != Label::Conj && (g.link != Label::Advcl || step == 0))
        }
    }
}

/// The record of who says so, where the article names somebody.
fn source(analysis: &Analysis<'_>, trigger: &Trigger) -> Option<Record> {
    let clauses = analysis.clauses(trigger.sentence)?;
    let attribution = clauses.attribution(trigger.head)?;
    let head = trigger.start + attribution.speaker;
    if let Some(ty) = analysis.rules.actor_type
        && let Some(id) = analysis.mention_at(trigger.sentence, ty, head)
    {
        return Some(super::output::shown(analysis, id));
    }
    // Somebody whom no rule knows: the words alone.
    let phrase = clauses.phrase(attribution.speaker, false);
    let range = TokenRange::new(trigger.start + phrase.start, trigger.start + phrase.end);
    let mut record = Record::new();
    record.set("text", Value::Text(analysis.lattice.text(range).into()));
    record.set("span", Value::Span(analysis.evidence(range)));
    Some(record)
}

/// The certainty that cues give to a stretch of words around a predicate (for fields that later sentences add).
pub(super) fn certainty(analysis: &mut Analysis<'_>, trigger: &Trigger) -> Option<Certainty> {
    cues(analysis, trigger, false).certainty
}
