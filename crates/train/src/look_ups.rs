//! Counts of look-ups per row, for a penalty per look-up.

use recburn_data::{Batch, Candidates, Column};
use recburn_nn::ColumnId;
use recburn_schema::{Input, Side, Values};

/// The number of examples that look each row up, in the current step and in the epoch so far.
#[derive(Default)]
pub(crate) struct LookUps {
    /// By column number.
    columns: Vec<OfColumn>,
    /// Examples of the current step.
    batch: usize,
    /// Examples in the epoch so far.
    examples: u64,
}

/// The counts of the rows that the ids of one column index.
#[derive(Default)]
struct OfColumn {
    /// Rows of the current step: those whose `now` is not 0.
    rows: Vec<u32>,
    now: Vec<f32>,
    in_all: Vec<u32>,
}

impl OfColumn {
    /// Begins the next step: `count` returns the number of examples that each entry represents, of which `part` counts in
    /// this step.
    fn begin(&mut self, column: &Column, part: f32, count: impl Fn(usize) -> u32) {
        for &row in &self.rows {
            self.now[row as usize] = 0.0;
        }
        self.rows.clone_from(&column.rows);
        let rows = self.rows.iter().max().map_or(0, |&row| row as usize + 1);
        if self.now.len() < rows {
            self.now.resize(rows, 0.0);
            self.in_all.resize(rows, 0);
        }
        for (entry, &place) in column.inverse.iter().enumerate() {
            let row = self.rows[place as usize] as usize;
            let count = count(entry);
            self.now[row] += part * count as f32;
            self.in_all[row] += count;
        }
    }
}

/// The number of queries per distinct row of a side.
fn queries_of(column: &Column) -> Vec<u32> {
    let mut counts = vec![0; column.rows.len()];
    for &place in &column.inverse {
        counts[place as usize] += 1;
    }
    counts
}

impl LookUps {
    /// Begins the next step, with this batch for a model with these inputs, which is `part` of the whole batch of several
    /// processes. Candidates that all queries share are looked up once in the whole batch, and by every process.
    pub fn begin(&mut self, batch: &Batch, inputs: &[Input], part: f32) {
        let of_items = match batch.candidates {
            Candidates::Each(_) => 1.0,
            Candidates::Shared(_) => part,
        };
        self.columns
            .resize_with(batch.others.len() + 2, OfColumn::default);
        self.columns[0].begin(&batch.users, 1.0, |_| 1);
        self.columns[1].begin(&batch.items, of_items, |_| 1);
        let others = inputs
            .iter()
            .filter(|input| !input.is_users() && !input.is_items());
        for (at, (values, input)) in batch.others.iter().zip(others).enumerate() {
            let owners = match input.side {
                Side::User => queries_of(&batch.users),
                Side::Item => queries_of(&batch.items),
                Side::Event => vec![1; batch.queries],
            };
            let part = match input.side {
                Side::Item => of_items,
                Side::User | Side::Event => 1.0,
            };
            let column = &mut self.columns[at + 2];
            match values {
                Values::Ids(ids) => column.begin(ids, part, |entry| owners[entry]),
                Values::Bags(bags) => {
                    let owner =
                        |entry: usize| bags.ends.partition_point(|&end| end as usize <= entry);
                    column.begin(&bags.column, part, |entry| owners[owner(entry)]);
                }
                Values::Numbers(_) => {}
            }
        }
        self.batch = batch.len();
        self.examples += batch.len() as u64;
    }

    /// Begins the next epoch.
    pub fn begin_epoch(&mut self) {
        for column in &mut self.columns {
            column.in_all.fill(0);
        }
        self.examples = 0;
    }

    fn of(&self, column: ColumnId) -> Option<&OfColumn> {
        self.columns.get(column.index())
    }

    /// The fraction of the step's examples that look up this row of a table indexed by these columns. A model may read
    /// the row more than once per example.
    pub fn share(&self, columns: &[ColumnId], row: u32) -> f32 {
        let now = |&column: &ColumnId| self.of(column)?.now.get(row as usize);
        columns.iter().filter_map(now).sum::<f32>() / self.batch.max(1) as f32
    }

    /// The sum over the epoch's look-ups of the values that `of` yields for the rows, in the order of the table.
    pub fn sum(&self, columns: &[ColumnId], of: impl Iterator<Item = f64>) -> f64 {
        let count = |row: usize| {
            let counts = columns
                .iter()
                .filter_map(|&column| self.of(column)?.in_all.get(row));
            counts.map(|&count| f64::from(count)).sum::<f64>()
        };
        of.enumerate().map(|(row, value)| count(row) * value).sum()
    }

    /// The examples of the epoch so far.
    pub fn examples(&self) -> f64 {
        self.examples as f64
    }
}
