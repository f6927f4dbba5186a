//! The figures of popularity on published splits of MovieLens, computed there by NumPy, ranx and pytrec_eval: split, order of
//! ties and measures agree.

#[path = "../../../tests/common/at_hand.rs"]
mod at_hand;
#[path = "../../../tests/common/movielens.rs"]
mod movielens;

use at_hand::at_hand;
use movielens::read;
use recburn_data::{Dataset, Filter, Ratings, SplitKind};
use recburn_metrics::{Popularity, RankingEvaluation, RankingEvaluator, UserItems};
use std::convert::Infallible;

const NAMES: [&str; 13] = [
    "ndcg@10",
    "recall@10",
    "recall@20",
    "recall_min@20",
    "precision@10",
    "hit@10",
    "mrr@10",
    "mrr",
    "map@10",
    "map",
    "auc",
    "coverage@10",
    "popularity@10",
];

/// Ranks all items by their number of ratings in training and validation, for the items of the test part.
fn popularity(dataset: &Dataset, split: &str) -> RankingEvaluation {
    let kind: SplitKind = split.parse().expect("a split");
    let split = dataset.split(&kind, 42).expect("three parts");
    let pairs = |part: &Ratings| -> Vec<(u32, u32)> {
        let pairs = part.users.iter().zip(&part.items);
        pairs.map(|(user, item)| (user.0, item.0)).collect()
    };
    let fitted = [pairs(&split.train), pairs(&split.valid)].concat();
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    let mut counts = vec![0; items];
    for (_, item) in &fitted {
        counts[*item as usize] += 1;
    }
    let scores: Vec<f32> = counts.iter().map(|&count| count as f32).collect();
    let known = UserItems::of(fitted.iter().copied());
    let relevant = UserItems::of(pairs(&split.test));
    RankingEvaluator::new(users, items, &relevant)
        .leaving_out(&known)
        .at([10, 20])
        .popularity(Popularity {
            counts: &counts,
            users,
        })
        .evaluate(|users, all| {
            for (_, own) in users.iter().zip(all.chunks_exact_mut(items)) {
                own.copy_from_slice(&scores);
            }
            Ok::<(), Infallible>(())
        })
        .expect("users with items")
}

/// To the five digits that were published.
fn check(dataset: &Dataset, split: &str, users: usize, published: [f64; 13]) {
    let result = popularity(dataset, split);
    assert_eq!(result.users, users);
    for (name, published) in NAMES.into_iter().zip(published) {
        let (found, last_digit) = (result.means[name], published.log10().floor() - 4.0);
        assert!(
            (found - published).abs() <= 0.51 * 10_f64.powf(last_digit),
            "{split} {name}: {found}, published {published}"
        );
    }
}

#[test]
fn popularity_on_movielens_100k_has_the_published_figures() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let dataset = read(&folder.join("ml-100k/u.data"));
    check(
        &dataset,
        "by-user-hashed:0.7/0.1/0.2",
        943,
        [
            0.22079, 0.11568, 0.16825, 0.22092, 0.19205, 0.76246, 0.42037, 0.43055, 0.11661,
            0.13552, 0.86043, 0.028537, 353.78,
        ],
    );
    check(
        &dataset,
        "leave-last-out-hashed:1/1",
        943,
        [
            0.04392, 0.091198, 0.13256, 0.13256, 0.0091198, 0.091198, 0.029784, 0.039186, 0.029784,
            0.039186, 0.79759, 0.054102, 419.11,
        ],
    );
    let filter: Filter = "rating>=4,users>=5".parse().expect("a filter");
    let (positives, _) = filter.apply(&dataset).expect("many ratings");
    check(
        &positives,
        "by-user-hashed:0.7/0.1/0.2",
        938,
        [
            0.15395, 0.10839, 0.18227, 0.19698, 0.11684, 0.58849, 0.32043, 0.33642, 0.077429,
            0.10787, 0.85627, 0.026952, 263.17,
        ],
    );
}

#[test]
fn popularity_on_movielens_latest_small_has_the_published_figures() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let dataset = read(&folder.join("ml-latest-small/ratings.csv"));
    check(
        &dataset,
        "leave-last-out-hashed:1/1",
        610,
        [
            0.021546, 0.044262, 0.07541, 0.07541, 0.0044262, 0.044262, 0.014644, 0.020771,
            0.014644, 0.020771, 0.83626, 0.012546, 232.53,
        ],
    );
}
