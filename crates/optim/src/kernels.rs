//! Reading rows for a batch, and the gradients of the rows that were read.
//!
//! A batch names each row once, and examples refer to those rows. Nothing here has the size of a table.

use crate::share::{both, each_apart, shared, threads_pay};
use crate::table::RowTable;
use pulp::Arch;
use std::ops::Range;

/// The ids of a batch in one column of its pairs: `rows[inverse[n]]` is the row of example `n`.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// The distinct rows.
    pub rows: &'a [u32],
    /// Each example's position among them.
    pub inverse: &'a [u32],
}

impl<'a> Column<'a> {
    /// The row of each of these examples.
    #[inline(always)]
    fn ids(self, examples: Range<usize>) -> impl Iterator<Item = u32> + 'a {
        let rows = self.rows;
        self.inverse[examples]
            .iter()
            .map(move |&place| rows[place as usize])
    }
}

/// `score = p_u . q_i [+ b_u] [+ c_i]`: the core of every matrix factorisation, read directly from the tables.
#[derive(Clone, Copy)]
pub struct FactorScore<'a> {
    /// The users' factors.
    pub user_factors: &'a RowTable,
    /// The items' factors, of the same width.
    pub item_factors: &'a RowTable,
    /// The users' biases, of width 1.
    pub user_bias: Option<&'a RowTable>,
    /// The items' biases, of width 1.
    pub item_bias: Option<&'a RowTable>,
}

/// The gradients of the distinct rows behind a [`FactorScore`], row by row. Kept between steps to reuse the memory.
#[derive(Clone, Debug, Default)]
pub struct Gradients {
    /// Gradients of the users' factors.
    pub user_factors: Vec<f32>,
    /// Gradients of the items' factors.
    pub item_factors: Vec<f32>,
    /// Gradients of the users' biases; empty without them.
    pub user_bias: Vec<f32>,
    /// Gradients of the items' biases; empty without them.
    pub item_bias: Vec<f32>,
}

const LANES: usize = 8;

/// The dot product of two slices of equal length, with eight running sums, so that the order of the additions is fixed
/// and eight can be done at a time.
#[inline(always)]
pub fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0f32; LANES];
    let (left, left_rest) = left.as_chunks::<LANES>();
    let (right, right_rest) = right.as_chunks::<LANES>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let four: [f32; 4] = std::array::from_fn(|lane| sums[lane] + sums[lane + 4]);
    let mut sum = (four[0] + four[2]) + (four[1] + four[3]);
    for (left, right) in left_rest.iter().zip(right_rest) {
        sum += left * right;
    }
    sum
}

impl FactorScore<'_> {
    /// The score of each example. Rows must have been brought up to date.
    ///
    /// # Panics
    /// If a row is not in its table, or the columns or `out` differ in length.
    pub fn scores(&self, users: Column<'_>, items: Column<'_>, out: &mut [f32]) {
        let batch = out.len();
        let fill = |first: usize, out: &mut [f32]| {
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    let examples = first..first + out.len();
                    let pairs = users.ids(examples.clone()).zip(items.ids(examples));
                    for (out, (user, item)) in out.iter_mut().zip(pairs) {
                        let mut score =
                            dot(self.user_factors.row(user), self.item_factors.row(item));
                        if let Some(bias) = self.user_bias {
                            score += bias.row(user)[0];
                        }
                        if let Some(bias) = self.item_bias {
                            score += bias.row(item)[0];
                        }
                        *out = score;
                    }
                },
            );
        };
        if !threads_pay(batch * self.user_factors.width()) {
            fill(0, out);
        } else {
            let part = shared(batch);
            each_apart(out.chunks_mut(part).enumerate(), |(at, out)| {
                fill(at * part, out)
            });
        }
    }

    /// The gradients of the rows, computed from the gradient of each example's score.
    pub fn gradients(
        &self,
        users: Column<'_>,
        items: Column<'_>,
        of_scores: &[f32],
        out: &mut Gradients,
    ) {
        let Gradients {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
        } = out;
        let of_users = || {
            let bias = self.user_bias.map(|_| user_bias);
            factor_gradient(
                users,
                items,
                self.item_factors,
                of_scores,
                user_factors,
                bias,
            );
        };
        let of_items = || {
            let bias = self.item_bias.map(|_| item_bias);
            factor_gradient(
                items,
                users,
                self.user_factors,
                of_scores,
                item_factors,
                bias,
            );
        };
        both(
            of_scores.len() * self.user_factors.width(),
            of_users,
            of_items,
        );
    }
}

/// Calls `fill` with ranges of distinct rows and their part of `out`: one per two threads, since the other column uses
/// the other half of them. Each range scans all examples and handles its own rows, so nothing is added twice.
fn by_rows(
    rows: usize,
    width: usize,
    examples: usize,
    out: &mut Vec<f32>,
    fill: impl Fn(Range<u32>, &mut [f32]) + Sync,
) {
    out.clear();
    out.resize(rows * width, 0.0);
    let ranges = rayon::current_num_threads() / 2;
    if ranges < 2 || !threads_pay(examples * width) {
        fill(0..rows as u32, out);
        return;
    }
    let part = rows.div_ceil(ranges).max(1);
    each_apart(out.chunks_mut(part * width).enumerate(), |(at, out)| {
        let first = (at * part) as u32;
        fill(first..first + (out.len() / width) as u32, out);
    });
}

/// `out[row] = sum over the row's examples of g * the other side's row`, and of `g` itself for the bias.
fn factor_gradient(
    own: Column<'_>,
    other: Column<'_>,
    others: &RowTable,
    of_scores: &[f32],
    out: &mut Vec<f32>,
    bias: Option<&mut Vec<f32>>,
) {
    let (width, count) = (others.width(), own.rows.len());
    by_rows(
        count,
        width,
        of_scores.len(),
        out,
        |rows, out: &mut [f32]| {
            let all = rows.len() == count;
            Arch::new().dispatch(
                #[inline(always)]
                || {
                    let others_of = other.ids(0..of_scores.len());
                    for ((&place, id), &g) in own.inverse.iter().zip(others_of).zip(of_scores) {
                        if all || rows.contains(&place) {
                            let at = (place - rows.start) as usize * width;
                            let out = &mut out[at..][..width];
                            for (out, weight) in out.iter_mut().zip(others.row(id)) {
                                *out += g * weight;
                            }
                        }
                    }
                },
            );
        },
    );
    if let Some(bias) = bias {
        bias.clear();
        bias.resize(count, 0.0);
        for (&place, g) in own.inverse.iter().zip(of_scores) {
            bias[place as usize] += g;
        }
    }
}

/// Sums the examples of each row: `out[row] = sum of values[example][columns]`, where `values` is `[batch, total]`.
///
/// # Panics
/// If `values` does not have that length.
pub fn row_sums(
    column: Column<'_>,
    values: &[f32],
    columns: Range<usize>,
    total: usize,
    out: &mut Vec<f32>,
) {
    let width = columns.len();
    let examples = column.inverse.len();
    assert_eq!(
        values.len(),
        examples * total,
        "one row of values per example"
    );
    let count = column.rows.len();
    by_rows(count, width, examples, out, |rows, out: &mut [f32]| {
        let all = rows.len() == count;
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let examples = column.inverse.iter().zip(values.chunks_exact(total));
                for (&place, values) in examples {
                    if all || rows.contains(&place) {
                        let at = (place - rows.start) as usize * width;
                        let out = &mut out[at..][..width];
                        for (out, value) in out.iter_mut().zip(&values[columns.clone()]) {
                            *out += value;
                        }
                    }
                }
            },
        );
    });
}

/// Copies each example's row into `out[example][columns]`, where `out` is `[batch, total]`. Rows must have been brought
/// up to date.
///
/// # Panics
/// If a row is not in the table, or `out` does not have that length.
pub fn examples(
    table: &RowTable,
    column: Column<'_>,
    columns: Range<usize>,
    total: usize,
    out: &mut [f32],
) {
    let batch = column.inverse.len();
    assert_eq!(out.len(), batch * total, "one row per example");
    let copy = |first: usize, out: &mut [f32]| {
        let ids = column.ids(first..first + out.len() / total);
        for (out, id) in out.chunks_exact_mut(total).zip(ids) {
            out[columns.clone()].copy_from_slice(table.row(id));
        }
    };
    if !threads_pay(out.len()) {
        copy(0, out);
    } else {
        let part = shared(batch);
        each_apart(out.chunks_mut(part * total).enumerate(), |(at, out)| {
            copy(at * part, out)
        });
    }
}
