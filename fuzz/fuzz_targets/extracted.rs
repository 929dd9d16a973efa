// What holds for every article, whatever is in it: shared by the targets of articles.

use std::sync::LazyLock;

use dateline::event::envelope;
use dateline::pipeline::{Article, Options, extract};
use dateline::rules::{self, Ruleset, source};
use dateline::text::OffsetEncoding;

static RULES: LazyLock<Ruleset> =
    LazyLock::new(|| rules::load(&source::embedded()).ruleset.expect("the packs are sound"));

/// Extracts twice and turns what came out into messages.
pub fn holds(article: &Article) {
    let options = Options { max_events: Some(100), ..Options::default() };
    let found = || extract(&RULES, article, &options, &|| false).expect("nothing cancels");
    let (doc, extraction) = found();
    assert_eq!(extraction, found().1, "the same article gives the same events");
    for encoding in [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::Utf32] {
        let answer =
            envelope::response(&RULES, None, article, &doc, &extraction, encoding).expect("events fit their messages");
        assert_eq!(answer.events.len(), extraction.events.len());
        for evidence in answer.events.iter().flat_map(|event| &event.evidence) {
            assert!(evidence.start <= evidence.end);
            if encoding == OffsetEncoding::Utf8 {
                let (start, end) = (evidence.start as usize, evidence.end as usize);
                assert!(article.body.get(start..end).is_some(), "offsets are of the body");
            }
        }
    }
}
