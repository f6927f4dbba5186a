//! The figures of one fitted model on one test part.

use recburn_data::{Dataset, UserIx};
use recburn_metrics::Measures;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The measures of a fitted model on a test part. A measure that is undefined there is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// All test rows.
    pub all: Group,
    /// The test rows whose user and item both occur in the training or validation part; `None` if there are none.
    pub warm: Option<Group>,
    /// The other test rows; `None` if there are none.
    pub cold: Option<Group>,
    /// The standard errors over users of the means in `all`; for rankings.
    pub standard_errors: Measures,
    /// Users with a score that is NaN: not 0 for a ranking model that has diverged.
    pub nan_users: usize,
    /// Each user's values of some measures.
    pub per_user: PerUser,
}

/// The measures of some test rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The number of rows.
    pub rows: usize,
    /// The users who are measured.
    pub users: usize,
    /// The measures by name. Those of warm and cold rankings are means over users only, without measures of all lists
    /// together.
    pub measures: Measures,
}

/// Each user's measures, as columns, rounded to six digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerUser {
    /// The ids of the users.
    pub users: Vec<String>,
    /// The values by measure, in the order of the users.
    pub columns: BTreeMap<String, Vec<f64>>,
}

impl PerUser {
    /// Columns of these users.
    pub(crate) fn of(
        dataset: &Dataset,
        users: &[u32],
        columns: impl IntoIterator<Item = (String, Vec<f64>)>,
    ) -> Self {
        let id = |&user: &u32| match dataset.users.id(UserIx(user)) {
            Some(id) => id.into_owned(),
            None => user.to_string(),
        };
        let rounded = |values: Vec<f64>| values.into_iter().map(to_six_digits).collect();
        Self {
            users: users.iter().map(id).collect(),
            columns: columns
                .into_iter()
                .map(|(name, values)| (name, rounded(values)))
                .collect(),
        }
    }
}

/// Six digits after the point.
fn to_six_digits(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Those measures that are defined: JSON has no word for NaN.
pub(crate) fn defined(measures: &Measures) -> Measures {
    measures
        .iter()
        .filter(|(_, value)| value.is_finite())
        .collect()
}
