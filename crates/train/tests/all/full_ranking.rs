//! Validation by ranked lists.

use crate::common::{ITEMS, factorisation, ratings, rich};
use recburn_data::{ByUser, ItemIx, Known, Ratings};
use recburn_metrics::rank_order;
use recburn_nn::{Network, Weights, device_of, score_batch};
use recburn_schema::{Batch, Candidates, Column, UserIx};
use recburn_train::{FullRanking, Judge, Loss, Measures, TrainError};

const K: usize = 3;

/// The scores of all items for a user.
fn scores(model: &Network, user: UserIx) -> Vec<f32> {
    let batch = Batch {
        queries: 1,
        candidates: Candidates::Shared(ITEMS),
        users: Column::plain(vec![user.0]),
        items: Column::plain((0..ITEMS as u32).collect()),
        ..Batch::default()
    };
    score_batch(
        model,
        &recburn_nn::Model::inputs(model),
        &batch,
        &device_of(model),
    )
}

/// The measures by the formulas, over sorted lists.
fn by_hand(model: &Network, held_out: &Ratings, known: &Known, is_item: [bool; ITEMS]) -> [f64; 4] {
    let by_user = ByUser::of(held_out);
    let mut sums = [0.0; 4];
    let judged = by_user.iter().filter(|(_, items)| !items.is_empty());
    let judged: Vec<_> = judged.collect();
    for (user, items) in &judged {
        let scores = scores(model, *user);
        let mut list: Vec<u32> = (0..ITEMS as u32)
            .filter(|&item| is_item[item as usize] && !known.contains(*user, ItemIx(item)))
            .collect();
        list.sort_by(|&one, &two| {
            let of = |item: u32| (scores[item as usize], item);
            rank_order(of(one), of(two))
        });
        let mut relevant: Vec<u32> = items.iter().map(|item| item.0).collect();
        relevant.sort_unstable();
        relevant.dedup();
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let hits: Vec<usize> = (0..K.min(list.len()))
            .filter(|&place| relevant.contains(&list[place]))
            .collect();
        let best: f64 = (0..K.min(relevant.len())).map(discount).sum();
        sums[0] += hits.iter().map(|&place| discount(place)).sum::<f64>() / best;
        sums[1] += hits.len() as f64 / relevant.len() as f64;
        sums[2] += f64::from(u8::from(!hits.is_empty()));
        sums[3] += hits
            .first()
            .map_or(0.0, |&place| 1.0 / (place as f64 + 1.0));
    }
    sums.map(|sum| sum / judged.len() as f64)
}

fn judged(judge: &FullRanking<'_>, model: &Network) -> Measures {
    judge.judge(model, Loss::Mse).expect("measures")
}

#[test]
fn measures_are_those_of_sorted_lists_with_equal_scores_in_the_order_of_rows() {
    // Some pairs are rated twice, and some held-out ones are known.
    let (train, held_out) = (ratings(30), ratings(80));
    let known = Known::of(&[&train]);
    let flat = {
        let mut weights = Weights::of(&factorisation());
        for weight in weights.0.values_mut() {
            weight.values.fill(0.0);
        }
        weights.load_into(factorisation()).expect("its weights")
    };
    let all = [true; ITEMS];
    let mut some = all;
    (some[1], some[4]) = (false, false);
    for model in [factorisation(), rich(), flat] {
        for is_item in [all, some] {
            let rows = (0..ITEMS as u32).map(ItemIx);
            let items = rows.filter(|item| is_item[item.index()]);
            let judge = FullRanking::new(&held_out, &[&train], ITEMS, K).among(items);
            let seen = judged(&judge, &model);
            let names: Vec<&str> = seen.names().collect();
            assert_eq!(names, ["ndcg@3", "recall@3", "hit@3", "mrr@3"]);
            let expected = by_hand(&model, &held_out, &known, is_item);
            for ((name, seen), expected) in seen.iter().zip(expected) {
                assert!((seen - expected).abs() < 1e-12, "{name}: {seen} {expected}");
            }
        }
    }
}

#[test]
fn known_items_that_the_model_does_not_have_are_ignored_and_no_held_out_rating_is_an_error() {
    let (mut train, held_out) = (ratings(30), ratings(80));
    let judge = FullRanking::new(&held_out, &[&train], ITEMS, K);
    let expected = judged(&judge, &rich());
    train.users.push(UserIx(0));
    train.items.push(ItemIx(ITEMS as u32 + 5));
    train.ratings.push(3.0);
    let judge = FullRanking::new(&held_out, &[&train], ITEMS, K);
    assert_eq!(judged(&judge, &rich()), expected);

    let none = Ratings::default();
    let judge = FullRanking::new(&none, &[&train], ITEMS, K);
    let error = judge
        .judge(&rich(), Loss::Mse)
        .expect_err("nobody to rank for");
    assert!(matches!(error, TrainError::Ranking(_)), "{error}");
}
