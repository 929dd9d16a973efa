//! Parts of names that stand for people whose full names the article gives ("Mr. Bush" and "Bush" behind "George Bush"),
//! and abbreviations of bodies.

use std::cmp::Reverse;
use std::sync::Arc;

use super::Stopped;
use super::analysis::Analysis;
use super::lattice::{Lattice, Mention, MentionId};
use crate::event::domain::Record;
use crate::relations::Tag;
use crate::rules::program::{TypeId, class};
use crate::text::TokenRange;

/// People, or bodies, that are told apart; beyond them the article is a list, and looking each name up among all would take the
/// square of its length.
const MOST: usize = 500;

/// A person that the article names in full.
struct Person {
    words: Vec<String>,
    start: u32,
    id: MentionId,
    /// How much the article says of the person where it gives the name.
    fields: usize,
}

/// How well a part of a name fits a full one; the better the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The first name: "Saddam".
    First,
    /// What stands behind the hyphen of the last word: "Sadr" of "Moqtada al-Sadr".
    Tail,
    /// The last words: "Bush", "Ben Ali".
    Last,
    /// All words: the name said again.
    Whole,
}

/// Ties names and parts of names of people to the first mention of the person's full name that says most.
pub(super) fn resolve(analysis: &mut Analysis<'_>, actor: TypeId) -> Result<(), Stopped> {
    let (lattice, pace) = (&analysis.lattice, analysis.pace);
    let people = people(lattice, actor);
    if people.is_empty() {
        return Ok(());
    }
    let mut ties: Vec<(MentionId, MentionId)> = Vec::new();
    let mut new: Vec<(TokenRange, MentionId)> = Vec::new();
    let mut taken = vec![false; lattice.doc.tokens().len()];
    for (index, mention) in lattice.mentions.iter().enumerate().filter(|(_, m)| m.ty == actor && !m.covered) {
        taken.get_mut(mention.range.range()).unwrap_or_default().fill(true);
        if is_person(mention) {
            pace.step()?;
            let own = MentionId(index as u32);
            let words = words(lattice, mention.extent);
            ties.extend(person(&people, &words, mention.range.start, Some(own), Fit::First).map(|id| (own, id)));
        }
    }
    for sentence in lattice.doc.sentences().iter().filter(|s| s.part.tells()) {
        let is_name = |at: usize| {
            sentence.tokens.contains(at) && lattice.class(at) & class::CAP != 0 && lattice.class(at) & class::NAME != 0
        };
        for token in sentence.tokens.range() {
            // A name next to it would make it a part of another name.
            let alone = lattice.class(token) & class::CAP != 0
                && taken.get(token) == Some(&false)
                && !is_name(token + 1)
                && !token.checked_sub(1).is_some_and(is_name);
            if alone {
                pace.step()?;
                let range = TokenRange::new(token, token + 1);
                // The first word of a sentence has a capital whatever it is.
                let least = if is_name(token) { Fit::First } else { Fit::Last };
                let found = person(&people, &words(lattice, range), range.start, None, least);
                new.extend(found.map(|id| (range, id)));
            }
        }
    }
    for (reference, to) in ties {
        if let Some(mention) = analysis.lattice.mentions.get_mut(reference.0 as usize) {
            mention.antecedent = Some(to);
        }
    }
    for (range, to) in new {
        refer(analysis, actor, range, to, "surname");
    }
    Ok(())
}

/// Fewest letters of an abbreviation.
const LETTERS: usize = 3;

/// Ties abbreviations of bodies that the article names in full to the first full name: "the RUF" behind "Revolutionary
/// United Front", "the PKK" beside "Kurdistan Workers' Party", as the packs know.
pub(super) fn abbreviations(analysis: &mut Analysis<'_>, actor: TypeId) -> Result<(), Stopped> {
    let (lattice, pace) = (&analysis.lattice, analysis.pace);
    let ids = || lattice.all_mentions();
    let standing = || ids().filter(|(_, mention)| mention.ty == actor && !mention.covered && !is_person(mention));
    let full: Vec<(MentionId, String, &Mention)> = standing()
        .filter(|(_, mention)| mention.extent.len() > 1 && mention.antecedent.is_none())
        // Not "members of the Free Papua Movement".
        .filter(|(_, mention)| {
            let first = lattice.tag(mention.extent.start as usize);
            first.is_some_and(|tag| tag.is_name() || tag == Tag::JJ)
        })
        .map(|(id, mention)| (id, initials(lattice, mention.extent), mention))
        .filter(|(_, initials, _)| initials.chars().count() > 1)
        .take(MOST)
        .collect();
    if full.is_empty() {
        return Ok(());
    }
    let known = |mention: &Mention| mention.record.text("entity_id").or(mention.record.text("name")).map(str::to_owned);
    let spelt = |word: &str| full.iter().find(|(_, initials, _)| initials == word).map(|(id, ..)| *id);
    let mut taken = vec![false; lattice.doc.tokens().len()];
    let mut ties: Vec<(MentionId, MentionId)> = Vec::new();
    for (id, mention) in ids().filter(|(_, mention)| mention.ty == actor && !mention.covered) {
        pace.step()?;
        taken.get_mut(mention.range.range()).unwrap_or_default().fill(true);
        let word = lattice.doc.word(mention.extent.start as usize);
        if mention.extent.len() == 1 && mention.antecedent.is_none() && is_abbreviation(word) {
            let own = known(mention);
            let same = full.iter().find(|(_, _, other)| own.is_some() && known(other) == own).map(|(id, ..)| *id);
            ties.extend(same.or_else(|| spelt(word)).map(|to| (id, to)));
        }
    }
    let mut new: Vec<(TokenRange, MentionId)> = Vec::new();
    for sentence in lattice.doc.sentences().iter().filter(|s| s.part.tells()) {
        for token in sentence.tokens.range().filter(|token| taken.get(*token) == Some(&false)) {
            let word = lattice.doc.word(token);
            let to = is_abbreviation(word).then(|| spelt(word)).flatten();
            new.extend(to.map(|to| (TokenRange::new(token, token + 1), to)));
        }
    }
    for (id, to) in ties {
        if let Some(mention) = analysis.lattice.mentions.get_mut(id.0 as usize) {
            mention.antecedent = Some(to);
        }
    }
    for (range, to) in new {
        refer(analysis, actor, range, to, "abbreviation");
    }
    Ok(())
}

fn is_abbreviation(word: &str) -> bool {
    word.chars().count() >= LETTERS && word.chars().all(char::is_uppercase)
}

/// The first letters of the words of a name that have capitals.
fn initials(lattice: &Lattice<'_>, range: TokenRange) -> String {
    let capitals = range.range().filter(|at| lattice.class(*at) & class::CAP != 0);
    capitals.filter_map(|at| lattice.doc.word(at).chars().next()).collect()
}

/// Makes a mention that stands for another one.
fn refer(analysis: &mut Analysis<'_>, ty: TypeId, range: TokenRange, to: MentionId, rule: &str) {
    let hides = analysis.lattice.mention(to).and_then(|mention| mention.hides.clone());
    analysis.add_mention(Mention {
        ty,
        range,
        extent: range,
        record: Arc::new(Record::new()),
        rule: rule.into(),
        antecedent: Some(to),
        parties: Vec::new(),
        time: None,
        hides,
        covered: false,
    });
}

fn is_person(mention: &Mention) -> bool {
    mention.record.text("kind") == Some("PERSON")
}

fn words(lattice: &Lattice<'_>, range: TokenRange) -> Vec<String> {
    range.range().map(|at| lattice.doc.word(at).to_owned()).collect()
}

/// The people whose names have more than one word, all of them names.
fn people(lattice: &Lattice<'_>, actor: TypeId) -> Vec<Person> {
    let full = |mention: &Mention| {
        mention.ty == actor
            && !mention.covered
            && is_person(mention)
            && mention.extent.len() > 1
            && [mention.extent.start, mention.extent.end - 1]
                .iter()
                .all(|at| lattice.class(*at as usize) & class::CAP != 0 || lattice.doc.word(*at as usize).contains('-'))
    };
    lattice
        .all_mentions()
        .filter(|(_, mention)| full(mention))
        .map(|(id, mention)| Person {
            words: words(lattice, mention.extent),
            start: mention.range.start,
            id,
            fields: mention.record.iter().count(),
        })
        .take(MOST)
        .collect()
}

/// The person that a name or a part of one means: of those that it fits best the one said to be most, then the nearest
/// before, then the first behind.
fn person(people: &[Person], part: &[String], start: u32, own: Option<MentionId>, least: Fit) -> Option<MentionId> {
    let own = people.iter().find(|person| Some(person.id) == own);
    let better = |fit: Fit, person: &Person| {
        // A name said again refers back to a mention that says more, or as much and earlier.
        fit != Fit::Whole
            || own.is_none_or(|own| (person.fields, Reverse(person.start)) > (own.fields, Reverse(own.start)))
    };
    people
        .iter()
        .filter(|person| own.is_none_or(|own| own.id != person.id))
        .filter_map(|person| Some((fit(part, &person.words)?, person)))
        .filter(|(fit, person)| *fit >= least && better(*fit, person))
        .max_by_key(|(fit, person)| {
            let before = person.start < start;
            (*fit, before, if before { person.start } else { u32::MAX - person.start })
        })
        .map(|(_, person)| person.id)
}

fn fit(part: &[String], whole: &[String]) -> Option<Fit> {
    let last = whole.last()?;
    let tail = |name: &str| last.split_once('-').is_some_and(|(_, tail)| tail == name);
    if part == whole {
        return Some(Fit::Whole);
    }
    if part.is_empty() || part.len() >= whole.len() {
        return None;
    }
    if whole.ends_with(part) {
        return Some(Fit::Last);
    }
    let [name] = part else { return None };
    if tail(name) || name.split_once('-').is_some_and(|(_, tail)| tail == last) {
        return Some(Fit::Tail);
    }
    (whole.first() == Some(name)).then_some(Fit::First)
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};

    fn fits(part: &str, whole: &str) -> Option<Fit> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        fit(&words(part), &words(whole))
    }

    #[test]
    fn parts_of_names_fit_by_their_last_words_before_their_first() {
        assert!(fits("Bush", "George Bush") == Some(Fit::Last));
        assert!(fits("Ben Ali", "Zine El Abidine Ben Ali") == Some(Fit::Last));
        assert!(fits("Sadr", "Moqtada al-Sadr") == Some(Fit::Tail));
        assert!(fits("al-Sadr", "Moqtada Sadr") == Some(Fit::Tail));
        assert!(fits("Hu", "Hu Jintao") == Some(Fit::First));
        assert!(fits("Hu Jintao", "Hu Jintao") == Some(Fit::Whole));
        assert!(fits("El Abidine", "Zine El Abidine Ben Ali").is_none());
        assert!(fits("George Bush", "Bush").is_none());
        assert!(Fit::Last > Fit::Tail && Fit::Tail > Fit::First);
    }
}
