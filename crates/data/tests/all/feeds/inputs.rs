//! Every input of a batch, from features and from the columns of the ratings.

use super::featured;
use crate::common::{entries, epoch, expand};
use proptest::prelude::*;
use recburn_data::{
    Batch, Examples, Featured, Features, Input, Kind, Ratings, Side, Values, Whole,
};

/// Everything that is offered, the words of an item cut to the last two.
fn wanted(examples: &dyn Examples) -> Vec<Input> {
    let mut wanted = examples.schema().inputs;
    for input in &mut wanted {
        if let Kind::Sequence { length, .. } = &mut input.kind {
            *length = 2;
        }
    }
    wanted.rotate_left(3);
    wanted
}

/// What each list of an input has: ids and weights.
fn lists(values: &Values) -> Vec<Vec<(u32, f32)>> {
    let Values::Bags(bags) = values else {
        panic!("{values:?} is no bags");
    };
    assert!(bags.weights.is_empty() || bags.weights.len() == bags.column.len());
    let list = |at| {
        let entries = bags.entries(at);
        let weight = |entry: usize| bags.weights.get(entry).copied().unwrap_or(1.0);
        let row = |entry: usize| bags.column.rows[bags.column.inverse[entry] as usize];
        entries.map(|entry| (row(entry), weight(entry))).collect()
    };
    (0..bags.len()).map(list).collect()
}

fn check_others(batch: &Batch, wanted: &[Input], ratings: &Ratings, features: &Features) {
    let others: Vec<&Input> = wanted
        .iter()
        .filter(|input| !input.is_users() && !input.is_items())
        .collect();
    assert_eq!(batch.others.len(), others.len());
    for (input, values) in others.into_iter().zip(&batch.others) {
        let events: Vec<u32> = batch.targets.iter().map(|&row| row as u32).collect();
        let rows = match input.side {
            Side::User => &batch.users.rows,
            Side::Item => &batch.items.rows,
            Side::Event => &events,
        };
        let seen = match values {
            Values::Ids(column) => column.len(),
            Values::Bags(bags) => bags.len(),
            Values::Numbers(numbers) => numbers.len() / if input.name == "place" { 2 } else { 1 },
        };
        assert_eq!(seen, entries(batch, input.side), "{}", input.name);
        match (input.name.as_str(), values) {
            ("job", Values::Ids(column)) => {
                let jobs = [2, 0, 2, 1, 0];
                let own: Vec<u32> = rows.iter().map(|&row| jobs[row as usize]).collect();
                assert_eq!(expand(column), own);
            }
            ("hour", Values::Ids(column)) => {
                let own: Vec<u32> = rows.iter().map(|&row| row % 24).collect();
                assert_eq!(expand(column), own);
            }
            ("price", Values::Numbers(prices)) => {
                let own: Vec<f32> = rows.iter().map(|&row| row as f32 / 2.0).collect();
                assert_eq!(*prices, own);
            }
            ("place", Values::Numbers(places)) => {
                let own: Vec<f32> = rows
                    .iter()
                    .flat_map(|&row| [2 * row, 2 * row + 1])
                    .map(|at| at as f32)
                    .collect();
                assert_eq!(*places, own);
            }
            ("genres", values) => {
                let genres = [
                    vec![(0, 1.0), (2, 1.0)],
                    vec![],
                    vec![(1, 1.0)],
                    vec![(2, 1.0), (1, 1.0), (0, 1.0)],
                    vec![(0, 1.0)],
                    vec![(2, 0.5)],
                ];
                let own: Vec<Vec<(u32, f32)>> = rows
                    .iter()
                    .map(|&row| genres[row as usize].clone())
                    .collect();
                assert_eq!(lists(values), own);
            }
            ("words", values) => {
                let words = [vec![0, 2], vec![], vec![1], vec![1, 0], vec![0], vec![1, 1]];
                let own: Vec<Vec<(u32, f32)>> = rows
                    .iter()
                    .map(|&row| words[row as usize].iter().map(|&id| (id, 1.0)).collect())
                    .collect();
                assert_eq!(lists(values), own);
            }
            ("history" | "rated_history" | "recent" | "raters", values) => {
                for (&row, list) in rows.iter().zip(lists(values)) {
                    let pairs = ratings
                        .users
                        .iter()
                        .zip(&ratings.items)
                        .zip(&ratings.ratings);
                    let own: Vec<(u32, f32)> = pairs
                        .filter_map(|((user, item), &stars)| match input.name.as_str() {
                            "raters" => (item.0 == row).then_some((user.0, stars)),
                            "rated_history" => (user.0 == row).then_some((item.0, stars)),
                            _ => (user.0 == row).then_some((item.0, 1.0)),
                        })
                        .collect();
                    let from = if input.name == "recent" {
                        own.len().saturating_sub(2)
                    } else {
                        0
                    };
                    assert_eq!(list, own[from..], "{}", input.name);
                }
            }
            (name, values) => panic!("{name}: {values:?}"),
        }
        let feature = features.find(&input.name);
        assert_eq!(feature.is_none(), input.side == Side::Event);
    }
}

proptest! {
    #[test]
    fn batches_have_every_input_once_per_distinct_row(
        pairs in prop::collection::vec((0..5_u32, 0..6_u32), 1..40), size in 1..20_usize, seed in any::<u64>(),
    ) {
        let (ratings, features) = featured(&pairs);
        let whole = |whole: Result<_, _>| Whole::with_features(whole.expect("good ratings"), &features);
        let featured = Featured::new(&ratings, &features);
        let (users, items) = (whole(Whole::users(&ratings)), whole(Whole::items(&ratings)));
        let all: [&dyn Examples; 3] = [&featured, &users, &items];
        for examples in all {
            let wanted = wanted(examples);
            let mut feed = examples.feed(&wanted, size).expect("good examples");
            for number in 0..2 {
                for batch in epoch(&mut *feed, seed, number) {
                    check_others(&batch, &wanted, &ratings, &features);
                }
            }
        }
    }
}
