//! Feeds: the batches of a training loop.

mod against;
mod alias;
mod implicit;
mod negatives;
mod next_item;
mod pointwise;
mod shared;
mod urn;
mod whole;

pub use implicit::Implicit;
pub use negatives::{Negatives, Sampler};
pub use next_item::NextItem;
pub use pointwise::{Batches, Featured};
pub use whole::Whole;

use crate::error::DataError;
use crate::features::{Feature, Features, inputs};
use crate::fingerprint::Fingerprint;
use crate::ratings::Ratings;
use recburn_schema::{Batch, Candidates, Input, Schema};

/// The batches of successive epochs. A feed is moved to the thread that prepares batches ahead of the steps.
///
/// The contents of an epoch depend only on the seed and the epoch number, not on the number of threads or on previous
/// epochs, so that a resumed training sees the same batches.
pub trait Feed: Send {
    /// Queries of one epoch.
    fn queries(&self) -> usize;

    /// Batches of one epoch.
    fn steps(&self) -> usize;

    /// Moves to the start of an epoch. Must be called before the first batch.
    fn begin(&mut self, seed: u64, epoch: u64);

    /// Writes the next batch to `batch`, reusing its memory; at the end of the epoch returns `false` and changes
    /// nothing.
    fn fill(&mut self, batch: &mut Batch) -> bool;
}

/// Batches of rows that the caller chooses, where another order than that of a [`Feed`] is wanted: the same one for any
/// number of processes.
pub trait Pick: Send {
    /// Moves to the start of an epoch. Must be called before the first batch.
    fn begin(&mut self, seed: u64, epoch: u64);

    /// Writes a batch of these rows of the examples, none of which is there twice; there may be no rows. `keys` has a
    /// number per row: what is drawn for a row depends on it, the seed and the epoch, and not on the other rows.
    ///
    /// # Panics
    /// If there is no such row, or not one key per row.
    fn fill(&mut self, rows: &[u32], keys: &[u64], batch: &mut Batch);
}

/// Completes batches of chosen rows whose queries share candidates with those of other processes. Each process has its own
/// queries, and until then only the candidates that it knows of.
pub trait Share {
    /// The distinct items by which the queries of this part of a batch extend the candidates of all.
    fn own(&self, part: &Batch) -> Vec<u32>;

    /// Scores the queries of this part against the candidates of the whole batch: its own and those of the other parts,
    /// `items`, repeated or not. The whole batch has this many queries.
    fn complete(&mut self, part: &mut Batch, queries: usize, items: &[u32]);
}

/// Examples that a model can be trained on: ratings, or positives with negatives, or histories.
pub trait Examples {
    /// The inputs that batches of these examples can contain, and the scale of the targets.
    fn schema(&self) -> Schema;

    /// Queries of one epoch.
    fn queries(&self) -> usize;

    /// Ratings of one epoch, which is what its speed is counted in: more than its queries where a query is a whole user.
    fn ratings(&self) -> usize {
        self.queries()
    }

    /// The candidates of the queries in a batch of this size; the maximum if batches differ.
    fn candidates(&self, batch: usize) -> Candidates;

    /// Whether batches have [`targets`](Batch::targets), one per score; otherwise one candidate of each query is the
    /// positive.
    fn has_targets(&self) -> bool;

    /// Checks that these examples can serve a model that reads these inputs: every input is offered, and no row is
    /// outside the model's tables. GPUs read invalid rows without an error, so this is checked before training.
    ///
    /// # Errors
    ///
    /// [`DataError::NoRatings`] without queries, [`DataError::Schema`] for an input that does not fit, and the error of
    /// the first invalid row, such as [`DataError::OutOfTable`].
    fn serves(&self, wanted: &[Input]) -> Result<(), DataError>;

    /// A feed of batches with these inputs; users and items are always included. `batch` counts queries, unless
    /// documented otherwise.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchSize`] for batches of 0, and as [`Examples::serves`].
    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError>;

    /// Batches of chosen rows; `None` for examples that have none. For ratings and positives the rows are theirs, for
    /// next items, whole users and profiles they are users, for whole items they are items. Those of positives that share negatives are part of a batch: see [`Examples::share`].
    ///
    /// # Errors
    ///
    /// [`DataError::Schema`] for an input that does not fit.
    fn pick<'a>(&'a self, _wanted: &[Input]) -> Result<Option<Box<dyn Pick + 'a>>, DataError> {
        Ok(None)
    }

    /// Completes the batches of [`Examples::pick`], if their queries share candidates with the other parts of a batch; `None`
    /// if they do not. `batch` is the size of whole batches.
    ///
    /// # Errors
    ///
    /// [`DataError::Schema`] for an input that does not fit, [`DataError::Examples`] if a batch may have more scores than
    /// positions have numbers.
    fn share<'a>(
        &'a self,
        _wanted: &[Input],
        _batch: usize,
    ) -> Result<Option<Box<dyn Share + 'a>>, DataError> {
        Ok(None)
    }

    /// Identifies these examples, so that a checkpoint is not resumed on other data.
    fn fingerprint(&self) -> Fingerprint;

    /// The ratings or positives that they are made of, which link users and items to a graph (see
    /// `recburn_graph::Table::propagated`); `None` if the order of a user's items matters.
    fn interactions(&self) -> Option<&Ratings> {
        None
    }
}

/// Resets a batch to one of ratings without any; memory and other inputs are kept.
fn clear(batch: &mut Batch) {
    batch.queries = 0;
    batch.candidates = Candidates::Each(1);
    batch.every_position = false;
    batch.targets.clear();
    batch.positives.clear();
    batch.left_out.clear();
    batch.log_q.clear();
    batch.weights.clear();
    batch.keys.clear();
}

/// Rows of the model's user and item tables; unlimited if it does not read them.
fn rows_of(wanted: &[Input]) -> (usize, usize) {
    let rows = |is: fn(&Input) -> bool| {
        let input = wanted.iter().find(|input| is(input));
        input
            .and_then(|input| input.kind.rows())
            .unwrap_or(usize::MAX)
    };
    (rows(Input::is_users), rows(Input::is_items))
}

/// The schema of users, items and all other inputs.
fn schema_of(
    users: usize,
    items: usize,
    scale: (f32, f32),
    features: Option<&Features>,
    events: &[Feature],
    own: Option<&Input>,
) -> Schema {
    let mut schema = Schema::of_pairs(users, items, scale);
    schema.inputs.extend(inputs(features, events, own).cloned());
    schema
}
