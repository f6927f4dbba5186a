//! The steps of sequences: one row per entry, sequence after sequence, without padding.
//!
//! Sequences differ in length, and the most of a padded block may be padding. What is done to each step alone (look-ups,
//! dense layers, normalisation, dropout) needs no block: steps are rows of one matrix `[entries, width]`, and `ends` says
//! where each sequence ends among them, as in [`Bags`](recburn_schema::Bags). Only attention makes a block of them, also
//! that in `additive`.

mod additive;

pub use additive::AdditiveAttention;

use crate::columns::integers;
use crate::initialize::Draw;
use burn::module::{Module, Param};
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;
use burn::tensor::{Device, Int, Tensor, TensorData};
use recburn_graph::Initializer;

/// The entries of each sequence, from where each ends.
pub(crate) fn ranges(ends: &[u32]) -> impl Iterator<Item = std::ops::Range<u32>> + '_ {
    let begins = std::iter::once(0).chain(ends.iter().copied());
    begins.zip(ends).map(|(begin, &end)| begin..end)
}

/// A learnt row for each place in a sequence, by its distance from the last step.
#[derive(Module, Debug)]
pub struct Positions {
    /// The rows, `[length, width]`; the last is that of the last step.
    pub weight: Param<Tensor<2>>,
}

impl Positions {
    /// Rows for sequences of up to `length` steps. `name` picks the stream of random numbers that they start from.
    pub fn new(
        name: &str,
        [length, width]: [usize; 2],
        initializer: Initializer,
        draw: Draw,
        device: &Device,
    ) -> Self {
        let numbers = draw.numbers(name, initializer, length, width);
        Self {
            weight: Param::from_data(TensorData::new(numbers, [length, width]), device),
        }
    }

    /// Adds to each step the row of its place. Steps further from the last one than there are rows have the first row.
    ///
    /// # Shapes
    /// - steps and output: `[entries, width]`, the sequences one after the other, each up to one of `ends`
    pub fn forward(&self, steps: Tensor<2>, ends: &[u32]) -> Tensor<2> {
        let [length, _] = self.weight.lazy_shape().dims();
        let places = places(ends, length as u32);
        let places = integers(places.into_iter(), &steps.device().inner());
        steps + self.weight.val().select(0, places)
    }
}

/// The row of each entry among `length` rows, the last of which is that of the last step.
fn places(ends: &[u32], length: u32) -> Vec<u32> {
    let place = |(at, end): (u32, u32)| length.saturating_sub(end - at);
    let entries = ranges(ends).flat_map(|range| range.clone().map(move |at| (at, range.end)));
    entries.map(place).collect()
}

/// Self-attention in which each step of a sequence sees itself and those before it:
/// `softmax(Q K^T / sqrt(width / heads)) V`, each head with its own part of the columns (Vaswani et al. 2017), without
/// biases and without a product behind it, as in SASRec (Kang and McAuley 2018).
#[derive(Module, Debug)]
pub struct Attention {
    /// The kernel of the queries, `[width, width]`.
    pub query: Param<Tensor<2>>,
    /// The kernel of the keys, `[width, width]`.
    pub key: Param<Tensor<2>>,
    /// The kernel of the values, `[width, width]`.
    pub value: Param<Tensor<2>>,
    heads: usize,
}

impl Attention {
    /// A layer over rows of `width` numbers. `name` picks the streams of random numbers that its kernels start from.
    ///
    /// # Panics
    /// If the heads do not divide the width.
    pub fn new(
        name: &str,
        width: usize,
        heads: usize,
        initializer: Initializer,
        draw: Draw,
        device: &Device,
    ) -> Self {
        assert!(
            heads > 0 && width.is_multiple_of(heads),
            "{heads} heads do not divide a width of {width}"
        );
        let kernel = |part: &str| {
            let numbers = draw.numbers(&format!("{name}.{part}"), initializer, width, width);
            Param::from_data(TensorData::new(numbers, [width, width]), device)
        };
        Self {
            query: kernel("query"),
            key: kernel("key"),
            value: kernel("value"),
            heads,
        }
    }

    /// The layer applied to each sequence.
    ///
    /// # Shapes
    /// - steps and output: `[entries, width]`, the sequences one after the other, each up to one of `ends`
    pub fn forward(&self, steps: Tensor<2>, ends: &[u32]) -> Tensor<2> {
        let Some(block) = Block::new(ends) else {
            return steps;
        };
        let [_, width] = steps.dims();
        let part = width / self.heads;
        let device = steps.device().inner();
        let shape = [block.sequences, block.longest, self.heads, part];
        let (into, back) = block.places(&device);
        let into_block = |kernel: &Param<Tensor<2>>| {
            let rows = steps.clone().matmul(kernel.val());
            let rows = match &into {
                Some(places) => rows.select(0, places.clone()),
                None => rows,
            };
            rows.reshape(shape).swap_dims(1, 2)
        };
        let options = AttentionModuleOptions {
            is_causal: true,
            ..AttentionModuleOptions::default()
        };
        // Padding comes after the steps of its sequence, where none of them looks.
        let (query, key, value) = (
            into_block(&self.query),
            into_block(&self.key),
            into_block(&self.value),
        );
        let seen = attention(query, key, value, None, None, options);
        let rows = seen
            .swap_dims(1, 2)
            .reshape([block.sequences * block.longest, width]);
        match back {
            Some(places) => rows.select(0, places),
            None => rows,
        }
    }
}

/// Sequences as a block with a row for each step of the longest one.
struct Block<'a> {
    ends: &'a [u32],
    sequences: usize,
    longest: usize,
}

impl<'a> Block<'a> {
    /// `None` where there is no step.
    fn new(ends: &'a [u32]) -> Option<Self> {
        let longest = ranges(ends).map(|range| range.len()).max().unwrap_or(0);
        (longest > 0).then_some(Self {
            ends,
            sequences: ends.len(),
            longest,
        })
    }

    /// For each row of the block the entry that it holds, and for each entry its row; `None` where these are the same.
    /// Padding holds any entry: nobody reads it.
    fn places(&self, device: &Device) -> (Option<Tensor<1, Int>>, Option<Tensor<1, Int>>) {
        let entries = self.ends.last().map_or(0, |&end| end as usize);
        if entries == self.sequences * self.longest {
            return (None, None);
        }
        let mut into = vec![0; self.sequences * self.longest];
        let mut back = Vec::with_capacity(entries);
        for (sequence, range) in ranges(self.ends).enumerate() {
            let begin = sequence * self.longest;
            for (row, entry) in (begin..).zip(range) {
                into[row] = entry;
                back.push(row as u32);
            }
        }
        (
            Some(integers(into.into_iter(), device)),
            Some(integers(back.into_iter(), device)),
        )
    }
}

/// The last step of each sequence, zeros for one without steps: `[sequences, width]` from `[entries, width]`, which has at
/// least one entry.
pub(crate) fn last_steps(steps: Tensor<2>, ends: &[u32]) -> Tensor<2> {
    let device = steps.device();
    let last = ranges(ends).map(|range| range.end.saturating_sub(1));
    let last: Vec<u32> = last.collect();
    let last = integers(last.into_iter(), &device.clone().inner());
    let rows = steps.select(0, last);
    if ranges(ends).all(|range| !range.is_empty()) {
        return rows;
    }
    let kept = ranges(ends).map(|range| if range.is_empty() { 0.0 } else { 1.0 });
    let kept = TensorData::new(kept.collect::<Vec<f32>>(), [ends.len(), 1]);
    rows * Tensor::from_data(kept, &device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_from_the_last_step_and_the_first_row_is_for_all_before_it() {
        assert_eq!(places(&[2, 2, 5], 3), [1, 2, 0, 1, 2]);
        assert_eq!(places(&[4], 2), [0, 0, 0, 1]);
    }
}
