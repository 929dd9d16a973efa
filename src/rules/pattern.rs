//! The pattern language: what stands between `'''` and `'''`.
//!
//! A pattern is a regular expression over tokens. [`Pattern::parse`] reads it into a tree whose every node
//! knows its place inside the string; nothing is resolved here.

use std::ops::Range;

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The pattern as written.
    pub source: String,
    /// Its tree.
    pub root: Node,
}

/// A node of a pattern with its byte range inside [`Pattern::source`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    pub at: Range<usize>,
}

/// The forms that a pattern is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// `word` or `"two words"`: one or more words, still to be tokenised.
    Words(String),
    /// `$lexicon`
    Lexicon(String),
    /// `@Type`
    Mention(String),
    /// `%number`
    Class(String),
    /// `[lemma=launch pos=VERB]`: all must hold; `a|b` in a value means either.
    Attributes(Vec<(String, Vec<String>)>),
    /// `_`
    Any,
    /// `a b c`
    Sequence(Vec<Node>),
    /// `a | b`
    Alternatives(Vec<Node>),
    /// `x?` is `{0,1}`; both bounds inclusive.
    Repeat { node: Box<Node>, min: u32, max: u32 },
    /// `name:x`
    Capture { name: String, node: Box<Node> },
    /// `(?! x)` or `(?<! x)`
    Not { behind: bool, node: Box<Node> },
}
