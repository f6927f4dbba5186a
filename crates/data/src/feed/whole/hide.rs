//! Dropout of the histories in a batch.

use crate::random::Random;
use recburn_schema::{Batch, Input, Kind, Side, Values};

/// A random stream of its own, so that hiding does not change the order of the users.
const STREAM: u64 = 0x6869_6465;

/// Hides a share of the entries of every history of a user.
#[derive(Debug)]
pub(super) struct Hide {
    share: f64,
    /// The places of the histories among a batch's other inputs.
    histories: Vec<usize>,
    random: Random,
    /// Differs between epochs and seeds.
    of_epoch: u64,
}

impl Hide {
    pub fn new(wanted: &[Input], share: f64) -> Self {
        let others = wanted
            .iter()
            .filter(|input| !input.is_users() && !input.is_items());
        let is_history = |input: &Input| {
            let bag = matches!(input.kind, Kind::Bag { .. });
            input.side == Side::User && input.is_history() && bag
        };
        let places = others.enumerate().filter(|(_, input)| is_history(input));
        Self {
            share,
            histories: places.map(|(place, _)| place).collect(),
            random: Random::new(0, STREAM),
            of_epoch: 0,
        }
    }

    /// Begins an epoch.
    pub fn begin(&mut self, seed: u64, epoch: u64) {
        self.random = Random::new(seed ^ STREAM, epoch);
        self.of_epoch = self.random.clone().bits();
    }

    /// Hidden entries keep their place with a weight of 0: what pooling divides by is the length of the whole history. If
    /// there are keys, one for each user of the batch, what is hidden of a history depends on its user's key alone.
    pub fn hide(&mut self, keys: &[u64], batch: &mut Batch) {
        if self.share == 0.0 {
            return;
        }
        let kept = (1.0 / (1.0 - self.share)) as f32;
        for &place in &self.histories {
            let Some(Values::Bags(bags)) = batch.others.get_mut(place) else {
                continue;
            };
            if bags.weights.is_empty() {
                bags.weights.resize(bags.column.len(), 1.0);
            }
            for list in 0..bags.len() {
                if let Some(&key) = keys.get(list) {
                    self.random = Random::new(self.of_epoch, key);
                }
                let entries = bags.entries(list);
                for weight in &mut bags.weights[entries] {
                    *weight *= match self.random.unit() < self.share {
                        true => 0.0,
                        false => kept,
                    };
                }
            }
        }
    }
}
