//! Classes of words that the relation layer must know. The words themselves stand in the rule packs (`[relations]`).

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordClass(u64);

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $key:literal),* $(,)?) => {
        #[allow(non_upper_case_globals, dead_code)]
        mod bits { #[repr(u64)] #[allow(clippy::upper_case_acronyms, non_camel_case_types)] pub enum Bit { $($name),* } }

        impl WordClass {
            $($(#[$doc])* pub const $name: WordClass = WordClass(1 << bits::Bit::$name as u64);)*

            /// The class of this name in `[relations]`.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($key => Some(Self::$name),)* _ => None }
            }

            /// All names.
            pub fn names() -> &'static [&'static str] {
                &[$($key),*]
            }
        }
    };
}

classes! {
    /// Verbs that carry a noun which says what happens: carry out, hold, launch, stage.
    LIGHT_VERB = "light_verb",
    /// Verbs of saying: say, tell, announce, report.
    REPORT_VERB = "report_verb",
    /// Verbs beside those of saying that take a whole clause: fear, hope, find, show.
    CLAUSE_VERB = "clause_verb",
    /// The object is the subject of the infinitive: order, urge, force, accuse.
    OBJECT_CONTROL = "object_control",
    /// Introduces the topic: about, over, on.
    TOPIC_PREPOSITION = "topic_preposition",
    /// Introduces what is said, asked or judged: for, of, to.
    CONTENT_PREPOSITION = "content_preposition",
    /// Introduces the agent: by.
    AGENT_PREPOSITION = "agent_preposition",
    /// Introduces the party on the other side: to, against, with.
    RECIPIENT_PREPOSITION = "recipient_preposition",
    /// Introduces all parties: between, among.
    PARTY_PREPOSITION = "party_preposition",
    /// Introduces the party beside the subject: with ("after talks with").
    COMPANY_PREPOSITION = "company_preposition",
    /// Introduces what is told as a fact wherever it stands: after, following.
    FACT_PREPOSITION = "fact_preposition",
    /// Introduces why or in spite of what something is done: because of, despite.
    CAUSE_PREPOSITION = "cause_preposition",
    /// Introduces what comes later than what the clause tells: before, ahead of.
    OCCASION_PREPOSITION = "occasion_preposition",
    /// Says before "after", "before" that little time lies between: shortly, hours.
    SOON = "soon",
    /// Introduces the patient of a noun: of.
    PATIENT_PREPOSITION = "patient_preposition",
    /// Nouns whose owner is the one to whom it is done: killing, arrest ("his arrest").
    UNDERGONE_NOUN = "undergone_noun",
    /// Verbs that make a passive with a participle: get.
    PASSIVE_VERB = "passive_verb",
    /// Verbs that are nothing without whom they are done to: arrest, kidnap ("a reporter kidnapped in Basra").
    UNDERGONE_VERB = "undergone_verb",
    /// Verbs whose subject has no part in what their object tells: flee, escape ("fled fighting").
    FLIGHT_VERB = "flight_verb",
    /// Verbs for what somebody does when something is done to him: try, carry ("killed a bomber trying to enter").
    DOING_VERB = "doing_verb",
    /// Verbs whose subject is the one to whom their object is done: face, suffer ("faces sanctions").
    UNDERGOING_VERB = "undergoing_verb",
    /// Verbs whose subject takes part in what stands behind "in", whatever their voice: engaged in, locked in.
    ENGAGING_VERB = "engaging_verb",
    /// Verbs that say what somebody is called or made: deem, elect ("is deemed a threat").
    NAMING_VERB = "naming_verb",
    /// Nouns that before another noun say who did it: rebel, police ("rebel attacks").
    ACTING_NOUN = "acting_noun",
    /// Nouns for the one to whom it is done: target, victim ("was the target of an attack").
    UNDERGOER_NOUN = "undergoer_noun",
    /// Nouns for whom or what belongs to somebody to whom it was done: family, body ("families of sailors killed").
    NEAR_NOUN = "near_noun",
    /// Introduces a part of what was named: including.
    PART_PREPOSITION = "part_preposition",
    /// Introduces where something comes from: from ("under attack from rebels").
    ORIGIN_PREPOSITION = "origin_preposition",
    /// Turns the subject of a light verb into the patient: under ("came under attack").
    PASSIVE_PREPOSITION = "passive_preposition",
    /// Introduces who says so: according (to).
    SOURCE_PREPOSITION = "source_preposition",
    /// Introduces where it happens: in, at, near.
    PLACE_PREPOSITION = "place_preposition",
    /// Introduces a place near which it happens: near, outside.
    VICINITY_PREPOSITION = "vicinity_preposition",
    /// Introduces what something is only about: over, from ("the toll from the quake").
    ASIDE_PREPOSITION = "aside_preposition",
    /// Introduces the reason of a judgement: because of, for, over.
    REASON_PREPOSITION = "reason_preposition",
    /// Introduces where something goes: to, into.
    GOAL_PREPOSITION = "goal_preposition",
    /// Begins another story: meanwhile, elsewhere.
    TURN = "turn",
    /// Says that something came after what was told before: later, subsequently.
    SEQUEL = "sequel",
    /// Words that negate: not, never, no.
    NEGATION = "negation",
    /// Adjectives of nations: Iraqi, French.
    NATION = "nation",
    /// Words for times: they are never who did it.
    TIME = "time",
    /// Determiners of what is known already: the, this.
    DEFINITE = "definite",
    /// Verbs whose past is like their present: cast, hit, set.
    UNCHANGING_VERB = "unchanging_verb",
    /// Heads that stand for what they count: dozens of, a group of.
    COUNT_NOUN = "count_noun",
}

impl WordClass {
    /// Whether any class of `other` is in the set.
    pub fn has(self, other: WordClass) -> bool {
        self.0 & other.0 != 0
    }

    /// The classes of both.
    pub const fn and(self, other: WordClass) -> WordClass {
        WordClass(self.0 | other.0)
    }

    /// Adds the classes of `other`.
    pub fn insert(&mut self, other: WordClass) {
        self.0 |= other.0;
    }
}
