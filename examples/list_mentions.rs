//! Lists the mentions of articles, one JSON object a line: what rules of events have to choose from.
//!
//! ```text
//! cargo run --release --example list_mentions -- RULES ARTICLES.jsonl
//! ```
//!
//! An article is an object with `id`, `body` and, if it is known, `publishedAt`.

use std::error::Error;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use dateline::event::domain::{Record, Value};
use dateline::pipeline::{Article, mentions};
use dateline::rules::{load, packs_with, source};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rules, articles] = arguments.as_slice() else {
        return Err("see the head of this file for how to call it".into());
    };
    let (packs, problems) = source::from_folder(Path::new(rules));
    if let Some(problem) = problems.first() {
        return Err(problem.message.clone().into());
    }
    let ruleset = load(&packs_with(packs)).ruleset.ok_or("the rules have errors: run `dateline check`")?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in BufReader::new(std::fs::File::open(articles)?).lines() {
        let own: serde_json::Value = serde_json::from_str(&line?)?;
        let text = |field: &str| own[field].as_str().unwrap_or_default().to_owned();
        let published_at = text("publishedAt").parse().ok();
        let article = Article { id: text("id"), body: text("body"), published_at, ..Article::default() };
        for listed in mentions(&ruleset, &article) {
            let row = json!({
                "article": article.id,
                "sentence": listed.sentence,
                "type": listed.kind,
                "start": listed.span.start,
                "end": listed.span.end,
                "words": article.body.get(listed.span.range()),
                "rule": listed.rule,
                "refers": listed.refers,
                "fields": fields(&listed.record),
            });
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

/// A record in JSON; places in the text are left out.
fn fields(record: &Record) -> serde_json::Value {
    let shown = record.iter().filter_map(|(name, value)| Some((name.to_string(), plain(value)?)));
    serde_json::Value::Object(shown.collect())
}

fn plain(value: &Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::Text(text) => json!(&**text),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Bool(truth) => json!(truth),
        Value::Instant(instant) => json!(instant.to_string()),
        Value::Span(_) => return None,
        Value::Record(record) => fields(record),
        Value::List(list) => list.iter().filter_map(plain).collect(),
    })
}
