//! The interface that Burn's `Learner` requires of a model: a training step and a validation step.

use super::figures::Figures;
use burn::module::{Module, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::{Device, ExecutionError, Gradients, IndexingUpdateOp, Tensor, TensorData};
use burn::train::metric::{Adaptor, LossInput};
use burn::train::{InferenceStep, ItemLazy, TrainOutput, TrainStep};
use recburn::data::{Batch, Column};
use recburn::nn::{Columns, Embedding, Ids, Inputs, Model, Network, Pass, Read, RowSource, tables};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One rating, an item of a Burn data set.
#[derive(Clone, Debug)]
pub struct Rated {
    pub user: u32,
    pub item: u32,
    pub rating: f32,
}

/// The ratings of a step.
#[derive(Clone, Debug)]
pub struct RatedBatch {
    users: Vec<u32>,
    items: Vec<u32>,
    /// `[batch, 1]`
    ratings: Tensor<2>,
    /// The seed of the step's dropout masks.
    seed: u64,
}

impl RatedBatch {
    /// The users and items, in the form that models read.
    fn pairs(&self) -> Batch {
        let column = |rows: &Vec<u32>| Column::plain(rows.clone());
        let targets = vec![0.0; self.users.len()]; // Burn compares scores with ratings itself
        Batch::of_ratings(column(&self.users), column(&self.items), targets)
    }
}

/// Builds batches of ratings.
pub struct Batcher {
    seed: u64,
    batches: AtomicU64,
}

impl Batcher {
    pub fn new(seed: u64) -> Self {
        let batches = AtomicU64::new(0);
        Self { seed, batches }
    }
}

impl burn::data::dataloader::batcher::Batcher<Rated, RatedBatch> for Batcher {
    fn batch(&self, items: Vec<Rated>, device: &Device) -> RatedBatch {
        let ratings: Vec<f32> = items.iter().map(|item| item.rating).collect();
        let shape = [items.len(), 1];
        let number = self.batches.fetch_add(1, Ordering::Relaxed);
        RatedBatch {
            users: items.iter().map(|item| item.user).collect(),
            items: items.iter().map(|item| item.item).collect(),
            ratings: Tensor::from_data(TensorData::new(ratings, shape), device),
            seed: (self.seed ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }
}

/// The output of a step for the metrics.
pub struct Scored {
    /// Score minus rating: `[batch]`.
    errors: Tensor<1>,
    /// `l2 * sum(w^2)` over the tables: `[1]`. 0 in training, where the optimizer's weight decay is its gradient.
    penalty: Tensor<1>,
}

impl ItemLazy for Scored {
    fn sync(self) -> Result<Self, ExecutionError> {
        self.errors.device().flush()?;
        Ok(Self {
            errors: self.errors.without_autodiff(),
            penalty: self.penalty.without_autodiff(),
        })
    }
}

impl Adaptor<LossInput> for Scored {
    /// One loss per example, so that a smaller last batch has the right weight.
    fn adapt(&self) -> LossInput {
        LossInput::new(self.errors.clone().square())
    }
}

impl Adaptor<Figures> for Scored {
    fn adapt(&self) -> Figures {
        Figures {
            squares: self.errors.clone().square(),
            sizes: self.errors.clone().abs(),
            penalty: self.penalty.clone(),
        }
    }
}

/// A network of the zoo as Burn's `Learner` trains it.
///
/// recburn's tables are not tracked by autodiff; the pass records the rows that a step reads. Burn's optimizers expect
/// a gradient with the shape of every parameter, so [`TrainStep::step`] sums the gradients of rows in a tensor with the
/// shape of the table.
#[derive(Module, Debug)]
pub struct Learned {
    pub network: Network,
}

/// The shapes of the tables that a step has read.
#[derive(Default)]
struct Shapes(HashMap<ParamId, [usize; 2]>);

impl RowSource for Shapes {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        self.0.insert(table.weight.id, table.shape());
        table.weights().select(0, ids.rows_on_device())
    }
}

impl Learned {
    fn errors(&self, batch: &RatedBatch, inputs: &Inputs<'_>) -> Tensor<1> {
        let scores = self.network.score(inputs);
        (scores - batch.ratings.clone()).squeeze_dim(1)
    }
}

impl TrainStep for Learned {
    type Input = RatedBatch;
    type Output = Scored;

    fn step(&self, batch: RatedBatch) -> TrainOutput<Scored> {
        let shapes = Rc::new(RefCell::new(Shapes::default()));
        let (pairs, inputs) = (batch.pairs(), self.network.inputs());
        let columns = Columns::new(&pairs, &inputs, &batch.ratings.device());
        let pass = Pass::training(shapes.clone(), batch.seed);
        let errors = self.errors(&batch, &Inputs::new(&columns, &pass));
        let mut gradients = errors.clone().square().mean().backward();
        let mut grads = GradientsParams::from_module(&mut gradients, self);
        whole_tables(
            &pass,
            &columns,
            &shapes.borrow(),
            &mut gradients,
            &mut grads,
        );
        let penalty = Tensor::zeros([1], &errors.device().inner());
        TrainOutput {
            grads,
            item: Scored { errors, penalty },
        }
    }
}

/// Sums the gradients of rows in tensors with the shapes of their tables.
fn whole_tables(
    pass: &Pass,
    columns: &Columns<'_>,
    shapes: &Shapes,
    gradients: &mut Gradients,
    grads: &mut GradientsParams,
) {
    for touched in pass.take() {
        let Read::Rows(id, key) = touched.read else {
            unreachable!("this source supports only rows");
        };
        if let Some(rows) = touched.leaf.grad_remove(gradients) {
            let whole = grads
                .remove::<2>(id)
                .unwrap_or_else(|| Tensor::zeros(shapes.0[&id], &rows.device()));
            let add = IndexingUpdateOp::Add;
            let places = columns.ids(key, pass).rows_on_device();
            grads.register(id, whole.select_assign(0, places, rows, add));
        }
    }
}

impl InferenceStep for Learned {
    type Input = RatedBatch;
    type Output = Scored;

    fn step(&self, batch: RatedBatch) -> Scored {
        let (pairs, inputs) = (batch.pairs(), self.network.inputs());
        let columns = Columns::new(&pairs, &inputs, &batch.ratings.device());
        let pass = Pass::inference();
        let errors = self.errors(&batch, &Inputs::new(&columns, &pass));
        let start = Tensor::zeros([1], &errors.device());
        let penalty = tables(&self.network)
            .into_iter()
            .filter(|table| table.options.l2 > 0.0)
            .fold(start, |sum, table| {
                sum + table.weights.square().sum() * table.options.l2
            });
        Scored { errors, penalty }
    }
}
