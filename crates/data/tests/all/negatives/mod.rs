//! Positives against negatives, and histories against what comes next.

mod drawn;
mod histories;
mod picked;
mod positives;
mod refused;
mod words;

use proptest::prelude::*;
use recburn_data::Sampler;

fn samplers() -> impl Strategy<Value = Sampler> {
    prop_oneof![
        Just(Sampler::Uniform),
        prop_oneof![Just(1.0), Just(0.75), Just(0.3), Just(0.0)]
            .prop_map(|exponent| Sampler::Popular { exponent }),
    ]
}

fn pairs() -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..8_u32, prop_oneof![0..9_u32, 0..3_u32]), 1..70)
}
