//! `dateline extract`: the events of files, on all cores, in input order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use prost_reflect::{DynamicMessage, SerializeOptions};

use super::{Failure, Format, RuleFolders, show};
use crate::api::v1;
use crate::event::envelope;
use crate::pipeline::{self, Article, Options};
use crate::rules::Ruleset;
use crate::text::{MediaType, OffsetEncoding};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Files (.txt, .html, .jsonl with one Article a line), folders of them, or - for text on standard input.
    #[arg(required = true, value_name = "FILE|DIR|-")]
    inputs: Vec<PathBuf>,
    /// Day of publication of .txt and .html files, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    published: Option<Date>,
    #[command(flatten)]
    folders: RuleFolders,
    /// How results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// An article, or why there is none.
type Input = Result<Article, String>;

/// What is printed for an article, or why nothing is, with its place in the input.
type Output = (usize, Result<String, String>);

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let ruleset = super::rules::load_live(&arguments.folders)?;
    let files = files(&arguments.inputs)?;
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
        let published = arguments.published;
        scope.spawn(move || read_all(ruleset, &files, published, &send));
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
    print(&response, ruleset, article, format).map_err(|error| fail(&error))
}

/// A response in a format.
pub(super) fn print(
    response: &v1::ExtractResponse,
    ruleset: &Ruleset,
    article: &Article,
    format: Format,
) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => show::response(response, ruleset.event_types(), &article.body),
        Format::Json => json(ruleset, response, true)? + "\n",
        Format::Jsonl => json(ruleset, response, false)? + "\n",
    })
}

/// A response in the canonical JSON of protobuf; typed messages are written out with their `@type`.
fn json(ruleset: &Ruleset, response: &v1::ExtractResponse, pretty: bool) -> Result<String, Failure> {
    let descriptor =
        ruleset.event_types().message("dateline.v1.ExtractResponse").ok_or("the API's descriptors are not there")?;
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

/// The files that the arguments name; those of a folder sorted by name.
fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut out = Vec::new();
    for input in inputs {
        if input.is_dir() {
            let entries = std::fs::read_dir(input)?.filter_map(|entry| Some(entry.ok()?.path()));
            let mut inner: Vec<PathBuf> = entries.filter(|path| is_input(path)).collect();
            inner.sort();
            if inner.is_empty() {
                return Err(format!("{}: there is no .txt, .html or .jsonl file", input.display()).into());
            }
            out.extend(inner);
        } else {
            out.push(input.clone());
        }
    }
    Ok(out)
}

fn is_input(path: &Path) -> bool {
    path.extension().is_some_and(|end| ["txt", "html", "htm", "jsonl"].iter().any(|known| end == *known))
}

fn read_all(ruleset: &Ruleset, files: &[PathBuf], published: Option<Date>, send: &SyncSender<(usize, Input)>) {
    let mut index = 0;
    let mut give = |input: Input| {
        let sent = send.send((index, input)).is_ok();
        index += 1;
        sent
    };
    for path in files {
        let name = path.display().to_string();
        if path.extension().is_none_or(|end| end != "jsonl") {
            if !give(from_file(path, published).map_err(|error| format!("{name}: {error}"))) {
                return;
            }
            continue;
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => {
                give(Err(format!("{name}: {error}")));
                continue;
            }
        };
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let place = format!("{name}:{}", number + 1);
            let input = match line {
                Ok(line) if line.trim().is_empty() => continue,
                Ok(line) => from_json(ruleset, &line).map_err(|error| format!("{place}: {error}")),
                Err(error) => Err(format!("{place}: {error}")),
            };
            if !give(input) {
                return;
            }
        }
    }
}

/// A text or HTML file, or standard input.
pub(super) fn from_file(path: &Path, published: Option<Date>) -> Result<Article, Failure> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.read_to_end(&mut bytes)?;
    }
    let html = path.extension().is_some_and(|end| end == "html" || end == "htm");
    let published_at = match published {
        Some(day) => Some(day.at(12, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC)?.timestamp()),
        None => None,
    };
    Ok(Article {
        id: path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        body: String::from_utf8(bytes).map_err(|_| "the file is no UTF-8")?,
        media_type: if html { MediaType::Html } else { MediaType::Plain },
        published_at,
        ..Article::default()
    })
}

/// One `Article` in the JSON of protobuf.
fn from_json(ruleset: &Ruleset, line: &str) -> Result<Article, Failure> {
    let descriptor =
        ruleset.event_types().message("dateline.v1.Article").ok_or("the API's descriptors are not there")?;
    let mut reader = serde_json::Deserializer::from_str(line);
    let message = DynamicMessage::deserialize(descriptor, &mut reader)?;
    reader.end()?;
    let article: v1::Article = message.transcode_to()?;
    let published_at = match article.published_at {
        Some(at) => Some(jiff::Timestamp::new(at.seconds, at.nanos)?),
        None => None,
    };
    let media_type = match article.media_type.as_str() {
        "" | "text/plain" => MediaType::Plain,
        "text/html" => MediaType::Html,
        other => return Err(format!("`{other}` is no media type that can be read").into()),
    };
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Article {
        id: article.id,
        headline: some(article.headline),
        body: article.body,
        media_type,
        published_at,
        source: some(article.source),
        language: some(article.language),
        url: some(article.url),
    })
}
