//! Checkpoints of several processes: the rows of each by their raw ids, so that any other number of processes can
//! continue.

use crate::average::{Aside, Average};
use crate::callback::CallbackState;
use crate::checkpoint::{PROGRESS, Saved, callback_weights};
use crate::error::TrainError;
use crate::history::save;
use crate::optimizer::Optimizer;
use crate::spread::{Of, Spread};
use crate::spread_rows::Kept;
use crate::trainer::Trainer;
use recburn_nn::{Model, Numbers, Weight, Weights, save_numbers};
use recburn_optim::RowTable;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const WEIGHTS: &str = "weights";
const OPTIMIZER: &str = "optimizer";
/// The weights of training, if those of the model are their averages.
const TRAINING: &str = "training";

/// The files of a checkpoint, as its manifest lists them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedParts {
    /// The number of processes that wrote it.
    pub processes: usize,
    /// The SHA-256 of each file.
    pub digests: BTreeMap<String, String>,
}

/// The number of processes whose parts are in a checkpoint; `None` if one process wrote it, or it cannot be read.
pub fn parts_in(checkpoint: &Path) -> Option<usize> {
    #[derive(Deserialize)]
    struct Manifest {
        parts: SavedParts,
    }
    let manifest = fs::read(checkpoint.join(PROGRESS)).ok()?;
    let Manifest { parts } = serde_json::from_slice(&manifest).ok()?;
    Some(parts.processes)
}

/// The ids of the rows of one process.
#[derive(Deserialize)]
struct SavedIds {
    users: Vec<String>,
    items: Vec<String>,
}

/// The same, as they are written.
#[derive(Serialize)]
struct Ids<'a> {
    users: Each<'a>,
    items: Each<'a>,
}

struct Each<'a>(&'a Spread, Of);

impl Serialize for Each<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.each_id(self.1))
    }
}

/// A part of the first rows of a table, read in place.
fn rows_of(table: &RowTable, part: usize, rows: usize) -> Numbers<'_> {
    let width = table.part_of_row(part, 0).len();
    Numbers {
        shape: vec![rows, width],
        slices: Box::new(move |row| (row < rows).then(|| table.part_of_row(part, row))),
    }
}

fn part(set: &str, rank: usize, size: usize, ending: &str) -> String {
    format!("{set}.{}-of-{size}.{ending}", rank + 1)
}

fn unreadable(path: &Path, reason: impl ToString) -> TrainError {
    TrainError::Checkpoint {
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}

fn read(path: PathBuf) -> Result<Vec<u8>, TrainError> {
    fs::read(&path).map_err(|source| TrainError::Read { path, source })
}

fn digest(path: PathBuf) -> Result<String, TrainError> {
    let failed = |source| TrainError::Read {
        path: path.clone(),
        source,
    };
    let mut file = fs::File::open(&path).map_err(failed)?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut hash).map_err(failed)?;
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What indexes each table, by the name of its weight.
fn sides<M: Model>(spread: &Spread, model: &M) -> Result<BTreeMap<String, Of>, TrainError> {
    let tables = spread.tables(model)?.into_iter();
    Ok(tables.map(|(info, of)| (info.name, of)).collect())
}

/// What indexes a number that belongs to a table: its weight, or a state of it.
fn side_of(sides: &BTreeMap<String, Of>, name: &str) -> Option<Of> {
    let of_state = || sides.get(name.rsplit_once('.')?.0);
    sides.get(name).or_else(of_state).copied()
}

impl Trainer {
    /// Writes a checkpoint, in which every process has files of its own. The first process writes the manifest last and
    /// gives the folder its name, so that there is a whole checkpoint or none.
    pub(crate) fn save_parts<M: Model>(
        &self,
        spread: &Spread,
        folder: &Path,
        model: &M,
    ) -> Result<(), TrainError> {
        let ranks = spread.ranks();
        let sides = sides(spread, model)?;
        let optimizer = self.optimizer.as_ref();
        let held = optimizer.filter(|own| own.holds_rows());
        let elsewhere = held.map_or_else(Vec::new, |own| own.store.borrow().ids());
        let mut sets = vec![
            (WEIGHTS.to_string(), Weights::except(model, elsewhere)),
            (
                OPTIMIZER.to_string(),
                optimizer.map_or_else(Weights::default, Optimizer::dense_state),
            ),
        ];
        let plain = self.average.plain_of(model);
        sets.extend(plain.map(|plain| (TRAINING.to_string(), plain.clone())));
        let averaged = plain.map_or(0, |_| self.average.epochs);
        let mut callbacks = BTreeMap::new();
        for callback in &self.callbacks {
            if let Some(state) = callback.state() {
                callbacks.insert(callback.name().to_string(), state.values);
                sets.extend(state.weights.map(|it| (callback.name().to_string(), it)));
            }
        }
        for (_, Weights(numbers)) in &mut sets {
            // Everything else is the same on all processes.
            numbers.retain(|name, _| ranks.rank() == 0 || side_of(&sides, name).is_some());
            for (name, weight) in numbers.iter_mut() {
                if let Some(of) = side_of(&sides, name) {
                    let rows = spread.own(of);
                    weight.values.truncate(rows * weight.shape[1]);
                    weight.shape[0] = rows;
                }
            }
            numbers.retain(|_, weight| !weight.values.is_empty());
        }
        let store = optimizer.map(|own| own.store.borrow());
        // A part of each table that is read where it is trained: its weights, or a state.
        let in_place = |part: usize, ending: &str| -> BTreeMap<String, Numbers<'_>> {
            let mut numbers = BTreeMap::new();
            for (name, rows) in store.iter().flat_map(|store| store.own_tables()) {
                let count = sides.get(name).map_or(0, |of| spread.own(*of));
                if count > 0 {
                    numbers.insert(format!("{name}{ending}"), rows_of(rows, part, count));
                }
            }
            numbers
        };
        let write = |folder: &Path| -> Result<BTreeMap<String, String>, TrainError> {
            let (rank, size) = (ranks.rank(), ranks.size());
            let mut digests = BTreeMap::new();
            for (set, numbers) in &sets {
                let name = part(set, rank, size, "safetensors");
                let all = numbers.0.iter();
                let mut all: BTreeMap<String, Numbers<'_>> = all
                    .map(|(name, weight)| (name.clone(), Numbers::of(weight)))
                    .collect();
                if set == WEIGHTS && held.is_some() {
                    all.extend(in_place(0, ""));
                }
                if let Some(own) = optimizer.filter(|_| set == OPTIMIZER) {
                    for (state, name) in (1..).zip(own.rule().state_names()) {
                        all.extend(in_place(state, &format!(".{name}")));
                    }
                }
                save_numbers(&folder.join(&name), &all)?;
                digests.insert(name.clone(), digest(folder.join(&name))?);
            }
            let ids = Ids {
                users: Each(spread, Of::Users),
                items: Each(spread, Of::Items),
            };
            let name = part("ids", rank, size, "json");
            let json = serde_json::to_vec(&ids).expect("ids are text");
            save(&folder.join(&name), &json)?;
            digests.insert(name.clone(), digest(folder.join(&name))?);
            Ok(digests)
        };
        if ranks.rank() > 0 {
            let temporary = ranks.gather(&[]).swap_remove(0);
            let temporary = PathBuf::from(String::from_utf8_lossy(&temporary).into_owned());
            let digests = write(&temporary)?;
            ranks.gather(&serde_json::to_vec(&digests).expect("names and digests are text"));
            ranks.barrier();
            return Ok(());
        }
        recburn_files::write_folder(folder, |temporary| {
            let absolute = fs::canonicalize(temporary)?;
            ranks.gather(absolute.to_string_lossy().as_bytes());
            let own = write(temporary)?;
            let own = serde_json::to_vec(&own).expect("names and digests are text");
            let mut parts = SavedParts {
                processes: ranks.size(),
                digests: BTreeMap::new(),
            };
            for digests in ranks.gather(&own) {
                let digests: BTreeMap<String, String> = serde_json::from_slice(&digests)
                    .map_err(|error| unreadable(temporary, error))?;
                parts.digests.extend(digests);
            }
            let mut saved = self.saved(callbacks);
            (saved.parts, saved.averaged) = (Some(parts), averaged);
            let json =
                serde_json::to_vec_pretty(&saved).expect("a checkpoint can be written as JSON");
            save(&temporary.join(PROGRESS), &json)
        })?;
        ranks.barrier();
        Ok(())
    }

    /// Continues from such a checkpoint, of any number of processes.
    pub(crate) fn resume_parts<M: Model>(
        &mut self,
        spread: &Spread,
        folder: &Path,
        saved: Saved,
        model: &mut M,
    ) -> Result<(), TrainError> {
        let Some(parts) = &saved.parts else {
            return Err(unreadable(
                &folder.join(PROGRESS),
                "it was written by a training outside MPI, which has no raw ids",
            ));
        };
        let sides = sides(spread, model)?;
        let mut sets: BTreeMap<String, Weights> = BTreeMap::new();
        let mut found = BTreeMap::new();
        let mut names = [WEIGHTS, OPTIMIZER, TRAINING].map(str::to_string).to_vec();
        names.extend(saved.callbacks.keys().cloned());
        for rank in 0..parts.processes {
            let check = |name: &String| -> Result<bool, TrainError> {
                let Some(wanted) = parts.digests.get(name) else {
                    return Ok(false);
                };
                match digest(folder.join(name))? == *wanted {
                    true => Ok(true),
                    false => Err(unreadable(&folder.join(name), "its digest differs")),
                }
            };
            let ids = part("ids", rank, parts.processes, "json");
            check(&ids)?;
            let ids: SavedIds = serde_json::from_slice(&read(folder.join(&ids))?)
                .map_err(|error| unreadable(&folder.join(&ids), error))?;
            let rows = |of| -> Vec<Option<usize>> {
                let row = |id: &str| spread.row(of, id);
                match of {
                    Of::Users => ids.users.iter().map(|id| row(id)).collect(),
                    Of::Items => ids.items.iter().map(|id| row(id)).collect(),
                    Of::Numbers(all) => {
                        let numbers = (rank..all).step_by(parts.processes);
                        numbers.map(|number| row(&number.to_string())).collect()
                    }
                }
            };
            let (users, items) = (rows(Of::Users), rows(Of::Items));
            for set in &names {
                let file = part(set, rank, parts.processes, "safetensors");
                if !check(&file)? {
                    continue;
                }
                let into = sets.entry(set.clone()).or_default();
                for (name, weight) in Weights::load(&folder.join(&file))?.0 {
                    let Some(of) = side_of(&sides, &name) else {
                        into.0.insert(name, weight);
                        continue;
                    };
                    let own = spread.rows(of);
                    let numbers;
                    let to = match of {
                        Of::Users => &users,
                        Of::Items => &items,
                        Of::Numbers(_) => {
                            numbers = rows(of);
                            &numbers
                        }
                    };
                    let width = weight.shape[1];
                    let whole = into.0.entry(name.clone()).or_insert_with(|| Weight {
                        shape: vec![own, width],
                        values: vec![0.0; own * width],
                    });
                    let count = found.entry((set.clone(), name)).or_insert(0);
                    for (row, values) in to.iter().zip(weight.values.chunks_exact(width)) {
                        if let Some(row) = row {
                            whole.values[row * width..][..width].copy_from_slice(values);
                            *count += 1;
                        }
                    }
                }
            }
        }
        for ((set, name), count) in found {
            let of = side_of(&sides, &name);
            let wanted = of.map_or(0, |of| spread.own(of));
            if count != wanted {
                let reason = format!("`{name}` of {set} has {count} of the {wanted} rows here");
                return Err(unreadable(&folder.join(PROGRESS), reason));
            }
        }
        let mut take = |set: &str| sets.remove(set).unwrap_or_default();
        let (weights, state, plain) = (take(WEIGHTS), take(OPTIMIZER), take(TRAINING));
        for callback in &mut self.callbacks {
            if let Some(values) = saved.callbacks.get(callback.name()) {
                let weights = sets.remove(callback.name());
                let values = values.clone();
                callback.restore(CallbackState { values, weights })?;
            }
        }
        let loaded = weights.load_into(model.clone())?;
        if let Some(reason) = self.optimizer().misfit(&state, &loaded) {
            return Err(unreadable(
                &folder.join(callback_weights(OPTIMIZER)),
                reason,
            ));
        }
        self.average = match (saved.averaged, plain.0.is_empty()) {
            (0, true) => Average::default(),
            (epochs, _) => {
                plain.load_into(loaded.valid())?;
                Average {
                    epochs,
                    penalty: saved.history.last().map_or(0.0, |epoch| epoch.penalty),
                    aside: Some(Aside::new(plain, &Weights::of(&loaded.valid()))),
                }
            }
        };
        spread.kept.replace(Kept::Model);
        *model = loaded;
        self.optimizer().restore(state, saved.steps);
        self.history = saved.history;
        self.learning_rate = saved.learning_rate;
        self.resumed = Some(saved.rows);
        self.within = saved.within;
        Ok(())
    }
}
