//! Explanations as messages, with offsets as the caller counts them.

use crate::api::v1;
use crate::explain::{Cause, Explanation, Words};
use crate::text::{Document, OffsetEncoding, TextSpan};

/// An explanation as a response. `source` is the body that the caller sent.
pub(super) fn response(
    own: Explanation,
    doc: &Document,
    source: &str,
    encoding: OffsetEncoding,
    page: String,
) -> v1::ExplainResponse {
    let offsets = doc.offsets(source, encoding);
    let span = |words: &Words| {
        let inner = TextSpan { start: words.start, end: words.end };
        let (start, end) = offsets.source(inner);
        let sentence = doc.sentence_of(doc.tokens_in(inner).start as usize).unwrap_or_default();
        v1::Span { start, end, text: words.text.clone(), sentence: u32::try_from(sentence).unwrap_or(u32::MAX) }
    };
    let reason = |cause: &Cause| v1::Reason { rule: cause.rule.clone(), span: Some(span(&cause.words)) };
    v1::ExplainResponse {
        article_id: own.article,
        events: own
            .events
            .iter()
            .map(|event| v1::EventExplanation {
                rule: event.rule.clone(),
                file: event.file.clone(),
                line: event.line,
                evidence: event.evidence.iter().map(span).collect(),
                slots: event
                    .slots
                    .iter()
                    .map(|slot| v1::SlotEvidence {
                        field: slot.field.clone(),
                        span: Some(span(&slot.words)),
                        bound_by: slot.how.clone(),
                        certainty: v1::Certainty::from_str_name(&format!("CERTAINTY_{}", slot.certainty))
                            .unwrap_or_default()
                            .into(),
                        confidence: slot.confidence,
                    })
                    .collect(),
                cues: event.cues.iter().map(reason).collect(),
                merged: event.merged.iter().map(reason).collect(),
            })
            .collect(),
        near_misses: own
            .misses
            .iter()
            .map(|miss| v1::NearMiss { rule: miss.rule.clone(), span: Some(span(&miss.words)), why: miss.why.clone() })
            .collect(),
        mentions: own
            .mentions
            .iter()
            .map(|mention| v1::MentionExplanation {
                r#type: mention.kind.clone(),
                reason: Some(v1::Reason { rule: mention.rule.clone(), span: Some(span(&mention.words)) }),
            })
            .collect(),
        page,
    }
}
