//! Whom an answer is for: a user by row, or somebody with ratings.

use crate::extract::Id;
use crate::problem::Problem;
use crate::served::Served;
use crate::state::Service;
use recburn_recommender::{Profile, Query};
use std::sync::Arc;
use std::time::Instant;

/// Somebody as the model sees them.
pub(crate) enum Somebody {
    /// A user by row.
    Known(recburn_data::UserIx),
    /// Ratings folded in.
    Folded(Arc<Profile>),
}

impl Service {
    /// Whom a list is for.
    pub(crate) fn somebody(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
    ) -> Result<Somebody, Problem> {
        let journal = user
            .zip(self.journal.as_ref())
            .filter(|(user, journal)| journal.knows(user));
        match (user, ratings.is_empty(), journal) {
            (None, true, _) => Err(Problem::unprocessable(
                "nothing_known",
                "there is neither a user nor a rating to go by",
            )),
            (Some(user), true, None) => served.user(user).map(Somebody::Known).inspect_err(|_| {
                self.metrics.unknown("user", 1);
            }),
            (Some(user), true, Some(_)) => self.by_journal(served, user).map(Somebody::Folded),
            (user, false, _) => self.fold(served, user, ratings).map(Somebody::Folded),
        }
    }

    /// The profile of a user with ratings in the journal.
    pub(crate) fn by_journal(&self, served: &Served, user: &str) -> Result<Arc<Profile>, Problem> {
        let begun = Instant::now();
        let mut count = None;
        let profile = served.folded(user, || {
            let ratings = self.own_ratings(served, Some(user), &[]);
            count = Some(ratings.len());
            ratings
        })?;
        if let Some(count) = count {
            self.metrics.folded(count, begun.elapsed());
        }
        Ok(profile)
    }

    /// The profile of somebody with ratings of the request, and with those of the journal of other items.
    pub(crate) fn fold(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
    ) -> Result<Arc<Profile>, Problem> {
        let begun = Instant::now();
        let own = self.own_ratings(served, user, ratings);
        let mut all = ratings.to_vec();
        all.extend(own.iter().map(|(id, stars)| (id.0.as_str(), *stars)));
        let is_known = |user: &str| served.model.users().index(user).is_some();
        if let Some(user) = user.filter(|user| !is_known(user) && own.is_empty()) {
            self.metrics.unknown("user", 1);
            return Err(served.unknown_user(user));
        }
        let query = Query {
            user: user.filter(|user| is_known(user)),
            ratings: &all,
        };
        let profile = served.model.profile(&query)?;
        self.metrics.folded(all.len(), begun.elapsed());
        Ok(Arc::new(profile))
    }

    /// The ratings of the journal for items that the request does not rate.
    pub(crate) fn own_ratings(
        &self,
        served: &Served,
        user: Option<&str>,
        ratings: &[(&str, f32)],
    ) -> Vec<(Id, f32)> {
        let Some((user, journal)) = user.zip(self.journal.as_ref()) else {
            return Vec::new();
        };
        let mut own = new_ratings(served, user, journal.ratings_of(user));
        own.retain(|(item, _)| !ratings.iter().any(|(rated, _)| *rated == item.0));
        own.truncate(Query::MOST_RATINGS.saturating_sub(ratings.len()));
        own
    }
}

/// The ratings of the journal that the model has not been trained on.
fn new_ratings(served: &Served, user: &str, mut ratings: Vec<(Id, f32)>) -> Vec<(Id, f32)> {
    let (model, seen) = (&served.model, served.model.seen());
    let Some(row) = model.users().index(user) else {
        return ratings;
    };
    let trained = seen.ratings_of(row);
    let scale = model.scale();
    ratings.retain(|(item, stars)| {
        let Some(item) = model.items().index(&item.0) else {
            return true;
        };
        let same = match &trained {
            Some(trained) => match trained.binary_search_by_key(&item, |(item, _)| *item) {
                Ok(at) => trained[at].1 == *stars,
                Err(_) => false,
            },
            None => seen.is_trained(row, item),
        };
        !same
    });
    // Another model may have another scale.
    ratings.retain(|(_, stars)| (scale.min..=scale.max).contains(stars));
    ratings
}
