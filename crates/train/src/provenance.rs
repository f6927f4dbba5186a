//! The identity of a training run, which distinguishes its checkpoints from others.

use crate::error::{Difference, TrainError};
use crate::evaluate::Judge;
use recburn_data::{Examples, Fingerprint, thousands};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The rows of a training run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rows {
    train: Option<Fingerprint>,
    valid: Option<Fingerprint>,
}

impl Rows {
    pub fn of<M>(train: &dyn Examples, valid: Option<&dyn Judge<M>>) -> Self {
        Self {
            train: Some(train.fingerprint()),
            valid: valid.map(Judge::fingerprint),
        }
    }

    /// If one of the two lacks such a part, there is nothing to compare.
    pub fn agrees_with(&self, own: &Self) -> Result<(), TrainError> {
        let parts = [
            ("the number of training rows", self.train, own.train),
            ("the number of validation rows", self.valid, own.valid),
        ];
        let differences: Vec<_> = parts
            .into_iter()
            .filter_map(|(what, saved, own)| {
                let (saved, own) = (saved?, own?);
                (saved != own).then(|| Difference {
                    what: what.to_string(),
                    saved: thousands(saved.rows),
                    own: match saved.rows == own.rows {
                        true => format!("{} with different content or order", thousands(own.rows)),
                        false => thousands(own.rows),
                    },
                })
            })
            .collect();
        match differences.is_empty() {
            true => Ok(()),
            false => Err(TrainError::Mismatch { differences }),
        }
    }
}

/// The keys whose values differ between two objects, in the order of the first. Nested objects are compared only if
/// everything else agrees: they hold what follows from the other keys.
pub(crate) fn differences(saved: &Value, own: &Value) -> Vec<Difference> {
    let none = serde_json::Map::new();
    let (saved, own) = (
        saved.as_object().unwrap_or(&none),
        own.as_object().unwrap_or(&none),
    );
    let others = own.keys().filter(|key| !saved.contains_key(*key));
    let mut found = Vec::new();
    let mut within = Vec::new();
    for what in saved.keys().chain(others) {
        let missing = &Value::Null;
        let (saved, own) = (
            saved.get(what).unwrap_or(missing),
            own.get(what).unwrap_or(missing),
        );
        match (saved, own) {
            (saved, own) if saved == own => {}
            (Value::Object(_), Value::Object(_)) => within.push((what, saved, own)),
            _ => found.push(Difference {
                what: what.clone(),
                saved: shown(saved),
                own: shown(own),
            }),
        }
    }
    if found.is_empty() {
        for (_, saved, own) in within {
            found.extend(differences(saved, own));
        }
    }
    found
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
