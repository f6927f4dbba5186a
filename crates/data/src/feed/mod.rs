//! What a training loop takes its batches from.

mod against;
mod alias;
mod implicit;
mod negatives;
mod next_item;
mod pointwise;
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
use recburn_schema::{Batch, Candidates, Input, Schema};

/// The batches of one epoch after another. It is moved to the thread that makes batches ahead of the steps.
///
/// What an epoch holds depends on the seed and the epoch's number alone, whatever number of threads there are and
/// whichever epochs came before it, so that a resumed training sees what it would have seen.
pub trait Feed: Send {
    /// Queries of one epoch.
    fn queries(&self) -> usize;

    /// Batches of one epoch.
    fn steps(&self) -> usize;

    /// Goes to the start of an epoch. Nothing is handed out before it.
    fn begin(&mut self, seed: u64, epoch: u64);

    /// Puts the next batch into `batch`, which keeps its memory; `false` at the end of the epoch, with nothing changed.
    fn fill(&mut self, batch: &mut Batch) -> bool;
}

/// Examples that a model can be trained on: ratings, or positives with negatives, or histories.
pub trait Examples {
    /// The inputs that batches of these examples can hold, and the scale of what the scores are to come close to.
    fn schema(&self) -> Schema;

    /// Queries of one epoch.
    fn queries(&self) -> usize;

    /// What the queries of a batch of this size are scored against; of batches that differ, the most.
    fn candidates(&self, batch: usize) -> Candidates;

    /// Whether batches have [`targets`](Batch::targets), one per score; otherwise one candidate of each query is the
    /// positive.
    fn has_targets(&self) -> bool;

    /// Whether a model that reads these inputs can be given these examples: every input is offered, and no row is beyond
    /// the model's tables. A graphics processor reads a wrong row without an error; the check belongs here, before
    /// training.
    ///
    /// # Errors
    ///
    /// [`DataError::NoRatings`] where there is no query, [`DataError::Schema`] for an input that does not fit, and what is
    /// wrong with the first row that is wrong, such as [`DataError::OutOfTable`].
    fn serves(&self, wanted: &[Input]) -> Result<(), DataError>;

    /// A feed of batches with these inputs; users and items are always there. `batch` counts queries, unless the examples
    /// say otherwise.
    ///
    /// # Errors
    ///
    /// [`DataError::BatchSize`] for batches of 0, and as [`Examples::serves`].
    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError>;

    /// Tells these examples from others, so that a checkpoint is not resumed on other data.
    fn fingerprint(&self) -> Fingerprint;
}

/// Makes a batch one of ratings that has none yet; it keeps its memory, and its other inputs.
fn clear(batch: &mut Batch) {
    batch.queries = 0;
    batch.candidates = Candidates::Each(1);
    batch.every_position = false;
    batch.targets.clear();
    batch.positives.clear();
    batch.left_out.clear();
    batch.log_q.clear();
    batch.weights.clear();
}

/// Rows of the model's user and item tables; no limit where it does not read them.
fn rows_of(wanted: &[Input]) -> (usize, usize) {
    let rows = |is: fn(&Input) -> bool| {
        let input = wanted.iter().find(|input| is(input));
        input
            .and_then(|input| input.kind.rows())
            .unwrap_or(usize::MAX)
    };
    (rows(Input::is_users), rows(Input::is_items))
}

/// Users and items, and every other input there is.
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
