//! One pass over a batch written out by hand.

use burn::module::ParamId;
use burn::tensor::{Device, Tensor};
use recburn_nn::{Columns, Inputs, Key, Model, Pass, Read, RowSource, Touched};
use recburn_schema::{Batch, Column, ItemIx, UserIx};
use std::cell::RefCell;
use std::rc::Rc;

/// A batch, and the pass that reads it.
pub struct Step {
    pub batch: Batch,
    pub pass: Pass,
}

fn batch(users: Column, items: Column) -> Batch {
    let targets = vec![0.0; users.len()];
    Batch::of_ratings(users, items, targets)
}

/// Distinct rows, and each example's position among them.
pub type Rows<'a> = (&'a [u32], &'a [u32]);

fn column((rows, inverse): Rows<'_>) -> Column {
    Column {
        rows: rows.to_vec(),
        inverse: inverse.to_vec(),
    }
}

impl Step {
    /// An inference over these pairs.
    pub fn inference(users: &[u32], items: &[u32]) -> Self {
        let plain = |rows: &[u32]| Column::plain(rows.to_vec());
        Self {
            batch: batch(plain(users), plain(items)),
            pass: Pass::inference(),
        }
    }

    /// A training step whose rows come from this source.
    pub fn training(source: impl RowSource + 'static, users: Rows<'_>, items: Rows<'_>) -> Self {
        Self::seeded(Rc::new(RefCell::new(source)), 0, users, items)
    }

    pub fn seeded(
        source: Rc<RefCell<dyn RowSource>>,
        seed: u64,
        users: Rows<'_>,
        items: Rows<'_>,
    ) -> Self {
        Self {
            batch: batch(column(users), column(items)),
            pass: Pass::training(source, seed),
        }
    }

    pub fn score(&self, model: &impl Model) -> Tensor<2> {
        let inputs = model.inputs();
        let columns = Columns::new(&self.batch, &inputs, &Device::flex());
        model.score(&Inputs::new(&columns, &self.pass))
    }

    /// What `look` sees of the users and items.
    pub fn look<T>(&self, look: impl FnOnce(Inputs<'_>) -> T) -> T {
        let columns = Columns::new(&self.batch, &[], &Device::flex());
        look(Inputs::new(&columns, &self.pass))
    }

    /// The rows that were read of a column.
    pub fn rows(&self, key: Key) -> Vec<u32> {
        Columns::new(&self.batch, &[], &Device::flex())
            .rows(key.column)
            .to_vec()
    }
}

/// The table and the column of a reading of rows, which is the only kind that a source that gathers alone knows.
pub fn rows_of(touched: &Touched) -> (ParamId, Key) {
    match touched.read {
        Read::Rows(table, key) => (table, key),
        _ => panic!("a source that only gathers notes rows"),
    }
}

/// The scores of pairs, `batch` at a time.
pub fn predict(model: &impl Model, users: &[u32], items: &[u32], batch: usize) -> Vec<f32> {
    let users: Vec<_> = users.iter().copied().map(UserIx).collect();
    let items: Vec<_> = items.iter().copied().map(ItemIx).collect();
    recburn_nn::predict(model, &users, &items, batch)
}
