//! Neighbours for ratings, of items and of users.

use crate::bias::Bias;
use crate::biases::Biases;
use crate::error::ClassicalError;
use crate::method::{Context, Fitted, Scores};
use crate::panels::Dense;
use crate::profile;
use crate::rows::{self, Rows};
use crate::saved::Saved;
use crate::similarity::{Neighbourhood, Shared, Similarity};
use rayon::prelude::*;
use recburn_data::{ItemIx, UserIx};
use serde::{Deserialize, Serialize};

/// Whose neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Items,
    Users,
}

/// Fitted neighbours for ratings: `item_knn` and `user_knn` for ratings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RatingNeighbours {
    side: Side,
    settings: Neighbourhood,
    baselines: Biases,
    /// The ratings, `[users, items]`, and their transpose.
    ratings: Rows,
    raters: Rows,
    /// Between items, or between users; 0 on the diagonal.
    similarities: Dense,
}

/// The bytes of neighbours among this number of items or users.
pub(crate) fn bytes(context: &Context<'_>, neighbours: usize) -> u64 {
    let sparse = rows::bytes(context.users.max(context.items), context.train.len());
    6 * sparse + neighbours as u64 * neighbours as u64 * 4
}

/// The similarity of one row of ratings with every row; `transposed` holds the rows by their columns.
fn similar(
    (others, values): (&[u32], &[f32]),
    transposed: &Rows,
    settings: &Neighbourhood,
    sums: &mut [Shared],
    into: &mut [f32],
) {
    sums.fill(Shared::default());
    for (&other, &own) in others.iter().zip(values) {
        let (rows, values) = transposed.row(other as usize);
        for (&row, &value) in rows.iter().zip(values) {
            sums[row as usize].add(own, value);
        }
    }
    for (into, shared) in into.iter_mut().zip(&*sums) {
        *into = settings.of(shared);
    }
}

impl RatingNeighbours {
    /// Fits baselines and similarities.
    pub(crate) fn fitted(
        context: &Context<'_>,
        side: Side,
        settings: Neighbourhood,
        baseline: &Bias,
    ) -> Result<Box<dyn Fitted>, ClassicalError> {
        let (users, items) = (context.users, context.items);
        let ratings = Rows::ratings(context.train, users);
        let mut model = Self {
            side,
            settings,
            baselines: baseline.biases(context.train, users, items),
            raters: ratings.transposed(items),
            ratings,
            similarities: Dense::zeros(0, 0),
        };
        let by_user = model.compared();
        let by_item = by_user.transposed(items);
        let (rows, transposed) = match side {
            Side::Items => (by_item, by_user),
            Side::Users => (by_user, by_item),
        };
        let size = rows.len();
        model.similarities = Dense::zeros(size, size);
        let tasks = model
            .similarities
            .values
            .par_chunks_exact_mut(size)
            .enumerate();
        tasks.for_each_init(
            || vec![Shared::default(); size],
            |sums, (row, into)| {
                similar(rows.row(row), &transposed, &settings, sums, into);
                into[row] = 0.0;
            },
        );
        Ok(Box::new(model))
    }

    /// The numbers that similarities compare, `[users, items]`.
    fn compared(&self) -> Rows {
        match self.settings.similarity {
            Similarity::PearsonBaseline => self
                .ratings
                .map(|user, item, rating| rating - self.baselines.baseline(user, item as usize)),
            _ => self.ratings.clone(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ClassicalError> {
        const METHOD: &str = "rating neighbours";
        let (users, items) = (self.ratings.len(), self.raters.len());
        self.settings.check(METHOD, Scores::Ratings)?;
        self.baselines.check()?;
        self.ratings.check(METHOD, items)?;
        self.raters.check(METHOD, users)?;
        let size = match self.side {
            Side::Items => items,
            Side::Users => users,
        };
        let similarities = &self.similarities;
        let shapes = similarities.is_sound()
            && (similarities.rows, similarities.columns) == (size, size)
            && (self.baselines.users.len(), self.baselines.items.len()) == (users, items);
        match shapes {
            true => Ok(()),
            false => Err(ClassicalError::Damaged {
                method: METHOD,
                what: "its parts are of different shapes".to_string(),
            }),
        }
    }

    /// The baseline plus the weighted mean deviation of the nearest, out of similarities and deviations.
    fn estimate(&self, baseline: f32, near: &mut Vec<(f32, f32)>) -> f32 {
        let most = self.settings.neighbours;
        if near.len() > most {
            near.select_nth_unstable_by(most - 1, |left, right| {
                right.0.total_cmp(&left.0).then(left.1.total_cmp(&right.1))
            });
            near.truncate(most);
        }
        let (mut sum, mut weight) = (0.0, 0.0);
        for &(similarity, deviation) in &*near {
            sum += similarity * deviation;
            weight += similarity;
        }
        match weight > 0.0 {
            true => baseline + sum / weight,
            false => baseline,
        }
    }

    /// The score of an item for somebody with this profile, this bias and, among users, these similarities.
    fn score(&self, who: &Who<'_>, item: usize, near: &mut Vec<(f32, f32)>) -> f32 {
        let biases = &self.baselines;
        let own = biases.mean + who.bias;
        near.clear();
        match self.side {
            Side::Items => {
                let similarities = self.similarities.row(item);
                for (&seen, &rating) in who.profile.0.iter().zip(who.profile.1) {
                    let similarity = similarities[seen as usize];
                    if similarity > 0.0 {
                        near.push((similarity, rating - own - biases.items[seen as usize]));
                    }
                }
            }
            Side::Users => {
                let (raters, ratings) = self.raters.row(item);
                for (&rater, &rating) in raters.iter().zip(ratings) {
                    let similarity = who.similarities.get(rater as usize).copied().unwrap_or(0.0);
                    if similarity > 0.0 {
                        let baseline = biases.baseline(rater as usize, item);
                        near.push((similarity, rating - baseline));
                    }
                }
            }
        }
        self.estimate(own + biases.items[item], near)
    }

    fn user(&self, user: UserIx) -> Who<'_> {
        Who {
            profile: self.ratings.row(user.index()),
            bias: self
                .baselines
                .users
                .get(user.index())
                .copied()
                .unwrap_or(0.0),
            similarities: match self.side {
                Side::Items => &[],
                Side::Users => self.similarities.row(user.index()),
            },
        }
    }

    fn scores(&self, who: &Who<'_>, into: &mut [f32]) {
        let mut near = Vec::new();
        for (item, into) in into.iter_mut().enumerate() {
            *into = self.score(who, item, &mut near);
        }
    }
}

/// Whom a score is for.
struct Who<'a> {
    profile: (&'a [u32], &'a [f32]),
    bias: f32,
    similarities: &'a [f32],
}

impl Fitted for RatingNeighbours {
    fn predict(&self, user: UserIx, item: ItemIx) -> f32 {
        match item.index() < self.raters.len() {
            true => self.score(&self.user(user), item.index(), &mut Vec::new()),
            false => f32::NAN,
        }
    }

    fn score_all(&self, user: UserIx, into: &mut [f32]) {
        profile::sized(self.raters.len(), into, |into| {
            self.scores(&self.user(user), into)
        });
    }

    fn fold_in(&self, profile: &[(ItemIx, f32)], into: &mut [f32]) -> Result<(), ClassicalError> {
        profile::check_fold_in(profile, self.raters.len(), into)?;
        let rated = rows::rated(profile);
        let bias = self.baselines.user_of(rated.iter().copied());
        let (items, ratings): (Vec<u32>, Vec<f32>) = rated.into_iter().unzip();
        let mut similarities = Vec::new();
        if self.side == Side::Users {
            let own = self.baselines.mean + bias;
            let compared: Vec<f32> = match self.settings.similarity {
                Similarity::PearsonBaseline => {
                    let biases = items
                        .iter()
                        .map(|&item| self.baselines.items[item as usize]);
                    ratings
                        .iter()
                        .zip(biases)
                        .map(|(rating, bias)| rating - own - bias)
                        .collect()
                }
                _ => ratings.clone(),
            };
            let by_item = self.compared().transposed(self.raters.len());
            let mut sums = vec![Shared::default(); self.ratings.len()];
            similarities = vec![0.0; self.ratings.len()];
            let row = (items.as_slice(), compared.as_slice());
            similar(row, &by_item, &self.settings, &mut sums, &mut similarities);
        }
        let profile = (items.as_slice(), ratings.as_slice());
        let who = Who {
            profile,
            bias,
            similarities: &similarities,
        };
        self.scores(&who, into);
        Ok(())
    }

    fn saved(&self) -> Saved {
        Saved::RatingNeighbours(self.clone())
    }
}
