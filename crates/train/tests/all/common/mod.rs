//! What the tests share.

pub mod averages;

use burn::tensor::Device;
use recburn_data::{ItemIx, Ratings, UserIx};
use recburn_graph::{Activation, Graph, Kernel, L2On, Sym, TableOptions, add, concat, dot};
use recburn_nn::{Network, Weights};
use recburn_train::{History, Measures};

pub const USERS: usize = 9;
pub const ITEMS: usize = 7;

/// Ratings that follow a pattern.
pub fn ratings(count: usize) -> Ratings {
    let user = |at: usize| (at * 5 + at / 4) % USERS;
    let item = |at: usize| (at * 3 + at / 7) % ITEMS;
    let rating = |at: usize| 1.0 + ((user(at) * item(at)) % 9) as f32 * 0.5;
    Ratings {
        users: (0..count).map(|at| UserIx(user(at) as u32)).collect(),
        items: (0..count).map(|at| ItemIx(item(at) as u32)).collect(),
        ratings: (0..count).map(rating).collect(),
        ..Ratings::default()
    }
}

/// A network with this output.
pub fn network(output: &Sym) -> Network {
    let graph = Graph::new("model", output).expect("a graph that can run");
    Network::new(graph, 7, &Device::flex())
}

/// A factorisation with biases, one table of which is penalised per look-up.
pub fn factorisation() -> Network {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let per_look_up = TableOptions {
        l2: 1e-2,
        l2_on: L2On::Batch,
        ..TableOptions::default()
    };
    let affinity = dot(
        "affinity",
        &user.embed_with("p", 4, per_look_up),
        &item.embed("q", 4),
    );
    network(&add(
        "score",
        [&affinity, &user.embed("b", 1), &item.embed("c", 1)],
    ))
}

/// A network with all that a training has to keep: tables, kernels with a penalty, masks, moving statistics.
pub fn rich() -> Network {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let table = TableOptions {
        l2: 1e-3,
        ..TableOptions::default()
    };
    let (p, q) = (user.embed_with("p", 4, table), item.embed("q", 4));
    let kernel = Kernel {
        l2: 1e-3,
        ..Kernel::default()
    };
    let deep = concat("pair", [&p, &q])
        .batch_norm("norm")
        .dense_with("hidden", 6, Activation::Relu, kernel)
        .dropout("dropped", 0.3)
        .dense("deep", 1, Activation::Linear);
    network(&add("score", [&dot("affinity", &p, &q), &deep]))
}

/// The largest difference between two sets of weights.
pub fn distance(one: &Weights, other: &Weights) -> f32 {
    assert_eq!(one.0.len(), other.0.len());
    let pairs = one.0.iter().zip(&other.0);
    let of = pairs.flat_map(|((name, one), (other_name, other))| {
        assert_eq!((name, &one.shape), (other_name, &other.shape));
        one.values.iter().zip(&other.values)
    });
    of.map(|(one, other)| (one - other).abs())
        .fold(0.0, f32::max)
}

/// The epochs without their times.
pub fn figures(history: &History) -> Vec<(usize, f64, Measures, Option<Measures>, f64)> {
    let epochs = history.epochs.iter();
    let figures = epochs.map(|epoch| {
        (
            epoch.epoch,
            epoch.learning_rate,
            epoch.train.clone(),
            epoch.valid.clone(),
            epoch.penalty,
        )
    });
    figures.collect()
}
