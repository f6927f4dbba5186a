//! One golden file, followed in one way of stepping on one backend.

use crate::file::{Golden, Nested, weights};
use crate::penalty::penalty;
use recburn::nn::score_batch;
use recburn::optim::Goal;
use recburn::prelude::*;
use std::fmt;

/// Relative, of a step's loss; the same on every backend.
const LOSS_TOLERANCE: f64 = 1e-4;
/// Absolute, of a weight. Of a prediction ten times as much: it sums products of weights.
const WEIGHT_TOLERANCE: f64 = 1e-4;

/// How tables are kept and when they are brought up to date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
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

    /// The ways of a backend. Without host memory there are no tables of rows.
    pub fn of(backend: &str) -> &'static [Self] {
        match Self::on_host(backend) {
            true => &[
                Self::RowsSettled,
                Self::RowsAtRest,
                Self::RowsByAutodiff,
                Self::TensorsAtRest,
                Self::Walked,
            ],
            false => &[Self::TensorsAtRest, Self::Walked],
        }
    }

    /// Whether a backend computes in host memory.
    pub fn on_host(backend: &str) -> bool {
        matches!(backend, "flex" | "ndarray")
    }
}

/// Worst deviations of losses (relative), weights and predictions (absolute).
#[derive(Clone, Copy, Default)]
pub struct Worst {
    loss: f64,
    weight: f64,
    prediction: f64,
}

impl Worst {
    pub fn is_tolerable(&self) -> bool {
        self.loss <= LOSS_TOLERANCE
            && self.weight <= WEIGHT_TOLERANCE
            && self.prediction <= 10.0 * WEIGHT_TOLERANCE
    }

    pub fn or(self, other: Self) -> Self {
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

/// The largest distance between weights of the same names and shapes.
fn distance(case: &str, ours: &Weights, golden: &Nested) -> f64 {
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

/// How a trainer takes the steps of a model whose tables are rows in host memory, in a word for the table.
fn stepping(trainer: &Trainer, network: &Network, way: Way, pairs: bool) -> &'static str {
    match way {
        Way::TensorsAtRest | Way::Walked => "autodiff",
        _ if pairs && network.factorisation().is_some() => "factorised",
        _ if trainer.is_compiled() => "compiled",
        Way::RowsSettled | Way::RowsAtRest | Way::RowsByAutodiff => "autodiff",
    }
}

/// Trains from the start that the file has, over its batches. With the deviations a word for how steps were taken.
pub fn follow(golden: &Golden, way: Way, device: &Device) -> (Worst, &'static str) {
    let case = golden.case.as_str();
    let mut trainer = golden.trainer();
    trainer = match way {
        Way::RowsSettled | Way::RowsAtRest => trainer,
        Way::RowsByAutodiff => trainer.reference(),
        Way::TensorsAtRest => trainer.dense_tables(),
        Way::Walked => trainer.dense_tables().walk_tables(),
    };
    let graph = golden.graph();
    let inputs = graph.inputs();
    let batches = golden.batches.iter();
    let batches: Vec<_> = batches.map(|step| golden.batch(step, &inputs)).collect();
    let network = weights(&golden.initial)
        .load_into(Network::new(graph.clone(), 0, device))
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    let mut session = trainer.begin(&network).expect("a model that trains");
    let pairs = batches.iter().all(|batch| batch.scores() == batch.queries);
    let mut penalised = penalty(&graph, &Weights::of(&network), &batches[0]);
    let mut worst = Worst::default();
    for (at, batch) in batches.iter().enumerate() {
        if let Some(rates) = &golden.learning_rates {
            session.set_learning_rate(rates[at]);
        }
        let scores = session
            .step(batch)
            .unwrap_or_else(|error| panic!("{case}: {error}"));
        let after = golden.after_step.get(&(at + 1));
        if !way.rests() {
            let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
            let goal = Goal::of(batch);
            let loss = golden.loss.sum(&goal, &scores) / goal.total_weight() + penalised;
            let expected = golden.losses[at];
            let deviation = (loss - expected).abs() / expected.abs();
            assert!(deviation.is_finite(), "{case}: {loss} after {at} steps");
            worst.loss = worst.loss.max(deviation);
        }
        if !way.rests() || after.is_some() {
            let weights = Weights::of(&session.model());
            if let Some(next) = batches.get(at + 1) {
                penalised = penalty(&graph, &weights, next);
            }
            if let Some(after) = after {
                worst.weight = worst.weight.max(distance(case, &weights, after));
            }
        }
    }
    let trained = session.end();
    let stepping = stepping(&trainer, &network, way, pairs);
    let weight = distance(case, &Weights::of(&trained), &golden.last);
    worst.weight = worst.weight.max(weight);
    for batch in golden.asked(&inputs) {
        let ours = score_batch(&trained, &inputs, &batch, device);
        assert_eq!(
            ours.len(),
            golden.predictions.iter().flatten().count(),
            "{case}"
        );
        for (ours, golden) in ours.iter().zip(golden.predictions.iter().flatten()) {
            assert!(ours.is_finite(), "{case}: {ours} is predicted");
            worst.prediction = worst.prediction.max(f64::from((ours - golden).abs()));
        }
    }
    (worst, stepping)
}
