//! Output: text for people or one JSON document for programs.

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
    /// Standard output receives the file that the command writes.
    aside: bool,
    /// Nothing is printed: another process does.
    quiet: bool,
}

impl Output {
    /// Text, or JSON.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            aside: false,
            quiet: false,
        }
    }

    /// Prints nothing, for all but one of several processes.
    #[cfg_attr(not(feature = "mpi"), allow(dead_code))]
    pub fn quiet(self) -> Self {
        Self {
            quiet: true,
            ..self
        }
    }

    /// For a command that writes this file: if it is standard output (`-`), all messages go to standard error.
    pub fn next_to(self, file: &Path) -> Self {
        Self {
            aside: recburn::files::is_stdout(file),
            ..self
        }
    }

    /// Whether the output is for programs.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints a line for people; omitted from JSON output.
    pub fn say(self, line: impl Display) -> io::Result<()> {
        match self.json {
            _ if self.quiet => Ok(()),
            true => Ok(()),
            false if self.aside => writeln!(anstream::stderr(), "{line}"),
            false => writeln!(anstream::stdout(), "{line}"),
        }
    }

    /// Prints warnings on standard error; for programs, as one line of JSON each.
    pub fn warn(self, warnings: &[String]) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        let mut err = anstream::stderr().lock();
        for warning in warnings {
            match self.json {
                true => writeln!(err, "{}", serde_json::json!({ "warning": warning }))?,
                false => writeln!(err, "warning: {warning}")?,
            }
        }
        Ok(())
    }

    /// Prints a note on an answer to standard error, apart from the answer itself.
    pub fn note(self, note: Option<String>) -> io::Result<()> {
        match note {
            Some(note) => writeln!(anstream::stderr(), "note: {note}"),
            None => Ok(()),
        }
    }

    /// Prints the command's answer: the text for people, or the value for programs.
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

/// How messages name a file that was written.
pub fn place(file: &Path) -> String {
    match recburn::files::is_stdout(file) {
        true => "standard output".to_string(),
        false => file.display().to_string(),
    }
}

/// Bold text, if the terminal supports it.
pub fn bold(text: impl Display) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// Formats rows as aligned columns: numbers to the right, all else to the left; the first row is the heading. Text that
/// would break the line is escaped.
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
