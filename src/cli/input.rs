//! Articles from files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::iter;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use prost_reflect::DynamicMessage;

use super::Failure;
use crate::api::v1;
use crate::event::schema::EventTypes;
use crate::pipeline::Article;
use crate::text::MediaType;

/// An article, or why there is none.
pub(super) type Input = Result<Article, String>;

/// The files that the arguments name; those of a folder sorted by name.
pub(super) fn files(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
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

/// The articles of a file: one of a text or a page, one a line of a `.jsonl`.
pub(super) fn articles<'a>(
    types: &'a EventTypes,
    path: &Path,
    published: Option<Date>,
) -> Box<dyn Iterator<Item = Input> + 'a> {
    let name = path.display().to_string();
    if path.extension().is_none_or(|end| end != "jsonl") {
        return Box::new(iter::once(from_file(path, published).map_err(|error| format!("{name}: {error}"))));
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Box::new(iter::once(Err(format!("{name}: {error}")))),
    };
    let lines = BufReader::new(file).lines().enumerate();
    Box::new(lines.filter_map(move |(number, line)| {
        let place = format!("{name}:{}", number + 1);
        match line {
            Ok(line) if line.trim().is_empty() => None,
            Ok(line) => Some(from_json(types, &line).map_err(|error| format!("{place}: {error}"))),
            Err(error) => Some(Err(format!("{place}: {error}"))),
        }
    }))
}

/// A text or HTML file, or standard input.
fn from_file(path: &Path, published: Option<Date>) -> Result<Article, Failure> {
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
fn from_json(types: &EventTypes, line: &str) -> Result<Article, Failure> {
    let descriptor = types.message("dateline.v1.Article").ok_or("the API's descriptors are not there")?;
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
