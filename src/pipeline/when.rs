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
use crate::rules::ruleset::{Anchor, EventRule, TimeKind};
use crate::text::TokenRange;

/// When it happened: a time that has a place on the calendar if there is one, else any other.
pub(super) fn time(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    rule: Option<&EventRule>,
    spoken: Option<Date>,
) -> Option<EventTime> {
    let mut found = candidates(analysis, trigger, arguments, rule, spoken);
    let dated = found.iter().position(|time| time.resolved.start.is_some()).unwrap_or(0);
    (dated < found.len()).then(|| found.swap_remove(dated))
}

/// The times that may be that of a predicate, nearest first: those that it has, those of its clause, those of the clauses
/// that it hangs on, those of the clauses that hang on it.
fn candidates(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    rule: Option<&EventRule>,
    spoken: Option<Date>,
) -> Vec<EventTime> {
    let mut out = Vec::new();
    let (Some(ty), Some(clauses)) = (analysis.rules.time_type, analysis.clauses(trigger.sentence)) else {
        return out;
    };
    out.extend(apart(analysis, trigger, spoken, None));
    let time_of = |id: MentionId| time_of(analysis, trigger, id, rule, spoken);
    let local = |range: TokenRange| range.start as usize - trigger.start..range.end as usize - trigger.start;
    let looks = match analysis.tense(trigger.sentence, trigger.start + trigger.head) {
        Tense::Open if rule.is_some_and(EventRule::happens) => Tense::Past,
        tense => tense,
    };
    out.extend(in_front(analysis, &clauses, trigger, looks));
    out.extend(right_behind(analysis, &clauses, trigger).and_then(time_of));
    // "raised the toll from the quake on Monday": when it was is another matter.
    let aside = clauses.is_aside(trigger.head) || clauses.is_of_other_occasion(trigger.head);
    let content =
        rule.filter(|rule| rule.is_speech() && looks != Tense::Future).and_then(|_| content(&clauses, trigger.head));
    // "after talks with the rebels in Oslo on Monday": whether a time is that of the noun in such a phrase.
    let within = |words: usize| occasion(&clauses, words).is_some_and(|from| (from..words).contains(&trigger.head));
    let noun = clauses.tag(trigger.head).is_some_and(Tag::is_noun);
    let is_elsewhere = |id: MentionId| {
        let Some(words) = analysis.lattice.mention(id).map(|mention| local(mention.range)) else { return true };
        let time = words.start;
        // "agreed to meet on Monday": that of what is agreed. "freed them ahead of the vote on Monday": that of the vote.
        let own = within(time) || (noun && clauses.under(clauses.head_of(words), trigger.head));
        content.is_some_and(|content| content < time)
            || (!own
                && occasion(&clauses, time).is_some_and(|from| {
                    clauses.is(from, WordClass::OCCASION_PREPOSITION) || !rule.is_some_and(EventRule::happens)
                }))
    };
    for argument in arguments.iter().filter(|argument| !aside || argument.binding != Binding::Clause) {
        let own = analysis.mention_at(trigger.sentence, ty, trigger.start + argument.head);
        out.extend(own.filter(|id| !is_apart(analysis, *id) && !is_elsewhere(*id)).and_then(time_of));
    }
    let heads: Vec<(MentionId, usize)> = analysis
        .mentions(trigger.sentence, ty)
        .filter(|(id, _)| !is_apart(analysis, *id) && !is_elsewhere(*id))
        .map(|(id, m)| {
            let start = m.range.start as usize - trigger.start;
            (id, clauses.head_of(start..m.range.end as usize - trigger.start))
        })
        .collect();
    // "the 2005 assassination", "Friday's vote" are dated by it; what is said of them is not. Nor is it by the times of
    // those who are named beside it: "Mr. Fujimori, president from 1990 to 2000, ...".
    let is_of_other = |id: MentionId, time: usize| {
        let Some(mention) = analysis.lattice.mention(id) else { return false };
        let (words, own) = (local(mention.range), local(trigger.range));
        // "the 1995 Srebrenica massacre": the last of the nouns.
        let mut dated = std::iter::successors(clauses.head(time), |at| {
            clauses.head(*at).filter(|up| up > at && matches!(clauses.label(*at), Label::Compound | Label::Amod))
        });
        if dated.any(|at| own.contains(&at) || at == trigger.head) {
            return false;
        }
        let Some(up) = clauses.head(time) else { return false };
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
        // "implicated him in the 2005 bombing": what is said was not then; but "in Friday's sermon he blamed ..."
        let speech = rule.is_some_and(EventRule::is_speech);
        let setting = || is_setting(&clauses, up, trigger.head) && !(speech && up > trigger.head);
        let dates_noun = dates_noun && (acts() || !setting());
        // "in the Lower Dir and Swat valleys last year": no name of the valleys.
        let loose = |at: usize| at == time && before.is_some_and(|word| clauses.tag(word) != Some(Tag::COMMA));
        let mut above = std::iter::successors(Some(time), |at| clauses.head(*at));
        let beside =
            above.any(|at| clauses.label(at) == Label::Appos && !loose(at) && !clauses.under(trigger.head, at));
        // "cancelled the meetings scheduled for Friday": those of whom, or of what, something else is told; not "withdrew the
        // troops based in Lima on Friday".
        let told_of = clauses.label(up) == Label::Acl
            && clauses.tag(up) == Some(Tag::VBN)
            && trigger.head < up
            && up < words.start
            && clauses.head(up) != Some(trigger.head)
            && !(up + 1..words.start.saturating_sub(1)).any(|at| clauses.is(at, WordClass::PLACE_PREPOSITION));
        dates_noun || beside || told_of
    };
    let own = clauses.clause_head(trigger.head);
    let is_of_other = |id: MentionId, time: usize| {
        let Some(words) = analysis.lattice.mention(id).map(|m| local(m.range)) else { return true };
        let next = words.start == trigger.head + 1;
        is_of_other(id, time) || aside && !within(words.start) && !next && !clauses.under(time, trigger.head)
    };
    let mut at = own;
    // Whether only conjunctions lie between the predicate's clause and this one.
    let mut joined = true;
    for step in 0..4 {
        let near = heads
            .iter()
            .filter(|(id, head)| clauses.clause_head(*head) == at && !is_of_other(*id, *head))
            .filter(|(_, head)| step == 0 || clauses.head(*head) == Some(at) || clauses.label(at) == Label::Root)
            .min_by_key(|(_, head)| head.abs_diff(trigger.head));
        out.extend(near.and_then(|(id, _)| time_of(*id)));
        // "police were killed and four others wounded on Monday"
        if step == 0 && near.is_none() && !clauses.is_perfect(at) {
            let joined =
                clauses.children(at).filter(|c| clauses.label(*c) == Label::Conj && shares_end(&clauses, at, *c));
            let last = joined.last().and_then(|verb| {
                heads
                    .iter()
                    .find(|(id, head)| clauses.head(*head) == Some(verb) && *head > verb && !is_of_other(*id, *head))
            });
            out.extend(last.and_then(|(id, _)| time_of(*id)));
        }
        // "since 2003, when troops entered the country"
        if joined && clauses.label(at) == Label::AclRelcl {
            let when = heads.iter().filter(|(_, head)| Some(*head) == clauses.head(at));
            out.extend(when.filter_map(|(id, _)| beginning(analysis, trigger, *id, rule, spoken)));
        }
        // "the 1976 bombing that killed 73", "Monday's raid that freed them"
        if step == 0 && clauses.label(at) == Label::AclRelcl && !has_subject(&clauses, at) {
            let noun = clauses.head(at);
            let dates = heads.iter().filter(|(_, head)| clauses.head(*head) == noun && *head < trigger.head);
            out.extend(dates.filter_map(|(id, _)| time_of(*id)));
        }
        joined &= clauses.label(at) == Label::Conj;
        // The time of a clause is that of the participles and conjuncts that hang on it, not of what it reports, nor of what
        // it came after ("resigned on Friday after protesters stormed the palace").
        match (clauses.label(at), clauses.head(at)) {
            (Label::Advcl, Some(_)) if is_of_other_occasion(&clauses, at) => break,
            (Label::Advcl | Label::Conj | Label::Acl, Some(head)) => at = clauses.clause_head(head),
            // "In May, police killed two men who had opened fire."; but "freed the men that they had held for a week"
            (Label::AclRelcl, Some(head))
                if clauses.tells_a_fact(at) && !heads.iter().any(|(_, t)| clauses.clause_head(*t) == at) =>
            {
                at = clauses.clause_head(head);
            }
            _ => break,
        }
    }
    // "Speaking on Tuesday, he urged ..."
    let stages: Vec<usize> = setting::stages(&clauses, trigger.head).collect();
    let staged = |head: usize| stages.iter().any(|stage| setting::is_on_stage(&clauses, head, *stage));
    let staged = heads.iter().filter(|(id, head)| staged(*head) && !is_of_other(*id, *head));
    out.extend(staged.filter_map(|(id, _)| time_of(*id)));
    // "elections to be held May 25", "the flu, which has killed 60 people since 2003": what is said of a noun dates it.
    let below = |head: usize| {
        let clause = std::iter::successors(Some(head), |at| clauses.head(*at))
            .find(|at| matches!(clauses.label(*at), Label::Acl | Label::AclRelcl));
        noun && clause.is_some_and(|at| clauses.head(at) == Some(trigger.head))
    };
    let below = heads.iter().filter(|(id, head)| below(*head) && !is_of_other(*id, *head));
    out.extend(below.filter_map(|(id, _)| time_of(*id)));
    out
}

/// The time among the words before a noun: "the deadly 2003 bombing", "the September 11, 2001, attacks", "a week after the July
/// 21 attacks".
fn in_front(analysis: &Analysis<'_>, clauses: &Clauses<'_>, trigger: &Trigger, tense: Tense) -> Option<EventTime> {
    let ty = analysis.rules.time_type?;
    clauses.tag(trigger.head).filter(|tag| tag.is_noun())?;
    let mut end = (trigger.range.start as usize).checked_sub(trigger.start)?;
    let ends = |end: usize, full: bool| {
        analysis.mentions(trigger.sentence, ty).find_map(|(id, mention)| {
            let time = mention.time.as_deref().filter(|_| mention.range.end as usize - trigger.start == end)?;
            let whole = !full || time.day.is_some() && time.year.is_some();
            match (time.kind, &time.from) {
                (TimeKind::Date, None) if whole => placed(analysis, trigger.sentence, id, tense, None),
                (TimeKind::Offset, Some(from)) => {
                    let resolved = calendar::resolve(from, &analysis.reference(tense, None));
                    Some(EventTime { resolved, range: mention.extent })
                }
                _ => None,
            }
        })
    };
    for _ in 0..4 {
        let before = end.checked_sub(1)?;
        if let Some(time) = ends(end, false) {
            return Some(time);
        }
        match clauses.tag(before)? {
            Tag::COMMA => return ends(before, true),
            tag if tag.is_noun() || matches!(tag, Tag::JJ | Tag::VBG | Tag::VBN) => end = before,
            _ => return None,
        }
    }
    None
}

/// The time behind a noun, with nothing between them but what is done with it: "drills to begin on Tuesday", "elections planned
/// for 2010"; not "arrests announced on Tuesday".
fn right_behind(analysis: &Analysis<'_>, clauses: &Clauses<'_>, trigger: &Trigger) -> Option<MentionId> {
    const WORDS: usize = 5;
    let ty = analysis.rules.time_type?;
    clauses.tag(trigger.head).filter(|tag| tag.is_noun())?;
    let from = trigger.range.end as usize - trigger.start;
    let joins = |at: usize| {
        let verb = clauses.tag(at).is_some_and(|tag| tag.is_verb() && !tag.is_finite());
        let link = matches!(clauses.tag(at), Some(Tag::TO | Tag::IN));
        (verb && !clauses.is(at, WordClass::REPORT_VERB) || link) && !clauses.sets_apart(at)
    };
    analysis.mentions(trigger.sentence, ty).find_map(|(id, mention)| {
        let start = mention.range.start as usize - trigger.start;
        let verb = (from..start.max(from)).any(|at| clauses.tag(at).is_some_and(Tag::is_verb));
        let joined = verb && start > from && start - from <= WORDS && (from..start).all(joins);
        (joined && !is_apart(analysis, id)).then_some(id)
    })
}

/// The preposition of another occasion behind whose noun a time stands, with no clause between: "after talks in Oslo on
/// Monday".
fn occasion(clauses: &Clauses<'_>, time: usize) -> Option<usize> {
    const WORDS: usize = 16;
    let first = (0..time).rev().take(WORDS).take_while(|at| {
        let tag = clauses.tag(*at);
        let stops = matches!(tag, Some(Tag::COMMA | Tag::WDT | Tag::WP | Tag::WRB | Tag::MD | Tag::VB));
        !stops && !tag.is_some_and(Tag::is_finite)
    });
    let first = first.into_iter().find(|at| clauses.sets_apart(*at) && clauses.label(*at) != Label::Mark)?;
    let noun = |at: usize| clauses.tag(at).is_some_and(Tag::is_noun) && !clauses.is(at, WordClass::TIME);
    (first + 1..time).any(noun).then_some(first)
}

/// Whether a clause of its own subject begins with "after", "before".
fn is_of_other_occasion(clauses: &Clauses<'_>, verb: usize) -> bool {
    // "shortly after he landed": on the same day.
    let soon = |c: usize| c.checked_sub(1).is_some_and(|before| clauses.is(before, WordClass::SOON));
    let marked = |c: usize| clauses.label(c) == Label::Mark && clauses.sets_apart(c) && !soon(c);
    clauses.children(verb).any(marked) && clauses.children(verb).any(|c| clauses.label(c).is_subject())
}

/// Where what is asked, agreed or promised begins behind an act of speech.
fn content(clauses: &Clauses<'_>, speech: usize) -> Option<usize> {
    let clausal = |at: usize| matches!(clauses.label(at), Label::Xcomp | Label::Ccomp | Label::Acl);
    let told = |at: usize| clauses.tag(at) == Some(Tag::VB) || clauses.label(at) == Label::Ccomp;
    let below = clauses.children(speech).filter(|c| *c > speech);
    below
        .flat_map(|c| std::iter::once(c).chain(clauses.children(c).filter(move |low| *low > c)))
        .filter(|at| clausal(*at) && told(*at))
        .min()
}

/// Whether a predicate and the one that is joined to it share what stands behind them: "were killed and others wounded on
/// Monday".
fn shares_end(clauses: &Clauses<'_>, verb: usize, joined: usize) -> bool {
    let bare = |at: usize| clauses.children(at).all(|c| !matches!(clauses.label(c), Label::Aux | Label::AuxPass));
    let past = |at: usize| matches!(clauses.tag(at), Some(Tag::VBD | Tag::VBN));
    past(verb) && past(joined) && bare(joined)
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
        let own =
            time(analysis, &Trigger { head: above, ..*trigger }, &arguments, None, spoken).map(|time| time.resolved);
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
    time(analysis, &Trigger { head, ..*trigger }, &arguments, None, spoken)
}

/// Whether a time is that of the word on which what is planned hangs: "proposed in February holding elections", "the decision
/// on Wednesday to nominate her".
pub(super) fn is_of_plan(analysis: &Analysis<'_>, trigger: &Trigger, time: &EventTime) -> bool {
    let (Some(clauses), Some((at, id))) = (analysis.clauses(trigger.sentence), head_of(analysis, trigger, time)) else {
        return false;
    };
    // "said in a Friday interview that he will run"
    let above = std::iter::successors(clauses.head(at), |at| clauses.head(*at));
    let mut above = above.take_while(|up| *up != trigger.head);
    let own = |up: &usize| clauses.under(trigger.head, *up) || clauses.tag(*up).is_some_and(Tag::is_verb);
    let Some(up) = above.find(own).filter(|_| at < trigger.head) else { return false };
    // "set May 6 for the vote": the day itself is what is set.
    let next = analysis.lattice.mention(id).is_some_and(|m| m.range.start as usize == trigger.start + up + 1);
    let set = clauses.label(at) == Label::OblUnmarked
        && next
        && !clauses.children(up).any(|c| matches!(clauses.label(c), Label::Obj | Label::Ccomp | Label::Xcomp));
    let beside =
        matches!(clauses.label(at), Label::Obl | Label::OblUnmarked | Label::Nmod | Label::NmodUnmarked) && !set;
    let told = clauses.is_past(up) || clauses.is_perfect(up) || clauses.tag(up).is_some_and(Tag::is_noun);
    let carried = clauses.head(trigger.head) == Some(up) && clauses.is(up, WordClass::LIGHT_VERB);
    beside && told && !carried && clauses.under(trigger.head, up)
}

/// Whether an event is told by its own time to be over on the article's day, wherever a verb above it looks: "the results of
/// last month's election", "the sailors freed on May 2".
pub(super) fn is_over(analysis: &Analysis<'_>, trigger: &Trigger, time: &EventTime) -> bool {
    let (Some(clauses), Some((at, id))) = (analysis.clauses(trigger.sentence), head_of(analysis, trigger, time)) else {
        return false;
    };
    let noun = clauses.tag(trigger.head).is_some_and(Tag::is_noun);
    let participle = clauses.tag(trigger.head) == Some(Tag::VBN) && clauses.label(trigger.head) == Label::Acl;
    let over = |time: &EventTime| time.resolved.end.is_some_and(|end| Some(end) < analysis.day.date);
    let own = (noun || participle) && clauses.under(at, trigger.head);
    own && over(time) && placed(analysis, trigger.sentence, id, Tense::Future, None).is_some_and(|ahead| over(&ahead))
}

/// The head word of a time in a sentence, and its mention.
fn head_of(analysis: &Analysis<'_>, trigger: &Trigger, time: &EventTime) -> Option<(usize, MentionId)> {
    let mut times = analysis.mentions(trigger.sentence, analysis.rules.time_type?);
    let (id, mention) = times.find(|(_, mention)| mention.extent == time.range)?;
    let start = (mention.range.start as usize).checked_sub(trigger.start)?;
    let clauses = analysis.clauses(trigger.sentence)?;
    Some((clauses.head_of(start..mention.range.end as usize - trigger.start), id))
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
    rule: Option<&EventRule>,
    spoken: Option<Date>,
) -> Option<EventTime> {
    let range = analysis.lattice.mention(id)?.range;
    let tense = match analysis.tense(trigger.sentence, trigger.start + trigger.head) {
        Tense::Past => Tense::Past,
        Tense::Future if !possesses(analysis, range) => Tense::Future,
        _ => tense_around(analysis, trigger.sentence, range),
    };
    // "a September air strike": what nobody sets a day for has been, unless something says that it is to come.
    let tense = if tense == Tense::Open && rule.is_some_and(EventRule::happens) { Tense::Past } else { tense };
    placed(analysis, trigger.sentence, id, tense, spoken)
}

/// The same of a time from which something lasts: its beginning.
fn beginning(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    id: MentionId,
    rule: Option<&EventRule>,
    spoken: Option<Date>,
) -> Option<EventTime> {
    let mention = analysis.lattice.mention(id)?;
    let expression = mention.time.as_deref()?;
    match (&expression.from, &expression.to) {
        (Some(from), None) if expression.day.is_none() && expression.year.is_none() => {
            let resolved = calendar::resolve(from, &analysis.reference(Tense::Past, spoken));
            Some(EventTime { resolved, range: mention.extent })
        }
        _ => time_of(analysis, trigger, id, rule, spoken),
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
