//! An article, read: its text, tokens, sentences and parts.

use super::html;
use super::layout::{self, Block, Dateline, Paragraph, Part};
use super::lines;
use super::offsets::{OffsetEncoding, OffsetMap, Offsets};
use super::reading::{MediaType, ReadingLimits, ReadingNote, ReadingRules};
use super::sentences;
use super::shape::Shape;
use super::span::{TextSpan, TokenRange};
use super::tokens::{Token, tokenize};

/// A sentence of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its tokens; never empty.
    pub tokens: TokenRange,
    /// What its paragraph is.
    pub part: Part,
    /// Index of its paragraph.
    pub paragraph: u32,
    /// Its paragraph says again what an earlier one said; not to be reported twice.
    pub duplicate: bool,
}

/// An article, read. See [`Document::read`].
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: String,
    map: OffsetMap,
    tokens: Vec<Token>,
    sentences: Vec<Sentence>,
    paragraphs: Vec<Paragraph>,
    dateline: Option<Dateline>,
    author: Option<TextSpan>,
    headline: Option<Box<str>>,
    notes: Vec<ReadingNote>,
}

impl Document {
    /// Reads a source.
    ///
    /// `headline` is the article's headline where it came beside the body; without it, or where the body begins with
    /// it, the body's own is found. Nothing in a source can make this fail: what is odd is [noted](Self::notes). Time
    /// and memory are linear in the length of the source, and bounded by `limits`.
    pub fn read(
        source: &str,
        media: MediaType,
        headline: Option<&str>,
        rules: &ReadingRules,
        limits: &ReadingLimits,
    ) -> Self {
        let mut document = Self::default();
        let most = limits.source_bytes.min(i32::MAX as usize);
        let source = match up_to(source, most) {
            Some(start) => {
                document.notes.push(ReadingNote::SourceCut);
                start
            }
            None => source,
        };
        let blocks = match media {
            MediaType::Plain => {
                document.map = OffsetMap::identity();
                document.text = source.to_owned();
                lines::paragraphs(source).into_iter().map(|span| Block { span, known: None }).collect()
            }
            MediaType::Html => {
                let page = html::read(source);
                document.map = page.map;
                document.text = page.text;
                page.blocks
            }
        };
        document.headline = headline.map(str::trim).filter(|line| !line.is_empty()).map(Into::into);
        let page = layout::sort(&document.text, &blocks, document.headline.as_deref(), &rules.layout);
        document.paragraphs = page.paragraphs;
        document.dateline = page.dateline;
        document.author = page.author;
        document.cut(rules, limits);
        document.note(rules);
        document
    }

    /// Cuts the paragraphs into tokens and sentences.
    fn cut(&mut self, rules: &ReadingRules, limits: &ReadingLimits) {
        // A token of news has five bytes with the space before it.
        self.tokens.reserve(self.text.len() / 5);
        let most = limits.sentence_tokens.max(1);
        let mut ranges = Vec::new();
        let mut cut = None;
        for (index, paragraph) in self.paragraphs.iter().enumerate() {
            let first = self.tokens.len();
            tokenize(&self.text, paragraph.span, rules, &mut self.tokens);
            let range = TokenRange::new(first, self.tokens.len());
            ranges.clear();
            match paragraph.part {
                Part::Dateline if range.len() <= most => ranges.extend(Some(range).filter(|range| !range.is_empty())),
                _ => sentences::split(&self.text, &self.tokens, range, rules, most, &mut ranges),
            }
            for tokens in &ranges {
                if tokens.len() >= most && cut.is_none() {
                    cut = Some(*tokens);
                }
                let opening =
                    tokens.range().find(|at| self.tokens.get(*at).is_some_and(|t| !t.shape.has(Shape::PUNCT)));
                if let Some(token) = opening.and_then(|at| self.tokens.get_mut(at)) {
                    token.shape.insert(Shape::START);
                }
                self.sentences.push(Sentence {
                    tokens: *tokens,
                    part: paragraph.part,
                    paragraph: index as u32,
                    duplicate: paragraph.duplicate_of.is_some(),
                });
            }
        }
        if let Some(tokens) = cut {
            self.notes.push(ReadingNote::SentenceCut(self.span_of(tokens)));
        }
    }

    /// Notes a text that is none, or is in another language.
    fn note(&mut self, rules: &ReadingRules) {
        /// Tokens that are looked at, and that there must be for a verdict.
        const SAMPLE: usize = 1500;
        const ENOUGH: usize = 20;
        let words = || self.tokens.iter().enumerate().filter(|(_, token)| token.shape.has(Shape::LETTER)).take(SAMPLE);
        let count = words().count();
        if count == 0 && self.text.trim().is_empty() {
            self.notes.push(ReadingNote::Empty);
            return;
        }
        // Letters of the beginning against all its visible bytes: tables and binary data have few.
        let sample = self.tokens.iter().take(SAMPLE);
        let (letters, visible) = sample.fold((0, 0), |(letters, visible), token| {
            let len = token.span.len();
            // Replacement characters are what is left of binary data.
            (letters + if token.shape.has(Shape::LETTER) { len } else { 0 }, visible + len)
        });
        if visible >= ENOUGH && letters * 10 < visible * 6 {
            self.notes.push(ReadingNote::NotText);
        } else if count >= ENOUGH && !rules.stop_words.is_empty() {
            let common = words().filter(|(at, _)| rules.stop_words.contains(self.word(*at))).count();
            if common * 10 < count {
                self.notes.push(ReadingNote::OtherLanguage);
            }
        }
    }

    /// The words of the article: the source itself, or what stands between the tags of HTML, a paragraph a line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All tokens, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// All sentences, in order; together they hold every token, each one once.
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// The paragraphs with their parts, in order. A line with a dateline or a credit in it makes two.
    pub fn paragraphs(&self) -> &[Paragraph] {
        &self.paragraphs
    }

    /// Where and when the article says that it was filed; the first such line.
    pub fn dateline(&self) -> Option<&Dateline> {
        self.dateline.as_ref()
    }

    /// Who the article says wrote it.
    pub fn author(&self) -> Option<TextSpan> {
        self.author
    }

    /// Where the headline stands in the text, if it stands there.
    pub fn headline_span(&self) -> Option<TextSpan> {
        self.paragraphs.iter().find(|p| p.part == Part::Headline).map(|p| p.span)
    }

    /// The headline: the one that came beside the text, else the text's own.
    pub fn headline(&self) -> Option<&str> {
        self.headline.as_deref().or_else(|| self.text.get(self.headline_span()?.range()))
    }

    /// What was odd.
    pub fn notes(&self) -> &[ReadingNote] {
        &self.notes
    }

    /// A token's word; empty for a token that is not there.
    pub fn word(&self, token: usize) -> &str {
        self.tokens.get(token).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// A token's look; no flag for a token that is not there.
    pub fn shape(&self, token: usize) -> Shape {
        self.tokens.get(token).map_or(Shape::NONE, |token| token.shape)
    }

    /// The bytes that a range of tokens covers, white space between them included.
    pub fn span_of(&self, range: TokenRange) -> TextSpan {
        let first = self.tokens.get(range.start as usize).map(|token| token.span.start);
        let last = (range.end as usize).checked_sub(1).and_then(|at| self.tokens.get(at)).map(|token| token.span.end);
        match (first, last) {
            (Some(start), Some(end)) if start <= end => TextSpan { start, end },
            _ => TextSpan::default(),
        }
    }

    /// The text of a range of tokens, as it stands.
    pub fn text_of(&self, range: TokenRange) -> &str {
        self.text.get(self.span_of(range).range()).unwrap_or_default()
    }

    /// Index of the sentence that holds a token; none for a token that is not there.
    pub fn sentence_of(&self, token: usize) -> Option<usize> {
        let index = self.sentences.partition_point(|sentence| sentence.tokens.end as usize <= token);
        (index < self.sentences.len()).then_some(index)
    }

    /// The tokens that lie wholly inside a byte span of the text.
    pub fn tokens_in(&self, span: TextSpan) -> TokenRange {
        let start = self.tokens.partition_point(|token| token.span.start < span.start);
        let end = self.tokens.partition_point(|token| token.span.end <= span.end);
        TokenRange::new(start, end.max(start))
    }

    /// Where each byte of the text comes from in the source's bytes.
    pub fn offset_map(&self) -> &OffsetMap {
        &self.map
    }

    /// Maps spans of the text to the source, which must be the one that was read, in units of `encoding`.
    pub fn offsets<'a>(&'a self, source: &'a str, encoding: OffsetEncoding) -> Offsets<'a> {
        Offsets::new(source, &self.map, encoding)
    }
}

/// The beginning of a string of at most `most` bytes, if it is longer.
fn up_to(source: &str, most: usize) -> Option<&str> {
    if source.len() <= most {
        return None;
    }
    let mut end = most;
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    source.get(..end)
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
