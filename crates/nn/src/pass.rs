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

/// Where the rows of tables are while they train. An optimizer keeps weights beside their state, and brings a row up to
/// date before it is read; the module's own copy is behind until training hands the weights back.
///
/// A source whose rows are in host memory may answer the other three, too: what it returns is the leaf from which autodiff
/// starts, and the way from there back to the rows is its own, without a tensor operation. Where it does not, the same
/// values are made of [`RowSource::gather`] and tensor operations.
pub trait RowSource {
    /// The rows of `ids` in `table`, each once, without autodiff: `[rows, width]`.
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2>;

    /// One row per entry, the tables side by side, without autodiff: `[entries, sum of widths]`.
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

    /// The rows of each bag as one, without autodiff: `[bags, width]`.
    fn pool(&mut self, _table: &Embedding, _bag: Bag<'_>, _how: Pool) -> Option<Tensor<2>> {
        None
    }
}

/// What a pass read of tables.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// The rows of a column in a table, each once: `[rows, width]`.
    Rows(ParamId, Key),
    /// One row per entry of each of these tables, side by side: `[entries, sum of widths]`.
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
    /// Bags as one row each: `[bags, width]`.
    Pooled {
        /// The table.
        table: ParamId,
        /// The bags.
        bags: ColumnId,
        /// How.
        how: Pool,
    },
}

/// Values that a pass read, and the leaf that collects their gradient.
pub struct Touched {
    /// What was read.
    pub read: Read,
    /// The values, requiring a gradient.
    pub leaf: Tensor<2>,
}

/// One pass through a model, as three facts that are independent of each other: where rows come from, whether gradients
/// are noted, and whether dropout draws. An inference has none of them, a training step all three, a fold-in the first two.
pub struct Pass {
    source: Option<Rc<RefCell<dyn RowSource>>>,
    notes: Option<RefCell<Vec<Touched>>>,
    random: Option<RefCell<Xoshiro256PlusPlus>>,
}

impl Pass {
    /// Reads the model's own tables, notes nothing, drops nothing.
    pub fn inference() -> Self {
        Self {
            source: None,
            notes: None,
            random: None,
        }
    }

    /// A training step: rows come from `source`, what is read is noted, and `seed` fixes what is drawn, such as the masks of
    /// dropout layers.
    pub fn training(source: Rc<RefCell<dyn RowSource>>, seed: u64) -> Self {
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        Self {
            random: Some(RefCell::new(random)),
            ..Self::fitting(source)
        }
    }

    /// Rows come from `source` and what is read is noted, but nothing is dropped: for fitting single rows of a model that
    /// stays as it is.
    pub fn fitting(source: Rc<RefCell<dyn RowSource>>) -> Self {
        Self {
            notes: Some(RefCell::default()),
            ..Self::reading(source)
        }
    }

    /// Rows come from `source`, and nothing else is different from an inference.
    pub fn reading(source: Rc<RefCell<dyn RowSource>>) -> Self {
        Self {
            source: Some(source),
            ..Self::inference()
        }
    }

    /// What has been read so far; the notes are empty after.
    pub fn take(&self) -> Vec<Touched> {
        self.notes.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Draws from the step's generator; `None` where nothing is drawn.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Xoshiro256PlusPlus) -> T) -> Option<T> {
        Some(draw(&mut self.random.as_ref()?.borrow_mut()))
    }

    /// One row per entry of each table, side by side: `[entries, sum of widths]`.
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

    /// The factor score of each pair, `[pairs, 1]`, where the source has it in one piece.
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

    /// The rows of each bag as one, `[bags, width]`, where the source has it in one piece.
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

    /// The rows of `ids` in `table`, each once: one leaf, however often they are read.
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

    /// Notes what was read, where that is wanted.
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
