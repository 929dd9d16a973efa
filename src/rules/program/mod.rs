//! Compiled patterns: programs for the matcher, what each can begin with, and sets of them.

mod first;
mod look;
mod set;

use std::sync::Arc;

use self::first::ways;
pub use self::first::{Elements, First, Standing, Way};
pub use self::look::{Look, class, kind};
pub use self::set::ProgramSet;
use crate::rules::lexicon::LexiconId;
use crate::rules::vocabulary::WordId;

/// A type of mention: `Actor`, `Place`, `Weapon`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u16);

/// Index of a capture's name in [`Program::captures`].
pub type CaptureId = u16;

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

impl TokenTest {
    /// Classes of which every token that passes has one; 0 if nothing is known.
    fn some_class(&self) -> u32 {
        if self.classes != 0 {
            return self.classes;
        }
        let of = self.tags.iter().map(|tag| class::of_tag(*tag));
        of.reduce(|all, own| if all == 0 || own == 0 { 0 } else { all | own }).unwrap_or(0)
    }
}

/// One step of a program. Small, for many of them are read for each word of an article.
#[derive(Clone, Debug)]
pub enum Inst {
    /// A token with this folded word.
    Word(WordId),
    /// A token that is this word and written so, or all in capitals.
    Form(Box<(WordId, Box<str>)>),
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
    /// Try the first, then the second; see [`Inst::split`].
    Split { first: u32, second: u32, ways: u32 },
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

impl Inst {
    /// Tries the instruction at `first`, then that at `second`. Both stand further on in the program.
    pub fn split(first: u32, second: u32) -> Self {
        Self::Split { first, second, ways: 0 }
    }
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its number among all programs of the rules.
    pub id: u32,
    pub insts: Vec<Inst>,
    /// What the ways of each split can begin with.
    pub ways: Vec<[Way; 2]>,
    /// Names of captures.
    pub captures: Vec<Arc<str>>,
    /// What a match can begin with, derived.
    pub first: Elements,
    /// One of these begins somewhere in every match; nothing is known if empty, or nothing that `first` does not say.
    pub required: Elements,
    /// Whether the empty sequence matches.
    pub nullable: bool,
}

impl Program {
    /// Finishes a program: derives what a match can begin with.
    pub fn new(mut insts: Vec<Inst>, captures: Vec<Arc<str>>) -> Self {
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
                Inst::Word(w) => first.push(First::Word(*w)),
                Inst::Form(form) => first.push(First::Word(form.0)),
                Inst::Lexicon(l) => first.push(First::Lexicon(*l)),
                Inst::Mention(t) => first.push(First::Mention(*t)),
                Inst::Numeral => first.push(First::Numeral),
                Inst::Class(c) => first.push(First::Class(*c)),
                Inst::Test(test) => {
                    if !test.words.is_empty() {
                        first.extend(test.words.iter().map(|w| First::Word(*w)));
                    } else if test.some_class() != 0 {
                        first.push(First::Class(test.some_class()));
                    } else {
                        first.push(First::Any);
                    }
                }
                Inst::Any => first.push(First::Any),
                Inst::Split { first, second, .. } => stack.extend([*second, *first]),
                Inst::Jump(to) => stack.push(*to),
                Inst::Open(_) | Inst::Close(_) | Inst::Mark(_) | Inst::Not { .. } => stack.push(pc + 1),
                Inst::Match => nullable = true,
            }
        }
        let ways = ways(&mut insts);
        Self {
            id: u32::MAX,
            insts,
            ways,
            captures,
            first: Elements::of(first),
            required: Elements::default(),
            nullable,
        }
    }

    /// Notes what begins somewhere in every match.
    pub fn require(&mut self, one_of: Vec<First>) {
        let required = Elements::of(one_of);
        if !required.hold(&self.first) {
            self.required = required;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::vocabulary::Vocabulary;

    #[test]
    fn a_split_knows_what_its_ways_can_begin_with() {
        let mut vocabulary = Vocabulary::default();
        let [one, two, other] = ["one", "two", "other"].map(|word| vocabulary.intern(word));
        // one | [two %noun]?
        let test = TokenTest { words: vec![two], classes: class::NOUN, ..TokenTest::default() };
        let insts = vec![
            Inst::split(1, 3),
            Inst::Word(one),
            Inst::Jump(5),
            Inst::split(4, 5),
            Inst::Test(Box::new(test)),
            Inst::Match,
        ];
        let program = Program::new(insts, Vec::new());
        let (Inst::Split { ways: outer, .. }, Inst::Split { ways: inner, .. }) = (&program.insts[0], &program.insts[3])
        else {
            panic!("{program:?}")
        };
        let look = |word| Look { word, classes: class::NOUN, kinds: u64::MAX };
        let [first, rest] = program.ways[*outer as usize];
        assert!(first.may_begin(&look(one)) && !first.may_end());
        assert!(!first.may_begin(&look(two)) && !first.may_begin(&look(other)));
        // The end is one of the ways that are left.
        let token = Look { word: other, classes: class::TOKEN, kinds: 0 };
        assert!(rest.may_begin(&token) && rest.may_end());
        let [test, end] = program.ways[*inner as usize];
        assert!(test.may_begin(&look(two)) && !test.may_begin(&look(one)) && end.may_end());
    }
}
