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
    standing: Standing,
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
    fn hold(&self, others: &Self) -> bool {
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
fn ways(insts: &mut [Inst]) -> Vec<[Way; 2]> {
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
    some_words: [u64; 8],
    /// Bits of [`kind`].
    kinds: u64,
    /// Bits of [`class`].
    classes: u32,
}

impl Standing {
    /// What stands where one of the elements does; if there is none, anything.
    fn of(elements: &Elements) -> Self {
        match elements.is_empty() {
            true => Self { classes: class::TOKEN, ..Self::default() },
            false => elements.standing,
        }
    }

    /// Whether both may have something in common; where not, they have not.
    #[inline]
    fn meets(&self, other: &Self) -> bool {
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

/// Lists by words, most of which have none.
#[derive(Clone, Debug, Default)]
struct ByWord {
    /// A bit for each word that has a list: small enough to stay in the nearest memory.
    known: Vec<u64>,
    lists: FxHashMap<WordId, Vec<u32>>,
}

impl ByWord {
    fn push(&mut self, word: WordId, index: u32) {
        let at = word.index() >> 6;
        if self.known.len() <= at {
            self.known.resize(at + 1, 0);
        }
        self.known[at] |= 1 << (word.index() & 63);
        self.lists.entry(word).or_default().push(index);
    }

    #[inline]
    fn has(&self, word: WordId) -> bool {
        self.known.get(word.index() >> 6).is_some_and(|bits| bits >> (word.index() & 63) & 1 != 0)
    }

    #[inline]
    fn get(&self, word: WordId) -> &[u32] {
        if self.has(word) { self.lists.get(&word).map_or(&[], Vec::as_slice) } else { &[] }
    }
}

/// Which programs an element of the text concerns.
#[derive(Clone, Debug, Default)]
struct Index {
    by_word: ByWord,
    by_lexicon: Lists,
    by_type: Lists,
    /// By the number of the bit.
    by_class: Lists,
    by_numeral: Vec<u32>,
    always: Vec<u32>,
    /// All bits of [`class`] and of [`kind`] that have a list.
    classes: u32,
    kinds: u64,
}

/// Lists by a small number.
#[derive(Clone, Debug, Default)]
struct Lists(Vec<Vec<u32>>);

impl Lists {
    fn push(&mut self, at: usize, index: u32) {
        if self.0.len() <= at {
            self.0.resize(at + 1, Vec::new());
        }
        self.0[at].push(index);
    }

    #[inline]
    fn get(&self, at: usize) -> &[u32] {
        self.0.get(at).map_or(&[], Vec::as_slice)
    }
}

/// The numbers of the bits that are set.
fn bits(mut set: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(bit)
    })
}

impl Index {
    fn add(&mut self, firsts: &Elements, index: u32) {
        self.classes |= firsts.standing.classes;
        self.kinds |= firsts.standing.kinds;
        for first in firsts.list() {
            match first {
                First::Word(w) => self.by_word.push(*w, index),
                First::Lexicon(l) => self.by_lexicon.push(l.0.into(), index),
                First::Mention(t) => self.by_type.push(t.0.into(), index),
                First::Numeral => self.by_numeral.push(index),
                First::Class(c) => bits(*c).for_each(|bit| self.by_class.push(bit, index)),
                First::Any => self.always.push(index),
            }
        }
    }

    #[inline]
    fn at(&self, look: &Look, edges: &[First], out: &mut Vec<u32>) {
        out.extend_from_slice(self.by_word.get(look.word));
        for bit in bits(look.classes & self.classes) {
            out.extend_from_slice(self.by_class.get(bit));
        }
        for first in edges {
            out.extend_from_slice(match first {
                First::Lexicon(l) => self.by_lexicon.get(l.0.into()),
                First::Mention(t) => self.by_type.get(t.0.into()),
                First::Numeral => &self.by_numeral,
                _ => &[],
            });
        }
        out.extend_from_slice(&self.always);
    }
}

/// Programs that run in one pass, indexed by what they can begin with.
#[derive(Clone, Debug, Default)]
pub struct ProgramSet {
    programs: Vec<Arc<Program>>,
    /// Of what something must stand where a program matches.
    required: Vec<Standing>,
    starts: Index,
}

impl ProgramSet {
    /// Adds a program and gives its index in the set.
    pub fn add(&mut self, program: Arc<Program>) -> u32 {
        let index = self.programs.len() as u32;
        self.starts.add(&program.first, index);
        self.required.push(Standing::of(&program.required));
        self.programs.push(program);
        index
    }

    /// The program with this index.
    pub fn get(&self, index: u32) -> Option<&Arc<Program>> {
        self.programs.get(index as usize)
    }

    /// Whether the program with this index may match in a range where this stands; where not, it does not.
    #[inline]
    pub fn may_match(&self, index: u32, range: &Standing) -> bool {
        self.required.get(index as usize).is_some_and(|required| required.meets(range))
    }

    /// How many programs there are.
    pub fn len(&self) -> usize {
        self.programs.len()
    }

    /// Whether there is no program.
    pub fn is_empty(&self) -> bool {
        self.programs.is_empty()
    }

    /// Whether what begins at a token has to be told, one by one, to [`ProgramSet::starting`]: some of these bits of [`kind`]
    /// may begin a program.
    #[inline]
    pub fn minds(&self, kinds: u64) -> bool {
        self.starts.kinds & kinds != 0
    }

    /// Whether any program can begin at a token; where not, none does.
    #[inline]
    pub fn may_begin(&self, look: &Look) -> bool {
        let starts = &self.starts;
        starts.classes & look.classes != 0 || starts.kinds & look.kinds != 0 || starts.by_word.has(look.word)
    }

    /// Appends to `out` the programs that can begin at a token with these edges: their lexicons, types and numbers. Some
    /// programs may be there more than once.
    pub fn starting(&self, look: &Look, edges: &[First], out: &mut Vec<u32>) {
        self.starts.at(look, edges, out);
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
