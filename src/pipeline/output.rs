//! From drafts to events: records as messages show them.

use std::sync::Arc;

use super::analysis::Analysis;
use super::calendar::{self, Resolved, Tense};
use super::events::Draft;
use super::lattice::MentionId;
use super::matcher::match_all;
use crate::event::domain::{DatelineFacts, DocumentFacts, Event, Evidence, Link, Record, Value, Warning};
use crate::text::{ReadingNote, TextSpan, TokenRange};

/// The record of an actor or a place, as messages show it: coordinates in a message of their own.
pub(super) fn shown(analysis: &Analysis<'_>, id: MentionId) -> Record {
    let full = analysis.record(id);
    let mut out = Record::new();
    let number = |name: &str| super::numerals::number(&full, name);
    for (name, value) in full.iter() {
        match &**name {
            "lat" | "lon" | "zone" => {}
            _ => out.set(name.clone(), value.clone()),
        }
    }
    if let (Some(lat), Some(lon)) = (number("lat"), number("lon")) {
        let mut point = Record::new();
        point.set("lat", Value::Float(lat));
        point.set("lon", Value::Float(lon));
        out.set("point", Value::Record(point));
    }
    out
}

/// The record of a time.
pub(super) fn time_record(analysis: &Analysis<'_>, resolved: &Resolved, range: TokenRange) -> Record {
    let mut record = Record::new();
    record.set("text", Value::Text(analysis.lattice.text(range).into()));
    record.set("timex", Value::Text(resolved.timex.as_str().into()));
    let mut text = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            record.set(name, Value::Text(value.into()));
        }
    };
    text("start", resolved.start_text());
    text("end", resolved.end_text());
    record.set("granularity", Value::Text(resolved.granularity.name().into()));
    if let Some((earliest, latest)) = resolved.instants() {
        record.set("earliest", Value::Instant(earliest));
        record.set("latest", Value::Instant(latest));
    }
    if resolved.inferred {
        record.set("inferred", Value::Bool(true));
    }
    record.set("span", Value::Span(analysis.evidence(range)));
    record
}

/// The events of drafts that were not merged, in the order of their triggers.
pub(super) fn events(analysis: &Analysis<'_>, drafts: &[Draft], least: f32) -> Vec<Event> {
    let mut shown_drafts: Vec<usize> =
        (0..drafts.len()).filter(|i| drafts.get(*i).is_some_and(|d| d.stands() && d.confidence >= least)).collect();
    shown_drafts.sort_by_key(|index| drafts.get(*index).map(|draft| (draft.trigger, draft.rule)));
    shown_drafts.iter().filter_map(|index| event(analysis, drafts, *index, &shown_drafts)).collect()
}

fn event(analysis: &Analysis<'_>, drafts: &[Draft], index: usize, all: &[usize]) -> Option<Event> {
    let draft = drafts.get(index)?;
    let rule = analysis.rules.events.get(draft.rule)?;
    let mut evidence: Vec<Evidence> = vec![analysis.evidence(draft.trigger)];
    let mut also: Vec<Evidence> = draft.also.iter().map(|range| analysis.evidence(*range)).collect();
    also.sort_by_key(|e| e.span);
    also.dedup();
    evidence.extend(also);
    let mut merged_rules: Vec<Arc<str>> = draft
        .also_rules
        .iter()
        .filter(|other| **other != draft.rule)
        .filter_map(|other| analysis.rules.events.get(*other))
        .map(|rule| rule.info.id.clone())
        .collect();
    merged_rules.sort_unstable();
    merged_rules.dedup();
    let actors = |ids: &[MentionId]| ids.iter().map(|id| shown(analysis, *id)).collect();
    let links = draft
        .links
        .iter()
        .filter_map(|(rule, to)| {
            let event = all.iter().position(|i| i == to)?;
            Some(Link { rule: rule.clone(), event })
        })
        .collect();
    Some(Event {
        rule: rule.info.clone(),
        event_type: rule.emits.clone(),
        category: draft.category.clone(),
        modes: draft.modes.clone(),
        contexts: rule.contexts.clone(),
        detail: draft.detail.clone(),
        actors: actors(&draft.actors),
        recipients: actors(&draft.recipients),
        place: draft.place.map(|id| shown(analysis, id)),
        time: draft.time.as_ref().map(|time| time_record(analysis, &time.resolved, time.range)),
        assertion: draft.assertion.clone(),
        merged_rules,
        evidence,
        slots: draft.slots.clone(),
        links,
        confidence: draft.confidence,
    })
}

/// What is known of the article as a whole.
pub(super) fn document(analysis: &mut Analysis<'_>, language: Option<&str>) -> DocumentFacts {
    let doc = analysis.doc();
    let whole = |span: TextSpan| {
        let tokens = doc.tokens_in(span);
        Evidence { span, sentence: doc.sentence_of(tokens.start as usize).unwrap_or_default() as u32 }
    };
    let dateline = doc.dateline().map(|dateline| {
        let mention = |span: Option<TextSpan>, ty| {
            let range = doc.tokens_in(span?);
            let sentence = doc.sentence_of(range.start as usize).unwrap_or_default();
            analysis.mentions(sentence, ty?).find(|(_, m)| m.range.overlaps(range)).map(|(id, _)| id)
        };
        let time = mention(dateline.date, analysis.rules.time_type).and_then(|id| {
            let mention = analysis.lattice.mention(id)?;
            let resolved = calendar::resolve(mention.time.as_deref()?, &analysis.reference(Tense::Open, None));
            Some(time_record(analysis, &resolved, mention.extent))
        });
        DatelineFacts {
            evidence: whole(dateline.span),
            place: mention(dateline.place, analysis.rules.place_type).map(|id| shown(analysis, id)),
            time,
            agency: dateline.agency.and_then(|span| doc.text().get(span.range())).map(str::to_owned),
        }
    });
    let known = !doc.notes().contains(&ReadingNote::OtherLanguage) && !doc.notes().contains(&ReadingNote::NotText);
    DocumentFacts {
        headline: doc.headline_span().map(whole),
        dateline,
        language: if known { language.unwrap_or("en").to_owned() } else { String::new() },
        sentences: doc.sentences().len() as u32,
        tags: tags(analysis),
    }
}

/// Article-level tags: those whose cues stand in enough places.
fn tags(analysis: &mut Analysis<'_>) -> Vec<Arc<str>> {
    let rules = analysis.rules;
    let mut counts = vec![0u32; rules.tags.len()];
    for sentence in analysis.doc().sentences() {
        if sentence.duplicate || !(sentence.part.tells() || sentence.part == crate::text::Part::Headline) {
            continue;
        }
        match_all(&analysis.lattice, &rules.tag_cues, sentence.tokens, &mut analysis.scratch, &mut |program, _| {
            if let Some(count) = counts.get_mut(program as usize) {
                *count += 1;
            }
        });
    }
    let mut out: Vec<Arc<str>> = rules
        .tags
        .iter()
        .zip(&counts)
        .filter(|(tag, count)| **count >= tag.least)
        .map(|(tag, _)| tag.tag.clone())
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// What the caller should know of a text that was read all the same.
pub(super) fn warnings(analysis: &Analysis<'_>) -> Vec<Warning> {
    let mut out = notes(analysis.doc().notes());
    if analysis.scratch.is_spent() {
        let costs = analysis.scratch.costs.iter().zip(&analysis.rules.owners);
        let dearest = costs.max_by_key(|(cost, _)| cost.steps).map_or("", |(_, owner)| owner);
        let message =
            format!("the article cost more steps than allowed and was not read to its end; most took {dearest}");
        out.push(Warning { code: "step-budget", message });
    }
    out
}

/// The article tells more events than there may be.
pub(super) fn too_many(most: usize) -> Warning {
    let message = format!("the article tells more than {most} events; it was read until there were so many");
    Warning { code: "events-cut", message }
}

fn notes(notes: &[ReadingNote]) -> Vec<Warning> {
    notes
        .iter()
        .map(|note| {
            let (code, message) = match note {
                ReadingNote::NotText => ("not-text", "hardly any of the body is letters: it may be binary data"),
                ReadingNote::OtherLanguage => ("language", "the body is hardly in the language that the rules are for"),
                ReadingNote::Empty => ("empty", "the body holds no word"),
                ReadingNote::SentenceCut(_) => ("sentence-cut", "a sentence was longer than the limit and was cut"),
                ReadingNote::SourceCut => ("source-cut", "the body was longer than the limit; the end was left out"),
            };
            Warning { code, message: message.to_owned() }
        })
        .collect()
}
