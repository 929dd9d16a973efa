//! Whole units of the calendar, and the parts of longer times.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::dates::on_day;
use super::{
    Anchor, Granularity, Portion, Reference, Resolved, TimeExpression, Unit, days_between, plus_days, resolve, year_of,
    ymd,
};

/// First and last day of so many months.
pub(super) fn months(first: Date, count: i32) -> Option<(Date, Date)> {
    let behind = first.checked_add(Span::new().try_months(count).ok()?).ok()?;
    Some((first, behind.yesterday().ok()?))
}

/// First day of a season: the meteorological seasons of the northern hemisphere, whole months.
pub(super) fn first_of_season(season: &str, year: i32) -> Option<Date> {
    let month = match season {
        "SP" => 3,
        "SU" => 6,
        "FA" => 9,
        _ => 12,
    };
    ymd(year, month, 1)
}

fn monday_of(date: Date) -> Option<Date> {
    plus_days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}

/// The unit of the calendar that a day is in.
pub(super) fn around(unit: Unit, day: Date, e: &TimeExpression) -> Option<Resolved> {
    let year = year_of(day);
    let of_years = |first: i32, count: i32| Some((ymd(first, 1, 1)?, ymd(first + count - 1, 12, 31)?));
    let (timex, (start, end), granularity) = match unit {
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => return Some(on_day(day, e)),
        Unit::Week | Unit::Fortnight => {
            let monday = monday_of(day)?;
            let iso = monday.iso_week_date();
            let timex = format!("{}-W{:02}", iso.year(), iso.week());
            (timex, (monday, monday.checked_add(6.days()).ok()?), Granularity::Week)
        }
        Unit::Weekend => {
            let monday = monday_of(day)?;
            let iso = monday.iso_week_date();
            let saturday = monday.checked_add(5.days()).ok()?;
            let timex = format!("{}-W{:02}-WE", iso.year(), iso.week());
            (timex, (saturday, saturday.tomorrow().ok()?), Granularity::Week)
        }
        Unit::Month => {
            let timex = format!("{year:04}-{:02}", day.month());
            (timex, (day.first_of_month(), day.last_of_month()), Granularity::Month)
        }
        Unit::Quarter => {
            let quarter = (i32::from(day.month()) - 1) / 3 + 1;
            (format!("{year:04}-Q{quarter}"), months(ymd(year, quarter * 3 - 2, 1)?, 3)?, Granularity::Quarter)
        }
        Unit::Half => {
            let half = (i32::from(day.month()) - 1) / 6 + 1;
            (format!("{year:04}-H{half}"), months(ymd(year, half * 6 - 5, 1)?, 6)?, Granularity::Range)
        }
        Unit::Year => (format!("{year:04}"), of_years(year, 1)?, Granularity::Year),
        Unit::Decade => (format!("{:03}", year / 10), of_years(year / 10 * 10, 10)?, Granularity::Decade),
        Unit::Century => {
            let first = (year / 100 * 100).max(1);
            (format!("{:02}", year / 100), of_years(first, 100)?, Granularity::Century)
        }
    };
    Some(Resolved::days(timex, start, end, granularity))
}

/// A part of another time: "late last week", "the first two weeks of May", "Tuesday of next week".
pub(super) fn part(e: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let Some(whole) = e.from.as_deref() else { return Resolved::open("XXXX-XX-XX".into(), Granularity::Day) };
    let mut out = resolve(whole, reference);
    let (Some(start), Some(end)) = (out.start, out.end) else { return out };
    let now = match whole.anchor {
        Anchor::Document => reference.document,
        Anchor::Reference | Anchor::Clause => reference.spoken.or(reference.document),
    };
    if let Some(weekday) = e.weekday {
        let nth = i64::from(e.nth.unwrap_or(1));
        let away = |from: Date| i64::from(weekday) - 1 - i64::from(from.weekday().to_monday_zero_offset());
        let found = if nth > 0 {
            plus_days(start, away(start).rem_euclid(7) + 7 * (nth - 1))
        } else {
            plus_days(end, 7 * (nth + 1) - (-away(end)).rem_euclid(7))
        };
        return match found.filter(|day| start <= *day && *day <= end) {
            Some(day) => on_day(day, e),
            None => out,
        };
    }
    if let (Some(nth), Some(unit)) = (e.nth, e.unit) {
        return match e.count() {
            Some(count) => slice(&out, start, end, nth, unit, count, e).unwrap_or(out),
            None => portion(out, Some(if nth < 0 { Portion::Late } else { Portion::Early }), now),
        };
    }
    if start == end && out.clock.is_none() {
        // A part of a day is that day; its phase goes into the value.
        if e.phase.is_some() {
            out.timex = on_day(start, e).timex;
        }
        return out;
    }
    portion(out, e.part, now)
}

/// The nth stretch of so many units in a period; below 0 from the period's end.
fn slice(
    whole: &Resolved,
    start: Date,
    end: Date,
    nth: i32,
    unit: Unit,
    count: f64,
    e: &TimeExpression,
) -> Option<Resolved> {
    if unit == Unit::Half && whole.granularity != Granularity::Year {
        let middle = plus_days(start, (days_between(start, end) + 1) / 2)?;
        let (start, end) = if nth == 1 { (start, middle.yesterday().ok()?) } else { (middle, end) };
        return Some(Resolved::days(format!("{start}/{end}"), start, end, Granularity::Range));
    }
    let stretch = |times: i32| unit.span(count * f64::from(times));
    let (first, behind) = if nth > 0 {
        (start.checked_add(stretch(nth - 1)?).ok()?, start.checked_add(stretch(nth)?).ok()?)
    } else {
        let behind = end.tomorrow().ok()?;
        (behind.checked_sub(stretch(-nth)?).ok()?, behind.checked_sub(stretch(-nth - 1)?).ok()?)
    };
    let last = behind.yesterday().ok()?.min(end);
    if first < start || first > last {
        return None;
    }
    // One whole unit of the calendar has a value of its own.
    let own = around(unit, first, e).filter(|own| own.start == Some(first) && own.end == Some(last));
    Some(own.unwrap_or_else(|| Resolved::days(format!("{first}/{last}"), first, last, Granularity::Range)))
}

/// Cuts a period down to its part.
pub(super) fn portion(mut resolved: Resolved, part: Option<Portion>, anchor: Option<Date>) -> Resolved {
    let (Some(part), Some(start), Some(end)) = (part, resolved.start, resolved.end) else { return resolved };
    let days = days_between(start, end) + 1;
    let third = (days + 2) / 3;
    let at = |n: i64| plus_days(start, n);
    let inside = anchor.filter(|a| start <= *a && *a <= end);
    match part {
        Portion::Early => resolved.end = at(third - 1).or(resolved.end),
        Portion::Mid => {
            resolved.start = at(third).or(resolved.start);
            resolved.end = at(days - third - 1).or(resolved.end);
        }
        Portion::Late => resolved.start = at(days - third).or(resolved.start),
        Portion::Earlier => resolved.end = inside.or(resolved.end),
        Portion::Later => resolved.start = inside.or(resolved.start),
    }
    if resolved.start > resolved.end {
        (resolved.start, resolved.end) = (Some(start), Some(end));
    }
    resolved
}
