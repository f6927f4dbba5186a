//! What is printed.

use crate::measure::Row;

pub fn print(rows: &[Row]) -> String {
    let mut lines = vec![format!(
        "{:<11} {:<8} {:<8} {:>6} {:>7} {:>12} {:>14} {:>9}",
        "case", "program", "mode", "batch", "threads", "us per step", "ratings per s", "to floor"
    )];
    for row in rows {
        let ratio = row
            .ratio_to_floor
            .map_or(String::new(), |ratio| format!("{ratio:.2}"));
        lines.push(format!(
            "{:<11} {:<8} {:<8} {:>6} {:>7} {:>12.2} {:>14.0} {:>9}",
            row.case,
            row.implementation,
            row.mode,
            row.batch,
            row.threads,
            row.seconds_per_step * 1e6,
            row.ratings_per_second,
            ratio
        ));
    }
    lines.join("\n")
}
