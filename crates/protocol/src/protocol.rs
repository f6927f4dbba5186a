//! Protocols: everything that a figure depends on besides the model.

use crate::error::ProtocolError;
use crate::task::{Candidates, ColdRows, Selection, Task};
use recburn_data::{Filter, Fingerprint, SplitKind};
use serde::{Deserialize, Serialize};

/// Everything that a figure depends on besides the model: data, split, selection, task and rules. Two figures can be compared
/// only if their protocols are equal.
///
/// [`find`](crate::find) and [`all`](crate::all) hold the named ones. A protocol of your own is a value of this type:
///
/// ```
/// use recburn_protocol::{ColdRows, Data, Fold, Protocol, Selection, Task};
///
/// let protocol = Protocol {
///     name: "my-80-20".to_string(),
///     about: "ratings, a random fifth held out".to_string(),
///     data: Data::named("ml-latest-small"),
///     filter: None,
///     folds: vec![Fold::of("fraction:0.8".parse()?)],
///     seed: 42,
///     selection: Selection::default(),
///     cold: ColdRows::Count,
///     task: Task::RATINGS,
/// };
/// protocol.check()?;
/// println!("{protocol}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The name.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// The data set.
    pub data: Data,
    /// The filter that is applied before the split.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// The splits; figures are means over them.
    pub folds: Vec<Fold>,
    /// The seed of the splits, and of the cut of validation parts.
    pub seed: u64,
    /// How settings are chosen.
    pub selection: Selection,
    /// The rule for cold test rows.
    pub cold: ColdRows,
    /// What is asked, and how it is measured.
    pub task: Task,
}

/// The data set of a protocol, and what is known of it. What is known is checked when the data set is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The name, as [`recburn_read::OpenOptions::open`] takes it.
    pub name: String,
    /// The [`checksum`](crate::checksum) of its ratings before the filter.
    #[serde(default)]
    pub checksum: Option<Fingerprint>,
    /// The users with several ratings at their last time, after the filter.
    #[serde(default)]
    pub tied_last: Option<Tied>,
}

/// How many users have several ratings at the time of their last one: see [`recburn_data::TiedLast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tied {
    /// Users of whom several ratings have their last time.
    pub tied: usize,
    /// Users with times.
    pub users: usize,
}

/// A split of a protocol.
///
/// A split in three parts has a test part. Of a split in two parts the held-out part is the test part; a validation part is
/// cut from the training part, see [`Selection`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// The split. The files of [`SplitKind::Given`] are names in the folder of the data set.
    pub split: SplitKind,
    /// Its [fingerprint](recburn_data::Split::fingerprint), where known.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
}

impl Data {
    /// A data set of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            checksum: None,
            tied_last: None,
        }
    }
}

impl Fold {
    /// A split whose fingerprint is not known.
    pub fn of(split: SplitKind) -> Self {
        Self {
            split,
            fingerprint: None,
        }
    }
}

impl Protocol {
    /// Whether the parts of the protocol fit together.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::Setting`] without folds, for a split that holds nothing out, for folds of which some are given files
    /// and others are not, for a share of validation rows that is not in (0, 1), and for no list, a list of no items or no
    /// sampled item.
    pub fn check(&self) -> Result<(), ProtocolError> {
        let wrong = |wrong: String| {
            Err(ProtocolError::Setting {
                protocol: self.name.clone(),
                wrong,
            })
        };
        let given = self.folds.iter().filter(|fold| is_given(fold)).count();
        if self.folds.is_empty() {
            return wrong("it has no folds".to_string());
        }
        if given != 0 && given != self.folds.len() {
            return wrong("some of its folds are given files and others are not".to_string());
        }
        if self.folds.iter().any(|fold| fold.split == SplitKind::None) {
            return wrong("the split `none` holds nothing out for a test".to_string());
        }
        let share = self.selection.share;
        if !(share > 0.0 && share < 1.0) {
            return wrong(format!(
                "the share of validation rows is {share}, but must be between 0 and 1"
            ));
        }
        match &self.task {
            Task::Ranking { at, .. } if at.is_empty() || at.contains(&0) => {
                wrong("lists must have at least one item: give cut-offs of 1 or more".to_string())
            }
            Task::Ranking {
                candidates: Candidates::Sampled { negatives: 0, .. },
                ..
            } => wrong("at least one item must be sampled".to_string()),
            _ => Ok(()),
        }
    }

    /// Whether the folds are pairs of files.
    pub(crate) fn is_given(&self) -> bool {
        self.folds.first().is_some_and(is_given)
    }
}

fn is_given(fold: &Fold) -> bool {
    matches!(fold.split, SplitKind::Given { .. })
}
