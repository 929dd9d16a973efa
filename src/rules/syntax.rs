//! What a rule file says, table by table, before anything is resolved.
//!
//! [`read`](super::read) makes these from TOML; [`compile`](super::compile) turns them into a
//! [`Ruleset`](super::Ruleset). Nothing here refers to another table except by name, so a file can be read
//! alone. Every value that a diagnostic may have to point at is [`Located`].

use std::ops::Range;

use super::diagnostic::{Allow, LevelChange};
use super::pattern::Pattern;

/// Index of a file among the files of all packs that are loaded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A place in a rule file: a half-open range of UTF-8 byte offsets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Bytes of the file, end exclusive.
    pub bytes: Range<usize>,
}

/// Bits of an offset that tell bytes of one file; what stands above them is one more than the number of another file.
const FILE_BITS: u32 = 40;
const _: () = assert!(usize::BITS == 64, "places of other files need wide offsets");

impl Place {
    /// The bytes, marked as those of this file, for use in the tables of another one: what an override brings.
    pub(super) fn foreign(&self) -> Range<usize> {
        let mark = (self.file.0 as usize + 1) << FILE_BITS;
        mark | self.bytes.start..mark | self.bytes.end
    }

    /// Whether bytes are marked as those of another file.
    pub(super) fn is_foreign(bytes: &Range<usize>) -> bool {
        bytes.start >> FILE_BITS > 0
    }

    /// The place in the file that the bytes are really of.
    pub(super) fn resolved(&self) -> Self {
        match self.bytes.start >> FILE_BITS {
            0 => self.clone(),
            mark => {
                let bits = (1 << FILE_BITS) - 1;
                let (start, end) = (self.bytes.start & bits, self.bytes.end & bits);
                Self { file: FileId(mark as u32 - 1), bytes: start..end.max(start) }
            }
        }
    }
}

/// A value with the place that it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub at: Place,
}

/// A name with its place: a lexicon, a type, a message, a field.
pub type Name = Located<String>;

/// A table's id and the place of its key.
pub type Id = Located<String>;

/// A scalar that stands in data: an attribute of a lexicon entry, a fixed field.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A string, an enum value's name, a code.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// A truth value.
    Bool(bool),
}

/// `key = value` pairs in the order of the file.
pub type Attributes = Vec<(Name, Located<Scalar>)>;

/// One pack: its manifest and all tables of all its files.
#[derive(Clone, Debug, Default)]
pub struct PackSource {
    /// `[pack]`; absent only if the manifest could not be read (reported by then).
    pub manifest: Option<Manifest>,
    /// All files of the pack.
    pub files: Vec<FileId>,
    /// `levels` of the manifest.
    pub(super) levels: Vec<LevelChange>,
    /// `allow` of the manifest and of all tables.
    pub(super) allows: Vec<Allow>,
    /// Names and contents of the pack's `.proto` files, sorted by name.
    pub protos: Vec<(String, FileId)>,
    /// Every table by its full name (`event.x`), with all the bytes from its first key to its last value.
    pub tables: Vec<Located<String>>,
    /// `[lexicon.x]`
    pub lexicons: Vec<LexiconTable>,
    /// `[inflection.verb]`, `[inflection.noun]`: irregular forms.
    pub inflections: Vec<InflectionTable>,
    /// `[entity.x]`
    pub entities: Vec<EntityTable>,
    /// `[time.x]`
    pub times: Vec<TimeTable>,
    /// `[quantity.x]`
    pub quantities: Vec<QuantityTable>,
    /// `[event.x]`
    pub events: Vec<EventTable>,
    /// `[enrich.x]`
    pub enrichments: Vec<EnrichTable>,
    /// `[link.x]`
    pub links: Vec<LinkTable>,
    /// `[merge.x]`
    pub merges: Vec<MergeTable>,
    /// `[recast.x]`
    pub recasts: Vec<RecastTable>,
    /// `[refer.x]`
    pub references: Vec<ReferTable>,
    /// `[context.x]`
    pub contexts: Vec<ContextTable>,
    /// `[tag.x]`
    pub tags: Vec<TagTable>,
    /// `[filter.x]`
    pub filters: Vec<FilterTable>,
    /// `[layout.x]`
    pub layouts: Vec<LayoutTable>,
    /// `[relations]`: word classes of the relation layer, by class name.
    pub relations: Vec<(Name, Located<Pattern>)>,
    /// `[reading]`: word lists of the reader (`abbreviation`, `title_abbreviation`, `stop_word`, ...).
    pub reading: Vec<(Name, Located<Vec<String>>)>,
}

/// `[pack]`
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Unique among loaded packs; lower-case words joined by `-` or `_`.
    pub id: Id,
    /// The pack's own version.
    pub version: Located<semver::Version>,
    /// Versions of the engine that can read the pack.
    pub engine: Option<Located<semver::VersionReq>>,
    /// BCP 47 code of the language that the rules are for.
    pub language: String,
    /// SPDX expression.
    pub license: Option<String>,
    /// One line for people.
    pub description: String,
    /// Packs that this one builds on, with the versions that will do.
    pub requires: Vec<(Name, semver::VersionReq)>,
    /// `.proto` files of the pack, relative to its folder.
    pub proto: Vec<Name>,
}

/// How the words of a lexicon take forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Inflect {
    /// As written only.
    #[default]
    None,
    /// The first word of each phrase is a verb.
    Verb,
    /// The last word of each phrase is a noun.
    Noun,
}

/// When letters' case matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Case {
    /// An entry with a capital matches only as written (or all in capitals); one without matches any case.
    #[default]
    Smart,
    /// Never.
    Any,
    /// Always.
    Exact,
}

/// `[lexicon.x]`
#[derive(Clone, Debug)]
pub struct LexiconTable {
    pub id: Id,
    pub inflect: Inflect,
    pub case: Case,
    /// Types of mention that each hit makes (`entity = "Actor"` or a list).
    pub entity: Vec<Name>,
    /// Attributes of every entry that does not set them itself.
    pub defaults: Attributes,
    /// Types whose mentions inside the words of a hit do not count.
    pub hides: Vec<Name>,
    /// The attribute by which entries that share a term are told apart: the article's other words say which is meant.
    pub tell_apart: Option<Name>,
    /// Entries from `terms`, `[lexicon.x.entries]` and `file`.
    pub entries: Vec<LexiconEntry>,
    pub description: Option<String>,
}

/// One canonical entry and the phrases that stand for it.
#[derive(Clone, Debug)]
pub struct LexiconEntry {
    pub canonical: Name,
    /// Phrases as an author writes them, without forms.
    pub terms: Vec<Name>,
    pub attributes: Attributes,
}

/// `[inflection.verb]` or `[inflection.noun]`: base form to all its other forms.
/// Verbs: third person, past, past participle, -ing (four). Nouns: plurals (one or more).
#[derive(Clone, Debug)]
pub struct InflectionTable {
    pub part: Inflect,
    pub forms: Vec<(Name, Vec<String>)>,
}

/// A recogniser: token patterns, or one regex with named groups over a sentence's text.
#[derive(Clone, Debug)]
pub enum Recogniser {
    Patterns(Vec<Located<Pattern>>),
    Regex(Located<String>),
}

/// `[entity.x]`
#[derive(Clone, Debug)]
pub struct EntityTable {
    pub id: Id,
    /// The type of mention made; the table's id unless `type` says otherwise.
    pub makes: Name,
    /// Full name of the protobuf message that mentions of this type fill.
    pub emits: Option<Name>,
    pub recogniser: Recogniser,
    /// Fields that every mention gets (`set.kind = "PERSON"`).
    pub set: Attributes,
    /// Capture whose words are the mention's text and head; the whole match otherwise.
    pub extent: Option<Name>,
    /// Types whose mentions inside the words that name this one do not count.
    pub hides: Vec<Name>,
    pub priority: i32,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[time.x]`: see `rules/README.md`, "Times".
#[derive(Clone, Debug)]
pub struct TimeTable {
    pub id: Id,
    pub recogniser: Recogniser,
    /// `date`, `clock`, `offset`, `range`, `duration`, `set`.
    pub kind: Name,
    /// What an expression without a year, or without a day, is counted from.
    pub anchor: Option<Name>,
    /// `past`, `future`, `nearest`, `tense`.
    pub direction: Option<Name>,
    /// Components given by the rule, not by a capture (`set.offset = -1`).
    pub set: Attributes,
    pub priority: i32,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[quantity.x]`
#[derive(Clone, Debug)]
pub struct QuantityTable {
    pub id: Id,
    /// The type of mention made; the table's id unless `type` says otherwise.
    pub makes: Name,
    pub emits: Option<Name>,
    pub recogniser: Recogniser,
    pub set: Attributes,
    pub priority: i32,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[event.x]`
#[derive(Clone, Debug)]
pub struct EventTable {
    pub id: Id,
    pub emits: Name,
    pub category: Name,
    pub modes: Vec<Name>,
    /// `[event.x.modes_if]`: a mode that holds when a condition does.
    pub modes_if: Vec<(Name, Condition)>,
    /// Of several conditions of `modes_if` that hold only the first counts.
    pub one_mode: bool,
    /// Modes where no condition of `modes_if` holds.
    pub mode_else: Vec<Name>,
    /// The mode where one of two parties receives the other: he is the recipient then.
    pub host: Option<Name>,
    /// Article contexts that the event implies.
    pub contexts: Vec<Name>,
    pub version: semver::Version,
    pub status: Status,
    pub description: String,
    pub triggers: Vec<Trigger>,
    pub slots: Vec<SlotTable>,
    /// Fields that every event of the rule gets.
    pub set: Attributes,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    /// Assertion that the rule itself implies (`assume.status = "FUTURE"`).
    pub assume: Attributes,
    /// `unless.status`: an event of such a status is none of this rule.
    pub unless_status: Vec<Name>,
    /// `absorbs = true`: what its complement tells is no event of its own.
    pub absorbs: bool,
    /// Categories of events that it answers.
    pub answers: Vec<Name>,
    /// `independent = true`: it stands even where another event's complement tells it.
    pub independent: bool,
    /// `own` (default) or `dateline`: where an event is that tells no place.
    pub place: Option<Name>,
    pub priority: i32,
    pub tests: Vec<TestTable>,
}

/// How far a rule has been proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Status {
    Experimental,
    Test,
    #[default]
    Stable,
    Deprecated,
}

/// What sets an event rule off.
#[derive(Clone, Debug)]
pub struct Trigger {
    pub kind: TriggerKind,
    pub pattern: Located<Pattern>,
}

/// Which part of speech the head of a trigger must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    Verb,
    Noun,
    Adjective,
    /// Any: the pattern says enough.
    Phrase,
}

/// A pattern that must (`when`) or must not (`unless`) be found somewhere near the trigger.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `agent`, `patient`, `recipient`, `topic`, `place`, `speaker`, `clause`, `sentence`, `before`, `after`.
    pub place: Name,
    pub pattern: Located<Pattern>,
}

/// One entry of `[event.x.slot]`: a field of the message and how it is found.
#[derive(Clone, Debug)]
pub struct SlotTable {
    /// The field's name in the message that the rule emits.
    pub field: Name,
    pub fills: SlotType,
    /// Ways to find it, tried in order.
    pub finders: Vec<Finder>,
    /// What all ways find is taken, not only what the first one does.
    pub every: bool,
    pub required: bool,
    /// Overrides which list of the event's envelope the slot joins: `actor`, `recipient`, `place`, `time`, `none`.
    pub joins: Option<Name>,
    /// Only mentions whose fields have one of these values (`where.kind = ["STATE"]`).
    pub only: Vec<(Name, Vec<Located<Scalar>>)>,
}

/// What a slot takes.
#[derive(Clone, Debug, PartialEq)]
pub enum SlotType {
    /// `@Type`: a typed mention.
    Mention(Name),
    /// `$lexicon`: the canonical value of a hit.
    Lexicon(Name),
    /// `text`: the noun phrase or clause as it stands.
    Text,
    /// `noun`: the noun phrase up to its head.
    Noun,
    /// `quote`: the words inside quotation marks.
    Quote,
    /// `flag`: true when the finder finds anything.
    Flag,
}

/// How a slot finds its value.
#[derive(Clone, Debug)]
pub enum Finder {
    /// `role = "agent"`: an argument of the trigger by the relation layer; `via`: of another predicate of the
    /// same sentence that is tied to the trigger.
    Role { role: Name, via: Option<Located<Pattern>> },
    /// `after = '''from | out of'''`: what a preposition (or any words) right of the trigger introduces.
    After(Located<Pattern>),
    /// `near = '''...''', within = n`: within so many tokens of the trigger or of the pattern's match.
    Near { pattern: Option<Located<Pattern>>, within: u32 },
    /// `span = '''...''', until = '''...'''`: all words from behind one match up to before the other.
    Span { from: Located<Pattern>, until: Option<Located<Pattern>> },
    /// `in = "slot"`: inside the words of another slot.
    Inside(Name),
    /// A capture of the same name in a trigger pattern.
    Capture,
}

/// `[enrich.x]`
#[derive(Clone, Debug)]
pub struct EnrichTable {
    pub id: Id,
    /// Event rules whose events are enriched: `event.x`, or `event.x.slot` to fill fields of that slot's message.
    pub of: Vec<Name>,
    /// Words that refer back to the event or to its slot.
    pub anaphor: Located<Pattern>,
    /// How many sentences back the event may stand; 0 = the same sentence.
    pub lookback: u32,
    /// Patterns whose captures are fields.
    pub patterns: Vec<Located<Pattern>>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    pub set: Attributes,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[link.x]`
#[derive(Clone, Debug)]
pub struct LinkTable {
    pub id: Id,
    /// Event rules (`event.x`) that the anaphor may point to.
    pub to: Vec<Name>,
    pub anaphor: Located<Pattern>,
    pub lookback: u32,
    /// `predicate`: what is said of the anaphor, and slots found as in an event rule around that predicate.
    pub trigger: Located<Pattern>,
    pub slots: Vec<SlotTable>,
    /// Field of the target's message that the slots fill (a message field), or the target itself.
    pub into: Option<Name>,
    pub set: Attributes,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[merge.x]`
#[derive(Clone, Debug)]
pub struct MergeTable {
    pub id: Id,
    /// Event rules, or `category:ASSAULT`.
    pub of: Vec<Name>,
    /// Fields or envelope parts that must agree where both have them.
    pub agree: Vec<Name>,
    /// Parts of which at least one must be there on both sides and agree.
    pub share: Vec<Name>,
    /// Sentences between the two at most.
    pub within: Option<u32>,
    /// `definite`: the later mention must be definite ("the attack") or bare of new facts; `unsettled`: it says neither
    /// where nor when; `retold`: it stands in the article's second sentence and the earlier one in the first; `any`.
    pub later: Option<Name>,
    /// Of these modes only the first that any mention has stays.
    pub modes: Vec<Name>,
    /// Of the later mention.
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[recast.x]`
#[derive(Clone, Debug)]
pub struct RecastTable {
    pub id: Id,
    /// Event rules, or `category:CONSULT`.
    pub of: Vec<Name>,
    /// The statuses in which an event is recast.
    pub status: Vec<Name>,
    /// The category that such an event has instead.
    pub category: Name,
    /// Its modes, instead of its own.
    pub modes: Vec<Name>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    /// `status`, `certainty`: what such an event has instead.
    pub set: Attributes,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[refer.x]`
#[derive(Clone, Debug)]
pub struct ReferTable {
    pub id: Id,
    /// Type of the antecedent.
    pub to: Name,
    pub anaphor: Located<Pattern>,
    /// The antecedent's fields must have one of these values.
    pub only: Vec<(Name, Vec<Located<Scalar>>)>,
    /// Fields that anaphor and antecedent must share.
    pub agree: Vec<Name>,
    pub lookback: u32,
    /// `nearest`, `subject`, `first`, `pair`.
    pub pick: Option<Name>,
    /// `singular`, `plural`.
    pub number: Option<Name>,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[context.x]`
#[derive(Clone, Debug)]
pub struct ContextTable {
    pub id: Id,
    pub cue: Located<Pattern>,
    /// `modifier`, `governor`, `marker`, `auxiliary`, `clause`, `sentence`, `trigger`.
    pub scope: Option<Name>,
    /// `status`, `certainty`, `attribution`.
    pub set: Attributes,
    pub unless: Vec<Condition>,
    pub priority: i32,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[filter.x]`
#[derive(Clone, Debug)]
pub struct FilterTable {
    pub id: Id,
    /// Event rules (`event.x`), `pack:x`, `category:X`, or `*`.
    pub of: Vec<Name>,
    pub when: Vec<Condition>,
    pub unless: Vec<Condition>,
    /// Why their events are not wanted.
    pub reason: Name,
    pub tests: Vec<TestTable>,
}

/// `[tag.x]`
#[derive(Clone, Debug)]
pub struct TagTable {
    pub id: Id,
    /// Any of these in the article gives the tag.
    pub any: Located<Pattern>,
    /// How many different places must match.
    pub least: u32,
    pub description: Option<String>,
    pub tests: Vec<TestTable>,
}

/// `[layout.x]`
#[derive(Clone, Debug)]
pub struct LayoutTable {
    pub id: Id,
    pub part: Name,
    pub regex: Located<String>,
    pub description: Option<String>,
}

/// `expect.weapon.count = 2`
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The names on the way to the value in the event (or mention).
    pub path: Vec<String>,
    /// Where the last of them stands.
    pub at: Place,
    /// None for `expect.weapon = []`, where nothing may stand.
    pub value: Option<Scalar>,
    /// Where the value stands.
    pub value_at: Place,
}

/// `[[kind.name.test]]`
#[derive(Clone, Debug)]
pub struct TestTable {
    pub at: Place,
    pub name: String,
    /// Day of publication, at noon UTC.
    pub published: Option<jiff::civil::Date>,
    pub text: Located<String>,
    /// The rule must give nothing.
    pub rejects: bool,
    /// Known to fail today; a `todo` test that passes is reported.
    pub todo: bool,
    pub expect: Vec<Expectation>,
    /// How many events (or mentions) of the rule must come out.
    pub count: Option<u32>,
}
