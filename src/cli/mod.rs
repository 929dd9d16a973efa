//! The command line.

mod bench;
mod call;
mod demo;
mod eval;
mod explain;
mod extract;
mod input;
mod layout;
mod rules;
mod scaffold;
mod serve;
mod show;
mod watch;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::{EXIT_CONFIG, Problems};

/// News articles in, typed events with their evidence out.
#[derive(Debug, Parser)]
#[command(name = "dateline", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the service on a free port, send it an article, show what comes back, and end.
    Demo,
    /// Run the service.
    Serve(serve::Arguments),
    /// Work on the articles of a queue in NATS.
    Work(work::Arguments),
    /// Extract the events of a file through a running service.
    Call(call::Arguments),
    /// Extract the events of files, without a service.
    Extract(extract::Arguments),
    /// Say why the events of an article came out as they did, and why others did not.
    Explain(explain::Arguments),
    /// Check rule packs and say all that is wrong with them.
    Check(rules::Arguments),
    /// Run the tests under the rules of packs.
    Test(rules::TestArguments),
    /// Score the events of annotated articles.
    Eval(eval::Arguments),
    /// Show at once what edits of rules change in the events of articles.
    Watch(watch::Arguments),
    /// Say what each rule costs over articles.
    Bench(bench::Arguments),
    /// Begin a pack or an event rule that passes `check` and `test` as it is.
    New(scaffold::Arguments),
    /// Bring rule files into the usual layout.
    Fmt(layout::Arguments),
    /// Print the JSON Schema of rule files, for editors.
    Schema,
    /// Say what a code of a diagnostic means and what to do about it.
    ExplainCode(rules::CodeArguments),
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document an article, indented.
    Json,
    /// One JSON document a line.
    Jsonl,
}

/// Folders with packs that come beside the embedded ones, or in their place.
#[derive(Debug, clap::Args)]
pub(crate) struct RuleFolders {
    /// Folder with rule packs; a pack with the id of an embedded one replaces it. May be given more than once.
    #[arg(long = "rules", value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// How articles of files are read, and by which rules.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// Day of publication of .txt and .html files, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    pub published: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub folders: RuleFolders,
}

/// What ends a command.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo => demo::run(),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Work(arguments) => work::run(arguments),
        Command::Call(arguments) => call::run(arguments),
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Check(arguments) => rules::check(&arguments),
        Command::Test(arguments) => rules::test(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Watch(arguments) => watch::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::New(arguments) => scaffold::run(&arguments),
        Command::Fmt(arguments) => layout::fmt(&arguments),
        Command::Schema => layout::print_schema(),
        Command::ExplainCode(arguments) => rules::explain_code(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            if let Some(problems) = error.downcast_ref::<Problems>() {
                problems.0.iter().for_each(|problem| show::error(&problem.to_string()));
                return ExitCode::from(EXIT_CONFIG);
            }
            show::error(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
