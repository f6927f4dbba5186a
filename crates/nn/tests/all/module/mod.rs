//! A network as a Burn module: its parameters, their names, its forms, and its weights on and off files.

mod files;
mod forms;
mod parameters;
mod refused;

use crate::common::{Step, predict};
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Tensor};
use recburn_graph::{
    Activation, Graph, Initializer, Sym, TableOptions, add, concat, dot, multiply,
};
use recburn_nn::{Embedding, Ids, Network, Read, RowSource, Weight, Weights, WeightsError};
use safetensors::tensor::{Dtype, TensorView};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

fn biased() -> Graph {
    let (user, item) = (Sym::user(12), Sym::item(9));
    let table = TableOptions {
        l2: 1e-4,
        non_negative: true,
        ..TableOptions::default()
    };
    let affinity = dot(
        "affinity",
        &user.embed_with("user_factors", 3, table),
        &item.embed("item_factors", 3),
    );
    let score = add(
        "score",
        [
            &affinity,
            &user.embed("user_bias", 1),
            &item.embed("item_bias", 1),
        ],
    );
    Graph::new("biased", &score.rescale("stars", 1.0, 5.0)).unwrap()
}

fn tower() -> Graph {
    let both = concat(
        "both",
        [
            &Sym::user(12).embed("user_factors", 3),
            &Sym::item(9).embed("item_factors", 5),
        ],
    );
    let output = both
        .dropout("dropout_1", 0.2)
        .dense("dense_1", 6, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dense("dense_2", 4, Activation::Tanh)
        .batch_norm("batch_norm_2")
        .dropout("dropout_2", 0.5)
        .dense("score", 1, Activation::Sigmoid);
    Graph::new("tower", &output).unwrap()
}

fn residual() -> Graph {
    let table = TableOptions {
        initializer: Initializer::Normal {
            mean: 0.0,
            std: 0.3,
        },
        ..TableOptions::default()
    };
    let user = Sym::user(12).embed_with("user-factors", 4, table);
    let item = Sym::item(9).embed_with("item-factors", 4, table);
    let product = multiply("product", [&user, &item]);
    let hidden = product.dense("dense_1", 4, Activation::Elu);
    let sum = add("sum", [&product, &hidden]).batch_norm("batch_norm_1");
    let output = add(
        "total",
        [
            &sum.dense("score", 1, Activation::Linear),
            &dot("affinity", &user, &item),
        ],
    );
    Graph::new("residual", &output).unwrap()
}

fn users_only() -> Graph {
    Graph::new("users", &Sym::user(12).embed("bias", 1)).unwrap()
}

fn graphs() -> [Graph; 4] {
    [biased(), tower(), residual(), users_only()]
}

/// A network away from its start, moving statistics too.
fn network(graph: Graph) -> Network {
    let start = Network::new(graph, 3, &Device::flex());
    let mut weights = Weights::of(&start);
    for (number, weight) in (1u8..).zip(weights.0.values_mut()) {
        for (at, value) in (1u8..).zip(&mut weight.values) {
            *value = (*value + 0.01 * f32::from(at) / f32::from(number)).abs() + 1e-3;
        }
    }
    weights.load_into(start).unwrap()
}

fn all_scores(model: &Network) -> Vec<u32> {
    let (users, items): (Vec<u32>, Vec<u32>) = (0..108).map(|at| (at % 12, at / 12)).unzip();
    let scores = predict(model, &users, &items, 50);
    scores.into_iter().map(f32::to_bits).collect()
}

fn names(weights: &Weights) -> Vec<&str> {
    weights.0.keys().map(String::as_str).collect()
}

/// Equal numbers to the last bit, shapes and names too.
#[track_caller]
fn assert_same_bits(left: &Weights, right: &Weights) {
    assert_eq!(names(left), names(right));
    for (name, weight) in &left.0 {
        let other = &right.0[name];
        assert_eq!(weight.shape, other.shape, "{name}");
        let bits = |weight: &Weight| {
            weight
                .values
                .iter()
                .map(|v| v.to_bits())
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(weight), bits(other), "{name}");
    }
}
