//! Dates by their parts: years, months, days, weekdays, and days that move through the years.

use jiff::civil::{Date, Weekday};

use super::periods::{self, portion};
use super::{Granularity, Resolved, Tense, TimeExpression, Unit, View, days_between, plus_days, year_of, ymd};

/// Years on both sides of the anchor that are looked at: weekdays come round to the same dates within them.
const REACH: i32 = 28;

/// Places an expression by whatever parts it has.
pub(super) fn date(e: &TimeExpression, view: View) -> Resolved {
    if e.before_christ {
        return Resolved::open(format!("BC{:04}", e.year.unwrap_or(0)), Granularity::Year);
    }
    let year = e.year.map(full_year).or_else(|| {
        // "May last year"
        let offset = e.offset.filter(|_| e.unit == Some(Unit::Year))?;
        Some(year_of(view.anchor?) + offset)
    });
    if let Some(century) = e.century {
        let first = (century - 1) * 100;
        return years(format!("{:02}", century - 1), first.max(1), first + 99, Granularity::Century, e, view.anchor);
    }
    if let Some(decade) = e.decade {
        let first = first_of_decade(decade, view.anchor);
        return years(format!("{:03}", first / 10), first, first + 9, Granularity::Decade, e, view.anchor);
    }
    if let (Some(month), Some(year)) = (e.fiscal, year) {
        let first = if month == 1 { ymd(year, 1, 1) } else { ymd(year - 1, month, 1) };
        return period(format!("FY{year:04}"), first, 12, Granularity::Year, e, view.anchor);
    }
    if let Some(season) = e.season.as_deref() {
        let found = year.or_else(|| {
            pick(e, view, |year| periods::months(periods::first_of_season(season, year)?, 3))
                .map(|(start, _)| year_of(start))
        });
        let first = found.and_then(|year| periods::first_of_season(season, year));
        let named = found.map_or_else(|| "XXXX".to_owned(), |year| format!("{year:04}"));
        return period(format!("{named}-{season}"), first, 3, Granularity::Season, e, view.anchor);
    }
    if let Some(quarter) = e.quarter {
        let first = |year| ymd(year, quarter * 3 - 2, 1);
        let found =
            year.or_else(|| pick(e, view, |year| periods::months(first(year)?, 3)).map(|(start, _)| year_of(start)));
        let named = found.map_or_else(|| "XXXX".to_owned(), |year| format!("{year:04}"));
        return period(format!("{named}-Q{quarter}"), found.and_then(first), 3, Granularity::Quarter, e, view.anchor);
    }
    let moves = e.dates.is_some() || e.easter.is_some() || (e.nth.is_some() && e.month.is_some());
    match (e.month, e.day) {
        _ if moves => day_of_year(e, year, view),
        (Some(_), Some(_)) => day_of_year(e, year, view),
        (Some(month), None) => {
            let first = |year| ymd(year, month, 1);
            let found = year
                .or_else(|| pick(e, view, |year| periods::months(first(year)?, 1)).map(|(start, _)| year_of(start)));
            let named = found.map_or_else(|| "XXXX".to_owned(), |year| format!("{year:04}"));
            period(format!("{named}-{month:02}"), found.and_then(first), 1, Granularity::Month, e, view.anchor)
        }
        (None, Some(day)) => match view.anchor.and_then(|anchor| day_of_month(day, anchor, view.tense)) {
            Some(date) => on_day(date, e),
            None => Resolved::open(format!("XXXX-XX-{day:02}"), Granularity::Day),
        },
        (None, None) => match (e.weekday, year) {
            (Some(weekday), _) => {
                match view.anchor.and_then(|anchor| on_weekday(weekday, e.offset, anchor, view.tense)) {
                    // "the weekend" goes by its Saturday.
                    Some(date) => e.unit.and_then(|u| periods::around(u, date, e)).unwrap_or_else(|| on_day(date, e)),
                    None => Resolved::open(format!("XXXX-WXX-{weekday}"), Granularity::Day),
                }
            }
            (None, Some(year)) => years(format!("{year:04}"), year, year, Granularity::Year, e, view.anchor),
            (None, None) => match view.anchor {
                Some(anchor) => on_day(anchor, e),
                None => Resolved::open("XXXX-XX-XX".into(), Granularity::Day),
            },
        },
    }
}

/// A day, with its phase in the TIMEX3 value.
pub(super) fn on_day(date: Date, e: &TimeExpression) -> Resolved {
    let timex = match e.phase.as_deref() {
        Some(phase) => format!("{date}T{phase}"),
        None => date.to_string(),
    };
    Resolved::days(timex, date, date, Granularity::Day)
}

/// A day of some year, or the days of a feast.
fn day_of_year(e: &TimeExpression, year: Option<i32>, view: View) -> Resolved {
    let days = i64::from(e.days.unwrap_or(1).max(1));
    let in_year = |year: i32| {
        let start = start_in(e, year)?;
        Some((start, plus_days(start, days - 1)?))
    };
    let found = match year {
        Some(year) => in_year(year),
        None => pick(e, view, in_year),
    };
    match (found, e.month, e.day) {
        (Some((start, end)), ..) if start == end => on_day(start, e),
        (Some((start, end)), ..) => {
            let resolved = Resolved::days(format!("{start}/{end}"), start, end, Granularity::Range);
            portion(resolved, e.part, view.anchor)
        }
        (None, Some(month), Some(day)) => Resolved::open(format!("XXXX-{month:02}-{day:02}"), Granularity::Day),
        (None, ..) => Resolved::open("XXXX-XX-XX".into(), Granularity::Day),
    }
}

/// The day of a year that the parts name: from a table, by Easter, as the nth weekday of a month, by month and day.
fn start_in(e: &TimeExpression, year: i32) -> Option<Date> {
    if let Some(dates) = e.dates.as_deref() {
        return dates.split_whitespace().filter_map(|day| day.parse::<Date>().ok()).find(|day| year_of(*day) == year);
    }
    if let Some(days) = e.easter {
        return plus_days(easter(year)?, i64::from(days));
    }
    let month = e.month?;
    if let (Some(nth), Some(weekday), None) = (e.nth, e.weekday, e.day) {
        return ymd(year, month, 1)?.nth_weekday_of_month(i8::try_from(nth).ok()?, weekday_named(weekday)?).ok();
    }
    let date = ymd(year, month, e.day?)?;
    let fits = e.weekday.is_none_or(|w| i32::from(date.weekday().to_monday_one_offset()) == w);
    (fits || e.year.is_some()).then_some(date)
}

/// Easter Sunday in the Gregorian calendar: the first Sunday after the first full moon, as the calendar reckons it,
/// on or after 21 March.
fn easter(year: i32) -> Option<Date> {
    let (century, golden) = (year.div_euclid(100), year.rem_euclid(19));
    // Days from 21 March to the full moon, with the corrections for leap years left out and for the moon's own drift.
    let epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15).rem_euclid(30);
    let moon = epact - (epact / 28) * (1 - (epact / 28) * (29 / (epact + 1)) * ((21 - golden) / 11));
    let full_moon = plus_days(ymd(year, 3, 21)?, i64::from(moon))?;
    full_moon.nth_weekday(1, Weekday::Sunday).ok()
}

/// The year's period that is meant where the text gives no year.
fn pick(e: &TimeExpression, view: View, in_year: impl Fn(i32) -> Option<(Date, Date)>) -> Option<(Date, Date)> {
    let anchor = view.anchor?;
    let this = year_of(anchor);
    let back = || (this - REACH..=this + 1).rev().filter_map(&in_year);
    let ahead = || (this - 1..=this + REACH).filter_map(&in_year);
    match e.offset {
        Some(0) => return in_year(this),
        Some(n) if n < 0 => return back().find(|(_, end)| *end < anchor),
        Some(_) => return ahead().find(|(start, _)| *start > anchor),
        None => {}
    }
    let past = back().find(|(start, _)| *start <= anchor);
    match view.tense {
        Tense::Past => past,
        Tense::Future => ahead().find(|(_, end)| *end >= anchor),
        // The past unless the next one is much nearer.
        Tense::Open => {
            let next = ahead().find(|(start, _)| *start > anchor);
            match (past, next) {
                (Some(past), Some(next)) if past.1 < anchor => {
                    let near = days_between(anchor, next.0) * 3 <= days_between(past.1, anchor);
                    Some(if near { next } else { past })
                }
                (past, next) => past.or(next),
            }
        }
    }
}

/// Two-digit years are of the hundred years that end in 2029.
fn full_year(year: i32) -> i32 {
    match year {
        0..30 => 2000 + year,
        30..100 => 1900 + year,
        _ => year,
    }
}

/// "the nineties" are the decade of that name that lies behind the anchor.
fn first_of_decade(decade: i32, anchor: Option<Date>) -> i32 {
    match anchor.map(year_of) {
        Some(now) if decade < 100 => {
            let this = now / 100 * 100 + decade;
            if this > now { this - 100 } else { this }
        }
        None if decade < 100 => 1900 + decade,
        _ => decade,
    }
}

fn day_of_month(day: i32, anchor: Date, tense: Tense) -> Option<Date> {
    let this = ymd(year_of(anchor), i32::from(anchor.month()), day)?;
    let away = match tense {
        Tense::Future if this < anchor => 1,
        Tense::Past | Tense::Open if this > anchor => -1,
        _ => 0,
    };
    this.checked_add(jiff::Span::new().try_months(away).ok()?).ok()
}

fn weekday_named(weekday: i32) -> Option<Weekday> {
    Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()
}

fn on_weekday(weekday: i32, offset: Option<i32>, anchor: Date, tense: Tense) -> Option<Date> {
    let weekday = weekday_named(weekday)?;
    match offset {
        Some(n) if n != 0 => anchor.nth_weekday(n, weekday).ok(),
        _ if anchor.weekday() == weekday => Some(anchor),
        _ => anchor.nth_weekday(if tense == Tense::Future { 1 } else { -1 }, weekday).ok(),
    }
}

fn years(
    timex: String,
    first: i32,
    last: i32,
    granularity: Granularity,
    e: &TimeExpression,
    anchor: Option<Date>,
) -> Resolved {
    match (ymd(first, 1, 1), ymd(last, 12, 31)) {
        (Some(start), Some(end)) => portion(Resolved::days(timex, start, end, granularity), e.part, anchor),
        _ => Resolved::open(timex, granularity),
    }
}

/// So many months from the first.
fn period(
    timex: String,
    first: Option<Date>,
    months: i32,
    granularity: Granularity,
    e: &TimeExpression,
    anchor: Option<Date>,
) -> Resolved {
    match first.and_then(|first| periods::months(first, months)) {
        Some((start, end)) => portion(Resolved::days(timex, start, end, granularity), e.part, anchor),
        None => Resolved::open(timex, granularity),
    }
}
