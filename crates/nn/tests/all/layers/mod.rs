//! What each layer computes, how its numbers start, what it differentiates, and how models are watched and scored.

mod dropout;
mod gradients;
mod initial;
mod nodes;
mod scored;

use crate::common::{Step, predict, rows_of};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_graph::{
    Activation, Graph, Initializer, Sym, TableOptions, add, concat, dot, multiply,
};
use recburn_nn::{
    ColumnId, Dense, Draw, Dropout, Embedding, Ids, Network, PairModel, Pass, RowSource, Weight,
    Weights, activate, tables,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Rows straight from the module's own table.
struct FromModule;

impl RowSource for FromModule {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        table.weights().select(0, ids.rows_on_device())
    }
}

fn training(seed: u64) -> Pass {
    Pass::training(Rc::new(RefCell::new(FromModule)), seed)
}

fn matrix(values: &[f32], shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The network of this output with these weights, by name, shape and numbers.
fn network(output: &Sym, weights: &[(&str, &[usize], &[f32])]) -> Network {
    let graph = Graph::new("test", output).unwrap();
    let weights: BTreeMap<String, Weight> = weights
        .iter()
        .map(|&(name, shape, values)| {
            let (shape, values) = (shape.to_vec(), values.to_vec());
            (name.to_string(), Weight { shape, values })
        })
        .collect();
    Weights(weights)
        .load_into(Network::new(graph, 0, &Device::flex()))
        .unwrap()
}

/// The scores of users 0, 1, 2, ... with item 0, without training.
fn scores(network: &Network, users: usize) -> Vec<f32> {
    let rows: Vec<u32> = (0..users as u32).collect();
    predict(network, &rows, &vec![0; users], 2)
}

#[track_caller]
fn assert_close(seen: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(seen.len(), wanted.len(), "{seen:?} against {wanted:?}");
    for (a, b) in seen.iter().zip(wanted) {
        assert!(
            (a - b).abs() <= tolerance,
            "{seen:?} against {wanted:?}, further than {tolerance}"
        );
    }
}
