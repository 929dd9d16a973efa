//! How problems of rules are shown: each `tests/diagnostics/NN-name.toml` is loaded alone, each folder `NN-name` as a
//! folder of packs, and what is said of it must be what stands in `NN-name.out`. `UPDATE=1 cargo test --test diagnostics`
//! writes the `.out` files anew; read the difference.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dateline::rules::diagnostic::{Code, Diagnostic};
use dateline::rules::load;
use dateline::rules::source::{PackFiles, from_folder};
use dateline::testing::{run_articles, run_tests};

fn packs(case: &Path) -> Vec<PackFiles> {
    if case.is_dir() {
        return from_folder(case).0;
    }
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let rules = std::fs::read_to_string(case).unwrap();
    let pack = "[pack]\nid = \"x\"\nversion = \"1.0.0\"\n";
    vec![PackFiles::from_texts("x", [("pack.toml", pack), (name.as_str(), rules.as_str())])]
}

/// All that is wrong with packs: when they are loaded, and if that goes well, when they are tested.
fn shown(packs: &[PackFiles], codes: &mut BTreeSet<Code>) -> String {
    let loaded = load(packs);
    let mut problems: Vec<Diagnostic> = loaded.diagnostics;
    if let Some(ruleset) = &loaded.ruleset {
        let report = run_tests(ruleset);
        let mut tested = report.diagnostics;
        tested.extend(report.coverage.empty_slots);
        tested.extend(run_articles(ruleset, packs, &loaded.sources).diagnostics);
        loaded.policy.apply(&mut tested, true);
        problems.extend(tested);
    }
    codes.extend(problems.iter().map(|problem| problem.code));
    let all: Vec<String> = problems.iter().map(|d| d.render(&loaded.sources, false)).collect();
    all.join("\n\n") + "\n"
}

#[test]
fn problems_are_shown_as_expected() {
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir("tests/diagnostics").unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir() || path.extension().is_some_and(|end| end == "toml"));
    cases.sort();
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let shown = shown(&packs(&case), &mut codes);
        assert!(shown.trim().len() > 1, "{name} has no problem");
        let expected = case.with_extension("out");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(wrong.is_empty(), "shown otherwise than expected:\n{}", wrong.join("\n"));
    let unseen: Vec<&str> = Code::ALL.iter().filter(|code| !codes.contains(code)).map(|code| code.name()).collect();
    assert!(unseen.is_empty(), "no case shows {unseen:?}");
}
