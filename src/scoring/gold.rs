//! Annotated articles: one JSON object a line.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use crate::pipeline::Article;

/// An article with the events that a careful reader finds in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annotated {
    pub id: String,
    /// Day of publication.
    #[serde(deserialize_with = "day")]
    pub published: Date,
    /// The body is these, joined by single spaces.
    pub sentences: Vec<String>,
    #[serde(default)]
    pub events: Vec<GoldEvent>,
}

/// An annotated event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldEvent {
    #[serde(rename = "type")]
    pub category: String,
    #[serde(default)]
    pub mode: Vec<String>,
    /// Index of the sentence that tells it best, from 0.
    pub sentence: usize,
    pub trigger: String,
    /// Other places that mention it.
    #[serde(default)]
    pub also: Vec<AlsoAt>,
    #[serde(default)]
    pub actors: Vec<String>,
    #[serde(default)]
    pub recipients: Vec<String>,
    #[serde(default)]
    pub place: Option<String>,
    /// The words; `start` and `end` are what they mean, both inclusive.
    #[serde(default)]
    pub time: Option<String>,
    #[serde(default, deserialize_with = "open_day")]
    pub start: Option<Date>,
    #[serde(default, deserialize_with = "open_day")]
    pub end: Option<Date>,
    #[serde(default)]
    pub status: Option<String>,
    /// Whom the article names as saying so.
    #[serde(default)]
    pub source: Option<String>,
    /// Field name (`killed`, `amount_usd`) to value.
    #[serde(default)]
    pub numbers: BTreeMap<String, i64>,
}

/// Another mention of an event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoAt {
    pub sentence: usize,
    pub trigger: String,
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

fn open_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    let text: Option<String> = Option::deserialize(from)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

impl Annotated {
    /// The article without its annotation, published in the evening of its day.
    pub fn article(&self) -> Article {
        let published = self.published.at(23, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).ok();
        Article {
            id: self.id.clone(),
            body: self.sentences.join(" "),
            published_at: published.map(|at| at.timestamp()),
            ..Article::default()
        }
    }

    /// The sentence that holds a byte of the body.
    pub(super) fn sentence_at(&self, byte: usize) -> usize {
        let mut end = 0;
        let at = self.sentences.iter().position(|sentence| {
            end += sentence.len() + 1;
            byte < end
        });
        at.unwrap_or(self.sentences.len().saturating_sub(1))
    }
}

/// Reads annotated articles; an error names the line.
///
/// # Errors
/// A line that is no annotated article.
pub fn read(text: &str) -> Result<Vec<Annotated>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_none_is_named() {
        let error = read("{\"id\": \"a\", \"published\": \"2010-01-01\", \"sentences\": []}\n\n{").unwrap_err();
        assert!(error.starts_with("line 3:"), "{error}");
    }

    #[test]
    fn a_byte_belongs_to_its_sentence() {
        let line = "{\"id\": \"a\", \"published\": \"2010-01-01\", \"sentences\": [\"Ab.\", \"Cd.\"]}";
        let article = &read(line).unwrap()[0];
        assert_eq!([0, 3, 4, 90].map(|byte| article.sentence_at(byte)), [0, 0, 1, 1]);
    }
}
