//! Tables on devices: tensors, updated by tensor operations.

use crate::cells::Cells;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use recburn_nn::{Home, home_of};
use recburn_optim::{
    COEFFICIENTS, Lane, Missed, Mode, Pace, Penalty, Rest, Steps, Update, UpdateVisitor,
};
use std::array;

/// The number of weights whose rows catch up together when a whole table does: this takes about ten times as many
/// numbers of device memory.
const TOGETHER: usize = 1 << 22;

/// Weights and state of a table as tensors.
pub(crate) struct TensorTable {
    penalty: Penalty,
    /// The weights, followed by each of the rule's states: `[rows, width]`.
    parts: Vec<Tensor<2>>,
    /// The step up to which each row is up to date, as in a table of rows.
    marks: Vec<u32>,
    /// Whether every row is updated at every step.
    walked: bool,
    at_hand: Option<AtHand>,
}

/// Rows that were read and have caught up, but are not yet written to the table: a step updates them first, so that
/// they are written once.
struct AtHand {
    rows: Vec<u32>,
    on_device: Tensor<1, Int>,
    /// Weights and states as in the table, `[rows.len(), width]`.
    parts: Vec<Tensor<2>>,
    /// The step up to which they are up to date.
    mark: u32,
}

impl TensorTable {
    /// A table with these weights and states, all up to date. Its rows catch up with the steps that they missed when
    /// they are next read; if there is no closed form for that, or if `walked`, every row is updated at every step
    /// instead. Applying missed steps one by one, as on a CPU, would take hundreds of kernel launches for the row that
    /// missed most, whereas a GPU updates a whole table at the speed of its memory.
    pub fn new(parts: Vec<Tensor<2>>, penalty: Penalty, steps: &Steps, walked: bool) -> Self {
        let [rows, _] = parts[0].dims();
        Self {
            penalty,
            parts,
            marks: vec![steps.mark(); rows],
            walked: steps.mode() == Mode::Exact && (walked || !steps.has_closed_form(&penalty)),
            at_hand: None,
        }
    }

    pub fn penalty(&self) -> Penalty {
        self.penalty
    }

    /// The weights: `[rows, width]`. Rows outside the batch are behind until all are brought up to date.
    pub fn weights(&self) -> &Tensor<2> {
        &self.parts[0]
    }

    /// Each of the rule's states: `[rows, width]`.
    pub fn states(&self) -> &[Tensor<2>] {
        &self.parts[1..]
    }

    /// Takes the states out of a table that is no longer used.
    pub fn into_states(mut self) -> Vec<Tensor<2>> {
        self.parts.split_off(1)
    }

    pub fn set_state(&mut self, state: usize, values: Tensor<2>) {
        self.parts[state + 1] = values;
    }

    /// `l2 * sum(w^2)` of the whole table.
    pub fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.weights().clone() * self.weights().clone();
        self.penalty.l2 * f64::from(squares.sum().into_scalar::<f32>())
    }

    /// The weights of these distinct rows, up to date: `[rows.len(), width]`.
    pub fn read(&mut self, rows: &[u32], steps: &Steps) -> Tensor<2> {
        let known = |at_hand: &AtHand| at_hand.mark == steps.mark() && at_hand.rows == rows;
        if let Some(at_hand) = self.at_hand.as_ref().filter(|at_hand| known(at_hand)) {
            return at_hand.parts[0].clone();
        }
        self.write_at_hand(steps.mark());
        let on_device = indices(rows, &self.weights().device());
        if !self.is_behind(rows, steps) {
            return self.weights().clone().select(0, on_device);
        }
        let catch_up = CatchUp {
            table: self,
            rows,
            on_device: &on_device,
            steps,
        };
        let parts = steps.rule().at(Pace::default(), catch_up);
        let weights = parts[0].clone();
        self.at_hand = Some(AtHand {
            rows: rows.to_vec(),
            on_device,
            parts,
            mark: steps.mark(),
        });
        weights
    }

    /// Whether any of these rows has missed a step.
    fn is_behind(&self, rows: &[u32], steps: &Steps) -> bool {
        let behind = |row: &u32| steps.missed(self.marks[*row as usize]) > 0;
        steps.mode() == Mode::Exact && !self.walked && rows.iter().any(behind)
    }

    /// Writes the rows at hand, if they belong to this step; older ones, whose step never came, are dropped.
    fn write_at_hand(&mut self, mark: u32) {
        if let Some(at_hand) = self.at_hand.take()
            && at_hand.mark == mark
        {
            self.write(&at_hand.rows, &at_hand.on_device, at_hand.parts, mark);
        }
    }

    /// Weights and states of these rows, as stored.
    fn gather(&self, rows: &Tensor<1, Int>) -> Vec<Tensor<2>> {
        let take = |whole: &Tensor<2>| whole.clone().select(0, rows.clone());
        self.parts.iter().map(take).collect()
    }

    fn write(
        &mut self,
        rows: &[u32],
        on_device: &Tensor<1, Int>,
        parts: Vec<Tensor<2>>,
        mark: u32,
    ) {
        for (whole, part) in self.parts.iter_mut().zip(parts) {
            // Taken out of the table, so that no second handle is alive when it is written: Burn then writes in place,
            // instead of copying the whole table to change the rows of a batch.
            let own = std::mem::replace(whole, part.clone());
            *whole = put(own, on_device, part);
        }
        for &row in rows {
            self.marks[row as usize] = mark;
        }
    }

    /// Brings every row up to date.
    pub fn catch_up_all(&mut self, steps: &Steps) {
        self.at_hand = None;
        if steps.mode() != Mode::Exact || self.walked {
            return;
        }
        let behind = |(_, mark): &(u32, &u32)| steps.missed(**mark) > 0;
        let rows = (0u32..).zip(&self.marks).filter(behind);
        let rows: Vec<u32> = rows.map(|(row, _)| row).collect();
        let [_, width] = self.weights().dims();
        let device = self.weights().device();
        for rows in rows.chunks((TOGETHER / width.max(1)).max(1)) {
            let on_device = &indices(rows, &device);
            let catch_up = CatchUp {
                table: self,
                rows,
                on_device,
                steps,
            };
            let parts = steps.rule().at(Pace::default(), catch_up);
            self.write(rows, on_device, parts, steps.mark());
        }
    }
}

/// Rows as a tensor of indices.
fn indices(rows: &[u32], device: &Device) -> Tensor<1, Int> {
    let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
    let count = rows.len();
    Tensor::from_data(TensorData::new(rows, [count]), device)
}

/// Weights and states of rows, up to date.
struct CatchUp<'a> {
    table: &'a TensorTable,
    rows: &'a [u32],
    on_device: &'a Tensor<1, Int>,
    steps: &'a Steps,
}

impl UpdateVisitor for CatchUp<'_> {
    type Output = Vec<Tensor<2>>;
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> Vec<Tensor<2>> {
        let Self {
            table,
            rows,
            on_device,
            steps,
        } = self;
        let (weights, state) = split::<N>(table.gather(on_device));
        let missed = rows
            .iter()
            .map(|&row| steps.since(table.marks[row as usize]));
        let device = weights.device();
        let (mut weights, mut state) = (Cells(weights), state.map(Cells));
        if let Some(coefficients) = coefficients(update, missed, table.penalty.decay(), &device) {
            (weights, state) = update.catch_up(weights, state, coefficients);
        }
        if table.penalty.non_negative {
            // One projection at the end equals one at every step, as for a row in host memory.
            weights = weights.positive();
        }
        let state = state.map(|state| state.0);
        std::iter::once(weights.0).chain(state).collect()
    }
}

/// The coefficients of each row's missed steps, `[rows, 1]` each; `None` if they leave all rows unchanged.
fn coefficients<'a, const N: usize, U: Update<N>>(
    update: U,
    missed: impl ExactSizeIterator<Item = Missed<'a>>,
    decay: f64,
    device: &Device,
) -> Option<[Cells<2>; COEFFICIENTS]> {
    let (count, used) = (missed.len(), U::COEFFICIENTS);
    let mut numbers = vec![0f32; used * count];
    for (at, missed) in missed.enumerate() {
        match update.rest(&missed, decay) {
            Rest::AtOnce(coefficients) => {
                for (which, coefficient) in coefficients[..used].iter().enumerate() {
                    numbers[which * count + at] = *coefficient as f32;
                }
            }
            Rest::Nothing => return None,
            Rest::OneByOne => unreachable!("such a table is updated whole"),
        }
    }
    let numbers = Tensor::<2>::from_data(TensorData::new(numbers, [used, count]), device);
    let of = |which: usize| {
        let one = numbers.clone().narrow(0, which.min(used - 1), 1);
        Cells(one.reshape([count, 1]))
    };
    let first = of(0);
    Some(array::from_fn(|which| match which {
        which if which > 0 && which < used => of(which),
        _ => first.clone(),
    }))
}

/// The weights, and the rule's states.
fn split<const N: usize>(parts: Vec<Tensor<2>>) -> (Tensor<2>, [Tensor<2>; N]) {
    let mut parts = parts.into_iter();
    let mut part = || {
        let part = parts.next();
        part.expect("a table has weights and the rule's states")
    };
    (part(), array::from_fn(|_| part()))
}

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

impl StepTensor<'_> {
    /// The rows on the device with their weights and states, up to date with the previous step: those at hand, if they
    /// were read.
    fn rows_now(&mut self) -> (Tensor<1, Int>, Vec<Tensor<2>>) {
        let (table, before) = (&mut *self.table, self.steps.mark().wrapping_sub(1));
        let known = |at_hand: &AtHand| at_hand.mark == before && at_hand.rows == self.rows;
        if let Some(at_hand) = table.at_hand.take_if(|at_hand| known(at_hand)) {
            return (at_hand.on_device, at_hand.parts);
        }
        // They have missed no step, or the table was read twice with different rows.
        table.write_at_hand(before);
        let on_device = indices(self.rows, &table.weights().device());
        let parts = table.gather(&on_device);
        (on_device, parts)
    }
}

impl UpdateVisitor for StepTensor<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(mut self, update: U) {
        let penalty = self.table.penalty;
        let advance = |now: Vec<Tensor<2>>, gradient: Tensor<2>| {
            let (weights, state) = split::<N>(now);
            let mut pull = Cells(gradient);
            if penalty.l2 > 0.0 {
                pull = pull.plus(Cells(weights.clone()).scale(penalty.decay()));
            }
            let (weights, state) = update.step(Cells(weights), state.map(Cells), pull);
            let weights = match penalty.non_negative {
                true => weights.positive(),
                false => weights,
            };
            let state = state.map(|state| state.0);
            std::iter::once(weights.0).chain(state).collect::<Vec<_>>()
        };
        let shares = std::mem::take(&mut self.shares);
        let with_shares = |gradient: Tensor<2>, weights: Tensor<2>| {
            if shares.is_empty() {
                return gradient;
            }
            let shape = [shares.len(), 1];
            let shares = Tensor::<2>::from_data(TensorData::new(shares, shape), &gradient.device());
            gradient + weights * shares * penalty.decay_per_look_up()
        };
        let gradient = self.gradient.clone();
        if self.table.walked {
            let weights = self.table.weights();
            let on_device = indices(self.rows, &weights.device());
            let gradient = with_shares(gradient, weights.clone().select(0, on_device.clone()));
            let whole = put(weights.zeros_like(), &on_device, gradient);
            let now = std::mem::take(&mut self.table.parts);
            self.table.parts = advance(now, whole);
            return;
        }
        let (on_device, now) = self.rows_now();
        let gradient = with_shares(gradient, now[0].clone());
        let moved = advance(now, gradient);
        let mark = self.steps.mark();
        self.table.write(self.rows, &on_device, moved, mark);
    }
}

/// Writes rows of a table; in place, if this is its only handle.
fn put(whole: Tensor<2>, rows: &Tensor<1, Int>, part: Tensor<2>) -> Tensor<2> {
    if home_of(&whole.device()) == Home::Host {
        // On a CPU, `scatter_nd` always copies the table.
        return whole.select_assign(0, rows.clone(), part, IndexingUpdateOp::Assign);
    }
    // On a GPU, `select_assign` processes the rows of a column sequentially. The rows are distinct, so this can write
    // all of them at once without a race.
    let rows: Tensor<2, Int> = rows.clone().unsqueeze_dim(1);
    whole.scatter_nd::<2, 2>(rows, part, IndexingUpdateOp::Assign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::counted;
    use recburn_optim::Rule;

    const WIDTH: usize = 3;

    /// The numbers that lanes compute in 30 steps on a table with this many rows, each step on four of the first 12.
    fn cost(rows: usize, rule: Rule, penalty: Penalty, walked: bool) -> usize {
        let device = Device::flex();
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let part = |value| Tensor::full([rows, WIDTH], value, &device);
        let mut parts = vec![part(0.5)];
        parts.extend((0..rule.states()).map(|_| part(rule.initial_state())));
        let mut table = TensorTable::new(parts, penalty, &steps, walked);
        counted::take();
        for step in 0..30 {
            let batch: Vec<u32> = (0..4).map(|at| (step * 5 + at * 3) % 12).collect();
            let read = table.read(&batch, &steps);
            let pace = steps.begin(0.01);
            let step = StepTensor {
                table: &mut table,
                rows: &batch,
                shares: Vec::new(),
                gradient: read * 0.1,
                steps: &steps,
            };
            rule.at(pace, step);
        }
        counted::take()
    }

    #[test]
    fn what_a_step_costs_does_not_grow_with_the_table() {
        let rules = [
            Rule::sgd(0.0),
            Rule::sgd(0.9),
            Rule::ADAGRAD,
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
