//! Places time expressions on the calendar.
//!
//! Values follow TIMEX3 (ISO-TimeML 1.2.1): `2016-03-18`, `2016-W11`, `2016-03`, `2016-Q1`, `201`, `P3D`,
//! `2016-03-21T15:39`. Where the anchor is unknown the unknown part is written with X, and no dates are given.

mod clock;
mod dates;
mod expression;
mod offsets;
mod periods;
mod ranges;

use std::fmt::Write as _;

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};

pub(crate) use self::expression::{Portion, TimeExpression, Unit};
use crate::rules::ruleset::{Anchor, Direction, TimeKind};

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

/// Where a predicate looks, as far as its verb says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tense {
    Past,
    Future,
    /// A noun, or a verb that leaves it open.
    #[default]
    Open,
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
    /// Where the predicate looks.
    pub tense: Tense,
    /// Zone of the place where it happened, else of the dateline.
    pub zone: Option<&'a str>,
}

/// What one expression is placed by: its anchor, and where it looks.
#[derive(Clone, Copy, Debug)]
struct View {
    anchor: Option<Date>,
    tense: Tense,
}

impl View {
    fn of(e: &TimeExpression, reference: &Reference<'_>) -> Self {
        let back = e.sign.or(e.offset).unwrap_or(0) <= 0;
        let anchor = match e.anchor {
            Anchor::Document => reference.document,
            // Without a day that was spoken of, "a day earlier" is before today; "two days later" is not after it.
            Anchor::Reference => reference.spoken.or(reference.document.filter(|_| back)),
            Anchor::Clause => reference.spoken,
        };
        let tense = match e.direction {
            Direction::Future => Tense::Future,
            Direction::Past => Tense::Past,
            Direction::Nearest => Tense::Open,
            Direction::Tense => reference.tense,
        };
        Self { anchor, tense }
    }
}

/// 0001-01-01T00:00:00Z.
const FIRST: Timestamp = Timestamp::constant(-62_135_596_800, 0);

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
    pub(super) fn open(timex: String, granularity: Granularity) -> Self {
        Self { timex, start: None, end: None, clock: None, offset: None, granularity, inferred: false }
    }

    pub(super) fn days(timex: String, start: Date, end: Date, granularity: Granularity) -> Self {
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

    /// First and last instant, where the days are known: in the time's own offset, else in UTC. None before the first year of
    /// UTC, where `google.protobuf.Timestamp` begins.
    pub fn instants(&self) -> Option<(Timestamp, Timestamp)> {
        self.unbounded().filter(|(first, _)| *first >= FIRST)
    }

    fn unbounded(&self) -> Option<(Timestamp, Timestamp)> {
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
    let view = View::of(expression, reference);
    let mut resolved = match (&expression.stands_for, expression.kind) {
        (Some(value), _) => Resolved::open(value.to_string(), Granularity::Range),
        (_, TimeKind::Date) => dates::date(expression, view),
        (_, TimeKind::Clock) => clock::on_day(clock::own_day(expression, view.anchor), expression, reference),
        (_, TimeKind::Offset) => offsets::offset(expression, view, reference),
        (_, TimeKind::Part) => periods::part(expression, reference),
        (_, TimeKind::Range) => ranges::range(expression, view, reference),
        (_, TimeKind::Duration) => ranges::duration(expression),
        (_, TimeKind::Set) => ranges::set(expression),
    };
    let dated = matches!(expression.kind, TimeKind::Date | TimeKind::Offset);
    if dated && expression.hour.is_some() && resolved.start == resolved.end {
        resolved = clock::on_day(resolved.start, expression, reference);
    }
    if let Some(year) = [resolved.start, resolved.end].into_iter().flatten().map(year_of).find(|year| *year < 1) {
        // The messages have no days before the first year; the year before it is 1 B.C.
        resolved = Resolved::open(format!("BC{:04}", 1 - year), Granularity::Year);
    }
    resolved.inferred = reference.inferred && resolved.start.is_some() && !expression.is_absolute();
    resolved
}

/// Puts a time of day on a day that another expression gave.
pub(crate) fn at_clock(day: Date, clock: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let mut resolved = clock::on_day(Some(day), clock, reference);
    resolved.inferred = reference.inferred;
    resolved
}

fn ymd(year: i32, month: i32, day: i32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn year_of(date: Date) -> i32 {
    i32::from(date.year())
}

/// So many days on, or back.
fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// Whole days from one date to another.
fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

#[cfg(test)]
mod tests;
