//! To whom a denial or a refusal goes where its own sentence does not say: to whoever accused or asked before.

use super::Stopped;
use super::analysis::Analysis;
use super::events::Draft;
use super::lattice::MentionId;
use super::merges::is_same_party;
use super::output::shown;
use crate::event::domain::Value;
use crate::rules::ruleset::{FieldKind, Joins};

/// How many sentences back an answer reaches.
const REACH: usize = 4;

/// Gives events of rules that answer, and that name no recipient, the actors of the nearest earlier event that was
/// directed at their own actors.
pub(super) fn run(analysis: &Analysis<'_>, drafts: &mut [Draft]) -> Result<(), Stopped> {
    for index in 0..drafts.len() {
        analysis.pace.step()?;
        let Some(to) = addressees(analysis, drafts, index) else { continue };
        let Some(draft) = drafts.get_mut(index) else { continue };
        let slots = analysis.rules.events.get(draft.rule).map(|rule| rule.slots.as_slice()).unwrap_or_default();
        let slot = slots
            .iter()
            .find(|slot| slot.joins == Joins::Recipient && matches!(slot.shape.kind, FieldKind::Message(_)));
        if let Some(slot) = slot {
            let values: Vec<Value> = to.iter().map(|id| Value::Record(shown(analysis, *id))).collect();
            let value = if slot.shape.repeated { Some(Value::List(values)) } else { values.into_iter().next() };
            if let Some(value) = value {
                draft.detail.set_if_absent(slot.field.clone(), value);
            }
        }
        draft.recipients = to;
    }
    Ok(())
}

fn addressees(analysis: &Analysis<'_>, drafts: &[Draft], index: usize) -> Option<Vec<MentionId>> {
    let draft = drafts.get(index).filter(|draft| !draft.merged && draft.recipients.is_empty())?;
    let rule = analysis.rules.events.get(draft.rule).filter(|rule| !rule.answers.is_empty())?;
    let meets = |a: &[MentionId], b: &[MentionId]| a.iter().any(|a| b.iter().any(|b| is_same_party(analysis, *a, *b)));
    drafts
        .iter()
        .filter(|other| rule.answers.contains(&other.category) && !other.actors.is_empty())
        .filter(|other| other.trigger.end <= draft.trigger.start && other.sentence + REACH >= draft.sentence)
        .filter(|other| meets(&draft.actors, &other.recipients) && !meets(&draft.actors, &other.actors))
        .max_by_key(|other| (other.sentence, other.trigger.start))
        .map(|other| other.actors.clone())
}
