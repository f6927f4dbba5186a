//! Dense layers of which most units are dropped: dropped outputs are not computed.
//!
//! Dropout masks are known before the product. At a rate of 0.75 three quarters of a layer's output are 0 for any
//! input, and so are three quarters of the gradient, or seven eighths after a relu; computing only the rest is several
//! times faster. Kernels are transposed here, `[units, inputs]`, so that the weights of a unit are contiguous.

use pulp::{Arch, Simd, WithSimd};

/// The rate from which a layer is thinned: below it the full product is faster.
pub(crate) const RATE: f64 = 0.5;

/// An entry of a sparse matrix: its index in the row or column, and its value.
type Entry = (u32, f32);

/// The kept units of a layer, and memory for its gradient.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thinned {
    /// The units that are kept, row after row.
    kept: Vec<u32>,
    /// The end of each row in `kept`.
    ends: Vec<u32>,
    /// The nonzero gradients, row after row: unit and value.
    by_row: Vec<Entry>,
    row_ends: Vec<u32>,
    /// The same, unit after unit: row and value.
    by_unit: Vec<Entry>,
    unit_ends: Vec<u32>,
}

impl Thinned {
    /// `x W^T` where the mask is nonzero, and 0 elsewhere.
    ///
    /// # Shapes
    /// - input: `inputs` numbers at the start of every `stride`; kernel: `[units, inputs]`
    /// - mask and output: `[rows, units]`
    pub fn forward(
        &mut self,
        (input, stride): (&[f32], usize),
        (kernel, inputs): (&[f32], usize),
        mask: &[f32],
        output: &mut [f32],
    ) {
        self.keep(mask, kernel.len() / inputs);
        output.fill(0.0);
        Arch::new().dispatch(Forward {
            kept: &self.kept,
            ends: &self.ends,
            input,
            stride,
            kernel,
            inputs,
            output,
        });
    }

    /// Lists the units that are kept.
    fn keep(&mut self, mask: &[f32], units: usize) {
        if self.kept.len() < mask.len() {
            self.kept.resize(mask.len(), 0);
        }
        self.ends.clear();
        let kept = &mut self.kept[..mask.len()];
        let mut count = 0;
        for row in mask.chunks_exact(units) {
            // Written whether it is kept or not, to avoid a mispredicted branch.
            for (unit, factor) in (0..).zip(row) {
                kept[count] = unit;
                count += usize::from(*factor != 0.0);
            }
            self.ends.push(count as u32);
        }
    }

    /// The gradients of the kernel, `[units, inputs]`, and of the input, from that of the output, which is 0 where the
    /// mask is 0. The gradient of the input is optionally added to an existing one, or omitted if it is not needed.
    pub fn backward(
        &mut self,
        (input, stride): (&[f32], usize),
        (kernel, inputs): (&[f32], usize),
        gradient: &[f32],
        of_kernel: &mut [f32],
        of_input: Option<(&mut [f32], bool)>,
    ) {
        self.list(gradient, kernel.len() / inputs);
        if let Some((out, add)) = of_input {
            Arch::new().dispatch(Combine {
                entries: &self.by_row,
                ends: &self.row_ends,
                matrix: kernel,
                matrix_stride: inputs,
                width: inputs,
                out,
                out_stride: stride,
                add,
            });
        }
        Arch::new().dispatch(Combine {
            entries: &self.by_unit,
            ends: &self.unit_ends,
            matrix: input,
            matrix_stride: stride,
            width: inputs,
            out: of_kernel,
            out_stride: inputs,
            add: false,
        });
    }

    /// Lists the nonzero gradients, by row and by unit.
    fn list(&mut self, gradient: &[f32], units: usize) {
        let count = self.ends.last().map_or(0, |&end| end as usize);
        for list in [&mut self.by_row, &mut self.by_unit] {
            if list.len() < count {
                list.resize(count, (0, 0.0));
            }
        }
        self.unit_ends.clear();
        self.unit_ends.resize(units + 1, 0);
        self.row_ends.clear();
        let (by_row, begins) = (&mut self.by_row[..count], &mut self.unit_ends[..]);
        let (mut begin, mut count) = (0, 0);
        for (gradient, &end) in gradient.chunks_exact(units).zip(&self.ends) {
            for &unit in &self.kept[begin..end as usize] {
                let number = gradient[unit as usize];
                let counts = number != 0.0;
                by_row[count] = (unit, number);
                begins[unit as usize + 1] += u32::from(counts);
                count += usize::from(counts);
            }
            self.row_ends.push(count as u32);
            begin = end as usize;
        }
        // By unit, with a counting sort: the starts of the units become their ends.
        for unit in 0..units {
            begins[unit + 1] += begins[unit];
        }
        let by_unit = &mut self.by_unit[..count];
        let mut begin = 0;
        for (row, &end) in (0..).zip(&self.row_ends) {
            for &(unit, number) in &by_row[begin..end as usize] {
                let place = &mut begins[unit as usize];
                by_unit[*place as usize] = (row, number);
                *place += 1;
            }
            begin = end as usize;
        }
        self.unit_ends.truncate(units);
    }
}

/// The dot products of each row with the weights of some units.
struct Forward<'a> {
    kept: &'a [u32],
    ends: &'a [u32],
    input: &'a [f32],
    stride: usize,
    kernel: &'a [f32],
    inputs: usize,
    output: &'a mut [f32],
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (kernel, inputs) = (self.kernel, self.inputs);
        let units = kernel.len() / inputs;
        let rows = self.output.chunks_exact_mut(units);
        let mut begin = 0;
        for ((output, input), &end) in rows.zip(self.input.chunks(self.stride)).zip(self.ends) {
            let (fours, rest) = self.kept[begin..end as usize].as_chunks::<4>();
            begin = end as usize;
            let input = &input[..inputs];
            for four in fours {
                let scores = dots(simd, input, kernel, *four);
                for (unit, score) in four.iter().zip(scores) {
                    output[*unit as usize] = score;
                }
            }
            for unit in rest {
                output[*unit as usize] = dots(simd, input, kernel, [*unit])[0];
            }
        }
    }
}

/// The dot products of a row with some rows of a matrix of the same width.
#[inline(always)]
fn dots<const N: usize, S: Simd>(
    simd: S,
    row: &[f32],
    matrix: &[f32],
    places: [u32; N],
) -> [f32; N] {
    let others = places.map(|place| &matrix[place as usize * row.len()..][..row.len()]);
    let (head, tail) = S::as_simd_f32s(row);
    let heads = others.map(|other| &S::as_simd_f32s(other).0[..head.len()]);
    let mut sums = [simd.splat_f32s(0.0); N];
    for (at, own) in head.iter().enumerate() {
        for (sum, other) in sums.iter_mut().zip(&heads) {
            *sum = simd.mul_add_e_f32s(*own, other[at], *sum);
        }
    }
    let begin = row.len() - tail.len();
    std::array::from_fn(|at| {
        let tails = tail.iter().zip(&others[at][begin..]);
        tails.fold(simd.reduce_sum_f32s(sums[at]), |sum, (left, right)| {
            sum + left * right
        })
    })
}

/// Sums of rows of a matrix, each times a factor, set or added.
struct Combine<'a> {
    entries: &'a [Entry],
    /// The end of the entries of each row of the output.
    ends: &'a [u32],
    matrix: &'a [f32],
    matrix_stride: usize,
    width: usize,
    out: &'a mut [f32],
    out_stride: usize,
    add: bool,
}

impl WithSimd for Combine<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut begin = 0;
        for (out, &end) in self.out.chunks_mut(self.out_stride).zip(self.ends) {
            let entries = &self.entries[begin..end as usize];
            begin = end as usize;
            let row_of =
                |place: u32| &self.matrix[place as usize * self.matrix_stride..][..self.width];
            let (head, tail) = S::as_mut_simd_f32s(&mut out[..self.width]);
            let done = self.width - tail.len();
            let mut at = 0;
            while at + 4 <= head.len() {
                columns::<4, S>(simd, entries, row_of, &mut head[at..], at, self.add);
                at += 4;
            }
            while at < head.len() {
                columns::<1, S>(simd, entries, row_of, &mut head[at..], at, self.add);
                at += 1;
            }
            if tail.is_empty() {
                continue;
            }
            if !self.add {
                tail.fill(0.0);
            }
            for &(place, factor) in entries {
                for (out, number) in tail.iter_mut().zip(&row_of(place)[done..]) {
                    *out += factor * number;
                }
            }
        }
    }
}

/// Some vectors of the columns of such a sum, kept in registers.
#[inline(always)]
fn columns<'a, const N: usize, S: Simd>(
    simd: S,
    entries: &[Entry],
    row_of: impl Fn(u32) -> &'a [f32],
    out: &mut [S::f32s],
    at: usize,
    add: bool,
) {
    let mut sums = [simd.splat_f32s(0.0); N];
    if add {
        sums.copy_from_slice(&out[..N]);
    }
    for &(place, factor) in entries {
        let numbers = &S::as_simd_f32s(row_of(place)).0[at..][..N];
        let factor = simd.splat_f32s(factor);
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum = simd.mul_add_e_f32s(factor, *number, *sum);
        }
    }
    out[..N].copy_from_slice(&sums);
}
