//! `dateline check`, `dateline test` and `dateline explain-code`: what is wrong with rule packs.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use super::{Failure, RuleFolders, show};
use crate::rules::diagnostic::formats::{self, Format};
use crate::rules::diagnostic::{Code, Diagnostic, Level, Sources, explain, suggest};
use crate::rules::source::PackFiles;
use crate::rules::{self, Loaded, Ruleset, source};
use crate::testing::{self, Coverage, Share, TestReport};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of packs, or of one pack.
    folder: PathBuf,
    /// Do not load the embedded packs beside it.
    #[arg(long)]
    alone: bool,
    /// How problems are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Warnings fail the command too.
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct TestArguments {
    #[command(flatten)]
    rules: Arguments,
    /// Only tests with this in the name of the rule or of the test.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Tell what the tests exercise: rules, slots, alternatives of patterns.
    #[arg(long)]
    coverage: bool,
    /// Write a report for build servers.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write what comes out of the articles under `tests` as what is expected from now on.
    #[arg(long)]
    update: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct CodeArguments {
    /// The code, as diagnostics print it; all codes are listed if it is left out.
    code: Option<String>,
}

/// A folder of packs, loaded.
struct Opened {
    loaded: Loaded,
    packs: Vec<PackFiles>,
    /// Names of the packs of the folder.
    own: Vec<String>,
    /// What could not be read.
    problems: Vec<Diagnostic>,
}

fn load(arguments: &Arguments, coverage: bool) -> Opened {
    let (packs, problems) = source::from_folder(&arguments.folder);
    let own = packs.iter().map(|pack| pack.name.clone()).collect();
    let packs = if arguments.alone { packs } else { rules::packs_with(packs) };
    Opened { loaded: rules::load_for(&packs, coverage), packs, own, problems }
}

impl Opened {
    /// Leaves out warnings about packs that were not asked for.
    fn keep_own(&self, problems: &mut Vec<Diagnostic>) {
        problems.retain(|problem| {
            let file = problem.record(&self.loaded.sources).file;
            let own = file.split_once('/').is_none_or(|(pack, _)| self.own.iter().any(|name| name == pack));
            own || problem.level == Level::Error
        });
    }
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
            print(&loaded.diagnostics, &loaded.sources, Format::Text, Path::new(""));
            Err("the rules cannot be used".into())
        }
    }
}

/// `dateline check DIR`
pub(super) fn check(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    let opened = load(arguments, false);
    let loaded = &opened.loaded;
    let mut problems = opened.problems.clone();
    problems.extend(loaded.diagnostics.iter().cloned());
    opened.keep_own(&mut problems);
    print(&problems, &loaded.sources, arguments.format, &arguments.folder);
    let errors = problems.iter().filter(|d| d.level == Level::Error).count();
    let warnings = problems.len() - errors;
    if arguments.format == Format::Text {
        if let Some(ruleset) = &loaded.ruleset {
            let (rules, packs) = (ruleset.rules().len(), ruleset.packs().len());
            anstream::print!("{} in {}: ", show::plural(rules, "rule"), show::plural(packs, "pack"));
        }
        anstream::println!(
            "{}, {} ({:.0} ms)",
            show::plural(errors, "error"),
            show::plural(warnings, "warning"),
            begin.elapsed().as_secs_f64() * 1000.0
        );
    }
    Ok(code(errors == 0 && (warnings == 0 || !arguments.deny_warnings)))
}

/// `dateline test DIR`
pub(super) fn test(arguments: &TestArguments) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    let folder = &arguments.rules.folder;
    let format = arguments.rules.format;
    let opened = load(&arguments.rules, arguments.coverage);
    let loaded = &opened.loaded;
    let Some(ruleset) = &loaded.ruleset else {
        let mut problems = opened.problems.clone();
        problems.extend(loaded.diagnostics.iter().cloned());
        print(&problems, &loaded.sources, format, folder);
        return Err("the rules cannot be loaded, so no test was run".into());
    };
    let only = arguments.only.as_deref();
    let wanted = |rule: &str, name: &str| only.is_none_or(|text| rule.contains(text) || name.contains(text));
    let report = testing::run_some(ruleset, &wanted, None);
    let mut all = opened.problems.clone();
    all.extend(report.diagnostics.iter().cloned());
    if arguments.coverage {
        all.extend(report.coverage.empty_slots.iter().cloned());
    }
    let mut articles = testing::ArticleReport::default();
    if only.is_none() {
        articles = testing::run_articles(ruleset, &opened.packs, &loaded.sources);
        if arguments.update {
            write_snapshots(folder, &articles)?;
        } else {
            all.append(&mut articles.diagnostics);
        }
    }
    loaded.policy.apply(&mut all, true);
    opened.keep_own(&mut all);
    if !arguments.coverage {
        // Without coverage nobody has looked for some of what may be allowed.
        all.retain(|problem| problem.code != Code::UnusedAllow);
    }
    print(&all, &loaded.sources, format, folder);
    if let Some(file) = &arguments.junit {
        std::fs::write(file, testing::junit(&report, &loaded.sources))?;
    }
    if format == Format::Text {
        if arguments.coverage {
            coverage(&report.coverage, &loaded.sources);
        }
        summary(&report, &articles, arguments.update, begin);
    }
    let errors = all.iter().any(|problem| problem.level == Level::Error);
    Ok(code(!errors && (all.is_empty() || !arguments.rules.deny_warnings)))
}

fn summary(report: &TestReport, articles: &testing::ArticleReport, updated: bool, begin: Instant) {
    let mut line = format!("{} passed, {} failed, {} todo", report.passed, report.failed, report.todo);
    if report.superseded > 0 {
        line.push_str(&format!(", {} superseded", report.superseded));
    }
    let all = articles.passed + articles.changed.len();
    if all > 0 {
        let other = articles.changed.len();
        let what = if updated { "written" } else { "otherwise than expected" };
        line.push_str(&format!("; {}, {other} {what}", show::plural(all, "article")));
    }
    anstream::println!("{line} ({:.0} ms)", begin.elapsed().as_secs_f64() * 1000.0);
}

fn coverage(coverage: &Coverage, sources: &Sources) {
    let line = |name: &str, share: Share| {
        let percent = if share.all == 0 { 100.0 } else { share.covered as f64 * 100.0 / share.all as f64 };
        anstream::println!("{name:<14} {:>6} of {:<6} {percent:>5.1} %", share.covered, share.all);
    };
    for place in &coverage.unreached {
        let (file, line, column) = sources.locate(place);
        let (_, text) = sources.file(place.file);
        let words = text.get(place.bytes.clone()).unwrap_or_default();
        anstream::println!("{file}:{line}:{column}: no test reaches `{}`", words.trim());
    }
    for rule in &coverage.untested {
        anstream::println!("{rule}: no test in which it must fire");
    }
    line("rules", coverage.rules);
    line("slots", coverage.slots);
    line("alternatives", coverage.alternatives);
}

/// Writes what came out of articles beside them.
fn write_snapshots(folder: &Path, articles: &testing::ArticleReport) -> Result<(), Failure> {
    for (pack, path, text) in &articles.changed {
        let own = folder.join(pack);
        let root = if own.join("pack.toml").is_file() { own } else { folder.to_owned() };
        let path = root.join(path);
        // Packs that the binary carries have no folder here.
        if path.parent().is_some_and(Path::is_dir) {
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// `dateline explain-code E-...`
pub(super) fn explain_code(arguments: &CodeArguments) -> Result<ExitCode, Failure> {
    let Some(name) = &arguments.code else {
        for code in Code::ALL {
            let page = explain(*code);
            let summary = page.lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default();
            anstream::println!("{:<26} {summary}", code.name());
        }
        return Ok(ExitCode::SUCCESS);
    };
    let upper = name.to_uppercase();
    match Code::from_name(&upper) {
        Some(code) => {
            anstream::println!("{}", explain(code));
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let near = suggest(&upper, Code::ALL.iter().map(|code| code.name()));
            let help = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            Err(format!("there is no code `{name}`{help}").into())
        }
    }
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Problems for people go to standard error, those for programs to standard output.
pub(super) fn print(problems: &[Diagnostic], sources: &Sources, format: Format, folder: &Path) {
    let color = std::io::stderr().is_terminal();
    // A pack's files are named by the pack; the folder was given as the pack itself or as the one above.
    let path = |file: &str| {
        let above = folder.parent().unwrap_or(Path::new("")).join(file);
        let own = folder.join(file);
        let found = [own, above].into_iter().find(|path| path.is_file());
        found.map_or_else(|| file.to_owned(), |path| path.display().to_string())
    };
    let text = formats::print(problems, sources, format, color, &path);
    match format {
        Format::Text => anstream::eprint!("{text}"),
        Format::Json | Format::Github | Format::Sarif => anstream::print!("{text}"),
    }
}
