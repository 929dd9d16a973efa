//! From places in a document's text to places in its source, in the units that a caller counts in.

use super::span::TextSpan;

/// What offsets count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OffsetEncoding {
    /// Bytes, as Go, Rust and C count.
    #[default]
    Utf8,
    /// 16-bit code units, as JavaScript, Java and C# count.
    Utf16,
    /// Unicode scalar values, as Python counts.
    Utf32,
}

/// A stretch of text and the stretch of source that it was made from.
///
/// Stretches of one length run along byte by byte; else the text stands for the source as a whole (a character
/// reference, white space that was collapsed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    text: u32,
    text_len: u32,
    source: u32,
    source_len: u32,
}

impl Piece {
    fn runs_along(self) -> bool {
        self.text_len == self.source_len
    }

    fn text_end(self) -> u32 {
        self.text + self.text_len
    }

    fn source_end(self) -> u32 {
        self.source + self.source_len
    }
}

/// Where each byte of a text comes from in the bytes of its source, both in ascending order.
///
/// Kept as pieces, neighbours that run along joined, so that plain prose costs a few bytes a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// None: the text is the source.
    pieces: Option<Vec<Piece>>,
}

impl OffsetMap {
    /// The map of a text that is its own source.
    pub(super) fn identity() -> Self {
        Self { pieces: None }
    }

    /// A map without pieces; [`add`](Self::add) them.
    pub(super) fn empty() -> Self {
        Self { pieces: Some(Vec::new()) }
    }

    /// Says that the next `text` was made from `source`. Both begin where, or behind where, the last ones ended.
    pub(super) fn add(&mut self, text: TextSpan, source: TextSpan) {
        let Some(pieces) = &mut self.pieces else {
            return;
        };
        let piece = Piece {
            text: text.start,
            text_len: text.len() as u32,
            source: source.start,
            source_len: source.len() as u32,
        };
        match pieces.last_mut() {
            Some(last)
                if last.runs_along()
                    && piece.runs_along()
                    && last.text_end() == piece.text
                    && last.source_end() == piece.source =>
            {
                last.text_len += piece.text_len;
                last.source_len += piece.source_len;
            }
            _ => pieces.push(piece),
        }
    }

    /// The bytes of the source that a span of text was made from: from the first byte of its first character to the
    /// last byte of its last. Text that was made from nothing (the breaks between paragraphs of a page) maps to the
    /// empty span behind what stands before it.
    pub fn source(&self, span: TextSpan) -> TextSpan {
        let Some(pieces) = &self.pieces else {
            return span;
        };
        // The first piece that ends behind the start, the last one that begins before the end.
        let first = pieces.partition_point(|piece| piece.text_end() <= span.start);
        let last = pieces.partition_point(|piece| piece.text < span.end).checked_sub(1);
        let before = || first.checked_sub(1).and_then(|at| pieces.get(at)).map_or(0, |piece| piece.source_end());
        let start = match pieces.get(first) {
            Some(piece) if piece.text < span.end => {
                let inside = span.start.saturating_sub(piece.text);
                if piece.runs_along() { piece.source + inside } else { piece.source }
            }
            _ => {
                return TextSpan { start: before(), end: before() };
            }
        };
        let end = match last.and_then(|at| pieces.get(at)) {
            Some(piece) if piece.runs_along() && span.end < piece.text_end() => piece.source + (span.end - piece.text),
            Some(piece) => piece.source_end(),
            None => start,
        };
        TextSpan { start, end: end.max(start) }
    }
}

/// Bytes from one checkpoint to the next.
const STEP: usize = 256;

/// Maps spans of one document's text to its source, in one encoding.
///
/// Made once for a response: counts the source once. A look-up is a binary search over the pieces of an HTML page
/// (none for plain text) and a count over at most 256 bytes.
#[derive(Debug)]
pub struct Offsets<'a> {
    source: &'a [u8],
    map: &'a OffsetMap,
    encoding: OffsetEncoding,
    /// Units before each `STEP`th byte; empty where units are bytes.
    checkpoints: Vec<u32>,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(source: &'a str, map: &'a OffsetMap, encoding: OffsetEncoding) -> Self {
        let bytes = source.as_bytes();
        let mut checkpoints = Vec::new();
        if encoding != OffsetEncoding::Utf8 && !source.is_ascii() {
            let mut units = 0;
            for chunk in bytes.chunks(STEP) {
                checkpoints.push(units);
                units += count(chunk, encoding);
            }
            checkpoints.push(units);
        }
        Self { source: bytes, map, encoding, checkpoints }
    }

    /// Start (inclusive) and end (exclusive) of a span of text in the source, in units of the encoding.
    pub fn source(&self, span: TextSpan) -> (u32, u32) {
        let bytes = self.map.source(span);
        (self.units(bytes.start), self.units(bytes.end))
    }

    /// Units before a byte of the source.
    fn units(&self, byte: u32) -> u32 {
        let byte = (byte as usize).min(self.source.len());
        let step = byte / STEP;
        match self.checkpoints.get(step) {
            None => byte as u32,
            Some(units) => units + count(self.source.get(step * STEP..byte).unwrap_or_default(), self.encoding),
        }
    }
}

/// Units that begin in a stretch of UTF-8: a character counts where its first byte stands, so that a stretch may be
/// cut anywhere.
fn count(bytes: &[u8], encoding: OffsetEncoding) -> u32 {
    let units = |byte: &u8| match encoding {
        OffsetEncoding::Utf8 => 1,
        OffsetEncoding::Utf16 => u32::from(*byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0),
        OffsetEncoding::Utf32 => u32::from(*byte & 0xc0 != 0x80),
    };
    bytes.iter().map(units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_map_to_what_they_were_made_from() {
        // "a&amp;b   c" read as "a&b c\n"
        let mut map = OffsetMap::empty();
        for (text, source) in
            [((0, 1), (0, 1)), ((1, 2), (1, 6)), ((2, 3), (6, 7)), ((3, 4), (7, 10)), ((4, 5), (10, 11))]
        {
            map.add(TextSpan::new(text.0, text.1), TextSpan::new(source.0, source.1));
        }
        let at = |start, end| {
            let span = map.source(TextSpan::new(start, end));
            (span.start, span.end)
        };
        assert_eq!(at(0, 1), (0, 1));
        assert_eq!(at(1, 2), (1, 6));
        assert_eq!(at(0, 3), (0, 7));
        assert_eq!(at(3, 4), (7, 10));
        assert_eq!(at(2, 5), (6, 11));
        assert_eq!(at(5, 6), (11, 11));
    }

    proptest::proptest! {
        #[test]
        fn units_are_those_of_the_encodings(text in "(\\PC|[a-z ]){0,900}", cut in 0usize..1000) {
            let map = OffsetMap::identity();
            let mut byte = cut.min(text.len());
            while !text.is_char_boundary(byte) {
                byte -= 1;
            }
            let span = TextSpan::new(byte, text.len());
            let get = |encoding| Offsets::new(&text, &map, encoding).source(span);
            let (head, whole) = (&text[..byte], &text[..]);
            proptest::prop_assert_eq!(get(OffsetEncoding::Utf8), (byte as u32, text.len() as u32));
            let utf16 = |s: &str| s.encode_utf16().count() as u32;
            proptest::prop_assert_eq!(get(OffsetEncoding::Utf16), (utf16(head), utf16(whole)));
            let utf32 = |s: &str| s.chars().count() as u32;
            proptest::prop_assert_eq!(get(OffsetEncoding::Utf32), (utf32(head), utf32(whole)));
        }
    }
}
