//! Sums and products of short vectors whose length is a multiple of [`LANES`], for code compiled for the processor.
//!
//! The order of a sum depends on the width of the processor's vectors, and on nothing else.

use pulp::Simd;

/// A multiple of the numbers of every vector instruction.
pub(crate) const LANES: usize = 16;

/// `a . b`.
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (S::as_simd_f32s(a).0, S::as_simd_f32s(b).0);
    let mut sum = simd.splat_f32s(0.0);
    for (&a, &b) in a.iter().zip(b) {
        sum = simd.mul_add_e_f32s(a, b, sum);
    }
    simd.reduce_sum_f32s(sum)
}

/// `into += factor * row`.
#[inline(always)]
pub(crate) fn add<S: Simd>(simd: S, into: &mut [f32], factor: f32, row: &[f32]) {
    let factor = simd.splat_f32s(factor);
    let row = S::as_simd_f32s(row).0;
    for (into, &value) in S::as_mut_simd_f32s(into).0.iter_mut().zip(row) {
        *into = simd.mul_add_e_f32s(factor, value, *into);
    }
}

/// `into += sum of factors[n] * row n` over four rows of this width.
#[inline(always)]
pub(crate) fn add_four<S: Simd>(simd: S, into: &mut [f32], factors: [f32; 4], rows: &[f32]) {
    let [p, q, r, s] = factors;
    let (p, q) = (simd.splat_f32s(p), simd.splat_f32s(q));
    let (r, s) = (simd.splat_f32s(r), simd.splat_f32s(s));
    let [a, b, c, d] = four::<S>(rows, into.len());
    let into = S::as_mut_simd_f32s(into).0.iter_mut();
    for ((((into, &a), &b), &c), &d) in into.zip(a).zip(b).zip(c).zip(d) {
        let left = simd.mul_add_e_f32s(q, b, simd.mul_add_e_f32s(p, a, *into));
        *into = simd.mul_add_e_f32s(s, d, simd.mul_add_e_f32s(r, c, left));
    }
}

/// The products of four rows of this width with `by`.
#[inline(always)]
pub(crate) fn dot_four<S: Simd>(simd: S, rows: &[f32], by: &[f32]) -> [f32; 4] {
    let [a, b, c, d] = four::<S>(rows, by.len());
    let zero = simd.splat_f32s(0.0);
    let (mut p, mut q, mut r, mut s) = (zero, zero, zero, zero);
    let by = S::as_simd_f32s(by).0.iter();
    for ((((&by, &a), &b), &c), &d) in by.zip(a).zip(b).zip(c).zip(d) {
        p = simd.mul_add_e_f32s(a, by, p);
        q = simd.mul_add_e_f32s(b, by, q);
        r = simd.mul_add_e_f32s(c, by, r);
        s = simd.mul_add_e_f32s(d, by, s);
    }
    [
        simd.reduce_sum_f32s(p),
        simd.reduce_sum_f32s(q),
        simd.reduce_sum_f32s(r),
        simd.reduce_sum_f32s(s),
    ]
}

#[inline(always)]
fn four<S: Simd>(rows: &[f32], width: usize) -> [&[S::f32s]; 4] {
    let (left, right) = rows[..4 * width].split_at(2 * width);
    let (a, b) = left.split_at(width);
    let (c, d) = right.split_at(width);
    [
        S::as_simd_f32s(a).0,
        S::as_simd_f32s(b).0,
        S::as_simd_f32s(c).0,
        S::as_simd_f32s(d).0,
    ]
}
