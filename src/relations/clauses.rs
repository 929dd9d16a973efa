//! A parsed sentence: its words, phrases and clauses. All positions are indices into the sentence's own tokens.
//!
//! Whom a predicate binds is in [`super::arguments`], what frames it in [`super::frames`].

use std::ops::Range;

use super::classes::WordClass;
use super::parser::Tree;
use super::tags::{Label, Tag};

/// Deepest chain of clauses that is followed.
pub(super) const DEPTH: usize = 8;

/// A parsed sentence.
#[derive(Clone, Copy, Debug)]
pub struct Clauses<'a> {
    tags: &'a [Tag],
    tree: &'a Tree,
    classes: &'a [WordClass],
    /// The heads of the clauses that the words stand in, where they were found before.
    clause_heads: &'a [u16],
}

impl<'a> Clauses<'a> {
    /// A sentence with the classes of its words.
    pub fn new(tags: &'a [Tag], tree: &'a Tree, classes: &'a [WordClass]) -> Self {
        Self { tags, tree, classes, clause_heads: &[] }
    }

    /// The same with what [`Self::clause_heads`] found of it.
    pub fn with_clause_heads(self, clause_heads: &'a [u16]) -> Self {
        Self { clause_heads, ..self }
    }

    /// The head of the clause of each word: it is asked for far more often than there are words.
    pub fn clause_heads(&self) -> Vec<u16> {
        (0..self.len()).map(|at| self.find_clause_head(at) as u16).collect()
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.tree.heads.len()
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.tree.heads.is_empty()
    }

    /// The tag of a token.
    pub fn tag(&self, at: usize) -> Option<Tag> {
        self.tags.get(at).copied()
    }

    /// The head of a token; none for the root.
    pub fn head(&self, at: usize) -> Option<usize> {
        self.tree.heads.get(at).map(|head| usize::from(*head)).filter(|head| *head < self.len())
    }

    /// The relation of a token to its head.
    pub fn label(&self, at: usize) -> Label {
        self.tree.labels.get(at).copied().unwrap_or(Label::Dep)
    }

    /// Whether a token has a class.
    pub fn is(&self, at: usize, class: WordClass) -> bool {
        self.classes.get(at).is_some_and(|own| own.has(class))
    }

    /// The children of a token, in order.
    pub fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        self.tree.heads.iter().enumerate().filter(move |(_, head)| usize::from(**head) == at).map(|(child, _)| child)
    }

    pub(super) fn child(&self, at: usize, label: Label) -> Option<usize> {
        self.children(at).find(|child| self.label(*child) == label)
    }

    /// The word of a range that all others of it hang on: the first whose head lies outside.
    pub fn head_of(&self, range: Range<usize>) -> usize {
        let outside = |at: &usize| self.head(*at).is_none_or(|head| !range.contains(&head));
        let content = |at: &usize| !matches!(self.label(*at), Label::Punct | Label::Case | Label::Det | Label::Cc);
        let mut roots = range.clone().filter(|at| outside(at) && content(at));
        roots.next().or_else(|| range.clone().find(outside)).unwrap_or(range.start)
    }

    /// Whether `at` hangs on `top`, directly or not, or is it.
    pub fn under(&self, mut at: usize, top: usize) -> bool {
        for _ in 0..=self.len() {
            if at == top {
                return true;
            }
            match self.head(at) {
                Some(head) => at = head,
                None => return false,
            }
        }
        false
    }

    /// The words of a noun phrase around its head, contiguous. `full`: with what follows it (of-phrases, clauses);
    /// else up to the head.
    pub fn phrase(&self, head: usize, full: bool) -> Range<usize> {
        let (mut start, mut end) = (head, head + 1);
        let belongs = |at: usize| {
            let mut at = at;
            for _ in 0..=self.len() {
                if at == head {
                    return true;
                }
                let label = self.label(at);
                let excluded = matches!(label, Label::Parataxis | Label::Punct)
                    || (!full && matches!(label, Label::AclRelcl | Label::Acl | Label::Appos | Label::Conj));
                match self.head(at) {
                    Some(up) if !excluded || (full && label == Label::Punct) => at = up,
                    _ => return false,
                }
            }
            false
        };
        while start > 0
            && belongs(start - 1)
            && (self.label(start - 1) != Label::Case || self.tag(start - 1) == Some(Tag::POS))
        {
            start -= 1;
        }
        while end < self.len() && (full || matches!(self.label(end), Label::Flat | Label::Nummod)) && belongs(end) {
            end += 1;
        }
        while end > head + 1 && self.label(end - 1) == Label::Punct {
            end -= 1;
        }
        start..end
    }

    /// First and last word of all that hangs on a word.
    pub fn span(&self, top: usize) -> Range<usize> {
        let (mut start, mut end) = (top, top + 1);
        for at in 0..self.len() {
            if self.under(at, top) {
                start = start.min(at);
                end = end.max(at + 1);
            }
        }
        start..end
    }

    /// The head of the clause that a word stands in.
    pub fn clause_head(&self, at: usize) -> usize {
        self.clause_heads.get(at).map_or_else(|| self.find_clause_head(at), |head| usize::from(*head))
    }

    fn find_clause_head(&self, mut at: usize) -> usize {
        for _ in 0..=self.len() {
            let label = self.label(at);
            let clausal = matches!(
                label,
                Label::Root | Label::Ccomp | Label::Advcl | Label::AclRelcl | Label::Parataxis | Label::Csubj
            ) || (label == Label::Conj
                && self.is_verb(at)
                && self.children(at).any(|c| self.label(c).is_subject()));
            match self.head(at) {
                Some(head) if !clausal => at = head,
                _ => return at,
            }
        }
        at
    }

    /// The words of the clause that a word stands in, without the clauses inside it that have subjects of their own.
    pub fn in_clause(&self, at: usize, other: usize) -> bool {
        self.clause_head(at) == self.clause_head(other)
    }

    pub(super) fn is_verb(&self, at: usize) -> bool {
        self.tag(at).is_some_and(Tag::is_verb)
    }

    pub(super) fn is_noun(&self, at: usize) -> bool {
        self.tag(at).is_some_and(Tag::is_noun)
    }

    /// Whether a verb is passive.
    pub fn is_passive(&self, verb: usize) -> bool {
        if self.children(verb).any(|c| matches!(self.label(c), Label::AuxPass | Label::NsubjPass)) {
            return true;
        }
        // "got arrested"
        let above = self.head(verb).filter(|_| matches!(self.label(verb), Label::Xcomp | Label::Ccomp));
        if self.tag(verb) == Some(Tag::VBN) && above.is_some_and(|up| self.is(up, WordClass::PASSIVE_VERB)) {
            return true;
        }
        if self.tag(verb) != Some(Tag::VBN) || self.children(verb).any(|c| self.label(c) == Label::Aux) {
            return false;
        }
        match self.label(verb) {
            Label::Acl => true,
            Label::Conj => {
                let own = self.children(verb).any(|c| self.label(c).is_subject() || self.label(c) == Label::Obj);
                !own && self.head(verb).is_some_and(|head| self.is_verb(head) && self.is_passive(head))
            }
            Label::Advcl => !self.children(verb).any(|c| self.label(c) == Label::Obj),
            _ => false,
        }
    }

    /// The word that a relative pronoun stands for; other words stand for themselves.
    pub(super) fn resolved(&self, at: usize) -> (usize, bool) {
        if matches!(self.tag(at), Some(Tag::WDT | Tag::WP))
            || (self.tag(at) == Some(Tag::IN) && self.label(at).is_subject())
        {
            let mut clause = self.head(at);
            for _ in 0..DEPTH {
                let Some(verb) = clause else { break };
                match self.label(verb) {
                    Label::AclRelcl => return (self.head(verb).unwrap_or(at), true),
                    Label::Conj | Label::Xcomp | Label::Ccomp => clause = self.head(verb),
                    _ => break,
                }
            }
        }
        (at, false)
    }

    pub(super) fn preposition(&self, at: usize) -> Option<usize> {
        self.children(at).filter(|c| self.label(*c) == Label::Case && *c < at).last()
    }

    pub(super) fn first_preposition(&self, at: usize) -> Option<usize> {
        self.child(at, Label::Case).filter(|c| *c < at)
    }
}
