//! All mentions of an article, as the rules of events will meet them: for measuring mention rules, and for showing why a
//! slot found what it found.

use super::pace::Pace;
use super::{Article, Watch, read, understand};
use crate::event::domain::Record;
use crate::rules::Ruleset;
use crate::text::TextSpan;

/// A mention with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Name of its type: "Actor".
    pub kind: String,
    /// The words that name it.
    pub span: TextSpan,
    /// Its sentence, from 0.
    pub sentence: usize,
    /// Its fields, with those of what it refers back to.
    pub record: Record,
    /// Id of the rule or lexicon that made it.
    pub rule: String,
    /// Whether it refers back to another one.
    pub refers: bool,
}

/// The mentions of an article, in the order of the text.
pub fn mentions(rules: &Ruleset, article: &Article) -> Vec<Listed> {
    let doc = read(rules, article);
    let Ok(analysis) = understand(rules, &doc, article, Watch::default(), Pace::free()) else { return Vec::new() };
    let mut out: Vec<Listed> = analysis
        .lattice
        .all_mentions()
        .filter(|(_, mention)| !mention.covered)
        .map(|(id, mention)| Listed {
            kind: rules.type_names.get(usize::from(mention.ty.0)).map(|name| name.to_string()).unwrap_or_default(),
            span: doc.span_of(mention.extent),
            sentence: doc.sentence_of(mention.extent.start as usize).unwrap_or_default(),
            record: analysis.record(id),
            rule: mention.rule.to_string(),
            refers: mention.antecedent.is_some(),
        })
        .collect();
    out.sort_by_key(|listed| listed.span);
    out
}
