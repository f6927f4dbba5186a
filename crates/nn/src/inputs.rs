//! The inputs of a model in one pass.

use crate::columns::{Axis, ColumnId, Columns, Ids, Key, integers};
use crate::pass::Pass;
use crate::steps::last_steps;
use burn::tensor::{Device, Tensor, TensorData};
use recburn_schema::{Batch, Candidates, Side, Values};

/// The inputs of one pass: users, items, and the other inputs that the model lists in
/// [`Model::inputs`](crate::Model::inputs).
///
/// Everything has one entry per pair, `queries * candidates` in total, query by query, unless [`Inputs::by_row`]
/// selects the values of one side, once per distinct user or item.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    columns: &'a Columns<'a>,
    pass: &'a Pass,
    axis: Axis,
}

impl<'a> Inputs<'a> {
    /// The inputs of a batch.
    pub fn new(columns: &'a Columns<'a>, pass: &'a Pass) -> Self {
        Self {
            columns,
            pass,
            axis: Axis::Pairs,
        }
    }

    /// The number of queries: rows of scores.
    pub fn queries(self) -> usize {
        self.batch().queries
    }

    /// The number of scores per query.
    pub fn candidates(self) -> usize {
        self.batch().candidates.per_query()
    }

    /// Whether all queries have the same candidates.
    pub fn shares_candidates(self) -> bool {
        matches!(self.batch().candidates, Candidates::Shared(_))
    }

    /// The batch.
    pub fn batch(self) -> &'a Batch {
        self.columns.batch()
    }

    /// The device that tensors of it are made on.
    pub fn device(self) -> Device {
        self.columns.device().clone()
    }

    /// The pass, which dropout layers need.
    pub fn pass(self) -> &'a Pass {
        self.pass
    }

    /// The axis of the entries.
    pub fn axis(self) -> Axis {
        self.axis
    }

    /// The users.
    ///
    /// # Panics
    /// If these are inputs by the rows of another side.
    pub fn users(self) -> Ids<'a> {
        self.own(Side::User);
        self.ids(ColumnId::USERS)
    }

    /// The items.
    ///
    /// # Panics
    /// If these are inputs by the rows of another side.
    pub fn items(self) -> Ids<'a> {
        self.own(Side::Item);
        self.ids(ColumnId::ITEMS)
    }

    /// The input of ids with this name.
    ///
    /// # Panics
    /// If the model does not list it, it is not an input of ids, or these are inputs by the rows of another side.
    pub fn column(self, name: &str) -> Ids<'a> {
        let place = self.columns.place(name);
        self.own(self.columns.side(place));
        match self.columns.values(place) {
            Values::Ids(_) => self.ids(ColumnId::other(place)),
            Values::Bags(_) | Values::Numbers(_) => {
                panic!("`{name}` is not a column of single ids")
            }
        }
    }

    /// The bags or sequences of this name. [`Embedding::pool`](crate::Embedding::pool) makes a row of each, once for each
    /// distinct user or item; of a sequence the [`ids`](Bag::ids) may also be looked up one by one.
    ///
    /// # Panics
    /// If the model does not list it, it has no bags, or these are inputs by the rows of another side.
    pub fn bag(self, name: &str) -> Bag<'a> {
        let place = self.columns.place(name);
        let side = self.columns.side(place);
        self.own(side);
        let Values::Bags(bags) = self.columns.values(place) else {
            panic!("`{name}` has no bags");
        };
        let axis = Axis::of_side(side);
        let view = self.columns.view(Key {
            column: ColumnId::other(place),
            axis,
        });
        Bag {
            ids: Ids {
                view,
                pass: self.pass,
            },
            ends: &bags.ends,
            weights: &bags.weights,
            to: self,
            side,
        }
    }

    /// The numbers with this name: `[entries, width]`.
    ///
    /// # Panics
    /// If the model does not list it, it has no numbers, or these are inputs by the rows of another side.
    pub fn numbers(self, name: &str) -> Tensor<2> {
        let place = self.columns.place(name);
        let side = self.columns.side(place);
        self.own(side);
        let Values::Numbers(numbers) = self.columns.values(place) else {
            panic!("`{name}` has no numbers");
        };
        let rows = self.entries(side);
        let shape = [rows, numbers.len() / rows.max(1)];
        let data = TensorData::new(numbers.clone(), shape);
        self.spread(side, Tensor::from_data(data, self.columns.device()))
    }

    /// The same pass with one entry per distinct user or item.
    pub fn by_row(self, side: Side) -> Self {
        Self {
            axis: Axis::of_side(side),
            ..self
        }
    }

    /// Expands one value per distinct row of a side to one value per entry of these inputs.
    ///
    /// # Shapes
    /// - by_row: `[rows of the side, width]`
    /// - output: `[entries, width]`
    pub fn spread(self, side: Side, by_row: Tensor<2>) -> Tensor<2> {
        if self.axis != Axis::Pairs {
            return by_row;
        }
        match ColumnId::of_side(side) {
            Some(column) => self.ids(column).spread(by_row),
            None if self.candidates() == 1 => by_row,
            None => {
                let owners = self.columns.owners(side);
                by_row.select(0, integers(owners.iter().copied(), self.columns.device()))
            }
        }
    }

    /// How many values an input of a side has.
    fn entries(self, side: Side) -> usize {
        let batch = self.batch();
        match side {
            Side::User => batch.users.rows.len(),
            Side::Item => batch.items.rows.len(),
            Side::Event => batch.queries,
        }
    }

    fn ids(self, column: ColumnId) -> Ids<'a> {
        let axis = self.axis;
        Ids {
            view: self.columns.view(Key { column, axis }),
            pass: self.pass,
        }
    }

    /// Panics if the values of one side are requested by the rows of another.
    fn own(self, side: Side) {
        let fits = self.axis == Axis::Pairs || self.axis == Axis::of_side(side);
        assert!(
            fits,
            "a value of the {side} has no entry per {:?}",
            self.axis
        );
    }
}

/// Bags of ids in one pass, one per distinct row of their side.
#[derive(Clone, Copy)]
pub struct Bag<'a> {
    pub(crate) ids: Ids<'a>,
    pub(crate) ends: &'a [u32],
    pub(crate) weights: &'a [f32],
    /// The inputs that the pooled rows are expanded to.
    to: Inputs<'a>,
    side: Side,
}

impl<'a> Bag<'a> {
    /// All entries, bag after bag.
    pub fn ids(self) -> Ids<'a> {
        self.ids
    }

    /// The end of each bag among the entries.
    pub fn ends(self) -> &'a [u32] {
        self.ends
    }

    /// The weight of each entry; empty if all are 1.
    pub fn weights(self) -> &'a [f32] {
        self.weights
    }

    /// The step that each query comes after, one row per entry of the inputs that this came from: each step where the batch
    /// has a query for every position, otherwise the last one of each sequence, and zeros where there is none.
    ///
    /// # Shapes
    /// - steps: `[entries of the sequences, width]`
    /// - output: `[entries, width]`
    ///
    /// # Panics
    /// If the batch has a query for every position of other sequences than these.
    pub fn at_query(self, steps: Tensor<2>) -> Tensor<2> {
        let side = match self.axis_of_queries() {
            Axis::Queries => Side::Event,
            Axis::Users | Axis::Items | Axis::Entries | Axis::Pairs => self.side,
        };
        self.to.spread(side, self.step_of_each_query(steps))
    }

    /// What there is one step for that a query comes after.
    pub(crate) fn axis_of_queries(self) -> Axis {
        match self.side {
            Side::User if self.to.batch().every_position => Axis::Queries,
            side => Axis::of_side(side),
        }
    }

    /// As [`Bag::at_query`], once for each query or for each row of the sequences' side.
    pub(crate) fn step_of_each_query(self, steps: Tensor<2>) -> Tensor<2> {
        let queries = self.to.batch().queries;
        let each = self.side == Side::User && self.to.batch().every_position;
        assert!(
            !each || self.ids.len() == queries,
            "a batch with a query for every position has {queries} queries for {} positions of the sequence",
            self.ids.len()
        );
        match each {
            true => steps,
            false => last_steps(steps, self.ends),
        }
    }

    /// Expands pooled rows to one per entry of the inputs that the bag came from.
    pub(crate) fn spread(self, by_row: Tensor<2>) -> Tensor<2> {
        self.to.spread(self.side, by_row)
    }
}
