//! Selection of the highest scores.

use std::cmp::Ordering;

/// Best first; on ties the lower row first, so that lists are deterministic.
fn order(&(left, a): &(u32, f32), &(right, b): &(u32, f32)) -> Ordering {
    b.total_cmp(&a).then(left.cmp(&right))
}

/// The `count` highest scores, best first, in memory proportional to `count`.
pub(crate) fn best(scored: impl Iterator<Item = (u32, f32)>, count: usize) -> Vec<(u32, f32)> {
    if count == 0 {
        return Vec::new();
    }
    // Collect twice as many before dropping the worse half, so that each is examined a constant number of times.
    let most = count.saturating_mul(2).max(64);
    let mut kept = Vec::new();
    for pair in scored {
        kept.push(pair);
        if kept.len() == most {
            kept.select_nth_unstable_by(count - 1, order);
            kept.truncate(count);
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(count);
    kept
}

/// Scores that are looked at together: where none of them reaches the worst of the best so far, none is looked at alone.
const TOGETHER: usize = 32;

/// The `count` highest of those that are `taken`, by their places, best first; on ties the lower place first.
pub fn best_where(scores: &[f32], count: usize, taken: impl Fn(usize) -> bool) -> Vec<(u32, f32)> {
    if count == 0 {
        return Vec::new();
    }
    let most = count.saturating_mul(2).max(64);
    let mut kept: Vec<(u32, f32)> = Vec::new();
    let mut least = f32::NEG_INFINITY;
    for (block, scores) in scores.chunks(TOGETHER).enumerate() {
        // Without an early end the comparisons are taken many at a time. No number at all is below nothing, and is looked at.
        let below = scores.iter().map(|score| u32::from(*score < least));
        if below.sum::<u32>() as usize == scores.len() {
            continue;
        }
        for (at, &score) in (block * TOGETHER..).zip(scores) {
            if score < least || !taken(at) {
                continue;
            }
            kept.push((at as u32, score));
            if kept.len() == most {
                kept.select_nth_unstable_by(count - 1, order);
                kept.truncate(count);
                least = kept[count - 1].1;
            }
        }
    }
    kept.sort_unstable_by(order);
    kept.truncate(count);
    kept
}

#[cfg(test)]
mod tests {
    use super::{best, best_where, order};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_head_of_the_sorted_list_ties_and_odd_numbers_included(
            scores in prop::collection::vec(
                prop_oneof![-3i8..4, Just(100)].prop_map(|score| match score {
                    100 => f32::NAN,
                    3 => f32::INFINITY,
                    0 => -0.0,
                    score => f32::from(score),
                }),
                0..400,
            ),
            count in prop_oneof![0usize..8, 0usize..500, Just(usize::MAX)],
        ) {
            let scored: Vec<(u32, f32)> = (0..).zip(scores).collect();
            let mut sorted = scored.clone();
            sorted.sort_by(order);
            sorted.truncate(count);
            let bits = |list: &[(u32, f32)]| -> Vec<(u32, u32)> {
                list.iter().map(|(row, score)| (*row, score.to_bits())).collect()
            };
            let numbers: Vec<f32> = scored.iter().map(|(_, score)| *score).collect();
            prop_assert_eq!(bits(&best_where(&numbers, count, |_| true)), bits(&sorted));
            prop_assert_eq!(bits(&best(scored.clone().into_iter(), count)), bits(&sorted));
            let odd = scored.into_iter().filter(|(row, _)| row % 2 == 1);
            let of_odd = best_where(&numbers, count, |at| at % 2 == 1);
            prop_assert_eq!(bits(&of_odd), bits(&best(odd, count)));
        }
    }
}
