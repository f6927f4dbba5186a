//! What is printed, and where: text for people or one JSON document for programs.

use anstyle::Style;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};

/// Where a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Text, or JSON.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read it.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people; programs do not get it.
    pub fn say(self, line: impl Display) -> io::Result<()> {
        match self.json {
            true => Ok(()),
            false => writeln!(anstream::stdout(), "{line}"),
        }
    }

    /// What was noticed about the data that stops nothing; for people and programs alike on standard error.
    pub fn warn(self, warnings: &[String]) -> io::Result<()> {
        let mut err = anstream::stderr().lock();
        for warning in warnings {
            writeln!(err, "warning: {warning}")?;
        }
        Ok(())
    }

    /// The command's answer: the text for people, or the value for programs.
    pub fn answer(self, value: &impl Serialize, text: impl Display) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        match self.json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(value)?)?,
            false => writeln!(out, "{}", text.to_string().trim_end())?,
        }
        Ok(out.flush()?)
    }
}

/// Bold, where the terminal can.
pub fn bold(text: impl Display) -> String {
    let style = Style::new().bold();
    format!("{style}{text}{style:#}")
}

/// Rows as columns: numbers to the right, all else to the left; the first row is the heading.
pub fn table(rows: &[Vec<String>]) -> String {
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
