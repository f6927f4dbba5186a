//! The errors of models and of simple predictions on prepared data.

use super::{ExperimentError, Prepared};
use crate::classical::{Context, Method, bias::Bias};
use crate::data::{Features, ItemIx, Ratings, UserIx};
use crate::metrics::{Baseline, Baselines, Means, RatingMetrics, RatingSums};
use crate::nn::{Model, predict_with};

/// Pairs scored at a time.
const BATCH: usize = 8_192;

/// Pairs whose scores are held at a time, in whole batches.
const BLOCK: usize = 32 * BATCH;

impl Prepared {
    /// Sums of the training ratings, in stars.
    pub fn means(&self) -> Means {
        let (users, items) = (self.dataset.users.rows(), self.dataset.items.rows());
        let centred = plain(&self.train, &self.train.ratings);
        let stars = centred.map(|(user, item, rating)| (user, item, self.centre.restore(rating)));
        Means::of(users, items, stars)
    }

    /// The errors of the means and of the biases of the training ratings on the validation part; `None` without one.
    pub fn baselines(&self) -> Option<Baselines> {
        let means = self.means();
        let baselines = means.baselines(plain(&self.valid, &self.valid_stars));
        baselines.map(|baselines| Baselines {
            bias: self.bias(),
            ..baselines
        })
    }

    /// The errors of a model on the validation part, in stars.
    pub fn metrics<M: Model>(&self, model: &M) -> Result<RatingMetrics, ExperimentError> {
        self.metrics_of(model, &self.valid, &self.valid_stars)
    }

    /// The errors of a model on the test part, in stars; `None` without one.
    pub fn test_metrics<M: Model>(
        &self,
        model: &M,
    ) -> Result<Option<RatingMetrics>, ExperimentError> {
        match self.test.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.metrics_of(
                model,
                &self.test,
                &self.test_stars,
            )?)),
        }
    }

    fn metrics_of<M: Model>(
        &self,
        model: &M,
        part: &Ratings,
        stars: &[f32],
    ) -> Result<RatingMetrics, ExperimentError> {
        let scale = self.dataset.scale;
        let mut sums = RatingSums::new((scale.min, scale.max))?;
        let mut stars = stars.chunks(BLOCK);
        self.predict_blocks(model, part, |predicted| {
            Ok(sums.add(&predicted, stars.next().unwrap_or_default())?)
        })?;
        Ok(sums.metrics()?)
    }

    /// The predicted ratings of a part, in stars.
    pub(super) fn predicted<M: Model>(
        &self,
        model: &M,
        part: &Ratings,
    ) -> Result<Vec<f32>, ExperimentError> {
        let mut all = Vec::with_capacity(part.len());
        self.predict_blocks(model, part, |predicted| {
            all.extend(predicted);
            Ok(())
        })?;
        Ok(all)
    }

    /// Calls `each` with the predicted ratings of [`BLOCK`] rows of a part at a time.
    fn predict_blocks<M: Model>(
        &self,
        model: &M,
        part: &Ratings,
        mut each: impl FnMut(Vec<f32>) -> Result<(), ExperimentError>,
    ) -> Result<(), ExperimentError> {
        let inputs = model.inputs();
        let features = self.features(&inputs)?;
        let mut gather = features.gather_of(&inputs, part)?;
        let mut next = 0;
        for (users, items) in part.users.chunks(BLOCK).zip(part.items.chunks(BLOCK)) {
            let mut predicted = predict_with(model, users, items, BATCH, &mut |batch| {
                let events: Vec<u32> = (next..next + batch.queries as u32).collect();
                gather.fill_rows(batch, &events);
                next += batch.queries as u32;
            });
            for score in &mut predicted {
                *score = self.centre.restore(*score);
            }
            each(predicted)?;
        }
        Ok(())
    }

    /// What a model that is fitted as a whole is fitted to.
    pub(super) fn context<'a>(&'a self, features: Option<&'a Features>, seed: u64) -> Context<'a> {
        let dataset = &self.dataset;
        Context {
            train: &self.train,
            users: dataset.users.rows(),
            items: dataset.items.rows(),
            scale: (dataset.scale.min, dataset.scale.max),
            features,
            seed,
            threads: 0,
        }
    }

    /// The errors of damped biases of users and items, fitted to the training ratings, on the validation part.
    fn bias(&self) -> Option<Baseline> {
        let fitted = Method::fit(&Bias::default(), &self.context(None, 0)).ok()?;
        let rows = self.valid.users.iter().zip(&self.valid.items);
        let predicted = rows.map(|(&user, &item): (&UserIx, &ItemIx)| {
            f64::from(self.centre.restore(fitted.predict(user, item)))
        });
        let stars = self.valid_stars.iter().map(|&stars| f64::from(stars));
        Baseline::of(
            predicted
                .zip(stars)
                .map(|(predicted, stars)| predicted - stars),
        )
    }
}

/// The rows of a part as plain numbers.
fn plain<'a>(part: &'a Ratings, ratings: &'a [f32]) -> impl Iterator<Item = (u32, u32, f32)> {
    let ids = part.users.iter().zip(&part.items);
    let rows = ids.zip(ratings);
    rows.map(|((user, item), &rating)| (user.0, item.0, rating))
}
