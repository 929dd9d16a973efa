//! Where an event happened, and when its speaker spoke.

use super::analysis::Analysis;
use super::events::{Draft, EventTime};
use super::lattice::{Mention, MentionId};
use super::slots::Trigger;
use crate::event::domain::{Record, Status};
use crate::relations::{Argument, Binding, Clauses, Label, Role, Tag, WordClass};
use crate::rules::ruleset::{EventRule, PlacePolicy};
use crate::text::TokenRange;

/// How exact a place is, by its kind.
pub(super) fn exactness(record: &Record) -> u8 {
    match record.text("kind") {
        Some("FACILITY") => 6,
        Some("CITY" | "CAPITAL") => 5,
        Some("ADMIN1") => 4,
        Some("REGION" | "WATER") => 3,
        Some("SEA") => 2,
        Some("COUNTRY") => 1,
        _ => 3,
    }
}

/// How a place is tied to a predicate, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// Of the clause that the predicate's clause hangs on.
    Above,
    /// On one of its arguments, or on a verb of its clause.
    Near,
    /// On the predicate.
    Own,
}

/// Where it happened: the most exact of the places that the predicate has; else one of the clause that it
/// hangs on. An act of speech
/// (`speech`) is where it was done, not where what it speaks of is.
pub(super) fn place(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    draft: &Draft,
    speech: bool,
) -> Option<MentionId> {
    let ty = analysis.rules.place_type?;
    let clauses = analysis.clauses(trigger.sentence)?;
    let mut found: Vec<(bool, u8, Tie, MentionId)> = Vec::new();
    for (id, mention) in analysis.mentions(trigger.sentence, ty) {
        if is_taken(analysis, draft, mention) {
            continue;
        }
        let tie = tie(&clauses, trigger, arguments, mention).filter(|tie| !speech || *tie == Tie::Own);
        if let Some(tie) = tie {
            found.push((tie >= Tie::Near, exactness(&mention.record), tie, id));
        }
    }
    // Of equals the first.
    found.sort_by_key(|(near, exact, tie, id)| (std::cmp::Reverse((*near, *exact, *tie)), *id));
    found.first().map(|(.., id)| *id)
}

/// Whether the words of a place are a party of the event, or fill a field of its message.
fn is_taken(analysis: &Analysis<'_>, draft: &Draft, place: &Mention) -> bool {
    let span = analysis.doc().span_of(place.extent);
    let party = |id: &MentionId| analysis.lattice.mention(*id).is_some_and(|actor| actor.range.overlaps(place.range));
    draft.slots.iter().any(|slot| slot.evidence.span == span) || draft.actors.iter().chain(&draft.recipients).any(party)
}

fn tie(clauses: &Clauses<'_>, trigger: &Trigger, arguments: &[Argument], mention: &Mention) -> Option<Tie> {
    let range = mention.range.start as usize - trigger.start..mention.range.end as usize - trigger.start;
    let head = clauses.head_of(range.clone());
    let introduces = |at: usize| clauses.is(at, WordClass::PLACE_PREPOSITION);
    // "in Kabul"; "south of Baghdad" says it itself.
    let introduced = clauses.children(head).any(|c| clauses.label(c) == Label::Case && introduces(c))
        || range.clone().any(introduces);
    let own = arguments.iter().find(|argument| range.contains(&argument.head));
    if let Some(argument) = own {
        // "discussed the situation on the peninsula": what it is about.
        let of_object = clauses.head(argument.head) != Some(trigger.head);
        if of_object && matches!(argument.role, Role::Topic | Role::Recipient) {
            return None;
        }
        let placed = argument.preposition.is_some_and(introduces);
        // "raided the town of Jenin": what it was done to is where it was done.
        let raided = matches!(argument.role, Role::Patient) && argument.preposition.is_none();
        if placed || introduced {
            return Some(if argument.binding == Binding::Clause { Tie::Near } else { Tie::Own });
        }
        if raided {
            return Some(Tie::Near);
        }
    }
    // "the Madrid bombings"
    if clauses.head(head) == Some(trigger.head) && clauses.label(head) == Label::Compound {
        return Some(Tie::Near);
    }
    if !introduced {
        return None;
    }
    let up = clauses.head(head)?;
    let verb = clauses.tag(up).is_some_and(Tag::is_verb);
    if up == trigger.head || arguments.iter().any(|argument| argument.head == up) {
        return Some(Tie::Near);
    }
    if clauses.in_clause(head, trigger.head) {
        return (verb || clauses.under(head, trigger.head)).then_some(Tie::Near);
    }
    let clause = clauses.clause_head(trigger.head);
    let above = matches!(clauses.label(clause), Label::Advcl | Label::AclRelcl | Label::Conj)
        && clauses.head(clause).is_some_and(|above| clauses.in_clause(above, head));
    above.then_some(Tie::Above)
}

/// Sentences after an act of speech in which its speaker may be told to have spoken.
const SPOKEN: usize = 3;

/// Dates acts of speech that tell no time: "The minister has urged ...", and then "He said on Friday ...".
pub(super) fn when_said(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| draft.stands() && draft.time.is_none()) {
        let speech = analysis.rules.events.get(draft.rule).is_some_and(|rule| rule.absorbs);
        if !speech || draft.actors.is_empty() || draft.assertion.status != Status::Asserted {
            continue;
        }
        let speakers: Vec<String> = draft.actors.iter().map(|id| analysis.identity(*id)).collect();
        let next = draft.sentence + 1..=draft.sentence + SPOKEN;
        draft.time = next.into_iter().find_map(|sentence| spoke(analysis, sentence, &speakers));
    }
}

/// When a sentence says that one of these parties spoke.
fn spoke(analysis: &mut Analysis<'_>, sentence: usize, speakers: &[String]) -> Option<EventTime> {
    let (times, actors) = (analysis.rules.time_type?, analysis.rules.actor_type?);
    analysis.mentions(sentence, times).next()?;
    analysis.parse(sentence);
    let tokens = analysis.sentence(sentence)?.tokens;
    let start = tokens.start as usize;
    let day = analysis.day.date?;
    let clauses = analysis.clauses(sentence)?;
    for head in 0..clauses.len() {
        if !clauses.is(head, WordClass::REPORT_VERB) || !clauses.tag(head).is_some_and(Tag::is_verb) {
            continue;
        }
        let mut arguments = Vec::new();
        clauses.arguments(head, false, &mut arguments);
        let known = arguments.iter().filter(|argument| argument.role == Role::Agent).any(|argument| {
            analysis
                .mention_at(sentence, actors, start + argument.head)
                .is_some_and(|id| speakers.contains(&analysis.identity(id)))
        });
        if !known {
            continue;
        }
        let trigger = Trigger { sentence, start, head, range: TokenRange::new(start + head, start + head + 1) };
        let said = super::when::time(analysis, &trigger, &arguments, None);
        let fits = |time: &EventTime| time.resolved.start == time.resolved.end && time.resolved.start <= Some(day);
        if let Some(said) = said.filter(fits) {
            return Some(said);
        }
    }
    None
}

/// Acts of speech without a place of their own were done where the article was filed, on its day.
pub(super) fn filed_place(analysis: &Analysis<'_>, rule: &EventRule, draft: &mut Draft) {
    if rule.place != PlacePolicy::Dateline || draft.place.is_some() {
        return;
    }
    let (Some(day), Some(ty)) = (analysis.day.date, analysis.rules.place_type) else { return };
    let today =
        draft.time.as_ref().is_some_and(|time| time.resolved.start == Some(day) && time.resolved.end == Some(day));
    if !today {
        return;
    }
    let Some(span) = analysis.doc().dateline().and_then(|dateline| dateline.place) else { return };
    let range = analysis.doc().tokens_in(span);
    let sentence = analysis.doc().sentence_of(range.start as usize).unwrap_or_default();
    if let Some((id, _)) = analysis.mentions(sentence, ty).find(|(_, m)| m.range.overlaps(range)) {
        draft.place = Some(id);
        draft.filed = true;
    }
}
