//! What a predicted rating is made of: the ratings of the person it is for.

use crate::any::AnyRecommender;
use crate::classical::ClassicalRecommender;
use crate::error::RecommenderError;
use crate::evaluate::BATCH;
use crate::fold::{Cholesky, Visitor};
use crate::profile::Who;
use crate::query::Query;
use crate::recommender::Recommender;
use recburn_data::ItemIx;
use recburn_nn::Model;
use serde::Serialize;

/// How far base and contributions may be from the rating, in stars, to be called exact.
const EXACT: f64 = 1e-3;

/// What one rating of a person contributes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The rated item.
    pub item: ItemIx,
    /// Its rating.
    pub rating: f32,
    /// What it adds to the predicted rating.
    pub weight: f32,
}

/// A predicted rating by what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The predicted rating, not clipped.
    pub rating: f32,
    /// What it would be without the ratings.
    pub base: f32,
    /// What each rating contributes, the largest first.
    pub contributions: Vec<Contribution>,
    /// Whether base and contributions add up to the rating. They do if the model is linear in the row that is fitted; of other
    /// models they are of first order, or what the rating would lose without each.
    pub exact: bool,
}

impl Explanation {
    fn new(rating: f64, base: f64, mut contributions: Vec<Contribution>) -> Self {
        let weights = contributions.iter().map(|one| f64::from(one.weight));
        let exact = (base + weights.sum::<f64>() - rating).abs() <= EXACT;
        contributions.sort_by(|a, b| {
            let size = |one: &Contribution| one.weight.abs();
            size(b).total_cmp(&size(a)).then(a.item.cmp(&b.item))
        });
        Self {
            rating: rating as f32,
            base: base as f32,
            contributions,
            exact,
        }
    }
}

impl AnyRecommender {
    /// How the ratings of a query lead to the predicted ratings of items. At the optimum of a fold-in,
    /// `score(i) = f_i(mean) + sum_j J_i A^-1 J_j (r_j - f_j(mean))` for a model that is linear in the row; `J` are the slopes
    /// along it and `A = JᵀJ + precision`. Of a classical model the contribution of a rating is what it does alone, if these add
    /// up, and otherwise what the score loses without it.
    ///
    /// A known user without new ratings is explained by a fold-in of the training ratings, whose result is near the trained
    /// row, but not the same; of more than [`Query::MOST_RATINGS`] the first by item are taken.
    ///
    /// # Errors
    ///
    /// As [`Recommender::profile`]; an unknown item; [`RecommenderError::NoRatings`] for a known user if the model keeps no
    /// ratings.
    pub fn explain(
        &self,
        query: &Query<'_>,
        items: &[&str],
    ) -> Result<Vec<Explanation>, RecommenderError> {
        let items: Vec<ItemIx> = items
            .iter()
            .map(|item| self.library().item(item))
            .collect::<Result<_, _>>()?;
        let own = self.training_ratings(query)?;
        let own: Option<Vec<(&str, f32)>> = own.as_ref().map(|own| {
            let pairs = own.iter();
            pairs.map(|(id, stars)| (id.as_str(), *stars)).collect()
        });
        let query = match &own {
            Some(own) => Query {
                user: None,
                ratings: &own[..own.len().min(Query::MOST_RATINGS)],
            },
            None => *query,
        };
        match self {
            Self::Network(network) => network.explain(&query, &items),
            Self::Classical(classical) => classical.explain(&query, &items),
        }
    }

    /// The training ratings of a query that is a known user and nothing else.
    fn training_ratings(
        &self,
        query: &Query<'_>,
    ) -> Result<Option<Vec<(String, f32)>>, RecommenderError> {
        let Some(id) = query.user.filter(|_| query.ratings.is_empty()) else {
            return Ok(None);
        };
        let library = self.library();
        let user = library.user(id)?;
        let rated = match self {
            Self::Network(_) => library.seen.ratings_of(user),
            Self::Classical(classical) => Some(classical.trained(user)),
        };
        let rated = rated.ok_or(RecommenderError::NoRatings)?;
        let named = rated.into_iter().filter_map(|(item, stars)| {
            let id = library.items.id(item)?;
            Some((id.into_owned(), stars))
        });
        Ok(Some(named.collect()))
    }
}

impl<M: Model + Sync> Recommender<M> {
    fn explain(
        &self,
        query: &Query<'_>,
        targets: &[ItemIx],
    ) -> Result<Vec<Explanation>, RecommenderError> {
        let profile = self.profile(query)?;
        let centre = f64::from(self.library.centre.mean);
        let restored = |scores: Vec<f32>| scores.into_iter().map(move |it| f64::from(it) + centre);
        let Who::Visitor(visitor) = &profile.who else {
            // A known user: nothing was folded in.
            let scores = restored(self.scores_for(&profile.who, targets));
            let each = scores.map(|score| Explanation::new(score, score, Vec::new()));
            return Ok(each.collect());
        };
        let folding = self.folding();
        let user = query.user.map(|id| self.library.user(id)).transpose()?;
        let trained = user.filter(|&user| self.library.seen.trained_of_user(user) > 0);
        let before = Visitor {
            own: visitor.own.clone(),
            row: trained.map_or_else(|| folding.mean.clone(), |user| folding.row(user)),
        };
        let mut rated = self.library.given(query.ratings)?.rated;
        rated.sort_unstable_by_key(|&(item, _)| item);
        let mut items: Vec<ItemIx> = rated.iter().map(|&(item, _)| item).collect();
        items.extend_from_slice(targets);
        let (at, bases) = self.ask(|asked| {
            let bases = asked.scores(&before, targets, BATCH);
            (asked.jacobian(visitor, &items), bases)
        });
        let bases = restored(bases);
        let scores = at.scores[rated.len()..].iter().map(|score| score + centre);
        let width = visitor.row.len();
        let slopes = |row: usize| &at.jacobian[row * width..][..width];
        let ratings: Vec<&[f64]> = (0..rated.len()).map(slopes).collect();
        let system = folding.precision.as_ref().filter(|_| width > 0);
        let Some(system) = system.and_then(|precision| system_of(precision, &ratings)) else {
            let each = scores.zip(bases);
            let each = each.map(|(score, base)| Explanation::new(score, base, Vec::new()));
            return Ok(each.collect());
        };
        let typical = self.noise().typical;
        let moved: Vec<f64> = difference(&visitor.row, &before.row);
        // How far each rating was from what the model said before any was known.
        let surprises = rated.iter().zip(&ratings).zip(&at.scores);
        let surprises: Vec<f64> = surprises
            .map(|((&(_, stars), slopes), score)| {
                let wanted = typical.unwrap_or(f64::from(stars)) - centre;
                wanted - score + dot(slopes, &moved)
            })
            .collect();
        let each = scores.zip(bases).enumerate().map(|(at, (score, base))| {
            let mut direction = slopes(rated.len() + at).to_vec();
            system.solve(&mut direction);
            let of_ratings = rated.iter().zip(&ratings).zip(&surprises);
            let contributions = of_ratings.map(|((&(item, rating), slopes), surprise)| {
                let weight = (dot(&direction, slopes) * surprise) as f32;
                Contribution {
                    item,
                    rating,
                    weight,
                }
            });
            Explanation::new(score, base, contributions.collect())
        });
        Ok(each.collect())
    }
}

/// `JᵀJ + precision`
fn system_of(precision: &[f64], ratings: &[&[f64]]) -> Option<Cholesky> {
    let mut matrix = precision.to_vec();
    let width = ratings.first()?.len();
    for slopes in ratings {
        for (slope, row) in slopes.iter().zip(matrix.chunks_exact_mut(width)) {
            row.iter_mut()
                .zip(*slopes)
                .for_each(|(sum, other)| *sum += slope * other);
        }
    }
    Cholesky::of(&matrix, width)
}

fn difference(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(a, b)| a - b).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

impl ClassicalRecommender {
    fn explain(
        &self,
        query: &Query<'_>,
        targets: &[ItemIx],
    ) -> Result<Vec<Explanation>, RecommenderError> {
        let user = query.user.map(|id| self.library.user(id)).transpose()?;
        let given = self.library.given(query.ratings)?;
        if given.rated.is_empty() && user.is_none() && !given.unknown.is_empty() {
            return Err(RecommenderError::NothingKnown {
                items: given.unknown,
            });
        }
        let mut all = user.map_or_else(Vec::new, |user| self.trained(user));
        all.retain(|(item, _)| !given.rated.iter().any(|(new, _)| new == item));
        all.extend_from_slice(&given.rated);
        let scores = |ratings: &[(ItemIx, f32)]| -> Result<Vec<f64>, RecommenderError> {
            let scores = self.folded(ratings)?;
            let of_targets = targets
                .iter()
                .map(|target| f64::from(scores[target.index()]));
            Ok(of_targets.collect())
        };
        let (whole, base) = (scores(&all)?, scores(&[])?);
        let alone = |at: usize| Ok(difference(&scores(&all[at..=at])?, &base));
        let without = |at: usize| {
            let mut others = all.clone();
            others.remove(at);
            Ok(difference(&whole, &scores(&others)?))
        };
        let explained = |weights: Vec<Vec<f64>>| -> Vec<Explanation> {
            let each = whole.iter().zip(&base).enumerate();
            let each = each.map(|(target, (&score, &base))| {
                let contributions = all.iter().zip(&weights);
                let contributions = contributions.map(|(&(item, rating), weights)| Contribution {
                    item,
                    rating,
                    weight: weights[target] as f32,
                });
                Explanation::new(score, base, contributions.collect())
            });
            each.collect()
        };
        let weights: Result<_, RecommenderError> = (0..all.len()).map(alone).collect();
        let explanations = explained(weights?);
        if explanations.iter().all(|one| one.exact) {
            return Ok(explanations);
        }
        let weights: Result<_, RecommenderError> = (0..all.len()).map(without).collect();
        Ok(explained(weights?))
    }
}
