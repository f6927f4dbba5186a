//! The penalty at the end of an epoch.

use crate::dense::DensePenalty;
use crate::home::penalty_of;
use crate::optimizer::Optimizer;
use crate::spread_ask::Spreading;
use crate::store::{Held, Store};
use burn::module::Module;
use recburn_nn::{Model, TableInfo, tables};

impl Optimizer {
    /// The penalty, see [`Trainer::penalty`](crate::Trainer::penalty): of the settled tables, and of the other
    /// parameters as of the last [`Optimizer::adopt`] or [`Optimizer::hand_back`].
    pub fn penalty(&self) -> f64 {
        self.store.borrow().penalty() + self.penalty_of_dense
    }

    /// As [`Optimizer::penalty`], of a copy of the adopted model with other weights: of its tables, and of all else.
    pub(crate) fn penalties_of<M: Model>(&self, model: &M) -> [f64; 2] {
        let of_tables = self.store.borrow().penalty_of(&tables(model));
        [of_tables, self.dense_penalty(model)]
    }

    /// Notes the penalty of the parameters that are not tables.
    pub(crate) fn note_penalty<M: Module>(&mut self, model: &M) {
        self.penalty_of_dense = self.dense_penalty(model);
    }

    fn dense_penalty<M: Module>(&self, model: &M) -> f64 {
        let mut sum = DensePenalty {
            penalties: &self.penalties,
            sum: 0.0,
        };
        if !self.penalties.is_empty() {
            model.visit(&mut sum);
        }
        sum.sum
    }
}

impl Held {
    pub(crate) fn is_penalised_per_look_up(&self) -> bool {
        self.home.penalty().l2_per_look_up > 0.0
    }
}

impl Store {
    /// The current penalty of all tables: of whole tables, or of their rows as the epoch looked them up.
    pub fn penalty(&self) -> f64 {
        let of = |held: &Held| match held.is_penalised_per_look_up() {
            true => self.mean_per_look_up(held, held.home.squares().into_iter()),
            false => held.home.penalty_value(),
        };
        self.held.iter().map(of).sum()
    }

    /// As [`Store::penalty`], for tables with other weights.
    pub fn penalty_of(&self, tables: &[TableInfo]) -> f64 {
        let of = |info: &TableInfo| {
            let penalty = penalty_of(info);
            if penalty.l2 == 0.0 && penalty.l2_per_look_up == 0.0 {
                return 0.0;
            }
            let weights: Vec<f32> = info.weights.to_data().iter::<f32>().collect();
            let square = |w: &f32| f64::from(*w) * f64::from(*w);
            let rows = weights.chunks_exact(info.width);
            let squares = rows.map(|row| row.iter().map(square).sum::<f64>());
            let held = self.held.iter().find(|held| held.name == info.name);
            match held.filter(|held| held.is_penalised_per_look_up()) {
                Some(held) => self.mean_per_look_up(held, squares),
                None => penalty.l2 * squares.sum::<f64>(),
            }
        };
        tables.iter().map(of).sum()
    }

    /// The penalty per look-up of a table whose rows have these squares, a mean over the examples of the epoch. Of several
    /// processes, each has a part of it.
    fn mean_per_look_up(&self, held: &Held, squares: impl Iterator<Item = f64>) -> f64 {
        let sum = match held.home.looked_up() {
            Some(counts) => counts
                .iter()
                .zip(squares)
                .map(|(n, square)| n * square)
                .sum(),
            None => self.look_ups.sum(&held.columns, squares),
        };
        let spread = self.spread.as_ref();
        let examples = spread.map_or_else(|| self.look_ups.examples(), Spreading::examples);
        held.home.penalty().l2_per_look_up * sum / examples.max(1.0)
    }
}
