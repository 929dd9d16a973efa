//! Dependency trees: a greedy transition parser.
//!
//! The arc-hybrid system (Kuhlmann et al. 2011) with the dynamic oracle of Goldberg and Nivre (2013): SHIFT moves the
//! next word onto the stack, LEFT makes the stack's top a child of the next word, RIGHT a child of the word below it.
//! The root stands behind the last word. An arc's label is chosen when it is drawn, by a table of its own.

use super::perceptron::{Learner, Narrow, Weights, Wide, best, mix};
use super::tagger::WordHashes;
use super::tags::{Label, Tag};

/// Who depends on whom in a sentence.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// For each word its head; the number of words stands for the root.
    pub heads: Vec<u16>,
    /// For each word the relation to its head.
    pub labels: Vec<Label>,
}

const SHIFT: usize = 0;
const LEFT: usize = 1;
const RIGHT: usize = 2;
const ACTIONS: usize = 3;
const NONE: usize = usize::MAX;
/// Length of the features of an action, of a label.
const ACTION_FEATURES: usize = 40;
const LABEL_FEATURES: usize = 22;

/// A parse under way; reused from sentence to sentence.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    stack: Vec<usize>,
    next: usize,
    count: usize,
    heads: Vec<u16>,
    labels: Vec<u8>,
    /// Leftmost and second leftmost child, rightmost and second rightmost child; number of children on each side.
    left: Vec<[usize; 2]>,
    right: Vec<[usize; 2]>,
    valency: Vec<[u8; 2]>,
}

impl State {
    fn begin(&mut self, count: usize) {
        self.stack.clear();
        self.next = 0;
        self.count = count;
        self.heads.clear();
        self.heads.resize(count, count as u16);
        self.labels.clear();
        self.labels.resize(count + 1, Label::Root as u8);
        self.left.clear();
        self.left.resize(count + 1, [NONE; 2]);
        self.right.clear();
        self.right.resize(count + 1, [NONE; 2]);
        self.valency.clear();
        self.valency.resize(count + 1, [0; 2]);
    }

    fn done(&self) -> bool {
        self.next >= self.count && self.stack.is_empty()
    }

    fn peek(&self, depth: usize) -> usize {
        self.stack.len().checked_sub(depth + 1).and_then(|at| self.stack.get(at)).copied().unwrap_or(NONE)
    }

    fn allowed(&self, action: usize) -> bool {
        match action {
            SHIFT => self.next < self.count,
            LEFT => !self.stack.is_empty() && (self.next < self.count || self.stack.len() == 1),
            _ => self.stack.len() >= 2,
        }
    }

    /// Head and child of the arc that an action draws.
    fn arc(&self, action: usize) -> Option<(usize, usize)> {
        let child = self.peek(0);
        match action {
            LEFT => Some((self.next, child)),
            RIGHT => Some((self.peek(1), child)),
            _ => None,
        }
    }

    fn apply(&mut self, action: usize, label: u8) {
        if action == SHIFT {
            self.stack.push(self.next);
            self.next += 1;
            return;
        }
        let Some((head, child)) = self.arc(action) else { return };
        if let (Some(h), Some(l)) = (self.heads.get_mut(child), self.labels.get_mut(child)) {
            *h = head as u16;
            *l = label;
        }
        let side = usize::from(action == RIGHT);
        let children = if side == 0 { &mut self.left } else { &mut self.right };
        if let Some([first, second]) = children.get_mut(head) {
            *second = *first;
            *first = child;
        }
        if let Some(valency) = self.valency.get_mut(head) {
            valency[side] = (valency[side] + 1).min(3);
        }
        self.stack.pop();
    }
}

/// What the features look at.
struct View<'a> {
    words: &'a [WordHashes],
    tags: &'a [Tag],
    state: &'a State,
}

impl View<'_> {
    fn word(&self, at: usize) -> u64 {
        if at == self.state.count { 3 } else { self.words.get(at).map_or(1, |w| w.word) }
    }

    fn tag(&self, at: usize) -> u64 {
        if at == self.state.count { 254 } else { self.tags.get(at).map_or(255, |t| *t as u64) }
    }

    fn label(&self, at: usize) -> u64 {
        if at < self.state.count { self.state.labels.get(at).map_or(255, |l| u64::from(*l)) } else { 255 }
    }

    fn left(&self, at: usize) -> [usize; 2] {
        self.state.left.get(at).copied().unwrap_or([NONE; 2])
    }

    fn right(&self, at: usize) -> [usize; 2] {
        self.state.right.get(at).copied().unwrap_or([NONE; 2])
    }

    fn valency(&self, at: usize) -> [u8; 2] {
        self.state.valency.get(at).copied().unwrap_or([0; 2])
    }

    fn action_features(&self, out: &mut [u64; ACTION_FEATURES]) {
        let s = self.state;
        let (s0, s1, s2, b0) = (s.peek(0), s.peek(1), s.peek(2), s.next);
        let (b1, b2) = (b0 + 1, b0 + 2);
        let (b1, b2) = (if b1 > s.count { NONE } else { b1 }, if b2 > s.count { NONE } else { b2 });
        let (w, t) = (|at| self.word(at), |at| self.tag(at));
        let (s0w, s1w, b0w, b1w) = (w(s0), w(s1), w(b0), w(b1));
        let (s0t, s1t, s2t, b0t, b1t, b2t) = (t(s0), t(s1), t(s2), t(b0), t(b1), t(b2));
        let ([s0l, s0l2], [s0r, s0r2]) = (self.left(s0), self.right(s0));
        let ([s1l, _], [s1r, s1r2]) = (self.left(s1), self.right(s1));
        let [b0l, b0l2] = self.left(b0);
        let distance = if s0 == NONE { 0 } else { (b0 - s0).min(6) as u64 };
        let distance1 = if s1 == NONE { 0 } else { (s0 - s1).min(6) as u64 };
        let ([v0l, v0r], [v1l, v1r], [vbl, _]) = (self.valency(s0), self.valency(s1), self.valency(b0));
        let pair = |a: u64, b: u64| a << 8 | b;
        let three = |a: u64, b: u64, c: u64| a << 16 | b << 8 | c;
        *out = [
            mix(1, s0w, s0t),
            mix(2, s0t, s1t),
            mix(3, s1w, s1t),
            mix(4, b0w, b0t),
            mix(5, b1w, b1t),
            mix(6, w(b2), b2t),
            mix(7, s0w, b0w),
            mix(8, s0w, b0t),
            mix(9, s0t, b0w),
            mix(10, three(s0t, b0t, b1t), 0),
            mix(11, s0w, s1w),
            mix(12, s0w, s1t),
            mix(13, s0t, s1w),
            mix(14, three(s1t, s0t, b0t), 0),
            mix(15, three(s2t, s1t, s0t), 0),
            mix(16, three(b0t, b1t, b2t), s0t),
            mix(17, three(s0t, b0t, t(b0l)), 0),
            mix(18, three(s0t, b0t, t(s0l)), 0),
            mix(19, three(s0t, b0t, t(s0r)), 0),
            mix(20, three(s1t, s0t, t(s1r)), 0),
            mix(21, three(s1t, s0t, t(s1l)), 0),
            mix(22, three(s1t, s0t, t(s0l)), b0t),
            mix(23, three(s1t, s0t, t(s0r)), 0),
            mix(24, w(s0l), s0t),
            mix(25, w(s0r), s0t),
            mix(26, w(s1r), pair(s1t, s0t)),
            mix(27, three(self.label(s0l), self.label(s0l2), s0t), b0t),
            mix(28, three(self.label(s0r), self.label(s0r2), s0t), b0t),
            mix(29, three(self.label(s1l), self.label(s1r), s1t), s0t),
            mix(30, three(self.label(b0l), self.label(b0l2), b0t), s0t),
            mix(31, pair(s0t, b0t), distance),
            mix(32, s0w, distance << 8 | b0t),
            mix(33, pair(s1t, s0t), distance1 << 8 | b0t),
            mix(34, s0w, u64::from(v0l) << 8 | u64::from(v0r)),
            mix(35, three(s0t, u64::from(v0l), u64::from(v0r)), b0t),
            mix(36, s1w, u64::from(v1l) << 8 | u64::from(v1r)),
            mix(37, three(b0t, u64::from(vbl), s0t), b0w),
            mix(38, s1w, pair(s0t, b0t) ^ b0w),
            mix(39, s0w ^ b1w.rotate_left(7), b0t),
            mix(40, three(self.label(s1r), self.label(s1r2), s1t), s0w),
        ];
    }

    fn label_features(&self, head: usize, child: usize, out: &mut [u64; LABEL_FEATURES]) {
        let (w, t) = (|at| self.word(at), |at| self.tag(at));
        let (hw, ht, cw, ct) = (w(head), t(head), w(child), t(child));
        let side = u64::from(child < head);
        let [cl, cl2] = self.left(child);
        let [cr, _] = self.right(child);
        let [hl, _] = self.left(head);
        let [hr, _] = self.right(head);
        let distance = head.abs_diff(child).min(8) as u64;
        let near = |at: usize, by: isize| at.checked_add_signed(by).unwrap_or(NONE);
        let pair = ht << 8 | ct;
        *out = [
            mix(1, pair, side),
            mix(2, hw, ct << 1 | side),
            mix(3, cw, ht << 1 | side),
            mix(4, hw, cw),
            mix(5, cw, side),
            mix(6, w(cl), pair),
            mix(7, t(cl) << 16 | pair, side),
            mix(8, w(cr), ct),
            mix(9, t(cr) << 16 | pair, side),
            mix(10, self.label(cl) << 16 | pair, self.label(cl2)),
            mix(11, self.label(hl) << 16 | pair, side),
            mix(12, self.label(hr) << 16 | pair, side),
            mix(13, t(hl) << 16 | pair, w(hl)),
            mix(14, pair, distance << 1 | side),
            mix(15, w(near(child, -1)), pair),
            mix(16, w(near(child, 1)), pair),
            mix(17, t(near(child, 1)) << 16 | pair, t(near(head, -1))),
            mix(18, w(near(head, -1)), pair),
            mix(19, self.label(cl) << 8 | side, hw),
            mix(20, w(cl), hw),
            mix(21, self.label(cl) << 8 | self.label(cr), cw),
            mix(22, self.label(hl) << 8 | self.label(hr), hw ^ ct),
        ];
    }
}

/// Parses a tagged sentence.
pub(super) fn parse(
    actions: &Weights<Narrow>,
    labels: &Weights<Wide>,
    words: &[WordHashes],
    tags: &[Tag],
    state: &mut State,
    tree: &mut Tree,
) {
    state.begin(words.len());
    let mut action_buffer = [0u64; ACTION_FEATURES];
    let mut label_buffer = [0u64; LABEL_FEATURES];
    let mut label_scores = [0i16; 64];
    while !state.done() {
        let view = View { words, tags, state };
        let mut scores = [0i16; 4];
        let open: [bool; ACTIONS] = [state.allowed(SHIFT), state.allowed(LEFT), state.allowed(RIGHT)];
        let action = if open.iter().filter(|o| **o).count() == 1 {
            open.iter().position(|o| *o).unwrap_or(SHIFT)
        } else {
            view.action_features(&mut action_buffer);
            actions.score(&action_buffer, &mut scores);
            for (score, open) in scores.iter_mut().zip(open) {
                if !open {
                    *score = i16::MIN;
                }
            }
            best(&scores[..ACTIONS])
        };
        let mut label = 0;
        if let Some((head, child)) = state.arc(action) {
            if head == state.count {
                label = Label::Root as u8;
            } else {
                view.label_features(head, child, &mut label_buffer);
                label_scores.fill(0);
                labels.score(&label_buffer, &mut label_scores);
                label_scores[Label::Root as usize] = i16::MIN;
                label = best(&label_scores[..Label::ALL.len()]) as u8;
            }
        }
        state.apply(action, label);
    }
    tree.heads.clear();
    tree.heads.extend_from_slice(&state.heads);
    tree.labels.clear();
    tree.labels.extend(
        state.labels.iter().take(words.len()).map(|l| Label::ALL.get(*l as usize).copied().unwrap_or(Label::Dep)),
    );
}

/// Learns from one sentence. `explore` says whether to follow wrong guesses, so that the parser learns to go on from
/// its own mistakes.
pub(super) fn learn(
    actions: &mut Learner,
    labels: &mut Learner,
    words: &[WordHashes],
    tags: &[Tag],
    gold: &Tree,
    state: &mut State,
    explore: &mut dyn FnMut() -> bool,
) {
    state.begin(words.len());
    let mut action_buffer = [0u64; ACTION_FEATURES];
    let mut label_buffer = [0u64; LABEL_FEATURES];
    while !state.done() {
        let view = View { words, tags, state };
        view.action_features(&mut action_buffer);
        let mut scores = [0f32; ACTIONS];
        actions.score(&action_buffer, &mut scores);
        let costs: [Option<u32>; ACTIONS] =
            [SHIFT, LEFT, RIGHT].map(|action| state.allowed(action).then(|| cost(state, &gold.heads, action)));
        let least = costs.iter().flatten().min().copied().unwrap_or(0);
        let pick = |right: bool| {
            (0..ACTIONS)
                .filter(|a| costs[*a].is_some_and(|c| !right || c == least))
                .max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)))
                .unwrap_or(SHIFT)
        };
        let (guess, right) = (pick(false), pick(true));
        if costs[guess] != Some(least) {
            actions.update(&action_buffer, right, guess);
        }
        actions.tick();
        let action = if costs[guess] == Some(least) || explore() { guess } else { right };
        let mut label = 0;
        if let Some((head, child)) = state.arc(action) {
            if head == state.count {
                label = Label::Root as usize;
            } else {
                let view = View { words, tags, state };
                view.label_features(head, child, &mut label_buffer);
                let mut label_scores = [0f32; Label::ALL.len()];
                labels.score(&label_buffer, &mut label_scores);
                label_scores[Label::Root as usize] = f32::MIN;
                label = best(&label_scores);
                if usize::from(gold.heads[child]) == head {
                    let right = gold.labels[child] as usize;
                    if label != right {
                        labels.update(&label_buffer, right, label);
                    }
                    labels.tick();
                    label = right;
                }
            }
        }
        state.apply(action, label as u8);
    }
}

/// How many gold arcs an action puts out of reach.
fn cost(state: &State, heads: &[u16], action: usize) -> u32 {
    let (s0, s1, b0, count) = (state.peek(0), state.peek(1), state.next, state.count);
    let head = |at: usize| heads.get(at).map_or(count, |h| usize::from(*h));
    let mut lost = 0;
    match action {
        SHIFT => {
            // b0 loses heads in the stack below the top, and children anywhere in the stack.
            for (depth, at) in state.stack.iter().rev().enumerate() {
                lost += u32::from(depth > 0 && head(b0) == *at);
                lost += u32::from(head(*at) == b0);
            }
        }
        LEFT => {
            // s0 loses children in the buffer, and a head that is s1 or stands behind b0.
            lost += (b0..count).filter(|at| head(*at) == s0).count() as u32;
            let h = head(s0);
            lost += u32::from(h != b0 && (h == s1 || h > b0));
        }
        _ => {
            // s0 loses children and a head in the buffer.
            lost += (b0..count).filter(|at| head(*at) == s0).count() as u32;
            lost += u32::from(head(s0) >= b0);
        }
    }
    lost
}
