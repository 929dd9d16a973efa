//! What a reader is told: the knowledge of the rule packs, the limits, the format; and what it reports.

use rustc_hash::FxHashSet;

use super::layout::LayoutRules;
use super::span::TextSpan;
use super::tokens;

/// A set of words that is asked without regard to case.
#[derive(Clone, Debug, Default)]
pub struct WordSet {
    words: FxHashSet<Box<str>>,
}

/// Words up to this many bytes are folded without an allocation.
const FOLD: usize = 32;

impl WordSet {
    /// Whether the set holds `word`, in whatever case.
    pub fn contains(&self, word: &str) -> bool {
        self.contains_joined(word, "")
    }

    /// Whether the set holds `word` followed by `tail`, in whatever case.
    pub(super) fn contains_joined(&self, word: &str, tail: &str) -> bool {
        let len = word.len() + tail.len();
        if self.words.is_empty() {
            return false;
        }
        let mut buffer = [0u8; FOLD];
        if word.is_ascii()
            && let Some(slot) = buffer.get_mut(..len)
        {
            for (to, from) in slot.iter_mut().zip(word.bytes().chain(tail.bytes())) {
                *to = from.to_ascii_lowercase();
            }
            return std::str::from_utf8(slot).is_ok_and(|folded| self.words.contains(folded));
        }
        let mut folded = word.to_lowercase();
        folded.push_str(tail);
        self.words.contains(folded.as_str())
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Adds a word.
    pub fn insert(&mut self, word: &str) {
        self.words.insert(word.to_lowercase().into());
    }
}

impl<S: AsRef<str>> Extend<S> for WordSet {
    fn extend<I: IntoIterator<Item = S>>(&mut self, words: I) {
        for word in words {
            self.insert(word.as_ref());
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for WordSet {
    fn from_iter<I: IntoIterator<Item = S>>(words: I) -> Self {
        let mut set = Self::default();
        set.extend(words);
        set
    }
}

/// What a reader knows of the language and of news pages; from the rule packs.
///
/// Abbreviations are written with their full stop.
#[derive(Clone, Debug, Default)]
pub struct ReadingRules {
    /// Abbreviations that never end a sentence, for a name follows: `Gen.`, `Mr.`
    pub title_abbreviations: WordSet,
    /// Abbreviations that end a sentence only where a [starter](Self::sentence_starters) follows: `Inc.`, `etc.`
    /// Letters with dots (`U.S.`, `a.m.`) count as such without being listed.
    pub abbreviations: WordSet,
    /// Abbreviations that are such before a number, a comma or a small letter only: `No.`, and months: `Jan.`, `Mar.`
    pub number_abbreviations: WordSet,
    /// Words that begin sentences much more often than they begin names: `The`, `He`, `But`. Where there are none,
    /// the stop words stand in.
    pub sentence_starters: WordSet,
    /// The commonest words of the language; a text that has few of them is in another one.
    pub stop_words: WordSet,
    /// Names that keep to themselves in a pair: with `Russian` and `US` in the set, `Russian-US` is cut into
    /// `Russian|-|US`. Of names of several words, the first and the last word belong here.
    pub pair_names: WordSet,
    /// How parts of a page look.
    pub layout: LayoutRules,
}

impl ReadingRules {
    /// The words of a short phrase, such as a rule names, cut as they are in an article. A final full stop stays with
    /// a known abbreviation.
    pub fn words_of<'t>(&self, phrase: &'t str) -> Vec<&'t str> {
        let mut out = Vec::new();
        tokens::tokenize_phrase(phrase, self, &mut out);
        out.into_iter().filter_map(|token| phrase.get(token.span.range())).collect()
    }

    pub(super) fn starts_sentences(&self, word: &str) -> bool {
        let starters = if self.sentence_starters.is_empty() { &self.stop_words } else { &self.sentence_starters };
        starters.contains(word)
    }
}

/// What a reader does not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadingLimits {
    /// Tokens of a sentence; a longer one is cut there, whatever it says.
    pub sentence_tokens: usize,
    /// Bytes of a source that are read; the rest is left out. At most 2 GiB whatever it says: positions have 32 bits.
    pub source_bytes: usize,
}

impl Default for ReadingLimits {
    /// 400 tokens a sentence, 32 MiB a source.
    fn default() -> Self {
        Self { sentence_tokens: 400, source_bytes: 32 << 20 }
    }
}

/// The format of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain`
    #[default]
    Plain,
    /// `text/html`
    Html,
}

/// Something odd about a source that was read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadingNote {
    /// No word at all.
    Empty,
    /// Hardly any letters: binary data, tables, no text.
    NotText,
    /// Hardly any of the language's common words.
    OtherLanguage,
    /// A sentence was longer than [`ReadingLimits::sentence_tokens`] and was cut; the first such cut-off sentence.
    SentenceCut(TextSpan),
    /// The source was longer than [`ReadingLimits::source_bytes`]; the end was left out.
    SourceCut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_set_is_asked_without_regard_to_case() {
        let set: WordSet = ["Gen.", "Évian", "a-rather-long-word-that-does-not-fit-the-buffer"].into_iter().collect();
        for word in ["gen.", "GEN.", "évian", "ÉVIAN", "A-rather-long-word-that-does-not-fit-the-buffer"] {
            assert!(set.contains(word), "{word}");
        }
        assert!(set.contains_joined("Gen", "."));
        assert!(!set.contains("gen"));
        assert!(!set.contains(""));
    }
}
