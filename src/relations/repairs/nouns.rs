//! Nouns and what belongs to them: compounds, prepositions, objects, names.

use super::{descends, has_child};
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "an assassination attempt": of two nouns side by side the second is the head, also where the parser took it for a clause
/// of the first.
pub(super) fn two_nouns(at: usize, tags: &[Tag], tree: &mut Tree) {
    let first = at - 1;
    let side_by_side = tags[first] == Tag::NN && matches!(tags[at], Tag::NN | Tag::NNS);
    if !side_by_side || tree.labels[at] != Label::Acl || usize::from(tree.heads[at]) != first {
        return;
    }
    tree.heads[at] = tree.heads[first];
    tree.labels[at] = tree.labels[first];
    for head in &mut tree.heads {
        if usize::from(*head) == first {
            *head = at as u16;
        }
    }
    tree.heads[first] = at as u16;
    tree.labels[first] = Label::Compound;
}

/// "The trial of the deposed leader resumed": "of" introduces no clause, but the noun behind it.
pub(super) fn of_is_no_conjunction(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let marks = tree.labels[at] == Label::Mark && classes[at].has(WordClass::PATIENT_PREPOSITION);
    if !marks || verb >= tags.len() || !tags[verb].is_verb() || !tags[at - 1].is_noun() || descends(tree, at - 1, at) {
        return;
    }
    let subject = |c: &usize| usize::from(tree.heads[*c]) == verb && tree.labels[*c].is_subject();
    if let Some(noun) = (at + 1..verb).find(|c| subject(c) && tags[*c].is_noun() && !descends(tree, at - 1, *c)) {
        (tree.heads[at], tree.labels[at]) = (noun as u16, Label::Case);
        (tree.heads[noun], tree.labels[noun]) = (at as u16 - 1, Label::Nmod);
    }
}

/// "because of its refusal": two words that the parser hung the noun on are its preposition.
pub(super) fn fixed_preposition(at: usize, tags: &[Tag], tree: &mut Tree) {
    let first = at - 1;
    let fixed = tree.labels[at] == Label::Fixed && usize::from(tree.heads[at]) == first;
    if !fixed || !matches!(tags[at], Tag::IN | Tag::TO) || usize::from(tree.heads[first]) >= tags.len() {
        return;
    }
    let noun = (at + 1..tags.len()).find(|c| usize::from(tree.heads[*c]) == at && tags[*c].is_noun());
    let Some(noun) = noun.filter(|noun| matches!(tree.labels[*noun], Label::Obl | Label::Nmod)) else { return };
    tree.heads[noun] = tree.heads[first];
    (tree.heads[first], tree.labels[first]) = (noun as u16, Label::Case);
}

/// "resigned after meeting with the king": a noun that the parser took for a clause is a phrase.
pub(super) fn noun_is_no_clause(at: usize, tags: &[Tag], tree: &mut Tree) {
    let clause = tree.labels[at] == Label::Advcl && matches!(tags[at], Tag::NN | Tag::NNS);
    let verbal = |label: Label| {
        label.is_subject() || matches!(label, Label::Cop | Label::Aux | Label::AuxPass | Label::Obj | Label::Ccomp)
    };
    if !clause || has_child(tree, at, verbal) {
        return;
    }
    let marks = |c: &usize| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Mark && tags[*c] == Tag::IN;
    if let Some(mark) = (0..at).find(marks) {
        (tree.labels[at], tree.labels[mark]) = (Label::Obl, Label::Case);
    }
}

/// "criticized Israel's military for the raid": an adjective behind an owner that no noun follows is a noun.
pub(super) fn owned_adjective(at: usize, tags: &mut [Tag], tree: &mut Tree) {
    let ends = |tag: &Tag| tag.is_verb() || matches!(tag, Tag::IN | Tag::TO | Tag::MD | Tag::COMMA | Tag::PERIOD);
    if tags[at] != Tag::JJ || tags[at - 1] != Tag::POS || !tags.get(at + 1).is_none_or(ends) {
        return;
    }
    tags[at] = Tag::NN;
    let verb = usize::from(tree.heads[at]);
    let loose = matches!(tree.labels[at], Label::Xcomp | Label::Advcl | Label::Amod | Label::Dep);
    if loose
        && verb < at
        && tags[verb].is_verb()
        && !has_child(tree, verb, |label| matches!(label, Label::Obj | Label::AuxPass))
    {
        tree.labels[at] = Label::Obj;
    }
}

/// "denounced Eritrea's raids": a noun right behind a verb that has no object, without a preposition and no time, is the
/// object.
pub(super) fn bare_object(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let bare = matches!(tree.labels[at], Label::Obl | Label::OblUnmarked) && tags[at].is_noun();
    if !bare || verb >= at || !tags[verb].is_verb() || classes[at].has(WordClass::TIME) {
        return;
    }
    let passive = tags[verb] == Tag::VBN && !has_child(tree, verb, |label| label == Label::Aux);
    let taken = has_child(tree, verb, |label| matches!(label, Label::Obj | Label::AuxPass | Label::NsubjPass));
    let introduced = has_child(tree, at, |label| matches!(label, Label::Case | Label::Nummod));
    let beside = (verb + 1..at).all(|c| descends(tree, c, at));
    if beside && !passive && !taken && !introduced {
        tree.labels[at] = Label::Obj;
    }
}

/// "the resignation of Murat Zyazikov, a former general who was elected in 2002": a noun with an article behind a name and a
/// comma says who that is; it is no object of the verb before.
pub(super) fn told_of_a_name(at: usize, tags: &[Tag], tree: &mut Tree) {
    let verb = usize::from(tree.heads[at]);
    if tree.labels[at] != Label::Obj || !matches!(tags[at], Tag::NN | Tag::NNP) || verb >= at {
        return;
    }
    let begin = (verb + 1..=at).find(|c| *c == at || (tags[*c] != Tag::COMMA && descends(tree, *c, at))).unwrap_or(at);
    let Some(name) = begin.checked_sub(2).filter(|name| *name > verb && tags[begin - 1] == Tag::COMMA) else { return };
    if tags[begin] == Tag::DT && tags[name].is_name() && tree.labels[name] != Label::Flat && !descends(tree, name, at) {
        (tree.heads[at], tree.labels[at]) = (name as u16, Label::Appos);
    }
}
