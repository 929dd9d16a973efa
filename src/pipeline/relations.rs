//! The relations of one predicate, as rules see them: for measuring the relation layer, and for showing why a rule found
//! what it found.

use super::pace::Pace;
use super::{Article, Watch, read, understand};
use crate::relations::{Argument, Binding, Role};
use crate::rules::Ruleset;

/// An argument of a predicate, by its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    pub role: Role,
    /// Head word.
    pub head: String,
    /// The preposition that introduces it.
    pub preposition: Option<String>,
    pub binding: Binding,
}

/// What the relation layer says of a predicate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    pub arguments: Vec<Relation>,
    /// Head word of who says so.
    pub speaker: Option<String>,
}

/// The relations of the `nth` (from 1) occurrence of a word in a text; nothing if it does not occur so often.
pub fn relations(rules: &Ruleset, text: &str, predicate: &str, nth: usize) -> Option<Relations> {
    let article = Article { body: text.to_owned(), ..Article::default() };
    let doc = read(rules, &article);
    let mut analysis = understand(rules, &doc, &article, Watch::default(), Pace::free()).ok()?;
    let token = (0..doc.tokens().len()).filter(|token| doc.word(*token) == predicate).nth(nth.checked_sub(1)?)?;
    let sentence = doc.sentence_of(token)?;
    analysis.parse(sentence);
    let start = analysis.sentence(sentence)?.tokens.start as usize;
    let clauses = analysis.clauses(sentence)?;
    let mut found: Vec<Argument> = Vec::new();
    clauses.arguments(token - start, false, &mut found);
    let word = |at: usize| doc.word(start + at).to_owned();
    let relation = |argument: Argument| Relation {
        role: argument.role,
        head: word(argument.head),
        preposition: argument.preposition.map(word),
        binding: argument.binding,
    };
    let speaker = clauses.attribution(token - start).map(|attribution| word(attribution.speaker));
    Some(Relations { arguments: found.into_iter().map(relation).collect(), speaker })
}
