//! Training on several processes.
//!
//! Every process runs the same loop. Two things differ from a training on one: which examples a process has (those of its
//! users: [`Placed`](recburn_spread::Placed)), and where rows live. The tables of users have the rows of the users at home.
//! The rows of every other table, whether items, the words of features or the items of histories index it, are distributed
//! by number ([`SpreadTable`](crate::spread_table::SpreadTable), a [home](crate::home::TableHome) that asks the other
//! processes). Before a step, the owners of the rows that the batch reads are asked for them
//! ([`Spreading`](crate::spread_ask::Spreading)), and the batch is rewritten to the positions of these rows, so that
//! everything from the forward pass to the gradients of rows is as on one process. The gradients of these rows go back to
//! their owners, which add them up; those of dense parameters are added up by everyone. A model on one process is an
//! ordinary model whose tables have the rows that live there.

use crate::error::TrainError;
use crate::spread_ask::Spreading;
use crate::spread_raters::{SharedRaters, pool_of};
use crate::spread_rows::{Kept, with_forms};
use crate::trainer::Trainer;
use recburn_data::{IdMap, Index, ItemIx, Ratings, UserIx};
use recburn_nn::{ColumnId, Model, TableInfo, Weights, tables};
use recburn_schema::{Input, Kind, Schema};
use recburn_spread::{
    Ranks, number_of, or, owned_by, owner_of, packed, row_of, sum, to_first, unpacked,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The processes of a training, and what lives on this one.
pub struct Spread {
    ranks: Rc<dyn Ranks>,
    /// The users at home here.
    pub(crate) users: IdMap<UserIx>,
    /// The items of all processes.
    pub(crate) items: IdMap<ItemIx>,
    all_users: usize,
    /// Other inputs, with all rows of their tables.
    inputs: Vec<Input>,
    stop: Arc<AtomicBool>,
    /// The users of the items, for models that read them.
    raters: SharedRaters,
    /// What has the rows of the tables.
    pub(crate) kept: RefCell<Kept>,
}

/// What indexes a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Users,
    Items,
    /// Numbers below this, such as those of words.
    Numbers(usize),
}

impl Spread {
    /// These processes, with the users that live here, all items, and the number of users of all processes. Once `stop` is
    /// set in any process, all of them end training after the same step.
    pub fn new(
        ranks: Rc<dyn Ranks>,
        users: IdMap<UserIx>,
        items: IdMap<ItemIx>,
        all_users: usize,
        stop: Arc<AtomicBool>,
    ) -> Self {
        Self {
            ranks,
            users,
            items,
            all_users,
            inputs: Vec::new(),
            stop,
            raters: Rc::default(),
            kept: RefCell::default(),
        }
    }

    /// For models that read these inputs, whose sizes are those of all processes.
    pub fn with_inputs(self, inputs: Vec<Input>) -> Self {
        Self { inputs, ..self }
    }

    /// For models that read the users of an item: these ratings are those of the users at home, and each item has so many of
    /// all processes.
    pub fn read_raters(&self, ratings: &Ratings, counts: Vec<u64>) {
        self.raters.borrow_mut().set(ratings, counts);
    }

    /// The users at home here.
    pub fn users(&self) -> &IdMap<UserIx> {
        &self.users
    }

    /// The items of all processes.
    pub fn items(&self) -> &IdMap<ItemIx> {
        &self.items
    }

    /// The verbs by which the processes communicate.
    pub fn ranks(&self) -> &dyn Ranks {
        &*self.ranks
    }

    /// The number of items that live here.
    pub fn own_items(&self) -> usize {
        owned_by(self.ranks.rank(), self.items.rows(), self.ranks.size())
    }

    /// The schema of a model that has the users at home here, of whom there is at least one row, and all of everything else.
    pub fn schema_of_part(&self, scale: (f32, f32)) -> Schema {
        let mut schema = Schema::of_pairs(self.rows(Of::Users), self.items.rows(), scale);
        schema.inputs.extend(self.inputs.iter().cloned());
        schema
    }

    /// The schema of the model here, whose tables have the rows that live here: at least one each, since there are no empty
    /// tables.
    pub fn schema(&self, scale: (f32, f32)) -> Schema {
        let rows = |of| self.rows(of);
        let mut schema = Schema::of_pairs(rows(Of::Users), rows(Of::Items), scale);
        schema.inputs.extend(self.inputs.iter().map(|input| {
            let own = |all: usize| match self.of_input(input) {
                Some(of) => rows(of),
                None => all,
            };
            let kind = match input.kind {
                Kind::Id { rows } => Kind::Id { rows: own(rows) },
                Kind::Bag { rows } => Kind::Bag { rows: own(rows) },
                Kind::Sequence { rows, length } => Kind::Sequence {
                    rows: own(rows),
                    length,
                },
                Kind::Numbers { width } => Kind::Numbers { width },
            };
            Input {
                kind,
                ..input.clone()
            }
        }));
        schema
    }

    /// What indexes the tables of an input other than users and items; `None` if they cannot be distributed.
    fn of_input(&self, input: &Input) -> Option<Of> {
        let rows = input.kind.rows()?;
        match input.is_history() {
            false => Some(Of::Numbers(rows)),
            true if input.name == Input::RATERS => Some(Of::Users),
            true => Some(Of::Items),
        }
    }

    pub(crate) fn sum_of(&self, number: f64) -> f64 {
        let mut one = [number];
        sum(self.ranks(), &mut one);
        one[0]
    }

    pub(crate) fn spreading(&self) -> Spreading {
        Spreading::new(self.ranks.clone(), self.stop.clone(), self.raters.clone())
    }

    /// The tables of a model, with what indexes each.
    pub(crate) fn tables<M: Model>(&self, model: &M) -> Result<Vec<(TableInfo, Of)>, TrainError> {
        let inputs = model.inputs();
        let others = inputs.iter().filter(|it| !it.is_users() && !it.is_items());
        let others: Vec<&Input> = others.collect();
        let of_column = |column: &ColumnId| match *column {
            ColumnId::USERS => Some(Of::Users),
            ColumnId::ITEMS => Some(Of::Items),
            other => {
                let name = &others.get(other.index().checked_sub(2)?)?.name;
                let input = self.inputs.iter().find(|input| input.name == *name)?;
                self.of_input(input)
            }
        };
        let of_table = |info: TableInfo| {
            let mut of = info.columns.iter().map(of_column);
            let first = of.next().flatten();
            // Rows of users are read where they live, or else their sums over the users of an item.
            let alone = first != Some(Of::Users) || info.columns.len() == 1;
            match first.filter(|_| alone && of.all(|of| of == first)) {
                Some(of) => Ok((info, of)),
                None => Err(TrainError::Spread {
                    reason: format!(
                        "the table `{}` is read both by users and as those of an item; on several processes a table is read \
                         in one of these ways",
                        info.name
                    ),
                }),
            }
        };
        tables(model).into_iter().map(of_table).collect()
    }

    /// The number of rows here of tables that are indexed by these.
    pub(crate) fn rows(&self, of: Of) -> usize {
        self.own(of).max(1)
    }

    pub(crate) fn own(&self, of: Of) -> usize {
        match of {
            Of::Users => self.users.rows(),
            Of::Items => self.own_items(),
            Of::Numbers(all) => owned_by(self.ranks.rank(), all, self.ranks.size()),
        }
    }

    /// The ids that have rows here, in the order of the rows.
    pub(crate) fn each_id(&self, of: Of) -> Box<dyn Iterator<Item = Cow<'_, str>> + '_> {
        let (rank, size) = (self.ranks.rank(), self.ranks.size());
        let numbers = (0..self.own(of) as u32).map(move |row| number_of(row, rank, size));
        match of {
            Of::Users => Box::new(self.users.iter().map(|(_, id)| id)),
            Of::Items => Box::new(numbers.filter_map(|item| self.items.id(ItemIx::new(item)))),
            Of::Numbers(_) => Box::new(numbers.map(|number| number.to_string().into())),
        }
    }

    /// The number of users of all processes.
    pub(crate) fn all_users(&self) -> usize {
        self.all_users
    }

    /// The row here of an id, if it has one.
    pub(crate) fn row(&self, of: Of, id: &str) -> Option<usize> {
        let size = self.ranks.size();
        let owned = |number: u32| {
            let own = owner_of(number, size) == self.ranks.rank();
            own.then(|| row_of(number, size) as usize)
        };
        match of {
            Of::Users => self.users.index(id).map(UserIx::index),
            Of::Items => owned(self.items.index(id)?.0),
            Of::Numbers(_) => owned(id.parse().ok()?),
        }
    }

    /// The model with initial rows that depend on the seed and their raw ids, and not on the number of processes. They are
    /// drawn once training begins; until then, and while the trainer has the rows, the tables of the model are empty forms
    /// of their shape, and [`Spread::collect`] returns the weights.
    ///
    /// # Errors
    /// If a table is indexed by users of other processes.
    pub fn start<M: Model>(&self, model: &M, seed: u64) -> Result<M, TrainError> {
        match pool_of(model) {
            Ok(how) => self.raters.borrow_mut().how = how.unwrap_or_default(),
            Err(()) => {
                let reason = "the users of an item are pooled in several ways; on several processes it is one".to_string();
                return Err(TrainError::Spread { reason });
            }
        }
        let tables = self.tables(model)?.into_iter();
        let of = tables.map(|(info, _)| info.id).collect();
        self.kept.replace(Kept::Drawn(seed));
        Ok(with_forms(model.clone(), of))
    }
}

impl Spread {
    /// Collects a model on the first process, in place of the weights of `whole`, whose users are numbered by `users`; the
    /// others pass and get `None`. All processes call it.
    ///
    /// # Errors
    /// If a table is indexed by users of other processes, or the two models differ in their tables.
    pub fn collect<M: Model>(
        &self,
        model: &M,
        whole: Option<M>,
        users: Option<&IdMap<UserIx>>,
    ) -> Result<Option<M>, TrainError> {
        let (first, size) = (self.ranks.rank() == 0, self.ranks.size());
        let mut into = whole.as_ref().map(Weights::of);
        let tables = self.tables(model)?;
        let of_tables = tables.iter().map(|(info, _)| info.id).collect();
        let own = Weights::except(model, of_tables);
        for (info, of) in tables {
            let of_ranks = to_first(self.ranks(), &self.numbers(model, &info, of)?);
            let ids = to_first(self.ranks(), &packed(self.each_id(of)));
            let Some(target) = into.as_mut().and_then(|into| into.0.get_mut(&info.name)) else {
                continue;
            };
            for (rank, (values, ids)) in of_ranks.iter().zip(&ids).enumerate() {
                let rows = values.chunks_exact(info.width).zip(unpacked(ids));
                for (row, (numbers, id)) in rows.enumerate() {
                    let at = match of {
                        Of::Users => users.and_then(|users| users.index(id)).map(UserIx::index),
                        Of::Items | Of::Numbers(_) => {
                            Some(number_of(row as u32, rank, size) as usize)
                        }
                    };
                    let place = at.map(|at| at * info.width..(at + 1) * info.width);
                    if let Some(place) = place.and_then(|place| target.values.get_mut(place)) {
                        place.copy_from_slice(numbers);
                    }
                }
            }
        }
        if let Some(into) = into.as_mut().filter(|_| first) {
            into.0.extend(own.0); // what is left is the same on all processes
        }
        let whole = whole.zip(into).map(|(whole, into)| into.load_into(whole));
        Ok(whole.transpose()?)
    }
}

impl Trainer {
    /// Refuses a model whose steps cannot be distributed, once it has been adopted.
    pub(crate) fn check_spread(&self) -> Result<(), TrainError> {
        let Some(spread) = &self.spread else {
            return Ok(());
        };
        // All processes have the same model; a device may differ.
        match or(spread.ranks(), !self.is_compiled()) {
            false => Ok(()),
            true => Err(TrainError::Spread {
                reason: "only graphs train there, on a CPU: other modules and GPUs do not"
                    .to_string(),
            }),
        }
    }

    /// As [`Trainer::penalty`], of all processes together.
    pub(crate) fn penalty_of_all(&self) -> f64 {
        match (&self.spread, &self.optimizer) {
            (Some(spread), Some(optimizer)) if self.average.epochs == 0 => {
                let dense = optimizer.penalty_of_dense;
                spread.sum_of(optimizer.penalty() - dense) + dense
            }
            // That of averages is noted for all processes.
            _ => self.penalty(),
        }
    }
}
