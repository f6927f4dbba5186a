//! Proposals of the Tree-structured Parzen Estimator.

use crate::parameter::Parameter;
use crate::propose::{bits, unit};
use crate::space::Values;
use crate::study::Study;
use crate::trial::Finished;
use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::SeedableRng;
use tpe::TpeOptimizer;

/// Densities of good and bad values, per parameter.
///
/// Numbers are estimated by their position in the range, so a log scale is one of logarithms, and an integer is the
/// middle of its interval; choices are estimated by a histogram.
///
/// A parameter without a density would be drawn at random; that does not occur, since spaces and trials are checked.
pub(crate) struct Estimator(Vec<Option<TpeOptimizer>>);

impl Estimator {
    /// Densities of the finished trials; those that failed are the worst.
    pub(crate) fn of(study: &Study, finished: &[Finished]) -> Self {
        let parameters = study.space.parameters().iter();
        let of = |(name, parameter): (&String, &Parameter)| {
            let (estimator, width) = match parameter {
                Parameter::Choice(choices) => (tpe::histogram_estimator(), choices.len()),
                _ => (tpe::parzen_estimator(), 1),
            };
            let range = tpe::range(0.0, width as f64).ok()?;
            let mut optimizer = TpeOptimizer::new(estimator, range);
            for trial in finished {
                let value = trial.trial.values.get(name);
                let position = value.and_then(|value| parameter.position(value))?;
                let cost = trial
                    .value
                    .map_or(f64::INFINITY, |v| study.direction.cost(v));
                optimizer.tell(position * width as f64, cost).ok()?;
            }
            Some(optimizer)
        };
        Self(parameters.map(of).collect())
    }

    /// A proposal.
    pub(crate) fn draw(&mut self, study: &Study, id: usize, attempt: u64) -> Values {
        let parameters = study.space.parameters().iter().zip(&mut self.0);
        let values = parameters.map(|((name, parameter), optimizer)| {
            let bits = bits(study.seed, id, name, attempt);
            let Some(optimizer) = optimizer else {
                return (name.clone(), parameter.at(unit(bits)));
            };
            let Ok(drawn) = optimizer.ask(&mut SplitMix64::seed_from_u64(bits));
            let position = match parameter {
                Parameter::Choice(choices) => (drawn.floor() + 0.5) / choices.len() as f64,
                _ => drawn,
            };
            (name.clone(), parameter.at(position))
        });
        values.collect()
    }
}
