//! Time expressions: from what a rule caught to the parts that the calendar places.

use std::sync::Arc;

use super::calendar::{Portion, TimeExpression, Unit};
use super::lattice::{Lattice, Target};
use super::matcher::{Captured, Match};
use super::numerals::{digits, spelled};
use crate::event::domain::{Record, Value};
use crate::rules::Ruleset;
use crate::rules::ruleset::TimeRule;

/// Reads an expression; nothing if its parts make no time (month 13).
pub(super) fn expression(
    rules: &Ruleset,
    lattice: &Lattice<'_>,
    names: &[Arc<str>],
    found: &Match,
    rule: &TimeRule,
    set: &Record,
) -> Option<TimeExpression> {
    let name_of = |captured: &Captured| names.get(captured.name as usize).map(|name| &**name);
    // An expression may be built on another one: "late" + "Tuesday", "3:39 pm" + "Friday".
    let base = found.captures.iter().find(|c| name_of(c) == Some("date")).and_then(|c| mentioned(lattice, c));
    let mut out = match base {
        Some(base) => base,
        None => TimeExpression::new(rule.kind, rule.anchor, rule.direction),
    };
    for captured in &found.captures {
        let Some(name) = name_of(captured) else { continue };
        match name {
            "from" => out.from = mentioned(lattice, captured).map(Box::new),
            "to" => out.to = mentioned(lattice, captured).map(Box::new),
            "same" => out.same = mentioned(lattice, captured).map(Box::new),
            "date" => {}
            // A feast: all that its entry says of when it is.
            "holiday" => {
                let Some(Target::Entry(_, id)) = captured.target else { return None };
                let entry = rules.lexicons.entry(id)?;
                for (part, value) in entry.attributes.iter().filter(|(part, _)| is_component(part)) {
                    component(&mut out, part, value)?;
                }
            }
            "number" if is_vague(lattice, captured) => out.vague = true,
            _ => component(&mut out, name, &caught(rules, lattice, name, captured)?)?,
        }
    }
    for (name, value) in set.iter() {
        component(&mut out, name, value)?;
    }
    Some(out)
}

fn mentioned(lattice: &Lattice<'_>, captured: &Captured) -> Option<TimeExpression> {
    match captured.target {
        Some(Target::Mention(_, id)) => lattice.mention(id)?.time.as_deref().cloned(),
        _ => None,
    }
}

/// Whether an attribute of an entry says when something is.
fn is_component(name: &str) -> bool {
    matches!(name, "month" | "day" | "weekday" | "nth" | "easter" | "dates" | "days")
}

/// "several", "a few"
fn is_vague(lattice: &Lattice<'_>, captured: &Captured) -> bool {
    match captured.target {
        Some(Target::Numeral(index)) => lattice.numerals.get(index as usize).is_some_and(|n| n.approximate),
        _ => false,
    }
}

/// What a capture says: the attribute of its name, the entry's `value`, or its words.
fn caught(rules: &Ruleset, lattice: &Lattice<'_>, name: &str, captured: &Captured) -> Option<Value> {
    match captured.target {
        Some(Target::Entry(_, id)) => {
            let entry = rules.lexicons.entry(id)?;
            let own = entry.attributes.get(name).or_else(|| entry.attributes.get("value"));
            Some(own.cloned().unwrap_or_else(|| Value::Text(entry.canonical.clone())))
        }
        Some(Target::Numeral(index)) => Some(Value::Float(lattice.numerals.get(index as usize)?.min)),
        Some(Target::Mention(_, id)) => lattice.mention(id)?.record.get("min").cloned(),
        None => {
            let text = lattice.caught(captured);
            let spelled = spelled(rules, text).filter(|_| name == "number").map(Value::Float);
            Some(spelled.unwrap_or_else(|| Value::Text(text.into())))
        }
    }
}

/// Sets a part; nothing if the value cannot be one.
fn component(out: &mut TimeExpression, name: &str, value: &Value) -> Option<()> {
    let text = || match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let number = || match value {
        Value::Integer(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        // "1990s", "20th": the digits count.
        Value::Text(text) => {
            digits(text).or_else(|| digits(text.trim_end_matches(|c: char| c.is_alphabetic()).trim_start_matches('\'')))
        }
        _ => None,
    };
    let within = |low: i32, high: i32| -> Option<i32> {
        let n = number()?.round() as i32;
        (low..=high).contains(&n).then_some(n)
    };
    match name {
        "year" => out.year = Some(within(1, 9999)?),
        "month" => out.month = Some(within(1, 12)?),
        "day" => out.day = Some(within(1, 31)?),
        "weekday" => out.weekday = Some(within(1, 7)?),
        "hour" => out.hour = Some(within(0, 24)?),
        "minute" => out.minute = Some(within(0, 59)?),
        "second" => {}
        "meridiem" => out.meridiem = Some(text()?.to_lowercase().replace('.', "").into()),
        "zone" => out.zone = Some(text()?),
        "phase" => out.phase = Some(text()?),
        "season" => out.season = Some(text()?),
        "quarter" => out.quarter = Some(within(1, 4)?),
        "era" => out.before_christ = text()?.to_lowercase().replace('.', "").starts_with("bc"),
        "fiscal" => out.fiscal = Some(within(1, 12)?),
        "nth" => out.nth = Some(within(-60, 60)?),
        "easter" => out.easter = Some(within(-100, 100)?),
        "dates" => out.dates = Some(text()?),
        "days" => out.days = Some(within(1, 366)?),
        "reference" => out.stands_for = Some(text()?),
        "decade" => out.decade = Some(within(0, 2990)?),
        "century" => out.century = Some(within(1, 30)?),
        "number" => out.number = Some(number()?),
        "unit" => out.unit = Some(Unit::named(&text()?)?),
        "offset" => out.offset = Some(within(-1000, 1000)?),
        "sign" => out.sign = Some(within(-1, 1)?),
        "part" | "modifier" => {
            out.part = Some(match &*text()? {
                "start" | "early" => Portion::Early,
                "mid" => Portion::Mid,
                "end" | "late" => Portion::Late,
                "earlier" => Portion::Earlier,
                "later" => Portion::Later,
                _ => return None,
            });
        }
        "clock" => {
            let text = text()?;
            // "3:39", "3.39", "0339"
            let (hour, minute) =
                text.split_once([':', '.']).or_else(|| text.split_at_checked(text.len().checked_sub(2)?))?;
            out.hour = Some(hour.parse().ok().filter(|h| *h <= 24)?);
            out.minute = Some(minute.parse().ok().filter(|m| *m < 60)?);
        }
        _ => return None,
    }
    Some(())
}
