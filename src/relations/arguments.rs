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
                let object = self.child(head, Label::Obj).filter(|object| *object < verb);
                match object {
                    Some(object) if !self.is_passive(head) => Some((object, Binding::Control)),
                    _ => above(Binding::Control),
                }
            }
            // "said the minister, calling on the army"
            Label::Advcl if self.is_noun(head) => Some((head, Binding::Participle)),
            Label::Advcl => {
                let object = self.child(head, Label::Obj).filter(|_| self.is(head, WordClass::OBJECT_CONTROL));
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

    fn verb_arguments(&self, verb: usize, adjective: bool, out: &mut Vec<Argument>) {
        let passive = !adjective && self.is_passive(verb);
        if let Some((subject, how)) = self.subject(verb, 0) {
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
    fn complements(&self, verb: usize, passive: bool, out: &mut Vec<Argument>) {
        for child in self.children(verb) {
            match self.label(child) {
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

    fn role_of(&self, preposition: usize) -> Role {
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

    fn noun_arguments(&self, noun: usize, depth: usize, out: &mut Vec<Argument>) {
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
                    let role = if self.of_phrase(noun).is_some() { Role::Agent } else { Role::Patient };
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
    fn by_phrase(&self, noun: usize) -> Option<usize> {
        let own = |at: usize| {
            self.children(at).find(|child| {
                let by = self.first_preposition(*child).is_some_and(|p| self.is(p, WordClass::AGENT_PREPOSITION));
                by && !self.is(*child, WordClass::TIME) && !self.is_verb(*child)
            })
        };
        own(noun).or_else(|| own(self.of_phrase(noun)?))
    }

    fn is_name(&self, at: usize) -> bool {
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
        for at in (0..noun).rev().take(8).take_while(|at| inside(*at)) {
            if self.is_party(at) && !out.iter().any(|argument| argument.head == at) {
                out.push(Argument { role: Role::Agent, head: at, preposition: None, binding: Binding::Compound });
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
        if self.is_verb(up) {
            let argument = matches!(label, Label::Obj | Label::NsubjPass | Label::Nsubj | Label::Obl | Label::Xcomp);
            if !argument {
                return;
            }
            let begin = out.len();
            if self.is(up, WordClass::LIGHT_VERB) {
                let under = self.preposition(noun).is_some_and(|p| self.is(p, WordClass::PASSIVE_PREPOSITION));
                let carried = matches!(label, Label::Obj | Label::NsubjPass | Label::Xcomp) || under;
                if carried || label == Label::Nsubj {
                    self.verb_arguments(up, false, out);
                    drop_head(out, begin, noun);
                    if under {
                        swap_sides(out, begin);
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
            if label == Label::Obl
                && !self.is_passive(up)
                && !out[first..].iter().any(|argument| argument.role == Role::Agent)
                && out[first..].iter().any(accompanied)
                && let Some((head, _)) = self.subject(up, 0)
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

    /// Adds the conjuncts of each argument, and steps from counting heads to what they count.
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

fn swap_sides(out: &mut [Argument], begin: usize) {
    for argument in out.iter_mut().skip(begin) {
        argument.role = match (argument.role, argument.preposition) {
            (Role::Agent, None) => Role::Patient,
            (Role::Oblique, Some(_)) => Role::Agent,
            (role, _) => role,
        };
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
