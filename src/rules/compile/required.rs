//! What a pattern cannot do without: elements of which one stands in every match. Where a sentence holds none of them, the
//! pattern need not be tried. (The idea is that of the required literals of regular expression engines.)

use super::Compiler;
use crate::rules::pattern::{Node, NodeKind};
use crate::rules::program::{First, class};
use crate::rules::vocabulary::WordId;

/// Elements of which one is in every match, and how common they are together, in an arbitrary unit.
pub(super) struct Required {
    pub one_of: Vec<First>,
    cost: u32,
}

/// Words of so many letters are mostly words of every sentence.
const SHORT: usize = 3;
const COST_OF_SHORT_WORD: u32 = 40;
const COST_OF_WORD: u32 = 2;
const COST_OF_LEXICON: u32 = 4;
const COST_OF_MENTION: u32 = 8;
/// Beyond it the search for what is needed is not worth its time.
const MAX_COST: u32 = 400;
/// Classes that few tokens have.
const RARE_CLASSES: u32 = class::NUMBER | class::YEAR | class::CLOCK | class::QUOTE | class::DASH | class::UPPER;

impl Compiler<'_> {
    /// What is needed for a match of a node; nothing if that cannot be said or is too common to be of use.
    pub(super) fn required(&mut self, node: &Node) -> Option<Required> {
        let required = match &node.kind {
            NodeKind::Words(words) => self.rarest_word(words)?,
            NodeKind::Lexicon(name) => {
                Required { one_of: vec![First::Lexicon(self.lexicon_named(name)?)], cost: COST_OF_LEXICON }
            }
            NodeKind::Mention(name) => {
                Required { one_of: vec![First::Mention(self.type_named(name)?)], cost: COST_OF_MENTION }
            }
            NodeKind::Class(name) if name == "numeral" => {
                Required { one_of: vec![First::Numeral], cost: COST_OF_MENTION }
            }
            NodeKind::Class(name) => {
                let (_, bits) = class::NAMES.iter().find(|(own, bits)| own == name && bits & RARE_CLASSES != 0)?;
                Required { one_of: vec![First::Class(*bits)], cost: COST_OF_MENTION }
            }
            NodeKind::Attributes(tests) => self.words_of_tests(tests)?,
            NodeKind::Sequence(nodes) => nodes.iter().filter_map(|node| self.required(node)).min_by_key(|n| n.cost)?,
            NodeKind::Alternatives(nodes) => {
                let mut all = Required { one_of: Vec::new(), cost: 0 };
                for node in nodes {
                    let own = self.required(node)?;
                    all.one_of.extend(own.one_of);
                    all.cost += own.cost;
                }
                all
            }
            NodeKind::Repeat { node, min: 1.., .. } | NodeKind::Capture { node, .. } => self.required(node)?,
            NodeKind::Any | NodeKind::Repeat { .. } | NodeKind::Not { .. } => return None,
        };
        (required.cost <= MAX_COST).then(|| {
            let mut required = required;
            required.one_of.sort_unstable();
            required.one_of.dedup();
            required
        })
    }

    /// Of several words in a row the one with the most letters.
    fn rarest_word(&mut self, words: &str) -> Option<Required> {
        let word = self.tokenise(words).into_iter().max_by_key(|word| word.chars().count())?;
        let id = self.vocabulary.intern(&word);
        Some(Required { one_of: vec![First::Word(id)], cost: cost_of(&word) })
    }

    fn words_of_tests(&mut self, tests: &[(String, Vec<String>)]) -> Option<Required> {
        let mut found: Option<Required> = None;
        for (key, values) in tests {
            let forms: Vec<String> = match key.as_str() {
                "word" => values.clone(),
                "lemma" => values.iter().flat_map(|value| self.all_forms(value)).collect(),
                _ => continue,
            };
            let ids: Vec<WordId> = forms.iter().map(|form| self.vocabulary.intern(form)).collect();
            let cost: u32 = forms.iter().map(|form| cost_of(form)).sum();
            let own = found.get_or_insert_with(|| Required { one_of: Vec::new(), cost: 0 });
            own.one_of.extend(ids.into_iter().map(First::Word));
            own.cost += cost;
        }
        found
    }
}

fn cost_of(word: &str) -> u32 {
    if word.chars().count() <= SHORT { COST_OF_SHORT_WORD } else { COST_OF_WORD }
}
