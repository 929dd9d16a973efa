//! Training and measuring: from treebanks to a model, and from a model to its scores.

use super::model::{RelationModel, Scratch};
use super::parser::{self, State, Tree};
use super::perceptron::{Learner, Weights, Wide};
use super::tagger::{self, WordHashes};
use super::tags::{Label, Tag};

/// A sentence of a treebank.
#[derive(Clone, Debug, Default)]
pub struct Gold {
    pub words: Vec<String>,
    pub tags: Vec<Tag>,
    pub tree: Tree,
}

/// Reads CoNLL-U; multiword tokens and empty nodes are passed over, and sentences whose heads do not fit left out.
pub fn read_conllu(text: &str) -> Vec<Gold> {
    let mut out = Vec::new();
    let mut gold = Gold::default();
    let mut heads: Vec<usize> = Vec::new();
    for line in text.lines().chain([""]) {
        let columns: Vec<&str> = line.split('\t').collect();
        if let [id, form, _, _, tag, _, head, label, ..] = columns.as_slice() {
            if id.parse::<u32>().is_err() {
                continue;
            }
            gold.words.push((*form).to_owned());
            gold.tags.push(Tag::from_treebank(tag));
            heads.push(head.parse().unwrap_or(0));
            gold.tree.labels.push(Label::from_treebank(label));
        } else if line.is_empty() && !gold.words.is_empty() {
            let count = gold.words.len();
            // 0 is the root in the file; here it is the number of words.
            gold.tree.heads = heads.iter().map(|h| h.checked_sub(1).unwrap_or(count) as u16).collect();
            if heads.iter().all(|h| *h <= count) {
                out.push(std::mem::take(&mut gold));
            }
            gold = Gold::default();
            heads.clear();
        }
    }
    out
}

/// What to train with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Passes over the data for the tagger and for the parser.
    pub tagger_passes: usize,
    pub parser_passes: usize,
    /// Buckets of the tables, as powers of two.
    pub tag_bits: u32,
    pub action_bits: u32,
    pub label_bits: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tagger_passes: 7, parser_passes: 12, tag_bits: 18, action_bits: 21, label_bits: 18 }
    }
}

/// A fixed sequence of numbers that look random, so that training gives the same model every time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, (self.roll() % (at as u64 + 1)) as usize);
        }
    }
}

fn hashes(words: &[String]) -> Vec<WordHashes> {
    words.iter().enumerate().map(|(index, word)| WordHashes::of(word, index == 0)).collect()
}

fn train_tagger(data: &[&Gold], settings: &Settings) -> Weights<Wide> {
    let mut learner = Learner::new(settings.tag_bits, Tag::ALL.len());
    let mut dice = Dice(0x5eed);
    let hashed: Vec<_> = data.iter().map(|gold| hashes(&gold.words)).collect();
    let mut order: Vec<usize> = (0..data.len()).collect();
    for _ in 0..settings.tagger_passes {
        dice.shuffle(&mut order);
        for &at in &order {
            tagger::learn(&mut learner, &hashed[at], &data[at].tags);
        }
    }
    learner.finish()
}

/// Trains a model. `tagged` teaches only the tagger, `trees` both. The parser learns on tags that a tagger gave that
/// had not seen the sentence (two halves, each tagged by the tagger of the other), as it will meet them.
pub fn train(tagged: &[Gold], trees: &[Gold], settings: &Settings, progress: &mut dyn FnMut(&str)) -> RelationModel {
    progress("tagger");
    let all: Vec<&Gold> = tagged.iter().chain(trees).collect();
    let tags = train_tagger(&all, settings);
    let mut guessed: Vec<Vec<Tag>> = vec![Vec::new(); trees.len()];
    for half in 0..2 {
        progress("tags for the parser");
        let other: Vec<&Gold> = tagged
            .iter()
            .enumerate()
            .filter(|(index, _)| index % 2 != half)
            .map(|(_, gold)| gold)
            .chain(trees.iter().enumerate().filter(|(index, _)| index % 2 != half).map(|(_, gold)| gold))
            .collect();
        let weights = train_tagger(&other, settings);
        for (index, gold) in trees.iter().enumerate().filter(|(index, _)| index % 2 == half) {
            tagger::tag(&weights, &hashes(&gold.words), &mut guessed[index]);
        }
    }
    let mut actions = Learner::new(settings.action_bits, 3);
    let mut labels = Learner::new(settings.label_bits, Label::ALL.len());
    let mut dice = Dice(0xfeed);
    let mut state = State::default();
    let hashed: Vec<_> = trees.iter().map(|gold| hashes(&gold.words)).collect();
    let mut order: Vec<usize> = (0..trees.len()).collect();
    for pass in 0..settings.parser_passes {
        progress(&format!("parser, pass {} of {}", pass + 1, settings.parser_passes));
        dice.shuffle(&mut order);
        for &at in &order {
            let mut explore = || pass > 1 && dice.roll() % 10 < 9;
            parser::learn(
                &mut actions,
                &mut labels,
                &hashed[at],
                &guessed[at],
                &trees[at].tree,
                &mut state,
                &mut explore,
            );
        }
    }
    RelationModel { tags, actions: actions.finish(), labels: labels.finish() }
}

/// How well a model does on a treebank.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scores {
    pub tokens: usize,
    /// Tags that are right.
    pub tags: usize,
    /// Words but for punctuation, and of these: heads that are right, heads and labels that are right.
    pub words: usize,
    pub heads: usize,
    pub labelled: usize,
    /// Arguments (subjects, objects, agents, obliques): right, in the treebank, found.
    pub arguments: [usize; 3],
}

impl Scores {
    /// F1 of arguments.
    pub fn arguments_f1(&self) -> f64 {
        let [right, gold, found] = self.arguments.map(|n| n as f64);
        if gold + found > 0.0 { 2.0 * right / (gold + found) } else { 0.0 }
    }
}

/// Measures a model on a treebank, with its own tags.
pub fn measure(model: &RelationModel, gold: &[Gold]) -> Scores {
    let mut scores = Scores::default();
    let (mut scratch, mut tags, mut tree) = (Scratch::default(), Vec::new(), Tree::default());
    let argument = |label: Label| {
        matches!(label, Label::Nsubj | Label::NsubjPass | Label::Obj | Label::Iobj | Label::Obl | Label::OblAgent)
    };
    for sentence in gold {
        let words = || sentence.words.iter().map(String::as_str);
        model.tag(words(), &mut scratch, &mut tags);
        model.parse(words(), &tags, &mut scratch, &mut tree);
        for (at, (tag, right)) in tags.iter().zip(&sentence.tags).enumerate() {
            scores.tokens += 1;
            scores.tags += usize::from(tag == right);
            let (right, found) = (sentence.tree.labels[at], tree.labels[at]);
            let same = sentence.tree.heads[at] == tree.heads[at];
            if right != Label::Punct {
                scores.words += 1;
                scores.heads += usize::from(same);
                scores.labelled += usize::from(same && right == found);
            }
            scores.arguments[0] += usize::from(argument(right) && same && right == found);
            scores.arguments[1] += usize::from(argument(right));
            scores.arguments[2] += usize::from(argument(found));
        }
    }
    scores
}
