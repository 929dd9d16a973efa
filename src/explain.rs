//! Why events came out as they did, and why others did not.

use crate::pipeline::trace::{Note, What};
use crate::rules::Ruleset;
use crate::rules::syntax::TriggerKind;
use crate::text::{Document, TokenRange};

/// A note as a sentence, for notes that tell why a rule gave no event.
pub fn reason(rules: &Ruleset, doc: &Document, note: &Note) -> Option<String> {
    let words = |range: TokenRange| doc.text_of(range).split_whitespace().collect::<Vec<_>>().join(" ");
    let rule = note.rule.and_then(|index| rules.events.get(index));
    let name = |index: usize| rules.events.get(index).map_or("", |rule| &*rule.info.id).to_owned();
    let why = match &note.what {
        What::PartOfSpeech { wanted, tag } => {
            let wanted = match wanted {
                TriggerKind::Verb => "verb",
                TriggerKind::Noun => "noun",
                TriggerKind::Adjective => "adjective",
                TriggerKind::Phrase => "phrase",
            };
            format!("the trigger asks for a {wanted} in its own right, and the word is read as {tag} here")
        }
        What::When(index) => {
            let condition = rule.and_then(|rule| rule.when.get(*index)).map_or("", |condition| &*condition.text);
            format!("`when.{condition}` finds nothing")
        }
        What::Unless(index) => {
            let condition = rule.and_then(|rule| rule.unless.get(*index)).map_or("", |condition| &*condition.text);
            format!("`unless.{condition}` is found")
        }
        What::EmptySlot(slot) => format!("the slot `{slot}` is required and found nothing"),
        What::Lost(winner) => format!("`{}` took the same words", name(*winner)),
        What::Absorbed => "it stands in what another event of the sentence speaks of".to_owned(),
        What::Filtered(filter) => format!("`{filter}` suppresses it"),
        What::Merged { by, into } => format!("`{by}` put it into the event of \"{}\"", words(*into)),
        What::Cue { .. } => return None,
    };
    Some(format!("`{}` at {}: {why}", words(note.trigger), doc.span_of(note.trigger).start))
}
