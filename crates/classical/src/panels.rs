//! Dense matrices in panels of columns, and sums of their rows.

use pulp::{Simd, WithSimd};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The columns of a panel: its sums stay in registers, and a panel of a few thousand rows stays in the cache.
pub(crate) const WIDTH: usize = 64;

/// A dense matrix, stored as panels of [`WIDTH`] columns, each row by row; the last panel is filled up with zeros.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Dense", into = "Dense")]
pub(crate) struct Panels {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

/// The same matrix row by row: how it is saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dense {
    /// The number of rows.
    pub(crate) rows: usize,
    /// The number of columns.
    pub(crate) columns: usize,
    /// The values.
    pub(crate) values: Vec<f32>,
}

impl Dense {
    /// Zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    /// A row; empty after the last.
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        let from = row.saturating_mul(self.columns);
        self.values
            .get(from..from.saturating_add(self.columns))
            .unwrap_or(&[])
    }

    /// Whether the number of values is that of the shape.
    pub(crate) fn is_sound(&self) -> bool {
        self.rows.checked_mul(self.columns) == Some(self.values.len())
    }
}

impl Panels {
    /// Zeros.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; rows * columns.next_multiple_of(WIDTH)],
        }
    }

    /// The number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The value at a place.
    pub(crate) fn get(&self, row: usize, column: usize) -> f32 {
        self.values[(column / WIDTH * self.rows + row) * WIDTH + column % WIDTH]
    }

    /// The panels: the columns of each, and its values, [`WIDTH`] per row.
    pub(crate) fn panels(&self) -> impl Iterator<Item = (Range<usize>, &[f32])> {
        let columns = (0..self.columns).step_by(WIDTH);
        let columns = columns.map(|from| from..self.columns.min(from + WIDTH));
        columns.zip(self.values.chunks_exact((self.rows * WIDTH).max(1)))
    }

    /// The panels for writing: the first column of each, and its values, [`WIDTH`] per row.
    pub(crate) fn panels_mut(&mut self) -> impl Iterator<Item = (usize, &mut [f32])> {
        let size = (self.rows * WIDTH).max(1);
        (0..).step_by(WIDTH).zip(self.values.chunks_exact_mut(size))
    }

    /// `into = sum of weights[n] * row indices[n]`, with sums in the order of the indices.
    pub(crate) fn combine(&self, indices: &[u32], weights: &[f32], into: &mut [f32]) {
        self.combine_block(&[(indices, weights)], into);
    }

    /// The same for several combinations, `[terms.len(), columns]`: a panel is read for all of them before the next.
    pub(crate) fn combine_block(&self, terms: &[(&[u32], &[f32])], into: &mut [f32]) {
        pulp::Arch::new().dispatch(Combination {
            panels: self,
            terms,
            into,
        });
    }

    /// One column of a combination: the same number as in [`Panels::combine`].
    pub(crate) fn combine_at(&self, indices: &[u32], weights: &[f32], column: usize) -> f32 {
        let terms = indices.iter().zip(weights);
        terms.fold(0.0, |sum, (&row, weight)| {
            sum + weight * self.get(row as usize, column)
        })
    }
}

/// The arguments of [`Panels::combine_block`]. A struct and not a closure, here and wherever loops are compiled for the
/// processor: the compiler need not inline a closure that is called once, and then its loops keep the plain instructions.
struct Combination<'a, 'b> {
    panels: &'a Panels,
    terms: &'a [(&'b [u32], &'b [f32])],
    into: &'a mut [f32],
}

impl WithSimd for Combination<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Panels {
            rows,
            columns,
            values,
        } = self.panels;
        let size = (rows * WIDTH).max(1);
        for (from, panel) in (0..).step_by(WIDTH).zip(values.chunks_exact(size)) {
            let to = (from + WIDTH).min(*columns);
            let rows = self.into.chunks_exact_mut((*columns).max(1));
            for (term, into) in self.terms.iter().zip(rows) {
                sums(simd, *term, panel, &mut into[from..to]);
            }
        }
    }
}

/// The sums of a panel's columns, as many vectors at a time as there are registers for. Products and sums are rounded
/// separately, as in [`Panels::combine_at`].
#[inline(always)]
fn sums<S: Simd>(simd: S, terms: (&[u32], &[f32]), panel: &[f32], into: &mut [f32]) {
    let mut all = [0.0; WIDTH];
    match S::F32_LANES {
        16 => vectors::<S, 4>(simd, terms, panel, &mut all),
        _ => vectors::<S, 8>(simd, terms, panel, &mut all),
    }
    into.copy_from_slice(&all[..into.len()]);
}

#[inline(always)]
fn vectors<S: Simd, const N: usize>(
    simd: S,
    (indices, weights): (&[u32], &[f32]),
    panel: &[f32],
    into: &mut [f32; WIDTH],
) {
    let step = N * S::F32_LANES;
    for (from, into) in (0..).step_by(step).zip(into.chunks_exact_mut(step)) {
        let mut sums = [simd.splat_f32s(0.0); N];
        for (&index, &weight) in indices.iter().zip(weights) {
            let place = index as usize * WIDTH + from;
            let (row, _) = S::as_simd_f32s(&panel[place..place + step]);
            let weight = simd.splat_f32s(weight);
            if let Some(row) = row.first_chunk::<N>() {
                for n in 0..N {
                    sums[n] = simd.add_f32s(sums[n], simd.mul_f32s(weight, row[n]));
                }
            }
        }
        S::as_mut_simd_f32s(into).0.copy_from_slice(&sums);
    }
}

impl TryFrom<Dense> for Panels {
    type Error = &'static str;

    fn try_from(dense: Dense) -> Result<Self, Self::Error> {
        if !dense.is_sound() {
            return Err("the number of values is not that of the matrix");
        }
        let mut panels = Self::zeros(dense.rows, dense.columns);
        for (from, panel) in panels.panels_mut() {
            let to = (from + WIDTH).min(dense.columns);
            for (row, panel) in panel.chunks_exact_mut(WIDTH).enumerate() {
                panel[..to - from].copy_from_slice(&dense.row(row)[from..to]);
            }
        }
        Ok(panels)
    }
}

impl From<Panels> for Dense {
    fn from(panels: Panels) -> Self {
        let mut dense = Self::zeros(panels.rows, panels.columns);
        for row in 0..panels.rows {
            for column in 0..panels.columns {
                dense.values[row * panels.columns + column] = panels.get(row, column);
            }
        }
        dense
    }
}

/// The bytes of such a matrix.
pub(crate) fn bytes(rows: usize, columns: usize) -> u64 {
    rows as u64 * columns.next_multiple_of(WIDTH) as u64 * 4
}

/// `into += factor * row`, with products and sums rounded separately.
pub(crate) fn plus(into: &mut [f32], factor: f32, row: &[f32]) {
    for (into, value) in into.iter_mut().zip(row) {
        *into += factor * value;
    }
}
