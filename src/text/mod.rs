//! The text of an article: positions, tokens, sentences, parts.
//!
//! ```text
//! source --html--> text + OffsetMap --lines--> lines --layout--> paragraphs --tokens--> tokens --sentences--> sentences
//! ```
//!
//! [`Document::read`] goes this way once; everything else looks things up in the [`Document`] that it gives. What the
//! reader must know of the language and of news pages (abbreviations, common words, how a dateline looks) comes in
//! as [`ReadingRules`].

mod document;
mod html;
mod layout;
mod lines;
mod offsets;
mod reading;
mod sentences;
mod shape;
mod span;
mod tokens;

pub use document::{Document, Sentence};
pub use layout::{Dateline, LayoutError, LayoutRule, LayoutRules, Paragraph, Part};
pub use offsets::{OffsetEncoding, OffsetMap, Offsets};
pub use reading::{MediaType, ReadingLimits, ReadingNote, ReadingRules, WordSet};
pub use shape::Shape;
pub use span::{TextSpan, TokenRange};
pub use tokens::{Token, tokenize};
