//! Speed of the pipeline and of its stages apart, on news text. See `benches/README.md`.

#[path = "../tests/relations/score.rs"]
mod score;

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dateline::pipeline::{Article, Options, extract};
use dateline::relations::{Scratch, Tree};
use dateline::rules::source::{PackFiles, embedded};
use dateline::rules::{Ruleset, load, relation_model};
use dateline::text::{Document, MediaType, ReadingLimits, ReadingRules};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn articles() -> Vec<Article> {
    include_str!("news.jsonl")
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            Article {
                id: value["id"].as_str().unwrap().to_owned(),
                body: value["body"].as_str().unwrap().to_owned(),
                published_at: value["publishedAt"].as_str().unwrap().parse().ok(),
                ..Article::default()
            }
        })
        .collect()
}

/// Lexicon entries and event rules of words that no article holds: `times` as many entries as the embedded packs have
/// rules, in one pack.
fn ballast(entries: usize, rules: usize) -> PackFiles {
    let word = |n: usize| {
        let mut out = String::from("zq");
        let mut n = n;
        for _ in 0..4 {
            out.push((b'a' + (n % 26) as u8) as char);
            n /= 26;
        }
        out
    };
    let mut toml = String::from("[lexicon.ballast]\nterms = [");
    for n in 0..entries {
        let _ = write!(toml, "\"{} {}\", ", word(n), word(n / 7));
    }
    toml.push_str("]\n");
    for n in 0..rules {
        let _ = write!(
            toml,
            "[event.ballast_{n}]\nemits = \"dateline.events.v1.Request\"\ncategory = \"REQUEST\"\nstatus = \"test\"\n\
             trigger.verb = '''{} | [lemma={}]'''\n[event.ballast_{n}.slot]\nrequester = {{ role = \"agent\", type = \"@Actor\" }}\n",
            word(n * 3),
            word(n * 5)
        );
    }
    let pack = "[pack]\nid = \"ballast\"\nversion = \"1.0.0\"\nrequires = { core = \">=1\" }\n";
    PackFiles::from_texts("ballast", [("pack.toml", pack), ("ballast.toml", &toml)])
}

fn ruleset(packs: &[PackFiles]) -> Ruleset {
    load(packs).ruleset.expect("the rules load")
}

/// Resident memory of this process in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn benches(c: &mut Criterion) {
    let articles = articles();
    let before = resident();
    let packs = embedded();
    let rules = ruleset(&packs);
    println!("memory with all packs loaded: {:.0} MiB ({:.0} MiB before)", resident(), before);
    let (by_kind, all, _) = score::measure(&rules);
    for (kind, score) in &by_kind {
        println!(
            "relations: {kind:18} {:3} of {:3} sentences wholly right, F1 {:.3}",
            score.whole,
            score.sentences,
            score.f1()
        );
    }
    println!(
        "relations: all {} of {} wholly right, F1 {:.3}, {} of {} forbidden roles given",
        all.whole,
        all.sentences,
        all.f1(),
        all.violated,
        all.forbidden
    );
    let reading = ReadingRules::default();
    let read =
        |article: &Article| Document::read(&article.body, MediaType::Plain, None, &reading, &ReadingLimits::default());
    let sentences: usize = articles.iter().map(|article| read(article).sentences().len()).sum();
    let run = |rules: &Ruleset| {
        for article in &articles {
            black_box(extract(rules, article, &Options::default(), &|| false).unwrap());
        }
    };

    let mut group = c.benchmark_group("sentences");
    group.sample_size(20).throughput(Throughput::Elements(sentences as u64));
    group.bench_function("whole pipeline", |b| b.iter(|| run(&rules)));
    group.bench_function("reading", |b| {
        b.iter(|| articles.iter().for_each(|article| drop(black_box(read(article)))));
    });
    let model = relation_model().unwrap();
    let docs: Vec<Document> = articles.iter().map(read).collect();
    let tag = |parse: bool| {
        let (mut scratch, mut tags, mut tree) = (Scratch::default(), Vec::new(), Tree::default());
        for doc in &docs {
            for sentence in doc.sentences() {
                let words = || sentence.tokens.range().map(|token| doc.word(token));
                model.tag(words(), &mut scratch, &mut tags);
                if parse {
                    model.parse(words(), &tags, &mut scratch, &mut tree);
                }
            }
        }
        black_box((tags.len(), tree.heads.len()))
    };
    group.bench_function("tagging", |b| b.iter(|| tag(false)));
    group.bench_function("tagging and parsing", |b| b.iter(|| tag(true)));

    let entries = rules.rules().iter().filter(|rule| rule.kind == "lexicon").count() * 900;
    let events = rules.rules().iter().filter(|rule| rule.kind == "event").count() * 9;
    let mut tenfold = packs.clone();
    tenfold.push(ballast(entries, events));
    let large = ruleset(&tenfold);
    group.bench_function(format!("whole pipeline, {entries} more entries and {events} more rules"), |b| {
        b.iter(|| run(&large));
    });
    group.finish();

    let mut group = c.benchmark_group("rules");
    group.sample_size(10);
    group.bench_function("load all packs", |b| b.iter(|| black_box(load(&packs).ruleset.is_some())));
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
