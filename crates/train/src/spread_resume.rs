//! Continuing from a checkpoint of several processes, on any number of them.
//!
//! The rows of the tables go from the files to where they are trained, a few at a time: there is no second copy of them. Only
//! if the weights of the model are averages, and training has others, are both sets read into memory.

use crate::average::{Aside, Average};
use crate::callback::CallbackState;
use crate::checkpoint::{PROGRESS, Saved, callback_weights};
use crate::error::TrainError;
use crate::spread::{Of, Spread};
use crate::spread_checkpoint::{
    OPTIMIZER, SavedParts, TRAINING, WEIGHTS, digest, part, side_of, sides, unreadable,
};
use crate::spread_rows::{Kept, with_forms};
use crate::store::Rows;
use crate::trainer::Trainer;
use recburn_nn::{Model, Weight, Weights, WeightsFile, tables};
use recburn_optim::RowTable;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Takes the numbers of a row, by their name, the row here and its width; false if there is no place for them.
type TakeRow<'a> = dyn FnMut(&str, [usize; 2], &[f32]) -> bool + 'a;

/// The ids of the rows of one process.
#[derive(Deserialize)]
struct SavedIds {
    users: Vec<String>,
    items: Vec<String>,
}

/// The files of a checkpoint.
struct Files<'a> {
    folder: &'a Path,
    parts: &'a SavedParts,
    spread: &'a Spread,
    /// What indexes each table, by the name of its weight.
    sides: BTreeMap<String, Of>,
    /// Of every process that wrote it, the rows here of its users and of its items.
    rows: Vec<[Vec<Option<u32>>; 2]>,
}

impl<'a> Files<'a> {
    fn open(
        folder: &'a Path,
        parts: &'a SavedParts,
        spread: &'a Spread,
        sides: BTreeMap<String, Of>,
    ) -> Result<Self, TrainError> {
        let mut files = Self {
            folder,
            parts,
            spread,
            sides,
            rows: Vec::new(),
        };
        for name in parts.digests.keys() {
            files.check(name)?;
        }
        for rank in 0..parts.processes {
            let path = files.path(&part("ids", rank, parts.processes, "json"));
            let read = |source| TrainError::Read {
                path: path.clone(),
                source,
            };
            let file = BufReader::new(File::open(&path).map_err(read)?);
            let ids: SavedIds =
                serde_json::from_reader(file).map_err(|error| unreadable(&path, error))?;
            let rows = |ids: &[String], of| -> Vec<Option<u32>> {
                let row = |id: &String| spread.row(of, id).map(|row| row as u32);
                ids.iter().map(row).collect()
            };
            files
                .rows
                .push([rows(&ids.users, Of::Users), rows(&ids.items, Of::Items)]);
        }
        Ok(files)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn check(&self, name: &str) -> Result<(), TrainError> {
        let path = self.path(name);
        match self.parts.digests.get(name) == Some(&digest(path.clone())?) {
            true => Ok(()),
            false => Err(unreadable(&path, "its digest differs")),
        }
    }

    /// The row here of a row that a process wrote.
    fn row(&self, rank: usize, of: Of, row: usize) -> Option<usize> {
        let [users, items] = &self.rows[rank];
        let known = |rows: &[Option<u32>]| Some(rows.get(row).copied().flatten()? as usize);
        match of {
            Of::Users => known(users),
            Of::Items => known(items),
            Of::Numbers(_) => {
                let number = rank + row * self.parts.processes;
                self.spread.row(of, &number.to_string())
            }
        }
    }

    /// Passes on the numbers of a set: of tables, or of their states, those of each row that lives here, by name, row and
    /// width; of everything else those of the whole, by name and shape.
    fn each(
        &self,
        set: &str,
        row_of: &mut TakeRow<'_>,
        dense: &mut BTreeMap<String, Weight>,
    ) -> Result<(), TrainError> {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for rank in 0..self.parts.processes {
            let name = part(set, rank, self.parts.processes, "safetensors");
            if !self.parts.digests.contains_key(&name) {
                continue;
            }
            let path = self.path(&name);
            let mut file = WeightsFile::open(&path)?;
            for name in file.names() {
                let Some(of) = side_of(&self.sides, &name) else {
                    dense.insert(name.clone(), file.read(&name)?);
                    continue;
                };
                let Some(&[_, width]) = file.shape(&name) else {
                    return Err(unreadable(&path, format!("`{name}` is no table")));
                };
                let width = width.max(1);
                let count = found.entry(name.clone()).or_default();
                let (mut at, mut fits) = (0, true);
                file.each(&name, width, |numbers| {
                    for numbers in numbers.chunks_exact(width) {
                        if let Some(row) = self.row(rank, of, at) {
                            fits &= row_of(&name, [row, width], numbers);
                            *count += 1;
                        }
                        at += 1;
                    }
                })?;
                if !fits {
                    return Err(unreadable(&path, format!("`{name}` is of another model")));
                }
            }
        }
        for (name, count) in found {
            let of = side_of(&self.sides, &name);
            let wanted = of.map_or(0, |of| self.spread.own(of));
            if count != wanted {
                let reason = format!("`{name}` of {set} has {count} of the {wanted} rows here");
                return Err(unreadable(&self.path(PROGRESS), reason));
            }
        }
        Ok(())
    }

    /// A set in memory.
    fn whole(&self, set: &str) -> Result<Weights, TrainError> {
        let mut weights: BTreeMap<String, Weight> = BTreeMap::new();
        let mut dense = BTreeMap::new();
        let mut add = |name: &str, [row, width]: [usize; 2], numbers: &[f32]| {
            let own = side_of(&self.sides, name).map_or(0, |of| self.spread.rows(of));
            if !weights.contains_key(name) {
                let shape = vec![own, width];
                let values = vec![0.0; own * width];
                weights.insert(name.to_string(), Weight { shape, values });
            }
            let place = weights.get_mut(name);
            let place = place.and_then(|it| it.values.get_mut(row * width..(row + 1) * width));
            place.map(|place| place.copy_from_slice(numbers)).is_some()
        };
        self.each(set, &mut add, &mut dense)?;
        weights.extend(dense);
        Ok(Weights(weights))
    }
}

impl Trainer {
    /// Continues from a checkpoint of any number of processes.
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
        let files = Files::open(folder, parts, spread, sides(spread, model)?)?;
        for callback in &mut self.callbacks {
            if let Some(values) = saved.callbacks.get(callback.name()) {
                let weights = files.whole(callback.name())?;
                let weights = (!weights.0.is_empty()).then_some(weights);
                let values = values.clone();
                callback.restore(CallbackState { values, weights })?;
            }
        }
        let plain = files.whole(TRAINING)?;
        match plain.0.is_empty() {
            true => {
                self.read_rows(&files, saved.steps, model)?;
                self.average = Average::default();
            }
            false => {
                let (weights, state) = (files.whole(WEIGHTS)?, files.whole(OPTIMIZER)?);
                let loaded = weights.load_into(model.clone())?;
                self.refuse_misfit(folder, &shapes(&state), &loaded)?;
                plain.load_into(loaded.valid())?;
                self.average = Average {
                    epochs: saved.averaged,
                    penalty: saved.history.last().map_or(0.0, |epoch| epoch.penalty),
                    aside: Some(Aside::new(plain, &Weights::of(&loaded.valid()))),
                };
                spread.kept.replace(Kept::Model);
                *model = loaded;
                self.optimizer().restore(state, saved.steps);
            }
        }
        self.history = saved.history;
        self.learning_rate = saved.learning_rate;
        self.resumed = Some(saved.rows);
        self.within = saved.within;
        Ok(())
    }

    /// Reads the rows of the tables and their states to where they are trained, and leaves the model with forms of its tables.
    fn read_rows<M: Model>(
        &mut self,
        files: &Files<'_>,
        steps: u64,
        model: &mut M,
    ) -> Result<(), TrainError> {
        let optimizer = self.optimizer();
        let names = optimizer.rule().state_names();
        let store = optimizer.store.clone();
        optimizer.restore(Weights::default(), steps);
        let infos = tables(model);
        let of_tables = infos.iter().map(|info| info.id).collect();
        let (mut dense, mut state) = (BTreeMap::new(), BTreeMap::new());
        // What the checkpoint has of each table.
        let mut seen: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut held = store.borrow_mut();
        held.adopt(infos, model.inputs(), &Rows::Filled(&|_, _| {}));
        if !held.held.is_empty() && !held.on_host() {
            return Err(TrainError::Spread {
                reason: "only graphs train there, on a CPU: other modules and GPUs do not"
                    .to_string(),
            });
        }
        let mut put = |name: &str, [row, width]: [usize; 2], numbers: &[f32]| {
            let (table, part) = match name.rsplit_once('.') {
                Some((table, state)) if files.sides.contains_key(table) => {
                    let part = names.iter().position(|known| *known == state);
                    (table, part.map(|part| part + 1))
                }
                _ => (name, Some(0)),
            };
            let table: Option<&mut RowTable> = held.own_rows_named(table);
            let (Some(table), Some(part)) = (table, part) else {
                return false;
            };
            if !seen.contains_key(name) {
                seen.insert(name.to_string(), vec![table.rows(), width]);
            }
            table.set_part_of_row(part, row, numbers)
        };
        files.each(WEIGHTS, &mut put, &mut dense)?;
        files.each(OPTIMIZER, &mut put, &mut state)?;
        let dense = Weights(dense);
        let mut missing = files.sides.iter();
        let missing = missing
            .find(|(name, of)| files.spread.own(**of) > 0 && !seen.contains_key(name.as_str()));
        if let Some((name, _)) = missing {
            let reason = format!("there is no `{name}` in it");
            return Err(unreadable(&files.path(PROGRESS), reason));
        }
        drop(held);
        let state = Weights(state);
        seen.extend(shapes(&state));
        // A process without rows of a table has none of its state either.
        for (name, of) in &files.sides {
            if files.spread.own(*of) == 0 {
                let store = store.borrow();
                let rule = store.steps.rule();
                let width = store
                    .rows_named(name)
                    .map_or(0, |table| rule.state_width(table.width()));
                let shape = vec![1, width];
                seen.extend(
                    names
                        .iter()
                        .map(|state| (format!("{name}.{state}"), shape.clone())),
                );
            }
        }
        seen.retain(|name, _| !files.sides.contains_key(name));
        let loaded = dense.load_all_but(with_forms(model.clone(), of_tables), &|name| {
            files.sides.contains_key(name)
        })?;
        self.refuse_misfit(files.folder, &seen, &loaded)?;
        files.spread.kept.replace(Kept::Held(store));
        *model = loaded;
        self.optimizer().waiting = state.0;
        Ok(())
    }

    /// Refuses the state of an optimizer that does not belong to a model.
    fn refuse_misfit<M: Model>(
        &mut self,
        folder: &Path,
        state: &BTreeMap<String, Vec<usize>>,
        model: &M,
    ) -> Result<(), TrainError> {
        match self.optimizer().misfit(state, model) {
            None => Ok(()),
            Some(reason) => Err(unreadable(
                &folder.join(callback_weights(OPTIMIZER)),
                reason,
            )),
        }
    }
}

/// The shapes of weights, by name.
pub(crate) fn shapes(weights: &Weights) -> BTreeMap<String, Vec<usize>> {
    let named = weights.0.iter();
    named
        .map(|(name, weight)| (name.clone(), weight.shape.clone()))
        .collect()
}
