//! What was found on the tokens of an article: lexicon hits, numbers, mentions; what patterns run over.

use std::sync::Arc;

use crate::event::domain::Record;
use crate::relations::Tag;
use crate::rules::lexicon::{EntryId, LexiconId};
use crate::rules::program::{Look, TokenTest, TypeId, class, kind};
use crate::rules::vocabulary::WordId;
use crate::text::{Document, Shape, TokenRange};

use super::calendar::TimeExpression;
use super::matcher::Captured;

/// A mention of the article, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MentionId(pub u32);

/// Words that stand for something typed: an actor, a place, a weapon, a time, a count.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub ty: TypeId,
    /// All words that belong to it.
    pub range: TokenRange,
    /// The words that name it: those that a message shows.
    pub extent: TokenRange,
    /// Fields of the type's message.
    pub record: Arc<Record>,
    /// Id of the rule or lexicon that made it.
    pub rule: Arc<str>,
    /// The mention that this one refers back to.
    pub antecedent: Option<MentionId>,
    /// The mentions that one of several stands for: "both countries", "the two leaders".
    pub parties: Vec<MentionId>,
    /// The expression of a mention of a time, still to be placed on the calendar.
    pub time: Option<Box<TimeExpression>>,
    /// Types whose mentions inside `extent` do not count.
    pub hides: Option<Arc<[TypeId]>>,
    /// Another mention took its place.
    pub covered: bool,
}

/// A number in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Numeral {
    pub min: f64,
    /// None: open ("dozens").
    pub max: Option<f64>,
    /// Whether the words themselves are vague ("several").
    pub approximate: bool,
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Entry(LexiconId, EntryId),
    Mention(TypeId, MentionId),
    /// Index into [`Lattice::numerals`].
    Numeral(u32),
}

impl Target {
    fn bit(self) -> u64 {
        match self {
            Self::Entry(lexicon, _) => kind::of_lexicon(lexicon),
            Self::Mention(ty, _) => kind::of_type(ty),
            Self::Numeral(_) => kind::NUMERAL,
        }
    }
}

/// From its token up to, not including, `end`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub target: Target,
    pub end: u32,
    next: u32,
}

const NONE: u32 = u32::MAX;
/// Room to begin with; news has about so many.
const EDGES_PER_WORD: usize = 4;

/// An article's tokens with all that was found on them so far.
#[derive(Debug)]
pub(crate) struct Lattice<'a> {
    pub doc: &'a Document,
    looks: Vec<Look>,
    tags: Vec<Tag>,
    /// First token of the sentence of each token.
    sentence_starts: Vec<u32>,
    heads: Vec<u32>,
    edges: Vec<Edge>,
    pub mentions: Vec<Mention>,
    pub numerals: Vec<Numeral>,
}

impl<'a> Lattice<'a> {
    /// A lattice with nothing but words and tags.
    pub fn new(doc: &'a Document, words: impl ExactSizeIterator<Item = WordId>, tags: Vec<Tag>) -> Self {
        let count = words.len();
        let mut sentence_starts = vec![0; count];
        for sentence in doc.sentences() {
            for token in sentence.tokens.range() {
                if let Some(slot) = sentence_starts.get_mut(token) {
                    *slot = sentence.tokens.start;
                }
            }
        }
        let look = |(token, word)| Look { word, classes: classes_of(doc, token, tags.get(token).copied()), kinds: 0 };
        Self {
            doc,
            looks: words.enumerate().map(look).collect(),
            tags,
            sentence_starts,
            heads: vec![NONE; count],
            edges: Vec::with_capacity(count * EDGES_PER_WORD),
            mentions: Vec::with_capacity(count),
            numerals: Vec::new(),
        }
    }

    /// The folded word of a token.
    #[inline]
    pub fn word(&self, token: usize) -> WordId {
        self.look(token).word
    }

    /// The folded words of a range.
    pub fn words(&self, range: TokenRange) -> impl Iterator<Item = WordId> {
        self.looks(range).iter().map(|look| look.word)
    }

    /// The classes of a token, as bits of [`class`].
    #[inline]
    pub fn class(&self, token: usize) -> u32 {
        self.look(token).classes
    }

    /// What each token of a range is at first sight.
    #[inline]
    pub fn looks(&self, range: TokenRange) -> &[Look] {
        self.looks.get(range.range()).unwrap_or_default()
    }

    /// The same of one token; of none, where there is none.
    #[inline]
    pub fn look(&self, token: usize) -> Look {
        self.looks.get(token).copied().unwrap_or(Look::NONE)
    }

    /// The Penn tag of a token.
    pub fn tag(&self, token: usize) -> Option<Tag> {
        self.tags.get(token).copied()
    }

    /// The tags of a range.
    pub fn tags(&self, range: TokenRange) -> &[Tag] {
        self.tags.get(range.range()).unwrap_or_default()
    }

    /// First token of the sentence that holds `token`.
    pub fn sentence_start(&self, token: usize) -> usize {
        self.sentence_starts.get(token).map_or(0, |&s| s as usize)
    }

    /// Whether a token is written as `form`, or is it all in capitals.
    pub fn is_written(&self, token: usize, form: &str) -> bool {
        let word = self.doc.word(token);
        word == form || (form.chars().count() > 3 && word == form.to_uppercase())
    }

    /// Whether a token passes a test.
    #[inline]
    pub fn passes(&self, token: usize, test: &TokenTest) -> bool {
        (test.words.is_empty() || is_among(&test.words, self.word(token)))
            && (test.forms.is_empty() || test.forms.iter().any(|form| self.is_written(token, form)))
            && (test.tags.is_empty() || self.tag(token).is_some_and(|tag| test.tags.contains(&tag)))
            && (test.classes == 0 || self.class(token) & test.classes != 0)
    }

    /// The edges that begin at a token.
    #[inline]
    pub fn edges(&self, token: usize) -> impl Iterator<Item = &Edge> {
        let mut at = self.heads.get(token).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let edge = self.edges.get(at as usize)?;
            at = edge.next;
            Some(edge)
        })
    }

    /// Adds an edge from `start` to `end`.
    pub fn add_edge(&mut self, start: usize, end: usize, target: Target) {
        let Some(head) = self.heads.get_mut(start) else { return };
        if let Some(look) = self.looks.get_mut(start) {
            look.kinds |= target.bit();
        }
        let index = self.edges.len() as u32;
        self.edges.push(Edge { target, end: end as u32, next: *head });
        *head = index;
    }

    /// Adds a mention with its edge.
    pub fn add_mention(&mut self, mention: Mention) -> MentionId {
        let id = MentionId(self.mentions.len() as u32);
        self.add_edge(mention.range.start as usize, mention.range.end as usize, Target::Mention(mention.ty, id));
        self.mentions.push(mention);
        id
    }

    /// A mention by its number.
    pub fn mention(&self, id: MentionId) -> Option<&Mention> {
        self.mentions.get(id.0 as usize)
    }

    /// All mentions, those whose place another one took among them.
    pub fn all_mentions(&self) -> impl Iterator<Item = (MentionId, &Mention)> {
        self.mentions.iter().enumerate().map(|(index, mention)| (MentionId(index as u32), mention))
    }

    /// The mentions that begin in a range and that patterns can meet.
    pub fn mentions_from(&self, tokens: TokenRange) -> impl Iterator<Item = (MentionId, &Mention)> {
        tokens.range().flat_map(|token| self.edges(token)).filter_map(|edge| match edge.target {
            Target::Mention(_, id) => Some((id, self.mention(id)?)),
            _ => None,
        })
    }

    /// Takes covered mentions that begin in a range out of the lattice, so that patterns no longer meet them.
    pub fn drop_covered(&mut self, tokens: TokenRange) {
        for token in tokens.range() {
            self.unlink(token, |edge, mentions| match edge.target {
                Target::Mention(_, id) => mentions.get(id.0 as usize).is_some_and(|m| m.covered),
                _ => false,
            });
        }
    }

    /// Takes the edges of a token that are not wanted out of the lattice.
    pub fn retain_edges(&mut self, token: usize, wanted: impl Fn(&Edge) -> bool) {
        self.unlink(token, |edge, _| !wanted(edge));
    }

    fn unlink(&mut self, token: usize, unwanted: impl Fn(&Edge, &[Mention]) -> bool) {
        let Some(head) = self.heads.get_mut(token) else { return };
        let mut at = *head;
        let mut last: Option<u32> = None;
        while let Some(edge) = self.edges.get(at as usize).copied() {
            if unwanted(&edge, &self.mentions) {
                match last.and_then(|last| self.edges.get_mut(last as usize)) {
                    Some(previous) => previous.next = edge.next,
                    None => *head = edge.next,
                }
            } else {
                last = Some(at);
            }
            at = edge.next;
        }
    }

    /// The words of a range as they stand in the text.
    pub fn text(&self, range: TokenRange) -> &str {
        self.doc.text_of(range)
    }

    /// The characters of a capture as they stand in the text.
    pub fn caught(&self, captured: &Captured) -> &str {
        match captured.span {
            Some(span) => self.doc.text().get(span.range()).unwrap_or_default(),
            None => self.text(captured.range),
        }
    }
}

/// Whether a word is one of these, which are sorted; most lists are so short that it is quicker to look at all.
#[inline]
fn is_among(words: &[WordId], word: WordId) -> bool {
    match words.len() {
        0..=16 => words.contains(&word),
        _ => words.binary_search(&word).is_ok(),
    }
}

/// The classes of a token, from its shape and its tag.
fn classes_of(doc: &Document, token: usize, tag: Option<Tag>) -> u32 {
    let Some(shape) = doc.tokens().get(token).map(|token| token.shape) else { return 0 };
    let word = doc.word(token);
    let mut bits = class::TOKEN;
    let mut set = |when: bool, bit: u32| bits |= if when { bit } else { 0 };
    set(shape.has(Shape::NUMBER), class::NUMBER);
    set(shape.has(Shape::CAP), class::CAP);
    set(shape.has(Shape::UPPER), class::UPPER);
    set(shape.has(Shape::PUNCT), class::PUNCT);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    set(word.len() == 4 && digits(word) && word.starts_with(['1', '2']), class::YEAR);
    let clock =
        word.split_once([':', '.']).is_some_and(|(h, m)| h.len() <= 2 && m.len() == 2 && digits(h) && digits(m));
    set(clock, class::CLOCK);
    set(word == ",", class::COMMA);
    set(matches!(word, "-" | "--" | "\u{2013}" | "\u{2014}"), class::DASH);
    set(matches!(word, "\"" | "\u{201c}" | "\u{201d}" | "``" | "''"), class::QUOTE);
    set(matches!(word, "'s" | "\u{2019}s" | "'" | "\u{2019}") && tag == Some(Tag::POS), class::POSSESSIVE);
    bits | tag.map_or(0, class::of_tag)
}
