//! What a file of features lacks of the ids of one process.

use crate::error::ReadError;
use recburn_data::{DataError, Features, thousands};
use std::path::{Path, PathBuf};

/// The ids of one of several processes that a file of features lacks, and the numbers that the mean of others stands in for.
#[derive(Clone, Debug, Default)]
pub struct Lacks {
    path: PathBuf,
    absent: usize,
    ids: usize,
    numbers: Vec<Numbers>,
}

/// The numbers of a feature.
#[derive(Clone, Debug)]
struct Numbers {
    name: String,
    sum: f64,
    count: usize,
    /// The rows without one.
    absent: Vec<u32>,
}

impl Lacks {
    /// Of rows with these records, of which so many are of ids.
    pub(crate) fn of<T>(path: &Path, records: &[Option<T>], ids: usize) -> Self {
        let found = records.iter().flatten().count();
        Self {
            path: path.to_path_buf(),
            absent: ids.saturating_sub(found),
            ids,
            numbers: Vec::new(),
        }
    }

    /// Notes the numbers of a feature, and returns the mean of those that are there.
    pub(crate) fn note(&mut self, name: &str, numbers: &[Option<f32>]) -> f32 {
        let known = numbers.iter().flatten();
        let sum: f64 = known.clone().map(|&number| f64::from(number)).sum();
        let count = known.count();
        let rows = (0..).zip(numbers).filter(|(_, number)| number.is_none());
        self.numbers.push(Numbers {
            name: name.to_string(),
            sum,
            count,
            absent: rows.map(|(row, _)| row).collect(),
        });
        (sum / count.max(1) as f64) as f32
    }

    /// Gives who is absent the mean over all processes. `sums` replaces numbers by their sums over them; all processes call
    /// it with what they have read of the same file.
    ///
    /// # Errors
    ///
    /// [`ReadError::FeatureFile`] in all of them if the file has none of their ids.
    pub fn settle(
        &self,
        features: &mut Features,
        sums: &dyn Fn(&mut [f64]),
    ) -> Result<(), ReadError> {
        let own = self.numbers.iter();
        let own = own.flat_map(|numbers| [numbers.sum, numbers.count as f64]);
        let mut all = vec![self.absent as f64, self.ids as f64];
        all.extend(own);
        sums(&mut all);
        let [absent, ids] = [all[0] as usize, all[1] as usize];
        if absent == ids && ids > 0 {
            let wrong = format!("it has none of the {} ids of the data", thousands(ids));
            let path = self.path.clone();
            return Err(ReadError::FeatureFile { path, wrong });
        }
        for (numbers, whole) in self.numbers.iter().zip(all[2..].chunks_exact(2)) {
            let mean = (whole[0] / whole[1].max(1.0)) as f32;
            features
                .replace_numbers(&numbers.name, &numbers.absent, mean)
                .map_err(|error: DataError| ReadError::from(error))?;
        }
        Ok(())
    }
}
