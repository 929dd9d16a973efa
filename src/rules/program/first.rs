//! What a program can begin with, and what a stretch of text must have for it to match.

use super::look::{Look, class, kind};
use super::{Inst, TypeId};
use crate::rules::lexicon::LexiconId;
use crate::rules::vocabulary::WordId;

/// What can stand first in a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum First {
    Word(WordId),
    Lexicon(LexiconId),
    Mention(TypeId),
    Numeral,
    Class(u32),
    /// Anything: the program is tried at every token.
    Any,
}

/// Elements of which one is looked for, made ready for a quick look at a token.
#[derive(Clone, Debug, Default)]
pub struct Elements {
    /// Sorted, words first.
    list: Vec<First>,
    /// How many of `list` are words.
    words: usize,
    /// All of them together.
    pub(super) standing: Standing,
}

impl Elements {
    /// The same elements, each once; nothing but [`First::Any`], if that is one of them.
    pub fn of(mut list: Vec<First>) -> Self {
        list.sort_unstable();
        list.dedup();
        if list.contains(&First::Any) {
            list = vec![First::Any];
        }
        let mut own = Self::default();
        for element in &list {
            match element {
                First::Any => own.standing.classes |= class::TOKEN,
                First::Class(classes) => own.standing.classes |= classes,
                First::Word(word) => own.standing.add_word(*word),
                First::Lexicon(lexicon) => own.standing.kinds |= kind::of_lexicon(*lexicon),
                First::Mention(ty) => own.standing.kinds |= kind::of_type(*ty),
                First::Numeral => own.standing.kinds |= kind::NUMERAL,
            }
        }
        own.words = list.partition_point(|element| matches!(element, First::Word(_)));
        own.list = list;
        own
    }

    /// The elements: sorted, words first.
    pub fn list(&self) -> &[First] {
        &self.list
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them may begin at a token; where not, none does.
    #[inline]
    pub fn may_begin(&self, look: &Look) -> bool {
        if self.standing.classes & look.classes != 0 || self.standing.kinds & look.kinds != 0 {
            return true;
        }
        self.standing.may_have(look.word)
            && self.list.get(..self.words).is_some_and(|words| words.binary_search(&First::Word(look.word)).is_ok())
    }

    /// Whether each of these is one of them.
    pub(super) fn hold(&self, others: &Self) -> bool {
        others.list.iter().all(|other| self.list.binary_search(other).is_ok())
    }
}

/// What can stand where a way through a program begins: enough to see that it leads nowhere, not that it leads anywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// One bit for each word by its last digits.
    words: [u64; 2],
    /// Bits of [`kind`].
    kinds: u64,
    /// Bits of [`class`]; [`class::TOKEN`] if it may begin with any token, or none.
    classes: u32,
}

impl Way {
    const ANY: Self = Self { words: [0; 2], kinds: 0, classes: class::TOKEN };

    fn of(inst: &Inst) -> Self {
        let mut own = Self::default();
        match inst {
            Inst::Word(word) => own.add(*word),
            Inst::Form(form) => own.add(form.0),
            Inst::Lexicon(lexicon) => own.kinds = kind::of_lexicon(*lexicon),
            Inst::Mention(ty) => own.kinds = kind::of_type(*ty),
            Inst::Numeral => own.kinds = kind::NUMERAL,
            Inst::Class(classes) => own.classes = *classes,
            Inst::Test(test) if !test.words.is_empty() => test.words.iter().for_each(|word| own.add(*word)),
            Inst::Test(test) if test.some_class() != 0 => own.classes = test.some_class(),
            _ => own = Self::ANY,
        }
        own
    }

    fn add(&mut self, word: WordId) {
        self.words[word.index() >> 6 & 1] |= 1 << (word.index() & 63);
    }

    fn or(self, other: Self) -> Self {
        Self {
            words: [self.words[0] | other.words[0], self.words[1] | other.words[1]],
            kinds: self.kinds | other.kinds,
            classes: self.classes | other.classes,
        }
    }

    /// Whether it may begin where there is no token any more.
    #[inline]
    pub fn may_end(&self) -> bool {
        self.classes & class::TOKEN != 0
    }

    /// Whether it may begin at a token.
    #[inline]
    pub fn may_begin(&self, look: &Look) -> bool {
        let at = look.word.index();
        let word = self.words[at >> 6 & 1] >> (at & 63) & 1;
        // Without branches, which could not be foretold.
        u64::from(self.classes & look.classes) | (self.kinds & look.kinds) | word != 0
    }
}

/// Notes at each split what its two ways can begin with.
pub(super) fn ways(insts: &mut [Inst]) -> Vec<[Way; 2]> {
    let mut out = Vec::new();
    // From the end on, for everything goes forward.
    let mut known = vec![Way::ANY; insts.len() + 1];
    for pc in (0..insts.len()).rev() {
        let at = |to: u32| known.get(to as usize).copied().filter(|_| to as usize > pc).unwrap_or(Way::ANY);
        known[pc] = match &mut insts[pc] {
            Inst::Split { first, second, ways } => {
                let own = [at(*first), at(*second)];
                *ways = out.len() as u32;
                out.push(own);
                own[0].or(own[1])
            }
            Inst::Jump(to) => at(*to),
            Inst::Open(_) | Inst::Close(_) | Inst::Mark(_) | Inst::Not { .. } => known[pc + 1],
            inst => Way::of(inst),
        };
    }
    out
}

/// What stands in a range, or of what something must stand there: the words, [`class`]es and [`kind`]s of all its tokens, as
/// [`Elements`] have them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// One bit for each word by its last digits.
    pub(super) some_words: [u64; 8],
    /// Bits of [`kind`].
    pub(super) kinds: u64,
    /// Bits of [`class`].
    pub(super) classes: u32,
}

impl Standing {
    /// What stands where one of the elements does; if there is none, anything.
    pub(super) fn of(elements: &Elements) -> Self {
        match elements.is_empty() {
            true => Self { classes: class::TOKEN, ..Self::default() },
            false => elements.standing,
        }
    }

    /// Whether both may have something in common; where not, they have not.
    #[inline]
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.classes & other.classes != 0
            || self.kinds & other.kinds != 0
            || self.some_words.iter().zip(&other.some_words).any(|(own, there)| own & there != 0)
    }

    /// Adds a token.
    #[inline]
    pub fn add(&mut self, look: &Look) {
        self.add_word(look.word);
        self.classes |= look.classes;
        self.kinds |= look.kinds;
    }

    #[inline]
    fn add_word(&mut self, word: WordId) {
        self.some_words[word.index() >> 6 & 7] |= 1 << (word.index() & 63);
    }

    /// Whether a word may be one of those that were added; where not, it is none.
    #[inline]
    fn may_have(&self, word: WordId) -> bool {
        self.some_words[word.index() >> 6 & 7] >> (word.index() & 63) & 1 != 0
    }
}
