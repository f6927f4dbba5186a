//! Sums over the numbers of a row, vectorised.

/// The number of lanes of a sum over a row.
const LANES: usize = 16;

/// The sum of a function over positions, vectorised.
#[inline(always)]
pub(super) fn lanes(count: usize, number: impl Fn(usize) -> f32) -> f32 {
    let mut sums = [0.0f32; LANES];
    let whole = count / LANES * LANES;
    for begin in (0..whole).step_by(LANES) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += number(begin + lane);
        }
    }
    for (at, sum) in (whole..count).zip(&mut sums) {
        *sum += number(at);
    }
    sums.iter().sum()
}

#[inline(always)]
pub(super) fn sum(x: &[f32]) -> f32 {
    lanes(x.len(), |at| x[at])
}

#[inline(always)]
pub(super) fn product(x: &[f32], y: &[f32]) -> f32 {
    let y = &y[..x.len()];
    lanes(x.len(), |at| x[at] * y[at])
}

#[inline(always)]
pub(super) fn product3(x: &[f32], y: &[f32], z: &[f32]) -> f32 {
    let (y, z) = (&y[..x.len()], &z[..x.len()]);
    lanes(x.len(), |at| x[at] * y[at] * z[at])
}
