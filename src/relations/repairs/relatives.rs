//! Clauses of relative pronouns: the noun that they tell of, and the verb behind them.

use super::{descends, has_child, promote, pronoun_of};
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "shot an elder who had raised a militia": the clause of a relative pronoun hangs on the noun right before it.
pub(super) fn relative_on_noun(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    if !matches!(tags[at], Tag::WP | Tag::WDT) || verb <= at || verb >= tags.len() || !tags[verb].is_verb() {
        return;
    }
    let behind = if tags[at - 1] == Tag::COMMA { at.checked_sub(2) } else { Some(at - 1) };
    let Some(noun) = behind.filter(|noun| tags[*noun].is_noun() && !classes[*noun].has(WordClass::TIME)) else {
        return;
    };
    let taken = usize::from(tree.heads[noun]) == verb && tree.labels[noun].is_subject();
    let loose = matches!(tree.labels[verb], Label::Conj | Label::Advcl | Label::Dep | Label::Parataxis);
    // "attacked two men who had opened fire", not "told police who had done it"
    let above = usize::from(tree.heads[verb]);
    let object = above < noun && usize::from(tree.heads[noun]) == above && tree.labels[noun] == Label::Obj;
    let loose = loose || (object && tree.labels[verb] == Label::Ccomp && !classes[above].has(WordClass::REPORT_VERB));
    let free = loose || (taken && !matches!(tree.labels[verb], Label::AclRelcl | Label::Root));
    if !free {
        return;
    }
    if taken {
        // The parser took the object of the verb above for the subject.
        let object = above < noun && tags[above].is_verb() && !has_child(tree, above, |label| label == Label::Obj);
        let begin = (0..=noun).rev().take_while(|c| *c == noun || descends(tree, *c, noun)).last().unwrap_or(noun);
        // "praised Lula, a former worker who was elected": it says who the name before is.
        let name = begin.checked_sub(2).filter(|name| tags[begin - 1] == Tag::COMMA && tags[*name].is_name());
        let name = name.filter(|name| tags[begin] == Tag::DT && !descends(tree, *name, verb));
        match name {
            Some(name) => (tree.heads[noun], tree.labels[noun]) = (name as u16, Label::Appos),
            None if object => (tree.heads[noun], tree.labels[noun]) = (above as u16, Label::Obj),
            None => return,
        }
    } else if descends(tree, noun, verb) {
        return;
    }
    tree.heads[verb] = noun as u16;
    tree.labels[verb] = Label::AclRelcl;
}

/// "North Korea, which China has criticized, fired two missiles": the verb behind a relative clause is what the noun
/// before it does.
pub(super) fn relative_before_verb(at: usize, tags: &[Tag], tree: &mut Tree) {
    let noun = (0..at).find(|c| usize::from(tree.heads[*c]) == at && tree.labels[*c] == Label::Nsubj);
    let Some(noun) = noun.filter(|noun| tags[at].is_verb() && tags[*noun].is_noun()) else { return };
    if pronoun_of(at, at, tags, tree).is_none_or(|pronoun| pronoun < noun) {
        return;
    }
    let verb = (at + 1..tags.len()).find(|verb| {
        let loose =
            matches!(tree.labels[*verb], Label::Conj | Label::Advcl | Label::Ccomp | Label::Dep | Label::Parataxis);
        tags[*verb].is_finite() && loose && usize::from(tree.heads[*verb]) == at
    });
    let Some(verb) = verb.filter(|verb| tags[verb - 1] != Tag::CC) else { return };
    if has_child(tree, verb, |label| label.is_subject() || label == Label::Mark) {
        return;
    }
    promote(noun, at, at, verb, tree);
    tree.labels[at] = Label::AclRelcl;
}

/// "the brother of Robert Kennedy, who was shot": what a pronoun right behind a name tells is told of the name, not of whom
/// it is near.
pub(super) fn relative_of_whom(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let (verb, owner) = (usize::from(tree.heads[at]), at - 1);
    if tags[at] != Tag::WP || verb <= at || verb >= tags.len() || tree.labels[verb] != Label::AclRelcl {
        return;
    }
    let name = if tags[owner] == Tag::COMMA { owner.wrapping_sub(1) } else { owner };
    let bearer = usize::from(tree.heads[verb]);
    let named = bearer < name && tags.get(name).is_some_and(|tag| tag.is_name()) && tree.labels[name] == Label::Nmod;
    if named && classes[bearer].has(WordClass::NEAR_NOUN) && usize::from(tree.heads[name]) == bearer {
        tree.heads[verb] = name as u16;
    }
}

/// "a wave of attacks last month that disrupted traffic": a time before a relative pronoun is not that of its verb, but of
/// the noun before it, as the relative clause is.
pub(super) fn time_before_relative(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let is_time = |at: usize| classes[at].has(WordClass::TIME);
    let relative = matches!(tags[at], Tag::WP | Tag::WDT) && verb > at && verb < tags.len() && tags[verb].is_verb();
    if !relative {
        return;
    }
    let last = if tags[at - 1] == Tag::COMMA { at.saturating_sub(2) } else { at - 1 };
    if !is_time(last) {
        return;
    }
    let first = (0..=last).rev().take_while(|at| is_time(*at)).last().unwrap_or(last);
    let Some(time) = (first..=last).find(|time| usize::from(tree.heads[*time]) == verb) else { return };
    let preposition = first.checked_sub(1).filter(|before| tags[*before] == Tag::IN);
    let Some(noun) = preposition.unwrap_or(first).checked_sub(1).filter(|noun| tags[*noun].is_noun()) else { return };
    if descends(tree, noun, verb) {
        return;
    }
    tree.heads[time] = noun as u16;
    tree.labels[time] = if preposition.is_some() { Label::Nmod } else { Label::NmodUnmarked };
    let loose = matches!(tree.labels[verb], Label::Conj | Label::Advcl | Label::Dep | Label::Parataxis | Label::Ccomp);
    if loose && usize::from(tree.heads[verb]) < noun {
        tree.heads[verb] = noun as u16;
        tree.labels[verb] = Label::AclRelcl;
    }
}
