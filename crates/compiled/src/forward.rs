//! The forward pass.
//!
//! Here is the pass itself; operations that need only their inputs and the weights are in `simple`, those that also use
//! other memory in `products`, `layers` and `steps`.

mod gru;
mod layers;
mod products;
mod sampling;
mod simple;
mod steps;

use crate::buffers::{Buffers, first};
use crate::compiled::{Pass, Sums};
use crate::dropout::Keys;
use crate::kernels::{Rows, copy, multiply, pool};
use crate::layout::Layout;
use crate::parameters::Parameters;
use crate::program::{Axis, Operation, Place, Program, ValueIx};
use recburn_optim::{RowTable, examples};

/// The context of the operations of a forward pass.
struct Forward<'a, 'b> {
    program: &'a Program,
    layout: &'a Layout<'b>,
    tables: &'a [&'a RowTable],
}

/// Computes every value of a batch.
pub(crate) fn forward(
    program: &Program,
    parameters: &mut Parameters,
    buffers: &mut Buffers,
    layout: &Layout<'_>,
    tables: &[&RowTable],
    pass: Pass,
    sums: Sums<'_>,
) {
    buffers.fit(program, layout);
    if let Pass::Training { seed } = pass {
        let mut keys = Keys::new(seed);
        buffers.keys.iter_mut().for_each(|key| *key = keys.draw());
    }
    let forward = Forward {
        program,
        layout,
        tables,
    };
    for step in &program.steps {
        let value = program.values[step.output.0];
        let (rows, place) = (layout.rows(value.axis), value.place);
        let is_norm = matches!(step.operation, Operation::BatchNorm { .. });
        if rows == 0 && !(is_norm && sums.is_some()) {
            continue; // sequences without steps, or no part of the batch
        }
        // Inputs are in other buffers.
        let mut output = std::mem::take(&mut buffers.values[place.buffer]);
        let out = &mut output[..rows * place.stride];
        match &step.operation {
            Operation::Gather { read } => forward.gather(*read, value.axis, place, out),
            Operation::Pool { read, how } => {
                let read = program.reads[*read];
                let (table, bags) = (tables[read.table], layout.bags(read.ids));
                pool(|row| table.row(row), bags, *how, place.rows_mut(out, rows));
            }
            Operation::Numbers { input } => {
                let numbers = layout.numbers(*input).chunks_exact(place.width);
                copy(numbers, place.rows_mut(out, rows), false);
            }
            Operation::BatchNorm { input, norm } => {
                forward.batch_norm(*input, norm, parameters, buffers, (pass, sums), out);
            }
            Operation::Dense { thinned, .. } if thinned.is_some() => {
                let dropout = step.dropout.filter(|_| pass != Pass::Inference);
                let dropout = dropout.map(|dropout| (dropout, layout.keys(value.axis)));
                forward.thinned(&step.operation, dropout, parameters, buffers, out);
                // Its dropout is done already.
                buffers.values[place.buffer] = output;
                continue;
            }
            Operation::Products { users, items } => {
                forward.products(*users, *items, buffers, out);
            }
            Operation::LayerNorm { input, norm } => {
                forward.layer_norm(*input, norm, &parameters.weights, buffers, out);
            }
            Operation::Attention { input, attends } => {
                forward.attention(*input, attends, &parameters.weights, buffers, out);
            }
            Operation::Sampling { inputs, draws } => {
                forward.sampling(*inputs, draws, buffers, pass, rows, out);
            }
            Operation::Gru { input, gates } => {
                forward.gru(*input, gates, &parameters.weights, buffers, out);
            }
            Operation::AdditiveAttention { input, looks } => {
                forward.additive_attention(*input, looks, &parameters.weights, buffers, out);
            }
            Operation::Pairwise { inputs } => forward.pairwise(inputs, buffers, rows, out),
            operation => forward.simple(operation, parameters, &buffers.values, rows, out),
        }
        if let (Some(dropout), Pass::Training { .. }) = (step.dropout, pass) {
            let key = buffers.keys[dropout.mask];
            let mask = first(&mut buffers.masks[dropout.mask], rows * place.width);
            let keys = layout.keys(value.axis);
            if place.is_whole() && keys.is_none() {
                dropout.rate.fill_and_apply(key, mask, out);
            } else {
                dropout.rate.fill_by(key, keys.as_deref(), mask);
                multiply(mask.chunks_exact(place.width), place.rows_mut(out, rows));
            }
        }
        buffers.values[place.buffer] = output;
    }
}

impl Forward<'_, '_> {
    fn place(&self, value: ValueIx) -> Place {
        self.program.values[value.0].place
    }

    fn rows<'v>(&self, value: ValueIx, values: &'v [Vec<f32>], rows: usize) -> impl Rows<'v> {
        let place = self.place(value);
        place.rows(&values[place.buffer], rows)
    }

    /// The rows of a table, one per entry.
    fn gather(&self, read: usize, axis: Axis, place: Place, out: &mut [f32]) {
        let read = self.program.reads[read];
        let table = self.tables[read.table];
        match self.layout.column(read.ids, axis) {
            Some(column) => {
                let columns = place.start..place.start + place.width;
                examples(table, column, columns, place.stride, out);
            }
            None => {
                let (ids, _) = self.layout.ids(read.ids, axis);
                for (out, &row) in place.rows_mut(out, ids.len()).zip(ids) {
                    out.copy_from_slice(table.row(row));
                }
            }
        }
    }
}
