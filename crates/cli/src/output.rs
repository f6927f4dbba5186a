//! What is printed, and where: text for people or one JSON document for programs.

use anstyle::Style;
use recburn::data::shown;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

/// Where a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    /// Standard output is a file that the command writes.
    aside: bool,
}

impl Output {
    /// Text, or JSON.
    pub fn new(json: bool) -> Self {
        Self { json, aside: false }
    }

    /// For a command that writes this file: where it is standard output (`-`), all that is said goes to standard error.
    pub fn next_to(self, file: &Path) -> Self {
        Self {
            aside: recburn::files::is_stdout(file),
            ..self
        }
    }

    /// Whether programs read it.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people; programs do not get it.
    pub fn say(self, line: impl Display) -> io::Result<()> {
        match self.json {
            true => Ok(()),
            false if self.aside => writeln!(anstream::stderr(), "{line}"),
            false => writeln!(anstream::stdout(), "{line}"),
        }
    }

    /// What was noticed about the data that stops nothing; on standard error, for programs a line of JSON each.
    pub fn warn(self, warnings: &[String]) -> io::Result<()> {
        let mut err = anstream::stderr().lock();
        for warning in warnings {
            match self.json {
                true => writeln!(err, "{}", serde_json::json!({ "warning": warning }))?,
                false => writeln!(err, "warning: {warning}")?,
            }
        }
        Ok(())
    }

    /// What somebody should know of an answer; on standard error, so that it is in nobody's way.
    pub fn note(self, note: Option<String>) -> io::Result<()> {
        match note {
            Some(note) => writeln!(anstream::stderr(), "note: {note}"),
            None => Ok(()),
        }
    }

    /// The command's answer: the text for people, or the value for programs.
    pub fn answer(self, value: &impl Serialize, text: impl Display) -> anyhow::Result<()> {
        let text = match self.json {
            true => serde_json::to_string_pretty(value)?,
            false => text.to_string(),
        };
        let text = text.trim_end();
        match self.aside {
            true => writeln!(anstream::stderr(), "{text}")?,
            false => writeln!(anstream::stdout(), "{text}")?,
        }
        Ok(io::stdout().flush()?)
    }
}

/// What a file that was written is called.
pub fn place(file: &Path) -> String {
    match recburn::files::is_stdout(file) {
        true => "standard output".to_string(),
        false => file.display().to_string(),
    }
}

/// Bold, where the terminal can.
pub fn bold(text: impl Display) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// Rows as columns: numbers to the right, all else to the left; the first row is the heading. Text that would break the
/// line is escaped.
pub fn table(rows: &[Vec<String>]) -> String {
    let on_one_line = |row: &Vec<String>| row.iter().map(|cell| shown(cell).into_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(on_one_line).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
    let width = |at| rows.iter().map(|row| cell(row, at).chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = widths.iter().enumerate().map(|(at, &width)| {
            let cell = cell(row, at);
            match rows.iter().skip(1).all(|row| is_number(row.get(at))) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = line.trim_end();
        text += &match number {
            0 => bold(line),
            _ => line.to_string(),
        };
        text.push('\n');
    }
    text
}

fn is_number(cell: Option<&String>) -> bool {
    let cell = cell.map_or("", String::as_str);
    cell.is_empty() || cell.starts_with(|first: char| first.is_ascii_digit() || first == '-')
}
