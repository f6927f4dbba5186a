//! Experiments on several processes.

use super::{Experiment, ExperimentError, Prepared};
use crate::data::{
    Centre, DataError, Dataset, FilePart, IdMap, IdOrder, ItemIx, Part, Ratings, Schema, UserIx,
    shown, thousands,
};
use crate::graph::{Graph, L2On, Op};
use crate::models::find;
use crate::nn::{Model, Network};
use crate::recipe::ExampleKind;
use crate::spread::{HomeRatings, Parts, Ranks, bring_home, packed, to_first, unpacked};
use crate::train::{Spread, SpreadJudge, Stop, Trainer};
use burn::tensor::Device;
use serde_json::{Map, Value, json};
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    /// The rows of the tables here, and the scale.
    schema: Schema,
    /// The users and items of all processes.
    counts: [usize; 2],
    name: String,
    users: IdMap<UserIx>,
    items: IdMap<ItemIx>,
}

impl Experiment {
    /// Refuses settings that need all data in one place, and returns how the ratings are split.
    ///
    /// # Errors
    /// [`ExperimentError::NotSpread`], which names the setting.
    pub fn check_spread(&self) -> Result<Parts, ExperimentError> {
        let training = &self.training;
        let not = |what: &str| {
            Err(ExperimentError::NotSpread {
                what: what.to_string(),
            })
        };
        if self.method()?.is_some() {
            return not("models that are fitted as a whole run on one process");
        }
        if training.examples != ExampleKind::Ratings {
            return not(
                "the examples are ratings; positives, histories and profiles train on one process",
            );
        }
        if training.filter.is_some() || training.add.is_some() {
            return not("ratings are neither filtered nor added: prepare the files beforehand");
        }
        if training.user_features.is_some() || training.item_features.is_some() {
            return not("features of users and items are not read");
        }
        if training.time_columns {
            return not("columns of time are not read");
        }
        if training.average.is_some() {
            return not("averages of weights are not computed");
        }
        if training.ranks_at().is_some() {
            return not("validation is by loss and errors, not by lists");
        }
        let parts = Parts::of(&self.split()?).map_err(|error| ExperimentError::NotSpread {
            what: error.to_string(),
        })?;
        if training.patience.is_some() && parts == Parts::All {
            return Err(ExperimentError::PatienceWithoutRows);
        }
        Ok(parts)
    }

    /// Reads this process's part of the data.
    ///
    /// # Errors
    /// As [`OpenOptions::open_part`](crate::data::OpenOptions::open_part).
    pub fn read_part(
        &self,
        ranks: &dyn Ranks,
        data_dir: Option<&Path>,
    ) -> Result<FilePart, ExperimentError> {
        let how = self.how(data_dir)?;
        Ok(how.open_part(&self.training.data, ranks.rank(), ranks.size())?)
    }

    /// Sends the ratings to the homes of their users. All processes call it; once `stop` is set in any of them, training ends
    /// in all of them after the same step.
    ///
    /// # Errors
    /// As [`Experiment::check_spread`] and [`bring_home`].
    pub fn prepare_spread(
        &self,
        part: FilePart,
        ranks: Rc<dyn Ranks>,
        stop: Arc<AtomicBool>,
    ) -> Result<SpreadPrepared, ExperimentError> {
        let parts = self.check_spread()?;
        let FilePart {
            name,
            users,
            items,
            ratings,
            ..
        } = part;
        let home = bring_home(&*ranks, &users, &items, &ratings, parts, self.seed)?;
        drop((users, items, ratings));
        let centre = match self.training.centre {
            true => Centre {
                mean: home.mean as f32,
            },
            false => Centre::none(),
        };
        let (mut train, mut valid) = (home.train, home.valid);
        train.centre(centre.mean);
        valid.centre(centre.mean);
        let counts = [home.all_users as usize, home.items.rows()];
        let (users, items) = (home.users.clone(), home.items.clone());
        let spread = Spread::new(ranks, home.users, home.items, counts[0], stop);
        let (min, max) = home.scale;
        let scale = (min - centre.mean, max - centre.mean);
        let [own_users, own_items] = spread.rows();
        Ok(SpreadPrepared {
            schema: Schema::of_pairs(own_users, own_items, scale),
            spread: Rc::new(spread),
            train,
            valid,
            centre,
            counts,
            name,
            users,
            items,
        })
    }

    /// The model of this process: tables with the rows that live here.
    ///
    /// # Errors
    /// For models that do not train on several processes, and as [`Experiment::network`].
    pub fn spread_network(
        &self,
        prepared: &SpreadPrepared,
        device: &Device,
    ) -> Result<Network, ExperimentError> {
        let graph = find(&self.model)?.graph(&self.options, &prepared.schema)?;
        check_graph(&graph)?;
        let model = Network::try_new(graph, self.seed, device)?;
        Ok(prepared.spread.start(&model, self.seed)?)
    }

    /// A trainer with the experiment's hyper-parameters, for these data.
    pub fn spread_trainer(&self, prepared: &SpreadPrepared) -> Trainer {
        let mut all = self.settings();
        // Which ids there are; the rows are compared by the trainer.
        let hash = format!("{:016x}", prepared.items.fingerprint().hash);
        let mut counts = Map::new();
        counts.insert("the number of users".to_string(), json!(prepared.counts[0]));
        counts.insert("the number of items".to_string(), json!(prepared.counts[1]));
        counts.insert("the hash of the ids of items".to_string(), json!(hash));
        all.insert("rows".to_string(), Value::Object(counts));
        let trainer = self.trainer().provenance(Value::Object(all));
        trainer.over(prepared.spread.clone())
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
        let judge = prepared.judge();
        let judge = judge.as_ref().map(|judge| judge as _);
        self.fit_phases(trainer, model, &prepared.train, judge)
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
        let judge = prepared.judge();
        let judge = judge.as_ref().map(|judge| judge as _);
        trainer.check_data::<M>(&prepared.train, judge)?;
        self.check_rates(trainer)
    }

    /// Collects data and model on the first process, as an experiment on one process has them; `None` on the others. All
    /// processes call it.
    ///
    /// # Errors
    /// If they do not fit there.
    pub fn collect(
        &self,
        prepared: &SpreadPrepared,
        model: &Network,
        device: &Device,
    ) -> Result<Option<(Prepared, Network)>, ExperimentError> {
        let data = prepared.collect()?;
        let graph = match &data {
            Some(data) => Some(find(&self.model)?.graph(&self.options, &data.schema)?),
            None => None,
        };
        let whole = graph.map(|graph| Network::try_new(graph, self.seed, device));
        let users = data.as_ref().map(|data| &data.dataset.users);
        let whole = prepared.spread.collect(model, whole.transpose()?, users)?;
        Ok(data.zip(whole))
    }
}

/// Refuses a graph whose steps depend on how a batch is distributed.
fn check_graph(graph: &Graph) -> Result<(), ExperimentError> {
    let not = |what: String| Err(ExperimentError::NotSpread { what });
    for node in graph.nodes() {
        match &node.op {
            Op::Dropout { rate } if *rate > 0.0 => {
                return not("dropout draws its masks for whole batches: set it to 0".to_string());
            }
            Op::BatchNorm { .. } => {
                return not("batch normalisation needs whole batches: leave it out".to_string());
            }
            Op::Input { .. } if !["user", "item"].contains(&node.name.as_str()) => {
                return not(format!(
                    "`{}` reads `{}`; there are models of users and items alone",
                    graph.name(),
                    node.name
                ));
            }
            _ => {}
        }
    }
    for table in graph.tables() {
        if table.options.l2 > 0.0 && table.options.l2_on == L2On::Batch {
            return not(
                "a penalty on the rows of each batch is not summed: set l2_on to table".to_string(),
            );
        }
    }
    Ok(())
}

impl SpreadPrepared {
    fn judge(&self) -> Option<SpreadJudge<'_>> {
        let held_out = self.valid.count() > 0;
        held_out.then(|| SpreadJudge::new(self.spread.clone(), &self.valid))
    }

    /// Data and parts on the first process.
    fn collect(&self) -> Result<Option<Prepared>, ExperimentError> {
        let ranks = self.spread.ranks();
        let own: Vec<String> = self.users.iter().map(|(_, id)| id.into_owned()).collect();
        let arrived = to_first(ranks, &packed(own.iter().map(String::as_str)));
        let ids: Vec<&str> = arrived.iter().flat_map(|bytes| unpacked(bytes)).collect();
        let mut whole = [Ratings::default(), Ratings::default()];
        for (part, whole) in [&self.train, &self.valid].into_iter().zip(&mut whole) {
            let ratings = part.ratings();
            let numbers: Vec<u32> = ratings.users.iter().map(|user| user.0).collect();
            let items: Vec<u32> = ratings.items.iter().map(|item| item.0).collect();
            let users_of = to_first(ranks, &numbers);
            let items_of = to_first(ranks, &items);
            let ratings_of = to_first(ranks, &ratings.ratings);
            let counts = to_first(ranks, &[own.len() as u64]);
            let mut before = 0;
            for (rank, users) in users_of.iter().enumerate() {
                let users = users.iter().map(|user| UserIx(before + user));
                whole.users.extend(users);
                before += counts[rank].first().map_or(0, |&count| count as u32);
            }
            whole.items = items_of.concat().into_iter().map(ItemIx).collect();
            let stars = ratings_of.concat().into_iter();
            whole.ratings = stars.map(|rating| self.centre.restore(rating)).collect();
        }
        if ranks.rank() > 0 {
            return Ok(None);
        }
        // The order of ids is that of one process, whatever the number of processes.
        let users: IdMap<UserIx> = IdMap::new(ids.iter().copied(), IdOrder::Sorted)?;
        let number = |id: &&str| users.index(id).ok_or(DataError::NoRatings);
        let numbers: Vec<UserIx> = ids.iter().map(number).collect::<Result<_, _>>()?;
        let [train, valid] = whole;
        let held_out = valid.len();
        let mut ratings = train.joined(&valid);
        for user in &mut ratings.users {
            *user = numbers[user.index()];
        }
        let parts = |count, part| std::iter::repeat_n(part, count);
        let trained = parts(ratings.len() - held_out, Part::Train);
        let parts = trained.chain(parts(held_out, Part::Valid)).collect();
        let dataset = Dataset::new(self.name.clone(), users, self.items.clone(), ratings)?;
        let centre = self.centre;
        Ok(Some(Prepared::of_parts(dataset, parts, |_| centre)))
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
