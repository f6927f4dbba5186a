//! Memory needed for training, estimated in advance.

use crate::dense::Trained;
use crate::home::penalty_of;
use burn::tensor::Device;
use recburn_nn::{Home, Memory, MemoryError, Model, TableInfo, bytes, home_of};
use recburn_optim::{Mode, Rule, Steps};

/// What determines the memory of training besides the model.
pub(crate) struct Plan {
    pub rule: Rule,
    pub mode: Mode,
    pub batch: usize,
    pub as_tensors: bool,
    /// Whether weights and state are copied during training: for a checkpoint, or for a file at the end.
    pub saves: bool,
    /// Whether the weights are averaged.
    pub averages: bool,
    /// A limit set by the caller.
    pub limit: Option<u64>,
}

impl Plan {
    /// Refuses a training that is known not to fit on its device. The estimate is a lower bound: weights where they are
    /// trained, optimizer state, gradients, and the values of a batch.
    pub fn check<M: Model>(
        &self,
        model: &M,
        tables: &[TableInfo],
        device: &Device,
    ) -> Result<(), MemoryError> {
        let mut trained = Trained::default();
        model.clone().train().visit(&mut trained);
        let states = self.rule.states() as u64;
        let of_tables = tables.iter().map(|table| bytes([table.rows, table.width]));
        let of_dense = trained.shapes.values();
        let weights = total(of_dense.clone().map(|shape| bytes(shape.iter().copied())));
        let dense = weights.saturating_mul(states + 1);
        let by_row = |table: &TableInfo| bytes([table.rows, self.rule.state_width(table.width)]);
        let states_of_tables = total(tables.iter().map(by_row)).saturating_mul(states);
        let widths = tables.iter().map(|table| table.width);
        let outputs = of_dense.filter_map(|shape| shape.last().copied());
        // Per example at least a value and its gradient.
        let values = widths.chain(outputs).fold(0, usize::saturating_add);
        let values = bytes([self.batch, values, 2]);
        let mut memory = Memory::of(device);
        let needed = if home_of(device) == Home::Host && !self.as_tensors {
            let marks = tables.iter().map(|table| bytes([table.rows]));
            let tables = total(of_tables.clone()).saturating_add(states_of_tables);
            tables.saturating_add(total(marks))
        } else {
            let steps = Steps::after(0, self.rule, self.mode);
            let walked = tables.iter().filter(|table| {
                self.mode == Mode::Exact && !steps.has_closed_form(&penalty_of(table))
            });
            // The gradient of a whole table, if every row is updated at every step.
            let gradient = walked.map(|table| bytes([table.rows, table.width]));
            let gradient = gradient.max().unwrap_or(0);
            let weights = u64::from(!memory.free);
            let tables = total(of_tables.clone()).saturating_mul(weights);
            tables
                .saturating_add(states_of_tables)
                .saturating_add(gradient)
        };
        // They are written one after another.
        let copies = match self.saves {
            true => total(of_tables.clone()).max(states_of_tables),
            false => 0,
        };
        // The averages, and at the end of an epoch a copy of them and of the weights in host memory.
        let copies_of_all = match (self.averages, home_of(device)) {
            (false, _) => 0,
            (true, Home::Host) => 3,
            (true, Home::Device) => 1,
        };
        let averages = total(of_tables).saturating_add(weights);
        let averages = averages.saturating_mul(copies_of_all);
        let needed = needed
            .saturating_add(averages)
            .saturating_add(dense)
            .saturating_add(values)
            .saturating_add(copies);
        if let Some(limit) = self.limit {
            memory.all = Some(memory.all.map_or(limit, |all| all.min(limit)));
        }
        memory.take("training", needed)
    }
}

fn total(bytes: impl Iterator<Item = u64>) -> u64 {
    bytes.fold(0, u64::saturating_add)
}
