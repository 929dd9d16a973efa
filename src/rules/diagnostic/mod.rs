//! What is wrong with rules, said so that an author can mend it.

mod codes;
pub mod formats;
mod policy;

use std::cmp::Ordering;
use std::fmt;

use annotate_snippets::{AnnotationKind, Level as Severity, Renderer, Snippet};
use serde::Serialize;

pub use self::codes::{Code, explain};
pub use self::policy::Policy;
pub(super) use self::policy::{Allow, LevelChange, level_named};
use super::syntax::{FileId, Place};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The rules cannot go live.
    Error,
    /// The rules work, and are likely not what was meant.
    Warning,
}

/// A place that a diagnostic speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub place: Place,
    /// What is to be said of it; may be empty.
    pub text: String,
    /// The place where the problem is; the others help to see why.
    pub primary: bool,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub level: Level,
    pub message: String,
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A diagnostic for machines. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiagnosticRecord {
    pub code: String,
    pub level: Level,
    pub message: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Where the marked words end, exclusive.
    pub end_line: u32,
    pub end_column: u32,
    /// Other places that help to see why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<RelatedRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Another place that a diagnostic speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedRecord {
    pub text: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Diagnostic {
    /// A problem without a place yet.
    pub fn new(code: Code, level: Level, message: String) -> Self {
        Self { code, level, message, labels: Vec::new(), help: None }
    }

    /// An error at a place.
    pub fn error(code: Code, at: Place, message: String) -> Self {
        let mut own = Self::new(code, Level::Error, message);
        own.labels.push(Label { place: at.resolved(), text: String::new(), primary: true });
        own
    }

    /// A warning at a place.
    pub fn warning(code: Code, at: Place, message: String) -> Self {
        Self { level: Level::Warning, ..Self::error(code, at, message) }
    }

    /// The same with advice.
    pub fn with_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// The same with a second place.
    pub fn with_label(mut self, place: Place, text: &str) -> Self {
        self.labels.push(Label { place: place.resolved(), text: text.to_owned(), primary: false });
        self
    }

    /// The order of files and of places in them; errors before warnings at the same place.
    pub fn by_place(a: &Self, b: &Self) -> Ordering {
        let key = |d: &Self| d.labels.first().map(|l| (l.place.file, l.place.bytes.start));
        key(a).cmp(&key(b)).then(a.level.cmp(&b.level)).then(a.code.cmp(&b.code)).then(a.message.cmp(&b.message))
    }

    /// For machines.
    pub fn record(&self, sources: &Sources) -> DiagnosticRecord {
        let (file, line, column) = match self.labels.first() {
            Some(label) => sources.locate(&label.place),
            None => (String::new(), 0, 0),
        };
        let end = self.labels.first().map_or((0, 0), |label| {
            let bytes = label.place.bytes.end..label.place.bytes.end;
            let (_, line, column) = sources.locate(&Place { bytes, ..label.place.clone() });
            (line, column)
        });
        let related = self.labels.iter().skip(1).map(|label| {
            let (file, line, column) = sources.locate(&label.place);
            RelatedRecord { text: label.text.clone(), file, line, column }
        });
        DiagnosticRecord {
            code: self.code.name().to_owned(),
            level: self.level,
            message: self.message.clone(),
            file,
            line,
            column,
            end_line: end.0,
            end_column: end.1,
            related: related.collect(),
            help: self.help.clone(),
        }
    }

    /// For people, with the lines of the files and marks under them; `color` for a terminal.
    pub fn render(&self, sources: &Sources, color: bool) -> String {
        let level = match self.level {
            Level::Error => Severity::ERROR,
            Level::Warning => Severity::WARNING,
        };
        let mut group = level
            .primary_title(self.message.as_str())
            .id(self.code.name())
            .elements(Vec::<annotate_snippets::Message<'_>>::new());
        let mut files: Vec<FileId> = self.labels.iter().map(|label| label.place.file).collect();
        files.dedup();
        for file in files {
            let (name, text) = sources.file(file);
            let annotations = self.labels.iter().filter(|label| label.place.file == file).map(|label| {
                let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
                let annotation = kind.span(sources.clamp(&label.place));
                if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
            });
            group = group.element(Snippet::source(text).path(name).annotations(annotations.collect::<Vec<_>>()));
        }
        if let Some(help) = &self.help {
            group = group.element(Severity::HELP.message(help.as_str()));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if self.level == Level::Error { "error" } else { "warning" };
        write!(f, "{level}[{}]: {}", self.code.name(), self.message)
    }
}

/// The texts of all rule files.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
    /// For each file where its lines begin, from the second on: places are asked for by the thousand.
    lines: Vec<Vec<usize>>,
}

impl Sources {
    /// Keeps a file and gives its number.
    pub fn add(&mut self, name: String, text: String) -> FileId {
        let lines = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        self.files.push((name, text));
        self.lines.push(lines);
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of a name.
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|(own, _)| own == name).map(|index| FileId(index as u32))
    }

    /// Name and text of a file.
    pub fn file(&self, id: FileId) -> (&str, &str) {
        self.files.get(id.0 as usize).map_or(("", ""), |(name, text)| (name.as_str(), text.as_str()))
    }

    /// File, line and column of a place.
    pub fn locate(&self, place: &Place) -> (String, u32, u32) {
        let (name, text) = self.file(place.file);
        let at = self.clamp(place).start;
        let starts = self.lines.get(place.file.0 as usize).map(Vec::as_slice).unwrap_or_default();
        let above = starts.partition_point(|start| *start <= at);
        let start = above.checked_sub(1).and_then(|last| starts.get(last)).copied().unwrap_or(0);
        let column = text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        (name.to_owned(), above as u32 + 1, column as u32)
    }

    /// The bytes of a place, on character boundaries inside the file.
    fn clamp(&self, place: &Place) -> std::ops::Range<usize> {
        let (_, text) = self.file(place.file);
        let fit = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = fit(place.bytes.start);
        start..fit(place.bytes.end).max(start)
    }
}

/// The known word that was most likely meant, if one is near enough.
pub fn suggest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(near, _)| *near > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}
