//! What the exit status means, and how an error is told.

use anstyle::{AnsiColor, Style};
use recburn::data::DataError;
use recburn::models::ModelError;
use recburn::recommender::RecommenderError;
use recburn::train::TrainError;
use recburn::{DeviceError, ExperimentError};
use recburn_fetch::FetchError;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

const OTHER: u8 = 1;
const USAGE: u8 = 2;
const INPUT: u8 = 3;
const FETCH: u8 = 4;
const TRAINING: u8 = 5;
const MISSED: u8 = 6;
const INTERRUPTED: u8 = 130; // as a shell reports the signal

/// Ends that are no faults of the program.
#[derive(Debug)]
pub enum End {
    /// Somebody pressed Ctrl-C; what is left of the run, in words.
    Interrupted(String),
    /// So many published figures were missed.
    Missed(usize),
    /// The command line, or the configuration file, asks for what is not there.
    Usage(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted(left) => f.write_str(left),
            Self::Missed(1) => f.write_str("a published figure was missed: see the table"),
            Self::Missed(count) => {
                write!(f, "{count} published figures were missed: see the table")
            }
            Self::Usage(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for End {}

/// A mistake on the command line, in words.
pub fn wrong(what: impl Into<String>) -> anyhow::Error {
    End::Usage(what.into()).into()
}

/// Prints the error and what lies behind it; the status says of what kind it is.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let code = status(error);
    if is_closed_pipe(error) {
        return ExitCode::SUCCESS; // whoever reads has had enough
    }
    let word = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Many an error of ours ends with its cause already.
        if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    let word_is = match code {
        INTERRUPTED => "interrupted",
        _ => "error",
    };
    anstream::eprintln!("{word}{word_is}:{word:#} {told}");
    ExitCode::from(code)
}

/// Prints what clap says of a command line; where some of it came from a file, that too.
pub fn usage(error: &clap::Error, file: Option<&Path>) -> ExitCode {
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS; // help or version
    }
    if let Some(file) = file {
        anstream::eprintln!("\nsome of these arguments come from {}", file.display());
    }
    ExitCode::from(USAGE)
}

fn status(error: &anyhow::Error) -> u8 {
    error.chain().find_map(status_of).unwrap_or(OTHER)
}

fn status_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(end) = error.downcast_ref::<End>() {
        return Some(match end {
            End::Interrupted(_) => INTERRUPTED,
            End::Missed(_) => MISSED,
            End::Usage(_) => USAGE,
        });
    }
    if let Some(error) = error.downcast_ref::<ExperimentError>() {
        return Some(match error {
            ExperimentError::Model(_) | ExperimentError::FilterOfGiven { .. } => USAGE,
            ExperimentError::Data(error) => of_data(error),
            ExperimentError::Train(TrainError::Data(_)) => INPUT,
            ExperimentError::Train(TrainError::Setting(_)) => USAGE,
            ExperimentError::Train(_) | ExperimentError::Metric(_) => TRAINING,
            ExperimentError::Recommender(_) => INPUT,
            ExperimentError::Memory(_) => TRAINING,
            _ => OTHER,
        });
    }
    if let Some(error) = error.downcast_ref::<DataError>() {
        return Some(of_data(error));
    }
    if let Some(error) = error.downcast_ref::<RecommenderError>() {
        return Some(match error {
            RecommenderError::UnknownTable { .. } | RecommenderError::UserTable { .. } => USAGE,
            _ => INPUT,
        });
    }
    if error.is::<TrainError>() {
        return Some(TRAINING);
    }
    if let Some(error) = error.downcast_ref::<FetchError>() {
        return Some(match error {
            FetchError::UnknownName { .. } => USAGE,
            _ => FETCH,
        });
    }
    (error.is::<ModelError>() || error.is::<DeviceError>()).then_some(USAGE)
}

/// A word of the command line is the user's slip, all else is the file's.
fn of_data(error: &DataError) -> u8 {
    match error {
        DataError::Word { .. } => USAGE,
        DataError::Write(_) => OTHER,
        _ => INPUT,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| {
        // A transparent error stands in the chain for its cause.
        let of_data = |error: &DataError| match error {
            DataError::Write(error) => Some(error.kind()),
            _ => None,
        };
        let of_model = |error: &RecommenderError| match error {
            RecommenderError::Write(error) => Some(error.kind()),
            _ => None,
        };
        let plain = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        plain
            .or_else(|| cause.downcast_ref().and_then(of_data))
            .or_else(|| cause.downcast_ref().and_then(of_model))
    });
    io == Some(io::ErrorKind::BrokenPipe)
}
