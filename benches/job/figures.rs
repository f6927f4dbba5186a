//! The figures of a job, and their output.

use crate::machine::{cpu_seconds, peak_megabytes};
use recburn::train::{Answer, Callback, Moment};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fmt;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Instant;

/// The figures of a job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    pub job: String,
    /// The data: a data set's name or a file.
    pub data: String,
    pub train_rows: usize,
    /// From opening the file to the last figure.
    pub seconds: f64,
    /// The same in CPU time of all threads.
    pub cpu_seconds: f64,
    /// Opening and splitting.
    pub loading: f64,
    /// All epochs, without validation.
    pub training: f64,
    pub ratings_per_second: f64,
    /// The rate of the slowest epoch after the third, relative to that of the second.
    pub slowest_later: Option<f64>,
    pub valid_rmse: f64,
    pub peak_megabytes: f64,
    pub epochs: Vec<Epoch>,
}

/// The figures of an epoch.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Epoch {
    /// Ratings trained on per second, excluding validation.
    pub ratings_per_second: f64,
    /// Validation included.
    pub seconds: f64,
    /// CPU time of all threads.
    pub cpu_seconds: f64,
    /// Peak memory of the process so far.
    pub peak_megabytes: f64,
}

/// The lowest acceptable rate of an epoch after the third, relative to that of the second.
const BAR: f64 = 0.8;

/// The rate of the slowest epoch after the third, relative to that of the second.
pub fn slowest_later(epochs: &[Epoch]) -> Option<f64> {
    let later = epochs
        .get(3..)?
        .iter()
        .map(|epoch| epoch.ratings_per_second);
    Some(later.reduce(f64::min)? / epochs[1].ratings_per_second)
}

/// Reads the clocks at both ends of every epoch.
#[derive(Clone, Default)]
pub struct Meter {
    began: Option<(Instant, f64)>,
    epochs: Rc<RefCell<Vec<Epoch>>>,
}

impl Meter {
    pub fn epochs(&self) -> Vec<Epoch> {
        self.epochs.borrow().clone()
    }
}

impl Callback for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn on_epoch_begin(&mut self, _: &mut Moment<'_>) -> Answer {
        self.began = Some((Instant::now(), cpu_seconds()?));
        Ok(ControlFlow::Continue(()))
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        if let (Some((began, cpu)), Some(record)) = (self.began, moment.history.epochs.last()) {
            self.epochs.borrow_mut().push(Epoch {
                ratings_per_second: record.ratings_per_second,
                seconds: began.elapsed().as_secs_f64(),
                cpu_seconds: cpu_seconds()? - cpu,
                peak_megabytes: peak_megabytes()?,
            });
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// One line per epoch: the first twenty, then every tenth and the last.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (job, data, rows) = (&self.job, &self.data, self.train_rows);
        writeln!(f, "{job}: {data}, {rows} ratings train")?;
        writeln!(f, "  epoch  ratings per s   wall s    CPU s  peak MB")?;
        for (epoch, at) in self.epochs.iter().zip(1..) {
            if at > 20 && at % 10 != 0 && at != self.epochs.len() {
                continue;
            }
            writeln!(
                f,
                "  {at:>5} {:>14.0} {:>8.3} {:>8.2} {:>8.0}",
                epoch.ratings_per_second, epoch.seconds, epoch.cpu_seconds, epoch.peak_megabytes
            )?;
        }
        if let Some(share) = self.slowest_later {
            let verdict = if share < BAR {
                "slower than"
            } else {
                "at least"
            };
            writeln!(
                f,
                "  slowest epoch after the third: {share:.2} of the second's rate, {verdict} the required {BAR}"
            )?;
        }
        Ok(())
    }
}

/// One row per job.
pub fn table(all: &[Figures]) -> String {
    let mut lines = vec![
        "| job | wall s | CPU s | loading | training | epochs | ratings per s | slowest later epoch | RMSE | peak MB |"
            .to_string(),
        "|---|---|---|---|---|---|---|---|---|---|".to_string(),
    ];
    for figures in all {
        lines.push(format!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {:.0} | {} | {:.4} | {:.0} |",
            figures.job,
            figures.seconds,
            figures.cpu_seconds,
            figures.loading,
            figures.training,
            figures.epochs.len(),
            figures.ratings_per_second,
            figures
                .slowest_later
                .map_or(String::new(), |share| format!("{share:.2}")),
            figures.valid_rmse,
            figures.peak_megabytes
        ));
    }
    lines.join("\n")
}
