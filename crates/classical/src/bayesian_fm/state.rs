//! The current sample of one block, and the draws of its priors and columns.

use super::block::Block;
use super::prior::Prior;
use super::random::Key;

/// What random numbers are for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
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
    pub(super) means: Vec<[f32; L]>,
    /// The precision of each row's noise, relative to that of all ratings; empty if all rows have the same.
    pub(super) noise: Vec<f32>,
    /// The prior of the rows' own vectors.
    pub(super) level: Prior<L>,
    /// The vectors of the columns.
    pub(super) columns: Vec<[f32; L]>,
    /// The priors of their groups.
    pub(super) groups: Vec<Prior<L>>,
}

impl<const L: usize> State<L> {
    #[inline(always)]
    /// Draws the level and the vectors of the columns with their priors, given the rows.
    pub(super) fn draw_columns(&mut self, block: &Block, width: usize, key: Key) {
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
