//! Places that the story gives: those told around an event, the country that it is all about.

use super::lead::{is_news, is_told, told_day, told_place};
use super::{body, happens};
use crate::event::domain::Status;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::events::{Draft, EventTime};
use crate::pipeline::lattice::MentionId;
use crate::pipeline::setting;
use crate::relations::{Tag, WordClass};
use crate::rules::ruleset::PlacePolicy;
use crate::text::TokenRange;

/// Sentences back in which a place is still that of the story.
const BACK: usize = 3;

/// What another mention, or the story, has dated to the day on which the article was filed.
pub(super) fn filed(analysis: &Analysis<'_>, drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| draft.stands()) {
        if let Some(rule) = analysis.rules.events.get(draft.rule) {
            setting::filed_place(analysis, rule, draft);
        }
    }
}

/// Gives what happened without a place of its own the place of what was told to have happened shortly before, if nothing
/// speaks against one scene: another day, other countries, "meanwhile".
pub(super) fn placed_around(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
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

/// Whether a party of an event was one of those of history in a sentence.
pub(super) fn shares_party(analysis: &Analysis<'_>, draft: &Draft, drafts: &[Draft], sentence: usize) -> bool {
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
pub(super) fn goes_on(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    let Some((clauses, sentence)) = analysis.clauses(draft.sentence).zip(analysis.sentence(draft.sentence)) else {
        return false;
    };
    let head = draft.head.checked_sub(sentence.tokens.start as usize);
    is_told(analysis, draft) && head.is_some_and(|head| clauses.is_past(head))
}

/// Whether neither the days nor the countries of those who do it say that two events had different places.
pub(super) fn is_one_scene(analysis: &Analysis<'_>, draft: &Draft, other: &Draft) -> bool {
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
pub(super) fn turns(analysis: &Analysis<'_>, sentence: usize) -> bool {
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
pub(super) fn in_country(analysis: &Analysis<'_>, drafts: &mut [Draft]) {
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
