//! Training on several processes.
//!
//! Every process runs the same loop. Two things differ from a training on one: which ratings a process has (those of its
//! users: [`HomeRatings`](recburn_spread::HomeRatings) as examples), and where the rows of items live
//! ([`SpreadTable`](crate::spread_table::SpreadTable), a [home](crate::home::TableHome) that asks the other processes). Before
//! a step, the owners of the batch's items are asked for their rows ([`Asked`]), and the batch is rewritten to the positions
//! of these rows, so that everything from the forward pass to the gradients of rows is as on one process. The gradients of
//! items go back to their owners, which add them up; those of dense parameters are added up by everyone. A model on one
//! process is an ordinary model whose tables have the rows that live there.

use crate::error::TrainError;
use crate::trainer::Trainer;
use recburn_data::{Batch, IdMap, Index, ItemIx, UserIx};
use recburn_nn::{ColumnId, Draw, Model, TableInfo, Weights, tables};
use recburn_optim::Goal;
use recburn_spread::{
    Asked, Ranks, hash_of, number_of, or, owned_by, owner_of, packed, row_of, sum, to_first,
    unpacked,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The processes of a training, and what lives on this one.
pub struct Spread {
    ranks: Rc<dyn Ranks>,
    /// The users at home here.
    pub(crate) users: IdMap<UserIx>,
    /// The items of all processes.
    pub(crate) items: IdMap<ItemIx>,
    all_users: usize,
    stop: Arc<AtomicBool>,
}

/// The side whose ids index a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Users,
    Items,
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
            stop,
        }
    }

    /// The verbs by which the processes communicate.
    pub fn ranks(&self) -> &dyn Ranks {
        &*self.ranks
    }

    /// The number of items that live here.
    pub fn own_items(&self) -> usize {
        owned_by(self.ranks.rank(), self.items.rows(), self.ranks.size())
    }

    /// The rows of the tables of a model here: users and items that live here, at least one each, since there are no empty
    /// tables.
    pub fn rows(&self) -> [usize; 2] {
        [self.users.rows().max(1), self.own_items().max(1)]
    }

    pub(crate) fn sum_of(&self, number: f64) -> f64 {
        let mut one = [number];
        sum(self.ranks(), &mut one);
        one[0]
    }

    pub(crate) fn spreading(&self) -> Spreading {
        Spreading {
            ranks: self.ranks.clone(),
            asked: Rc::default(),
            stop: self.stop.clone(),
        }
    }

    /// The side of a table.
    pub(crate) fn side(info: &TableInfo) -> Result<Of, TrainError> {
        match info.columns[..] {
            [ColumnId::USERS] => Ok(Of::Users),
            [ColumnId::ITEMS] => Ok(Of::Items),
            _ => Err(TrainError::Spread {
                reason: format!(
                    "the table `{}` is read by something else than the users or the items of the ratings; on several \
                     processes there are models of users and items alone",
                    info.name
                ),
            }),
        }
    }

    /// The ids of a side that have rows here, in the order of the rows.
    pub(crate) fn ids(&self, of: Of) -> Vec<String> {
        let (rank, size) = (self.ranks.rank(), self.ranks.size());
        match of {
            Of::Users => self.users.iter().map(|(_, id)| id.into_owned()).collect(),
            Of::Items => {
                let rows = 0..self.own_items() as u32;
                let items = rows.map(|row| ItemIx::new(number_of(row, rank, size)));
                let ids = items.filter_map(|item| self.items.id(item));
                ids.map(|id| id.into_owned()).collect()
            }
        }
    }

    /// The row here of an id, if it has one.
    pub(crate) fn row(&self, of: Of, id: &str) -> Option<usize> {
        let size = self.ranks.size();
        match of {
            Of::Users => self.users.index(id).map(UserIx::index),
            Of::Items => {
                let item = self.items.index(id)?.0;
                let own = owner_of(item, size) == self.ranks.rank();
                own.then(|| row_of(item, size) as usize)
            }
        }
    }

    /// The model with initial rows that depend on the seed and their raw ids, and not on the number of processes.
    ///
    /// # Errors
    /// If a table is read by anything but the users or the items.
    pub fn start<M: Model>(&self, model: &M, seed: u64) -> Result<M, TrainError> {
        let draw = Draw::new(seed);
        let mut weights = Weights::of(model);
        for info in tables(model) {
            let of = Self::side(&info)?;
            let rows = match of {
                Of::Users => self.all_users,
                Of::Items => self.items.rows(),
            };
            let ids = self.ids(of);
            let keys = ids.iter().map(|id| hash_of(id));
            let name = info.name.strip_suffix(".weight").unwrap_or(&info.name);
            let shape = [rows, info.width];
            let mut values = draw.keyed(name, info.options.initializer, shape, keys);
            values.resize(info.rows * info.width, 0.0);
            if let Some(weight) = weights.0.get_mut(&info.name) {
                weight.values = values;
            }
        }
        Ok(weights.load_into(model.clone())?)
    }
}

impl Spread {
    /// Collects a model on the first process, in place of the weights of `whole`, whose users are numbered by `users`; the
    /// others pass and get `None`. All processes call it.
    ///
    /// # Errors
    /// If a table is read by anything but the users or the items, or the two models differ in their tables.
    pub fn collect<M: Model>(
        &self,
        model: &M,
        whole: Option<M>,
        users: Option<&IdMap<UserIx>>,
    ) -> Result<Option<M>, TrainError> {
        let (first, size) = (self.ranks.rank() == 0, self.ranks.size());
        let mut into = whole.as_ref().map(Weights::of);
        let mut own = Weights::of(model);
        for info in tables(model) {
            let of = Self::side(&info)?;
            let ids = self.ids(of);
            let mut values = own.0.remove(&info.name).map_or(Vec::new(), |it| it.values);
            values.truncate(ids.len() * info.width);
            let of_ranks = to_first(self.ranks(), &values);
            let ids = to_first(self.ranks(), &packed(ids.iter().map(String::as_str)));
            let Some(target) = into.as_mut().and_then(|into| into.0.get_mut(&info.name)) else {
                continue;
            };
            for (rank, (values, ids)) in of_ranks.iter().zip(&ids).enumerate() {
                let rows = values.chunks_exact(info.width).zip(unpacked(ids));
                for (row, (numbers, id)) in rows.enumerate() {
                    let at = match of {
                        Of::Users => users.and_then(|users| users.index(id)).map(UserIx::index),
                        Of::Items => Some(number_of(row as u32, rank, size) as usize),
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

/// What the tables of a model in training share of the processes.
pub(crate) struct Spreading {
    pub ranks: Rc<dyn Ranks>,
    /// The rows of the current step.
    pub asked: Rc<RefCell<Asked>>,
    stop: Arc<AtomicBool>,
}

impl Spreading {
    /// Asks for the rows of the items of a batch.
    pub fn ask(&self, batch: &Batch) -> Option<Batch> {
        let stop = self.stop.load(Ordering::Relaxed);
        let weight = Goal::of(batch).total_weight();
        let items = &batch.items.rows;
        *self.asked.borrow_mut() = Asked::ask(&*self.ranks, items, weight, stop);
        let mut local = batch.clone();
        local.items.rows = (0..items.len() as u32).collect();
        Some(local)
    }

    /// The part of the current batch that this process has.
    pub fn share(&self) -> f32 {
        self.asked.borrow().share()
    }

    /// Whether a process has asked to stop.
    pub fn stops(&self) -> bool {
        self.asked.borrow().stop()
    }

    /// Replaces a gradient by the sum over all processes; one that has no part of the batch adds nothing.
    pub fn add_up(&self, gradient: &mut [f32], nothing: bool) {
        if nothing {
            gradient.fill(0.0);
        }
        if !gradient.is_empty() {
            sum(&*self.ranks, gradient);
        }
    }
}

impl Trainer {
    /// Refuses a model whose steps cannot be distributed, once it has been adopted.
    pub(crate) fn check_spread(&self) -> Result<(), TrainError> {
        let Some(spread) = &self.spread else {
            return Ok(());
        };
        let compiled = self.is_compiled();
        // All processes have the same model; a device may differ.
        match or(spread.ranks(), !compiled) || self.hyper.averaging.is_some() {
            false => Ok(()),
            true => Err(TrainError::Spread {
                reason: match compiled {
                    true => "averages of weights are not computed there".to_string(),
                    false => "only graphs train there, on a CPU: other modules and GPUs do not"
                        .to_string(),
                },
            }),
        }
    }

    /// As [`Trainer::penalty`], of all processes together.
    pub(crate) fn penalty_of_all(&self) -> f64 {
        match (&self.spread, &self.optimizer) {
            (Some(spread), Some(optimizer)) => {
                let dense = optimizer.penalty_of_dense;
                spread.sum_of(optimizer.penalty() - dense) + dense
            }
            _ => self.penalty(),
        }
    }
}
