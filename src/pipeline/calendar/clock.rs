//! Times of day, their zones, and the day that they are on.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};

use super::{Granularity, Reference, Resolved, TimeExpression, dates, plus_days};

/// The day that a time of day is on where nothing but the anchor says.
pub(super) fn own_day(e: &TimeExpression, anchor: Option<Date>) -> Option<Date> {
    plus_days(anchor?, i64::from(e.offset.unwrap_or(0)))
}

fn time(e: &TimeExpression) -> Option<Time> {
    let mut hour = e.hour?;
    match e.meridiem.as_deref() {
        Some("pm") if hour < 12 => hour += 12,
        Some("am") if hour == 12 => hour = 0,
        _ => {}
    }
    Time::new(i8::try_from(hour).ok()?, i8::try_from(e.minute.unwrap_or(0)).ok()?, 0, 0).ok()
}

fn zone_offset(zone: &str, day: Date, clock: Time) -> Option<Offset> {
    if let Some((hours, minutes)) = zone.strip_prefix(['+', '-']).and_then(|z| z.split_once(':')) {
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        return Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok();
    }
    let zoned = day.to_datetime(clock).to_zoned_datetime(TimeZone::get(zone).ok()?).ok()?;
    Some(zoned.offset())
}

/// The time of day on a day.
pub(super) fn on_day(day: Option<Date>, e: &TimeExpression, reference: &Reference<'_>) -> Resolved {
    let Some(clock) = time(e) else {
        // "in the morning"
        return match day.filter(|_| e.phase.is_some()) {
            Some(day) => dates::on_day(day, e),
            None => Resolved::open(format!("T{}", e.phase.as_deref().unwrap_or("XX")), Granularity::Minute),
        };
    };
    let text = format!("T{:02}:{:02}", clock.hour(), clock.minute());
    let Some(day) = day else { return Resolved::open(format!("XXXX-XX-XX{text}"), Granularity::Minute) };
    // A second clock time for the same moment fixes the offset of the first: it is the difference of the two.
    let offset = e
        .same
        .as_deref()
        .and_then(|same| {
            let other = time(same)?;
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
        .or_else(|| zone_offset(e.zone.as_deref()?, day, clock))
        .or_else(|| zone_offset(reference.zone?, day, clock));
    let mut resolved = Resolved::days(format!("{day}{text}"), day, day, Granularity::Minute);
    resolved.clock = Some(clock);
    resolved.offset = offset;
    resolved
}
