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

use crate::adam::AdamStep;
use crate::lane::Lane;
use crate::pace::Pace;
use crate::penalty::Shrink;
use crate::rule::Rule;
use crate::update::{TINY_STATE, TINY_WEIGHT, Update};
use pulp::Simd;

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

/// The root of the second moments at a block's middle, with and without epsilon.
struct Middle<S: Simd, const N: usize> {
    roots: [S::f32s; N],
    divisors: [S::f32s; N],
}

enum Verdict {
    /// Weights and first moments are 0 and stay 0.
    AtRest,
    /// A block is accurate.
    Smooth,
    /// A block is not accurate.
    Rough,
}

/// A stretch of a row as vectors, the last one padded with zeros.
struct Stretch<S: Simd, const N: usize> {
    simd: S,
    weights: [S::f32s; N],
    first: [S::f32s; N],
    second: [S::f32s; N],
}

impl<S: Simd, const N: usize> Stretch<S, N> {
    #[inline(always)]
    fn rest(rest: &AdamBlocks, simd: S, parts: [&mut [f32]; 3], paces: &[Pace], moves: &mut Moves) {
        let lanes = size_of::<S::f32s>() / size_of::<f32>();
        let load = |part: &[f32]| {
            let mut vectors = [simd.splat_f32s(0.0); N];
            for (vector, part) in vectors.iter_mut().zip(part.chunks(lanes)) {
                *vector = simd.partial_load_f32s(part);
            }
            vectors
        };
        let [weights, first, second] = parts;
        let mut stretch = Self {
            simd,
            weights: load(weights),
            first: load(first),
            second: load(second),
        };
        stretch.go_through(rest, paces, moves);
        let store = |part: &mut [f32], vectors: [S::f32s; N]| {
            for (vector, part) in vectors.into_iter().zip(part.chunks_mut(lanes)) {
                simd.partial_store_f32s(part, vector);
            }
        };
        store(weights, stretch.weights);
        store(first, stretch.first);
        store(second, stretch.second);
    }

    #[inline(always)]
    fn go_through(&mut self, rest: &AdamBlocks, mut paces: &[Pace], moves: &mut Moves) {
        let mut longest = BLOCKS[0];
        while !paces.is_empty() {
            let steps = paces.len().min(longest);
            let block = &rest.blocks[steps];
            let (now, later) = paces.split_at(steps);
            moves.of(block, now, later.len());
            let middle = self.middle(rest, block);
            match self.judge(rest, block, moves.highest, &middle) {
                Verdict::AtRest => {
                    let left = rest.update.beta_2.powf(paces.len() as f64);
                    for second in &mut self.second {
                        *second = Vector(self.simd, *second).scale(left).flush(TINY_STATE).1;
                    }
                    return;
                }
                Verdict::Smooth => self.block(rest, block, moves, middle.divisors),
                Verdict::Rough if steps > BLOCKS[1] => {
                    longest = BLOCKS[1];
                    continue;
                }
                Verdict::Rough => self.one_by_one(rest, now),
            }
            paces = later;
            longest = BLOCKS[0];
        }
    }

    /// The divisor of the first moments at a block's middle.
    #[inline(always)]
    fn middle(&self, rest: &AdamBlocks, block: &Block) -> Middle<S, N> {
        let simd = self.simd;
        let epsilon = simd.splat_f32s(rest.update.epsilon as f32);
        let [kept, gained] = block.to_middle.map(|part| simd.splat_f32s(part));
        let roots: [S::f32s; N] = std::array::from_fn(|at| {
            let v = simd.mul_f32s(self.second[at], kept);
            let weight = self.weights[at];
            simd.sqrt_f32s(simd.mul_add_e_f32s(simd.mul_f32s(weight, gained), weight, v))
        });
        Middle {
            divisors: roots.map(|root| simd.add_f32s(root, epsilon)),
            roots,
        }
    }

    /// Whether a block is accurate.
    #[inline(always)]
    fn judge(
        &self,
        rest: &AdamBlocks,
        block: &Block,
        highest: f32,
        middle: &Middle<S, N>,
    ) -> Verdict {
        let simd = self.simd;
        let splat = |value: f32| simd.splat_f32s(value);
        let steepness = splat(block.steepness);
        let unevenness = splat(block.unevenness * rest.reach);
        let way = splat(highest * rest.reach);
        let swing = splat(highest * rest.swing);
        let (mut most, mut excess) = (splat(0.0), splat(f32::MIN));
        for at in 0..N {
            let weight = simd.abs_f32s(self.weights[at]);
            let first = simd.abs_f32s(self.first[at]);
            let (root, divisor) = (middle.roots[at], middle.divisors[at]);
            most = simd.max_f32s(most, simd.max_f32s(weight, first));
            // All multiplied by the divisor, which avoids the quotient: how far the weight may be from 0 in this block
            // ...
            let far = simd.mul_add_e_f32s(weight, divisor, simd.mul_f32s(way, first));
            let steep = simd.mul_f32s(far, steepness);
            excess = simd.max_f32s(excess, simd.sub_f32s(steep, simd.mul_f32s(root, divisor)));
            // ... whether its oscillation grows, as it does if the root is small compared with the penalty, ...
            excess = simd.max_f32s(excess, simd.mul_f32s(far, simd.sub_f32s(swing, divisor)));
            // ... and the effect of epsilon's share of the divisor on the path of the momentum.
            let uneven = simd.mul_f32s(first, unevenness);
            let limit = simd.mul_f32s(divisor, divisor);
            excess = simd.max_f32s(excess, simd.sub_f32s(uneven, limit));
        }
        if simd.reduce_max_f32s(most) == 0.0 {
            Verdict::AtRest
        } else if simd.reduce_max_f32s(excess) <= 0.0 {
            Verdict::Smooth
        } else {
            Verdict::Rough
        }
    }

    /// Applies the steps of a block.
    #[inline(always)]
    fn block(&mut self, rest: &AdamBlocks, block: &Block, moves: &Moves, divisors: [S::f32s; N]) {
        let AdamBlocks { update, shrink, .. } = rest;
        let simd = self.simd;
        let splat = |value: f32| simd.splat_f32s(value);
        let zero = splat(0.0);
        let keep = splat(update.beta_1 as f32);
        let pulled = splat(((1.0 - update.beta_1) * shrink.decay) as f32);
        let (mut w, mut m, mut pulls) = (self.weights, self.first, [zero; N]);
        for at in 0..N {
            let inverse = simd.div_f32s(splat(1.0), divisors[at]);
            m[at] = simd.mul_f32s(m[at], inverse);
            pulls[at] = simd.mul_f32s(pulled, inverse);
        }
        for &backwards in &moves.backwards[..block.steps] {
            let backwards = splat(backwards);
            for at in 0..N {
                m[at] = simd.mul_add_e_f32s(pulls[at], w[at], simd.mul_f32s(keep, m[at]));
                w[at] = simd.mul_add_e_f32s(backwards, m[at], w[at]);
                if shrink.non_negative {
                    w[at] = simd.max_f32s(w[at], zero);
                }
            }
        }
        let flush = |value: S::f32s, tiny: f64| Vector(simd, value).flush(tiny).1;
        let [kept, gained] = block.to_end.map(splat);
        for at in 0..N {
            let (from, to) = (self.weights[at], w[at]);
            // The mean square of a value that goes linearly from one value to another is a third of this.
            let squares = simd.mul_f32s(to, to);
            let squares = simd.mul_add_e_f32s(from, simd.add_f32s(from, to), squares);
            let v = simd.mul_f32s(kept, self.second[at]);
            let v = simd.mul_add_e_f32s(gained, squares, v);
            self.second[at] = flush(v, TINY_STATE);
            self.first[at] = flush(simd.mul_f32s(m[at], divisors[at]), TINY_STATE);
            self.weights[at] = flush(to, TINY_WEIGHT);
        }
    }

    /// Applies steps exactly as the rule defines them.
    #[inline(always)]
    fn one_by_one(&mut self, rest: &AdamBlocks, paces: &[Pace]) {
        let simd = self.simd;
        for &pace in paces {
            let update = rest.update.at_pace(pace);
            for at in 0..N {
                let weight = Vector(simd, self.weights[at]);
                let state = [self.first[at], self.second[at]].map(|state| Vector(simd, state));
                let gradient = weight.clone().scale(rest.shrink.decay);
                let (weight, [first, second]) = update.step(weight, state, gradient);
                self.weights[at] = match rest.shrink.non_negative {
                    true => weight.positive().1,
                    false => weight.1,
                };
                (self.first[at], self.second[at]) = (first.1, second.1);
            }
        }
    }
}

/// A vector whose elements are updated like single numbers.
#[derive(Clone)]
struct Vector<S: Simd>(S, S::f32s);

impl<S: Simd> Lane for Vector<S> {
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(self.0, self.0.add_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(self.0, self.0.sub_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self(self.0, self.0.mul_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        Self(self.0, self.0.div_f32s(self.1, other.1))
    }
    #[inline(always)]
    fn inverse(self) -> Self {
        Self(self.0, self.0.div_f32s(self.0.splat_f32s(1.0), self.1))
    }
    #[inline(always)]
    fn scale(self, factor: f64) -> Self {
        Self(
            self.0,
            self.0.mul_f32s(self.1, self.0.splat_f32s(factor as f32)),
        )
    }
    #[inline(always)]
    fn offset(self, term: f64) -> Self {
        Self(
            self.0,
            self.0.add_f32s(self.1, self.0.splat_f32s(term as f32)),
        )
    }
    #[inline(always)]
    fn root(self) -> Self {
        Self(self.0, self.0.sqrt_f32s(self.1))
    }
    #[inline(always)]
    fn positive(self) -> Self {
        Self(self.0, self.0.max_f32s(self.1, self.0.splat_f32s(0.0)))
    }
    #[inline(always)]
    fn flush(self, tiny: f64) -> Self {
        let Self(simd, value) = self;
        let small = simd.less_than_f32s(simd.abs_f32s(value), simd.splat_f32s(tiny as f32));
        Self(simd, simd.select_f32s(small, simd.splat_f32s(0.0), value))
    }
}
