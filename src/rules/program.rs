//! Compiled patterns: programs for the matcher, and the index that says which of them can begin at a token.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::lexicon::LexiconId;
use super::vocabulary::WordId;

/// A type of mention: `Actor`, `Place`, `Weapon`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u16);

/// Index of a capture's name in [`Program::captures`].
pub type CaptureId = u16;

/// Classes of single tokens (`%name`), as bits.
pub mod class {
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

/// A test of one token's words, tag and class; every part must hold.
#[derive(Clone, Debug, Default)]
pub struct TokenTest {
    /// One of these words (sorted); any word if empty.
    pub words: Vec<WordId>,
    /// The token as written must be one of these; any if empty.
    pub forms: Vec<Box<str>>,
    /// One of these Penn tags; any if empty.
    pub tags: Vec<crate::relations::Tag>,
    /// One of these classes; any if 0.
    pub classes: u32,
}

/// One step of a program.
#[derive(Clone, Debug)]
pub enum Inst {
    /// A token with this folded word.
    Word(WordId),
    /// A token that is this word and written so, or all in capitals.
    Form(WordId, Box<str>),
    /// A hit of a lexicon.
    Lexicon(LexiconId),
    /// A mention of a type.
    Mention(TypeId),
    /// A whole number expression.
    Numeral,
    /// A token of one of these classes.
    Class(u32),
    /// A token that passes a test.
    Test(Box<TokenTest>),
    /// Any token.
    Any,
    /// Try the first, then the second.
    Split(u32, u32),
    /// Go on elsewhere.
    Jump(u32),
    /// A capture begins.
    Open(CaptureId),
    /// A capture ends.
    Close(CaptureId),
    /// Goes on if the program does not match from (or, `behind`, up to) here.
    Not { behind: bool, program: Arc<Program> },
    /// Notes that a match came this way; only in rules that are compiled to measure what their tests cover.
    Mark(u32),
    /// The end.
    Match,
}

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

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its number among all programs of the rules.
    pub id: u32,
    pub insts: Vec<Inst>,
    /// Names of captures.
    pub captures: Vec<Arc<str>>,
    /// What a match can begin with, derived; sorted, words first.
    pub first: Vec<First>,
    /// How many of `first` are words.
    pub first_words: usize,
    /// Whether the empty sequence matches.
    pub nullable: bool,
}

impl Program {
    /// Finishes a program: derives what a match can begin with.
    pub fn new(insts: Vec<Inst>, captures: Vec<Arc<str>>) -> Self {
        let mut first = Vec::new();
        let mut nullable = false;
        let mut seen = vec![false; insts.len()];
        let mut stack = vec![0u32];
        while let Some(pc) = stack.pop() {
            let at = pc as usize;
            if at >= insts.len() || std::mem::replace(&mut seen[at], true) {
                continue;
            }
            match &insts[at] {
                Inst::Word(w) | Inst::Form(w, _) => first.push(First::Word(*w)),
                Inst::Lexicon(l) => first.push(First::Lexicon(*l)),
                Inst::Mention(t) => first.push(First::Mention(*t)),
                Inst::Numeral => first.push(First::Numeral),
                Inst::Class(c) => first.push(First::Class(*c)),
                Inst::Test(test) => {
                    if !test.words.is_empty() {
                        first.extend(test.words.iter().map(|w| First::Word(*w)));
                    } else if test.classes != 0 {
                        first.push(First::Class(test.classes));
                    } else {
                        first.push(First::Any);
                    }
                }
                Inst::Any => first.push(First::Any),
                Inst::Split(a, b) => stack.extend([*b, *a]),
                Inst::Jump(to) => stack.push(*to),
                Inst::Open(_) | Inst::Close(_) | Inst::Mark(_) | Inst::Not { .. } => stack.push(pc + 1),
                Inst::Match => nullable = true,
            }
        }
        first.sort_unstable();
        first.dedup();
        if first.contains(&First::Any) {
            first = vec![First::Any];
        }
        let first_words = first.partition_point(|first| matches!(first, First::Word(_)));
        Self { id: u32::MAX, insts, captures, first, first_words, nullable }
    }
}

/// Programs that run in one pass, indexed by what they can begin with.
#[derive(Clone, Debug, Default)]
pub struct ProgramSet {
    programs: Vec<Arc<Program>>,
    by_word: FxHashMap<WordId, Vec<u32>>,
    by_lexicon: FxHashMap<LexiconId, Vec<u32>>,
    by_type: FxHashMap<TypeId, Vec<u32>>,
    by_class: Vec<(u32, u32)>,
    by_numeral: Vec<u32>,
    always: Vec<u32>,
}

impl ProgramSet {
    /// Adds a program and gives its index in the set.
    pub fn add(&mut self, program: Arc<Program>) -> u32 {
        let index = self.programs.len() as u32;
        for first in &program.first {
            match first {
                First::Word(w) => self.by_word.entry(*w).or_default().push(index),
                First::Lexicon(l) => self.by_lexicon.entry(*l).or_default().push(index),
                First::Mention(t) => self.by_type.entry(*t).or_default().push(index),
                First::Numeral => self.by_numeral.push(index),
                First::Class(c) => self.by_class.push((*c, index)),
                First::Any => self.always.push(index),
            }
        }
        self.programs.push(program);
        index
    }

    /// The program with this index.
    pub fn get(&self, index: u32) -> Option<&Arc<Program>> {
        self.programs.get(index as usize)
    }

    /// Whether there is no program.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// Appends to `out` the programs that can begin with a token of this word and these classes.
    pub fn at_token(&self, word: WordId, classes: u32, out: &mut Vec<u32>) {
        if word != WordId::UNKNOWN
            && let Some(list) = self.by_word.get(&word)
        {
            out.extend_from_slice(list);
        }
        for (wanted, index) in &self.by_class {
            if wanted & classes != 0 {
                out.push(*index);
            }
        }
        out.extend_from_slice(&self.always);
    }

    /// Appends to `out` the programs that can begin with a hit of the lexicon.
    pub fn at_lexicon(&self, lexicon: LexiconId, out: &mut Vec<u32>) {
        if let Some(list) = self.by_lexicon.get(&lexicon) {
            out.extend_from_slice(list);
        }
    }

    /// Appends to `out` the programs that can begin with a mention of the type.
    pub fn at_mention(&self, ty: TypeId, out: &mut Vec<u32>) {
        if let Some(list) = self.by_type.get(&ty) {
            out.extend_from_slice(list);
        }
    }

    /// Appends to `out` the programs that can begin with a number expression.
    pub fn at_numeral(&self, out: &mut Vec<u32>) {
        out.extend_from_slice(&self.by_numeral);
    }
}
