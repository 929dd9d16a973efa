//! The article's own day: given by the caller, else concluded from the article.
//!
//! Without a day of publication a dateline often gives month and day but no year. The weekdays that the article names
//! as today's leave some years; the people it names in their offices fewer; of those that are left the latest is
//! taken, and everything that depends on it is marked as inferred.

use jiff::civil::Date;

use super::analysis::{Analysis, DocumentDay};
use super::calendar::{self, Reference, TimeExpression};
use super::lattice::Target;
use crate::rules::ruleset::TimeKind;

/// Years that are considered, back from the horizon of the rules.
const YEARS: i16 = 120;

/// Finds the article's day; the times of the article are recognised by then.
pub(super) fn find(analysis: &Analysis<'_>, published: Option<Date>) -> DocumentDay {
    let filed = dateline_time(analysis);
    if let Some(published) = published {
        // The dateline's day, where it is at most two days before publication.
        let date = filed
            .as_ref()
            .and_then(|expression| {
                let reference = Reference { document: Some(published), ..Reference::default() };
                calendar::resolve(expression, &reference).start
            })
            .filter(|filed| {
                published
                    .since(*filed)
                    .is_ok_and(|apart| (0..=2).contains(&apart.get_days()) && apart.get_months() == 0)
            });
        return DocumentDay { date: date.or(Some(published)), inferred: false };
    }
    let Some(filed) = filed else { return DocumentDay::default() };
    if filed.year.is_some() {
        return DocumentDay { date: calendar::resolve(&filed, &Reference::default()).start, inferred: false };
    }
    let (Some(month), Some(day)) = (filed.month, filed.day) else { return DocumentDay::default() };
    let weekdays = weekdays_of_lead(analysis);
    let horizon = analysis.rules.horizon;
    let candidates: Vec<Date> = (horizon - YEARS..=horizon)
        .rev()
        .filter_map(|year| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok())
        .filter(|date| weekdays.is_empty() || weekdays.contains(&i32::from(date.weekday().to_monday_one_offset())))
        .collect();
    // Each person in office rules years out; one that would rule out all is not believed.
    let mut left = candidates;
    for terms in terms_of_office(analysis) {
        let fit: Vec<Date> = left.iter().copied().filter(|date| terms.iter().any(|term| term(*date))).collect();
        if !fit.is_empty() {
            left = fit;
        }
    }
    DocumentDay { date: left.first().copied(), inferred: true }
}

/// The expression in the dateline.
fn dateline_time(analysis: &Analysis<'_>) -> Option<TimeExpression> {
    let doc = analysis.doc();
    let span = doc.dateline()?.date?;
    let range = doc.tokens_in(span);
    analysis
        .lattice
        .mentions
        .iter()
        .filter(|mention| !mention.covered && mention.range.overlaps(range))
        .find_map(|mention| mention.time.as_deref().cloned())
}

/// Weekdays that the first paragraph of the article names.
fn weekdays_of_lead(analysis: &Analysis<'_>) -> Vec<i32> {
    let doc = analysis.doc();
    let Some(lead) = doc.sentences().iter().find(|s| s.part == crate::text::Part::Body).map(|s| s.paragraph) else {
        return Vec::new();
    };
    analysis
        .lattice
        .mentions
        .iter()
        .filter(|mention| !mention.covered)
        .filter(|mention| {
            let sentence = doc.sentence_of(mention.range.start as usize).unwrap_or_default();
            doc.sentences().get(sentence).is_some_and(|s| s.paragraph == lead)
        })
        .filter_map(|mention| mention.time.as_deref())
        .filter(|time| time.kind == TimeKind::Date && time.month.is_none() && time.offset.is_none())
        .filter_map(|time| time.weekday)
        .collect()
}

type Term<'a> = Box<dyn Fn(Date) -> bool + 'a>;

/// For each person with dated entries whom the article names next to an office of that kind: when they held it.
fn terms_of_office<'a>(analysis: &'a Analysis<'_>) -> Vec<Vec<Term<'a>>> {
    let doc = analysis.doc();
    let mut out = Vec::new();
    for sentence in doc.sentences().iter().filter(|s| s.part.tells()) {
        for token in sentence.tokens.range() {
            let mut terms: Vec<Term<'a>> = Vec::new();
            for edge in analysis.lattice.edges(token) {
                let Target::Entry(_, id) = edge.target else { continue };
                let Some(entry) = analysis.rules.lexicons.entry(id) else { continue };
                let Some(role) = entry.attributes.text("role") else { continue };
                if entry.since.is_none() && entry.until.is_none() {
                    continue;
                }
                // The office must stand before the name: "Foreign Minister Sergey Lavrov".
                let before: String = (sentence.tokens.start as usize..token)
                    .rev()
                    .take(4)
                    .map(|at| doc.word(at).to_lowercase())
                    .collect::<Vec<_>>()
                    .join(" ");
                let named = role
                    .to_lowercase()
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| word.len() > 2)
                    .all(|word| before.contains(word));
                if named {
                    terms.push(Box::new(move |date| entry.holds(Some(date))));
                }
            }
            if !terms.is_empty() {
                out.push(terms);
            }
        }
    }
    out
}
