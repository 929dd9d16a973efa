//! How a slot finds its value around a trigger.

use std::sync::Arc;

use super::analysis::Analysis;
use super::lattice::{Mention, MentionId};
use super::matcher::{find_each, find_first};
use super::mentions::nested;
use crate::event::domain::{Record, Value};
use crate::relations::{Argument, Binding, Clauses, Label, Role, Tag, WordClass};
use crate::rules::program::{Program, TypeId, class};
use crate::rules::ruleset::{FieldKind, Fill, Finder, Slot, SlotRole};
use crate::text::TokenRange;

/// Words between a preposition and what it introduces, at most.
const REACH: usize = 4;
/// The message of a count, whose parts can be added up.
const COUNT: &str = "dateline.v1.Count";
/// Words of a text slot, at most.
const TEXT_WORDS: usize = 60;

/// A predicate in its sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trigger {
    pub sentence: usize,
    /// First token of the sentence.
    pub start: usize,
    /// Head word, as an index into the sentence.
    pub head: usize,
    pub range: TokenRange,
}

/// A value for a slot.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub value: Value,
    pub mention: Option<MentionId>,
    pub range: TokenRange,
    pub how: Arc<str>,
    /// From 0 to 1.
    pub trust: f32,
}

/// A place where a value may stand.
struct Candidate {
    /// Head word, as an index into the article, or a stretch of words.
    head: Option<usize>,
    range: TokenRange,
    how: Arc<str>,
    trust: f32,
}

/// All values of a slot (one, if its field does not repeat). `filled` are the ranges that earlier slots found.
pub(super) fn find(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    slot: &Slot,
    filled: &[Vec<TokenRange>],
) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for finder in &slot.finders {
        let candidates = candidates(analysis, trigger, arguments, slot, finder, filled);
        if let Some(total) = total(analysis, trigger, slot, &candidates) {
            return vec![total];
        }
        for candidate in candidates {
            if is_part_of_found(analysis, trigger, slot, &candidate, &found) {
                continue;
            }
            let names = names_of_several(analysis, trigger, slot, &candidate);
            if names.len() > 1 && slot.shape.repeated {
                found.extend(
                    names
                        .into_iter()
                        .filter(|name| !found.iter().any(|f| f.range.overlaps(name.range)))
                        .collect::<Vec<_>>(),
                );
                continue;
            }
            if let Some(value) = fill(analysis, trigger, slot, &candidate)
                && !found.iter().any(|f| f.range.overlaps(value.range))
            {
                let rest = rest_of_list(analysis, trigger, slot, &candidate, &value);
                found.extend(each(analysis, slot, value));
                found.extend(rest);
                if !slot.shape.repeated {
                    return found;
                }
            }
        }
        if !found.is_empty() && !slot.every {
            break;
        }
    }
    found
}

fn candidates(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    slot: &Slot,
    finder: &Finder,
    filled: &[Vec<TokenRange>],
) -> Vec<Candidate> {
    let Some(sentence) = analysis.sentence(trigger.sentence).map(|s| s.tokens) else { return Vec::new() };
    match finder {
        Finder::Role { role, via: None } => by_role(analysis, trigger, arguments, *role),
        Finder::Role { role, via: Some(program) } => {
            let mut out = Vec::new();
            for other in predicates(analysis, trigger, program, sentence) {
                let mut own = Vec::new();
                if let Some(clauses) = analysis.clauses(trigger.sentence) {
                    clauses.arguments(other.head, false, &mut own);
                }
                out.extend(by_role(analysis, &other, &own, *role));
            }
            out
        }
        Finder::After(program) => after(analysis, trigger, program, sentence),
        Finder::Near { pattern, within } => {
            near(analysis, trigger, slot, pattern.as_deref(), *within as usize, sentence)
        }
        Finder::Span { from, until } => {
            let Analysis { lattice, scratch, .. } = analysis;
            let right = TokenRange { start: trigger.range.end, end: sentence.end };
            let Some(first) = find_first(lattice, from, right, scratch) else { return Vec::new() };
            let rest = TokenRange { start: first.range.end, end: sentence.end };
            let end = until.as_ref().and_then(|until| find_first(lattice, until, rest, scratch));
            let range = TokenRange { start: rest.start, end: end.map_or(rest.end, |m| m.range.start) };
            vec![Candidate { head: None, range, how: "span".into(), trust: 0.7 }]
        }
        Finder::Inside(index) => {
            let ranges = filled.get(*index).cloned().unwrap_or_default();
            let range = |range: TokenRange| first_clause(analysis, range);
            let inside = |range| Candidate { head: None, range, how: "inside".into(), trust: 0.8 };
            ranges.into_iter().map(range).map(inside).collect()
        }
        Finder::Capture => Vec::new(),
    }
}

fn by_role(analysis: &Analysis<'_>, trigger: &Trigger, arguments: &[Argument], role: SlotRole) -> Vec<Candidate> {
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
fn predicates(analysis: &mut Analysis<'_>, trigger: &Trigger, program: &Program, sentence: TokenRange) -> Vec<Trigger> {
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
fn after(analysis: &mut Analysis<'_>, trigger: &Trigger, program: &Program, sentence: TokenRange) -> Vec<Candidate> {
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
fn near(
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

/// Turns a place into the value that the slot takes, if it holds one.
fn fill(analysis: &mut Analysis<'_>, trigger: &Trigger, slot: &Slot, candidate: &Candidate) -> Option<Found> {
    let found = |value: Value, mention: Option<MentionId>, range: TokenRange| Found {
        value,
        mention,
        range,
        how: candidate.how.clone(),
        trust: candidate.trust,
    };
    match slot.fill {
        Fill::Mention(ty) => {
            let fits = |id: &MentionId| {
                let record = analysis.record(*id);
                slot.only.iter().all(|(field, values)| record.get(field).is_some_and(|value| values.contains(value)))
            };
            let id = match candidate.head {
                Some(head) => analysis
                    .mention_at(trigger.sentence, ty, head)
                    .or_else(|| counting(analysis, trigger, ty, head))
                    .or_else(|| name_beside(analysis, trigger, ty, head))
                    .filter(fits),
                None => analysis
                    .mentions(trigger.sentence, ty)
                    .filter(|(_, m)| starts_in(m, candidate.range))
                    .map(|(id, _)| id)
                    .find(fits),
            }?;
            let id = candidate.head.and_then(|_| named(analysis, trigger, ty, id)).filter(fits).unwrap_or(id);
            let mention = analysis.lattice.mention(id)?;
            let range = mention.extent;
            let value = match &slot.shape.kind {
                FieldKind::Message(_) => message_value(analysis, id, mention),
                FieldKind::Integer | FieldKind::Float => {
                    let number =
                        mention.record.get("amount").or(mention.record.get("min")).or(mention.record.get("max"))?;
                    match (&slot.shape.kind, number) {
                        (FieldKind::Float, Value::Integer(n)) => Value::Float(*n as f64),
                        (FieldKind::Integer, Value::Float(n)) => Value::Integer(n.round() as i64),
                        (_, number) => number.clone(),
                    }
                }
                _ => Value::Text(analysis.record(id).text("name").unwrap_or(analysis.lattice.text(range)).into()),
            };
            Some(found(value, Some(id), range))
        }
        Fill::Lexicon(lexicon) => {
            let rules = analysis.rules;
            candidate.range.range().find_map(|token| {
                let edge = analysis.lattice.edges(token).find_map(|edge| match edge.target {
                    super::lattice::Target::Entry(l, id) if l == lexicon => Some((id, edge.end as usize)),
                    _ => None,
                });
                let (id, end) = edge.filter(|(_, end)| *end <= candidate.range.end as usize)?;
                let entry = rules.lexicons.entry(id)?;
                let value = match slot.shape.kind {
                    FieldKind::Bool => Value::Bool(true),
                    _ => entry.value(&slot.field),
                };
                Some(found(value, None, TokenRange::new(token, end)))
            })
        }
        Fill::Text | Fill::Noun => {
            let words = match (slot.fill, candidate.head) {
                (Fill::Noun, Some(head)) => {
                    let clauses = analysis.clauses(trigger.sentence)?;
                    let own = clauses.phrase(head.checked_sub(trigger.start)?, false);
                    TokenRange::new(trigger.start + own.start, trigger.start + own.end)
                }
                _ => candidate.range,
            };
            let range = trimmed(analysis, words);
            (!range.is_empty()).then(|| found(Value::Text(analysis.lattice.text(range).into()), None, range))
        }
        Fill::Quote => {
            let sentence = analysis.sentence(trigger.sentence)?.tokens;
            let range = quotation(analysis, candidate.range).or_else(|| quotation(analysis, sentence))?;
            Some(found(Value::Text(analysis.lattice.text(range).into()), None, range))
        }
        Fill::Flag => Some(found(Value::Bool(true), None, candidate.range)),
    }
}

/// Whether a candidate only says of what those are who were found already: the staff in "several members of the staff".
fn is_part_of_found(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    candidate: &Candidate,
    found: &[Found],
) -> bool {
    let Some(head) = candidate.head.and_then(|head| head.checked_sub(trigger.start)).filter(|_| !found.is_empty())
    else {
        return false;
    };
    let actors = matches!(slot.fill, Fill::Mention(ty) if Some(ty) == analysis.rules.actor_type);
    let Some(clauses) = analysis.clauses(trigger.sentence).filter(|_| actors) else { return false };
    let of = clauses.label(head) == Label::Nmod
        && clauses.children(head).any(|c| c < head && clauses.is(c, WordClass::PATIENT_PREPOSITION));
    let up = clauses.head(head).filter(|_| of);
    up.is_some_and(|up| found.iter().any(|found| found.range.contains(trigger.start + up)))
}

/// What "and" ties to a mention that was found by its place: "from Russia and Kazakhstan".
fn rest_of_list(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    candidate: &Candidate,
    first: &Found,
) -> Vec<Found> {
    let head = (first.range.end as usize - 1).checked_sub(trigger.start);
    let (None, true, Some(_), Some(head)) = (candidate.head, slot.shape.repeated, first.mention, head) else {
        return Vec::new();
    };
    let Some(clauses) = analysis.clauses(trigger.sentence) else { return Vec::new() };
    let listed: Vec<usize> =
        clauses.children(head).filter(|child| *child > head && clauses.label(*child) == Label::Conj).collect();
    // "to Nepal, and China pledged": two with a comma between them are no list.
    if listed.len() == 1 && clauses.tag(head + 1) == Some(Tag::COMMA) {
        return Vec::new();
    }
    let parts: Vec<Candidate> = listed
        .into_iter()
        .map(|child| Candidate {
            head: Some(trigger.start + child),
            range: TokenRange::new(trigger.start + child, trigger.start + child + 1),
            how: candidate.how.clone(),
            trust: candidate.trust,
        })
        .collect();
    parts.iter().filter_map(|part| fill(analysis, trigger, slot, part)).collect()
}

/// The names in apposition to a word for several: "the presidents of the two countries, Hugo Chavez and Alvaro Uribe".
fn names_of_several(analysis: &mut Analysis<'_>, trigger: &Trigger, slot: &Slot, candidate: &Candidate) -> Vec<Found> {
    let head = candidate.head.and_then(|head| head.checked_sub(trigger.start));
    let (Fill::Mention(ty), Some(head), Some(clauses)) = (slot.fill, head, analysis.clauses(trigger.sentence)) else {
        return Vec::new();
    };
    if Some(ty) != analysis.rules.actor_type || clauses.tag(head) != Some(Tag::NNS) {
        return Vec::new();
    }
    let apposed = |child: &usize| *child > head && clauses.label(*child) == Label::Appos;
    let Some(first) = clauses.children(head).find(apposed) else { return Vec::new() };
    let listed = clauses.children(first).filter(|child| clauses.label(*child) == Label::Conj);
    let names: Vec<usize> = std::iter::once(first).chain(listed).collect();
    if !names.iter().all(|name| clauses.tag(*name).is_some_and(Tag::is_name)) {
        return Vec::new();
    }
    let at = |name: usize| Candidate {
        head: Some(trigger.start + name),
        range: TokenRange::new(trigger.start + name, trigger.start + name + 1),
        how: candidate.how.clone(),
        trust: candidate.trust,
    };
    names.into_iter().filter_map(|name| fill(analysis, trigger, slot, &at(name))).collect()
}

/// What a reference to several stands for: "both countries" are two.
fn each(analysis: &Analysis<'_>, slot: &Slot, found: Found) -> Vec<Found> {
    let mention = found.mention.and_then(|id| analysis.lattice.mention(id));
    let parties = mention.map(|mention| mention.parties.as_slice()).unwrap_or_default();
    let record = matches!(slot.shape.kind, FieldKind::Message(_));
    let one = |id: &MentionId| {
        let mention = analysis.lattice.mention(*id)?;
        let value = if record { message_value(analysis, *id, mention) } else { found.value.clone() };
        Some(Found { value, mention: Some(*id), ..found.clone() })
    };
    if parties.is_empty() { vec![found] } else { parties.iter().filter_map(one).collect() }
}

/// The name in apposition to a word that says what somebody is: "the ambassador to Ankara, Andrei Karlov".
fn named(analysis: &Analysis<'_>, trigger: &Trigger, ty: TypeId, id: MentionId) -> Option<MentionId> {
    let clauses = analysis.clauses(trigger.sentence)?;
    let head_of = |mention: &Mention| {
        let local = |at: u32| (at as usize).checked_sub(trigger.start);
        Some(clauses.head_of(local(mention.extent.start)?..local(mention.extent.end)?))
    };
    // By its head: "the head of the army" is no name, "Frank" is.
    let is_name = |mention: &Mention| {
        let head = head_of(mention).map(|head| trigger.start + head);
        head.is_some_and(|head| {
            analysis.lattice.class(head) & class::CAP != 0 && analysis.lattice.tag(head).is_some_and(Tag::is_name)
        })
    };
    let mention = analysis.lattice.mention(id).filter(|mention| !is_name(mention) && mention.antecedent.is_none())?;
    let head = head_of(mention)?;
    let plural = mention.extent.range().any(|at| analysis.lattice.tag(at) == Some(Tag::NNS));
    let name_at = |at: usize| {
        let other = analysis.mention_at(trigger.sentence, ty, trigger.start + at)?;
        analysis.lattice.mention(other).filter(|m| is_name(m)).map(|m| (other, m.range))
    };
    let mut appositions = clauses.children(head).filter(|child| clauses.label(*child) == Label::Appos);
    if plural {
        return None;
    }
    if let Some((other, _)) = appositions.find_map(name_at) {
        return Some(other);
    }
    // "Murat Zyazikov, a former general who was elected in 2002"
    let above = clauses.head(head).filter(|up| clauses.label(head) == Label::Appos && *up < head);
    if let Some((other, _)) = above.and_then(name_at) {
        return Some(other);
    }
    // The same where the parser did not see it: a name between commas right behind the phrase that is no subject.
    let comma = clauses.phrase(head, true).end;
    let joined = clauses.children(head).any(|child| clauses.label(child) == Label::Conj);
    let comma = if joined { (mention.extent.end as usize).checked_sub(trigger.start)? } else { comma };
    if clauses.tag(comma) != Some(Tag::COMMA) {
        return None;
    }
    let (other, range) = name_at(comma + 1)?;
    let end = (range.end as usize).checked_sub(trigger.start)?;
    // "the head of the party, Mahmoud Abbas, and his deputy": the first two are one person.
    if joined {
        let person = |id: MentionId| analysis.record(id).text("kind") == Some("PERSON");
        let between = clauses.tag(end) == Some(Tag::COMMA) && clauses.tag(end + 1) == Some(Tag::CC);
        return (between && person(id) && person(other)).then_some(other);
    }
    let closed = matches!(clauses.tag(end), None | Some(Tag::COMMA | Tag::PERIOD));
    let own = clauses.label(end.checked_sub(1)?);
    let starts = range.start as usize == trigger.start + comma + 1;
    (closed && starts && !own.is_subject() && own != Label::Conj).then_some(other)
}

/// The name in apposition to a word that is nobody by itself: "his counterpart, Andrei Karlov".
fn name_beside(analysis: &Analysis<'_>, trigger: &Trigger, ty: TypeId, head: usize) -> Option<MentionId> {
    let clauses = analysis.clauses(trigger.sentence)?;
    let head = head.checked_sub(trigger.start).filter(|head| clauses.tag(*head) == Some(Tag::NN))?;
    let apposed = |child: &usize| *child > head && clauses.label(*child) == Label::Appos;
    // Where the parser did not see it: between commas right behind the word.
    let between = || {
        let name = analysis.mention_at(trigger.sentence, ty, trigger.start + head + 2)?;
        let end = (analysis.lattice.mention(name)?.range.end as usize).checked_sub(trigger.start)?;
        let label = clauses.label(end.checked_sub(1)?);
        let marks = |at: usize| matches!(clauses.tag(at), Some(Tag::COMMA | Tag::PERIOD));
        let closed = marks(head + 1) && marks(end) && label != Label::Conj && !label.is_subject();
        closed.then_some(head + 2)
    };
    let name = clauses.children(head).find(apposed).or_else(between)?;
    let is_name = clauses.tag(name).is_some_and(Tag::is_name);
    is_name.then(|| analysis.mention_at(trigger.sentence, ty, trigger.start + name)).flatten()
}

/// What a mention gives to a field that holds a message: a resolved time, an actor or place with its words, any other
/// with its own record.
fn message_value(analysis: &Analysis<'_>, id: MentionId, mention: &Mention) -> Value {
    if let Some(time) = mention.time.as_deref() {
        let resolved = super::calendar::resolve(time, &analysis.reference(super::calendar::Tense::Open, None));
        return Value::Record(super::output::time_record(analysis, &resolved, mention.extent));
    }
    let rules = analysis.rules;
    if Some(mention.ty) == rules.actor_type || Some(mention.ty) == rules.place_type {
        return Value::Record(super::output::shown(analysis, id));
    }
    nested(&analysis.lattice, mention)
}

/// The mention of a type that counts a noun: the "at least 32" of "at least 32 people".
fn counting(analysis: &Analysis<'_>, trigger: &Trigger, ty: TypeId, noun: usize) -> Option<MentionId> {
    let clauses = analysis.clauses(trigger.sentence)?;
    let noun = noun.checked_sub(trigger.start)?;
    let counts = |child: &usize| {
        // "Eleven" at the start of a sentence is often taken for a name.
        let numeral = clauses.tag(*child) == Some(Tag::CD) || *child == 0;
        let inside = numeral && matches!(clauses.label(*child), Label::Flat | Label::Compound) && *child < noun;
        inside || clauses.label(*child) == Label::Nummod
    };
    clauses
        .children(noun)
        .filter(counts)
        .find_map(|number| analysis.mention_at(trigger.sentence, ty, trigger.start + number))
}

/// The count of a list is the sum of its parts: "two soldiers and three civilians" are five, "a judge and two guards"
/// three. Nothing where the candidates are no list, or a part of it is a crowd that nobody counted.
fn total(analysis: &mut Analysis<'_>, trigger: &Trigger, slot: &Slot, candidates: &[Candidate]) -> Option<Found> {
    if slot.shape.repeated || !matches!(&slot.shape.kind, FieldKind::Message(name) if name == COUNT) {
        return None;
    }
    let first = candidates.first().and_then(|candidate| candidate.head)?.checked_sub(trigger.start)?;
    let mut parts: Vec<&Candidate> = Vec::new();
    {
        let clauses = analysis.clauses(trigger.sentence)?;
        let listed =
            |head: usize| head == first || (clauses.label(head) == Label::Conj && clauses.head(head) == Some(first));
        parts.extend(
            candidates.iter().filter(|c| c.head.and_then(|head| head.checked_sub(trigger.start)).is_some_and(listed)),
        );
    }
    if parts.len() < 2 {
        return None;
    }
    let (mut min, mut max, mut whole) = (0, Some(0), None::<Found>);
    for part in parts {
        match fill(analysis, trigger, slot, part) {
            Some(found) => {
                let Value::Record(record) = &found.value else { return None };
                let bound = |name: &str| match record.get(name) {
                    Some(Value::Integer(n)) => Some(*n),
                    _ => None,
                };
                min += bound("min")?;
                max = max.zip(bound("max")).map(|(a, b)| a + b);
                let range = whole.as_ref().map_or(found.range, |w| TokenRange {
                    start: w.range.start.min(found.range.start),
                    end: w.range.end.max(found.range.end),
                });
                whole = Some(Found { range, ..found });
            }
            None => {
                let head = part.head?;
                let ty = analysis.rules.actor_type?;
                analysis.mention_at(trigger.sentence, ty, head)?;
                let one = matches!(analysis.lattice.tag(head), Some(Tag::NN | Tag::NNP));
                if !one {
                    return None;
                }
                min += 1;
                max = max.map(|max| max + 1);
            }
        }
    }
    let whole = whole?;
    let mut record = Record::new();
    record.set("min", Value::Integer(min));
    if let Some(max) = max {
        record.set("max", Value::Integer(max));
    }
    record.set("text", Value::Text(analysis.lattice.text(whole.range).into()));
    Some(Found { value: Value::Record(record), mention: None, ..whole })
}

fn starts_in(mention: &Mention, range: TokenRange) -> bool {
    range.contains(mention.range.start as usize) || mention.range.contains(range.start as usize)
}

/// Words up to where the next clause begins: "for the draft, after Kurds agreed to it", "for the plan, saying it".
fn first_clause(analysis: &Analysis<'_>, range: TokenRange) -> TokenRange {
    let begins = |at: &usize| {
        let clause = matches!(analysis.lattice.tag(at + 1), Some(Tag::IN | Tag::WRB | Tag::VBG | Tag::VBD));
        analysis.lattice.class(*at) & class::COMMA != 0 && clause
    };
    let end = range.range().skip(1).find(begins);
    TokenRange { end: end.map_or(range.end, |end| end as u32), ..range }
}

/// Without marks, prepositions and conjunctions at its ends.
fn trimmed(analysis: &Analysis<'_>, range: TokenRange) -> TokenRange {
    let lattice = &analysis.lattice;
    let edge = class::PUNCT | class::COMMA | class::QUOTE | class::DASH;
    let (mut start, mut end) = (range.start as usize, range.end as usize);
    while start < end && lattice.class(start) & (edge | class::PREPOSITION) != 0 {
        start += 1;
    }
    while start < end && lattice.class(end - 1) & edge != 0 {
        end -= 1;
    }
    TokenRange::new(start, end.min(start + TEXT_WORDS))
}

/// The words between the first quotation marks of a range.
fn quotation(analysis: &Analysis<'_>, range: TokenRange) -> Option<TokenRange> {
    let lattice = &analysis.lattice;
    let is_mark = |at: &usize| lattice.class(*at) & class::QUOTE != 0;
    let open = range.range().find(is_mark)?;
    let close = (open + 1..range.end as usize).find(is_mark)?;
    let mut end = close;
    while end > open + 1 && lattice.class(end - 1) & (class::PUNCT | class::COMMA) != 0 {
        end -= 1;
    }
    (end > open + 1).then(|| TokenRange::new(open + 1, end))
}
