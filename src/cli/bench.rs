//! `dateline bench`: what each rule costs over articles.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::ValueEnum;
use serde_json::json;

use super::{Failure, Reading, input, rules, show};
use crate::pipeline::{self, Cost, Options};

/// How costs are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Articles (.txt, .html, .jsonl), or folders of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    articles: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How costs are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Rules that are shown, the dearest first.
    #[arg(long, value_name = "N", default_value_t = 30)]
    top: usize,
}

/// What a rule cost.
#[derive(Clone, Debug, Default)]
struct Own {
    cost: Cost,
    /// What its patterns can begin with.
    begins: Vec<String>,
}

/// What an article cost.
struct OfArticle {
    name: String,
    steps: u64,
    /// The rule that took most.
    dearest: String,
    spent: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let ruleset = rules::load_live(&arguments.reading.folders)?;
    let mut costs: Vec<Cost> = vec![Cost::default(); ruleset.owners.len()];
    let mut articles: Vec<OfArticle> = Vec::new();
    let mut seconds = 0.0;
    for path in input::files(&arguments.articles)? {
        for article in input::articles(ruleset.event_types(), &path, arguments.reading.published) {
            let article = article?;
            let begin = Instant::now();
            let (_, extraction, seen) = pipeline::observe(&ruleset, &article, &Options::default(), true, &|| false)?;
            seconds += begin.elapsed().as_secs_f64();
            for (sum, own) in costs.iter_mut().zip(&seen.costs) {
                sum.tries += own.tries;
                sum.matches += own.matches;
                sum.steps += own.steps;
                sum.nanos += own.nanos;
            }
            let dearest = seen.costs.iter().zip(&ruleset.owners).max_by_key(|(cost, _)| cost.steps);
            articles.push(OfArticle {
                name: article.id,
                steps: seen.costs.iter().map(|cost| cost.steps).sum(),
                dearest: dearest.map_or_else(String::new, |(_, owner)| owner.to_string()),
                spent: extraction.warnings.iter().any(|warning| warning.code == "step-budget"),
            });
        }
    }
    let mut by_rule: BTreeMap<String, Own> = BTreeMap::new();
    let names = ruleset.beginnings();
    for ((cost, owner), begins) in costs.iter().zip(&ruleset.owners).zip(names) {
        let own = by_rule.entry(owner.to_string()).or_default();
        own.cost.tries += cost.tries;
        own.cost.matches += cost.matches;
        own.cost.steps += cost.steps;
        own.cost.nanos += cost.nanos;
        begins.into_iter().for_each(|name| {
            if !own.begins.contains(&name) {
                own.begins.push(name);
            }
        });
    }
    let mut rules: Vec<(String, Own)> = by_rule.into_iter().collect();
    rules.sort_by(|a, b| b.1.cost.nanos.cmp(&a.1.cost.nanos).then(a.0.cmp(&b.0)));
    articles.sort_by_key(|article| std::cmp::Reverse(article.steps));
    match arguments.format {
        Format::Text => text(&rules, &articles, seconds, arguments.top),
        Format::Json => json(&rules, &articles, seconds),
    }
    Ok(ExitCode::SUCCESS)
}

fn text(rules: &[(String, Own)], articles: &[OfArticle], seconds: f64, top: usize) {
    let all: u64 = rules.iter().map(|(_, own)| own.cost.nanos).sum();
    anstream::println!(
        "{:<34} {:>9} {:>8} {:>11} {:>8} {:>6}  begins with",
        "rule",
        "tried",
        "matched",
        "steps",
        "ms",
        "share"
    );
    for (name, own) in rules.iter().filter(|(_, own)| own.cost.tries > 0).take(top) {
        let Cost { tries, matches, steps, nanos } = own.cost;
        let share = if all == 0 { 0.0 } else { nanos as f64 * 100.0 / all as f64 };
        let mut begins = own.begins.iter().take(4).cloned().collect::<Vec<_>>().join(" ");
        if own.begins.len() > 4 {
            begins.push_str(&format!(" and {} more", own.begins.len() - 4));
        }
        let millis = nanos as f64 / 1e6;
        anstream::println!("{name:<34} {tries:>9} {matches:>8} {steps:>11} {millis:>8.2} {share:>5.1}%  {begins}");
    }
    let never = rules.iter().filter(|(_, own)| own.cost.tries == 0).count();
    let patterns = all as f64 / 1e9;
    anstream::println!(
        "\n{} in {seconds:.2} s, of which patterns {patterns:.2} s; {} never tried",
        show::plural(articles.len(), "article"),
        show::plural(never, "rule")
    );
    for article in articles.iter().take(3) {
        let spent = if article.spent { "; cut short" } else { "" };
        anstream::println!("{}: {} steps, most by {}{spent}", article.name, article.steps, article.dearest);
    }
}

fn json(rules: &[(String, Own)], articles: &[OfArticle], seconds: f64) {
    let rules: Vec<_> = rules
        .iter()
        .map(|(name, own)| {
            json!({
                "rule": name, "tries": own.cost.tries, "matches": own.cost.matches, "steps": own.cost.steps,
                "nanos": own.cost.nanos, "begins": own.begins,
            })
        })
        .collect();
    let articles: Vec<_> = articles
        .iter()
        .map(|own| json!({ "article": own.name, "steps": own.steps, "dearest": own.dearest, "cut_short": own.spent }))
        .collect();
    anstream::println!("{:#}", json!({ "seconds": seconds, "rules": rules, "articles": articles }));
}
