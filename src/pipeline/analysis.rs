//! What is known of an article while it goes through the stages.

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::Stopped;
use super::calendar::{Reference, Tense};
use super::folding;
use super::lattice::{Lattice, Mention, MentionId, Target};
use super::matcher::{self, match_all};
use super::pace::Pace;
use super::trace::Trace;
use crate::event::domain::{Evidence, Record, Value};
use crate::relations::{Clauses, Label, Scratch, Tag, Tree, WordClass};
use crate::rules::Ruleset;
use crate::rules::program::TypeId;
use crate::text::{Document, Sentence, TokenRange};

/// A sentence's tree and word classes.
#[derive(Debug, Default)]
struct Parsed {
    tags: Vec<Tag>,
    tree: Tree,
    classes: Vec<WordClass>,
    clause_heads: Vec<u16>,
    /// The cues of contexts, with the index of their rule; found when they are first asked for.
    cues: Option<Vec<(u32, TokenRange)>>,
}

/// The article's own day.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DocumentDay {
    pub date: Option<Date>,
    /// Not given by the caller: concluded from the article.
    pub inferred: bool,
}

/// An article on its way.
#[derive(Debug)]
pub(crate) struct Analysis<'a> {
    pub rules: &'a Ruleset,
    pub pace: Pace<'a>,
    pub lattice: Lattice<'a>,
    pub day: DocumentDay,
    /// IANA zone of the dateline's place.
    pub zone: Option<String>,
    /// Mentions by sentence, in order.
    pub mentions_of: Vec<Vec<MentionId>>,
    pub scratch: matcher::Scratch,
    /// What the stages note for whoever asks why.
    pub trace: Trace,
    /// How long parsing took, where somebody wants to know.
    pub parsing: Option<Duration>,
    parsed: Vec<Option<Parsed>>,
    relation_scratch: Scratch,
}

/// What an analysis leaves behind for the next one of its thread, so that memory is not asked for again and again.
type Memory = (matcher::Scratch, Scratch);

thread_local! {
    static MEMORY: Cell<Memory> = Cell::default();
}

impl Drop for Analysis<'_> {
    fn drop(&mut self) {
        MEMORY.set((std::mem::take(&mut self.scratch), std::mem::take(&mut self.relation_scratch)));
    }
}

impl<'a> Analysis<'a> {
    /// Begins with the words and tags of a document.
    pub fn new(rules: &'a Ruleset, doc: &'a Document, pace: Pace<'a>) -> Result<Self, Stopped> {
        let words = (0..doc.tokens().len()).map(|token| rules.vocabulary.id(doc.word(token)));
        let (mut scratch, mut relation_scratch) = MEMORY.take();
        scratch.begin(doc.tokens().len());
        let mut tags = Vec::with_capacity(doc.tokens().len());
        let mut own = Vec::new();
        for sentence in doc.sentences() {
            pace.step()?;
            rules.model.tag(sentence.tokens.range().map(|token| doc.word(token)), &mut relation_scratch, &mut own);
            tags.extend_from_slice(&own);
        }
        let parsed = doc.sentences().iter().map(|_| None).collect();
        Ok(Self {
            rules,
            pace,
            lattice: Lattice::new(doc, words, tags),
            day: DocumentDay::default(),
            zone: None,
            mentions_of: Vec::new(),
            scratch,
            trace: Trace::default(),
            parsed,
            relation_scratch,
            parsing: None,
        })
    }

    /// The document.
    pub fn doc(&self) -> &'a Document {
        self.lattice.doc
    }

    /// A sentence by its index.
    pub fn sentence(&self, index: usize) -> Option<&'a Sentence> {
        self.lattice.doc.sentences().get(index)
    }

    /// Parses a sentence, once: names, times and quotation marks are folded first (see [`super::folding`]).
    pub fn parse(&mut self, index: usize) {
        let Some(sentence) = self.sentence(index) else { return };
        if self.parsed.get(index).is_none_or(Option::is_some) {
            return;
        }
        let begin = self.parsing.map(|_| Instant::now());
        let mut parsed = Parsed { classes: vec![WordClass::default(); sentence.tokens.len()], ..Parsed::default() };
        let folded = folding::fold(self, index, sentence.tokens);
        let mut tree = Tree::default();
        let words = folded.words(self.doc(), self.rules);
        self.rules.model.parse(words, folded.tags(), &mut self.relation_scratch, &mut tree);
        folded.unfold(&tree, &self.lattice, &mut parsed.tree);
        let start = sentence.tokens.start as usize;
        match_all(&self.lattice, &self.rules.classes, sentence.tokens, &mut self.scratch, &mut |program, found| {
            let Some(class) = self.rules.class_of.get(program as usize) else { return };
            for token in found.range.range() {
                if let Some(own) = parsed.classes.get_mut(token - start) {
                    own.insert(*class);
                }
            }
        });
        parsed.tags.extend_from_slice(self.lattice.tags(sentence.tokens));
        crate::relations::repair(&mut parsed.tags, &mut parsed.tree, &parsed.classes);
        parsed.clause_heads = Clauses::new(&parsed.tags, &parsed.tree, &parsed.classes).clause_heads();
        if let Some(slot) = self.parsed.get_mut(index) {
            *slot = Some(parsed);
        }
        if let (Some(all), Some(begin)) = (self.parsing.as_mut(), begin) {
            *all += begin.elapsed();
        }
    }

    /// A parsed sentence; nothing if it was not parsed.
    pub fn clauses(&self, index: usize) -> Option<Clauses<'_>> {
        let parsed = self.parsed.get(index)?.as_ref()?;
        let clauses = Clauses::new(&parsed.tags, &parsed.tree, &parsed.classes);
        Some(clauses.with_clause_heads(&parsed.clause_heads))
    }

    /// The cues of contexts in a parsed sentence, each with the index of its rule.
    pub fn cues(&mut self, index: usize) -> &[(u32, TokenRange)] {
        let Self { lattice, rules, scratch, parsed, .. } = self;
        let (Some(parsed), Some(sentence)) =
            (parsed.get_mut(index).and_then(Option::as_mut), lattice.doc.sentences().get(index))
        else {
            return &[];
        };
        parsed.cues.get_or_insert_with(|| {
            let mut found = Vec::new();
            match_all(lattice, &rules.cues, sentence.tokens, scratch, &mut |program, m| found.push((program, m.range)));
            found
        })
    }

    /// The mentions of a type in a sentence, in order.
    pub fn mentions(&self, sentence: usize, ty: TypeId) -> impl Iterator<Item = (MentionId, &Mention)> {
        let list = self.mentions_of.get(sentence).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(move |id| {
            let mention = self.lattice.mention(*id).filter(|m| m.ty == ty && !m.covered)?;
            Some((*id, mention))
        })
    }

    /// The mention of a type that a word is the head of, or stands in.
    pub fn mention_at(&self, sentence: usize, ty: TypeId, token: usize) -> Option<MentionId> {
        self.mentions(sentence, ty).find(|(_, mention)| mention.range.contains(token)).map(|(id, _)| id)
    }

    /// Adds a mention that a later stage found.
    pub fn add_mention(&mut self, mention: Mention) -> MentionId {
        let sentence = self.doc().sentence_of(mention.range.start as usize).unwrap_or_default();
        let id = self.lattice.add_mention(mention);
        if let Some(list) = self.mentions_of.get_mut(sentence) {
            list.push(id);
        }
        id
    }

    /// A mention's own fields and those of what it refers back to, its words (or those that it refers to) and its
    /// place: the record that messages show.
    pub fn record(&self, id: MentionId) -> Record {
        let Some(mention) = self.lattice.mention(id) else { return Record::new() };
        let mut record = (*mention.record).clone();
        let mut words = mention.extent;
        let mut at = mention.antecedent;
        for _ in 0..8 {
            let Some(other) = at.and_then(|id| self.lattice.mention(id)) else { break };
            for (name, value) in other.record.iter().filter(|(name, _)| &***name != "count") {
                // What the antecedent is called goes before what the reference is called.
                match &**name {
                    "name" | "entity_id" | "country" => record.set(name.clone(), value.clone()),
                    _ => {
                        record.set_if_absent(name.clone(), value.clone());
                    }
                }
            }
            words = other.extent;
            at = other.antecedent;
        }
        record.set("text", Value::Text(self.lattice.text(words).into()));
        record.set("span", Value::Span(self.evidence(mention.extent)));
        record
    }

    /// What two mentions of one thing share: the id, the canonical name, or the words.
    pub fn identity(&self, id: MentionId) -> String {
        let record = self.record(id);
        let own = ["entity_id", "name"].iter().find_map(|field| record.text(field));
        own.or(record.text("text")).unwrap_or_default().to_lowercase()
    }

    /// A range of tokens as evidence.
    pub fn evidence(&self, range: TokenRange) -> Evidence {
        let doc = self.doc();
        Evidence {
            span: doc.span_of(range),
            sentence: doc.sentence_of(range.start as usize).unwrap_or_default() as u32,
        }
    }

    /// What times are resolved against.
    pub fn reference(&self, tense: Tense, spoken: Option<Date>) -> Reference<'_> {
        Reference { document: self.day.date, inferred: self.day.inferred, spoken, tense, zone: self.zone.as_deref() }
    }

    /// Where a word looks: ahead under "will", in "is to meet" and in a present that does not report, back in a past
    /// form. A noun looks ahead where the verb above it does, and leaves it open else.
    pub fn tense(&self, sentence: usize, token: usize) -> Tense {
        let (Some(clauses), Some(own)) = (self.clauses(sentence), self.sentence(sentence)) else { return Tense::Open };
        let Some(mut at) = token.checked_sub(own.tokens.start as usize) else { return Tense::Open };
        let helps = |at: usize, tag: Tag| {
            clauses.modifiers(at).any(|(child, label)| {
                matches!(label, Label::Aux | Label::AuxPass | Label::Cop | Label::Mark)
                    && clauses.tag(child) == Some(tag)
            })
        };
        // "may have tried" looks back.
        let may_have = |at: usize| {
            let have = |(child, label)| label == Label::Aux && clauses.tag(child) == Some(Tag::VB);
            clauses.tag(at) == Some(Tag::VBN) && clauses.modifiers(at).any(have)
        };
        // "will stay despite the attack on Thursday": that has been.
        if clauses.is_cause(at) {
            return Tense::Open;
        }
        for step in 0..4 {
            if helps(at, Tag::MD) {
                return match may_have(at) {
                    true if step == 0 => Tense::Past,
                    true => Tense::Open,
                    false => Tense::Future,
                };
            }
            // "to begin", "to be held": ahead, unless what it hangs on is past ("managed to escape").
            if helps(at, Tag::TO) {
                return match clauses.head(at) {
                    Some(head) if clauses.is_past(head) || may_have(head) => Tense::Open,
                    _ => Tense::Future,
                };
            }
            if clauses.is_past(at) {
                return if step == 0 { Tense::Past } else { Tense::Open };
            }
            match clauses.tag(at) {
                Some(Tag::VBN) => return if step == 0 { Tense::Past } else { Tense::Open },
                // "opens on Friday", "meet on Friday"; but some verbs have one form for the past too: "cast their ballots".
                Some(tag @ (Tag::VBZ | Tag::VBP | Tag::VB)) => {
                    let reports = clauses.is(at, WordClass::REPORT_VERB);
                    let past = tag != Tag::VBZ && clauses.is(at, WordClass::UNCHANGING_VERB);
                    return if step == 0 && !reports && !past { Tense::Future } else { Tense::Open };
                }
                _ => {}
            }
            match clauses.head(at) {
                Some(head) => at = head,
                None => break,
            }
        }
        Tense::Open
    }

    /// Whether an edge of a lexicon entry begins at a token and what it is.
    pub fn entries_at(&self, token: usize) -> impl Iterator<Item = (&crate::rules::lexicon::Entry, usize)> {
        self.lattice.edges(token).filter_map(|edge| match edge.target {
            Target::Entry(_, id) => Some((self.rules.lexicons.entry(id)?, edge.end as usize)),
            _ => None,
        })
    }
}
