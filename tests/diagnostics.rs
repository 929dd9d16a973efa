//! How problems of rules are shown: each `tests/diagnostics/NN-name.toml` is loaded alone, and what is said of it must be
//! what stands in `NN-name.out`. `UPDATE=1 cargo test --test diagnostics` writes the `.out` files anew; read the difference.

use std::path::PathBuf;

use dateline::rules::load;
use dateline::rules::source::PackFiles;

#[test]
fn problems_are_shown_as_expected() {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir("tests/diagnostics").unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    cases.sort();
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let rules = std::fs::read_to_string(&case).unwrap();
        let pack = "[pack]\nid = \"x\"\nversion = \"1.0.0\"\n";
        let loaded = load(&[PackFiles::from_texts("x", [("pack.toml", pack), (name.as_str(), rules.as_str())])]);
        assert!(!loaded.diagnostics.is_empty(), "{name} has no problem");
        let shown: Vec<String> = loaded.diagnostics.iter().map(|d| d.render(&loaded.sources, false)).collect();
        let shown = shown.join("\n\n") + "\n";
        let expected = case.with_extension("out");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "shown otherwise than expected:\n{}", wrong.join("\n"));
}
