//! Past forms behind nouns: what was done to the noun, or what the noun did.

use super::{descends, has_child, has_object, phrase_head, promote, pronoun_of};
use crate::relations::classes::WordClass;
use crate::relations::parser::Tree;
use crate::relations::tags::{Label, Tag};

/// "tests carried out by X": a past form right behind a noun, with a by-phrase and neither subject nor object of its own,
/// is a participle of that noun.
pub(super) fn reduced_relative(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "freed two contractors abducted last month", "a general accused of torture": a past form right behind a noun, of a verb
/// that is nothing without an object, and that has none, is a participle of that noun.
pub(super) fn undergone_participle(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    let (noun, verb) = (at - 1, usize::from(tree.heads[at]));
    let past = matches!(tags[at], Tag::VBD | Tag::VBN) && classes[at].has(WordClass::UNDERGONE_VERB);
    // "soldiers shot at the car"
    if tags.get(at + 1) == Some(&Tag::RP)
        || classes.get(at + 1).is_some_and(|own| own.has(WordClass::RECIPIENT_PREPOSITION))
    {
        return;
    }
    if !past || !tags[noun].is_noun() || classes[noun].has(WordClass::TIME) || has_object(at, tags, tree) {
        return;
    }
    if has_child(tree, at, |label| matches!(label, Label::Aux | Label::AuxPass | Label::Cop | Label::NsubjPass)) {
        return;
    }
    let subject = (0..at).find(|s| usize::from(tree.heads[*s]) == at && tree.labels[*s].is_subject());
    let marked = has_child(tree, at, |label| label == Label::Mark);
    let clausal = |label: Label| {
        matches!(
            label,
            Label::Ccomp | Label::Xcomp | Label::Conj | Label::Advcl | Label::Parataxis | Label::Dep | Label::Acl
        )
    };
    if !clausal(tree.labels[at]) || marked || verb >= at {
        return;
    }
    let bearer = phrase_head(noun, tags, tree);
    match subject {
        // The parser took the object of the verb before for the subject.
        Some(subject) if subject == noun || subject == bearer => {
            let takes = tags[verb].is_verb()
                && !classes[verb].has(WordClass::REPORT_VERB)
                && !classes[verb].has(WordClass::CLAUSE_VERB)
                && !has_child(tree, verb, |label| matches!(label, Label::Obj | Label::AuxPass));
            let begin = (verb + 1..=subject).find(|c| *c == subject || descends(tree, *c, subject)).unwrap_or(subject);
            if !takes || begin != verb + 1 {
                return;
            }
            (tree.heads[subject], tree.labels[subject]) = (verb as u16, Label::Obj);
        }
        Some(_) => return,
        None if descends(tree, noun, at) => return,
        None => {}
    }
    tags[at] = Tag::VBN;
    if tree.labels[at] != Label::Acl {
        (tree.heads[at], tree.labels[at]) = (noun as u16, Label::Acl);
    }
}

/// "were freed and detained for inquiry", "was arrested and charged": of two verbs that "and" ties the second is passive as
/// the first is, where it is nothing without an object and has none.
pub(super) fn undergone_too(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
    let first = usize::from(tree.heads[at]);
    let joined = tags[at] == Tag::VBD && tree.labels[at] == Label::Conj && first < at;
    if !joined || !classes[at].has(WordClass::UNDERGONE_VERB) || tags[first] != Tag::VBN || has_object(at, tags, tree) {
        return;
    }
    let passive = has_child(tree, first, |label| matches!(label, Label::AuxPass | Label::NsubjPass));
    let participle = passive || tree.labels[first] == Label::Acl;
    let own = has_child(tree, at, |label| label.is_subject() || matches!(label, Label::Aux | Label::Mark));
    if participle && !own {
        tags[at] = Tag::VBN;
    }
}

/// "killed a bomber trying to enter", "arrested a man carrying a gun": what somebody was doing to whom something was done, not
/// who did it.
pub(super) fn caught_in_the_act(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let (noun, verb) = (at - 1, usize::from(tree.heads[at]));
    let participle = tags[at] == Tag::VBG && matches!(tree.labels[at], Label::Advcl | Label::Xcomp);
    if !participle || !classes[at].has(WordClass::DOING_VERB) || !tags[noun].is_noun() || verb >= noun {
        return;
    }
    let object = phrase_head(noun, tags, tree);
    let of_verb = usize::from(tree.heads[object]) == verb && tree.labels[object] == Label::Obj;
    let marked = has_child(tree, at, |label| matches!(label, Label::Mark | Label::Nsubj));
    if of_verb && classes[verb].has(WordClass::UNDERGONE_VERB) && !marked {
        (tree.heads[at], tree.labels[at]) = (object as u16, Label::Acl);
    }
}

/// "Militants linked to X killed six soldiers", "troops loyal to X took the town", "workers led by X struck": of a
/// participle and a finite verb behind one noun the finite verb is what the noun does.
pub(super) fn participle_before_verb(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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
        // "reporters kidnapped in Mosul were freed"
        let helped = |c: usize| {
            let helps = matches!(tree.labels[c], Label::Aux | Label::AuxPass) && tags[c].is_finite();
            usize::from(tree.heads[c]) == *verb && helps && tags[c - 1].is_noun()
        };
        let undergone = classes[at].has(WordClass::UNDERGONE_VERB);
        let passive = || undergone && tags[*verb] == Tag::VBN && (at + 2..*verb).any(helped);
        (tags[*verb].is_finite() || passive()) && loose && sure && descends(tree, *verb, at)
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
    if has_child(tree, verb, |label| label == Label::AuxPass) {
        tree.labels[noun] = Label::NsubjPass;
    }
    tree.labels[at] = Label::Acl;
    if tags[at].is_verb() {
        tags[at] = Tag::VBN;
    }
}

/// "the families of soldiers killed in the war": the soldiers were killed, not the families.
pub(super) fn participle_of_whom(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
    let (noun, owner) = (at - 1, usize::from(tree.heads[at]));
    let participle = matches!(tags[at], Tag::VBN | Tag::VBG) && tree.labels[at] == Label::Acl;
    if !participle || owner >= noun || !classes[owner].has(WordClass::NEAR_NOUN) {
        return;
    }
    let of = |c: usize| classes[c].has(WordClass::PATIENT_PREPOSITION) && usize::from(tree.heads[c]) == noun;
    let hangs = usize::from(tree.heads[noun]) == owner && tree.labels[noun] == Label::Nmod && (owner..noun).any(of);
    if hangs {
        tree.heads[at] = noun as u16;
    }
}
