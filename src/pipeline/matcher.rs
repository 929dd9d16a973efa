//! Runs compiled patterns over the tokens of a sentence and what was found on them.
//!
//! A token offers several edges: itself, the lexicon hits and the mentions that begin with it, a number
//! expression. A program walks along edges. Every pair of a position and an instruction at which ways part is tried at
//! most once for a start, so the work is linear in the program's size times the window, whatever the pattern (the
//! bit-state method of the RE2 library, over a lattice instead of a string).

use std::time::Instant;

use crate::rules::Ruleset;
use crate::rules::program::{CaptureId, First, Inst, Program, ProgramSet, Standing};
use crate::text::{TextSpan, TokenRange};

use super::lattice::{Edge, Lattice, Target};

/// Tokens that a match may span at most.
const WINDOW: usize = 96;
/// Tokens that a look-behind looks back at most.
const BEHIND: usize = 8;

/// What a capture caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    pub name: CaptureId,
    pub range: TokenRange,
    /// The only hit, mention or number inside, if there is exactly one.
    pub target: Option<Target>,
    /// The characters, where they are less than the tokens: what a group of a regex caught.
    pub span: Option<TextSpan>,
}

/// A match of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Match {
    pub range: TokenRange,
    pub captures: Vec<Captured>,
}

#[derive(Clone, Copy, Debug)]
enum Trail {
    Open(CaptureId, u32),
    Close(CaptureId, u32),
    Took(Target),
    Mark(u32),
}

/// Where a program of a set is worth a try in a sentence.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// The pass over a sentence that the rest is about; of another one it says nothing.
    pass: u32,
    /// Behind the last token at which something begins that it cannot do without.
    needed_until: u32,
    /// The end of its last match.
    free_from: u32,
}

/// Memory that matching reuses.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    stamps: Vec<u32>,
    stamp: u32,
    pending: Vec<(u32, u32, u32, Option<Trail>)>,
    trail: Vec<Trail>,
    best: Vec<Trail>,
    candidates: Vec<u32>,
    edges: Vec<First>,
    states: Vec<State>,
    pass: u32,
    /// For the programs of look-aheads and look-behinds.
    inner: Option<Box<Self>>,
    /// Steps taken so far.
    pub steps: u64,
    /// Steps that may be taken; beyond them nothing matches any more.
    budget: u64,
    /// What each program of the rules cost, by its number; empty where nobody asks.
    pub costs: Vec<Cost>,
    /// Marks that matches came by.
    pub marks: Vec<u32>,
    /// Whether programs are timed by the clock too.
    pub timed: bool,
}

/// What a program cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How often it was tried at a token.
    pub tries: u64,
    /// How often it matched.
    pub matches: u64,
    /// Steps that it took.
    pub steps: u64,
    /// Time that it took, if it was timed.
    pub nanos: u64,
}

/// Steps that any article may cost.
const BUDGET: u64 = 20_000_000;
/// Steps that each word may cost beside that. An article of the news takes some hundreds.
const BUDGET_PER_WORD: u64 = 20_000;

impl Scratch {
    /// Begins an article of so many words.
    pub fn begin(&mut self, words: usize) {
        self.steps = 0;
        self.budget = BUDGET.saturating_add(BUDGET_PER_WORD.saturating_mul(words as u64));
        self.costs.clear();
        self.marks.clear();
        self.timed = false;
    }

    /// Notes from now on what each program costs, by the clock too if it is `timed`.
    pub fn count(&mut self, rules: &Ruleset, timed: bool) {
        self.costs = vec![Cost::default(); rules.owners.len()];
        self.timed = timed;
    }

    /// Whether all steps that may be taken were taken.
    pub fn is_spent(&self) -> bool {
        self.steps > self.budget
    }
}

/// Longest match of a program that begins at `start` and ends by `limit`; empty matches do not count.
pub(crate) fn match_at(
    lattice: &Lattice<'_>,
    program: &Program,
    start: usize,
    limit: usize,
    scratch: &mut Scratch,
) -> Option<Match> {
    if scratch.is_spent() {
        return None;
    }
    let (before, clock) = (scratch.steps, scratch.timed.then(Instant::now));
    let end = run(lattice, program, start, limit, None, scratch);
    if let Some(cost) = scratch.costs.get_mut(program.id as usize) {
        cost.tries += 1;
        cost.matches += u64::from(end.is_some_and(|end| end > start));
        cost.steps += scratch.steps - before;
        cost.nanos += clock.map_or(0, |clock| clock.elapsed().as_nanos() as u64);
    }
    let end = end?;
    let marks = scratch.best.iter().filter_map(|item| match item {
        Trail::Mark(mark) => Some(*mark),
        _ => None,
    });
    scratch.marks.extend(marks);
    if end == start {
        return None;
    }
    Some(Match { range: TokenRange::new(start, end), captures: captures(&scratch.best) })
}

/// All matches of the programs of a set inside a sentence: the longest at each start, in the order of the text,
/// without overlaps between matches of one program. Calls `found` with the program's index.
pub(crate) fn match_all(
    lattice: &Lattice<'_>,
    set: &ProgramSet,
    range: TokenRange,
    scratch: &mut Scratch,
    found: &mut dyn FnMut(u32, Match),
) {
    if set.is_empty() {
        return;
    }
    let mut candidates = std::mem::take(&mut scratch.candidates);
    let mut edges = std::mem::take(&mut scratch.edges);
    let mut states = std::mem::take(&mut scratch.states);
    // All of them would have to be cleared for the few that are tried.
    scratch.pass = scratch.pass.wrapping_add(1);
    if scratch.pass == 0 {
        states.clear();
        scratch.pass = 1;
    }
    let pass = scratch.pass;
    if states.len() < set.len() {
        states.resize(set.len(), State::default());
    }
    let mut standing = Standing::default();
    lattice.looks(range).iter().for_each(|look| standing.add(look));
    for (token, look) in range.range().zip(lattice.looks(range)) {
        if !set.may_begin(look) {
            continue;
        }
        candidates.clear();
        edges.clear();
        if set.minds(look.kinds) {
            edges.extend(lattice.edges(token).map(|edge| match edge.target {
                Target::Entry(lexicon, _) => First::Lexicon(lexicon),
                Target::Mention(ty, _) => First::Mention(ty),
                Target::Numeral(_) => First::Numeral,
            }));
        }
        set.starting(look, &edges, &mut candidates);
        if candidates.is_empty() {
            continue;
        }
        let here = token as u32;
        candidates.retain(|index| {
            let Some(state) = states.get_mut(*index as usize) else { return false };
            if state.pass != pass {
                let needed_until = match set.may_match(*index, &standing) {
                    true => set.get(*index).map_or(0, |program| needed_until(lattice, range, program)),
                    false => 0,
                };
                *state = State { pass, needed_until, free_from: 0 };
            }
            state.free_from <= here && here < state.needed_until
        });
        if candidates.len() > 1 {
            candidates.sort_unstable();
            candidates.dedup();
        }
        for &index in &candidates {
            let (Some(program), Some(state)) = (set.get(index), states.get_mut(index as usize)) else { continue };
            if let Some(m) = match_at(lattice, program, token, range.end as usize, scratch) {
                state.free_from = m.range.end;
                found(index, m);
            }
        }
    }
    scratch.candidates = candidates;
    scratch.edges = edges;
    scratch.states = states;
}

/// Behind the last token of a range at which something may begin that a program cannot do without.
fn needed_until(lattice: &Lattice<'_>, range: TokenRange, program: &Program) -> u32 {
    if program.required.is_empty() {
        return range.end;
    }
    let found = lattice.looks(range).iter().rposition(|look| program.required.may_begin(look));
    found.map_or(0, |at| range.start + at as u32 + 1)
}

/// Whether a program matches anywhere in a range.
pub(crate) fn is_found(lattice: &Lattice<'_>, program: &Program, range: TokenRange, scratch: &mut Scratch) -> bool {
    find_first(lattice, program, range, scratch).is_some()
}

/// The first match of a program in a range, the longest at its start.
pub(crate) fn find_first(
    lattice: &Lattice<'_>,
    program: &Program,
    range: TokenRange,
    scratch: &mut Scratch,
) -> Option<Match> {
    starts(lattice, program, range).find_map(|token| match_at(lattice, program, token, range.end as usize, scratch))
}

/// The tokens of a range at which a match of a program may begin.
fn starts(lattice: &Lattice<'_>, program: &Program, range: TokenRange) -> impl Iterator<Item = usize> {
    range.range().zip(lattice.looks(range)).filter(|(_, look)| program.first.may_begin(look)).map(|(token, _)| token)
}

/// The matches of a program in a range, the longest at each start; they may overlap.
pub(crate) fn find_each(
    lattice: &Lattice<'_>,
    program: &Program,
    range: TokenRange,
    scratch: &mut Scratch,
) -> Vec<TokenRange> {
    starts(lattice, program, range)
        .filter_map(|token| Some(match_at(lattice, program, token, range.end as usize, scratch)?.range))
        .collect()
}

/// Explores a program from `start`; gives the end of the longest match (or says whether one ends at `exactly`).
fn run(
    lattice: &Lattice<'_>,
    program: &Program,
    start: usize,
    limit: usize,
    exactly: Option<usize>,
    scratch: &mut Scratch,
) -> Option<usize> {
    let limit = limit.min(start + WINDOW);
    let width = limit - start + 1;
    let count = program.insts.len();
    let size = count * width;
    // The stack holds (instruction, position, length of the trail, what to add to the trail first).
    let Scratch { stamps, stamp, pending: stack, trail, best: best_trail, inner: own, steps: all_steps, .. } = scratch;
    if stamps.len() < size {
        stamps.resize(size, 0);
    }
    *stamp = stamp.wrapping_add(1);
    if *stamp == 0 {
        stamps.fill(0);
        *stamp = 1;
    }
    let stamp = *stamp;
    let mut is_new = |pc: usize, pos: usize| {
        // By position first: most tries end at their first words.
        stamps.get_mut((pos - start) * count + pc).is_some_and(|seen| std::mem::replace(seen, stamp) != stamp)
    };
    stack.clear();
    trail.clear();
    stack.push((0, start as u32, 0, None));
    let mut best: Option<usize> = None;
    let mut steps = 0;
    while let Some((pc, pos, len, add)) = stack.pop() {
        trail.truncate(len as usize);
        trail.extend(add);
        let (mut pc, mut pos) = (pc as usize, pos as usize);
        let mut here = lattice.look(pos);
        while let Some(inst) = program.insts.get(pc) {
            steps += 1;
            // Whether the instruction takes the token at `pos`; what does not go on by itself breaks off.
            let takes = match inst {
                Inst::Split { first, second, ways } => {
                    if !is_new(pc, pos) {
                        break;
                    }
                    // A look at the next word saves most of the ways that lead nowhere.
                    let Some([one, other]) = program.ways.get(*ways as usize) else { break };
                    let (opens, also) = match pos < limit {
                        true => (one.may_begin(&here), other.may_begin(&here)),
                        false => (one.may_end(), other.may_end()),
                    };
                    match (opens, also) {
                        (true, _) => {
                            if also {
                                stack.push((*second, pos as u32, trail.len() as u32, None));
                            }
                            pc = *first as usize;
                        }
                        (false, true) => pc = *second as usize,
                        (false, false) => break,
                    }
                    continue;
                }
                Inst::Jump(to) => {
                    pc = *to as usize;
                    continue;
                }
                Inst::Open(name) => {
                    trail.push(Trail::Open(*name, pos as u32));
                    pc += 1;
                    continue;
                }
                Inst::Close(name) => {
                    trail.push(Trail::Close(*name, pos as u32));
                    pc += 1;
                    continue;
                }
                Inst::Mark(mark) => {
                    trail.push(Trail::Mark(*mark));
                    pc += 1;
                    continue;
                }
                Inst::Not { behind, program: inner } => {
                    let own = own.get_or_insert_default();
                    let holds = if *behind {
                        (pos.saturating_sub(BEHIND).max(lattice.sentence_start(pos))..pos)
                            .filter(|from| inner.first.may_begin(&lattice.look(*from)))
                            .any(|from| run(lattice, inner, from, pos, Some(pos), own).is_some())
                    } else {
                        (inner.nullable || (pos < limit && inner.first.may_begin(&here)))
                            && run(lattice, inner, pos, limit, None, own).is_some()
                    };
                    steps += std::mem::take(&mut own.steps);
                    if holds {
                        break;
                    }
                    pc += 1;
                    continue;
                }
                Inst::Match => {
                    let ends = exactly.is_none_or(|end| end == pos);
                    if ends && best.is_none_or(|end| pos > end) {
                        best = Some(pos);
                        best_trail.clear();
                        best_trail.extend_from_slice(trail);
                    }
                    break;
                }
                _ if pos >= limit => break,
                Inst::Word(word) => here.word == *word,
                Inst::Form(form) => here.word == form.0 && lattice.is_written(pos, &form.1),
                Inst::Class(classes) => here.classes & classes != 0,
                Inst::Any => true,
                Inst::Test(test) => lattice.passes(pos, test),
                Inst::Lexicon(_) | Inst::Mention(_) | Inst::Numeral => {
                    if !is_new(pc, pos) {
                        break;
                    }
                    let fits = |target: Target| match (inst, target) {
                        (Inst::Lexicon(wanted), Target::Entry(lexicon, _)) => *wanted == lexicon,
                        (Inst::Mention(wanted), Target::Mention(ty, _)) => *wanted == ty,
                        (Inst::Numeral, Target::Numeral(_)) => true,
                        _ => false,
                    };
                    let length = trail.len() as u32;
                    let mut last: Option<&Edge> = None;
                    for edge in lattice.edges(pos).filter(|edge| fits(edge.target) && edge.end as usize <= limit) {
                        if let Some(other) = last.replace(edge) {
                            stack.push((pc as u32 + 1, other.end, length, Some(Trail::Took(other.target))));
                        }
                    }
                    let Some(edge) = last else { break };
                    trail.push(Trail::Took(edge.target));
                    pos = edge.end as usize;
                    here = lattice.look(pos);
                    pc += 1;
                    continue;
                }
            };
            if !takes {
                break;
            }
            pos += 1;
            here = lattice.look(pos);
            pc += 1;
        }
    }
    *all_steps += steps;
    best
}

/// Reads the captures off a trail.
fn captures(trail: &[Trail]) -> Vec<Captured> {
    let mut open: Vec<(CaptureId, u32, usize)> = Vec::new();
    let mut took: Vec<Target> = Vec::new();
    let mut out: Vec<Captured> = Vec::new();
    for item in trail {
        match *item {
            Trail::Open(name, at) => open.push((name, at, took.len())),
            Trail::Took(target) => took.push(target),
            Trail::Mark(_) => {}
            Trail::Close(name, at) => {
                let Some(index) = open.iter().rposition(|(n, ..)| *n == name) else { continue };
                let (_, from, first) = open.remove(index);
                if from == at {
                    continue;
                }
                let inside = took.get(first..).unwrap_or_default();
                let target = if inside.len() == 1 { inside.first().copied() } else { None };
                out.push(Captured { name, range: TokenRange { start: from, end: at }, target, span: None });
            }
        }
    }
    out.sort_by_key(|c| (c.range.start, c.range.end));
    out
}
