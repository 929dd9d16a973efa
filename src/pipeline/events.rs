//! From triggers to events: the rules that a trigger sets off, their conditions, their slots.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use super::Stopped;
use super::analysis::Analysis;
use super::calendar::Resolved;
use super::lattice::{MentionId, Target};
use super::matcher::{Captured, is_found, match_all};
use super::mentions::value;
use super::references;
use super::setting;
use super::slots::{Found, Trigger, find};
use super::trace::What;
use super::when;
use crate::event::domain::{Assertion, Certainty, Record, SlotEvidence, Status, Value};
use crate::relations::{Argument, Label, Role, Tag};
use crate::rules::ruleset::{CaptureUse, Condition, EventRule, FieldShape, Joins, Where};
use crate::rules::syntax::TriggerKind;
use crate::text::TokenRange;

/// An event in the making.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Index of its rule.
    pub rule: usize,
    pub sentence: usize,
    /// The words that set the rule off.
    pub trigger: TokenRange,
    /// Their head word.
    pub head: usize,
    pub detail: Record,
    pub category: Arc<str>,
    pub modes: Vec<Arc<str>>,
    pub slots: Vec<SlotEvidence>,
    pub actors: Vec<MentionId>,
    pub recipients: Vec<MentionId>,
    pub place: Option<MentionId>,
    /// The place is that of the dateline, or of those who tell of it.
    pub filed: bool,
    pub time: Option<EventTime>,
    pub assertion: Assertion,
    /// Other places of the article that tell of it.
    pub also: Vec<TokenRange>,
    /// Indices of their rules.
    pub also_rules: Vec<usize>,
    /// Index of other drafts, with the rule that ties them.
    pub links: Vec<(Arc<str>, usize)>,
    pub confidence: f32,
    /// Merged into another draft.
    pub merged: bool,
    /// Told only inside what another event says: no event unless the article tells it elsewhere.
    pub absorbed: bool,
}

impl Draft {
    /// Whether it is an event of its own.
    pub fn stands(&self) -> bool {
        !self.merged && !self.absorbed
    }
}

/// When an event happened.
#[derive(Clone, Debug)]
pub(crate) struct EventTime {
    pub resolved: Resolved,
    /// The words.
    pub range: TokenRange,
}

/// A trigger with the rule that it sets off.
struct Fired {
    rule: usize,
    kind: TriggerKind,
    range: TokenRange,
    program: u32,
    captures: Vec<Captured>,
}

/// What was found in the sentences.
pub(super) struct Told {
    pub drafts: Vec<Draft>,
    /// There were as many as there may be, so that the sentences behind were not looked at.
    pub cut: bool,
}

/// Finds the events of all sentences, `most` at most. `wanted` says which rules may fire.
pub(super) fn run(
    analysis: &mut Analysis<'_>,
    wanted: &dyn Fn(&EventRule) -> bool,
    most: usize,
) -> Result<Told, Stopped> {
    // Sentences are parsed one by one where a trigger stands in them; a span for each would be too many.
    let span = tracing::debug_span!(target: "dateline::stage", "events", relations.duration = tracing::field::Empty);
    analysis.parsing = (!span.is_disabled()).then_some(Duration::ZERO);
    let found = span.in_scope(|| sentences(analysis, wanted, most));
    if let Some(parsing) = analysis.parsing.take() {
        span.record("relations.duration", parsing.as_secs_f64());
    }
    found
}

fn sentences(analysis: &mut Analysis<'_>, wanted: &dyn Fn(&EventRule) -> bool, most: usize) -> Result<Told, Stopped> {
    let rules = analysis.rules;
    let mut drafts = Vec::new();
    let mut spoken: Option<Date> = None;
    for (index, sentence) in analysis.doc().sentences().iter().enumerate() {
        analysis.pace.step()?;
        if !sentence.part.tells() || sentence.duplicate {
            continue;
        }
        let mut fired: Vec<Fired> = Vec::new();
        match_all(&analysis.lattice, &rules.triggers, sentence.tokens, &mut analysis.scratch, &mut |program, m| {
            let Some((rule, kind, _)) = rules.trigger_of.get(program as usize) else { return };
            if rules.events.get(*rule as usize).is_some_and(wanted) {
                let rule = *rule as usize;
                fired.push(Fired { rule, kind: *kind, range: m.range, program, captures: m.captures });
            }
        });
        if fired.is_empty() {
            continue;
        }
        analysis.parse(index);
        references::revise(analysis, index);
        let mut own: Vec<Draft> = Vec::new();
        for fired in &fired {
            own.extend(draft(analysis, index, fired, spoken));
        }
        for (winner, lost) in keep_best(&mut own, rules.events.as_slice()) {
            analysis.trace.note(Some(lost.rule), index, lost.trigger, || What::Lost(winner));
        }
        absorb(analysis, index, &mut own);
        spoken_of(analysis, index, &mut own);
        own.sort_by_key(|draft| (draft.trigger, draft.rule));
        for draft in &own {
            if let Some(date) = draft.time.as_ref().and_then(|time| time.resolved.start) {
                spoken = Some(date);
            }
        }
        drafts.extend(own);
        if drafts.len() > most {
            drafts.truncate(most);
            return Ok(Told { drafts, cut: true });
        }
    }
    Ok(Told { drafts, cut: false })
}

/// One predicate tells one event: of several rules that it sets off the one with the higher priority stands, then the
/// one that found more, then the one with the longer trigger, then the first. Gives those that do not stand, each with
/// the rule that won.
fn keep_best(drafts: &mut Vec<Draft>, rules: &[EventRule]) -> Vec<(usize, Draft)> {
    let weight = |draft: &Draft| {
        let priority = rules.get(draft.rule).map_or(0, |rule| rule.priority);
        (priority, draft.slots.len(), draft.trigger.len())
    };
    drafts.sort_by(|a, b| weight(b).cmp(&weight(a)).then(a.rule.cmp(&b.rule)));
    let (mut kept, mut lost): (Vec<Draft>, Vec<(usize, Draft)>) = Default::default();
    for draft in drafts.drain(..) {
        match kept.iter().find(|other| other.head == draft.head || other.trigger.overlaps(draft.trigger)) {
            Some(winner) => lost.push((winner.rule, draft)),
            None => kept.push(draft),
        }
    }
    *drafts = kept;
    lost
}

/// Marks what stands in the complement of an event that absorbs: "urged the rebels to stop the attacks".
fn absorb(analysis: &Analysis<'_>, sentence: usize, drafts: &mut [Draft]) {
    let (Some(clauses), Some(own)) = (analysis.clauses(sentence), analysis.sentence(sentence)) else { return };
    let start = own.tokens.start as usize;
    let absorbing: Vec<usize> = drafts
        .iter()
        .filter(|draft| analysis.rules.events.get(draft.rule).is_some_and(|rule| rule.absorbs))
        .map(|draft| draft.head - start)
        .collect();
    let stays = |draft: &&mut Draft| !analysis.rules.events.get(draft.rule).is_some_and(|rule| rule.independent);
    for draft in drafts.iter_mut().filter(stays) {
        let head = draft.head - start;
        // "condemned the launch, and X urged ...": an act of speech is part of another one in its clause only.
        let speech = absorbing.contains(&head);
        draft.absorbed = absorbing.iter().any(|outer| *outer != head && clauses.in_complement(head, *outer, speech));
        if draft.absorbed {
            analysis.trace.note(Some(draft.rule), sentence, draft.trigger, || What::Absorbed);
        }
    }
}

/// What an act of speech is about was not where and when the words were said: "In Rome on Friday, he condemned the attack".
fn spoken_of(analysis: &Analysis<'_>, sentence: usize, drafts: &mut [Draft]) {
    let (Some(clauses), Some(own)) = (analysis.clauses(sentence), analysis.sentence(sentence)) else { return };
    let start = own.tokens.start as usize;
    let speech = |draft: &&Draft| analysis.rules.events.get(draft.rule).is_some_and(EventRule::is_speech);
    let acts: Vec<usize> = drafts.iter().filter(speech).map(|draft| draft.head - start).collect();
    if acts.is_empty() {
        return;
    }
    let speech: Vec<bool> = drafts.iter().map(|draft| speech(&draft)).collect();
    for (draft, _) in drafts.iter_mut().zip(speech).filter(|(_, speech)| !speech) {
        let head = draft.head - start;
        let object = clauses.label(head) == Label::Obj && clauses.tag(head).is_some_and(Tag::is_noun);
        if !object || !clauses.head(head).is_some_and(|up| acts.contains(&up)) {
            continue;
        }
        let within = |range: TokenRange| {
            let words = range.start as usize - start..range.end as usize - start;
            words.start > head || clauses.under(clauses.head_of(words), head)
        };
        let place = draft.place.and_then(|id| analysis.lattice.mention(id)).map(|place| place.range);
        if place.is_some_and(|place| !within(place)) {
            draft.place = None;
        }
        if draft.time.as_ref().is_some_and(|time| !within(time.range)) {
            draft.time = None;
        }
    }
}

fn draft(analysis: &mut Analysis<'_>, sentence: usize, fired: &Fired, spoken: Option<Date>) -> Option<Draft> {
    let rules = analysis.rules;
    let rule = rules.events.get(fired.rule)?;
    let (trigger, arguments) = {
        let clauses = analysis.clauses(sentence)?;
        let start = analysis.sentence(sentence)?.tokens.start as usize;
        let local = fired.range.start as usize - start..fired.range.end as usize - start;
        let mut head = clauses.head_of(local.clone());
        if fired.kind == TriggerKind::Verb && !clauses.tag(head).is_some_and(Tag::is_verb) {
            head = local.clone().find(|at| clauses.tag(*at).is_some_and(Tag::is_verb)).unwrap_or(head);
        }
        let tag = clauses.tag(head)?;
        let label = clauses.label(head);
        let modifier = matches!(label, Label::Amod | Label::Compound | Label::Det | Label::Case);
        let fits = match fired.kind {
            TriggerKind::Verb => tag.is_verb() && !modifier,
            TriggerKind::Noun => (tag.is_noun() || tag == Tag::VBG) && label != Label::Compound,
            TriggerKind::Adjective => matches!(tag, Tag::JJ | Tag::JJR | Tag::VBN | Tag::VBD) && !modifier,
            TriggerKind::Phrase => true,
        };
        if !fits {
            let tag = || tag.name().to_owned();
            let what = || What::PartOfSpeech { wanted: fired.kind, tag: tag() };
            analysis.trace.note(Some(fired.rule), sentence, fired.range, what);
            return None;
        }
        let mut arguments = Vec::new();
        clauses.arguments(head, fired.kind == TriggerKind::Adjective, &mut arguments);
        (Trigger { sentence, start, head, range: fired.range }, arguments)
    };
    if let Some(index) = failing(analysis, &trigger, &arguments, &rule.when, true) {
        analysis.trace.note(Some(fired.rule), sentence, fired.range, || What::When(index));
        return None;
    }
    if let Some(index) = failing(analysis, &trigger, &arguments, &rule.unless, false) {
        analysis.trace.note(Some(fired.rule), sentence, fired.range, || What::Unless(index));
        return None;
    }
    for filter in rules.filters.iter().filter(|filter| filter.of.get(fired.rule) == Some(&true)) {
        if failing(analysis, &trigger, &arguments, &filter.when, true).is_none()
            && failing(analysis, &trigger, &arguments, &filter.unless, false).is_none()
        {
            analysis.trace.note(Some(fired.rule), sentence, fired.range, || What::Filtered(filter.id.clone()));
            return None;
        }
    }
    let mut draft = Draft {
        rule: fired.rule,
        sentence,
        trigger: fired.range,
        head: trigger.start + trigger.head,
        detail: rule.set.clone(),
        category: rule.category.clone(),
        modes: rule.modes.clone(),
        slots: Vec::new(),
        actors: Vec::new(),
        recipients: Vec::new(),
        place: None,
        filed: false,
        time: None,
        assertion: Assertion::default(),
        also: Vec::new(),
        also_rules: Vec::new(),
        links: Vec::new(),
        confidence: 1.0,
        merged: false,
        absorbed: false,
    };
    captured(analysis, fired, &mut draft);
    let mut ranges: Vec<Vec<TokenRange>> = vec![Vec::new(); rule.slots.len()];
    for (index, slot) in rule.slots.iter().enumerate() {
        // Another way to a value that is there already.
        let filled = rule.slots.iter().zip(&ranges).take(index).any(|(s, r)| s.field == slot.field && !r.is_empty());
        if filled && !slot.every {
            continue;
        }
        let found = find(analysis, &trigger, &arguments, slot, &ranges);
        if found.is_empty() && slot.required && draft.detail.get(&slot.field).is_none() {
            let what = || What::EmptySlot(slot.field.clone());
            analysis.trace.note(Some(fired.rule), sentence, fired.range, what);
            return None;
        }
        for found in &found {
            if let Some(own) = ranges.get_mut(index) {
                own.push(found.range);
            }
            put(analysis, &mut draft, &slot.field, &slot.shape, found, "");
            let Some(id) = found.mention else { continue };
            match slot.joins {
                Joins::Actor => join(analysis, &mut draft.actors, id),
                Joins::Recipient => join(analysis, &mut draft.recipients, id),
                Joins::Place => draft.place = draft.place.or(Some(id)),
                Joins::Time => {
                    draft.time = draft.time.take().or_else(|| when::time_of(analysis, &trigger, id, Some(rule), spoken))
                }
                _ => {}
            }
        }
    }
    // Nobody does it to himself: "Iran defended its decision".
    let words = |id: &MentionId| analysis.record(*id).text("text").map(str::to_lowercase);
    let own: Vec<_> = draft.actors.iter().map(words).collect();
    draft.recipients.retain(|id| !own.contains(&words(id)));
    let fixed = draft.modes.len();
    for (mode, condition) in &rule.modes_if {
        if rule.one_mode && draft.modes.len() > fixed {
            break;
        }
        if !draft.modes.contains(mode) && holds(analysis, &trigger, &arguments, condition) {
            draft.modes.push(mode.clone());
        }
    }
    if draft.modes.len() == fixed {
        draft.modes.extend(rule.mode_else.iter().cloned());
    }
    if draft.place.is_none() {
        draft.place = setting::place(analysis, &trigger, &arguments, &draft, rule.absorbs);
    }
    received(analysis, rule, &mut draft);
    if draft.place.is_none() {
        draft.place = setting::teller_place(analysis, &trigger, &draft);
        draft.filed = draft.place.is_some();
    }
    // An act of speech was done when its words were said: "..., X said on Friday".
    let attributed = draft.slots.iter().any(|slot| &*slot.how == "attribution");
    if draft.time.is_none() && attributed {
        draft.time = when::said(analysis, &trigger, spoken);
    }
    if draft.time.is_none() {
        draft.time = when::time(analysis, &trigger, &arguments, Some(rule), spoken);
    }
    // "The president announced Monday that he would pardon them."
    if draft.time.is_none() && rule.is_speech() && when::speaks_of_self(analysis, &trigger, &draft) {
        draft.time = when::said(analysis, &trigger, spoken);
    }
    // "proposed in February holding elections": that of the proposal. "said on Monday that it would send aid": that, too, is when
    // it was promised.
    let mut promised = false;
    if draft.time.as_ref().is_some_and(|time| when::is_of_plan(analysis, &trigger, time)) {
        let bare = super::contexts::assertion(analysis, &trigger, rule, None);
        if matches!(bare.status, Status::Future | Status::Hypothetical) {
            promised = rule.is_speech() && when::speaks_of_self(analysis, &trigger, &draft);
            draft.time = if promised { when::said(analysis, &trigger, spoken) } else { None };
        }
    }
    draft.assertion = super::contexts::assertion(analysis, &trigger, rule, draft.time.as_ref());
    // What was agreed, asked or promised lies ahead; the act does not: "agreed to meet next month".
    let ahead = |time: &EventTime| time.resolved.start.is_some() && time.resolved.start > analysis.day.date;
    if rule.absorbs && analysis.day.date.is_some() && draft.time.as_ref().is_some_and(ahead) {
        let bare = super::contexts::assertion(analysis, &trigger, rule, None);
        if bare.status == Status::Asserted {
            (draft.time, draft.assertion) = (None, bare);
        }
    }
    if !promised {
        when::look_ahead(analysis, &trigger, &mut draft, spoken);
    }
    let planned = draft.assertion.status == Status::Future;
    if !recast(analysis, &trigger, &arguments, &mut draft) && rule.unless_status.contains(&draft.assertion.status) {
        return None;
    }
    // "said on Monday that it would send aid": an act of speech, if that is what it is called.
    if planned
        && draft.time.is_none()
        && draft.assertion.status == Status::Asserted
        && when::speaks_of_self(analysis, &trigger, &draft)
    {
        draft.time = when::said(analysis, &trigger, spoken);
    }
    setting::filed_place(analysis, rule, &mut draft);
    Some(draft)
}

/// "Kofi Annan met President Bashir in Khartoum": of two parties the one whose country the place lies in is the host, and so
/// the recipient of a visit.
fn received(analysis: &Analysis<'_>, rule: &EventRule, draft: &mut Draft) {
    let (Some(mode), Some(place)) = (&rule.host, draft.place) else { return };
    let ([first, second], true) = (draft.actors.as_slice(), draft.recipients.is_empty()) else { return };
    let country = |id: MentionId| analysis.record(id).text("country").map(str::to_owned);
    let (Some(here), Some(one), Some(other)) = (country(place), country(*first), country(*second)) else { return };
    let (visitor, host) = match (one == here, other == here) {
        (true, false) => (*second, *first),
        (false, true) => (*first, *second),
        _ => return,
    };
    (draft.actors, draft.recipients) = (vec![visitor], vec![host]);
    if !draft.modes.contains(mode) {
        draft.modes.push(mode.clone());
    }
}

/// Adds a party to a list, once: of two mentions that share words the longer one, of two in the same words the first.
fn join(analysis: &Analysis<'_>, list: &mut Vec<MentionId>, id: MentionId) {
    let extent = |id: MentionId| analysis.lattice.mention(id).map(|mention| mention.extent);
    let Some(own) = extent(id) else { return };
    let words = |id: MentionId| analysis.record(id).text("text").map(str::to_lowercase);
    let said = words(id);
    if list.iter().any(|other| words(*other) == said) {
        return;
    }
    match list.iter_mut().find(|other| extent(**other).is_some_and(|other| other.overlaps(own))) {
        Some(other) if extent(*other).is_some_and(|other| other.len() < own.len()) => *other = id,
        Some(_) => {}
        None => list.push(id),
    }
}

/// What the event is called in its status: a planned meeting is no meeting. Whether a recast fits.
fn recast(analysis: &mut Analysis<'_>, trigger: &Trigger, arguments: &[Argument], draft: &mut Draft) -> bool {
    let rules = analysis.rules;
    let found = rules.recasts.iter().find(|recast| {
        recast.of.get(draft.rule).copied().unwrap_or(false)
            && recast.status.contains(&draft.assertion.status)
            && failing(analysis, trigger, arguments, &recast.when, true).is_none()
            && failing(analysis, trigger, arguments, &recast.unless, false).is_none()
    });
    let Some(recast) = found else { return false };
    draft.category = recast.category.clone();
    draft.modes.clone_from(&recast.modes);
    draft.assertion.status = recast.sets.status.unwrap_or(draft.assertion.status);
    draft.assertion.certainty = recast.sets.certainty.unwrap_or(draft.assertion.certainty);
    true
}

/// Puts what a slot found into the message, with its evidence.
pub(super) fn put(
    analysis: &Analysis<'_>,
    draft: &mut Draft,
    field: &Arc<str>,
    shape: &FieldShape,
    found: &Found,
    prefix: &str,
) {
    if shape.repeated {
        let mut list = match draft.detail.get(field) {
            Some(Value::List(list)) => list.clone(),
            _ => Vec::new(),
        };
        list.push(found.value.clone());
        draft.detail.set(field.clone(), Value::List(list));
    } else if !draft.detail.set_if_absent(field.clone(), found.value.clone()) {
        return;
    }
    draft.confidence *= 1.0 - (1.0 - found.trust) * 0.5;
    draft.slots.push(SlotEvidence {
        field: format!("{prefix}{field}").into(),
        evidence: analysis.evidence(found.range),
        how: found.how.clone(),
        certainty: Certainty::Stated,
        confidence: found.trust,
    });
}

/// Captures of the trigger fill the fields of their names, and join the lists that slots of these names join.
fn captured(analysis: &Analysis<'_>, fired: &Fired, draft: &mut Draft) {
    let rules = analysis.rules;
    let Some(program) = rules.triggers.get(fired.program) else { return };
    let Some((_, _, uses)) = rules.trigger_of.get(fired.program as usize) else { return };
    for captured in &fired.captures {
        let (Some(name), Some(CaptureUse::Field(shape))) =
            (program.captures.get(captured.name as usize), uses.get(captured.name as usize))
        else {
            continue;
        };
        let Some(value) = value(rules, &analysis.lattice, name, shape, captured) else { continue };
        let mention = match captured.target {
            Some(Target::Mention(_, id)) => Some(id),
            _ => None,
        };
        let found = Found { value, mention, range: captured.range, how: "trigger".into(), trust: 1.0 };
        put(analysis, draft, name, shape, &found, "");
        let slot = rules.events.get(draft.rule).and_then(|rule| rule.slots.iter().find(|slot| slot.field == *name));
        match (slot.map(|slot| slot.joins), mention) {
            (Some(Joins::Actor), Some(id)) => join(analysis, &mut draft.actors, id),
            (Some(Joins::Recipient), Some(id)) => join(analysis, &mut draft.recipients, id),
            _ => {}
        }
    }
}

/// Whether all conditions of a rule without arguments are found (or all not found).
pub(super) fn conditions(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    conditions: &[Condition],
    wanted: bool,
) -> bool {
    failing(analysis, trigger, &[], conditions, wanted).is_none()
}

/// Index of the first condition that is not as wanted.
fn failing(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    conditions: &[Condition],
    wanted: bool,
) -> Option<usize> {
    conditions.iter().position(|condition| holds(analysis, trigger, arguments, condition) != wanted)
}

/// Whether a condition's pattern is found where it looks.
pub(super) fn holds(
    analysis: &mut Analysis<'_>,
    trigger: &Trigger,
    arguments: &[Argument],
    condition: &Condition,
) -> bool {
    let Some(sentence) = analysis.sentence(trigger.sentence).map(|s| s.tokens) else { return false };
    let mut ranges: Vec<TokenRange> = Vec::new();
    let role = match condition.place {
        Where::Agent => Some(Role::Agent),
        Where::Patient => Some(Role::Patient),
        Where::Recipient => Some(Role::Recipient),
        Where::Topic => Some(Role::Topic),
        Where::Place => Some(Role::Oblique),
        _ => None,
    };
    if let Some(clauses) = analysis.clauses(trigger.sentence) {
        let global =
            |range: std::ops::Range<usize>| TokenRange::new(trigger.start + range.start, trigger.start + range.end);
        match (role, condition.place) {
            (Some(role), _) => {
                let own = arguments.iter().filter(|a| a.role == role);
                ranges.extend(own.map(|a| {
                    let mut phrase = clauses.phrase(a.head, true);
                    // With its preposition, so that a condition can ask for it.
                    if let Some(preposition) = a.preposition.filter(|p| *p < phrase.start) {
                        phrase.start = preposition;
                    }
                    global(phrase)
                }));
            }
            (None, Where::Speaker) => {
                let speaker = clauses.attribution(trigger.head).map(|a| clauses.phrase(a.speaker, true));
                ranges.extend(speaker.map(global));
            }
            (None, Where::Clause) => {
                // Runs of words of the trigger's clause.
                let mut run: Option<usize> = None;
                for at in 0..=clauses.len() {
                    let inside = at < clauses.len() && clauses.in_clause(at, trigger.head);
                    match (inside, run) {
                        (true, None) => run = Some(at),
                        (false, Some(from)) => {
                            ranges.push(global(from..at));
                            run = None;
                        }
                        _ => {}
                    }
                }
            }
            (None, Where::Phrase) => ranges.push(global(clauses.phrase(trigger.head, false))),
            (None, Where::Before) => ranges.push(TokenRange { start: sentence.start, end: trigger.range.start }),
            (None, Where::After) => ranges.push(TokenRange { start: trigger.range.end, end: sentence.end }),
            (None, _) => ranges.push(sentence),
        }
    }
    let Analysis { lattice, scratch, .. } = analysis;
    ranges.iter().any(|range| is_found(lattice, &condition.program, *range, scratch))
}
