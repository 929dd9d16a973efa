//! Counts, measures and amounts of money: from what a rule caught to a record in SI units or a currency.

use std::sync::Arc;

use super::lattice::{Lattice, Numeral, Target};
use super::matcher::Match;
use super::numerals::{digits, number};
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;

/// The record of a quantity; nothing if its unit is of another dimension, or there is no number.
pub(super) fn record(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    names: &[Arc<str>],
    found: &Match,
    set: &Record,
    message: &str,
    dimension: Option<&str>,
) -> Option<Record> {
    let capture =
        |name: &str| found.captures.iter().find(|c| names.get(c.name as usize).is_some_and(|own| **own == *name));
    let numeral = |name: &str| -> Option<Numeral> {
        let captured = capture(name)?;
        match captured.target {
            Some(Target::Numeral(index)) => lattice.numerals.get(index as usize).copied(),
            Some(Target::Mention(_, id)) => {
                let record = &lattice.mention(id)?.record;
                let approximate = record.get("approximate") == Some(&Value::Bool(true));
                Some(Numeral { min: number(record, "min")?, max: number(record, "max"), approximate })
            }
            Some(Target::Entry(_, id)) => {
                let value = number(&rules.lexicons.entry(id)?.attributes, "value")?;
                Some(Numeral { min: value, max: Some(value), approximate: false })
            }
            None => {
                let value = digits(lattice.caught(captured))?;
                Some(Numeral { min: value, max: Some(value), approximate: false })
            }
        }
    };
    let word = |name: &str| -> Option<Arc<str>> {
        if let Some(Target::Entry(_, id)) = capture(name).and_then(|captured| captured.target) {
            return Some(rules.lexicons.entry(id)?.canonical.clone());
        }
        match set.get(name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    };
    let fixed =
        |name: &str| number(set, name).map(|value| Numeral { min: value, max: Some(value), approximate: false });
    let value = numeral("value").or_else(|| fixed("value"));
    let (mut min, mut max, mut approximate) = match (value, numeral("min"), numeral("max")) {
        (Some(value), _, _) => (Some(value.min), value.max, value.approximate),
        (None, None, None) => return None,
        (None, low, high) => {
            // "1 to 1.5 million": the multiplier of the end is that of the beginning.
            let low = low.map(|low| match high {
                Some(high) if high.min >= 1000.0 * low.min && low.min < 1000.0 && high.min % 1000.0 == 0.0 => {
                    let scale = [1e9, 1e6, 1e3].into_iter().find(|s| high.min >= *s).unwrap_or(1.0);
                    Numeral { min: low.min * scale, ..low }
                }
                _ => low,
            });
            (low.map(|n| n.min), high.and_then(|n| n.max), false)
        }
    };
    match word("bound").as_deref() {
        Some("min" | "over") => max = None,
        Some("max" | "under") => {
            max = max.or(min);
            min = None;
        }
        Some("approx") => approximate = true,
        _ => {}
    }
    approximate |= set.get("approximate") == Some(&Value::Bool(true));
    let text = Value::Text(lattice.text(found.range).into());
    let mut record = Record::new();
    let bounds = [("min", min), ("max", max)].into_iter().filter_map(|(bound, n)| Some((bound, n?)));
    if message.ends_with(".Quantity") {
        let unit = match capture("unit").and_then(|captured| captured.target) {
            Some(Target::Entry(_, id)) => rules.lexicons.entry(id)?,
            _ => return None,
        };
        if let Some(dimension) = dimension
            && unit.attributes.text("dimension") != Some(dimension)
        {
            return None;
        }
        let factor = number(&unit.attributes, "factor").unwrap_or(1.0);
        let scaled = |n: f64| Value::Float(rounded(n * factor));
        for (bound, n) in bounds {
            record.set(bound, scaled(n));
        }
        record.set("unit", Value::Text(unit.attributes.text("si").unwrap_or(&unit.canonical).into()));
    } else if message.ends_with(".Money") {
        let currency = match capture("currency").and_then(|captured| captured.target) {
            Some(Target::Entry(_, id)) => {
                let entry = rules.lexicons.entry(id)?;
                entry.attributes.text("code").map_or_else(|| entry.canonical.clone(), Arc::from)
            }
            _ => word("currency")?,
        };
        record.set("amount", Value::Float(rounded(min.or(max)?)));
        record.set("currency", Value::Text(currency));
    } else {
        for (bound, n) in bounds {
            record.set(bound, Value::Integer(n.round() as i64));
        }
    }
    if approximate {
        record.set("approximate", Value::Bool(true));
    }
    record.set("text", text);
    Some(record)
}

/// A count without words around it.
pub(super) fn count(numeral: &Numeral, text: &str) -> Record {
    let mut record = Record::new();
    record.set("min", Value::Integer(numeral.min.round() as i64));
    if let Some(max) = numeral.max {
        record.set("max", Value::Integer(max.round() as i64));
    }
    if numeral.approximate {
        record.set("approximate", Value::Bool(true));
    }
    record.set("text", Value::Text(text.into()));
    record
}

/// Without the noise of binary fractions: twelve digits are more than any article gives.
fn rounded(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}
