//! The log: a line for each request and each change of the model, on standard error.

use std::io::IsTerminal;
use std::str::FromStr;
use thiserror::Error;
use tracing::level_filters::LevelFilter;

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Log {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON document in each line.
    Json,
    /// Nothing.
    Off,
}

/// A word that is no form of a log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not text, json or off")]
pub struct UnknownLog(String);

impl FromStr for Log {
    type Err = UnknownLog;

    fn from_str(word: &str) -> Result<Self, UnknownLog> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "off" => Ok(Self::Off),
            _ => Err(UnknownLog(word.to_string())),
        }
    }
}

impl Log {
    /// Starts the log of this process. A second call has no effect.
    pub fn start(self) {
        let lines = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::INFO)
            .with_target(false)
            .with_writer(std::io::stderr);
        let _ = match self {
            Self::Off => return,
            Self::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
            Self::Json => lines.json().flatten_event(true).try_init(),
        };
    }
}
