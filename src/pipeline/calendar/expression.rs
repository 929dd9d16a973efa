//! The parts of a time expression, as rules found them, before they have a place on the calendar.

use std::sync::Arc;

use jiff::Span;

use crate::rules::ruleset::{Anchor, Direction, TimeKind};

/// Calendar units that offsets and durations count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Weekend,
    Week,
    Fortnight,
    Month,
    Quarter,
    Half,
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
            "fortnight" => Self::Fortnight,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "half" => Self::Half,
            "year" => Self::Year,
            "decade" => Self::Decade,
            "century" => Self::Century,
            _ => return None,
        })
    }

    /// So many units as days, weeks or months of the calendar; what is shorter than a day counts in whole days.
    pub(super) fn span(self, count: f64) -> Option<Span> {
        let (days, months) = match self {
            Self::Second => (count / 86_400.0, 0.0),
            Self::Minute => (count / 1440.0, 0.0),
            Self::Hour => (count / 24.0, 0.0),
            Self::Day => (count, 0.0),
            Self::Weekend | Self::Week => (count * 7.0, 0.0),
            Self::Fortnight => (count * 14.0, 0.0),
            Self::Month => (0.0, count),
            Self::Quarter => (0.0, count * 3.0),
            Self::Half => (0.0, count * 6.0),
            Self::Year => (0.0, count * 12.0),
            Self::Decade => (0.0, count * 120.0),
            Self::Century => (0.0, count * 1200.0),
        };
        if !days.is_finite() || !months.is_finite() {
            return None;
        }
        // "half a month" is two weeks, more or less
        let rest = (months - months.trunc()) * 30.0;
        Span::new().try_months(months.trunc() as i64).ok()?.try_days((days + rest).round() as i64).ok()
    }

    /// A TIMEX3 duration: `P3D`, `PT2H`; without a count `PXD`.
    pub(super) fn duration(self, count: Option<f64>) -> String {
        let (letter, clock, factor) = match self {
            Self::Second => ("S", true, 1.0),
            Self::Minute => ("M", true, 1.0),
            Self::Hour => ("H", true, 1.0),
            Self::Day => ("D", false, 1.0),
            Self::Weekend => ("WE", false, 1.0),
            Self::Week => ("W", false, 1.0),
            Self::Fortnight => ("W", false, 2.0),
            Self::Month => ("M", false, 1.0),
            Self::Quarter => ("M", false, 3.0),
            Self::Half => ("M", false, 6.0),
            Self::Year => ("Y", false, 1.0),
            Self::Decade => ("Y", false, 10.0),
            Self::Century => ("Y", false, 100.0),
        };
        let count = count.map_or_else(|| "X".to_owned(), |count| (count * factor).to_string());
        format!("P{}{count}{letter}", if clock { "T" } else { "" })
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
    /// Before Christ.
    pub before_christ: bool,
    /// Month in which the fiscal year begins.
    pub fiscal: Option<i32>,
    /// Which of the weekdays or units of a longer period, from 1; from its end below 0.
    pub nth: Option<i32>,
    /// Days from Easter Sunday.
    pub easter: Option<i32>,
    /// First days of something that moves through the years, as ISO dates between spaces.
    pub dates: Option<Arc<str>>,
    /// How many days it lasts.
    pub days: Option<i32>,
    pub part: Option<Portion>,
    /// How many units.
    pub number: Option<f64>,
    /// The number of units is vague ("several").
    pub vague: bool,
    pub unit: Option<Unit>,
    /// Whole calendar units away from the anchor ("last week" = -1).
    pub offset: Option<i32>,
    /// Direction in which `number` units are counted.
    pub sign: Option<i32>,
    /// TIMEX3 value of what has no place on the calendar: `PAST_REF`, `PRESENT_REF`, `FUTURE_REF`.
    pub stands_for: Option<Arc<str>>,
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
            before_christ: false,
            fiscal: None,
            nth: None,
            easter: None,
            dates: None,
            days: None,
            part: None,
            number: None,
            vague: false,
            unit: None,
            offset: None,
            sign: None,
            stands_for: None,
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
        let inside = |e: &Option<Box<TimeExpression>>| e.as_ref().is_some_and(|e| e.is_absolute());
        self.year.is_some()
            || self.century.is_some()
            || self.decade.is_some_and(|decade| decade >= 100)
            || (self.from.is_some() || self.to.is_some()) && (inside(&self.from) || inside(&self.to))
    }

    /// How many units, where that is known: one where no number was given.
    pub(super) fn count(&self) -> Option<f64> {
        if self.vague { None } else { Some(self.number.unwrap_or(1.0)) }
    }
}
