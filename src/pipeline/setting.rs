//! Where an event happened, as far as its own sentence says it.

use std::ops::Range;

use super::analysis::Analysis;
use super::events::Draft;
use super::lattice::{Mention, MentionId};
use super::slots::Trigger;
use crate::event::domain::Record;
use crate::relations::{Argument, Binding, Clauses, Label, Role, Tag, WordClass};
use crate::rules::ruleset::{EventRule, PlacePolicy};

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
    /// Of a clause that hangs on the predicate's.
    Below,
    /// Of a clause that the predicate's clause hangs on.
    Above,
    /// Where it goes to.
    Goal,
    /// On one of its arguments, or on a verb of its clause.
    Near,
    /// On the predicate.
    Own,
}

/// Where it happened: the most exact of the places that the predicate has; else one of a clause that its own hangs on;
/// else, of what happens at a place, one of the clauses that hang on its own. An act of speech (`speech`) is where it was
/// done, not where what it speaks of is.
pub(super) fn place(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    draft: &Draft,
    speech: bool,
) -> Option<MentionId> {
    let ty = analysis.rules.place_type?;
    let clauses = analysis.clauses(trigger.sentence)?;
    let policy = analysis.rules.events.get(draft.rule).map(|rule| rule.place);
    let physical = !speech && matches!(policy, Some(PlacePolicy::Story | PlacePolicy::Country | PlacePolicy::Target));
    let mut found: Vec<(bool, u8, Tie, MentionId)> = Vec::new();
    for (id, mention) in analysis.mentions(trigger.sentence, ty) {
        if is_taken(analysis, draft, mention, physical) {
            continue;
        }
        let range = mention.range.start as usize - trigger.start..mention.range.end as usize - trigger.start;
        let host = host(&clauses, range.clone());
        let party = |at: usize| {
            let actor = analysis.rules.actor_type.and_then(|ty| analysis.mention_at(trigger.sentence, ty, at));
            actor.is_some()
        };
        // "Baghdad's Green Zone", "the West Bank town of Jenin": the one that is named last is meant.
        let names_other = |at: usize| analysis.mention_at(trigger.sentence, ty, at).is_some_and(|other| other != id);
        if host.is_some_and(|at| names_other(trigger.start + at)) {
            continue;
        }
        let place = Place {
            host: host.filter(|at| !party(trigger.start + *at)),
            range,
            physical,
            speech: speech && policy == Some(PlacePolicy::Dateline),
        };
        let tie = tie(&clauses, trigger, arguments, &place).filter(|tie| !speech || *tie == Tie::Own);
        if let Some(tie) = tie {
            found.push((tie >= Tie::Goal, exactness(&mention.record), tie, id));
        }
    }
    // Of equals the first.
    found.sort_by_key(|(near, exact, tie, id)| (std::cmp::Reverse((*near, *exact, *tie)), *id));
    found.first().map(|(.., id)| *id)
}

/// Whether the words of a place are a party of the event, or fill a field of its message. What is attacked (`physical`) can
/// be both.
fn is_taken(analysis: &Analysis<'_>, draft: &Draft, place: &Mention, physical: bool) -> bool {
    let is = |id: &MentionId| analysis.lattice.mention(*id).is_some_and(|actor| actor.range.overlaps(place.range));
    if draft.actors.iter().any(is) {
        return true;
    }
    if draft.recipients.iter().any(is) {
        return !physical;
    }
    let span = analysis.doc().span_of(place.extent);
    draft.slots.iter().any(|slot| slot.evidence.span == span)
}

/// The words of a place in its sentence.
struct Place {
    range: Range<usize>,
    /// The noun that it says the place of: "a Madrid airport", "London's transport system".
    host: Option<usize>,
    /// Looked for by what happens at a place.
    physical: bool,
    /// Looked for by an act of speech.
    speech: bool,
}

/// The noun that a place stands before.
fn host(clauses: &Clauses<'_>, range: Range<usize>) -> Option<usize> {
    let head = clauses.head_of(range);
    let before = matches!(clauses.label(head), Label::Compound | Label::NmodPoss | Label::Amod | Label::Flat);
    clauses.head(head).filter(|up| before && *up > head && clauses.tag(*up).is_some_and(Tag::is_noun))
}

/// Whether a place preposition introduces a place, or the noun that it stands before: "in Kabul", "in his Moscow
/// apartment"; "south of Baghdad" says it itself.
pub(super) fn is_introduced(clauses: &Clauses<'_>, range: Range<usize>) -> bool {
    let introduces = |at: usize| clauses.is(at, WordClass::PLACE_PREPOSITION);
    let by = |head: usize| clauses.children(head).any(|c| clauses.label(c) == Label::Case && introduces(c));
    range.clone().any(introduces) || by(clauses.head_of(range.clone())) || host(clauses, range).is_some_and(by)
}

fn tie(clauses: &Clauses<'_>, trigger: &Trigger, arguments: &[Argument], place: &Place) -> Option<Tie> {
    let Place { range, host, physical, speech } = place;
    let head = clauses.head_of(range.clone());
    // "raised the toll from the quake in Jakarta"
    if clauses.is_aside(trigger.head) && !clauses.under(head, trigger.head) {
        return None;
    }
    let introduces = |at: usize| clauses.is(at, WordClass::PLACE_PREPOSITION);
    let introduced =
        is_introduced(clauses, range.clone()) && (host.is_some() || self::host(clauses, range.clone()).is_none());
    let own = arguments.iter().find(|argument| range.contains(&argument.head) || *host == Some(argument.head));
    if let Some(argument) = own {
        // "discussed the situation on the peninsula": what it is about.
        let of_object = clauses.head(argument.head) != Some(trigger.head);
        // "condemned the bombing in Baghdad": where that was of which it speaks.
        let own_words = trigger.range.start as usize - trigger.start..trigger.range.end as usize - trigger.start;
        let spoken_of = |other: &Argument| {
            other.role == Role::Patient && (own_words.end..head).contains(&other.head) && !range.contains(&other.head)
        };
        if *speech && arguments.iter().any(spoken_of) {
            return None;
        }
        let placed = argument.preposition.is_some_and(introduces);
        let party = matches!(argument.role, Role::Topic | Role::Recipient);
        if of_object && party && !(*physical && placed) {
            return None;
        }
        // "raided the town of Jenin": what it was done to is where it was done.
        let done_to =
            matches!(argument.role, Role::Patient) && (argument.preposition.is_none() || *physical && host.is_some());
        if placed || introduced {
            let loose = argument.binding == Binding::Clause || host.is_some();
            return Some(if loose { Tie::Near } else { Tie::Own });
        }
        // "a visit to Syria", "troops flew to Kabul"
        if *physical && argument.preposition.is_some_and(|at| clauses.is(at, WordClass::GOAL_PREPOSITION)) {
            return Some(Tie::Goal);
        }
        if done_to && (host.is_none() || *physical) {
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
    let up = clauses.head(host.unwrap_or(head))?;
    let verb = clauses.tag(up).is_some_and(Tag::is_verb);
    if !*physical && is_topic(clauses, up, host.unwrap_or(head), trigger.head) {
        return None;
    }
    if up == trigger.head
        || arguments
            .iter()
            .any(|argument| argument.head == up && !argument.preposition.is_some_and(|at| clauses.is_topical(at)))
    {
        return Some(Tie::Near);
    }
    if clauses.in_clause(head, trigger.head) {
        return (verb || clauses.under(head, trigger.head)).then_some(Tie::Near);
    }
    if is_above(clauses, head, trigger.head) {
        return Some(Tie::Above);
    }
    // "killed two gunmen who opened fire in Jerusalem"
    let clause = clauses.clause_head(head);
    let below = *physical && clauses.tells_a_fact(clause) && clauses.under(clause, trigger.head);
    below.then_some(Tie::Below)
}

/// "discussed the situation on the peninsula": of the object, whatever the parser ties it to. `up`: what that is.
fn is_topic(clauses: &Clauses<'_>, up: usize, place: usize, predicate: usize) -> bool {
    let case = |c: &usize| clauses.label(*c) == Label::Case && clauses.is(*c, WordClass::TOPIC_PREPOSITION);
    let object = clauses.children(up).find(|c| clauses.label(*c) == Label::Obj && *c < place);
    let carries = clauses.head(predicate) == Some(up) && object.is_none_or(|object| object == predicate);
    clauses.children(place).any(|c| case(&c)) && up != predicate && !carries
}

/// Whether a place belongs to a clause that the predicate's clause hangs on. In front of a clause of speech it is the place
/// of what is said, too: "In Mosul, witnesses say ...".
fn is_above(clauses: &Clauses<'_>, place: usize, predicate: usize) -> bool {
    let mut clause = clauses.clause_head(predicate);
    for _ in 0..4 {
        let Some(above) = clauses.head(clause) else { return false };
        let in_front = || clauses.children(above).any(|c| clauses.label(c).is_subject() && c > place);
        let passes = match clauses.label(clause) {
            Label::Advcl | Label::AclRelcl | Label::Conj => true,
            Label::Ccomp | Label::Parataxis => in_front(),
            _ => false,
        };
        if !passes {
            return false;
        }
        if clauses.in_clause(above, place) {
            return true;
        }
        clause = clauses.clause_head(above);
    }
    false
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
