//! `dateline extract`: the events of files, on all cores, in input order.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use prost_reflect::{DynamicMessage, SerializeOptions};

use super::input::{self, Input};
use super::{Failure, Format, Reading, show};
use crate::api::v1;
use crate::event::envelope;
use crate::event::schema::EventTypes;
use crate::pipeline::{self, Article, Options};
use crate::rules::Ruleset;
use crate::text::OffsetEncoding;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files (.txt, .html, .jsonl with one Article a line), folders of them, or - for text on standard input.
    #[arg(required = true, value_name = "FILE|DIR|-")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is printed for an article, or why nothing is, with its place in the input.
type Output = (usize, Result<String, String>);

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let ruleset = super::rules::load_live(&arguments.reading.folders)?;
    let files = input::files(&arguments.inputs)?;
    let bar = progress();
    let failed = std::thread::scope(|scope| -> Result<bool, Failure> {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        // Bounded on both sides: what is not printed yet holds back what is read.
        let (send, receive) = sync_channel::<(usize, Input)>(workers * 4);
        let (done_send, done) = sync_channel::<Output>(workers * 4);
        let receive = Arc::new(Mutex::new(receive));
        let (ruleset, format) = (&ruleset, arguments.format);
        for _ in 0..workers {
            let (receive, done_send) = (receive.clone(), done_send.clone());
            scope.spawn(move || work(ruleset, format, &receive, &done_send));
        }
        drop((done_send, receive));
        let published = arguments.reading.published;
        scope.spawn(move || read_all(ruleset.event_types(), &files, published, &send));
        print_all(done, &bar)
    })?;
    bar.finish_and_clear();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn progress() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} articles, {per_sec}, {elapsed}");
    ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
}

fn work(ruleset: &Ruleset, format: Format, receive: &Mutex<Receiver<(usize, Input)>>, done: &SyncSender<Output>) {
    loop {
        let next = match receive.lock() {
            Ok(receive) => receive.recv(),
            Err(_) => return,
        };
        let Ok((index, input)) = next else { return };
        let output = input.and_then(|article| extract(ruleset, &article, format));
        if done.send((index, output)).is_err() {
            return;
        }
    }
}

/// Prints results in input order; says whether any failed. A reader that goes away ends it quietly.
fn print_all(done: Receiver<Output>, bar: &ProgressBar) -> Result<bool, Failure> {
    let mut out = BufWriter::new(anstream::AutoStream::auto(io::stdout()));
    let mut waiting: BTreeMap<usize, Result<String, String>> = BTreeMap::new();
    let (mut next, mut failed) = (0, false);
    for (index, result) in done {
        waiting.insert(index, result);
        while let Some(result) = waiting.remove(&next) {
            next += 1;
            bar.inc(1);
            match result {
                Ok(text) => match out.write_all(text.as_bytes()) {
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(failed),
                    written => written?,
                },
                Err(error) => {
                    failed = true;
                    bar.suspend(|| show::error(&error));
                }
            }
        }
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(failed),
    }
}

fn extract(ruleset: &Ruleset, article: &Article, format: Format) -> Result<String, String> {
    let fail = |what: &dyn std::fmt::Display| format!("{}: {what}", article.id);
    let (doc, extraction) =
        pipeline::extract(ruleset, article, &Options::default(), &|| false).map_err(|error| fail(&error))?;
    let response = envelope::response(ruleset, None, article, &doc, &extraction, OffsetEncoding::Utf8)
        .map_err(|error| fail(&error))?;
    print(&response, ruleset.event_types(), &article.body, format).map_err(|error| fail(&error))
}

/// A response in a format.
pub(super) fn print(
    response: &v1::ExtractResponse,
    types: &EventTypes,
    body: &str,
    format: Format,
) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => show::response(response, types, body),
        Format::Json => json(types, response, true)? + "\n",
        Format::Jsonl => json(types, response, false)? + "\n",
    })
}

/// A response in the canonical JSON of protobuf; typed messages are written out with their `@type`.
fn json(types: &EventTypes, response: &v1::ExtractResponse, pretty: bool) -> Result<String, Failure> {
    let descriptor = types.message("dateline.v1.ExtractResponse").ok_or("the API's descriptors are not there")?;
    let mut message = DynamicMessage::new(descriptor);
    message.transcode_from(response)?;
    let mut out = Vec::new();
    let options = SerializeOptions::new();
    if pretty {
        message.serialize_with_options(&mut serde_json::Serializer::pretty(&mut out), &options)?;
    } else {
        message.serialize_with_options(&mut serde_json::Serializer::new(&mut out), &options)?;
    }
    Ok(String::from_utf8(out)?)
}

fn read_all(types: &EventTypes, files: &[PathBuf], published: Option<Date>, send: &SyncSender<(usize, Input)>) {
    let inputs = files.iter().flat_map(|path| input::articles(types, path, published));
    for numbered in inputs.enumerate() {
        if send.send(numbered).is_err() {
            return;
        }
    }
}
