//! Parts of speech: a greedy tagger, left to right, over hashed features of words and of the last two tags.

use super::perceptron::{Learner, Weights, Wide, best, hash, mix};
use super::tags::Tag;

/// What is hashed of a word, once for each word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WordHashes {
    /// The word, lower case, digits folded to 0.
    pub word: u64,
    suffix3: u64,
    suffix2: u64,
    prefix: u64,
    shape: u64,
}

impl WordHashes {
    pub(super) fn of(word: &str, first: bool) -> Self {
        // Typographic marks count as the plain ones that treebanks write.
        if word.bytes().any(|b| b == 0xe2) {
            let plain = word
                .replace(['\u{2019}', '\u{2018}'], "'")
                .replace(['\u{201c}', '\u{201d}'], "\"")
                .replace(['\u{2013}', '\u{2014}'], "--");
            if plain != word {
                return Self::of(&plain, first);
            }
        }
        let mut buffer = [0u8; 64];
        let mut len = 0;
        let (mut upper, mut lower, mut digit, mut hyphen, mut other) = (0u64, 0u64, 0u64, 0u64, 0u64);
        for (index, byte) in word.bytes().enumerate() {
            match byte {
                b'A'..=b'Z' => {
                    upper += 1;
                    if index == 0 {
                        other |= 8;
                    }
                }
                b'a'..=b'z' => lower = 1,
                b'0'..=b'9' => digit = 1,
                b'-' => hyphen = 1,
                0x80.. => other |= 1,
                _ => other |= 2,
            }
            if let Some(slot) = buffer.get_mut(len) {
                *slot = if byte.is_ascii_digit() { b'0' } else { byte.to_ascii_lowercase() };
                len += 1;
            }
        }
        let folded = buffer.get(..len).unwrap_or_default();
        let word = hash(folded);
        let shape = upper.min(2) | lower << 2 | digit << 3 | hyphen << 4 | other << 5 | u64::from(first) << 9;
        Self {
            word,
            suffix3: hash(folded.get(len.saturating_sub(3)..).unwrap_or_default()),
            suffix2: hash(folded.get(len.saturating_sub(2)..).unwrap_or_default()),
            prefix: hash(folded.get(..len.min(2)).unwrap_or_default()),
            shape,
        }
    }
}

const FEATURES: usize = 18;

fn features(words: &[WordHashes], at: usize, before: u64, last: u64, out: &mut [u64; FEATURES]) {
    let edge = WordHashes { word: 1, ..WordHashes::default() };
    let word = |offset: isize| at.checked_add_signed(offset).and_then(|i| words.get(i)).unwrap_or(&edge);
    let (w, p1, p2, n1, n2) = (word(0), word(-1), word(-2), word(1), word(2));
    *out = [
        mix(1, w.word, 0),
        mix(2, w.suffix3, w.shape),
        mix(3, w.suffix2, 0),
        mix(4, w.prefix, w.suffix2),
        mix(5, w.shape, last),
        mix(6, last, 0),
        mix(7, last, before),
        mix(8, last, w.word),
        mix(9, p1.word, 0),
        mix(10, p1.suffix3, w.suffix3),
        mix(11, p2.word, 0),
        mix(12, n1.word, 0),
        mix(13, n1.suffix3, w.shape),
        mix(14, n2.word, 0),
        mix(15, w.word, n1.word),
        mix(16, n1.shape, n1.suffix2),
        mix(17, before, w.suffix3),
        mix(18, last, n1.word),
    ];
}

const NONE: u64 = 255;

/// Tags a sentence; `tags` gets one tag a word.
pub(super) fn tag(weights: &Weights<Wide>, words: &[WordHashes], tags: &mut Vec<Tag>) {
    tags.clear();
    let mut buffer = [0u64; FEATURES];
    let mut scores = [0i16; 64];
    let (mut before, mut last) = (NONE, NONE);
    for at in 0..words.len() {
        features(words, at, before, last, &mut buffer);
        scores.fill(0);
        weights.score(&buffer, &mut scores);
        let tag = Tag::ALL.get(best(&scores[..Tag::ALL.len()])).copied().unwrap_or(Tag::NN);
        tags.push(tag);
        (before, last) = (last, tag as u64);
    }
}

/// Learns from one sentence.
pub(super) fn learn(learner: &mut Learner, words: &[WordHashes], gold: &[Tag]) {
    let mut buffer = [0u64; FEATURES];
    let mut scores = [0f32; Tag::ALL.len()];
    let (mut before, mut last) = (NONE, NONE);
    for (at, right) in gold.iter().enumerate() {
        features(words, at, before, last, &mut buffer);
        scores.fill(0.0);
        learner.score(&buffer, &mut scores);
        let guess = best(&scores);
        if guess != *right as usize {
            learner.update(&buffer, *right as usize, guess);
        }
        learner.tick();
        (before, last) = (last, guess as u64);
    }
}
