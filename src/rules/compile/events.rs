//! Event tables: triggers, slots, conditions.

use std::sync::Arc;

use super::{Compiler, add_to, scalar_value};
use crate::event::domain::{Certainty, RuleRef, Status, Value};
use crate::rules::diagnostic::Code;
use crate::rules::program::ProgramSet;
use crate::rules::ruleset::{
    CaptureUse, Condition, ENVELOPE, EventRule, FieldKind, FieldShape, Fill, Finder, Joins, PlacePolicy, Sets, Slot,
    SlotRole, Where,
};
use crate::rules::syntax::{self, Attributes, EventTable, Located, Name, Scalar, SlotTable, SlotType, TriggerKind};

type Triggers = Vec<(u32, TriggerKind, Vec<CaptureUse>)>;

impl Compiler<'_> {
    /// All event rules with the set of their triggers.
    pub(super) fn events(&mut self) -> (Vec<EventRule>, ProgramSet, Triggers) {
        let (mut rules, mut set, mut trigger_of) = (Vec::new(), ProgramSet::default(), Vec::new());
        for pack in self.packs {
            let pack_id: Arc<str> = pack.manifest.as_ref().map_or("", |m| m.id.value.as_str()).into();
            for table in &pack.events {
                self.keep_tests("event", &table.id, Some(table.status), &table.tests);
                let index = rules.len() as u32;
                let Some(rule) = self.event(table, &pack_id) else { continue };
                for expectation in table.tests.iter().flat_map(|test| &test.expect) {
                    if let Some(field) = expectation.path.first().filter(|field| !ENVELOPE.contains(&field.as_str())) {
                        self.expect_field(&rule.emits, field, &expectation.at);
                    }
                }
                for trigger in &table.triggers {
                    let Some(program) = self.program(&trigger.pattern) else { continue };
                    self.check_begin(&program, &trigger.pattern, "trigger");
                    let mut uses = Vec::new();
                    for name in &program.captures {
                        let at = trigger.pattern.value.capture_place(&trigger.pattern.at, name);
                        uses.push(match self.expect_field(&rule.emits, name, &at) {
                            Some(shape) => {
                                self.check_captures(&trigger.pattern, name, shape.repeated);
                                CaptureUse::Field(shape)
                            }
                            None => CaptureUse::Component,
                        });
                    }
                    add_to(&mut set, &mut trigger_of, program, (index, trigger.kind, uses));
                }
                rules.push(rule);
            }
        }
        (rules, set, trigger_of)
    }

    fn event(&mut self, table: &EventTable, pack: &Arc<str>) -> Option<EventRule> {
        if self.event_types.message(&table.emits.value).is_none() {
            let help = self.suggest_message(&table.emits.value);
            let message = format!("there is no message `{}`", table.emits.value);
            self.error_with_help(Code::UndefinedMessage, &table.emits.at, message, help);
            return None;
        }
        let emits: Arc<str> = table.emits.value.as_str().into();
        let slots = self.slots(&table.slots, &emits);
        let set = self.fixed_fields(&emits, &table.set);
        let policies = [
            ("own", PlacePolicy::Own),
            ("dateline", PlacePolicy::Dateline),
            ("filed", PlacePolicy::Filed),
            ("country", PlacePolicy::Country),
            ("story", PlacePolicy::Story),
            ("target", PlacePolicy::Target),
        ];
        let place = table.place.as_ref().and_then(|name| self.one_of(name, &policies)).unwrap_or_default();
        let modes_if = table
            .modes_if
            .iter()
            .filter_map(|(mode, condition)| Some((mode.value.as_str().into(), self.condition(condition)?)))
            .collect();
        Some(EventRule {
            info: RuleRef {
                id: table.id.value.as_str().into(),
                version: table.version.to_string().into(),
                pack: pack.clone(),
            },
            emits,
            category: table.category.value.as_str().into(),
            modes: table.modes.iter().map(|mode| mode.value.as_str().into()).collect(),
            modes_if,
            one_mode: table.one_mode,
            host: table.host.as_ref().map(|mode| mode.value.as_str().into()),
            mode_else: table.mode_else.iter().map(|mode| mode.value.as_str().into()).collect(),
            contexts: table.contexts.iter().map(|context| context.value.as_str().into()).collect(),
            slots,
            set,
            when: self.conditions(&table.when),
            unless: self.conditions(&table.unless),
            unless_status: table.unless_status.iter().filter_map(|name| self.one_of(name, STATUSES)).collect(),
            absorbs: table.absorbs,
            answers: self.answered(&table.answers),
            independent: table.independent,
            assume: self.sets(&table.assume),
            place,
            priority: table.priority,
        })
    }

    /// The categories that a rule answers; each must be that of some rule.
    fn answered(&mut self, names: &[Name]) -> Vec<Arc<str>> {
        let packs = self.packs;
        for name in names {
            let there = packs.iter().flat_map(|pack| &pack.events).any(|table| table.category.value == name.value);
            if !there {
                let message = format!("no event rule has the category `{}`", name.value);
                self.error(Code::UndefinedRule, &name.at, message);
            }
        }
        names.iter().map(|name| name.value.as_str().into()).collect()
    }

    /// Compiles slots of a rule (or a link) that fill fields of `message`.
    pub(super) fn slots(&mut self, tables: &[SlotTable], message: &str) -> Vec<Slot> {
        // What is looked for inside the words of another slot is looked for after it.
        let inner = |table: &SlotTable| table.finders.iter().any(|finder| matches!(finder, syntax::Finder::Inside(_)));
        let mut tables = tables.to_vec();
        tables.sort_by_key(inner);
        tables.iter().filter_map(|table| self.slot(table, &tables, message)).collect()
    }

    fn slot(&mut self, table: &SlotTable, all: &[SlotTable], message: &str) -> Option<Slot> {
        // All that is wrong is told at once, so nothing is given up before the end.
        let shape = self.expect_field(message, &table.field.value, &table.field.at);
        let fill = self.fill(&table.fills);
        if let (Some(shape), Some(fill)) = (&shape, fill) {
            self.check_fill(table, fill, shape);
        }
        if table.finders.is_empty() {
            let message = format!("the slot `{}` has no way to find its value", table.field.value);
            let help = Some("give it `role`, `after`, `near`, `span`, `in` or `capture = true`".to_owned());
            self.error_with_help(Code::NoFinder, &table.field.at, message, help);
        }
        let finders: Vec<Finder> =
            table.finders.iter().filter_map(|finder| self.finder(finder, all, &table.field)).collect();
        let (shape, fill) = (shape?, fill?);
        let joins = match &table.joins {
            Some(name) => self.one_of(
                name,
                &[
                    ("actor", Joins::Actor),
                    ("recipient", Joins::Recipient),
                    ("place", Joins::Place),
                    ("time", Joins::Time),
                    ("none", Joins::Nothing),
                ],
            )?,
            None => self.usual_list(fill, &finders),
        };
        let only = table.only.iter().map(|(name, values)| values_of(name, values)).collect();
        Some(Slot {
            field: table.field.value.as_str().into(),
            shape,
            fill,
            finders,
            every: table.every,
            required: table.required,
            joins,
            only,
        })
    }

    fn fill(&mut self, fills: &SlotType) -> Option<Fill> {
        Some(match fills {
            SlotType::Mention(name) => {
                let ty = self.type_of(name, "slot")?;
                self.used_types.insert(ty);
                Fill::Mention(ty)
            }
            SlotType::Lexicon(name) => match self.lexicon_named(&name.value) {
                Some(id) => Fill::Lexicon(id),
                None => {
                    let help = self.suggest_lexicon(&name.value);
                    let message = format!("there is no lexicon `{}`", name.value);
                    self.error_with_help(Code::UndefinedLexicon, &name.at, message, help);
                    return None;
                }
            },
            SlotType::Text => Fill::Text,
            SlotType::Noun => Fill::Noun,
            SlotType::Quote => Fill::Quote,
            SlotType::Flag => Fill::Flag,
        })
    }

    /// The envelope list that a slot joins when the rule does not say.
    fn usual_list(&self, fill: Fill, finders: &[Finder]) -> Joins {
        let Fill::Mention(ty) = fill else { return Joins::Nothing };
        let role = finders.iter().find_map(|finder| match finder {
            Finder::Role { role, via: None } => Some(*role),
            _ => None,
        });
        match (&*self.types[ty.0 as usize].name, role) {
            ("Actor", Some(SlotRole::Agent)) => Joins::Actor,
            ("Actor", Some(SlotRole::Patient | SlotRole::Recipient)) => Joins::Recipient,
            ("Place", Some(SlotRole::Place)) => Joins::Place,
            ("Time", Some(SlotRole::Time)) => Joins::Time,
            _ => Joins::Nothing,
        }
    }

    /// Whether what a slot finds can stand in its field.
    fn check_fill(&mut self, table: &SlotTable, fill: Fill, shape: &FieldShape) {
        let fits = match (fill, &shape.kind) {
            (Fill::Mention(ty), FieldKind::Message(name)) => {
                self.types[ty.0 as usize].message.as_deref().is_none_or(|message| message == name)
            }
            (Fill::Mention(_), FieldKind::Text) | (Fill::Text | Fill::Noun | Fill::Quote, FieldKind::Text) => true,
            (Fill::Mention(_), FieldKind::Integer | FieldKind::Float) => true,
            (Fill::Lexicon(_), FieldKind::Text | FieldKind::Integer | FieldKind::Float | FieldKind::Bool) => true,
            (Fill::Lexicon(_), FieldKind::Enum(_)) => true,
            (Fill::Flag, FieldKind::Bool) => true,
            _ => false,
        };
        if !fits {
            let message = format!("what this slot finds cannot stand in the field `{}`", table.field.value);
            self.error(Code::FieldTypesDisagree, &table.field.at, message);
        }
        if let (Fill::Lexicon(id), FieldKind::Enum(name)) = (fill, &shape.kind) {
            let wrong: Vec<String> = self
                .lexicons
                .entries
                .iter()
                .filter(|entry| entry.lexicon == id && self.event_types.enum_value(name, &entry.canonical).is_none())
                .map(|entry| entry.canonical.to_string())
                .take(3)
                .collect();
            if !wrong.is_empty() {
                let message = format!("entries of this lexicon are no values of `{name}`: {}", wrong.join(", "));
                self.error(Code::UndefinedEnumValue, &table.field.at, message);
            }
        }
    }

    fn finder(&mut self, finder: &syntax::Finder, all: &[SlotTable], field: &Name) -> Option<Finder> {
        Some(match finder {
            syntax::Finder::Role { role, via } => Finder::Role {
                role: self.one_of(
                    role,
                    &[
                        ("agent", SlotRole::Agent),
                        ("patient", SlotRole::Patient),
                        ("recipient", SlotRole::Recipient),
                        ("topic", SlotRole::Topic),
                        ("oblique", SlotRole::Oblique),
                        ("time", SlotRole::Time),
                        ("place", SlotRole::Place),
                        ("speaker", SlotRole::Speaker),
                        ("content", SlotRole::Content),
                    ],
                )?,
                via: match via {
                    Some(pattern) => Some(self.program(pattern)?),
                    None => None,
                },
            },
            syntax::Finder::After(pattern) => Finder::After(self.program(pattern)?),
            syntax::Finder::Near { pattern, within } => Finder::Near {
                pattern: match pattern {
                    Some(pattern) => Some(self.program(pattern)?),
                    None => None,
                },
                within: *within,
            },
            syntax::Finder::Span { from, until } => Finder::Span {
                from: self.program(from)?,
                until: match until {
                    Some(pattern) => Some(self.program(pattern)?),
                    None => None,
                },
            },
            syntax::Finder::Inside(name) => match all.iter().position(|slot| slot.field.value == name.value) {
                Some(index) if all[index].field.value != field.value => Finder::Inside(index),
                _ => {
                    let message = format!("this rule has no other slot `{}`", name.value);
                    self.error(Code::UndefinedField, &name.at, message);
                    return None;
                }
            },
            syntax::Finder::Capture => Finder::Capture,
        })
    }

    /// Compiles conditions; a wrong one is reported and left out.
    pub(super) fn conditions(&mut self, conditions: &[syntax::Condition]) -> Vec<Condition> {
        conditions.iter().filter_map(|condition| self.condition(condition)).collect()
    }

    fn condition(&mut self, condition: &syntax::Condition) -> Option<Condition> {
        let place = self.one_of(
            &condition.place,
            &[
                ("agent", Where::Agent),
                ("patient", Where::Patient),
                ("recipient", Where::Recipient),
                ("topic", Where::Topic),
                ("place", Where::Place),
                ("speaker", Where::Speaker),
                ("clause", Where::Clause),
                ("sentence", Where::Sentence),
                ("phrase", Where::Phrase),
                ("before", Where::Before),
                ("after", Where::After),
            ],
        )?;
        let text = format!("{} = '''{}'''", condition.place.value, condition.pattern.value.source.trim()).into();
        Some(Condition { text, place, program: self.program(&condition.pattern)? })
    }

    /// `status` and `certainty` that a rule or a cue sets.
    pub(super) fn sets(&mut self, attributes: &Attributes) -> Sets {
        let mut sets = Sets::default();
        for (name, value) in attributes {
            let text = match &value.value {
                Scalar::Text(text) => text.clone(),
                _ => String::new(),
            };
            let word = Located { value: text, at: value.at.clone() };
            match name.value.as_str() {
                "status" => sets.status = self.one_of(&word, STATUSES),
                "certainty" => sets.certainty = self.one_of(&word, CERTAINTIES),
                other => {
                    let message = format!("`{other}` cannot be set here; `status` and `certainty` can");
                    self.error(Code::UnknownKey, &name.at, message);
                }
            }
        }
        sets
    }
}

pub(super) const STATUSES: &[(&str, Status)] = &[
    ("ASSERTED", Status::Asserted),
    ("NEGATED", Status::Negated),
    ("FUTURE", Status::Future),
    ("HYPOTHETICAL", Status::Hypothetical),
    ("HISTORICAL", Status::Historical),
];

const CERTAINTIES: &[(&str, Certainty)] = &[
    ("STATED", Certainty::Stated),
    ("PRESUMED", Certainty::Presumed),
    ("POSSIBLE", Certainty::Possible),
    ("DISPUTED", Certainty::Disputed),
];

/// A restriction of a field to some values.
pub(super) fn values_of(name: &Name, values: &[Located<Scalar>]) -> (Arc<str>, Vec<Value>) {
    (name.value.as_str().into(), values.iter().map(|value| scalar_value(&value.value)).collect())
}
