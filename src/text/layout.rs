//! The parts of a news page: what is headline, caption, credit, dateline, furniture, and what is the article.
//!
//! Rules of the packs know a part by its look; the place on the page tells the rest: headline and subheading stand
//! above the first paragraph that reads like an article, menus and section names above them.

use regex::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

use super::span::TextSpan;

/// What a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The title of the article.
    Headline,
    /// Subheading under the title.
    Lead,
    /// Menus, buttons, section names: no text of the article.
    Furniture,
    /// Words under a picture.
    Caption,
    /// Who made the picture or wrote the article.
    Credit,
    /// Where and when the article was filed.
    Dateline,
    /// The article itself.
    Body,
}

impl Part {
    /// The part of this name, as rule files write it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "headline" => Self::Headline,
            "lead" => Self::Lead,
            "furniture" => Self::Furniture,
            "caption" => Self::Caption,
            "credit" => Self::Credit,
            "dateline" => Self::Dateline,
            "body" => Self::Body,
            _ => return None,
        })
    }

    /// Whether the words tell of what happened.
    pub fn tells(self) -> bool {
        matches!(self, Self::Headline | Self::Lead | Self::Caption | Self::Body)
    }
}

/// What is wrong with a layout rule.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// There is no such part.
    #[error("`{0}` is no part of a page (headline, lead, furniture, caption, credit, dateline, body)")]
    UnknownPart(String),
    /// The regex cannot be read, or is too large.
    #[error("{0}")]
    Regex(#[from] Box<regex::Error>),
}

/// A rule that knows a part by the look of its paragraph.
///
/// A dateline's regex matches the beginning of a paragraph, every other one a whole paragraph. Named groups that mean
/// something: `place`, `date`, `agency` (dateline), `author` (credit), `credit` (a part of a paragraph, up to its end,
/// that is a credit).
#[derive(Clone, Debug)]
pub struct LayoutRule {
    id: String,
    part: Part,
    regex: Regex,
    repeats: bool,
}

impl LayoutRule {
    /// Compiles a rule. `regex` is in the syntax of the `regex` crate; its dot matches line breaks too.
    ///
    /// # Errors
    /// An unknown part, or a regex that cannot be read.
    pub fn new(id: &str, part: &str, regex: &str) -> Result<Self, LayoutError> {
        let part = Part::named(part).ok_or_else(|| LayoutError::UnknownPart(part.to_owned()))?;
        let whole = match part {
            Part::Dateline => format!("^(?:{regex})"),
            _ => format!("^(?:{regex})$"),
        };
        let built = RegexBuilder::new(&whole).dot_matches_new_line(true).build();
        let regex = match built {
            Ok(built) => built,
            // An error is to show the author's own words.
            Err(error) => return Err(Box::new(Regex::new(regex).err().unwrap_or(error)).into()),
        };
        Ok(Self { id: id.to_owned(), part, regex, repeats: part != Part::Dateline })
    }

    /// Says whether the rule may hold for several paragraphs of an article. Of itself a dateline's rule does not, and
    /// every other one does.
    #[must_use]
    pub fn repeating(self, repeats: bool) -> Self {
        Self { repeats, ..self }
    }

    /// The rule's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it finds.
    pub fn part(&self) -> Part {
        self.part
    }
}

/// All layout rules, ready to match. Where several match, the first counts.
#[derive(Clone, Debug, Default)]
pub struct LayoutRules {
    datelines: Family,
    others: Family,
}

/// Rules that are matched together, in one scan.
#[derive(Clone, Debug, Default)]
struct Family {
    rules: Vec<LayoutRule>,
    set: RegexSet,
}

impl LayoutRules {
    /// Puts rules together.
    ///
    /// # Errors
    /// The regexes are too large together.
    pub fn new(rules: Vec<LayoutRule>) -> Result<Self, LayoutError> {
        let (datelines, others) = rules.into_iter().partition(|rule: &LayoutRule| rule.part == Part::Dateline);
        Ok(Self { datelines: Family::new(datelines)?, others: Family::new(others)? })
    }
}

impl Family {
    fn new(rules: Vec<LayoutRule>) -> Result<Self, LayoutError> {
        let patterns = rules.iter().map(|rule| rule.regex.as_str());
        let set = RegexSetBuilder::new(patterns).dot_matches_new_line(true).build().map_err(Box::new)?;
        Ok(Self { rules, set })
    }

    /// The first rule that matches and is not used up, with its groups.
    fn find<'t>(&self, line: &'t str, used: &mut Vec<usize>) -> Option<(&LayoutRule, Captures<'t>)> {
        if self.rules.is_empty() {
            return None;
        }
        let at = self.set.matches(line).into_iter().find(|at| !used.contains(at))?;
        let rule = self.rules.get(at)?;
        if !rule.repeats {
            used.push(at);
        }
        Some((rule, rule.regex.captures(line)?))
    }
}

/// The dateline of an article, as spans of the document's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dateline {
    /// All of it, without white space around.
    pub span: TextSpan,
    /// "MOSCOW"
    pub place: Option<TextSpan>,
    /// "March 25"
    pub date: Option<TextSpan>,
    /// "TASS"
    pub agency: Option<TextSpan>,
}

/// A stretch of text with its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Where it stands in the text, without white space around.
    pub span: TextSpan,
    /// What it is.
    pub part: Part,
    /// Index of the earlier paragraph that says the same.
    pub duplicate_of: Option<u32>,
}

/// What a page fell into.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub paragraphs: Vec<Paragraph>,
    pub dateline: Option<Dateline>,
    pub author: Option<TextSpan>,
}

/// A paragraph before it is sorted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub span: TextSpan,
    /// The part that the markup gives it.
    pub known: Option<Part>,
}

/// Longest paragraph, in bytes, that is looked at as anything but body.
const SHORT: usize = 360;
/// Bytes at the beginning of a paragraph in which a dateline is looked for.
const DATELINE: usize = 160;
/// Paragraphs among which the first dateline is looked for.
const TOP: usize = 16;
/// A line above the article with fewer words is no headline.
const HEADLINE_WORDS: usize = 4;
/// A line above the article that is longer, in bytes, is no headline and no subheading.
const HEADLINE_BYTES: usize = 280;
/// Bytes that a paragraph must have to be a repetition.
const REPEATED: usize = 24;
/// Earlier short paragraphs that a short one is compared with.
const WINDOW: usize = 8;

/// Sorts the blocks of a text into parts. `headline` is the headline that came beside the text.
pub(super) fn sort(text: &str, blocks: &[Block], headline: Option<&str>, rules: &LayoutRules) -> Page {
    let mut sorter =
        Sorter { text, rules, page: Page::default(), open: Vec::new(), used: Vec::new(), used_datelines: Vec::new() };
    for (index, block) in blocks.iter().enumerate() {
        sorter.block(index, *block);
    }
    let Sorter { mut page, open, .. } = sorter;
    sort_top(text, &mut page.paragraphs, &open, headline);
    mark_duplicates(text, &mut page.paragraphs, &open);
    page
}

struct Sorter<'a> {
    text: &'a str,
    rules: &'a LayoutRules,
    page: Page,
    /// Paragraphs that no rule and no markup had a say on.
    open: Vec<usize>,
    /// Rules that hold once and have held, of each family.
    used: Vec<usize>,
    used_datelines: Vec<usize>,
}

impl Sorter<'_> {
    fn block(&mut self, index: usize, block: Block) {
        let Block { span, known } = block;
        let text = self.text;
        let line = text.get(span.range()).unwrap_or_default();
        let rules = self.rules;
        if line.len() <= SHORT
            && !matches!(known, Some(Part::Furniture | Part::Headline))
            && let Some((rule, found)) = rules.others.find(line, &mut self.used)
        {
            return self.known_by_rule(span, known.unwrap_or(rule.part), &found);
        }
        if known.is_none_or(|part| part == Part::Body)
            && (index < TOP || self.page.dateline.is_some())
            && let Some((rule, found)) = rules.datelines.find(head(line, DATELINE), &mut self.used_datelines)
            && (rule.repeats || self.page.dateline.is_none())
        {
            return self.filed(span, &found);
        }
        if known.is_none() {
            self.open.push(self.page.paragraphs.len());
        }
        self.push(span, known.unwrap_or(Part::Body));
    }

    /// A paragraph whose beginning is a dateline.
    fn filed(&mut self, span: TextSpan, found: &Captures<'_>) {
        let at = |name: &str| group(found, name, span);
        let Some(whole) = found.get(0) else { return };
        let start = span.start as usize;
        let own = trimmed(self.text, TextSpan::new(start, start + whole.end()));
        let dateline = Dateline { span: own, place: at("place"), date: at("date"), agency: at("agency") };
        self.push(own, Part::Dateline);
        self.push(trimmed(self.text, TextSpan::new(start + whole.end(), span.end as usize)), Part::Body);
        self.page.dateline.get_or_insert(dateline);
    }

    fn known_by_rule(&mut self, span: TextSpan, part: Part, found: &Captures<'_>) {
        if let Some(author) = group(found, "author", span) {
            self.page.author.get_or_insert(author);
        }
        match group(found, "credit", span).filter(|_| part != Part::Credit) {
            Some(credit) => {
                let start = credit.start as usize;
                self.push(trimmed(self.text, TextSpan::new(span.start as usize, start)), part);
                self.push(trimmed(self.text, TextSpan::new(start, span.end as usize)), Part::Credit);
            }
            None => self.push(span, part),
        }
    }

    fn push(&mut self, span: TextSpan, part: Part) {
        if !span.is_empty() {
            self.page.paragraphs.push(Paragraph { span, part, duplicate_of: None });
        }
    }
}

fn group(found: &Captures<'_>, name: &str, span: TextSpan) -> Option<TextSpan> {
    let group = found.name(name).filter(|group| !group.is_empty())?;
    let start = span.start as usize;
    Some(TextSpan::new(start + group.start(), start + group.end()))
}

/// At most `most` bytes of the beginning of a line.
fn head(line: &str, most: usize) -> &str {
    let mut end = line.len().min(most);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.get(..end).unwrap_or_default()
}

/// Finds headline, subheading and furniture among the open paragraphs above the article.
fn sort_top(text: &str, paragraphs: &mut [Paragraph], open: &[usize], headline: Option<&str>) {
    let line = |p: &Paragraph| text.get(p.span.range()).unwrap_or_default();
    let mut has_headline = paragraphs.iter().any(|p| p.part == Part::Headline);
    if let Some(headline) = headline.filter(|headline| !headline.trim().is_empty()) {
        has_headline = true;
        let same =
            open.iter().take(TOP).find(|at| paragraphs.get(**at).is_some_and(|p| folded(line(p)).eq(folded(headline))));
        if let Some(paragraph) = same.and_then(|at| paragraphs.get_mut(*at)) {
            paragraph.part = Part::Headline;
        }
    }
    let dateline = paragraphs.iter().position(|p| p.part == Part::Dateline);
    let first = dateline.or_else(|| {
        open.iter()
            .copied()
            .find(|at| paragraphs.get(*at).is_some_and(|p| p.part == Part::Body && reads_like_body(line(p))))
    });
    let Some(first) = first else { return };
    let above: Vec<usize> = open
        .iter()
        .copied()
        .take_while(|at| *at < first)
        .filter(|at| paragraphs.get(*at).is_some_and(|p| p.part == Part::Body && p.span.len() <= HEADLINE_BYTES))
        .collect();
    let words = |at: usize| paragraphs.get(at).map_or(0, |p| line(p).split_whitespace().count());
    // Of lines that are all short, the longest is the headline.
    let chosen = above
        .iter()
        .copied()
        .find(|at| words(*at) >= HEADLINE_WORDS)
        .or_else(|| above.iter().copied().rev().max_by_key(|at| words(*at)))
        .filter(|_| !has_headline);
    let parts: Vec<(usize, Part)> = above
        .iter()
        .map(|at| {
            let part = match chosen {
                Some(headline) if *at == headline => Part::Headline,
                Some(headline) if *at < headline => Part::Furniture,
                _ if words(*at) < HEADLINE_WORDS => Part::Furniture,
                _ => Part::Lead,
            };
            (*at, part)
        })
        .collect();
    for (at, part) in parts {
        if let Some(paragraph) = paragraphs.get_mut(at) {
            paragraph.part = part;
        }
    }
}

/// Whether a line reads like a paragraph of an article: it ends like a sentence, and not with an abbreviation. A short
/// question or exclamation may be a headline.
fn reads_like_body(line: &str) -> bool {
    let end = line.trim_end_matches(['"', '\'', ')', ']', '\u{201d}', '\u{2019}']);
    match end.chars().next_back() {
        Some('.') => {
            let word = end.rsplit(char::is_whitespace).next().unwrap_or_default();
            !word.trim_end_matches('.').contains('.') || line.len() > HEADLINE_BYTES
        }
        Some('!' | '?' | ':' | '…') => line.len() > 120,
        _ => line.len() > HEADLINE_BYTES,
    }
}

/// A line without white space, in small letters.
fn folded(line: &str) -> impl Iterator<Item = char> {
    line.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase)
}

/// Marks paragraphs that say again what an earlier one says: the same words, or, among short ones that stand close
/// together, its first words. A repetition that nothing else is known of takes the part of what it repeats.
fn mark_duplicates(text: &str, paragraphs: &mut [Paragraph], open: &[usize]) {
    let line = |p: &Paragraph| text.get(p.span.range()).unwrap_or_default();
    let mut seen: FxHashMap<u64, u32> = FxHashMap::default();
    let mut close: Vec<usize> = Vec::new();
    for at in 0..paragraphs.len() {
        let Some(paragraph) = paragraphs.get(at).filter(|p| p.span.len() >= REPEATED && p.part != Part::Dateline)
        else {
            continue;
        };
        let own = line(paragraph);
        let mut hasher = FxHasher::default();
        folded(own).for_each(|c| hasher.write_u32(c as u32));
        let same = seen.get(&hasher.finish()).copied().filter(|earlier| {
            // Two lines may share a hash.
            paragraphs.get(*earlier as usize).is_some_and(|p| folded(line(p)).eq(folded(own)))
        });
        let mut original = same;
        if own.len() <= SHORT {
            original = original.or_else(|| {
                let begins = |earlier: &&usize| paragraphs.get(**earlier).is_some_and(|p| is_beginning(own, line(p)));
                close.iter().rev().take(WINDOW).find(begins).map(|earlier| *earlier as u32)
            });
            close.push(at);
        }
        if same.is_none() {
            seen.insert(hasher.finish(), at as u32);
        }
        let Some(original) = original else { continue };
        let original_part = paragraphs.get(original as usize).map(|p| p.part);
        if let Some(paragraph) = paragraphs.get_mut(at) {
            paragraph.duplicate_of = Some(original);
            if let Some(part) = original_part.filter(|_| open.binary_search(&at).is_ok()) {
                paragraph.part = part;
            }
        }
    }
}

/// Whether `long` begins with the words of `short`.
fn is_beginning(short: &str, long: &str) -> bool {
    let mut words = long.split_whitespace();
    let same = |a: &str, b: &str| folded(a).eq(folded(b));
    short.split_whitespace().all(|word| words.next().is_some_and(|other| same(word, other)))
}

/// A span without the white space at its ends.
pub(super) fn trimmed(text: &str, span: TextSpan) -> TextSpan {
    let Some(slice) = text.get(span.range()) else {
        return TextSpan { start: span.start, end: span.start };
    };
    let left = slice.trim_start();
    let start = span.start as usize + (slice.len() - left.len());
    TextSpan::new(start, start + left.trim_end().len())
}
