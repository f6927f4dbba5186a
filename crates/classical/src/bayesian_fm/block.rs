//! Relation blocks: what the ratings share (Rendle 2013).

use super::columns::Columns;
use super::events::Event;
use super::{BayesianFm, NAME};
use crate::error::ClassicalError;
use crate::method::Context;
use recburn_data::Side;

/// The rows of one block (the users, the items, the days), their ratings and their columns.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The ratings of row `r` are at `offsets[r]..offsets[r + 1]` of the following.
    pub(super) offsets: Vec<u32>,
    /// Ratings minus their mean, ordered by row.
    pub(super) targets: Vec<f32>,
    /// For each other block, in order: its row for each of these ratings.
    pub(super) others: Vec<Vec<u32>>,
    /// The columns besides that of the row itself.
    pub(super) columns: Columns,
    /// Whether its rows have a noise of their own.
    pub(super) noisy: bool,
}

impl Block {
    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Groups ratings by block `at`, where `rows[b][n]` is the row of rating `n` in block `b`.
    fn grouped(rows: &[Vec<u32>], at: usize, count: usize, targets: &[f32]) -> Self {
        let own = &rows[at];
        let mut offsets = vec![0_u32; count + 1];
        for &row in own {
            offsets[row as usize + 1] += 1;
        }
        for row in 0..count {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut order = vec![0_usize; own.len()];
        for (rating, &row) in own.iter().enumerate() {
            order[next[row as usize] as usize] = rating;
            next[row as usize] += 1;
        }
        let others = (0..rows.len()).filter(|&other| other != at);
        Self {
            targets: order.iter().map(|&rating| targets[rating]).collect(),
            others: others
                .map(|other| order.iter().map(|&rating| rows[other][rating]).collect())
                .collect(),
            offsets,
            columns: Columns::default(),
            noisy: false,
        }
    }

    /// The other side's rows of each row's ratings.
    fn lists(&self) -> impl Iterator<Item = &[u32]> {
        let other = &self.others[0];
        self.offsets
            .windows(2)
            .map(|ends| &other[ends[0] as usize..ends[1] as usize])
    }
}

/// All blocks: users, items, and one for each column of ratings.
#[derive(Clone, Debug)]
pub(super) struct Design {
    pub(super) blocks: Vec<Block>,
    pub(super) events: Vec<Event>,
    /// The mean rating.
    pub(super) centre: f64,
}

impl Design {
    /// The blocks of the training ratings.
    pub(super) fn new(options: &BayesianFm, context: &Context<'_>) -> Result<Self, ClassicalError> {
        let train = context.train;
        if train.len() > u32::MAX as usize {
            return Err(ClassicalError::Numerical {
                method: NAME,
                what: format!("{} ratings are more than 32 bits can count", train.len()),
            });
        }
        let centre = train.mean();
        let targets: Vec<f32> = train
            .ratings
            .iter()
            .map(|&rating| (f64::from(rating) - centre) as f32)
            .collect();
        let events = Event::all(options, train)?;
        let mut rows = vec![
            train.users.iter().map(|user| user.0).collect(),
            train.items.iter().map(|item| item.0).collect(),
        ];
        let mut counts = vec![context.users, context.items];
        for event in &events {
            rows.push(event.rows(train)?);
            counts.push(event.len());
        }
        let mut blocks: Vec<Block> = counts
            .iter()
            .enumerate()
            .map(|(at, &count)| Block::grouped(&rows, at, count, &targets))
            .collect();
        let wanted = [options.history, options.raters];
        let sides = [Side::User, Side::Item];
        for (at, block) in blocks.iter_mut().take(2).enumerate() {
            let mut columns = Columns::default();
            if wanted[at] {
                columns.push_history(counts[1 - at], block.lists());
            }
            columns.push_features(options, context.features, sides[at], counts[at])?;
            block.columns = columns;
            block.noisy = options.noise_shape.is_some();
        }
        Ok(Self {
            blocks,
            events,
            centre,
        })
    }
}
