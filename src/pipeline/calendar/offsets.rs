//! Times so many units away from another one: "last week", "two years ago", "three days after March 5".

use jiff::civil::Date;

use super::dates::on_day;
use super::periods::{around, portion};
use super::{Anchor, Granularity, Portion, Reference, Resolved, Tense, TimeExpression, Unit, View, resolve};

/// Places an offset.
pub(super) fn offset(e: &TimeExpression, view: View, reference: &Reference<'_>) -> Resolved {
    let unit = e.unit.unwrap_or(Unit::Day);
    let away = e.sign.or(e.offset).unwrap_or(0);
    let anchor = match e.from.as_deref() {
        Some(from) => {
            let from = resolve(from, reference);
            if away > 0 { from.end } else { from.start }
        }
        None => view.anchor,
    };
    if e.vague && unit > Unit::Hour {
        let known = if away > 0 { "FUTURE_REF" } else { "PAST_REF" };
        return Resolved::open(known.into(), Granularity::Range);
    }
    let granularity = if unit == Unit::Year { Granularity::Year } else { Granularity::Day };
    let open = || Resolved::open("XXXX-XX-XX".into(), granularity);
    let Some(anchor) = anchor else { return open() };
    let found = match e.offset {
        Some(offset) => whole(e, unit, offset, anchor, view.tense),
        None => distance(e, unit, anchor, view.tense),
    };
    found.unwrap_or_else(open)
}

/// Whole calendar units: "last week", "this month", "yesterday".
fn whole(e: &TimeExpression, unit: Unit, offset: i32, anchor: Date, tense: Tense) -> Option<Resolved> {
    let moved = anchor.checked_add(unit.span(f64::from(offset))?).ok()?;
    let resolved = around(unit, moved, e)?;
    // What happened this year happened up to now; what will happen this year is still to come.
    let rest = match tense {
        Tense::Past => Some(Portion::Earlier),
        Tense::Future => Some(Portion::Later),
        Tense::Open => None,
    };
    let current = offset == 0 && e.from.is_none() && e.anchor == Anchor::Document && unit != Unit::Weekend;
    Some(portion(resolved, e.part.or(rest.filter(|_| current)), Some(anchor)))
}

/// A distance: "two weeks ago" is a day, "two years ago" a year, "a year ago" a month.
fn distance(e: &TimeExpression, unit: Unit, anchor: Date, tense: Tense) -> Option<Resolved> {
    let sign = match (e.sign, tense) {
        (Some(sign), _) => sign,
        // "in three days" is a date only where the verb looks ahead.
        (None, Tense::Future) => 1,
        (None, _) => return Some(Resolved::open(unit.duration(e.count()), Granularity::Range)),
    };
    let count = e.count().unwrap_or(0.0);
    let moved = anchor.checked_add(unit.span(count * f64::from(sign))?).ok()?;
    let exact = match unit {
        _ if e.from.is_some() => Unit::Day,
        Unit::Year if count == 1.0 => Unit::Month,
        Unit::Decade if count == 1.0 => Unit::Year,
        _ if count.fract() != 0.0 && unit >= Unit::Month => Unit::Month,
        Unit::Quarter | Unit::Half => Unit::Month,
        Unit::Decade | Unit::Century => Unit::Year,
        Unit::Month | Unit::Year => unit,
        _ => return Some(on_day(moved, e)),
    };
    Some(portion(around(exact, moved, e)?, e.part, Some(anchor)))
}
