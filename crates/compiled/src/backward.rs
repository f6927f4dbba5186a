//! The backward pass, in the reverse order of the forward pass.

mod steps;

use crate::buffers::{Buffers, first};
use crate::elementwise::{times_slope, unbend};
use crate::kernels::{
    add_up, broadcast, copy, multiply, of_affine, of_normalised, of_one_units_input,
    of_one_units_kernel, of_pairwise, of_pool, scaled, times_number,
};
use crate::layout::Layout;
use crate::parameters::Parameters;
use crate::product::Matrix;
use crate::program::{Norm, Operation, Place, Program, Span, Step, ValueIx};
use crate::steps::of_places;
use crate::thinned::Thinned;
use recburn_graph::Activation;
use recburn_optim::row_sums;
use std::iter::once;

/// A backward pass in progress.
struct Backward<'a, 'b> {
    program: &'a Program,
    parameters: &'a mut Parameters,
    values: &'a [Vec<f32>],
    gradients: &'a mut [Vec<f32>],
    scratch: &'a mut Vec<f32>,
    placed: &'a mut [Vec<f32>; 2],
    thinned: &'a mut [Thinned],
    row_norms: &'a [[Vec<f32>; 2]],
    attentions: &'a mut [[Vec<f32>; 2]],
    layout: &'a Layout<'b>,
}

/// The step whose gradient is propagated.
#[derive(Clone, Copy)]
struct Own<'a> {
    step: &'a Step,
    /// Rows of its output.
    rows: usize,
    /// Where the output is.
    place: Place,
    /// The factor that restores kept outputs to their values before dropout.
    unscaled: f32,
}

/// Computes the gradients of the parameters and of the rows that were read from the gradient of the scores.
pub(crate) fn backward(
    program: &Program,
    parameters: &mut Parameters,
    buffers: &mut Buffers,
    layout: &Layout<'_>,
    slopes: &[f32],
) {
    for &buffer in &program.begin_at_0 {
        if let Some((axis, width)) = program.buffers[buffer] {
            buffers.gradients[buffer][..layout.rows(axis) * width].fill(0.0);
        }
    }
    let output = program.values[program.output.0].place;
    buffers.gradients[output.buffer][..slopes.len()].copy_from_slice(slopes);
    for step in program.steps.iter().rev() {
        let value = program.values[step.output.0];
        let own = Own {
            step,
            rows: layout.rows(value.axis),
            place: value.place,
            unscaled: step
                .dropout
                .map_or(1.0, |dropout| 1.0 / dropout.rate.scale()),
        };
        // Gradients of inputs are in other buffers.
        let mut gradient = std::mem::take(&mut buffers.gradients[own.place.buffer]);
        let of_output = &mut gradient[..own.rows * own.place.stride];
        if let Some(dropout) = step.dropout {
            let mask = &buffers.masks[dropout.mask][..own.rows * own.place.width];
            match own.place.is_whole() {
                true => multiply(once(mask), once(&mut *of_output)),
                false => {
                    let rows = own.place.rows_mut(of_output, own.rows);
                    multiply(mask.chunks_exact(own.place.width), rows);
                }
            }
        }
        if let Some(read) = step.operation.read() {
            of_rows(program, buffers, layout, own, read, of_output);
        } else {
            let Buffers {
                values,
                gradients,
                normalised,
                inverse_deviations,
                scratch,
                placed,
                thinned,
                row_norms,
                attentions,
                ..
            } = &mut *buffers;
            let mut backward = Backward {
                program,
                parameters,
                values,
                gradients,
                scratch,
                placed,
                thinned,
                row_norms,
                attentions,
                layout,
            };
            match &step.operation {
                Operation::BatchNorm { input, norm } => {
                    let kept = [&normalised[norm.kept], &inverse_deviations[norm.kept]];
                    backward.batch_norm(own, *input, norm, kept.map(Vec::as_slice), of_output);
                }
                Operation::LayerNorm { input, norm } => {
                    backward.layer_norm(own, *input, norm, of_output);
                }
                Operation::Attention { input, attends } => {
                    backward.attention(own, *input, attends, of_output);
                }
                operation => backward.simple(own, operation, of_output),
            }
        }
        buffers.gradients[own.place.buffer] = gradient;
    }
}

/// The gradients of the distinct rows of a table, from the gradient of the values that were read.
fn of_rows(
    program: &Program,
    buffers: &mut Buffers,
    layout: &Layout<'_>,
    own: Own<'_>,
    read: usize,
    of_output: &[f32],
) {
    let (place, add) = (own.place, own.step.adds[0] == Some(true));
    let (ids, out) = (program.reads[read].ids, &mut buffers.of_rows[read]);
    let axis = program.values[own.step.output.0].axis;
    let (distinct, _) = layout.ids(ids, axis);
    let count = distinct.len() * place.width;
    let rows = place.rows(of_output, own.rows);
    if let Operation::Pool { how, .. } = own.step.operation {
        exactly(out, count, add);
        of_pool(rows, layout.bags(ids), how, out, place.width);
        return;
    }
    match layout.column(ids, axis) {
        Some(column) if !add => {
            let columns = place.start..place.start + place.width;
            row_sums(column, of_output, columns, place.stride, out);
        }
        Some(column) => add_up(rows, column.inverse, out, place.width),
        None => {
            exactly(out, count, add);
            copy(rows, out.chunks_exact_mut(place.width), add);
        }
    }
}

/// Resizes a vector to this length; fills it with zeros unless values are added to the existing ones.
fn exactly(numbers: &mut Vec<f32>, count: usize, add: bool) {
    if !add {
        numbers.clear();
    }
    numbers.resize(count, 0.0);
}

impl Backward<'_, '_> {
    fn place(&self, value: ValueIx) -> Place {
        self.program.values[value.0].place
    }

    /// The gradient of an input with this many rows, mutable.
    fn of(&mut self, input: ValueIx, rows: usize) -> impl Iterator<Item = &mut [f32]> {
        let place = self.place(input);
        place.rows_mut(&mut self.gradients[place.buffer], rows)
    }

    /// An operation that keeps only its inputs and output between the passes; the output is its whole buffer.
    fn simple(&mut self, own: Own<'_>, operation: &Operation, of_output: &mut [f32]) {
        let (rows, place) = (own.rows, own.place);
        let width = place.width;
        if let Operation::Dense {
            input,
            kernel,
            bias,
            activation,
            thinned,
        } = operation
        {
            let spans = [*kernel, *bias];
            self.dense(own, *input, spans, *activation, *thinned, of_output);
            return;
        }
        if let Operation::Bias { bias, .. } = operation {
            let sums = bias.of_mut(&mut self.parameters.gradient);
            sums.fill(0.0);
            for row in of_output.chunks_exact(width) {
                sums.iter_mut()
                    .zip(row)
                    .for_each(|(sum, slope)| *sum += slope);
            }
        }
        if let Operation::Activation { function, .. } = operation {
            let output = &self.values[place.buffer][..of_output.len()];
            times_slope(of_output, output, own.unscaled, *function);
        }
        if let Operation::Positions { rows, .. } = operation {
            let of_rows = rows.of_mut(&mut self.parameters.gradient);
            of_places(of_output, self.layout.ends, of_rows, width);
        }
        // The following is done for each input separately.
        let of_output = &*of_output;
        let gradient = || of_output.chunks_exact(width);
        let mut at = 0;
        operation.each_input(|input| {
            let (this, add) = (at, own.step.adds[at]);
            at += 1;
            let Some(add) = add else {
                return;
            };
            match operation {
                Operation::Gather { .. }
                | Operation::Pool { .. }
                | Operation::Numbers { .. }
                | Operation::Dense { .. }
                | Operation::BatchNorm { .. }
                | Operation::LayerNorm { .. }
                | Operation::Attention { .. } => {}
                Operation::AtQuery { .. } => self.at_query(input, add, of_output, width),
                Operation::Spread { .. } => self.spread(input, add, of_output, width),
                Operation::Bias { .. }
                | Operation::Activation { .. }
                | Operation::Copy { .. }
                | Operation::Add { .. }
                | Operation::Positions { .. } => {
                    copy(gradient(), self.of(input, rows), add);
                }
                Operation::Rescale { min, max, .. } => {
                    scaled(gradient(), self.of(input, rows), max - min, add);
                }
                Operation::Sum { .. } => broadcast(of_output, self.of(input, rows), add),
                Operation::Dot { inputs } => {
                    let (from, to) = (self.place(inputs[1 - this]), self.place(input));
                    let others = from.rows(&self.values[from.buffer], rows);
                    let out = to.rows_mut(&mut self.gradients[to.buffer], rows);
                    times_number(others, of_output, out, add);
                }
                Operation::Products { users, items } => {
                    self.products([*users, *items], this, add, of_output);
                }
                Operation::Multiply { inputs } => {
                    self.multiply(inputs, this, add, own, of_output);
                }
                Operation::Pairwise { inputs } => {
                    self.pairwise(inputs, this, add, own, of_output);
                }
                Operation::Concat { parts } => {
                    let part = Place {
                        buffer: 0,
                        start: parts[this].1,
                        width: self.place(input).width,
                        stride: width,
                    };
                    copy(part.rows(of_output, rows), self.of(input, rows), add);
                }
            }
        });
    }

    /// Sums, for each user, item or query, the gradients of its pairs.
    fn spread(&mut self, input: ValueIx, add: bool, of_output: &[f32], width: usize) {
        let from = self.program.values[input.0];
        let (stride, rows) = (from.place.stride, self.layout.rows(from.axis));
        let places = self.layout.places(from.axis);
        let out = &mut self.gradients[from.place.buffer];
        if !add {
            from.place.rows_mut(out, rows).for_each(|row| row.fill(0.0));
        }
        let gradient = of_output.chunks_exact(width);
        add_up(gradient, &places, &mut out[from.place.start..], stride);
    }

    /// The gradient of one side of all products: the gradient of the scores times the other side.
    fn products(&mut self, sides: [ValueIx; 2], side: usize, add: bool, of_output: &[f32]) {
        let batch = self.layout.batch;
        let counts = [batch.queries, batch.candidates.per_query()];
        let place = self.place(sides[side]);
        let gradient = Matrix::new(of_output, counts);
        let gradient = match side {
            0 => gradient,
            _ => gradient.transposed(),
        };
        let other = 1 - side;
        let (values, placed) = (self.values, &self.placed[other]);
        let program = self.program;
        let others = program.side(sides[other], counts[other], values, placed, self.layout);
        let out = &mut self.gradients[place.buffer];
        let Some(inverse) = program.inverse(sides[side], self.layout) else {
            gradient.times_into(others, &mut out[place.start..], place.stride, add);
            return;
        };
        let product = first(self.scratch, counts[side] * place.width);
        gradient.times_into(others, product, place.width, false);
        let axis = program.values[sides[side].0].axis;
        if !add {
            let rows = place.rows_mut(out, self.layout.rows(axis));
            rows.for_each(|row| row.fill(0.0));
        }
        let rows = product.chunks_exact(place.width);
        add_up(rows, inverse, &mut out[place.start..], place.stride);
    }

    /// The gradient of one input: the output's gradient times all other inputs.
    fn multiply(
        &mut self,
        inputs: &[ValueIx],
        at: usize,
        add: bool,
        own: Own<'_>,
        of_output: &[f32],
    ) {
        let (rows, width) = (own.rows, own.place.width);
        let product = first(self.scratch, of_output.len());
        product.copy_from_slice(of_output);
        for (other, value) in inputs.iter().enumerate() {
            if other != at {
                let from = self.program.values[value.0].place;
                let others = from.rows(&self.values[from.buffer], rows);
                multiply(others, product.chunks_exact_mut(width));
            }
        }
        let to = self.program.values[inputs[at].0].place;
        let out = to.rows_mut(&mut self.gradients[to.buffer], rows);
        copy(product.chunks_exact(width), out, add);
    }

    /// The gradient of one input: the output's gradient times the sum of all other inputs.
    fn pairwise(
        &mut self,
        inputs: &[ValueIx],
        at: usize,
        add: bool,
        own: Own<'_>,
        of_output: &[f32],
    ) {
        let (rows, width) = (own.rows, own.place.width);
        let sum = first(self.scratch, of_output.len());
        for (at, value) in inputs.iter().enumerate() {
            let from = self.program.values[value.0].place;
            let value = from.rows(&self.values[from.buffer], rows);
            copy(value, sum.chunks_exact_mut(width), at > 0);
        }
        let place = self.program.values[inputs[at].0].place;
        of_pairwise(
            of_output.chunks_exact(width),
            sum.chunks_exact(width),
            place.rows(&self.values[place.buffer], rows),
            place.rows_mut(&mut self.gradients[place.buffer], rows),
            add,
        );
    }

    fn dense(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        [kernel, bias]: [Span; 2],
        activation: Activation,
        thinned: Option<usize>,
        of_output: &mut [f32],
    ) {
        let (rows, units) = (own.rows, own.place.width);
        let Parameters {
            weights, gradient, ..
        } = &mut *self.parameters;
        let output = &self.values[own.place.buffer][..rows * units];
        let of_bias = bias.of_mut(gradient);
        unbend(of_output, output, own.unscaled, of_bias, activation);
        let (of_kernel, kernel) = (kernel.of_mut(gradient), kernel.of(weights));
        if rows == 0 {
            of_kernel.fill(0.0); // sequences without steps
            return;
        }
        let place = self.program.values[input.0].place;
        let (values, gradients) = (
            &self.values[place.buffer],
            &mut self.gradients[place.buffer],
        );
        if let Some(thinned) = thinned {
            let add = own.step.adds[0];
            self.thinned[thinned].backward(
                (&values[place.start..], place.stride),
                (kernel, place.width),
                of_output,
                of_kernel,
                add.map(|add| (&mut gradients[place.start..], add)),
            );
            return;
        }
        if units == 1 {
            of_one_units_kernel(place.rows(values, rows), of_output, of_kernel);
            if let Some(add) = own.step.adds[0] {
                of_one_units_input(of_output, kernel, place.rows_mut(gradients, rows), add);
            }
            return;
        }
        let of_output = Matrix::new(of_output, [rows, units]);
        let shape = [rows, place.width];
        Matrix::with_stride(&values[place.start..], shape, place.stride)
            .transposed()
            .times_into(of_output, of_kernel, units, false);
        if let Some(add) = own.step.adds[0] {
            of_output.times_into(
                Matrix::new(kernel, [place.width, units]).transposed(),
                &mut gradients[place.start..],
                place.stride,
                add,
            );
        }
    }

    fn batch_norm(
        &mut self,
        own: Own<'_>,
        input: ValueIx,
        norm: &Norm,
        [normalised, inverse_deviation]: [&[f32]; 2],
        of_output: &[f32],
    ) {
        let normalised = &normalised[..of_output.len()];
        let (weights, of_gamma, of_beta) = self.parameters.of_norm(norm.gamma, norm.beta);
        of_affine(normalised, of_output, of_gamma, of_beta);
        let Some(add) = own.step.adds[0] else {
            return;
        };
        let place = self.program.values[input.0].place;
        let inverse_deviation = &inverse_deviation[..norm.gamma.len];
        of_normalised(
            normalised,
            of_output,
            [norm.gamma.of(weights), inverse_deviation, of_gamma, of_beta],
            place.rows_mut(&mut self.gradients[place.buffer], own.rows),
            add,
        );
    }
}
