//! The evaluation of all users against lists that are sorted as a whole, and what must not change its result.

use proptest::prelude::*;
use recburn_metrics::{
    Gain, ListMetrics, Places, Popularity, RankingEvaluation, RankingEvaluator, UserItems,
    diversity, rank_order,
};
use std::convert::Infallible;

/// Users with their scores, known items and relevant items.
#[derive(Clone, Debug)]
struct World {
    items: usize,
    scores: Vec<Vec<f32>>,
    known: Vec<(u32, u32)>,
    relevant: Vec<(u32, u32)>,
}

const KS: [usize; 3] = [1, 4, 50];

fn relevance(user: u32, item: u32) -> f64 {
    f64::from((user * 7 + item * 3) % 5)
}

fn distance(left: u32, right: u32) -> f64 {
    f64::from(left.abs_diff(right) % 4) / 4.0
}

impl World {
    fn counts(&self) -> Vec<u32> {
        (0..self.items as u32).map(|item| item % 5).collect()
    }

    /// Evaluates with these settings.
    fn evaluate(&self, block: usize, threads: usize, serial: bool) -> RankingEvaluation {
        let (known, relevant) = self.lists();
        let counts = self.counts();
        let popularity = Popularity {
            counts: &counts,
            users: 9,
        };
        let evaluator = RankingEvaluator::new(self.scores.len(), self.items, &relevant)
            .leaving_out(&known)
            .at(KS)
            .graded(&relevance)
            .distance(&distance)
            .popularity(popularity)
            .keep_users()
            .block(block)
            .threads(threads);
        let fill = |users: &[u32], scores: &mut [f32]| {
            for (user, scores) in users.iter().zip(scores.chunks_exact_mut(self.items)) {
                scores.copy_from_slice(&self.scores[*user as usize]);
            }
            Ok::<(), Infallible>(())
        };
        match serial {
            true => evaluator.evaluate_serial(fill),
            false => evaluator.evaluate(fill),
        }
        .expect("a world with relevant items")
    }

    fn lists(&self) -> (UserItems, UserItems) {
        let known = UserItems::of(self.known.iter().copied());
        (known, UserItems::of(self.relevant.iter().copied()))
    }
}

/// Worlds with many equal scores (`ties`) or none.
fn worlds(ties: bool) -> impl Strategy<Value = World> {
    (1..30_usize, 2..60_usize).prop_flat_map(move |(users, items)| {
        let pairs = |most| prop::collection::vec((0..users as u32, 0..items as u32), 1..most);
        let score = match ties {
            true => prop_oneof![4 => (0..4_u8).prop_map(f32::from), 1 => Just(f32::NAN)].boxed(),
            false => Just(0.0).boxed(),
        };
        let scores = prop::collection::vec(prop::collection::vec(score, items), users);
        let order = prop::collection::vec(
            Just((0..items as u32).collect::<Vec<_>>()).prop_shuffle(),
            users,
        );
        let pairs = (pairs(users * items / 2 + 2), pairs(users * items / 2 + 2));
        (scores, order, pairs).prop_map(move |(mut scores, order, (known, relevant))| {
            for (scores, order) in scores.iter_mut().zip(order).filter(|_| !ties) {
                for (score, place) in scores.iter_mut().zip(order) {
                    *score = place as f32 - 7.5;
                }
            }
            World {
                items,
                scores,
                known,
                relevant,
            }
        })
    })
}

proptest! {
    #[test]
    fn every_measure_is_that_of_the_sorted_lists(world in worlds(true)) {
        let result = world.evaluate(3, 2, false);
        let (known, relevant) = world.lists();
        let kept = result.per_user.as_ref().expect("kept");
        let mut lists = vec![vec![0; world.items]; KS.len()];
        let users = (0..world.scores.len() as u32).filter(|&user| !relevant.get(user).is_empty());
        let users: Vec<u32> = users.collect();
        prop_assert_eq!(kept.users(), &users[..]);
        prop_assert_eq!(result.users, users.len());
        for (row, &user) in users.iter().enumerate() {
            let scores = &world.scores[user as usize];
            let mut own = relevant.get(user).to_vec();
            own.dedup();
            let mut list: Vec<u32> = (0..world.items as u32).filter(|item| !known.get(user).contains(item)).collect();
            list.sort_by(|&left, &right| rank_order((scores[left as usize], left), (scores[right as usize], right)));
            let of_relevant: Vec<usize> = (0..list.len()).filter(|&place| own.contains(&list[place])).collect();
            let places = Places { of_relevant: &of_relevant, relevant: own.len() };
            let found: Vec<u32> = own.iter().copied().filter(|item| list.contains(item)).collect();
            let figure = |name: &str| kept.column(name).expect("a measure")[row];
            let mut expected = vec![
                ("mrr".to_string(), places.reciprocal_rank(usize::MAX)),
                ("map".to_string(), places.average_precision(usize::MAX)),
                ("auc".to_string(), auc(scores, &list, &found)),
            ];
            for (k, lists) in KS.into_iter().zip(&mut lists) {
                let graded = |gain| graded(&list, &own, user, k, gain);
                let shown = &list[..k.min(list.len())];
                shown.iter().for_each(|item| lists[*item as usize] += 1);
                let own = [
                    ("ndcg", places.ndcg(k)),
                    ("recall", places.recall(k)),
                    ("recall_min", places.recall_min(k)),
                    ("precision", places.precision(k)),
                    ("hit", places.hit(k)),
                    ("mrr", places.reciprocal_rank(k)),
                    ("map", places.average_precision(k)),
                    ("ndcg_linear", graded(Gain::Linear)),
                    ("ndcg_exp", graded(Gain::Exponential)),
                    ("diversity", diversity(shown, distance).unwrap_or(f64::NAN)),
                ];
                expected.extend(own.map(|(name, value)| (format!("{name}@{k}"), value)));
            }
            for (name, expected) in expected {
                let (found, both) = (figure(&name), figure(&name).is_nan() && expected.is_nan());
                prop_assert!(both || (found - expected).abs() < 1e-12, "{name} of {user}: {found}, expected {expected}");
            }
        }
        let counts = world.counts();
        for (k, lists) in KS.into_iter().zip(lists) {
            let all = ListMetrics::of(&lists, Some(Popularity { counts: &counts, users: 9 }));
            prop_assert_eq!(result.means[&*format!("coverage@{k}")], all.coverage);
            prop_assert_eq!(result.means[&*format!("gini@{k}")], all.gini);
            prop_assert_eq!(Some(result.means[&*format!("popularity@{k}")]), all.popularity);
            prop_assert_eq!(Some(result.means[&*format!("novelty@{k}")]), all.novelty);
        }
        for name in kept.names() {
            let column: Vec<f64> = kept.column(name).expect("a measure").into_iter().filter(|value| !value.is_nan()).collect();
            let (mean, expected) = (result.means[name], column.iter().sum::<f64>() / column.len() as f64);
            prop_assert!(mean.is_nan() && column.is_empty() || (mean - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn blocks_and_threads_do_not_change_a_digit(world in worlds(true), block in 1..40_usize, threads in 1..5_usize, serial in any::<bool>()) {
        // As text, so that undefined figures are equal.
        let one = format!("{:?}", world.evaluate(1, 1, false));
        prop_assert_eq!(one, format!("{:?}", world.evaluate(block, threads, serial)));
    }

    #[test]
    fn measures_are_within_their_ranges(world in worlds(true)) {
        let result = world.evaluate(8, 2, true);
        for (name, value) in result.means.iter() {
            let most = match name.split('@').next() {
                Some("popularity") => 4.0,
                Some("novelty") => 9_f64.log2(),
                _ => 1.0,
            };
            // The mean of equal numbers may exceed them by its last digit.
            let within = (0.0..=most + 1e-12).contains(&value);
            prop_assert!(value.is_nan() || within, "{name}: {value}");
        }
    }

    #[test]
    fn without_ties_the_numbers_of_the_items_do_not_matter(world in worlds(false), seed in any::<u64>()) {
        // An order of the items that depends on the seed.
        let mut numbers: Vec<u32> = (0..world.items as u32).collect();
        numbers.sort_by_key(|&item| (u64::from(item) + 1).wrapping_mul(seed | 1).rotate_left(17));
        let rename = |pairs: &[(u32, u32)]| pairs.iter().map(|&(user, item)| (user, numbers[item as usize])).collect();
        let mut renamed = World { known: rename(&world.known), relevant: rename(&world.relevant), ..world.clone() };
        for (new, old) in renamed.scores.iter_mut().zip(&world.scores) {
            for (item, &score) in old.iter().enumerate() {
                new[numbers[item] as usize] = score;
            }
        }
        let (one, other) = (world.evaluate(4, 1, false), renamed.evaluate(4, 1, false));
        for (name, value) in one.means.iter() {
            let of_items = ["ndcg_linear", "ndcg_exp", "diversity", "popularity", "novelty"];
            if of_items.contains(&name.split('@').next().unwrap_or(name)) {
                continue;
            }
            let same = value.is_nan() && other.means[name].is_nan() || (value - other.means[name]).abs() < 1e-12;
            prop_assert!(same, "{name}: {value}, {}", other.means[name]);
        }
    }
}

/// The area under the curve, pair by pair.
fn auc(scores: &[f32], list: &[u32], relevant: &[u32]) -> f64 {
    let (mut won, mut pairs) = (0.0, 0.0);
    for &own in relevant {
        for &other in list.iter().filter(|item| !relevant.contains(item)) {
            let equal_items = |item: u32| (scores[item as usize], 0);
            won += match rank_order(equal_items(own), equal_items(other)) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
            pairs += 1.0;
        }
    }
    won / pairs
}

fn graded(list: &[u32], relevant: &[u32], user: u32, k: usize, gain: Gain) -> f64 {
    let discounted = |gains: &[f64]| -> f64 {
        let places = gains.iter().take(k).enumerate();
        places
            .map(|(place, gain)| gain / ((place + 2) as f64).log2())
            .sum()
    };
    let of = |item: &u32| match relevant.contains(item) {
        true => gain.of(relevance(user, *item)),
        false => 0.0,
    };
    let gains: Vec<f64> = list.iter().map(of).collect();
    let mut best: Vec<f64> = relevant.iter().map(of).collect();
    best.sort_by(|left, right| right.total_cmp(left));
    match discounted(&best) {
        0.0 => 0.0,
        best => discounted(&gains) / best,
    }
}
