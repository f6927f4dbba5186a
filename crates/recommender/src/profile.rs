//! Profiles: known users, visitors with ratings of their own, and known users with new ratings.

use crate::error::RecommenderError;
use crate::fold::{Fitted, Folding, Known, UserTable, Visitor, fit};
use crate::library::Library;
use crate::query::{Given, Query};
use crate::recommender::Recommender;
use crate::seen::Role;
use recburn_data::{ItemIx, UserIx};
use recburn_nn::Model;
use serde::Serialize;
use std::sync::Arc;

/// What a profile is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The trained row of a known user.
    Known,
    /// A row that was fitted to a visitor's ratings.
    Folded,
    /// The mean of the trained rows: a visitor without ratings gets the same list as everybody else.
    Mean,
    /// The trained row of a known user, updated with ratings that the model was not trained on.
    KnownAndFolded,
}

/// The part of a profile's row that belongs to one user table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileRow {
    /// The table's name, such as `user_factors`.
    pub table: String,
    /// The numbers.
    pub values: Vec<f32>,
}

/// A user or visitor as a model represents them; see [`Recommender::profile`].
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What it is based on.
    pub source: Source,
    /// The raw id, of a known user.
    pub user: Option<String>,
    /// One row for each user table.
    pub rows: Vec<ProfileRow>,
    /// The items that have been rated, in training, held out or in the query; ascending.
    pub seen: Vec<ItemIx>,
    /// Number of ratings: those of the training and those that were folded in.
    pub ratings: usize,
    /// Gauss-Newton steps taken.
    pub steps: usize,
    /// Whether a linear system was close to singular, so that a millionth of its mean diagonal was added to the diagonal.
    pub lifted: bool,
    /// The items of the query that the model does not know, in their order. They are left out.
    pub unknown_items: Vec<String>,
    pub(crate) who: Who,
}

/// What a model is asked by.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Who {
    User(UserIx),
    Visitor(Visitor),
    /// The scores of all items, of a model that folds in by itself.
    Scores(Arc<[f32]>),
}

/// The prior of a row.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prior {
    /// Gaussian, with the mean and covariance of the trained rows.
    #[default]
    Rows,
    /// The training's own l2 penalty, to check that fold-in reproduces trained rows. A table without a penalty has no prior.
    Training,
}

impl<M: Model + Sync> Recommender<M> {
    /// The profile of a known user (the trained row), of a visitor (a row fitted to the ratings while the model is left
    /// unchanged; without ratings the mean of the trained rows), or of a known user with new ratings. In the last case the
    /// trained row is the mean of the prior, so leave out ratings that the model was trained on.
    ///
    /// Other user inputs of the model are filled in for a visitor: histories (`history`, `rated_history`, `recent`) from
    /// the ratings, and anything else with a neutral value: an empty list, the mean of numbers, the mean row of ids.
    ///
    /// The fit minimises squared errors of ratings. If scores are not ratings ([`Scores::Order`](crate::Scores::Order)), every
    /// rated item counts as a positive, and its target is the mean score of the training's positives.
    ///
    /// # Errors
    /// An unknown user; a rating off the scale; an item with two different ratings; more than [`Query::MOST_RATINGS`]
    /// ratings; a visitor none of whose items is known.
    pub fn profile(&self, query: &Query<'_>) -> Result<Profile, RecommenderError> {
        self.profile_by(query, Prior::Rows)
    }

    /// As [`Recommender::profile`], by another prior.
    ///
    /// # Errors
    /// As there.
    #[doc(hidden)]
    pub fn profile_by(&self, query: &Query<'_>, prior: Prior) -> Result<Profile, RecommenderError> {
        let user = query.user.map(|id| self.library.user(id)).transpose()?;
        let Given { mut rated, unknown } = self.library.given(query.ratings)?;
        if rated.is_empty() && user.is_none() && !unknown.is_empty() {
            return Err(RecommenderError::NothingKnown { items: unknown });
        }
        let folding = self.folding();
        let trained = user.filter(|&user| self.library.seen.trained_of_user(user) > 0);
        let mut profile = Profile {
            source: Source::Known,
            user: query.user.map(str::to_string),
            rows: Vec::new(),
            seen: self.library.seen_with(user, &rated),
            ratings: rated.len()
                + user.map_or(0, |user| self.library.seen.trained_of_user(user) as usize),
            steps: 0,
            lifted: false,
            unknown_items: unknown,
            who: Who::User(UserIx(0)),
        };
        if let (Some(user), true) = (user, rated.is_empty()) {
            profile.rows = parts(&folding.tables, &folding.row(user));
            profile.who = Who::User(user);
            return Ok(profile);
        }
        profile.source = match (trained, rated.is_empty()) {
            (Some(_), _) => Source::KnownAndFolded,
            (None, false) => Source::Folded,
            (None, true) => Source::Mean,
        };
        let mut visitor = Visitor {
            own: self.own(user, &rated),
            row: trained.map_or_else(|| folding.mean.clone(), |user| folding.row(user)),
        };
        // So that their order does not matter to the last bit; a history that goes by time has been taken.
        rated.sort_unstable_by_key(|&(item, _)| item);
        let precision = match prior {
            Prior::Rows => folding.precision.clone(),
            Prior::Training => {
                visitor.row.fill(0.0);
                let trained = self.library.seen.count(Role::Train);
                Some(folding.training_precision(rated.len(), trained))
            }
        };
        if let (Some(precision), false, false) =
            (precision, rated.is_empty(), visitor.row.is_empty())
        {
            let fitted = self.fitted(&folding, &visitor, &rated, &precision);
            (profile.steps, profile.lifted) = (fitted.steps, fitted.lifted);
            visitor.row = fitted.row;
        }
        profile.rows = parts(&folding.tables, &visitor.row);
        profile.who = Who::Visitor(visitor);
        Ok(profile)
    }

    fn fitted(
        &self,
        folding: &Folding,
        visitor: &Visitor,
        rated: &[(ItemIx, f32)],
        precision: &[f64],
    ) -> Fitted {
        let items: Vec<ItemIx> = rated.iter().map(|&(item, _)| item).collect();
        let centre = f64::from(self.library.centre.mean);
        let typical = self.noise().typical;
        let wanted = rated
            .iter()
            .map(|&(_, stars)| typical.unwrap_or(f64::from(stars)) - centre);
        let wanted: Vec<f64> = wanted.collect();
        let known = Known {
            mean: &visitor.row,
            precision,
            non_negative: &folding.non_negative,
        };
        if let Some(lines) = self.lines(&items) {
            return fit(&wanted, &known, |row| lines.scored(row));
        }
        self.ask(|asked| {
            let mut tried = visitor.clone();
            fit(&wanted, &known, |row| {
                tried.row.copy_from_slice(row);
                asked.jacobian(&tried, &items)
            })
        })
    }
}

impl Library {
    /// The items of a user and of new ratings, ascending.
    pub fn seen_with(&self, user: Option<UserIx>, rated: &[(ItemIx, f32)]) -> Vec<ItemIx> {
        let own = user.map_or(&[][..], |user| self.seen.items_of(user));
        let own = own.iter().copied().map(ItemIx);
        let mut seen: Vec<ItemIx> = own.chain(rated.iter().map(|&(item, _)| item)).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    }
}

/// A row by tables.
fn parts(tables: &[UserTable], row: &[f64]) -> Vec<ProfileRow> {
    let parts = tables.iter().map(|table| ProfileRow {
        table: table.name.clone(),
        values: row[table.place.clone()]
            .iter()
            .map(|&number| number as f32)
            .collect(),
    });
    parts.collect()
}
