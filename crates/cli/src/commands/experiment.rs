//! The flags that say what is trained and how: a preset, and what to change of it.

use crate::commands::opening::{Opening, with_repeats, without_repeats};
use crate::exit::wrong;
use anyhow::Result;
use clap::Args;
use recburn::Experiment;
use recburn::data::{BadLines, Repeats};
use recburn::recipe::{Phase, options_of};
use recburn::train::WordError;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::str::FromStr;

/// Which model, and its hyper-parameters.
#[derive(Args)]
pub struct ExperimentFlags {
    /// A model, such as biased_mf or ease: see `recburn models list` [default: biased_mf; with `train --from`, that of the
    /// saved model]
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// Named hyper-parameters of the model: see `recburn models show NAME` [default: default]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// An option of the model, may be repeated; the value is JSON or a word
    #[arg(long, short = 'o', value_name = "NAME=VALUE")]
    pub option: Vec<String>,
    /// A data set's name or path [default: that of the preset]
    #[arg(long, value_name = "NAME|PATH")]
    pub data: Option<String>,
    /// Which ratings to keep: rating>=4,users>=5,items>=5; a final `,repeat` repeats the steps until nothing changes
    #[arg(long, value_name = "FILTER")]
    pub filter: Option<String>,
    /// How to treat repeated ratings of an item by one user: keep, first, last (by time), mean or error [default: keep]
    #[arg(long, value_name = "POLICY")]
    pub repeats: Option<Repeats>,
    /// Derive columns from the times of the ratings, which a model may read: hour_of_day, day_of_week and day
    #[arg(long, value_name = "BOOL")]
    pub time_columns: Option<bool>,
    /// How raw ids become row numbers: first_sight (in order of appearance), sorted, or raw (the id is the number)
    #[arg(long, value_name = "ORDER")]
    pub ids: Option<String>,
    /// fraction:0.8, mask:0.8, by-user:0.8, by-user-shuffled:0.8, time:0.8, leave-last-out:1, fold:1/5 or
    /// given:TRAIN,VALID; by-user-hashed:0.8 and leave-last-out-hashed:1 split alike in every program; fraction:0.8/0.1/0.1
    /// adds a test part, none trains on everything
    #[arg(long, value_name = "SPLIT")]
    pub split: Option<String>,
    /// Subtract the mean of the training part
    #[arg(long, value_name = "BOOL")]
    pub centre: Option<bool>,
    /// The kind of training examples: ratings, whole-users or whole-items (all ratings of one at a time), profiles (all
    /// items of a user among the catalogue), positives (every rated pair, with sampled negatives) or next-item (histories,
    /// predicting the next item at every position)
    #[arg(long, value_name = "KIND")]
    pub examples: Option<String>,
    /// The share of each user's items that is hidden from the model in training on profiles
    #[arg(long, value_name = "SHARE")]
    pub hidden: Option<f64>,
    /// The negatives of positives: uniform:N, popular:N or popular^EXPONENT:N per positive, shared-uniform:N or
    /// shared-popular:N per batch, in-batch, or catalogue [default: uniform:1]
    #[arg(long, value_name = "NEGATIVES")]
    pub negatives: Option<String>,
    /// mse, mae, huber[:DELTA] or logistic; with negatives also bpr, hinge or softmax
    #[arg(long, value_name = "LOSS")]
    pub loss: Option<String>,
    /// adam, adamw[:DECAY], sgd[:MOMENTUM], adagrad or rowwise_adagrad (one number of state per row of a table, for tables
    /// near the size of memory), with Keras's defaults; further settings by name: adam:beta_1=0.8,epsilon=1e-8. AdamW keeps weights small at no extra cost, whereas l2 on tables much larger than
    /// a batch is slow in exact mode
    #[arg(long, value_name = "RULE")]
    pub rule: Option<String>,
    /// Which rows a step updates: exact (all that Keras would update) or touched (only those of the batch: fastest, but
    /// a different algorithm)
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
    /// Train for N epochs
    #[arg(long, value_name = "N")]
    pub epochs: Option<usize>,
    /// Learning rate, in all epochs
    #[arg(long, value_name = "RATE")]
    pub learning_rate: Option<f64>,
    /// A custom schedule: train N epochs at this learning rate, then go on to the next --phase
    #[arg(long, value_name = "EPOCHS@RATE", conflicts_with_all = ["epochs", "learning_rate"])]
    pub phase: Vec<String>,
    /// Ratings per step
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// End with an average of the weights at the ends of epochs: swa:EPOCH (the mean from that epoch on) or ema:DECAY
    #[arg(long, value_name = "AVERAGE")]
    pub average: Option<String>,
    /// Stop after N epochs without a better validation loss (or --watch measure), and restore the best weights
    #[arg(long, value_name = "N")]
    pub patience: Option<usize>,
    /// The measure for --patience: loss, rmse or mae, or for the users' lists ndcg@K, recall@K, hit@K or mrr@K
    /// [default: loss, or ndcg@10 for positives]
    #[arg(long, value_name = "MEASURE")]
    pub watch: Option<String>,
    /// Seed of the split, the initial weights and the order of the ratings [default: 42; with `train --from`, that of the
    /// saved model]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

impl ExperimentFlags {
    /// The preset, overridden by the flags.
    pub fn experiment(&self, opening: &Opening) -> Result<Experiment> {
        let model = self.model.as_deref().unwrap_or("biased_mf");
        let preset = self.preset.as_deref().unwrap_or("default");
        self.on_top_of(Experiment::preset(model, preset)?, opening)
    }

    /// The settings of a saved model, overridden by the flags.
    pub fn experiment_from(&self, saved: Experiment, opening: &Opening) -> Result<Experiment> {
        if let Some(model) = self.model.as_ref().filter(|model| **model != saved.model) {
            return Err(wrong(format!(
                "--from: the saved model is a {}, and a {model} cannot start from it: omit --model",
                saved.model
            )));
        }
        if let Some(preset) = &self.preset {
            return Err(wrong(format!(
                "--preset {preset} cannot be combined with --from, which uses the saved model's settings: change individual ones with their flags"
            )));
        }
        self.on_top_of(saved, opening)
    }

    /// The flags that were given but say nothing about a model that is fitted as a whole.
    pub fn of_steps(&self) -> Vec<&'static str> {
        let given = [
            ("--centre", self.centre.is_some()),
            ("--examples", self.examples.is_some()),
            ("--hidden", self.hidden.is_some()),
            ("--negatives", self.negatives.is_some()),
            ("--loss", self.loss.is_some()),
            ("--rule", self.rule.is_some()),
            ("--mode", self.mode.is_some()),
            ("--epochs", self.epochs.is_some()),
            ("--learning-rate", self.learning_rate.is_some()),
            ("--phase", !self.phase.is_empty()),
            ("--batch", self.batch.is_some()),
            ("--patience", self.patience.is_some()),
            ("--average", self.average.is_some()),
        ];
        let given = given.into_iter().filter(|(_, given)| *given);
        given.map(|(name, _)| name).collect()
    }

    fn on_top_of(&self, mut experiment: Experiment, opening: &Opening) -> Result<Experiment> {
        experiment.seed = self.seed.unwrap_or(experiment.seed);
        set_options(&experiment.model, &mut experiment.options, &self.option)?;
        let training = &mut experiment.training;
        let put = |to: &mut String, from: &Option<String>| {
            if let Some(word) = from {
                to.clone_from(word);
            }
        };
        put(&mut training.data, &self.data);
        put(&mut training.ids, &self.ids);
        put(&mut training.split, &self.split);
        let filter = self.filter.as_deref().or(training.filter.as_deref());
        // A saved model's filter may begin with a policy for repeats, which a new one replaces.
        let filter = match (filter, self.repeats) {
            (Some(filter), Some(_)) if self.filter.is_none() => without_repeats(filter),
            (filter, _) => filter,
        };
        training.filter = with_repeats(self.repeats, filter);
        let given_files = training.split.starts_with("given:");
        if given_files && self.data.is_some() {
            return Err(wrong(
                "--split given:TRAIN,VALID names the files itself: omit --data",
            ));
        }
        if !given_files || opening.data_dir.is_some() {
            let data = match given_files {
                true => &training.split,
                false => &training.data,
            };
            opening.check(Some(data))?;
        }
        // Without a flag the setting stays: unset for a preset, as it was trained for a saved model.
        let text = |path: &Path| path.to_string_lossy().into_owned();
        if opening.columns.is_some() {
            training.columns.clone_from(&opening.columns);
        }
        if opening.bad_lines != BadLines::Stop {
            training.bad_lines = Some(opening.bad_lines.to_string());
        }
        if let Some(folder) = &opening.data_dir {
            training.data_dir = Some(text(folder));
        }
        if let Some(items) = &opening.items {
            training.items = Some(text(items));
        }
        for (given, kept) in [
            (&opening.user_features, &mut training.user_features),
            (&opening.item_features, &mut training.item_features),
        ] {
            if given.is_some() {
                kept.clone_from(given);
            }
        }
        training.centre = self.centre.unwrap_or(training.centre);
        training.time_columns = self.time_columns.unwrap_or(training.time_columns);
        training.batch = self.batch.unwrap_or(training.batch);
        training.patience = self.patience.or(training.patience);
        if let Some(word) = &self.examples {
            training.examples = parsed(word)?;
            if !training.examples.have_negatives() {
                training.negatives = None; // those of the preset
            }
        }
        training.hidden = self.hidden.unwrap_or(training.hidden);
        if let Some(word) = &self.negatives {
            training.negatives = Some(word.clone());
        }
        if let Some(word) = &self.watch {
            training.watch = Some(parsed(word)?);
        }
        if let Some(word) = &self.average {
            training.average = Some(parsed(word)?);
        }
        if let Some(word) = &self.loss {
            training.loss = parsed(word)?;
        }
        if let Some(word) = &self.rule {
            training.rule = parsed(word)?;
        }
        if let Some(word) = &self.mode {
            training.mode = parsed(word)?;
        }
        if let Some(rate) = self.learning_rate {
            for phase in &mut training.phases {
                phase.learning_rate = rate;
            }
        }
        if let Some(epochs) = self.epochs {
            experiment.set_epochs(epochs);
        }
        if !self.phase.is_empty() {
            let phases = self.phase.iter().map(|word| phase(word));
            experiment.training.phases = phases.collect::<Result<_>>()?;
        }
        Ok(experiment)
    }
}

/// Sets options of a model; an unknown name is refused here, with a list of those that exist.
pub fn set_options(model: &str, options: &mut Value, pairs: &[String]) -> Result<()> {
    let known = options_of(model)?;
    set_known(model, &known, options, pairs)
}

/// As [`set_options`], for something with these options.
pub fn set_known(model: &str, known: &Value, options: &mut Value, pairs: &[String]) -> Result<()> {
    let mut names = HashSet::new();
    for pair in pairs {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| wrong(format!("--option takes NAME=VALUE, not `{pair}`")))?;
        if !names.insert(name) {
            return Err(wrong(format!("--option {name} was given twice")));
        }
        if known.get(name).is_none() {
            let names = known.as_object().map(|known| {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                names.join(", ")
            });
            return Err(wrong(format!(
                "{model} has no option `{name}`; it has {}",
                names.unwrap_or_default()
            )));
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        options[name] = value;
    }
    Ok(())
}

fn phase(word: &str) -> Result<Phase> {
    let parts = word.split_once('@');
    let phase = parts.and_then(|(epochs, rate)| {
        let (epochs, learning_rate) = (epochs.trim().parse().ok()?, rate.trim().parse().ok()?);
        let sound = epochs > 0 && f64::is_finite(learning_rate) && learning_rate > 0.0;
        sound.then_some(Phase {
            epochs,
            learning_rate,
        })
    });
    phase.ok_or_else(|| {
        wrong(format!(
            "--phase takes EPOCHS@RATE such as 5@0.01, both above 0, not `{word}`"
        ))
    })
}

fn parsed<T: FromStr<Err = WordError>>(word: &str) -> Result<T> {
    word.parse()
        .map_err(|error: WordError| wrong(error.to_string()))
}
