//! What the patterns of rules can begin with, in the words of the rules.

use rustc_hash::FxHashMap;

use super::program::{First, class};
use super::ruleset::Ruleset;
use super::vocabulary::WordId;

impl Ruleset {
    /// For each pattern by its number: the words, lexicons, types and classes at which it is tried.
    pub fn beginnings(&self) -> Vec<Vec<String>> {
        let words: FxHashMap<WordId, &str> = self.vocabulary.words().map(|(word, id)| (id, word)).collect();
        let name = |first: &First| match first {
            First::Word(id) => format!("\"{}\"", words.get(id).copied().unwrap_or_default()),
            First::Lexicon(id) => format!("${}", self.lexicons.name(*id)),
            First::Mention(ty) => format!("@{}", self.type_names.get(ty.0 as usize).map_or("", |name| &**name)),
            First::Numeral => "%numeral".to_owned(),
            First::Class(bits) => {
                let names = class::NAMES.iter().filter(|(_, bit)| bits & bit != 0).map(|(name, _)| format!("%{name}"));
                names.collect::<Vec<_>>().join(" ")
            }
            First::Any => "any word".to_owned(),
        };
        self.firsts.iter().map(|firsts| firsts.iter().map(name).collect()).collect()
    }
}
