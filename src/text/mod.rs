//! The text of an article: positions, tokens, sentences, parts.

mod span;

pub use span::{TextSpan, TokenRange};
