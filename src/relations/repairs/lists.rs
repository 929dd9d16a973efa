//! Nouns side by side, with commas and conjunctions.

use super::{descends, has_child};
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "criticized the army and the militia": a noun that the parser joined to the verb is joined to the noun before the
/// conjunction.
pub(super) fn joined_to_verb(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    if tree.labels[at] != Label::Conj || !tags[at].is_noun() || verb >= at || !tags[verb].is_verb() {
        return;
    }
    if has_child(tree, at, |label| label.is_subject() || matches!(label, Label::Cop | Label::Case | Label::Aux)) {
        return;
    }
    let of_verb = |c: &usize| {
        let fits = tree.labels[*c].is_subject() || matches!(tree.labels[*c], Label::Obj | Label::Obl);
        usize::from(tree.heads[*c]) == verb && fits && tags[*c].is_noun() && !classes[*c].has(WordClass::TIME)
    };
    // The object before what else the verb has.
    let object = (verb + 1..at).find(|c| of_verb(c) && tree.labels[*c] == Label::Obj);
    if let Some(first) = object.or_else(|| (verb + 1..at).rev().find(of_verb)) {
        tree.heads[at] = first as u16;
    }
}

/// "In a statement on Monday, Amnesty, Human Rights Watch and Oxfam urged ...": a list of names between a phrase in front and
/// the verb is its subject, whatever the parser hung them on.
pub(super) fn listed_subjects(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    if !tags[at].is_verb() || has_child(tree, at, |label| matches!(label, Label::Cop | Label::Mark)) {
        return;
    }
    let subject = |c: &usize| usize::from(tree.heads[*c]) == at && tree.labels[*c].is_subject();
    let helps = |c: usize| matches!(tree.labels[c], Label::Aux | Label::AuxPass | Label::Advmod);
    let Some(last) = (0..at).rev().find(|c| !(usize::from(tree.heads[*c]) == at && helps(*c))) else { return };
    let own = (0..at).find(subject);
    let free = matches!(tree.labels[last], Label::Conj | Label::Appos) && descends(tree, last, at);
    if !tags[last].is_name() || own.is_some_and(|own| own != last) || own.is_none() && !free {
        return;
    }
    if !(tags[at].is_finite() || (last + 1..at).any(|c| tags[c].is_finite() && helps(c))) {
        return;
    }
    let begin = |of: usize| {
        let own = |c: &usize| *c == of || (tags[*c] != Tag::COMMA && tags[*c] != Tag::CC && descends(tree, *c, of));
        (0..=of).rev().take_while(own).last().unwrap_or(of)
    };
    let comma = |end: usize| end.checked_sub(1).filter(|comma| tags[*comma] == Tag::COMMA);
    let Some(and) = begin(last).checked_sub(1).filter(|and| tags[*and] == Tag::CC) else { return };
    let mut names = vec![last];
    let mut end = and;
    // Back over names that end before "and", or before a comma.
    while let Some(noun) = comma(end).or(Some(end).filter(|end| *end == and)).and_then(|end| end.checked_sub(1)) {
        let loose = matches!(tree.labels[noun], Label::Appos | Label::Conj | Label::Dep | Label::List);
        if !loose || !tags[noun].is_name() || classes[noun].has(WordClass::TIME) || descends(tree, noun, last) {
            break;
        }
        names.push(noun);
        end = begin(noun);
    }
    let front = (0..end).all(|c| !tags[c].is_verb() && !(tree.labels[c].is_subject()));
    if names.len() < 2 || comma(end).is_none() || !front {
        return;
    }
    let label = own.map_or(Label::Nsubj, |own| tree.labels[own]);
    let label = if has_child(tree, at, |label| label == Label::AuxPass) { Label::NsubjPass } else { label };
    let Some(first) = names.pop() else { return };
    for name in names {
        (tree.heads[name], tree.labels[name]) = (first as u16, Label::Conj);
    }
    (tree.heads[first], tree.labels[first]) = (at as u16, label);
    (tree.heads[and], tree.labels[and]) = (last as u16, Label::Cc);
}

/// "A general, his wife and a driver were charged": of two subjects of a verb the second, behind a comma, is joined to the
/// first, or says who the first is ("The bloc, IGAD, has decided").
pub(super) fn second_subject(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let counts = tags[at].is_noun() || tags[at] == Tag::CD;
    if verb >= tags.len() || at > verb || !tree.labels[at].is_subject() || !counts {
        return;
    }
    let mark = |at: usize| tags.get(at).is_some_and(|tag| matches!(tag, Tag::COMMA | Tag::COLON));
    let first = (0..at).rev().find(|c| usize::from(tree.heads[*c]) == verb && tree.labels[*c].is_subject());
    let Some(first) = first.filter(|first| tags[*first].is_noun()) else { return };
    // Where the second noun begins, and the last word of all that the first one bears.
    let begin = (first + 1..=at).rev().take_while(|c| *c == at || descends(tree, *c, at)).last().unwrap_or(at);
    let own = (first..begin).rev().find(|c| *c == first || (tags[*c].is_noun() && descends(tree, *c, first)));
    let own = own.unwrap_or(first);
    if tags[own + 1] == Tag::CC && begin <= own + 2 {
        if !object_of_verb_above(first, at, verb, tags, tree, classes) {
            // "a clash between rebels and troops killed six"
            let between =
                (first..own).any(|c| usize::from(tree.heads[c]) == own && classes[c].has(WordClass::PARTY_PREPOSITION));
            (tree.heads[at], tree.labels[at]) = (if between { own } else { first } as u16, Label::Conj);
        }
        return;
    }
    if !mark(own + 1) || begin != own + 2 {
        return;
    }
    let last = (at..verb).rev().find(|c| *c == at || descends(tree, *c, at)).unwrap_or(at);
    let listed = (at..=last).any(|c| tags[c] == Tag::CC && descends(tree, c, at));
    if listed && !mark(last + 1) {
        tree.labels[at] = Label::Conj;
    } else if tags[at].is_name() && !tags[own].is_name() && own != first {
        // "the minister and his rival, Ivan Petrov, met"
        tree.labels[at] = Label::Appos;
        tree.heads[at] = own as u16;
        return;
    } else if mark(last + 1) && last + 1 < verb && !listed && own == first {
        tree.labels[at] = Label::Appos;
    } else {
        return;
    }
    tree.heads[at] = first as u16;
}

/// "captured eighty fighters and ten more were seen fleeing": the first of two subjects is the object of the verb before it.
fn object_of_verb_above(
    first: usize,
    second: usize,
    verb: usize,
    tags: &[Tag],
    tree: &mut Tree,
    classes: &[WordClass],
) -> bool {
    let above = usize::from(tree.heads[verb]);
    let takes = above < first
        && tags[above].is_verb()
        && !classes[above].has(WordClass::REPORT_VERB)
        && !has_child(tree, above, |label| matches!(label, Label::Obj | Label::AuxPass))
        && !has_child(tree, verb, |label| label == Label::Mark);
    if takes && tree.labels[second] != Label::Conj {
        tree.heads[first] = above as u16;
        tree.labels[first] = Label::Obj;
        tree.labels[verb] = Label::Conj;
    }
    takes
}
