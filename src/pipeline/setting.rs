//! Where an event happened, as far as its own sentence says it.

use std::ops::Range;

use super::analysis::Analysis;
use super::events::Draft;
use super::lattice::{Mention, MentionId};
use super::slots::Trigger;
use crate::event::domain::Record;
use crate::relations::{Argument, Binding, Clauses, Label, Role, Tag, WordClass};
use crate::rules::program::class;
use crate::rules::ruleset::{EventRule, PlacePolicy};

/// How exact a place is, by its kind.
pub(super) fn exactness(record: &Record) -> u8 {
    match record.text("kind") {
        Some("FACILITY") => 6,
        Some("CITY" | "CAPITAL") => 5,
        Some("ADMIN1") => 4,
        Some("REGION" | "WATER") => 3,
        Some("SEA") => 2,
        Some("COUNTRY") => 1,
        _ => 3,
    }
}

/// The same of the places of one sentence: "north of Baghdad" is less exact than the village where that is.
pub(super) fn own_exactness(record: &Record) -> u8 {
    let exact = exactness(record);
    if record.text("bearing").is_some() { exact.min(2) } else { exact }
}

/// How a place is tied to a predicate, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    /// Of a clause that hangs on the predicate's.
    Below,
    /// Of a clause that the predicate's clause hangs on.
    Above,
    /// Where it goes to.
    Goal,
    /// On one of its arguments, or on a verb of its clause.
    Near,
    /// On the predicate.
    Own,
}

/// Where it happened: the most exact of the places that the predicate has; else one of a clause that its own hangs on;
/// else, of what happens at a place, one of the clauses that hang on its own. An act of speech (`speech`) is where it was
/// done, not where what it speaks of is.
pub(super) fn place(
    analysis: &Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    draft: &Draft,
    speech: bool,
) -> Option<MentionId> {
    let ty = analysis.rules.place_type?;
    let clauses = analysis.clauses(trigger.sentence)?;
    let policy = analysis.rules.events.get(draft.rule).map(|rule| rule.place);
    let physical = !speech && matches!(policy, Some(PlacePolicy::Story | PlacePolicy::Country | PlacePolicy::Target));
    let actor = |at: usize| analysis.rules.actor_type.and_then(|ty| analysis.mention_at(trigger.sentence, ty, at));
    let addressed = clauses.is(trigger.head, WordClass::REPORT_VERB)
        && arguments.iter().any(|other| other.role == Role::Patient && actor(trigger.start + other.head).is_some());
    let mut found: Vec<(bool, u8, Tie, MentionId)> = Vec::new();
    for (id, mention) in analysis.mentions(trigger.sentence, ty) {
        if is_taken(analysis, draft, mention, physical) {
            continue;
        }
        if is_quoted(analysis, trigger, mention) {
            continue;
        }
        let range = mention.range.start as usize - trigger.start..mention.range.end as usize - trigger.start;
        let local = range.clone();
        let host = host(&clauses, range.clone());
        let party = |at: usize| actor(at).is_some();
        // "Baghdad's Green Zone", "the West Bank town of Jenin": the one that is named last is meant.
        let names_other = |at: usize| analysis.mention_at(trigger.sentence, ty, at).is_some_and(|other| other != id);
        if host.is_some_and(|at| names_other(trigger.start + at)) {
            continue;
        }
        // "hijacked a U.S. ship": whose it is.
        let whole = mention.record.text("kind") == Some("COUNTRY");
        if host.is_some() && whole && !is_introduced(&clauses, range.clone()) {
            continue;
        }
        let place = Place {
            // "on trial in Los Angeles federal court", "in front of the Baghdad offices"
            host: host.filter(|at| {
                let compound = clauses.label(clauses.head_of(range.clone())) == Label::Compound;
                !party(trigger.start + *at) || compound && is_within(&clauses, *at)
            }),
            range,
            physical,
            speech: policy == Some(PlacePolicy::Dateline),
            addressed,
        };
        let tie = tie(&clauses, trigger, arguments, &place).filter(|tie| !speech || *tie == Tie::Own);
        let head = clauses.head_of(local);
        let own = clauses.head(head) == Some(trigger.head) || !clauses.under(head, trigger.head);
        if let Some(tie) = tie.filter(|_| own || !is_in_content(analysis, trigger, draft, mention)) {
            let place = place.range.clone();
            let near = is_near(&clauses, place);
            found.push((tie >= Tie::Goal, own_exactness(&mention.record) * 2 - u8::from(near), tie, id));
        }
    }
    // Of equals the first.
    found.sort_by_key(|(near, exact, tie, id)| (std::cmp::Reverse((*near, *exact, *tie)), *id));
    found.first().map(|(.., id)| *id)
}

/// Whether the words of a place are a party of the event, or fill a field of its message. What is attacked (`physical`) can
/// be both.
fn is_taken(analysis: &Analysis<'_>, draft: &Draft, place: &Mention, physical: bool) -> bool {
    let is = |id: &MentionId| analysis.lattice.mention(*id).is_some_and(|actor| actor.range.overlaps(place.range));
    if draft.actors.iter().any(is) {
        return true;
    }
    if draft.recipients.iter().any(is) {
        return !physical;
    }
    let span = analysis.doc().span_of(place.extent);
    draft.slots.iter().any(|slot| slot.evidence.span == span)
}

/// Whether a place stands between quotation marks and the predicate does not: "chanted 'Death to America'".
fn is_quoted(analysis: &Analysis<'_>, trigger: &Trigger, place: &Mention) -> bool {
    let Some(sentence) = analysis.sentence(trigger.sentence).map(|sentence| sentence.tokens) else { return false };
    let marks = |range: Range<usize>| range.filter(|at| analysis.lattice.class(*at) & class::QUOTE != 0).count();
    let (start, end) = (sentence.start as usize, sentence.end as usize);
    let inside = |at: usize| marks(start..at) % 2 == 1 && marks(at..end) > 0;
    inside(place.range.start as usize) && !inside(trigger.start + trigger.head)
}

/// Whether the words of a place are part of those that say what it is about: "protests against the war in Iraq". Those
/// of a noun end before the verb: "the inquiry into the fire opened in Lagos".
fn is_in_content(analysis: &Analysis<'_>, trigger: &Trigger, draft: &Draft, place: &Mention) -> bool {
    let span = analysis.doc().span_of(place.extent).range();
    let verb = |at: u32| analysis.lattice.tag(at as usize).is_some_and(Tag::is_verb);
    let noun = !verb((trigger.start + trigger.head) as u32);
    draft.slots.iter().filter(|slot| &*slot.how == "span").any(|slot| {
        let words = slot.evidence.span.range();
        let inside = words.start <= span.start && span.end <= words.end;
        inside && !(noun && (trigger.range.end..place.range.start).any(verb))
    })
}

/// The words of a place in its sentence.
struct Place {
    range: Range<usize>,
    /// The noun that it says the place of: "a Madrid airport", "London's transport system".
    host: Option<usize>,
    /// Looked for by what happens at a place.
    physical: bool,
    /// Looked for by an act of speech.
    speech: bool,
    /// What stands between are those to whom it was said: "told reporters in Oslo".
    addressed: bool,
}

/// The noun that a place stands before.
fn host(clauses: &Clauses<'_>, range: Range<usize>) -> Option<usize> {
    let head = clauses.head_of(range);
    let before = matches!(clauses.label(head), Label::Compound | Label::NmodPoss | Label::Amod | Label::Flat);
    clauses.head(head).filter(|up| before && *up > head && clauses.tag(*up).is_some_and(Tag::is_noun))
}

/// Whether a place preposition introduces a place, or the noun that it stands before: "in Kabul", "in his Moscow
/// apartment"; "south of Baghdad" says it itself.
pub(super) fn is_introduced(clauses: &Clauses<'_>, range: Range<usize>) -> bool {
    let introduces = |at: usize| is_place_preposition(clauses, at);
    let by = |head: usize| clauses.children(head).any(|c| clauses.label(c) == Label::Case && introduces(c));
    range.clone().any(introduces) || by(clauses.head_of(range.clone())) || host(clauses, range).is_some_and(by)
}

/// Whether a place is one that it happened near.
fn is_near(clauses: &Clauses<'_>, range: Range<usize>) -> bool {
    let head = clauses.head_of(range.clone());
    let near = |head: usize| {
        clauses
            .children(head)
            .any(|c| clauses.label(c) == Label::Case && clauses.is(c, WordClass::VICINITY_PREPOSITION))
    };
    near(head) || host(clauses, range).is_some_and(near)
}

/// Whether a noun is introduced by a preposition that can only be one of place: "in", "at".
pub(super) fn is_within(clauses: &Clauses<'_>, noun: usize) -> bool {
    clauses.children(noun).any(|c| {
        let is = |class| clauses.is(c, class);
        clauses.label(c) == Label::Case && is(WordClass::PLACE_PREPOSITION) && !is(WordClass::TOPIC_PREPOSITION)
    })
}

/// Whether a word is a preposition of place; "along with" is none.
fn is_place_preposition(clauses: &Clauses<'_>, at: usize) -> bool {
    clauses.is(at, WordClass::PLACE_PREPOSITION) && !clauses.is(at + 1, WordClass::COMPANY_PREPOSITION)
}

fn tie(clauses: &Clauses<'_>, trigger: &Trigger, arguments: &[Argument], place: &Place) -> Option<Tie> {
    let Place { range, host, physical, speech, addressed } = place;
    let head = clauses.head_of(range.clone());
    // "raised the toll from the quake in Jakarta"
    if clauses.is_aside(trigger.head) && !clauses.under(head, trigger.head) {
        return None;
    }
    let introduces = |at: usize| is_place_preposition(clauses, at);
    let introduced =
        is_introduced(clauses, range.clone()) && (host.is_some() || self::host(clauses, range.clone()).is_none());
    // "concluded a visit to Iraq", where more words than one tell it
    let phrase = trigger.range.start as usize - trigger.start..trigger.range.end as usize - trigger.start;
    let goal = |c: usize| clauses.label(c) == Label::Case && clauses.is(c, WordClass::GOAL_PREPOSITION);
    if *physical
        && clauses.head(head).is_some_and(|up| phrase.contains(&up) && clauses.tag(up).is_some_and(Tag::is_noun))
        && clauses.children(head).any(goal)
    {
        return Some(Tie::Goal);
    }
    // "condemned the bombing in Baghdad": where that was of which it speaks.
    if *speech && !*addressed && speaks_of(clauses, trigger, arguments, range) {
        return None;
    }
    let own = arguments.iter().find(|argument| range.contains(&argument.head) || *host == Some(argument.head));
    if let Some(argument) = own {
        // "discussed the situation on the peninsula": what it is about.
        let of_object = clauses.head(argument.head) != Some(trigger.head);
        let placed = argument.preposition.is_some_and(introduces);
        let party = matches!(argument.role, Role::Topic | Role::Recipient);
        if of_object && party && !(*physical && placed) {
            return None;
        }
        // "raided the town of Jenin": what it was done to is where it was done.
        let done_to =
            matches!(argument.role, Role::Patient) && (argument.preposition.is_none() || *physical && host.is_some());
        if placed || introduced {
            let loose = argument.binding == Binding::Clause || host.is_some();
            return Some(if loose { Tie::Near } else { Tie::Own });
        }
        // "a visit to Syria", "troops flew to Kabul"
        if *physical && argument.preposition.is_some_and(|at| clauses.is(at, WordClass::GOAL_PREPOSITION)) {
            return Some(Tie::Goal);
        }
        if done_to && *physical {
            return Some(Tie::Near);
        }
    }
    // "the Madrid bombings"
    if clauses.head(head) == Some(trigger.head) && clauses.label(head) == Label::Compound {
        return Some(Tie::Near);
    }
    if !introduced {
        return None;
    }
    // "At a news conference in Geneva, he urged ..."
    if *speech && is_in_front(clauses, head, trigger.head) {
        return Some(Tie::Own);
    }
    let up = clauses.head(host.unwrap_or(head))?;
    let verb = clauses.tag(up).is_some_and(Tag::is_verb);
    if !*physical && is_topic(clauses, up, host.unwrap_or(head), trigger.head) {
        return None;
    }
    if up == trigger.head
        || arguments
            .iter()
            .any(|argument| argument.head == up && !argument.preposition.is_some_and(|at| clauses.is_topical(at)))
    {
        return Some(Tie::Near);
    }
    if stages(clauses, trigger.head).any(|stage| is_on_stage(clauses, head, stage)) {
        return Some(Tie::Own);
    }
    if clauses.in_clause(head, trigger.head) {
        let under = clauses.under(head, trigger.head) && !is_of_topic(clauses, up, trigger.head);
        // "is wanted in Caracas for his part in a bombing"
        let noun = clauses.head(trigger.head).filter(|up| *physical && clauses.tag(*up).is_some_and(Tag::is_noun));
        let matter = noun.is_some_and(|noun| is_of_matter(clauses, noun, head));
        return (verb && !matter || under).then_some(Tie::Near);
    }
    // Not where somebody went then: "streamed into Egypt after rebels blew up the wall".
    if is_above(clauses, head, trigger.head) && !clauses.children(head).any(goal) {
        return Some(Tie::Above);
    }
    // "killed two gunmen who opened fire in Jerusalem", "attacked while travelling in Mogadishu"
    let clause = clauses.clause_head(head);
    let below = *physical
        && clauses.under(clause, trigger.head)
        && (clauses.tells_a_fact(clause) || is_participle(clauses, clause));
    below.then_some(Tie::Below)
}

/// Whether a clause is a participle that says what somebody was doing then: "people waiting to enter a bank in Lima"; not of
/// what he is accused.
fn is_participle(clauses: &Clauses<'_>, clause: usize) -> bool {
    let top = match (clauses.label(clause), clauses.head(clause)) {
        (Label::Xcomp, Some(head)) => clauses.clause_head(head),
        _ => clause,
    };
    let held = |at: usize| clauses.is(at, WordClass::OBJECT_CONTROL) || clauses.is(at, WordClass::REPORT_VERB);
    let subject = || clauses.children(top).any(|c| clauses.label(c).is_subject());
    let participle = match clauses.label(top) {
        Label::Acl => matches!(clauses.tag(top), Some(Tag::VBG | Tag::VBN)),
        Label::Advcl => clauses.tag(top) == Some(Tag::VBG) && !subject(),
        _ => false,
    };
    participle && !held(top) && !held(clause)
}

/// Where those are who tell of what happens: "Police in Lima say a bomb has exploded". It is less sure than a place that
/// is told of the event itself.
pub(super) fn teller_place(analysis: &Analysis<'_>, trigger: &Trigger, draft: &Draft) -> Option<MentionId> {
    let ty = analysis.rules.place_type?;
    if !analysis.rules.events.get(draft.rule)?.happens() {
        return None;
    }
    let clauses = analysis.clauses(trigger.sentence)?;
    let speaker = clauses.attribution(trigger.head)?.speaker;
    analysis
        .mentions(trigger.sentence, ty)
        .filter(|(_, mention)| !is_taken(analysis, draft, mention, true))
        .filter(|(_, mention)| {
            let range = mention.range.start as usize - trigger.start..mention.range.end as usize - trigger.start;
            let head = clauses.head_of(range.clone());
            head != speaker
                && clauses.under(head, speaker)
                && clauses.clause_head(head) == clauses.clause_head(speaker)
                && is_introduced(&clauses, range)
        })
        .max_by_key(|(id, mention)| (own_exactness(&mention.record), std::cmp::Reverse(*id)))
        .map(|(id, _)| id)
}

/// Whether a place stands behind what an act of speech speaks of.
fn speaks_of(clauses: &Clauses<'_>, trigger: &Trigger, arguments: &[Argument], place: &Range<usize>) -> bool {
    let head = clauses.head_of(place.clone());
    let own_words = trigger.range.end as usize - trigger.start;
    arguments.iter().any(|other| {
        other.role == Role::Patient && (own_words..head).contains(&other.head) && !place.contains(&other.head)
    })
}

/// Whether a noun, or one that it hangs on below a predicate, names only what the predicate is about: "arrested over attacks
/// on settlements in Gaza".
fn is_of_topic(clauses: &Clauses<'_>, noun: usize, predicate: usize) -> bool {
    let about = |c: usize| {
        let is = |class| clauses.is(c, class);
        clauses.label(c) == Label::Case && is(WordClass::ASIDE_PREPOSITION) && is(WordClass::TOPIC_PREPOSITION)
    };
    std::iter::successors(Some(noun), |at| clauses.head(*at))
        .take_while(|at| *at != predicate)
        .any(|at| clauses.tag(at).is_some_and(Tag::is_noun) && clauses.children(at).any(about))
}

/// Whether a place is that of a phrase of place in front of a predicate and its subject.
fn is_in_front(clauses: &Clauses<'_>, place: usize, predicate: usize) -> bool {
    let own = clauses.clause_head(predicate);
    let subject = clauses.children(own).find(|c| clauses.label(*c).is_subject());
    let top = std::iter::successors(Some(place), |at| clauses.head(*at)).find(|at| clauses.head(*at) == Some(own));
    top.is_some_and(|top| {
        clauses.label(top) == Label::Obl
            && subject.is_some_and(|subject| place < subject)
            && is_within(clauses, top)
            && std::iter::successors(Some(place), |at| clauses.head(*at))
                .take_while(|at| *at != top)
                .all(|at| clauses.label(at) == Label::Nmod)
    })
}

/// Whether a noun is what its clause is about, and a place is not its own: "wanted in Caracas for his part in a bombing".
fn is_of_matter(clauses: &Clauses<'_>, noun: usize, place: usize) -> bool {
    let about = |c: usize| {
        let is = |class| clauses.is(c, class);
        clauses.label(c) == Label::Case
            && (is(WordClass::ASIDE_PREPOSITION) || is(WordClass::CONTENT_PREPOSITION))
            && !is(WordClass::PATIENT_PREPOSITION)
            && !is(WordClass::RECIPIENT_PREPOSITION)
    };
    !clauses.under(place, noun)
        && std::iter::successors(Some(noun), |at| clauses.head(*at))
            .take_while(|at| clauses.tag(*at).is_some_and(Tag::is_noun))
            .any(|at| clauses.children(at).any(about))
}

/// The participles in front of a predicate that say in what its doer was engaged: "Speaking in Beirut on Tuesday, he accused
/// ...", "After meeting ministers in Rome, she urged ...". Where and when that was the predicate was too.
pub(super) fn stages<'a>(clauses: &'a Clauses<'_>, predicate: usize) -> impl Iterator<Item = usize> + 'a {
    let own = clauses.clause_head(predicate);
    let own_words = move |at: usize| {
        clauses.children(at).all(|c| {
            let label = clauses.label(c);
            !label.is_subject() && (label != Label::Mark || clauses.is(c, WordClass::FACT_PREPOSITION))
        })
    };
    clauses.children(own).filter(move |at| {
        *at < own && clauses.label(*at) == Label::Advcl && clauses.tag(*at) == Some(Tag::VBG) && own_words(*at)
    })
}

/// Whether a word belongs to a participle itself, not to its object: not the day of the report in "citing a report issued
/// on Friday".
pub(super) fn is_on_stage(clauses: &Clauses<'_>, at: usize, stage: usize) -> bool {
    let mut above = std::iter::successors(Some(at), |at| clauses.head(*at)).take_while(|at| *at != stage).take(8);
    clauses.under(at, stage)
        && above.all(|at| !matches!(clauses.label(at), Label::Obj | Label::Ccomp | Label::AclRelcl))
}

/// "discussed the situation on the peninsula": of the object, whatever the parser ties it to. `up`: what that is.
fn is_topic(clauses: &Clauses<'_>, up: usize, place: usize, predicate: usize) -> bool {
    let case = |c: &usize| clauses.label(*c) == Label::Case && clauses.is(*c, WordClass::TOPIC_PREPOSITION);
    let object = clauses.children(up).find(|c| clauses.label(*c) == Label::Obj && *c < place);
    let carries = clauses.head(predicate) == Some(up) && object.is_none_or(|object| object == predicate);
    clauses.children(place).any(|c| case(&c)) && up != predicate && !carries
}

/// Whether a place belongs to a clause that the predicate's clause hangs on. In front of a clause of speech it is the place
/// of what is said, too: "In Mosul, witnesses say ...".
fn is_above(clauses: &Clauses<'_>, place: usize, predicate: usize) -> bool {
    let mut clause = clauses.clause_head(predicate);
    for _ in 0..4 {
        let Some(above) = clauses.head(clause) else { return false };
        let in_front = || clauses.children(above).any(|c| clauses.label(c).is_subject() && c > place);
        let passes = match clauses.label(clause) {
            // "is wanted in Caracas for his part in a bombing that killed 73"
            Label::AclRelcl if is_of_matter(clauses, above, place) => false,
            Label::Advcl | Label::AclRelcl | Label::Conj => true,
            Label::Ccomp | Label::Parataxis => in_front(),
            _ => false,
        };
        if !passes {
            return false;
        }
        if clauses.in_clause(above, place) {
            return true;
        }
        clause = clauses.clause_head(above);
    }
    false
}

/// Acts of speech, and talks, without a place of their own were where the article was filed, on its day.
pub(super) fn filed_place(analysis: &Analysis<'_>, rule: &EventRule, draft: &mut Draft) {
    if !matches!(rule.place, PlacePolicy::Dateline | PlacePolicy::Filed) || draft.place.is_some() {
        return;
    }
    let (Some(day), Some(ty)) = (analysis.day.date, analysis.rules.place_type) else { return };
    let today =
        draft.time.as_ref().is_some_and(|time| time.resolved.start == Some(day) && time.resolved.end == Some(day));
    if !today {
        return;
    }
    let Some(span) = analysis.doc().dateline().and_then(|dateline| dateline.place) else { return };
    let range = analysis.doc().tokens_in(span);
    let sentence = analysis.doc().sentence_of(range.start as usize).unwrap_or_default();
    if let Some((id, _)) = analysis.mentions(sentence, ty).find(|(_, m)| m.range.overlaps(range)) {
        draft.place = Some(id);
        draft.filed = true;
    }
}
