//! The step of a factorisation, from rows to rows.

use crate::store::Store;
use recburn_data::{Batch, Column as Ids};
use recburn_nn::{Embedding, Factorisation};
use recburn_optim::{Column, FactorScore, Loss, RowTable, both};

fn column(ids: &Ids) -> Column<'_> {
    Column {
        rows: &ids.rows,
        inverse: &ids.inverse,
    }
}

/// The tables of one side.
struct Side<'a> {
    factors: &'a mut RowTable,
    bias: Option<&'a mut RowTable>,
    rows: &'a [u32],
}

impl Side<'_> {
    fn each(&mut self, mut visit: impl FnMut(&mut RowTable, &[u32], bool)) {
        visit(self.factors, self.rows, false);
        if let Some(bias) = self.bias.as_deref_mut() {
            visit(bias, self.rows, true);
        }
    }
}

impl Store {
    /// Reads the rows of a batch, scores it, and moves the rows by the gradients of the loss; returns the scores. What
    /// autodiff would find is written out: the loss, the link and the score are known, and so are their slopes. `None`,
    /// with nothing done, if a table is no rows in host memory, or is read twice.
    pub fn step_factorisation(
        &mut self,
        model: &Factorisation<'_>,
        batch: &Batch,
        loss: Loss,
        learning_rate: f64,
    ) -> Option<Vec<f32>> {
        let Factorisation { factors, link } = model;
        let id = |table: &Embedding| table.weight.id;
        let wanted = [
            Some(id(factors.user_factors)),
            Some(id(factors.item_factors)),
            factors.user_bias.map(id),
            factors.item_bias.map(id),
        ];
        let (steps, gradients, held) = self.parts();
        let [p, q, b, c] = held.rows_of(wanted)?;
        let (mut users, mut items) = (
            Side {
                factors: p?,
                bias: b,
                rows: &batch.users.rows,
            },
            Side {
                factors: q?,
                bias: c,
                rows: &batch.items.rows,
            },
        );
        // The two sides have tables of their own: what is done to one does not touch the other.
        let weights = batch.len() * users.factors.width();
        both(
            weights,
            || users.each(|table, rows, _| table.make_up(rows, steps)),
            || items.each(|table, rows, _| table.make_up(rows, steps)),
        );
        let score = FactorScore {
            user_factors: users.factors,
            item_factors: items.factors,
            user_bias: users.bias.as_deref(),
            item_bias: items.bias.as_deref(),
        };
        let columns = (column(&batch.users), column(&batch.items));
        let mut scores = vec![0.0; batch.len()];
        score.scores(columns.0, columns.1, &mut scores);
        let share = 1.0 / batch.len() as f32;
        let mut slopes = Vec::with_capacity(batch.len());
        for (score, rating) in scores.iter_mut().zip(&batch.ratings) {
            *score = link.of(*score);
            slopes.push(share * loss.slope(*score - rating) * link.slope(*score));
        }
        score.gradients(columns.0, columns.1, &slopes, gradients);
        let rate = steps.begin(learning_rate);
        let steps = &*steps;
        both(
            weights,
            || {
                users.each(|table, rows, bias| {
                    let gradient = if bias {
                        &gradients.user_bias
                    } else {
                        &gradients.user_factors
                    };
                    table.step(rows, gradient, rate, steps);
                });
            },
            || {
                items.each(|table, rows, bias| {
                    let gradient = if bias {
                        &gradients.item_bias
                    } else {
                        &gradients.item_factors
                    };
                    table.step(rows, gradient, rate, steps);
                });
            },
        );
        Some(scores)
    }
}
