//! A step on rows of a table on a device.

use crate::cells::Cells;
use crate::tensor_table::{TensorTable, indices, put, split};
use burn::tensor::{Tensor, TensorData};
use recburn_optim::{Lane, Steps, Update, UpdateVisitor, square};

/// Updates the rows of a batch or, if the table is walked, all rows.
pub(crate) struct StepTensor<'a> {
    pub table: &'a mut TensorTable,
    /// Distinct rows.
    pub rows: &'a [u32],
    /// For each row, the fraction of the batch that looks it up; empty without a penalty per look-up.
    pub shares: Vec<f32>,
    pub gradient: Tensor<2>,
    /// The step has begun.
    pub steps: &'a Steps,
}

impl UpdateVisitor for StepTensor<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            table,
            rows,
            shares,
            gradient,
            steps,
        } = self;
        let penalty = table.penalty;
        let advance = |now: Vec<Tensor<2>>, gradient: Tensor<2>| {
            let (weights, state) = split::<N>(now);
            let mut pull = Cells(gradient);
            if penalty.l2 > 0.0 {
                pull = pull.plus(Cells(weights.clone()).scale(penalty.decay()));
            }
            let mut state = state.map(Cells);
            if U::BY_ROW {
                let squares = square(pull.clone());
                state = update.row_state(state, Cells(squares.0.mean_dim(1)));
            }
            let (weights, state) = update.step(Cells(weights), state, pull);
            let weights = match penalty.non_negative {
                true => weights.positive(),
                false => weights,
            };
            let state = state.map(|state| state.0);
            std::iter::once(weights.0).chain(state).collect::<Vec<_>>()
        };
        let with_shares = |gradient: Tensor<2>, weights: Tensor<2>| {
            if shares.is_empty() {
                return gradient;
            }
            let shape = [shares.len(), 1];
            let shares = Tensor::<2>::from_data(TensorData::new(shares, shape), &gradient.device());
            gradient + weights * shares * penalty.decay_per_look_up()
        };
        if table.walked {
            let weights = &table.parts[0];
            let on_device = indices(rows, &weights.device());
            let gradient = with_shares(gradient, weights.clone().select(0, on_device.clone()));
            let whole = put(weights.zeros_like(), &on_device, gradient);
            let now = std::mem::take(&mut table.parts);
            table.parts = advance(now, whole);
            return;
        }
        let (on_device, now) = table.rows_now(rows, steps.mark());
        let gradient = with_shares(gradient, now[0].clone());
        let moved = advance(now, gradient);
        table.write(rows, &on_device, moved, steps.mark());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::counted;
    use crate::home::{Fetched, Gradient, TableHome};
    use burn::tensor::Device;
    use recburn_optim::{Mode, Penalty, Rule};

    const WIDTH: usize = 3;

    /// The numbers that lanes compute in 30 steps on a table with this many rows, each step on four of the first 12.
    fn cost(rows: usize, rule: Rule, penalty: Penalty, walked: bool) -> usize {
        let device = Device::flex();
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let part = |value| Tensor::full([rows, WIDTH], value, &device);
        let mut parts = vec![part(0.5)];
        let state_shape = [rows, rule.state_width(WIDTH)];
        let state = || Tensor::full(state_shape, rule.initial_state(), &device);
        parts.extend((0..rule.states()).map(|_| state()));
        let mut table = TensorTable::new(parts, penalty, &steps, walked);
        counted::take();
        for step in 0..30 {
            let batch: Vec<u32> = (0..4).map(|at| (step * 5 + at * 3) % 12).collect();
            let Fetched::Rows(read) = table.fetch(&batch, &steps) else {
                panic!("a tensor of rows");
            };
            let pace = steps.begin(0.01);
            let gradient = Gradient::Rows(Box::new(*read * 0.1));
            table.push(&batch, gradient, &|_| 0.0, pace, &steps);
        }
        counted::take()
    }

    #[test]
    fn what_a_step_costs_does_not_grow_with_the_table() {
        let rules = [
            Rule::sgd(0.0),
            Rule::sgd(0.9),
            Rule::ADAGRAD,
            Rule::ROWWISE_ADAGRAD,
            Rule::ADAM,
            Rule::ADAMW,
        ];
        let free = Penalty::default();
        let non_negative = Penalty {
            non_negative: true,
            ..free
        };
        let l2 = Penalty { l2: 1e-3, ..free };
        for rule in rules {
            for penalty in [free, non_negative] {
                let cost = |rows| cost(rows, rule, penalty, false);
                assert_eq!(cost(12), cost(12_000), "{rule} under {penalty:?}");
            }
        }
        for rule in [Rule::sgd(0.0), Rule::sgd(0.9)] {
            let cost = |rows| cost(rows, rule, l2, false);
            assert_eq!(cost(12), cost(12_000), "{rule} under {l2:?}");
        }
        // Checks that the count would detect it.
        assert!(cost(1_200, Rule::ADAM, free, true) > 10 * cost(12, Rule::ADAM, free, true));
        assert!(cost(1_200, Rule::ADAM, l2, false) > 10 * cost(12, Rule::ADAM, l2, false));
    }
}
