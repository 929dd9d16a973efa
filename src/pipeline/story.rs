//! What an event does not say of where and when it was, the story around it may say: the sentence that follows a lead,
//! those in which a speaker is told to have spoken, the places last named, the country that it is all about.

use jiff::ToSpan;
use jiff::civil::Date;

use super::analysis::Analysis;
use super::calendar::Tense;
use super::contexts;
use super::events::{Draft, EventTime};
use super::lattice::{Mention, MentionId};
use super::setting::{self, own_exactness};
use super::slots::Trigger;
use super::when;
use crate::event::domain::{Record, Status};
use crate::relations::{Clauses, Label, Tag, WordClass};
use crate::rules::ruleset::{EventRule, PlacePolicy};
use crate::text::{Part, TokenRange};

/// Sentences after an act of speech in which its speaker may be told to have spoken.
const SPOKEN: usize = 3;

/// Sentences back in which a place is still that of the story.
const BACK: usize = 3;

/// Days before the article's own within which the day lies that a lead leaves to the next sentence.
const NEWS: i64 = 7;

/// Gives events the places and times that the sentences around them tell.
pub(super) fn settle(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    said(analysis, drafts);
    lead(analysis, drafts);
    placed_around(analysis, drafts);
    dated_before(analysis, drafts);
    filed(analysis, drafts);
    background(analysis, drafts);
    in_country(analysis, drafts);
}

/// What another mention, or the story, has dated to the day on which the article was filed.
fn filed(analysis: &Analysis<'_>, drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| draft.stands()) {
        if let Some(rule) = analysis.rules.events.get(draft.rule) {
            setting::filed_place(analysis, rule, draft);
        }
    }
}

/// Dates acts of speech that tell no time: "The minister has urged ...", and then "He said on Friday ...".
fn said(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| draft.stands() && draft.time.is_none()) {
        if !is_speech(analysis, draft) || draft.actors.is_empty() || draft.assertion.status != Status::Asserted {
            continue;
        }
        let next = draft.sentence + 1..=draft.sentence + SPOKEN;
        let found = next.into_iter().find_map(|sentence| spoke(analysis, sentence, draft));
        let found = found.or_else(|| went_on(analysis, draft));
        if let Some((time, place)) = found {
            draft.time = Some(time);
            draft.place = draft.place.or(place);
        }
    }
}

/// What somebody says right behind what he is told to have said on a day was said then: "The minister said on Friday ... He
/// also urged ..."; but what he "has urged" may be older.
fn went_on(analysis: &mut Analysis<'_>, draft: &Draft) -> Option<(EventTime, Option<MentionId>)> {
    let before = draft.sentence.checked_sub(1)?;
    let times = analysis.rules.time_type?;
    let body = analysis.sentence(before).is_some_and(|sentence| sentence.part == Part::Body);
    if !body || turns(analysis, draft.sentence) || analysis.mentions(draft.sentence, times).next().is_some() {
        return None;
    }
    let start = analysis.sentence(draft.sentence)?.tokens.start as usize;
    let clauses = analysis.clauses(draft.sentence)?;
    let head = draft.head.checked_sub(start)?;
    let says = clauses.attribution(head).map_or(head, |attribution| attribution.cue);
    let told = clauses.is_past(says) || says != head && clauses.tag(says) == Some(Tag::VBZ);
    if !told || clauses.label(says) != Label::Root {
        return None;
    }
    spoke(analysis, before, draft)
}

/// The sentences of the article's own text.
fn body<'a>(analysis: &Analysis<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let sentences = analysis.doc().sentences().iter().enumerate();
    sentences.filter(|(_, sentence)| sentence.part == Part::Body && !sentence.duplicate).map(|(index, _)| index)
}

/// Whether a sentence is the first one of the article's own text.
pub(super) fn is_lead(analysis: &Analysis<'_>, sentence: usize) -> bool {
    body(analysis).next() == Some(sentence)
}

/// Whether an event is an act of speech, as far as its rule says.
fn is_speech(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    analysis.rules.events.get(draft.rule).is_some_and(EventRule::is_speech)
}

/// When, and where, a sentence says that a party of an event spoke; the very next one may say it by any verb ("asked",
/// "made the comments").
fn spoke(analysis: &mut Analysis<'_>, sentence: usize, draft: &Draft) -> Option<(EventTime, Option<MentionId>)> {
    let (times, actors) = (analysis.rules.time_type?, analysis.rules.actor_type?);
    analysis.mentions(sentence, times).next()?;
    analysis.parse(sentence);
    let speakers: Vec<String> = draft.actors.iter().map(|id| analysis.identity(*id)).collect();
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let day = analysis.day.date?;
    let next = sentence == draft.sentence + 1 && is_lead(analysis, draft.sentence);
    let clauses = analysis.clauses(sentence)?;
    for head in 0..clauses.len() {
        let says = clauses.is(head, WordClass::REPORT_VERB);
        let acts = next && clauses.is_past(head) && clauses.label(head) == Label::Root;
        if !(says || acts) || !clauses.tag(head).is_some_and(Tag::is_verb) {
            continue;
        }
        let mut arguments = Vec::new();
        clauses.arguments(head, false, &mut arguments);
        let known =
            arguments.iter().filter(|argument| argument.role == crate::relations::Role::Agent).any(|argument| {
                // "Mr. Hariri's office", "the company's chief executive" speak for him, for it.
                let phrase = clauses.phrase(argument.head, false);
                let phrase = TokenRange::new(start + phrase.start, start + phrase.end);
                let named = analysis.mentions(sentence, actors).filter(|(_, mention)| mention.range.overlaps(phrase));
                named.into_iter().any(|(id, _)| {
                    let body = analysis.record(id).text("organization").map(str::to_lowercase);
                    speakers.contains(&analysis.identity(id))
                        || body.is_some_and(|body| speakers.contains(&body))
                        || sentence == draft.sentence + 1
                            && draft.actors.iter().any(|actor| names(analysis, *actor, id))
                        || next && says && speaks_for(analysis, draft, id)
                })
            });
        if !known {
            continue;
        }
        let trigger = Trigger { sentence, start, head, range: TokenRange::new(start + head, start + head + 1) };
        let fits = |time: &EventTime| time.resolved.start == time.resolved.end && time.resolved.start <= Some(day);
        let said = when::time(analysis, &trigger, &arguments, None, None);
        let said = said.or_else(|| published(analysis, &clauses, &trigger).filter(|time| is_news(day, time)));
        if let Some(said) = said.filter(fits) {
            return Some((said, setting::place(analysis, &trigger, &arguments, draft, true)));
        }
    }
    None
}

/// The day of that in which somebody speaks: "in a report released on Thursday, the group said".
fn published(analysis: &Analysis<'_>, clauses: &Clauses<'_>, says: &Trigger) -> Option<EventTime> {
    let ty = analysis.rules.time_type?;
    let within = |at: usize| {
        let case = |c: usize| clauses.label(c) == Label::Case && clauses.is(c, WordClass::PLACE_PREPOSITION);
        let phrase = |at: usize| clauses.label(at) == Label::Obl && clauses.children(at).any(case);
        let top =
            std::iter::successors(Some(at), |at| clauses.head(*at)).find(|at| clauses.head(*at) == Some(says.head));
        top.is_some_and(phrase)
    };
    analysis.mentions(says.sentence, ty).find_map(|(id, mention)| {
        let words = mention.range.start as usize - says.start..mention.range.end as usize - says.start;
        let inside = within(clauses.head_of(words));
        inside.then(|| when::placed(analysis, says.sentence, id, Tense::Past, None)).flatten()
    })
}

/// Whether a day lies within the news of an article of `today`.
fn is_news(today: Date, time: &EventTime) -> bool {
    let earliest = today.checked_sub(NEWS.days()).ok();
    time.resolved.start.is_some_and(|day| earliest <= Some(day) && day <= today)
}

/// Whether a name may be that of somebody whom the lead calls by an office or a nation only: "Peru's President", and
/// then "Alan Garcia".
fn names(analysis: &Analysis<'_>, unnamed: MentionId, named: MentionId) -> bool {
    let (a, b) = (analysis.record(unnamed), analysis.record(named));
    let person = a.text("kind") == Some("PERSON") && b.text("kind") == Some("PERSON");
    let country = a.text("country").zip(b.text("country")).is_none_or(|(a, b)| a == b);
    person && country && a.text("name").is_none() && b.text("name").is_some()
}

/// Whether somebody who is named behind the lead speaks for a party of its event: Russia's foreign minister for Russia,
/// "Shinzo Abe" for "a top Japanese official". Not who is spoken of.
fn speaks_for(analysis: &Analysis<'_>, draft: &Draft, agent: MentionId) -> bool {
    let speaker = analysis.record(agent);
    let country = |record: &Record| record.text("country").map(str::to_owned);
    let own = country(&speaker);
    let spoken_of = draft.recipients.iter().any(|id| {
        analysis.identity(*id) == analysis.identity(agent) || own.is_some() && country(&analysis.record(*id)) == own
    });
    let named = |record: &Record| record.text("name").is_some_and(|name| name.starts_with(char::is_uppercase));
    let person = speaker.text("kind") == Some("PERSON");
    !spoken_of
        && draft.actors.iter().any(|id| {
            let actor = analysis.record(*id);
            let of_one = country(&actor).zip(own.clone()).map(|(a, b)| a == b);
            match actor.text("kind") {
                Some("STATE" | "GOVERNMENT") if of_one == Some(true) => true,
                // "The Foreign Ministry", "Foreign Minister Sergei Lavrov"
                Some("STATE") if speaker.text("kind") == Some("GOVERNMENT") => of_one.is_none(),
                Some("STATE") if person => of_one.is_none() && speaker.text("role").is_some(),
                _ => {
                    of_one != Some(false)
                        && !named(&actor)
                        && named(&speaker)
                        && (person || actor.text("kind") == speaker.text("kind"))
                }
            }
        })
}

/// The lead says what happened, the next sentence when, and more exactly where: "A bomb has killed six people in
/// Pakistan. Police say it exploded Friday in the city of Quetta."
fn lead(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) -> Option<()> {
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
            rule.place == PlacePolicy::Story && !other && own.is_none_or(inside)
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
fn is_told(analysis: &Analysis<'_>, draft: &Draft) -> bool {
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
fn told_day(analysis: &Analysis<'_>, sentence: usize) -> Option<EventTime> {
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
fn told_place(analysis: &Analysis<'_>, sentence: usize) -> Option<MentionId> {
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

/// Gives what happened without a place of its own the place of what was told to have happened shortly before, if nothing
/// speaks against one scene: another day, other countries, "meanwhile".
fn placed_around(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    let lead = body(analysis).next();
    // What the lead tells of may be no event: "was found dead in his Moscow apartment early Friday".
    let mut scene: Option<(Option<MentionId>, Option<EventTime>)> = None;
    for index in 0..drafts.len() {
        let Some(draft) = drafts.get(index).filter(|draft| draft.stands() && happens(analysis, draft)) else {
            continue;
        };
        if draft.place.is_some() || draft.assertion.status == Status::Historical {
            continue;
        }
        let sentence = draft.sentence;
        let first = (sentence.saturating_sub(BACK)..sentence).rev().take_while(|before| {
            analysis.parse(before + 1);
            !turns(analysis, before + 1)
        });
        let Some(first) = first.last() else { continue };
        let Some(draft) = drafts.get(index) else { continue };
        let before = drafts
            .iter()
            .filter(|other| (first..sentence).contains(&other.sentence) && other.place.is_some() && !other.absorbed);
        let fits = |other: &&Draft| {
            happens(analysis, other)
                && other.assertion.status == Status::Asserted
                && is_one_scene(analysis, draft, other)
        };
        let (place, time) = match before.rev().find(fits) {
            Some(other) => (other.place, other.time.clone()),
            None => {
                let Some(lead) = lead.filter(|lead| first <= *lead && *lead < sentence) else { continue };
                let today = analysis.day.date;
                let old = draft
                    .time
                    .as_ref()
                    .zip(today)
                    .is_some_and(|(time, today)| time.resolved.start.is_some() && !is_news(today, time));
                if old
                    || !is_told(analysis, draft)
                    || drafts.iter().any(|other| other.sentence == lead && happens(analysis, other))
                {
                    continue;
                }
                if scene.is_none() {
                    analysis.parse(lead);
                    scene = Some((told_place(analysis, lead), told_day(analysis, lead)));
                }
                let Some((Some(place), time)) = scene.clone() else { continue };
                let Some(draft) = drafts.get(index) else { continue };
                if !is_of(analysis, draft, place) {
                    continue;
                }
                (Some(place), time)
            }
        };
        let Some(draft) = drafts.get(index) else { continue };
        // What goes on at one place goes on there on one day: "Rebels attacked a town on Monday. They burned its market."
        let goes_on = draft.time.is_none() && draft.assertion.status == Status::Asserted && goes_on(analysis, draft);
        let one = |time: &EventTime| time.resolved.start.is_some() && time.resolved.start == time.resolved.end;
        let day = time.filter(|time| goes_on && one(time));
        if let Some(draft) = drafts.get_mut(index) {
            draft.place = place;
            draft.time = day.or(draft.time.take());
        }
    }
}

/// What a sentence without a day tells in the simple past was on the day of the sentence before: "Wednesday, the streets
/// were empty. Troops took positions ..."
fn dated_before(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
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
fn background(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
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

/// Whether a sentence stands in the article's own text.
fn is_body(analysis: &Analysis<'_>, sentence: usize) -> bool {
    analysis.sentence(sentence).is_some_and(|sentence| sentence.part == Part::Body && !sentence.duplicate)
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

/// Whether a party of an event was one of those of history in a sentence.
fn shares_party(analysis: &Analysis<'_>, draft: &Draft, drafts: &[Draft], sentence: usize) -> bool {
    let parties = |draft: &Draft| -> Vec<String> {
        draft.actors.iter().chain(&draft.recipients).map(|id| analysis.identity(*id)).collect()
    };
    let own = parties(draft);
    drafts
        .iter()
        .filter(|other| other.sentence == sentence && other.assertion.status == Status::Historical)
        .any(|other| parties(other).iter().any(|party| own.contains(party)))
}

/// Whether an event is what its sentence tells, in the simple past.
fn goes_on(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    let Some((clauses, sentence)) = analysis.clauses(draft.sentence).zip(analysis.sentence(draft.sentence)) else {
        return false;
    };
    let head = draft.head.checked_sub(sentence.tokens.start as usize);
    is_told(analysis, draft) && head.is_some_and(|head| clauses.is_past(head))
}

/// Whether an event happens at a place, as far as its rule says.
fn happens(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    analysis.rules.events.get(draft.rule).is_some_and(|rule| rule.place == PlacePolicy::Story)
}

/// Whether neither the days nor the countries of those who do it say that two events had different places.
fn is_one_scene(analysis: &Analysis<'_>, draft: &Draft, other: &Draft) -> bool {
    let days = |draft: &Draft| draft.time.as_ref().and_then(|time| time.resolved.start.zip(time.resolved.end));
    let apart = days(draft).zip(days(other)).is_some_and(|(a, b)| a.1 < b.0 || b.1 < a.0);
    !apart && other.place.is_none_or(|place| is_of(analysis, draft, place))
}

/// Whether a place may be where those who do something belong.
fn is_of(analysis: &Analysis<'_>, draft: &Draft, place: MentionId) -> bool {
    let there = analysis.record(place).text("country").map(str::to_owned);
    let countries: Vec<String> =
        draft.actors.iter().filter_map(|id| analysis.record(*id).text("country").map(str::to_owned)).collect();
    countries.is_empty() || there.is_none_or(|there| countries.contains(&there))
}

/// Whether a sentence begins another story.
fn turns(analysis: &Analysis<'_>, sentence: usize) -> bool {
    const WORDS: usize = 3;
    analysis
        .clauses(sentence)
        .is_some_and(|clauses| (0..clauses.len().min(WORDS)).any(|at| clauses.is(at, WordClass::TURN)))
}

/// A country as an article names it.
struct Country {
    sentence: usize,
    range: TokenRange,
    code: String,
    /// The mention, where it is one of the country as a place.
    place: Option<MentionId>,
}

/// Puts events that tell no place into the country that the article speaks of there, as far as their rules want it.
fn in_country(analysis: &Analysis<'_>, drafts: &mut [Draft]) {
    let wants = |draft: &Draft| {
        let policy = analysis.rules.events.get(draft.rule).map(|rule| rule.place);
        draft.stands() && draft.place.is_none() && policy == Some(PlacePolicy::Country)
    };
    if !drafts.iter().any(wants) {
        return;
    }
    let countries = countries(analysis);
    for draft in drafts.iter_mut().filter(|draft| wants(draft)) {
        let Some(code) = country_of(analysis, draft, &countries) else { continue };
        draft.place = countries.iter().filter(|other| other.code == code).find_map(|other| other.place);
    }
}

/// The country that an event names in whatever form ("French voters", "Peru's election"), else that of which the
/// sentences around it speak most.
fn country_of(analysis: &Analysis<'_>, draft: &Draft, countries: &[Country]) -> Option<String> {
    let start = analysis.sentence(draft.sentence)?.tokens.start as usize;
    let (clauses, head) = (analysis.clauses(draft.sentence)?, draft.head.checked_sub(start)?);
    if clauses.tag(head).is_some_and(Tag::is_noun) {
        let phrase = clauses.phrase(head, true);
        let phrase = TokenRange::new(start + phrase.start, start + phrase.end);
        if let Some(own) = countries.iter().find(|country| country.range.overlaps(phrase)) {
            return Some(own.code.clone());
        }
    }
    if let Some(code) = draft.actors.iter().find_map(|id| analysis.record(*id).text("country").map(str::to_owned)) {
        return Some(code);
    }
    let mut weights: Vec<(&str, f32)> = Vec::new();
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for country in countries {
        let key = (country.code.as_str(), country.sentence);
        if counted.contains(&key) {
            continue;
        }
        counted.push(key);
        // The own sentence is no nearer than those beside it: what it says of other countries it says of other things.
        let distance = country.sentence.abs_diff(draft.sentence).max(1);
        let weight = 1.0 / (3.0 + distance as f32);
        match weights.iter_mut().find(|(code, _)| *code == key.0) {
            Some((_, sum)) => *sum += weight,
            None => weights.push((key.0, weight)),
        }
    }
    weights.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(code, _)| (*code).to_owned())
}

/// The countries that an article names, as places or as those whom its actors belong to, in order.
fn countries(analysis: &Analysis<'_>) -> Vec<Country> {
    let types = [analysis.rules.place_type, analysis.rules.actor_type];
    let mut found = Vec::new();
    for sentence in 0..analysis.doc().sentences().len() {
        for ty in types.into_iter().flatten() {
            for (id, mention) in analysis.mentions(sentence, ty) {
                let record = analysis.record(id);
                let Some(code) = record.text("country") else { continue };
                let whole = Some(ty) == analysis.rules.place_type && record.text("kind") == Some("COUNTRY");
                let place = whole.then_some(id);
                found.push(Country { sentence, range: mention.range, code: code.to_owned(), place });
            }
        }
    }
    found.sort_by_key(|country| country.range.start);
    found
}
