//! An article of any text: it gives the same events twice, and they fit their messages.
#![no_main]

mod extracted;

use dateline::pipeline::Article;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: (&str, Option<&str>, i64)| {
    let (body, headline, seconds) = given;
    extracted::holds(&Article {
        body: body.to_owned(),
        headline: headline.map(str::to_owned),
        published_at: instant(seconds),
        ..Article::default()
    });
});

/// An instant from the years that a timestamp may hold.
fn instant(seconds: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(seconds % 62_135_596_800).ok()
}
