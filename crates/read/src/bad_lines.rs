//! The treatment of lines that cannot be read.

use std::fmt;
use std::str::FromStr;

use crate::error::ReadError;
use recburn_data::{WordError, thousands};

/// The policy for lines that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadLines {
    /// The file is refused at the first such line.
    #[default]
    Stop,
    /// Such lines are skipped and counted, and the first few are reported among the
    /// [warnings](recburn_data::Dataset::warnings).
    Skip,
}

impl fmt::Display for BadLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stop => "stop",
            Self::Skip => "skip",
        })
    }
}

impl FromStr for BadLines {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        match word {
            "stop" => Ok(Self::Stop),
            "skip" => Ok(Self::Skip),
            _ => Err(WordError::Unknown {
                what: "way with bad lines",
                seen: word.to_string(),
                expected: "stop or skip",
            }),
        }
    }
}

/// Lines that have been skipped.
#[derive(Default)]
pub(crate) struct LeftOut {
    pub(crate) way: BadLines,
    /// The number of lines; a record with line breaks in quotes spans several.
    lines: usize,
    /// The errors of the first few.
    first: Vec<String>,
}

/// The number reported individually.
const SHOWN: usize = 5;

impl LeftOut {
    /// Whether the next one is reported, for which its line number is needed.
    pub(crate) fn is_shown(&self) -> bool {
        self.way == BadLines::Stop || self.first.len() < SHOWN
    }

    pub(crate) fn skips(&self, fault: &ReadError) -> bool {
        self.way == BadLines::Skip && fault.is_of_a_line()
    }

    /// Skips a record with these bytes.
    pub(crate) fn add(&mut self, fault: &ReadError, record: &[u8]) {
        self.lines += 1 + record.iter().filter(|byte| **byte == b'\n').count();
        if self.is_shown() {
            self.first.push(fault.to_string());
        }
    }

    pub(crate) fn lines(&self) -> usize {
        self.lines
    }

    pub(crate) fn first(&self) -> Option<&str> {
        self.first.first().map(String::as_str)
    }

    /// A sentence about the skipped lines; `None` if there are none.
    pub(crate) fn report(&self) -> Option<String> {
        let (count, verb) = match self.lines {
            0 => return None,
            1 => ("1 line".to_string(), "is"),
            lines => (format!("{} lines", thousands(lines)), "are"),
        };
        let more = if self.lines > self.first.len() {
            "; and so on"
        } else {
            ""
        };
        Some(format!(
            "{count} that cannot be read {verb} left out: {}{more}",
            self.first.join("; ")
        ))
    }
}
