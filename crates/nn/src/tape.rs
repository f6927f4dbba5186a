//! What a training step notes of the tables that it reads.

use crate::embedding::Embedding;
use crate::factors::Factors;
use crate::ids::Ids;
use burn::module::ParamId;
use burn::tensor::Tensor;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::cell::RefCell;
use std::rc::Rc;

/// Where the rows of tables are while they train. An optimizer keeps weights beside their state, and brings a row up to
/// date before it is read; the module's own copy is behind until training hands the weights back.
///
/// A source whose rows lie in host memory may answer [`RowSource::examples`] and [`RowSource::factor_score`] too: what
/// it returns is the leaf from which autodiff starts, and the way from there back to the rows is its own, without a
/// tensor operation. Where it does not, the same values are made of [`RowSource::gather`] and tensor operations.
pub trait RowSource {
    /// The rows of `ids` in `table`, without autodiff: `[rows, width]`.
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2>;

    /// One row an example, the tables side by side, without autodiff: `[batch, sum of widths]`.
    fn examples(&mut self, _reads: &[(&Embedding, &Ids)]) -> Option<Tensor<2>> {
        None
    }

    /// The factor score of each example, without autodiff: `[batch, 1]`.
    fn factor_score(
        &mut self,
        _factors: &Factors<'_>,
        _users: &Ids,
        _items: &Ids,
    ) -> Option<Tensor<2>> {
        None
    }
}

/// What a step read of its tables.
pub enum Read {
    /// These rows of a table, each once: `[rows, width]`.
    Rows(ParamId, Ids),
    /// One row an example of each of these tables, side by side: `[batch, sum of widths]`.
    Examples(Vec<(ParamId, Ids)>),
    /// Factor scores: `[batch, 1]`.
    FactorScore {
        /// The tables of the users' and the items' factors.
        factors: [ParamId; 2],
        /// The tables of the biases.
        biases: [Option<ParamId>; 2],
        /// The users.
        users: Ids,
        /// The items.
        items: Ids,
    },
}

/// Values that a step read, and the leaf that collects their gradient.
pub struct Touched {
    /// What was read.
    pub read: Read,
    /// The values, requiring a gradient.
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

    /// One row an example, the tables side by side: `[batch, sum of widths]`.
    pub fn examples(&self, reads: &[(&Embedding, &Ids)]) -> Tensor<2> {
        let mut record = self.0.borrow_mut();
        let values = record.source.borrow_mut().examples(reads);
        if let Some(values) = values {
            let noted = reads
                .iter()
                .map(|(table, ids)| (table.weight.id, ids.off_tape()))
                .collect();
            return record.leaf(Read::Examples(noted), values);
        }
        let mut values: Vec<Tensor<2>> = reads
            .iter()
            .map(|(table, ids)| ids.spread(record.rows(table, ids)))
            .collect();
        match values.len() {
            1 => values.swap_remove(0),
            _ => Tensor::cat(values, 1),
        }
    }

    /// The factor score of each example, `[batch, 1]`, where the source has it in one piece.
    pub(crate) fn factor_score(
        &self,
        factors: &Factors<'_>,
        users: &Ids,
        items: &Ids,
    ) -> Option<Tensor<2>> {
        let mut record = self.0.borrow_mut();
        let scores = record
            .source
            .borrow_mut()
            .factor_score(factors, users, items)?;
        let id = |table: &Embedding| table.weight.id;
        let read = Read::FactorScore {
            factors: [id(factors.user_factors), id(factors.item_factors)],
            biases: [factors.user_bias.map(id), factors.item_bias.map(id)],
            users: users.off_tape(),
            items: items.off_tape(),
        };
        Some(record.leaf(read, scores))
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

impl Record {
    /// The rows of `ids` in `table`: one leaf, however often they are read.
    fn rows(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let read = |touched: &&Touched| match &touched.read {
            Read::Rows(id, own) => *id == table.weight.id && own.same(ids),
            _ => false,
        };
        if let Some(touched) = self.touched.iter().find(read) {
            return touched.leaf.clone();
        }
        let rows = self.source.borrow_mut().gather(table, ids);
        self.leaf(Read::Rows(table.weight.id, ids.off_tape()), rows)
    }

    fn leaf(&mut self, read: Read, values: Tensor<2>) -> Tensor<2> {
        let leaf = values.autodiff().require_grad();
        self.touched.push(Touched {
            read,
            leaf: leaf.clone(),
        });
        leaf
    }
}
