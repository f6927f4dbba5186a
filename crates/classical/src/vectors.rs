//! Sums and products of short vectors whose length is a multiple of [`LANES`].
//!
//! Every function is inlined into the caller's dispatch and sums in a fixed order, with products and sums rounded
//! separately, so that the result is the same on every processor.

/// The numbers of one vector instruction.
pub(crate) const LANES: usize = 8;

/// `a . b`.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, _) = a.as_chunks::<LANES>();
    let (b, _) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    total(sums)
}

/// `into += factor * row`.
#[inline(always)]
pub(crate) fn add(into: &mut [f32], factor: f32, row: &[f32]) {
    for (into, value) in into.iter_mut().zip(row) {
        *into += factor * value;
    }
}

/// `into += sum of factors[n] * row n` over four rows of this width.
#[inline(always)]
pub(crate) fn add_four(into: &mut [f32], factors: [f32; 4], rows: &[f32]) {
    let width = into.len();
    let (into, _) = into.as_chunks_mut::<LANES>();
    let [a, b, c, d] = four(rows, width);
    for ((((into, a), b), c), d) in into.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        for lane in 0..LANES {
            let left = factors[0] * a[lane] + factors[1] * b[lane];
            into[lane] += left + (factors[2] * c[lane] + factors[3] * d[lane]);
        }
    }
}

/// The products of four rows of this width with `by`.
#[inline(always)]
pub(crate) fn dot_four(rows: &[f32], by: &[f32]) -> [f32; 4] {
    let width = by.len();
    let (by, _) = by.as_chunks::<LANES>();
    let [a, b, c, d] = four(rows, width);
    let mut sums = [[0.0f32; LANES]; 4];
    for ((((by, a), b), c), d) in by.iter().zip(a).zip(b).zip(c).zip(d) {
        for lane in 0..LANES {
            sums[0][lane] += a[lane] * by[lane];
            sums[1][lane] += b[lane] * by[lane];
            sums[2][lane] += c[lane] * by[lane];
            sums[3][lane] += d[lane] * by[lane];
        }
    }
    sums.map(total)
}

#[inline(always)]
fn four(rows: &[f32], width: usize) -> [&[[f32; LANES]]; 4] {
    [0, 1, 2, 3].map(|row| rows[row * width..(row + 1) * width].as_chunks::<LANES>().0)
}

#[inline(always)]
fn total(sums: [f32; LANES]) -> f32 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}
