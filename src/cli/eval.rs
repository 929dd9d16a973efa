//! `dateline eval`: how well the rules do on annotated articles.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, RuleFolders, show};
use crate::scoring::{self, Fault, Score, Tally};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Annotated articles, one JSON object a line.
    #[arg(value_name = "FILE")]
    articles: PathBuf,
    #[command(flatten)]
    folders: RuleFolders,
    /// Print up to so many missed and so many spurious events.
    #[arg(long, value_name = "N", default_value_t = 0)]
    errors: usize,
    /// Keep the score in a file, for a later run to compare with.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Compare with a score that was kept.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Fail if the F1 of the events is below, 0 to 1.
    #[arg(long, value_name = "F1")]
    floor: Option<f64>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let path = |path: &PathBuf| path.display().to_string();
    let text = std::fs::read_to_string(&arguments.articles)
        .map_err(|error| format!("{}: {error}", path(&arguments.articles)))?;
    let articles = scoring::read(&text).map_err(|error| format!("{}: {error}", path(&arguments.articles)))?;
    let before: Option<Score> = match &arguments.against {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", path(file)))?;
            Some(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path(file)))?)
        }
        None => None,
    };
    let ruleset = super::rules::load_live(&arguments.folders)?;
    let score = scoring::score(&ruleset, &articles);
    anstream::print!("{}", table(&score, before.as_ref()));
    anstream::print!("{}", errors(&score, before.as_ref(), arguments.errors));
    if let Some(file) = &arguments.save {
        let text = serde_json::to_string_pretty(&score)?;
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", path(file)))?;
    }
    if let Some(floor) = arguments.floor
        && score.events.f1() < floor
    {
        show::error(&format!("the F1 of the events is {:.3}, below {floor}", score.events.f1()));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The score as a table; with what changed, where there is an earlier one.
fn table(score: &Score, before: Option<&Score>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{:10} {:>9} {:>9} {:>9}", "", "precision", "recall", "F1");
    let change = |now: f64, before: Option<f64>| match before {
        Some(before) if (now - before).abs() >= 0.0005 => format!("  {:+.3}", now - before),
        _ => String::new(),
    };
    type Part = fn(&Score) -> &Tally;
    let parts: [(&str, Part); 6] = [
        ("events", |s| &s.events),
        ("roles", |s| &s.roles),
        ("place", |s| &s.place),
        ("time", |s| &s.time),
        ("numbers", |s| &s.numbers),
        ("modes", |s| &s.modes),
    ];
    for (name, part) in parts {
        let tally = part(score);
        let _ = writeln!(
            out,
            "{name:10} {:9.3} {:9.3} {:9.3}{}",
            tally.precision(),
            tally.recall(),
            tally.f1(),
            change(tally.f1(), before.map(|b| part(b).f1()))
        );
    }
    let status = score.status.recall();
    let _ = writeln!(out, "{:10} {:>29.3}{}", "status", status, change(status, before.map(|b| b.status.recall())));
    let _ = writeln!(out, "\n{:10} {:>9} {:>9} {:>9}", "", "annotated", "extracted", "F1");
    for (category, tally) in &score.by_category {
        let earlier = before.and_then(|b| b.by_category.get(category)).map(Tally::f1);
        let _ = writeln!(
            out,
            "{category:10} {:9} {:9} {:9.3}{}",
            tally.gold,
            tally.extracted,
            tally.f1(),
            change(tally.f1(), earlier)
        );
    }
    let _ = writeln!(out, "{}", show::plural(score.articles, "article"));
    out
}

/// The first errors of each kind; with an earlier score, those that are new.
fn errors(score: &Score, before: Option<&Score>, most: usize) -> String {
    let mut out = String::new();
    let new = |miss: &&scoring::Miss| before.is_none_or(|before| !before.errors.contains(miss));
    for (fault, title) in [(Fault::Missed, "missed"), (Fault::Spurious, "spurious")] {
        for miss in score.errors.iter().filter(|miss| miss.fault == fault).filter(new).take(most) {
            let rule = if miss.rule.is_empty() { String::new() } else { format!(" by {}", miss.rule) };
            let _ = writeln!(out, "\n{title} {} {} [{}]{rule}", miss.article, miss.category, miss.trigger);
            let _ = writeln!(out, "    {}", miss.sentence);
        }
    }
    out
}
