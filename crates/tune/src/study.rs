//! A study: what is searched, how, and for how long.

use crate::error::TuneError;
use crate::halving::{self, Rung};
use crate::sampler::{Direction, Sampler};
use crate::space::Space;
use crate::stop::Stop;
use recburn_data::WordError;
use serde_json::Value;

/// A search for good values. [`Study::run`] runs it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Study {
    /// The parameters.
    pub space: Space,
    /// How configurations are proposed.
    pub sampler: Sampler,
    /// Whether small or large objectives are good.
    pub direction: Direction,
    /// All proposals, and the seeds of all trials, are functions of this seed.
    pub seed: u64,
    /// The number of configurations; a finite space with fewer points is searched completely. By default 50.
    pub trials: usize,
    /// The number of trials between two looks of TPE at the results: the largest number of workers that are busy all the
    /// time. A study of which the first generation fails completely ends. By default 8.
    pub generation: usize,
    /// The full budget of a trial, such as a number of epochs. By default 1.
    pub budget: usize,
    /// The smallest budget with which successive halving may begin. By default 1.
    pub least_budget: usize,
    /// What is tuned: a recipe, a fingerprint of the data. A journal can only be resumed with the same one.
    pub subject: Value,
    /// The request to stop.
    pub stop: Stop,
}

impl Study {
    /// A study that minimises, with the default settings.
    pub fn new(space: Space, sampler: Sampler, seed: u64) -> Self {
        Self {
            space,
            sampler,
            direction: Direction::Minimize,
            seed,
            trials: 50,
            generation: 8,
            budget: 1,
            least_budget: 1,
            subject: Value::Null,
            stop: Stop::new(),
        }
    }

    /// Sets the direction.
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Sets the number of configurations.
    pub fn trials(self, trials: usize) -> Self {
        Self { trials, ..self }
    }

    /// Sets the size of a generation.
    pub fn generation(self, generation: usize) -> Self {
        Self { generation, ..self }
    }

    /// Sets the smallest and the full budget.
    pub fn budget(self, least_budget: usize, budget: usize) -> Self {
        Self {
            least_budget,
            budget,
            ..self
        }
    }

    /// Says what is tuned.
    pub fn subject(self, subject: impl Into<Value>) -> Self {
        let subject = subject.into();
        Self { subject, ..self }
    }

    /// Sets the request to stop.
    pub fn stopped_by(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// If trials, generation, a budget or a number of the sampler is too small, if the smallest budget exceeds the full
    /// one, or if a grid is infinite or has more points than the study trials.
    pub fn check(&self) -> Result<(), TuneError> {
        self.sampler.check()?;
        let wrong = |wrong: String| Err(WordError::Setting { wrong }.into());
        for (what, number) in [
            ("number of trials", self.trials),
            ("size of a generation", self.generation),
            ("smallest budget", self.least_budget),
        ] {
            if number == 0 {
                return wrong(format!("the {what} must be at least 1, not 0"));
            }
        }
        if self.budget < self.least_budget {
            return wrong(format!(
                "the full budget must be at least the smallest one, but {} is less than {}",
                self.budget, self.least_budget
            ));
        }
        if self.sampler == Sampler::Grid {
            let mut parameters = self.space.parameters().iter();
            if let Some((name, _)) = parameters.find(|(_, of)| of.size().is_none()) {
                let parameter = name.clone();
                return Err(TuneError::EndlessGrid { parameter });
            }
            let size = self.space.size();
            if size.is_none_or(|size| size > self.trials as u128) {
                return Err(TuneError::LargeGrid {
                    size: size.map_or("more than 2^128".to_string(), |size| size.to_string()),
                    trials: self.trials,
                });
            }
        }
        Ok(())
    }

    /// The number of configurations: that of the trials, or of the points of the space if they are fewer.
    pub(crate) fn configurations(&self) -> usize {
        let size = self.space.size().unwrap_or(u128::MAX);
        size.min(self.trials as u128) as usize
    }

    /// The rungs: several for successive halving, one otherwise.
    ///
    /// With n configurations, the full budget B and the smallest budget b, the last rung is number
    /// K = min(floor(log_eta(B / b)), floor(log_eta(n))); rung k has floor(n / eta^k) trials, each with the budget
    /// ceil(B / eta^(K - k)). If trials fail, later rungs may have fewer.
    pub fn rungs(&self) -> Vec<Rung> {
        match self.sampler {
            Sampler::Halving { eta } => {
                halving::rungs(self.configurations(), eta, self.least_budget, self.budget)
            }
            _ => vec![Rung {
                trials: self.configurations(),
                budget: self.budget,
            }],
        }
    }

    /// The number of trials of all rungs.
    pub fn planned(&self) -> usize {
        self.rungs().iter().map(|rung| rung.trials).sum()
    }
}
