//! What a training step notes of the tables that it reads.

use crate::embedding::Embedding;
use crate::ids::Ids;
use burn::module::ParamId;
use burn::tensor::Tensor;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::cell::RefCell;
use std::rc::Rc;

/// Where the rows of tables are while they train. An optimizer keeps weights beside their state, and brings a row up to
/// date before it is read; the module's own copy is behind until training hands the weights back.
pub trait RowSource {
    /// The rows of `ids` in `table`, without autodiff: `[rows, width]`.
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2>;
}

/// Rows that a step read, and the leaf that collects their gradient.
pub struct Touched {
    /// The table's weight.
    pub table: ParamId,
    /// Which rows, on the host and on the device.
    pub ids: Ids,
    /// Their values: `[rows, width]`, requiring a gradient.
    pub leaf: Tensor<2>,
}

/// The record of one training step, shared by the columns of its batch.
#[derive(Clone)]
pub struct Tape(Rc<RefCell<Record>>);

struct Record {
    source: Rc<RefCell<dyn RowSource>>,
    touched: Vec<Touched>,
    random: Xoshiro256PlusPlus,
}

impl Tape {
    /// An empty record. `seed` fixes what the step draws, such as the masks of its dropout layers.
    pub fn new(source: Rc<RefCell<dyn RowSource>>, seed: u64) -> Self {
        Self(Rc::new(RefCell::new(Record {
            source,
            touched: Vec::new(),
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
        })))
    }

    /// The rows of `ids` in `table`, as a leaf that collects their gradient: `[rows, width]`.
    pub fn rows(&self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let mut record = self.0.borrow_mut();
        let rows = record.source.borrow_mut().gather(table, ids);
        let leaf = rows.autodiff().require_grad();
        record.touched.push(Touched {
            table: table.weight.id,
            ids: ids.off_tape(),
            leaf: leaf.clone(),
        });
        leaf
    }

    /// What has been read so far; the record is empty after.
    pub fn take(&self) -> Vec<Touched> {
        std::mem::take(&mut self.0.borrow_mut().touched)
    }

    /// Draws from the step's generator.
    pub(crate) fn with_random<T>(&self, draw: impl FnOnce(&mut Xoshiro256PlusPlus) -> T) -> T {
        draw(&mut self.0.borrow_mut().random)
    }
}
