//! What a token is at first sight: its word, its classes, the kinds of what begins at it.

use super::TypeId;
use crate::rules::lexicon::LexiconId;
use crate::rules::vocabulary::WordId;

/// Classes of single tokens (`%name`), as bits.
pub mod class {
    use crate::relations::Tag;

    pub const NUMBER: u32 = 1;
    pub const CAP: u32 = 1 << 1;
    pub const UPPER: u32 = 1 << 2;
    pub const NAME: u32 = 1 << 3;
    pub const NOUN: u32 = 1 << 4;
    pub const VERB: u32 = 1 << 5;
    pub const ADJECTIVE: u32 = 1 << 6;
    pub const ADVERB: u32 = 1 << 7;
    pub const DETERMINER: u32 = 1 << 8;
    pub const PRONOUN: u32 = 1 << 9;
    pub const POSSESSIVE: u32 = 1 << 10;
    pub const PREPOSITION: u32 = 1 << 11;
    pub const QUOTE: u32 = 1 << 12;
    pub const PUNCT: u32 = 1 << 13;
    pub const DASH: u32 = 1 << 14;
    pub const COMMA: u32 = 1 << 15;
    /// Four digits that can be a year: 1000 to 2999.
    pub const YEAR: u32 = 1 << 16;
    /// Hours and minutes: 3:39.
    pub const CLOCK: u32 = 1 << 17;
    /// Every token has it.
    pub const TOKEN: u32 = 1 << 31;

    /// The classes that all tokens with a tag have.
    pub fn of_tag(tag: Tag) -> u32 {
        match tag {
            Tag::NNP | Tag::NNPS => NAME | NOUN,
            Tag::NN | Tag::NNS => NOUN,
            Tag::VB | Tag::VBD | Tag::VBG | Tag::VBN | Tag::VBP | Tag::VBZ => VERB,
            Tag::JJ | Tag::JJR | Tag::JJS => ADJECTIVE,
            Tag::RB | Tag::RBR | Tag::RBS => ADVERB,
            Tag::DT | Tag::PDT | Tag::PRPS => DETERMINER,
            Tag::PRP | Tag::WP => PRONOUN,
            Tag::IN | Tag::TO => PREPOSITION,
            _ => 0,
        }
    }

    /// The classes by their names in patterns.
    pub const NAMES: &[(&str, u32)] = &[
        ("number", NUMBER),
        ("cap", CAP),
        ("upper", UPPER),
        ("name", NAME),
        ("noun", NOUN),
        ("verb", VERB),
        ("adjective", ADJECTIVE),
        ("adverb", ADVERB),
        ("determiner", DETERMINER),
        ("pronoun", PRONOUN),
        ("possessive", POSSESSIVE),
        ("preposition", PREPOSITION),
        ("quote", QUOTE),
        ("punct", PUNCT),
        ("dash", DASH),
        ("comma", COMMA),
        ("year", YEAR),
        ("clock", CLOCK),
    ];
}

/// Kinds of what begins at a token, as bits of a set: one for numbers, the others shared out among types and lexicons. A
/// bit that is not set rules all out that share it; one that is set is to be looked into.
pub mod kind {
    use super::{LexiconId, TypeId};

    /// The bit of every number.
    pub const NUMERAL: u64 = 1;
    /// The bits from 1 on are shared out among the types, those from here on among the lexicons.
    const LEXICONS_FROM: u16 = 24;

    /// The bit that all hits of a lexicon have.
    #[inline]
    pub fn of_lexicon(lexicon: LexiconId) -> u64 {
        1 << (LEXICONS_FROM + lexicon.0 % (64 - LEXICONS_FROM))
    }

    /// The bit that all mentions of a type have.
    #[inline]
    pub fn of_type(ty: TypeId) -> u64 {
        1 << (1 + ty.0 % (LEXICONS_FROM - 1))
    }
}

/// What a token is at first sight: enough to see that nothing begins there, not that something does.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub word: WordId,
    /// Bits of [`class`].
    pub classes: u32,
    /// Bits of [`kind`]: of all edges that ever began at the token.
    pub kinds: u64,
}

impl Look {
    /// No token: beyond the end of the text.
    pub const NONE: Self = Self { word: WordId::UNKNOWN, classes: 0, kinds: 0 };
}
