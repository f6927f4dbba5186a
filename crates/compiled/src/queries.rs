//! Many rows against a few queries: the scores of a catalogue.

use crate::widest::widest;

/// Rows side by side, so that their products with a query are taken many at a time.
const LANES: usize = 16;

/// Queries that share one reading of the rows.
const TOGETHER: usize = 4;

/// Rows of one width, kept for products with queries.
///
/// Each product is added up in the order of its numbers, whatever it is computed together with: a score does not depend
/// on who else is asked for, to the bit.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Blocks of rows, each with its first numbers, then its second ones, and so on.
    blocks: Vec<[f32; LANES]>,
    width: usize,
    count: usize,
}

impl Rows {
    /// Of numbers row by row.
    ///
    /// # Panics
    /// If `width` is 0 or does not divide them.
    pub fn new(numbers: &[f32], width: usize) -> Self {
        assert!(
            width > 0 && numbers.len().is_multiple_of(width),
            "{} numbers are not rows of {width}",
            numbers.len()
        );
        let count = numbers.len() / width;
        let mut blocks = vec![[0.0; LANES]; count.div_ceil(LANES) * width];
        for (at, row) in numbers.chunks_exact(width).enumerate() {
            let block = &mut blocks[at / LANES * width..][..width];
            for (lanes, number) in block.iter_mut().zip(row) {
                lanes[at % LANES] = *number;
            }
        }
        Self {
            blocks,
            width,
            count,
        }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Numbers of a row, and of a query.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One row.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn row(&self, at: usize) -> Vec<f32> {
        assert!(at < self.count, "row {at} of {}", self.count);
        let block = &self.blocks[at / LANES * self.width..][..self.width];
        block.iter().map(|lanes| lanes[at % LANES]).collect()
    }

    /// The product of each query with each row, query by query: `[queries, rows]`.
    ///
    /// # Panics
    /// If the numbers are not whole queries.
    pub fn times(&self, queries: &[f32]) -> Vec<f32> {
        assert!(
            queries.len().is_multiple_of(self.width),
            "{} numbers are not queries of {}",
            queries.len(),
            self.width
        );
        let mut scores = vec![0.0; queries.len() / self.width * self.count];
        if self.count == 0 {
            return scores;
        }
        let queries = queries.chunks(TOGETHER * self.width);
        for (queries, scores) in queries.zip(scores.chunks_mut(TOGETHER * self.count)) {
            widest!(match queries.len() / self.width {
                TOGETHER => self.products::<TOGETHER>(queries, scores),
                _ => {
                    let each = queries.chunks_exact(self.width);
                    for (query, scores) in each.zip(scores.chunks_exact_mut(self.count)) {
                        self.products::<1>(query, scores);
                    }
                }
            });
        }
        scores
    }

    #[inline(always)]
    fn products<const N: usize>(&self, queries: &[f32], scores: &mut [f32]) {
        // The same numbers of all queries side by side: looked up query by query, the sums would not stay in registers.
        let number = |at: usize| std::array::from_fn(|query| queries[query * self.width + at]);
        let asked: Vec<[f32; N]> = (0..self.width).map(number).collect();
        for (at, block) in self.blocks.chunks_exact(self.width).enumerate() {
            let mut sums = [[0.0_f32; LANES]; N];
            for (lanes, numbers) in block.iter().zip(&asked) {
                for (sums, number) in sums.iter_mut().zip(numbers) {
                    for (sum, lane) in sums.iter_mut().zip(lanes) {
                        *sum += number * lane;
                    }
                }
            }
            let from = at * LANES;
            let to = self.count.min(from + LANES);
            for (query, sums) in sums.iter().enumerate() {
                let into = &mut scores[query * self.count..][from..to];
                into.copy_from_slice(&sums[..to - from]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn products_are_those_of_the_definition_and_the_same_alone_and_together() {
        let numbers = |count: usize, by: usize| -> Vec<f32> {
            (0..count).map(|at| (at * by % 13) as f32 - 6.0).collect()
        };
        for (count, width, queries) in [(1, 1, 1), (16, 3, 4), (17, 5, 9), (40, 2, 3), (0, 4, 2)] {
            let (rows, asked) = (numbers(count * width, 7), numbers(queries * width, 5));
            let kept = Rows::new(&rows, width);
            let together = kept.times(&asked);
            let each = asked.chunks_exact(width);
            let exact: Vec<f32> = each
                .clone()
                .flat_map(|query| {
                    let rows = rows.chunks_exact(width);
                    rows.map(move |row| row.iter().zip(query).map(|(a, b)| a * b).sum::<f32>())
                })
                .collect();
            assert_eq!(together, exact, "{count} x {width} for {queries}");
            let back: Vec<f32> = (0..count).flat_map(|at| kept.row(at)).collect();
            assert_eq!(back, rows);
            let alone: Vec<f32> = each.flat_map(|query| kept.times(query)).collect();
            assert_eq!(together, alone);
        }
    }
}
