//! Negatives as words.

use super::samplers;
use proptest::prelude::*;
use recburn_data::Negatives;

proptest! {
    #[test]
    fn words_for_negatives_are_read_back(count in 1..99_usize, sampler in samplers(), shared in any::<bool>()) {
        let negatives = match shared {
            true => Negatives::Shared { count, sampler },
            false => Negatives::Each { count, sampler },
        };
        prop_assert_eq!(negatives.to_string().parse::<Negatives>().expect("its own words"), negatives);
    }
}
