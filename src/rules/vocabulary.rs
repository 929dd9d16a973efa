//! Words as numbers: every word that any rule names gets an id, so that matching compares integers.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

/// A word of the rules, folded: lower case, straight apostrophe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordId(u32);

impl WordId {
    /// A word that no rule names.
    pub const UNKNOWN: WordId = WordId(u32::MAX);

    /// The number of the word, from 0 on; of [`WordId::UNKNOWN`] one that no table reaches.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// All words that rules name.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    ids: FxHashMap<Box<str>, WordId>,
}

impl Vocabulary {
    /// The id of a word, made if it is new.
    pub fn intern(&mut self, word: &str) -> WordId {
        let folded = fold(word);
        if let Some(&id) = self.ids.get(&*folded) {
            return id;
        }
        let id = WordId(self.ids.len() as u32);
        self.ids.insert(folded.into(), id);
        id
    }

    /// All words with their ids.
    pub fn words(&self) -> impl Iterator<Item = (&str, WordId)> {
        self.ids.iter().map(|(word, id)| (&**word, *id))
    }

    /// The id of a word as it stands in a text; [`WordId::UNKNOWN`] where no rule names it.
    pub fn id(&self, word: &str) -> WordId {
        self.ids.get(&*fold(word)).copied().unwrap_or(WordId::UNKNOWN)
    }
}

/// The form under which words are compared: lower case, with the typographic apostrophe made straight.
pub fn fold(word: &str) -> Cow<'_, str> {
    if word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    Cow::Owned(word.chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_apostrophe_do_not_tell_words_apart() {
        let mut words = Vocabulary::default();
        let id = words.intern("Korea");
        assert_eq!(words.id("KOREA"), id);
        let s = words.intern("'s");
        assert_eq!(words.id("\u{2019}S"), s);
        assert_eq!(words.id("other"), WordId::UNKNOWN);
    }
}
