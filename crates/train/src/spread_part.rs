//! The weights of a model for the users of one process: their rows, and all rows of every other table.

use crate::error::TrainError;
use crate::spread::{Of, Spread};
use crate::spread_rows::Kept;
use recburn_nn::{Model, Sink, TableInfo, Weights, write_numbers};
use recburn_spread::gather;
use std::collections::BTreeMap;
use std::path::Path;

/// Numbers that a process sends at a time, 1 MiB.
const AT_ONCE: usize = 1 << 18;

/// The rows of a table that live here, one after the other.
type OwnRows<'a> = dyn Fn(usize) -> &'a [f32] + 'a;

impl Spread {
    /// Writes the weights of a model that has the users at home here, and all of everything else, as safetensors. Rows that
    /// live elsewhere come block by block and go straight into the file. All processes call it, each with a file of its own.
    ///
    /// # Errors
    /// If a table is indexed by users of other processes, or the file cannot be written.
    pub fn save_part<M: Model>(&self, model: &M, path: &Path) -> Result<(), TrainError> {
        let tables = self.tables(model)?;
        let dense = Weights::except(model, tables.iter().map(|(info, _)| info.id).collect());
        let mut shapes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (name, weight) in &dense.0 {
            shapes.insert(name.clone(), weight.shape.clone());
        }
        for (info, of) in &tables {
            shapes.insert(info.name.clone(), vec![self.rows_of_part(*of), info.width]);
        }
        write_numbers(path, &shapes, |name, sink| {
            let table = tables.iter().find(|(info, _)| info.name == name);
            let Some((info, of)) = table else {
                let weight = dense.0.get(name);
                return Ok(sink(weight.map_or(&[][..], |weight| &weight.values))?);
            };
            self.with_own_rows(model, info, |rows| match of {
                Of::Users => {
                    let mut own = 0..self.rows(*of);
                    Ok(own.try_for_each(|row| sink(rows(row)))?)
                }
                Of::Items | Of::Numbers(_) => self.pass_all(info.width, *of, rows, sink),
            })?
        })
    }

    /// The rows of a table of a part that is indexed by these.
    pub(crate) fn rows_of_part(&self, of: Of) -> usize {
        match of {
            Of::Users => self.rows(of),
            Of::Items => self.items.rows(),
            Of::Numbers(all) => all,
        }
    }

    /// Passes on all rows of a table in the order of their numbers.
    fn pass_all(
        &self,
        width: usize,
        of: Of,
        own: &OwnRows<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), TrainError> {
        let (ranks, count) = (self.ranks(), self.own(of));
        let size = ranks.size();
        // The first process owns most.
        let most = self.rows_of_part(of).div_ceil(size);
        let block = (AT_ONCE / width.max(1)).max(1);
        let mut numbers = Vec::new();
        for from in (0..most).step_by(block) {
            numbers.clear();
            for row in from.min(count)..(from + block).min(count) {
                numbers.extend_from_slice(own(row));
            }
            let of_ranks = gather(ranks, &numbers);
            let rows = of_ranks.iter().map(|numbers| numbers.chunks_exact(width));
            let mut rows: Vec<_> = rows.collect();
            for at in 0..block * size {
                let Some(row) = rows[at % size].next() else {
                    break; // those of later processes have ended as well
                };
                sink(row)?;
            }
        }
        Ok(())
    }

    /// Calls `take` with the rows of a table that live here, wherever they are.
    fn with_own_rows<M: Model, T>(
        &self,
        model: &M,
        info: &TableInfo,
        take: impl FnOnce(&OwnRows<'_>) -> T,
    ) -> Result<T, TrainError> {
        let kept = self.kept.borrow().clone();
        if let Kept::Held(store) = &kept {
            let store = store.borrow();
            if let Some(table) = store.own_rows(info.id) {
                return Ok(take(&|row| table.row(row as u32)));
            }
        }
        let numbers = self.weights(model, info)?;
        Ok(take(&|row| &numbers[row * info.width..][..info.width]))
    }

    /// Forgets where the rows of the tables are, so that they can be dropped with what has them.
    pub fn let_go(&self) {
        self.kept.replace(Kept::Model);
    }
}
