//! What an event does not say of where and when it was, the story around it may say: the sentence that follows a lead,
//! those in which a speaker is told to have spoken, the places last named, the country that it is all about.

mod days;
mod lead;
mod places;
mod speech;

use self::days::{background, dated_before};
use self::lead::lead;
use self::places::{filed, in_country, placed_around};
use self::speech::said;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::events::Draft;
use crate::rules::ruleset::EventRule;
use crate::text::Part;

/// Gives events the places and times that the sentences around them tell.
pub(super) fn settle(analysis: &mut Analysis<'_>, drafts: &mut [Draft]) {
    said(analysis, drafts);
    lead(analysis, drafts);
    placed_around(analysis, drafts);
    dated_before(analysis, drafts);
    filed(analysis, drafts);
    background(analysis, drafts);
    in_country(analysis, drafts);
}

/// The sentences of the article's own text.
fn body<'a>(analysis: &Analysis<'a>) -> impl Iterator<Item = usize> + use<'a> {
    let sentences = analysis.doc().sentences().iter().enumerate();
    sentences.filter(|(_, sentence)| sentence.part == Part::Body && !sentence.duplicate).map(|(index, _)| index)
}

/// Whether a sentence is the first one of the article's own text.
pub(super) fn is_lead(analysis: &Analysis<'_>, sentence: usize) -> bool {
    body(analysis).next() == Some(sentence)
}

/// Whether a sentence stands in the article's own text.
fn is_body(analysis: &Analysis<'_>, sentence: usize) -> bool {
    analysis.sentence(sentence).is_some_and(|sentence| sentence.part == Part::Body && !sentence.duplicate)
}

/// Whether an event happens at a place, as far as its rule says.
fn happens(analysis: &Analysis<'_>, draft: &Draft) -> bool {
    analysis.rules.events.get(draft.rule).is_some_and(EventRule::happens)
}
