//! What is declared and never used.

use super::Compiler;
use crate::rules::diagnostic::{Code, Diagnostic};

/// Types that the engine itself looks for.
const BUILT_IN: &[&str] = &["Actor", "Place", "Time", "Count"];

impl Compiler<'_> {
    /// Reports lexicons that no pattern and no slot names and whose entries are no mentions, and types of mention that
    /// nothing takes.
    pub(super) fn check_unused(&mut self) {
        for table in self.packs.iter().flat_map(|pack| &pack.lexicons) {
            let used = self.lexicon_ids.get(&table.id.value).is_some_and(|id| self.used_lexicons.contains(id));
            if !used && table.entity.is_empty() {
                let message = format!("no rule uses the lexicon `{}`", table.id.value);
                self.diagnostics.push(Diagnostic::warning(Code::UnusedLexicon, table.id.at.clone(), message));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for table in self.packs.iter().flat_map(|pack| &pack.entities) {
            let Some(ty) = self.type_named(&table.makes.value) else { continue };
            let used = self.used_types.contains(&ty) || BUILT_IN.contains(&table.makes.value.as_str());
            if !used && seen.insert(ty) {
                let message = format!("no slot and no pattern takes mentions of type `{}`", table.makes.value);
                self.diagnostics.push(Diagnostic::warning(Code::UnusedType, table.id.at.clone(), message));
            }
        }
    }
}
