//! A table of learnt rows.

use crate::columns::{Ids, integers};
use crate::initialize::Draw;
use crate::inputs::Bag;
use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, IndexingUpdateOp, Tensor, TensorData};
use recburn_graph::{Pool, TableOptions};

/// One learnt row per id.
///
/// Unlike Burn's own embedding, whose backward pass creates a gradient the size of the table, this one never puts the
/// table on the autodiff device: a forward pass in training differentiates only the distinct rows of its batch.
#[derive(Module, Debug)]
pub struct Embedding {
    /// The table, `[rows, width]`, off the autodiff device.
    pub weight: Param<Tensor<2>>,
    /// Initial values, penalty and constraint.
    #[module(skip)]
    pub options: TableOptions,
}

impl Embedding {
    /// A table of `rows` rows. `name` selects the stream of random numbers for the initial values.
    pub fn new(
        name: &str,
        rows: usize,
        width: usize,
        options: TableOptions,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let numbers = draw.numbers(name, options.initializer, rows, width);
        let data = TensorData::new(numbers, [rows, width]);
        Self {
            weight: Param::initialized(
                ParamId::new(),
                Tensor::from_data(data, &device.clone().inner()),
            ),
            options,
        }
    }

    /// Rows and width.
    pub fn shape(&self) -> [usize; 2] {
        self.weight.lazy_shape().dims()
    }

    /// The whole table, without autodiff: `[rows, width]`. During training this copy is out of date.
    pub fn weights(&self) -> Tensor<2> {
        self.weight.val().without_autodiff()
    }

    /// Panics if an id is outside the table.
    pub(crate) fn check(&self, ids: Ids<'_>) {
        ids.view.check(self.shape()[0]);
    }

    /// Looks each id up.
    ///
    /// # Shapes
    /// - ids: `[entries]`, each below the number of rows
    /// - output: `[entries, width]`
    ///
    /// # Panics
    /// If an id is outside the table: on every backend, before anything is read. Training checks its data before its first step.
    pub fn forward(&self, ids: Ids<'_>) -> Tensor<2> {
        self.check(ids);
        ids.pass().examples(&[(self, ids)])
    }

    /// Pools the rows of each bag into one, once per distinct user or item, and then expands them to one row per entry
    /// of the inputs.
    ///
    /// # Shapes
    /// - output: `[entries, width]`
    ///
    /// # Panics
    /// If an id is outside the table.
    pub fn pool(&self, bag: Bag<'_>, how: Pool) -> Tensor<2> {
        self.check(bag.ids);
        let pass = bag.ids.pass();
        if let Some(pooled) = pass.pool(self, bag, how) {
            return bag.spread(pooled);
        }
        let rows = pass.rows(self, bag.ids);
        let device = rows.device();
        let (owners, scales) = shares(bag.ends, bag.weights, how);
        let scales = {
            let shape = [scales.len(), 1];
            Tensor::<2>::from_data(TensorData::new(scales, shape), &device)
        };
        let entries = bag.ids.spread(rows) * scales;
        let zeros = Tensor::zeros([bag.ends.len(), self.shape()[1]], &device);
        let owners = integers(owners.into_iter(), &device);
        let pooled = zeros.select_assign(0, owners, entries, IndexingUpdateOp::Add);
        bag.spread(pooled)
    }
}

/// The bag of each entry, and the factor of its row.
fn shares(ends: &[u32], weights: &[f32], how: Pool) -> (Vec<u32>, Vec<f32>) {
    let entries = ends.last().map_or(0, |&end| end as usize);
    let (mut owners, mut scales) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
    let mut begin = 0;
    for (bag, &end) in (0..).zip(ends) {
        let scale = pool_scale((end - begin) as usize, how);
        for entry in begin..end {
            owners.push(bag);
            scales.push(scale * weights.get(entry as usize).copied().unwrap_or(1.0));
        }
        begin = end;
    }
    (owners, scales)
}

/// The factor of the sum of a bag with this many entries.
pub fn pool_scale(entries: usize, how: Pool) -> f32 {
    let entries = entries.max(1) as f32;
    match how {
        Pool::Sum => 1.0,
        Pool::Mean => 1.0 / entries,
        Pool::RootMean => 1.0 / entries.sqrt(),
    }
}

/// Looks ids up in several tables and concatenates the rows.
///
/// # Shapes
/// - ids: `[entries]` each
/// - output: `[entries, sum of widths]`
pub(crate) fn side_by_side(reads: &[(&Embedding, Ids<'_>)]) -> Option<Tensor<2>> {
    reads.iter().for_each(|(table, ids)| table.check(*ids));
    let (_, ids) = reads.first()?;
    Some(ids.pass().examples(reads))
}
