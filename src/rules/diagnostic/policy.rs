//! What packs say about warnings: which are errors for them, which are off, and which a rule may give.

use super::{Code, Diagnostic, Level};
use crate::rules::syntax::{FileId, Name, Place};

/// `levels.W-NO-LITERAL = "error"` in a manifest.
#[derive(Clone, Debug)]
pub(crate) struct LevelChange {
    pub code: Code,
    /// None: not reported.
    pub level: Option<Level>,
}

/// `allow.W-NO-LITERAL = "why"` in a rule or a manifest.
#[derive(Clone, Debug)]
pub(crate) struct Allow {
    pub code: Code,
    /// Where the code stands.
    pub at: Place,
    /// The tables and files that it is for; the whole pack if empty.
    pub scope: Vec<Place>,
}

/// What one pack says.
#[derive(Clone, Debug, Default)]
struct Own {
    files: Vec<FileId>,
    levels: Vec<LevelChange>,
    allows: Vec<Allow>,
}

/// Levels and suppressions of all packs.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    packs: Vec<Own>,
}

impl Policy {
    /// Adds what a pack says.
    pub(crate) fn add(&mut self, files: Vec<FileId>, levels: Vec<LevelChange>, allows: Vec<Allow>) {
        self.packs.push(Own { files, levels, allows });
    }

    /// Applies what packs say about their own warnings, and reports suppressions that suppressed nothing. `tested` says
    /// whether the problems are those of a run of tests or those of loading; each kind is judged by itself.
    pub fn apply(&self, problems: &mut Vec<Diagnostic>, tested: bool) {
        let mut used: Vec<Vec<bool>> = self.packs.iter().map(|own| vec![false; own.allows.len()]).collect();
        problems.retain_mut(|problem| {
            let Some(place) = problem.labels.first().map(|label| label.place.clone()) else { return true };
            let Some(index) = self.packs.iter().position(|own| own.files.contains(&place.file)) else { return true };
            let (Some(own), true) = (self.packs.get(index), problem.code.is_warning()) else { return true };
            let allowed = own.allows.iter().position(|allow| allow.code == problem.code && allow.holds(&place));
            if let Some(allowed) = allowed {
                if let Some(used) = used.get_mut(index).and_then(|used| used.get_mut(allowed)) {
                    *used = true;
                }
                return false;
            }
            match own.levels.iter().find(|change| change.code == problem.code) {
                Some(LevelChange { level: None, .. }) => return false,
                Some(LevelChange { level: Some(level), .. }) => problem.level = *level,
                None => {}
            }
            true
        });
        for (own, used) in self.packs.iter().zip(used) {
            for (allow, _) in
                own.allows.iter().zip(used).filter(|(allow, used)| !used && allow.code.is_of_tests() == tested)
            {
                let message = format!("nothing here gives {}: the suppression can go", allow.code.name());
                problems.push(Diagnostic::warning(Code::UnusedAllow, allow.at.clone(), message));
            }
        }
    }
}

impl Allow {
    fn holds(&self, place: &Place) -> bool {
        let inside = |scope: &Place| {
            scope.file == place.file && scope.bytes.start <= place.bytes.start && place.bytes.start <= scope.bytes.end
        };
        self.scope.is_empty() || self.scope.iter().any(inside)
    }
}

/// The level that a manifest names; nothing for "off".
pub(in crate::rules) fn level_named(name: &Name) -> Option<Option<Level>> {
    match name.value.as_str() {
        "error" => Some(Some(Level::Error)),
        "warning" => Some(Some(Level::Warning)),
        "off" => Some(None),
        _ => None,
    }
}
