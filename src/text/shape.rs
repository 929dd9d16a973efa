//! What a token looks like, decided once when it is cut.

/// The look of a token, as a set of flags.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Shape(u16);

impl Shape {
    /// No flag.
    pub const NONE: Shape = Shape(0);
    /// The first letter is a capital.
    pub const CAP: Shape = Shape(1);
    /// Two letters or more, all of them capitals.
    pub const UPPER: Shape = Shape(1 << 1);
    /// Has a letter.
    pub const LETTER: Shape = Shape(1 << 2);
    /// Has a digit.
    pub const DIGIT: Shape = Shape(1 << 3);
    /// Is a number in digits: `5`, `1,200`, `5.7`, `-5`; not `3:39`, not `2016-03-18`, not `20th`.
    pub const NUMBER: Shape = Shape(1 << 4);
    /// Neither letter nor digit.
    pub const PUNCT: Shape = Shape(1 << 5);
    /// Parts joined by hyphens: `test-fire`.
    pub const HYPHEN: Shape = Shape(1 << 6);
    /// A word that ends with a full stop of its own: `U.S.`, `Gen.`
    pub const DOTTED: Shape = Shape(1 << 7);
    /// Cut off the word before it: `'s`, `n't`.
    pub const CLITIC: Shape = Shape(1 << 8);
    /// An address of the net: URL, e-mail, handle or tag.
    pub const WEB: Shape = Shape(1 << 9);
    /// The first word of its sentence (quotes and brackets before it do not count).
    pub const START: Shape = Shape(1 << 10);

    /// Whether all flags of `other` are set.
    pub fn has(self, other: Shape) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether a flag of `other` is set.
    pub fn has_any(self, other: Shape) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn insert(&mut self, other: Shape) {
        self.0 |= other.0;
    }

    /// The look of a word by itself; `CLITIC`, `WEB` and `START` depend on more.
    pub(super) fn of(word: &str) -> Self {
        let mut shape = Self::NONE;
        let mut letters = 0u32;
        let mut lower = false;
        let mut numeric = true;
        for (index, c) in word.char_indices() {
            if c.is_ascii_digit() {
                shape.insert(Self::DIGIT);
                continue;
            }
            let (alphabetic, upper) = if c.is_ascii() {
                (c.is_ascii_alphabetic(), c.is_ascii_uppercase())
            } else {
                (c.is_alphabetic(), c.is_uppercase())
            };
            if alphabetic {
                if upper && letters == 0 {
                    shape.insert(Self::CAP);
                }
                letters += 1;
                lower |= !upper;
                numeric = false;
            } else if matches!(c, '-' | '\u{2010}' | '\u{2011}') {
                if index > 0 {
                    shape.insert(Self::HYPHEN);
                    numeric = false;
                }
            } else if !matches!(c, ',' | '.') {
                if c.is_numeric() {
                    shape.insert(Self::DIGIT);
                }
                numeric = false;
            }
        }
        if letters > 0 {
            shape.insert(Self::LETTER);
            if letters > 1 && !lower {
                shape.insert(Self::UPPER);
            }
        }
        if !shape.has_any(Shape(Self::LETTER.0 | Self::DIGIT.0)) {
            // "--" has hyphens but joins nothing.
            return Self::PUNCT;
        }
        if numeric {
            shape.insert(Self::NUMBER);
        }
        if word.ends_with('.') {
            shape.insert(Self::DOTTED);
        }
        shape
    }
}

impl std::ops::BitOr for Shape {
    type Output = Shape;

    fn bitor(self, other: Shape) -> Shape {
        Shape(self.0 | other.0)
    }
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = [
            ("CAP", Self::CAP),
            ("UPPER", Self::UPPER),
            ("LETTER", Self::LETTER),
            ("DIGIT", Self::DIGIT),
            ("NUMBER", Self::NUMBER),
            ("PUNCT", Self::PUNCT),
            ("HYPHEN", Self::HYPHEN),
            ("DOTTED", Self::DOTTED),
            ("CLITIC", Self::CLITIC),
            ("WEB", Self::WEB),
            ("START", Self::START),
        ];
        let set: Vec<&str> = names.iter().filter(|(_, flag)| self.has(*flag)).map(|(name, _)| *name).collect();
        write!(f, "Shape({})", set.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_tell_words_numbers_and_marks_apart() {
        for (word, expected) in [
            ("Iraq", Shape::CAP | Shape::LETTER),
            ("NATO", Shape::CAP | Shape::UPPER | Shape::LETTER),
            ("Émile", Shape::CAP | Shape::LETTER),
            ("I", Shape::CAP | Shape::LETTER),
            ("U.S.", Shape::CAP | Shape::UPPER | Shape::LETTER | Shape::DOTTED),
            ("1,200.5", Shape::DIGIT | Shape::NUMBER),
            ("-5", Shape::DIGIT | Shape::NUMBER),
            ("3:39", Shape::DIGIT),
            ("2016-03-18", Shape::DIGIT | Shape::HYPHEN),
            ("20th", Shape::DIGIT | Shape::LETTER),
            ("test-fire", Shape::LETTER | Shape::HYPHEN),
            ("--", Shape::PUNCT),
            ("-", Shape::PUNCT),
            ("...", Shape::PUNCT),
        ] {
            assert_eq!(Shape::of(word), expected, "{word}");
        }
    }
}
