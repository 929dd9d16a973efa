//! `[lexicon.x]` with its word lists, and `[inflection.x]`.

use toml::de::DeValue;

use super::table::{File, Item, Table};
use crate::rules::diagnostic::{Code, Diagnostic};
use crate::rules::syntax::{
    Attributes, Case, FileId, Inflect, InflectionTable, LexiconEntry, LexiconTable, Located, Name, Place, Scalar,
};

pub(super) fn lexicon(
    mut table: Table<'_, '_, '_, '_>,
    id: Name,
    beside: &dyn Fn(&str) -> Option<(FileId, String)>,
) -> Option<LexiconTable> {
    let inflect = table
        .choice("inflect", &[("none", Inflect::None), ("verb", Inflect::Verb), ("noun", Inflect::Noun)])
        .unwrap_or_default();
    let case =
        table.choice("case", &[("smart", Case::Smart), ("any", Case::Any), ("exact", Case::Exact)]).unwrap_or_default();
    let entity = table.strings("entity");
    let defaults = flat_attributes(&mut table, "defaults");
    let hides = table.strings("hides");
    let tell_apart = table.string("tell_apart");
    let description = table.string("description").map(|text| text.value);
    let mut entries: Vec<LexiconEntry> = table
        .strings("terms")
        .into_iter()
        .map(|term| LexiconEntry { canonical: term.clone(), terms: vec![term], attributes: Vec::new() })
        .collect();
    for (name, item) in table.entries("entries") {
        entries.extend(entry(table.file, name, item));
    }
    let files = table.strings("file");
    for name in &files {
        match beside(&name.value) {
            Some((file, text)) => word_list(table.file, file, &text, &mut entries),
            None => {
                let message = format!("there is no file `{}` beside this one", name.value);
                table.file.error(Code::Unreadable, name.at.bytes.clone(), message, None);
            }
        }
    }
    for unwanted in table.strings("without") {
        let mut found = false;
        for entry in &mut entries {
            let before = entry.terms.len();
            entry.terms.retain(|term| term.value != unwanted.value);
            found |= entry.terms.len() < before;
        }
        if !found {
            let message = format!("the lexicon has no term `{}` to do without", unwanted.value);
            let problem = Diagnostic::warning(Code::OverrideWithoutEffect, unwanted.at, message);
            table.file.problems.push(problem);
        }
    }
    entries.retain(|entry| !entry.terms.is_empty());
    if entries.is_empty() && files.is_empty() {
        let message = format!("the lexicon `{}` has no entries", id.value);
        let help = Some("give it `terms`, a table `[lexicon.x.entries]` or a `file`".to_owned());
        table.file.error(Code::MissingKey, id.at.bytes.clone(), message, help);
    }
    table.finish(&[]);
    Some(LexiconTable { id, inflect, case, entity, defaults, hides, tell_apart, entries, description })
}

fn flat_attributes(table: &mut Table<'_, '_, '_, '_>, key: &'static str) -> Attributes {
    let mut out = Vec::new();
    for (name, item) in table.entries(key) {
        attribute(table.file, name, item, &mut out);
    }
    out
}

/// `kind = "X"`, or `Actor.kind = "X"`, which TOML reads as a table.
fn attribute(file: &mut File<'_>, name: Name, item: Item<'_, '_>, out: &mut Attributes) {
    if let DeValue::Table(inner) = item.get_ref() {
        for (field, item) in super::table::in_order(file, inner) {
            let full = Located { value: format!("{}.{}", name.value, field.value), at: field.at };
            if let Some(value) = file.scalar(item, &full.value) {
                out.push((full, value));
            }
        }
    } else if let Some(value) = file.scalar(item, &name.value) {
        out.push((name, value));
    }
}

/// `CANON = ["phrase", ...]` or `CANON = { terms = [...], attribute = ... }`.
fn entry(file: &mut File<'_>, canonical: Name, item: Item<'_, '_>) -> Option<LexiconEntry> {
    match item.get_ref() {
        DeValue::Table(inner) => {
            let (mut terms, mut attributes) = (Vec::new(), Vec::new());
            for (name, item) in super::table::in_order(file, inner) {
                if name.value == "terms" {
                    terms = file.strings(item, "terms");
                } else {
                    attribute(file, name, item, &mut attributes);
                }
            }
            if terms.is_empty() {
                let message = format!("the entry `{}` has no `terms`", canonical.value);
                file.error(Code::MissingKey, canonical.at.bytes, message, None);
                return None;
            }
            Some(LexiconEntry { canonical, terms, attributes })
        }
        _ => {
            let terms = file.strings(item, &canonical.value);
            Some(LexiconEntry { canonical, terms, attributes: Vec::new() })
        }
    }
}

/// A word list: a header, then an entry a line, cells separated by tabs, terms by `|`. Lines that begin with `#` are
/// comments; an empty cell is no attribute.
fn word_list(file: &mut File<'_>, id: FileId, text: &str, entries: &mut Vec<LexiconEntry>) {
    let mut header: Option<Vec<String>> = None;
    let mut offset = 0;
    let problem = |file: &mut File<'_>, bytes: std::ops::Range<usize>, message: String| {
        let at = Place { file: id, bytes };
        file.problems.push(Diagnostic::error(Code::WordList, at, message));
    };
    for line in text.split('\n') {
        let start = offset;
        offset += line.len() + 1;
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').collect();
        let Some(names) = &header else {
            if cells.len() < 2 || cells[0] != "canonical" || cells[1] != "terms" {
                let message = "a word list begins with the columns `canonical` and `terms`".to_owned();
                return problem(file, start..start + line.len(), message);
            }
            header = Some(cells.iter().map(|cell| (*cell).to_owned()).collect());
            continue;
        };
        if cells.len() > names.len() {
            let message = format!("{} cells stand under {} columns", cells.len(), names.len());
            problem(file, start..start + line.len(), message);
            continue;
        }
        let mut at = start;
        let located: Vec<Name> = cells
            .iter()
            .map(|cell| {
                let place = Place { file: id, bytes: at..at + cell.len() };
                at += cell.len() + 1;
                Located { value: cell.trim().to_owned(), at: place }
            })
            .collect();
        let Some(canonical) = located.first().filter(|name| !name.value.is_empty()) else {
            problem(file, start..start + line.len(), "the first cell is empty".to_owned());
            continue;
        };
        let terms = match located.get(1) {
            Some(cell) if !cell.value.is_empty() => cell
                .value
                .split('|')
                .map(|term| Located { value: term.trim().to_owned(), at: cell.at.clone() })
                .filter(|term| !term.value.is_empty())
                .collect(),
            _ => vec![canonical.clone()],
        };
        let attributes = names
            .iter()
            .zip(&located)
            .skip(2)
            .filter(|(_, cell)| !cell.value.is_empty())
            .map(|(name, cell)| {
                let key = Located { value: name.clone(), at: cell.at.clone() };
                (key, Located { value: cell_value(&cell.value), at: cell.at.clone() })
            })
            .collect();
        entries.push(LexiconEntry { canonical: canonical.clone(), terms, attributes });
    }
}

/// A cell is a number if it reads as one, a truth value if it says so, else text.
fn cell_value(cell: &str) -> Scalar {
    if let Ok(number) = cell.parse::<i64>() {
        return Scalar::Integer(number);
    }
    match cell.parse::<f64>() {
        Ok(number) if number.is_finite() => return Scalar::Float(number),
        _ => {}
    }
    match cell {
        "true" => Scalar::Bool(true),
        "false" => Scalar::Bool(false),
        _ => Scalar::Text(cell.to_owned()),
    }
}

pub(super) fn inflection(mut table: Table<'_, '_, '_, '_>, id: Name) -> Option<InflectionTable> {
    let part = match id.value.as_str() {
        "verb" => Inflect::Verb,
        "noun" => Inflect::Noun,
        _ => {
            let message = "forms are of a `verb` or of a `noun`".to_owned();
            table.file.error(Code::UnknownTable, id.at.bytes.clone(), message, None);
            return None;
        }
    };
    let forms = table.all();
    let forms = forms
        .into_iter()
        .map(|(name, item)| {
            let forms = table.file.strings(item, &name.value).into_iter().map(|form| form.value).collect();
            (name, forms)
        })
        .collect();
    Some(InflectionTable { part, forms })
}
