//! Data and model of several processes in one place.

use super::{Experiment, ExperimentError, SpreadPrepared};
use crate::data::{Centre, DataError, Dataset, IdMap, IdOrder, ItemIx, Part, Ratings, UserIx};
use crate::experiment::Prepared;
use crate::models::find;
use crate::nn::Network;
use crate::spread::{packed, to_first, unpacked};
use burn::tensor::Device;

impl Experiment {
    /// Collects data and model on the first process, as an experiment on one process has them; `None` on the others. All
    /// processes call it.
    ///
    /// # Errors
    /// If they do not fit there.
    pub fn collect(
        &self,
        prepared: &SpreadPrepared,
        model: &Network,
        device: &Device,
    ) -> Result<Option<(Prepared, Network)>, ExperimentError> {
        let data = self.collect_data(prepared)?;
        let graph = match &data {
            Some(data) => Some(find(&self.model)?.graph(&self.options, &data.schema)?),
            None => None,
        };
        let whole = graph.map(|graph| Network::try_new(graph, self.seed, device));
        let users = data.as_ref().map(|data| &data.dataset.users);
        let whole = prepared.spread.collect(model, whole.transpose()?, users)?;
        Ok(data.zip(whole))
    }

    /// Data and parts on the first process.
    fn collect_data(&self, prepared: &SpreadPrepared) -> Result<Option<Prepared>, ExperimentError> {
        let ranks = prepared.spread.ranks();
        let own = prepared.spread.users();
        let arrived = to_first(ranks, &packed(own.iter().map(|(_, id)| id)));
        let ids: Vec<&str> = arrived.iter().flat_map(|bytes| unpacked(bytes)).collect();
        let counts = to_first(ranks, &[own.rows() as u64]).concat();
        let centre = prepared.centre;
        let parts = [
            (prepared.train.ratings(), centre),
            (prepared.valid.ratings(), centre),
            (&prepared.left_out, Centre::none()),
        ];
        let [train, valid, mut left_out] = parts.map(|(ratings, centre)| {
            let numbers: Vec<u32> = ratings.users.iter().map(|user| user.0).collect();
            let items: Vec<u32> = ratings.items.iter().map(|item| item.0).collect();
            let users_of = to_first(ranks, &numbers);
            let mut before = 0;
            let mut users = Vec::new();
            for (own, &count) in users_of.iter().zip(&counts) {
                users.extend(own.iter().map(|user| UserIx(before + user)));
                before += count as u32;
            }
            let items = to_first(ranks, &items).concat();
            let stars = to_first(ranks, &ratings.ratings).concat();
            let restored = |rating| centre.restore(rating);
            Ratings {
                users,
                items: items.into_iter().map(ItemIx).collect(),
                ratings: stars.into_iter().map(restored).collect(),
                // All processes have times, or none has.
                timestamps: ratings
                    .timestamps
                    .as_ref()
                    .map(|times| to_first(ranks, times).concat()),
                others: Vec::new(),
            }
        });
        if ranks.rank() > 0 {
            return Ok(None);
        }
        // The order of ids is that of one process, whatever the number of processes.
        let users: IdMap<UserIx> = IdMap::new(ids.iter().copied(), IdOrder::Sorted)?;
        let number = |id: &&str| users.index(id).ok_or(DataError::NoRatings);
        let numbers: Vec<UserIx> = ids.iter().map(number).collect::<Result<_, _>>()?;
        let held_out = valid.len();
        let mut ratings = train.joined(&valid);
        for user in ratings.users.iter_mut().chain(&mut left_out.users) {
            *user = numbers[user.index()];
        }
        let parts = |count, part| std::iter::repeat_n(part, count);
        let trained = parts(ratings.len() - held_out, Part::Train);
        let parts = trained.chain(parts(held_out, Part::Valid)).collect();
        let items = prepared.spread.items().clone();
        let mut dataset = Dataset::new(prepared.name.clone(), users, items, ratings)?;
        dataset.left_out = left_out;
        if self.training.time_columns {
            dataset.ratings.add_time_columns()?;
        }
        let Dataset {
            users,
            items,
            features,
            catalogue,
            ..
        } = &mut dataset;
        let (titles, _) = self.read_features(users, items, features)?;
        *catalogue = titles.items;
        Ok(Some(self.prepared(dataset, parts, |_| centre)?))
    }
}
