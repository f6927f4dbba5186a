//! A stretch of a row going through missed steps: in blocks where they are accurate, otherwise one by one.

use super::vector::Vector;
use super::{AdamBlocks, BLOCKS, Block, Moves};
use crate::lane::Lane;
use crate::pace::Pace;
use crate::update::{TINY_STATE, TINY_WEIGHT, Update};
use pulp::Simd;

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
pub(super) struct Stretch<S: Simd, const N: usize> {
    simd: S,
    weights: [S::f32s; N],
    first: [S::f32s; N],
    second: [S::f32s; N],
}

impl<S: Simd, const N: usize> Stretch<S, N> {
    #[inline(always)]
    pub(super) fn rest(
        rest: &AdamBlocks,
        simd: S,
        parts: [&mut [f32]; 3],
        paces: &[Pace],
        moves: &mut Moves,
    ) {
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
