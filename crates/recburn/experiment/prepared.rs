//! Data ready to train on.

use super::{Experiment, ExperimentError};
use crate::data::{
    BadLines, Centre, Cold, DataError, Dataset, Features, Filter, Input, OpenOptions, Part,
    Ratings, Schema, SplitKind, WordError, shown, thousands,
};
use crate::recipe::ExampleKind;
use crate::recommender::{Role, Rows, Seen};
use recburn_nn::Memory;
use std::fmt;
use std::path::{Path, PathBuf};

/// The handling of timestamps once the parts are known. They are the largest of the columns, and only ordered histories
/// need them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Kept,
    Dropped,
}

/// Data ready to train on. There is one copy of the ratings, in the parts, as the model sees them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The data set without its ratings, as left by [`Dataset::into_split`].
    pub dataset: Dataset,
    /// The number of ratings.
    pub rows: usize,
    /// The mean of the training part, or 0 if ratings are not centred.
    pub centre: Centre,
    /// The training part, centred if configured.
    pub train: Ratings,
    /// The validation part, likewise; empty for [`SplitKind::None`].
    pub valid: Ratings,
    /// The test part, likewise; empty except for [`SplitKind::WithTest`].
    pub test: Ratings,
    /// The ratings of the validation part in stars.
    pub valid_stars: Vec<f32>,
    /// The ratings of the test part in stars.
    pub test_stars: Vec<f32>,
    /// Users, items and rows of the validation part without training ratings.
    pub cold: Cold,
    /// Users, items and rows of the test part without training ratings.
    pub test_cold: Cold,
    /// The error of the planted truth on the validation part, for synthetic data.
    pub noise_floor: Option<f64>,
    /// What architectures need to know: the inputs that there are, and the scale, centred if the ratings are.
    pub schema: Schema,
    line: String,
}

impl Experiment {
    /// Opens, filters, splits and centres the data. The folder takes precedence over the experiment's own.
    pub fn prepare(&self, data_dir: Option<&Path>) -> Result<Prepared, ExperimentError> {
        let dataset = self.open(data_dir)?;
        self.prepare_from(dataset)
    }

    /// Opens the data.
    pub fn open(&self, data_dir: Option<&Path>) -> Result<Dataset, ExperimentError> {
        let how = self.how(data_dir)?;
        match self.split()? {
            SplitKind::Given { train, valid } => {
                if let Some(filter) = &self.training.filter {
                    return Err(ExperimentError::FilterOfGiven {
                        filter: filter.clone(),
                    });
                }
                Ok(how.open_given(&train, &valid)?)
            }
            _ => Ok(how.open(&self.training.data)?),
        }
    }

    /// The options for opening the data.
    pub fn how(&self, data_dir: Option<&Path>) -> Result<OpenOptions, WordError> {
        let columns = self.training.columns.as_deref().map(str::parse);
        let features = |file: &Option<String>| file.as_deref().map(str::parse).transpose();
        let own = self.training.data_dir.as_deref().map(Path::new);
        Ok(OpenOptions {
            order: self.order()?,
            data_dir: data_dir.or(own).map(Path::to_path_buf),
            columns: columns.transpose()?,
            add: self.training.add.clone().map(PathBuf::from),
            items: self.training.items.clone().map(PathBuf::from),
            user_features: features(&self.training.user_features)?,
            item_features: features(&self.training.item_features)?,
            bad_lines: self
                .training
                .bad_lines
                .as_deref()
                .map_or(Ok(BadLines::Stop), str::parse)?,
            ..OpenOptions::default()
        })
    }

    /// Filters, splits and centres data that are already open.
    pub fn prepare_from(&self, dataset: Dataset) -> Result<Prepared, ExperimentError> {
        self.prepare_by(dataset, |_, _| Ok(()), |train| self.centre_of(train))
            .map(|(prepared, ())| prepared)
    }

    fn centre_of(&self, train: &Ratings) -> Centre {
        match self.training.centre && !self.training.examples.are_positives() {
            true => Centre::of(train),
            false => Centre::none(),
        }
    }

    /// As [`Experiment::prepare_from`], but `change` may modify the parts of the split and choose the centre.
    pub(super) fn prepare_by<T>(
        &self,
        dataset: Dataset,
        change: impl FnOnce(&Dataset, &mut [Part]) -> Result<T, ExperimentError>,
        centre: impl FnOnce(&Ratings) -> Centre,
    ) -> Result<(Prepared, T), ExperimentError> {
        self.check_objective()?;
        // If ids are rows, there may be far more rows than ids.
        let rows = dataset.users.rows() as u64 + dataset.items.rows() as u64;
        Memory::host().take("a mark for every row of the ids", rows.saturating_mul(2))?;
        let mut dataset = self.filtered(dataset)?;
        if self.training.time_columns {
            dataset.ratings.add_time_columns()?;
        }
        let mut parts = dataset.parts(&self.split()?, self.seed)?;
        let changed = change(&dataset, &mut parts)?;
        if self.training.patience.is_some() && !parts.contains(&Part::Valid) {
            return Err(ExperimentError::PatienceWithoutRows);
        }
        let prepared = self.prepared(dataset, parts, centre)?;
        Ok((prepared, changed))
    }

    /// Prepares a data set with the part of each of its rows, without filtering it.
    ///
    /// # Errors
    ///
    /// For settings that contradict each other.
    pub fn prepare_parts(
        &self,
        mut dataset: Dataset,
        parts: Vec<Part>,
    ) -> Result<Prepared, ExperimentError> {
        self.check_objective()?;
        if self.training.time_columns {
            dataset.ratings.add_time_columns()?;
        }
        self.prepared(dataset, parts, |train| self.centre_of(train))
    }

    pub(super) fn prepared(
        &self,
        dataset: Dataset,
        parts: Vec<Part>,
        centre: impl FnOnce(&Ratings) -> Centre,
    ) -> Result<Prepared, ExperimentError> {
        let times = match self.training.examples {
            ExampleKind::NextItem => Times::Kept,
            _ if self.method()?.is_some() => Times::Kept,
            _ => Times::Dropped,
        };
        Ok(Prepared::with_times(dataset, parts, centre, times))
    }

    pub(super) fn filtered(&self, dataset: Dataset) -> Result<Dataset, ExperimentError> {
        Ok(match self.filter()? {
            Some(filter) => filter.apply(&dataset)?.0,
            None => dataset,
        })
    }

    /// The filter of the ratings, if there is one.
    pub(super) fn filter(&self) -> Result<Option<Filter>, WordError> {
        let filter = self.training.filter.as_deref();
        filter.map(str::parse).transpose()
    }
}

impl Prepared {
    /// Splits a data set and optionally centres it by the mean of the training part.
    pub fn new(
        dataset: Dataset,
        split: &SplitKind,
        seed: u64,
        centre: bool,
    ) -> Result<Self, DataError> {
        let parts = dataset.parts(split, seed)?;
        let centring = |train: &Ratings| match centre {
            true => Centre::of(train),
            false => Centre::none(),
        };
        Ok(Self::of_parts(dataset, parts, centring))
    }

    /// Prepares a data set with the part of each of its rows.
    ///
    /// # Panics
    ///
    /// If there is not one part per row.
    pub fn of_parts(
        dataset: Dataset,
        parts: Vec<Part>,
        centre: impl FnOnce(&Ratings) -> Centre,
    ) -> Self {
        Self::with_times(dataset, parts, centre, Times::Dropped)
    }

    fn with_times(
        mut dataset: Dataset,
        parts: Vec<Part>,
        centre: impl FnOnce(&Ratings) -> Centre,
        times: Times,
    ) -> Self {
        let line = dataset.describe_line();
        let rows = dataset.ratings.len();
        let noise_floor = dataset.truth.is_some().then(|| {
            let valid = (0..).zip(&parts).filter(|(_, part)| **part == Part::Valid);
            let valid: Vec<u32> = valid.map(|(row, _)| row).collect();
            dataset.noise_floor_of(&valid)
        });
        if times == Times::Dropped {
            dataset.ratings.timestamps = None;
        }
        let (dataset, mut split) = dataset.into_parts(parts);
        split.normalise_columns();
        let (mut train, mut valid, mut test) = (split.train, split.valid, split.test);
        let centre = centre(&train);
        let (valid_stars, test_stars) = (valid.ratings.clone(), test.ratings.clone());
        for part in [&mut train, &mut valid, &mut test] {
            centre.apply(part);
        }
        let mut schema = dataset.schema_for(&train);
        let (min, max) = schema.scale;
        schema.scale = (min - centre.mean, max - centre.mean);
        Self {
            schema,
            dataset,
            rows,
            centre,
            train,
            valid,
            test,
            valid_stars,
            test_stars,
            cold: split.cold,
            test_cold: split.test_cold,
            noise_floor: noise_floor.flatten(),
            line,
        }
    }

    /// The validation part, if there is one.
    pub fn valid_part(&self) -> Option<&Ratings> {
        Some(&self.valid).filter(|valid| !valid.is_empty())
    }

    /// The items that each user has rated, and the role of each row.
    pub fn seen(&self) -> Seen {
        let train = Rows {
            centre: self.centre,
            ..Rows::new(Role::Train, &self.train)
        };
        let valid = Rows {
            ratings: &self.valid_stars,
            ..Rows::new(Role::Valid, &self.valid)
        };
        let test = Rows {
            ratings: &self.test_stars,
            ..Rows::new(Role::Test, &self.test)
        };
        Seen::of(&self.dataset, &[train, valid, test])
    }

    /// The features for a model that reads these inputs: those of the data, with numbers standardised by the training
    /// part, and the histories of that part.
    ///
    /// # Errors
    /// If an input does not exist.
    pub fn features(&self, inputs: &[Input]) -> Result<Features, DataError> {
        let is_other = |input: &Input| !input.is_users() && !input.is_items();
        let features = match inputs.iter().any(is_other) {
            true => self.dataset.features_for(&self.train)?,
            false => Features::default(),
        };
        features.gather(inputs)?;
        Ok(features)
    }
}

/// The data set, the sizes of its parts, the cold rows of the validation part, and the noise floor.
impl fmt::Display for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.line)?;
        if let Some(read_as) = &self.dataset.read_as {
            writeln!(f, "read as {}", shown(read_as))?;
        }
        let train = thousands(self.train.len());
        match (self.valid.is_empty(), self.test.is_empty()) {
            (true, _) => writeln!(f, "{train} ratings train, none are held out")?,
            (false, true) => writeln!(
                f,
                "{train} ratings train, {} validate: {}",
                thousands(self.valid.len()),
                self.cold
            )?,
            (false, false) => writeln!(
                f,
                "{train} ratings train, {} validate, {} test: {}; {} test ratings are",
                thousands(self.valid.len()),
                thousands(self.test.len()),
                self.cold,
                thousands(self.test_cold.rows)
            )?,
        }
        if self.centre.mean != 0.0 {
            writeln!(
                f,
                "centred: the training mean of {:.4} is subtracted and carried with the model",
                self.centre.mean
            )?;
        }
        if let Some(floor) = self.noise_floor {
            writeln!(
                f,
                "noise floor: the planted truth itself has an rmse of {floor:.4} on the validation part"
            )?;
        }
        Ok(())
    }
}
