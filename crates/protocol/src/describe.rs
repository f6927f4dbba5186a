//! Protocols in plain English.

use crate::protocol::{Protocol, Tied};
use crate::task::{Candidates, ColdRows, Positives, Task, TieRule};
use recburn_data::{Fingerprint, SplitKind, TiedLast, Ties, thousands};
use std::fmt;

impl Protocol {
    /// The protocol in a few lines of plain English, as [`Display`](fmt::Display) writes it.
    pub fn describe(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.name, self.about)];
        lines.push(self.data_line());
        lines.extend(self.split_lines());
        lines.push(self.selection_line());
        lines.push(match self.cold {
            ColdRows::Count => {
                "Test rows of users or items without training ratings count; warm and cold rows are also given separately."
            }
            ColdRows::LeaveOut => {
                "Test rows of users or items without training ratings are left out."
            }
        }
        .to_string());
        lines.extend(self.task_lines());
        lines.join("\n")
    }

    fn data_line(&self) -> String {
        let mut line = format!("Data: {}", self.data.name);
        if let Some(print) = self.data.checksum {
            line += &format!(
                ", {} ratings (checksum {:016x})",
                thousands(print.rows),
                print.hash
            );
        }
        match &self.filter {
            Some(filter) => format!("{line}, filtered by {filter} before the split."),
            None => line + ".",
        }
    }

    fn split_lines(&self) -> Vec<String> {
        let splits: Vec<String> = self
            .folds
            .iter()
            .map(|fold| fold.split.to_string())
            .collect();
        let is_seeded = self.folds.iter().any(|fold| fold.split.uses_seed());
        let seed = match is_seeded {
            true => format!(", seed {}", self.seed),
            false => String::new(),
        };
        let mut lines = vec![match self.folds.as_slice() {
            [fold] => format!("Split: {}{seed}{}.", fold.split, print(fold.fingerprint)),
            _ => format!(
                "Splits: {}{seed}; figures are means over these {} folds.",
                splits.join("; "),
                splits.len()
            ),
        }];
        let ties = self.folds.iter().find_map(|fold| ties(&fold.split));
        if let Some(ties) = ties {
            let tied = match self.data.tied_last {
                Some(tied) => TiedLast::from(tied).to_string(),
                None => "Some users may have several ratings at their last time".to_string(),
            };
            let order = match ties {
                Ties::Hashed => "a hash of the ids",
                Ties::File => {
                    "the order of the file, which can raise the figures of sequential models"
                }
            };
            lines.push(format!(
                "{tied}; which one is held out is decided by {order}."
            ));
        }
        lines
    }

    fn selection_line(&self) -> String {
        let has_part = |split: &SplitKind| matches!(split, SplitKind::WithTest { .. });
        let part = match self.folds.iter().all(|fold| has_part(&fold.split)) {
            true => "the validation part".to_string(),
            false => format!(
                "a validation part, {} % of the training part by hash",
                round(100.0 * self.selection.share)
            ),
        };
        let refit = match self.selection.refit {
            true => "a model is then fitted again to both parts",
            false => "a model that used it is not fitted again",
        };
        format!(
            "Settings and epochs are chosen on {part}; {refit}. The test part decides nothing and is scored once."
        )
    }

    fn task_lines(&self) -> Vec<String> {
        let (at, candidates, ties, positives) = match &self.task {
            Task::Ratings { clip: true } => {
                return vec![
                    "Task: predict the ratings; predictions are clipped to the scale.".to_string(),
                ];
            }
            Task::Ratings { clip: false } => {
                return vec![
                    "Task: predict the ratings; predictions are not clipped (clipped measures are given as well)."
                        .to_string(),
                ];
            }
            Task::Ranking {
                at,
                candidates,
                ties,
                positives,
            } => (at, candidates, ties, positives),
        };
        let relevant = match positives {
            Positives::Every => "every test row is relevant, whatever its rating".to_string(),
            Positives::AtLeast(least) => format!("test rows rated {least} or more are relevant"),
        };
        let among = match candidates {
            Candidates::Full => {
                "all items that the user has not rated in training or validation".to_string()
            }
            Candidates::Sampled { negatives, seed } => {
                format!("the user's test items and {negatives} sampled items (seed {seed})")
            }
        };
        let order = match ties {
            TieRule::ItemRow => "equal scores are in the order of the item rows",
        };
        let at: Vec<String> = at.iter().map(usize::to_string).collect();
        let mut lines = vec![format!(
            "Task: rank {among}; {relevant}; lists of {}; {order}.",
            at.join(" and ")
        )];
        if let Candidates::Sampled { .. } = candidates {
            lines.push(
                "SAMPLED: figures among sampled items are several times those of the full catalogue, cannot be compared with \
                 them, and need not even put models in the same order (Krichene and Rendle, KDD 2020)."
                    .to_string(),
            );
        }
        lines
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl From<Tied> for TiedLast {
    fn from(Tied { tied, users }: Tied) -> Self {
        Self { tied, users }
    }
}

impl From<TiedLast> for Tied {
    fn from(TiedLast { tied, users }: TiedLast) -> Self {
        Self { tied, users }
    }
}

/// The order of ties of a split that holds out the last rows of each user.
pub(crate) fn ties(split: &SplitKind) -> Option<Ties> {
    match split {
        SplitKind::LeaveLastOut { ties, .. } => Some(*ties),
        SplitKind::WithTest { kind, .. } => ties(kind),
        _ => None,
    }
}

fn print(print: Option<Fingerprint>) -> String {
    print.map_or_else(String::new, |print| format!(" (fingerprint {print})"))
}

fn round(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}
