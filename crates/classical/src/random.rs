//! Random starting values: a function of seed and place, so that they are the same on every platform.

use recburn_data::splitmix64;

/// A number in `[-1, 1)` for a place.
pub(crate) fn signed_unit(seed: u64, place: u64) -> f32 {
    let bits = splitmix64(splitmix64(seed) ^ place) >> 40;
    (bits as f32 / (1u32 << 23) as f32) - 1.0
}
