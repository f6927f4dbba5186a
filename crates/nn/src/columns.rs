//! The columns of a batch as they index tables.

use crate::pass::Pass;
use burn::tensor::{Device, Int, Tensor, TensorData};
use recburn_schema::{Bags, Batch, Candidates, Column, Input, Side, Values};
use std::borrow::Cow;
use std::cell::OnceCell;

/// One of a batch's columns, by number. A pass records this number instead of copying parts of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(u16);

impl ColumnId {
    /// The users.
    pub const USERS: Self = Self(0);
    /// The items.
    pub const ITEMS: Self = Self(1);

    /// The input at this position of [`Batch::others`].
    pub fn other(at: usize) -> Self {
        Self(u16::try_from(at + 2).expect("a model reads fewer than 65,534 inputs"))
    }

    /// Its number: users are 0, items 1, and the others follow.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The position in [`Batch::others`]; `None` for users and items.
    pub fn at(self) -> Option<usize> {
        usize::from(self.0).checked_sub(2)
    }

    /// The column of users or items.
    pub fn of_side(side: Side) -> Option<Self> {
        match side {
            Side::User => Some(Self::USERS),
            Side::Item => Some(Self::ITEMS),
            Side::Event => None,
        }
    }
}

/// The axis along which there is one entry each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Each distinct user of the batch.
    Users,
    /// Each distinct item of the batch.
    Items,
    /// Each entry of the sequences that are looked up step by step, sequence after sequence.
    Entries,
    /// Each query.
    Queries,
    /// Each query and candidate: `queries * candidates`, query by query.
    Pairs,
}

impl Axis {
    /// The axis of the values of an input of this side.
    pub fn of_side(side: Side) -> Self {
        match side {
            Side::User => Self::Users,
            Side::Item => Self::Items,
            Side::Event => Self::Queries,
        }
    }
}

/// A column, and the axis of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The column.
    pub column: ColumnId,
    /// The axis of its entries.
    pub axis: Axis,
}

/// The columns of a batch in all forms in which they are read, each computed on first use.
pub struct Columns<'a> {
    batch: &'a Batch,
    inputs: Vec<&'a Input>,
    device: Device,
    views: Vec<Views<'a>>,
}

/// One column by its own rows and by pairs.
#[derive(Default)]
struct Views<'a> {
    by_row: OnceCell<View<'a>>,
    by_pair: OnceCell<View<'a>>,
}

pub(crate) struct View<'a> {
    pub key: Key,
    name: &'a str,
    /// The rows of tables, each once in training.
    pub rows: &'a [u32],
    /// Each entry's position among them.
    pub inverse: Cow<'a, [u32]>,
    device: Device,
    largest: OnceCell<Option<u32>>,
    rows_on_device: OnceCell<Tensor<1, Int>>,
    inverse_on_device: OnceCell<Tensor<1, Int>>,
    ids_on_device: OnceCell<Tensor<1, Int>>,
}

pub(crate) fn integers(
    values: impl ExactSizeIterator<Item = u32>,
    device: &Device,
) -> Tensor<1, Int> {
    let count = values.len();
    let values: Vec<i32> = values.map(|value| value as i32).collect();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

impl<'a> Columns<'a> {
    /// The columns of a batch for a model that reads `inputs`, on this device.
    pub fn new(batch: &'a Batch, inputs: &'a [Input], device: &Device) -> Self {
        let others: Vec<&Input> = others(inputs).collect();
        let views = (0..others.len() + 2).map(|_| Views::default()).collect();
        Self {
            batch,
            inputs: others,
            device: device.clone().inner(),
            views,
        }
    }

    /// The batch.
    pub fn batch(&self) -> &'a Batch {
        self.batch
    }

    /// A column in one pass.
    pub fn ids<'s>(&'s self, key: Key, pass: &'s Pass) -> Ids<'s> {
        let view = self.view(key);
        Ids { view, pass }
    }

    /// The distinct rows of a column.
    ///
    /// # Panics
    /// If it is a column of numbers.
    pub fn rows(&self, column: ColumnId) -> &'a [u32] {
        &self.column(column).rows
    }

    /// Each entry's position among the rows of a column.
    pub fn inverse(&self, key: Key) -> &[u32] {
        &self.view(key).inverse
    }

    /// The bags of a column; `None` for other columns.
    pub fn bags(&self, column: ColumnId) -> Option<&'a Bags> {
        match self.values(column.at()?) {
            Values::Bags(bags) => Some(bags),
            Values::Ids(_) | Values::Numbers(_) => None,
        }
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// The position of the input with this name among the other inputs.
    ///
    /// # Panics
    /// If the model does not list it among its inputs.
    pub(crate) fn place(&self, name: &str) -> usize {
        let place = self.inputs.iter().position(|input| input.name == name);
        place.unwrap_or_else(|| panic!("the model does not list `{name}` among its inputs"))
    }

    pub(crate) fn side(&self, place: usize) -> Side {
        self.inputs[place].side
    }

    /// The values of an input.
    ///
    /// # Panics
    /// If the batch has none, because its feed was not made for this model.
    pub(crate) fn values(&self, place: usize) -> &'a Values {
        let name = &self.inputs[place].name;
        let values = self.batch.others.get(place);
        values.unwrap_or_else(|| panic!("the batch has no `{name}`"))
    }

    fn column(&self, id: ColumnId) -> &'a Column {
        match id.at() {
            None if id == ColumnId::USERS => &self.batch.users,
            None => &self.batch.items,
            Some(place) => match self.values(place) {
                Values::Ids(column) => column,
                Values::Bags(bags) => &bags.column,
                Values::Numbers(_) => {
                    panic!("`{}` holds numbers, not ids", self.inputs[place].name)
                }
            },
        }
    }

    fn name(&self, id: ColumnId) -> &'a str {
        match id.at() {
            None if id == ColumnId::USERS => Input::USERS,
            None => Input::ITEMS,
            Some(place) => &self.inputs[place].name,
        }
    }

    /// A column with one entry per row of its own side, per entry of its bags, or per pair.
    pub(crate) fn view(&self, key: Key) -> &View<'a> {
        let views = &self.views[usize::from(key.column.0)];
        let (cell, pairs) = match key.axis {
            Axis::Pairs => (&views.by_pair, true),
            Axis::Users | Axis::Items | Axis::Entries | Axis::Queries => (&views.by_row, false),
        };
        cell.get_or_init(|| {
            let column = self.column(key.column);
            let inverse = match (pairs, key.column.at()) {
                (true, _) => self.by_pair(key.column),
                // The distinct users and items themselves.
                (false, None) => Cow::Owned((0..column.rows.len() as u32).collect()),
                (false, Some(_)) => Cow::Borrowed(column.inverse.as_slice()),
            };
            View {
                key,
                name: self.name(key.column),
                rows: &column.rows,
                inverse,
                device: self.device.clone(),
                largest: OnceCell::new(),
                rows_on_device: OnceCell::new(),
                inverse_on_device: OnceCell::new(),
                ids_on_device: OnceCell::new(),
            }
        })
    }

    /// Each pair's position among the distinct rows of a column.
    fn by_pair(&self, id: ColumnId) -> Cow<'a, [u32]> {
        let column = self.column(id);
        match id.at() {
            None if id == ColumnId::USERS => self.of_queries(&column.inverse),
            None => match self.batch.candidates {
                Candidates::Each(_) => Cow::Borrowed(&column.inverse),
                Candidates::Shared(_) => Cow::Owned(column.inverse.repeat(self.batch.queries)),
            },
            Some(place) => match ColumnId::of_side(self.inputs[place].side) {
                Some(side) => {
                    let owners = self.by_pair(side);
                    let row = |&owner: &u32| column.inverse[owner as usize];
                    Cow::Owned(owners.iter().map(row).collect())
                }
                None => self.of_queries(&column.inverse),
            },
        }
    }

    /// Repeats one entry per query for each of its pairs.
    fn of_queries(&self, per_query: &'a [u32]) -> Cow<'a, [u32]> {
        match self.batch.candidates.per_query() {
            1 => Cow::Borrowed(per_query),
            count => {
                let repeated = |&place: &u32| std::iter::repeat_n(place, count);
                Cow::Owned(per_query.iter().flat_map(repeated).collect())
            }
        }
    }

    /// Each pair's position along the axis of a side's values.
    pub(crate) fn owners(&self, side: Side) -> Cow<'a, [u32]> {
        match ColumnId::of_side(side) {
            Some(id) => self.by_pair(id),
            None => {
                let queries: Vec<u32> = (0..self.batch.queries as u32).collect();
                let count = self.batch.candidates.per_query();
                let repeated = queries
                    .iter()
                    .flat_map(|&at| std::iter::repeat_n(at, count));
                Cow::Owned(repeated.collect())
            }
        }
    }
}

/// The inputs of a model other than the users and the items themselves, in the order of [`Batch::others`].
pub(crate) fn others(inputs: &[Input]) -> impl Iterator<Item = &Input> {
    let is_other = |input: &&Input| !input.is_users() && !input.is_items();
    inputs.iter().filter(is_other)
}

impl View<'_> {
    /// Panics if a row is outside a table. Checked on the host, since GPU backends do not check: they would read and
    /// write arbitrary memory.
    ///
    /// # Panics
    /// If an id is not below `table`, the rows of the table: the same on every backend.
    pub fn check(&self, table: usize) {
        let largest = *self.largest.get_or_init(|| self.rows.iter().max().copied());
        if let Some(id) = largest.filter(|&id| id as usize >= table) {
            let name = self.name;
            panic!("{name} id {id} is beyond the table's {table} rows");
        }
    }

    pub fn rows_on_device(&self) -> Tensor<1, Int> {
        let rows = || integers(self.rows.iter().copied(), &self.device);
        self.rows_on_device.get_or_init(rows).clone()
    }

    pub fn inverse_on_device(&self) -> Tensor<1, Int> {
        let places = || integers(self.inverse.iter().copied(), &self.device);
        self.inverse_on_device.get_or_init(places).clone()
    }

    /// The row of each entry.
    pub fn ids_on_device(&self) -> Tensor<1, Int> {
        let row = |&place: &u32| self.rows[place as usize];
        let ids = || integers(self.inverse.iter().map(row), &self.device);
        self.ids_on_device.get_or_init(ids).clone()
    }
}

/// A column of ids in one pass: distinct rows of its tables and, for each entry, its position among them. Built and
/// checked on the host; sent to the device only if an operation needs them there.
#[derive(Clone, Copy)]
pub struct Ids<'a> {
    pub(crate) view: &'a View<'a>,
    pub(crate) pass: &'a Pass,
}

impl<'a> Ids<'a> {
    /// Which column this is, and the axis of its entries.
    pub fn key(self) -> Key {
        self.view.key
    }

    /// The number of entries.
    pub fn len(self) -> usize {
        self.view.inverse.len()
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.view.inverse.is_empty()
    }

    /// The rows, on the host.
    pub fn rows(self) -> &'a [u32] {
        self.view.rows
    }

    /// Each entry's position among the rows, on the host.
    pub fn inverse(self) -> &'a [u32] {
        &self.view.inverse
    }

    /// The rows, on the device; sent there on first use.
    pub fn rows_on_device(self) -> Tensor<1, Int> {
        self.view.rows_on_device()
    }

    /// The pass that they belong to, which dropout layers need.
    pub fn pass(self) -> &'a Pass {
        self.pass
    }

    /// Expands one value per row to one value per entry.
    ///
    /// # Shapes
    /// - values: `[rows, width]`
    /// - output: `[entries, width]`
    pub fn spread(self, values: Tensor<2>) -> Tensor<2> {
        values.select(0, self.view.inverse_on_device())
    }
}
