//! The layout of a printed [`Description`], after pandas' `to_string()`.

use crate::describe::{Description, ROWS, Statistics};
use std::fmt;

/// The most columns that are printed; of more, the first and last are printed with an ellipsis between them.
const MOST_COLUMNS: usize = 8;

/// The table as printed by pandas: six decimals, fewer if all numbers of a column end in zeros, powers of ten if six
/// decimals would hide a small number.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.columns();
        let half = MOST_COLUMNS / 2;
        let cells: Vec<Vec<String>> = if all.len() <= MOST_COLUMNS {
            all.iter().map(cells).collect()
        } else {
            let (first, last) = (&all[..half], &all[all.len() - half..]);
            let dots = vec![" ...".to_string(); ROWS.len() + 1];
            first
                .iter()
                .map(cells)
                .chain([dots])
                .chain(last.iter().map(cells))
                .collect()
        };
        let wide: Vec<usize> = cells.iter().map(|column| width(column)).collect();
        let first = ROWS.iter().map(|row| row.len()).max().unwrap_or(0);
        for line in 0..=ROWS.len() {
            let row = if line == 0 { "" } else { ROWS[line - 1] };
            write!(f, "{row:<first$}")?;
            for (column, wide) in cells.iter().zip(&wide) {
                write!(f, " {:>wide$}", column[line])?;
            }
            writeln!(f)?;
        }
        if all.len() > MOST_COLUMNS {
            writeln!(f, "\n[{} rows x {} columns]", ROWS.len(), all.len())?;
        }
        Ok(())
    }
}

fn width(column: &[String]) -> usize {
    column
        .iter()
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0)
}

/// The heading and numbers of a column. Every cell starts with a sign or a blank.
fn cells(column: &Statistics) -> Vec<String> {
    std::iter::once(format!(" {}", column.name))
        .chain(numbers(&column.rows()))
        .collect()
}

/// The numbers of a column, in a common format.
fn numbers(values: &[f64]) -> Vec<String> {
    let fixed: Vec<_> = values
        .iter()
        .map(|value| shown(*value, |x| format!("{x:.6}")))
        .collect();
    let long = fixed.iter().any(|cell| cell.len() > 12);
    let finite = || {
        values
            .iter()
            .map(|value| value.abs())
            .filter(|x| x.is_finite())
    };
    let small = finite().any(|x| x > 0.0 && x < 1e-6);
    let large = finite().any(|x| x > 1e6);
    if small || (long && large) {
        return values.iter().map(|value| shown(*value, powers)).collect();
    }
    trimmed(fixed)
}

fn shown(value: f64, write: impl Fn(f64) -> String) -> String {
    if value.is_nan() {
        return " NaN".to_string();
    }
    let sign = if value.is_sign_negative() { "-" } else { " " };
    format!("{sign}{}", write(value.abs()))
}

/// `1.5e-7` as written by Python: `1.500000e-07`.
fn powers(value: f64) -> String {
    let text = format!("{value:.6e}");
    let Some((digits, power)) = text.split_once('e') else {
        return text;
    };
    let (sign, power) = power
        .strip_prefix('-')
        .map_or(("+", power), |power| ("-", power));
    format!("{digits}e{sign}{power:0>2}")
}

/// Removes the trailing zeros common to all numbers, but never the first decimal.
fn trimmed(mut cells: Vec<String>) -> Vec<String> {
    let number = |cell: &String| cell.contains('.');
    let longer = |cell: &String| !cell.ends_with(".0");
    while cells
        .iter()
        .filter(|cell| number(cell))
        .all(|cell| cell.ends_with('0') && longer(cell))
        && cells.iter().any(number)
    {
        for cell in cells.iter_mut().filter(|cell| cell.contains('.')) {
            cell.pop();
        }
    }
    cells
}
