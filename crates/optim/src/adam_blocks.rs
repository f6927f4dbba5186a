//! Adam's missed steps under a penalty, many steps at a time.
//!
//! A row outside the batch still has the gradient of the penalty, `g = d w`, and the dense algorithm computes a square
//! root and a quotient per weight and step. While `g` is small compared with the root `s` of the second moment, that
//! root essentially just decays, and a block of `L` steps needs it once:
//!
//! - Every step of the block divides by `s + eps`, which changes by the known factor `q = sqrt(b2)` per step. It is
//!   computed at the middle of the block, `1 / (s + eps) = a`, and step `k` takes `a q^(middle - k)`.
//! - With the first moment in units of `1 / a` a step is `m <- b1 m + (1 - b1) d a w; w <- w - rate_k q^(middle - k) m`:
//!   three multiplications, no root, no quotient.
//! - The second moment decays by `b2^L` and gains `(1 - b2)` times the sum of the squared gradients, of a weight that
//!   goes linearly from its first value to its last.
//!
//! The error grows with `(1 - b2) L (g / s)^2`, the penalty's share of the second moment, and with `eps / s`. Before
//! each block both are bounded, taking into account how far the momentum may still move the weight; a row that exceeds
//! the bounds takes a shorter block, or its steps one by one. The tests compare the result with the dense algorithm in
//! double precision.
//!
//! Here are the coefficients of blocks; `stretch` goes through the steps of a part of a row.

mod stretch;
mod vector;

use crate::adam::AdamStep;
use crate::pace::Pace;
use crate::penalty::Shrink;
use crate::rule::Rule;
use pulp::Simd;
use stretch::Stretch;

/// Steps of a block, and of the shorter block that is tried next.
const BLOCKS: [usize; 2] = [32, 8];
const MOST: usize = BLOCKS[0];

/// The largest share of the second moment that the penalty may contribute in a block.
const SHARE: f64 = 1e-3;

/// The largest error that epsilon may cause in a weight over a block, in units of the learning rate.
const SLACK: f64 = 3e-5;

/// The most weights that are checked and updated together: a stretch of one row.
const STRETCH: usize = 64;

/// The same in vectors, which stay in registers.
const VECTORS: usize = 8;

/// The coefficients of a block of a given length.
#[derive(Clone, Copy, Debug)]
struct Block {
    steps: usize,
    /// `q^(middle - k)` of each step.
    factors: [f32; MOST],
    /// The decay of the second moment up to the middle, and what one squared weight adds to it.
    to_middle: [f32; 2],
    /// The same at the end; the squared weight there is a mean over the block.
    to_end: [f32; 2],
    /// `d sqrt((1 - b2) L / share)`: the root must exceed a weight times this.
    steepness: f32,
    /// What epsilon may add to the path of a moment, in units of the squared root.
    unevenness: f32,
}

impl Block {
    fn new(update: AdamStep, decay: f64, steps: usize) -> Self {
        let AdamStep {
            beta_2, epsilon, ..
        } = update;
        let (length, middle) = (steps as f64, (steps as f64 + 1.0) / 2.0);
        let gained = (1.0 - beta_2) * decay * decay;
        Self {
            steps,
            factors: std::array::from_fn(|k| beta_2.powf((middle - (k as f64 + 1.0)) / 2.0) as f32),
            to_middle: [
                beta_2.powf(middle) as f32,
                (gained * middle * beta_2.powf(middle / 2.0)) as f32,
            ],
            to_end: [
                beta_2.powf(length) as f32,
                (gained * length * beta_2.powf(length / 2.0) / 3.0) as f32,
            ],
            steepness: (decay * ((1.0 - beta_2) * length / SHARE).sqrt()) as f32,
            unevenness: ((1.0 - beta_2) * length / 4.0 * epsilon / SLACK) as f32,
        }
    }
}

/// Applies Adam's missed steps under a penalty.
#[derive(Clone, Debug)]
pub(crate) struct AdamBlocks {
    update: AdamStep,
    shrink: Shrink,
    /// Blocks of every length up to the longest.
    blocks: Vec<Block>,
    /// `1 / (1 - b1)`: how far a first moment reaches, in steps.
    reach: f32,
    /// `(1 - b1) d`: times a rate, what a divisor must exceed. Below about a quarter of that, a weight oscillates with
    /// growing amplitude.
    swing: f32,
}

impl AdamBlocks {
    /// `None` for other rules, without a penalty, and for a second moment that decays so fast that blocks would be only
    /// a step or two long.
    pub fn new(rule: Rule, shrink: Shrink) -> Option<Self> {
        let Rule::Adam {
            beta_1,
            beta_2,
            epsilon,
        } = rule
        else {
            return None;
        };
        let update = AdamStep {
            rate: 0.0,
            beta_1,
            beta_2,
            epsilon,
        };
        let forgotten = 1.0 - beta_2;
        (shrink.decay > 0.0 && forgotten * MOST as f64 <= 0.05 && forgotten > 0.0).then(|| Self {
            update,
            shrink,
            blocks: (0..=MOST)
                .map(|steps| Block::new(update, shrink.decay, steps))
                .collect(),
            reach: (1.0 / (1.0 - beta_1)) as f32,
            swing: ((1.0 - beta_1) * shrink.decay) as f32,
        })
    }

    /// Applies missed steps with these paces to a row.
    #[inline(always)]
    pub fn row<S: Simd>(
        &self,
        simd: S,
        weights: &mut [f32],
        [first, second]: [&mut [f32]; 2],
        paces: &[Pace],
        moves: &mut Moves,
    ) {
        let lanes = size_of::<S::f32s>() / size_of::<f32>();
        let most = STRETCH.min(VECTORS * lanes);
        let stretches = weights
            .chunks_mut(most)
            .zip(first.chunks_mut(most))
            .zip(second.chunks_mut(most));
        for ((weights, first), second) in stretches {
            let parts = [weights, first, second];
            match parts[0].len().div_ceil(lanes) {
                1 => Stretch::<S, 1>::rest(self, simd, parts, paces, moves),
                2 => Stretch::<S, 2>::rest(self, simd, parts, paces, moves),
                3 => Stretch::<S, 3>::rest(self, simd, parts, paces, moves),
                4 => Stretch::<S, 4>::rest(self, simd, parts, paces, moves),
                5 => Stretch::<S, 5>::rest(self, simd, parts, paces, moves),
                6 => Stretch::<S, 6>::rest(self, simd, parts, paces, moves),
                7 => Stretch::<S, 7>::rest(self, simd, parts, paces, moves),
                _ => Stretch::<S, 8>::rest(self, simd, parts, paces, moves),
            }
        }
    }
}

/// The rates of a block's steps times their factors. Kept, since consecutive rows have often missed the same steps.
pub(crate) struct Moves {
    /// Steps of the block, and steps after it.
    key: (usize, usize),
    highest: f32,
    /// Each step's rate times its factor, negative.
    backwards: [f32; MOST],
}

impl Moves {
    pub fn new() -> Self {
        Self {
            key: (0, 0),
            highest: 0.0,
            backwards: [0.0; MOST],
        }
    }

    /// The moves of a block with these paces, followed by `behind` steps.
    #[inline(always)]
    fn of(&mut self, block: &Block, paces: &[Pace], behind: usize) {
        let key = (paces.len(), behind);
        if self.key == key {
            return;
        }
        let mut rates = [0f32; MOST];
        for (rate, pace) in rates.iter_mut().zip(paces) {
            *rate = pace.rate as f32;
        }
        let mut highest = [0f32; 8];
        for rates in rates.as_chunks::<8>().0 {
            for (highest, rate) in highest.iter_mut().zip(rates) {
                *highest = highest.max(*rate);
            }
        }
        let places = self.backwards.iter_mut().zip(&block.factors).zip(rates);
        for ((backwards, factor), rate) in places {
            *backwards = -factor * rate;
        }
        self.highest = highest.into_iter().fold(0.0, f32::max);
        self.key = key;
    }
}
