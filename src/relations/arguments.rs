//! The arguments of a predicate: who did what to whom, whatever the voice, for verbs and for nouns that name events.

use super::classes::WordClass;
use super::clauses::{Clauses, DEPTH};
use super::tags::{Label, Tag};

/// What an argument is to its predicate, whatever the voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Who does it.
    Agent,
    /// To what or whom it is done; what is made, said, launched.
    Patient,
    /// The party on the other side.
    Recipient,
    /// What it is about.
    Topic,
    /// A bare time: "Friday".
    Time,
    /// With any other preposition.
    Oblique,
}

/// How an argument is tied to its predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    ActiveSubject,
    PassiveSubject,
    Object,
    Dative,
    PassiveBy,
    Possessive,
    OfPhrase,
    Prepositional,
    RelativeClause,
    Participle,
    Control,
    Conjunct,
    LightVerb,
    Compound,
    Bare,
    /// Of the clause that the predicate stands in.
    Clause,
}

impl Binding {
    /// The name in evidence.
    pub fn name(self) -> &'static str {
        match self {
            Binding::ActiveSubject => "active subject",
            Binding::PassiveSubject => "passive subject",
            Binding::Object => "object",
            Binding::Dative => "indirect object",
            Binding::PassiveBy => "by-phrase",
            Binding::Possessive => "possessive",
            Binding::OfPhrase => "of-phrase",
            Binding::Prepositional => "prepositional phrase",
            Binding::RelativeClause => "relative clause",
            Binding::Participle => "participle",
            Binding::Control => "control",
            Binding::Conjunct => "coordination",
            Binding::LightVerb => "light verb",
            Binding::Compound => "compound",
            Binding::Bare => "bare time",
            Binding::Clause => "same clause",
        }
    }

    /// How often a binding of this kind is right, from 0 to 1; what confidence is made of.
    pub fn trust(self) -> f32 {
        match self {
            Binding::ActiveSubject | Binding::PassiveBy | Binding::Object | Binding::PassiveSubject => 0.95,
            Binding::Possessive | Binding::Dative | Binding::Bare => 0.9,
            Binding::OfPhrase | Binding::Prepositional | Binding::LightVerb | Binding::RelativeClause => 0.85,
            Binding::Control | Binding::Participle | Binding::Conjunct => 0.8,
            Binding::Compound | Binding::Clause => 0.7,
        }
    }
}

/// An argument of a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    pub role: Role,
    /// Head word.
    pub head: usize,
    /// The preposition, where there is one.
    pub preposition: Option<usize>,
    pub binding: Binding,
}

impl Clauses<'_> {
    /// The subject of a verb, its own or that of a clause that shares it.
    pub(super) fn subject(&self, verb: usize, depth: usize) -> Option<(usize, Binding)> {
        if depth > DEPTH {
            return None;
        }
        if let Some((_, subject)) = self.object_relative(verb) {
            return Some((subject, Binding::ActiveSubject));
        }
        if let Some(own) = self.children(verb).find(|c| matches!(self.label(*c), Label::Nsubj | Label::NsubjPass)) {
            let (head, relative) = self.resolved(own);
            return Some((head, if relative { Binding::RelativeClause } else { Binding::ActiveSubject }));
        }
        let head = self.head(verb)?;
        let above = |binding: Binding| self.subject(head, depth + 1).map(|(subject, _)| (subject, binding));
        match self.label(verb) {
            Label::Conj if !self.is_noun(head) => above(Binding::Conjunct),
            Label::Xcomp | Label::Ccomp if self.label(verb) == Label::Xcomp || self.tag(verb) == Some(Tag::VBG) => {
                // "telephoned the governor to urge a delay": who telephoned urges.
                let controls = self.is(head, WordClass::OBJECT_CONTROL);
                let purpose = self.tag(verb) == Some(Tag::VB) && !controls;
                let object = self.child(head, Label::Obj).filter(|object| *object < verb && !purpose);
                // "called on donors to send food": whom the preposition right behind the verb introduces.
                let called_on = |child: &usize| {
                    self.label(*child) == Label::Obl
                        && *child < verb
                        && self.first_preposition(*child) == Some(head + 1)
                };
                let object = object.or_else(|| self.children(head).find(called_on).filter(|_| controls));
                match object {
                    Some(object) if !self.is_passive(head) => Some((object, Binding::Control)),
                    _ => above(Binding::Control),
                }
            }
            // "said the minister, calling on the army"
            Label::Advcl if self.is_noun(head) => Some((head, Binding::Participle)),
            Label::Advcl => {
                // "praised Senegal for containing the virus"; not "arrested him after storming the house"
                let about = |child: usize| {
                    matches!(self.label(child), Label::Mark | Label::Case)
                        && self.is(child, WordClass::CONTENT_PREPOSITION)
                };
                let content = self.tag(verb) == Some(Tag::VB) || self.children(verb).any(about);
                let controls = content && self.is(head, WordClass::OBJECT_CONTROL);
                let object = self.child(head, Label::Obj).filter(|_| controls);
                match object {
                    Some(object) if !self.is_passive(head) => Some((object, Binding::Control)),
                    _ => above(Binding::Participle),
                }
            }
            Label::Acl if self.is_noun(head) => {
                let infinitive = matches!(self.tag(verb), Some(Tag::VB));
                if !infinitive {
                    return Some((head, Binding::Participle));
                }
                // "a plan to attack", "its decision to send", "efforts by Oman to persuade": whose plan it is
                if let Some(owner) = self.child(head, Label::NmodPoss).or_else(|| self.by_phrase(head)) {
                    return Some((owner, Binding::Control));
                }
                let up = self.head(head)?;
                let object = matches!(self.label(head), Label::Obj | Label::Xcomp | Label::Obl);
                (object && self.is_verb(up))
                    .then(|| self.subject(up, depth + 1))
                    .flatten()
                    .map(|(s, _)| (s, Binding::Control))
            }
            Label::AclRelcl => None,
            _ => None,
        }
    }

    /// The arguments of a predicate, appended to `out`: a verb, a noun that names an event, or (`adjective`) a word
    /// that is said of its subject ("is opposed to"). An argument stands in `out` once for each of its conjuncts.
    pub fn arguments(&self, predicate: usize, adjective: bool, out: &mut Vec<Argument>) {
        let first = out.len();
        if adjective || (self.is_verb(predicate) && !self.acts_as_noun(predicate)) {
            self.verb_arguments(predicate, adjective, out);
            // "came under fire from gunmen"
            let under =
                |child: usize| self.preposition(child).is_some_and(|p| self.is(p, WordClass::PASSIVE_PREPOSITION));
            if self.is(predicate, WordClass::LIGHT_VERB) && self.children(predicate).any(under) {
                self.swap_sides(out, first);
            }
        } else {
            self.noun_arguments(predicate, 0, out);
        }
        self.expand(first, out);
        // "on" introduces the other side of an attack and the topic of talks: the rule says which it wants.
        for at in first..out.len() {
            let argument = out[at];
            let both = argument.role == Role::Recipient
                && argument.preposition.is_some_and(|p| self.is(p, WordClass::TOPIC_PREPOSITION));
            if both {
                out.push(Argument { role: Role::Topic, ..argument });
            }
        }
        let mut seen: Vec<(Role, usize)> = Vec::new();
        let mut at = first;
        while let Some(argument) = out.get(at) {
            let key = (argument.role, argument.head);
            if argument.head == predicate || seen.contains(&key) {
                out.remove(at);
            } else {
                seen.push(key);
                at += 1;
            }
        }
    }

    /// A gerund with an article or an of-phrase ("the bombing of").
    fn acts_as_noun(&self, at: usize) -> bool {
        self.tag(at) == Some(Tag::VBG)
            && self
                .children(at)
                .any(|c| matches!(self.label(c), Label::Det | Label::NmodPoss | Label::Amod | Label::Nmod))
    }

    pub(super) fn verb_arguments(&self, verb: usize, adjective: bool, out: &mut Vec<Argument>) {
        let passive = !adjective && self.is_passive(verb);
        // "fled to escape fighting between guerrillas and the army": both sides are told, and the fleeing are none.
        let between = |c: usize| self.first_preposition(c).is_some_and(|p| self.is(p, WordClass::PARTY_PREPOSITION));
        // Nor are they in "fled to escape fighting in the capital".
        let fled = |up: usize| self.is(up, WordClass::FLIGHT_VERB) && !self.is_passive(verb);
        let complement = matches!(self.label(verb), Label::Xcomp | Label::Ccomp | Label::Obj);
        let fled = complement && self.head(verb).is_some_and(fled);
        let sides = self.tag(verb) == Some(Tag::VBG) && (fled || self.children(verb).any(between));
        if let Some((subject, how)) = self.subject(verb, 0).filter(|_| !sides) {
            let role = if passive { Role::Patient } else { Role::Agent };
            let how = if passive && how == Binding::ActiveSubject { Binding::PassiveSubject } else { how };
            out.push(Argument { role, head: subject, preposition: None, binding: how });
        }
        if let Some((whom, _)) = self.object_relative(verb).filter(|_| !passive) {
            let binding = Binding::RelativeClause;
            out.push(Argument { role: Role::Patient, head: whom, preposition: None, binding });
        }
        self.complements(verb, passive, out);
        if passive && !out.iter().any(|a| a.role == Role::Agent) {
            out.extend(self.far_agent(verb));
        }
        // "arrested and charged him": the object of the last verb is that of the first, too.
        if !passive && !adjective && !out.iter().any(|a| a.role == Role::Patient) {
            let shared = self
                .children(verb)
                .filter(|c| self.label(*c) == Label::Conj && self.is_verb(*c))
                .find_map(|c| self.child(c, Label::Obj).map(|object| (c, object)));
            if let Some((other, object)) = shared
                && !self.children(other).any(|c| self.label(c).is_subject())
                && (verb..=verb + 3).contains(&other)
            {
                out.push(Argument { role: Role::Patient, head: object, preposition: None, binding: Binding::Conjunct });
            }
        }
        // The object of a relative clause: "the missiles, which X launched".
        if self.label(verb) == Label::AclRelcl
            && !passive
            && let Some(noun) = self.head(verb)
            && !out.iter().any(|a| a.role == Role::Patient || a.head == noun)
        {
            let binding = Binding::RelativeClause;
            out.push(Argument { role: Role::Patient, head: noun, preposition: None, binding });
        }
    }

    /// Objects and obliques of a verb.
    pub(super) fn complements(&self, verb: usize, passive: bool, out: &mut Vec<Argument>) {
        for child in self.children(verb) {
            match self.label(child) {
                // "is deemed a threat": what it is called.
                Label::Obj if passive && self.is(verb, WordClass::NAMING_VERB) => {}
                Label::Obj => {
                    let (head, relative) = self.resolved(child);
                    let binding = if relative { Binding::RelativeClause } else { Binding::Object };
                    out.push(Argument { role: Role::Patient, head, preposition: None, binding });
                    self.modifiers_of(child, out);
                }
                Label::Iobj => {
                    out.push(Argument {
                        role: Role::Recipient,
                        head: child,
                        preposition: None,
                        binding: Binding::Dative,
                    });
                }
                // A bare name that is no time is the object, whatever the parser took it for.
                Label::OblUnmarked if !passive && self.is_name(child) && self.child(verb, Label::Obj).is_none() => {
                    out.push(Argument {
                        role: Role::Patient,
                        head: child,
                        preposition: None,
                        binding: Binding::Object,
                    });
                }
                Label::OblUnmarked | Label::NmodUnmarked => {
                    out.push(Argument { role: Role::Time, head: child, preposition: None, binding: Binding::Bare });
                }
                // "help Burma fight the disease", "let inspectors in": whom the infinitive is about is the object.
                Label::Ccomp if self.tag(child) == Some(Tag::VB) && !self.is(verb, WordClass::REPORT_VERB) => {
                    let clause = |c: usize| matches!(self.label(c), Label::Mark | Label::Aux);
                    if let Some(head) = self.child(child, Label::Nsubj).filter(|_| !self.children(child).any(clause)) {
                        let binding = Binding::Control;
                        out.push(Argument { role: Role::Patient, head, preposition: None, binding });
                    }
                }
                Label::Obl | Label::OblAgent | Label::Nmod => self.oblique(child, passive, out),
                Label::NsubjPass => self.modifiers_of(child, out),
                _ => {}
            }
        }
    }

    /// Phrases that hang on the object but may belong to the verb ("imposed sanctions on Iran").
    fn modifiers_of(&self, noun: usize, out: &mut Vec<Argument>) {
        for child in self.children(noun) {
            if self.label(child) == Label::Nmod
                && let Some(preposition) = self.first_preposition(child)
                && !self.is(preposition, WordClass::PATIENT_PREPOSITION)
            {
                let role = self.role_of(preposition);
                let role = if role == Role::Agent { Role::Oblique } else { role };
                let binding = Binding::Prepositional;
                out.push(Argument { role, head: child, preposition: Some(preposition), binding });
            } else if self.label(child) == Label::NmodUnmarked {
                out.push(Argument { role: Role::Time, head: child, preposition: None, binding: Binding::Bare });
            }
        }
    }

    pub(super) fn role_of(&self, preposition: usize) -> Role {
        if self.is(preposition, WordClass::RECIPIENT_PREPOSITION) {
            Role::Recipient
        } else if self.is(preposition, WordClass::TOPIC_PREPOSITION) {
            Role::Topic
        } else {
            Role::Oblique
        }
    }

    fn oblique(&self, head: usize, passive: bool, out: &mut Vec<Argument>) {
        let Some(preposition) = self.first_preposition(head) else {
            let (role, binding) = match self.label(head) {
                Label::OblAgent => (Role::Agent, Binding::PassiveBy),
                _ => (Role::Time, Binding::Bare),
            };
            return out.push(Argument { role, head, preposition: None, binding });
        };
        if self.is(preposition, WordClass::PARTY_PREPOSITION) {
            let binding = Binding::Prepositional;
            return out.push(Argument { role: Role::Agent, head, preposition: Some(preposition), binding });
        }
        let agent = !self.is(head, WordClass::TIME)
            && self.is(preposition, WordClass::AGENT_PREPOSITION)
            && (passive || self.label(head) == Label::OblAgent);
        let (role, binding) =
            if agent { (Role::Agent, Binding::PassiveBy) } else { (self.role_of(preposition), Binding::Prepositional) };
        let (head, _) = self.resolved(head);
        out.push(Argument { role, head, preposition: Some(preposition), binding });
    }

    /// Adds the conjuncts of each argument and whom of it is named, and steps from counting heads to what they count.
    fn expand(&self, first: usize, out: &mut Vec<Argument>) {
        let mut at = first;
        while let Some(argument) = out.get(at).copied() {
            if out.len() - first > 48 {
                return;
            }
            at += 1;
            for child in self.children(argument.head) {
                let label = self.label(child);
                let conjunct = label == Label::Conj && !self.is_verb(child);
                if conjunct && !out[first..].iter().any(|a| a.head == child && a.role == argument.role) {
                    let own = self.first_preposition(child);
                    let binding = argument.binding;
                    // A conjunct with a preposition of another kind is an argument of another kind.
                    let role = match own {
                        Some(p) if argument.preposition.is_some() => self.role_of(p),
                        _ => argument.role,
                    };
                    out.push(Argument { role, head: child, preposition: own.or(argument.preposition), binding });
                }
            }
            // "killed nine people, including a reporter": one of many who is told apart.
            let counted = |c: usize| self.children(c).any(|own| self.label(own) == Label::Nummod);
            let one = |c: &usize| {
                let introduced = |p: usize| p < *c && self.is(p, WordClass::PART_PREPOSITION);
                matches!(self.tag(*c), Some(Tag::NN | Tag::NNP)) && !counted(*c) && self.children(*c).any(introduced)
            };
            if self.tag(argument.head) == Some(Tag::NNS) {
                for child in self.children(argument.head).filter(|c| *c > argument.head).filter(one) {
                    out.push(Argument { head: child, ..argument });
                }
            }
            // "dozens of residents", "two of her guards"
            if self.is(argument.head, WordClass::COUNT_NOUN) || self.tag(argument.head) == Some(Tag::CD) {
                let counted = self.children(argument.head).find(|c| {
                    self.label(*c) == Label::Nmod
                        && self.first_preposition(*c).is_some_and(|p| self.is(p, WordClass::PATIENT_PREPOSITION))
                });
                if let Some(counted) = counted {
                    out.push(Argument { head: counted, ..argument });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parser::Tree;
    use super::*;

    #[test]
    fn a_conjunct_before_its_verb_lends_it_no_object() {
        // What only a mistaken parse of garbled text gives: the second verb as the head of the first.
        let tree = Tree { heads: vec![2, 0, 3], labels: vec![Label::Conj, Label::Obj, Label::Root] };
        let (tags, classes) = ([Tag::VBD, Tag::NN, Tag::VBD], [WordClass::default(); 3]);
        let mut found = Vec::new();
        Clauses::new(&tags, &tree, &classes).arguments(2, false, &mut found);
        assert!(found.iter().all(|argument| argument.role != Role::Patient), "{found:?}");
    }
}
