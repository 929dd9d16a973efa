//! The paragraphs of a plain text.
//!
//! A blank line always parts two paragraphs. A single line break does so too, unless the text is wrapped by hand: then
//! lines are as full as they can be, and a break that was forced by the width means nothing.

use super::layout::trimmed;
use super::span::TextSpan;

/// Wrapped texts have lines of 40 to 120 characters.
const NARROWEST: usize = 40;
const WIDEST: usize = 120;
/// Lines that are looked at to find out whether a text is wrapped.
const SAMPLE: usize = 2000;
/// A line counts as full if the next word would have come within this many characters of the width.
const SLACK: usize = 6;

/// The paragraphs of `text`, trimmed, in order, none of them empty.
pub(super) fn paragraphs(text: &str) -> Vec<TextSpan> {
    let lines = lines(text);
    let width = wrapping_width(text, &lines);
    let mut out: Vec<TextSpan> = Vec::new();
    let mut above: Option<Line> = None;
    for line in lines {
        if line.span.is_empty() {
            above = None;
            continue;
        }
        let joins = match (width, above) {
            (Some(width), Some(above)) => is_full(text, above, line, width) && !line.indented && !is_item(text, line),
            _ => false,
        };
        match out.last_mut() {
            Some(last) if joins => last.end = line.span.end,
            _ => out.push(line.span),
        }
        above = Some(line);
    }
    out
}

#[derive(Clone, Copy)]
struct Line {
    /// Without the white space around.
    span: TextSpan,
    indented: bool,
}

fn lines(text: &str) -> Vec<Line> {
    let mut out = Vec::new();
    let mut start = 0;
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).chain(std::iter::once(bytes.len()));
    for end in ends {
        // The two of "\r\n" are one break.
        let second = start > 0 && end == start && bytes.get(end) == Some(&b'\n') && bytes.get(end - 1) == Some(&b'\r');
        if !second {
            let span = trimmed(text, TextSpan::new(start, end));
            out.push(Line { span, indented: span.start as usize > start + 1 });
        }
        start = end + 1;
    }
    out
}

/// The width at which a text is wrapped, if it is: most line breaks inside its paragraphs stand where the next word
/// would not have fitted, and most of them inside a sentence.
fn wrapping_width(text: &str, lines: &[Line]) -> Option<usize> {
    let pairs = || {
        lines
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if !a.span.is_empty() && !b.span.is_empty() => Some((*a, *b)),
                _ => None,
            })
            .take(SAMPLE)
    };
    let mut lengths: Vec<usize> = pairs().map(|(line, _)| length(text, line.span)).collect();
    if lengths.len() < 3 {
        return None;
    }
    lengths.sort_unstable();
    let width = *lengths.get(lengths.len() * 9 / 10)?;
    if !(NARROWEST..=WIDEST).contains(&width) {
        return None;
    }
    let full = pairs().filter(|(line, next)| is_full(text, *line, *next, width)).count();
    let inside = pairs().filter(|(line, _)| !ends_sentence(text, line.span)).count();
    (full * 10 >= lengths.len() * 6 && inside * 2 > lengths.len()).then_some(width)
}

/// Whether the first word of `next` would not have fitted on `line`.
fn is_full(text: &str, line: Line, next: Line, width: usize) -> bool {
    let word = text.get(next.span.range()).and_then(|line| line.split_whitespace().next()).map_or(0, str::len);
    length(text, line.span) + 1 + word + SLACK > width
}

fn ends_sentence(text: &str, span: TextSpan) -> bool {
    let line = text.get(span.range()).unwrap_or_default();
    line.trim_end_matches(['"', '\'', ')', '\u{201d}', '\u{2019}']).ends_with(['.', '!', '?', ':'])
}

/// "- item", "* item", "• item", "1. item", "2) item"
fn is_item(text: &str, line: Line) -> bool {
    let line = text.get(line.span.range()).unwrap_or_default();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let mark = if rest.len() < line.len() {
        line.len() - rest.len() <= 2 && rest.starts_with(['.', ')'])
    } else {
        rest.starts_with(['-', '*', '•', '·', '–', '‣'])
    };
    mark && rest.chars().nth(1) == Some(' ')
}

/// Characters of a span.
fn length(text: &str, span: TextSpan) -> usize {
    let bytes = text.as_bytes().get(span.range()).unwrap_or_default();
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        paragraphs(text)
            .iter()
            .map(|span| text[span.range()].split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn lines_of_a_page_are_paragraphs() {
        let text =
            "All news\r\n\r\nA headline of some length\r\nA caption\r\n© AGENCY\r\n\r\n  The first paragraph.\r\n";
        assert_eq!(
            cut(text),
            ["All news", "A headline of some length", "A caption", "© AGENCY", "The first paragraph."]
        );
    }

    #[test]
    fn a_hand_wrapped_text_is_put_together() {
        let text = "MOSCOW, March 25 -- The minister told reporters on Friday that talks on the\n\
            settlement would go on in the coming weeks, and that both of the sides had\n\
            agreed to meet again. He gave no date for the meeting, which is to be held\n\
            in the capital.\n\
            The opposition called for an early vote on the question and said it would\n\
            boycott the session unless the government yields.\n\
            - It asks for an early vote on the question of the budget and of the other\n\
            laws.\n\
            \n\
            The end.\n";
        let cut = cut(text);
        assert_eq!(cut.len(), 4, "{cut:#?}");
        assert!(cut[0].starts_with("MOSCOW") && cut[0].ends_with("in the capital."));
        assert!(cut[1].ends_with("yields."));
        assert!(cut[2].starts_with("- It asks") && cut[2].ends_with("laws."));
    }

    #[test]
    fn a_sentence_a_line_is_not_wrapped() {
        let text = "The army fired two missiles into the sea on Friday.\nThe minister said that talks would go on.\n\
            The president called for calm in the region today.\nThe council is to meet on the matter on Monday.\n\
            The talks are to be held in the capital next week.\n";
        assert_eq!(cut(text).len(), 5);
    }
}
