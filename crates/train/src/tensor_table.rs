//! Tables where the host does not compute: tensors, moved by tensor operations.

use crate::cells::Cells;
use burn::tensor::{IndexingUpdateOp, Int, Tensor, TensorData};
use recburn_nn::{Home, home_of};
use recburn_optim::{Lane, Mode, Penalty, Update, UpdateVisitor};

/// Weights and state of a table as tensors.
pub(crate) struct TensorTable {
    pub penalty: Penalty,
    /// The weights, and behind them each of the rule's states.
    pub parts: Vec<Tensor<2>>,
}

impl TensorTable {
    /// The weights: `[rows, width]`.
    pub fn weights(&self) -> &Tensor<2> {
        &self.parts[0]
    }

    /// `l2 * sum(w^2)` of the whole table.
    pub fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.weights().clone() * self.weights().clone();
        self.penalty.l2 * f64::from(squares.sum().into_scalar::<f32>())
    }
}

/// Moves the rows of a batch, or, in exact mode, all rows.
pub(crate) struct StepTensor<'a> {
    pub table: &'a mut TensorTable,
    pub rows: Tensor<1, Int>,
    /// Of each row, the part of the batch that looks it up; empty without a penalty per look-up.
    pub shares: Vec<f32>,
    pub gradient: Tensor<2>,
    pub mode: Mode,
}

impl UpdateVisitor for StepTensor<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            table,
            rows,
            shares,
            mut gradient,
            mode,
        } = self;
        let penalty = table.penalty;
        if !shares.is_empty() {
            let shape = [shares.len(), 1];
            let shares = Tensor::<2>::from_data(TensorData::new(shares, shape), &gradient.device());
            let pull = table.weights().clone().select(0, rows.clone()) * shares;
            gradient = gradient + pull * penalty.decay_per_look_up();
        }
        let advance = |weights: Tensor<2>, state: [Tensor<2>; N], gradient: Tensor<2>| {
            let mut pull = Cells(gradient);
            if penalty.l2 > 0.0 {
                pull = pull.plus(Cells(weights.clone()).scale(penalty.decay()));
            }
            let (weights, state) = update.step(Cells(weights), state.map(Cells), pull);
            let weights = if penalty.non_negative {
                weights.positive()
            } else {
                weights
            };
            (weights.0, state.map(|state| state.0))
        };
        // Out of the table, so that no second handle is alive when they are written: Burn then writes in place, where it
        // would otherwise copy all of a table to change the rows of a batch.
        let mut parts = std::mem::take(&mut table.parts).into_iter();
        let mut part = || {
            parts
                .next()
                .expect("a table has weights and the rule's states")
        };
        let (weights, state) = (part(), std::array::from_fn(|_| part()));
        let (weights, state) = match mode {
            Mode::Exact => {
                let whole = put(weights.zeros_like(), &rows, gradient);
                advance(weights, state, whole)
            }
            Mode::Touched => {
                let take = |whole: &Tensor<2>| whole.clone().select(0, rows.clone());
                let (moved, moved_state) =
                    advance(take(&weights), state.each_ref().map(take), gradient);
                let mut moved_state = moved_state.into_iter();
                let state = state.map(|whole| match moved_state.next() {
                    Some(part) => put(whole, &rows, part),
                    None => whole,
                });
                (put(weights, &rows, moved), state)
            }
        };
        table.parts.push(weights);
        table.parts.extend(state);
    }
}

/// Writes rows of a table; in place, if this is its only handle.
fn put(whole: Tensor<2>, rows: &Tensor<1, Int>, part: Tensor<2>) -> Tensor<2> {
    if home_of(&whole.device()) == Home::Host {
        // The processor's `scatter_nd` copies the table whoever holds it.
        return whole.select_assign(0, rows.clone(), part, IndexingUpdateOp::Assign);
    }
    // A GPU's `select_assign` goes through the rows of a column one after the other. They are distinct, so that this may
    // write all of them at once without a race.
    let rows: Tensor<2, Int> = rows.clone().unsqueeze_dim(1);
    whole.scatter_nd::<2, 2>(rows, part, IndexingUpdateOp::Assign)
}
