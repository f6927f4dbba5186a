//! Words that people write, on a command line or in a file of settings, and what is wrong with one.

/// A setting that is not understood, or that there is not: the slip of whoever wrote it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WordError {
    /// A word of the command line or of a settings file that is not understood.
    #[error("unknown {what} '{seen}': expected {expected}")]
    Unknown {
        /// What was to be read.
        what: &'static str,
        /// What was seen.
        seen: String,
        /// What would have been understood.
        expected: &'static str,
    },
    /// A share of training rows that leaves one part nothing.
    #[error("the training share must be between 0 and 1, not {seen}{}", percent(*seen))]
    Fraction {
        /// The share asked for.
        seen: f64,
    },
    /// Folds that do not divide anything, or a fold that is not one of them.
    #[error("{}", no_fold(*folds, *fold))]
    Fold {
        /// How many folds.
        folds: usize,
        /// The fold asked for, counted from one.
        fold: usize,
    },
    /// A split that keeps no row of anybody back.
    #[error(
        "at least the last row of each user has to be left out, not {seen}: say leave-last-out:1"
    )]
    LeaveOut {
        /// How many rows of each user were to be left out.
        seen: usize,
    },
    /// A number that a setting cannot have.
    #[error("{wrong}")]
    Setting {
        /// What it can be, and what was seen.
        wrong: String,
    },
}

/// In the words of whoever asked: folds are counted from one.
fn no_fold(folds: usize, fold: usize) -> String {
    match folds {
        0 | 1 => format!("fold:{fold}/{folds} makes no two parts: at least 2 folds are needed"),
        _ => format!(
            "there is no fold {fold} of {folds}: say one from fold:1/{folds} to fold:{folds}/{folds}"
        ),
    }
}

/// What whoever says 80 means.
fn percent(share: f64) -> String {
    match share > 1.0 && share < 100.0 {
        true => format!("; {share} percent is {}", share / 100.0),
        false => String::new(),
    }
}
