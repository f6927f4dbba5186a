//! Training that starts from a saved model, on grown data.

use super::{Experiment, ExperimentError, Prepared};
use crate::data::{Dataset, IdMap, Index, Part, SplitKind, thousands};
use crate::recommender::{Recommender, Role};
use burn::tensor::Device;
use recburn_nn::Network;
use std::fmt;

/// What a training run takes over from a saved model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmStart {
    /// Users that the saved model knows.
    pub known_users: usize,
    /// Users that it does not know, which start from initial weights.
    pub new_users: usize,
    /// Items that it knows.
    pub known_items: usize,
    /// Items that it does not know.
    pub new_items: usize,
    /// Held-out rows that it was trained on, which are therefore moved to the training part.
    pub moved: usize,
    /// A lower bound on the number of its training rows that are not in the data.
    pub absent: usize,
}

impl Experiment {
    /// Filters and splits data that are already open, for training that starts from a saved model.
    ///
    /// Held-out rows that the saved model was trained on are moved to the training part, since their error would say
    /// nothing about new ratings. The saved model's centre is kept, since its weights depend on it.
    ///
    /// # Errors
    ///
    /// As [`Experiment::prepare_from`]; also if centring is switched on or off, or if the validation or test part
    /// becomes empty.
    pub fn prepare_warm(
        &self,
        dataset: Dataset,
        from: &Recommender,
    ) -> Result<(Prepared, WarmStart), ExperimentError> {
        let centre = from.centre();
        // If the saved settings are not those of an experiment, the centre itself tells.
        let saved = from.training()["training"]["centre"].as_bool();
        let centred = saved.unwrap_or(centre.mean != 0.0);
        if centred != self.training.centre {
            return Err(ExperimentError::OtherCentring { centred });
        }
        let split = self.split()?;
        let change = |dataset: &Dataset, parts: &mut [Part]| {
            let counts = move_trained(from, dataset, parts);
            let lost_test =
                matches!(split, SplitKind::WithTest { .. }) && !parts.contains(&Part::Test);
            if lost_test || (split != SplitKind::None && !parts.contains(&Part::Valid)) {
                let split = split.to_string();
                return Err(ExperimentError::NothingNewHeldOut { split });
            }
            Ok(counts)
        };
        let (prepared, (moved, trained)) = self.prepare_by(dataset, change, |_| centre)?;
        fn known<Ix: Index>(ours: &IdMap<Ix>, theirs: &IdMap<Ix>) -> (usize, usize) {
            let known = ours.iter().filter(|(_, id)| theirs.index(id).is_some());
            let known = known.count();
            (known, ours.len() - known)
        }
        let (known_users, new_users) = known(&prepared.dataset.users, from.users());
        let (known_items, new_items) = known(&prepared.dataset.items, from.items());
        let warm = WarmStart {
            known_users,
            new_users,
            known_items,
            new_items,
            moved,
            absent: from.seen().count(Role::Train).saturating_sub(trained),
        };
        Ok((prepared, warm))
    }

    /// The model at the size of the data, with the saved model's weights for known users and items and initial ones for
    /// the rest. The optimizer starts afresh.
    pub fn warm_network(
        &self,
        prepared: &Prepared,
        from: &Recommender,
        device: &Device,
    ) -> Result<Network, ExperimentError> {
        let network = self.network(prepared, device)?;
        Ok(from.warm_start(network, &prepared.dataset)?)
    }
}

/// Moves rows that were trained on to the training part; returns the numbers of rows moved and of rows trained on.
fn move_trained(from: &Recommender, dataset: &Dataset, parts: &mut [Part]) -> (usize, usize) {
    let (mut moved, mut all) = (0, 0);
    for (part, trained) in parts.iter_mut().zip(from.trained_on(dataset)) {
        moved += usize::from(trained && *part != Part::Train);
        all += usize::from(trained);
        if trained {
            *part = Part::Train;
        }
    }
    (moved, all)
}

impl WarmStart {
    /// Warnings for the user.
    pub fn warnings(&self) -> Vec<String> {
        let moved = (self.moved > 0).then(|| {
            format!(
                "{} held-out rows are moved to the training part: the saved model was trained on them",
                thousands(self.moved)
            )
        });
        let absent = (self.absent > 0).then(|| {
            format!(
                "{} rows that the saved model was trained on are not in these data: its weights carry them on, but the new model keeps no record of them, so give it the old ratings along with the new ones",
                thousands(self.absent)
            )
        });
        moved.into_iter().chain(absent).collect()
    }
}

impl fmt::Display for WarmStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "starting from saved weights: {} users and {} items are known, {} users and {} items are new and start from initial weights; the optimizer starts afresh, and the saved model's centre is kept",
            thousands(self.known_users),
            thousands(self.known_items),
            thousands(self.new_users),
            thousands(self.new_items)
        )
    }
}
