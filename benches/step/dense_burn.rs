//! The same model as in Burn's book: Burn's embeddings, layers and optimizers, with gradients as large as the tables.

use crate::cases::Case;
use burn::module::{Module, Param};
use burn::nn::{Dropout, DropoutConfig, Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu};
use recburn::burn;
use recburn::prelude::*;

#[derive(Module, Debug)]
struct Model {
    user: Embedding,
    item: Embedding,
    user_bias: Option<Embedding>,
    item_bias: Option<Embedding>,
    hidden: Option<Linear>,
    output: Option<Linear>,
    before: Option<Dropout>,
    behind: Option<Dropout>,
}

impl Model {
    fn forward(
        &self,
        users: Tensor<2, Int>,
        items: Tensor<2, Int>,
        l2: f64,
    ) -> (Tensor<2>, Option<Tensor<1>>) {
        let user: Tensor<2> = self.user.forward(users.clone()).squeeze_dim(1);
        let item: Tensor<2> = self.item.forward(items.clone()).squeeze_dim(1);
        let penalty = (l2 > 0.0).then(|| {
            let squares = |table: &Embedding| table.weight.val().powi_scalar(2).sum();
            (squares(&self.user) + squares(&self.item)) * l2
        });
        if let (Some(hidden), Some(output)) = (&self.hidden, &self.output) {
            let mut value = Tensor::cat(vec![user, item], 1);
            if let Some(dropout) = &self.before {
                value = dropout.forward(value);
            }
            value = relu(hidden.forward(value));
            if let Some(dropout) = &self.behind {
                value = dropout.forward(value);
            }
            return (output.forward(value), penalty);
        }
        let mut score = (user * item).sum_dim(1);
        if let (Some(user), Some(item)) = (&self.user_bias, &self.item_bias) {
            let (user, item): (Tensor<2>, Tensor<2>) = (
                user.forward(users).squeeze_dim(1),
                item.forward(items).squeeze_dim(1),
            );
            score = score + user + item;
        }
        (score, penalty)
    }
}

/// A dense training.
pub struct DenseBurn {
    model: Option<Model>,
    optimizer: ModuleOptimizer,
    case: Case,
    device: Device,
}

impl DenseBurn {
    /// A training whose tables start from these weights.
    pub fn new(case: &Case, aged: &Weights, device: &Device) -> Self {
        let device = device.clone().autodiff();
        device.seed(1);
        let table = |name: &str, rows, width| {
            let weights = &aged.0[&format!("{name}.weight")].values;
            let weights = TensorData::new(weights.clone(), [rows, width]);
            let mut table = EmbeddingConfig::new(rows, width).init(&device);
            table.weight = Param::from_data(weights, &device);
            table
        };
        let dense = |inputs, units| LinearConfig::new(inputs, units).init(&device);
        let dropout = |at: usize| {
            case.dropout
                .map(|rates| DropoutConfig::new(rates[at]).init())
        };
        let optimizer = if case.adam {
            AdamConfig::new().with_epsilon(1e-7).init()
        } else {
            let momentum = MomentumConfig::new()
                .with_momentum(case.momentum)
                .with_dampening(0.0);
            SgdConfig::new().with_momentum(Some(momentum)).init()
        };
        let model = Model {
            user: table("user_factors", case.users, case.factors),
            item: table("item_factors", case.items, case.factors),
            user_bias: case.biases.then(|| table("user_bias", case.users, 1)),
            item_bias: case.biases.then(|| table("item_bias", case.items, 1)),
            hidden: case.hidden.map(|units| dense(2 * case.factors, units)),
            output: case.hidden.map(|units| dense(units, 1)),
            before: dropout(0),
            behind: dropout(1),
        };
        Self {
            model: Some(model),
            optimizer,
            case: *case,
            device,
        }
    }

    pub fn step(&mut self, users: &[u32], items: &[u32], ratings: &[f32]) {
        let Some(model) = self.model.take() else {
            return;
        };
        let plain = self.device.clone().inner();
        let ids = |ids: &[u32]| {
            let ids: Vec<i64> = ids.iter().map(|&id| i64::from(id)).collect();
            let shape = [ids.len(), 1];
            Tensor::<2, Int>::from_data(TensorData::new(ids, shape), &plain)
        };
        let ratings = TensorData::new(ratings.to_vec(), [ratings.len(), 1]);
        let ratings = Tensor::<2>::from_inner(Tensor::from_data(ratings, &plain));
        let (scores, penalty) = model.forward(ids(users), ids(items), self.case.l2);
        let mut loss = (scores - ratings).powi_scalar(2).mean();
        if let Some(penalty) = penalty {
            loss = loss + penalty;
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(
            self.optimizer
                .step(self.case.learning_rate, model, gradients),
        );
    }
}
