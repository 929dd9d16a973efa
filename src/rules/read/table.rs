//! A strict reader of one TOML table: it knows which keys were asked for and reports all others.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::rules::diagnostic::{Code, Diagnostic, Sources, suggest};
use crate::rules::pattern::Pattern;
use crate::rules::syntax::{Attributes, FileId, Located, Name, Place, Scalar};

/// A TOML value with its place.
pub(super) type Item<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// One file being read, and what was found wrong in it.
pub(super) struct File<'d> {
    pub id: FileId,
    pub sources: &'d Sources,
    pub problems: &'d mut Vec<Diagnostic>,
}

impl File<'_> {
    pub fn place(&self, bytes: Range<usize>) -> Place {
        Place { file: self.id, bytes }
    }

    pub fn error(&mut self, code: Code, bytes: Range<usize>, message: String, help: Option<String>) {
        let at = self.place(bytes);
        self.problems.push(Diagnostic::error(code, at, message).with_help(help));
    }

    fn wrong_type(&mut self, item: Item<'_, '_>, key: &str, expected: &str) {
        let message = format!("`{key}` takes {expected}, not {}", kind_of(item.get_ref()));
        self.error(Code::WrongType, item.span(), message, None);
    }

    /// A string.
    pub fn string(&mut self, item: Item<'_, '_>, key: &str) -> Option<Name> {
        match item.get_ref() {
            DeValue::String(text) => Some(Located { value: text.to_string(), at: self.place(item.span()) }),
            _ => {
                self.wrong_type(item, key, "a string");
                None
            }
        }
    }

    /// A string or a list of strings.
    pub fn strings(&mut self, item: Item<'_, '_>, key: &str) -> Vec<Name> {
        match item.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.string(item, key)).collect(),
            DeValue::String(_) => self.string(item, key).into_iter().collect(),
            _ => {
                self.wrong_type(item, key, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    pub fn integer(&mut self, item: Item<'_, '_>, key: &str) -> Option<i64> {
        match self.scalar(item, key)?.value {
            Scalar::Integer(number) => Some(number),
            _ => {
                self.wrong_type(item, key, "a whole number");
                None
            }
        }
    }

    pub fn boolean(&mut self, item: Item<'_, '_>, key: &str) -> Option<bool> {
        match item.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            _ => {
                self.wrong_type(item, key, "true or false");
                None
            }
        }
    }

    /// A string, a number, a truth value; a date is the string that it is written as.
    pub fn scalar(&mut self, item: Item<'_, '_>, key: &str) -> Option<Located<Scalar>> {
        let value = match item.get_ref() {
            DeValue::String(text) => Scalar::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Scalar::Integer(number),
                Err(_) => {
                    self.wrong_type(item, key, "a number of 64 bits");
                    return None;
                }
            },
            DeValue::Float(number) => Scalar::Float(number.as_str().parse().ok()?),
            DeValue::Boolean(truth) => Scalar::Bool(*truth),
            DeValue::Datetime(date) => Scalar::Text(date.to_string()),
            _ => {
                self.wrong_type(item, key, "a string, a number, or true or false");
                return None;
            }
        };
        Some(Located { value, at: self.place(item.span()) })
    }

    /// A pattern or a list of patterns, which are alternatives.
    pub fn pattern(&mut self, item: Item<'_, '_>, key: &str) -> Option<Located<Pattern>> {
        let mut patterns = Vec::new();
        let mut failed = false;
        for text in self.strings(item, key) {
            match Pattern::parse(&text.value) {
                Ok(pattern) => patterns.push((pattern, self.content_start(&text.at.bytes))),
                Err(problems) => {
                    failed = true;
                    let start = self.content_start(&text.at.bytes);
                    for problem in problems {
                        let from = start + problem.at.start;
                        let to = (start + problem.at.end).clamp(from, text.at.bytes.end.max(from));
                        self.error(problem.code, from..to, problem.message, problem.help);
                    }
                }
            }
        }
        if failed {
            return None;
        }
        if patterns.is_empty() {
            self.error(Code::MissingKey, item.span(), format!("`{key}` has no pattern"), None);
            return None;
        }
        Some(Located { value: Pattern::join(patterns), at: self.place(item.span()) })
    }

    /// Each pattern of a list apart.
    pub fn patterns(&mut self, item: Item<'_, '_>, key: &str) -> Vec<Located<Pattern>> {
        match item.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.pattern(item, key)).collect(),
            _ => self.pattern(item, key).into_iter().collect(),
        }
    }

    /// First byte inside the quotes of a string. Escapes are not followed: patterns stand in literal strings.
    fn content_start(&self, bytes: &Range<usize>) -> usize {
        let place = self.place(bytes.clone()).resolved();
        let raw = self.sources.file(place.file).1.get(place.bytes).unwrap_or_default();
        let quotes = if raw.starts_with("'''") || raw.starts_with("\"\"\"") { 3 } else { 1 };
        let newline = match raw.get(quotes..) {
            Some(rest) if quotes == 3 && rest.starts_with("\r\n") => 2,
            Some(rest) if quotes == 3 && rest.starts_with('\n') => 1,
            _ => 0,
        };
        bytes.start + quotes + newline
    }
}

#[cfg(test)]
thread_local! {
    /// The keys that every table was asked for, by its name.
    pub(super) static ASKED: std::cell::RefCell<Vec<(String, Vec<&'static str>)>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// What people call the type of a value.
fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A table, and the keys that were asked for.
pub(super) struct Table<'t, 'i, 'f, 'd> {
    pub file: &'f mut File<'d>,
    table: &'t DeTable<'i>,
    /// What the table is called in messages: `event.weapon_launch`.
    name: String,
    at: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'t, 'i, 'f, 'd> Table<'t, 'i, 'f, 'd> {
    /// Begins to read a table; nothing if the value is none.
    pub fn new(file: &'f mut File<'d>, name: String, key: Range<usize>, item: Item<'t, 'i>) -> Option<Self> {
        match item.get_ref() {
            DeValue::Table(table) => Some(Self { file, table, name, at: key, asked: Vec::new() }),
            _ => {
                file.wrong_type(item, &name, "a table");
                None
            }
        }
    }

    /// A value that may be absent.
    pub fn get(&mut self, key: &'static str) -> Option<Item<'t, 'i>> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// A value that must be there.
    pub fn need(&mut self, key: &'static str) -> Option<Item<'t, 'i>> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("`{}` has no `{key}`", self.name);
            self.file.error(Code::MissingKey, self.at.clone(), message, None);
        }
        found
    }

    pub fn string(&mut self, key: &'static str) -> Option<Name> {
        let item = self.get(key)?;
        self.file.string(item, key)
    }

    pub fn need_string(&mut self, key: &'static str) -> Option<Name> {
        let item = self.need(key)?;
        self.file.string(item, key)
    }

    /// Free text, empty if absent.
    pub fn text(&mut self, key: &'static str) -> String {
        self.string(key).map(|text| text.value).unwrap_or_default()
    }

    pub fn strings(&mut self, key: &'static str) -> Vec<Name> {
        match self.get(key) {
            Some(item) => self.file.strings(item, key),
            None => Vec::new(),
        }
    }

    /// Strings of a key that somebody else will ask for and judge.
    pub fn peek_strings(&self, key: &str) -> Vec<String> {
        match self.table.get(key).map(|item| item.get_ref()) {
            Some(DeValue::String(text)) => vec![text.to_string()],
            Some(DeValue::Array(items)) => {
                items.iter().filter_map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub fn integer(&mut self, key: &'static str) -> Option<i64> {
        let item = self.get(key)?;
        self.file.integer(item, key)
    }

    /// A whole number from 0.
    pub fn count(&mut self, key: &'static str) -> Option<u32> {
        let item = self.get(key)?;
        let number = self.file.integer(item, key)?;
        match u32::try_from(number) {
            Ok(number) => Some(number),
            Err(_) => {
                self.file.error(Code::WrongType, item.span(), format!("`{key}` counts from 0"), None);
                None
            }
        }
    }

    pub fn priority(&mut self) -> i32 {
        self.integer("priority").and_then(|number| i32::try_from(number).ok()).unwrap_or(0)
    }

    pub fn boolean(&mut self, key: &'static str) -> bool {
        match self.get(key) {
            Some(item) => self.file.boolean(item, key).unwrap_or(false),
            None => false,
        }
    }

    pub fn pattern(&mut self, key: &'static str) -> Option<Located<Pattern>> {
        let item = self.get(key)?;
        self.file.pattern(item, key)
    }

    pub fn need_pattern(&mut self, key: &'static str) -> Option<Located<Pattern>> {
        let item = self.need(key)?;
        self.file.pattern(item, key)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, known: &[(&str, T)]) -> Option<T> {
        let name = self.string(key)?;
        let found = known.iter().find(|(word, _)| *word == name.value).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            let help = suggest(&name.value, words.iter().copied()).map(|word| format!("did you mean `{word}`?"));
            let message = format!("`{}` is not one of these: {}", name.value, words.join(", "));
            self.file.error(Code::WrongType, name.at.bytes, message, help);
        }
        found
    }

    /// The entries of a sub-table, in the order of the file.
    pub fn entries(&mut self, key: &'static str) -> Vec<(Name, Item<'t, 'i>)> {
        match self.get(key) {
            Some(item) => self.entries_of(item, key),
            None => Vec::new(),
        }
    }

    /// `allow.W-NO-LITERAL = "why"`: the codes that the table may give, with the place of each.
    pub fn allows(&mut self) -> Vec<(Code, Place)> {
        let mut out = Vec::new();
        for (name, item) in self.entries("allow") {
            let reason = self.file.string(item, &name.value);
            if reason.is_some_and(|reason| reason.value.trim().is_empty()) {
                let message = format!("`{}` is allowed without a reason", name.value);
                self.file.error(Code::MissingKey, item.span(), message, Some("say why it is right here".to_owned()));
            }
            out.extend(self.code(&name).map(|code| (code, name.at)));
        }
        out
    }

    /// The warning that a key names; errors cannot be allowed or changed.
    pub fn code(&mut self, name: &Name) -> Option<Code> {
        let found = Code::from_name(&name.value);
        if found.is_some_and(Code::is_warning) {
            return found;
        }
        let (message, help) = match found {
            Some(_) => (format!("`{}` is an error and stays one", name.value), None),
            None => {
                let known = Code::ALL.iter().filter(|code| code.is_warning()).map(|code| code.name());
                let help = suggest(&name.value, known).map(|word| format!("did you mean `{word}`?"));
                (format!("there is no code `{}`", name.value), help)
            }
        };
        self.file.error(Code::UnknownCode, name.at.bytes.clone(), message, help);
        None
    }

    /// The entries of any table, in the order of the file.
    pub fn entries_of(&mut self, item: Item<'t, 'i>, key: &str) -> Vec<(Name, Item<'t, 'i>)> {
        match item.get_ref() {
            DeValue::Table(table) => in_order(self.file, table),
            _ => {
                self.file.wrong_type(item, key, "a table");
                Vec::new()
            }
        }
    }

    /// All entries of the table itself, in the order of the file.
    pub fn all(&mut self) -> Vec<(Name, Item<'t, 'i>)> {
        in_order(self.file, self.table)
    }

    /// A sub-table of scalars (`set.kind = "X"`).
    pub fn attributes(&mut self, key: &'static str) -> Attributes {
        let entries = self.entries(key);
        entries
            .into_iter()
            .filter_map(|(name, item)| Some((name.clone(), self.file.scalar(item, &name.value)?)))
            .collect()
    }

    /// A sub-table of lists of scalars (`only.kind = ["A", "B"]`).
    pub fn restrictions(&mut self, key: &'static str) -> Vec<(Name, Vec<Located<Scalar>>)> {
        let entries = self.entries(key);
        entries
            .into_iter()
            .map(|(name, item)| {
                let values = match item.get_ref() {
                    DeValue::Array(items) => {
                        items.iter().filter_map(|item| self.file.scalar(item, &name.value)).collect()
                    }
                    _ => self.file.scalar(item, &name.value).into_iter().collect(),
                };
                (name, values)
            })
            .collect()
    }

    /// The tables of a list (`[[event.x.test]]`).
    pub fn list(&mut self, key: &'static str) -> Vec<Item<'t, 'i>> {
        match self.get(key).map(|item| (item, item.get_ref())) {
            Some((_, DeValue::Array(items))) => items.iter().collect(),
            Some((item, _)) => {
                self.file.wrong_type(item, key, "a list of tables");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Reports the keys that nobody asked for. `elsewhere` are keys of the table above, which stand here by mistake
    /// when they were written below this table's header.
    pub fn finish(self, elsewhere: &[&str]) {
        #[cfg(test)]
        ASKED.with_borrow_mut(|asked| asked.push((self.name.clone(), self.asked.clone())));
        for (key, item) in in_order(self.file, self.table) {
            if self.asked.contains(&key.value.as_str()) {
                continue;
            }
            let message = format!("`{}` has no key `{}`", self.name, key.value);
            let help = if elsewhere.contains(&key.value.as_str()) {
                let above = self.name.rsplit_once('.').map_or("the table above", |(above, _)| above);
                Some(format!("it belongs to `[{above}]`: write it above the header of this table"))
            } else {
                suggest(&key.value, self.asked.iter().copied())
                    .map(|word| format!("did you mean `{word}`?"))
                    .or_else(|| Some(format!("its keys are {}", self.asked.join(", "))))
            };
            let end = item.span().end.min(key.at.bytes.end.max(key.at.bytes.start + 1));
            self.file.error(Code::UnknownKey, key.at.bytes.start..end, message, help);
        }
    }
}

/// The entries of a table by their place in the file.
pub(super) fn in_order<'t, 'i>(file: &File<'_>, table: &'t DeTable<'i>) -> Vec<(Name, Item<'t, 'i>)> {
    let mut entries: Vec<(Name, Item<'t, 'i>)> = table
        .iter()
        .map(|(key, item)| (Located { value: key.get_ref().to_string(), at: file.place(key.span()) }, item))
        .collect();
    entries.sort_by_key(|(name, _)| name.at.bytes.start);
    entries
}

/// All bytes of a table, from its key to its last value; tables under it that stand elsewhere in the file count too.
pub(super) fn extent(key: &Name, item: Item<'_, '_>) -> Range<usize> {
    fn widen(item: Item<'_, '_>, out: &mut Range<usize>) {
        let own = item.span();
        // What an override put here stands in another file.
        if !Place::is_foreign(&own) {
            *out = out.start.min(own.start)..out.end.max(own.end);
        }
        match item.get_ref() {
            DeValue::Table(table) => table.iter().for_each(|(_, item)| widen(item, out)),
            DeValue::Array(items) => items.iter().for_each(|item| widen(item, out)),
            _ => {}
        }
    }
    let mut out = key.at.bytes.clone();
    widen(item, &mut out);
    out
}
