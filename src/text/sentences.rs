//! Where sentences end.
//!
//! A full stop, an exclamation or question mark, an ellipsis, or an abbreviation's own full stop may end one; the
//! tokens around it decide: what stands before it (an abbreviation, an initial, the number of a list item), what
//! closes behind it (quotes, brackets), and how the next word begins.

use super::reading::ReadingRules;
use super::shape::Shape;
use super::span::TokenRange;
use super::tokens::Token;

/// Cuts the tokens of one paragraph into sentences, appended to `out`. `most` bounds the tokens of a sentence; a
/// longer one is cut there.
pub(super) fn split(
    text: &str,
    tokens: &[Token],
    range: TokenRange,
    rules: &ReadingRules,
    most: usize,
    out: &mut Vec<TokenRange>,
) {
    let end = (range.end as usize).min(tokens.len());
    let splitter = Splitter { text, tokens, end, rules };
    let most = most.max(1);
    let mut start = range.start as usize;
    let mut at = start;
    while at < end {
        let mut next = at + 1;
        let mut ends = false;
        if let Some(mark) = splitter.mark(at) {
            next = splitter.after_closers(next).min(start + most);
            ends = next >= end || splitter.ends(mark, start, at, next);
        }
        if ends || next - start >= most {
            out.push(TokenRange::new(start, next));
            start = next;
        }
        at = next;
    }
    if start < end {
        out.push(TokenRange::new(start, end));
    }
}

/// What may end a sentence.
#[derive(Clone, Copy)]
enum Mark {
    Stop,
    /// `!`, `?`
    Loud,
    /// `...`
    Ellipsis,
    /// The full stop that belongs to a word.
    Abbreviation,
}

struct Splitter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// One past the last token of the paragraph.
    end: usize,
    rules: &'a ReadingRules,
}

impl Splitter<'_> {
    fn word(&self, at: usize) -> &str {
        self.token(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at).filter(|_| at < self.end)
    }

    fn shape(&self, at: usize) -> Shape {
        self.token(at).map_or(Shape::NONE, |token| token.shape)
    }

    #[inline]
    fn mark(&self, at: usize) -> Option<Mark> {
        let shape = self.shape(at);
        if !shape.has_any(Shape::PUNCT | Shape::DOTTED) {
            return None;
        }
        if shape.has(Shape::DOTTED) {
            return Some(Mark::Abbreviation);
        }
        Some(match self.word(at) {
            "." | "。" => Mark::Stop,
            "!" | "?" | "‽" | "！" | "？" => Mark::Loud,
            word if word == "…" || (word.starts_with("..")) => Mark::Ellipsis,
            _ => return None,
        })
    }

    /// Quotes and brackets that close behind a mark, and further marks, belong to the sentence.
    fn after_closers(&self, mut at: usize) -> usize {
        while let Some(token) = self.token(at).filter(|token| token.shape.has(Shape::PUNCT)) {
            let closes = match self.word(at) {
                ")" | "]" | "}" | "\u{201d}" | "»" | "!" | "?" | "." => true,
                "\"" | "'" | "''" | "\u{2019}" => !token.space_before,
                _ => false,
            };
            if !closes {
                break;
            }
            at += 1;
        }
        at
    }

    /// The next word after opening quotes and brackets.
    fn opened(&self, mut at: usize) -> usize {
        while self.is_opener(at) {
            at += 1;
        }
        at
    }

    fn is_opener(&self, at: usize) -> bool {
        self.shape(at).has(Shape::PUNCT)
            && matches!(self.word(at), "\"" | "'" | "``" | "`" | "\u{201c}" | "\u{2018}" | "«" | "(" | "[" | "{" | "''")
    }

    /// Whether the sentence that began at `start` ends with the mark at `at`, given that `next` follows.
    fn ends(&self, mark: Mark, start: usize, at: usize, next: usize) -> bool {
        let head = self.opened(next);
        let first = self.shape(head);
        if head >= self.end {
            return true;
        }
        match mark {
            Mark::Abbreviation => self.abbreviation_ends(start, at, next, head),
            Mark::Loud => self.begins(head) || (first.has(Shape::NUMBER) && head == next),
            Mark::Ellipsis => first.has(Shape::CAP) && at > start,
            Mark::Stop => {
                // "1. Iran", "2. ..."
                if at == start + 1 && self.shape(start).has(Shape::NUMBER) && next == at + 1 {
                    return false;
                }
                let glued = next == at + 1 && self.token(next).is_some_and(|token| !token.space_before);
                if glued && !first.has(Shape::CAP) {
                    return false;
                }
                // A number may begin a sentence, but not behind an abbreviation that was not known.
                self.begins(head) || first.has(Shape::DIGIT) || self.is_currency(head)
            }
        }
    }

    /// Whether the word at `at` looks like the first of a sentence: a capital, or a script without capitals.
    fn begins(&self, at: usize) -> bool {
        let shape = self.shape(at);
        if shape.has(Shape::CAP) {
            return true;
        }
        shape.has(Shape::LETTER)
            && self.word(at).chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase() && !c.is_uppercase())
    }

    fn is_currency(&self, at: usize) -> bool {
        matches!(self.word(at), "$" | "€" | "£" | "¥")
    }

    fn abbreviation_ends(&self, start: usize, at: usize, next: usize, head: usize) -> bool {
        if next > at + 1 && matches!(self.word(next - 1), "." | "!" | "?") {
            return self.begins(head);
        }
        let word = self.word(at);
        if self.rules.title_abbreviations.contains(word) || !self.shape(head).has(Shape::CAP) {
            return false;
        }
        // "J. Smith" at the very beginning, or "A. The first point"
        if at == start {
            return false;
        }
        self.rules.starts_sentences(self.word(head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::span::TextSpan;
    use crate::text::tokens::tokenize;

    fn cut(text: &str) -> String {
        let rules = ReadingRules {
            title_abbreviations: ["Gen.", "Mr.", "Lt.", "Sen."].into_iter().collect(),
            abbreviations: ["Inc.", "Corp.", "etc."].into_iter().collect(),
            number_abbreviations: ["No.", "Jan.", "Oct."].into_iter().collect(),
            sentence_starters: ["the", "he", "it", "but", "in", "then", "they", "we"].into_iter().collect(),
            ..ReadingRules::default()
        };
        let mut tokens = Vec::new();
        tokenize(text, TextSpan::new(0, text.len()), &rules, &mut tokens);
        let mut out = Vec::new();
        split(text, &tokens, TokenRange::new(0, tokens.len()), &rules, 400, &mut out);
        let slice = |range: &TokenRange| {
            let range = range.range();
            &text[tokens[range.start].span.start as usize..tokens[range.end - 1].span.end as usize]
        };
        out.iter().map(slice).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for expected in [
            "Gen. Smith met Mr. Bush. | He left.",
            "Lt. Gen. J. F. Smith and Sen. W. Brown spoke.",
            "Launches were registered at 3:39 pm (9:39am Moscow time). | Projectiles flew.",
            "He is in the U.S. Army now. | The war goes on.",
            "He left the U.S. | The war goes on.",
            "The U.S. Senate met at 9 a.m. Monday.",
            "It began at 9 a.m. | The police came.",
            "They bought Apple Inc. shares. | It rose 3.5 percent. | Then it fell.",
            "She asked to \"stop these actions.\" | She left.",
            "\"Our stance is firm,\" he said. | \"We will stay.\" | They stayed.",
            "He said: “Stop it.” | “We will,” they said.",
            "\"Will it end?\" he asked. | \"No!\" she said.",
            "Will it end? | No one knows! | He said so.",
            "(He left.) | [It is over.] | Then they came.",
            "He waited... and waited... | Then he left.",
            "It was No. 5 on Jan. 3. | 500 people came.",
            "It rose to 3.5. | $5 was paid.",
            "World War I. | The end.",
            "It ended in the region. | The army left.",
            "1. Iran rejects talks. | 2. Iraq agrees.",
            "He works for the U.N. (UNICEF) now.",
            "It was from TASS/. and more.",
            "He said no. | Then he left the U.S.",
            "Really?! | He left.",
        ] {
            let text = expected.replace(" | ", " ");
            assert_eq!(cut(&text), expected);
        }
        assert_eq!(cut("It ended in the region.The army left."), "It ended in the region. | The army left.");
    }
}
