//! `dateline watch`: edit rules, and see at once what changes in the events of articles.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::civil::Date;
use notify::{RecursiveMode, Watcher};

use super::{Failure, input, rules as packs, show};
use crate::pipeline::{self, Options};
use crate::rules::diagnostic::formats::Format;
use crate::rules::{self, Ruleset, source};
use crate::testing::{self, snapshot};

const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const HEAD: Style = AnsiColor::Cyan.on_default().bold();

/// How often files are looked at where the system does not tell of changes.
const POLL: Duration = Duration::from_secs(1);
/// How long an editor is given to write all its files.
const SETTLE: Duration = Duration::from_millis(80);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of packs, or of one pack.
    folder: PathBuf,
    /// Articles (.txt, .html, .jsonl), or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    articles: Vec<PathBuf>,
    /// Day of publication of .txt and .html files, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    published: Option<Date>,
    /// Look so many times and end; for scripts.
    #[arg(long, hide = true)]
    rounds: Option<usize>,
}

/// The events of all articles, as text, by article.
type Events = BTreeMap<String, String>;

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let (send, changes) = channel();
    let tell = move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = send.send(());
        }
    };
    // Where changes cannot be told, they are polled for.
    let mut watcher = notify::recommended_watcher(tell).ok();
    if let Some(watcher) = &mut watcher {
        for path in std::iter::once(&arguments.folder).chain(&arguments.articles) {
            let _ = watcher.watch(path, RecursiveMode::Recursive);
        }
    }
    let mut before: Option<Events> = None;
    let mut last = String::new();
    let mut round = 0;
    loop {
        // A file may be away for a moment while it is written anew.
        let state = state(arguments).or_else(|error| if before.is_some() { Ok(last.clone()) } else { Err(error) })?;
        if state != last {
            last = state;
            match look(arguments, &mut before) {
                Err(error) if before.is_some() => show::error(&error.to_string()),
                looked => looked?,
            }
            round += 1;
            if arguments.rounds.is_some_and(|rounds| round >= rounds) {
                return Ok(ExitCode::SUCCESS);
            }
        }
        match changes.recv_timeout(POLL) {
            Ok(()) => std::thread::sleep(SETTLE),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(POLL),
        }
        while changes.try_recv().is_ok() {}
    }
}

/// What changes with every byte of the rules and the articles.
fn state(arguments: &Arguments) -> Result<String, Failure> {
    let (packs, problems) = source::from_folder(&arguments.folder);
    let mut out = source::digest(&packs);
    problems.iter().for_each(|problem| out.push_str(&problem.message));
    for path in input::files(&arguments.articles)? {
        if let Ok(meta) = std::fs::metadata(&path) {
            let _ = write!(out, "{} {} {:?}", path.display(), meta.len(), meta.modified().ok());
        }
    }
    Ok(out)
}

fn look(arguments: &Arguments, before: &mut Option<Events>) -> Result<(), Failure> {
    let (packs, problems) = source::from_folder(&arguments.folder);
    let loaded = rules::load(&rules::packs_with(packs));
    let Some(ruleset) = loaded.ruleset.as_ref().filter(|_| problems.is_empty()) else {
        let all: Vec<_> = problems.into_iter().chain(loaded.diagnostics).collect();
        packs::print(&all, &loaded.sources, Format::Text, &arguments.folder);
        anstream::println!("{GONE}these rules cannot be loaded; the events are those of before{GONE:#}");
        return Ok(());
    };
    let after = events(ruleset, &arguments.articles, arguments.published)?;
    match before {
        None => {
            let count: usize = after.values().map(|text| blocks(text)).sum();
            let articles = show::plural(after.len(), "article");
            anstream::println!("{} in {articles}; waiting for changes of the rules", show::plural(count, "event"));
        }
        Some(before) => anstream::print!("{}", difference(before, &after)),
    }
    *before = Some(after);
    let report = testing::run_tests(ruleset);
    if report.failed > 0 {
        packs::print(&report.diagnostics, &loaded.sources, Format::Text, &arguments.folder);
    }
    anstream::println!("{} passed, {} failed", report.passed, report.failed);
    Ok(())
}

fn events(ruleset: &Ruleset, articles: &[PathBuf], published: Option<Date>) -> Result<Events, Failure> {
    let mut out = Events::new();
    for path in input::files(articles)? {
        for (index, article) in input::articles(ruleset.event_types(), &path, published).enumerate() {
            let article = article?;
            let (doc, extraction) = pipeline::extract(ruleset, &article, &Options::default(), &|| false)?;
            out.insert(name(&path, index, &article.id), snapshot::of(&doc, &extraction));
        }
    }
    Ok(out)
}

fn name(path: &Path, index: usize, id: &str) -> String {
    match path.extension().is_some_and(|end| end == "jsonl") {
        true => format!("{}:{} {id}", path.display(), index + 1),
        false => path.display().to_string(),
    }
}

/// How many events a text holds: each begins with a line that is not set in.
fn blocks(text: &str) -> usize {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).count()
}

/// What came and what went, article by article.
fn difference(before: &Events, after: &Events) -> String {
    let mut out = String::new();
    let (mut changed, mut same) = (0, 0);
    for (name, text) in after {
        let old = before.get(name).map_or("", String::as_str);
        if old == text {
            same += 1;
            continue;
        }
        changed += 1;
        let _ = writeln!(out, "{HEAD}{name}{HEAD:#}  {} -> {}", blocks(old), show::plural(blocks(text), "event"));
        for line in snapshot::difference(old, text) {
            let style = match line.chars().next() {
                Some('-') => GONE,
                Some('+') => NEW,
                _ => Style::new(),
            };
            let _ = writeln!(out, "  {style}{line}{style:#}");
        }
    }
    let _ = writeln!(out, "{changed} changed, {same} as before");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_articles_whose_events_changed_are_shown() {
        let events =
            |a: &str, b: &str| Events::from([("a.txt".to_owned(), a.to_owned()), ("b.txt".to_owned(), b.to_owned())]);
        let before = events("raid ASSAULT\n  status = ASSERTED\n", "");
        let after = events("raid ASSAULT\n  status = ASSERTED\n", "launch MOBILIZE\n  status = FUTURE\n");
        let shown = anstream::adapter::strip_str(&difference(&before, &after)).to_string();
        assert!(!shown.contains("a.txt"), "{shown}");
        assert!(shown.contains("b.txt  0 -> 1 event\n  + launch MOBILIZE\n"), "{shown}");
        assert!(shown.ends_with("1 changed, 1 as before\n"), "{shown}");
    }
}
