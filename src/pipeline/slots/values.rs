//! The value that stands at a place: a mention, a name, a number, all of a list.

use super::extents::{quotation, trimmed};
use super::{Candidate, Found, Trigger};
use crate::event::domain::{Record, Value};
use crate::pipeline::analysis::Analysis;
use crate::pipeline::lattice::{Mention, MentionId};
use crate::pipeline::mentions::nested;
use crate::relations::{Label, Tag, WordClass};
use crate::rules::program::{TypeId, class};
use crate::rules::ruleset::{FieldKind, Fill, Slot};
use crate::text::TokenRange;

/// The message of a count, whose parts can be added up.
const COUNT: &str = "dateline.v1.Count";

/// Turns a place into the value that the slot takes, if it holds one.
pub(super) fn fill(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    candidate: &Candidate,
) -> Option<Found> {
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
                    crate::pipeline::lattice::Target::Entry(l, id) if l == lexicon => Some((id, edge.end as usize)),
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
pub(super) fn is_part_of_found(
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
pub(super) fn rest_of_list(
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
pub(super) fn names_of_several(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    candidate: &Candidate,
) -> Vec<Found> {
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
pub(super) fn each(analysis: &Analysis<'_>, slot: &Slot, found: Found) -> Vec<Found> {
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
        let resolved =
            crate::pipeline::calendar::resolve(time, &analysis.reference(crate::pipeline::calendar::Tense::Open, None));
        return Value::Record(crate::pipeline::output::time_record(analysis, &resolved, mention.extent));
    }
    let rules = analysis.rules;
    if Some(mention.ty) == rules.actor_type || Some(mention.ty) == rules.place_type {
        return Value::Record(crate::pipeline::output::shown(analysis, id));
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
pub(super) fn total(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    slot: &Slot,
    candidates: &[Candidate],
) -> Option<Found> {
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
