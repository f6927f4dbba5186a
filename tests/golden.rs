//! Training follows Keras 3: from the same weights, over the same batches, every loss and every weight.
//!
//! On every backend that is compiled in; `RECBURN_TEST_DEVICE` names those to keep to. `tests/golden/README.md` says what
//! the files hold and how they are made. `RECBURN_GOLDEN` names a folder of further ones.

mod common;

use common::devices;
use recburn::data::{Batch, Coalescer, ItemIx, UserIx};
use recburn::graph::L2On;
use recburn::models::{
    biased_mf::BiasedMf, concat_mlp::Block, concat_mlp::ConcatMlp, dot_mf::DotMf,
    non_negative_mf::NonNegativeMf, residual_mf::ResidualMf, scaled_mf::ScaledMf,
};
use recburn::nn::{Weight, predict};
use recburn::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Relative, of a step's loss; the same on every backend.
const LOSS_TOLERANCE: f64 = 1e-4;
/// Absolute, of a weight. Of a prediction ten times as much: it sums products of weights.
const WEIGHT_TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    case: String,
    users: usize,
    items: usize,
    factors: usize,
    loss: String,
    architecture: Options,
    hyper: Hyper,
    learning_rates: Option<Vec<f64>>,
    initial: BTreeMap<String, Value>,
    batches: Vec<Pairs>,
    losses: Vec<f64>,
    after_step: BTreeMap<usize, BTreeMap<String, Value>>,
    #[serde(rename = "final")]
    last: BTreeMap<String, Value>,
    predictions: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    kind: String,
    #[serde(default)]
    bias: bool,
    #[serde(default)]
    reg: f64,
    #[serde(default)]
    reg_bias: f64,
    /// Whole tables, or the rows of each batch.
    #[serde(default)]
    reg_on: L2On,
    #[serde(default)]
    reg_dense: f64,
    #[serde(default)]
    nonneg: bool,
    rescale: Option<(f32, f32)>,
    #[serde(default)]
    dense: Vec<(usize, Option<Activation>)>,
    user_dim: Option<usize>,
    item_dim: Option<usize>,
}

#[derive(Deserialize)]
struct Hyper {
    optimizer: String,
    learning_rate: f64,
    #[serde(default)]
    momentum: f64,
    beta_1: Option<f64>,
    beta_2: Option<f64>,
    epsilon: Option<f64>,
    weight_decay: Option<f64>,
    initial_accumulator_value: Option<f64>,
}

#[derive(Deserialize)]
struct Pairs {
    users: Vec<u32>,
    items: Vec<u32>,
    ratings: Vec<f32>,
}

impl Golden {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The architecture, drawn by the zoo.
    fn graph(&self) -> Graph {
        let a = &self.architecture;
        let (factors, l2, bias_l2, l2_on) = (self.factors, a.reg, a.reg_bias, a.reg_on);
        let schema = &Schema::of_pairs(self.users, self.items, (0.5, 5.0));
        let graph = match (a.kind.as_str(), a.bias, a.rescale, a.nonneg) {
            ("mf", false, None, false) => DotMf {
                factors,
                l2,
                l2_on,
                ..DotMf::default()
            }
            .graph(schema),
            ("mf", false, None, true) => NonNegativeMf {
                factors,
                l2,
                l2_on,
                ..NonNegativeMf::default()
            }
            .graph(schema),
            ("mf", true, None, false) => BiasedMf {
                factors,
                l2,
                l2_on,
                bias_l2,
                ..BiasedMf::default()
            }
            .graph(schema),
            ("mf", true, range @ Some(_), false) => ScaledMf {
                factors,
                l2,
                l2_on,
                bias_l2,
                range,
                ..ScaledMf::default()
            }
            .graph(schema),
            ("mlp", false, None, false) => {
                let block = |&(units, activation): &(usize, Option<Activation>)| Block::Dense {
                    units,
                    activation: activation.unwrap_or_default(),
                };
                ConcatMlp {
                    user_factors: a.user_dim.unwrap_or(factors),
                    item_factors: a.item_dim.unwrap_or(factors),
                    l2,
                    dense_l2: a.reg_dense,
                    l2_on,
                    stack: a.dense.iter().map(block).collect(),
                    ..ConcatMlp::default()
                }
                .graph(schema)
            }
            ("residual", true, None, false) => {
                let (hidden, activation) = a.dense[0];
                let activation = activation.unwrap_or_default();
                ResidualMf {
                    factors,
                    l2,
                    l2_on,
                    bias_l2,
                    hidden,
                    activation,
                    dense_l2: a.reg_dense,
                    ..ResidualMf::default()
                }
                .graph(schema)
            }
            _ => panic!("{}: the zoo has no such architecture", self.case),
        };
        graph.expect("a golden architecture is sound")
    }

    fn trainer(&self) -> Trainer {
        let h = &self.hyper;
        let known = |value: Option<f64>| {
            value.unwrap_or_else(|| panic!("{}: a hyper-parameter is missing", self.case))
        };
        let rule = match h.optimizer.as_str() {
            "sgd" => Rule::sgd(h.momentum),
            "adam" => Rule::Adam {
                beta_1: known(h.beta_1),
                beta_2: known(h.beta_2),
                epsilon: known(h.epsilon),
            },
            "adamw" => Rule::AdamW {
                beta_1: known(h.beta_1),
                beta_2: known(h.beta_2),
                epsilon: known(h.epsilon),
                weight_decay: known(h.weight_decay),
            },
            "adagrad" => Rule::AdaGrad {
                initial_accumulator_value: known(h.initial_accumulator_value),
                epsilon: known(h.epsilon),
            },
            other => panic!("{}: no optimizer is called {other}", self.case),
        };
        let loss = match self.loss.as_str() {
            "mse" => Loss::Mse,
            "mae" => Loss::Mae,
            "huber" => Loss::HUBER,
            other => panic!("{}: no loss is called {other}", self.case),
        };
        Trainer::new(rule, h.learning_rate).loss(loss)
    }

    fn batches(&self) -> Vec<Batch> {
        let (mut users, mut items) = (Coalescer::new(self.users), Coalescer::new(self.items));
        let batch = |pairs: &Pairs| {
            Batch::of_ratings(
                users.column(&pairs.users),
                items.column(&pairs.items),
                pairs.ratings.clone(),
            )
        };
        self.batches.iter().map(batch).collect()
    }

    /// What of the loss of this step is penalty, worked out from the weights themselves.
    fn penalty(&self, weights: &Weights, step: &Pairs) -> f64 {
        let of = |(name, weight): (&String, &Weight)| {
            let (l2, ids) = match name.as_str() {
                "user_factors.weight" => (self.architecture.reg, &step.users),
                "item_factors.weight" => (self.architecture.reg, &step.items),
                "user_bias.weight" => (self.architecture.reg_bias, &step.users),
                "item_bias.weight" => (self.architecture.reg_bias, &step.items),
                name if name.starts_with("dense_") && name.ends_with(".weight") => {
                    let squares = weight.values.iter().map(|&w| f64::from(w).powi(2));
                    return self.architecture.reg_dense * squares.sum::<f64>();
                }
                _ => return 0.0,
            };
            let squares = |row: &[f32]| row.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>();
            match self.architecture.reg_on {
                L2On::Table => l2 * squares(&weight.values),
                L2On::Batch => {
                    let rows: Vec<&[f32]> = weight.values.chunks(weight.shape[1]).collect();
                    let looked_up = ids.iter().map(|&id| squares(rows[id as usize]));
                    l2 * looked_up.sum::<f64>() / ids.len() as f64
                }
            }
        };
        weights.0.iter().map(of).sum()
    }
}

/// Numbers nested in lists, as a weight.
fn weight(value: &Value) -> Weight {
    fn walk(value: &Value, depth: usize, shape: &mut Vec<usize>, values: &mut Vec<f32>) {
        match value {
            Value::Array(list) => {
                if shape.len() == depth {
                    shape.push(list.len());
                }
                list.iter()
                    .for_each(|value| walk(value, depth + 1, shape, values));
            }
            number => values.push(number.as_f64().expect("a weight is a number") as f32),
        }
    }
    let (mut shape, mut values) = (Vec::new(), Vec::new());
    walk(value, 0, &mut shape, &mut values);
    Weight { shape, values }
}

fn weights(values: &BTreeMap<String, Value>) -> Weights {
    Weights(
        values
            .iter()
            .map(|(name, value)| (name.clone(), weight(value)))
            .collect(),
    )
}

/// The largest distance between weights of the same names and shapes.
fn distance(case: &str, ours: &Weights, golden: &BTreeMap<String, Value>) -> f64 {
    let golden = weights(golden);
    assert_eq!(
        ours.0.keys().collect::<Vec<_>>(),
        golden.0.keys().collect::<Vec<_>>(),
        "{case}"
    );
    let mut worst = 0.0;
    for (name, golden) in &golden.0 {
        assert_eq!(ours.0[name].shape, golden.shape, "{case}: {name}");
        for (ours, golden) in ours.0[name].values.iter().zip(&golden.values) {
            assert!(ours.is_finite(), "{case}: {name} holds {ours}");
            worst = f64::max(worst, f64::from((ours - golden).abs()));
        }
    }
    worst
}

/// How tables are kept and when they are brought up to date.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Row by row, every row brought up to date after every step.
    RowsSettled,
    /// Row by row, left alone between the steps that the file has weights of.
    RowsAtRest,
    /// As tensors, which is what a GPU has, left alone as above.
    TensorsAtRest,
    /// As tensors of which every row moves at every step: the dense reference.
    Walked,
    /// Row by row, every row brought up to date after every step, by autodiff in place of compiled steps.
    RowsByAutodiff,
}

impl Way {
    fn rests(self) -> bool {
        matches!(self, Self::RowsAtRest | Self::TensorsAtRest)
    }
}

/// The ways of a backend. Without host memory there are no tables of rows.
fn ways(backend: &str) -> &'static [Way] {
    match backend {
        "flex" | "ndarray" => &[
            Way::RowsSettled,
            Way::RowsAtRest,
            Way::RowsByAutodiff,
            Way::TensorsAtRest,
            Way::Walked,
        ],
        _ => &[Way::TensorsAtRest, Way::Walked],
    }
}

/// Worst deviations of losses (relative), weights and predictions (absolute).
#[derive(Clone, Copy, Default)]
struct Worst {
    loss: f64,
    weight: f64,
    prediction: f64,
}

impl Worst {
    fn is_tolerable(&self) -> bool {
        self.loss <= LOSS_TOLERANCE
            && self.weight <= WEIGHT_TOLERANCE
            && self.prediction <= 10.0 * WEIGHT_TOLERANCE
    }

    fn or(self, other: Self) -> Self {
        Self {
            loss: self.loss.max(other.loss),
            weight: self.weight.max(other.weight),
            prediction: self.prediction.max(other.prediction),
        }
    }
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            loss,
            weight,
            prediction,
        } = self;
        write!(f, "{loss:>12.1e} {weight:>12.1e} {prediction:>12.1e}")
    }
}

fn follow(golden: &Golden, way: Way, device: &Device) -> Worst {
    let case = golden.case.as_str();
    let mut trainer = golden.trainer();
    trainer = match way {
        Way::RowsSettled | Way::RowsAtRest => trainer,
        Way::RowsByAutodiff => trainer.reference(),
        Way::TensorsAtRest => trainer.dense_tables(),
        Way::Walked => trainer.dense_tables().walk_tables(),
    };
    let network = Network::new(golden.graph(), 0, device);
    let network = weights(&golden.initial)
        .load_into(network)
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    let mut session = trainer.begin(&network).expect("a model that trains");
    let mut penalty = golden.penalty(&Weights::of(&network), &golden.batches[0]);
    let mut worst = Worst::default();
    for (at, batch) in golden.batches().iter().enumerate() {
        if let Some(rates) = &golden.learning_rates {
            session.set_learning_rate(rates[at]);
        }
        let scores = session
            .step(batch)
            .unwrap_or_else(|error| panic!("{case}: {error}"));
        let after = golden.after_step.get(&(at + 1));
        if !way.rests() {
            let loss = mean_loss(
                golden,
                &scores.into_data().iter::<f32>().collect::<Vec<_>>(),
                &batch.targets,
            );
            let expected = golden.losses[at];
            worst.loss = worst
                .loss
                .max(((loss + penalty) - expected).abs() / expected.abs());
        }
        if !way.rests() || after.is_some() {
            let weights = Weights::of(&session.model());
            if let Some(next) = golden.batches.get(at + 1) {
                penalty = golden.penalty(&weights, next);
            }
            if let Some(after) = after {
                worst.weight = worst.weight.max(distance(case, &weights, after));
            }
        }
    }
    let trained = session.end();
    worst.weight = worst
        .weight
        .max(distance(case, &Weights::of(&trained), &golden.last));
    let (users, items): (Vec<UserIx>, Vec<ItemIx>) = (0..golden.users as u32)
        .flat_map(|user| (0..golden.items as u32).map(move |item| (UserIx(user), ItemIx(item))))
        .unzip();
    let ours = predict(&trained, &users, &items, 64);
    for (ours, golden) in ours.iter().zip(golden.predictions.iter().flatten()) {
        worst.prediction = worst.prediction.max(f64::from((ours - golden).abs()));
    }
    worst
}

fn mean_loss(golden: &Golden, scores: &[f32], ratings: &[f32]) -> f64 {
    let error = |(score, rating): (&f32, &f32)| f64::from(*score) - f64::from(*rating);
    let of = |error: f64| match golden.loss.as_str() {
        "mse" => error * error,
        "mae" => error.abs(),
        _ if error.abs() <= 1.0 => 0.5 * error * error,
        _ => error.abs() - 0.5,
    };
    scores.iter().zip(ratings).map(error).map(of).sum::<f64>() / ratings.len() as f64
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    files
}

fn follow_all(folder: &Path) {
    let files = files(folder);
    assert!(
        !files.is_empty(),
        "{} holds no golden file",
        folder.display()
    );
    let mut failed = Vec::new();
    for (backend, device) in devices() {
        let mut worst = Worst::default();
        println!("\ndeviations on {backend} of {}", folder.display());
        println!(
            "{:<28} {:<12} {:>12} {:>12} {:>12}",
            "case", "tables", "loss", "weight", "prediction"
        );
        for path in &files {
            let golden = Golden::read(path);
            for way in ways(backend) {
                let seen = follow(&golden, *way, &device);
                println!("{:<28} {:<12} {seen}", golden.case, format!("{way:?}"));
                if !seen.is_tolerable() {
                    failed.push(format!("{backend}, {way:?}: {}: {seen}", path.display()));
                }
                worst = worst.or(seen);
            }
        }
        println!("{:<28} {:<12} {worst}", "the worst of all", "");
    }
    assert!(
        failed.is_empty(),
        "left the trajectory of Keras (loss, weight, prediction):\n{}",
        failed.join("\n")
    );
}

#[test]
fn training_follows_keras_on_every_architecture() {
    follow_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"));
}

#[test]
fn training_follows_keras_on_the_files_of_recburn_golden() {
    match std::env::var_os("RECBURN_GOLDEN") {
        Some(folder) => follow_all(Path::new(&folder)),
        None => println!("skipped: RECBURN_GOLDEN is not set"),
    }
}
