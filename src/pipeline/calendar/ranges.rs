//! Stretches between two times, durations, and times that come again.

use super::{Granularity, Reference, Resolved, Tense, TimeExpression, View, resolve};

/// Places a range.
pub(super) fn range(e: &TimeExpression, view: View, reference: &Reference<'_>) -> Resolved {
    match (e.from.as_deref(), e.to.as_deref()) {
        (None, None) => beside_anchor(e, view),
        // "January 18-20", "2008-09": the end is the beginning with another day, another year.
        (Some(from), None) if e.day.is_some() || e.year.is_some() => {
            let to = TimeExpression { day: e.day.or(from.day), year: e.year.or(from.year), ..from.clone() };
            between(from, &to, view, reference)
        }
        (Some(from), None) => {
            let ahead = e.sign == Some(1);
            let own = Reference { tense: if ahead { reference.tense } else { Tense::Past }, ..*reference };
            let from = resolve(from, &own);
            let timex = format!("{}/", from.timex);
            match (from.start, reference.document) {
                (Some(start), Some(now)) if start <= now && !ahead => {
                    Resolved::days(timex, start, now, Granularity::Range)
                }
                _ => Resolved { start: from.start, ..Resolved::open(timex, Granularity::Range) },
            }
        }
        (None, Some(to)) if e.day.is_some() => {
            let from = TimeExpression { day: e.day, ..to.clone() };
            between(&from, to, view, reference)
        }
        (None, Some(to)) => {
            let to = resolve(to, reference);
            Resolved { end: to.end, ..Resolved::open(format!("/{}", to.timex), Granularity::Range) }
        }
        (Some(from), Some(to)) => between(from, to, view, reference),
    }
}

/// "the past three days", "the coming weeks", "within a month": so many units up to the anchor, or from it on.
fn beside_anchor(e: &TimeExpression, view: View) -> Resolved {
    let Some(unit) = e.unit else { return Resolved::open("PX".into(), Granularity::Range) };
    let timex = unit.duration(e.count());
    let sign = match (e.sign, view.tense) {
        (Some(sign), _) => sign,
        (None, Tense::Future) => 1,
        (None, _) => return Resolved::open(timex, Granularity::Range),
    };
    let Some(count) = e.count() else {
        let known = if sign > 0 { "FUTURE_REF" } else { "PAST_REF" };
        return Resolved::open(known.into(), Granularity::Range);
    };
    let other = view.anchor.zip(unit.span(count * f64::from(sign)));
    match other.and_then(|(anchor, span)| Some((anchor, anchor.checked_add(span).ok()?))) {
        Some((anchor, other)) => Resolved::days(timex, anchor.min(other), anchor.max(other), Granularity::Range),
        None => Resolved::open(timex, Granularity::Range),
    }
}

/// From one time to another: each is placed by the other where it leaves something open.
fn between(from: &TimeExpression, to: &TimeExpression, view: View, reference: &Reference<'_>) -> Resolved {
    let (from, to) = if view.tense == Tense::Future && !to.is_absolute() {
        let from = resolve(from, reference);
        // "from Monday to Thursday" that lies ahead: the Thursday behind that Monday.
        let own = Reference { document: from.start.or(reference.document), ..*reference };
        let to = resolve(to, &own);
        (from, to)
    } else {
        let to = resolve(to, reference);
        // "from March 3 to March 5, 2009": the year of the end is the year of the beginning.
        let own = Reference { document: to.end.or(reference.document), tense: Tense::Past, ..*reference };
        let from = resolve(from, if from.is_absolute() { reference } else { &own });
        (from, to)
    };
    let timex = format!("{}/{}", from.timex, to.timex);
    match (from.start, to.end) {
        (Some(start), Some(end)) if start <= end => Resolved::days(timex, start, end, Granularity::Range),
        _ => Resolved { start: from.start, ..Resolved::open(timex, Granularity::Range) },
    }
}

/// A length of time, wherever it lies.
pub(super) fn duration(e: &TimeExpression) -> Resolved {
    let timex = match e.unit {
        Some(unit) => unit.duration(e.count()),
        None => "PX".into(),
    };
    Resolved::open(timex, Granularity::Range)
}

/// What comes again: every Tuesday, each year.
pub(super) fn set(e: &TimeExpression) -> Resolved {
    let timex = match (e.weekday, e.month, e.unit) {
        (Some(weekday), ..) => format!("XXXX-WXX-{weekday}"),
        (_, Some(month), _) => format!("XXXX-{month:02}"),
        (_, _, Some(unit)) => unit.duration(e.count()),
        _ => "PX".into(),
    };
    Resolved::open(timex, Granularity::Range)
}
