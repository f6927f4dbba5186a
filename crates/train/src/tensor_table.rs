//! Tables on devices: tensors, updated by tensor operations.

use crate::cells::Cells;
use crate::home::{Fetched, Gradient, TableHome, matrix};
use crate::tensor_step::StepTensor;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use recburn_nn::{Home, home_of};
use recburn_optim::{
    COEFFICIENTS, Lane, Missed, Mode, Pace, Penalty, Rest, Rule, Steps, Update, UpdateVisitor,
};
use std::array;

/// The number of weights whose rows catch up together when a whole table does: this takes about ten times as many
/// numbers of device memory.
const TOGETHER: usize = 1 << 22;

/// Weights and state of a table as tensors.
pub(crate) struct TensorTable {
    pub(crate) penalty: Penalty,
    /// The weights, followed by each of the rule's states: `[rows, width]`, or `[rows, 1]` for states kept by row.
    pub(crate) parts: Vec<Tensor<2>>,
    /// The step up to which each row is up to date, as in a table of rows.
    marks: Vec<u32>,
    /// Whether every row is updated at every step.
    pub(crate) walked: bool,
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

    /// The weights: `[rows, width]`. Rows outside the batch are behind until all are brought up to date.
    fn whole(&self) -> &Tensor<2> {
        &self.parts[0]
    }

    /// The weights of these distinct rows, up to date: `[rows.len(), width]`.
    fn read(&mut self, rows: &[u32], steps: &Steps) -> Tensor<2> {
        let known = |at_hand: &AtHand| at_hand.mark == steps.mark() && at_hand.rows == rows;
        if let Some(at_hand) = self.at_hand.as_ref().filter(|at_hand| known(at_hand)) {
            return at_hand.parts[0].clone();
        }
        self.write_at_hand(steps.mark());
        let on_device = indices(rows, &self.whole().device());
        if !self.is_behind(rows, steps) {
            return self.whole().clone().select(0, on_device);
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

    /// These rows on the device with their weights and states, up to date with the step before `mark`: those at hand, if
    /// they were read.
    pub(crate) fn rows_now(&mut self, rows: &[u32], mark: u32) -> (Tensor<1, Int>, Vec<Tensor<2>>) {
        let before = mark.wrapping_sub(1);
        let known = |at_hand: &AtHand| at_hand.mark == before && at_hand.rows == rows;
        if let Some(at_hand) = self.at_hand.take_if(|at_hand| known(at_hand)) {
            return (at_hand.on_device, at_hand.parts);
        }
        // They have missed no step, or the table was read twice with different rows.
        self.write_at_hand(before);
        let on_device = indices(rows, &self.whole().device());
        let parts = self.gather(&on_device);
        (on_device, parts)
    }

    /// Weights and states of these rows, as stored.
    fn gather(&self, rows: &Tensor<1, Int>) -> Vec<Tensor<2>> {
        let take = |whole: &Tensor<2>| whole.clone().select(0, rows.clone());
        self.parts.iter().map(take).collect()
    }

    pub(crate) fn write(
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
}

impl TableHome for TensorTable {
    fn shape(&self) -> [usize; 2] {
        self.whole().dims()
    }

    fn penalty(&self) -> Penalty {
        self.penalty
    }

    fn fetch(&mut self, rows: &[u32], steps: &Steps) -> Fetched<'_> {
        Fetched::Rows(Box::new(self.read(rows, steps)))
    }

    fn push(
        &mut self,
        rows: &[u32],
        gradient: Gradient<'_>,
        share: &dyn Fn(u32) -> f32,
        pace: Pace,
        steps: &Steps,
    ) {
        let shares = match self.penalty.l2_per_look_up > 0.0 {
            true => rows.iter().map(|&row| share(row)).collect(),
            false => Vec::new(),
        };
        let [_, width] = self.shape();
        let gradient = match gradient {
            Gradient::Rows(tensor) => *tensor,
            Gradient::Numbers(numbers) => matrix(numbers.to_vec(), width, &self.whole().device()),
        };
        let step = StepTensor {
            table: self,
            rows,
            shares,
            gradient,
            steps,
        };
        steps.rule().at(pace, step);
    }

    fn settle(&mut self, steps: &Steps) {
        self.at_hand = None;
        if steps.mode() != Mode::Exact || self.walked {
            return;
        }
        let behind = |(_, mark): &(u32, &u32)| steps.missed(**mark) > 0;
        let rows = (0u32..).zip(&self.marks).filter(behind);
        let rows: Vec<u32> = rows.map(|(row, _)| row).collect();
        let [_, width] = self.shape();
        let device = self.whole().device();
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

    fn weights(&self, _: &Device) -> Tensor<2> {
        self.parts[0].clone()
    }

    fn set_weights(&mut self, weights: &Tensor<2>, steps: &Steps) {
        self.parts[0] = weights.clone();
        self.marks.fill(steps.mark());
        self.at_hand = None;
    }

    fn states(&self, _: Rule) -> Vec<Vec<f32>> {
        let read = |tensor: &Tensor<2>| tensor.to_data().iter::<f32>().collect();
        self.parts[1..].iter().map(read).collect()
    }

    fn set_state(&mut self, state: usize, values: &[f32]) {
        let [_, width] = self.parts[state + 1].dims();
        self.parts[state + 1] = matrix(values.to_vec(), width, &self.whole().device());
    }

    fn penalty_value(&self) -> f64 {
        if self.penalty.l2 == 0.0 {
            return 0.0;
        }
        let squares = self.whole().clone() * self.whole().clone();
        self.penalty.l2 * f64::from(squares.sum().into_scalar::<f32>())
    }

    fn squares(&self) -> Vec<f64> {
        let squares = self.whole().clone() * self.whole().clone();
        squares.sum_dim(1).into_data().iter::<f64>().collect()
    }
}

/// Rows as a tensor of indices.
pub(crate) fn indices(rows: &[u32], device: &Device) -> Tensor<1, Int> {
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
pub(crate) fn split<const N: usize>(parts: Vec<Tensor<2>>) -> (Tensor<2>, [Tensor<2>; N]) {
    let mut parts = parts.into_iter();
    let mut part = || {
        let part = parts.next();
        part.expect("a table has weights and the rule's states")
    };
    (part(), array::from_fn(|_| part()))
}

/// Writes rows of a table; in place, if this is its only handle.
pub(crate) fn put(whole: Tensor<2>, rows: &Tensor<1, Int>, part: Tensor<2>) -> Tensor<2> {
    if home_of(&whole.device()) == Home::Host {
        // On a CPU, `scatter_nd` always copies the table.
        return whole.select_assign(0, rows.clone(), part, IndexingUpdateOp::Assign);
    }
    // On a GPU, `select_assign` processes the rows of a column sequentially. The rows are distinct, so this can write
    // all of them at once without a race.
    let rows: Tensor<2, Int> = rows.clone().unsqueeze_dim(1);
    whole.scatter_nd::<2, 2>(rows, part, IndexingUpdateOp::Assign)
}
