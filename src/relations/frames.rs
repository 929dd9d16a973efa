//! What frames a predicate: the words that govern it, who says so, what it says or judges itself.

use super::arguments::Role;
use super::classes::WordClass;
use super::clauses::{Clauses, DEPTH};
use super::tags::{Label, Tag};

/// A word above a predicate whose complement or modifier holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Governor {
    pub token: usize,
    /// The relation of the lower word to this one.
    pub link: Label,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Head word of the speaker.
    pub speaker: usize,
    /// The verb, or the preposition ("according to").
    pub cue: usize,
}

impl Clauses<'_> {
    /// The words above a predicate, nearest first.
    pub fn governors(&self, predicate: usize, out: &mut Vec<Governor>) {
        let mut at = predicate;
        for _ in 0..DEPTH * 2 {
            let Some(head) = self.head(at) else { return };
            out.push(Governor { token: head, link: self.label(at) });
            at = head;
        }
    }

    /// The verb of the clause that says what a predicate claims: "alleged that X lied", "the claim that X lied",
    /// "held X responsible".
    pub fn content(&self, predicate: usize) -> Option<usize> {
        let noun = self.is_noun(predicate);
        let own_subject = |at: usize| self.children(at).any(|child| self.label(child).is_subject());
        self.children(predicate).filter(|child| *child > predicate).find(|child| match self.label(*child) {
            Label::Ccomp => true,
            Label::Acl => noun && own_subject(*child),
            _ => false,
        })
    }

    /// Who does what a predicate says, whatever the voice.
    pub fn doer(&self, predicate: usize) -> Option<usize> {
        let mut own = Vec::new();
        self.arguments(predicate, !self.is_verb(predicate), &mut own);
        own.iter().find(|argument| argument.role == Role::Agent).map(|argument| argument.head)
    }

    /// Who says that the predicate holds.
    pub fn attribution(&self, predicate: usize) -> Option<Attribution> {
        let mut at = predicate;
        for _ in 0..DEPTH * 2 {
            if let Some(found) = self.said_of(at, predicate) {
                return Some(found);
            }
            let head = self.head(at)?;
            let reported = matches!(
                self.label(at),
                Label::Ccomp | Label::Parataxis | Label::Xcomp | Label::Obj | Label::Advcl | Label::Dep
            );
            if reported && self.is(head, WordClass::REPORT_VERB) && self.is_verb(head) && head != predicate {
                let speaker = self.subject(head, 0).map(|(s, _)| s);
                // "X was told by Y": the by-phrase says it.
                let by = self.child(head, Label::OblAgent);
                if let Some(speaker) = by.or(speaker).filter(|s| !self.under(*s, at)) {
                    return Some(Attribution { speaker, cue: head });
                }
            }
            at = head;
        }
        None
    }

    /// "..., Lavrov said" and "according to X" that hang on a word.
    fn said_of(&self, at: usize, predicate: usize) -> Option<Attribution> {
        for child in self.children(at) {
            let label = self.label(child);
            if matches!(label, Label::Parataxis | Label::Advcl | Label::Conj | Label::Dep | Label::Ccomp)
                && self.is(child, WordClass::REPORT_VERB)
                && self.is_verb(child)
                && child > at
                && !self.under(predicate, child)
                && !self.children(child).any(|c| matches!(self.label(c), Label::Ccomp | Label::Obj | Label::Mark))
                && let Some(speaker) = self.children(child).find(|c| self.label(*c) == Label::Nsubj)
            {
                return Some(Attribution { speaker, cue: child });
            }
            if matches!(label, Label::Obl | Label::Nmod)
                && let Some(preposition) = self.first_preposition(child)
                && self.is(preposition, WordClass::SOURCE_PREPOSITION)
            {
                return Some(Attribution { speaker: child, cue: preposition });
            }
        }
        None
    }

    /// Whether a word stands in what a predicate says, asks or judges: in its object, its clause, its infinitive, or
    /// a phrase that names a topic or a party; not in its subject, nor where or when it says so, nor in a word before a
    /// name ("asked the visiting president") or in what is told as a fact ("agreed to end the war after talks").
    /// `clausal`: in its clause or its infinitive only.
    pub fn in_complement(&self, at: usize, predicate: usize, clausal: bool) -> bool {
        if self.label(at) == Label::Flat {
            return false;
        }
        let passive = self.is_passive(predicate);
        let mut at = at;
        for _ in 0..=self.len() {
            if self.tells_a_fact(at) {
                return false;
            }
            let Some(head) = self.head(at) else { return false };
            if head == predicate {
                return match self.label(at) {
                    Label::Ccomp | Label::Xcomp | Label::Acl => true,
                    Label::Obj => !clausal,
                    Label::NsubjPass | Label::Csubj => passive && !clausal,
                    Label::Obl | Label::Nmod if !clausal => self
                        .first_preposition(at)
                        .is_some_and(|preposition| self.is(preposition, WordClass::CONTENT_PREPOSITION)),
                    Label::Advcl => self.tag(at) == Some(Tag::VB),
                    _ => false,
                };
            }
            at = head;
        }
        false
    }

    /// Whether a preposition introduces only what something is about or for, not whom it is done to.
    pub fn is_topical(&self, preposition: usize) -> bool {
        let is = |class| self.is(preposition, class);
        (is(WordClass::TOPIC_PREPOSITION) || is(WordClass::CONTENT_PREPOSITION))
            && !is(WordClass::RECIPIENT_PREPOSITION)
            && !is(WordClass::PATIENT_PREPOSITION)
    }

    /// Whether a noun says no more than what the rest of its clause is about: "raised the toll of the quake", "arrested
    /// over the attack". Where and when that was is not where and when the noun was; but "escaped from the blast".
    pub fn is_aside(&self, noun: usize) -> bool {
        self.is_behind(noun, WordClass::ASIDE_PREPOSITION).is_some_and(|up| !self.is(up, WordClass::UNDERGOING_VERB))
    }

    const OTHER_OCCASION: WordClass =
        WordClass::FACT_PREPOSITION.and(WordClass::CAUSE_PREPOSITION).and(WordClass::OCCASION_PREPOSITION);

    /// Whether a noun tells of another occasion than its clause: "signed it after months of talks", "freed them ahead of
    /// the vote".
    pub fn is_of_other_occasion(&self, noun: usize) -> bool {
        self.is_behind(noun, Self::OTHER_OCCASION).is_some()
    }

    /// Whether a word begins a phrase or a clause of another occasion.
    pub fn sets_apart(&self, at: usize) -> bool {
        self.is(at, Self::OTHER_OCCASION)
    }

    /// Whether a noun tells why something is done, or in spite of what: that has happened.
    pub fn is_cause(&self, noun: usize) -> bool {
        self.is_behind(noun, WordClass::CAUSE_PREPOSITION).is_some()
    }

    /// The word on which a phrase hangs that a preposition of a class begins, if a noun stands in such a phrase.
    fn is_behind(&self, noun: usize, class: WordClass) -> Option<usize> {
        let mut at = noun;
        while let Some(up) = self.head(at).filter(|_| self.is_noun(noun) && !self.is_verb(at)) {
            if self.children(at).any(|c| self.label(c) == Label::Case && c < at && self.is(c, class)) {
                return Some(up);
            }
            at = up;
        }
        None
    }

    /// Whether a verb heads a clause of time or a relative clause in the past ("after an attack killed six", "the bomb
    /// that killed him"), or a noun such a phrase ("after the attack"): told as a fact, whatever is said, denied or
    /// asked around it.
    pub fn tells_a_fact(&self, verb: usize) -> bool {
        let phrase = matches!(self.label(verb), Label::Obl | Label::Nmod);
        let told = |p| self.is(p, WordClass::FACT_PREPOSITION) || self.is(p, WordClass::CAUSE_PREPOSITION);
        if phrase && self.first_preposition(verb).is_some_and(told) {
            return true;
        }
        matches!(self.label(verb), Label::Advcl | Label::AclRelcl) && (self.is_past(verb) || self.is_perfect(verb))
    }

    /// Whether a verb is in the present perfect.
    pub fn is_perfect(&self, verb: usize) -> bool {
        let has = |c: usize| self.label(c) == Label::Aux && matches!(self.tag(c), Some(Tag::VBP | Tag::VBZ));
        self.tag(verb) == Some(Tag::VBN) && self.children(verb).any(has)
    }

    /// Whether two predicates are told in one breath: in one clause, or one in a participle, an adverbial or a relative
    /// clause of the other's ("exploded, killing five", "an attack that killed five").
    pub fn one_breath(&self, a: usize, b: usize) -> bool {
        let (own, other) = (self.clause_head(a), self.clause_head(b));
        let hangs = |low: usize, high: usize| {
            matches!(self.label(low), Label::Advcl | Label::AclRelcl)
                && self.head(low).is_some_and(|head| self.clause_head(head) == high)
        };
        own == other || hangs(own, other) || hangs(other, own)
    }

    /// Words that modify a predicate directly: auxiliaries, adverbs, determiners, markers, adjectives.
    pub fn modifiers(&self, predicate: usize) -> impl Iterator<Item = (usize, Label)> + '_ {
        self.children(predicate).map(|child| (child, self.label(child))).filter(|(_, label)| {
            matches!(
                label,
                Label::Aux
                    | Label::AuxPass
                    | Label::Advmod
                    | Label::Det
                    | Label::Mark
                    | Label::Amod
                    | Label::Cop
                    | Label::Compound
            )
        })
    }

    /// Whether a verb is in the past, as far as its own form and auxiliaries say.
    pub fn is_past(&self, verb: usize) -> bool {
        let form = |at: usize| matches!(self.tag(at), Some(Tag::VBD));
        form(verb)
            || self
                .modifiers(verb)
                .any(|(at, label)| matches!(label, Label::Aux | Label::AuxPass | Label::Cop) && form(at))
    }
}
