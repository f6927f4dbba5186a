//! The Gibbs sampler: one Markov chain.

use super::block::{Block, Design};
use super::normal::Normal;
use super::prior::Prior;
use super::random::Key;
use super::state::{Purpose, State};
use super::sums::{Seen, Sums};
use super::widest::widest;
use rayon::prelude::*;

/// Rows of a block that a thread draws at a time.
const CHUNK: usize = 64;

/// The current sample of all blocks.
#[derive(Clone, Debug)]
pub(super) struct Chain<'a, const L: usize> {
    design: &'a Design,
    /// One more than the rank.
    width: usize,
    shape: Option<f64>,
    key: Key,
    /// The constant of the model.
    pub(super) offset: f64,
    /// The precision of the noise.
    pub(super) precision: f64,
    pub(super) states: Vec<State<L>>,
}

/// Sums over the ratings of a row, or of several: `sum w`, `sum w e`, `sum w e^2`.
type Totals = [f64; 3];

impl<'a, const L: usize> Chain<'a, L> {
    /// The start of a chain: factors with a standard deviation of 0.1, all else 0.
    pub(super) fn new(design: &'a Design, rank: usize, shape: Option<f64>, key: Key) -> Self {
        let start = |(at, block): (usize, &Block)| {
            let key = key.of(at as u64).of(Purpose::Start as u64);
            let row = |row: usize| {
                let mut vector = key.of(row as u64).stream().normals::<L>().map(|x| 0.1 * x);
                vector[0] = 0.0;
                vector[rank + 1..].fill(0.0);
                vector
            };
            State {
                rows: (0..block.rows()).map(row).collect(),
                means: vec![[0.0; L]; block.rows()],
                noise: vec![1.0; if block.noisy { block.rows() } else { 0 }],
                level: Prior::START,
                columns: vec![[0.0; L]; block.columns.len()],
                groups: vec![Prior::START; block.columns.groups().len()],
            }
        };
        Self {
            states: design.blocks.iter().enumerate().map(start).collect(),
            design,
            width: rank + 1,
            shape,
            key,
            offset: 0.0,
            precision: 1.0,
        }
    }

    /// The blocks.
    pub(super) fn design(&self) -> &'a Design {
        self.design
    }

    /// Draws every unknown once, given all others.
    pub(super) fn sweep(&mut self, sweep: usize) {
        for at in 0..self.design.blocks.len() {
            let key = self.key.of(at as u64).of(sweep as u64);
            let totals = self.draw_rows(at, key);
            self.draw_noise(totals, key);
            self.draw_columns(at, key);
        }
    }

    /// Draws the rows of a block, each given the other blocks and its prior mean, and the precision of its noise.
    fn draw_rows(&mut self, at: usize, key: Key) -> Totals {
        let state = &mut self.states[at];
        let mut rows = std::mem::take(&mut state.rows);
        let mut noise = std::mem::take(&mut state.noise);
        let (means, level) = (std::mem::take(&mut state.means), state.level);
        let key = key.of(Purpose::Row as u64);
        // Rows whose noise is that of all ratings write into ones that are dropped.
        let mut plain = vec![1.0; if noise.is_empty() { rows.len() } else { 0 }];
        let precisions = if noise.is_empty() {
            &mut plain
        } else {
            &mut noise
        };
        let this = &*self;
        let chunks = rows
            .par_chunks_mut(CHUNK)
            .zip(precisions.par_chunks_mut(CHUNK));
        let totals: Vec<Totals> = chunks
            .enumerate()
            .map(|(chunk, (rows, noise))| {
                widest(
                    #[inline(always)]
                    || this.draw_chunk(at, chunk * CHUNK, rows, noise, &means, &level, key),
                )
            })
            .collect();
        let state = &mut self.states[at];
        (state.rows, state.noise, state.means) = (rows, noise, means);
        // In the order of the rows, whatever thread has drawn them.
        totals.iter().fold([0.0; 3], |sum, own| {
            [sum[0] + own[0], sum[1] + own[1], sum[2] + own[2]]
        })
    }

    #[inline(always)]
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts of a state that others do not see"
    )]
    fn draw_chunk(
        &self,
        at: usize,
        first: usize,
        rows: &mut [[f32; L]],
        noise: &mut [f32],
        means: &[[f32; L]],
        level: &Prior<L>,
        key: Key,
    ) -> Totals {
        let block = &self.design.blocks[at];
        let seen = self.seen(at);
        let mut others: Vec<&[u32]> = Vec::with_capacity(seen.len());
        let mut totals = [0.0; 3];
        for (row, (vector, noise)) in (first..).zip(rows.iter_mut().zip(noise)) {
            let range = block.offsets[row] as usize..block.offsets[row + 1] as usize;
            others.clear();
            others.extend(block.others.iter().map(|other| &other[range.clone()]));
            let targets = &block.targets[range];
            let sums = Sums::of(targets, &others, &seen, self.offset as f32, self.width);
            let scale = self.precision as f32 * *noise;
            let mut stream = key.of(row as u64).stream();
            let normal = conditional(&sums, scale, &means[row], &level.precision, self.width);
            *vector = normal.value(&stream.normals());
            let (errors, squares) = sums.errors(vector, self.width);
            if let (Some(shape), true) = (self.shape, block.noisy) {
                let drawn = stream.gamma((shape + targets.len() as f64) / 2.0);
                *noise = (drawn * 2.0 / (shape + self.precision * squares)) as f32;
            }
            let own = f64::from(*noise);
            totals[0] += own * f64::from(sums.squares[0][0]);
            totals[1] += own * errors;
            totals[2] += own * squares;
        }
        totals
    }

    /// What block `at` sees of the others.
    fn seen(&self, at: usize) -> Vec<Seen<'_, L>> {
        let others = self
            .states
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at);
        others
            .map(|(_, state)| Seen {
                rows: &state.rows,
                noise: (!state.noise.is_empty()).then_some(&state.noise),
            })
            .collect()
    }

    /// Draws the precision of the noise, with the prior Gamma(1/2, 1/2), and the constant, with the prior N(0, 1).
    fn draw_noise(&mut self, [weights, errors, squares]: Totals, key: Key) {
        let mut stream = key.of(Purpose::Noise as u64).stream();
        let count = self.design.blocks[0].targets.len() as f64;
        self.precision = stream.precision(count, squares);
        let precision = self.precision * weights + 1.0;
        let linear = self.precision * (errors + weights * self.offset);
        self.offset = linear / precision + stream.normal() / precision.sqrt();
    }

    /// Draws the level of a block and the vectors of its columns with their priors, given its rows.
    fn draw_columns(&mut self, at: usize, key: Key) {
        let (block, width) = (&self.design.blocks[at], self.width);
        let state = &mut self.states[at];
        widest(
            #[inline(always)]
            || state.draw_columns(block, width, key),
        );
    }
}

/// The distribution of a row's vector given its ratings, the precision `scale` of their noise, and its prior.
#[inline(always)]
pub(super) fn conditional<const L: usize>(
    sums: &Sums<L>,
    scale: f32,
    mean: &[f32; L],
    precision: &[f32; L],
    width: usize,
) -> Normal<L> {
    let (mut matrix, mut linear) = (sums.squares, [0.0; L]);
    for row in 0..width {
        for entry in &mut matrix[row] {
            *entry *= scale;
        }
        matrix[row][row] += precision[row];
    }
    for lane in 0..L {
        linear[lane] = scale * sums.products[lane] + precision[lane] * mean[lane];
    }
    Normal::new(matrix, linear, width)
}
