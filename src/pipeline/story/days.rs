//! Days that an event takes from what was told before it, and what is history behind the news.

use super::lead::told_day;
use super::places::{goes_on, is_one_scene, shares_party, turns};
use super::speech::is_speech;
use super::{happens, is_body};
use crate::event::domain::Status;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::calendar::Tense;
use crate::pipeline::events::{Draft, EventTime};
use crate::pipeline::{contexts, when};
use crate::relations::{Clauses, Label, WordClass};
use crate::text::Part;

/// What a sentence without a day tells in the simple past was on the day of the sentence before: "Wednesday, the streets
/// were empty. Troops took positions ..."
pub(super) fn dated_before(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    let Some(times) = analysis.rules.time_type else { return };
    for index in 0..drafts.len() {
        let Some(draft) = drafts.get(index) else { continue };
        let open = draft.time.is_none() && draft.assertion.status == Status::Asserted && draft.stands();
        let Some(before) = draft.sentence.checked_sub(1).filter(|_| open && happens(analysis, draft)) else { continue };
        let body = analysis.sentence(before).is_some_and(|sentence| sentence.part == Part::Body && !sentence.duplicate);
        if !body
            || analysis.mentions(before, times).next().is_none()
            || analysis.mentions(draft.sentence, times).next().is_some()
        {
            continue;
        }
        let other = |other: &Draft| {
            other.sentence == before && happens(analysis, other) && !is_one_scene(analysis, draft, other)
        };
        if turns(analysis, draft.sentence) || !goes_on(analysis, draft) || drafts.iter().any(other) {
            continue;
        }
        analysis.parse(before);
        let day = told_day(analysis, before);
        if let Some(draft) = drafts.get_mut(index) {
            draft.time = day;
        }
    }
}

/// What is told in the simple past without a day, right behind history, is history, too: "won the 1990 election, but the
/// army refused to hand over power", "leaked the plans in 1986. He was later jailed."
pub(super) fn background(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    for index in 0..drafts.len() {
        let Some(draft) = drafts.get(index) else { continue };
        // "for 18 years" is no day.
        let undated = draft.time.as_ref().is_none_or(|time| time.resolved.start.is_none());
        let open = undated && draft.assertion.status == Status::Asserted && draft.stands();
        let Some(sentence) = analysis.sentence(draft.sentence).filter(|_| open) else { continue };
        let head = draft.head - sentence.tokens.start as usize;
        let told = |other: &&Draft| other.sentence != draft.sentence && other.assertion.status == Status::Historical;
        let beside = drafts.iter().any(|other| {
            other.sentence == draft.sentence
                && other.assertion.status == Status::Historical
                && other.time.is_some()
                && analysis.clauses(draft.sentence).is_some_and(|clauses| {
                    clauses.is_past(head) && are_joined(&clauses, head, other.head - (draft.head - head))
                })
        });
        let behind = || {
            let before = draft.sentence.checked_sub(1).filter(|before| is_body(analysis, *before))?;
            let later = analysis
                .clauses(draft.sentence)?
                .children(head)
                .any(|c| analysis.clauses(draft.sentence).is_some_and(|clauses| clauses.is(c, WordClass::SEQUEL)));
            let dated = dates(analysis, draft.sentence).next().is_some();
            let told = drafts.iter().filter(told).any(|other| other.sentence == before);
            let speech = is_speech(analysis, draft);
            let goes_on = goes_on(analysis, draft) && !turns(analysis, draft.sentence) && !dated;
            (goes_on && (later || told && !speech && shares_party(analysis, draft, drafts, before))).then_some(before)
        };
        let history = beside || behind().is_some_and(|before| is_history(analysis, before));
        if let Some(draft) = drafts.get_mut(index).filter(|_| history) {
            draft.assertion.status = Status::Historical;
        }
    }
}

/// Whether a predicate is joined to another one by a conjunction.
fn are_joined(clauses: &Clauses<'_>, a: usize, b: usize) -> bool {
    let (own, other) = (clauses.clause_head(a), clauses.clause_head(b));
    let hangs = |low: usize, high: usize| {
        clauses.label(low) == Label::Conj && clauses.head(low).is_some_and(|head| clauses.clause_head(head) == high)
    };
    hangs(own, other) || hangs(other, own)
}

/// Whether all that a sentence dates was over a year before the article.
fn is_history(analysis: &Analysis<'_>, sentence: usize) -> bool {
    let mut dated = dates(analysis, sentence).peekable();
    dated.peek().is_some() && dated.all(|time| contexts::is_history(analysis, &time))
}

/// The days that a sentence names, as one that looks back.
fn dates(analysis: &Analysis<'_>, sentence: usize) -> impl Iterator<Item = EventTime> {
    let times = analysis.rules.time_type.map(|ty| analysis.mentions(sentence, ty)).into_iter().flatten();
    times
        .filter_map(move |(id, _)| when::placed(analysis, sentence, id, Tense::Past, None))
        .filter(|time| time.resolved.start.is_some())
}
