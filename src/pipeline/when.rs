//! When an event happened: which of the times around its trigger is its own, and where that is on the calendar.

use jiff::civil::Date;

use super::analysis::Analysis;
use super::calendar::{self, Tense};
use super::events::{Draft, EventTime};
use super::lattice::MentionId;
use super::setting;
use super::slots::Trigger;
use crate::event::domain::Status;
use crate::relations::{Argument, Binding, Clauses, Label, Tag, WordClass};
use crate::rules::program::class;
use crate::rules::ruleset::{Anchor, TimeKind};
use crate::text::TokenRange;

/// When it happened: a time that has a place on the calendar if there is one, else any other.
pub(super) fn time(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    spoken: Option<Date>,
) -> Option<EventTime> {
    let mut found = candidates(analysis, trigger, arguments, spoken);
    let dated = found.iter().position(|time| time.resolved.start.is_some()).unwrap_or(0);
    (dated < found.len()).then(|| found.swap_remove(dated))
}

/// The times that may be that of a predicate, nearest first: those that it has, those of its clause, those of the clauses
/// that it hangs on, those of the clauses that hang on it.
fn candidates(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    spoken: Option<Date>,
) -> Vec<EventTime> {
    let mut out = Vec::new();
    let (Some(ty), Some(clauses)) = (analysis.rules.time_type, analysis.clauses(trigger.sentence)) else {
        return out;
    };
    out.extend(apart(analysis, trigger, spoken, None));
    // "raised the toll from the quake on Monday": when it was is another matter.
    let aside = clauses.is_aside(trigger.head);
    for argument in arguments.iter().filter(|argument| !aside || argument.binding != Binding::Clause) {
        let own = analysis.mention_at(trigger.sentence, ty, trigger.start + argument.head);
        out.extend(own.filter(|id| !is_apart(analysis, *id)).and_then(|id| time_of(analysis, trigger, id, spoken)));
    }
    let heads: Vec<(MentionId, usize)> = analysis
        .mentions(trigger.sentence, ty)
        .filter(|(id, _)| !is_apart(analysis, *id))
        .map(|(id, m)| {
            let start = m.range.start as usize - trigger.start;
            (id, clauses.head_of(start..m.range.end as usize - trigger.start))
        })
        .collect();
    // "the 2005 assassination", "Friday's vote" are dated by it; what is said of them is not. Nor is it by the times of
    // those who are named beside it: "Mr. Fujimori, president from 1990 to 2000, ...".
    let local = |range: TokenRange| range.start as usize - trigger.start..range.end as usize - trigger.start;
    let is_of_other = |id: MentionId, time: usize| {
        let Some(mention) = analysis.lattice.mention(id) else { return false };
        let (words, own) = (local(mention.range), local(trigger.range));
        let Some(up) = clauses.head(time).filter(|up| !own.contains(up) && *up != trigger.head) else { return false };
        let before = words.start.checked_sub(1);
        let date = mention.time.as_deref().is_some_and(|time| time.kind == TimeKind::Date);
        let label = matches!(clauses.label(time), Label::Compound | Label::Amod | Label::NmodPoss | Label::Nummod);
        // "This month the Union imposed sanctions": not a month of the Union.
        let article = clauses.children(up).any(|c| clauses.label(c) == Label::Det && c >= words.end);
        // "Friday Britain pledged ...": not a Britain of Friday.
        let named = clauses.tag(up) == Some(Tag::NNP) && !clauses.children(up).any(|c| clauses.label(c) == Label::Det);
        let is_adverb = named && mention.time.as_deref().is_some_and(|time| time.weekday.is_some());
        let dates_noun = up > time
            // "in attacks Sunday northeast of Baghdad"
            && !clauses.is(up, WordClass::PLACE_PREPOSITION)
            && clauses.tag(up).is_some_and(Tag::is_noun)
            && (date && label && !article && !is_adverb
                || possesses(analysis, mention.range)
                || before.is_some_and(|word| clauses.head(word) == Some(up)));
        let acts = || {
            let actor = analysis.rules.actor_type;
            actor.and_then(|ty| analysis.mention_at(trigger.sentence, ty, trigger.start + up)).is_some()
        };
        let dates_noun = dates_noun && (acts() || !is_setting(&clauses, up, trigger.head));
        let mut above = std::iter::successors(Some(time), |at| clauses.head(*at));
        let beside = above.any(|at| clauses.label(at) == Label::Appos && !clauses.under(trigger.head, at));
        dates_noun || beside
    };
    let own = clauses.clause_head(trigger.head);
    let is_of_other = |id: MentionId, time: usize| {
        let next = || {
            let words = analysis.lattice.mention(id).map(|m| local(m.range));
            words.is_some_and(|words| words.start == trigger.head + 1)
        };
        is_of_other(id, time) || aside && !clauses.under(time, trigger.head) && !next()
    };
    let mut at = own;
    for step in 0..4 {
        let near = heads
            .iter()
            .filter(|(id, head)| clauses.clause_head(*head) == at && !is_of_other(*id, *head))
            .filter(|(_, head)| step == 0 || clauses.head(*head) == Some(at) || clauses.label(at) == Label::Root)
            .min_by_key(|(_, head)| head.abs_diff(trigger.head));
        out.extend(near.and_then(|(id, _)| time_of(analysis, trigger, *id, spoken)));
        // "since 2003, when troops entered the country"
        if step == 0 && clauses.label(at) == Label::AclRelcl {
            let when = heads.iter().filter(|(_, head)| Some(*head) == clauses.head(at));
            out.extend(when.filter_map(|(id, _)| beginning(analysis, trigger, *id, spoken)));
        }
        // "the 1976 bombing that killed 73", "Monday's raid that freed them"
        if step == 0 && clauses.label(at) == Label::AclRelcl && !has_subject(&clauses, at) {
            let noun = clauses.head(at);
            let dates = heads.iter().filter(|(_, head)| clauses.head(*head) == noun && *head < trigger.head);
            out.extend(dates.filter_map(|(id, _)| time_of(analysis, trigger, *id, spoken)));
        }
        // The time of a clause is that of the participles and conjuncts that hang on it, not of what it reports.
        match (clauses.label(at), clauses.head(at)) {
            (Label::Advcl | Label::Conj | Label::Acl, Some(head)) => at = clauses.clause_head(head),
            // "In May, police killed two men who had opened fire."
            (Label::AclRelcl, Some(head)) if clauses.tells_a_fact(at) => at = clauses.clause_head(head),
            _ => break,
        }
    }
    // "Speaking on Tuesday, he urged ..."
    let stages: Vec<usize> = setting::stages(&clauses, trigger.head).collect();
    let staged = |head: usize| stages.iter().any(|stage| setting::is_on_stage(&clauses, head, *stage));
    let staged = heads.iter().filter(|(id, head)| staged(*head) && !is_of_other(*id, *head));
    out.extend(staged.filter_map(|(id, _)| time_of(analysis, trigger, *id, spoken)));
    // "elections to be held May 25", "the flu, which has killed 60 people since 2003": what is said of a noun dates it.
    let noun = clauses.tag(trigger.head).is_some_and(Tag::is_noun);
    let below = |head: usize| {
        let clause = std::iter::successors(Some(head), |at| clauses.head(*at))
            .find(|at| matches!(clauses.label(*at), Label::Acl | Label::AclRelcl));
        noun && clause.is_some_and(|at| clauses.head(at) == Some(trigger.head))
    };
    let below = heads.iter().filter(|(id, head)| below(*head) && !is_of_other(*id, *head));
    out.extend(below.filter_map(|(id, _)| time_of(analysis, trigger, *id, spoken)));
    out
}

/// Whether a relative clause has a subject beside its pronoun.
fn has_subject(clauses: &Clauses<'_>, verb: usize) -> bool {
    let own = |c: usize| clauses.tag(c).is_some_and(|tag| tag.is_noun() || tag == Tag::PRP);
    clauses.children(verb).any(|c| clauses.label(c).is_subject() && own(c))
}

/// Whether a dated noun is that in which a predicate happens, or what does it: "died in Monday's attack", "Monday's attack
/// killed four".
fn is_setting(clauses: &Clauses<'_>, noun: usize, predicate: usize) -> bool {
    clauses.head(noun) == Some(predicate)
        && match clauses.label(noun) {
            Label::Nsubj => true,
            Label::Obl => setting::is_within(clauses, noun),
            _ => false,
        }
}

/// Whether a time is told by how far it is from what another clause tells: "a day after".
fn is_apart(analysis: &Analysis<'_>, id: MentionId) -> bool {
    let expression = analysis.lattice.mention(id).and_then(|mention| mention.time.as_deref());
    expression.is_some_and(|time| time.anchor == Anchor::Clause)
}

/// When it happened, by how far that is from what its clause hangs on: "killed six men on Friday, a day after troops took
/// the town" says when they took it. `told`: when that was, if its own sentence does not say it.
pub(super) fn apart(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    spoken: Option<Date>,
    told: Option<Date>,
) -> Option<EventTime> {
    let ty = analysis.rules.time_type?;
    let clauses = analysis.clauses(trigger.sentence)?;
    analysis.mentions(trigger.sentence, ty).filter(|(id, _)| is_apart(analysis, *id)).find_map(|(_, mention)| {
        let mark = (mention.range.end as usize).checked_sub(trigger.start)?;
        let later = clauses.head(mark)?;
        let own = later == trigger.head
            || clauses.tag(later).is_some_and(Tag::is_verb) && clauses.in_clause(later, trigger.head);
        let above = std::iter::successors(clauses.head(later), |at| clauses.head(*at))
            .find(|at| clauses.tag(*at).is_some_and(Tag::is_verb))
            .filter(|above| own && *above != trigger.head)?;
        let mut arguments = Vec::new();
        clauses.arguments(above, false, &mut arguments);
        let own = time(analysis, &Trigger { head: above, ..*trigger }, &arguments, spoken).map(|time| time.resolved);
        let day = own.and_then(|own| own.start.filter(|day| Some(*day) == own.end)).or(told)?;
        let expression = mention.time.as_deref()?;
        let resolved = calendar::resolve(expression, &analysis.reference(Tense::Open, Some(day)));
        Some(EventTime { resolved, range: mention.extent })
    })
}

/// When what a predicate tells was said.
pub(super) fn said(analysis: &Analysis<'_>, trigger: &Trigger, spoken: Option<Date>) -> Option<EventTime> {
    let clauses = analysis.clauses(trigger.sentence)?;
    let head = clauses.attribution(trigger.head)?.cue;
    let mut arguments = Vec::new();
    clauses.arguments(head, false, &mut arguments);
    time(analysis, &Trigger { head, ..*trigger }, &arguments, spoken)
}

/// Whether a party of an event is who tells of it.
pub(super) fn speaks_of_self(analysis: &Analysis<'_>, trigger: &Trigger, draft: &Draft) -> bool {
    let speaker = analysis.clauses(trigger.sentence).and_then(|clauses| clauses.attribution(trigger.head));
    let speaker = speaker
        .zip(analysis.rules.actor_type)
        .and_then(|(attribution, ty)| analysis.mention_at(trigger.sentence, ty, trigger.start + attribution.speaker));
    speaker.is_some_and(|speaker| {
        let speaker = analysis.identity(speaker);
        draft.actors.iter().any(|actor| analysis.identity(*actor) == speaker)
    })
}

/// Places a mention of a time for a predicate: as the predicate looks, else as the word looks that the time hangs on.
pub(super) fn time_of(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    id: MentionId,
    spoken: Option<Date>,
) -> Option<EventTime> {
    let range = analysis.lattice.mention(id)?.range;
    let tense = match analysis.tense(trigger.sentence, trigger.start + trigger.head) {
        Tense::Past => Tense::Past,
        Tense::Future if !possesses(analysis, range) => Tense::Future,
        _ => tense_around(analysis, trigger.sentence, range),
    };
    placed(analysis, trigger.sentence, id, tense, spoken)
}

/// The same of a time from which something lasts: its beginning.
fn beginning(analysis: &Analysis<'_>, trigger: &Trigger, id: MentionId, spoken: Option<Date>) -> Option<EventTime> {
    let mention = analysis.lattice.mention(id)?;
    let expression = mention.time.as_deref()?;
    match (&expression.from, &expression.to) {
        (Some(from), None) if expression.day.is_none() && expression.year.is_none() => {
            let resolved = calendar::resolve(from, &analysis.reference(Tense::Past, spoken));
            Some(EventTime { resolved, range: mention.extent })
        }
        _ => time_of(analysis, trigger, id, spoken),
    }
}

/// "Tuesday's explosion"
fn possesses(analysis: &Analysis<'_>, time: TokenRange) -> bool {
    analysis.lattice.class(time.end as usize) & class::POSSESSIVE != 0
}

/// Where the word looks that a time hangs on.
pub(super) fn tense_around(analysis: &Analysis<'_>, sentence: usize, time: TokenRange) -> Tense {
    let (Some(clauses), Some(own)) = (analysis.clauses(sentence), analysis.sentence(sentence)) else {
        return Tense::Open;
    };
    let start = own.tokens.start as usize;
    let head = clauses.head_of(time.start as usize - start..time.end as usize - start);
    let Some(up) = clauses.head(head) else { return Tense::Open };
    if !possesses(analysis, time) {
        return analysis.tense(sentence, start + up);
    }
    // "will vote in Friday's election" looks ahead; "to investigate Tuesday's explosion" does not.
    let verb = std::iter::successors(Some(up), |at| clauses.head(*at))
        .take(4)
        .find(|at| clauses.tag(*at).is_some_and(Tag::is_verb));
    let modal = |verb: usize| clauses.modifiers(verb).any(|(child, _)| clauses.tag(child) == Some(Tag::MD));
    if verb.is_some_and(modal) { Tense::Future } else { Tense::Open }
}

/// Places a mention of a time; a time of day takes its day from a neighbour.
pub(super) fn placed(
    analysis: &Analysis<'_>,
    sentence: usize,
    id: MentionId,
    tense: Tense,
    spoken: Option<Date>,
) -> Option<EventTime> {
    let mention = analysis.lattice.mention(id)?;
    let expression = mention.time.as_deref()?;
    let reference = analysis.reference(tense, spoken);
    let resolved = if expression.is_clock() {
        let ty = analysis.rules.time_type?;
        let day = analysis
            .mentions(sentence, ty)
            .filter_map(|(_, other)| other.time.as_deref().filter(|time| !time.is_clock()))
            .find_map(|time| calendar::resolve(time, &reference).start)
            .or(spoken)
            .or(reference.document)?;
        calendar::at_clock(day, expression, &reference)
    } else {
        calendar::resolve(expression, &reference)
    };
    Some(EventTime { resolved, range: mention.extent })
}

/// What is planned lies ahead, whatever the tense of its verb: "are set for Friday".
pub(super) fn look_ahead(analysis: &Analysis<'_>, trigger: &Trigger, draft: &mut Draft, spoken: Option<Date>) {
    let (Some(ty), Status::Future, Some(time)) = (analysis.rules.time_type, draft.assertion.status, &draft.time) else {
        return;
    };
    let own = analysis.mentions(trigger.sentence, ty).find(|(_, mention)| mention.extent == time.range);
    if let Some(found) = own.and_then(|(id, _)| placed(analysis, trigger.sentence, id, Tense::Future, spoken)) {
        draft.time = Some(found);
    }
}
