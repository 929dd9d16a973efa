//! From an extraction to the response of the API.

use std::fmt::Write as _;

use prost_reflect::{DynamicMessage, ReflectMessage};
use sha2::{Digest, Sha256};

use super::domain::{Assertion, DocumentFacts, Event, Evidence, Extraction, Record};
use super::message::{Binder, MisfitError};
use crate::api::v1;
use crate::rules::Ruleset;
use crate::text::{Document, OffsetEncoding};

/// Builds the response for an article.
///
/// # Errors
/// A record does not fit its message, which is a fault of the engine.
pub fn response(
    rules: &Ruleset,
    loaded_at: Option<prost_types::Timestamp>,
    article: &crate::pipeline::Article,
    doc: &Document,
    extraction: &Extraction,
    encoding: OffsetEncoding,
) -> Result<v1::ExtractResponse, MisfitError> {
    let binder = Binder::new(rules.event_types(), doc, doc.offsets(&article.body, encoding));
    let ids: Vec<String> = extraction.events.iter().map(|event| id(rules, article, event)).collect();
    let events = extraction
        .events
        .iter()
        .zip(&ids)
        .map(|(event, own)| self::event(&binder, event, own, &ids))
        .collect::<Result<_, _>>()?;
    let packs = rules.packs().iter();
    Ok(v1::ExtractResponse {
        article_id: article.id.clone(),
        document: Some(document(&binder, &extraction.document)?),
        events,
        ruleset: Some(v1::RulesetRef {
            digest: rules.digest().to_owned(),
            packs: packs.map(|pack| v1::PackRef { id: pack.id.clone(), version: pack.version.clone() }).collect(),
            loaded_at,
        }),
        warnings: extraction
            .warnings
            .iter()
            .map(|warning| v1::Warning { code: warning.code.to_owned(), message: warning.message.clone() })
            .collect(),
    })
}

/// The same article and rules give the same id.
fn id(rules: &Ruleset, article: &crate::pipeline::Article, event: &Event) -> String {
    let mut hash = Sha256::new();
    hash.update(rules.digest());
    hash.update([0]);
    hash.update(if article.id.is_empty() { &article.body } else { &article.id });
    hash.update([0]);
    hash.update(&*event.rule.id);
    hash.update(&*event.event_type);
    for evidence in event.evidence.iter().take(1) {
        hash.update(evidence.span.start.to_le_bytes());
        hash.update(evidence.span.end.to_le_bytes());
    }
    hash.finalize().iter().take(10).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn event(binder: &Binder<'_>, event: &Event, id: &str, ids: &[String]) -> Result<v1::Event, MisfitError> {
    let actors = |list: &[Record]| list.iter().map(|record| actor(binder, record)).collect::<Result<Vec<_>, _>>();
    Ok(v1::Event {
        id: id.to_owned(),
        category: event.category.to_string(),
        modes: event.modes.iter().map(ToString::to_string).collect(),
        contexts: event.contexts.iter().map(ToString::to_string).collect(),
        event_type: event.event_type.to_string(),
        detail: Some(binder.any(&event.event_type, &event.detail)?),
        actors: actors(&event.actors)?,
        recipients: actors(&event.recipients)?,
        place: event.place.as_ref().map(|record| place(binder, record)).transpose()?,
        time: event.time.as_ref().map(|record| time(binder, record)).transpose()?,
        assertion: Some(assertion(binder, &event.assertion)?),
        evidence: event.evidence.iter().map(|evidence| span(binder, evidence)).collect(),
        confidence: event.confidence,
        rule: Some(v1::RuleRef {
            id: event.rule.id.to_string(),
            version: event.rule.version.to_string(),
            pack: event.rule.pack.to_string(),
        }),
        slots: event
            .slots
            .iter()
            .map(|slot| v1::SlotEvidence {
                field: slot.field.to_string(),
                span: Some(span(binder, &slot.evidence)),
                bound_by: slot.how.to_string(),
                certainty: certainty(slot.certainty).into(),
                confidence: slot.confidence,
            })
            .collect(),
        links: event
            .links
            .iter()
            .filter_map(|link| {
                Some(v1::EventLink { rule: link.rule.to_string(), event_id: ids.get(link.event)?.clone() })
            })
            .collect(),
    })
}

fn document(binder: &Binder<'_>, facts: &DocumentFacts) -> Result<v1::DocumentInfo, MisfitError> {
    let dateline = match &facts.dateline {
        Some(dateline) => Some(v1::Dateline {
            span: Some(span(binder, &dateline.evidence)),
            place: dateline.place.as_ref().map(|record| place(binder, record)).transpose()?,
            time: dateline.time.as_ref().map(|record| time(binder, record)).transpose()?,
            agency: dateline.agency.clone().unwrap_or_default(),
        }),
        None => None,
    };
    Ok(v1::DocumentInfo {
        headline: facts.headline.as_ref().map(|evidence| span(binder, evidence)),
        dateline,
        language: facts.language.clone(),
        sentence_count: facts.sentences,
        tags: facts.tags.iter().map(ToString::to_string).collect(),
    })
}

fn assertion(binder: &Binder<'_>, own: &Assertion) -> Result<v1::Assertion, MisfitError> {
    let status = format!("ASSERTION_STATUS_{}", own.status.name());
    Ok(v1::Assertion {
        status: v1::AssertionStatus::from_str_name(&status).unwrap_or_default().into(),
        certainty: certainty(own.certainty).into(),
        attributed_to: own.attributed_to.as_ref().map(|record| actor(binder, record)).transpose()?,
    })
}

fn certainty(own: super::domain::Certainty) -> v1::Certainty {
    v1::Certainty::from_str_name(&format!("CERTAINTY_{}", own.name())).unwrap_or_default()
}

fn span(binder: &Binder<'_>, evidence: &Evidence) -> v1::Span {
    let (start, end, text, sentence) = binder.span(evidence);
    v1::Span { start, end, text, sentence }
}

fn actor(binder: &Binder<'_>, record: &Record) -> Result<v1::Actor, MisfitError> {
    transcode(&binder.message("dateline.v1.Actor", record)?)
}

fn place(binder: &Binder<'_>, record: &Record) -> Result<v1::Place, MisfitError> {
    transcode(&binder.message("dateline.v1.Place", record)?)
}

fn time(binder: &Binder<'_>, record: &Record) -> Result<v1::EventTime, MisfitError> {
    transcode(&binder.message("dateline.v1.EventTime", record)?)
}

fn transcode<M: prost::Message + Default>(message: &DynamicMessage) -> Result<M, MisfitError> {
    message.transcode_to().map_err(|error| MisfitError {
        message: message.descriptor().full_name().to_owned(),
        field: String::new(),
        what: error.to_string(),
    })
}
