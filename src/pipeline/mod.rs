//! The way of an article: one file a stage, in the order of the flow.

use crate::event::domain::Extraction;
use crate::rules::Ruleset;

/// What the format of an article's body is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain`
    #[default]
    Plain,
    /// `text/html`
    Html,
}

/// An article as a caller sends it.
#[derive(Clone, Debug, Default)]
pub struct Article {
    /// The caller's own id; comes back with the result.
    pub id: String,
    pub headline: Option<String>,
    pub body: String,
    pub media_type: MediaType,
    pub published_at: Option<jiff::Timestamp>,
    pub source: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    pub url: Option<String>,
}

/// What a caller wants of an extraction. Empty lists mean no restriction.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Ids of packs whose event rules may fire.
    pub packs: Vec<String>,
    pub categories: Vec<String>,
    /// Full message names.
    pub event_types: Vec<String>,
    /// Events below are left out; 0 to 1.
    pub min_confidence: f32,
}

/// Why an extraction ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The caller asked to stop: it went away, or its deadline passed.
    #[error("the extraction was cancelled")]
    Cancelled,
}

/// Runs every stage over one article. `cancelled` is asked once a sentence.
///
/// # Errors
/// [`Stopped::Cancelled`] as soon as `cancelled` says so.
pub fn extract(
    _ruleset: &Ruleset,
    _article: &Article,
    _options: &Options,
    _cancelled: &dyn Fn() -> bool,
) -> Result<(crate::text::Document, Extraction), Stopped> {
    todo!()
}
