//! The places of values in buffers, and the backward pass that follows from them.

use super::Lowering;
use crate::program::{Operation, Place, Value, ValueIx};

impl Lowering<'_> {
    /// Assigns each value its place: table rows that are concatenated are read directly into place.
    pub(super) fn places(&mut self) -> Vec<Value> {
        let mut values: Vec<Value> = self
            .values
            .iter()
            .enumerate()
            .map(|(buffer, &(_, axis, width))| {
                let place = Place {
                    buffer,
                    start: 0,
                    width,
                    stride: width,
                };
                Value { axis, place }
            })
            .collect();
        let mut uses = vec![0; values.len()];
        for step in &self.steps {
            step.operation.each_input(|input| uses[input.0] += 1);
        }
        for at in 0..self.steps.len() {
            let Operation::Concat { parts } = &self.steps[at].operation else {
                continue;
            };
            let (output, dropped) = (self.steps[at].output, self.steps[at].dropout.is_some());
            let stride = values[output.0].place.width;
            let mut left = Vec::new();
            for &(input, start) in parts {
                let (step, ..) = self.values[input.0];
                let leaf = self.steps[step].operation.is_leaf();
                let free = values[input.0].place.buffer == input.0;
                let once = parts.iter().filter(|(own, _)| *own == input).count() == 1;
                // A value that is dropped in place must have no other use.
                if leaf && free && once && (!dropped || uses[input.0] == 1) {
                    let place = &mut values[input.0].place;
                    (place.buffer, place.start, place.stride) = (output.0, start, stride);
                } else {
                    left.push((input, start));
                }
            }
            self.steps[at].operation = Operation::Concat { parts: left };
        }
        values
    }

    /// Derives the backward pass: for each gradient that a step propagates, whether it is the first one written to its
    /// place. Returns the buffers that are written in parts.
    pub(super) fn derive(&mut self, values: &[Value], output: ValueIx) -> Vec<usize> {
        let mut written = vec![false; values.len()];
        let mut rows_written = vec![false; self.reads.len()];
        let mut begin_at_0 = Vec::new();
        written[values[output.0].place.buffer] = true;
        for step in self.steps.iter_mut().rev() {
            let mut adds = Vec::new();
            step.operation.each_input(|input| {
                if !self.learns[input.0] {
                    adds.push(None);
                    return;
                }
                let place = values[input.0].place;
                let written = &mut written[place.buffer];
                if !*written && !place.is_whole() {
                    begin_at_0.push(place.buffer);
                    *written = true;
                }
                adds.push(Some(*written));
                *written = true;
            });
            if let Some(read) = step.operation.read() {
                adds.push(Some(rows_written[read]));
                rows_written[read] = true;
            }
            step.adds = adds;
        }
        begin_at_0
    }
}
