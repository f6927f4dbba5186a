//! Errors of spaces, studies and journals.

use recburn_data::WordError;
use std::path::PathBuf;
use thiserror::Error;

/// Why there is no space.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SpaceError {
    /// A mistake in a file.
    #[error("{name}:{line}:{column}: {what}")]
    Place {
        /// The name of the file.
        name: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, and what was seen.
        what: String,
    },
    /// A parameter that is not valid.
    #[error("`{parameter}`: {what}")]
    Parameter {
        /// Its name.
        parameter: String,
        /// What is wrong.
        what: String,
    },
    /// A space without parameters.
    #[error("there are no parameters")]
    Empty,
}

/// Why a study did not run.
///
/// The cause of an error is its `source()` and not part of its message.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TuneError {
    /// A setting out of its range.
    #[error(transparent)]
    Setting(#[from] WordError),
    /// A grid over a space that is not finite.
    #[error(
        "the grid has no end: `{parameter}` is a range of floating-point numbers; give it choices, or use another sampler"
    )]
    EndlessGrid {
        /// The first such parameter.
        parameter: String,
    },
    /// A grid with more points than trials.
    #[error("the grid has {size} points, but the study only {trials} trials")]
    LargeGrid {
        /// Points of the grid.
        size: String,
        /// Trials of the study.
        trials: usize,
    },
    /// No trial of the first generation has a result.
    #[error("all {count} trials of the first generation failed; the first one: {first}")]
    AllFailed {
        /// Trials of the first generation.
        count: usize,
        /// The message of the first one.
        first: String,
    },
    /// The journal cannot be used.
    #[error("the journal {} cannot be used", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        source: JournalError,
    },
}

/// Why a journal cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system refused an operation.
    #[error("the system refused an operation")]
    System(#[from] std::io::Error),
    /// It is standard output.
    #[error("a journal is read as well as written, which standard output does not allow")]
    Stdout,
    /// Another process uses it.
    #[error("another process is writing to it")]
    InUse,
    /// It is not a journal.
    #[error("line {line}: {what}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// It is the journal of another study.
    #[error("it is the journal of another study: {differences}")]
    Other {
        /// The settings that differ, with both values.
        differences: String,
    },
}
