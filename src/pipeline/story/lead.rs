//! What the sentence behind a lead says of the day and the place of what the lead tells.

use jiff::ToSpan;
use jiff::civil::Date;

use super::body;
use super::places::turns;
use super::speech::is_speech;
use crate::event::domain::Status;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::calendar::Tense;
use crate::pipeline::events::{Draft, EventTime};
use crate::pipeline::lattice::{Mention, MentionId};
use crate::pipeline::setting::{self, own_exactness};
use crate::pipeline::slots::Trigger;
use crate::pipeline::when;
use crate::relations::{Clauses, Label, Tag, WordClass};

/// Days before the article's own within which the day lies that a lead leaves to the next sentence.
const NEWS: i64 = 7;

/// Whether a day lies within the news of an article of `today`.
pub(super) fn is_news(today: Date, time: &EventTime) -> bool {
    let earliest = today.checked_sub(NEWS.days()).ok();
    time.resolved.start.is_some_and(|day| earliest <= Some(day) && day <= today)
}

/// The lead says what happened, the next sentence when, and more exactly where: "A bomb has killed six people in
/// Pakistan. Police say it exploded Friday in the city of Quetta."
pub(super) fn lead(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) -> Option<()> {
    let mut body = body(analysis);
    let (first, next, third) = (body.next()?, body.next()?, body.next());
    let leads = |draft: &Draft| draft.stands() && draft.sentence == first;
    if !drafts.iter().any(leads) {
        return None;
    }
    analysis.parse(first);
    analysis.parse(next);
    let (mut day, place) = (told_day(analysis, next), told_place(analysis, next));
    // Where that one tells no time at all, the third may.
    if day.is_none()
        && analysis.mentions(next, analysis.rules.time_type?).next().is_none()
        && let Some(third) = third
    {
        analysis.parse(third);
        day = told_day(analysis, third).filter(|_| !turns(analysis, third));
    }
    let start = analysis.sentence(first)?.tokens.start as usize;
    for index in 0..drafts.len() {
        let Some(draft) = drafts.get(index).filter(|draft| leads(draft)) else { continue };
        let rule = analysis.rules.events.get(draft.rule)?;
        let dated = draft.time.is_none() && draft.assertion.status == Status::Asserted;
        // "..., a day after troops took the town"
        let trigger = Trigger { sentence: first, start, head: draft.head - start, range: draft.trigger };
        let told = day.as_ref().and_then(|day| day.resolved.start);
        let apart = when::apart(analysis, &trigger, None, told).filter(|_| dated);
        if apart.is_some() || !is_told(analysis, draft) {
            if let Some(draft) = drafts.get_mut(index).filter(|_| apart.is_some()) {
                draft.time = apart;
            }
            continue;
        }
        let speech = is_speech(analysis, draft);
        let own = draft.place.filter(|_| !draft.filed).and_then(|id| analysis.lattice.mention(id));
        // What the next sentence tells of another event of the kind is that event's.
        let other = drafts.iter().any(|other| {
            other.stands() && other.category == draft.category && other.sentence == next && other.place.is_some()
        });
        let finer = place.filter(|id| {
            let Some(place) = analysis.lattice.mention(*id) else { return false };
            let inside = |own: &Mention| {
                let countries = own.record.text("country").zip(place.record.text("country"));
                countries.is_none_or(|(a, b)| a == b) && own_exactness(&own.record) < own_exactness(&place.record)
            };
            rule.happens() && !other && own.is_none_or(inside)
        });
        if let Some(draft) = drafts.get_mut(index) {
            if dated && !speech {
                draft.time.clone_from(&day);
            }
            draft.place = finer.or(draft.place);
        }
    }
    Some(())
}

/// Whether an event is what its sentence tells: its main clause, or what that reports.
pub(super) fn is_told(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    let Some((clauses, sentence)) = analysis.clauses(draft.sentence).zip(analysis.sentence(draft.sentence)) else {
        return false;
    };
    draft.head.checked_sub(sentence.tokens.start as usize).is_some_and(|head| is_backbone(&clauses, head))
}

fn is_backbone(clauses: &Clauses<'_>, mut at: usize) -> bool {
    for _ in 0..=clauses.len() {
        let passes = match clauses.label(at) {
            Label::Root => return true,
            Label::Ccomp | Label::Conj | Label::Xcomp | Label::Parataxis => true,
            Label::Nsubj | Label::NsubjPass | Label::Obj => true,
            // "died in a clash"
            Label::Obl => clauses.children(at).any(|c| clauses.is(c, WordClass::PLACE_PREPOSITION)),
            _ => false,
        };
        match clauses.head(at).filter(|_| passes) {
            Some(head) => at = head,
            None => return false,
        }
    }
    false
}

/// The day on which a sentence says that something happened; not the one on which somebody said so.
pub(super) fn told_day(analysis: &Analysis<'_>, sentence: usize) -> Option<EventTime> {
    let (ty, today) = (analysis.rules.time_type?, analysis.day.date?);
    let clauses = analysis.clauses(sentence)?;
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let earliest = today.checked_sub(NEWS.days()).ok()?;
    let told = |id: MentionId, mention: &Mention, beside: bool| {
        let head = clauses.head_of(mention.range.start as usize - start..mention.range.end as usize - start);
        let verb = std::iter::successors(clauses.head(head), |at| clauses.head(*at))
            .find(|at| clauses.tag(*at).is_some_and(Tag::is_verb))?;
        // "the Thursday strike" is dated wherever it is spoken of.
        let dates_noun = matches!(clauses.label(head), Label::Compound | Label::NmodPoss | Label::Amod);
        let reported = clauses.is(verb, WordClass::REPORT_VERB) && !dates_noun;
        // "fired shots as they entered the bar before dawn Wednesday"
        let above = clauses.head(verb).filter(|_| beside && clauses.tells_a_fact(verb));
        let backbone = is_backbone(&clauses, above.unwrap_or(verb));
        if reported || !backbone || analysis.tense(sentence, start + verb) == Tense::Future {
            return None;
        }
        let time = when::placed(analysis, sentence, id, Tense::Past, None)?;
        let day = time.resolved.start.filter(|day| Some(*day) == time.resolved.end)?;
        (earliest <= day && day <= today).then_some(time)
    };
    let found = |beside| analysis.mentions(sentence, ty).find_map(|(id, mention)| told(id, mention, beside));
    found(false).or_else(|| found(true))
}

/// The most exact place that a sentence says something to have happened at, if it is one: not "in Paris and Lyon".
pub(super) fn told_place(analysis: &Analysis<'_>, sentence: usize) -> Option<MentionId> {
    let ty = analysis.rules.place_type?;
    let clauses = analysis.clauses(sentence)?;
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let mut listed = false;
    let mut found: Vec<(u8, MentionId)> = Vec::new();
    for (id, mention) in analysis.mentions(sentence, ty) {
        let range = mention.range.start as usize - start..mention.range.end as usize - start;
        let head = clauses.head_of(range.clone());
        listed |= clauses.label(head) == Label::Conj;
        let mut above = std::iter::successors(Some(head), |at| clauses.head(*at));
        let aside = above.any(|at| matches!(clauses.label(at), Label::AclRelcl | Label::Acl));
        if setting::is_introduced(&clauses, range) && !aside {
            found.push((own_exactness(&mention.record), id));
        }
    }
    found.sort_by_key(|(exact, id)| (std::cmp::Reverse(*exact), *id));
    found.first().filter(|_| !listed).map(|(_, id)| *id)
}
