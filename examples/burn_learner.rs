//! A model of the zoo under Burn's own `Learner`: its dashboard, metrics, early stopping, checkpoints and log files.
//!
//!     cargo run --features learner --example burn_learner
//!
//! In a terminal, Burn's dashboard is shown during training (`q` stops it); elsewhere, one line per epoch. Burn's loop
//! updates every row of every table at every step, so it suits small tables, or fitting a model into an existing
//! training setup. The same model trains faster with recburn's `Trainer`.

#[path = "burn_learner/figures.rs"]
mod figures;
#[path = "burn_learner/lines.rs"]
mod lines;
#[path = "burn_learner/step.rs"]
mod step;

mod common;

use anyhow::{Context, anyhow, ensure};
use burn::data::dataloader::{DataLoader, DataLoaderBuilder};
use burn::data::dataset::InMemDataset;
use burn::module::ParamGroup;
use burn::optim::decay::WeightDecayConfig;
use burn::optim::lr_scheduler::LrSchedulerConfig;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLrScheduler;
use burn::optim::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::optim::{AdamConfig, ModuleOptimizer};
use burn::store::ModuleRecord;
use burn::train::metric::store::{Aggregate, Direction, Split};
use burn::train::metric::{LearningRateMetric, LossMetric};
use burn::train::{
    Learner, LearnerSummary, LearningResult, MetricEarlyStoppingStrategy, StoppingCondition,
    SupervisedTraining,
};
use figures::Mean;
use lines::{Clock, Lines};
use recburn::data::Ratings;
use recburn::nn::tables;
use recburn::prelude::*;
use recburn::train::EpochRecord;
use std::collections::HashMap;
use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::sync::Arc;
use step::{Batcher, Learned, Rated, RatedBatch};

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("concat_mlp")?;
    let (device, out) = (flags.device()?, flags.out("burn_learner"));
    let training = &experiment.training;
    let epochs = training.phases.iter().map(|phase| phase.epochs).sum();
    ensure!(
        training.batch > 0 && epochs > 0,
        "there must be at least one epoch ({epochs}) and one example per batch ({})",
        training.batch
    );
    ensure!(
        training.loss == Loss::Mse,
        "this example minimises the mean squared error, but the preset `{}` uses another loss",
        flags.preset
    );

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");
    let network = experiment.network(&prepared, &device)?;
    println!("{network}");
    diagram(network.graph())?.save(&out, "diagram")?;

    let (adam, rate) = (
        optimizer(&experiment, &network)?,
        schedule(&experiment, prepared.train.len())?,
    );
    // Burn's log files and checkpoints have their own folder, which is cleared of earlier runs.
    let folder = out.join("learner");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;

    let clock = Clock::default();
    let train = loader(&prepared.train, training.batch, Some(experiment.seed));
    let valid = loader(&prepared.valid, 8_192, None);
    let mut runner = SupervisedTraining::new(&folder, train, valid)
        .metrics((LossMetric::new(), Mean::rmse(), Mean::mae()))
        .metric_train_numeric(LearningRateMetric::new())
        .metric_valid_numeric(Mean::penalty())
        .with_progress_logger(clock.clone())
        .with_default_checkpointers() // the last two, and the best one by validation loss
        .num_epochs(epochs)
        .summary();
    if let Some(n_epochs) = training.patience {
        runner = runner.early_stopping(MetricEarlyStoppingStrategy::new(
            &LossMetric::new(),
            Aggregate::Mean,
            Direction::Lowest,
            Split::Valid,
            StoppingCondition::NoImprovementSince { n_epochs },
        ));
    }
    if !stdout().is_terminal() {
        runner = runner.renderer(Box::new(Lines::default()));
    }

    let model = Learned { network }.train();
    let LearningResult {
        model,
        renderer,
        error,
        .. // the dashboard does not report whether it was stopped there
    } = runner.launch(Learner::new(model, adam, rate));
    drop(renderer); // closes the dashboard
    if let Some(error) = error {
        return Err(anyhow!("{error}"));
    }

    let history = history(&folder, &experiment, prepared.train.len(), &clock.seconds())?;
    let done = history.epochs.len();
    ensure!(done > 0, "training ended before the end of the first epoch");
    // Burn returns the last weights. With early stopping we want those of the best epoch, which it kept.
    let best = best(&history);
    let mut network = model.network;
    if training.patience.is_some() && best < epochs {
        let path = folder.join(format!("checkpoint/model-{best}.bpk"));
        let record = ModuleRecord::load(&path).map_err(|error| anyhow!("{error}"))?;
        let loaded = Learned { network }.try_load_record(record);
        network = loaded.map_err(|error| anyhow!("{error}"))?.network;
        println!("the weights are those of epoch {best}");
    }

    // From here on it is an ordinary network.
    let mut report =
        experiment.report(&prepared, &network, &experiment.trainer(), None, &device)?;
    report.model = "burn_learner".to_string();
    report.epochs = recburn::epochs_of(&history);
    let patient = training
        .patience
        .is_none_or(|patience| done - best < patience);
    report.stopped = (done < epochs).then(|| match patient {
        true => "stopped in the dashboard".to_string(),
        false => format!("no better validation loss since epoch {best}"),
    });
    common::keep(&out, &report, &history)?;
    let saved = out.join("model");
    experiment.recommender(&network, &prepared)?.save(&saved)?;
    let recommender = Recommender::load(&saved, &device)?;
    let user = prepared.valid.users[0];
    let user = prepared.dataset.users.id(user).unwrap_or_default();
    println!("five for user {user}:");
    for line in recommender.recommend(&user, 5)? {
        println!("  {:.2}  {}", line.rating, line.title);
    }
    Ok(())
}

/// Batches of these ratings, in a new random order per epoch if there is a seed.
fn loader(
    ratings: &Ratings,
    batch: usize,
    shuffle: Option<u64>,
) -> Arc<dyn DataLoader<RatedBatch>> {
    let columns = ratings.users.iter().zip(&ratings.items);
    let items = columns.zip(&ratings.ratings);
    let items = items.map(|((user, item), &rating)| Rated {
        user: user.0,
        item: item.0,
        rating,
    });
    let builder = DataLoaderBuilder::new(Batcher::new(shuffle.unwrap_or(0))).batch_size(batch);
    let builder = match shuffle {
        Some(seed) => builder.shuffle(seed),
        None => builder,
    };
    builder.build(InMemDataset::new(items.collect()))
}

/// Burn's Adam with Keras's settings. An l2 penalty is weight decay: the gradient of `l2 * w^2` is `2 * l2 * w`.
fn optimizer(experiment: &Experiment, network: &Network) -> anyhow::Result<ModuleOptimizer> {
    let Rule::Adam {
        beta_1,
        beta_2,
        epsilon,
    } = experiment.training.rule
    else {
        anyhow::bail!(
            "this example trains with Adam, but the preset with {}",
            experiment.training.rule
        );
    };
    let adam = AdamConfig::new()
        .with_beta_1(beta_1 as f32)
        .with_beta_2(beta_2 as f32)
        .with_epsilon(epsilon as f32);
    let tables = tables(network).into_iter();
    let tables = tables.map(|table| (table.id, table.options.l2));
    let penalised = tables.chain(network.penalties());
    let penalised = penalised.filter(|(_, l2)| *l2 > 0.0);
    Ok(penalised.fold(adam.init(), |optimizer, (id, l2)| {
        let penalty = 2.0 * l2 as f32;
        let decaying = adam
            .clone()
            .with_weight_decay(Some(WeightDecayConfig { penalty }));
        optimizer.with_group(ParamGroup::from_ids(vec![id]), decaying.build(), None)
    }))
}

/// The preset's phases, each at its learning rate.
fn schedule(experiment: &Experiment, ratings: usize) -> anyhow::Result<ModuleLrScheduler> {
    let training = &experiment.training;
    let steps = ratings.div_ceil(training.batch);
    let rates = training.phases.iter();
    let rates = rates.map(|phase| LrSchedulerConfig::Constant(phase.learning_rate));
    let ends = training.phases.iter().scan(0, |end, phase| {
        *end += phase.epochs * steps;
        Some(*end)
    });
    let milestones = ends.take(training.phases.len().saturating_sub(1)).collect();
    let schedule = SequentialLrSchedulerConfig::new(rates.collect(), milestones);
    schedule.init().map_err(|error| anyhow!("{error}"))
}

/// The history of complete epochs, from Burn's log files.
fn history(
    folder: &Path,
    experiment: &Experiment,
    ratings: usize,
    seconds: &[f64],
) -> anyhow::Result<History> {
    let names = ["Loss", "RMSE", "MAE", "Penalty"];
    let summary = LearnerSummary::new(folder, &names).map_err(|error| anyhow!(error))?;
    let by_epoch = |metrics: Vec<burn::train::MetricSummary>| -> HashMap<(String, usize), f64> {
        let of = |metric: burn::train::MetricSummary| {
            let name = metric.name;
            let entries = metric.entries.into_iter();
            entries.map(move |entry| ((name.clone(), entry.step), entry.value))
        };
        metrics.into_iter().flat_map(of).collect()
    };
    let train = by_epoch(summary.metrics.train);
    let valid = by_epoch(summary.metrics.valid);
    let scores = |part: &HashMap<(String, usize), f64>, epoch| {
        let of = |name: &str| part.get(&(name.to_string(), epoch)).copied();
        let mut measures = Measures::default();
        measures.set(Measures::LOSS, of("Loss")?);
        measures.set(Measures::RMSE, of("RMSE")?);
        measures.set(Measures::MAE, of("MAE")?);
        Some(measures)
    };
    let phases = experiment.training.phases.iter();
    let rates = phases.flat_map(|phase| vec![phase.learning_rate; phase.epochs]);
    let epochs = (1..).zip(rates).zip(seconds);
    let epochs = epochs.map_while(|((epoch, learning_rate), &seconds)| {
        Some(EpochRecord {
            epoch,
            learning_rate,
            train: scores(&train, epoch)?,
            valid: Some(scores(&valid, epoch)?),
            penalty: *valid.get(&("Penalty".to_string(), epoch))?,
            seconds,
            ratings_per_second: ratings as f64 / seconds,
        })
    });
    Ok(History {
        epochs: epochs.collect(),
    })
}

/// The epoch with the lowest validation loss.
fn best(history: &History) -> usize {
    let loss = |epoch: &EpochRecord| {
        let valid = epoch.valid.as_ref();
        valid.map_or(f64::INFINITY, Measures::loss)
    };
    let best = history
        .epochs
        .iter()
        .min_by(|left, right| loss(left).total_cmp(&loss(right)));
    best.map_or(0, |epoch| epoch.epoch)
}
