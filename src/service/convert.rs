//! From requests to the pipeline's own terms; every field that is wrong is named.

use super::errors::Violation;
use super::live::Live;
use crate::api::v1;
use crate::config::Limits;
use crate::pipeline::{Article, Options};
use crate::rules::Ruleset;
use crate::rules::diagnostic::suggest;
use crate::text::{MediaType, OffsetEncoding};

/// Seconds of 0001-01-01T00:00:00Z and of 9999-12-31T23:59:59Z: what a `Timestamp` may hold.
const TIMESTAMP_SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A request that can be worked on.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub article: Article,
    pub options: Options,
    pub encoding: OffsetEncoding,
}

/// Reads an article and what is wanted of it.
///
/// # Errors
/// Everything that is wrong, in the order of the fields.
pub(super) fn job(
    article: Option<v1::Article>,
    options: Option<&v1::ExtractOptions>,
    rules: &Live,
    limits: &Limits,
) -> Result<Job, Vec<Violation>> {
    let mut wrong = Vec::new();
    let article = match article {
        Some(article) => self::article(article, limits, &mut wrong),
        None => {
            wrong.push(Violation::new("article", "is missing"));
            Article::default()
        }
    };
    let (mut options, encoding) = match options {
        Some(options) => self::options(options, &rules.ruleset, &mut wrong),
        None => Default::default(),
    };
    options.max_events = Some(limits.events);
    options.disabled.extend_from_slice(&rules.disabled);
    if wrong.is_empty() { Ok(Job { article, options, encoding }) } else { Err(wrong) }
}

fn article(own: v1::Article, limits: &Limits, wrong: &mut Vec<Violation>) -> Article {
    let small = limits.body_bytes.min(Limits::FIELD_BYTES);
    for (field, text, most) in [
        ("article.id", &own.id, small),
        ("article.headline", &own.headline, small),
        ("article.body", &own.body, limits.body_bytes),
        ("article.source", &own.source, small),
        ("article.language", &own.language, small),
        ("article.url", &own.url, small),
    ] {
        if text.len() > most {
            wrong.push(Violation::new(field, format!("has {} bytes; at most {most} are allowed", text.len())));
        }
    }
    if own.body.trim().is_empty() {
        wrong.push(Violation::new("article.body", "is empty"));
    }
    let media_type = media_type(&own.media_type).unwrap_or_else(|| {
        let what = format!("`{}` cannot be read; send text/plain or text/html", brief(&own.media_type));
        wrong.push(Violation::new("article.media_type", what));
        MediaType::Plain
    });
    let published_at = own.published_at.and_then(|at| {
        let instant =
            Some(at).filter(|at| TIMESTAMP_SECONDS.contains(&at.seconds) && (0..1_000_000_000).contains(&at.nanos));
        let instant = instant.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok());
        if instant.is_none() {
            wrong.push(Violation::new("article.published_at", "is no instant from the years 1 to 9999"));
        }
        instant
    });
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Article {
        id: own.id,
        headline: some(own.headline),
        body: own.body,
        media_type,
        published_at,
        source: some(own.source),
        language: some(own.language),
        url: some(own.url),
    }
}

/// The format of a body; parameters such as `charset` say nothing here, for strings are UTF-8.
fn media_type(name: &str) -> Option<MediaType> {
    let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match name.as_str() {
        "" | "text/plain" => Some(MediaType::Plain),
        "text/html" | "application/xhtml+xml" => Some(MediaType::Html),
        _ => None,
    }
}

fn options(own: &v1::ExtractOptions, rules: &Ruleset, wrong: &mut Vec<Violation>) -> (Options, OffsetEncoding) {
    known("options.packs", "pack", &own.packs, wrong, || rules.packs().iter().map(|pack| pack.id.as_str()).collect());
    known("options.categories", "category", &own.categories, wrong, || rules.categories());
    known("options.event_types", "event type", &own.event_types, wrong, || {
        let events = rules.rules().iter().filter(|rule| rule.kind == "event");
        events.map(|rule| rule.emits.as_str()).collect()
    });
    known("options.disabled", "rule", &own.disabled, wrong, || rules.names_of_events());
    if !(0.0..=1.0).contains(&own.min_confidence) {
        wrong.push(Violation::new("options.min_confidence", "is no number from 0 to 1"));
    }
    let encoding = match v1::OffsetEncoding::try_from(own.offset_encoding) {
        Ok(v1::OffsetEncoding::Unspecified | v1::OffsetEncoding::Utf8) => OffsetEncoding::Utf8,
        Ok(v1::OffsetEncoding::Utf16) => OffsetEncoding::Utf16,
        Ok(v1::OffsetEncoding::Utf32) => OffsetEncoding::Utf32,
        Err(_) => {
            let what = format!("{} is no value of OffsetEncoding", own.offset_encoding);
            wrong.push(Violation::new("options.offset_encoding", what));
            OffsetEncoding::Utf8
        }
    };
    let options = Options {
        packs: own.packs.clone(),
        categories: own.categories.clone(),
        event_types: own.event_types.clone(),
        min_confidence: own.min_confidence,
        disabled: own.disabled.clone(),
        max_events: None,
    };
    (options, encoding)
}

/// Names that the rules do not know are wrong, with the one that was likely meant.
fn known<N: AsRef<str>>(
    field: &str,
    what: &str,
    names: &[String],
    wrong: &mut Vec<Violation>,
    all: impl FnOnce() -> Vec<N>,
) {
    if names.is_empty() {
        return;
    }
    let all = all();
    for (index, name) in
        names.iter().enumerate().filter(|(_, name)| !all.iter().any(|own| own.as_ref() == name.as_str()))
    {
        let advice = match suggest(name, all.iter().map(AsRef::as_ref)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see RuleService".to_owned(),
        };
        let said = format!("there is no {what} `{}`; {advice}", brief(name));
        wrong.push(Violation::new(format!("{field}[{index}]"), said));
    }
}

/// What a caller sent, short enough to be sent back.
pub(super) fn brief(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
