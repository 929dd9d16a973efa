//! Drafts of packs: checked and tested beside the packs that are live, without going live.

use std::collections::BTreeMap;
use std::time::Duration;

use super::errors::Violation;
use crate::api::v1;
use crate::rules::diagnostic::{Diagnostic, DiagnosticRecord, Level};
use crate::rules::source::{self, MAX_FILES, PackFiles};
use crate::rules::{self, Loaded};
use crate::testing;

/// Time that the tests of drafts may take.
const TEST_TIME: Duration = Duration::from_secs(20);
/// Diagnostics that are sent back.
const MAX_DIAGNOSTICS: usize = 500;

/// How a draft came out.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    pub valid: bool,
    pub diagnostics: Vec<DiagnosticRecord>,
    pub digest: String,
    pub passed: usize,
    pub failed: usize,
    pub todo: usize,
    pub skipped: usize,
}

/// The packs of a request.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn packs(drafts: Vec<v1::DraftPack>) -> Result<Vec<PackFiles>, Vec<Violation>> {
    let mut wrong = Vec::new();
    if drafts.is_empty() {
        wrong.push(Violation::new("packs", "is empty"));
    }
    let mut out = Vec::new();
    for (index, draft) in drafts.into_iter().enumerate() {
        let field = format!("packs[{index}]");
        if draft.files.len() > MAX_FILES {
            wrong.push(Violation::new(format!("{field}.files"), format!("are more than {MAX_FILES}")));
        }
        if !draft.files.iter().any(|file| file.path == "pack.toml") {
            wrong.push(Violation::new(format!("{field}.files"), "have no pack.toml"));
        }
        let mut files = BTreeMap::new();
        for (at, file) in draft.files.into_iter().enumerate() {
            if files.insert(file.path, file.content.into_bytes()).is_some() {
                wrong.push(Violation::new(format!("{field}.files[{at}].path"), "is there twice"));
            }
        }
        let name = if draft.name.is_empty() { format!("draft{index}") } else { draft.name };
        out.push(PackFiles { name, files });
    }
    if wrong.is_empty() { Ok(out) } else { Err(wrong) }
}

/// Loads drafts in the place of live packs.
pub(super) fn check(live: Vec<PackFiles>, drafts: Vec<PackFiles>) -> Verdict {
    let names: Vec<String> = drafts.iter().map(|pack| pack.name.clone()).collect();
    let packs = rules::packs_over(live, drafts);
    let loaded = rules::load(&packs);
    Verdict {
        valid: !loaded.failed(),
        diagnostics: records(&loaded.diagnostics, &loaded, &names),
        digest: source::digest(&packs),
        ..Verdict::default()
    }
}

/// Loads drafts in the place of live packs and runs the tests.
pub(super) fn test(live: Vec<PackFiles>, drafts: Vec<PackFiles>, drafts_only: bool) -> Verdict {
    let names: Vec<String> = drafts.iter().map(|pack| pack.name.clone()).collect();
    let packs = rules::packs_over(live, drafts);
    let loaded = rules::load(&packs);
    let mut all = loaded.diagnostics.clone();
    let mut verdict = Verdict { digest: source::digest(&packs), ..Verdict::default() };
    if let Some(ruleset) = &loaded.ruleset {
        let own = |file: &str| names.iter().any(|name| file.starts_with(&format!("{name}/")));
        let rules: Vec<String> = ruleset
            .rules()
            .iter()
            .filter(|rule| !drafts_only || own(&rule.file))
            .map(|rule| format!("{}.{}", rule.kind, rule.id))
            .collect();
        let wanted = |rule: &str, _: &str| rules.iter().any(|own| own == rule);
        let report = testing::run_some(ruleset, &wanted, Some(TEST_TIME));
        let mut tested = report.diagnostics;
        loaded.policy.apply(&mut tested, true);
        all.extend(tested);
        verdict.passed = report.passed;
        verdict.failed = report.failed;
        verdict.todo = report.todo;
        verdict.skipped = report.skipped;
    }
    verdict.valid = !loaded.failed() && verdict.failed == 0 && verdict.skipped == 0;
    verdict.diagnostics = records(&all, &loaded, &names);
    verdict
}

/// All errors, and the warnings about the drafts.
fn records(problems: &[Diagnostic], loaded: &Loaded, names: &[String]) -> Vec<DiagnosticRecord> {
    let all = problems.iter().map(|problem| problem.record(&loaded.sources));
    let own = |file: &str| names.iter().any(|name| file.starts_with(&format!("{name}/")));
    all.filter(|record| record.level == Level::Error || own(&record.file)).take(MAX_DIAGNOSTICS).collect()
}
