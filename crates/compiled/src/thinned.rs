//! Dense layers most of whose units are dropped: what is dropped is not computed.
//!
//! The masks of dropout are known before the product. At a rate of 0.75 three quarters of a layer's output are 0 whatever
//! its input is, and so are three quarters of the gradient, or seven eighths behind a relu; a product of what is left is
//! several times faster than one of everything. Kernels are transposed here, `[units, inputs]`, so that a unit's weights are
//! next to each other.

use pulp::Arch;

/// The rate from which a layer is thinned: below it the full product is faster.
pub(crate) const RATE: f64 = 0.5;

/// A number of a sparse matrix: its place in its row or column, and itself.
type Entry = (u32, f32);

/// What is kept of a layer, and memory for its gradient.
#[derive(Clone, Debug, Default)]
pub(crate) struct Thinned {
    /// The units that are kept, row after row.
    kept: Vec<u32>,
    /// Where each row's end among them.
    ends: Vec<u32>,
    /// The gradient by unit: example and number.
    by_unit: Vec<Entry>,
    /// Where each unit's begin among them.
    begins: Vec<u32>,
    /// One row of the gradient.
    of_row: Vec<Entry>,
}

impl Thinned {
    /// `x W^T` where the mask is not 0, and 0 elsewhere.
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
        let units = kernel.len() / inputs;
        self.keep(mask, units);
        output.fill(0.0);
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let rows = output.chunks_exact_mut(units).zip(input.chunks(stride));
                let mut begin = 0;
                for ((output, input), &end) in rows.zip(&self.ends) {
                    let (fours, rest) = self.kept[begin..end as usize].as_chunks::<4>();
                    begin = end as usize;
                    let input = &input[..inputs];
                    for four in fours {
                        let scores = dots(input, kernel, *four);
                        for (unit, score) in four.iter().zip(scores) {
                            output[*unit as usize] = score;
                        }
                    }
                    for unit in rest {
                        output[*unit as usize] = dots(input, kernel, [*unit])[0];
                    }
                }
            },
        );
    }

    /// Lists the units that are kept.
    fn keep(&mut self, mask: &[f32], units: usize) {
        self.kept.resize(mask.len(), 0);
        self.ends.clear();
        let mut count = 0;
        for row in mask.chunks_exact(units) {
            // Written whether it is kept or not, so that nothing waits for a guess.
            for (unit, factor) in (0..).zip(row) {
                self.kept[count] = unit;
                count += usize::from(*factor != 0.0);
            }
            self.ends.push(count as u32);
        }
    }

    /// The gradients of the kernel, `[units, inputs]`, and of the input, from that of the output, which is 0 where the mask
    /// is; `of_input` says whether the latter is added to what is there, and is `None` where nobody needs it.
    pub fn backward(
        &mut self,
        (input, stride): (&[f32], usize),
        (kernel, inputs): (&[f32], usize),
        gradient: &[f32],
        of_kernel: &mut [f32],
        mut of_input: Option<(&mut [f32], bool)>,
    ) {
        let units = kernel.len() / inputs;
        Arch::new().dispatch(
            #[inline(always)]
            || {
                self.begins.clear();
                self.begins.resize(units + 1, 0);
                let mut begin = 0;
                let rows = gradient.chunks_exact(units);
                for (row, (gradient, &end)) in rows.clone().zip(&self.ends).enumerate() {
                    self.of_row.clear();
                    for &unit in &self.kept[begin..end as usize] {
                        let number = gradient[unit as usize];
                        if number != 0.0 {
                            self.of_row.push((unit, number));
                            self.begins[unit as usize + 1] += 1;
                        }
                    }
                    begin = end as usize;
                    if let Some((of_input, add)) = &mut of_input {
                        let out = &mut of_input[row * stride..][..inputs];
                        combine(&self.of_row, (kernel, inputs), out, *add);
                    }
                }
                // By unit, as a counting sort does it.
                for unit in 0..units {
                    self.begins[unit + 1] += self.begins[unit];
                }
                let count = self.begins[units] as usize;
                self.by_unit.resize(count, (0, 0.0));
                let mut begin = 0;
                for (row, (gradient, &end)) in (0..).zip(rows.zip(&self.ends)) {
                    for &unit in &self.kept[begin..end as usize] {
                        let number = gradient[unit as usize];
                        if number != 0.0 {
                            let place = &mut self.begins[unit as usize];
                            self.by_unit[*place as usize] = (row, number);
                            *place += 1;
                        }
                    }
                    begin = end as usize;
                }
                // Each unit's place is now where the next one's begin.
                let mut begin = 0;
                for (out, &end) in of_kernel.chunks_exact_mut(inputs).zip(&self.begins) {
                    let entries = &self.by_unit[begin..end as usize];
                    combine(entries, (input, stride), out, false);
                    begin = end as usize;
                }
            },
        );
    }
}

/// The dot products of a row with some rows of a matrix of the same width.
#[inline(always)]
fn dots<const N: usize>(row: &[f32], matrix: &[f32], places: [u32; N]) -> [f32; N] {
    let others = places.map(|place| &matrix[place as usize * row.len()..][..row.len()]);
    let (eights, rest) = row.as_chunks::<8>();
    let other_eights = others.map(|other| other.as_chunks::<8>().0);
    let mut sums = [[0f32; 8]; N];
    for (at, eight) in eights.iter().enumerate() {
        for (sums, others) in sums.iter_mut().zip(&other_eights) {
            let other = &others[at];
            for lane in 0..8 {
                sums[lane] += eight[lane] * other[lane];
            }
        }
    }
    let begin = eights.len() * 8;
    std::array::from_fn(|at| {
        let sums = sums[at];
        let four: [f32; 4] = std::array::from_fn(|lane| sums[lane] + sums[lane + 4]);
        let sum = (four[0] + four[2]) + (four[1] + four[3]);
        let rest = rest.iter().zip(&others[at][begin..]);
        rest.fold(sum, |sum, (left, right)| sum + left * right)
    })
}

/// The sum of some rows of a matrix times a factor each, in place of what is there or added to it.
#[inline(always)]
fn combine(entries: &[Entry], matrix: (&[f32], usize), out: &mut [f32], add: bool) {
    let width = out.len();
    let mut at = 0;
    while at + 32 <= width {
        part::<32>(entries, matrix, at, out, add);
        at += 32;
    }
    while at + 8 <= width {
        part::<8>(entries, matrix, at, out, add);
        at += 8;
    }
    if at + 4 <= width {
        part::<4>(entries, matrix, at, out, add);
        at += 4;
    }
    while at < width {
        part::<1>(entries, matrix, at, out, add);
        at += 1;
    }
}

/// Some columns of the same.
#[inline(always)]
fn part<const N: usize>(
    entries: &[Entry],
    (matrix, stride): (&[f32], usize),
    at: usize,
    out: &mut [f32],
    add: bool,
) {
    let mut sums = [0f32; N];
    if add {
        sums.copy_from_slice(&out[at..][..N]);
    }
    for &(place, factor) in entries {
        let numbers = &matrix[place as usize * stride + at..][..N];
        for lane in 0..N {
            sums[lane] += factor * numbers[lane];
        }
    }
    out[at..][..N].copy_from_slice(&sums);
}
