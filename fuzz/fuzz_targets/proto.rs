//! The proto of a pack, of any content: it compiles, or an error says what is wrong.
#![no_main]

use dateline::rules;
use dateline::rules::diagnostic::Level;
use dateline::rules::source::PackFiles;
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = "[pack]\nid = \"fuzz\"\nversion = \"1.0.0\"\nproto = [\"own.proto\"]\n";

fuzz_target!(|text: &str| {
    let own = PackFiles::from_texts("fuzz", [("pack.toml", MANIFEST), ("own.proto", text)]);
    let loaded = rules::load(std::slice::from_ref(&own));
    assert_eq!(loaded.failed(), loaded.diagnostics.iter().any(|problem| problem.level == Level::Error));
    for problem in &loaded.diagnostics {
        problem.render(&loaded.sources, false);
    }
});
