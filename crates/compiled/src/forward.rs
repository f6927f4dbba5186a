//! The forward pass.

mod steps;

use crate::buffers::{Buffers, first};
use crate::compiled::Pass;
use crate::dropout::Keys;
use crate::elementwise::{apply, bend};
use crate::kernels::{
    Rows, affine, copy, dots, half_of_square_and, less_squares, multiply, normalise, one_unit,
    pool, rescale, spread, sums,
};
use crate::layout::Layout;
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Axis, Dropout, Norm, Operation, Place, Program, ValueIx};
use crate::steps::{add_places, last_steps};
use recburn_graph::Activation;
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
        if rows == 0 {
            continue; // only sequences without steps
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
                forward.batch_norm(*input, norm, parameters, buffers, pass, out);
            }
            Operation::Dense { thinned, .. } if thinned.is_some() => {
                let dropout = step.dropout.filter(|_| pass != Pass::Inference);
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
            Operation::Pairwise { inputs } => forward.pairwise(inputs, buffers, rows, out),
            operation => forward.simple(operation, parameters, &buffers.values, rows, out),
        }
        if let (Some(dropout), Pass::Training { .. }) = (step.dropout, pass) {
            let key = buffers.keys[dropout.mask];
            let mask = first(&mut buffers.masks[dropout.mask], rows * place.width);
            if place.is_whole() {
                dropout.rate.fill_and_apply(key, mask, out);
            } else {
                dropout.rate.fill(key, mask);
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

    /// The products of all pairs of the inputs; the sum of the inputs is kept.
    fn pairwise(&self, inputs: &[ValueIx], buffers: &mut Buffers, rows: usize, out: &mut [f32]) {
        let width = out.len() / rows;
        let sum = first(&mut buffers.scratch, out.len());
        out.fill(0.0);
        for (at, input) in inputs.iter().enumerate() {
            let input = || self.rows(*input, &buffers.values, rows);
            copy(input(), sum.chunks_exact_mut(width), at > 0);
            less_squares(input(), out.chunks_exact_mut(width));
        }
        half_of_square_and(sum, out);
    }

    /// A dense layer with its kernel stored by units, of which only the outputs that are not dropped are computed.
    fn thinned(
        &self,
        operation: &Operation,
        dropout: Option<Dropout>,
        parameters: &Parameters,
        buffers: &mut Buffers,
        out: &mut [f32],
    ) {
        let Operation::Dense {
            input,
            kernel,
            bias,
            activation,
            thinned: Some(thinned),
        } = operation
        else {
            unreachable!("only dense layers are thinned");
        };
        let (place, bias) = (self.place(*input), bias.of(&parameters.weights));
        let kernel = kernel.of(&parameters.weights);
        let Buffers {
            values,
            masks,
            keys,
            thinned: kept,
            ..
        } = buffers;
        let input = &values[place.buffer][place.start..];
        let units = bias.len();
        let Some(Dropout { rate, mask }) = dropout else {
            let shape = [out.len() / units, place.width];
            Matrix::with_stride(input, shape, place.stride).times_into(
                Matrix::new(kernel, [units, place.width]).transposed(),
                out,
                units,
                false,
            );
            bend(out, bias, *activation);
            return;
        };
        let key = keys[mask];
        let mask = first(&mut masks[mask], out.len());
        rate.fill(key, mask);
        let (input, kernel) = ((input, place.stride), (kernel, place.width));
        kept[*thinned].forward(input, kernel, mask, out);
        bend(out, bias, *activation);
        multiply(std::iter::once(&*mask), std::iter::once(out));
    }

    /// A matrix of scores: `[queries, candidates]`.
    fn products(&self, users: ValueIx, items: ValueIx, buffers: &mut Buffers, out: &mut [f32]) {
        let Buffers { values, placed, .. } = buffers;
        for (placed, value) in placed.iter_mut().zip([users, items]) {
            let (place, inverse) = (self.place(value), self.program.inverse(value, self.layout));
            let Some(inverse) = inverse else {
                continue; // it has its rows as they are wanted
            };
            let placed = first(placed, inverse.len() * place.width);
            let rows = placed.chunks_exact_mut(place.width);
            spread(
                &values[place.buffer][place.start..],
                place.stride,
                inverse,
                rows,
            );
        }
        let batch = self.layout.batch;
        let [users, items] = [
            (0, users, batch.queries),
            (1, items, batch.candidates.per_query()),
        ]
        .map(|(side, value, rows)| {
            self.program
                .side(value, rows, values, &placed[side], self.layout)
        });
        let candidates = batch.candidates.per_query();
        users.times_into(items.transposed(), out, candidates, false);
    }

    /// An operation that needs only its inputs and the weights. Its output is its whole buffer.
    fn simple(
        &self,
        operation: &Operation,
        parameters: &Parameters,
        values: &[Vec<f32>],
        rows: usize,
        out: &mut [f32],
    ) {
        let of = |input: ValueIx| self.rows(input, values, rows);
        let width = out.len() / rows.max(1);
        match operation {
            Operation::Gather { .. }
            | Operation::Pool { .. }
            | Operation::Numbers { .. }
            | Operation::BatchNorm { .. }
            | Operation::LayerNorm { .. }
            | Operation::Attention { .. }
            | Operation::Products { .. }
            | Operation::Pairwise { .. } => unreachable!("these have functions of their own"),
            Operation::Spread { input } => {
                let place = self.place(*input);
                let places = self.layout.places(self.program.values[input.0].axis);
                let input = &values[place.buffer][place.start..];
                spread(input, place.stride, &places, out.chunks_exact_mut(width));
            }
            Operation::Positions {
                input,
                rows: learnt,
            } => {
                copy(of(*input), out.chunks_exact_mut(width), false);
                let learnt = learnt.of(&parameters.weights);
                add_places(learnt, self.layout.ends, out, width);
            }
            Operation::AtQuery { input } => {
                if self.program.every_position {
                    copy(of(*input), out.chunks_exact_mut(width), false);
                } else if self.layout.rows(Axis::Entries) == 0 {
                    out.fill(0.0);
                } else {
                    let place = self.place(*input);
                    let steps = &values[place.buffer][place.start..];
                    last_steps(steps, place.stride, self.layout.ends, out, width);
                }
            }
            Operation::Sum { input } => sums(of(*input), out),
            Operation::Dense {
                input,
                kernel,
                bias,
                activation,
                thinned: _,
            } => {
                let kernel = kernel.of(&parameters.weights);
                if width == 1 {
                    one_unit(of(*input), kernel, out);
                } else {
                    let place = self.place(*input);
                    let numbers = &values[place.buffer][place.start..];
                    let shape = [rows, place.width];
                    Matrix::with_stride(numbers, shape, place.stride).times_into(
                        Matrix::new(kernel, [place.width, width]),
                        out,
                        width,
                        false,
                    );
                }
                bend(out, bias.of(&parameters.weights), *activation);
            }
            Operation::Bias { input, bias } => {
                copy(of(*input), out.chunks_exact_mut(width), false);
                bend(out, bias.of(&parameters.weights), Activation::Linear);
            }
            Operation::Activation { input, function } => {
                apply(of(*input), out.chunks_exact_mut(width), *function);
            }
            Operation::Dot {
                inputs: [left, right],
            } => dots(of(*left), of(*right), out),
            Operation::Add { inputs } => {
                for (at, input) in inputs.iter().enumerate() {
                    copy(of(*input), out.chunks_exact_mut(width), at > 0);
                }
            }
            Operation::Multiply { inputs } => {
                for (at, input) in inputs.iter().enumerate() {
                    match at {
                        0 => copy(of(*input), out.chunks_exact_mut(width), false),
                        _ => multiply(of(*input), out.chunks_exact_mut(width)),
                    }
                }
            }
            Operation::Concat { parts } => {
                for &(input, start) in parts {
                    let part = Place {
                        buffer: 0,
                        start,
                        width: self.place(input).width,
                        stride: width,
                    };
                    copy(of(input), part.rows_mut(out, rows), false);
                }
            }
            Operation::Rescale { input, min, max } => {
                rescale(of(*input), out.chunks_exact_mut(width), *min, max - min);
            }
            Operation::Copy { input } => copy(of(*input), out.chunks_exact_mut(width), false),
        }
    }

    /// Uses the statistics of the batch in training, which update the moving statistics; otherwise the moving
    /// statistics.
    fn batch_norm(
        &self,
        input: ValueIx,
        norm: &Norm,
        parameters: &mut Parameters,
        buffers: &mut Buffers,
        pass: Pass,
        out: &mut [f32],
    ) {
        let place = self.place(input);
        let (width, rows) = (place.width, out.len() / place.width);
        let Buffers {
            values,
            normalised,
            inverse_deviations,
            scratch,
            ..
        } = buffers;
        let input = || place.rows(&values[place.buffer], rows);
        let Parameters {
            weights,
            statistics,
            ..
        } = parameters;
        let (gamma, beta) = (norm.gamma.of(weights), norm.beta.of(weights));
        let inverse = first(&mut inverse_deviations[norm.kept], width);
        let numbers = first(scratch, 2 * width);
        let (mean, variance) = numbers.split_at_mut(width);
        match pass {
            Pass::Training { .. } => {
                let normalised = first(&mut normalised[norm.kept], rows * width);
                normalise(
                    input,
                    rows,
                    [&mut *mean, &mut *variance, inverse],
                    norm.epsilon,
                    normalised,
                );
                let rows = normalised.chunks_exact(width);
                affine(rows, gamma, beta, out.chunks_exact_mut(width));
                let (new, old) = (norm.momentum as f32, (1.0 - norm.momentum) as f32);
                for (moving, own) in [(norm.mean, mean), (norm.variance, variance)] {
                    for (moving, own) in moving.of_mut(statistics).iter_mut().zip(own) {
                        *moving = *moving * old + *own * new;
                    }
                }
            }
            Pass::Inference => {
                // `gamma (x - mean) / deviation + beta` as one factor and one term per column.
                let (factor, term) = (mean, variance);
                let moving = norm.mean.of(statistics).iter();
                let moving = moving.zip(norm.variance.of(statistics));
                for (at, (mean, variance)) in moving.enumerate() {
                    factor[at] = gamma[at] / (variance + norm.epsilon as f32).sqrt();
                    term[at] = beta[at] - factor[at] * mean;
                }
                affine(input(), factor, term, out.chunks_exact_mut(width));
            }
        }
    }
}
