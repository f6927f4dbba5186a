//! Checkpoints of several processes: the rows of each by their raw ids, so that any other number of processes can
//! continue.

use crate::checkpoint::PROGRESS;
use crate::error::TrainError;
use crate::history::save;
use crate::optimizer::Optimizer;
use crate::spread::{Of, Spread};
use crate::trainer::Trainer;
use recburn_nn::{Model, Numbers, Weights, save_numbers};
use recburn_optim::RowTable;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) const WEIGHTS: &str = "weights";
pub(crate) const OPTIMIZER: &str = "optimizer";
/// The weights of training, if those of the model are their averages.
pub(crate) const TRAINING: &str = "training";

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

/// The ids of the rows of one process, as they are written.
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

pub(crate) fn part(set: &str, rank: usize, size: usize, ending: &str) -> String {
    format!("{set}.{}-of-{size}.{ending}", rank + 1)
}

pub(crate) fn unreadable(path: &Path, reason: impl ToString) -> TrainError {
    TrainError::Checkpoint {
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}

pub(crate) fn digest(path: PathBuf) -> Result<String, TrainError> {
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
pub(crate) fn sides<M: Model>(
    spread: &Spread,
    model: &M,
) -> Result<BTreeMap<String, Of>, TrainError> {
    let tables = spread.tables(model)?.into_iter();
    Ok(tables.map(|(info, of)| (info.name, of)).collect())
}

/// What indexes a number that belongs to a table: its weight, or a state of it.
pub(crate) fn side_of(sides: &BTreeMap<String, Of>, name: &str) -> Option<Of> {
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
}
