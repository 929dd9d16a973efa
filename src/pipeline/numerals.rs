//! Number expressions: "16", "1,200", "two hundred", "1.5 million", "several dozen".

use super::lattice::{Lattice, Numeral, Target};
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;
use crate::rules::program::class;

/// A word of a number expression.
enum Word {
    Value(f64),
    Multiplier(f64),
    Vague { min: f64, max: Option<f64> },
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

/// Reads one expression from `start`. Words add up ("two hundred fifty"), multipliers multiply what stands before
/// them ("five thousand two hundred"); "and" may stand between a multiplier and a word.
fn read(rules: &Ruleset, lattice: &Lattice<'_>, start: usize, limit: usize) -> Option<(Numeral, usize)> {
    let mut total = 0.0;
    let mut part: Option<f64> = None;
    let mut vague: Option<(f64, Option<f64>)> = None;
    let mut any = false;
    let mut at = start;
    while at < limit {
        let Some((word, end)) = word_at(rules, lattice, at) else { break };
        match word {
            Word::Value(value) => {
                if vague.is_some() {
                    break;
                }
                match part {
                    None => part = Some(value),
                    // "twenty five": only smaller words add up; two numerals side by side are two numbers.
                    Some(before) if value < 10.0 && before >= 20.0 && before % 10.0 == 0.0 && at > start => {
                        if lattice.class(at) & class::NUMBER != 0 {
                            break;
                        }
                        part = Some(before + value);
                    }
                    Some(before) if before >= 100.0 && value < 100.0 && before % 100.0 == 0.0 => {
                        if lattice.class(at) & class::NUMBER != 0 {
                            break;
                        }
                        part = Some(before + value);
                    }
                    Some(_) => break,
                }
            }
            Word::Multiplier(factor) => {
                if let Some((min, max)) = vague {
                    vague = Some((min * factor, max.map(|max| max * factor)));
                } else {
                    let value = part.unwrap_or(1.0) * factor;
                    if factor >= 1000.0 {
                        total += value;
                        part = None;
                    } else {
                        part = Some(value);
                    }
                }
            }
            Word::Vague { min, max } => {
                if any && vague.is_none() {
                    break;
                }
                let (low, high) = vague.unwrap_or((1.0, Some(1.0)));
                vague = Some((low * min, high.zip(max).map(|(a, b)| a * b)));
            }
        }
        any = true;
        at = end;
    }
    if !any {
        return None;
    }
    let numeral = match vague {
        Some((min, max)) => Numeral { min, max, approximate: true },
        None => {
            let value = total + part.unwrap_or(0.0);
            Numeral { min: value, max: Some(value), approximate: false }
        }
    };
    Some((numeral, at))
}

fn word_at(rules: &Ruleset, lattice: &Lattice<'_>, token: usize) -> Option<(Word, usize)> {
    if lattice.class(token) & class::NUMBER != 0 {
        return Some((Word::Value(digits(lattice.doc.word(token))?), token + 1));
    }
    let lexicon = rules.number_words?;
    lattice.edges(token).find_map(|edge| {
        let Target::Entry(id, entry) = edge.target else { return None };
        if id != lexicon {
            return None;
        }
        let attributes = &rules.lexicons.entry(entry)?.attributes;
        let word = match (number(attributes, "value"), number(attributes, "multiplier"), number(attributes, "min")) {
            (Some(value), _, _) => Word::Value(value),
            (None, Some(factor), _) => Word::Multiplier(factor),
            (None, None, Some(min)) => Word::Vague { min, max: number(attributes, "max") },
            _ => return None,
        };
        Some((word, edge.end as usize))
    })
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
