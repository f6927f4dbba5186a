//! Experiments on several processes.

mod check;
mod collect;
mod examples;
mod gather;
mod home;
mod parts;

pub use home::SpreadHome;

use super::{Experiment, ExperimentError};
use crate::data::{Centre, Features, Input, Item, Ratings, shown, thousands};
use crate::models::find;
use crate::nn::{Model, Network};
use crate::spread::HomeRatings;
use crate::train::{Spread, Stop, Trainer};
use burn::tensor::Device;
use serde_json::{Map, Value, json};
use std::fmt;
use std::path::Path;
use std::rc::Rc;

/// The data of one of several processes, ready to train on.
pub struct SpreadPrepared {
    /// The processes, and the ids that live here.
    pub spread: Rc<Spread>,
    /// The training part of the users at home here, centred if configured.
    pub train: HomeRatings,
    /// The validation part, likewise.
    pub valid: HomeRatings,
    /// The mean of the training part of all processes, or 0.
    pub centre: Centre,
    /// The features of the users at home here, and of all items.
    features: Features,
    /// The titles and genres of all items; empty if no file has been named.
    titles: Vec<Option<Item>>,
    /// What a filter has left out, of users at home here and items that are still there.
    left_out: Ratings,
    /// The lowest and the highest rating, centred.
    scale: (f32, f32),
    /// The users and items of all processes.
    counts: [usize; 2],
    name: String,
}

impl Experiment {
    /// The model of this process: tables with the rows that live here.
    ///
    /// # Errors
    /// For models that do not train on several processes, and as [`Experiment::network`].
    pub fn spread_network(
        &self,
        prepared: &SpreadPrepared,
        device: &Device,
    ) -> Result<Network, ExperimentError> {
        let schema = prepared.spread.schema(prepared.scale);
        let graph = find(&self.model)?.graph(&self.options, &schema)?;
        let model = Network::try_new(graph, self.seed, device)?;
        Ok(prepared.spread.start(&model, self.seed)?)
    }

    /// Whether a model of the users of one process, and of everything else, can be made of this one: not if it reads all users
    /// of an item.
    pub fn has_parts<M: Model>(&self, model: &M) -> bool {
        let reads = |input: &Input| input.name == Input::RATERS;
        !model.inputs().iter().any(reads)
    }

    /// A trainer with the experiment's hyper-parameters, for these data.
    pub fn spread_trainer(&self, prepared: &SpreadPrepared) -> Trainer {
        let provenance = self.provenance_of_parts(prepared);
        let trainer = self.trainer().provenance(provenance);
        trainer.over(prepared.spread.clone())
    }

    /// All settings that identify the training, by name, with what identifies the ids.
    fn provenance_of_parts(&self, prepared: &SpreadPrepared) -> Value {
        let mut all = self.settings();
        // Which ids there are; the rows are compared by the trainer.
        let hash = format!("{:016x}", prepared.spread.items().fingerprint().hash);
        let mut counts = Map::new();
        counts.insert("the number of users".to_string(), json!(prepared.counts[0]));
        counts.insert("the number of items".to_string(), json!(prepared.counts[1]));
        counts.insert("the hash of the ids of items".to_string(), json!(hash));
        all.insert("rows".to_string(), Value::Object(counts));
        Value::Object(all)
    }

    /// As [`Experiment::fit`], together with the other processes.
    ///
    /// # Errors
    /// As there.
    pub fn fit_spread<M: Model>(
        &self,
        trainer: &mut Trainer,
        model: &mut M,
        prepared: &SpreadPrepared,
    ) -> Result<Option<Stop>, ExperimentError> {
        let features = prepared.features(&model.inputs())?;
        let train = self.spread_examples(prepared, &features)?;
        let judge = self.spread_judge(prepared, &features);
        self.fit_phases(trainer, model, &train, judge.as_deref())
    }

    /// As [`Experiment::resume`], from a checkpoint of any number of processes.
    ///
    /// # Errors
    /// As there.
    pub fn resume_spread<M: Model>(
        &self,
        trainer: &mut Trainer,
        folder: &Path,
        model: &mut M,
        prepared: &SpreadPrepared,
    ) -> Result<(), ExperimentError> {
        trainer.resume(folder, model)?;
        let features = prepared.features(&model.inputs())?;
        let train = self.spread_examples(prepared, &features)?;
        let judge = self.spread_judge::<M>(prepared, &features);
        trainer.check_data(&train, judge.as_deref())?;
        self.check_rates(trainer)
    }
}

/// The sizes of the data and of its parts.
impl fmt::Display for SpreadPrepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [train, valid] = [&self.train, &self.valid].map(|part| part.count() as usize);
        let [users, items] = self.counts.map(thousands);
        writeln!(
            f,
            "{}: {} ratings by {users} users of {items} items on {} processes",
            shown(&self.name),
            thousands(train + valid),
            self.spread.ranks().size(),
        )?;
        match valid {
            0 => writeln!(f, "{} ratings train, none are held out", thousands(train)),
            _ => writeln!(
                f,
                "{} ratings train, {} validate",
                thousands(train),
                thousands(valid)
            ),
        }
    }
}
