//! The flags that say how files of ratings are opened.

use crate::exit::wrong;
use anyhow::Result;
use clap::Args;
use recburn::data::{BadLines, Dataset, NamedSet, OpenOptions, ReadError, Repeats, SplitKind};
use recburn::recipe::Training;
use std::path::PathBuf;

/// How files are opened.
#[derive(Args, Default)]
pub struct Opening {
    /// Columns of a file whose form is not recognised: user=who,item=what,rating=stars (names, or numbers from 1);
    /// timestamp=, delimiter=, header= and encoding= may be added
    #[arg(long, value_name = "COLUMNS")]
    pub columns: Option<String>,
    /// A file with titles and genres, if it is not next to the ratings
    #[arg(long, value_name = "FILE")]
    pub items: Option<PathBuf>,
    /// A file of user features, and the columns to read: users.csv, or
    /// users.csv:id=user,age:number,gender:id,likes:bag(|); missing=allow permits users without a line
    #[arg(long, value_name = "FILE[:COLUMNS]")]
    pub user_features: Option<String>,
    /// A file of item features, and the columns to read
    #[arg(long, value_name = "FILE[:COLUMNS]")]
    pub item_features: Option<String>,
    /// How to treat lines that cannot be read: stop, or skip (they are counted, and the first few shown)
    #[arg(long, value_name = "stop|skip", default_value_t)]
    pub bad_lines: BadLines,
    /// The folder that holds the data sets' folders [default: RECBURN_DATA, then datasets/]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Opening {
    /// Opens a data set as the flags say or, without flags, as the model's training data were opened. If the data lack
    /// the columns that the model remembers, their form is recognised afresh. With `pairs` the ratings themselves may
    /// be missing.
    pub fn open_like(
        &self,
        data: &str,
        trained: Option<&Training>,
        pairs: bool,
    ) -> Result<Dataset> {
        let mut how = OpenOptions {
            pairs,
            ..self.how("first_sight")?
        };
        let Some(trained) = trained else {
            return Ok(how.open(data)?);
        };
        if how.data_dir.is_none() {
            how.data_dir = trained.data_dir.clone().map(PathBuf::from);
        }
        let Some(columns) = trained.columns.as_deref().filter(|_| how.columns.is_none()) else {
            return Ok(how.open(data)?);
        };
        let remembered = OpenOptions {
            columns: Some(columns.parse()?),
            ..how.clone()
        };
        match remembered.open(data) {
            Err(error) if !matches!(error, ReadError::NotFound { .. }) => {
                how.open(data).map_err(|_| error.into())
            }
            opened => Ok(opened?),
        }
    }

    /// Refuses flags for a file that is not read: they could only repeat what the model remembers.
    pub fn refuse_unread(&self, trained: Option<&Training>) -> Result<()> {
        let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let known =
            |of: fn(&Training) -> &Option<String>| trained.and_then(|trained| of(trained).clone());
        for (flag, said, known) in [
            (
                "--columns",
                self.columns.clone(),
                known(|trained| &trained.columns),
            ),
            (
                "--items",
                text(&self.items),
                known(|trained| &trained.items),
            ),
            (
                "--user-features",
                self.user_features.clone(),
                known(|trained| &trained.user_features),
            ),
            (
                "--item-features",
                self.item_features.clone(),
                known(|trained| &trained.item_features),
            ),
            (
                "--data-dir",
                text(&self.data_dir),
                known(|trained| &trained.data_dir),
            ),
        ] {
            if said.is_some() && said != known {
                return Err(wrong(format!(
                    "{flag} requires --data: without it no file is read, and the ratings are those kept by the model"
                )));
            }
        }
        Ok(())
    }

    /// Refuses flags that would have no effect: any of them when no data are read, and the folder of named data sets
    /// when the data are given by path.
    pub fn check(&self, data: Option<&str>) -> Result<()> {
        let given = [
            ("--columns", self.columns.is_some()),
            ("--items", self.items.is_some()),
            ("--user-features", self.user_features.is_some()),
            ("--item-features", self.item_features.is_some()),
            ("--bad-lines", self.bad_lines != BadLines::default()),
            ("--data-dir", self.data_dir.is_some()),
        ];
        let Some(data) = data else {
            return match given.iter().find(|(_, given)| *given) {
                Some((flag, _)) => Err(wrong(format!(
                    "{flag} requires --data: nothing else is read"
                ))),
                None => Ok(()),
            };
        };
        let found_by_name =
            NamedSet::find(data).is_some_and(|set| set.name != NamedSet::SAMPLE.name);
        match self.data_dir.is_some() && !found_by_name {
            true => Err(wrong(format!(
                "--data-dir is where named data sets are looked up, but `{data}` is {}: omit it",
                match data == NamedSet::SAMPLE.name {
                    true => "built in",
                    false => "a path",
                }
            ))),
            false => Ok(()),
        }
    }

    /// The options, with ids in this order.
    pub fn how(&self, ids: &str) -> Result<OpenOptions> {
        let columns = self.columns.as_deref().map(str::parse).transpose()?;
        let features = |file: &Option<String>| file.as_deref().map(str::parse).transpose();
        Ok(OpenOptions {
            order: ids.parse()?,
            data_dir: self.data_dir.clone(),
            columns,
            items: self.items.clone(),
            user_features: features(&self.user_features)?,
            item_features: features(&self.item_features)?,
            bad_lines: self.bad_lines,
            ..OpenOptions::default()
        })
    }
}

/// The filter, preceded by the policy for repeated pairs.
pub fn with_repeats(repeats: Option<Repeats>, filter: Option<&str>) -> Option<String> {
    let repeats = repeats.filter(|repeats| *repeats != Repeats::Keep);
    match (repeats, filter) {
        (Some(repeats), Some(filter)) => Some(format!("repeats={repeats},{filter}")),
        (Some(repeats), None) => Some(format!("repeats={repeats}")),
        (None, filter) => filter.map(str::to_string),
    }
}

/// A filter without the policy for repeated pairs; `None` if there was nothing else.
pub fn without_repeats(filter: &str) -> Option<&str> {
    match filter.starts_with("repeats=") {
        true => filter.split_once(',').map(|(_, rest)| rest),
        false => Some(filter),
    }
}

/// The seed of a split. An explicit seed is refused if nothing in the split is random.
pub fn seed_of(kind: &SplitKind, seed: Option<u64>) -> Result<u64> {
    match seed {
        Some(_) if !kind.uses_seed() => Err(wrong(format!(
            "--seed has no effect: nothing in the split {kind} is random"
        ))),
        seed => Ok(seed.unwrap_or(42)),
    }
}
