//! Linear models over hashed features: a table of weights, one row a bucket, one column a class.
//!
//! Features are not stored, only hashed (the hash kernel of Shi et al. 2009): what little is lost to collisions is
//! won in speed and size. Training is the averaged perceptron (Collins 2002).

/// Length of a row of so many classes: whole vectors, where there are enough classes for one.
pub(super) const fn width(classes: usize) -> usize {
    if classes < 16 { classes } else { classes.next_multiple_of(16) }
}

/// Weights, ready for use: one signed byte each.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    classes: usize,
    mask: u64,
    /// A row for each bucket, filled up with zeros to [`width`].
    cells: Vec<i8>,
    /// A bit for each row that is not all zeros. Half of the features of a text were never learnt from: to know that from
    /// this small table spares the way to a large one.
    used: Vec<u64>,
}

/// Features that are scored at a time.
const AT_ONCE: usize = 64;

impl Weights {
    /// A table from its cells; `cells` has `classes` for each of a power of two of buckets.
    pub(super) fn new(classes: usize, cells: &[i8]) -> Option<Self> {
        let buckets = cells.len().checked_div(classes)?;
        if !buckets.is_power_of_two() || buckets * classes != cells.len() {
            return None;
        }
        let width = width(classes);
        let mut rows = vec![0; buckets * width];
        for (row, own) in rows.chunks_exact_mut(width).zip(cells.chunks_exact(classes)) {
            row[..classes].copy_from_slice(own);
        }
        let mut used = vec![0u64; buckets.div_ceil(64)];
        for (row, own) in cells.chunks_exact(classes).enumerate() {
            used[row >> 6] |= u64::from(own.iter().any(|cell| *cell != 0)) << (row & 63);
        }
        Some(Self { classes, mask: buckets as u64 - 1, cells: rows, used })
    }

    /// The cells as they were given.
    pub(super) fn cells(&self) -> impl Iterator<Item = i8> {
        let rows = self.cells.chunks_exact(width(self.classes).max(1));
        rows.flat_map(|row| row.iter().take(self.classes).copied())
    }

    /// Adds the weights of the features to `scores`, which has the [`width`] of the table's classes. Sums of 256 features
    /// cannot overflow.
    #[inline]
    pub(super) fn score(&self, features: &[u64], scores: &mut [i16]) {
        let width = width(self.classes);
        for features in features.chunks(AT_ONCE) {
            // Without a branch for each feature, which could not be foretold.
            let (mut rows, mut count) = ([0u32; AT_ONCE], 0);
            for feature in features {
                let row = feature & self.mask;
                let used = self.used.get((row >> 6) as usize).map_or(0, |bits| bits >> (row & 63) & 1);
                rows[count & (AT_ONCE - 1)] = row as u32;
                count += used as usize;
            }
            for row in rows.iter().take(count) {
                let at = *row as usize * width;
                let Some(row) = self.cells.get(at..at + width) else { continue };
                for (score, weight) in scores.iter_mut().zip(row) {
                    *score += i16::from(*weight);
                }
            }
        }
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
    /// A table of zeros with 2^`bits` buckets.
    pub(super) fn new(bits: u32, classes: usize) -> Self {
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
    pub(super) fn finish(&self) -> Weights {
        let averaged: Vec<f32> = self.weights.iter().zip(&self.totals).map(|(w, t)| w - t / self.step).collect();
        let mut sizes: Vec<f32> = averaged.iter().map(|w| w.abs()).filter(|w| *w > 0.01).collect();
        sizes.sort_by(f32::total_cmp);
        let top = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 2000)).copied().unwrap_or(1.0).max(1e-6);
        let cells: Vec<i8> = averaged.iter().map(|w| (w / top * 127.0).round().clamp(-127.0, 127.0) as i8).collect();
        // There is a power of two of buckets, see `new`.
        Weights::new(self.classes, &cells).unwrap_or_default()
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
    let mut best = 0;
    for (index, score) in scores.iter().enumerate() {
        if scores.get(best).is_some_and(|top| score > top) {
            best = index;
        }
    }
    best
}
