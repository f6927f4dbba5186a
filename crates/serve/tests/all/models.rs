//! Models to be served.

use burn::tensor::Device;
use recburn_data::{Centre, Dataset, IdMap, IdOrder, Item, Ratings};
use recburn_graph::{Activation, Graph, Sym, add, concat, dot};
use recburn_nn::{Network, Weight, Weights};
use recburn_recommender::{AnyRecommender, ClassicalRecommender, Recommender, Seen};
use recburn_serve::Settings;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const USERS: usize = 30;
pub const ITEMS: usize = 24;
const WIDTH: usize = 4;

const TITLES: [&str; ITEMS] = [
    "Matrix, The (1999)",
    "Alien (1979)",
    "Amélie (2001)",
    "Brazil (1985)",
    "Casablanca (1942)",
    "Dune (2021)",
    "Eraserhead (1977)",
    "Fargo (1996)",
    "Gattaca (1997)",
    "Heat (1995)",
    "Insider, The (1999)",
    "Jaws (1975)",
    "Kes (1969)",
    "Lost in Translation (2003)",
    "M (1931)",
    "Nosferatu (1922)",
    "Old Boy (2003)",
    "Psycho (1960)",
    "Quiet Man, The (1952)",
    "Ran (1985)",
    "Se7en (1995)",
    "Matrix Reloaded, The (2003)",
    "Vertigo (1958)",
    "Z (1969)",
];

/// Users u1 to u30 and films 101 to 124, half stars. Film 124 is rated by nobody in training, 123 by one user.
pub fn dataset() -> Dataset {
    let users: Vec<String> = (1..=USERS).map(|id| format!("u{id}")).collect();
    let items: Vec<String> = (101..101 + ITEMS).map(|id| id.to_string()).collect();
    let (mut of_users, mut of_items, mut stars) = (Vec::new(), Vec::new(), Vec::new());
    for user in 0..USERS as u32 {
        for item in 0..ITEMS as u32 - 1 {
            let rates = match item {
                22 => user == 3,
                _ => (user * 5 + item * 3) % 4 == 0 || (user + item) % 7 == 0,
            };
            if rates {
                of_users.push(recburn_data::UserIx(user));
                of_items.push(recburn_data::ItemIx(item));
                stars.push(0.5 + 0.5 * ((user * 7 + item * 11) % 10) as f32);
            }
        }
    }
    let ratings = Ratings {
        users: of_users,
        items: of_items,
        ratings: stars,
        ..Ratings::default()
    };
    let users = IdMap::new(users.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    let items = IdMap::new(items.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    let mut dataset = Dataset::new("films", users, items, ratings).unwrap();
    let genres = |at: usize| -> Vec<String> {
        let names = ["Sci-Fi", "Drama", "Horror"];
        names
            .iter()
            .enumerate()
            .filter(|(genre, _)| at.is_multiple_of(genre + 2))
            .map(|(_, name)| name.to_string())
            .collect()
    };
    dataset.catalogue = TITLES
        .iter()
        .enumerate()
        .map(|(at, title)| {
            Some(Item {
                title: title.to_string(),
                genres: genres(at),
            })
        })
        .collect();
    dataset
}

fn numbers(rows: usize, width: usize, seed: u64, scale: f32) -> Weight {
    let number = |at: usize| ((at as f32 + 1.0) * 12.9898 + seed as f32 * 78.233).sin() * scale;
    Weight {
        shape: vec![rows, width],
        values: (0..rows * width).map(number).collect(),
    }
}

/// Products and biases.
pub fn biased(dataset: &Dataset, seed: u64) -> Network {
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    let product = dot(
        "product",
        &Sym::user(users).embed("user_factors", WIDTH),
        &Sym::item(items).embed("item_factors", WIDTH),
    );
    let output = add(
        "score",
        [
            &product,
            &Sym::user(users).embed("user_bias", 1),
            &Sym::item(items).embed("item_bias", 1),
        ],
    );
    let weights = BTreeMap::from([
        (
            "user_factors.weight".to_string(),
            numbers(users, WIDTH, seed, 0.6),
        ),
        (
            "item_factors.weight".to_string(),
            numbers(items, WIDTH, seed + 1, 0.6),
        ),
        (
            "user_bias.weight".to_string(),
            numbers(users, 1, seed + 2, 0.3),
        ),
        (
            "item_bias.weight".to_string(),
            numbers(items, 1, seed + 3, 0.3),
        ),
    ]);
    let network = Network::new(Graph::new("biased", &output).unwrap(), 0, &Device::flex());
    Weights(weights).load_into(network).unwrap()
}

/// A perceptron over both rows, which is no product.
pub fn perceptron(dataset: &Dataset, seed: u64) -> Network {
    let both = concat(
        "both",
        [
            &Sym::user(dataset.users.rows()).embed("user_factors", 3),
            &Sym::item(dataset.items.rows()).embed("item_factors", 3),
        ],
    );
    let output = both
        .dense("hidden", 8, Activation::Tanh)
        .dense("score", 1, Activation::Linear);
    let graph = Graph::new("perceptron", &output).unwrap();
    let network = Network::new(graph, seed, &Device::flex());
    // Far from its start, where it would be nearly linear.
    let mut weights = Weights::of(&network);
    for (name, weight) in &mut weights.0 {
        let by = if name.contains("factors") { 30.0 } else { 3.0 };
        weight.values.iter_mut().for_each(|value| *value *= by);
    }
    weights.load_into(network).unwrap()
}

pub fn recommender(network: Network, dataset: &Dataset) -> Recommender {
    let centre = Centre::of(&dataset.ratings);
    let training = json!({
        "model": network.graph().name(), "epochs": 3, "data": "/home/somebody/films.csv", "data_dir": "/home/somebody",
        "split": "fraction:0.8/0.1/0.1",
    });
    Recommender::new(
        network,
        dataset,
        Seen::all_trained(dataset),
        centre,
        training,
    )
    .unwrap()
}

/// A model that is fitted as a whole.
pub fn classical(name: &str, dataset: &Dataset) -> ClassicalRecommender {
    let method = recburn_classical::find(name)
        .unwrap()
        .from_options(json!({}))
        .unwrap();
    let context = recburn_classical::Context {
        train: &dataset.ratings,
        users: dataset.users.rows(),
        items: dataset.items.rows(),
        scale: (0.5, 5.0),
        features: None,
        seed: 1,
        threads: 1,
    };
    let fitted = method.fit(&context).unwrap();
    let seen = Seen::all_trained(dataset);
    ClassicalRecommender::new(&*method, fitted, dataset, &dataset.ratings, seen, json!({})).unwrap()
}

/// A folder with the model of products, which is gone with the first part.
pub fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("films/model");
    save(&folder, 1);
    (home, folder)
}

pub fn save(folder: &Path, seed: u64) {
    let dataset = dataset();
    recommender(biased(&dataset, seed), &dataset)
        .save(folder)
        .unwrap();
}

pub fn load(folder: &Path) -> AnyRecommender {
    AnyRecommender::load(folder, &Device::flex()).unwrap()
}

pub fn settings(folder: &Path) -> Settings {
    Settings::new(folder, Device::flex())
}
