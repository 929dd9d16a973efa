//! Where the value of a slot may stand: by its role, at a predicate, behind or near the trigger.

use super::{Candidate, Trigger};
use crate::pipeline::analysis::Analysis;
use crate::pipeline::lattice::MentionId;
use crate::pipeline::matcher::{find_each, find_first};
use crate::relations::{Argument, Binding, Clauses, Label, Role, Tag, WordClass};
use crate::rules::program::{Program, TypeId};
use crate::rules::ruleset::{Fill, Slot, SlotRole};
use crate::text::TokenRange;

/// Words between a preposition and what it introduces, at most.
const REACH: usize = 4;

pub(super) fn by_role(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    role: SlotRole,
) -> Vec<Candidate> {
    let Some(clauses) = analysis.clauses(trigger.sentence) else { return Vec::new() };
    let global =
        |range: std::ops::Range<usize>| TokenRange::new(trigger.start + range.start, trigger.start + range.end);
    let candidate = |head: usize, how: &str, trust: f32| Candidate {
        head: Some(trigger.start + head),
        range: global(clauses.phrase(head, true)),
        how: how.into(),
        trust,
    };
    if role == SlotRole::Speaker {
        let found = clauses.attribution(trigger.head);
        return found.map(|a| candidate(a.speaker, "attribution", 0.9)).into_iter().collect();
    }
    if role == SlotRole::Content {
        let Some(verb) = clauses.content(trigger.head) else { return Vec::new() };
        // A mention is looked for as the subject of the clause, words are all of it.
        let head = clauses.doer(verb).map(|subject| trigger.start + subject);
        let range = global(clauses.span(verb));
        return vec![Candidate { head, range, how: "content clause".into(), trust: 0.85 }];
    }
    let wanted = |argument: &Argument| match role {
        SlotRole::Agent => argument.role == Role::Agent,
        SlotRole::Patient => argument.role == Role::Patient,
        SlotRole::Recipient => argument.role == Role::Recipient,
        SlotRole::Topic => argument.role == Role::Topic,
        SlotRole::Oblique => argument.preposition.is_some(),
        SlotRole::Time | SlotRole::Place => argument.preposition.is_some() || argument.role == Role::Time,
        SlotRole::Speaker | SlotRole::Content => false,
    };
    let own = arguments.iter().filter(|argument| wanted(argument) && !is_scene(analysis, trigger, argument));
    own.map(|argument| candidate(argument.head, argument.binding.name(), argument.binding.trust())).collect()
}

/// Whether an argument is no more than a town or a region right before a noun: where "the London attacks" were, not who made
/// them.
fn is_scene(analysis: &Analysis<'_>, trigger: &Trigger, argument: &Argument) -> bool {
    if argument.role != Role::Agent || argument.binding != Binding::Compound {
        return false;
    }
    let at = |ty: Option<TypeId>| analysis.mention_at(trigger.sentence, ty?, trigger.start + argument.head);
    let (Some(place), Some(actor)) = (at(analysis.rules.place_type), at(analysis.rules.actor_type)) else {
        return false;
    };
    let extent = |id: MentionId| analysis.lattice.mention(id).map(|mention| mention.extent);
    let kind = analysis.record(place);
    let town =
        matches!(kind.text("kind"), Some("CITY" | "CAPITAL" | "REGION" | "ADMIN1" | "FACILITY" | "WATER" | "SEA"));
    town && extent(place) == extent(actor)
}

/// Predicates of the same sentence that match a pattern and are tied to the trigger: above it, below it, or in its
/// clause. The trigger itself counts.
pub(super) fn predicates(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    program: &Program,
    sentence: TokenRange,
) -> Vec<Trigger> {
    let Analysis { lattice, scratch, .. } = &mut *analysis;
    let found = find_each(lattice, program, sentence, scratch);
    let Some(clauses) = analysis.clauses(trigger.sentence) else { return Vec::new() };
    found
        .into_iter()
        .filter_map(|range| {
            let local = range.start as usize - trigger.start..range.end as usize - trigger.start;
            let head = clauses.head_of(local);
            // "Ban Ki-moon": a word of a name says nothing that was done.
            let name = || {
                let ty = analysis.rules.actor_type?;
                let id = analysis.mention_at(trigger.sentence, ty, range.start as usize)?;
                analysis.lattice.mention(id).filter(|mention| mention.extent.covers(range))
            };
            if clauses.label(head) == Label::Flat && name().is_some() {
                return None;
            }
            // "a day after a bomber killed five", "and a mine killed two": the deed of somebody else.
            let doer = |verb: usize| {
                let subject = |child: &usize| {
                    let pronoun = matches!(clauses.tag(*child), Some(Tag::WDT | Tag::WP | Tag::PRP));
                    clauses.label(*child) == Label::Nsubj && !pronoun
                };
                clauses.children(verb).find(subject)
            };
            let others = head != trigger.head
                && !clauses.is_passive(head)
                && !matches!(clauses.label(head), Label::Ccomp | Label::Xcomp)
                && doer(clauses.clause_head(trigger.head)).is_some()
                && doer(head).is_some_and(|doer| !clauses.under(trigger.head, doer))
                && !clauses.in_clause(head, trigger.head);
            if others {
                return None;
            }
            if is_said_beside(&clauses, head, trigger.head) || is_of_another(&clauses, head, trigger.head) {
                return None;
            }
            // "a quake struck the island, killing six": what the clause of the trigger did by it.
            let by_it = matches!(clauses.tag(head), Some(Tag::VBG))
                && clauses.label(head) == Label::Advcl
                && clauses.head(head) == Some(clauses.clause_head(trigger.head));
            let tied = by_it
                || clauses.under(head, trigger.head)
                || clauses.under(trigger.head, head)
                || clauses.in_clause(head, trigger.head)
                || clauses.head(clauses.clause_head(head)) == clauses.head(clauses.clause_head(trigger.head));
            tied.then_some(Trigger { head, range, ..*trigger })
        })
        .collect()
}

/// Whether a predicate stands in what a participle beside another one says: "condemned the raid, saying it undermines peace".
fn is_said_beside(clauses: &Clauses<'_>, at: usize, predicate: usize) -> bool {
    let says = |at: usize| {
        clauses.tag(at) == Some(Tag::VBG)
            && clauses.label(at) == Label::Advcl
            && clauses.is(at, WordClass::REPORT_VERB)
            && clauses.under(at, predicate)
    };
    std::iter::successors(clauses.head(at), |at| clauses.head(*at))
        .take(clauses.len())
        .take_while(|at| *at != predicate)
        .any(says)
}

/// Whether a predicate is told of something that came of another one: "shot a teacher, sparking a gunbattle that left two
/// policemen dead".
fn is_of_another(clauses: &Clauses<'_>, at: usize, predicate: usize) -> bool {
    let relative = std::iter::successors(Some(at), |at| clauses.head(*at))
        .take(clauses.len())
        .take_while(|at| *at != predicate)
        .find(|at| clauses.label(*at) == Label::AclRelcl);
    let Some(bearer) = relative.and_then(|verb| clauses.head(verb)) else { return false };
    let participle = clauses.head(bearer).filter(|_| clauses.label(bearer) == Label::Obj);
    participle.is_some_and(|verb| {
        verb != predicate
            && bearer != predicate
            && clauses.tag(verb) == Some(Tag::VBG)
            && clauses.label(verb) == Label::Advcl
            && clauses.head(verb).is_some_and(|up| clauses.in_clause(up, predicate))
    })
}

/// Whether a word hangs on a predicate without the clause of another subject between them, nor one that is told of a noun:
/// not "calls for" in "called for his removal, but the army rejected calls for it".
fn hangs_near(clauses: &Clauses<'_>, at: usize, predicate: usize) -> bool {
    let apart = |at: &usize| {
        let verb = clauses.tag(*at).is_some_and(Tag::is_verb);
        let subject = || clauses.children(*at).any(|c| clauses.label(c).is_subject());
        match clauses.label(*at) {
            Label::AclRelcl | Label::Parataxis => true,
            // "students angry at the raid"
            Label::Amod => clauses.children(*at).any(|c| clauses.label(c) == Label::Obl),
            Label::Conj | Label::Advcl => verb && subject(),
            _ => false,
        }
    };
    // "if the army attacks": what the mark itself begins is wanted.
    let from =
        if clauses.label(at) == Label::Mark { clauses.head(at).and_then(|verb| clauses.head(verb)) } else { Some(at) };
    let path = std::iter::successors(from, |at| clauses.head(*at)).take_while(|at| *at != predicate);
    clauses.under(at, predicate) && !path.take(clauses.len()).any(|at| apart(&at))
}

/// What stands behind a match of the pattern right of the trigger, in the trigger's clause before elsewhere.
pub(super) fn after(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    program: &Program,
    sentence: TokenRange,
) -> Vec<Candidate> {
    let Analysis { lattice, scratch, .. } = &mut *analysis;
    let right = TokenRange { start: trigger.range.end, end: sentence.end };
    let found = find_each(lattice, program, right, scratch);
    let Some(clauses) = analysis.clauses(trigger.sentence) else { return Vec::new() };
    let mut out: Vec<(bool, Candidate)> = found
        .into_iter()
        .filter_map(|range| {
            let inside = clauses.in_clause(range.start as usize - trigger.start, trigger.head);
            let hangs = hangs_near(&clauses, range.start as usize - trigger.start, trigger.head);
            if !inside && !hangs {
                return None;
            }
            let end = (range.end as usize + REACH).min(sentence.end as usize);
            let range = TokenRange::new(range.end as usize, end);
            Some((!hangs, Candidate { head: None, range, how: "after".into(), trust: if hangs { 0.85 } else { 0.7 } }))
        })
        .collect();
    out.sort_by_key(|(far, candidate)| (*far, candidate.range.start));
    out.into_iter().map(|(_, candidate)| candidate).collect()
}

/// The nearest mentions or hits around the trigger, or around a match of the pattern.
pub(super) fn near(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    pattern: Option<&Program>,
    within: usize,
    sentence: TokenRange,
) -> Vec<Candidate> {
    let centre = match pattern {
        None => trigger.range,
        Some(program) => {
            let Analysis { lattice, scratch, .. } = analysis;
            match find_first(lattice, program, sentence, scratch) {
                Some(found) => found.range,
                None => return Vec::new(),
            }
        }
    };
    let low = (centre.start as usize).saturating_sub(within).max(sentence.start as usize);
    let high = (centre.end as usize + within).min(sentence.end as usize);
    let distance = |range: TokenRange| {
        if range.start >= centre.end {
            (range.start - centre.end) * 2
        } else {
            centre.start.saturating_sub(range.end) * 2 + 1
        }
    };
    let mut ranges: Vec<TokenRange> = match slot.fill {
        Fill::Mention(ty) => analysis
            .mentions(trigger.sentence, ty)
            .map(|(_, m)| m.range)
            .filter(|r| low <= r.start as usize && r.end as usize <= high)
            .collect(),
        _ => vec![TokenRange::new(low, high)],
    };
    ranges.sort_by_key(|range| (distance(*range), range.start));
    ranges.into_iter().map(|range| Candidate { head: None, range, how: "near".into(), trust: 0.6 }).collect()
}
