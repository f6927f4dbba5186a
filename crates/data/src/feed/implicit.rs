//! Positives with negatives.

use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::features::{Features, Gather};
use crate::feed::against::{Against, How, next};
use crate::feed::negatives::{Negatives, Sampler};
use crate::feed::shared::Shared;
use crate::feed::urn::Urn;
use crate::feed::{Examples, Feed, Pick, Share, clear, rows_of, schema_of};
use crate::fingerprint::Fingerprint;
use crate::random::Random;
use crate::ratings::Ratings;
use recburn_schema::{Batch, Candidates, Input, ItemIx, Schema};

/// Positives, one query each, with [`Negatives`]: items that the user is not known to have. Rating values are ignored,
/// so filter out low ratings beforehand.
///
/// With separate negatives ([`Negatives::Each`]) the positive is the first of its query's candidates, as required by
/// ranking losses (BPR, sampled softmax); [`Implicit::with_targets`] provides targets of 1 and 0 for the logistic loss.
/// With shared candidates, `positives` gives the positive of each query, and `left_out` the others that the user is
/// known to have.
///
/// The draws depend on the seed and the epoch. A positive of a user who knows every item has no negatives and is
/// omitted from every epoch: [`Implicit::left_out`] counts them. With shared candidates all negatives of a query may be
/// left out.
///
/// ```
/// use recburn_data::{Batch, Candidates, Dataset, Examples, IdOrder, Implicit, Negatives};
///
/// let ratings = Dataset::sample(IdOrder::FirstSight).ratings;
/// let examples = Implicit::new(&ratings, Negatives::uniform(1))?;
/// let mut feed = examples.feed(&[], 64)?;
/// let mut batch = Batch::default();
/// feed.begin(42, 1);
/// while feed.fill(&mut batch) {
///     assert_eq!(batch.candidates, Candidates::Each(2)); // a pair of BPR
/// }
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Implicit<'a> {
    positives: &'a Ratings,
    how: How,
    urn: Urn,
    features: Option<&'a Features>,
    /// The positives that have negatives; `None` if all do.
    rows: Option<Vec<u32>>,
}

impl<'a> Implicit<'a> {
    /// Every row is a positive. Negatives are other items of these rows.
    ///
    /// # Errors
    ///
    /// [`DataError::Word`] for negatives that cannot be drawn, [`DataError::UnequalColumns`] where the columns differ
    /// in length.
    pub fn new(positives: &'a Ratings, negatives: Negatives) -> Result<Self, DataError> {
        Self::with(positives, negatives, &[], std::iter::empty())
    }

    /// As [`Implicit::new`]; items that users have in these other ratings are not their negatives either, and `items`
    /// can be negatives even if nobody has them, for example every item of the data set.
    ///
    /// # Errors
    ///
    /// As [`Implicit::new`].
    pub fn with(
        positives: &'a Ratings,
        negatives: Negatives,
        known: &[&Ratings],
        items: impl IntoIterator<Item = ItemIx>,
    ) -> Result<Self, DataError> {
        let urn = Urn::new(
            positives,
            known,
            items.into_iter(),
            sampler(negatives.checked()?),
        )?;
        let how = How {
            negatives,
            known_too: false,
            targets: false,
        };
        let implicit = Self {
            positives,
            how,
            urn,
            features: None,
            rows: None,
        };
        Ok(implicit.counted())
    }

    /// Also allows items that the user is known to have, other than the positive itself, as negatives.
    pub fn with_known_negatives(mut self) -> Self {
        self.how.known_too = true;
        self.counted()
    }

    /// Adds targets: 1 for positives and 0 for negatives.
    pub fn with_targets(mut self) -> Self {
        self.how.targets = true;
        self
    }

    /// Offers these features as inputs.
    pub fn with_features(self, features: &'a Features) -> Self {
        Self {
            features: Some(features),
            ..self
        }
    }

    /// The number of positives omitted because their users know every item.
    pub fn left_out(&self) -> usize {
        self.positives.len() - self.queries()
    }

    fn batches(&self, wanted: &[Input], size: usize) -> Result<Positives<'_>, DataError> {
        let (users, _) = self.positives.table_rows();
        Ok(Positives {
            examples: self,
            size,
            order: Vec::new(),
            next: 0,
            users: Coalescer::new(users),
            against: Against::new(&self.urn, self.how),
            gather: Gather::new(wanted, self.features, &self.positives.others, None)?,
            chosen: Vec::new(),
            user_ids: Vec::new(),
            item_ids: Vec::new(),
        })
    }

    /// Draws in proportion to these numbers of positives of the items, by row, instead of those of these positives, which
    /// are then a part of all. There must be one for every item.
    pub fn as_popular_as(mut self, counts: &[u64]) -> Self {
        self.urn.recount(counts, sampler(self.how.negatives));
        self
    }

    fn counted(mut self) -> Self {
        let users = &self.positives.users;
        let has_negatives = |user: u32| self.how.has_negatives(user, &self.urn);
        self.rows = match users.iter().all(|user| has_negatives(user.0)) {
            true => None,
            false => {
                let rows = (0..).zip(users).filter(|(_, user)| has_negatives(user.0));
                Some(rows.map(|(row, _)| row).collect())
            }
        };
        self
    }
}

/// How negatives are drawn; irrelevant if none are.
pub(crate) fn sampler(negatives: Negatives) -> Sampler {
    match negatives {
        Negatives::Each { sampler, .. } | Negatives::Shared { sampler, .. } => sampler,
        Negatives::Catalogue => Sampler::Uniform,
    }
}

impl Examples for Implicit<'_> {
    fn schema(&self) -> Schema {
        let (users, _) = self.positives.table_rows();
        let items = self.urn.rows();
        schema_of(
            users,
            items,
            (0.0, 1.0),
            self.features,
            &self.positives.others,
            None,
        )
    }

    fn queries(&self) -> usize {
        let rows = self.rows.as_ref();
        rows.map_or(self.positives.len(), Vec::len)
    }

    fn candidates(&self, batch: usize) -> Candidates {
        self.how.candidates(batch.min(self.queries()), &self.urn)
    }

    fn has_targets(&self) -> bool {
        self.how.targets
    }

    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.positives.is_empty() {
            return Err(DataError::NoRatings);
        }
        if self.queries() == 0 {
            let wrong = "there are no negatives: every user knows every item".to_string();
            return Err(DataError::Examples { wrong });
        }
        let (users, items) = rows_of(wanted);
        self.positives.check(users, items)?;
        let schema = self.schema();
        schema.serves(wanted)?;
        match self.features {
            Some(features) => features.cover(wanted, schema.users(), schema.items()),
            None => Ok(()),
        }
    }

    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        self.serves(wanted)?;
        self.how.check(batch.min(self.queries()), &self.urn)?;
        Ok(Box::new(self.batches(wanted, batch)?))
    }

    fn pick<'a>(&'a self, wanted: &[Input]) -> Result<Option<Box<dyn Pick + 'a>>, DataError> {
        Ok(Some(Box::new(self.batches(wanted, 1)?)))
    }

    fn share<'a>(
        &'a self,
        wanted: &[Input],
        batch: usize,
    ) -> Result<Option<Box<dyn Share + 'a>>, DataError> {
        let gather = Gather::new(wanted, self.features, &self.positives.others, None)?;
        Shared::of(&self.urn, self.how, batch, gather)
    }

    fn fingerprint(&self) -> Fingerprint {
        let how = self.how.to_string();
        self.positives.fingerprint().with(how.as_bytes())
    }

    fn interactions(&self) -> Option<&Ratings> {
        Some(self.positives)
    }
}

struct Positives<'a> {
    examples: &'a Implicit<'a>,
    size: usize,
    order: Vec<u32>,
    next: usize,
    users: Coalescer,
    against: Against<'a>,
    gather: Gather<'a>,
    /// The chosen rows that have negatives.
    chosen: Vec<u32>,
    user_ids: Vec<u32>,
    item_ids: Vec<u32>,
}

impl Feed for Positives<'_> {
    fn queries(&self) -> usize {
        self.examples.queries()
    }

    fn steps(&self) -> usize {
        self.queries().div_ceil(self.size)
    }

    fn begin(&mut self, seed: u64, epoch: u64) {
        self.order.clear();
        match &self.examples.rows {
            Some(rows) => self.order.extend_from_slice(rows),
            None => self.order.extend(0..self.examples.positives.len() as u32),
        }
        Random::new(seed, epoch).shuffle(&mut self.order);
        self.against.begin(seed, epoch);
        self.next = 0;
    }

    fn fill(&mut self, batch: &mut Batch) -> bool {
        let Some(range) = next(&mut self.next, self.size, self.order.len()) else {
            return false;
        };
        clear(batch);
        let order = std::mem::take(&mut self.order);
        self.fill_rows(&order[range], batch);
        self.order = order;
        true
    }
}

impl Pick for Positives<'_> {
    fn begin(&mut self, seed: u64, epoch: u64) {
        self.against.begin(seed, epoch);
    }

    /// Positives without negatives are omitted.
    fn fill(&mut self, rows: &[u32], keys: &[u64], batch: &mut Batch) {
        assert_eq!(rows.len(), keys.len(), "a key per row");
        clear(batch);
        let mut chosen = std::mem::take(&mut self.chosen);
        chosen.clear();
        for (&row, &key) in rows.iter().zip(keys) {
            let user = self.examples.positives.users[row as usize];
            if self.examples.how.has_negatives(user.0, &self.examples.urn) {
                chosen.push(row);
                batch.keys.push(key);
            }
        }
        self.fill_rows(&chosen, batch);
        self.chosen = chosen;
    }
}

impl Positives<'_> {
    /// Fills in a batch of these rows, which has been cleared.
    fn fill_rows(&mut self, rows: &[u32], batch: &mut Batch) {
        let Ratings { users, items, .. } = self.examples.positives;
        let places = rows.iter().map(|&row| row as usize);
        self.user_ids.clear();
        self.user_ids.extend(places.clone().map(|row| users[row].0));
        self.item_ids.clear();
        self.item_ids.extend(places.map(|row| items[row].0));
        batch.queries = rows.len();
        self.users
            .fill(self.user_ids.iter().copied(), &mut batch.users);
        self.against.fill(&self.user_ids, &self.item_ids, batch);
        self.gather.fill_rows(batch, rows);
    }
}
