//! The printed table, as in docs/performance.md.

use crate::measure::Row;

/// A column: its heading, the implementation and mode it shows, and the quantity.
type Column = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Row) -> Option<String>,
);

const COLUMNS: [Column; 9] = [
    ("exact", "recburn", "exact", micros),
    ("ratings per s", "recburn", "exact", rate),
    ("floor", "floor", "exact", micros),
    ("ratio", "recburn", "exact", ratio),
    ("touched", "recburn", "touched", micros),
    ("ratings per s", "recburn", "touched", rate),
    ("floor", "floor", "touched", micros),
    ("ratio", "recburn", "touched", ratio),
    ("dense Burn", "dense", "exact", micros),
];

fn micros(row: &Row) -> Option<String> {
    Some(digits(row.seconds_per_step * 1e6))
}

fn rate(row: &Row) -> Option<String> {
    Some(format!("{} M", digits(row.ratings_per_second / 1e6)))
}

fn ratio(row: &Row) -> Option<String> {
    Some(format!("{:.2}", row.ratio_to_floor?))
}

/// Three significant digits.
fn digits(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}

/// Microseconds per step as Markdown, one table per thread count. Implementations that were not timed have no column.
pub fn print(rows: &[Row]) -> String {
    let mut counts: Vec<usize> = rows.iter().map(|row| row.threads).collect();
    counts.sort_unstable();
    counts.dedup();
    let mut lines = Vec::new();
    for threads in counts {
        let plural = if threads == 1 { "" } else { "s" };
        lines.push(format!("\n{threads} thread{plural}:\n"));
        lines.extend(of_threads(rows, threads));
    }
    lines.join("\n")
}

fn of_threads(rows: &[Row], threads: usize) -> Vec<String> {
    let mut cases: Vec<&str> = rows.iter().map(|row| row.case.as_str()).collect();
    cases.dedup();
    let cell = |case: &str, (_, implementation, mode, shows): &Column| {
        let mut rows = rows.iter().filter(|row| row.threads == threads);
        let row = rows.find(|row| {
            row.case == case && row.implementation == *implementation && row.mode == *mode
        });
        row.and_then(shows)
    };
    let mut columns = COLUMNS.to_vec();
    columns.retain(|column| cases.iter().any(|case| cell(case, column).is_some()));
    let line = |first: &str, cells: Vec<String>| format!("| {first} | {} |", cells.join(" | "));
    let names = columns.iter().map(|(name, ..)| (*name).to_string());
    let mut lines = vec![
        line("case", names.collect()),
        format!("|{}", "---|".repeat(columns.len() + 1)),
    ];
    for case in cases {
        let cells = columns.iter().map(|column| cell(case, column));
        lines.push(line(case, cells.map(Option::unwrap_or_default).collect()));
    }
    lines
}
