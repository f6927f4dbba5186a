//! A leaderboard as text.

use crate::leaderboard::Leaderboard;
use crate::trial::Finished;
use serde_json::Value;
use std::collections::BTreeSet;

impl Leaderboard {
    /// The first `limit` configurations as a table of plain text, with rank, trial, objective, budget (if there are
    /// several), seconds and the parameters. Numbers are rounded to five significant digits.
    pub fn table(&self, limit: usize) -> String {
        let shown = &self.entries[..limit.min(self.entries.len())];
        let budgets: BTreeSet<usize> = self.entries.iter().map(|of| of.trial.budget).collect();
        let names = shown.first().map(|of| of.trial.values.keys());
        let names: Vec<&String> = names.into_iter().flatten().collect();
        let mut head = vec!["rank", "trial", "objective"];
        if budgets.len() > 1 {
            head.push("budget");
        }
        head.push("seconds");
        head.extend(names.iter().map(|name| name.as_str()));
        let mut rows = vec![head.into_iter().map(str::to_string).collect::<Vec<_>>()];
        for (at, of) in shown.iter().enumerate() {
            let mut row = vec![(at + 1).to_string(), of.trial.id.to_string()];
            row.push(of.value.map(number).unwrap_or_default());
            if budgets.len() > 1 {
                row.push(of.trial.budget.to_string());
            }
            row.push(format!("{:.1}", of.seconds));
            row.extend(names.iter().map(|name| cell(of, name)));
            rows.push(row);
        }
        let mut text = aligned(&rows);
        let hidden = self.entries.len() - shown.len();
        if hidden > 0 {
            text += &format!("and {hidden} more\n");
        }
        if let Some(first) = self.failed.first() {
            let message = first.error.as_deref().unwrap_or_default();
            text += &format!(
                "failed: {}; the first, trial {}: {message}\n",
                self.failed.len(),
                first.trial.id
            );
        }
        text
    }
}

fn cell(of: &Finished, name: &str) -> String {
    match of.trial.values.get(name) {
        Some(Value::Number(value)) if value.is_f64() => {
            value.as_f64().map(number).unwrap_or_default()
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Five significant digits.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_string();
    }
    let exponent = value.abs().log10().floor();
    match (-4.0..7.0).contains(&exponent) {
        true => format!("{value:.*}", (4.0 - exponent).max(0.0) as usize),
        false => format!("{value:.4e}"),
    }
}

/// Columns aligned to the right, two spaces between them.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:>width$}"))
            .collect();
        text += &cells.join("  ");
        text.push('\n');
    }
    text
}
