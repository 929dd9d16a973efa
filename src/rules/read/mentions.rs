//! Tables that make or tie mentions: entities, times, quantities, references; and layouts.

use super::table::Table;
use super::tests;
use crate::rules::diagnostic::Code;
use crate::rules::syntax::{EntityTable, LayoutTable, Located, Name, QuantityTable, Recogniser, ReferTable, TimeTable};

fn recogniser(table: &mut Table<'_, '_, '_, '_>, id: &Name) -> Option<Recogniser> {
    let patterns = match table.get("patterns") {
        Some(item) => table.file.patterns(item, "patterns"),
        None => Vec::new(),
    };
    let regex = table.string("regex");
    match (patterns.is_empty(), regex) {
        (true, Some(regex)) => Some(Recogniser::Regex(regex)),
        (false, None) => Some(Recogniser::Patterns(patterns)),
        (false, Some(regex)) => {
            let message = "`patterns` and `regex` exclude each other".to_owned();
            table.file.error(Code::WrongType, regex.at.bytes, message, None);
            None
        }
        (true, None) => {
            let message = format!("`{}` has neither `patterns` nor `regex`", id.value);
            table.file.error(Code::MissingKey, id.at.bytes.clone(), message, None);
            None
        }
    }
}

pub(super) fn entity(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<EntityTable> {
    let makes = table.string("type").unwrap_or_else(|| id.clone());
    let emits = table.string("emits");
    let recogniser = recogniser(&mut table, &id);
    let set = table.attributes("set");
    let extent = table.string("extent");
    let hides = table.strings("hides");
    let priority = table.priority();
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &id.value);
    table.finish(&[]);
    Some(EntityTable { id, makes, emits, recogniser: recogniser?, set, extent, hides, priority, description, tests })
}

pub(super) fn quantity(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<QuantityTable> {
    let makes = table.string("type").unwrap_or_else(|| id.clone());
    let emits = table.string("emits");
    let recogniser = recogniser(&mut table, &id);
    let set = table.attributes("set");
    let priority = table.priority();
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &id.value);
    table.finish(&[]);
    Some(QuantityTable { id, makes, emits, recogniser: recogniser?, set, priority, description, tests })
}

pub(super) fn time(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<TimeTable> {
    let recogniser = recogniser(&mut table, &id);
    let kind = table.need_string("kind");
    let anchor = table.string("anchor");
    let direction = table.string("direction");
    let set = table.attributes("set");
    let priority = table.priority();
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &id.value);
    table.finish(&[]);
    Some(TimeTable { id, recogniser: recogniser?, kind: kind?, anchor, direction, set, priority, description, tests })
}

pub(super) fn reference(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<ReferTable> {
    let to = table.need_string("to");
    let anaphor = table.need_pattern("anaphor");
    let only = table.restrictions("only");
    let agree = table.strings("agree");
    let lookback = table.count("lookback").unwrap_or(3);
    let pick = table.string("pick");
    let number = table.string("number");
    let description = table.string("description").map(|text| text.value);
    let tests = tests(&mut table, &id.value);
    table.finish(&[]);
    Some(ReferTable { id, to: to?, anaphor: anaphor?, only, agree, lookback, pick, number, description, tests })
}

pub(super) fn layout(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<LayoutTable> {
    let part = table.need_string("part");
    let regex = table.need_string("regex");
    let description = table.string("description").map(|text| text.value);
    table.finish(&[]);
    let (part, regex): (Name, Located<String>) = (part?, regex?);
    Some(LayoutTable { id, part, regex, description })
}
