//! Where the rows of a table are while it trains.

use burn::tensor::{Device, Tensor, TensorData};
use recburn_nn::{L2On, TableInfo};
use recburn_optim::{Pace, Penalty, RowTable, Rule, Steps};

/// A home of rows. A step needs two verbs of it: [`fetch`](TableHome::fetch) before the forward pass and
/// [`push`](TableHome::push) after the backward pass. Host memory ([`RowTable`]) and devices
/// ([`TensorTable`](crate::tensor_table::TensorTable)) are homes; a third has rows on other machines
/// ([`SpreadTable`](crate::spread_table::SpreadTable)), and answers `fetch` with those that it exchanged.
pub(crate) trait TableHome {
    /// Rows and width.
    fn shape(&self) -> [usize; 2];

    /// Penalty and constraint of the table.
    fn penalty(&self) -> Penalty;

    /// Brings these distinct rows up to date with all steps taken.
    fn fetch(&mut self, rows: &[u32], steps: &Steps) -> Fetched<'_>;

    /// Updates distinct rows by their gradient, plus that of a penalty per look-up: `share` is the fraction of the batch
    /// that looks a row up. The step has begun.
    fn push(
        &mut self,
        rows: &[u32],
        gradient: Gradient<'_>,
        share: &dyn Fn(u32) -> f32,
        pace: Pace,
        steps: &Steps,
    );

    /// As [`TableHome::push`], for distinct rows that live here, with the gradient of all processes; `share` is of the whole
    /// batch, which has this weight.
    fn push_own(
        &mut self,
        rows: &[u32],
        gradient: &mut [f32],
        (share, _): (&dyn Fn(u32) -> f32, f64),
        pace: Pace,
        steps: &Steps,
    ) {
        self.push(rows, Gradient::Numbers(gradient), share, pace, steps);
    }

    /// Brings every row up to date.
    fn settle(&mut self, steps: &Steps);

    /// The table, if it is in host memory, where kernels read and update rows in place.
    fn in_memory(&mut self) -> Option<&mut RowTable> {
        None
    }

    /// As [`TableHome::in_memory`], for reading.
    fn read_in_memory(&self) -> Option<&RowTable> {
        None
    }

    /// All rows that live here, if they are in host memory; a step may read others.
    fn own_rows(&self) -> Option<&RowTable> {
        self.read_in_memory()
    }

    /// As [`TableHome::own_rows`], to replace them.
    fn own_rows_mut(&mut self) -> Option<&mut RowTable> {
        self.in_memory()
    }

    /// The weights, as of the last settling: `[rows, width]`.
    fn weights(&self, device: &Device) -> Tensor<2>;

    /// Replaces the weights of a settled table, `[rows, width]`, and keeps the rule's states.
    fn set_weights(&mut self, weights: &Tensor<2>, steps: &Steps);

    /// Each of the rule's states, row by row.
    fn states(&self, rule: Rule) -> Vec<Vec<f32>>;

    /// Replaces one state, row by row: as many numbers as it has.
    fn set_state(&mut self, state: usize, values: &[f32]);

    /// `l2 * sum(w^2)` of the settled table; a penalty per look-up is not included.
    fn penalty_value(&self) -> f64;

    /// The sum of squares of each row.
    fn squares(&self) -> Vec<f64>;

    /// Begins another epoch.
    fn begin_epoch(&mut self) {}

    /// How often the epoch has looked up each row of a table with a penalty per look-up, if the home counts that itself.
    fn looked_up(&self) -> Option<&[f64]> {
        None
    }
}

/// Rows that are up to date.
pub(crate) enum Fetched<'a> {
    /// In host memory, read in place.
    Memory(&'a RowTable),
    /// The requested rows, in their order: `[rows, width]`.
    Rows(Box<Tensor<2>>),
}

/// The gradient of rows, in their order: `[rows, width]`.
pub(crate) enum Gradient<'a> {
    /// In host memory; the home may change it.
    Numbers(&'a mut [f32]),
    /// On the device of the model.
    Rows(Box<Tensor<2>>),
}

impl<'a> Gradient<'a> {
    /// In host memory; numbers of a device are copied to `own`.
    pub fn numbers(self, own: &'a mut Vec<f32>) -> &'a mut [f32] {
        match self {
            Self::Numbers(numbers) => numbers,
            Self::Rows(tensor) => {
                own.extend(tensor.into_data().iter::<f32>());
                own
            }
        }
    }
}

/// The penalty and constraint of a table.
pub(crate) fn penalty_of(info: &TableInfo) -> Penalty {
    let (l2, l2_per_look_up) = match info.options.l2_on {
        L2On::Table => (info.options.l2, 0.0),
        L2On::Batch => (0.0, info.options.l2),
    };
    Penalty {
        l2,
        l2_per_look_up,
        non_negative: info.options.non_negative,
    }
}

/// A tensor with rows of this width.
pub(crate) fn matrix(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let rows = values.len() / width;
    Tensor::from_data(TensorData::new(values, [rows, width]), device)
}

impl TableHome for RowTable {
    fn shape(&self) -> [usize; 2] {
        [self.rows(), self.width()]
    }

    fn penalty(&self) -> Penalty {
        RowTable::penalty(self)
    }

    fn fetch(&mut self, rows: &[u32], steps: &Steps) -> Fetched<'_> {
        self.catch_up(rows, steps);
        Fetched::Memory(self)
    }

    fn push(
        &mut self,
        rows: &[u32],
        gradient: Gradient<'_>,
        share: &dyn Fn(u32) -> f32,
        pace: Pace,
        steps: &Steps,
    ) {
        let mut own = Vec::new();
        let gradient = gradient.numbers(&mut own);
        self.add_penalty(rows, share, gradient);
        self.step(rows, gradient, pace, steps);
    }

    fn settle(&mut self, steps: &Steps) {
        self.catch_up_all(steps);
    }

    fn in_memory(&mut self) -> Option<&mut RowTable> {
        Some(self)
    }

    fn read_in_memory(&self) -> Option<&RowTable> {
        Some(self)
    }

    fn weights(&self, device: &Device) -> Tensor<2> {
        matrix(self.part(0).collect(), self.width(), device)
    }

    fn set_weights(&mut self, weights: &Tensor<2>, _: &Steps) {
        let weights: Vec<f32> = weights.to_data().iter::<f32>().collect();
        RowTable::set_weights(self, &weights);
    }

    fn states(&self, rule: Rule) -> Vec<Vec<f32>> {
        let states = 1..=rule.states();
        states.map(|part| self.part(part).collect()).collect()
    }

    fn set_state(&mut self, state: usize, values: &[f32]) {
        self.set_part(state + 1, values);
    }

    fn penalty_value(&self) -> f64 {
        RowTable::penalty_value(self)
    }

    fn squares(&self) -> Vec<f64> {
        let square = |w: &f32| f64::from(*w) * f64::from(*w);
        let rows = (0..self.rows() as u32).map(|row| self.row(row));
        rows.map(|row| row.iter().map(square).sum()).collect()
    }
}
