//! Progress of a fetch: a bar on a terminal; elsewhere only what went wrong.

use crate::output::Output;
use indicatif::{ProgressBar, ProgressStyle};
use recburn_fetch::Progress;

/// The progress bar; it appears with the first bytes.
pub struct Bar {
    bar: Option<ProgressBar>,
    /// Used for messages when there is no bar.
    output: Output,
}

impl Bar {
    /// No bar yet.
    pub fn new(output: Output) -> Self {
        Self { bar: None, output }
    }

    /// Shows a progress report of the fetch.
    pub fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Started { have, total } => self.bar = Some(bar(have, total)),
            Progress::Received { have, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(have);
                }
            }
            Progress::Interrupted { why, retry } => {
                self.say(format!("interrupted ({why}), retry {retry}"));
            }
            Progress::Verifying => self.word("verifying"),
            Progress::Unpacking { file } => self.word(&format!("unpacking {file}")),
            _ => {}
        }
    }

    /// Removes the bar.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn word(&self, word: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(word.to_string());
            bar.tick();
        }
    }

    fn say(&self, line: String) {
        match &self.bar {
            Some(bar) if !bar.is_hidden() => bar.println(line),
            // A closed standard error must not stop a fetch.
            _ => drop(self.output.warn(&[line])),
        }
    }
}

fn bar(have: u64, total: Option<u64>) -> ProgressBar {
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    let style = "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.with_position(have)
}
