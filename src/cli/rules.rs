//! `dateline check` and `dateline test`: what is wrong with rule packs.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::{Failure, RuleFolders, show};
use crate::rules::diagnostic::{Diagnostic, Level, Sources};
use crate::rules::source::PackFiles;
use crate::rules::{self, Loaded, Ruleset, source};
use crate::testing::run_tests;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of packs, or of one pack.
    folder: PathBuf,
    /// Do not load the embedded packs beside it.
    #[arg(long)]
    alone: bool,
}

fn load(arguments: &Arguments) -> (Loaded, Vec<Diagnostic>) {
    let (packs, problems) = source::from_folder(&arguments.folder);
    let packs = if arguments.alone { packs } else { rules::packs_with(packs) };
    (rules::load(&packs), problems)
}

/// The packs that folders bring beside the embedded ones.
pub(super) fn packs(folders: &RuleFolders) -> Result<Vec<PackFiles>, Failure> {
    let mut extra = Vec::new();
    for folder in &folders.rules {
        let (packs, problems) = source::from_folder(folder);
        if let Some(problem) = problems.first() {
            return Err(problem.message.clone().into());
        }
        extra.extend(packs);
    }
    Ok(rules::packs_with(extra))
}

/// Loads the rules that are to answer; says what is wrong and fails if they cannot.
pub(super) fn load_live(folders: &RuleFolders) -> Result<Ruleset, Failure> {
    let loaded = rules::load(&packs(folders)?);
    match loaded.ruleset {
        Some(ruleset) => Ok(ruleset),
        None => {
            print(&loaded.diagnostics, &loaded.sources);
            Err("the rules cannot be used".into())
        }
    }
}

/// `dateline check DIR`
pub(super) fn check(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    let (loaded, problems) = load(arguments);
    print(&problems, &loaded.sources);
    print(&loaded.diagnostics, &loaded.sources);
    let all = || problems.iter().chain(&loaded.diagnostics);
    let errors = all().filter(|d| d.level == Level::Error).count();
    let warnings = all().count() - errors;
    if let Some(ruleset) = &loaded.ruleset {
        anstream::print!(
            "{} in {}: ",
            show::plural(ruleset.rules().len(), "rule"),
            show::plural(ruleset.packs().len(), "pack")
        );
    }
    anstream::println!(
        "{}, {} ({:.0} ms)",
        show::plural(errors, "error"),
        show::plural(warnings, "warning"),
        begin.elapsed().as_secs_f64() * 1000.0
    );
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `dateline test DIR`
pub(super) fn test(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    let (loaded, problems) = load(arguments);
    let Some(ruleset) = &loaded.ruleset else {
        print(&problems, &loaded.sources);
        print(&loaded.diagnostics, &loaded.sources);
        return Err("the rules cannot be loaded, so no test was run".into());
    };
    let report = run_tests(ruleset);
    print(&report.diagnostics, &loaded.sources);
    anstream::println!(
        "{} passed, {} failed, {} todo ({:.0} ms)",
        report.passed,
        report.failed,
        report.todo,
        begin.elapsed().as_secs_f64() * 1000.0
    );
    Ok(if report.failed == 0 && problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(diagnostics: &[Diagnostic], sources: &Sources) {
    let color = std::io::stderr().is_terminal();
    for diagnostic in diagnostics {
        anstream::eprintln!("{}\n", diagnostic.render(sources, color));
    }
}
