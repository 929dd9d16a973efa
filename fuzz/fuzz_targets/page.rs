//! A page of any bytes that are text: what holds for articles holds for it.
#![no_main]

mod extracted;

use dateline::pipeline::Article;
use dateline::text::MediaType;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|page: &str| {
    extracted::holds(&Article { body: page.to_owned(), media_type: MediaType::Html, ..Article::default() });
});
