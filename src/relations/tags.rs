//! The two tag sets of the relation layer: Penn Treebank tags of words, Universal Dependencies labels of arcs.

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $name:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, clippy::upper_case_acronyms)]
        pub enum $kind { $($variant),* }

        impl $kind {
            /// All of them, in the order of their numbers.
            pub const ALL: &'static [$kind] = &[$($kind::$variant),*];

            /// The name in treebanks.
            pub fn name(self) -> &'static str {
                match self { $($kind::$variant => $name),* }
            }

            /// The one of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some($kind::$variant),)* _ => None }
            }
        }
    };
}

names! {
    /// Part-of-speech tags of the Penn Treebank (Santorini 1990), as the tagger gives them.
    Tag {
        CC = "CC", CD = "CD", DT = "DT", EX = "EX", FW = "FW", IN = "IN", JJ = "JJ", JJR = "JJR", JJS = "JJS",
        LS = "LS", MD = "MD", NN = "NN", NNP = "NNP", NNPS = "NNPS", NNS = "NNS", PDT = "PDT", POS = "POS",
        PRP = "PRP", PRPS = "PRP$", RB = "RB", RBR = "RBR", RBS = "RBS", RP = "RP", SYM = "SYM", TO = "TO",
        UH = "UH", VB = "VB", VBD = "VBD", VBG = "VBG", VBN = "VBN", VBP = "VBP", VBZ = "VBZ", WDT = "WDT",
        WP = "WP", WPS = "WP$", WRB = "WRB", DOLLAR = "$", COMMA = ",", PERIOD = ".", COLON = ":",
        OPEN = "``", CLOSE = "''", LRB = "-LRB-", RRB = "-RRB-", HYPH = "HYPH",
    }
}

names! {
    /// Relations of Universal Dependencies 2; rare subtypes are folded into their type.
    Label {
        Root = "root", Nsubj = "nsubj", NsubjPass = "nsubj:pass", Csubj = "csubj", Obj = "obj", Iobj = "iobj",
        Obl = "obl", OblAgent = "obl:agent", OblUnmarked = "obl:unmarked", Nmod = "nmod", NmodPoss = "nmod:poss",
        NmodUnmarked = "nmod:unmarked", Acl = "acl", AclRelcl = "acl:relcl", Advcl = "advcl", Ccomp = "ccomp",
        Xcomp = "xcomp", Conj = "conj", Cc = "cc", Appos = "appos", Compound = "compound",
        CompoundPrt = "compound:prt", Flat = "flat", Fixed = "fixed", Amod = "amod", Det = "det", Case = "case",
        Mark = "mark", Aux = "aux", AuxPass = "aux:pass", Cop = "cop", Advmod = "advmod", Nummod = "nummod",
        Parataxis = "parataxis", Expl = "expl", List = "list", Discourse = "discourse", Punct = "punct", Dep = "dep",
    }
}

impl Tag {
    /// VB, VBD, VBG, VBN, VBP, VBZ.
    pub fn is_verb(self) -> bool {
        matches!(self, Tag::VB | Tag::VBD | Tag::VBG | Tag::VBN | Tag::VBP | Tag::VBZ)
    }

    /// Whether it is a verb that a clause may hang on.
    pub fn is_finite(self) -> bool {
        matches!(self, Tag::VBD | Tag::VBZ | Tag::VBP)
    }

    /// NN, NNS, NNP, NNPS.
    pub fn is_noun(self) -> bool {
        matches!(self, Tag::NN | Tag::NNS | Tag::NNP | Tag::NNPS)
    }

    /// NNP, NNPS.
    pub fn is_name(self) -> bool {
        matches!(self, Tag::NNP | Tag::NNPS)
    }

    /// The tag that a treebank's spelling stands for (`LRB`, `-LRB-`, `NFP`, ...).
    pub fn from_treebank(name: &str) -> Self {
        Self::from_name(name).unwrap_or(match name {
            "(" | "LRB" => Tag::LRB,
            ")" | "RRB" => Tag::RRB,
            ";" | "--" => Tag::COLON,
            "AFX" => Tag::JJ,
            "ADD" => Tag::NNP,
            "GW" => Tag::NN,
            "NFP" => Tag::COLON,
            _ => Tag::SYM,
        })
    }
}

impl Label {
    /// The label that a treebank's relation is folded into.
    pub fn from_treebank(name: &str) -> Self {
        if let Some(label) = Self::from_name(name) {
            return label;
        }
        match name {
            "nsubj:outer" => Label::Nsubj,
            "csubj:pass" | "csubj:outer" => Label::Csubj,
            "advcl:relcl" => Label::AclRelcl,
            "nmod:desc" => Label::Compound,
            "vocative" | "reparandum" | "dislocated" | "orphan" => Label::Dep,
            "goeswith" => Label::Flat,
            _ => name.split_once(':').and_then(|(main, _)| Self::from_name(main)).unwrap_or(Label::Dep),
        }
    }

    /// Subject of a clause, active or passive, or a clause as subject.
    pub fn is_subject(self) -> bool {
        matches!(self, Label::Nsubj | Label::NsubjPass | Label::Csubj)
    }
}
