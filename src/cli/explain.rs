//! `dateline explain`: why the events of an article came out as they did, and why others did not.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use super::{Failure, Reading, input, rules};
use crate::explain::{self, page};
use crate::pipeline::Options;

/// How reasons are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document an article.
    Json,
    /// One page an article, which needs nothing else.
    Html,
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Article (.txt, .html, .jsonl), or - for text on standard input.
    #[arg(value_name = "FILE|-")]
    article: PathBuf,
    #[command(flatten)]
    reading: Reading,
    /// How reasons are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Only what is about this event rule; as text.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Where to write; standard output if it is left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let ruleset = rules::load_live(&arguments.reading.folders)?;
    let only = arguments.rule.as_deref();
    if let Some(rule) = only {
        let id = rule.strip_prefix("event.").unwrap_or(rule);
        let mut events = ruleset.rules().iter().filter(|rule| rule.kind == "event").map(|rule| rule.id.as_str());
        if !events.clone().any(|own| own == id) {
            let near = crate::rules::diagnostic::suggest(id, &mut events);
            let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("there is no event rule `{rule}`{help}").into());
        }
    }
    let mut out = String::new();
    for article in input::articles(ruleset.event_types(), &arguments.article, arguments.reading.published) {
        let (_, own) = explain::explain(&ruleset, &article?, &Options::default(), &|| false)?;
        match arguments.format {
            Format::Text => out.push_str(&explain::show(&own, only)),
            Format::Json => out.push_str(&(serde_json::to_string_pretty(&own)? + "\n")),
            Format::Html => out.push_str(&page::html(&ruleset, &own)?),
        }
    }
    match &arguments.out {
        Some(path) => std::fs::write(path, anstream::adapter::strip_str(&out).to_string())?,
        None => anstream::print!("{out}"),
    }
    Ok(ExitCode::SUCCESS)
}
