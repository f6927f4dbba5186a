//! Splits are disjoint, complete, seeded, and tell what is cold; their kinds are words.

use crate::common;
mod parts;
mod refused;
mod seeds;
mod words;

use recburn_data::Dataset;

fn dataset(pairs: &[(u32, u32)]) -> Dataset {
    common::dataset(common::ratings(pairs))
}
