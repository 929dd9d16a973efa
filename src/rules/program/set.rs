//! Programs with the index that says which of them can begin at a token.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Program;
use super::first::{Elements, First, Standing};
use super::look::Look;
use crate::rules::vocabulary::WordId;

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
pub(super) struct Index {
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
pub(super) fn bits(mut set: u32) -> impl Iterator<Item = usize> {
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
