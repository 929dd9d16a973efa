//! Arguments that stand apart from their predicate: objects of relative clauses, by-phrases behind other phrases.

use super::arguments::{Argument, Binding, Role};
use super::classes::WordClass;
use super::clauses::{Clauses, DEPTH};
use super::tags::{Label, Tag};

impl Clauses<'_> {
    /// "the hostages whom the rebels took", "a man who soldiers arrested": of two subjects of a verb with a relative
    /// pronoun the later one does it, and the other, or what the pronoun stands for, is whom it is done to. Gives both.
    pub(super) fn object_relative(&self, verb: usize) -> Option<(usize, usize)> {
        // Not "a treaty in which they ceded the island".
        let bare = |c: &usize| self.first_preposition(*c).is_none();
        let pronoun = |c: &usize| *c < verb && matches!(self.tag(*c), Some(Tag::WP | Tag::WDT));
        let pronoun = self.children(verb).filter(pronoun).find(bare)?;
        let subjects = || self.children(verb).filter(|c| self.label(*c) == Label::Nsubj);
        let subject = subjects().find(|c| *c > pronoun && *c < verb)?;
        let whom = subjects().find(|c| *c < pronoun).or_else(|| {
            let (whom, relative) = self.resolved(pronoun);
            relative.then_some(whom)
        });
        Some((whom?, subject))
    }

    /// The by-phrase of a passive that hangs on a word of its other phrases: "sentenced to ten years in prison by a
    /// court", "arrested in a raid by soldiers". Not one of what came before, nor of what it is about ("criticized over
    /// abuses by soldiers").
    pub(super) fn far_agent(&self, verb: usize) -> Option<Argument> {
        let by = |at: usize| self.first_preposition(at).is_some_and(|p| self.is(p, WordClass::AGENT_PREPOSITION));
        let other = |at: usize| {
            matches!(self.label(at), Label::Obl | Label::Nmod | Label::Xcomp | Label::Obj | Label::OblUnmarked)
                && !self.is_verb(at)
                && self.first_preposition(at).is_none_or(|p| {
                    let apart =
                        [WordClass::FACT_PREPOSITION, WordClass::TOPIC_PREPOSITION, WordClass::SOURCE_PREPOSITION];
                    !apart.iter().any(|class| self.is(p, *class)) || self.is(p, WordClass::PLACE_PREPOSITION)
                })
        };
        let far = |at: usize| {
            let mut low = at;
            for _ in 0..DEPTH {
                match self.head(low) {
                    Some(head) if head == verb => return low != at && other(low),
                    Some(head) if head > verb && (low == at || other(low)) => low = head,
                    _ => return false,
                }
            }
            false
        };
        let who = |at: &usize| by(*at) && !self.is(*at, WordClass::TIME) && !self.is_verb(*at) && far(*at);
        let agent = (verb + 1..self.len()).find(who)?;
        let preposition = self.first_preposition(agent);
        Some(Argument { role: Role::Agent, head: agent, preposition, binding: Binding::PassiveBy })
    }
}
