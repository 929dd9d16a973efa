//! One happening, one event: mentions of the same one are put together, two that differ stay two.

use super::Stopped;
use super::analysis::Analysis;
use super::contexts::is_history;
use super::events::{Draft, conditions};
use super::lattice::MentionId;
use super::setting::own_exactness;
use super::slots::Trigger;
use super::story::is_lead;
use super::trace::What;
use crate::event::domain::{Record, Status, Value};
use crate::relations::{Label, Tag, WordClass};
use crate::rules::program::class;
use crate::rules::ruleset::{Later, MergeRule, Part};
use crate::text::{TextSpan, TokenRange};

/// How two drafts stand to each other in one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accord {
    /// Both have it, and it is the same.
    Same,
    /// One of them says nothing.
    Open,
    /// They contradict.
    Apart,
}

/// Merges drafts by the rules: those of one sentence first, so that what a sentence tells goes over as a whole to what
/// was told before.
pub(super) fn run(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) -> Result<(), Stopped> {
    let (inside, over): (Vec<&MergeRule>, Vec<&MergeRule>) =
        analysis.rules.merges.iter().partition(|rule| rule.within == Some(0));
    for rules in [inside, over] {
        join(analysis, drafts, &rules)?;
    }
    Ok(())
}

/// Merges each draft into an earlier one that fits.
fn join(analysis: &mut Analysis<'_>, drafts: &mut [Draft], rules: &[&MergeRule]) -> Result<(), Stopped> {
    for later in 1..drafts.len() {
        analysis.pace.step()?;
        let Some(draft) = drafts.get(later).filter(|draft| !draft.merged) else { continue };
        // Only what is of one category can be one; asked first, since what the rules want to know costs more.
        if !drafts.iter().take(later).any(|other| !other.merged && other.category == draft.category) {
            continue;
        }
        let open: Vec<&MergeRule> = rules.iter().copied().filter(|rule| is_open(analysis, rule, draft)).collect();
        // The one last spoken of that fits: "the attack" is that.
        let mut before: Vec<(u32, usize)> = (0..later)
            .filter_map(|at| drafts.get(at).filter(|other| !other.merged).map(|other| (last_told(other, draft), at)))
            .collect();
        before.sort_unstable_by(|a, b| b.cmp(a));
        let target = before.into_iter().find_map(|(_, earlier)| {
            let (a, b) = (drafts.get(earlier)?, drafts.get(later)?);
            open.iter().find(|rule| fits(analysis, rule, a, b)).map(|rule| (earlier, *rule))
        });
        if let Some((earlier, rule)) = target {
            let (head, tail) = drafts.split_at_mut(later);
            if let (Some(into), Some(from)) = (head.get_mut(earlier), tail.first_mut()) {
                let what = || What::Merged { by: rule.id.clone(), into: into.trigger };
                analysis.trace.note(Some(from.rule), from.sentence, from.trigger, what);
                merge(analysis, into, from, earlier);
                // Of modes that exclude one another the one that says most, as the rule orders them, stands.
                if let Some(first) = rule.modes.iter().find(|mode| into.modes.contains(mode)) {
                    into.modes.retain(|mode| mode == first || !rule.modes.contains(mode));
                }
            }
        }
    }
    Ok(())
}

/// Where, before a later mention, an event was last told of: the first token of its nearest trigger.
fn last_told(draft: &Draft, later: &Draft) -> u32 {
    let triggers = draft.also.iter().map(|trigger| trigger.start);
    triggers.filter(|start| *start <= later.trigger.start).fold(draft.trigger.start, u32::max)
}

/// Whether a rule is for a draft as the later mention, as far as its own words say.
fn is_open(analysis: &mut Analysis<'_>, rule: &MergeRule, draft: &Draft) -> bool {
    if !rule.of.get(draft.rule).copied().unwrap_or(false) {
        return false;
    }
    if rule.when.is_empty() && rule.unless.is_empty() {
        return true;
    }
    let Some(start) = analysis.sentence(draft.sentence).map(|sentence| sentence.tokens.start as usize) else {
        return false;
    };
    let trigger = Trigger { sentence: draft.sentence, start, head: draft.head - start, range: draft.trigger };
    conditions(analysis, &trigger, &rule.when, true) && conditions(analysis, &trigger, &rule.unless, false)
}

fn fits(analysis: &Analysis<'_>, rule: &MergeRule, a: &Draft, b: &Draft) -> bool {
    let applies = rule.of.get(a.rule).copied().unwrap_or(false);
    if !applies || (a.rule != b.rule && !rule.across) {
        return false;
    }
    let emits = |draft: &Draft| analysis.rules.events.get(draft.rule).map(|rule| rule.emits.clone());
    if a.category != b.category || emits(a) != emits(b) {
        return false;
    }
    let told = analysis.doc().sentence_of(last_told(a, b) as usize).unwrap_or(a.sentence);
    if rule.within.is_some_and(|within| b.sentence.saturating_sub(told) > within as usize) {
        return false;
    }
    let later = match rule.later {
        Later::Any => true,
        Later::Definite => {
            is_definite(analysis, b) || (is_noun(analysis, a.trigger) && points_back(analysis, a.trigger))
        }
        Later::Unsettled => b.place.is_none() && b.time.is_none(),
        // What the lead tells, the sentence behind it mostly tells again with the details.
        Later::Retold => is_lead(analysis, a.sentence) && b.sentence == a.sentence + 1,
    };
    if !later {
        return false;
    }
    // What is told as a fact is not merged with what is denied; a plan and its fulfilment are.
    let negated = |draft: &Draft| draft.assertion.status == Status::Negated;
    if negated(a) != negated(b) {
        return false;
    }
    rule.agree.iter().all(|part| accord(analysis, part, a, b) != Accord::Apart)
        && (rule.share.is_empty() || rule.share.iter().any(|part| accord(analysis, part, a, b) == Accord::Same))
}

/// Whether a mention points back to another one: "the attack", "these launches", "X's recent launches", "the missiles
/// were launched", or one that names neither parties nor a day ("attacks", but not "an attack").
fn is_definite(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    let own_day = draft.time.as_ref().is_some_and(|time| time.resolved.clock.is_none());
    if draft.actors.is_empty() && draft.recipients.is_empty() && !own_day && !is_indefinite(analysis, draft) {
        return true;
    }
    // Who did it is often known where what was done is new.
    let actor = |span: TextSpan| {
        draft
            .actors
            .iter()
            .any(|id| analysis.lattice.mention(*id).is_some_and(|m| analysis.evidence(m.extent).span == span))
    };
    let slots = draft.slots.iter().map(|slot| slot.evidence.span).filter(|span| !actor(*span));
    let slots = slots.map(|span| analysis.doc().tokens_in(span));
    let triggers = std::iter::once(draft.trigger).chain(draft.also.iter().copied());
    triggers.filter(|range| is_noun(analysis, *range)).chain(slots).any(|range| points_back(analysis, range))
}

/// Whether a trigger is a noun: what stands before a verb is its subject.
fn is_noun(analysis: &Analysis<'_>, range: TokenRange) -> bool {
    range.range().next_back().and_then(|last| analysis.lattice.tag(last)).is_some_and(Tag::is_noun)
}

/// Whether the trigger has a determiner of something new: "an attack", "another attack".
fn is_indefinite(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    let Some((clauses, sentence)) = analysis.clauses(draft.sentence).zip(analysis.sentence(draft.sentence)) else {
        return false;
    };
    let head = draft.head - sentence.tokens.start as usize;
    clauses.children(head).any(|c| clauses.label(c) == Label::Det && !clauses.is(c, WordClass::DEFINITE))
}

/// Whether a definite determiner or a possessive opens the noun phrase that a range stands in.
fn points_back(analysis: &Analysis<'_>, range: TokenRange) -> bool {
    const WORDS: usize = 6;
    let lattice = &analysis.lattice;
    let first = lattice.sentence_start(range.start as usize);
    let Some(clauses) = analysis.doc().sentence_of(first).and_then(|sentence| analysis.clauses(sentence)) else {
        return false;
    };
    let definite =
        |at: usize| lattice.class(at) & class::POSSESSIVE != 0 || clauses.is(at - first, WordClass::DEFINITE);
    let inside = |at: &usize| {
        lattice.class(*at) & (class::ADJECTIVE | class::NOUN | class::DETERMINER | class::POSSESSIVE | class::NUMBER)
            != 0
            || lattice.tag(*at) == Some(Tag::CC)
            || range.contains(*at)
    };
    (first..=range.start as usize).rev().take(WORDS + 1).take_while(inside).any(definite)
}

fn accord(analysis: &Analysis<'_>, part: &Part, a: &Draft, b: &Draft) -> Accord {
    match part {
        Part::Actors => parties(analysis, &a.actors, &b.actors),
        Part::Recipients => parties(analysis, &a.recipients, &b.recipients),
        Part::Place => match (a.place, b.place) {
            (Some(a), Some(b)) => places(&analysis.record(a), &analysis.record(b)),
            _ => Accord::Open,
        },
        Part::Time => match (&a.time, &b.time) {
            (Some(a), Some(b)) => match (a.resolved.start, a.resolved.end, b.resolved.start, b.resolved.end) {
                (Some(a1), Some(a2), Some(b1), Some(b2)) if a1 <= b2 && b1 <= a2 => Accord::Same,
                (Some(_), _, Some(_), _) => Accord::Apart,
                _ if a.resolved.timex == b.resolved.timex => Accord::Same,
                _ => Accord::Open,
            },
            _ => Accord::Open,
        },
        Part::Status => same(a.assertion.status == b.assertion.status),
        Part::Modes => match (a.modes.is_empty(), b.modes.is_empty()) {
            (false, false) => same(a.modes.iter().any(|mode| b.modes.contains(mode))),
            _ => Accord::Open,
        },
        Part::Clause => same(
            a.sentence == b.sentence
                && analysis.clauses(a.sentence).zip(analysis.sentence(a.sentence)).is_some_and(
                    |(clauses, sentence)| {
                        let start = sentence.tokens.start as usize;
                        clauses.one_breath(a.head - start, b.head - start)
                    },
                ),
        ),
        Part::Field(name) => match (a.detail.get(name), b.detail.get(name)) {
            (Some(Value::Record(a)), Some(Value::Record(b))) => records(a, b),
            (Some(Value::Text(a)), Some(Value::Text(b))) => same(a.eq_ignore_ascii_case(b)),
            (Some(a), Some(b)) => same(a == b),
            _ => Accord::Open,
        },
    }
}

fn same(yes: bool) -> Accord {
    if yes { Accord::Same } else { Accord::Apart }
}

/// The same if any party is on both sides; open if any two may be one; else apart.
fn parties(analysis: &Analysis<'_>, a: &[MentionId], b: &[MentionId]) -> Accord {
    if a.is_empty() || b.is_empty() {
        return Accord::Open;
    }
    let pairs = || a.iter().flat_map(|a| b.iter().map(|b| party(analysis, *a, *b)));
    if pairs().any(|accord| accord == Accord::Same) {
        Accord::Same
    } else if pairs().any(|accord| accord == Accord::Open) {
        Accord::Open
    } else {
        Accord::Apart
    }
}

/// Names must be the same, and states stand for their people and bodies. Words that name nobody ("gunmen", "a Briton")
/// may be anybody whose kind and country do not contradict.
fn party(analysis: &Analysis<'_>, a: MentionId, b: MentionId) -> Accord {
    if analysis.identity(a) == analysis.identity(b) {
        return Accord::Same;
    }
    let (a, b) = (analysis.record(a), analysis.record(b));
    let both = |field: &str| a.text(field).zip(b.text(field));
    let country = both("country").map(|(a, b)| a == b);
    if country == Some(true) && (is_state(&a) || is_state(&b)) {
        return Accord::Same;
    }
    let named = |record: &Record| record.text("name").is_some() || record.text("entity_id").is_some();
    // A spokesman may speak for any body.
    let kind = both("kind").is_none_or(|(a, b)| a == b || a == PERSON || b == PERSON);
    if (named(&a) && named(&b)) || country == Some(false) || !kind { Accord::Apart } else { Accord::Open }
}

const PERSON: &str = "PERSON";

/// Whether two mentions name one party, a state standing for its people and bodies.
pub(super) fn is_same_party(analysis: &Analysis<'_>, a: MentionId, b: MentionId) -> bool {
    party(analysis, a, b) == Accord::Same
}

fn is_state(record: &Record) -> bool {
    matches!(record.text("kind"), Some("STATE" | "GOVERNMENT"))
}

/// The same name, or one inside the other as far as the records say; open where they do not say where one of them lies.
fn places(a: &Record, b: &Record) -> Accord {
    if a.text("name") == b.text("name") {
        return Accord::Same;
    }
    // A state, and what is only "north of Baghdad", may be any place there.
    let wide = |r: &Record| r.text("kind") == Some("COUNTRY") || r.text("bearing").is_some();
    match a.text("country").zip(b.text("country")) {
        _ if !wide(a) && !wide(b) => Accord::Apart,
        Some((a, b)) => same(a == b),
        None => Accord::Open,
    }
}

/// Records agree if no field that both have differs, words aside.
fn records(a: &Record, b: &Record) -> Accord {
    let clash = a.iter().any(|(name, value)| {
        !matches!(&**name, "text" | "span" | "approximate") && b.get(name).is_some_and(|other| !alike(value, other))
    });
    same(!clash)
}

fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Record(a), Value::Record(b)) => records(a, b) == Accord::Same,
        (Value::Text(a), Value::Text(b)) => {
            let (a, b) = (a.to_lowercase(), b.to_lowercase());
            // "missile" and "ballistic missile" may be one.
            let (a, b) = (a.trim_end_matches('s'), b.trim_end_matches('s'));
            a == b || a.ends_with(&format!(" {b}")) || b.ends_with(&format!(" {a}"))
        }
        (a, b) => a == b,
    }
}

/// How much a mention tells by its own words; where and when it was goes over in any case.
fn weight(draft: &Draft) -> usize {
    draft.slots.len() + draft.actors.len() + draft.recipients.len()
}

/// Puts two mentions into one: the one that tells more (of equals that of the rule with the higher priority) is the event.
/// What it lacks is taken over from the other, whose words are evidence.
fn merge(analysis: &Analysis<'_>, into: &mut Draft, from: &mut Draft, index: usize) {
    let priority = |draft: &Draft| analysis.rules.events.get(draft.rule).map_or(0, |rule| rule.priority);
    if (weight(from), priority(from)) > (weight(into), priority(into)) {
        std::mem::swap(into, from);
    }
    // "the elections" tells nothing of whether those were that lie ahead by another mention.
    let today = analysis.day.date;
    let ahead = |draft: &Draft| {
        let start = draft.time.as_ref().and_then(|time| time.resolved.start);
        draft.assertion.status == Status::Future && today.is_some_and(|today| start > Some(today))
    };
    let bare = |draft: &Draft| draft.time.is_none() && is_noun(analysis, draft.trigger);
    let planned = ahead(into) && bare(from) || ahead(from) && bare(into);
    into.absorbed &= from.absorbed;
    from.merged = true;
    // Links to the later one point to the earlier one from now on.
    from.links.push(("merged".into(), index));
    into.also.push(from.trigger);
    into.also.append(&mut from.also);
    into.also_rules.push(from.rule);
    into.also_rules.append(&mut from.also_rules);
    let sides: [Vec<String>; 2] =
        [&into.recipients, &into.actors].map(|across| across.iter().map(|id| analysis.identity(*id)).collect());
    let lists = [(&mut into.actors, &from.actors), (&mut into.recipients, &from.recipients)];
    for ((list, other), across) in lists.into_iter().zip(sides) {
        // Who stands on one side already is not put on the other as well.
        for id in other.iter().filter(|id| !across.contains(&analysis.identity(**id))) {
            let known: Vec<String> = list.iter().map(|id| analysis.identity(*id)).collect();
            let words = |id: &MentionId| analysis.record(*id).text("text").map(str::to_lowercase);
            let said = list.iter().any(|own| words(own) == words(id));
            if list.is_empty() || !said && !known.contains(&analysis.identity(*id)) && list.len() < other.len() {
                list.push(*id);
            }
        }
    }
    // The more exact place stands; of equals one of the event's own goes before that of the dateline.
    let exact = |draft: &Draft| {
        let exact = draft.place.and_then(|id| analysis.lattice.mention(id)).map(|place| own_exactness(&place.record));
        (exact, !draft.filed)
    };
    if exact(from) > exact(into) {
        into.place = from.place;
        into.filed = from.filed;
    }
    // The more exact time stands.
    let sharper = match (&into.time, &from.time) {
        (None, Some(_)) => true,
        (Some(a), Some(b)) => b.resolved.granularity < a.resolved.granularity,
        _ => false,
    };
    if sharper {
        into.time = from.time.clone();
    }
    for mode in &from.modes {
        if !into.modes.contains(mode) {
            into.modes.push(mode.clone());
        }
    }
    for (name, value) in from.detail.iter() {
        if into.detail.set_if_absent(name.clone(), value.clone()) {
            let own = from.slots.iter().filter(|slot| slot.field.split('.').next() == Some(&**name)).cloned();
            into.slots.extend(own);
        }
    }
    // What one mention tells as a fact is a fact.
    if planned {
        into.assertion.status = Status::Future;
    } else if from.assertion.status == Status::Asserted {
        into.assertion.status = Status::Asserted;
    }
    // It was long ago for the mention that does not say so, too.
    if into.assertion.status == Status::Asserted && into.time.as_ref().is_some_and(|time| is_history(analysis, time)) {
        into.assertion.status = Status::Historical;
    }
    if into.assertion.attributed_to.is_none() {
        into.assertion.attributed_to = from.assertion.attributed_to.clone();
    }
}
