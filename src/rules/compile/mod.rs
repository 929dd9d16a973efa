//! From tables to a [`Ruleset`]: names resolved, types checked against descriptors, patterns made programs.
//!
//! Every problem of every pack is reported; a table with a problem is left out and the others are compiled, so that
//! one run shows all there is to mend. A ruleset comes out only if there was no error.

mod article;
mod checks;
mod events;
mod lexicons;
mod mentions;
mod overlaps;
mod patterns;
mod required;
mod unused;

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::diagnostic::{Code, Diagnostic, Level, suggest};
use super::inflect::Inflector;
use super::lexicon::{LexiconId, Lexicons, Traits};
use super::program::{First, ProgramSet, TypeId};
use super::ruleset::{FieldKind, FieldShape, PackInfo, RuleInfo, RuleTest, Ruleset, TypeInfo};
use super::syntax::{Attributes, Located, Name, PackSource, Place, Scalar, Status, TestTable};
use super::vocabulary::Vocabulary;
use crate::event::domain::{Record, Value};
use crate::event::schema::EventTypes;
use crate::relations::RelationModel;
use crate::text::ReadingRules;

/// The lexicon whose entries are number words: with `value`, `multiplier`, or `min` and `max`.
const NUMBER_WORDS: &str = "number_word";

/// What compilation works on.
pub(super) struct Compiler<'a> {
    packs: &'a [PackSource],
    event_types: &'a EventTypes,
    inflector: Inflector,
    diagnostics: Vec<Diagnostic>,
    vocabulary: Vocabulary,
    lexicons: Lexicons,
    lexicon_ids: FxHashMap<String, LexiconId>,
    used_lexicons: BTreeSet<LexiconId>,
    used_types: BTreeSet<TypeId>,
    types: Vec<TypeInfo>,
    type_ids: FxHashMap<String, TypeId>,
    tests: Vec<RuleTest>,
    /// For each program by its number: the table that it stands in.
    owners: Vec<Arc<str>>,
    /// For each program by its number: what it can begin with.
    firsts: Vec<Vec<First>>,
    /// Whether the alternatives of patterns are marked.
    coverage: bool,
    /// For each mark the alternative that it stands in.
    marks: Vec<Place>,
    /// What the reader knows; words of rules are cut as it cuts them.
    reading: ReadingRules,
}

/// Compiles packs that were read. `infos` are the packs' descriptions in the same order; `digest` is of all files;
/// with `coverage` the alternatives of patterns are marked.
pub(super) fn compile(
    packs: &[PackSource],
    infos: Vec<PackInfo>,
    rules: Vec<RuleInfo>,
    digest: String,
    event_types: EventTypes,
    model: Arc<RelationModel>,
    coverage: bool,
) -> (Option<Ruleset>, Vec<Diagnostic>) {
    let inflector = Inflector::new(packs.iter().flat_map(|pack| &pack.inflections));
    let mut compiler = Compiler {
        packs,
        event_types: &event_types,
        inflector,
        diagnostics: Vec::new(),
        vocabulary: Vocabulary::default(),
        lexicons: Lexicons::default(),
        lexicon_ids: FxHashMap::default(),
        used_lexicons: BTreeSet::new(),
        used_types: BTreeSet::new(),
        types: Vec::new(),
        type_ids: FxHashMap::default(),
        tests: Vec::new(),
        owners: Vec::new(),
        firsts: Vec::new(),
        coverage,
        marks: Vec::new(),
        reading: ReadingRules::default(),
    };
    let (reading, horizon, time_stand_in) = compiler.reading();
    compiler.reading = reading;
    compiler.declare();
    compiler.lexicons();
    let stages = compiler.mention_stages();
    let (classes, class_of) = compiler.relation_classes();
    let (events, triggers, trigger_of) = compiler.events();
    let (contexts, cues) = compiler.contexts();
    let (references, anaphors) = compiler.references();
    let enrichments = compiler.enrichments(&events);
    let links = compiler.links(&events);
    let merges = compiler.merges(&events);
    let recasts = compiler.recasts(&events);
    let (tags, tag_cues) = compiler.tags();
    let filters = compiler.filters(&events);
    let number_words = compiler.lexicon_named(NUMBER_WORDS);
    let named = |name: &str| compiler.type_ids.get(name).copied();
    let (time_type, place_type, actor_type) = (named("Time"), named("Place"), named("Actor"));
    compiler.check_unused();
    compiler.check_meaning();
    let Compiler { mut diagnostics, vocabulary, lexicons, tests, owners, firsts, marks, types, reading, .. } = compiler;
    diagnostics.sort_by(Diagnostic::by_place);
    if diagnostics.iter().any(|d| d.level == Level::Error) {
        return (None, diagnostics);
    }
    let ruleset = Ruleset {
        digest,
        packs: infos,
        rules,
        event_types,
        tests,
        model,
        owners,
        firsts,
        type_names: types.into_iter().map(|own| own.name).collect(),
        marks,
        vocabulary,
        lexicons,
        reading,
        horizon,
        time_stand_in,
        classes,
        class_of,
        number_words,
        time_type,
        place_type,
        actor_type,
        stages,
        events,
        triggers,
        trigger_of,
        contexts,
        cues,
        references,
        anaphors,
        enrichments,
        links,
        merges,
        recasts,
        filters,
        tags,
        tag_cues,
    };
    (Some(ruleset), diagnostics)
}

impl Compiler<'_> {
    /// Gives every lexicon and every type its number, so that tables may refer to each other in any order.
    fn declare(&mut self) {
        for pack in self.packs {
            for table in &pack.lexicons {
                let id = LexiconId(self.lexicons.names.len() as u16);
                self.lexicons.names.push(table.id.value.as_str().into());
                self.lexicons.ids.push(format!("lexicon.{}", table.id.value).into());
                self.lexicons.traits.push(Traits::default());
                self.lexicon_ids.insert(table.id.value.clone(), id);
            }
        }
        for pack in self.packs {
            for table in &pack.entities {
                self.declare_type(&table.makes, table.emits.as_ref());
            }
            for table in &pack.quantities {
                self.declare_type(&table.makes, table.emits.as_ref());
            }
            for table in &pack.times {
                let name = Located { value: "Time".to_owned(), at: table.id.at.clone() };
                let emits = Located { value: "dateline.v1.EventTime".to_owned(), at: table.id.at.clone() };
                self.declare_type(&name, Some(&emits));
            }
        }
    }

    fn declare_type(&mut self, name: &Name, emits: Option<&Name>) {
        let id = match self.type_ids.get(&name.value) {
            Some(id) => *id,
            None => {
                let id = TypeId(self.types.len() as u16);
                self.types.push(TypeInfo { name: name.value.as_str().into(), message: None });
                self.type_ids.insert(name.value.clone(), id);
                id
            }
        };
        let Some(emits) = emits else { return };
        if self.event_types.message(&emits.value).is_none() {
            let help = self.suggest_message(&emits.value);
            self.error_with_help(
                Code::UndefinedMessage,
                &emits.at,
                format!("there is no message `{}`", emits.value),
                help,
            );
            return;
        }
        match self.types[id.0 as usize].message.clone() {
            None => self.types[id.0 as usize].message = Some(emits.value.as_str().into()),
            Some(old) if *old == *emits.value => {}
            Some(old) => self.error(
                Code::FieldTypesDisagree,
                &emits.at,
                format!("mentions of type `{}` fill `{old}` elsewhere", name.value),
            ),
        }
    }

    fn error(&mut self, code: Code, at: &Place, message: String) {
        self.error_with_help(code, at, message, None);
    }

    fn error_with_help(&mut self, code: Code, at: &Place, message: String, help: Option<String>) {
        self.report(code, Level::Error, at, message, help);
    }

    fn report(&mut self, code: Code, level: Level, at: &Place, message: String, help: Option<String>) {
        let diagnostic = Diagnostic::error(code, at.clone(), message).with_help(help);
        self.diagnostics.push(Diagnostic { level, ..diagnostic });
    }

    /// The table that a place stands in: `event.weapon_launch`.
    fn owner_of(&self, at: &Place) -> Arc<str> {
        let at = at.resolved();
        let tables = self.packs.iter().flat_map(|pack| &pack.tables);
        let inside = |place: &Place| place.file == at.file && place.bytes.contains(&at.bytes.start);
        let own = tables.filter(|table| inside(&table.at)).min_by_key(|table| table.at.bytes.len());
        own.map_or("", |table| table.value.as_str()).into()
    }

    fn lexicon_named(&mut self, name: &str) -> Option<LexiconId> {
        let id = self.lexicon_ids.get(name).copied()?;
        self.used_lexicons.insert(id);
        Some(id)
    }

    fn type_named(&self, name: &str) -> Option<TypeId> {
        self.type_ids.get(name).copied()
    }

    /// The type that a table names; reported where there is none.
    fn type_of(&mut self, name: &Name, what: &str) -> Option<TypeId> {
        let found = self.type_named(&name.value);
        if found.is_none() {
            let help = self.suggest_type(&name.value);
            let message = format!("this {what} names the type `{}`, and no rule makes mentions of it", name.value);
            self.error_with_help(Code::UndefinedType, &name.at, message, help);
        }
        found
    }

    fn suggest_lexicon(&self, name: &str) -> Option<String> {
        did_you_mean("$", suggest(name, self.lexicon_ids.keys().map(String::as_str)))
    }

    fn suggest_type(&self, name: &str) -> Option<String> {
        did_you_mean("@", suggest(name, self.type_ids.keys().map(String::as_str))).or_else(|| {
            let mut all: Vec<String> = self.type_ids.keys().map(|own| format!("@{own}")).collect();
            all.sort();
            (!all.is_empty()).then(|| format!("the types are {}", all.join(", ")))
        })
    }

    fn suggest_message(&self, name: &str) -> Option<String> {
        let names = self.event_types.message_names();
        did_you_mean("", suggest(name, names.iter().map(String::as_str)))
    }

    fn tokenise(&self, words: &str) -> Vec<String> {
        self.reading.words_of(words).into_iter().map(str::to_owned).collect()
    }

    fn verb_forms(&self, word: &str) -> Vec<String> {
        self.inflector.verb(word)
    }

    fn noun_forms(&self, word: &str) -> Vec<String> {
        self.inflector.noun(word)
    }

    /// A word and all forms that it has as a verb or a noun.
    fn all_forms(&self, word: &str) -> Vec<String> {
        let mut forms = vec![word.to_owned()];
        forms.extend(self.verb_forms(word));
        forms.extend(self.noun_forms(word));
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    /// What the field of a type's message can hold.
    fn field_of(&self, ty: TypeId, field: &str) -> Option<FieldShape> {
        let message = self.types.get(ty.0 as usize)?.message.as_ref()?;
        self.field(message, field)
    }

    /// What a field of a message can hold.
    fn field(&self, message: &str, field: &str) -> Option<FieldShape> {
        use prost_reflect::Kind;
        let field = self.event_types.message(message)?.get_field_by_name(field)?;
        let kind = match field.kind() {
            Kind::String => FieldKind::Text,
            Kind::Bool => FieldKind::Bool,
            Kind::Double | Kind::Float => FieldKind::Float,
            Kind::Enum(e) => FieldKind::Enum(e.full_name().to_owned()),
            Kind::Message(_) if field.is_map() => FieldKind::Other,
            Kind::Message(m) => FieldKind::Message(m.full_name().to_owned()),
            Kind::Bytes => FieldKind::Other,
            _ => FieldKind::Integer,
        };
        Some(FieldShape { kind, repeated: field.is_list() })
    }

    /// The field of a message that a table names; reported where there is none.
    fn expect_field(&mut self, message: &str, field: &str, at: &Place) -> Option<FieldShape> {
        let found = self.field(message, field);
        if found.is_none() {
            let names: Vec<String> = self
                .event_types
                .message(message)
                .map(|m| m.fields().map(|f| f.name().to_owned()).collect())
                .unwrap_or_default();
            let help = did_you_mean("", suggest(field, names.iter().map(String::as_str)))
                .or_else(|| Some(format!("its fields are {}", names.join(", "))));
            self.error_with_help(Code::UndefinedField, at, format!("`{message}` has no field `{field}`"), help);
        }
        found
    }

    /// Fixed fields (`set.kind = "PERSON"`), checked against the message.
    fn fixed_fields(&mut self, message: &str, attributes: &Attributes) -> Record {
        let mut record = Record::new();
        for (name, value) in attributes {
            let Some(shape) = self.expect_field(message, &name.value, &name.at) else { continue };
            if self.check_scalar(&shape, value) {
                record.set(name.value.as_str(), scalar_value(&value.value));
            }
        }
        record
    }

    /// Whether a scalar can stand in a field; reported where it cannot.
    fn check_scalar(&mut self, shape: &FieldShape, value: &Located<Scalar>) -> bool {
        let (fits, expected) = match (&shape.kind, &value.value) {
            (FieldKind::Text, Scalar::Text(_)) => (true, "a string"),
            (FieldKind::Text, _) => (false, "a string"),
            (FieldKind::Enum(name), Scalar::Text(text)) => {
                if self.event_types.enum_value(name, text).is_some() {
                    return true;
                }
                let values = self.event_types.enum_values(name);
                let help = did_you_mean("", suggest(text, values.iter().map(String::as_str)))
                    .or_else(|| Some(format!("its values are {}", values.join(", "))));
                self.error_with_help(
                    Code::UndefinedEnumValue,
                    &value.at,
                    format!("`{name}` has no value `{text}`"),
                    help,
                );
                return false;
            }
            (FieldKind::Enum(_), _) => (false, "the name of an enum value"),
            (FieldKind::Integer, Scalar::Integer(_)) | (FieldKind::Float, Scalar::Integer(_) | Scalar::Float(_)) => {
                (true, "a number")
            }
            (FieldKind::Integer | FieldKind::Float, _) => (false, "a number"),
            (FieldKind::Bool, value) => (matches!(value, Scalar::Bool(_)), "true or false"),
            (FieldKind::Message(_) | FieldKind::Other, _) => (false, "a mention: a scalar cannot stand here"),
        };
        if !fits {
            self.error(Code::WrongType, &value.at, format!("this field takes {expected}"));
        }
        fits
    }

    /// Keeps the tests of a table for the test run, and checks that there are enough of them.
    fn keep_tests(&mut self, kind: &str, id: &Name, status: Option<Status>, tests: &[TestTable]) {
        if status == Some(Status::Stable) {
            if tests.is_empty() {
                let message = format!("the stable rule `{}` has no test", id.value);
                self.report(Code::StableWithoutTest, Level::Warning, &id.at, message, None);
            } else if !tests.iter().any(|test| test.rejects) {
                let message = format!("`{}` has no test of a text in which it must not fire", id.value);
                self.report(Code::NoRejectingTest, Level::Warning, &id.at, message, None);
            }
        }
        let rule: Arc<str> = format!("{kind}.{}", id.value).into();
        self.tests.extend(tests.iter().map(|test| RuleTest { rule: rule.clone(), table: test.clone() }));
    }
}

/// A scalar of a rule file as a field's value.
fn scalar_value(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Text(text) => Value::Text(text.as_str().into()),
        Scalar::Integer(number) => Value::Integer(*number),
        Scalar::Float(number) => Value::Float(*number),
        Scalar::Bool(truth) => Value::Bool(*truth),
    }
}

fn did_you_mean(sigil: &str, word: Option<&str>) -> Option<String> {
    word.map(|word| format!("did you mean `{sigil}{word}`?"))
}

/// Adds a program to a set that has parallel data for each program.
fn add_to<T>(set: &mut ProgramSet, data: &mut Vec<T>, program: Arc<super::program::Program>, item: T) {
    set.add(program);
    data.push(item);
}
