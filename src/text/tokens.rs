//! Cuts a text into tokens by the conventions of the Penn Treebank.
//!
//! Clitics stand alone (`Iraq|'s`, `do|n't`), hyphenated words stay whole (`test-fire`), numbers keep their inner marks
//! (`1,200`, `3:39`, `2016-03-18`) but ranges are cut (`1,200|-|1,500`), units are cut off their numbers (`9:39|am`),
//! abbreviations keep their full stop (`U.S.`, `Gen.`). Unlike the Treebank, nothing is rewritten: a token is a span of
//! the text. One pass, linear in the length of the text whatever the text.
//!
//! The conventions: Bies et al., *Bracketing Guidelines for Treebank II Style* (1995), and the tokenisation notes that
//! go with the Treebank.

use super::reading::ReadingRules;
use super::shape::Shape;
use super::span::TextSpan;

/// A word, a number or a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where it stands in the text.
    pub span: TextSpan,
    /// What it looks like.
    pub shape: Shape,
    /// Whether white space, or nothing at all, stands before it.
    pub space_before: bool,
}

/// Appends the tokens of `text[span]` to `out`. They are in order, do not overlap, and leave out only what is no
/// visible character: white space, control characters, zero-width spaces.
pub fn tokenize(text: &str, span: TextSpan, rules: &ReadingRules, out: &mut Vec<Token>) {
    run(text, span, rules, false, out);
}

/// As [`tokenize`], for the words of a rule: a known abbreviation keeps its full stop also where the phrase ends.
pub(super) fn tokenize_phrase(text: &str, rules: &ReadingRules, out: &mut Vec<Token>) {
    run(text, TextSpan::new(0, text.len()), rules, true, out);
}

fn run(text: &str, span: TextSpan, rules: &ReadingRules, phrase: bool, out: &mut Vec<Token>) {
    let Some(text) = text.get(..span.end as usize) else {
        return;
    };
    if !text.is_char_boundary(span.start as usize) {
        return;
    }
    let mut cutter = Cutter { text, bytes: text.as_bytes(), rules, phrase, space: true, out };
    let mut at = span.start as usize;
    while let Some(class) = cutter.class(at) {
        at = match class.kind {
            Kind::Gap => {
                cutter.space = true;
                at + class.len
            }
            Kind::Letter | Kind::Digit => cutter.word(at, at),
            Kind::Mark => cutter.mark(at, class.len),
        };
    }
}

/// What a character does for a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gap,
    /// Letters, and what may stand inside a word: underscores, combining marks.
    Letter,
    /// ASCII digits.
    Digit,
    /// Everything else: a token of its own unless a word takes it in.
    Mark,
}

#[derive(Clone, Copy)]
struct Class {
    kind: Kind,
    /// Bytes of the character.
    len: usize,
}

const ASCII: [Kind; 128] = {
    let mut table = [Kind::Mark; 128];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        if byte <= b' ' || byte == 0x7f {
            table[at] = Kind::Gap;
        } else if byte.is_ascii_digit() {
            table[at] = Kind::Digit;
        } else if byte.is_ascii_alphabetic() || byte == b'_' {
            table[at] = Kind::Letter;
        }
        at += 1;
    }
    table
};

#[cold]
fn wide_kind(c: char) -> Kind {
    if c.is_alphanumeric() || combines(c) {
        Kind::Letter
    } else if c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}') {
        Kind::Gap
    } else {
        Kind::Mark
    }
}

/// Characters that belong to the one before them: accents, joiners, variation selectors, the soft hyphen.
fn combines(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{200c}'..='\u{200d}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}')
}

struct Cutter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    rules: &'a ReadingRules,
    phrase: bool,
    /// Whether a gap stands before the next token.
    space: bool,
    out: &'a mut Vec<Token>,
}

impl Cutter<'_> {
    #[inline]
    fn class(&self, at: usize) -> Option<Class> {
        let byte = *self.bytes.get(at)?;
        match ASCII.get(byte as usize) {
            Some(kind) => Some(Class { kind: *kind, len: 1 }),
            None => {
                let c = self.char(at)?;
                Some(Class { kind: wide_kind(c), len: c.len_utf8() })
            }
        }
    }

    fn kind(&self, at: usize) -> Kind {
        self.class(at).map_or(Kind::Gap, |class| class.kind)
    }

    fn char(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn is_word(&self, at: usize) -> bool {
        matches!(self.kind(at), Kind::Letter | Kind::Digit)
    }

    fn is_upper(&self, at: usize) -> bool {
        self.char(at).is_some_and(char::is_uppercase)
    }

    /// Bytes of the apostrophe at `at`: straight, or U+2019.
    fn apostrophe(&self, at: usize) -> Option<usize> {
        match self.byte(at) {
            b'\'' => Some(1),
            0xe2 if self.bytes.get(at..at + 3) == Some("\u{2019}".as_bytes()) => Some(3),
            _ => None,
        }
    }

    /// Bytes of the hyphen at `at`: ASCII, U+2010 or U+2011.
    fn hyphen(&self, at: usize) -> Option<usize> {
        match self.byte(at) {
            b'-' => Some(1),
            0xe2 if matches!(self.bytes.get(at + 1..at + 3), Some([0x80, 0x90 | 0x91])) => Some(3),
            _ => None,
        }
    }

    fn push(&mut self, start: usize, end: usize) {
        self.push_as(start, end, Shape::NONE);
    }

    fn push_as(&mut self, start: usize, end: usize, more: Shape) {
        let mut shape = Shape::of(self.slice(start, end));
        shape.insert(more);
        self.out.push(Token { span: TextSpan::new(start, end), shape, space_before: self.space });
        self.space = false;
    }

    /// Cuts the token that begins with the mark at `at`; gives where the next one may begin.
    fn mark(&mut self, at: usize, len: usize) -> usize {
        if let Some(len) = self.apostrophe(at) {
            return self.quote_or_clitic(at, len);
        }
        let byte = self.byte(at);
        let next = self.byte(at + 1);
        let mut end = at + len;
        match byte {
            // ".5", "-5": the mark belongs to the number if nothing stands right before it
            b'.' | b'-' if next.is_ascii_digit() && self.stands_free() => {
                return self.word(at, at + 1);
            }
            b'.' | b'-' | b'`' => {
                while self.byte(end) == byte {
                    end += 1;
                }
            }
            b'@' | b'#' if self.kind(at + 1) == Kind::Letter && self.stands_free() => {
                while self.is_word(end) {
                    end += self.class(end).map_or(1, |class| class.len);
                }
                self.push_as(at, end, Shape::WEB);
                return end;
            }
            _ => {
                // An emoji keeps its modifiers.
                while let Some(c) = self.char(end).filter(|c| combines(*c)) {
                    end += c.len_utf8();
                }
            }
        }
        self.push(at, end);
        end
    }

    /// Whether the place after the last token is free for a sign: a gap, or an opening bracket or a currency before it.
    fn stands_free(&self) -> bool {
        self.space
            || self.out.last().is_some_and(|last| matches!(self.byte(last.span.start as usize), b'(' | b'[' | b'$'))
    }

    fn quote_or_clitic(&mut self, at: usize, len: usize) -> usize {
        if self.byte(at) == b'\'' && self.byte(at + 1) == b'\'' {
            self.push(at, at + 2);
            return at + 2;
        }
        if let Some(tail) = self.clitic_tail(at + len) {
            let end = at + len + tail;
            self.push_as(at, end, Shape::CLITIC);
            return end;
        }
        // "the '90s"
        let digits = at + len;
        if self.byte(digits).is_ascii_digit() && self.byte(digits + 1).is_ascii_digit() {
            let end = digits + 2 + usize::from(self.byte(digits + 2) == b's');
            if !self.is_word(end) {
                self.push(at, end);
                return end;
            }
        }
        self.push(at, at + len);
        at + len
    }

    /// Letters of a clitic ("s", "ll", ...) that stands at `at` and ends there.
    fn clitic_tail(&self, at: usize) -> Option<usize> {
        let a = self.byte(at).to_ascii_lowercase();
        let b = self.byte(at + 1).to_ascii_lowercase();
        let len = match (a, b) {
            (b'r', b'e') | (b'l', b'l') | (b'v', b'e') => 2,
            (b's' | b'd' | b'm', _) => 1,
            _ => return None,
        };
        (!self.is_word(at + len)).then_some(len)
    }

    /// Cuts the word that begins at `start` (its first letter or digit at `at`) and what hangs on it.
    fn word(&mut self, start: usize, at: usize) -> usize {
        let run = self.run(start, at);
        self.cut(&run);
        run.end
    }

    /// Finds how far the characters go that may belong to one word.
    fn run(&self, start: usize, first: usize) -> Run {
        let mut run = Run { start, end: first, hyphens: false, letters: false, web: false };
        let mut at = first;
        // The stretch since the last dot or hyphen, and whether all stretches since the hyphen are single letters.
        let mut stretch = first;
        let mut part = first;
        let mut initials = true;
        while let Some(class) = self.class(at) {
            match class.kind {
                Kind::Letter => {
                    run.letters = true;
                    at += class.len;
                    continue;
                }
                Kind::Digit => {
                    at += 1;
                    continue;
                }
                Kind::Gap => break,
                Kind::Mark => {}
            }
            let next = at + class.len;
            match self.byte(at) {
                b'.' => {
                    let single = self.is_single_letter(stretch, at);
                    if self.dot_joins(&run, stretch, at, single) {
                        initials &= single;
                        stretch = next;
                    } else if self.dot_belongs(part, at, initials && single, stretch > part) {
                        at = next;
                        // "U.S.-led"
                        if self.hyphen(at).is_none() || !self.is_word(at + 1) {
                            break;
                        }
                        continue;
                    } else {
                        break;
                    }
                }
                b',' => {
                    let group = (0..4).take_while(|i| self.byte(next + i).is_ascii_digit()).count();
                    let number = !run.letters && self.byte(at - 1).is_ascii_digit();
                    if !number || !matches!(group, 2 | 3) {
                        break;
                    }
                }
                b':' => {
                    if !run.letters && self.byte(at - 1).is_ascii_digit() && self.byte(next).is_ascii_digit() {
                    } else if run.letters && self.byte(next) == b'/' && self.byte(next + 1) == b'/' {
                        run.web = true;
                        at = self.address_end(at);
                        break;
                    } else {
                        break;
                    }
                }
                b'/' => {
                    if run.web || self.slice(start, at).starts_with("www.") {
                        run.web = true;
                        at = self.address_end(at);
                        break;
                    }
                    if !self.is_word(next) {
                        break;
                    }
                    stretch = next;
                    part = next;
                    initials = true;
                }
                b'&' if self.kind(next) == Kind::Letter && run.letters => {}
                b'@' if self.is_word(next) => run.web = true,
                // "US$5.7"
                b'$' if next - start <= 4 && self.slice(start, at).bytes().all(|b| b.is_ascii_uppercase()) => {
                    at = next;
                    break;
                }
                _ => {
                    if self.hyphen(at).is_some() {
                        let hangs = !self.is_word(next) && self.is_hanging(at, next);
                        if !self.is_word(next) && !hangs {
                            break;
                        }
                        run.hyphens = true;
                        stretch = next;
                        part = next;
                        initials = true;
                        if hangs {
                            at = next;
                            break;
                        }
                    } else if let Some(len) = self.apostrophe(at) {
                        let tail = at + len;
                        if self.kind(tail) != Kind::Letter || self.clitic_tail(tail).is_some() {
                            break;
                        }
                        let negation = self.byte(tail).eq_ignore_ascii_case(&b't') && !self.is_word(tail + 1);
                        if negation && self.byte(at - 1).eq_ignore_ascii_case(&b'n') && at - 1 > start {
                            at -= 1;
                            break;
                        }
                        at = tail;
                        continue;
                    } else {
                        break;
                    }
                }
            }
            at = next;
        }
        run.end = at;
        run
    }

    /// Whether `text[start..end]` is one letter.
    fn is_single_letter(&self, start: usize, end: usize) -> bool {
        self.class(start).is_some_and(|class| class.kind == Kind::Letter && start + class.len == end)
    }

    /// Whether the dot at `at` stands inside a word: "U.S", "5.7", "news.com"; not between two sentences that lack a
    /// space ("the region.The").
    fn dot_joins(&self, run: &Run, stretch: usize, at: usize, single: bool) -> bool {
        let next = at + 1;
        match self.kind(next) {
            Kind::Digit => run.web || self.byte(at - 1).is_ascii_digit(),
            Kind::Letter if run.web || single => true,
            Kind::Letter if self.is_upper(next) => {
                // "Ph.D."
                let after = next + self.char(next).map_or(1, char::len_utf8);
                at - stretch <= 2 && self.is_upper(stretch) && self.byte(after) == b'.'
            }
            Kind::Letter => run.letters,
            _ => false,
        }
    }

    /// Whether the full stop at `at`, which ends the stretch of characters since `part`, belongs to the word.
    /// `initials`: the word is letters between dots; `inner`: it has a dot already.
    fn dot_belongs(&self, part: usize, at: usize, initials: bool, inner: bool) -> bool {
        if self.byte(at + 1) == b'.' {
            return false;
        }
        if initials && inner {
            return true;
        }
        let after = self.after_gap(at + 1);
        if initials && self.is_upper(part) {
            // "J. Smith", but not "Hepatitis B."
            return self.phrase || (after > at + 1 && self.is_upper(after));
        }
        let word = self.slice(part, at);
        if inner && word.split('.').all(|piece| piece.len() <= 2 && piece.bytes().all(|b| b.is_ascii_alphabetic())) {
            return true;
        }
        let rules = self.rules;
        if rules.title_abbreviations.contains_joined(word, ".") || rules.abbreviations.contains_joined(word, ".") {
            return true;
        }
        rules.number_abbreviations.contains_joined(word, ".")
            && (self.phrase
                || self.byte(after).is_ascii_digit()
                || (self.is_upper(part)
                    && (self.byte(after) == b',' || self.char(after).is_some_and(char::is_lowercase))))
    }

    /// Whether the hyphen before `next` hangs: "short- and medium-range".
    fn is_hanging(&self, at: usize, next: usize) -> bool {
        self.byte(at - 1).is_ascii_lowercase() && self.byte(next) == b' ' && self.byte(next + 1).is_ascii_lowercase()
    }

    fn after_gap(&self, mut at: usize) -> usize {
        while let Some(class) = self.class(at).filter(|class| class.kind == Kind::Gap) {
            at += class.len;
        }
        at
    }

    /// End of the address that goes on at `at`; marks at its end belong to the sentence.
    fn address_end(&self, at: usize) -> usize {
        let mut end = at;
        let mut last = at;
        while let Some(class) = self.class(end) {
            let byte = self.byte(end);
            if class.kind == Kind::Gap || matches!(byte, b'<' | b'>' | b'"') {
                break;
            }
            end += class.len;
            if class.kind != Kind::Mark || matches!(byte, b'/' | b'=' | b'-' | b'&' | b'#' | b'%' | b'+' | b'~') {
                last = end;
            }
        }
        last.max(at + 1)
    }

    /// Cuts a run into its tokens.
    fn cut(&mut self, run: &Run) {
        let Run { start, end, .. } = *run;
        if run.web {
            return self.push_as(start, end, Shape::WEB);
        }
        let word = self.slice(start, end);
        let bytes = word.as_bytes();
        if run.hyphens {
            if (!run.letters && !is_iso_date(bytes)) || self.is_pair(word) {
                return self.cut_at_hyphens(start, end);
            }
        } else if run.letters && bytes.first().is_some_and(u8::is_ascii_digit) {
            // "9:39am", "500km"; but "20th", "1990s", "3D"
            let digits = bytes.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b',' | b'.' | b':')).count();
            let tail = word.get(digits..).unwrap_or_default();
            let whole =
                matches!(tail, "st" | "nd" | "rd" | "th" | "s") || (tail.len() == 1 && self.is_upper(start + digits));
            // Dots inside the tail: "9:39a.m."
            if !whole && !tail.is_empty() && tail.chars().all(|c| c.is_alphabetic() || c == '.') {
                self.push(start, start + digits);
                return self.push(start + digits, end);
            }
        } else if word.eq_ignore_ascii_case("cannot") {
            self.push(start, start + 3);
            return self.push(start + 3, end);
        } else if word.len() == 3 && word.eq_ignore_ascii_case("n't") {
            return self.push_as(start, end, Shape::CLITIC);
        }
        self.push(start, end);
    }

    /// Whether each part of a hyphenated word is a name that keeps to itself.
    fn is_pair(&self, word: &str) -> bool {
        let names = &self.rules.pair_names;
        let is_name = |part: &str| part.starts_with(char::is_uppercase) && names.contains(part);
        !names.is_empty() && word.split(is_hyphen).all(is_name)
    }

    fn cut_at_hyphens(&mut self, start: usize, end: usize) {
        let mut from = start;
        let mut at = start;
        while at < end {
            // The sign of "-5" is no hyphen.
            if let Some(len) = self.hyphen(at).filter(|_| at > start) {
                self.push(from, at);
                self.push(at, at + len);
                from = at + len;
                at = from;
            } else {
                at += 1;
            }
        }
        if from < end {
            self.push(from, end);
        }
    }
}

/// A stretch of characters that may be one word.
struct Run {
    start: usize,
    end: usize,
    hyphens: bool,
    letters: bool,
    web: bool,
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// "2016-03-18"
fn is_iso_date(word: &[u8]) -> bool {
    word.len() == 10
        && word.iter().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() }
            },
        )
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
