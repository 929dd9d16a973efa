//! Two clauses that the parser took for one: whose subject and whose object a noun between two verbs is.

use super::{descends, has_child, phrase_head};
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "... condemned the launches and Ban called on ...": a noun behind a conjunction that a finite verb without a subject
/// follows is that verb's subject, and the verb the conjunct.
pub(super) fn stolen_subject(at: usize, tags: &[Tag], tree: &mut Tree) {
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
    if !tags[at].is_finite() || !clausal {
        return;
    }
    if has_child(tree, at, |label| label.is_subject() || label == Label::Cop || label == Label::AuxPass) {
        return;
    }
    // Back over adverbs and auxiliaries of the verb, and over a relative clause, to the word before.
    let mut before = at - 1;
    while before > 0 && usize::from(tree.heads[before]) == at && !tags[before].is_noun() {
        before -= 1;
    }
    before = noun_of_relative(at, tags).unwrap_or(before);
    if !tags[before].is_noun() {
        return;
    }
    let noun = phrase_head(before, tags, tree);
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

/// "denounced the coup and Lula asked ...": of two nouns with a conjunction between them and a finite verb behind, which the
/// parser took for the subjects of that verb, the first is the object of the verb before it.
pub(super) fn object_and_subject(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let clausal =
        |label: Label| matches!(label, Label::Ccomp | Label::Advcl | Label::Conj | Label::Parataxis | Label::Dep);
    if verb >= tags.len() || at > verb || !tree.labels[at].is_subject() || !tags[at].is_noun() {
        return;
    }
    let above = usize::from(tree.heads[verb]);
    let takes = above < at
        && clausal(tree.labels[verb])
        && tags[verb].is_finite()
        && tags[above].is_verb()
        && !classes[above].has(WordClass::REPORT_VERB)
        && !classes[above].has(WordClass::CLAUSE_VERB)
        && !has_child(tree, above, |label| matches!(label, Label::Obj | Label::AuxPass | Label::Cop))
        && !has_child(tree, verb, |label| matches!(label, Label::Mark | Label::Aux | Label::AuxPass | Label::Cop));
    // The phrase stands right behind the verb before it.
    let begin = (above + 1..at).find(|c| descends(tree, *c, at)).unwrap_or(at);
    if !takes || begin != above + 1 || tags[at + 1..verb].contains(&Tag::COMMA) {
        return;
    }
    let conjunct =
        |c: &usize| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Conj && tags[*c].is_noun();
    let Some(first) = (at + 1..verb).find(conjunct) else { return };
    let own = |c: &usize| usize::from(tree.heads[*c]) == first && tags[*c] == Tag::CC;
    let Some(and) = (at + 1..first).find(own) else { return };
    // "its director Irene Khan": the parser took the name alone for the subject.
    let named = |c: &usize| usize::from(tree.heads[*c]) == verb && tree.labels[*c].is_subject();
    let subject = (first + 1..verb).find(named).unwrap_or(first);
    if subject != first {
        if !(tags[subject].is_name() && (first + 1..subject).all(|c| descends(tree, c, subject))) {
            return;
        }
        (tree.heads[first], tree.labels[first]) = (subject as u16, Label::Compound);
    }
    // Two names may do it together: "fears Iran and Syria support".
    if tags[at].is_name() && !has_child(tree, at, |label| matches!(label, Label::Det | Label::NmodPoss)) {
        return;
    }
    (tree.heads[at], tree.labels[at]) = (above as u16, Label::Obj);
    (tree.heads[subject], tree.labels[subject]) = (verb as u16, Label::Nsubj);
    (tree.heads[verb], tree.labels[verb]) = (above as u16, Label::Conj);
    (tree.heads[and], tree.labels[and]) = (verb as u16, Label::Cc);
}

/// The noun before a relative clause that ends with the comma before `end`: "the governor, who saw it, [ordered]".
fn noun_of_relative(end: usize, tags: &[Tag]) -> Option<usize> {
    let comma = end.checked_sub(1).filter(|comma| tags[*comma] == Tag::COMMA)?;
    let pronoun = (2..comma).rev().take(12).find(|at| matches!(tags[*at], Tag::WP | Tag::WDT))?;
    (tags[pronoun - 1] == Tag::COMMA).then_some(pronoun - 2)
}

/// "A raid by soldiers on a camp left six people dead", "A clash between rebels and troops killed six": where a noun heads the
/// whole sentence, a past form with an object somewhere under it is what the noun does.
pub(super) fn verb_of_root(at: usize, tags: &[Tag], tree: &mut Tree) {
    let bare = |label: Label| label.is_subject() || matches!(label, Label::Aux | Label::AuxPass | Label::Cop);
    if tags[at] != Tag::VBD || !matches!(tree.labels[at], Label::Acl | Label::AclRelcl) {
        return;
    }
    // What the parser took for its subject is the last of a list.
    let bearer = usize::from(tree.heads[at]);
    let own = (0..at).find(|c| usize::from(tree.heads[*c]) == at && bare(tree.labels[*c]));
    let listed = |own: usize| {
        tags[own].is_noun()
            && tree.labels[own] == Label::Nsubj
            && tags.get(bearer + 1) == Some(&Tag::CC)
            && (bearer + 2..own).all(|c| descends(tree, c, own))
    };
    if own.is_some_and(|own| !listed(own)) {
        return;
    }
    if !has_child(tree, at, |label| matches!(label, Label::Obj | Label::Ccomp)) {
        return;
    }
    let mut noun = at;
    for _ in 0..at {
        if usize::from(tree.heads[noun]) >= tags.len() {
            break;
        }
        noun = usize::from(tree.heads[noun]);
        if noun > at || !tags[noun].is_noun() {
            return;
        }
    }
    if tree.labels[noun] != Label::Root || has_child(tree, noun, bare) {
        return;
    }
    if let Some(own) = own {
        (tree.heads[own], tree.labels[own]) = (bearer as u16, Label::Conj);
    }
    (tree.heads[at], tree.labels[at]) = (tree.heads[noun], Label::Root);
    (tree.heads[noun], tree.labels[noun]) = (at as u16, Label::Nsubj);
    for head in tree.heads.iter_mut().skip(at + 1).filter(|head| usize::from(**head) == noun) {
        *head = at as u16;
    }
}

/// "killed a judge and a bomb wounded two": a past form with an object right behind a noun that a conjunction begins is what
/// that noun does.
pub(super) fn clause_behind_and(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    let noun = at - 1;
    let participle = matches!(tags[at], Tag::VBD | Tag::VBN) && tree.labels[at] == Label::Acl;
    if !participle || usize::from(tree.heads[at]) != noun || classes[at].has(WordClass::NAMING_VERB) {
        return;
    }
    let object = |c: &usize| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Obj;
    let begin = (0..=noun).rev().take_while(|c| *c == noun || descends(tree, *c, noun)).last().unwrap_or(noun);
    let joined = begin.checked_sub(1).filter(|and| tags[*and] == Tag::CC && descends(tree, noun, *and));
    let Some(and) = joined.filter(|_| (at + 1..tags.len()).any(|c| object(&c))) else { return };
    let apart = |verb: &usize| ![at, noun, and].iter().any(|top| descends(tree, *verb, *top));
    let Some(verb) = (0..and).rev().find(|verb| tags[*verb].is_verb() && apart(verb)) else { return };
    tags[at] = Tag::VBD;
    (tree.heads[at], tree.labels[at]) = (verb as u16, Label::Conj);
    (tree.heads[noun], tree.labels[noun]) = (at as u16, Label::Nsubj);
    (tree.heads[and], tree.labels[and]) = (at as u16, Label::Cc);
}

/// "..., said the minister": behind the words that were said the subject of the verb follows it.
pub(super) fn speaker_behind(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let mark = matches!(tags[at - 1], Tag::COMMA | Tag::CLOSE | Tag::OPEN);
    if !mark || !tags[at].is_finite() || !classes[at].has(WordClass::REPORT_VERB) {
        return;
    }
    if has_child(tree, at, |label| label.is_subject() || matches!(label, Label::Ccomp | Label::Aux)) {
        return;
    }
    let object = (at + 1..tags.len()).find(|c| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Obj);
    let Some(object) = object.filter(|object| tags[*object].is_noun() && !classes[*object].has(WordClass::TIME)) else {
        return;
    };
    // Right behind the verb, but for words of its own.
    if (at + 1..object).any(|c| !descends(tree, c, object)) {
        return;
    }
    tree.labels[object] = Label::Nsubj;
    let root = tree.labels.iter().position(|label| *label == Label::Root);
    if let Some(root) = root.filter(|root| *root < at) {
        tree.heads[at] = root as u16;
        tree.labels[at] = Label::Parataxis;
    }
}
