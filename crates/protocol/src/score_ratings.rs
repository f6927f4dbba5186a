//! Measures of predicted ratings.

use crate::contestant::Scorer;
use crate::error::{ModelError, ProtocolError};
use crate::figures::{Figures, Group, PerUser};
use crate::parts::Parts;
use recburn_metrics::{Measures, MetricError, RatingGroup, RatingSteps, rating_report};
use std::collections::BTreeMap;

/// Why predictions have no measures.
pub(crate) enum Fault {
    /// The model has an error.
    Model(ModelError),
    /// The rest, in a box since the error is large.
    Other(Box<ProtocolError>),
}

/// Predicts the test part and measures the predictions.
pub(crate) fn rated(
    model: &str,
    scorer: &dyn Scorer,
    parts: &Parts,
    clip: bool,
) -> Result<Figures, Fault> {
    let mut predictions = scorer.rate(&parts.asked).map_err(Fault::Model)?;
    let (found, expected) = (predictions.len(), parts.test.len());
    if found != expected {
        let model = model.to_string();
        return Err(Fault::Other(Box::new(ProtocolError::Rows {
            model,
            found,
            expected,
        })));
    }
    let scale = parts.dataset.scale;
    if clip {
        for prediction in &mut predictions {
            *prediction = scale.clip(*prediction);
        }
    }
    measured(&predictions, parts).map_err(|source| {
        let model = model.to_string();
        Fault::Other(Box::new(ProtocolError::Predictions { model, source }))
    })
}

fn measured(predictions: &[f32], parts: &Parts) -> Result<Figures, MetricError> {
    let scale = parts.dataset.scale;
    // Ratings without steps are rounded to whole numbers.
    let step = if scale.step > 0.0 { scale.step } else { 1.0 };
    let steps = RatingSteps::new(scale.min, scale.max, step)?;
    let users: Vec<u32> = parts.test.users.iter().map(|user| user.0).collect();
    let ratings = &parts.test.ratings;
    let report = rating_report(
        &users,
        predictions,
        ratings,
        |row| parts.is_cold[row],
        steps,
    )?;
    let mut sums: BTreeMap<u32, (f64, f64, f64)> = BTreeMap::new();
    for ((&user, prediction), rating) in users.iter().zip(predictions).zip(ratings) {
        let error = f64::from(*prediction) - f64::from(*rating);
        let (square, absolute, rows) = sums.entry(user).or_default();
        *square += error * error;
        *absolute += error.abs();
        *rows += 1.0;
    }
    let own: Vec<u32> = sums.keys().copied().collect();
    let column = |of: fn(&(f64, f64, f64)) -> f64| sums.values().map(of).collect();
    let columns = [
        (
            "user_rmse".to_string(),
            column(|sum| (sum.0 / sum.2).sqrt()),
        ),
        ("user_mae".to_string(), column(|sum| sum.1 / sum.2)),
    ];
    Ok(Figures {
        all: group(&report.all),
        warm: report.warm.as_ref().map(group),
        cold: report.cold.as_ref().map(group),
        per_user: PerUser::of(&parts.dataset, &own, columns),
        ..Figures::default()
    })
}

fn group(of: &RatingGroup) -> Group {
    let mut measures: Measures = [
        ("rmse", of.rmse),
        ("mae", of.mae),
        ("mse", of.mse),
        ("rmse_clipped", of.rmse_clipped),
        ("mae_clipped", of.mae_clipped),
        ("rmse_rounded", of.rmse_rounded),
        ("mae_rounded", of.mae_rounded),
        ("exact", of.exact),
        ("user_rmse", of.user_rmse),
        ("user_mae", of.user_mae),
    ]
    .into_iter()
    .collect();
    if let Some(r2) = of.r2 {
        measures.set("r2", r2);
    }
    Group {
        rows: of.rows,
        users: of.users,
        measures,
    }
}
