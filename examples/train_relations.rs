//! Trains the model of the relation layer, or measures one.
//!
//! ```text
//! cargo run --release --example train_relations -- train OUT --tagged FILE.tsv... --trees FILE.conllu...
//! cargo run --release --example train_relations -- measure MODEL FILE.conllu...
//! ```
//!
//! `data/README.md` says with which files the model of the repository was made.

use std::error::Error;
use std::time::Instant;

use dateline::relations::train::{Gold, Settings, measure, read_conllu, train};
use dateline::relations::{RelationModel, Tag};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((command, rest)) if command == "train" && !rest.is_empty() => {
            let (mut tagged, mut trees, mut list) = (Vec::new(), Vec::new(), "");
            for argument in &rest[1..] {
                match argument.as_str() {
                    "--tagged" | "--trees" => list = argument,
                    path => {
                        let text = std::fs::read_to_string(path)?;
                        match list {
                            "--tagged" => tagged.extend(read_tagged(&text)),
                            _ => trees.extend(read_conllu(&text)),
                        }
                    }
                }
            }
            eprintln!("{} tagged sentences, {} trees", tagged.len(), trees.len());
            let model = train(&tagged, &trees, &Settings::default(), &mut |what| eprintln!("{what}"));
            let bytes = model.to_bytes()?;
            std::fs::write(&rest[0], &bytes)?;
            eprintln!("{} bytes", bytes.len());
        }
        Some((command, rest)) if command == "measure" && rest.len() > 1 => {
            let model = RelationModel::from_bytes(&std::fs::read(&rest[0])?)?;
            for path in &rest[1..] {
                let gold = read_conllu(&std::fs::read_to_string(path)?);
                let begin = Instant::now();
                let s = measure(&model, &gold);
                let seconds = begin.elapsed().as_secs_f64();
                let of = |n: usize, all: usize| 100.0 * n as f64 / all.max(1) as f64;
                println!(
                    "{path}: tags {:.2}  UAS {:.2}  LAS {:.2}  arguments F1 {:.2}  {:.0} tokens/s",
                    of(s.tags, s.tokens),
                    of(s.heads, s.words),
                    of(s.labelled, s.words),
                    100.0 * s.arguments_f1(),
                    s.tokens as f64 / seconds
                );
            }
        }
        _ => return Err("see the head of this file for how to call it".into()),
    }
    Ok(())
}

/// Tab-separated: sentence, token, tag; an empty line behind each sentence.
fn read_tagged(text: &str) -> Vec<Gold> {
    let mut out = Vec::new();
    let mut gold = Gold::default();
    for line in text.lines().chain([""]) {
        let mut columns = line.split('\t');
        match (columns.next(), columns.next(), columns.next()) {
            (Some(_), Some(word), Some(tag)) => {
                gold.words.push(word.to_owned());
                gold.tags.push(Tag::from_treebank(tag));
            }
            _ if !gold.words.is_empty() => out.push(std::mem::take(&mut gold)),
            _ => {}
        }
    }
    out
}
