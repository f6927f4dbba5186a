//! Progress: a bar on a terminal, a line per epoch elsewhere.

use crate::callback::{Answer, Callback, GO_ON, Moment};
use crate::error::TrainError;
use crate::history::EpochRecord;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recburn_data::thousands;
use recburn_metrics::Measures;
use std::io::{self, Write};
use std::time::Instant;

/// Prints a line for every finished epoch on standard output and, if standard error is a terminal, draws a bar there
/// with the running loss, ratings per second and the remaining time. Before the first epoch it prints the trainer's
/// [`Advice`](crate::Advice), if any, on standard error.
#[derive(Default)]
pub struct Progress {
    silent: bool,
    advised: bool,
    bar: Option<ProgressBar>,
    began: Option<Instant>,
}

impl Progress {
    /// Lines, and a bar if there is a terminal.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only the bar: for programs that use standard output for something else.
    pub fn bar_only() -> Self {
        Self {
            silent: true,
            ..Self::default()
        }
    }
}

/// The line printed for an epoch.
fn line(epoch: &EpochRecord, last: usize) -> String {
    let digits = last.to_string().len();
    let mut line = format!(
        "epoch {:>digits$}/{last}  loss {:.4}",
        epoch.epoch,
        epoch.train_total()
    );
    if let Some(total) = epoch.valid_total() {
        line += &format!("  valid loss {total:.4}");
    }
    for (name, value) in epoch.valid.iter().flat_map(Measures::iter) {
        if name != Measures::LOSS {
            line += &format!("  {name} {value:.4}");
        }
    }
    if epoch.penalty > 0.0 {
        line += &format!("  (penalty {:.4})", epoch.penalty);
    }
    let rate = thousands(epoch.ratings_per_second as usize);
    line + &format!("  {:.2} s  {rate} ratings/s", epoch.seconds)
}

impl Callback for Progress {
    fn name(&self) -> &'static str {
        "progress"
    }

    fn on_fit_begin(&mut self, moment: &mut Moment<'_>) -> Result<(), TrainError> {
        if let Some(advice) = moment.advice.filter(|_| !self.silent && !self.advised) {
            let _ = writeln!(io::stderr(), "note: {advice}");
        }
        self.advised = true;
        Ok(())
    }

    fn on_epoch_begin(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.began = Some(Instant::now());
        let bar = ProgressBar::with_draw_target(
            Some(moment.ratings_in_all as u64),
            ProgressDrawTarget::stderr(),
        );
        if !bar.is_hidden() {
            let style =
                ProgressStyle::with_template("{prefix} {bar:30} {percent}%  {msg}  {eta} left");
            bar.set_style(style.expect("the template is a constant"));
            bar.set_prefix(format!("epoch {}/{}", moment.epoch, moment.last_epoch));
            self.bar = Some(bar);
        }
        GO_ON
    }

    fn on_step_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        if let (Some(bar), Some(began)) = (&self.bar, self.began)
            && (moment.step.is_multiple_of(16) || moment.step == moment.steps)
        {
            bar.set_position(moment.ratings as u64);
            let speed = thousands((moment.ratings as f64 / began.elapsed().as_secs_f64()) as usize);
            bar.set_message(format!("{speed} ratings/s  loss {:.4}", moment.loss));
        }
        GO_ON
    }

    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if let Some(epoch) = moment.history.last().filter(|_| !self.silent) {
            // A closed standard output must not stop training.
            let _ = writeln!(io::stdout(), "{}", line(epoch, moment.last_epoch));
        }
        GO_ON
    }

    fn on_fit_end(&mut self, _: &mut Moment<'_>) -> Result<(), TrainError> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{line, thousands};
    use crate::history::EpochRecord;
    use recburn_metrics::Measures;

    #[test]
    fn a_line_says_the_loss_as_keras_prints_it() {
        let figures = [("loss", 0.8), ("rmse", 0.9), ("mae", 0.7)];
        let scores: Measures = figures.into_iter().collect();
        let mut epoch = EpochRecord {
            epoch: 3,
            learning_rate: 0.001,
            train: scores.clone(),
            valid: Some(scores),
            penalty: 0.25,
            seconds: 1.234,
            ratings_per_second: 1_234_567.8,
        };
        let full = "epoch  3/20  loss 1.0500  valid loss 1.0500  rmse 0.9000  mae 0.7000  (penalty 0.2500)  1.23 s  1,234,567 ratings/s";
        assert_eq!(line(&epoch, 20), full);
        (epoch.valid, epoch.penalty) = (None, 0.0);
        assert_eq!(
            line(&epoch, 3),
            "epoch 3/3  loss 0.8000  1.23 s  1,234,567 ratings/s"
        );
        assert_eq!(
            [0, 12, 1_000, 20_004].map(thousands),
            ["0", "12", "1,000", "20,004"]
        );
    }
}
