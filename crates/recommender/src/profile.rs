//! Who a list is for: a known user, a visitor with ratings of their own, or both.

use crate::error::RecommenderError;
use crate::fold::{Fitted, Folding, Known, UserTable, Visitor, fit};
use crate::query::{Given, Query};
use crate::recommender::Recommender;
use crate::seen::Role;
use recburn_data::{ItemIx, UserIx};
use recburn_nn::Model;
use serde::Serialize;

/// Where a profile comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The trained row of a known user.
    Known,
    /// A row that was fitted to a visitor's ratings.
    Folded,
    /// The mean of the trained rows: nothing is known of a visitor without ratings, and the list is everybody's.
    Mean,
    /// The trained row of a known user, moved by ratings that the model has not seen.
    KnownAndFolded,
}

/// A part of a profile's row: what stands in the place of a row of one table of users.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileRow {
    /// The table's name, such as `user_factors`.
    pub table: String,
    /// The numbers.
    pub values: Vec<f32>,
}

/// Somebody as a model sees them, made by [`Recommender::profile`].
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Where it comes from.
    pub source: Source,
    /// The raw id, of a known user.
    pub user: Option<String>,
    /// The row of each table of users.
    pub rows: Vec<ProfileRow>,
    /// The items that have been rated, in training, held out or in the query; ascending.
    pub seen: Vec<ItemIx>,
    /// How many ratings there are: those in training and those that were folded in.
    pub ratings: usize,
    /// How many Gauss-Newton steps the row took.
    pub steps: usize,
    /// Whether a system on the way was so close to singular that its diagonal was raised by a millionth of its mean.
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
}

/// What a row is thought to be before its ratings are looked at.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prior {
    /// As the trained rows are spread.
    #[default]
    Rows,
    /// As the training's own penalty has it: to check that a trained row is found again. A table without a penalty has no
    /// prior at all.
    Training,
}

impl<M: Model + Sync> Recommender<M> {
    /// Who somebody is to the model. A known user has the trained row. A visitor's row is fitted to their ratings while
    /// the model stays as it is; without ratings it is the mean of the trained rows. With both, the trained row is what is
    /// expected, and the ratings move it; those that it was trained on should not be among them.
    ///
    /// What the model reads of users besides themselves is, for a visitor: the items of the ratings where it reads
    /// histories (`history`, `rated_history`, `recent`), and else what is neutral: an empty list, the mean of numbers and
    /// the mean row of ids.
    ///
    /// The rows are fitted to squared errors of stars. Where scores are no ratings ([`Scores::Order`](crate::Scores::Order)),
    /// whatever has been rated counts as a positive, and is to score as the positives of trained users do.
    ///
    /// # Errors
    /// An unknown user; a rating that is not on the scale, or an item with two different ones; more than
    /// [`Query::MOST_RATINGS`]; ratings of a visitor of which the model knows no item.
    pub fn profile(&self, query: &Query<'_>) -> Result<Profile, RecommenderError> {
        self.profile_by(query, Prior::Rows)
    }

    /// As [`Recommender::profile`], by another prior.
    ///
    /// # Errors
    /// As there.
    #[doc(hidden)]
    pub fn profile_by(&self, query: &Query<'_>, prior: Prior) -> Result<Profile, RecommenderError> {
        let user = query.user.map(|id| self.user(id)).transpose()?;
        let Given { mut rated, unknown } = self.given(query.ratings)?;
        if rated.is_empty() && user.is_none() && !unknown.is_empty() {
            return Err(RecommenderError::NothingKnown { items: unknown });
        }
        let folding = self.folding();
        let trained = user.filter(|&user| self.seen.trained_of_user(user) > 0);
        let mut profile = Profile {
            source: Source::Known,
            user: query.user.map(str::to_string),
            rows: Vec::new(),
            seen: self.seen_with(user, &rated),
            ratings: rated.len() + user.map_or(0, |user| self.seen.trained_of_user(user) as usize),
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
                let trained = self.seen.count(Role::Train);
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
        let centre = f64::from(self.centre.mean);
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
        self.ask(|asked| {
            let mut tried = visitor.clone();
            fit(&wanted, &known, |row| {
                tried.row.copy_from_slice(row);
                asked.jacobian(&tried, &items)
            })
        })
    }

    fn seen_with(&self, user: Option<UserIx>, rated: &[(ItemIx, f32)]) -> Vec<ItemIx> {
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
