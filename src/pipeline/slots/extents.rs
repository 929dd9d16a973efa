//! How far a stretch of text reaches.

use crate::pipeline::analysis::Analysis;
use crate::relations::Tag;
use crate::rules::program::class;
use crate::text::TokenRange;

/// Words of a text slot, at most.
const TEXT_WORDS: usize = 60;

/// Words up to where the next clause begins: "for the draft, after Kurds agreed to it", "for the plan, saying it".
pub(super) fn first_clause(analysis: &Analysis<'_>, range: TokenRange) -> TokenRange {
    let begins = |at: &usize| {
        let clause = matches!(analysis.lattice.tag(at + 1), Some(Tag::IN | Tag::WRB | Tag::VBG | Tag::VBD));
        analysis.lattice.class(*at) & class::COMMA != 0 && clause
    };
    let end = range.range().skip(1).find(begins);
    TokenRange { end: end.map_or(range.end, |end| end as u32), ..range }
}

/// Without marks, prepositions and conjunctions at its ends.
pub(super) fn trimmed(analysis: &Analysis<'_>, range: TokenRange) -> TokenRange {
    let lattice = &analysis.lattice;
    let edge = class::PUNCT | class::COMMA | class::QUOTE | class::DASH;
    let (mut start, mut end) = (range.start as usize, range.end as usize);
    while start < end && lattice.class(start) & (edge | class::PREPOSITION) != 0 {
        start += 1;
    }
    while start < end && lattice.class(end - 1) & edge != 0 {
        end -= 1;
    }
    TokenRange::new(start, end.min(start + TEXT_WORDS))
}

/// The words between the first quotation marks of a range.
pub(super) fn quotation(analysis: &Analysis<'_>, range: TokenRange) -> Option<TokenRange> {
    let lattice = &analysis.lattice;
    let is_mark = |at: &usize| lattice.class(*at) & class::QUOTE != 0;
    let open = range.range().find(is_mark)?;
    let close = (open + 1..range.end as usize).find(is_mark)?;
    let mut end = close;
    while end > open + 1 && lattice.class(end - 1) & (class::PUNCT | class::COMMA) != 0 {
        end -= 1;
    }
    (end > open + 1).then(|| TokenRange::new(open + 1, end))
}
