//! Mends what a greedy parser often gets wrong, where the words around leave no doubt.

use super::classes::WordClass;
use super::parser::Tree;
use super::tags::{Label, Tag};

/// Mends the tags and the tree of a sentence.
pub fn repair(tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    let count = tree.heads.len().min(tags.len()).min(classes.len());
    for at in 1..count {
        reduced_relative(at, tags, tree, classes);
    }
    for at in 1..count {
        stolen_subject(at, tags, tree);
    }
}

fn is_finite(tag: Tag) -> bool {
    matches!(tag, Tag::VBD | Tag::VBZ | Tag::VBP)
}

fn has_child(tree: &Tree, head: usize, fits: impl Fn(Label) -> bool) -> bool {
    tree.heads.iter().zip(&tree.labels).any(|(h, label)| usize::from(*h) == head && fits(*label))
}

/// "tests carried out by X": a past form right behind a noun, with a by-phrase and neither subject nor object of its own,
/// is a participle of that noun.
fn reduced_relative(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    if !matches!(tags[at], Tag::VBD | Tag::VBN) || !tags[at - 1].is_noun() {
        return;
    }
    if has_child(tree, at, |label| matches!(label, Label::Obj | Label::Aux | Label::AuxPass | Label::Cop)) {
        return;
    }
    let subject = (0..at).find(|s| usize::from(tree.heads[*s]) == at && tree.labels[*s].is_subject());
    // The by-phrase: a preposition of agents among the next words, on a word that hangs on the verb.
    let by = (at + 1..tags.len().min(at + 4)).find(|b| classes[*b].has(WordClass::AGENT_PREPOSITION));
    let Some(by) = by else { return };
    let noun = usize::from(tree.heads[by]);
    if noun >= tags.len() || usize::from(tree.heads[noun]) != at {
        return;
    }
    if tree.labels[at] == Label::Acl {
        tags[at] = Tag::VBN;
        return;
    }
    if tree.labels[at] == Label::Root {
        return;
    }
    match subject {
        // "discussed the tests carried out by X" read as "discussed: the tests carried out": the noun is the object.
        Some(subject) if matches!(tree.labels[at], Label::Ccomp | Label::Xcomp) && tags[subject].is_noun() => {
            tree.heads[subject] = tree.heads[at];
            tree.labels[subject] = Label::Obj;
        }
        Some(_) => return,
        None if descends(tree, at - 1, at) => return,
        None => {}
    }
    tags[at] = Tag::VBN;
    tree.heads[at] = (at - 1) as u16;
    tree.labels[at] = Label::Acl;
    tree.labels[noun] = Label::OblAgent;
}

/// "... condemned the launches and Ban called on ...": a noun behind a conjunction that a finite verb without a subject
/// follows is that verb's subject, and the verb the conjunct.
fn stolen_subject(at: usize, tags: &[Tag], tree: &mut Tree) {
    let clausal = matches!(
        tree.labels[at],
        Label::Conj
            | Label::Advcl
            | Label::Acl
            | Label::AclRelcl
            | Label::Parataxis
            | Label::Ccomp
            | Label::Xcomp
            | Label::Dep
    );
    if !is_finite(tags[at]) || !clausal {
        return;
    }
    if has_child(tree, at, |label| label.is_subject() || label == Label::Cop || label == Label::AuxPass) {
        return;
    }
    // Back over adverbs and auxiliaries of the verb to the word before.
    let mut before = at - 1;
    while before > 0 && usize::from(tree.heads[before]) == at && !tags[before].is_noun() {
        before -= 1;
    }
    if !tags[before].is_noun() {
        return;
    }
    // The head of the noun phrase that ends there.
    let mut noun = before;
    for _ in 0..8 {
        let head = usize::from(tree.heads[noun]);
        let inside = matches!(tree.labels[noun], Label::Flat | Label::Compound | Label::Nmod | Label::Amod);
        if !inside || head >= tags.len() {
            break;
        }
        noun = head;
    }
    if tree.labels[noun] != Label::Conj || !tags[noun].is_noun() || descends(tree, noun, at) {
        return;
    }
    let conjunction = (0..noun).rev().take(8).find(|c| tags[*c] == Tag::CC && usize::from(tree.heads[*c]) == noun);
    let Some(conjunction) = conjunction else { return };
    // The verb that the first conjunct belongs to is what the second clause is joined to.
    let mut main = usize::from(tree.heads[noun]);
    for _ in 0..8 {
        if main >= tags.len() || tags[main].is_verb() {
            break;
        }
        main = usize::from(tree.heads[main]);
    }
    if main >= tags.len() || main == at || descends(tree, main, at) {
        return;
    }
    tree.heads[noun] = at as u16;
    tree.labels[noun] = Label::Nsubj;
    tree.heads[at] = main as u16;
    tree.labels[at] = Label::Conj;
    tree.heads[conjunction] = at as u16;
}

/// Whether `at` hangs on `top`, directly or not.
fn descends(tree: &Tree, at: usize, top: usize) -> bool {
    let mut at = at;
    for _ in 0..=tree.heads.len() {
        match tree.heads.get(at) {
            Some(head) if usize::from(*head) == top => return true,
            Some(head) => at = usize::from(*head),
            None => return false,
        }
    }
    false
}
