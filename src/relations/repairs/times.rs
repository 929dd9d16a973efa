//! Times between a verb and a noun: of which verb they are, and what they took with them.

use super::descends;
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "said Thursday that a man tested positive": a time right behind a verb of saying is when it was said, not that of a verb
/// further on.
pub(super) fn time_behind_report(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let verb = usize::from(tree.heads[at]);
    let bare = tree.labels[at] == Label::OblUnmarked && classes[at].has(WordClass::TIME);
    if !bare || verb <= at || verb >= tags.len() {
        return;
    }
    let first = (0..=at).rev().take_while(|at| classes[*at].has(WordClass::TIME)).last().unwrap_or(at);
    let says = first.checked_sub(1).filter(|says| classes[*says].has(WordClass::REPORT_VERB));
    if let Some(says) = says.filter(|says| tags[*says] == Tag::VBD && !descends(tree, *says, verb)) {
        tree.heads[at] = says as u16;
    }
}

/// "detained Aung San Suu Kyi early on Monday": a name is no part of the time behind it, but what the time took it from.
pub(super) fn named_before_time(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let time = usize::from(tree.heads[at]);
    let part = tree.labels[at] == Label::Compound && tags[at].is_name() && !classes[at].has(WordClass::TIME);
    if !part || time <= at || time >= tags.len() || !classes[time].has(WordClass::TIME) {
        return;
    }
    let mut start = at;
    while start > 0 && usize::from(tree.heads[start - 1]) == at && tree.labels[start - 1] == Label::Flat {
        start -= 1;
    }
    let before = start.checked_sub(1).filter(|before| matches!(tags[*before], Tag::IN | Tag::TO));
    if let Some(before) = before {
        return phrase_before_time(at, before, time, tags, tree);
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

/// "kidnapped by Hamas years ago", "in Kiev Tuesday": the preposition is that of the name, the time stands beside them.
fn phrase_before_time(at: usize, preposition: usize, time: usize, tags: &[Tag], tree: &mut Tree) {
    let (above, label) = (usize::from(tree.heads[time]), tree.labels[time]);
    let of_phrase = [at, time].contains(&usize::from(tree.heads[preposition]));
    if !of_phrase
        || above >= tags.len()
        || !matches!(label, Label::Obl | Label::OblAgent | Label::OblUnmarked | Label::Nmod)
    {
        return;
    }
    tree.heads[preposition] = at as u16;
    tree.labels[preposition] = Label::Case;
    tree.heads[at] = above as u16;
    tree.labels[at] = if label == Label::OblUnmarked { Label::Obl } else { label };
    tree.labels[time] = if tags[above].is_verb() { Label::OblUnmarked } else { Label::NmodUnmarked };
}
