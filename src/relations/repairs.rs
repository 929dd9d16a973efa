//! Mends what a greedy parser often gets wrong, where the words around leave no doubt.

use super::classes::WordClass;
use super::parser::Tree;
use super::tags::{Label, Tag};

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
    |at, tags, tree, _| two_nouns(at, tags, tree),
    |at, tags, tree, classes| of_is_no_conjunction(at, tags, tree, classes),
    |at, tags, tree, _| fixed_preposition(at, tags, tree),
    |at, tags, tree, _| noun_is_no_clause(at, tags, tree),
    |at, tags, tree, classes| reduced_relative(at, tags, tree, classes),
    |at, tags, tree, classes| undergone_participle(at, tags, tree, classes),
    |at, tags, tree, classes| named_before_time(at, tags, tree, classes),
    |at, tags, tree, _| owned_adjective(at, tags, tree),
    |at, tags, tree, classes| bare_object(at, tags, tree, classes),
    |at, tags, tree, classes| object_and_subject(at, tags, tree, classes),
    |at, tags, tree, _| stolen_subject(at, tags, tree),
    |at, tags, tree, classes| joined_to_verb(at, tags, tree, classes),
    |at, tags, tree, classes| second_subject(at, tags, tree, classes),
    |at, tags, tree, classes| relative_on_noun(at, tags, tree, classes),
    |at, tags, tree, classes| time_before_relative(at, tags, tree, classes),
    |at, tags, tree, classes| time_behind_report(at, tags, tree, classes),
    |at, tags, tree, _| verb_of_root(at, tags, tree),
    |at, tags, tree, classes| clause_behind_and(at, tags, tree, classes),
    |at, tags, tree, classes| participle_before_verb(at, tags, tree, classes),
    |at, tags, tree, _| relative_before_verb(at, tags, tree),
    |at, tags, tree, classes| participle_of_whom(at, tags, tree, classes),
    |at, tags, tree, classes| relative_of_whom(at, tags, tree, classes),
    |at, tags, tree, classes| undergone_too(at, tags, tree, classes),
    |at, tags, tree, classes| caught_in_the_act(at, tags, tree, classes),
    |at, tags, tree, classes| listed_subjects(at, tags, tree, classes),
    |at, tags, tree, _| told_of_a_name(at, tags, tree),
    |at, tags, tree, classes| speaker_behind(at, tags, tree, classes),
];

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

/// "because of its refusal": two words that the parser hung the noun on are its preposition.
fn fixed_preposition(at: usize, tags: &[Tag], tree: &mut Tree) {
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

/// "the resignation of Murat Zyazikov, a former general who was elected in 2002": a noun with an article behind a name and a
/// comma says who that is; it is no object of the verb before.
fn told_of_a_name(at: usize, tags: &[Tag], tree: &mut Tree) {
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

/// "resigned after meeting with the king": a noun that the parser took for a clause is a phrase.
fn noun_is_no_clause(at: usize, tags: &[Tag], tree: &mut Tree) {
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

/// "freed two contractors abducted last month", "a general accused of torture": a past form right behind a noun, of a verb
/// that is nothing without an object, and that has none, is a participle of that noun.
fn undergone_participle(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "were freed and detained for inquiry", "was arrested and charged": of two verbs that "and" ties the second is passive as
/// the first is, where it is nothing without an object and has none.
fn undergone_too(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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
fn caught_in_the_act(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "In a statement on Monday, Amnesty, Human Rights Watch and Oxfam urged ...": a list of names between a phrase in front and
/// the verb is its subject, whatever the parser hung them on.
fn listed_subjects(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "criticized Israel's military for the raid": an adjective behind an owner that no noun follows is a noun.
fn owned_adjective(at: usize, tags: &mut [Tag], tree: &mut Tree) {
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
fn bare_object(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// The noun before a relative clause that ends with the comma before `end`: "the governor, who saw it, [ordered]".
fn noun_of_relative(end: usize, tags: &[Tag]) -> Option<usize> {
    let comma = end.checked_sub(1).filter(|comma| tags[*comma] == Tag::COMMA)?;
    let pronoun = (2..comma).rev().take(12).find(|at| matches!(tags[*at], Tag::WP | Tag::WDT))?;
    (tags[pronoun - 1] == Tag::COMMA).then_some(pronoun - 2)
}

/// "denounced the coup and Lula asked ...": of two nouns with a conjunction between them and a finite verb behind, which the
/// parser took for the subjects of that verb, the first is the object of the verb before it.
fn object_and_subject(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "an assassination attempt": of two nouns side by side the second is the head, also where the parser took it for a clause
/// of the first.
fn two_nouns(at: usize, tags: &[Tag], tree: &mut Tree) {
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

/// "A raid by soldiers on a camp left six people dead", "A clash between rebels and troops killed six": where a noun heads the
/// whole sentence, a past form with an object somewhere under it is what the noun does.
fn verb_of_root(at: usize, tags: &[Tag], tree: &mut Tree) {
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

/// "The trial of the deposed leader resumed": "of" introduces no clause, but the noun behind it.
fn of_is_no_conjunction(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "killed a judge and a bomb wounded two": a past form with an object right behind a noun that a conjunction begins is what
/// that noun does.
fn clause_behind_and(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "criticized the army and the militia": a noun that the parser joined to the verb is joined to the noun before the
/// conjunction.
fn joined_to_verb(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "A general, his wife and a driver were charged": of two subjects of a verb the second, behind a comma, is joined to the
/// first, or says who the first is ("The bloc, IGAD, has decided").
fn second_subject(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "shot an elder who had raised a militia": the clause of a relative pronoun hangs on the noun right before it.
fn relative_on_noun(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "a wave of attacks last month that disrupted traffic": a time before a relative pronoun is not that of its verb, but of
/// the noun before it, as the relative clause is.
fn time_before_relative(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "said Thursday that a man tested positive": a time right behind a verb of saying is when it was said, not that of a verb
/// further on.
fn time_behind_report(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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
fn named_before_time(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "Militants linked to X killed six soldiers", "troops loyal to X took the town", "workers led by X struck": of a
/// participle and a finite verb behind one noun the finite verb is what the noun does.
fn participle_before_verb(at: usize, tags: &mut [Tag], tree: &mut Tree, classes: &[WordClass]) {
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
fn participle_of_whom(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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

/// "the brother of Robert Kennedy, who was shot": what a pronoun right behind a name tells is told of the name, not of whom
/// it is near.
fn relative_of_whom(at: usize, tags: &[Tag], tree: &mut Tree, classes: &[WordClass]) {
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
        tags[*verb].is_finite() && loose && usize::from(tree.heads[*verb]) == at
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
