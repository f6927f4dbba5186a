//! Next-item prediction on histories: the examples here, their batches in `histories`.

mod histories;

use crate::by_user::ByUser;
use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::features::{Features, Gather};
use crate::feed::against::{Against, How};
use crate::feed::implicit::sampler;
use crate::feed::negatives::Negatives;
use crate::feed::shared::Shared;
use crate::feed::urn::Urn;
use crate::feed::{Examples, Feed, Pick, Share, rows_of, schema_of};
use crate::fingerprint::Fingerprint;
use crate::ratings::Ratings;
use histories::Histories;
use recburn_schema::{Candidates, Input, ItemIx, Kind, Schema, Side, UserIx};

/// Histories, each a sequence that is read up to every position to predict the next item (as in SASRec, Kang and
/// McAuley 2018). Histories are ordered by time or, without times, by the order of the file.
///
/// An example is a user: a batch of 128 has 128 histories, with a query for each position except the last. The model
/// reads [`Features::RECENT`], a sequence; of a longer history it sees the last `length` positions, and earlier ones
/// are omitted from the epoch. Users with a single item have no next item and are omitted, as are users who know every
/// item if known items cannot be negatives: [`NextItem::left_out`] counts both.
///
/// ```
/// use recburn_data::{Batch, Dataset, Examples, Features, IdOrder, Input, Kind, Negatives, NextItem, Side};
///
/// let ratings = Dataset::sample(IdOrder::FirstSight).ratings;
/// let examples = NextItem::new(&ratings, Negatives::Catalogue)?;
/// let kind = Kind::Sequence { rows: examples.schema().items(), length: 20 };
/// let mut feed = examples.feed(&[Input::new(Features::RECENT, Side::User, kind)], 32)?;
/// let mut batch = Batch::default();
/// feed.begin(42, 1);
/// assert!(feed.fill(&mut batch));
/// assert_eq!((batch.users.rows.len(), batch.every_position), (32, true));
/// assert_eq!(batch.positives.len(), batch.queries);
/// # Ok::<(), recburn_data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct NextItem<'a> {
    ratings: &'a Ratings,
    histories: ByUser,
    how: How,
    urn: Urn,
    features: Option<&'a Features>,
    /// The users who have a next item and negatives for it.
    users: Vec<u32>,
    recent: Input,
}

impl<'a> NextItem<'a> {
    /// The histories of these ratings. Negatives are other items of these rows.
    ///
    /// # Errors
    ///
    /// As [`Implicit::new`](crate::Implicit::new).
    pub fn new(ratings: &'a Ratings, negatives: Negatives) -> Result<Self, DataError> {
        Self::with(ratings, negatives, &[], std::iter::empty())
    }

    /// As [`NextItem::new`]; items that users have in these other ratings are not their negatives either, and `items`
    /// can be negatives even if nobody has them, for example every item of the data set.
    ///
    /// # Errors
    ///
    /// As [`NextItem::new`].
    pub fn with(
        ratings: &'a Ratings,
        negatives: Negatives,
        known: &[&Ratings],
        items: impl IntoIterator<Item = ItemIx>,
    ) -> Result<Self, DataError> {
        let urn = Urn::new(
            ratings,
            known,
            items.into_iter(),
            sampler(negatives.checked()?),
        )?;
        let histories = ByUser::of(ratings);
        let longest = histories
            .iter()
            .map(|(_, items)| items.len())
            .max()
            .unwrap_or(0);
        let kind = Kind::Sequence {
            rows: urn.rows(),
            length: longest.saturating_sub(1).max(1),
        };
        let how = How {
            negatives,
            known_too: false,
            targets: false,
        };
        let next_item = Self {
            ratings,
            histories,
            how,
            urn,
            features: None,
            users: Vec::new(),
            recent: Input::new(Features::RECENT, Side::User, kind),
        };
        Ok(next_item.counted())
    }

    /// Also allows items that the user is known to have, other than the positive itself, as negatives: usual if the
    /// catalogue is the candidates, and required if items may recur.
    pub fn with_known_negatives(mut self) -> Self {
        self.how.known_too = true;
        self.counted()
    }

    /// Adds targets: 1 for positives and 0 for negatives.
    pub fn with_targets(mut self) -> Self {
        self.how.targets = true;
        self
    }

    /// Offers these features as inputs, except for a sequence called [`Features::RECENT`].
    pub fn with_features(self, features: &'a Features) -> Self {
        Self {
            features: Some(features),
            ..self
        }
    }

    /// The number of users with ratings that are omitted.
    pub fn left_out(&self) -> usize {
        let rated = self.histories.iter().filter(|(_, items)| !items.is_empty());
        rated.count() - self.users.len()
    }

    fn counted(mut self) -> Self {
        let usable = self
            .histories
            .iter()
            .filter(|(user, items)| items.len() > 1 && self.how.has_negatives(user.0, &self.urn));
        self.users = usable.map(|(user, _)| user.0).collect();
        self
    }

    /// Draws in proportion to these numbers of positives of the items, as
    /// [`Implicit::as_popular_as`](crate::Implicit::as_popular_as).
    pub fn as_popular_as(mut self, counts: &[u64]) -> Self {
        self.urn.recount(counts, sampler(self.how.negatives));
        self
    }

    /// The users who have a next item and negatives for it, ascending.
    pub fn users(&self) -> &[u32] {
        &self.users
    }

    fn batches(&self, wanted: &[Input], size: usize) -> Result<Histories<'_>, DataError> {
        let read = wanted.iter().find_map(|input| match input.kind {
            Kind::Sequence { length, .. } if input.name == Features::RECENT => Some(length),
            Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } | Kind::Numbers { .. } => {
                None
            }
        });
        let (features, recent) = (self.features, Some(&self.recent));
        Ok(Histories {
            examples: self,
            size,
            length: read.unwrap_or(usize::MAX).max(1),
            order: Vec::new(),
            next: 0,
            recent: Coalescer::new(self.urn.rows()),
            against: Against::new(&self.urn, self.how),
            gather: Gather::new(wanted, features, &self.ratings.others, recent)?,
            user_ids: Vec::new(),
            item_ids: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// Queries per epoch for a model that reads sequences of this length.
    fn queries_of(&self, length: usize) -> usize {
        let of_user = |&user: &u32| self.positions(user, length).len();
        self.users.iter().map(of_user).sum()
    }

    /// The last `length` positions of a history that are followed by another.
    fn positions(&self, user: u32, length: usize) -> std::ops::Range<usize> {
        let end = self.histories.others(UserIx(user)).len() - 1;
        end.saturating_sub(length)..end
    }

    fn longest(&self) -> usize {
        match self.recent.kind {
            Kind::Sequence { length, .. } => length,
            Kind::Id { .. } | Kind::Bag { .. } | Kind::Numbers { .. } => usize::MAX,
        }
    }
}

impl Examples for NextItem<'_> {
    fn schema(&self) -> Schema {
        let (users, _) = self.ratings.table_rows();
        let (items, others) = (self.urn.rows(), &self.ratings.others);
        schema_of(
            users,
            items,
            (0.0, 1.0),
            self.features,
            others,
            Some(&self.recent),
        )
    }

    /// For a model that reads whole histories; [`Feed::queries`] respects the length that is read.
    fn queries(&self) -> usize {
        self.queries_of(usize::MAX)
    }

    fn candidates(&self, batch: usize) -> Candidates {
        let queries = batch.min(self.users.len()).saturating_mul(self.longest());
        self.how.candidates(queries, &self.urn)
    }

    fn has_targets(&self) -> bool {
        self.how.targets
    }

    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.ratings.is_empty() {
            return Err(DataError::NoRatings);
        }
        if self.users.is_empty() {
            let wrong = "no user has two successive items and other items as negatives".to_string();
            return Err(DataError::Examples { wrong });
        }
        let (users, items) = rows_of(wanted);
        self.ratings.check(users, items)?;
        let schema = self.schema();
        schema.serves(wanted)?;
        if !wanted.iter().any(|input| input.name == Features::RECENT) {
            let wrong = format!(
                "these examples are histories, but the model does not read the sequence `{}`",
                Features::RECENT
            );
            return Err(DataError::Examples { wrong });
        }
        match self.features {
            Some(features) => features.cover(wanted, schema.users(), schema.items()),
            None => Ok(()),
        }
    }

    /// `batch` counts users.
    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        self.serves(wanted)?;
        let batches = self.batches(wanted, batch)?;
        let most = batch.min(self.users.len()) * batches.length.min(self.longest());
        self.how.check(most, &self.urn)?;
        Ok(Box::new(batches))
    }

    fn pick<'a>(&'a self, wanted: &[Input]) -> Result<Option<Box<dyn Pick + 'a>>, DataError> {
        Ok(Some(Box::new(self.batches(wanted, 1)?)))
    }

    fn share<'a>(
        &'a self,
        wanted: &[Input],
        batch: usize,
    ) -> Result<Option<Box<dyn Share + 'a>>, DataError> {
        let Histories { length, gather, .. } = self.batches(wanted, 1)?;
        let queries = batch.saturating_mul(length.min(self.longest()));
        Shared::of(&self.urn, self.how, queries, gather)
    }

    fn fingerprint(&self) -> Fingerprint {
        let how = format!("next {}", self.how);
        self.ratings.fingerprint().with(how.as_bytes())
    }
}
