//! Lexicons, compiled: one trie over words for the phrases of all of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::program::TypeId;
use super::vocabulary::WordId;
use crate::event::domain::{Record, Value};

/// A lexicon of the ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LexiconId(pub u16);

/// An entry of a lexicon, over all lexicons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub u32);

/// What a hit stands for.
#[derive(Clone, Debug)]
pub struct Entry {
    pub lexicon: LexiconId,
    pub canonical: Arc<str>,
    /// Attributes that belong to no type of mention in particular.
    pub attributes: Record,
    /// First day on which the entry holds.
    pub since: Option<jiff::civil::Date>,
    /// Last day on which the entry holds.
    pub until: Option<jiff::civil::Date>,
    /// The mentions that a hit makes: type, and the fields of its message.
    pub mentions: Vec<(TypeId, Arc<Record>)>,
}

impl Entry {
    /// The attribute of this name, or the canonical value where there is none.
    pub fn value(&self, attribute: &str) -> Value {
        self.attributes.get(attribute).cloned().unwrap_or_else(|| Value::Text(self.canonical.clone()))
    }

    /// Whether the entry holds on a day; an unknown day is any day.
    pub fn holds(&self, day: Option<jiff::civil::Date>) -> bool {
        let Some(day) = day else { return true };
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// How the words of a phrase must be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Writing {
    /// In any case.
    Any,
    /// As here, words joined by one space.
    Exact(Box<str>),
    /// As here, or all in capitals.
    ExactOrUpper(Box<str>),
}

impl Writing {
    /// Whether a text is written so; `text` gives its characters.
    pub fn fits<I: Iterator<Item = char>>(&self, text: impl Fn() -> I) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(form) => form.chars().eq(text()),
            Self::ExactOrUpper(form) => {
                let upper = || form.chars().flat_map(char::to_uppercase);
                form.chars().eq(text()) || (upper().nth(3).is_some() && upper().eq(text()))
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Output {
    entry: EntryId,
    lexicon: LexiconId,
    writing: Writing,
}

/// A phrase found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub lexicon: LexiconId,
    pub entry: EntryId,
    /// Number of tokens.
    pub len: u32,
}

/// What holds of all entries of a lexicon.
#[derive(Clone, Debug, Default)]
pub struct Traits {
    /// Types whose mentions inside the words of a hit do not count.
    pub hides: Option<Arc<[TypeId]>>,
    /// The attribute by which entries that share a phrase are told apart.
    pub tell_apart: Option<Arc<str>>,
}

/// All lexicons.
#[derive(Clone, Debug, Default)]
pub struct Lexicons {
    pub(super) names: Vec<Arc<str>>,
    /// `lexicon.x`
    pub(super) ids: Vec<Arc<str>>,
    pub(super) traits: Vec<Traits>,
    pub(super) entries: Vec<Entry>,
    /// Node after the first word, by word.
    roots: FxHashMap<WordId, u32>,
    edges: FxHashMap<(u32, WordId), u32>,
    nodes: Vec<Node>,
}

/// A word of a phrase, with all words before it.
#[derive(Clone, Debug, Default)]
struct Node {
    /// The phrases that end here.
    outputs: Vec<Output>,
    /// One bit for each word that goes on from here, by its last digits: most words do not, and to look into the edges for
    /// them would mean to wait for memory.
    next: u64,
}

impl Node {
    fn bit(word: WordId) -> u64 {
        1 << (word.index() & 63)
    }
}

impl Lexicons {
    /// All entries.
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// The lexicon's name.
    pub fn name(&self, id: LexiconId) -> &str {
        self.names.get(id.0 as usize).map_or("", |name| name)
    }

    /// The id of the lexicon among rules: `lexicon.x`.
    pub fn id(&self, id: LexiconId) -> Arc<str> {
        self.ids.get(id.0 as usize).cloned().unwrap_or_default()
    }

    /// What holds of all entries of a lexicon.
    pub fn traits(&self, id: LexiconId) -> Option<&Traits> {
        self.traits.get(id.0 as usize)
    }

    /// The entry with this id.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)
    }

    /// Adds a phrase for an entry.
    pub(super) fn add_phrase(&mut self, words: &[WordId], lexicon: LexiconId, entry: EntryId, writing: Writing) {
        let Some((&first, rest)) = words.split_first() else { return };
        let nodes = &mut self.nodes;
        let mut node = *self.roots.entry(first).or_insert_with(|| new_node(nodes));
        for &word in rest {
            nodes[node as usize].next |= Node::bit(word);
            node = *self.edges.entry((node, word)).or_insert_with(|| new_node(nodes));
        }
        let list = &mut nodes[node as usize].outputs;
        if !list.iter().any(|o| o.entry == entry && (o.writing == writing || o.writing == Writing::Any)) {
            list.push(Output { entry, lexicon, writing });
        }
    }

    /// Finds the phrases that begin at the first of `words`; `written` says whether so many words stand in the text as the
    /// phrase has them, joined by one space. Of one lexicon only the longest phrase is given, with all its entries.
    pub fn scan(
        &self,
        words: impl Iterator<Item = WordId>,
        written: &dyn Fn(usize, &Writing) -> bool,
        out: &mut Vec<Hit>,
    ) {
        let mut words = words.take_while(|word| *word != WordId::UNKNOWN);
        let Some(&root) = words.next().and_then(|first| self.roots.get(&first)) else { return };
        let begin = out.len();
        let mut at = root;
        let mut len = 1usize;
        while let Some(node) = self.nodes.get(at as usize) {
            for output in &node.outputs {
                let fits = output.writing == Writing::Any || written(len, &output.writing);
                if fits {
                    let hit = Hit { lexicon: output.lexicon, entry: output.entry, len: len as u32 };
                    let old = out[begin..].iter().position(|h| h.lexicon == hit.lexicon && h.len < hit.len);
                    match old {
                        Some(_) => {
                            let mut at = begin;
                            while at < out.len() {
                                if out[at].lexicon == hit.lexicon && out[at].len < hit.len {
                                    out.remove(at);
                                } else {
                                    at += 1;
                                }
                            }
                            out.push(hit);
                        }
                        None => out.push(hit),
                    }
                }
            }
            let next = words.next().filter(|next| node.next & Node::bit(*next) != 0);
            let Some(&to) = next.and_then(|next| self.edges.get(&(at, next))) else { return };
            at = to;
            len += 1;
        }
    }
}

fn new_node(nodes: &mut Vec<Node>) -> u32 {
    nodes.push(Node::default());
    nodes.len() as u32 - 1
}
