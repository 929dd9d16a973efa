//! The catalogue of problems.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// Kinds of problems; the names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            /// The code as people and machines see it.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }
        }
    };
}

codes! {
    /// A file or a folder cannot be read, or is too large.
    Unreadable = "E-UNREADABLE",
    /// The file is no TOML.
    TomlSyntax = "E-TOML-SYNTAX",
    /// There is no such kind of table.
    UnknownTable = "E-UNKNOWN-TABLE",
    /// The table has no such key.
    UnknownKey = "E-UNKNOWN-KEY",
    /// The value is of another type than the key takes.
    WrongType = "E-WRONG-TYPE",
    /// A key that the table needs is not there.
    MissingKey = "E-MISSING-KEY",
    /// Two tables of one kind have the same id.
    DuplicateId = "E-DUPLICATE-ID",
    /// A word list's line does not fit its header.
    WordList = "E-WORD-LIST",
    /// The pack needs another version of the engine.
    EngineVersion = "E-ENGINE-VERSION",
    /// A pack that is needed is not there, or in another version.
    MissingPack = "E-MISSING-PACK",
    /// A `.proto` file of the pack does not compile.
    Proto = "E-PROTO",
    /// Two packs bring a `.proto` file of the same name.
    DuplicateProto = "E-DUPLICATE-PROTO",
    /// No rule would ever fire.
    ZeroRules = "E-ZERO-RULES",
    /// A lexicon that does not exist.
    UndefinedLexicon = "E-UNDEFINED-LEXICON",
    /// A type of mention that nothing makes.
    UndefinedType = "E-UNDEFINED-TYPE",
    /// A rule that does not exist.
    UndefinedRule = "E-UNDEFINED-RULE",
    /// A message that no proto declares.
    UndefinedMessage = "E-UNDEFINED-MESSAGE",
    /// A field that the message does not have.
    UndefinedField = "E-UNDEFINED-FIELD",
    /// A value that the enum does not have.
    UndefinedEnumValue = "E-UNDEFINED-ENUM-VALUE",
    /// Types that refer to each other in a circle.
    Cycle = "E-CYCLE",
    /// The pattern cannot be read.
    PatternSyntax = "E-PATTERN-SYNTAX",
    /// A repetition without an upper bound, or with too large a one.
    UnboundedRepeat = "E-UNBOUNDED-REPEAT",
    /// The pattern is nested too deep or comes to too many steps.
    PatternTooLarge = "E-PATTERN-TOO-LARGE",
    /// The pattern matches without any word.
    MatchesEmpty = "E-MATCHES-EMPTY",
    /// The pattern can never match: the tokeniser leaves nothing of its words.
    NeverMatches = "E-NEVER-MATCHES",
    /// A token class that does not exist.
    UnknownClass = "E-UNKNOWN-CLASS",
    /// A tag or part of speech that does not exist.
    UnknownTag = "E-UNKNOWN-TAG",
    /// A token attribute that does not exist.
    UnknownAttribute = "E-UNKNOWN-ATTRIBUTE",
    /// The regex cannot be read.
    RegexSyntax = "E-REGEX-SYNTAX",
    /// What is found cannot stand in the field.
    FieldTypesDisagree = "E-FIELD-TYPES-DISAGREE",
    /// A slot that nothing can find.
    NoFinder = "E-NO-FINDER",
    /// A context cue that does not say where it must stand.
    ContextWithoutScope = "E-CONTEXT-WITHOUT-SCOPE",
    /// A test with a date that depends on the day of publication, and no such day.
    TestWithoutDate = "E-TEST-WITHOUT-DATE",
    /// A test failed.
    TestFailed = "E-TEST-FAILED",
    /// A test marked `todo` passes.
    TodoPasses = "W-TODO-PASSES",
    /// A rule of another pack tells what a test expects of this one.
    Superseded = "W-SUPERSEDED",
    /// An article of a pack gives other events than expected.
    SnapshotDiffers = "E-SNAPSHOT-DIFFERS",
    /// An article of a pack has no expectation.
    NoSnapshot = "W-NO-SNAPSHOT",
    /// A stable rule without a test.
    StableWithoutTest = "W-STABLE-WITHOUT-TEST",
    /// A stable rule without a text in which it must not fire.
    NoRejectingTest = "W-NO-REJECTING-TEST",
    /// A slot that no test of the rule fills.
    UntestedSlot = "W-UNTESTED-SLOT",
    /// A text costs more steps than an article may cost.
    StepBudget = "W-STEP-BUDGET",
    /// A lexicon that no rule uses.
    UnusedLexicon = "W-UNUSED-LEXICON",
    /// A type of mention that no rule uses.
    UnusedType = "W-UNUSED-TYPE",
    /// Two rules that the same words set off, with nothing to tell them apart.
    AmbiguousRules = "W-AMBIGUOUS-RULES",
    /// Two time rules that read the same words otherwise.
    AmbiguousTime = "W-AMBIGUOUS-TIME",
    /// Two rules that say the same.
    DuplicateRule = "W-DUPLICATE-RULE",
    /// An alternative that is there twice.
    UnreachableAlternative = "W-UNREACHABLE-ALTERNATIVE",
    /// A name that is also a word of every day.
    CommonWord = "W-COMMON-WORD",
    /// A pattern that can begin with any word.
    NoLiteral = "W-NO-LITERAL",
    /// A trigger that begins with a word of every sentence.
    CommonLiteral = "W-COMMON-LITERAL",
    /// A field of a pack's own message that no rule fills.
    UnfilledField = "W-UNFILLED-FIELD",
    /// A field that holds one value and a capture that may catch several.
    RepeatedCapture = "W-REPEATED-CAPTURE",
    /// Two overrides that change the same value.
    OverrideConflict = "E-OVERRIDE-CONFLICT",
    /// An override that was written for another version of the rule.
    StaleOverride = "W-STALE-OVERRIDE",
    /// An override that changes nothing.
    OverrideWithoutEffect = "W-OVERRIDE-WITHOUT-EFFECT",
    /// A code that does not exist, or one that cannot be changed.
    UnknownCode = "E-UNKNOWN-CODE",
    /// A suppression that suppresses nothing.
    UnusedAllow = "W-UNUSED-ALLOW",
}

impl Code {
    /// The code of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Whether it is a warning unless a pack says otherwise.
    pub fn is_warning(self) -> bool {
        self.name().starts_with("W-")
    }

    /// Whether only a run of the tests can tell, not the loading alone.
    pub fn is_of_tests(self) -> bool {
        matches!(
            self,
            Self::TestFailed
                | Self::TodoPasses
                | Self::Superseded
                | Self::UntestedSlot
                | Self::StepBudget
                | Self::SnapshotDiffers
                | Self::NoSnapshot
        )
    }
}

/// The page of a code in the reference (`docs/diagnostics.md`), in Markdown.
pub fn explain(code: Code) -> &'static str {
    const REFERENCE: &str = include_str!("../../../docs/diagnostics.md");
    let mut pages = REFERENCE.split("\n## ").skip(1);
    pages.find(|page| page.lines().next() == Some(code.name())).map_or("", str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_name_and_a_page() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
        for code in Code::ALL {
            assert!(explain(*code).lines().count() > 1, "{} has no page in docs/diagnostics.md", code.name());
            assert_eq!(Code::from_name(code.name()), Some(*code));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
