//! Lexicon tables to one trie, with all forms of their words.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Compiler, scalar_value};
use crate::event::domain::{Record, Value};
use crate::rules::diagnostic::Code;
use crate::rules::lexicon::{Entry, EntryId, LexiconId, Writing};
use crate::rules::program::TypeId;
use crate::rules::syntax::{Attributes, Case, Inflect, LexiconEntry, LexiconTable, Located, Name, Scalar};
use crate::rules::vocabulary::fold;

impl Compiler<'_> {
    /// Compiles all lexicons. Their names are known by then.
    pub(super) fn lexicons(&mut self) {
        for pack in self.packs {
            for table in &pack.lexicons {
                let Some(id) = self.lexicon_ids.get(&table.id.value).copied() else { continue };
                let types: Vec<TypeId> = table.entity.iter().filter_map(|name| self.type_of(name, "lexicon")).collect();
                let hides = self.hidden(&table.hides);
                if let Some(traits) = self.lexicons.traits.get_mut(usize::from(id.0)) {
                    traits.hides = hides;
                    traits.tell_apart = table.tell_apart.as_ref().map(|name| name.value.as_str().into());
                }
                for entry in &table.entries {
                    self.entry(table, id, &types, entry);
                }
            }
        }
    }

    /// The types that a lexicon or a rule hides; nothing if it hides none.
    pub(super) fn hidden(&mut self, names: &[Name]) -> Option<Arc<[TypeId]>> {
        let types: Vec<TypeId> = names.iter().filter_map(|name| self.type_of(name, "list")).collect();
        (!types.is_empty()).then(|| types.into())
    }

    fn entry(&mut self, table: &LexiconTable, lexicon: LexiconId, types: &[TypeId], entry: &LexiconEntry) {
        let mut attributes = Record::new();
        let mut own: Vec<(TypeId, Record)> = types.iter().map(|ty| (*ty, Record::new())).collect();
        let (mut since, mut until) = (None, None);
        let given: &Attributes = &entry.attributes;
        let defaults = table.defaults.iter().filter(|(key, _)| !given.iter().any(|(k, _)| k.value == key.value));
        for (key, value) in given.iter().chain(defaults) {
            match key.value.as_str() {
                "since" => since = self.date(value, false),
                "until" => until = self.date(value, true),
                name => match name.split_once('.') {
                    Some((ty, field)) => {
                        let found = own.iter_mut().find(|(id, _)| *self.types[id.0 as usize].name == *ty);
                        match found {
                            Some((_, record)) => record.set(field, scalar_value(&value.value)),
                            None => self.error(
                                Code::UndefinedType,
                                &key.at,
                                format!("this lexicon makes no mentions of type `{ty}`"),
                            ),
                        }
                    }
                    None => attributes.set(name, scalar_value(&value.value)),
                },
            }
        }
        let canonical: Arc<str> = entry.canonical.value.as_str().into();
        let mentions = own
            .into_iter()
            .map(|(ty, mut record)| {
                for (name, value) in attributes.iter() {
                    if self.field_of(ty, name).is_some() {
                        record.set_if_absent(name.clone(), value.clone());
                    }
                }
                if self.field_of(ty, "name").is_some() {
                    record.set_if_absent("name", Value::Text(canonical.clone()));
                }
                (ty, Arc::new(record))
            })
            .collect();
        let id = EntryId(self.lexicons.entries.len() as u32);
        self.lexicons.entries.push(Entry { lexicon, canonical, attributes, since, until, mentions });
        for term in &entry.terms {
            self.phrase(table, lexicon, id, term);
        }
    }

    fn phrase(&mut self, table: &LexiconTable, lexicon: LexiconId, entry: EntryId, term: &Located<String>) {
        let tokens = self.tokenise(&term.value);
        if tokens.is_empty() {
            self.error(Code::NeverMatches, &term.at, format!("`{}` holds no word", term.value));
            return;
        }
        let mut variants = vec![tokens.clone()];
        match table.inflect {
            Inflect::None => {}
            Inflect::Verb => {
                if let Some((first, rest)) = tokens.split_first() {
                    for form in self.verb_forms(first) {
                        variants.push(std::iter::once(form).chain(rest.iter().cloned()).collect());
                    }
                }
            }
            Inflect::Noun => {
                if let Some((last, rest)) = tokens.split_last() {
                    for form in self.noun_forms(last) {
                        variants.push(rest.iter().cloned().chain(std::iter::once(form)).collect());
                    }
                }
            }
        }
        for words in variants {
            let written = words.join(" ");
            let has_capital = *fold(&written) != *written;
            let writing = match (table.case, has_capital) {
                (Case::Any, _) | (Case::Smart, false) => Writing::Any,
                (Case::Exact, _) => Writing::Exact(written.into()),
                (Case::Smart, true) => Writing::ExactOrUpper(written.into()),
            };
            let ids: Vec<_> = words.iter().map(|word| self.vocabulary.intern(word)).collect();
            self.lexicons.add_phrase(&ids, lexicon, entry, writing);
        }
    }

    /// A validity date: a year, a month or a day; the first or the last day of it.
    fn date(&mut self, value: &Located<Scalar>, end: bool) -> Option<Date> {
        let text = match &value.value {
            Scalar::Text(text) => text.clone(),
            Scalar::Integer(year) => format!("{year:04}"),
            _ => String::new(),
        };
        let parts: Vec<i16> = text.split('-').map_while(|part| part.parse().ok()).collect();
        let date = match parts.as_slice() {
            [year] if end => Date::new(*year, 12, 31).ok(),
            [year] => Date::new(*year, 1, 1).ok(),
            [year, month] => i8::try_from(*month)
                .ok()
                .and_then(|m| Date::new(*year, m, 1).ok())
                .map(|first| if end { first.last_of_month() } else { first }),
            [year, month, day] => {
                i8::try_from(*month).ok().zip(i8::try_from(*day).ok()).and_then(|(m, d)| Date::new(*year, m, d).ok())
            }
            _ => None,
        };
        if date.is_none() {
            self.error(
                Code::WrongType,
                &value.at,
                format!("`{text}` is no year, month or day (2004, 2004-03, 2004-03-09)"),
            );
        }
        date
    }
}
