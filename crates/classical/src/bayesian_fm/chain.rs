//! The Gibbs sampler: one Markov chain.

use super::block::{Block, Design};
use super::normal::Normal;
use super::prior::Prior;
use super::random::Key;
use super::sums::{Seen, Sums};
use super::widest::widest;
use rayon::prelude::*;

/// Rows of a block that a thread draws at a time.
const CHUNK: usize = 64;

/// What random numbers are for.
#[derive(Clone, Copy)]
enum Purpose {
    Start,
    Row,
    Level,
    Column,
    Group,
    Noise,
}

/// The current sample of one block.
#[derive(Clone, Debug)]
pub(super) struct State<const L: usize> {
    /// Per row: the linear weight, then the factors, each the sum of the row's own and those of its columns.
    pub(super) rows: Vec<[f32; L]>,
    /// The prior means of the rows.
    means: Vec<[f32; L]>,
    /// The precision of each row's noise, relative to that of all ratings; empty if all rows have the same.
    pub(super) noise: Vec<f32>,
    /// The prior of the rows' own vectors.
    pub(super) level: Prior<L>,
    /// The vectors of the columns.
    pub(super) columns: Vec<[f32; L]>,
    /// The priors of their groups.
    groups: Vec<Prior<L>>,
}

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
        for lane in 0..L {
            matrix[row][lane] *= scale;
        }
        matrix[row][row] += precision[row];
    }
    for lane in 0..L {
        linear[lane] = scale * sums.products[lane] + precision[lane] * mean[lane];
    }
    Normal::new(matrix, linear, width)
}

impl<const L: usize> State<L> {
    #[inline(always)]
    fn draw_columns(&mut self, block: &Block, width: usize, key: Key) {
        // The rows' own vectors: what their columns do not explain.
        let mut own = std::mem::take(&mut self.means);
        for (own, row) in own.iter_mut().zip(&self.rows) {
            for lane in 0..L {
                own[lane] = row[lane] - own[lane] + self.level.mean[lane];
            }
        }
        let mut stream = key.of(Purpose::Level as u64).stream();
        self.level = self.level.drawn(own.iter().copied(), width, &mut stream);
        let (level, columns) = (self.level, &mut self.columns);
        for (group, (range, prior)) in block
            .columns
            .groups()
            .iter()
            .zip(&mut self.groups)
            .enumerate()
        {
            for column in range.clone() {
                let key = key.of(Purpose::Column as u64).of(column as u64);
                let mut normals = key.stream().normals::<L>();
                normals[width..].fill(0.0);
                let (rows, values) = block.columns.entries(column);
                draw_column(
                    &mut columns[column],
                    rows,
                    values,
                    &mut own,
                    &level,
                    prior,
                    &normals,
                );
            }
            let mut stream = key.of(Purpose::Group as u64).of(group as u64).stream();
            *prior = prior.drawn(columns[range.clone()].iter().copied(), width, &mut stream);
        }
        for (own, row) in own.iter_mut().zip(&self.rows) {
            for lane in 0..L {
                own[lane] = row[lane] - own[lane] + self.level.mean[lane];
            }
        }
        self.means = own;
    }
}

/// Draws the vector of a column given the rows' vectors. `own` holds the rows' own vectors, that is without those of the
/// columns, before and after.
#[inline(always)]
pub(super) fn draw_column<const L: usize>(
    column: &mut [f32; L],
    rows: &[u32],
    values: &[f32],
    own: &mut [[f32; L]],
    level: &Prior<L>,
    prior: &Prior<L>,
    normals: &[f32; L],
) {
    let (mut squares, mut products) = (0.0_f32, [0.0_f32; L]);
    for (&row, &value) in rows.iter().zip(values) {
        squares += value * value;
        let own = &own[row as usize];
        for lane in 0..L {
            products[lane] += value * (own[lane] - level.mean[lane]);
        }
    }
    let mut moved = [0.0; L];
    for lane in 0..L {
        let precision = level.precision[lane] * squares + prior.precision[lane];
        let linear = level.precision[lane] * (products[lane] + squares * column[lane])
            + prior.precision[lane] * prior.mean[lane];
        let value = linear / precision + normals[lane] / precision.sqrt();
        moved[lane] = value - column[lane];
        column[lane] = value;
    }
    for (&row, &value) in rows.iter().zip(values) {
        let own = &mut own[row as usize];
        for lane in 0..L {
            own[lane] -= value * moved[lane];
        }
    }
}
