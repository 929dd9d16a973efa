//! The reference of the rule language cannot rot: all examples of `rules/README.md` together are a pack, which must load
//! beside the core pack without an error and pass its own tests. What the examples refer to and do not show stands in
//! `tests/data/reference`.

use std::path::Path;

use dateline::rules::diagnostic::Level;
use dateline::rules::load;
use dateline::rules::source::{PackFiles, embedded, from_folder};
use dateline::testing::run_tests;

/// The fenced `toml` blocks of a page.
fn examples(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in page.lines() {
        match (&mut open, line.trim_end()) {
            (None, "```toml") => open = Some(String::new()),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some(block), _) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

/// What is wrong with the packs; of failed tests only those of the pack `of`, for its rules may stand in others' way.
fn problems(packs: &[PackFiles], of: &str) -> Vec<String> {
    let loaded = load(packs);
    let errors = loaded.diagnostics.iter().filter(|d| d.level == Level::Error);
    let mut out: Vec<String> = errors.map(|d| d.render(&loaded.sources, false)).collect();
    if let Some(ruleset) = &loaded.ruleset {
        let report = run_tests(ruleset);
        let own = report.diagnostics.iter().filter(|d| d.record(&loaded.sources).file.starts_with(of));
        out.extend(own.map(|d| d.render(&loaded.sources, false)));
    }
    out
}

#[test]
fn the_examples_of_the_reference_are_a_pack_that_works() {
    let blocks = examples(&std::fs::read_to_string("rules/README.md").unwrap());
    assert!(blocks.len() >= 10, "only {} examples", blocks.len());
    let (mut packs, problems_of_files) = from_folder(Path::new("tests/data/reference"));
    assert!(problems_of_files.is_empty(), "{problems_of_files:?}");
    let pack = &mut packs[0];
    let mut path = String::new();
    for (number, block) in blocks.iter().enumerate() {
        // Tests stand in the file of the rule that they are of.
        if block.starts_with("[[") {
            pack.files.entry(path.clone()).or_default().extend(block.bytes());
            continue;
        }
        path = if block.contains("[pack]") { "pack.toml".to_owned() } else { format!("example_{number:02}.toml") };
        pack.files.insert(path.clone(), block.clone().into_bytes());
    }
    let core = embedded().into_iter().filter(|pack| pack.name == "core");
    let all: Vec<PackFiles> = core.chain(packs).collect();
    let problems = problems(&all, "reference/");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn the_example_pack_works_with_its_articles() {
    let (packs, problems_of_files) = from_folder(Path::new("rules/examples"));
    assert!(problems_of_files.is_empty(), "{problems_of_files:?}");
    let mut all = embedded();
    all.extend(packs);
    let found = problems(&all, "shipping/");
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    let loaded = load(&all);
    let articles = dateline::testing::run_articles(&loaded.ruleset.unwrap(), &all, &loaded.sources);
    let wrong: Vec<String> = articles.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!((articles.passed, articles.failed), (1, 0), "{wrong:?}");
}

#[test]
fn the_pack_of_the_five_minute_example_works() {
    let page = std::fs::read_to_string("README.md").unwrap();
    let blocks = examples(&page);
    let proto = page.split("```proto\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let manifest = blocks.iter().find(|block| block.contains("[pack]")).unwrap();
    let rules = blocks.iter().find(|block| block.contains("[event.vessel_seizure]")).unwrap();
    let files = [("pack.toml", manifest.as_str()), ("shipping.proto", proto), ("seizure.toml", rules.as_str())];
    let mut packs = embedded();
    packs.push(PackFiles::from_texts("shipping", files));
    let problems = problems(&packs, "shipping/");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
