//! The trained model: three tables of weights in one file.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::parser::{self, State, Tree};
use super::perceptron::{Narrow, Row, Weights, Wide};
use super::tagger::{self, WordHashes};
use super::tags::{Label, Tag};

/// Format of the file, in its first bytes.
const MAGIC: &[u8; 8] = b"dtlnrel1";
/// Bytes that a table may have at most.
const MAX_TABLE: usize = 1 << 28;

/// Why a model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file is not a model, or of another version.
    #[error("this is no relation model of this version")]
    NotAModel,
    /// The file is cut off or its parts do not fit together.
    #[error("the relation model is damaged: {0}")]
    Damaged(String),
}

/// Tagger and parser, ready for use.
#[derive(Clone, Debug)]
pub struct RelationModel {
    pub(super) tags: Weights<Wide>,
    pub(super) actions: Weights<Narrow>,
    pub(super) labels: Weights<Wide>,
}

/// Memory that analyses reuse.
#[derive(Debug, Default)]
pub struct Scratch {
    hashes: Vec<WordHashes>,
    state: State,
}

/// Takes a table off the front of what is left: the number of its cells in eight bytes, then the cells.
fn table<R: Row>(rest: &mut &[i8], classes: usize) -> Result<Weights<R>, ModelError> {
    let cut_off = || ModelError::Damaged("cut off".into());
    let (size, behind) = rest.split_first_chunk::<8>().ok_or_else(cut_off)?;
    let size = usize::try_from(u64::from_le_bytes(size.map(|byte| byte as u8))).ok().filter(|size| *size <= MAX_TABLE);
    let (cells, behind) = size.and_then(|size| behind.split_at_checked(size)).ok_or_else(cut_off)?;
    *rest = behind;
    Weights::new(classes, cells).ok_or_else(|| ModelError::Damaged("a table of odd size".into()))
}

impl RelationModel {
    /// Reads a model.
    ///
    /// # Errors
    /// The bytes are no model, or a damaged one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
        let mut raw = Vec::new();
        DeflateDecoder::new(rest)
            .take(MAX_TABLE as u64)
            .read_to_end(&mut raw)
            .map_err(|error| ModelError::Damaged(error.to_string()))?;
        let cells: Vec<i8> = raw.iter().map(|byte| *byte as i8).collect();
        let mut rest = cells.as_slice();
        Ok(Self {
            tags: table(&mut rest, Tag::ALL.len())?,
            actions: table(&mut rest, 3)?,
            labels: table(&mut rest, Label::ALL.len())?,
        })
    }

    /// The model as a file.
    ///
    /// # Errors
    /// Compression failed, which writing to memory does not.
    pub fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut encoder = DeflateEncoder::new(MAGIC.to_vec(), Compression::best());
        let tables: [Vec<i8>; 3] =
            [self.tags.cells().collect(), self.actions.cells().collect(), self.labels.cells().collect()];
        for table in tables {
            let cells: Vec<u8> = table.iter().map(|cell| *cell as u8).collect();
            encoder.write_all(&(cells.len() as u64).to_le_bytes())?;
            encoder.write_all(&cells)?;
        }
        encoder.finish()
    }

    /// Tags the words of a sentence.
    pub fn tag<'w>(&self, words: impl Iterator<Item = &'w str>, scratch: &mut Scratch, tags: &mut Vec<Tag>) {
        scratch.hashes.clear();
        scratch.hashes.extend(words.enumerate().map(|(index, word)| WordHashes::of(word, index == 0)));
        tagger::tag(&self.tags, &scratch.hashes, tags);
    }

    /// Parses a tagged sentence.
    pub fn parse<'w>(
        &self,
        words: impl Iterator<Item = &'w str>,
        tags: &[Tag],
        scratch: &mut Scratch,
        tree: &mut Tree,
    ) {
        scratch.hashes.clear();
        scratch.hashes.extend(words.enumerate().map(|(index, word)| WordHashes::of(word, index == 0)));
        parser::parse(&self.actions, &self.labels, &scratch.hashes, tags, &mut scratch.state, tree);
    }
}
