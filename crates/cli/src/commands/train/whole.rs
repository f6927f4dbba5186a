//! `recburn train` for a model that is fitted as a whole.

use super::Train;
use crate::exit::wrong;
use crate::output::Output;
use anyhow::Result;
use recburn::Experiment;
use recburn::classical::Method;
use recburn::recipe::Recipe;
use std::path::Path;

/// Fits the model, and writes the same files as a training except for those of epochs.
pub fn train(
    flags: &Train,
    experiment: &Experiment,
    method: &dyn Method,
    out: &Path,
    output: &Output,
) -> Result<()> {
    let mut useless = flags.experiment.of_steps();
    if flags.resume {
        useless.push("--resume");
    }
    if flags.from.is_some() {
        useless.push("--from");
    }
    if flags.find_rate {
        useless.push("--find-rate");
    }
    if let Some(first) = useless.first() {
        return Err(wrong(format!(
            "{first} has no effect: {} is fitted as a whole, without epochs",
            experiment.model
        )));
    }
    let prepared = experiment.prepare(flags.opening.data_dir.as_deref())?;
    output.warn(&prepared.dataset.warnings)?;
    output.say(&prepared)?;
    let (recommender, seconds) = experiment.fit_whole(method, &prepared)?;
    output.say(format_args!("{} fitted in {seconds:.3} s", method.name()))?;
    let report = experiment.whole_report(&prepared, &recommender, seconds)?;
    Recipe::of(experiment).save(&out.join("experiment.toml"))?;
    recommender.save(&out.join("model"))?;
    report.save(out.join("report.json"))?;
    let held_out = match report.metrics.is_some() || report.ranking.is_some() {
        true => "on the validation part:",
        false => "fitted to every rating: none was held out, so there is no error to report",
    };
    let end = format!(
        "\n{held_out}\n{report}\nreport and model: {}\nnext: recburn recommend {} --user ID",
        out.display(),
        out.join("model").display()
    );
    output.answer(&report, end)
}
