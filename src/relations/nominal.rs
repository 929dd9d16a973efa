//! The arguments of a noun that names what happens: its own, those of a light verb, and what the words above it lend.

use super::arguments::{Argument, Binding, Role};
use super::classes::WordClass;
use super::clauses::Clauses;
use super::tags::{Label, Tag};

impl Clauses<'_> {
    pub(super) fn noun_arguments(&self, noun: usize, depth: usize, out: &mut Vec<Argument>) {
        let first = out.len();
        for child in self.children(noun) {
            match self.label(child) {
                Label::NmodPoss => {
                    // "Tuesday's attack": when; "the leader's assassination", "his death by gunmen": whom.
                    let undergone = self.is(noun, WordClass::UNDERGONE_NOUN) && self.of_phrase(noun).is_none();
                    let whom = undergone || self.by_phrase(noun).is_some();
                    let role = match (self.is(child, WordClass::TIME), whom) {
                        (true, _) => Role::Time,
                        (false, true) => Role::Patient,
                        (false, false) => Role::Agent,
                    };
                    out.push(Argument { role, head: child, preposition: None, binding: Binding::Possessive });
                }
                Label::Nmod | Label::Obl | Label::OblAgent => {
                    let Some(preposition) = self.first_preposition(child) else { continue };
                    let (role, binding) = if self.is(preposition, WordClass::AGENT_PREPOSITION) {
                        (Role::Agent, Binding::PassiveBy)
                    } else if self.is(preposition, WordClass::PARTY_PREPOSITION) {
                        (Role::Agent, Binding::Prepositional)
                    } else if self.is(preposition, WordClass::PATIENT_PREPOSITION) {
                        (Role::Patient, Binding::OfPhrase)
                    } else if self.is(preposition, WordClass::PLACE_PREPOSITION)
                        && !self.is(preposition, WordClass::TOPIC_PREPOSITION)
                    {
                        // "a lunch at the palace": where, while "fired at the palace" is whom.
                        (Role::Oblique, Binding::Prepositional)
                    } else {
                        (self.role_of(preposition), Binding::Prepositional)
                    };
                    out.push(Argument { role, head: child, preposition: Some(preposition), binding });
                }
                Label::NmodUnmarked | Label::OblUnmarked => {
                    out.push(Argument { role: Role::Time, head: child, preposition: None, binding: Binding::Bare });
                }
                // "missile launch": what; "the death squad murders of 25 people": who. Names before a noun are read off
                // its words: see `names_before`.
                Label::Compound if child < noun && !self.is_party(child) => {
                    let binding = Binding::Compound;
                    let acts = self.is(child, WordClass::ACTING_NOUN) && !self.is(noun, WordClass::UNDERGONE_NOUN);
                    let role = if acts || self.of_phrase(noun).is_some() { Role::Agent } else { Role::Patient };
                    out.push(Argument { role, head: child, preposition: None, binding });
                }
                // "tests carried out by X", "talks held in Geneva"
                Label::Acl if self.is(child, WordClass::LIGHT_VERB) => {
                    let begin = out.len();
                    self.complements(child, true, out);
                    as_light_verb(out, begin);
                }
                Label::AclRelcl if self.is(child, WordClass::LIGHT_VERB) => {
                    let begin = out.len();
                    self.verb_arguments(child, false, out);
                    drop_head(out, begin, noun);
                    as_light_verb(out, begin);
                }
                _ => {}
            }
        }
        // "the launch of a satellite by X": the by-phrase hangs on the nearest noun, and belongs to this one.
        if let Some(agent) = self.by_phrase(noun)
            && !out[first..].iter().any(|argument| argument.head == agent)
        {
            let preposition = self.first_preposition(agent);
            out.push(Argument { role: Role::Agent, head: agent, preposition, binding: Binding::PassiveBy });
        }
        self.names_before(noun, out);
        if depth < 3 {
            self.arguments_above(noun, depth, first, out);
        }
    }

    /// The head of the of-phrase of a noun.
    fn of_phrase(&self, noun: usize) -> Option<usize> {
        self.children(noun)
            .find(|child| self.first_preposition(*child).is_some_and(|p| self.is(p, WordClass::PATIENT_PREPOSITION)))
    }

    /// The head of the by-phrase of a noun: on the noun itself, or on its of-phrase.
    pub(super) fn by_phrase(&self, noun: usize) -> Option<usize> {
        let own = |at: usize| {
            self.children(at).find(|child| {
                let by = self.first_preposition(*child).is_some_and(|p| self.is(p, WordClass::AGENT_PREPOSITION));
                by && !self.is(*child, WordClass::TIME) && !self.is_verb(*child)
            })
        };
        own(noun).or_else(|| own(self.of_phrase(noun)?))
    }

    pub(super) fn is_name(&self, at: usize) -> bool {
        self.tag(at).is_some_and(Tag::is_name) && !self.is(at, WordClass::TIME)
    }

    /// A word that can stand for a party before a noun: a name, or the adjective of a nation.
    fn is_party(&self, at: usize) -> bool {
        self.tag(at).is_some_and(Tag::is_name) || self.is(at, WordClass::NATION)
    }

    /// "Israeli attack", "NATO strike", "joint South Korea-US exercise": the parties that stand right before a noun.
    fn names_before(&self, noun: usize, out: &mut Vec<Argument>) {
        let inside = |at: usize| {
            matches!(
                self.tag(at),
                Some(
                    Tag::JJ
                        | Tag::NN
                        | Tag::NNS
                        | Tag::NNP
                        | Tag::NNPS
                        | Tag::CD
                        | Tag::HYPH
                        | Tag::CC
                        | Tag::COLON
                        | Tag::VBN
                )
            )
        };
        // "his Gaza visit", "Israel's Lebanon campaign": behind whose it is stands where it goes.
        let owned = self.child(noun, Label::NmodPoss).is_some_and(|owner| !self.is(owner, WordClass::TIME));
        let role = if owned { Role::Recipient } else { Role::Agent };
        for at in (0..noun).rev().take(8).take_while(|at| inside(*at)) {
            if self.is_party(at) && !out.iter().any(|argument| argument.head == at) {
                out.push(Argument { role, head: at, preposition: None, binding: Binding::Compound });
            }
        }
    }

    /// What a noun takes from the word that it hangs on.
    fn arguments_above(&self, noun: usize, depth: usize, first: usize, out: &mut Vec<Argument>) {
        let Some(up) = self.head(noun) else { return };
        let label = self.label(noun);
        // "tests and launches carried out by X": conjuncts share whom they lack.
        if label == Label::Conj && !self.is_verb(up) && !out[first..].iter().any(|a| a.role == Role::Agent) {
            let begin = out.len();
            self.noun_arguments(up, depth + 1, out);
            for argument in out.iter_mut().skip(begin) {
                argument.binding = Binding::Conjunct;
            }
            let mut at = begin;
            while let Some(argument) = out.get(at) {
                let own = matches!(argument.role, Role::Patient) || argument.head == noun;
                if own {
                    out.remove(at);
                } else {
                    at += 1;
                }
            }
        }
        if let Some(other) = self.children(noun).find(|c| self.label(*c) == Label::Conj && self.is_noun(*c))
            && !out[first..].iter().any(|a| a.role == Role::Agent)
        {
            let acl = self.children(other).find(|c| self.label(*c) == Label::Acl && self.is(*c, WordClass::LIGHT_VERB));
            if let Some(verb) = acl {
                let begin = out.len();
                self.complements(verb, true, out);
                out.iter_mut().skip(begin).for_each(|argument| argument.binding = Binding::Conjunct);
            }
        }
        // "the village was the target of an air strike"
        if self.is(up, WordClass::UNDERGOER_NOUN)
            && self.first_preposition(noun).is_some_and(|p| self.is(p, WordClass::PATIENT_PREPOSITION))
        {
            let own = self.children(up).find(|child| self.label(*child).is_subject()).map(|own| self.resolved(own).0);
            let verb = self.head(up).filter(|verb| self.is_verb(*verb) && self.label(up) == Label::Obj);
            let head = own.or_else(|| Some(self.subject(verb?, 0)?.0));
            let patient = |head| Argument { role: Role::Patient, head, preposition: None, binding: Binding::LightVerb };
            out.extend(head.map(patient));
        }
        if self.is_verb(up) {
            let argument = matches!(label, Label::Obj | Label::NsubjPass | Label::Nsubj | Label::Obl | Label::Xcomp);
            if !argument {
                return;
            }
            let begin = out.len();
            let undergone = label == Label::Obj && self.is(up, WordClass::UNDERGOING_VERB) && !self.is_passive(up);
            if undergone || self.is(up, WordClass::LIGHT_VERB) {
                let under = self.preposition(noun).is_some_and(|p| self.is(p, WordClass::PASSIVE_PREPOSITION));
                let carried = matches!(label, Label::Obj | Label::NsubjPass | Label::Xcomp) || under;
                if carried || label == Label::Nsubj {
                    self.verb_arguments(up, false, out);
                    drop_head(out, begin, noun);
                    // "held talks at the palace": where.
                    for argument in out.iter_mut().skip(begin).filter(|a| a.role == Role::Recipient) {
                        let is = |class| argument.preposition.is_some_and(|p| self.is(p, class));
                        if is(WordClass::PLACE_PREPOSITION) && !is(WordClass::TOPIC_PREPOSITION) {
                            argument.role = Role::Oblique;
                        }
                    }
                    if under || undergone {
                        self.swap_sides(out, begin);
                        self.origins_as_agents(&mut out[first..begin]);
                    }
                    if !carried {
                        keep_frame(out, begin);
                    }
                    as_light_verb(out, begin);
                    return;
                }
            }
            // "X spoke after talks with Y": X held them, too.
            let accompanied = |a: &Argument| a.preposition.is_some_and(|p| self.is(p, WordClass::COMPANY_PREPOSITION));
            // "responded with an attack", "were locked in clashes with herders": so did they.
            let by_means = self.first_preposition(noun).is_some_and(|p| self.is(p, WordClass::COMPANY_PREPOSITION));
            let engaged = self.is(up, WordClass::ENGAGING_VERB);
            let lacking = !out[first..].iter().any(|argument| argument.role == Role::Agent);
            if matches!(label, Label::Obl | Label::OblAgent)
                && (!self.is_passive(up) || engaged)
                && (engaged || (lacking && (by_means || out[first..].iter().any(accompanied))))
                && let Some((head, _)) = self.subject(up, 0)
                && !out[first..].iter().any(|argument| argument.head == head)
            {
                out.push(Argument { role: Role::Agent, head, preposition: None, binding: Binding::Control });
            }
            let begin = out.len();
            // "The attack happened Friday in Kabul": when and where are those of the clause.
            self.complements(up, false, out);
            drop_head(out, begin, noun);
            keep_frame(out, begin);
        }
    }

    /// "came under attack from rebels", "faces sanctions": the subject is the one to whom it is done.
    pub(super) fn swap_sides(&self, out: &mut [Argument], begin: usize) {
        let own = out.get_mut(begin..).unwrap_or_default();
        for argument in own.iter_mut().filter(|a| a.role == Role::Agent && a.preposition.is_none()) {
            argument.role = Role::Patient;
        }
        self.origins_as_agents(own);
    }

    /// From whom it comes did it.
    fn origins_as_agents(&self, out: &mut [Argument]) {
        let origin = |a: &&mut Argument| {
            a.role == Role::Oblique && a.preposition.is_some_and(|p| self.is(p, WordClass::ORIGIN_PREPOSITION))
        };
        for argument in out.iter_mut().filter(origin) {
            argument.role = Role::Agent;
        }
    }
}

fn as_light_verb(out: &mut [Argument], begin: usize) {
    for argument in out.iter_mut().skip(begin) {
        if matches!(argument.role, Role::Agent | Role::Patient) {
            argument.binding = Binding::LightVerb;
        }
    }
}

fn drop_head(out: &mut Vec<Argument>, begin: usize, head: usize) {
    let mut at = begin;
    while let Some(argument) = out.get(at) {
        if argument.head == head {
            out.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Leaves times and obliques only.
fn keep_frame(out: &mut Vec<Argument>, begin: usize) {
    let mut at = begin;
    while let Some(argument) = out.get_mut(at) {
        if matches!(argument.role, Role::Time | Role::Oblique) {
            argument.binding = Binding::Clause;
            at += 1;
        } else {
            out.remove(at);
        }
    }
}
