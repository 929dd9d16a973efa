//! What the stages note for whoever asks why: near misses, lost ties, cues, merges. Nothing is noted unless asked for.

use std::cell::RefCell;
use std::sync::Arc;

use crate::rules::syntax::TriggerKind;
use crate::text::TokenRange;

/// Something that had a say about an event, or about one that did not come to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Index of the event rule; none where it holds for every rule that the words set off.
    pub rule: Option<usize>,
    /// Index of the sentence.
    pub sentence: usize,
    /// The words that set the rule off.
    pub trigger: TokenRange,
    /// What happened.
    pub what: What,
}

/// What happened to a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The words are of another part of speech than the trigger asks for.
    PartOfSpeech {
        /// What the trigger asks for.
        wanted: TriggerKind,
        /// The Penn tag of the head word.
        tag: String,
    },
    /// The condition of this index under `when` does not hold.
    When(usize),
    /// The condition of this index under `unless` holds.
    Unless(usize),
    /// A slot that is required found nothing.
    EmptySlot(Arc<str>),
    /// Another rule took the same words: its index.
    Lost(usize),
    /// It stands in what an event that absorbs speaks of.
    Absorbed,
    /// A filter suppressed the event.
    Filtered(Arc<str>),
    /// A cue of this context set an attribute.
    Cue {
        /// `context.denial`
        by: Arc<str>,
        /// The cue's words.
        words: TokenRange,
    },
    /// A merge rule put the event into another one.
    Merged {
        /// `merge.same_event`
        by: Arc<str>,
        /// The trigger of the other one.
        into: TokenRange,
    },
}

/// The notes of one extraction.
#[derive(Debug, Default)]
pub struct Trace(Option<RefCell<Vec<Note>>>);

impl Trace {
    /// A trace that keeps what it is told.
    pub fn on() -> Self {
        Self(Some(RefCell::default()))
    }

    /// Keeps a note if somebody asked for them.
    pub fn note(&self, rule: Option<usize>, sentence: usize, trigger: TokenRange, what: impl FnOnce() -> What) {
        if let Some(notes) = &self.0 {
            notes.borrow_mut().push(Note { rule, sentence, trigger, what: what() });
        }
    }

    /// The notes so far, which are not kept any longer.
    pub fn take(&self) -> Vec<Note> {
        self.0.as_ref().map(RefCell::take).unwrap_or_default()
    }
}
