//! Rows at rest catch up: whatever the batches, the rates, the rule and the penalty, a table ends where a dense
//! optimizer in double precision ends.

mod adam;
mod adamw;
mod many_runs;
mod resumed;
mod rowwise;
mod settings;

use recburn_optim::{RowTable, Steps};

const WIDTH: usize = 3;

/// One step: a rate, and a gradient for some distinct rows.
type Moves = (f64, Vec<(u32, [f32; WIDTH])>);

/// What a step hands to a table: the rows of the batch are read, and then moved.
fn take(table: &mut RowTable, steps: &mut Steps, (learning_rate, touched): &Moves) {
    let rows: Vec<u32> = touched.iter().map(|(row, _)| *row).collect();
    let gradient: Vec<f32> = touched.iter().flat_map(|(_, gradient)| *gradient).collect();
    table.catch_up(&rows, steps);
    let rate = steps.begin(*learning_rate);
    table.step(&rows, &gradient, rate, steps);
}
