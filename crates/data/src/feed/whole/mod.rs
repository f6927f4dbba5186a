//! All ratings of a user, or of an item, at once: the examples here, their batches in `members`.

mod hide;
mod members;

use crate::by_user::{ByItem, ByUser, Grouped};
use crate::coalesce::Coalescer;
use crate::error::DataError;
use crate::features::{Features, Gather};
use crate::feed::against::check_scores;
use crate::feed::{Examples, Feed, Pick, rows_of, schema_of};
use crate::fingerprint::Fingerprint;
use crate::ratings::{Ratings, Scale};
use crate::word::WordError;
use hide::Hide;
use members::Members;
use recburn_schema::{Candidates, Index, Input, ItemIx, Schema};

/// Users with all their ratings, or items with all theirs, as used by autoencoders. A batch counts users (or items).
///
/// [`Whole::users`] and [`Whole::items`] have one query per rating, contiguous per user (or item), so that a model
/// processes each history once (AutoRec, Sedhain et al. 2015). [`Whole::profiles`] has one query per user, with all
/// items as candidates and targets of 1 for the user's items and 0 for the others (Liang et al. 2018).
#[derive(Clone, Debug)]
pub struct Whole<'a> {
    ratings: &'a Ratings,
    groups: Groups,
    features: Option<&'a Features>,
    /// The share of each history that is hidden from its model.
    hidden: f64,
    /// A number for each rating, on which depends what is drawn for its query in batches of chosen items.
    keys: &'a [u64],
}

#[derive(Clone, Debug)]
enum Groups {
    Users(ByUser),
    Items(ByItem),
    Profiles {
        histories: ByUser,
        /// Ascending.
        items: Vec<u32>,
    },
}

impl<'a> Whole<'a> {
    fn new(ratings: &'a Ratings, groups: impl FnOnce() -> Groups) -> Result<Self, DataError> {
        ratings.check_lengths()?;
        Ok(Self {
            ratings,
            groups: groups(),
            features: None,
            hidden: 0.0,
            keys: &[],
        })
    }

    /// Users, each with all their ratings.
    ///
    /// # Errors
    ///
    /// [`DataError::UnequalColumns`] if the columns differ in length.
    pub fn users(ratings: &'a Ratings) -> Result<Self, DataError> {
        Self::new(ratings, || Groups::Users(ByUser::of(ratings)))
    }

    /// Items, each with all its ratings.
    ///
    /// # Errors
    ///
    /// As [`Whole::users`].
    pub fn items(ratings: &'a Ratings) -> Result<Self, DataError> {
        Self::new(ratings, || Groups::Items(ByItem::of(ratings)))
    }

    /// Users with every item that anybody has as candidates. Rating values are ignored, so filter out low ratings
    /// beforehand.
    ///
    /// # Errors
    ///
    /// As [`Whole::users`].
    pub fn profiles(ratings: &'a Ratings) -> Result<Self, DataError> {
        Self::new(ratings, || {
            let mut items: Vec<u32> = ratings.items.iter().map(|item| item.0).collect();
            items.sort_unstable();
            items.dedup();
            let histories = ByUser::of(ratings);
            Groups::Profiles { histories, items }
        })
    }

    /// Adds candidates that nobody has, such as the rest of a catalogue, to those of whole profiles.
    pub fn among(mut self, catalogue: impl IntoIterator<Item = ItemIx>) -> Self {
        if let Groups::Profiles { items, .. } = &mut self.groups {
            items.extend(catalogue.into_iter().map(|item| item.0));
            items.sort_unstable();
            items.dedup();
        }
        self
    }

    /// Hides a share of the items in each user's history from the model, drawn anew for each batch; the weights of the
    /// others grow by `1 / (1 - share)`. Targets stay whole: dropout of the input, as in denoising autoencoders (Vincent et
    /// al. 2008; Liang et al. 2018).
    ///
    /// # Errors
    ///
    /// [`DataError::Word`] for a share that is not in `[0, 1)`.
    pub fn hiding(self, share: f64) -> Result<Self, DataError> {
        if !(0.0..1.0).contains(&share) {
            let wrong = format!("the share of a history that is hidden is in [0, 1), not {share}");
            return Err(WordError::Setting { wrong }.into());
        }
        Ok(Self {
            hidden: share,
            ..self
        })
    }

    /// In batches of chosen items, what is drawn for a query depends on the number of its rating among these, so that the
    /// ratings of an item can be in several places.
    pub fn with_keys(self, keys: &'a [u64]) -> Self {
        Self { keys, ..self }
    }

    /// Offers these features as inputs.
    pub fn with_features(self, features: &'a Features) -> Self {
        Self {
            features: Some(features),
            ..self
        }
    }

    /// Batches of this many of these users or items.
    fn batches(
        &self,
        wanted: &[Input],
        size: usize,
        members: Vec<u32>,
    ) -> Result<Members<'_>, DataError> {
        let (users, items) = self.ratings.table_rows();
        let others = match &self.groups {
            Groups::Users(_) | Groups::Profiles { .. } => items,
            Groups::Items(_) => users,
        };
        Ok(Members {
            examples: self,
            size,
            order: Vec::new(),
            next: 0,
            others: Coalescer::new(others),
            gather: Gather::new(wanted, self.features, &self.ratings.others, None)?,
            rows: Vec::new(),
            hide: Hide::new(wanted, self.hidden),
            members,
        })
    }

    /// All users (or items) with ratings, ascending.
    pub fn members(&self) -> Vec<u32> {
        fn of<By: Index, Other: Index>(groups: &Grouped<By, Other>) -> Vec<u32> {
            let rated = groups.iter().filter(|(_, others)| !others.is_empty());
            rated.map(|(by, _)| by.row()).collect()
        }
        match &self.groups {
            Groups::Users(groups)
            | Groups::Profiles {
                histories: groups, ..
            } => of(groups),
            Groups::Items(groups) => of(groups),
        }
    }
}

impl Examples for Whole<'_> {
    fn schema(&self) -> Schema {
        let (users, mut items) = self.ratings.table_rows();
        if let Groups::Profiles { items: all, .. } = &self.groups {
            items = items.max(all.last().map_or(0, |&last| last as usize + 1));
        }
        let scale = match self.groups {
            Groups::Users(_) | Groups::Items(_) => {
                let scale = Scale::of(&self.ratings.ratings);
                (scale.min, scale.max)
            }
            Groups::Profiles { .. } => (0.0, 1.0),
        };
        schema_of(
            users,
            items,
            scale,
            self.features,
            &self.ratings.others,
            None,
        )
    }

    fn queries(&self) -> usize {
        match &self.groups {
            Groups::Users(_) | Groups::Items(_) => self.ratings.len(),
            Groups::Profiles { .. } => self.members().len(),
        }
    }

    fn ratings(&self) -> usize {
        self.ratings.len()
    }

    fn candidates(&self, _batch: usize) -> Candidates {
        match &self.groups {
            Groups::Users(_) | Groups::Items(_) => Candidates::Each(1),
            Groups::Profiles { items, .. } => Candidates::Shared(items.len()),
        }
    }

    fn has_targets(&self) -> bool {
        true
    }

    fn serves(&self, wanted: &[Input]) -> Result<(), DataError> {
        if self.ratings.is_empty() {
            return Err(DataError::NoRatings);
        }
        let (users, items) = rows_of(wanted);
        self.ratings.check(users, items)?;
        let (users, items) = self.ratings.table_rows();
        // A query of a whole profile is not a single rating, so it has no event.
        let events = match &self.groups {
            Groups::Users(_) | Groups::Items(_) => self.ratings.others.as_slice(),
            Groups::Profiles { .. } => &[],
        };
        schema_of(users, items, (0.0, 0.0), self.features, events, None).serves(wanted)?;
        match self.features {
            Some(features) => features.cover(wanted, users, items),
            None => Ok(()),
        }
    }

    /// `batch` counts users, or items.
    fn feed<'a>(&'a self, wanted: &[Input], batch: usize) -> Result<Box<dyn Feed + 'a>, DataError> {
        if batch == 0 {
            return Err(DataError::BatchSize);
        }
        self.serves(wanted)?;
        let members = self.members();
        if let Groups::Profiles { items, .. } = &self.groups {
            check_scores(batch.min(members.len()), items.len())?;
        }
        Ok(Box::new(self.batches(wanted, batch, members)?))
    }

    fn pick<'a>(&'a self, wanted: &[Input]) -> Result<Option<Box<dyn Pick + 'a>>, DataError> {
        Ok(Some(Box::new(self.batches(wanted, 1, Vec::new())?)))
    }

    fn fingerprint(&self) -> Fingerprint {
        let how: &[u8] = match &self.groups {
            Groups::Users(_) => b"whole users",
            Groups::Items(_) => b"whole items",
            Groups::Profiles { .. } => b"profiles",
        };
        let whole = self.ratings.fingerprint().with(how);
        match self.hidden > 0.0 {
            true => whole.with(&self.hidden.to_bits().to_le_bytes()),
            false => whole,
        }
    }

    fn interactions(&self) -> Option<&Ratings> {
        Some(self.ratings)
    }
}
