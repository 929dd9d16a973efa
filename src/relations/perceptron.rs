//! Linear models over hashed features: a table of weights, one row a bucket, one column a class.
//!
//! Features are not stored, only hashed (the hash kernel of Shi et al. 2009): what little is lost to collisions is
//! won in speed and size. Training is the averaged perceptron (Collins 2002).

/// A row of weights: one signed byte a class, filled up with zeros. It lies within one line of the processor's cache.
pub(super) trait Row: Copy {
    /// Sums of rows: of 256 of them none can overflow.
    type Scores: AsMut<[i16]>;

    /// The row of these weights; what does not fit is cut off.
    fn of(weights: &[i8]) -> Self;

    fn weights(&self) -> &[i8];
}

/// A row of up to four classes.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(4))]
pub(super) struct Narrow([i8; 4]);

/// A row of up to 64 classes.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Wide([i8; 64]);

/// The first weights of a row, the others zero.
fn filled_up<const N: usize>(weights: &[i8]) -> [i8; N] {
    std::array::from_fn(|at| weights.get(at).copied().unwrap_or_default())
}

impl Row for Narrow {
    type Scores = [i16; 4];

    fn of(weights: &[i8]) -> Self {
        Self(filled_up(weights))
    }

    #[inline]
    fn weights(&self) -> &[i8] {
        &self.0
    }
}

impl Row for Wide {
    type Scores = [i16; 64];

    fn of(weights: &[i8]) -> Self {
        Self(filled_up(weights))
    }

    #[inline]
    fn weights(&self) -> &[i8] {
        &self.0
    }
}

/// 32 buckets: which of them have a row, and how many rows stand before theirs.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    used: u32,
    before: u32,
}

/// Weights, ready for use.
///
/// Most of the time of a look-up goes into waiting for memory: so there are rows only for the buckets that something was
/// learnt of, and all rows of an example are on their way before the first is added.
#[derive(Clone, Debug)]
pub(super) struct Weights<R> {
    classes: usize,
    mask: u64,
    slots: Vec<Slot>,
    rows: Vec<R>,
}

/// Features that are looked up at a time.
const AT_ONCE: usize = 64;

impl<R: Row> Weights<R> {
    /// A table from its cells; `cells` has `classes` for each of a power of two of buckets, 32 at least.
    pub(super) fn new(classes: usize, cells: &[i8]) -> Option<Self> {
        let buckets = cells.len().checked_div(classes)?;
        if !buckets.is_power_of_two() || buckets < 32 || buckets * classes != cells.len() {
            return None;
        }
        Some(Self::laid_out(classes, cells))
    }

    fn laid_out(classes: usize, cells: &[i8]) -> Self {
        let buckets = cells.len() / classes;
        let mut rows = Vec::new();
        let slot = |buckets: &[i8]| {
            let mut slot = Slot { used: 0, before: rows.len() as u32 };
            for (at, own) in buckets.chunks_exact(classes).enumerate().filter(|(_, own)| own.iter().any(|c| *c != 0)) {
                slot.used |= 1 << at;
                rows.push(R::of(own));
            }
            slot
        };
        let slots = cells.chunks_exact(32 * classes).map(slot).collect();
        rows.shrink_to_fit();
        Self { classes, mask: buckets as u64 - 1, slots, rows }
    }

    /// The cells as they were given.
    pub(super) fn cells(&self) -> impl Iterator<Item = i8> {
        let buckets = self.slots.iter().flat_map(|slot| (0..32).map(move |at| slot.row(at)));
        let row = |row: Option<u32>| row.and_then(|row| self.rows.get(row as usize));
        buckets.flat_map(move |bucket| {
            let row = row(bucket);
            (0..self.classes)
                .map(move |class| row.and_then(|row| row.weights().get(class)).copied().unwrap_or_default())
        })
    }

    /// Adds the weights of the features to `scores`, 256 features at most.
    #[inline]
    pub(super) fn score(&self, features: &[u64], scores: &mut R::Scores) {
        for features in features.chunks(AT_ONCE) {
            let slot =
                |feature: &u64| self.slots.get(((feature & self.mask) >> 5) as usize).copied().unwrap_or_default();
            fetch(features.iter().map(|feature| slot(feature).used));
            // Half of the features of a text were never learnt of. That is told without a branch for each, which could not be
            // foretold.
            let (mut found, mut count) = ([0u32; AT_ONCE], 0);
            for feature in features {
                let (slot, at) = (slot(feature), (feature & self.mask) as u32 & 31);
                found[count & (AT_ONCE - 1)] = slot.before + (slot.used & !(u32::MAX << at)).count_ones();
                count += (slot.used >> at & 1) as usize;
            }
            let found = found.get(..count).unwrap_or_default();
            let rows = || found.iter().filter_map(|row| self.rows.get(*row as usize));
            fetch(rows().map(|row| row.weights().first().copied().unwrap_or_default() as u32));
            for row in rows() {
                for (score, weight) in scores.as_mut().iter_mut().zip(row.weights()) {
                    *score += i16::from(*weight);
                }
            }
        }
    }
}

/// Looks at all of the items, so that the processor waits for all of them at once and not for one after the other: so short
/// a loop runs ahead of what it waits for.
#[inline]
fn fetch(items: impl Iterator<Item = u32>) {
    std::hint::black_box(items.fold(0, |all, item| all ^ item));
}

impl Slot {
    /// The row of the bucket `at`, if it has one.
    fn row(self, at: u32) -> Option<u32> {
        (self.used >> at & 1 != 0).then(|| self.before + (self.used & !(u32::MAX << at)).count_ones())
    }
}

/// Weights that learn.
#[derive(Debug)]
pub(super) struct Learner {
    classes: usize,
    mask: u64,
    weights: Vec<f32>,
    totals: Vec<f32>,
    step: f32,
}

impl Learner {
    /// A table of zeros with 2^`bits` buckets, 32 at least.
    pub(super) fn new(bits: u32, classes: usize) -> Self {
        let bits = bits.max(5);
        let cells = (1usize << bits) * classes;
        Self { classes, mask: (1u64 << bits) - 1, weights: vec![0.0; cells], totals: vec![0.0; cells], step: 1.0 }
    }

    pub(super) fn score(&self, features: &[u64], scores: &mut [f32]) {
        for feature in features {
            let at = (feature & self.mask) as usize * self.classes;
            for (score, weight) in scores.iter_mut().zip(&self.weights[at..at + self.classes]) {
                *score += weight;
            }
        }
    }

    /// Moves the weights of the features from the class that was guessed to the one that is right.
    pub(super) fn update(&mut self, features: &[u64], right: usize, guessed: usize) {
        for feature in features {
            let at = (feature & self.mask) as usize * self.classes;
            for (class, by) in [(right, 1.0), (guessed, -1.0)] {
                self.weights[at + class] += by;
                self.totals[at + class] += by * self.step;
            }
        }
    }

    /// One more example has been seen.
    pub(super) fn tick(&mut self) {
        self.step += 1.0;
    }

    /// The averaged weights, in signed bytes; small ones become zero.
    pub(super) fn finish<R: Row>(&self) -> Weights<R> {
        let averaged: Vec<f32> = self.weights.iter().zip(&self.totals).map(|(w, t)| w - t / self.step).collect();
        let mut sizes: Vec<f32> = averaged.iter().map(|w| w.abs()).filter(|w| *w > 0.01).collect();
        sizes.sort_by(f32::total_cmp);
        let top = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 2000)).copied().unwrap_or(1.0).max(1e-6);
        let cells: Vec<i8> = averaged.iter().map(|w| (w / top * 127.0).round().clamp(-127.0, 127.0) as i8).collect();
        Weights::laid_out(self.classes, &cells)
    }
}

/// Mixes the values of a feature into one hash; `kind` tells templates apart.
#[inline]
pub(super) fn mix(kind: u64, a: u64, b: u64) -> u64 {
    let mut h = kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ a.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 29)).wrapping_add(b.wrapping_mul(0xc4ce_b9fe_1a85_ec53));
    h = (h ^ (h >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h ^ (h >> 31)
}

/// Hash of a word (FNV-1a), fixed for ever: the model depends on it.
#[inline]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// Index of the highest score; the first of equals.
pub(super) fn best<T: PartialOrd + Copy>(scores: &[T]) -> usize {
    // Two short loops that processors run over many scores at once, in place of one that waits for each.
    let top = scores.iter().copied().reduce(|top, score| if score > top { score } else { top });
    scores.iter().position(|score| Some(*score) == top).unwrap_or_default()
}
