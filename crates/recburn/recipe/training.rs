//! The settings of a training, in the form used in files.

use super::objective::{ExampleKind, Watch};
use recburn_optim::{Loss, Mode, Rule};
use recburn_train::Averaging;
use serde::{Deserialize, Serialize};

/// Training settings, in the form used in files. Missing keys take their [defaults](Training::default).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Name of the data set.
    pub data: String,
    /// The folder that contains the data sets' folders, if it is not one of the default ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<String>,
    /// The columns of a file whose form is not recognised: `user=who,item=what,rating=stars`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<String>,
    /// The policy for lines that cannot be read: `stop` (the default) or `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_lines: Option<String>,
    /// A file of ratings that were added since, as `recburn serve --journal` writes it; later lines take precedence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<String>,
    /// A file with titles and genres, if it is not next to the ratings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<String>,
    /// A file of user features and the columns to read: `users.csv:id,age:number,gender:id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_features: Option<String>,
    /// A file of item features and the columns to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_features: Option<String>,
    /// Whether the times of the ratings are columns that a model may read: `hour_of_day`, `day_of_week` and `day`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub time_columns: bool,
    /// Which ratings to keep: `rating>=4,users>=5` and so on; all by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How raw ids are numbered: `first_sight`, `sorted` or `raw`.
    pub ids: String,
    /// How the ratings are split: `mask:0.8`, `fraction:0.8`, `by-user:0.8` and so on.
    pub split: String,
    /// Whether the mean of the training part is subtracted from the ratings.
    pub centre: bool,
    /// The kind of training examples.
    #[serde(default, skip_serializing_if = "ExampleKind::is_ratings")]
    pub examples: ExampleKind,
    /// The share of each user's items that is hidden from the model in training on profiles, drawn anew for each batch.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hidden: f64,
    /// The negatives in training on positives; `uniform:1` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negatives: Option<String>,
    /// The loss.
    pub loss: Loss,
    /// The update rule.
    pub rule: Rule,
    /// Which rows a step updates: `exact` or `touched`.
    pub mode: Mode,
    /// Ratings per step.
    pub batch: usize,
    /// Phases of training, each with its own learning rate.
    pub phases: Vec<Phase>,
    /// The number of epochs without improvement after which training stops and restores the best weights, if set.
    pub patience: Option<usize>,
    /// The average of the weights at the ends of epochs that the model ends with: `swa:EPOCH` or `ema:DECAY`; none by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average: Option<Averaging>,
    /// The measure for patience, which also determines the kind of validation: the loss on the validation part, or the
    /// ranks of its items in a list (`ndcg@10`). By default the loss, or `ndcg@10` for training on positives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
}

/// A number of epochs at one learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// The number of epochs.
    pub epochs: usize,
    /// The learning rate.
    pub learning_rate: f64,
}

fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl Default for Training {
    /// Adam at Keras's rate on a random four fifths of the sample.
    fn default() -> Self {
        Self {
            data: "sample".to_string(),
            data_dir: None,
            columns: None,
            bad_lines: None,
            add: None,
            items: None,
            user_features: None,
            item_features: None,
            time_columns: false,
            filter: None,
            ids: "first_sight".to_string(),
            split: "fraction:0.8".to_string(),
            centre: false,
            examples: ExampleKind::Ratings,
            hidden: 0.0,
            negatives: None,
            loss: Loss::Mse,
            rule: Rule::ADAM,
            mode: Mode::Exact,
            batch: 64,
            phases: vec![Phase {
                epochs: 5,
                learning_rate: 0.001,
            }],
            patience: None,
            average: None,
            watch: None,
        }
    }
}

impl Training {
    /// The measure for patience; `None` for the loss.
    pub fn watched(&self) -> Option<Watch> {
        let lists = self.examples.are_positives().then(Watch::default);
        self.watch.clone().or(lists)
    }

    /// The length of the lists used in validation; `None` if only scores are evaluated.
    pub fn ranks_at(&self) -> Option<usize> {
        let own = self.watch.as_ref().and_then(Watch::at);
        own.or(self.examples.are_positives().then_some(Watch::LENGTH))
    }
}
