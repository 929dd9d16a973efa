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
        named_before_time(at, tags, tree, classes);
    }
    for at in 1..count {
        stolen_subject(at, tags, tree);
    }
    for at in 1..count {
        participle_before_verb(at, tags, tree);
    }
    for at in 1..count {
        relative_before_verb(at, tags, tree);
    }
    for at in 1..count {
        speaker_behind(at, tags, tree, classes);
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

/// "detained Aung San Suu Kyi early on Monday": a name is no part of the time behind it, but what the time took it from.
fn named_before_time(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let time = usize::from(tree.heads[at]);
    let part = tree.labels[at] == Label::Compound && tags[at].is_name() && !classes[at].has(WordClass::TIME);
    if !part || time <= at || time >= tags.len() || !classes[time].has(WordClass::TIME) {
        return;
    }
    // "of Egypt after 18 days": not one of a phrase.
    let mut start = at;
    while start > 0 && usize::from(tree.heads[start - 1]) == at && tree.labels[start - 1] == Label::Flat {
        start -= 1;
    }
    if start.checked_sub(1).is_some_and(|before| matches!(tags[before], Tag::IN | Tag::TO)) {
        return;
    }
    let verb = usize::from(tree.heads[time]);
    if verb >= tags.len() || !tags[verb].is_verb() {
        return;
    }
    let label = if at > verb { Label::Obj } else { Label::Nsubj };
    let same = |own: Label| if label == Label::Obj { own == Label::Obj } else { own.is_subject() };
    if (0..tags.len()).any(|c| c != time && usize::from(tree.heads[c]) == verb && same(tree.labels[c])) {
        return;
    }
    tree.heads[at] = verb as u16;
    tree.labels[at] = label;
    tree.labels[time] = Label::OblUnmarked;
}

/// "Militants linked to X killed six soldiers", "troops loyal to X took the town", "workers led by X struck": of a
/// participle and a finite verb behind one noun the finite verb is what the noun does.
fn participle_before_verb(at: usize, tags: &mut [Tag], tree: &mut Tree) {
    let participle = matches!(tags[at], Tag::VBN | Tag::VBD | Tag::JJ);
    let (noun, count) = (at - 1, tags.len());
    if !participle || !tags[noun].is_noun() || tags.get(at + 1).is_none_or(|tag| !matches!(tag, Tag::IN | Tag::TO)) {
        return;
    }
    let own = |label: Label| matches!(label, Label::Obj | Label::Aux | Label::AuxPass | Label::Cop | Label::Ccomp);
    let verb = (at + 2..count).find(|verb| {
        let label = tree.labels[*verb];
        let loose =
            matches!(label, Label::Acl | Label::Advcl | Label::Conj | Label::Ccomp | Label::Dep | Label::AclRelcl);
        // A past form may be finite itself: "rebels fought near the town held by troops".
        let sure = tags[at] != Tag::VBD || !matches!(label, Label::Acl | Label::AclRelcl);
        is_finite(tags[*verb]) && loose && sure && descends(tree, *verb, at)
    });
    let Some(verb) = verb else { return };
    // Nothing between them that would join two clauses.
    let joined = |tag: &Tag| matches!(tag, Tag::CC | Tag::COMMA | Tag::WDT | Tag::WP | Tag::WRB | Tag::COLON);
    let marked = (at + 1..verb).any(|c| usize::from(tree.heads[c]) == verb && tree.labels[c] == Label::Mark);
    if tags[at + 1..verb].iter().any(joined) || marked {
        return;
    }
    let subject = (at + 1..verb).find(|c| usize::from(tree.heads[*c]) == verb && tree.labels[*c].is_subject());
    let introduced = |c: usize| (at..c).any(|p| usize::from(tree.heads[p]) == c && tree.labels[p] == Label::Case);
    if subject.is_some_and(|subject| !introduced(subject)) || pronoun_of(at, verb, tags, tree).is_some() {
        return;
    }
    // Which of the two words the clause hangs on now, and how.
    let does = usize::from(tree.heads[noun]) == at && tree.labels[noun].is_subject();
    let bears = usize::from(tree.heads[at]) == noun && tree.labels[at] == Label::Acl;
    let top = match (does, bears) {
        (true, _)
            if !has_child(tree, at, |label| matches!(label, Label::Obj | Label::Aux | Label::AuxPass | Label::Cop)) =>
        {
            at
        }
        (_, true) if subject.is_some() && !tree.labels[noun].is_subject() && !has_child(tree, at, own) => noun,
        _ => return,
    };
    if let Some(subject) = subject {
        tree.heads[subject] = at as u16;
        tree.labels[subject] = Label::Obl;
    }
    promote(noun, at, top, verb, tree);
    tree.labels[at] = Label::Acl;
    if tags[at].is_verb() {
        tags[at] = Tag::VBN;
    }
}

/// "North Korea, which China has criticized, fired two missiles": the verb behind a relative clause is what the noun
/// before it does.
fn relative_before_verb(at: usize, tags: &[Tag], tree: &mut Tree) {
    let noun = (0..at).find(|c| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Nsubj);
    let Some(noun) = noun.filter(|noun| tags[at].is_verb() && tags[*noun].is_noun()) else { return };
    if pronoun_of(at, at, tags, tree).is_none_or(|pronoun| pronoun < noun) {
        return;
    }
    let verb = (at + 1..tags.len()).find(|verb| {
        let loose =
            matches!(tree.labels[*verb], Label::Conj | Label::Advcl | Label::Ccomp | Label::Dep | Label::Parataxis);
        is_finite(tags[*verb]) && loose && usize::from(tree.heads[*verb]) == at
    });
    let Some(verb) = verb.filter(|verb| tags[verb - 1] != Tag::CC) else { return };
    if has_child(tree, verb, |label| label.is_subject() || label == Label::Mark) {
        return;
    }
    promote(noun, at, at, verb, tree);
    tree.labels[at] = Label::AclRelcl;
}

/// A relative pronoun before a word that hangs on it or on another one.
fn pronoun_of(at: usize, other: usize, tags: &[Tag], tree: &Tree) -> Option<usize> {
    (0..at).find(|c| {
        let head = usize::from(tree.heads[*c]);
        matches!(tags[*c], Tag::WP | Tag::WDT) && (head == at || head == other)
    })
}

/// Makes a verb the head of the clause that `top` headed, with the noun as its subject and `low` hanging on the noun.
fn promote(noun: usize, low: usize, top: usize, verb: usize, tree: &mut Tree) {
    tree.heads[verb] = tree.heads[top];
    tree.labels[verb] = tree.labels[top];
    tree.heads[noun] = verb as u16;
    tree.labels[noun] = Label::Nsubj;
    tree.heads[low] = noun as u16;
    // What stood around the whole clause belongs to its verb; what the noun bears stays.
    for c in (0..noun).chain(verb + 1..tree.heads.len()) {
        if usize::from(tree.heads[c]) == top && !(c < noun && top == noun) {
            tree.heads[c] = verb as u16;
        }
    }
}

/// "..., said the minister": behind the words that were said the subject of the verb follows it.
fn speaker_behind(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let mark = matches!(tags[at - 1], Tag::COMMA | Tag::CLOSE | Tag::OPEN);
    if !mark || !is_finite(tags[at]) || !classes[at].has(WordClass::REPORT_VERB) {
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
