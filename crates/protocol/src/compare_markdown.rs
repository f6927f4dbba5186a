//! Comparisons in words and tables.

use crate::card_markdown::{figure, in_line, row, rule};
use crate::compare::{Comparison, Pair, Unit};
use std::fmt;

impl Comparison {
    /// The comparison as Markdown: a table for each measure, the tests of the best model against each other one, and a
    /// sentence for each that says whether the difference is more than chance.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# Models under {}\n\n", self.protocol.name);
        for line in self.protocol.describe().lines() {
            text += &format!("- {line}\n");
        }
        for table in &self.tables {
            text += &format!("\n## {}\n\n", table.measure);
            let header = ["model", "mean", "± folds", "± seeds", "fit s"].map(String::from);
            text += &row(&header);
            text += &rule(header.len(), 1);
            for entry in &table.entries {
                text += &row(&[
                    entry.model.clone(),
                    figure(Some(entry.mean)),
                    figure(entry.fold_deviation),
                    figure(entry.seed_deviation),
                    format!("{:.2}", entry.fit_seconds),
                ]);
            }
            if table.pairs.is_empty() {
                text += "\nThis measure is of one fold and not known by user, so differences are not tested.\n";
                continue;
            }
            text += "\n";
            let header = [
                "best against",
                "difference",
                "t",
                "95 % by bootstrap",
                "wins / losses / ties",
                "p of sign test",
                "p of t",
                "p of t, corrected",
            ];
            text += &row(&header.map(String::from));
            text += &rule(header.len(), 1);
            for pair in &table.pairs {
                text += &row(&cells(pair));
            }
            text += "\n";
            for pair in &table.pairs {
                text += &format!("- {}\n", in_line(&pair.sentence));
            }
        }
        text + &format!(
            "\nDifferences are those of the best model minus the other, with standard errors; p is corrected for {} tests by \
             Holm's method. One split is one sample: other seeds of the split would move the figures as well.\n",
            self.tests
        )
    }
}

fn cells(pair: &Pair) -> [String; 8] {
    let Pair {
        t, bootstrap, sign, ..
    } = pair;
    [
        pair.other.clone(),
        format!("{:+.4} ± {:.4}", t.mean, t.standard_error),
        format!("{:.2}", t.t),
        format!("{:+.4} to {:+.4}", bootstrap.low, bootstrap.high),
        format!("{} / {} / {}", sign.wins, sign.losses, sign.ties),
        probability(sign.p),
        probability(t.p),
        probability(pair.corrected),
    ]
}

impl Pair {
    /// The result in one sentence.
    pub(crate) fn said(&self, measure: &str) -> String {
        let Self {
            best,
            other,
            unit,
            t,
            ..
        } = self;
        let p = match self.corrected < 0.001 {
            true => "corrected p below 0.001".to_string(),
            false => format!("corrected p {}", probability(self.corrected)),
        };
        let difference = format!("{:+.4} ± {:.4}", t.mean, t.standard_error);
        match self.is_clear {
            true => format!(
                "{best} is better than {other} by {measure}: {difference} over {unit}, {p}."
            ),
            false => format!(
                "{best} and {other} are not told apart by {unit}: {measure} {difference}, {p}."
            ),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Users(users) => write!(f, "{users} users"),
            Self::Folds(folds) => write!(f, "{folds} folds"),
        }
    }
}

fn probability(p: f64) -> String {
    match p < 0.001 {
        true => "< 0.001".to_string(),
        false => format!("{p:.3}"),
    }
}
