//! What goes where on the calendar.

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
    let future = resolve(&friday, &Reference { tense: Tense::Future, ..reference(day(2016, 3, 24)) });
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

#[test]
fn easter_follows_the_moon() {
    let easter = TimeExpression { easter: Some(0), ..expression(TimeKind::Date) };
    // 1954, 1981 and 2049 are years in which the plain cycle of the moon is corrected.
    for (year, month, of_month) in
        [(1954, 4, 18), (1981, 4, 19), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2049, 4, 18)]
    {
        let e = TimeExpression { year: Some(i32::from(year)), ..easter.clone() };
        assert_eq!(resolve(&e, &Reference::default()).start, Some(day(year, month, of_month)));
    }
}

#[test]
fn a_feast_by_its_table_is_the_last_or_the_next() {
    let e =
        TimeExpression { dates: Some("2008-09-01 2009-08-22".into()), days: Some(30), ..expression(TimeKind::Date) };
    let past = Reference { tense: Tense::Past, ..reference(day(2009, 6, 1)) };
    assert_eq!(resolve(&e, &past).end, Some(day(2008, 9, 30)));
    let future = Reference { tense: Tense::Future, ..past };
    assert_eq!(resolve(&e, &future).start, Some(day(2009, 8, 22)));
    assert_eq!(resolve(&e, &Reference { tense: Tense::Future, ..reference(day(2009, 12, 1)) }).start, None);
}

#[test]
fn the_last_thursday_and_the_fourth() {
    let e = TimeExpression { month: Some(11), weekday: Some(4), nth: Some(4), ..expression(TimeKind::Date) };
    let e = TimeExpression { year: Some(2007), ..e };
    assert_eq!(resolve(&e, &Reference::default()).start, Some(day(2007, 11, 22)));
    let last = TimeExpression { nth: Some(-1), ..e };
    assert_eq!(resolve(&last, &Reference::default()).start, Some(day(2007, 11, 29)));
}

#[test]
fn a_noun_leaves_open_on_which_side_a_date_lies() {
    let e = TimeExpression { month: Some(7), day: Some(10), ..expression(TimeKind::Date) };
    let june = reference(day(2005, 6, 1));
    assert_eq!(resolve(&e, &june).start, Some(day(2005, 7, 10)));
    assert_eq!(resolve(&e, &Reference { tense: Tense::Past, ..june }).start, Some(day(2004, 7, 10)));
    assert_eq!(resolve(&e, &reference(day(2005, 9, 1))).start, Some(day(2005, 7, 10)));
}

#[test]
fn a_week_that_is_not_over_ends_today_under_a_past_verb() {
    let e = TimeExpression { unit: Some(Unit::Week), offset: Some(0), ..expression(TimeKind::Offset) };
    let saturday = reference(day(2005, 10, 29));
    let past = resolve(&e, &Reference { tense: Tense::Past, ..saturday });
    assert_eq!((past.start, past.end), (Some(day(2005, 10, 24)), Some(day(2005, 10, 29))));
    let future = resolve(&e, &Reference { tense: Tense::Future, ..saturday });
    assert_eq!((future.start, future.end), (Some(day(2005, 10, 29)), Some(day(2005, 10, 30))));
}

#[test]
fn parts_are_counted_from_both_ends() {
    let may = TimeExpression { month: Some(5), year: Some(2009), ..expression(TimeKind::Date) };
    let part = TimeExpression { from: Some(Box::new(may)), unit: Some(Unit::Week), ..expression(TimeKind::Part) };
    let last = resolve(&TimeExpression { nth: Some(-1), ..part.clone() }, &Reference::default());
    assert_eq!((last.start, last.end), (Some(day(2009, 5, 25)), Some(day(2009, 5, 31))));
    let half = TimeExpression { nth: Some(2), unit: Some(Unit::Half), ..part.clone() };
    assert_eq!(resolve(&half, &Reference::default()).start, Some(day(2009, 5, 16)));
    let sunday = TimeExpression { nth: Some(-1), weekday: Some(7), unit: None, ..part };
    assert_eq!(resolve(&sunday, &Reference::default()).start, Some(day(2009, 5, 31)));
}

#[test]
fn a_distance_without_a_direction_is_a_date_only_ahead() {
    let e = TimeExpression { unit: Some(Unit::Day), number: Some(3.0), ..expression(TimeKind::Offset) };
    let now = reference(day(2009, 6, 17));
    assert_eq!(resolve(&e, &now).timex, "P3D");
    assert_eq!(resolve(&e, &Reference { tense: Tense::Future, ..now }).timex, "2009-06-20");
}

#[test]
fn the_end_of_a_range_may_be_a_day_or_a_year_only() {
    let from = TimeExpression { month: Some(4), day: Some(17), ..expression(TimeKind::Date) };
    let e =
        TimeExpression { from: Some(Box::new(from)), day: Some(19), year: Some(2008), ..expression(TimeKind::Range) };
    let days = resolve(&e, &reference(day(2009, 6, 17)));
    assert_eq!((days.start, days.end), (Some(day(2008, 4, 17)), Some(day(2008, 4, 19))));
}
