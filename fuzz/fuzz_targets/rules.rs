//! A rule file of any content: it loads, or every error says where it is.
#![no_main]

use dateline::rules;
use dateline::rules::diagnostic::Level;
use dateline::rules::format::format;
use dateline::rules::source::PackFiles;
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = "[pack]\nid = \"fuzz\"\nversion = \"1.0.0\"\n";

fuzz_target!(|text: &str| {
    let pack = PackFiles::from_texts("fuzz", [("pack.toml", MANIFEST), ("rules.toml", text)]);
    let loaded = rules::load(std::slice::from_ref(&pack));
    assert_eq!(loaded.failed(), loaded.diagnostics.iter().any(|problem| problem.level == Level::Error));
    for problem in &loaded.diagnostics {
        let record = problem.record(&loaded.sources);
        assert!(!record.message.is_empty());
        problem.render(&loaded.sources, false);
    }
    let _ = format(text);
});
