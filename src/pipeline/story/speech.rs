//! When somebody spoke who is told to have spoken further on.

use super::is_lead;
use super::lead::is_news;
use super::places::turns;
use crate::event::domain::{Record, Status};
use crate::pipeline::analysis::Analysis;
use crate::pipeline::calendar::Tense;
use crate::pipeline::events::{Draft, EventTime};
use crate::pipeline::lattice::MentionId;
use crate::pipeline::setting;
use crate::pipeline::slots::Trigger;
use crate::pipeline::when;
use crate::relations::{Clauses, Label, Tag, WordClass};
use crate::rules::ruleset::EventRule;
use crate::text::{Part, TokenRange};

/// Sentences after an act of speech in which its speaker may be told to have spoken.
const SPOKEN: usize = 3;

/// Dates acts of speech that tell no time: "The minister has urged ...", and then "He said on Friday ...".
pub(super) fn said(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
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

/// Whether an event is an act of speech, as far as its rule says.
pub(super) fn is_speech(analysis: &Analysis<'_>, draft: &Draft) -> bool {
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

/// Whether a name may be that of somebody whom the lead calls by an office or a nation only: "Peru's President", and
/// then "Alan Garcia".
pub(super) fn names(analysis: &Analysis<'_>, unnamed: MentionId, named: MentionId) -> bool {
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
