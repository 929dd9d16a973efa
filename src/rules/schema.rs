//! The JSON Schema of rule files, by which editors complete and check them. `rules/rules.schema.json` is what
//! `dateline schema` prints; tests hold it against the reader.

use serde_json::{Map, Value, json};

use super::diagnostic::Code;

/// What a key takes.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Text,
    /// A string or a list of strings.
    Texts,
    Count,
    Integer,
    Bool,
    /// A pattern, or a list of patterns that are alternatives.
    Pattern,
    Choice(&'static [&'static str]),
    Choices(&'static [&'static str]),
    /// A table of scalars.
    Scalars,
    /// A table of scalars or of lists of them.
    Lists,
    /// A table of patterns under these keys.
    Patterns(&'static [&'static str]),
    /// The same, and `status`: a list of statuses.
    Unless,
    /// A table of tables of patterns.
    ModesIf,
    Slots,
    Tests,
    Entries,
    Allow,
    Levels,
    Date,
    /// A table of strings.
    TextTable,
    Any,
}

/// A key: its name, what it takes, what it is for.
type Key = (&'static str, Shape, &'static str);

const ROLES: &[&str] = &["agent", "patient", "recipient", "topic", "oblique", "time", "place", "speaker", "content"];
const WHERE: &[&str] =
    &["agent", "patient", "recipient", "topic", "place", "speaker", "clause", "sentence", "phrase", "before", "after"];
const SCOPES: &[&str] = &["modifier", "auxiliary", "marker", "governor", "clause", "sentence", "trigger", "noun"];
const STATUSES: &[&str] = &["ASSERTED", "NEGATED", "FUTURE", "HYPOTHETICAL", "HISTORICAL"];

const DESCRIPTION: Key = ("description", Shape::Text, "What the rule is for, in a line.");
const PRIORITY: Key = ("priority", Shape::Integer, "Breaks ties: the higher one wins. 0 unless given.");
const ALLOW: Key = ("allow", Shape::Allow, "Warnings that are right here, each with its reason.");
const TEST: Key = ("test", Shape::Tests, "Tests, which run at every load.");
const WHEN: Key = ("when", Shape::Patterns(WHERE), "Must all be found, each in its place.");
const UNLESS: Key = ("unless", Shape::Patterns(WHERE), "Must none be found, each in its place.");
const EMITS: Key = ("emits", Shape::Text, "Full name of the message that is filled.");
const MAKES: Key = ("type", Shape::Text, "Type of mention that is made; the id unless given.");
const PATTERNS: Key = ("patterns", Shape::Pattern, "Patterns over tokens, in '''...'''.");
const REGEX: Key = ("regex", Shape::Text, "A regular expression with named groups, in the place of patterns.");
const ANAPHOR: Key = ("anaphor", Shape::Pattern, "Words that refer back.");
const LOOKBACK: Key = ("lookback", Shape::Count, "Sentences to look back at most.");
const SET: Key = ("set", Shape::Scalars, "Fixed fields.");

const PACK: &[Key] = &[
    ("id", Shape::Text, "Unique among loaded packs."),
    ("version", Shape::Text, "Semantic version of the pack."),
    ("engine", Shape::Text, "Versions of dateline that can read it: \">=0.1\"."),
    ("language", Shape::Text, "BCP 47 code of the language that the rules are for."),
    ("license", Shape::Text, "SPDX expression."),
    DESCRIPTION,
    ("proto", Shape::Texts, "Files with event types of the pack's own."),
    ("requires", Shape::TextTable, "Packs that this one builds on, with their versions."),
    ("levels", Shape::Levels, "Warnings that are errors for this pack, or off."),
    ALLOW,
];

const SLOT: &[Key] = &[
    ("type", Shape::Text, "\"@Type\", \"$lexicon\", \"text\", \"noun\", \"quote\" or \"flag\"."),
    ("role", Shape::Choices(ROLES), "The part that it plays for the trigger, whatever the voice."),
    ("via", Shape::Pattern, "The role is one of this other predicate, which is tied to the trigger."),
    ("after", Shape::Pattern, "What these words introduce, right of the trigger."),
    ("near", Shape::Pattern, "Near a match of this, or of the trigger."),
    ("within", Shape::Count, "Tokens that `near` reaches; 8 unless given."),
    ("span", Shape::Pattern, "All words from behind a match of this ..."),
    ("until", Shape::Pattern, "... up to before a match of this."),
    ("in", Shape::Text, "Inside the words of this other slot."),
    ("capture", Shape::Bool, "A capture of the same name in the trigger."),
    ("required", Shape::Bool, "Without it there is no event."),
    ("every", Shape::Bool, "What all finders find is taken, not only what the first one does."),
    ("as", Shape::Choice(&["actor", "recipient", "place", "time", "none"]), "List of the event that the slot joins."),
    ("where", Shape::Lists, "Only mentions whose fields have one of these values."),
];

const TESTS: &[Key] = &[
    ("name", Shape::Text, "What the test shows."),
    ("published", Shape::Date, "Day of publication."),
    ("text", Shape::Text, "The article, in \"\"\"...\"\"\"."),
    ("rejects", Shape::Bool, "The rule must not fire."),
    ("todo", Shape::Bool, "Known to fail: does not count, and is reported once it passes."),
    ("count", Shape::Count, "How many must come out."),
    ("expect", Shape::Any, "Fields and what they must be: expect.weapon.count = 2."),
];

const OVERRIDE: &[Key] = &[
    ("base", Shape::Text, "Version of the rule, or of its pack, that this was written for."),
    ("reason", Shape::Text, "Why."),
    ("remove", Shape::Any, "Members to take out of lists, keys out of tables."),
    ("set", Shape::Any, "Values to put in the place of others."),
    ("append", Shape::Any, "Members to add to lists."),
];

/// Kinds of `[kind.id]` tables with what they are for and their keys.
const KINDS: &[(&str, &str, &[Key])] = &[
    (
        "lexicon",
        "Phrases and what they stand for.",
        &[
            ("inflect", Shape::Choice(&["none", "verb", "noun"]), "Which word of a phrase takes forms."),
            ("case", Shape::Choice(&["smart", "any", "exact"]), "When letters' case matters."),
            ("entity", Shape::Texts, "Types of mention that each hit makes."),
            ("defaults", Shape::Any, "Attributes of every entry that does not set them itself."),
            ("hides", Shape::Texts, "Types whose mentions inside the words of a hit do not count."),
            ("tell_apart", Shape::Text, "The attribute by which entries that share a term are told apart."),
            ("terms", Shape::Texts, "Phrases that stand for themselves."),
            ("entries", Shape::Entries, "Canonical value = phrases, or a table with `terms` and attributes."),
            ("file", Shape::Texts, "Word lists beside this file."),
            ("without", Shape::Texts, "Terms of entries and files that are not wanted."),
            DESCRIPTION,
            ALLOW,
        ],
    ),
    (
        "entity",
        "Builds typed mentions.",
        &[
            MAKES,
            EMITS,
            PATTERNS,
            REGEX,
            SET,
            ("extent", Shape::Text, "The capture whose words are the mention's text."),
            ("hides", Shape::Texts, "Types whose mentions inside the words of this one do not count."),
            PRIORITY,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "quantity",
        "Recognises numbers with their units.",
        &[MAKES, EMITS, PATTERNS, REGEX, SET, PRIORITY, DESCRIPTION, TEST, ALLOW],
    ),
    (
        "time",
        "Recognises an expression of time and says how it resolves.",
        &[
            PATTERNS,
            REGEX,
            (
                "kind",
                Shape::Choice(&["date", "clock", "offset", "part", "range", "duration", "set"]),
                "What it stands for.",
            ),
            ("anchor", Shape::Choice(&["document", "reference", "clause"]), "What it is counted from."),
            ("direction", Shape::Choice(&["past", "future", "nearest", "tense"]), "Which of the dates that fit."),
            ("set", Shape::Scalars, "Components that the rule itself gives."),
            PRIORITY,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "event",
        "From a trigger and slots to a typed message.",
        &[
            EMITS,
            ("category", Shape::Text, "PLOVER category, or one of the pack's own."),
            ("mode", Shape::Texts, "Modes of the category."),
            (
                "host",
                Shape::Text,
                "Its mode where one of its two parties receives the other in the country of the place: he is the recipient.",
            ),
            ("mode_else", Shape::Texts, "Modes where no condition of `modes_if` holds."),
            ("one_mode", Shape::Bool, "Only the first mode that holds."),
            ("modes_if", Shape::ModesIf, "Modes that hold when a condition does."),
            ("contexts", Shape::Texts, "Contexts of the article that the event implies."),
            ("version", Shape::Text, "Semantic version of the rule."),
            ("status", Shape::Choice(&["experimental", "test", "stable", "deprecated"]), "How far it has been proven."),
            DESCRIPTION,
            PRIORITY,
            ("trigger", Shape::Patterns(&["verb", "noun", "adjective", "phrase"]), "What sets the rule off."),
            ("slot", Shape::Slots, "Fields of the message and how they are found."),
            SET,
            ("assume", Shape::Scalars, "What the trigger itself implies: status, certainty."),
            (
                "place",
                Shape::Choice(&["dateline", "filed", "country", "story", "target", "own"]),
                "Without a place of its own: where the article was filed, the country that it speaks of, where its \
                 story is; or nowhere, but it may be whom it is done to.",
            ),
            ("absorbs", Shape::Bool, "What stands in its complement is no event of its own."),
            (
                "answers",
                Shape::Texts,
                "Categories of events that it answers: without a recipient of its own it goes to who did the nearest \
                 earlier one to its actors.",
            ),
            ("independent", Shape::Bool, "It stands even in the complement of an event that absorbs."),
            WHEN,
            ("unless", Shape::Unless, "Must none be found, each in its place; or `status`: what it may not be."),
            TEST,
            ALLOW,
        ],
    ),
    (
        "enrich",
        "A later sentence adds fields to an event.",
        &[
            ("of", Shape::Texts, "event.x, or event.x.slot."),
            ANAPHOR,
            LOOKBACK,
            PATTERNS,
            WHEN,
            UNLESS,
            SET,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "link",
        "Ties what is said of an anaphor to the event before.",
        &[
            ("to", Shape::Texts, "Event rules that the anaphor may point to."),
            ANAPHOR,
            LOOKBACK,
            ("trigger", Shape::Pattern, "What is said of it."),
            ("slot", Shape::Slots, "Fields and how they are found."),
            ("into", Shape::Text, "Field of the target that is filled; the target itself unless given."),
            SET,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "merge",
        "When two mentions are one event.",
        &[
            ("of", Shape::Texts, "Event rules, category:X, or *."),
            ("agree", Shape::Texts, "Parts that must not contradict."),
            ("share", Shape::Texts, "Parts of which one must be on both sides and agree."),
            ("within", Shape::Count, "Sentences between them at most."),
            (
                "later",
                Shape::Choice(&["definite", "unsettled", "retold", "any"]),
                "Whether the later one must point back, say neither where nor when, or tell the first sentence again.",
            ),
            ("modes", Shape::Texts, "Modes that exclude one another, the strongest first."),
            WHEN,
            UNLESS,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "recast",
        "What an event is called once its status is known.",
        &[
            ("of", Shape::Texts, "Event rules, category:X, or *."),
            ("status", Shape::Choices(STATUSES), "Statuses that it is for."),
            ("category", Shape::Text, "The new category."),
            ("mode", Shape::Texts, "The new modes."),
            WHEN,
            UNLESS,
            ("set", Shape::Scalars, "The new status and certainty."),
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "refer",
        "What words can refer back to.",
        &[
            ("to", Shape::Text, "Type of the antecedent."),
            ANAPHOR,
            ("only", Shape::Lists, "Fields of the antecedent and the values that they may have."),
            ("agree", Shape::Texts, "Fields that both must share."),
            LOOKBACK,
            ("pick", Shape::Choice(&["nearest", "subject", "first", "pair"]), "Which of those that fit."),
            ("number", Shape::Choice(&["singular", "plural"]), "Whether one is meant, or several."),
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "context",
        "Cues that set status and certainty.",
        &[
            ("cue", Shape::Pattern, "The words."),
            ("scope", Shape::Choice(SCOPES), "Where they must stand."),
            ("set", Shape::Scalars, "status, certainty"),
            UNLESS,
            PRIORITY,
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "tag",
        "Tags of the article.",
        &[
            ("any", Shape::Pattern, "Any of these gives the tag."),
            ("least", Shape::Count, "So many places must match."),
            DESCRIPTION,
            TEST,
            ALLOW,
        ],
    ),
    (
        "filter",
        "Suppresses rules in a named situation.",
        &[
            ("of", Shape::Texts, "event.x, pack:x, category:X, or *."),
            WHEN,
            UNLESS,
            ("reason", Shape::Text, "Why their events are not wanted."),
            TEST,
            ALLOW,
        ],
    ),
    (
        "layout",
        "Furniture of articles.",
        &[
            (
                "part",
                Shape::Choice(&["headline", "lead", "furniture", "caption", "credit", "dateline"]),
                "What the paragraph is.",
            ),
            ("regex", Shape::Text, "Over a whole paragraph."),
            DESCRIPTION,
            ALLOW,
        ],
    ),
    ("override", "A site's change to a rule of another pack.", OVERRIDE),
];

/// The schema.
pub fn json_schema() -> Value {
    let mut properties = Map::new();
    properties.insert("pack".into(), object(PACK, "The pack; in pack.toml only."));
    for (kind, about, keys) in KINDS {
        let own = json!({ "type": "object", "description": about, "additionalProperties": object(keys, about) });
        properties.insert((*kind).into(), own);
    }
    let words = json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/texts" } });
    let patterns = json!({ "type": "object", "additionalProperties": { "$ref": "#/definitions/pattern" } });
    let irregular = json!({
        "type": "object", "description": "Irregular forms of words.", "additionalProperties": false,
        "properties": { "verb": words, "noun": words },
    });
    properties.insert("inflection".into(), irregular);
    properties.insert("relations".into(), patterns);
    properties.insert("reading".into(), words);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Rule file of dateline",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "definitions": {
            "texts": {
                "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
            },
            "pattern": {
                "description": "A pattern over tokens, or a list of patterns that are alternatives.",
                "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
            },
            "scalar": { "type": ["string", "number", "boolean"] },
            "slot": object(SLOT, "A field and how it is found."),
            "test": object(TESTS, "A test of the rule."),
            "allow": codes(json!({ "type": "string", "minLength": 1 })),
        },
    })
}

/// A table of warnings.
fn codes(value: Value) -> Value {
    let names = Code::ALL.iter().filter(|code| code.is_warning()).map(|code| (code.name().to_owned(), value.clone()));
    json!({ "type": "object", "additionalProperties": false, "properties": names.collect::<Map<_, _>>() })
}

fn object(keys: &[Key], about: &str) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|(name, shape, about)| {
            let mut own = self::shape(*shape);
            own["description"] = json!(about);
            ((*name).to_owned(), own)
        })
        .collect();
    json!({ "type": "object", "description": about, "additionalProperties": false, "properties": properties })
}

fn shape(shape: Shape) -> Value {
    let reference = |name: &str| json!({ "allOf": [{ "$ref": format!("#/definitions/{name}") }] });
    let table = |inner: Value| json!({ "type": "object", "additionalProperties": inner });
    let scalar = json!({ "$ref": "#/definitions/scalar" });
    let pattern = json!({ "$ref": "#/definitions/pattern" });
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Texts => reference("texts"),
        Shape::Count => json!({ "type": "integer", "minimum": 0 }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Pattern => reference("pattern"),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Choices(words) => {
            json!({ "anyOf": [{ "enum": words }, { "type": "array", "items": { "enum": words } }] })
        }
        Shape::Scalars => table(scalar),
        Shape::Lists => table(json!({ "anyOf": [scalar, { "type": "array", "items": scalar }] })),
        Shape::Patterns(keys) => {
            let own: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), pattern.clone())).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": own })
        }
        Shape::Unless => {
            let mut own = self::shape(Shape::Patterns(WHERE));
            own["properties"]["status"] = self::shape(Shape::Choices(STATUSES));
            own
        }
        Shape::ModesIf => table(self::shape(Shape::Patterns(WHERE))),
        Shape::Slots => {
            let slot = json!({ "$ref": "#/definitions/slot" });
            table(json!({ "anyOf": [slot, { "type": "array", "items": slot }] }))
        }
        Shape::Tests => json!({ "type": "array", "items": { "$ref": "#/definitions/test" } }),
        Shape::Entries => table(json!({
            "anyOf": [
                { "$ref": "#/definitions/texts" },
                {
                    "type": "object",
                    "required": ["terms"],
                    "properties": { "terms": { "$ref": "#/definitions/texts" } },
                    "additionalProperties": true,
                },
            ],
        })),
        Shape::Allow => reference("allow"),
        Shape::Levels => codes(json!({ "enum": ["error", "warning", "off"] })),
        Shape::Date => json!({}),
        Shape::TextTable => table(json!({ "type": "string" })),
        Shape::Any => json!({ "type": "object", "additionalProperties": true }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::rules::read::asked_keys;
    use crate::rules::source::PackFiles;

    #[test]
    fn the_schema_has_the_keys_that_the_reader_asks_for() {
        let mut rules = String::new();
        for (kind, ..) in KINDS.iter().filter(|(kind, ..)| *kind != "override") {
            rules.push_str(&format!("[{kind}.x]\n"));
        }
        rules.push_str("[event.x.slot]\na = {}\n[[event.x.test]]\n[override.\"event.x\"]\n");
        let manifest = "[pack]\nid = \"x\"\nversion = \"1.0.0\"\n";
        let files = [("pack.toml", manifest), ("a.toml", rules.as_str())];
        let asked = asked_keys(|| {
            crate::rules::load(&[PackFiles::from_texts("x", files)]);
        });
        let mut expected: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut add = |name: &str, keys: &[Key]| {
            expected.insert(name.to_owned(), keys.iter().map(|(key, ..)| *key).collect());
        };
        add("pack", PACK);
        add("slot.a", SLOT);
        add("event.x.test", TESTS);
        for (kind, _, keys) in KINDS.iter().filter(|(kind, ..)| *kind != "override") {
            add(&format!("{kind}.x"), keys);
        }
        add("override.\"event.x\"", OVERRIDE);
        for (name, keys) in &asked {
            assert_eq!(Some(keys), expected.get(name), "{name}");
        }
        assert_eq!(asked.len(), expected.len());
    }

    #[test]
    fn the_schema_in_the_repository_is_that_of_the_code() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/rules.schema.json");
        let text = format!("{:#}\n", json_schema());
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let same = std::fs::read_to_string(path).unwrap() == text;
        assert!(same, "write it anew: dateline schema > rules/rules.schema.json");
    }
}
