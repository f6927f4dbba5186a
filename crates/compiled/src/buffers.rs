//! The memory of a program, which grows to fit the largest batch and is reused.

use crate::layout::Layout;
use crate::program::{Place, Program};
use crate::thinned::Thinned;

/// One vector of numbers per buffer, mask, normalisation and read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers {
    pub values: Vec<Vec<f32>>,
    pub gradients: Vec<Vec<f32>>,
    /// The mask of each dropout layer, and the noise of each draw.
    pub masks: Vec<Vec<f32>>,
    /// The normalised input of each batch normalisation.
    pub normalised: Vec<Vec<f32>>,
    /// The inverse deviation of each column, per batch normalisation.
    pub inverse_deviations: Vec<Vec<f32>>,
    /// The gradients of the distinct rows, per read.
    pub of_rows: Vec<Vec<f32>>,
    /// The memory of each dense layer of which most units are dropped.
    pub thinned: Vec<Thinned>,
    /// The rows of users and of items by query and candidate, for products of all of them.
    pub placed: [Vec<f32>; 2],
    /// The key of each dropout layer, from which its mask is generated.
    pub keys: Vec<u64>,
    /// For each layer normalisation, the normalised input and the inverse standard deviation of each row.
    pub row_norms: Vec<[Vec<f32>; 2]>,
    /// For each attention layer, the concatenated queries, keys and values, and the attention weights of each head.
    pub attentions: Vec<[Vec<f32>; 2]>,
    /// For each recurrent layer, the gates of each step, the state's part of the candidate, and the state before the step.
    pub recurrent: Vec<[Vec<f32>; 3]>,
    /// For intermediate sums.
    pub scratch: Vec<f32>,
    /// The number of the step, counted from 1.
    pub step: u64,
}

impl Buffers {
    pub fn new(program: &Program) -> Self {
        let none = |count| vec![Vec::new(); count];
        Self {
            values: none(program.buffers.len()),
            gradients: none(program.buffers.len()),
            masks: none(program.masks),
            normalised: none(program.norms),
            inverse_deviations: none(program.norms),
            of_rows: none(program.reads.len()),
            thinned: vec![Thinned::default(); program.thinned],
            placed: [Vec::new(), Vec::new()],
            keys: vec![0; program.masks],
            row_norms: vec![Default::default(); program.row_norms],
            attentions: vec![Default::default(); program.attentions],
            recurrent: vec![Default::default(); program.recurrent],
            scratch: Vec::new(),
            step: 1,
        }
    }

    /// Makes room for this batch.
    pub fn fit(&mut self, program: &Program, layout: &Layout<'_>) {
        let both = self.values.iter_mut().zip(&mut self.gradients);
        for (buffer, (values, gradients)) in program.buffers.iter().zip(both) {
            if let Some((axis, width)) = buffer {
                let numbers = layout.rows(*axis) * width;
                if values.len() < numbers {
                    values.resize(numbers, 0.0);
                    gradients.resize(numbers, 0.0);
                }
            }
        }
    }
}

/// The first `count` of these numbers; after a larger batch there are more.
pub(crate) fn first(numbers: &mut Vec<f32>, count: usize) -> &mut [f32] {
    if numbers.len() < count {
        numbers.resize(count, 0.0);
    }
    &mut numbers[..count]
}

impl Place {
    /// The rows of a value.
    #[inline(always)]
    pub fn rows(self, buffer: &[f32], rows: usize) -> impl Iterator<Item = &[f32]> {
        let all = buffer[..rows * self.stride].chunks_exact(self.stride);
        all.map(
            #[inline(always)]
            move |row| &row[self.start..][..self.width],
        )
    }

    /// The rows of a value, mutable.
    #[inline(always)]
    pub fn rows_mut(self, buffer: &mut [f32], rows: usize) -> impl Iterator<Item = &mut [f32]> {
        let all = buffer[..rows * self.stride].chunks_exact_mut(self.stride);
        all.map(
            #[inline(always)]
            move |row| &mut row[self.start..][..self.width],
        )
    }
}
