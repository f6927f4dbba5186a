//! Exit statuses, and error reports: a line for people or, under `--json`, a JSON document.

use anstyle::{AnsiColor, Style};
use clap::error::ErrorKind;
use recburn::classical::ClassicalError;
use recburn::data::{DataError, ReadError, WordError};
use recburn::models::ModelError;
use recburn::protocol::{CardError, CompareError, ProtocolError};
use recburn::recipe::RecipeError;
use recburn::recommender::RecommenderError;
use recburn::train::TrainError;
use recburn::tune::{SpaceError, TuneError};
use recburn::{DeviceError, ExperimentError};
use recburn_fetch::FetchError;
use serde::Serialize;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

const OTHER: u8 = 1;
const USAGE: u8 = 2;
const INPUT: u8 = 3;
const FETCH: u8 = 4;
const TRAINING: u8 = 5;
const MISSED: u8 = 6;
pub const INTERRUPTED: u8 = 130; // as a shell reports the signal

/// Outcomes other than success that are not faults of the program.
#[derive(Debug)]
pub enum End {
    /// Ctrl-C was pressed; the text says what is left of the run.
    Interrupted(String),
    /// The number of published figures that were missed.
    Missed(usize),
    /// The command line or the configuration file is wrong.
    Usage(String),
    /// Another process has failed with this status, and reports why.
    #[cfg_attr(not(feature = "mpi"), allow(dead_code))]
    Elsewhere(u8),
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
            Self::Elsewhere(_) => f.write_str("another process has failed"),
        }
    }
}

impl std::error::Error for End {}

/// A fault in a file that `--bad-lines` does not apply to.
#[derive(Debug)]
pub struct PlainFile(pub ReadError);

impl fmt::Display for PlainFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for PlainFile {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// An error for a mistake on the command line.
pub fn wrong(what: impl Into<String>) -> anyhow::Error {
    End::Usage(what.into()).into()
}

/// An error in the form for programs: one line of JSON, the last on standard error.
#[derive(Serialize)]
struct Document<'a> {
    error: Report<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    kind: &'a str,
    /// The whole message, as shown to people.
    message: String,
    /// The parts of the message, from what was attempted to the cause.
    chain: Vec<String>,
    exit_status: u8,
}

impl Report<'_> {
    fn new(status: u8, chain: Vec<String>) -> Self {
        Self {
            kind: kind(status),
            message: chain.join(": "),
            chain,
            exit_status: status,
        }
    }

    fn print(self) {
        let document = Document { error: self };
        let line = serde_json::to_string(&document).expect("text and numbers");
        // If standard error is closed there is nowhere to report to.
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Whether a command line asks for JSON. Determined before clap parses it, so that its errors are reported as JSON as
/// well.
pub fn asks_for_json(words: &[OsString]) -> bool {
    let flags = words.iter().take_while(|word| *word != "--");
    flags.into_iter().any(|word| word == "--json")
}

/// Reports the error and its causes; returns the status of its kind.
pub fn report(error: &anyhow::Error, json: bool) -> ExitCode {
    let code = status(error);
    if is_closed_pipe(error) {
        return ExitCode::SUCCESS; // the reader has closed the pipe
    }
    if let Some(End::Elsewhere(status)) = error.downcast_ref() {
        return ExitCode::from(*status); // reported there
    }
    if json {
        let chain = error.chain().map(ToString::to_string);
        Report::new(code, chain.collect()).print();
        return ExitCode::from(code);
    }
    let style = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let word = match code {
        INTERRUPTED => "interrupted",
        _ => "error",
    };
    anstream::eprintln!("{style}{word}:{style:#} {error:#}");
    if error.chain().any(is_of_a_line) {
        anstream::eprintln!(
            "hint: --bad-lines skip leaves out lines that cannot be read, and counts them"
        );
    }
    ExitCode::from(code)
}

/// Whether a single line of a file is at fault, so that skipping it would help.
fn is_of_a_line(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = match error.downcast_ref::<ExperimentError>() {
        Some(ExperimentError::Read(error)) => Some(error),
        _ => error.downcast_ref::<ReadError>(),
    };
    error.is_some_and(ReadError::is_of_a_line)
}

/// Reports clap's error about a command line, and the configuration file that some of it came from.
pub fn usage(error: &clap::Error, file: Option<&Path>, json: bool) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS; // help or version
    }
    let origin = file.map(|file| format!("some of these arguments come from {}", file.display()));
    if json {
        // Without the usage and the pointer to `--help`, which are for people.
        let text = error.render().to_string();
        let said = text.split("\n\nUsage:").next().unwrap_or_default();
        let said = said.strip_prefix("error: ").unwrap_or(said).trim_end();
        let said = match error.kind() {
            // clap's text would be the whole help.
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                "no command was given: --help lists them"
            }
            _ => said,
        };
        let message = match &origin {
            Some(origin) => format!("{said} ({origin})"),
            None => said.to_string(),
        };
        Report::new(USAGE, vec![message]).print();
        return ExitCode::from(USAGE);
    }
    let _ = error.print();
    if let Some(origin) = origin {
        anstream::eprintln!("\n{origin}");
    }
    ExitCode::from(USAGE)
}

/// The name of a status.
fn kind(status: u8) -> &'static str {
    match status {
        USAGE => "usage",
        INPUT => "input",
        FETCH => "fetch",
        TRAINING => "training",
        MISSED => "missed",
        INTERRUPTED => "interrupted",
        _ => "other",
    }
}

/// The exit status of an error.
pub fn status(error: &anyhow::Error) -> u8 {
    error.chain().find_map(status_of).unwrap_or(OTHER)
}

fn of_method(error: &ClassicalError) -> u8 {
    match error {
        ClassicalError::Unknown { .. }
        | ClassicalError::Options { .. }
        | ClassicalError::Setting { .. } => USAGE,
        _ => TRAINING,
    }
}

fn status_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(end) = error.downcast_ref::<End>() {
        return Some(match end {
            End::Interrupted(_) => INTERRUPTED,
            End::Missed(_) => MISSED,
            End::Usage(_) => USAGE,
            End::Elsewhere(status) => *status,
        });
    }
    if let Some(error) = error.downcast_ref::<ExperimentError>() {
        return Some(match error {
            ExperimentError::Model(_)
            | ExperimentError::FilterOfGiven { .. }
            | ExperimentError::OtherRate { .. }
            | ExperimentError::NothingNewHeldOut { .. }
            | ExperimentError::OtherCentring { .. }
            // The flags differ from those of the saved model.
            | ExperimentError::Recommender(RecommenderError::OtherGraph { .. })
            | ExperimentError::PatienceWithoutRows
            | ExperimentError::NegativesOfRatings { .. }
            | ExperimentError::RatingsOfPositives { .. } => USAGE,
            // The flags differ from those of the checkpoint.
            ExperimentError::Train(TrainError::Mismatch { .. }) => USAGE,
            ExperimentError::Word(_) => USAGE,
            ExperimentError::Read(error) => of_read(error),
            ExperimentError::Data(error) | ExperimentError::Train(TrainError::Data(error)) => of_data(error),
            ExperimentError::Train(
                TrainError::Setting(_) | TrainError::NoNegatives { .. } | TrainError::Spread { .. },
            ) => USAGE,
            ExperimentError::NotSpread { .. } => USAGE,
            ExperimentError::Spread(_) => INPUT,
            ExperimentError::Train(_) | ExperimentError::Metric(_) => TRAINING,
            ExperimentError::Recommender(_) => INPUT,
            ExperimentError::Memory(_) | ExperimentError::Evaluation(_) => TRAINING,
            ExperimentError::Classical(error) => of_method(error),
            ExperimentError::FittedAsAWhole { .. } | ExperimentError::Search(_) => USAGE,
            _ => OTHER,
        });
    }
    if let Some(error) = error.downcast_ref::<ClassicalError>() {
        return Some(of_method(error));
    }
    if error.is::<RecipeError>() || error.is::<WordError>() {
        return Some(USAGE);
    }
    if let Some(error) = error.downcast_ref::<ReadError>() {
        return Some(of_read(error));
    }
    if let Some(error) = error.downcast_ref::<DataError>() {
        return Some(of_data(error));
    }
    #[cfg(feature = "serve")]
    if let Some(status) = of_service(error) {
        return Some(status);
    }
    if error.is::<PlainFile>() {
        return Some(INPUT);
    }
    if let Some(error) = error.downcast_ref::<RecommenderError>() {
        return Some(match error {
            RecommenderError::UnknownTable { .. }
            | RecommenderError::UserTable { .. }
            | RecommenderError::NoTables { .. }
            | RecommenderError::NotLinear { .. }
            | RecommenderError::UnknownGenre { .. } => USAGE,
            _ => INPUT,
        });
    }
    if let Some(error) = error.downcast_ref::<ProtocolError>() {
        return Some(match error {
            ProtocolError::Unknown { .. }
            | ProtocolError::Setting { .. }
            | ProtocolError::NoRatings { .. }
            | ProtocolError::NoSeeds => USAGE,
            ProtocolError::Read(error) => of_read(error),
            ProtocolError::Data(error) => of_data(error),
            ProtocolError::NoFiles { .. } | ProtocolError::Other { .. } => INPUT,
            _ => TRAINING,
        });
    }
    if error.is::<CardError>() || error.is::<CompareError>() {
        return Some(INPUT);
    }
    if let Some(error) = error.downcast_ref::<TuneError>() {
        return Some(match error {
            TuneError::AllFailed { .. } => TRAINING,
            TuneError::Journal { .. } => INPUT,
            _ => USAGE,
        });
    }
    if error.is::<SpaceError>() {
        return Some(USAGE);
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

/// The exit status of a service that does not start.
#[cfg(feature = "serve")]
fn of_service(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    use recburn_serve::{ModelError, ServeError};
    match error.downcast_ref::<ModelError>() {
        Some(ModelError::Recommender(RecommenderError::NotLinear { .. })) => return Some(USAGE),
        Some(_) => return Some(INPUT),
        None => {}
    }
    Some(match error.downcast_ref::<ServeError>()? {
        ServeError::Exposed { .. } => USAGE,
        ServeError::Model(_) | ServeError::Journal(_) => INPUT,
        _ => OTHER,
    })
}

/// The exit status of a fault of a file.
fn of_read(error: &ReadError) -> u8 {
    match error {
        ReadError::Data(error) => of_data(error),
        _ => INPUT,
    }
}

/// A malformed word is a usage error; everything else is the fault of the data.
fn of_data(error: &DataError) -> u8 {
    match error {
        DataError::Word(_) => USAGE,
        DataError::Write(_) => OTHER,
        _ => INPUT,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| {
        // A transparent error takes the place of its cause in the chain.
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
