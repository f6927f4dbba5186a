//! `recburn train` on several processes.

use crate::commands::time::continuing;
use crate::commands::train::Train;
use crate::exit::{self, End, wrong};
use crate::interrupt;
use crate::mpi_ranks::World;
use crate::output::Output;
use anyhow::{Context, Result, anyhow};
use recburn::curves;
use recburn::data::FilePart;
use recburn::files::remove_folder;
use recburn::prelude::*;
use recburn::recipe::Recipe;
use recburn::report::RunReport;
use recburn::spread::Ranks;
use recburn::train::{History, Progress};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// Runs the command as one of the processes.
pub fn train(command: &Train, ranks: Rc<World>, output: &Output) -> Result<()> {
    crate::return_memory_at_once();
    let first = ranks.rank() == 0;
    let output = match first {
        true => *output,
        false => output.quiet(),
    };
    let stop = interrupt::flag_of_launcher();
    let begun = together(&ranks, || begin(command, &*ranks))?;
    let Begun {
        experiment,
        out,
        part,
        device,
    } = begun;
    output.say(format_args!("device: {}", device_name(&device)))?;
    output.warn(&part.warnings)?;
    let mut home = experiment.bring_home(part, &*ranks)?;
    let (features, warnings) = together(&ranks, || Ok(experiment.spread_features(&mut home)?))?;
    output.warn(&warnings)?;
    let prepared = experiment.prepare_spread(home, features, ranks.clone(), stop)?;
    output.say(&prepared)?;
    let mut model = together(
        &ranks,
        || Ok(experiment.spread_network(&prepared, &device)?),
    )?;
    let checkpoint = out.join("checkpoint");
    let mut trainer = experiment.spread_trainer(&prepared);
    if first {
        trainer = trainer.with(match output.is_json() {
            true => Progress::bar_only(),
            false => Progress::new(),
        });
    }
    trainer = command.checkpoint_every.checkpoint(trainer, &checkpoint);
    if command.resume {
        together(&ranks, || found(&checkpoint, first, &output))?;
        // A checkpoint that one process cannot take up is one that none can.
        together(&ranks, || {
            Ok(experiment.resume_spread(&mut trainer, &checkpoint, &mut model, &prepared)?)
        })?;
        output.say(continuing(&trainer))?;
    }
    together(&ranks, || match first {
        true => Ok(Recipe::of(&experiment).save(&out.join("experiment.toml"))?),
        false => Ok(()),
    })?;
    ranks.watch(Duration::from_secs(command.step_timeout.max(1)));
    let stop = experiment.fit_spread(&mut trainer, &mut model, &prepared)?;
    ranks.unwatch();
    if let Some(stop) = &stop {
        if stop.reason.starts_with("interrupted") {
            let left = match checkpoint.is_dir() {
                true => format!(
                    "{}; the last complete epoch is in {}, and `--resume` continues from it, on any number of processes",
                    stop.reason,
                    checkpoint.display()
                ),
                false => format!("{}, before the first checkpoint", stop.reason),
            };
            ranks.all_end();
            return Err(match first {
                true => End::Interrupted(left).into(),
                false => End::Elsewhere(exit::INTERRUPTED).into(),
            });
        }
        output.say(format_args!("stopped: {}", stop.reason))?;
    }
    let history = trainer.history().clone();
    let (whole, parts) = (out.join("model"), out.join("parts"));
    if !command.gather && !experiment.has_parts(&model) {
        let processes = ranks.size();
        drop((trainer, model, prepared)); // pictures need room, too
        if first {
            save_history(&history, &out)?;
            // Those of an earlier training.
            remove_folder(&whole)?;
            remove_folder(&parts)?;
            remove_file(&out.join("report.json"))?;
            answer_checkpoint(&history, processes, &out, &output)?;
        }
        return Ok(());
    }
    if !command.gather {
        let saved = experiment.save_parts(&parts, &prepared, model, trainer, &device);
        saved.context("the model is trained, but its parts cannot be written")?;
        let processes = ranks.size();
        drop(prepared); // pictures need room, too
        if first {
            save_history(&history, &out)?;
            // Those of an earlier training.
            remove_folder(&whole)?;
            remove_file(&out.join("report.json"))?;
            answer_parts(&history, processes, &out, &output)?;
        }
        return Ok(());
    }
    let report = match experiment.collect(&prepared, &model, &device)? {
        Some((data, model)) => {
            diagram(model.graph())?.save(&out, "diagram")?;
            let report = experiment.report(&data, &model, &trainer, stop.as_ref(), &device)?;
            experiment.recommender(&model, &data)?.save(&whole)?;
            report.save(out.join("report.json"))?;
            remove_folder(&parts)?;
            Some(report)
        }
        None => None,
    };
    drop((trainer, model, prepared)); // pictures need room, too
    if let Some(report) = report {
        save_history(&history, &out)?;
        answer_whole(&report, &out, &output)?;
    }
    Ok(())
}

fn save_history(history: &History, out: &Path) -> Result<()> {
    history.save_csv(&out.join("history.csv"))?;
    history.save_json(&out.join("history.json"))?;
    curves(history)?.save(out, "curves")?;
    Ok(())
}

/// Removes a file, if it is there.
fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// What a process has before the processes depend on each other.
struct Begun {
    experiment: Experiment,
    out: PathBuf,
    part: FilePart,
    device: Device,
}

fn begin(command: &Train, ranks: &dyn Ranks) -> Result<Begun> {
    command.check_spread()?;
    let experiment = command.experiment.experiment(&command.opening)?;
    experiment.check_spread()?;
    let device = pick_device(command.device.as_deref())?;
    let out = command.out.clone();
    let out = out.unwrap_or_else(|| Path::new("out").join(&experiment.model));
    let part = experiment.read_part(ranks, command.opening.data_dir.as_deref())?;
    Ok(Begun {
        experiment,
        out,
        part,
        device,
    })
}

/// Takes a step that may fail on any process: if it does, all of them fail, with the error of the first that did.
fn together<T>(ranks: &World, step: impl FnOnce() -> Result<T>) -> Result<T> {
    let done = step();
    let own = done.as_ref().err().map_or(0, exit::status);
    let statuses = ranks.gather(&[own]);
    let failed = statuses.iter().position(|status| status != &[0]);
    if failed.is_some() {
        ranks.all_end();
    }
    match (failed, done) {
        (None, done) => done,
        (Some(rank), Err(error)) if rank == ranks.rank() => match ranks.size() {
            1 => Err(error),
            size => Err(error.context(format!("process {} of {size}", rank + 1))),
        },
        (Some(rank), _) => Err(End::Elsewhere(statuses[rank].first().copied().unwrap_or(1)).into()),
    }
}

/// Makes sure that there is a checkpoint.
fn found(checkpoint: &Path, first: bool, output: &Output) -> Result<()> {
    if first && recburn::files::restore(checkpoint)? {
        output.say("restored the checkpoint that a killed run had moved aside")?;
    }
    match !first || checkpoint.is_dir() {
        true => Ok(()),
        false => Err(wrong(format!(
            "--resume: there is no checkpoint in {}",
            checkpoint.display()
        ))),
    }
}

fn answer_whole(report: &RunReport, out: &Path, output: &Output) -> Result<()> {
    let end = format!(
        "\n{report}\nreport, pictures and model: {}\nnext: recburn recommend {} --user ID",
        out.display(),
        out.join("model").display()
    );
    output.answer(report, end)
}

/// The measures of the last epoch, and where the parts are.
fn answer_parts(history: &History, processes: usize, out: &Path, output: &Output) -> Result<()> {
    let parts = out.join("parts");
    let (mut value, measured) = measured(history, processes)?;
    value["parts"] = serde_json::json!(parts);
    let where_to = format!(
        "the model in {processes} parts: {}\nnext: recburn recommend {} --user ID",
        parts.display(),
        out.display()
    );
    output.answer(&value, format!("\n{measured}\n{where_to}"))
}

/// The measures of the last epoch of a model that has no parts.
fn answer_checkpoint(
    history: &History,
    processes: usize,
    out: &Path,
    output: &Output,
) -> Result<()> {
    let (value, measured) = measured(history, processes)?;
    let where_to = format!(
        "the model reads all users of an item, so that there are no parts of it\nnext: recburn gather {} makes one model of its \
         checkpoint, on a machine that has room for it",
        out.display()
    );
    output.answer(&value, format!("\n{measured}\n{where_to}"))
}

/// The measures of all epochs, and those of the last one in words.
fn measured(history: &History, processes: usize) -> Result<(serde_json::Value, String)> {
    let last = history
        .last()
        .ok_or_else(|| anyhow!("no epoch was trained"))?;
    let measures = serde_json::to_value(history).context("a history is plain data")?;
    let said = match &last.valid {
        Some(valid) => format!(
            "validation loss {:.4} after epoch {}",
            valid.loss(),
            last.epoch
        ),
        None => format!(
            "training loss {:.4} after epoch {}",
            last.train.loss(),
            last.epoch
        ),
    };
    let value = serde_json::json!({ "processes": processes, "epochs": measures });
    Ok((value, said))
}
