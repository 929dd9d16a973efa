//! Prints every expression of time of articles with its place on the calendar, one JSON object an article:
//! `cargo run --example list_times -- RULES ARTICLES.jsonl`, where an article is `{"id", "publishedAt", "body"}`.

use std::io::Write as _;
use std::path::Path;

use dateline::pipeline::{Article, times};
use dateline::rules::{load, source};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(rules), Some(articles)) = (arguments.next(), arguments.next()) else {
        return Err("usage: list_times RULES ARTICLES.jsonl".into());
    };
    let (packs, _) = source::from_folder(Path::new(&rules));
    let rules = load(&packs).ruleset.ok_or("the rules do not load")?;
    let mut out = std::io::stdout().lock();
    for line in std::fs::read_to_string(articles)?.lines() {
        let given: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| given.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let article = Article {
            id: text("id"),
            body: text("body"),
            published_at: text("publishedAt").parse().ok(),
            ..Article::default()
        };
        let found: Vec<serde_json::Value> = times(&rules, &article)
            .into_iter()
            .map(|time| {
                serde_json::json!({
                    "text": time.text, "sentence": time.sentence, "rule": time.rule,
                    "timex": time.timex, "start": time.start, "end": time.end,
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({ "id": article.id, "times": found }))?;
    }
    Ok(())
}
