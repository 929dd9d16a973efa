//! Mends what a greedy parser often gets wrong, where the words around leave no doubt.

mod clauses;
mod lists;
mod nouns;
mod participles;
mod relatives;
mod times;

use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// Mends the tags and the tree of a sentence.
pub fn repair(tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    let count = tree.heads.len().min(tags.len()).min(classes.len());
    for repair in REPAIRS {
        for at in 1..count {
            repair(at, tags, tree, classes);
        }
    }
}

/// Puts right what is wrong at a word, if it is.
type Repair = fn(usize, &mut [Tag], &mut Tree, &[WordClass]);

/// In this order, each at every word before the next: what one has put right the others may build on.
const REPAIRS: &[Repair] = &[
    |at, tags, tree, _| nouns::two_nouns(at, tags, tree),
    |at, tags, tree, classes| nouns::of_is_no_conjunction(at, tags, tree, classes),
    |at, tags, tree, _| nouns::fixed_preposition(at, tags, tree),
    |at, tags, tree, _| nouns::noun_is_no_clause(at, tags, tree),
    |at, tags, tree, classes| participles::reduced_relative(at, tags, tree, classes),
    |at, tags, tree, classes| participles::undergone_participle(at, tags, tree, classes),
    |at, tags, tree, classes| times::named_before_time(at, tags, tree, classes),
    |at, tags, tree, _| nouns::owned_adjective(at, tags, tree),
    |at, tags, tree, classes| nouns::bare_object(at, tags, tree, classes),
    |at, tags, tree, classes| clauses::object_and_subject(at, tags, tree, classes),
    |at, tags, tree, _| clauses::stolen_subject(at, tags, tree),
    |at, tags, tree, classes| lists::joined_to_verb(at, tags, tree, classes),
    |at, tags, tree, classes| lists::second_subject(at, tags, tree, classes),
    |at, tags, tree, classes| relatives::relative_on_noun(at, tags, tree, classes),
    |at, tags, tree, classes| relatives::time_before_relative(at, tags, tree, classes),
    |at, tags, tree, classes| times::time_behind_report(at, tags, tree, classes),
    |at, tags, tree, _| clauses::verb_of_root(at, tags, tree),
    |at, tags, tree, classes| clauses::clause_behind_and(at, tags, tree, classes),
    |at, tags, tree, classes| participles::participle_before_verb(at, tags, tree, classes),
    |at, tags, tree, _| relatives::relative_before_verb(at, tags, tree),
    |at, tags, tree, classes| participles::participle_of_whom(at, tags, tree, classes),
    |at, tags, tree, classes| relatives::relative_of_whom(at, tags, tree, classes),
    |at, tags, tree, classes| participles::undergone_too(at, tags, tree, classes),
    |at, tags, tree, classes| participles::caught_in_the_act(at, tags, tree, classes),
    |at, tags, tree, classes| lists::listed_subjects(at, tags, tree, classes),
    |at, tags, tree, _| nouns::told_of_a_name(at, tags, tree),
    |at, tags, tree, classes| clauses::speaker_behind(at, tags, tree, classes),
];

/// Whether a word hangs on `head` with a label that fits.
fn has_child(tree: &Tree, head: usize, fits: impl Fn(Label) -> bool) -> bool {
    tree.heads.iter().zip(&tree.labels).any(|(h, label)| usize::from(*h) == head && fits(*label))
}

/// Whether a verb has an object, or a clause for one.
fn has_object(verb: usize, tags: &[Tag], tree: &Tree) -> bool {
    let object = |c: &usize| {
        let label = tree.labels[*c];
        usize::from(tree.heads[*c]) == verb && *c > verb && matches!(label, Label::Obj | Label::Iobj | Label::Ccomp)
    };
    // Nor a noun or a pronoun right behind it that the parser has not tied.
    let next = tags.get(verb + 1).is_some_and(|tag| matches!(tag, Tag::PRP | Tag::PRPS | Tag::DT))
        && tree.heads.get(verb + 1).is_some_and(|head| {
            let head = usize::from(*head);
            let bare = |at: usize| !matches!(tree.labels[at], Label::Obl | Label::OblUnmarked | Label::OblAgent);
            head == verb || head < tags.len() && usize::from(tree.heads[head]) == verb && bare(head)
        });
    (verb + 1..tags.len()).any(|c| object(&c)) || next
}

/// The head of the noun phrase that ends at a word.
fn phrase_head(end: usize, tags: &[Tag], tree: &Tree) -> usize {
    let mut noun = end;
    for _ in 0..8 {
        let head = usize::from(tree.heads[noun]);
        let inside = matches!(tree.labels[noun], Label::Flat | Label::Compound | Label::Nmod | Label::Amod);
        if !inside || head >= tags.len() {
            break;
        }
        noun = head;
    }
    noun
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
