//! A model with its ids answers, is saved, and answers the same when loaded.

#![allow(clippy::unwrap_used)]

mod answers;
mod embeddings;
mod predictions;
mod recommendations;
mod saved;

use burn::tensor::Device;
use recburn_data::{Centre, Dataset, IdMap, IdOrder, Item, Ratings};
use recburn_graph::{Activation, Graph, Sym, add, concat, dot};
use recburn_nn::{Network, Weight, Weights};
use recburn_recommender::{
    AnyRecommender, EmbeddingTable, ListOptions, Recommendation, Recommender, RecommenderError,
    SavedAs, Seen,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Ratings by raw id, users and items in this order of ids.
fn dataset(users: &[&str], items: &[&str], order: IdOrder, rated: &[(&str, &str, f32)]) -> Dataset {
    let users = IdMap::new(users.iter().copied(), order).unwrap();
    let items = IdMap::new(items.iter().copied(), order).unwrap();
    let ratings = Ratings {
        users: rated
            .iter()
            .map(|(user, ..)| users.index(user).unwrap())
            .collect(),
        items: rated
            .iter()
            .map(|(_, item, _)| items.index(item).unwrap())
            .collect(),
        ratings: rated.iter().map(|&(.., rating)| rating).collect(),
        ..Ratings::default()
    };
    Dataset::new("tiny", users, items, ratings).unwrap()
}

fn film(title: &str, genres: &[&str]) -> Option<Item> {
    Some(Item {
        title: title.to_string(),
        genres: genres.iter().map(|genre| genre.to_string()).collect(),
    })
}

/// Three users, five films; ann has rated two of them, ben one, cleo none that the others have not.
fn films() -> Dataset {
    let mut dataset = dataset(
        &["ann", "ben", "cleo"],
        &["alien", "brazil", "casablanca", "dune", "eraserhead"],
        IdOrder::FirstSight,
        &[
            ("ann", "brazil", 4.0),
            ("ann", "alien", 5.0),
            ("ben", "dune", 1.0),
            ("cleo", "eraserhead", 0.5),
        ],
    );
    dataset.catalogue = vec![
        film("Alien (1979)", &["Horror", "Sci-Fi"]),
        film("Brazil (1985)", &["Sci-Fi"]),
        None,
        film("Dune, Part \"One\" (2021)", &[]),
        film("Eraserhead (1977)", &["Horror"]),
    ];
    dataset
}

/// The sum of a bias of the user and one of the item, which makes every score a number known beforehand.
fn sums(users: &[f32], items: &[f32]) -> Network {
    let output = add(
        "score",
        [
            &Sym::user(users.len()).embed("user_bias", 1),
            &Sym::item(items.len()).embed("item_bias", 1),
        ],
    );
    let graph = Graph::new("sums", &output).unwrap();
    let column = |values: &[f32]| Weight {
        shape: vec![values.len(), 1],
        values: values.to_vec(),
    };
    let weights = BTreeMap::from([
        ("user_bias.weight".to_string(), column(users)),
        ("item_bias.weight".to_string(), column(items)),
    ]);
    Weights(weights)
        .load_into(Network::new(graph, 0, &Device::flex()))
        .unwrap()
}

fn recommender(model: Network, dataset: &Dataset, mean: f32) -> Recommender {
    let training = json!({"model": "sums", "epochs": 3});
    Recommender::new(
        model,
        dataset,
        Seen::all_trained(dataset),
        Centre { mean },
        training,
    )
    .unwrap()
}

/// Items best first for a user of bias 0: dune, brazil and casablanca alike, alien, eraserhead.
fn tiny() -> Recommender {
    let model = sums(&[0.0, 1.0, -4.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]);
    recommender(model, &films(), 3.0)
}

/// A user's list among all items, also those that nothing was learnt of.
fn every(recommender: &Recommender, user: &str, count: usize) -> Vec<Recommendation> {
    let options = ListOptions {
        count,
        min_ratings: Some(0),
        ..ListOptions::default()
    };
    recommender.list(user, &options).unwrap().items
}

fn items_of(list: &[Recommendation]) -> Vec<&str> {
    list.iter().map(|line| line.item.as_str()).collect()
}

/// A model with every kind of layer, over the rows of these data.
fn deep(dataset: &Dataset, seed: u64) -> Network {
    let (user, item) = (
        Sym::user(dataset.users.rows()).embed("user_factors", 3),
        Sym::item(dataset.items.rows()).embed("item_factors", 3),
    );
    let hidden = concat("both", [&user, &item])
        .dropout("dropout_1", 0.4)
        .dense("dense_1", 7, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dense("score", 1, Activation::Tanh);
    let output = add("total", [&hidden, &dot("affinity", &user, &item)]);
    let graph = Graph::new("deep", &output).unwrap();
    Network::new(graph, seed, &Device::flex())
}

/// Everything that a recommender says, as bits where it says numbers.
fn everything(recommender: &Recommender, dataset: &Dataset) -> Vec<String> {
    let mut said = Vec::new();
    for (_, user) in dataset.users.iter() {
        for (_, item) in dataset.items.iter() {
            let seen = recommender.predict(&user, &item).unwrap();
            let bits = (seen.rating.to_bits(), seen.clipped.to_bits());
            said.push(format!("{user} {item} {bits:?}"));
        }
        for line in every(recommender, &user, usize::MAX) {
            let bits = line.rating.to_bits();
            said.push(format!("{user} {line:?} {bits}"));
        }
    }
    for name in recommender.embedding_names() {
        let table = recommender.embedding(&name).unwrap();
        let bits: Vec<u32> = table.values.iter().map(|value| value.to_bits()).collect();
        said.push(format!("{name} {:?} {} {bits:?}", table.ids, table.width));
    }
    said.push(recommender.training().to_string());
    said.push(recommender.model().to_string());
    said
}

// Predictions.
