//! Places time expressions on the calendar.
//!
//! Values follow TIMEX3 (ISO-TimeML 1.2.1): `2016-03-18`, `2016-W11`, `2016-03`, `2016-Q1`, `201`, `P3D`,
//! `2016-03-21T15:39`. Where the anchor is unknown the unknown part is written with X, and no dates are given.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

use crate::rules::ruleset::{Anchor, Direction, TimeKind};

/// Calendar units that offsets and durations count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Weekend,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
}

impl Unit {
    /// The unit of this name, as lexicon entries write it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "second" => Self::Second,
            "minute" => Self::Minute,
            "hour" => Self::Hour,
            "day" => Self::Day,
            "weekend" => Self::Weekend,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            "decade" => Self::Decade,
            "century" => Self::Century,
            _ => return None,
        })
    }

    fn span(self, count: i64) -> Option<Span> {
        let span = Span::new();
        match self {
            Self::Second | Self::Minute | Self::Hour => span.try_days(0).ok(),
            Self::Day => span.try_days(count).ok(),
            Self::Weekend | Self::Week => span.try_weeks(count).ok(),
            Self::Month => span.try_months(count).ok(),
            Self::Quarter => span.try_months(count.checked_mul(3)?).ok(),
            Self::Year => span.try_years(count).ok(),
            Self::Decade => span.try_years(count.checked_mul(10)?).ok(),
            Self::Century => span.try_years(count.checked_mul(100)?).ok(),
        }
    }

    fn duration(self, count: f64) -> String {
        let (letter, clock, factor) = match self {
            Self::Second => ('S', true, 1.0),
            Self::Minute => ('M', true, 1.0),
            Self::Hour => ('H', true, 1.0),
            Self::Day => ('D', false, 1.0),
            Self::Weekend | Self::Week => ('W', false, 1.0),
            Self::Month => ('M', false, 1.0),
            Self::Quarter => ('M', false, 3.0),
            Self::Year => ('Y', false, 1.0),
            Self::Decade => ('Y', false, 10.0),
            Self::Century => ('Y', false, 100.0),
        };
        format!("P{}{}{letter}", if clock { "T" } else { "" }, count * factor)
    }
}

/// How exact a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Granularity {
    Minute,
    Day,
    Week,
    Month,
    Quarter,
    Season,
    Year,
    Decade,
    Century,
    /// Bounded by two dates, or a stretch of time.
    Range,
}

impl Granularity {
    /// The short name of the enum value in the messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "MINUTE",
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Season => "SEASON",
            Self::Year => "YEAR",
            Self::Decade => "DECADE",
            Self::Century => "CENTURY",
            Self::Range => "RANGE",
        }
    }
}

/// Part of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portion {
    /// The first third.
    Early,
    /// The middle third.
    Mid,
    /// The last third.
    Late,
    /// From the period's beginning up to the anchor.
    Earlier,
    /// From the anchor up to the period's end.
    Later,
}

/// The parts of an expression, as rules found them. Absent parts are open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeExpression {
    pub kind: TimeKind,
    pub anchor: Anchor,
    pub direction: Direction,
    pub year: Option<i32>,
    pub month: Option<i32>,
    pub day: Option<i32>,
    /// 1 = Monday to 7 = Sunday.
    pub weekday: Option<i32>,
    pub hour: Option<i32>,
    pub minute: Option<i32>,
    /// `am` or `pm`.
    pub meridiem: Option<Arc<str>>,
    /// IANA name, or an offset such as `+09:00`.
    pub zone: Option<Arc<str>>,
    /// TIMEX3 part of the day: MO, MI, AF, EV, NI, DT.
    pub phase: Option<Arc<str>>,
    /// SP, SU, FA, WI.
    pub season: Option<Arc<str>>,
    pub quarter: Option<i32>,
    /// First year of the decade.
    pub decade: Option<i32>,
    /// Number of the century.
    pub century: Option<i32>,
    pub part: Option<Portion>,
    /// How many units.
    pub number: Option<f64>,
    pub unit: Option<Unit>,
    /// Whole calendar units away from the anchor ("last week" = -1).
    pub offset: Option<i32>,
    /// Direction in which `number` units are counted.
    pub sign: Option<i32>,
    pub from: Option<Box<TimeExpression>>,
    pub to: Option<Box<TimeExpression>>,
    /// Another clock time for the same moment, in a zone that is known.
    pub same: Option<Box<TimeExpression>>,
}

impl TimeExpression {
    /// An expression without parts.
    pub fn new(kind: TimeKind, anchor: Anchor, direction: Direction) -> Self {
        Self {
            kind,
            anchor,
            direction,
            year: None,
            month: None,
            day: None,
            weekday: None,
            hour: None,
            minute: None,
            meridiem: None,
            zone: None,
            phase: None,
            season: None,
            quarter: None,
            decade: None,
            century: None,
            part: None,
            number: None,
            unit: None,
            offset: None,
            sign: None,
            from: None,
            to: None,
            same: None,
        }
    }

    /// Whether the expression is only a time of day.
    pub fn is_clock(&self) -> bool {
        self.kind == TimeKind::Clock
    }

    /// Whether the expression says which year it is in.
    pub fn is_absolute(&self) -> bool {
        self.year.is_some() || self.decade.is_some() || self.century.is_some()
    }
}

/// What an expression is resolved against.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reference<'a> {
    /// The article's own day.
    pub document: Option<Date>,
    /// Whether that day was inferred.
    pub inferred: bool,
    /// The day last spoken of.
    pub spoken: Option<Date>,
    /// Whether the predicate is about the future.
    pub future: bool,
    /// Zone of the place where it happened, else of the dateline.
    pub zone: Option<&'a str>,
}

/// A time on the calendar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Resolved {
    pub timex: String,
    /// First day.
    pub start: Option<Date>,
    /// Last day, inclusive.
    pub end: Option<Date>,
    pub clock: Option<Time>,
    pub offset: Option<Offset>,
    pub granularity: Granularity,
    /// Part of the year was not in the text and had to be concluded from other dates.
    pub inferred: bool,
}

impl Resolved {
    fn open(timex: String, granularity: Granularity) -> Self {
        Self { timex, start: None, end: None, clock: None, offset: None, granularity, inferred: false }
    }

    fn days(timex: String, start: Date, end: Date, granularity: Granularity) -> Self {
        Self { timex, start: Some(start), end: Some(end), clock: None, offset: None, granularity, inferred: false }
    }

    /// `start` as the messages write it: a date, or a date-time with its offset.
    pub fn start_text(&self) -> Option<String> {
        self.start.map(|date| self.moment(date))
    }

    /// `end` as the messages write it; inclusive.
    pub fn end_text(&self) -> Option<String> {
        self.end.map(|date| self.moment(date))
    }

    fn moment(&self, date: Date) -> String {
        let mut out = date.to_string();
        if let Some(clock) = self.clock {
            let _ = write!(out, "T{:02}:{:02}", clock.hour(), clock.minute());
            if let Some(offset) = self.offset {
                out.push_str(&offset_text(offset));
            }
        }
        out
    }

    /// First and last instant, where the days are known: in the time's own offset, else in UTC.
    pub fn instants(&self) -> Option<(Timestamp, Timestamp)> {
        let zone = TimeZone::fixed(self.offset.unwrap_or(Offset::UTC));
        let (start, end) = (self.start?, self.end?);
        match self.clock {
            Some(clock) => {
                let at = start.to_datetime(clock).to_zoned_datetime(zone).ok()?.timestamp();
                Some((at, at.checked_add(59.seconds()).ok()?))
            }
            None => {
                let first = start.to_zoned_datetime(zone.clone()).ok()?.timestamp();
                let last = end.at(23, 59, 59, 0).to_zoned_datetime(zone).ok()?.timestamp();
                Some((first, last))
            }
        }
    }
}

fn offset_text(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3600, seconds.abs() / 60 % 60)
}

/// Places an expression on the calendar.
pub(crate) fn resolve(expression: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let anchor = match expression.anchor {
        Anchor::Document => reference.document,
        Anchor::Reference => reference.spoken.or(reference.document),
    };
    let future = match expression.direction {
        Direction::Future => true,
        Direction::Past => false,
        Direction::Nearest | Direction::Tense => reference.future,
    };
    let mut resolved = match expression.kind {
        TimeKind::Date => date(expression, anchor, future),
        TimeKind::Clock => clock_on(anchor_day(expression, anchor), expression, reference),
        TimeKind::Offset => offset(expression, anchor),
        TimeKind::Range => range(expression, anchor, reference),
        TimeKind::Duration => duration(expression),
        TimeKind::Set => set(expression),
    };
    if expression.kind == TimeKind::Date
        && expression.hour.is_some()
        && let Some(day) = resolved.start
    {
        resolved = clock_on(Some(day), expression, reference);
    }
    resolved.inferred = reference.inferred && resolved.start.is_some() && !expression.is_absolute();
    resolved
}

/// Puts a time of day on a day that another expression gave.
pub(crate) fn at_clock(day: Date, clock: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let mut resolved = clock_on(Some(day), clock, reference);
    resolved.inferred = reference.inferred;
    resolved
}

fn anchor_day(expression: &TimeExpression, anchor: Option<Date>) -> Option<Date> {
    let offset = expression.offset.unwrap_or(0);
    anchor?.checked_add(Span::new().try_days(offset).ok()?).ok()
}

fn clock_time(expression: &TimeExpression) -> Option<Time> {
    let mut hour = expression.hour?;
    match expression.meridiem.as_deref() {
        Some("pm") if hour < 12 => hour += 12,
        Some("am") if hour == 12 => hour = 0,
        _ => {}
    }
    Time::new(i8::try_from(hour).ok()?, i8::try_from(expression.minute.unwrap_or(0)).ok()?, 0, 0).ok()
}

fn zone_offset(zone: &str, day: Date, clock: Time) -> Option<Offset> {
    if let Some((hours, minutes)) = zone.strip_prefix(['+', '-']).and_then(|z| z.split_once(':')) {
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        return Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok();
    }
    let zoned = day.to_datetime(clock).to_zoned_datetime(TimeZone::get(zone).ok()?).ok()?;
    Some(zoned.offset())
}

fn clock_on(day: Option<Date>, expression: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let Some(clock) = clock_time(expression) else {
        return Resolved::open("TXX".into(), Granularity::Minute);
    };
    let text = format!("T{:02}:{:02}", clock.hour(), clock.minute());
    let Some(day) = day else { return Resolved::open(format!("XXXX-XX-XX{text}"), Granularity::Minute) };
    // A second clock time for the same moment fixes the offset of the first: it is the difference of the two.
    let offset = expression
        .same
        .as_deref()
        .and_then(|same| {
            let other = clock_time(same)?;
            let other_offset = zone_offset(same.zone.as_deref()?, day, other)?;
            let seconds = |t: Time| i32::from(t.hour()) * 3600 + i32::from(t.minute()) * 60;
            let mut apart = seconds(clock) - seconds(other) + other_offset.seconds();
            if apart > 14 * 3600 {
                apart -= 24 * 3600;
            } else if apart < -12 * 3600 {
                apart += 24 * 3600;
            }
            Offset::from_seconds(apart).ok()
        })
        .or_else(|| zone_offset(expression.zone.as_deref()?, day, clock))
        .or_else(|| zone_offset(reference.zone?, day, clock));
    let mut resolved = Resolved::days(format!("{day}{text}"), day, day, Granularity::Minute);
    resolved.clock = Some(clock);
    resolved.offset = offset;
    resolved
}

fn date(e: &TimeExpression, anchor: Option<Date>, future: bool) -> Resolved {
    if let Some(century) = e.century {
        let first = (century - 1) * 100;
        return years(format!("{:02}", century - 1), first.max(1), first + 99, Granularity::Century, e, anchor);
    }
    if let Some(decade) = e.decade {
        let first = match anchor {
            // "the nineties": the decade of that name that lies behind the anchor
            Some(anchor) if decade < 100 => {
                let this = i32::from(anchor.year()) / 100 * 100 + decade;
                if this > i32::from(anchor.year()) { this - 100 } else { this }
            }
            None if decade < 100 => 1900 + decade,
            _ => decade,
        };
        return years(format!("{:03}", first / 10), first, first + 9, Granularity::Decade, e, anchor);
    }
    let year = e.year.map(full_year).or_else(|| {
        let offset = e.offset.filter(|_| e.weekday.is_none())?;
        Some(i32::from(anchor?.year()) + offset)
    });
    if let Some(season) = e.season.as_deref() {
        return season_of(season, year.or_else(|| anchor.map(|a| i32::from(a.year()))), e, anchor);
    }
    if let Some(quarter) = e.quarter {
        let year = year.or_else(|| anchor.map(|a| i32::from(a.year())));
        let Some(year) = year else { return Resolved::open(format!("XXXX-Q{quarter}"), Granularity::Quarter) };
        let timex = format!("{year}-Q{quarter}");
        return match first_of(year, quarter * 3 - 2) {
            Some(first) => period(timex, first, 3, Granularity::Quarter, e, anchor),
            None => Resolved::open(timex, Granularity::Quarter),
        };
    }
    match (e.month, e.day) {
        (Some(month), Some(day)) => {
            let found = match year {
                Some(year) => ymd(year, month, day),
                None => anchor.and_then(|anchor| nearest_year(month, day, e.weekday, anchor, future)),
            };
            match found {
                Some(date) => on_day(date, e),
                None => Resolved::open(format!("XXXX-{month:02}-{day:02}"), Granularity::Day),
            }
        }
        (Some(month), None) => {
            let year = year.or_else(|| {
                let anchor = anchor?;
                let (this, now) = (i32::from(anchor.year()), i32::from(anchor.month()));
                Some(match (future, month.cmp(&now)) {
                    (false, std::cmp::Ordering::Greater) => this - 1,
                    (true, std::cmp::Ordering::Less) => this + 1,
                    _ => this,
                })
            });
            let Some(first) = year.and_then(|year| first_of(year, month)) else {
                return Resolved::open(format!("XXXX-{month:02}"), Granularity::Month);
            };
            period(format!("{:04}-{month:02}", first.year()), first, 1, Granularity::Month, e, anchor)
        }
        (None, Some(day)) => {
            let found = anchor.and_then(|a| {
                let this = ymd(i32::from(a.year()), i32::from(a.month()), day)?;
                match (future, this > a) {
                    (false, true) => this.checked_sub(1.month()).ok(),
                    (true, false) if this < a => this.checked_add(1.month()).ok(),
                    _ => Some(this),
                }
            });
            match found {
                Some(date) => on_day(date, e),
                None => Resolved::open(format!("XXXX-XX-{day:02}"), Granularity::Day),
            }
        }
        (None, None) => match (e.weekday, year) {
            (Some(weekday), _) => match anchor.and_then(|anchor| on_weekday(weekday, e.offset, anchor, future)) {
                Some(date) => on_day(date, e),
                None => Resolved::open(format!("XXXX-WXX-{weekday}"), Granularity::Day),
            },
            (None, Some(year)) => years(format!("{year:04}"), year, year, Granularity::Year, e, anchor),
            (None, None) => match anchor {
                Some(anchor) => on_day(anchor, e),
                None => Resolved::open("XXXX-XX-XX".into(), Granularity::Day),
            },
        },
    }
}

/// A day, with its phase in the TIMEX3 value.
fn on_day(date: Date, e: &TimeExpression) -> Resolved {
    let timex = match e.phase.as_deref() {
        Some(phase) => format!("{date}T{phase}"),
        None => date.to_string(),
    };
    Resolved::days(timex, date, date, Granularity::Day)
}

/// Two-digit years are of the hundred years that end in 2029.
fn full_year(year: i32) -> i32 {
    match year {
        0..30 => 2000 + year,
        30..100 => 1900 + year,
        _ => year,
    }
}

fn ymd(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn first_of(year: i32, month: i32) -> Option<Date> {
    ymd(year, month, 1)
}

/// The year that puts month and day (and the weekday, if any) next to the anchor on the wanted side.
fn nearest_year(month: i32, day: i32, weekday: Option<i32>, anchor: Date, future: bool) -> Option<Date> {
    let year = i32::from(anchor.year());
    let fits = |date: &Date| weekday.is_none_or(|w| i32::from(date.weekday().to_monday_one_offset()) == w);
    if future {
        (year..=year + 28).filter_map(|y| ymd(y, month, day)).filter(fits).find(|d| *d >= anchor)
    } else {
        (year - 28..=year).rev().filter_map(|y| ymd(y, month, day)).filter(fits).find(|d| *d <= anchor)
    }
}

fn on_weekday(weekday: i32, offset: Option<i32>, anchor: Date, future: bool) -> Option<Date> {
    let weekday = Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()?;
    match offset {
        Some(n) if n != 0 => anchor.nth_weekday(n, weekday).ok(),
        _ if anchor.weekday() == weekday => Some(anchor),
        _ => anchor.nth_weekday(if future { 1 } else { -1 }, weekday).ok(),
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

fn season_of(season: &str, year: Option<i32>, e: &TimeExpression, anchor: Option<Date>) -> Resolved {
    let Some(year) = year else { return Resolved::open(format!("XXXX-{season}"), Granularity::Season) };
    let timex = format!("{year}-{season}");
    // Meteorological seasons of the northern hemisphere, whole months.
    let month = match season {
        "SP" => 3,
        "SU" => 6,
        "FA" => 9,
        _ => 12,
    };
    match first_of(year, month) {
        Some(first) => period(timex, first, 3, Granularity::Season, e, anchor),
        None => Resolved::open(timex, Granularity::Season),
    }
}

/// `months` whole months from `first`.
fn period(
    timex: String,
    first: Date,
    months: i32,
    granularity: Granularity,
    e: &TimeExpression,
    anchor: Option<Date>,
) -> Resolved {
    let end = Span::new()
        .try_months(months)
        .ok()
        .and_then(|span| first.checked_add(span).ok())
        .and_then(|d| d.yesterday().ok());
    match end {
        Some(end) => portion(Resolved::days(timex, first, end, granularity), e.part, anchor),
        None => Resolved::open(timex, granularity),
    }
}

/// Cuts a period down to its part.
fn portion(mut resolved: Resolved, part: Option<Portion>, anchor: Option<Date>) -> Resolved {
    let (Some(part), Some(start), Some(end)) = (part, resolved.start, resolved.end) else { return resolved };
    let days = start.until(end).map_or(0, |span| i64::from(span.get_days())) + 1;
    let third = (days + 2) / 3;
    let at = |n: i64| Span::new().try_days(n).ok().and_then(|span| start.checked_add(span).ok());
    match part {
        Portion::Early => resolved.end = at(third - 1).or(resolved.end),
        Portion::Mid => {
            resolved.start = at(third).or(resolved.start);
            resolved.end = at(days - third - 1).or(resolved.end);
        }
        Portion::Late => resolved.start = at(days - third).or(resolved.start),
        Portion::Earlier => {
            if let Some(anchor) = anchor.filter(|a| start <= *a && *a <= end) {
                resolved.end = Some(anchor);
            }
        }
        Portion::Later => {
            if let Some(anchor) = anchor.filter(|a| start <= *a && *a <= end) {
                resolved.start = Some(anchor);
            }
        }
    }
    if resolved.start > resolved.end {
        (resolved.start, resolved.end) = (Some(start), Some(end));
    }
    resolved
}

fn monday_of(date: Date) -> Option<Date> {
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(Span::new().try_days(back).ok()?).ok()
}

fn offset(e: &TimeExpression, anchor: Option<Date>) -> Resolved {
    let unit = e.unit.unwrap_or(Unit::Day);
    let Some(anchor) = anchor else {
        let granularity = if unit == Unit::Year { Granularity::Year } else { Granularity::Day };
        return Resolved::open("XXXX-XX-XX".into(), granularity);
    };
    resolve_offset(e, unit, anchor).unwrap_or_else(|| Resolved::open("XXXX-XX-XX".into(), Granularity::Day))
}

fn resolve_offset(e: &TimeExpression, unit: Unit, anchor: Date) -> Option<Resolved> {
    if let Some(offset) = e.offset {
        // Whole calendar units: "last week", "this month", "yesterday".
        let moved = anchor.checked_add(unit.span(i64::from(offset))?).ok()?;
        return whole_unit(unit, moved, e, anchor);
    }
    // A distance: "two weeks ago" is a day, "two years ago" a year.
    let count = (e.number.unwrap_or(1.0).round() as i64).checked_mul(i64::from(e.sign.unwrap_or(-1)))?;
    let moved = anchor.checked_add(unit.span(count)?).ok()?;
    match unit {
        Unit::Month | Unit::Quarter | Unit::Year | Unit::Decade | Unit::Century => whole_unit(unit, moved, e, anchor),
        _ => Some(on_day(moved, e)),
    }
}

fn whole_unit(unit: Unit, day: Date, e: &TimeExpression, anchor: Date) -> Option<Resolved> {
    let resolved = match unit {
        Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => on_day(day, e),
        Unit::Week => {
            let monday = monday_of(day)?;
            let iso = monday.iso_week_date();
            let timex = format!("{}-W{:02}", iso.year(), iso.week());
            Resolved::days(timex, monday, monday.checked_add(6.days()).ok()?, Granularity::Week)
        }
        Unit::Weekend => {
            let monday = monday_of(day)?;
            let iso = monday.iso_week_date();
            let timex = format!("{}-W{:02}-WE", iso.year(), iso.week());
            let saturday = monday.checked_add(5.days()).ok()?;
            Resolved::days(timex, saturday, saturday.tomorrow().ok()?, Granularity::Week)
        }
        Unit::Month => {
            let first = day.first_of_month();
            let timex = format!("{:04}-{:02}", first.year(), first.month());
            Resolved::days(timex, first, day.last_of_month(), Granularity::Month)
        }
        Unit::Quarter => {
            let quarter = (i32::from(day.month()) - 1) / 3 + 1;
            let first = first_of(i32::from(day.year()), quarter * 3 - 2)?;
            let last = first.checked_add(3.months()).ok()?.yesterday().ok()?;
            Resolved::days(format!("{}-Q{quarter}", day.year()), first, last, Granularity::Quarter)
        }
        Unit::Year => {
            let year = i32::from(day.year());
            Resolved::days(format!("{year:04}"), ymd(year, 1, 1)?, ymd(year, 12, 31)?, Granularity::Year)
        }
        Unit::Decade => {
            let first = i32::from(day.year()) / 10 * 10;
            let timex = format!("{:03}", first / 10);
            Resolved::days(timex, ymd(first, 1, 1)?, ymd(first + 9, 12, 31)?, Granularity::Decade)
        }
        Unit::Century => {
            let first = i32::from(day.year()) / 100 * 100;
            let timex = format!("{:02}", first / 100);
            Resolved::days(timex, ymd(first, 1, 1)?, ymd(first + 99, 12, 31)?, Granularity::Century)
        }
    };
    Some(portion(resolved, e.part, Some(anchor)))
}

fn range(e: &TimeExpression, anchor: Option<Date>, reference: &Reference<'_>) -> Resolved {
    if let (Some(number), Some(unit)) = (e.number.or(Some(1.0)).filter(|_| e.from.is_none() && e.to.is_none()), e.unit)
    {
        // "the past three days": from so many units away up to the anchor.
        let sign = i64::from(e.sign.unwrap_or(-1));
        let timex = unit.duration(number);
        let other = anchor.zip(unit.span(sign.saturating_mul(number.round() as i64)));
        return match other.and_then(|(anchor, span)| Some((anchor, anchor.checked_add(span).ok()?))) {
            Some((anchor, other)) => Resolved::days(timex, anchor.min(other), anchor.max(other), Granularity::Range),
            None => Resolved::open(timex, Granularity::Range),
        };
    }
    let to = e.to.as_deref().map(|to| resolve(to, reference));
    let from = e.from.as_deref().map(|from| {
        // "from March 3 to March 5, 2009": the year of the end is the year of the beginning.
        let mut own = *reference;
        if !from.is_absolute()
            && let Some(end) = to.as_ref().and_then(|to| to.end)
        {
            own.document = Some(end);
            own.future = false;
        }
        resolve(from, &own)
    });
    let start = from.as_ref().and_then(|r| r.start);
    let end = match (&to, &from) {
        (Some(to), _) => to.end,
        (None, _) => anchor,
    };
    let timex = match (&from, &to) {
        (Some(from), Some(to)) => format!("{}/{}", from.timex, to.timex),
        (Some(from), None) => format!("{}/", from.timex),
        (None, Some(to)) => format!("/{}", to.timex),
        (None, None) => "PX".into(),
    };
    match (start, end) {
        (Some(start), Some(end)) if start <= end => Resolved::days(timex, start, end, Granularity::Range),
        _ => Resolved { start, ..Resolved::open(timex, Granularity::Range) },
    }
}

fn duration(e: &TimeExpression) -> Resolved {
    let timex = match (e.unit, e.number) {
        (Some(unit), Some(number)) => unit.duration(number),
        (Some(unit), None) => unit.duration(1.0).replacen('1', "X", 1),
        _ => "PX".into(),
    };
    Resolved::open(timex, Granularity::Range)
}

fn set(e: &TimeExpression) -> Resolved {
    let timex = match (e.weekday, e.unit) {
        (Some(weekday), _) => format!("XXXX-WXX-{weekday}"),
        (None, Some(unit)) => unit.duration(e.number.unwrap_or(1.0)),
        _ => "PX".into(),
    };
    Resolved::open(timex, Granularity::Range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    fn reference(document: Date) -> Reference<'static> {
        Reference { document: Some(document), ..Reference::default() }
    }

    fn expression(kind: TimeKind) -> TimeExpression {
        TimeExpression::new(kind, Anchor::Document, Direction::Tense)
    }

    #[test]
    fn a_weekday_is_the_last_one_or_the_next_by_tense() {
        let friday = TimeExpression { weekday: Some(5), ..expression(TimeKind::Date) };
        let past = resolve(&friday, &reference(day(2016, 3, 25)));
        assert_eq!(past.timex, "2016-03-25");
        let earlier = resolve(&friday, &reference(day(2016, 3, 24)));
        assert_eq!(earlier.timex, "2016-03-18");
        let future = resolve(&friday, &Reference { future: true, ..reference(day(2016, 3, 24)) });
        assert_eq!(future.timex, "2016-03-25");
        let last = TimeExpression { offset: Some(-1), ..friday };
        assert_eq!(resolve(&last, &reference(day(2016, 3, 25))).timex, "2016-03-18");
    }

    #[test]
    fn a_month_and_day_take_the_year_on_the_side_of_the_tense() {
        let e = TimeExpression { month: Some(12), day: Some(30), ..expression(TimeKind::Date) };
        assert_eq!(resolve(&e, &reference(day(2016, 1, 5))).timex, "2015-12-30");
        let open = resolve(&e, &Reference::default());
        assert_eq!((open.timex.as_str(), open.start), ("XXXX-12-30", None));
    }

    #[test]
    fn last_week_runs_from_monday_to_sunday() {
        let e = TimeExpression { unit: Some(Unit::Week), offset: Some(-1), ..expression(TimeKind::Offset) };
        let week = resolve(&e, &reference(day(2016, 3, 25)));
        assert_eq!(week.timex, "2016-W11");
        assert_eq!((week.start, week.end), (Some(day(2016, 3, 14)), Some(day(2016, 3, 20))));
    }

    #[test]
    fn early_this_week_is_its_first_part() {
        let e = TimeExpression {
            unit: Some(Unit::Week),
            offset: Some(0),
            part: Some(Portion::Early),
            ..expression(TimeKind::Offset)
        };
        let week = resolve(&e, &reference(day(2005, 6, 24)));
        assert_eq!((week.start, week.end), (Some(day(2005, 6, 20)), Some(day(2005, 6, 22))));
    }

    #[test]
    fn two_clock_times_for_one_moment_fix_the_offset() {
        let moscow = TimeExpression {
            hour: Some(9),
            minute: Some(39),
            meridiem: Some("am".into()),
            zone: Some("Europe/Moscow".into()),
            ..expression(TimeKind::Clock)
        };
        let local = TimeExpression {
            hour: Some(3),
            minute: Some(39),
            meridiem: Some("pm".into()),
            same: Some(Box::new(moscow)),
            ..expression(TimeKind::Clock)
        };
        let at = at_clock(day(2016, 3, 21), &local, &Reference::default());
        assert_eq!(at.start_text().as_deref(), Some("2016-03-21T15:39+09:00"));
    }

    #[test]
    fn a_range_shares_the_year_of_its_end() {
        let from = TimeExpression { month: Some(12), day: Some(30), ..expression(TimeKind::Date) };
        let to = TimeExpression { month: Some(1), day: Some(2), year: Some(2009), ..expression(TimeKind::Date) };
        let e = TimeExpression { from: Some(Box::new(from)), to: Some(Box::new(to)), ..expression(TimeKind::Range) };
        let range = resolve(&e, &reference(day(2016, 3, 25)));
        assert_eq!((range.start, range.end), (Some(day(2008, 12, 30)), Some(day(2009, 1, 2))));
    }

    #[test]
    fn numbers_beyond_the_calendar_give_no_date() {
        let e = TimeExpression { unit: Some(Unit::Century), number: Some(1e18), ..expression(TimeKind::Offset) };
        assert_eq!(resolve(&e, &reference(day(2016, 3, 25))).start, None);
    }
}
