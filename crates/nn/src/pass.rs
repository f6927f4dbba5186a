//! One pass through a model.

use crate::columns::{ColumnId, Ids, Key};
use crate::embedding::Embedding;
use crate::factors::Factors;
use crate::inputs::Bag;
use burn::module::ParamId;
use burn::tensor::Tensor;
use rand_core::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use recburn_graph::Pool;
use std::cell::RefCell;
use std::rc::Rc;

/// The source of table rows during training. An optimizer keeps weights next to their state and brings a row up to date
/// before it is read; the module's own copy is out of date until training returns the weights.
///
/// A source whose rows are in host memory may also implement the other three methods: the result is the leaf from which
/// autodiff starts, and the source computes the gradients of the rows from that leaf itself, without tensor operations.
/// Otherwise the same values are computed from [`RowSource::gather`] by tensor operations.
pub trait RowSource {
    /// The distinct rows of `ids` in `table`, without autodiff: `[rows, width]`.
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2>;

    /// One row per entry, with the tables concatenated, without autodiff: `[entries, sum of widths]`.
    fn examples(&mut self, _reads: &[(&Embedding, Ids<'_>)]) -> Option<Tensor<2>> {
        None
    }

    /// The factor score of each pair, without autodiff: `[pairs, 1]`.
    fn factor_score(
        &mut self,
        _factors: &Factors<'_>,
        _users: Ids<'_>,
        _items: Ids<'_>,
    ) -> Option<Tensor<2>> {
        None
    }

    /// The pooled rows of each bag, without autodiff: `[bags, width]`.
    fn pool(&mut self, _table: &Embedding, _bag: Bag<'_>, _how: Pool) -> Option<Tensor<2>> {
        None
    }
}

/// A read of tables in a pass.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// The distinct rows of a column in a table: `[rows, width]`.
    Rows(ParamId, Key),
    /// One row per entry of each of these tables, concatenated: `[entries, sum of widths]`.
    Examples(Vec<(ParamId, Key)>),
    /// Factor scores: `[pairs, 1]`.
    FactorScore {
        /// The tables of the users' and the items' factors.
        factors: [ParamId; 2],
        /// The tables of the biases.
        biases: [Option<ParamId>; 2],
        /// The users.
        users: Key,
        /// The items.
        items: Key,
    },
    /// Pooled bags: `[bags, width]`.
    Pooled {
        /// The table.
        table: ParamId,
        /// The bags.
        bags: ColumnId,
        /// The kind of pooling.
        how: Pool,
    },
}

/// Values that a pass read, and the leaf that collects their gradient.
pub struct Touched {
    /// The read.
    pub read: Read,
    /// The values, requiring a gradient.
    pub leaf: Tensor<2>,
}

/// One pass through a model, with three independent settings: the source of rows, whether reads are recorded for
/// gradients, and whether dropout is active. Inference uses none of them, a training step all three, fold-in the first
/// two.
pub struct Pass {
    source: Option<Rc<RefCell<dyn RowSource>>>,
    notes: Option<RefCell<Vec<Touched>>>,
    random: Option<RefCell<Xoshiro256PlusPlus>>,
    /// The number of the step, counted from 1.
    step: u64,
    /// What layers add to the loss of the step: `[1]` each.
    penalties: RefCell<Vec<Tensor<1>>>,
}

impl Pass {
    /// Reads the model's own tables, without recording or dropout.
    pub fn inference() -> Self {
        Self {
            source: None,
            notes: None,
            random: None,
            step: 1,
            penalties: RefCell::default(),
        }
    }

    /// A training step: rows come from `source`, reads are recorded, and `seed` determines random numbers such as
    /// dropout masks.
    pub fn training(source: Rc<RefCell<dyn RowSource>>, seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self {
            random: Some(RefCell::new(random)),
            ..Self::fitting(source)
        }
    }

    /// Rows come from `source` and reads are recorded, but without dropout: for fitting single rows of an otherwise
    /// fixed model.
    pub fn fitting(source: Rc<RefCell<dyn RowSource>>) -> Self {
        Self {
            notes: Some(RefCell::default()),
            ..Self::reading(source)
        }
    }

    /// Inference with rows from `source`.
    pub fn reading(source: Rc<RefCell<dyn RowSource>>) -> Self {
        Self {
            source: Some(source),
            ..Self::inference()
        }
    }

    /// The same as the step with this number, counted from 1.
    pub fn at_step(self, step: u64) -> Self {
        Self { step, ..self }
    }

    /// The number of the step.
    pub(crate) fn step(&self) -> u64 {
        self.step
    }

    /// Adds to the loss of the step.
    pub(crate) fn penalise(&self, penalty: Tensor<1>) {
        self.penalties.borrow_mut().push(penalty);
    }

    /// Takes what layers add to the loss: the sum, `[1]`; `None` for nothing.
    pub fn take_penalty(&self) -> Option<Tensor<1>> {
        let penalties = self.penalties.take().into_iter();
        penalties.reduce(|sum, penalty| sum + penalty)
    }

    /// Takes the reads recorded so far.
    pub fn take(&self) -> Vec<Touched> {
        self.notes.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Draws from the step's generator; `None` without one.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Xoshiro256PlusPlus) -> T) -> Option<T> {
        Some(draw(&mut self.random.as_ref()?.borrow_mut()))
    }

    /// One row per entry of each table, concatenated: `[entries, sum of widths]`.
    pub(crate) fn examples(&self, reads: &[(&Embedding, Ids<'_>)]) -> Tensor<2> {
        if let Some(source) = &self.source {
            let values = source.borrow_mut().examples(reads);
            if let Some(values) = values {
                let noted = |(table, ids): &(&Embedding, Ids<'_>)| (table.weight.id, ids.key());
                return self.leaf(Read::Examples(reads.iter().map(noted).collect()), values);
            }
        }
        let mut values: Vec<Tensor<2>> = reads
            .iter()
            .map(|(table, ids)| match &self.source {
                None => table.weights().select(0, ids.view.ids_on_device()),
                Some(_) => ids.spread(self.rows(table, *ids)),
            })
            .collect();
        match values.len() {
            1 => values.swap_remove(0),
            _ => Tensor::cat(values, 1),
        }
    }

    /// The factor score of each pair, `[pairs, 1]`, if the source supports it as one operation.
    pub(crate) fn factor_score(
        &self,
        factors: &Factors<'_>,
        users: Ids<'_>,
        items: Ids<'_>,
    ) -> Option<Tensor<2>> {
        let source = self.source.as_ref()?;
        let scores = source.borrow_mut().factor_score(factors, users, items)?;
        let id = |table: &Embedding| table.weight.id;
        let read = Read::FactorScore {
            factors: [id(factors.user_factors), id(factors.item_factors)],
            biases: [factors.user_bias.map(id), factors.item_bias.map(id)],
            users: users.key(),
            items: items.key(),
        };
        Some(self.leaf(read, scores))
    }

    /// The pooled rows of each bag, `[bags, width]`, if the source supports it as one operation.
    pub(crate) fn pool(&self, table: &Embedding, bag: Bag<'_>, how: Pool) -> Option<Tensor<2>> {
        let source = self.source.as_ref()?;
        let values = source.borrow_mut().pool(table, bag, how)?;
        let read = Read::Pooled {
            table: table.weight.id,
            bags: bag.ids.key().column,
            how,
        };
        Some(self.leaf(read, values))
    }

    /// The distinct rows of `ids` in `table`: one leaf, however often they are read.
    pub(crate) fn rows(&self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let Some(source) = &self.source else {
            return table.weights().select(0, ids.rows_on_device());
        };
        let read = Read::Rows(table.weight.id, ids.key());
        if let Some(notes) = &self.notes {
            let notes = notes.borrow();
            if let Some(touched) = notes.iter().find(|touched| touched.read == read) {
                return touched.leaf.clone();
            }
        }
        let rows = source.borrow_mut().gather(table, ids);
        self.leaf(read, rows)
    }

    /// Records a read, if the pass records.
    fn leaf(&self, read: Read, values: Tensor<2>) -> Tensor<2> {
        let Some(notes) = &self.notes else {
            return values;
        };
        let leaf = values.autodiff().require_grad();
        let noted = leaf.clone();
        notes.borrow_mut().push(Touched { read, leaf: noted });
        leaf
    }
}
