//! The step of a factorisation, which updates rows directly.

use crate::home::Gradient;
use crate::look_ups::LookUps;
use crate::store::Store;
use burn::module::ParamId;
use recburn_data::{Batch, Column as Ids};
use recburn_nn::{ColumnId, Embedding, Factorisation, Link};
use recburn_optim::{Column, FactorScore, Goal, Gradients, Loss, Pace, RowTable, Steps, both};

fn column(ids: &Ids) -> Column<'_> {
    Column {
        rows: &ids.rows,
        inverse: &ids.inverse,
    }
}

/// The tables of one side.
struct OfSide<'a> {
    column: ColumnId,
    factors: &'a mut RowTable,
    bias: Option<&'a mut RowTable>,
    rows: &'a [u32],
}

impl OfSide<'_> {
    fn catch_up(&mut self, steps: &Steps) {
        self.factors.catch_up(self.rows, steps);
        if let Some(bias) = self.bias.as_deref_mut() {
            bias.catch_up(self.rows, steps);
        }
    }

    fn step(
        &mut self,
        of_factors: &mut [f32],
        of_bias: &mut [f32],
        look_ups: &LookUps,
        pace: Pace,
        steps: &Steps,
    ) {
        let share = |row| look_ups.share(&[self.column], row);
        self.factors.add_penalty(self.rows, share, of_factors);
        self.factors.step(self.rows, of_factors, pace, steps);
        if let Some(bias) = self.bias.as_deref_mut() {
            bias.add_penalty(self.rows, share, of_bias);
            bias.step(self.rows, of_bias, pace, steps);
        }
    }
}

impl Store {
    /// Reads the rows of a batch, scores it, and updates the rows by the gradients of the loss; returns the scores. The
    /// derivatives of loss, link and score are written out instead of using autodiff. Returns `None`, without doing
    /// anything, if a table is not rows in host memory or is read twice.
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
        if self.smoothed.is_some() {
            return None;
        }
        if self.spread.is_some() {
            return self.step_factorisation_of_part(wanted, *link, batch, loss, learning_rate);
        }
        let (steps, gradients, look_ups, held) = self.parts();
        let [p, q, b, c] = held.rows_of(wanted)?;
        let (mut users, mut items) = (
            OfSide {
                column: ColumnId::USERS,
                factors: p?,
                bias: b,
                rows: &batch.users.rows,
            },
            OfSide {
                column: ColumnId::ITEMS,
                factors: q?,
                bias: c,
                rows: &batch.items.rows,
            },
        );
        // The two sides have separate tables, so they can be updated independently.
        let weights = batch.len() * users.factors.width();
        both(weights, || users.catch_up(steps), || items.catch_up(steps));
        let score = FactorScore {
            user_factors: users.factors,
            item_factors: items.factors,
            user_bias: users.bias.as_deref(),
            item_bias: items.bias.as_deref(),
        };
        let columns = (column(&batch.users), column(&batch.items));
        let mut scores = vec![0.0; batch.len()];
        score.scores(columns.0, columns.1, &mut scores);
        let slopes = slopes(*link, batch, loss, &mut scores, 1.0);
        score.gradients(columns.0, columns.1, &slopes, gradients);
        let pace = steps.begin(learning_rate);
        let steps = &*steps;
        let Gradients {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
        } = gradients;
        both(
            weights,
            || users.step(user_factors, user_bias, look_ups, pace, steps),
            || items.step(item_factors, item_bias, look_ups, pace, steps),
        );
        Some(scores)
    }

    /// As [`Store::step_factorisation`], of this process's part of a batch, with rows that live on several processes.
    fn step_factorisation_of_part(
        &mut self,
        [p, q, b, c]: [Option<ParamId>; 4],
        link: Link,
        batch: &Batch,
        loss: Loss,
        learning_rate: f64,
    ) -> Option<Vec<f32>> {
        let (users, items) = (&batch.users.rows, &batch.items.rows);
        let (factors, biases) = ([p?, q?], [b, c]);
        self.factors(factors, biases)?;
        let read = [(p, users), (q, items), (b, users), (c, items)];
        for (table, rows) in read {
            table.map(|table| self.fetch_in_memory(table, rows));
        }
        let mut gradients = std::mem::take(&mut self.gradients);
        let score = self.factors(factors, biases)?;
        let columns = (column(&batch.users), column(&batch.items));
        let mut scores = vec![0.0; batch.len()];
        score.scores(columns.0, columns.1, &mut scores);
        // The loss is the mean of the whole batch, of which this process has a part.
        let share = self.spread.as_ref()?.whole().share();
        let slopes = slopes(link, batch, loss, &mut scores, share);
        score.gradients(columns.0, columns.1, &slopes, &mut gradients);
        let pace = self.steps.begin(learning_rate);
        let Gradients {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
        } = &mut gradients;
        let of_tables = [user_factors, item_factors, user_bias, item_bias];
        for ((table, rows), gradient) in read.into_iter().zip(of_tables) {
            if let Some(table) = table {
                self.push(table, rows, Gradient::Numbers(gradient), pace);
            }
        }
        self.gradients = gradients;
        Some(scores)
    }
}

/// Applies the link to the scores, and returns the slopes of this share of the loss.
fn slopes(link: Link, batch: &Batch, loss: Loss, scores: &mut [f32], share: f32) -> Vec<f32> {
    for score in &mut *scores {
        *score = link.of(*score);
    }
    let mut slopes = vec![0.0; scores.len()];
    loss.slopes(&Goal::of(batch), scores, &mut slopes);
    for (slope, score) in slopes.iter_mut().zip(scores) {
        *slope *= link.slope(*score) * share;
    }
    slopes
}
