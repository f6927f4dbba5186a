//! Settings written as text, on a command line or in a file, and errors in them.

/// A setting that is not understood, or whose value is invalid: a mistake of the user, not in the data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WordError {
    /// A setting that is not understood.
    #[error("unknown {what} '{seen}': expected {expected}")]
    Unknown {
        /// What was to be read.
        what: &'static str,
        /// What was seen.
        seen: String,
        /// What would have been understood.
        expected: &'static str,
    },
    /// A training share that is not between 0 and 1.
    #[error("the training share must be between 0 and 1, not {seen}{}", percent(*seen))]
    Fraction {
        /// The share asked for.
        seen: f64,
    },
    /// Fewer than two folds, or a fold that is not one of them.
    #[error("{}", no_fold(*folds, *fold))]
    Fold {
        /// How many folds.
        folds: usize,
        /// The fold asked for, counted from one.
        fold: usize,
    },
    /// A split that holds out no row of any user.
    #[error(
        "at least the last row of each user has to be left out, not {seen}: say leave-last-out:1"
    )]
    LeaveOut {
        /// How many rows of each user were to be left out.
        seen: usize,
    },
    /// A value out of range.
    #[error("{wrong}")]
    Setting {
        /// What is allowed, and what was seen.
        wrong: String,
    },
}

/// As in the setting, folds are counted from 1.
fn no_fold(folds: usize, fold: usize) -> String {
    match folds {
        0 | 1 => format!("fold:{fold}/{folds} makes no two parts: at least 2 folds are needed"),
        _ => format!(
            "there is no fold {fold} of {folds}: say one from fold:1/{folds} to fold:{folds}/{folds}"
        ),
    }
}

/// A hint for a share given in percent.
fn percent(share: f64) -> String {
    match share > 1.0 && share < 100.0 {
        true => format!("; {share} percent is {}", share / 100.0),
        false => String::new(),
    }
}
