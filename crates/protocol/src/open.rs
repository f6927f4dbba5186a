//! The data of a protocol, read and checked.

use crate::checksum::checksum;
use crate::describe::ties;
use crate::error::ProtocolError;
use crate::protocol::{Fold, Protocol, Tied};
use recburn_data::{Dataset, Fingerprint, IdOrder, Ratings, Split, SplitKind, thousands};
use recburn_read::{NamedSet, OpenOptions};
use std::path::{Path, PathBuf};

/// A protocol with its data: what models are run on.
#[derive(Clone, Debug)]
pub struct Opened {
    pub(crate) protocol: Protocol,
    /// One data set for all folds, or one per fold.
    datasets: Vec<Dataset>,
    /// The checksum of the ratings before the filter.
    pub(crate) checksum: Fingerprint,
}

impl Protocol {
    /// Reads the data set of the protocol, in `folder`, `$RECBURN_DATA` or `datasets`, and applies its filter. Ids are sorted,
    /// so that rows of the item table are in the order of the ids.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check); [`ProtocolError::Read`] if the data set is not found or cannot be read,
    /// [`ProtocolError::NoFiles`] if the files of its splits are not found, [`ProtocolError::Data`] if the filter leaves
    /// nothing, [`ProtocolError::Other`] if the data set is not that of the protocol.
    pub fn open(&self, folder: Option<&Path>) -> Result<Opened, ProtocolError> {
        self.check()?;
        let options = OpenOptions {
            order: IdOrder::Sorted,
            data_dir: folder.map(Path::to_path_buf),
            ..OpenOptions::default()
        };
        if !self.is_given() {
            return self.with(options.open(&self.data.name)?);
        }
        let pair = |fold: &Fold| match &fold.split {
            SplitKind::Given { train, valid } => self.pair(&options, train, valid),
            _ => Ok(options.open(&self.data.name)?),
        };
        let datasets = self.folds.iter().map(pair).collect::<Result<_, _>>()?;
        self.with_datasets(datasets)
    }

    /// Takes a data set in memory as that of the protocol, and applies the filter. Its ids should be sorted
    /// ([`IdOrder::Sorted`]), since ties of rankings are in the order of its rows.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with(&self, dataset: Dataset) -> Result<Opened, ProtocolError> {
        self.check()?;
        self.with_datasets(vec![dataset])
    }

    fn with_datasets(&self, datasets: Vec<Dataset>) -> Result<Opened, ProtocolError> {
        let mut found = None;
        for dataset in &datasets {
            let print = checksum(dataset);
            found.get_or_insert(print);
            if let Some(expected) = self.data.checksum.filter(|expected| *expected != print) {
                return Err(ProtocolError::Other {
                    protocol: self.name.clone(),
                    what: format!("the checksum of {}", self.data.name),
                    found: print.to_string(),
                    expected: expected.to_string(),
                    advice: "these are other ratings, perhaps of another version of the data set",
                });
            }
        }
        let filtered = |dataset: Dataset| match &self.filter {
            Some(filter) => filter.apply(&dataset).map(|(dataset, _)| dataset),
            None => Ok(dataset),
        };
        let datasets: Vec<Dataset> = datasets
            .into_iter()
            .map(filtered)
            .collect::<Result<_, _>>()?;
        let opened = Opened {
            protocol: self.clone(),
            datasets,
            checksum: found.unwrap_or(Fingerprint { rows: 0, hash: 0 }),
        };
        match (self.data.tied_last, opened.tied_last()) {
            (Some(expected), Some(found)) if expected != found => Err(ProtocolError::Other {
                protocol: self.name.clone(),
                what: "the number of users with several ratings at their last time".to_string(),
                found: format!("{} of {}", found.tied, found.users),
                expected: format!("{} of {}", expected.tied, expected.users),
                advice: "these are other times",
            }),
            _ => Ok(opened),
        }
    }

    /// Opens two files of the data set's folder as one data set.
    fn pair(
        &self,
        options: &OpenOptions,
        train: &Path,
        test: &Path,
    ) -> Result<Dataset, ProtocolError> {
        let folders = folders(&self.data.name, options.data_dir.as_deref());
        let Some(folder) = folders.iter().find(|folder| holds(folder, train, test)) else {
            let looked: Vec<_> = folders
                .iter()
                .map(|folder| folder.display().to_string())
                .collect();
            return Err(ProtocolError::NoFiles {
                protocol: self.name.clone(),
                data: self.data.name.clone(),
                files: format!("{} and {}", train.display(), test.display()),
                looked: looked.join(", "),
            });
        };
        let mut dataset = options.open_given(&folder.join(train), &folder.join(test))?;
        dataset.name.clone_from(&self.data.name);
        if let Some(given) = &mut dataset.given {
            // The protocol names files, wherever they are.
            given.train = train.to_path_buf();
            given.valid = test.to_path_buf();
        }
        Ok(dataset)
    }
}

/// The folders in which the files of a data set may be, some of them in archives.
fn folders(name: &str, data_dir: Option<&Path>) -> Vec<PathBuf> {
    let inside = NamedSet::find(name).map_or(name, |set| set.folder);
    let variable = std::env::var_os("RECBURN_DATA").filter(|value| !value.is_empty());
    let above = [
        data_dir.map(Path::to_path_buf),
        variable.map(PathBuf::from),
        Some(PathBuf::from("datasets")),
    ];
    let mut folders = Vec::new();
    for above in above.into_iter().flatten() {
        folders.push(above.join(inside));
        folders.push(above.join(format!("{name}.zip")).join(inside));
    }
    // The folder of the data set itself.
    folders.extend(data_dir.map(Path::to_path_buf));
    folders
}

/// Whether the folder, perhaps of an archive, may hold both files.
fn holds(folder: &Path, train: &Path, test: &Path) -> bool {
    // What an archive holds is seen when it is opened.
    let is_archived = folder.ancestors().any(Path::is_file);
    is_archived || [train, test].iter().all(|file| folder.join(file).exists())
}

impl Opened {
    /// The protocol.
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The data set of a fold, counted from 0, after the filter; that of the first one for a fold that does not exist.
    pub fn dataset(&self, fold: usize) -> &Dataset {
        self.datasets.get(fold).unwrap_or(&self.datasets[0])
    }

    /// The split of a fold, counted from 0, as the data set makes it: without the cut of a validation part.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::Data`] if the data set cannot be split in this way, [`ProtocolError::Other`] if the split is not that
    /// of the protocol, [`ProtocolError::Setting`] if there is no such fold.
    pub fn split(&self, fold: usize) -> Result<(Split, Fingerprint), ProtocolError> {
        let Some(Fold { split, fingerprint }) = self.protocol.folds.get(fold) else {
            return Err(ProtocolError::Setting {
                protocol: self.protocol.name.clone(),
                wrong: format!("it has no fold {}", thousands(fold + 1)),
            });
        };
        let dataset = self.dataset(fold);
        let parts = dataset.split(split, self.protocol.seed)?;
        let print = parts.fingerprint(&dataset.users, &dataset.items);
        match fingerprint.filter(|expected| *expected != print) {
            None => Ok((parts, print)),
            Some(expected) => Err(ProtocolError::Other {
                protocol: self.protocol.name.clone(),
                what: format!("the fingerprint of the split {split}"),
                found: print.to_string(),
                expected: expected.to_string(),
                advice: "other rows would be tested",
            }),
        }
    }

    /// The users with several ratings at their last time, for splits that hold out the last ratings.
    pub(crate) fn tied_last(&self) -> Option<Tied> {
        let folds = &self.protocol.folds;
        let is_asked = folds.iter().any(|fold| ties(&fold.split).is_some());
        let ratings: &Ratings = &self.datasets[0].ratings;
        is_asked.then(|| ratings.tied_last().into())
    }
}
