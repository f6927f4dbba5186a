//! How often negatives are drawn, and which ones a seed draws.

use crate::common::{epoch, expand, queries, ratings};
use recburn_data::{Batch, Examples, Implicit, Negatives, Sampler};
use std::collections::BTreeMap;

/// How often each item is drawn for a user who knows items 0 to 2 of these: item `i` has `counts[i]` positives.
fn drawn(counts: &[u32], sampler: Sampler, draws: usize) -> BTreeMap<u32, f64> {
    let mut pairs: Vec<(u32, u32)> = vec![(0, 0), (0, 1), (0, 2)];
    for (item, &count) in (0..).zip(counts) {
        pairs.extend((0..count).map(|user| (1 + user, item)));
    }
    let train = ratings(&pairs);
    let negatives = Negatives::Each { count: 50, sampler };
    let examples = Implicit::new(&train, negatives).expect("good positives");
    let mut feed = examples.feed(&[], 999).expect("good positives");
    let mut seen = BTreeMap::new();
    let mut all = 0;
    for number in 0.. {
        for batch in epoch(&mut *feed, 5, number) {
            for (_, items) in queries(&batch).iter().filter(|(user, _)| *user == 0) {
                for &item in &items[1..] {
                    *seen.entry(item).or_default() += 1.0;
                    all += 1;
                }
            }
        }
        if all >= draws {
            break;
        }
    }
    seen.values_mut().for_each(|count| *count /= all as f64);
    seen
}

#[test]
fn negatives_are_drawn_as_often_as_they_should_be() {
    let counts = [50, 9, 9, 1, 4, 10, 25];
    let unknown = [1.0, 4.0, 10.0, 25.0];
    for (sampler, weight) in [
        (Sampler::Uniform, 0.0),
        (Sampler::Popular { exponent: 1.0 }, 1.0),
        (Sampler::Popular { exponent: 0.5 }, 0.5),
    ] {
        let sum: f64 = unknown.iter().map(|count: &f64| count.powf(weight)).sum();
        let seen = drawn(&counts, sampler, 60_000);
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [3, 4, 5, 6]);
        for (count, share) in unknown.iter().zip(seen.values()) {
            let expected = count.powf(weight) / sum;
            // Four deviations of a share of 60,000 draws.
            let tolerance = 4.0 * (expected * (1.0 - expected) / 60_000.0).sqrt();
            assert!(
                (share - expected).abs() < tolerance,
                "{sampler}: {share} {expected}"
            );
        }
    }
    // The user knows all but three in nine hundred of what is drawn: then what is left is gone through.
    let seen = drawn(
        &[300, 300, 300, 1, 2],
        Sampler::Popular { exponent: 1.0 },
        20_000,
    );
    assert!(
        (seen[&3] - 1.0 / 3.0).abs() < 0.02 && (seen[&4] - 2.0 / 3.0).abs() < 0.02,
        "{seen:?}"
    );
}

#[test]
fn chances_of_shared_candidates_are_those_of_being_there() {
    let pairs: Vec<(u32, u32)> = (0..400)
        .map(|row| (row, if row < 300 { 0 } else { 1 + row % 10 }))
        .collect();
    let train = ratings(&pairs);
    for negatives in [
        Negatives::IN_BATCH,
        Negatives::Shared {
            count: 3,
            sampler: Sampler::Uniform,
        },
        Negatives::Shared {
            count: 3,
            sampler: Sampler::Popular { exponent: 1.0 },
        },
    ] {
        let examples = Implicit::new(&train, negatives).expect("good positives");
        let mut feed = examples.feed(&[], 10).expect("good positives");
        let mut seen: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        let mut batches = 0.0;
        for number in 0..200 {
            for batch in epoch(&mut *feed, 1, number) {
                batches += 1.0;
                for (item, log_q) in expand(&batch.items).into_iter().zip(&batch.log_q) {
                    let (count, chance) = seen.entry(item).or_default();
                    *count += 1.0;
                    *chance = f64::from(*log_q).exp();
                }
            }
        }
        for (item, (count, chance)) in seen {
            assert!(
                (count / batches - chance).abs() < 0.02,
                "{negatives} {item}: {} {chance}",
                count / batches
            );
        }
    }
}

/// Batches of these settings were made by an earlier version: what is drawn must not change.
#[test]
fn negatives_are_the_same_in_every_version() {
    let pairs: Vec<(u32, u32)> = (0..60).map(|row| (row % 13, row * row % 29)).collect();
    let train = ratings(&pairs);
    let first = |negatives: &str| -> Batch {
        let examples =
            Implicit::new(&train, negatives.parse().expect("negatives")).expect("good positives");
        epoch(&mut *examples.feed(&[], 4).expect("good positives"), 7, 1).swap_remove(0)
    };
    let items = |negatives: &str| expand(&first(negatives).items);
    assert_eq!(
        items("uniform:2"),
        [9, 6, 7, 9, 28, 25, 0, 22, 20, 24, 13, 13]
    );
    assert_eq!(
        items("popular:2"),
        [9, 6, 28, 9, 25, 20, 0, 22, 6, 24, 5, 1]
    );
    assert_eq!(items("shared-uniform:2"), [0, 6, 7, 9, 24]);
}
