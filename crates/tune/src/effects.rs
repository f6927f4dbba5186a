//! The effect of each parameter on the objective.

use crate::parameter::Parameter;
use crate::sampler::Direction;
use crate::space::Space;
use crate::statistics::{explained, quantile_groups, spearman};
use crate::trial::Finished;
use serde::Serialize;
use serde_json::Value;

/// What the trials of a study say about one parameter.
///
/// # Importance
///
/// `importance` is the share of the variance of the objective that lies between the values of the parameter, as in a
/// one-way analysis of variance. Trials are grouped by choice, or by quantiles of a number: sqrt(n) groups for n trials, at
/// least 2 and at most 10. With the sums of squares around the mean, T (of all trials) and W (of each group around its
/// own mean), and k groups,
///
/// importance = (T - W - (k - 1) W / (n - k)) / T, at least 0.
///
/// The last term of the numerator is what k groups explain by chance (epsilon squared; Kelley 1935).
///
/// Its limits:
///
/// - Only the parameter's own effect counts. One that matters only together with another may have 0, so the shares do not
///   add up to 1.
/// - The share is one of the trials that were made. TPE makes most of them near the optimum, where every parameter
///   matters less, and its parameters are not independent there: random search gives better estimates.
/// - Squares give a diverged trial with a huge objective nearly all of the variance.
/// - With few trials it is rough: twenty per parameter are a minimum.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The name of the parameter.
    pub parameter: String,
    /// The objective by its value.
    pub shape: Shape,
    /// The share of the variance explained, in `[0, 1]`; `None` if there are too few trials, or all have the same objective
    /// or the same value.
    pub importance: Option<f64>,
}

/// The objective by the value of a parameter. Failed trials have none and are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// Of an integer or a floating-point number.
    Numbers {
        /// Value and objective of each trial, ordered by id.
        points: Vec<(f64, f64)>,
        /// The rank correlation of the two ([`spearman`](crate::spearman)): negative if larger values give smaller
        /// objectives. Near 0 also for a parameter with an optimum in the middle.
        correlation: Option<f64>,
        /// Whether the values are searched on a log scale.
        log: bool,
    },
    /// Of choices, in their order.
    Choices(Vec<ChoiceEffect>),
}

/// The objective of the trials with one choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChoiceEffect {
    /// The choice.
    pub value: Value,
    /// Its trials with a result.
    pub trials: usize,
    /// The best objective.
    pub best: Option<f64>,
    /// The mean objective.
    pub mean: Option<f64>,
}

/// The effect of each parameter, ordered by name.
pub(crate) fn effects(space: &Space, trials: &[Finished], direction: Direction) -> Vec<Effect> {
    let first_rung = trials.iter().filter(|of| of.trial.parent.is_none());
    let trials: Vec<(&Finished, f64)> = first_rung.filter_map(|of| Some((of, of.value?))).collect();
    let parameters = space.parameters().iter();
    let effect = |(name, parameter): (&String, &Parameter)| {
        let pairs = trials.iter().filter_map(|(of, objective)| {
            let value = of.trial.values.get(name)?;
            Some((value, *objective))
        });
        let (shape, groups) = match parameter {
            Parameter::Choice(choices) => by_choice(choices, pairs.collect(), direction),
            Parameter::Int { log, .. } | Parameter::Float { log, .. } => {
                let points = pairs.filter_map(|(value, of)| Some((value.as_f64()?, of)));
                by_number(points.collect(), *log)
            }
        };
        Effect {
            parameter: name.clone(),
            shape,
            importance: explained(&groups),
        }
    };
    parameters.map(effect).collect()
}

fn by_number(points: Vec<(f64, f64)>, log: bool) -> (Shape, Vec<Vec<f64>>) {
    let groups = (points.len() as f64).sqrt() as usize;
    let groups = quantile_groups(&points, groups.clamp(2, 10));
    let shape = Shape::Numbers {
        correlation: spearman(&points),
        points,
        log,
    };
    (shape, groups)
}

fn by_choice(
    choices: &[Value],
    pairs: Vec<(&Value, f64)>,
    direction: Direction,
) -> (Shape, Vec<Vec<f64>>) {
    let mut groups = Vec::new();
    let mut effects = Vec::new();
    for choice in choices {
        let own = pairs.iter().filter(|(value, _)| *value == choice);
        let own: Vec<f64> = own.map(|(_, objective)| *objective).collect();
        let cheaper = |one: f64, other: f64| match direction.cost(other) < direction.cost(one) {
            true => other,
            false => one,
        };
        effects.push(ChoiceEffect {
            value: choice.clone(),
            trials: own.len(),
            best: own.iter().copied().reduce(cheaper),
            mean: (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64),
        });
        groups.push(own);
    }
    groups.retain(|group| !group.is_empty());
    (Shape::Choices(effects), groups)
}
