//! Number expressions: "16", "1,200", "two hundred", "1.5 million", "several dozen".

use super::lattice::{Lattice, Numeral, Target};
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;
use crate::rules::lexicon::EntryId;
use crate::rules::program::class;

/// A word of a number expression.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Word {
    Value(f64),
    /// What is added to the number before it: "and a half".
    Fraction(f64),
    Multiplier(f64),
    /// Stands between a multiplier and a word: "two hundred and fifty".
    Joiner,
    Vague {
        min: f64,
        max: Option<f64>,
    },
}

/// Finds the longest number expressions and lays an edge over each.
pub(super) fn find(rules: &Ruleset, lattice: &mut Lattice<'_>) {
    for sentence in lattice.doc.sentences() {
        let mut token = sentence.tokens.start as usize;
        while token < sentence.tokens.end as usize {
            match read(rules, lattice, token, sentence.tokens.end as usize) {
                Some((numeral, end)) => {
                    let index = lattice.numerals.len() as u32;
                    lattice.numerals.push(numeral);
                    lattice.add_edge(token, end, Target::Numeral(index));
                    token = end;
                }
                None => token += 1,
            }
        }
    }
}

/// What was read of an expression so far.
#[derive(Debug, Default)]
struct Reading {
    /// The thousands, millions and so on.
    total: f64,
    /// What no multiplier of a thousand or more has taken yet.
    part: Option<f64>,
    vague: Option<(f64, Option<f64>)>,
    /// The last word was a multiplier: smaller numbers may follow.
    multiplied: Option<f64>,
    any: bool,
}

impl Reading {
    /// Takes a word in; false if it does not belong to the expression.
    fn take(&mut self, word: Word, digits: bool) -> bool {
        match word {
            Word::Value(value) => {
                let fits = match self.part {
                    _ if self.vague.is_some() => false,
                    // "five thousand two hundred"; two numerals side by side are two numbers.
                    None => !self.any || (!digits && self.multiplied.is_some_and(|factor| value < factor)),
                    Some(before) if before >= 100.0 && before % 100.0 == 0.0 => !digits && value < 100.0,
                    Some(before) => !digits && before >= 20.0 && before % 10.0 == 0.0 && value < 10.0,
                };
                if !fits {
                    return false;
                }
                self.part = Some(self.part.unwrap_or(0.0) + value);
                self.multiplied = None;
            }
            Word::Fraction(value) => {
                let Some(before) = self.part.filter(|_| self.vague.is_none()) else { return false };
                self.part = Some(before + value);
            }
            Word::Multiplier(factor) => {
                if let Some((min, max)) = self.vague {
                    self.vague = Some((min * factor, max.map(|max| max * factor)));
                } else if self.part.is_none() && self.any {
                    self.total *= factor;
                } else if factor >= 1000.0 {
                    self.total += self.part.take().unwrap_or(1.0) * factor;
                } else {
                    self.part = Some(self.part.unwrap_or(1.0) * factor);
                }
                self.multiplied = Some(factor);
            }
            Word::Joiner => return self.multiplied.is_some_and(|factor| factor >= 100.0) && self.vague.is_none(),
            Word::Vague { min, max } => {
                if self.any && self.vague.is_none() {
                    return false;
                }
                let (low, high) = self.vague.unwrap_or((1.0, Some(1.0)));
                self.vague = Some((low * min, high.zip(max).map(|(a, b)| a * b)));
            }
        }
        self.any = true;
        true
    }

    fn numeral(&self) -> Numeral {
        match self.vague {
            Some((min, max)) => Numeral { min, max, approximate: true },
            None => {
                let value = self.total + self.part.unwrap_or(0.0);
                Numeral { min: value, max: Some(value), approximate: false }
            }
        }
    }
}

/// Reads one expression from `start`. Words add up ("two hundred fifty"), multipliers multiply what stands before
/// them ("five thousand two hundred").
fn read(rules: &Ruleset, lattice: &Lattice<'_>, start: usize, limit: usize) -> Option<(Numeral, usize)> {
    let mut reading = Reading::default();
    let mut at = start;
    while at < limit {
        let Some((word, end)) = word_at(rules, lattice, at) else { break };
        if word == Word::Joiner {
            // It belongs to the number only where a small number in words follows.
            let next = word_at(rules, lattice, end).filter(|_| end < limit && !is_digits(lattice, end));
            let small = matches!(next, Some((Word::Value(value), _)) if value < 100.0);
            if !small || !reading.take(word, false) {
                break;
            }
        } else if !reading.take(word, is_digits(lattice, at)) {
            break;
        }
        at = end;
    }
    reading.any.then(|| (reading.numeral(), at))
}

fn is_digits(lattice: &Lattice<'_>, token: usize) -> bool {
    lattice.class(token) & class::NUMBER != 0
}

fn word_at(rules: &Ruleset, lattice: &Lattice<'_>, token: usize) -> Option<(Word, usize)> {
    if is_digits(lattice, token) {
        return Some((Word::Value(digits(lattice.doc.word(token))?), token + 1));
    }
    let lexicon = rules.number_words?;
    let entry = lattice.edges(token).find_map(|edge| match edge.target {
        Target::Entry(id, entry) if id == lexicon => Some((word_of(rules, entry)?, edge.end as usize)),
        _ => None,
    });
    entry.or_else(|| {
        // "twenty-five": one token, two words.
        let word = Some(lattice.doc.word(token)).filter(|word| word.contains('-'))?;
        Some((Word::Value(spelled(rules, word)?), token + 1))
    })
}

fn word_of(rules: &Ruleset, entry: EntryId) -> Option<Word> {
    let attributes = &rules.lexicons.entry(entry)?.attributes;
    let given = |name: &str| number(attributes, name);
    if let Some(value) = given("value") {
        return Some(Word::Value(value));
    }
    if let Some(value) = given("add") {
        return Some(if value == 0.0 { Word::Joiner } else { Word::Fraction(value) });
    }
    if let Some(factor) = given("multiplier") {
        return Some(Word::Multiplier(factor));
    }
    Some(Word::Vague { min: given("min")?, max: given("max") })
}

/// The number that words joined by hyphens spell, in digits or letters.
pub(super) fn spelled(rules: &Ruleset, text: &str) -> Option<f64> {
    let lexicon = rules.number_words?;
    if let Some(value) = digits(text) {
        return Some(value);
    }
    let mut sum = Reading::default();
    for part in text.split('-') {
        let mut hits = Vec::new();
        let word = std::iter::once(rules.vocabulary.id(part));
        rules.lexicons.scan(word, &|_, writing| writing.fits(|| part.chars()), &mut hits);
        let entry = hits.iter().find(|hit| hit.lexicon == lexicon)?.entry;
        match word_of(rules, entry)? {
            word @ (Word::Value(_) | Word::Multiplier(_)) if sum.take(word, false) => {}
            _ => return None,
        }
    }
    Some(sum.numeral().min)
}

/// The number in a record's field, of whatever kind.
pub(super) fn number(record: &Record, field: &str) -> Option<f64> {
    match record.get(field)? {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// Digits with separators: "1,200", "1.5", "10,00,000" (Indian grouping).
pub(super) fn digits(word: &str) -> Option<f64> {
    let plain: String = word.chars().filter(|c| *c != ',').collect();
    let value: f64 = plain.parse().ok()?;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(words: &[Word]) -> Option<f64> {
        let mut reading = Reading::default();
        words.iter().all(|word| reading.take(*word, false)).then(|| reading.numeral().min)
    }

    #[test]
    fn words_add_up_and_multipliers_multiply() {
        use Word::{Fraction, Joiner, Multiplier, Value};
        assert_eq!(sum(&[Value(2.0), Multiplier(100.0), Joiner, Value(50.0)]), Some(250.0));
        assert_eq!(sum(&[Value(2.0), Fraction(0.5), Multiplier(1e6)]), Some(2_500_000.0));
        assert_eq!(sum(&[Value(5.0), Multiplier(1000.0), Value(2.0), Multiplier(100.0)]), Some(5200.0));
        assert_eq!(sum(&[Value(3.0), Multiplier(100.0), Multiplier(1000.0)]), Some(300_000.0));
        assert_eq!(sum(&[Value(20.0), Value(5.0)]), Some(25.0));
    }

    #[test]
    fn numbers_side_by_side_are_two() {
        use Word::{Fraction, Multiplier, Value};
        assert_eq!(sum(&[Value(2.0), Value(3.0)]), None);
        assert_eq!(sum(&[Value(15.0), Value(4.0)]), None);
        assert_eq!(sum(&[Fraction(0.5)]), None);
        let mut reading = Reading::default();
        assert!(reading.take(Value(100.0), true) && !reading.take(Value(20.0), true));
        assert!(!reading.take(Multiplier(1000.0), true) || reading.numeral().min == 100_000.0);
    }
}
