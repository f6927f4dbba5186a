//! `recburn run`.

use crate::commands::data::shape_of;
use crate::exit::{End, wrong};
use crate::interrupt;
use crate::output::{Output, bold};
use anyhow::{Context, Result};
use clap::Args;
use recburn::ExperimentError;
use recburn::data::ReadError;
use recburn::graph::Op;
use recburn::prelude::*;
use recburn::recipe::{Compared, Recipe, Run as Ran, options_of};
use recburn::report::EpochReport;
use recburn::train::Interrupt;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod table;

use table::table;

const HELP: &str = "\
Examples:
  recburn run biased_mf/small16                    a preset of a model
  recburn run concat_mlp/100k-tower --seeds 1 --epochs 5
  recburn run recipes/*/*.toml --json > runs.json  the report of each run
  recburn run out/biased_mf/experiment.toml        repeat what `recburn train` did";

/// Run recipes and compare the results with published figures
#[derive(Args)]
#[command(after_help = HELP)]
pub struct Run {
    /// Recipe files, or presets as MODEL/PRESET (`recburn models list`)
    #[arg(value_name = "RECIPE", required = true)]
    recipes: Vec<PathBuf>,
    /// Run with the seeds 1 to N instead of the recipe's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: Option<u64>,
    /// Train for N epochs instead; final figures are then not compared
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Run only this variant; `main` is the recipe itself [default: all]
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Keep each run's report, curves and model in this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// A recipe, or a variant of one, with its name.
struct Named {
    name: String,
    recipe: Recipe,
}

/// All runs of one recipe.
#[derive(Serialize)]
pub(crate) struct Outcome {
    recipe: String,
    about: String,
    /// Why there are no runs.
    left_out: Option<String>,
    figures: Vec<Compared>,
    runs: Vec<Ran>,
}

impl Run {
    /// Runs the command.
    pub fn run(&self, output: &Output) -> Result<()> {
        let recipes = self.recipes()?; // all are read before the first one runs
        let device = pick_device(self.device.as_deref())?;
        output.say(format_args!("device: {}\n", device_name(&device)))?;
        let mut outcomes = Vec::new();
        for Named { name, recipe } in &recipes {
            let outcome = match self.runs(name, recipe, &device, *output) {
                Ok(runs) => self.outcome(name, recipe, runs),
                Err(error) => match missing_data(&error) {
                    Some(why) if recipes.len() > 1 => Outcome {
                        recipe: name.clone(),
                        about: recipe.about.clone(),
                        left_out: Some(why),
                        figures: Vec::new(),
                        runs: Vec::new(),
                    },
                    _ => return Err(error),
                },
            };
            outcomes.push(outcome);
        }
        output.answer(&outcomes, table(&outcomes))?;
        if outcomes.iter().all(|outcome| outcome.runs.is_empty()) {
            let why = outcomes.iter().find_map(|outcome| outcome.left_out.clone());
            return Err(anyhow::anyhow!(why.unwrap_or_default()).context("no recipe has its data"));
        }
        let figures = outcomes.iter().flat_map(|outcome| &outcome.figures);
        match figures.filter(|figure| figure.holds == Some(false)).count() {
            0 => Ok(()),
            missed => Err(End::Missed(missed).into()),
        }
    }

    fn recipes(&self) -> Result<Vec<Named>> {
        let mut all = Vec::new();
        for path in &self.recipes {
            let (name, recipe) = read(path)?;
            let wanted = |variant: &str| {
                self.variant
                    .as_deref()
                    .is_none_or(|wanted| wanted == variant)
            };
            if wanted("main") {
                all.push(Named {
                    name: name.clone(),
                    recipe: recipe.clone(),
                });
            }
            for (variant, changes) in &recipe.variants {
                if wanted(variant) {
                    all.push(Named {
                        name: format!("{name}/{variant}"),
                        recipe: recipe.variant(changes),
                    });
                }
            }
        }
        match all.is_empty() {
            true => Err(wrong(format!(
                "no recipe has a variant `{}`",
                self.variant.as_deref().unwrap_or_default()
            ))),
            false => Ok(all),
        }
    }

    fn runs(
        &self,
        name: &str,
        recipe: &Recipe,
        device: &Device,
        output: Output,
    ) -> Result<Vec<Ran>> {
        let seeds = match self.seeds {
            Some(count) => (1..=count).collect(),
            None => recipe.seeds.clone(),
        };
        let mut runs = Vec::new();
        for &seed in &seeds {
            let mut experiment = recipe.experiment(seed);
            if let Some(epochs) = self.epochs {
                experiment.set_epochs(epochs);
            }
            let (prepared, stand_in) = self.prepare(&experiment, recipe.stand_in.as_deref())?;
            if runs.is_empty() {
                output.warn(&prepared.dataset.warnings)?;
            }
            if stand_in && runs.is_empty() {
                output.say(format_args!(
                    "{}: the files of {} are missing: using synthetic ratings of the same shape",
                    bold(name),
                    recipe.training.data
                ))?;
            }
            let ran = self.run_once(name, &experiment, &prepared, stand_in, device)?;
            output.say(format_args!(
                "{}, seed {seed}: {}",
                bold(name),
                ran_as(&ran.report)
            ))?;
            if let Some(verdict) = ran.report.verdict() {
                output.say(format_args!("warning: {verdict}"))?;
            }
            runs.push(ran);
        }
        Ok(runs)
    }

    /// The data, and whether they are synthetic.
    fn prepare(&self, experiment: &Experiment, stand_in: Option<&str>) -> Result<(Prepared, bool)> {
        match (experiment.prepare(self.data_dir.as_deref()), stand_in) {
            (Err(ExperimentError::Read(ReadError::NotFound { .. })), Some(name)) => {
                let made_up = shape_of(name)?.dataset(experiment.order()?)?;
                Ok((experiment.prepare_from(made_up)?, true))
            }
            (prepared, _) => Ok((prepared?, false)),
        }
    }

    fn run_once(
        &self,
        name: &str,
        experiment: &Experiment,
        prepared: &Prepared,
        stand_in: bool,
        device: &Device,
    ) -> Result<Ran> {
        if let Some(method) = experiment.method()? {
            let (recommender, seconds) = experiment.fit_whole(&*method, prepared)?;
            let report = experiment.whole_report(prepared, &recommender, seconds)?;
            if let Some(out) = &self.out {
                let folder = out.join(name).join(format!("seed-{}", experiment.seed));
                report.save(folder.join("report.json"))?;
                recommender.save(&folder.join("model"))?;
            }
            return Ok(Ran {
                report,
                stand_in,
                least_weight: f64::INFINITY,
                table_sizes: BTreeMap::new(),
            });
        }
        let mut model = experiment.network(prepared, device)?;
        let mut trainer = experiment
            .trainer()
            .with(Progress::bar_only())
            .with(Interrupt::new(interrupt::flag()));
        let stop = experiment
            .fit(&mut trainer, &mut model, prepared)
            .with_context(|| name.to_string())?;
        if interrupt::asked() {
            return Err(End::Interrupted(format!("{name}, seed {}", experiment.seed)).into());
        }
        let report = experiment.report(prepared, &model, &trainer, stop.as_ref(), device)?;
        if let Some(out) = &self.out {
            let folder = out.join(name).join(format!("seed-{}", experiment.seed));
            report.save(folder.join("report.json"))?;
            curves(trainer.history())?.save(&folder, "curves")?;
            let recommender = experiment.recommender(&model, prepared)?;
            recommender.save(&folder.join("model"))?;
        }
        let (least_weight, table_sizes) = tables(&model);
        Ok(Ran {
            report,
            stand_in,
            least_weight,
            table_sizes,
        })
    }

    fn outcome(&self, name: &str, recipe: &Recipe, runs: Vec<Ran>) -> Outcome {
        let whole = self.epochs.is_none_or(|epochs| epochs == recipe.epochs());
        let compare = |figure: &recburn::recipe::Figure| figure.compare(&runs, whole);
        Outcome {
            recipe: name.to_string(),
            about: recipe.about.clone(),
            left_out: None,
            figures: recipe.figures.iter().map(compare).collect(),
            runs,
        }
    }
}

/// What a run took and came to, in a few words.
fn ran_as(report: &RunReport) -> String {
    if let Some(seconds) = report.fit_seconds {
        return format!("fitted as a whole in {seconds:.2} s");
    }
    let loss = report.epochs.last().and_then(EpochReport::valid_total);
    let epochs = report.epochs.len();
    format!(
        "{epochs} epoch{}, validation loss {:.4}, {:.1} s",
        if epochs == 1 { "" } else { "s" },
        loss.unwrap_or(f64::NAN),
        report.epochs.iter().map(|epoch| epoch.seconds).sum::<f64>()
    )
}

/// The smallest weight of all embeddings, and the rows and width of each.
fn tables(model: &Network) -> (f64, BTreeMap<String, [usize; 2]>) {
    let weights = Weights::of(model);
    let (mut least, mut sizes) = (f64::INFINITY, BTreeMap::new());
    for node in model.graph().nodes() {
        let weight = weights.0.get(&format!("{}.weight", node.name));
        if let (Op::Embedding { .. }, Some(weight)) = (&node.op, weight) {
            let values = weight.values.iter().map(|value| f64::from(*value));
            least = values.fold(least, f64::min);
            sizes.insert(node.name.clone(), [weight.shape[0], weight.shape[1]]);
        }
    }
    (least, sizes)
}

/// A message that names the missing data and how to get them, if that is the error.
fn missing_data(error: &anyhow::Error) -> Option<String> {
    match error.downcast_ref::<ExperimentError>() {
        Some(ExperimentError::Read(error @ ReadError::NotFound { .. })) => Some(error.to_string()),
        _ => None,
    }
}

/// A recipe with its name: a file, or a preset as MODEL/PRESET.
fn read(path: &Path) -> Result<(String, Recipe)> {
    let preset = path.to_str().and_then(|text| text.split_once('/'));
    if let Some((model, name)) = preset
        && !path.exists()
        && options_of(model).is_ok()
    {
        return Ok((format!("{model}/{name}"), Recipe::preset(model, name)?));
    }
    let recipe = Recipe::load(path)?;
    let name = path.file_stem().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy().into_owned();
    // The repository's are in a folder per model.
    let folder = path.parent().and_then(Path::file_name);
    Ok(
        match folder.is_some_and(|folder| folder == recipe.model.as_str()) {
            true => (format!("{}/{name}", recipe.model), recipe),
            false => (name, recipe),
        },
    )
}
