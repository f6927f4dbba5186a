//! Losses that rank, judged by lists.

mod common;

use common::{cpu, prepared};
use recburn::data::{ByUser, Implicit, ItemIx, Known, Negatives};
use recburn::graph::{Graph, Sym, add, dot};
use recburn::prelude::*;
use recburn::train::{FullRanking, Judge, TrainError};

fn network(schema: &Schema) -> Network {
    let (user, item) = (Sym::user(schema.users()), Sym::item(schema.items()));
    let affinity = dot("affinity", &user.embed("p", 8), &item.embed("q", 8));
    let score = add("score", [&affinity, &item.embed("c", 1)]);
    Network::new(Graph::new("bpr", &score).expect("a graph"), 1, &cpu())
}

fn ndcg(judge: &FullRanking<'_>, model: &Network) -> f64 {
    let measures = judge.judge(model, Loss::Bpr).expect("a judgement");
    measures["ndcg@10"]
}

#[test]
fn every_loss_learns_and_those_that_rank_learn_lists_that_are_better_than_those_of_the_start() {
    let prepared = prepared(false);
    let judge = FullRanking::new(
        &prepared.valid,
        &[&prepared.train],
        prepared.schema.items(),
        10,
    );
    let start = ndcg(&judge, &network(&prepared.schema));
    for (loss, negatives) in [
        (Loss::Bpr, "uniform:1"),
        (Loss::Bpr, "uniform:4"),
        (Loss::Hinge, "popular:2"),
        (Loss::Softmax, "uniform:8"),
        (Loss::Softmax, "shared-uniform:16"),
        (Loss::Softmax, "in-batch"),
        (Loss::Softmax, "catalogue"),
        (Loss::Logistic, "uniform:4"),
    ] {
        let negatives: Negatives = negatives.parse().expect("negatives");
        let train = Implicit::new(&prepared.train, negatives).expect("positives");
        let mut model = network(&prepared.schema);
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).loss(loss).batch(32);
        trainer
            .fit(&mut model, &train, Some(&judge), 15)
            .expect("a training that ends");
        let end = ndcg(&judge, &model);
        println!("{loss} {negatives}: {start:.4} to {end:.4}");
        // The probability of a single item is not the order of a list.
        let ranks = loss.ranks();
        assert!(
            !ranks || end > 1.1 * start,
            "{loss} {negatives}: {start} to {end}"
        );
        let first = trainer.history().epochs[0].train.loss();
        let last = trainer.history().last().expect("epochs").train.loss();
        assert!(last < first, "{loss} {negatives}: {first} to {last}");
    }
}

#[test]
fn rows_and_tensors_take_the_same_steps_under_every_loss() {
    let prepared = prepared(false);
    for (loss, negatives) in [
        (Loss::Bpr, "uniform:2"),
        (Loss::Hinge, "uniform:2"),
        (Loss::Logistic, "uniform:2"),
        (Loss::Mse, "uniform:2"),
        (Loss::Softmax, "shared-uniform:8"),
    ] {
        let negatives: Negatives = negatives.parse().expect("negatives");
        let train = Implicit::new(&prepared.train, negatives).expect("positives");
        let trained = |tensors: bool| {
            let mut model = network(&prepared.schema);
            let mut trainer = Trainer::new(Rule::sgd(0.9), 0.05).loss(loss).batch(64);
            if tensors {
                trainer = trainer.dense_tables();
            }
            let valid: Option<&dyn Judge<Network>> = None;
            trainer
                .fit(&mut model, &train, valid, 2)
                .expect("a training that ends");
            let losses = trainer.history().epochs.iter();
            let losses: Vec<f64> = losses.map(|epoch| epoch.train.loss()).collect();
            (Weights::of(&model), losses)
        };
        let ((rows, of_rows), (tensors, of_tensors)) = (trained(false), trained(true));
        for (name, weight) in &rows.0 {
            let pairs = weight.values.iter().zip(&tensors.0[name].values);
            for (row, tensor) in pairs {
                assert!((row - tensor).abs() < 1e-4, "{loss} {negatives} {name}");
            }
        }
        for (row, tensor) in of_rows.iter().zip(&of_tensors) {
            assert!((row - tensor).abs() < 1e-4, "{loss} {negatives}");
        }
    }
}

#[test]
fn a_ranking_loss_without_negatives_is_refused_with_the_way_out() {
    let prepared = prepared(false);
    let mut model = network(&prepared.schema);
    let before = Weights::of(&model);
    let mut trainer = Trainer::new(Rule::ADAM, 0.01).loss(Loss::Bpr);
    let error = trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        .expect_err("ratings alone");
    assert!(matches!(error, TrainError::NoNegatives { .. }));
    assert!(error.to_string().contains("implicit feedback"), "{error}");
    assert!(Weights::of(&model) == before);
}

#[test]
fn a_measure_that_no_epoch_has_is_refused_with_those_that_there_are() {
    let prepared = prepared(false);
    let mut model = network(&prepared.schema);
    let watch = EarlyStopping::new(2).watch("ndcg@5", Best::Highest);
    let error = Trainer::new(Rule::ADAM, 0.01)
        .with(watch)
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 2)
        .expect_err("no such measure");
    assert_eq!(
        error.to_string(),
        "there is no measure `ndcg@5` to watch; the epochs have loss, rmse, mae"
    );
}

/// The mean `ndcg@10` of lists in the order of the items' rows.
fn ndcg_of_rows(prepared: &Prepared) -> f64 {
    let known = Known::of(&[&prepared.train]);
    let by_user = ByUser::of(&prepared.valid);
    let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let judged = by_user.iter().filter(|(_, items)| !items.is_empty());
    let each: Vec<f64> = judged
        .map(|(user, held_out)| {
            let rows = (0..prepared.schema.items() as u32).map(ItemIx);
            let list = rows.filter(|&item| !known.contains(user, item)).take(10);
            let places = list.enumerate();
            let hits = places.filter(|(_, item)| held_out.contains(item));
            let gained: f64 = hits.map(|(place, _)| discount(place)).sum();
            gained / (0..held_out.len().min(10)).map(discount).sum::<f64>()
        })
        .collect();
    each.iter().sum::<f64>() / each.len() as f64
}

#[test]
fn lists_of_one_score_for_all_are_in_the_order_of_rows_and_known_items_are_in_none() {
    let prepared = prepared(false);
    let items = prepared.schema.items();
    let judge = FullRanking::new(&prepared.valid, &[&prepared.train], items, 10);
    let mut flat = Weights::of(&network(&prepared.schema));
    for weight in flat.0.values_mut() {
        weight.values.fill(0.0);
    }
    let flat = flat
        .load_into(network(&prepared.schema))
        .expect("its weights");
    let (seen, expected) = (ndcg(&judge, &flat), ndcg_of_rows(&prepared));
    assert!((seen - expected).abs() < 1e-12, "{seen} {expected}");
    // What is known is no candidate: held-out items that are known have no place.
    let all_known = FullRanking::new(&prepared.valid, &[&prepared.valid], items, 10);
    assert_eq!(ndcg(&all_known, &network(&prepared.schema)), 0.0);
}

#[test]
fn rows_that_are_no_items_take_no_place_in_a_list() {
    let prepared = prepared(false);
    let items = prepared.schema.items();
    let model = network(&prepared.schema);
    let judge = |rows: usize| FullRanking::new(&prepared.valid, &[&prepared.train], rows, 10);
    let plain = ndcg(&judge(items), &model);
    let all = (0..items as u32).map(ItemIx);
    assert_eq!(ndcg(&judge(items).among(all), &model), plain);
    // With the held-out items alone to choose from, lists are better; with none they are worth nothing.
    let held_out = prepared.valid.items.iter().copied();
    assert!(ndcg(&judge(items).among(held_out), &model) > plain);
    assert_eq!(ndcg(&judge(items).among([]), &model), 0.0);
}
