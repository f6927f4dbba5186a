//! Random starting values: a function of seed and place, so that they are the same on every platform.

/// A number in `[-1, 1)` for a place.
pub(crate) fn signed_unit(seed: u64, place: u64) -> f32 {
    let bits = mix(mix(seed) ^ place) >> 40;
    (bits as f32 / (1u32 << 23) as f32) - 1.0
}

/// The finaliser of splitmix64: Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
