//! The relation layer: who stands as what to which predicate of a sentence.
//!
//! Words are tagged ([`tagger`]), tagged sentences parsed into dependency trees ([`parser`]), and [`Clauses`] answers
//! the questions that rules ask: the arguments of a predicate whatever its voice, the words that govern it, who says
//! so. Nothing outside this room looks at a tree. How it was chosen and how well it does: `docs/relations.md`.

mod arguments;
mod classes;
mod clauses;
mod distant;
mod frames;
mod model;
mod nominal;
mod parser;
mod perceptron;
mod repairs;
mod tagger;
mod tags;
pub mod train;

pub use arguments::{Argument, Binding, Role};
pub use classes::WordClass;
pub use clauses::Clauses;
pub use frames::{Attribution, Governor};
pub use model::{ModelError, RelationModel, Scratch};
pub use parser::Tree;
pub use repairs::repair;
pub use tags::{Label, Tag};
