//! HTML to text: the words of a page in paragraphs, each byte traceable to the source.
//!
//! The tokenizer of the HTML standard recovers from every error as browsers do, so that nothing in a page can make the
//! reader fail. There is no tree: which elements are open is a counter each, so that a page of a million open tags
//! costs no more than its length.

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use std::borrow::Cow;
use std::convert::Infallible;

use super::layout::{Block, Part, trimmed};
use super::offsets::OffsetMap;
use super::span::TextSpan;

/// The text of a page.
#[derive(Debug)]
pub(super) struct Page {
    pub text: String,
    pub map: OffsetMap,
    /// Paragraphs in order, with the part that the markup gives them.
    pub blocks: Vec<Block>,
}

/// Reads a page.
pub(super) fn read(source: &str) -> Page {
    let mut reader = Reader::new(source);
    let mut emitter = CallbackEmitter::<_, Infallible, usize>::new(
        |event: CallbackEvent<'_>, span: html5gum::Span<usize>| -> Option<Infallible> {
            reader.event(event, span.start, span.end);
            None
        },
    );
    emitter.naively_switch_states(true);
    // There are no tokens but events: the first call runs to the end of the page.
    match Tokenizer::new_with_emitter(source, emitter).next() {
        None => reader.finish(),
        Some(Ok(never) | Err(never)) => match never {},
    }
}

/// What an element does to the words inside and around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    /// Stands inside a line.
    Inline,
    /// Its words are no part of the page's text.
    Dropped(Dropped),
    /// Its paragraphs are of one part.
    Part(Holder),
    /// The article itself begins: whatever was dropped is over, even if nobody closed it.
    Article,
    /// A line break.
    Break,
    /// Begins and ends a paragraph.
    Block,
}

/// Elements whose words are dropped; each is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dropped {
    /// Script, style and the like: not even an article inside them counts.
    Raw,
    Nav,
    Footer,
    Aside,
    Form,
    Control,
}

/// Elements that say what part of the page they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Title,
    Heading,
    Caption,
    Header,
}

const DROPPED: usize = 6;
const HOLDERS: usize = 4;

fn element(name: &[u8]) -> Element {
    match name {
        b"a" | b"abbr" | b"acronym" | b"b" | b"bdi" | b"bdo" | b"big" | b"cite" | b"code" | b"data" | b"del"
        | b"dfn" | b"em" | b"font" | b"i" | b"ins" | b"kbd" | b"label" | b"mark" | b"q" | b"s" | b"samp" | b"small"
        | b"span" | b"strike" | b"strong" | b"sub" | b"sup" | b"time" | b"tt" | b"u" | b"var" | b"wbr" | b"img" => {
            Element::Inline
        }
        b"script" | b"style" | b"noscript" | b"template" | b"svg" | b"math" | b"iframe" | b"object" | b"canvas"
        | b"audio" | b"video" | b"noembed" | b"noframes" => Element::Dropped(Dropped::Raw),
        b"nav" | b"menu" => Element::Dropped(Dropped::Nav),
        b"footer" => Element::Dropped(Dropped::Footer),
        b"aside" => Element::Dropped(Dropped::Aside),
        b"form" => Element::Dropped(Dropped::Form),
        b"button" | b"select" | b"textarea" | b"datalist" | b"dialog" => Element::Dropped(Dropped::Control),
        b"title" => Element::Part(Holder::Title),
        b"h1" => Element::Part(Holder::Heading),
        b"figcaption" => Element::Part(Holder::Caption),
        b"header" => Element::Part(Holder::Header),
        b"article" | b"main" => Element::Article,
        b"br" => Element::Break,
        _ => Element::Block,
    }
}

struct Reader<'s> {
    source: &'s str,
    page: Page,
    /// Where the paragraph begins that is being read.
    start: usize,
    /// Open elements of each kind.
    dropped: [u32; DROPPED],
    holders: [u32; HOLDERS],
    /// White space of the source that waits for the next word.
    space: Option<TextSpan>,
    /// The paragraph of the page's title, and whether a heading was seen.
    title: Option<usize>,
    heading: bool,
    /// The start tag that is being read, if it names a dropped element.
    closing: Option<Dropped>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str) -> Self {
        let page = Page { text: String::with_capacity(source.len() / 2), map: OffsetMap::empty(), blocks: Vec::new() };
        Self {
            source,
            page,
            start: 0,
            dropped: [0; DROPPED],
            holders: [0; HOLDERS],
            space: None,
            title: None,
            heading: false,
            closing: None,
        }
    }

    fn event(&mut self, event: CallbackEvent<'_>, start: usize, end: usize) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.open(name),
            // "<svg/>" has no end tag. (HTML proper ignores the slash on elements of its own; script stays open.)
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(kind) = self.closing.take().filter(|_| self_closing) {
                    self.count(kind, false);
                }
            }
            CallbackEvent::EndTag { name } => self.close(name),
            CallbackEvent::String { value } if self.dropped.iter().all(|open| *open == 0) => {
                self.string(value, start, end);
            }
            _ => {}
        }
    }

    fn open(&mut self, name: &[u8]) {
        self.closing = None;
        match element(name) {
            Element::Inline => {}
            Element::Dropped(kind) => {
                self.end_block();
                self.count(kind, true);
                self.closing = matches!(name, b"svg" | b"math").then_some(kind);
            }
            Element::Part(holder) => {
                self.end_block();
                if holder == Holder::Heading {
                    self.revive();
                }
                if let Some(open) = self.holders.get_mut(holder as usize) {
                    *open = open.saturating_add(1);
                }
            }
            Element::Article => {
                self.end_block();
                self.revive();
            }
            Element::Break | Element::Block => self.end_block(),
        }
    }

    fn close(&mut self, name: &[u8]) {
        match element(name) {
            Element::Inline => {}
            Element::Dropped(kind) => {
                self.end_block();
                self.count(kind, false);
            }
            Element::Part(holder) => {
                self.end_block();
                if let Some(open) = self.holders.get_mut(holder as usize) {
                    *open = open.saturating_sub(1);
                }
            }
            Element::Article | Element::Break | Element::Block => self.end_block(),
        }
    }

    fn count(&mut self, kind: Dropped, opens: bool) {
        if let Some(open) = self.dropped.get_mut(kind as usize) {
            *open = if opens { open.saturating_add(1) } else { open.saturating_sub(1) };
        }
    }

    /// Pages forget to close their menus, and some wrap everything in one form.
    fn revive(&mut self) {
        for (kind, open) in self.dropped.iter_mut().enumerate() {
            if kind != Dropped::Raw as usize {
                *open = 0;
            }
        }
    }

    fn is_open(&self, holder: Holder) -> bool {
        self.holders.get(holder as usize).is_some_and(|open| *open > 0)
    }

    fn end_block(&mut self) {
        self.space = None;
        let span = trimmed(&self.page.text, TextSpan::new(self.start, self.page.text.len()));
        if !span.is_empty() {
            let known = if self.is_open(Holder::Title) {
                self.title.get_or_insert(self.page.blocks.len());
                Some(Part::Furniture)
            } else if self.is_open(Holder::Heading) && !self.heading {
                self.heading = true;
                Some(Part::Headline)
            } else if self.is_open(Holder::Caption) {
                Some(Part::Caption)
            } else if self.is_open(Holder::Header) {
                Some(Part::Furniture)
            } else {
                None
            };
            self.page.blocks.push(Block { span, known });
            self.page.text.push('\n');
        }
        self.start = self.page.text.len();
    }

    fn finish(mut self) -> Page {
        self.end_block();
        // Without a heading, the page's title is the headline.
        if !self.heading
            && let Some(title) = self.title.and_then(|at| self.page.blocks.get_mut(at))
        {
            title.known = Some(Part::Headline);
        }
        self.page
    }

    /// Takes in a run of characters that was read from the source, from `start` on, up to about `end`. (The tokenizer's
    /// own end is a byte short where the page ends inside a character reference.)
    fn string(&mut self, value: &[u8], start: usize, end: usize) {
        let value = String::from_utf8_lossy(value);
        let mut value = &*value;
        let mut at = start;
        // Between character references, text and source run along.
        while let Some(rest) = self.source.get(at..).filter(|_| !value.is_empty()) {
            let stretch = rest.get(..value.len()).unwrap_or(rest).as_bytes();
            let plain = memchr::memchr3(b'&', b'\r', 0, stretch).unwrap_or(stretch.len());
            let Some((own, tail)) = rest.get(..plain).and_then(|own| Some((own, value.strip_prefix(own)?))) else {
                break;
            };
            self.run(own, at);
            value = tail;
            at += plain;
            if value.is_empty() {
                break;
            }
            let (len, decoded) = reference(rest.get(plain..).unwrap_or_default(), value);
            let Some(tail) = value.strip_prefix(&*decoded).filter(|_| len > 0) else {
                break;
            };
            self.stand_for(&decoded, TextSpan::new(at, at + len));
            value = tail;
            at += len;
        }
        // Never reached unless the tokenizer decodes a reference in another way inside a run than by itself.
        if !value.is_empty() {
            let mut end = end.max(at + 1).min(self.source.len());
            while !self.source.is_char_boundary(end) {
                end += 1;
            }
            self.stand_for(value, TextSpan::new(at.min(end), end));
        }
    }

    /// Appends text that stands in the source as it is.
    fn run(&mut self, text: &str, source: usize) {
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
            self.word(rest.get(..word).unwrap_or_default(), TextSpan::new(source + at, source + at + word));
            at += word;
            let rest = text.get(at..).unwrap_or_default();
            let space = rest.len() - rest.trim_start().len();
            self.white(TextSpan::new(source + at, source + at + space));
            at += space;
        }
    }

    /// Appends text that stands for other text of the source.
    fn stand_for(&mut self, text: &str, source: TextSpan) {
        if text.trim().is_empty() {
            self.white(source);
        } else {
            self.word(text, source);
        }
    }

    fn white(&mut self, source: TextSpan) {
        if source.is_empty() || self.start == self.page.text.len() {
            return;
        }
        match &mut self.space {
            Some(space) => space.end = source.end,
            None => self.space = Some(source),
        }
    }

    fn word(&mut self, word: &str, source: TextSpan) {
        if word.is_empty() {
            return;
        }
        let at = self.page.text.len();
        if let Some(space) = self.space.take() {
            self.page.text.push(' ');
            self.page.map.add(TextSpan::new(at, at + 1), space);
        }
        let at = self.page.text.len();
        self.page.text.push_str(word);
        self.page.map.add(TextSpan::new(at, self.page.text.len()), source);
    }
}

/// Longest name of a character reference in the standard, with room to spare.
const LONGEST_REFERENCE: usize = 40;

/// Decodes what stands at the beginning of `rest`, a character reference, a carriage return or a NUL: the bytes that it
/// takes and what it stands for at the beginning of `value`.
fn reference<'r>(rest: &'r str, value: &str) -> (usize, Cow<'r, str>) {
    let bytes = rest.as_bytes();
    match bytes.first() {
        Some(b'\r') => return (1 + usize::from(bytes.get(1) == Some(&b'\n')), "\n".into()),
        // Some elements keep it, some replace it.
        Some(0) => {
            return (1, if value.starts_with('\0') { "\0" } else { "\u{fffd}" }.into());
        }
        _ => {}
    }
    let inner = bytes.iter().skip(1).take_while(|b| b.is_ascii_alphanumeric() || **b == b'#');
    let number = bytes.get(1) == Some(&b'#');
    // A number may be as long as it likes.
    let inner = if number { inner.count() } else { inner.take(LONGEST_REFERENCE).count() };
    let len = 1 + inner + usize::from(bytes.get(1 + inner) == Some(&b';'));
    let run = rest.get(..len).unwrap_or(rest);
    let known = match run {
        "&" => "&",
        "&amp;" => "&",
        "&nbsp;" => "\u{a0}",
        "&quot;" => "\"",
        "&lt;" => "<",
        "&gt;" => ">",
        "&rsquo;" => "\u{2019}",
        _ => "",
    };
    if !known.is_empty() {
        return (len, known.into());
    }
    let mut decoded = Vec::new();
    for token in Tokenizer::new(run) {
        let Ok(token) = token;
        if let html5gum::Token::String(string) = token {
            decoded.extend_from_slice(&string);
        }
    }
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    // "&notit;" is a reference and three characters that are themselves.
    let same = run.bytes().rev().zip(decoded.bytes().rev()).take_while(|(a, b)| a == b && a.is_ascii()).count();
    let same = same.min(run.len().saturating_sub(1)).min(decoded.len().saturating_sub(1));
    match (run.get(..run.len() - same), decoded.get(..decoded.len() - same)) {
        (Some(run), Some(head)) => (run.len(), head.to_owned().into()),
        _ => (len, decoded.into()),
    }
}
