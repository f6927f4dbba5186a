//! What an evaluation finds.

use super::RankingEvaluator;
use super::one_user::names;
use super::turns::Sums;
use crate::error::RankingError;
use crate::lists::ListMetrics;
use crate::measures::Measures;

/// Why an evaluation has no result; `E` is the error of the scores.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError<E> {
    /// The lists cannot be measured.
    #[error(transparent)]
    Ranking(#[from] RankingError),
    /// The scores could not be computed.
    #[error("the scores could not be computed")]
    Scores(#[source] E),
}

/// The measures of all users' lists.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankingEvaluation {
    /// The users with a relevant item.
    pub users: usize,
    /// The users of whom at least one candidate's score is NaN: not 0 for a model that has diverged.
    pub nan_users: usize,
    /// The measures, by name: means over users, and the measures of all lists together. A measure that is undefined for
    /// some users (`auc` of a user without an irrelevant candidate) is a mean over the others, and NaN if there are none.
    pub means: Measures,
    /// The standard errors of the means over users, `s / sqrt(users)`: how far another sample of users would deviate. NaN
    /// for fewer than two users.
    pub standard_errors: Measures,
    /// The measures of each user, if kept.
    pub per_user: Option<PerUser>,
}

/// The measures of each user, as columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PerUser {
    pub(super) users: Vec<u32>,
    pub(super) names: Vec<String>,
    /// Row by row.
    pub(super) values: Vec<f64>,
}

impl PerUser {
    /// The users with a relevant item, ascending.
    pub fn users(&self) -> &[u32] {
        &self.users
    }

    /// The names of the measures.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A measure of each of the [`users`](Self::users); NaN where it is undefined, and `None` for an unknown name.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let at = self.names.iter().position(|known| known == name)?;
        let rows = self.values.chunks_exact(self.names.len());
        Some(rows.map(|row| row[at]).collect())
    }
}

impl RankingEvaluation {
    /// From the sums over users, and the numbers of lists that each item is in, by cut-off.
    pub(super) fn of(
        evaluator: &RankingEvaluator<'_>,
        sums: Sums,
        lists: &[u32],
    ) -> Result<Self, RankingError> {
        if sums.users == 0 {
            let users = evaluator.users;
            return Err(RankingError::NoUsers { users });
        }
        let names = names(evaluator);
        let columns = || names.iter().zip(&sums.columns);
        let mut means: Measures = columns()
            .map(|(name, column)| (name.as_str(), column.mean()))
            .collect();
        let standard_errors = columns()
            .map(|(name, column)| (name.as_str(), column.standard_error()))
            .collect();
        let mut up_to = vec![0_u32; evaluator.items];
        for (k, own) in evaluator
            .cutoffs
            .iter()
            .zip(lists.chunks_exact(evaluator.items))
        {
            // A list of ten begins with that of five.
            for (sum, own) in up_to.iter_mut().zip(own) {
                *sum += own;
            }
            let metrics = ListMetrics::of(&up_to, evaluator.popularity);
            means.set(format!("coverage@{k}"), metrics.coverage);
            means.set(format!("gini@{k}"), metrics.gini);
            if let (Some(popularity), Some(novelty)) = (metrics.popularity, metrics.novelty) {
                means.set(format!("popularity@{k}"), popularity);
                means.set(format!("novelty@{k}"), novelty);
            }
        }
        Ok(Self {
            users: sums.users,
            nan_users: sums.nan_users,
            means,
            standard_errors,
            per_user: sums.kept.map(|kept| PerUser { names, ..kept }),
        })
    }
}
