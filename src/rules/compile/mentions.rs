//! Entity, quantity and time tables to stages that make mentions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Compiler, add_to, scalar_value};
use crate::event::domain::{Record, Value};
use crate::relations::WordClass;
use crate::rules::diagnostic::Code;
use crate::rules::pattern::{Node, NodeKind, Pattern};
use crate::rules::program::{ProgramSet, TypeId};
use crate::rules::ruleset::{
    Anchor, CaptureUse, Direction, FieldKind, Make, MentionRule, MentionStage, TimeKind, TimeRule,
};
use crate::rules::syntax::{Attributes, EntityTable, Located, Name, QuantityTable, Recogniser, TimeTable};

/// Components that time rules may capture or set.
pub(in crate::rules) const TIME_COMPONENTS: &[&str] = &[
    "year",
    "month",
    "day",
    "weekday",
    "hour",
    "minute",
    "second",
    "meridiem",
    "zone",
    "phase",
    "season",
    "quarter",
    "decade",
    "century",
    "era",
    "fiscal",
    "holiday",
    "nth",
    "easter",
    "dates",
    "days",
    "part",
    "number",
    "unit",
    "offset",
    "sign",
    "modifier",
    "clock",
    "reference",
    "from",
    "to",
    "same",
    "date",
];

/// Components that quantity rules may capture or set.
const QUANTITY_COMPONENTS: &[&str] =
    &["value", "min", "max", "bound", "unit", "currency", "approximate", "dimension", "of"];

/// A rule that hides nothing and whose mentions are named by all their words.
fn rule(kind: &str, id: &Name, ty: TypeId, set: Record, priority: i32, make: Make) -> MentionRule {
    let id = format!("{kind}.{}", id.value).into();
    MentionRule { id, ty, set, extent: None, hides: None, priority, make }
}

/// A rule with all that is needed to put it into a stage.
struct Pending<'a> {
    rule: MentionRule,
    recogniser: &'a Recogniser,
    /// Types that its patterns refer to.
    needs: BTreeSet<TypeId>,
    /// None: components of the stage; else the message whose fields captures fill.
    message: Option<Arc<str>>,
    id: &'a Name,
    components: &'static [&'static str],
}

impl Compiler<'_> {
    /// All rules that make mentions, in stages: a rule comes after every rule whose mentions it uses.
    pub(super) fn mention_stages(&mut self) -> Vec<MentionStage> {
        let packs = self.packs;
        let mut pending = Vec::new();
        for pack in packs {
            pending.extend(pack.quantities.iter().filter_map(|table| self.quantity(table)));
            pending.extend(pack.times.iter().filter_map(|table| self.time(table)));
            pending.extend(pack.entities.iter().filter_map(|table| self.entity(table)));
        }
        self.in_order(pending)
    }

    fn quantity<'t>(&mut self, table: &'t QuantityTable) -> Option<Pending<'t>> {
        let ty = self.type_named(&table.makes.value)?;
        self.keep_tests("quantity", &table.id, None, &table.tests);
        let message = self.message_of(ty, &table.id)?;
        let mut set = Record::new();
        let mut dimension = None;
        for (name, value) in &table.set {
            match (name.value.as_str(), scalar_value(&value.value)) {
                ("dimension", Value::Text(text)) => dimension = Some(text),
                (known, value) if QUANTITY_COMPONENTS.contains(&known) => set.set(known, value),
                (other, _) => {
                    let known = QUANTITY_COMPONENTS.join(", ");
                    let message = format!("a quantity has no component `{other}`; there are {known}");
                    self.error(Code::UnknownKey, &name.at, message);
                }
            }
        }
        let make = Make::Quantity { message, dimension };
        let rule = rule("quantity", &table.id, ty, set, table.priority, make);
        Some(self.pending(rule, &table.id, &table.recogniser, QUANTITY_COMPONENTS))
    }

    fn time<'t>(&mut self, table: &'t TimeTable) -> Option<Pending<'t>> {
        let ty = self.type_named("Time")?;
        self.keep_tests("time", &table.id, None, &table.tests);
        let make = Make::Time(self.time_rule(&table.kind, table.anchor.as_ref(), table.direction.as_ref())?);
        let set = self.time_components(&table.set);
        let rule = rule("time", &table.id, ty, set, table.priority, make);
        Some(self.pending(rule, &table.id, &table.recogniser, TIME_COMPONENTS))
    }

    fn entity<'t>(&mut self, table: &'t EntityTable) -> Option<Pending<'t>> {
        let ty = self.type_named(&table.makes.value)?;
        self.keep_tests("entity", &table.id, None, &table.tests);
        let message = self.message_of(ty, &table.id)?;
        let set = self.fixed_fields(&message, &table.set);
        let hides = self.hidden(&table.hides);
        let extent = table.extent.as_ref().map(|name| name.value.as_str().into());
        let rule = MentionRule { hides, extent, ..rule("entity", &table.id, ty, set, table.priority, Make::Entity) };
        let pending = self.pending(rule, &table.id, &table.recogniser, &[]);
        Some(Pending { message: Some(message), ..pending })
    }

    fn pending<'t>(
        &self,
        rule: MentionRule,
        id: &'t Name,
        recogniser: &'t Recogniser,
        components: &'static [&'static str],
    ) -> Pending<'t> {
        Pending { rule, recogniser, needs: self.needs(recogniser), message: None, id, components }
    }

    fn message_of(&mut self, ty: TypeId, id: &Name) -> Option<Arc<str>> {
        let info = self.types.get(ty.0 as usize)?;
        if info.message.is_none() {
            let message = format!("no rule says which message mentions of type `{}` fill", info.name);
            let help = Some("add `emits = \"...\"` to one of the rules of this type".to_owned());
            self.error_with_help(Code::UndefinedMessage, &id.at, message, help);
            return None;
        }
        info.message.clone()
    }

    fn needs(&self, recogniser: &Recogniser) -> BTreeSet<TypeId> {
        let mut out = BTreeSet::new();
        if let Recogniser::Patterns(patterns) = recogniser {
            for pattern in patterns {
                self.mentioned(&pattern.value.root, &mut out);
            }
        }
        out
    }

    fn mentioned(&self, node: &Node, out: &mut BTreeSet<TypeId>) {
        match &node.kind {
            NodeKind::Mention(name) => out.extend(self.type_named(name)),
            NodeKind::Sequence(nodes) | NodeKind::Alternatives(nodes) => {
                nodes.iter().for_each(|node| self.mentioned(node, out));
            }
            NodeKind::Repeat { node, .. } | NodeKind::Capture { node, .. } | NodeKind::Not { node, .. } => {
                self.mentioned(node, out);
            }
            _ => {}
        }
    }

    /// Sorts the rules into stages. Between types the order is that of their references; a rule that uses its own
    /// type comes one stage after the rules of its type that do not, and ranges after all other times.
    fn in_order(&mut self, pending: Vec<Pending<'_>>) -> Vec<MentionStage> {
        // The level of a type is one more than that of the deepest type that any of its rules needs.
        let mut needs: BTreeMap<TypeId, BTreeSet<TypeId>> = BTreeMap::new();
        for item in &pending {
            needs.entry(item.rule.ty).or_default().extend(item.needs.iter().filter(|ty| **ty != item.rule.ty));
        }
        let mut levels: BTreeMap<TypeId, usize> = BTreeMap::new();
        let types: Vec<TypeId> = needs.keys().copied().collect();
        for ty in types {
            let mut path = Vec::new();
            if let Err(cycle) = level(ty, &needs, &mut levels, &mut path) {
                let names: Vec<&str> = cycle.iter().map(|ty| &*self.types[ty.0 as usize].name).collect();
                let message = format!("types refer to each other in a circle: {}", names.join(" -> "));
                if let Some(item) = pending.iter().find(|item| item.rule.ty == ty) {
                    let at = item.id.at.clone();
                    self.error(Code::Cycle, &at, message);
                }
                return Vec::new();
            }
        }
        let mut stages: BTreeMap<(bool, usize, u8), Vec<Pending<'_>>> = BTreeMap::new();
        for item in pending {
            let range = matches!(&item.rule.make, Make::Time(rule) if rule.kind == TimeKind::Range);
            let own = match item.needs.contains(&item.rule.ty) {
                true if range => 2,
                own => u8::from(own),
            };
            let level = levels.get(&item.rule.ty).copied().unwrap_or(0);
            let entity = matches!(item.rule.make, Make::Entity);
            stages.entry((entity, level, own)).or_default().push(item);
        }
        stages.into_iter().map(|((entities, ..), items)| self.stage(items, entities)).collect()
    }

    fn stage(&mut self, items: Vec<Pending<'_>>, entities: bool) -> MentionStage {
        let mut stage = MentionStage { entities, ..MentionStage::default() };
        for item in items {
            let index = stage.rules.len() as u32;
            match item.recogniser {
                Recogniser::Patterns(patterns) => {
                    for pattern in patterns {
                        let Some(program) = self.program(pattern) else { continue };
                        self.check_begin(&program, pattern, "pattern");
                        let uses: Vec<CaptureUse> =
                            program.captures.iter().map(|name| self.capture_use(&item, name, pattern)).collect();
                        add_to(&mut stage.set, &mut stage.programs, program, (index, uses));
                    }
                }
                Recogniser::Regex(source) => match regex::Regex::new(&source.value) {
                    Ok(regex) => {
                        let names: Vec<Arc<str>> = regex.capture_names().flatten().map(Arc::from).collect();
                        let uses = names
                            .into_iter()
                            .map(|name| {
                                let pattern =
                                    Located { value: Pattern::of_source(&source.value), at: source.at.clone() };
                                let usage = self.capture_use(&item, &name, &pattern);
                                (name, usage)
                            })
                            .collect();
                        stage.regexes.push((regex, index, uses));
                    }
                    Err(error) => self.error(Code::RegexSyntax, &source.at, first_line(&error.to_string())),
                },
            }
            stage.rules.push(item.rule);
        }
        stage
    }

    fn capture_use(&mut self, item: &Pending<'_>, name: &str, pattern: &Located<Pattern>) -> CaptureUse {
        match &item.message {
            None if item.components.contains(&name) => CaptureUse::Component,
            None => {
                let message = format!("`{}` has no component `{name}`", item.id.value);
                let help = Some(format!("components are {}", item.components.join(", ")));
                let at = pattern.value.capture_place(&pattern.at, name);
                self.error_with_help(Code::UndefinedField, &at, message, help);
                CaptureUse::Component
            }
            Some(_) if name == "base" => CaptureUse::Base,
            Some(message) if item.rule.extent.as_deref() == Some(name) && self.field(message, name).is_none() => {
                CaptureUse::Component
            }
            Some(message) => {
                let at = pattern.value.capture_place(&pattern.at, name);
                match self.expect_field(message, name, &at) {
                    Some(shape) => {
                        self.check_captures(pattern, name, shape.repeated);
                        if shape.kind == FieldKind::Other {
                            self.error(Code::FieldTypesDisagree, &at, format!("rules cannot fill `{name}`"));
                        }
                        CaptureUse::Field(shape)
                    }
                    None => CaptureUse::Component,
                }
            }
        }
    }

    fn time_rule(&mut self, kind: &Name, anchor: Option<&Name>, direction: Option<&Name>) -> Option<TimeRule> {
        let kinds = [
            ("date", TimeKind::Date),
            ("clock", TimeKind::Clock),
            ("offset", TimeKind::Offset),
            ("part", TimeKind::Part),
            ("range", TimeKind::Range),
            ("duration", TimeKind::Duration),
            ("set", TimeKind::Set),
        ];
        let kind = self.one_of(kind, &kinds)?;
        let anchor = match anchor {
            Some(name) => {
                let anchors =
                    [("document", Anchor::Document), ("reference", Anchor::Reference), ("clause", Anchor::Clause)];
                self.one_of(name, &anchors)?
            }
            None => Anchor::default(),
        };
        let directions = [
            ("past", Direction::Past),
            ("future", Direction::Future),
            ("nearest", Direction::Nearest),
            ("tense", Direction::Tense),
        ];
        let direction = match direction {
            Some(name) => self.one_of(name, &directions)?,
            None => Direction::default(),
        };
        Some(TimeRule { kind, anchor, direction })
    }

    /// The value of a key that takes one of a few words; reported where it is another.
    pub(super) fn one_of<T: Copy>(&mut self, name: &Name, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(word, _)| *word == name.value).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            let message = format!("`{}` is not one of these: {}", name.value, words.join(", "));
            self.error(Code::WrongType, &name.at, message);
        }
        found
    }

    fn time_components(&mut self, attributes: &Attributes) -> Record {
        let mut set = Record::new();
        for (name, value) in attributes {
            if TIME_COMPONENTS.contains(&name.value.as_str()) {
                set.set(name.value.as_str(), scalar_value(&value.value));
            } else {
                let message = format!("a time has no component `{}`", name.value);
                let help = Some(format!("components are {}", TIME_COMPONENTS.join(", ")));
                self.error_with_help(Code::UnknownKey, &name.at, message, help);
            }
        }
        set
    }

    /// `[relations]`: patterns whose words belong to a class of the relation layer.
    pub(super) fn relation_classes(&mut self) -> (ProgramSet, Vec<WordClass>) {
        let (mut set, mut classes) = (ProgramSet::default(), Vec::new());
        for pack in self.packs {
            for (name, pattern) in &pack.relations {
                let Some(class) = WordClass::from_name(&name.value) else {
                    let help = Some(format!("the classes are {}", WordClass::names().join(", ")));
                    let message = format!("the relation layer has no word class `{}`", name.value);
                    self.error_with_help(Code::UnknownKey, &name.at, message, help);
                    continue;
                };
                if let Some(program) = self.program(pattern) {
                    add_to(&mut set, &mut classes, program, class);
                }
            }
        }
        (set, classes)
    }
}

fn level(
    ty: TypeId,
    needs: &BTreeMap<TypeId, BTreeSet<TypeId>>,
    levels: &mut BTreeMap<TypeId, usize>,
    path: &mut Vec<TypeId>,
) -> Result<usize, Vec<TypeId>> {
    if let Some(level) = levels.get(&ty) {
        return Ok(*level);
    }
    if let Some(at) = path.iter().position(|t| *t == ty) {
        let mut cycle = path.split_off(at);
        cycle.push(ty);
        return Err(cycle);
    }
    path.push(ty);
    let mut deepest = 0;
    for need in needs.get(&ty).into_iter().flatten() {
        deepest = deepest.max(level(*need, needs, levels, path)? + 1);
    }
    path.pop();
    levels.insert(ty, deepest);
    Ok(deepest)
}

pub(super) fn first_line(text: &str) -> String {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or(text).trim().to_owned()
}
