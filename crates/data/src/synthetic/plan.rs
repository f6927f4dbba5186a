//! The planted parameters: activity of users, popularity and quality of items.

use super::Synthetic;
use crate::random::Random;

/// The number of dimensions of a taste.
pub(super) const RANK: usize = 4;

/// Standard deviation of the items' biases, in stars.
const ITEM_BIAS: f64 = 0.46;

/// The standard deviation of the logarithm of a user's activity above the minimum.
const ACTIVITY: f64 = 1.38;
/// The largest share of the items that a user rates, if the numbers allow.
const MOST_PER_USER: f64 = 0.35;
/// The popularity of an item is `(1 + STEEPNESS x)^-3`, where `x` is its relative rank.
const STEEPNESS: f64 = 37.0;

pub(super) type Taste = [f32; RANK];

/// Everything that is drawn before the first rating.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) random: Random,
    /// The number of items per user.
    pub(super) quotas: Vec<u32>,
    /// The items, the most popular one first.
    pub(super) by_rank: Vec<u32>,
    /// The items' ids, ascending.
    pub(super) ids: Vec<u32>,
    pub(super) biases: Vec<f32>,
    pub(super) tastes: Vec<Taste>,
    /// The user and item of each item's first rating, by user, so that every item has one.
    pub(super) firsts: Vec<(u32, u32)>,
    /// The possible ratings, ascending.
    pub(super) levels: Vec<f32>,
}

impl Plan {
    /// The plan of a valid shape.
    pub(super) fn of(shape: &Synthetic) -> Self {
        let mut random = Random::new(shape.seed, 0);
        let quotas = quotas(&mut random, shape);
        let by_rank = random.permutation(shape.items as u32);
        let mut biases = vec![0.0; shape.items];
        for (rank, &item) in by_rank.iter().enumerate() {
            // Popular items are liked better; the mean of this over all ratings is 0.
            let liked = 0.5 * (1.0 / STEEPNESS - rank as f64 / shape.items as f64);
            biases[item as usize] = (liked + ITEM_BIAS * random.gaussian()) as f32;
        }
        Self {
            ids: ids(&mut random, shape),
            tastes: (0..shape.items).map(|_| taste(&mut random)).collect(),
            firsts: firsts(&mut random, &quotas, shape.items as u32),
            levels: levels(shape),
            random,
            quotas,
            by_rank,
            biases,
        }
    }

    /// Draws an item by popularity: the density over relative ranks from 0 to 1 is `(1 + STEEPNESS x)^-3`, whose
    /// integral has a closed-form inverse.
    pub(super) fn draw(&mut self) -> u32 {
        const END: f64 = 1.0 - 1.0 / ((1.0 + STEEPNESS) * (1.0 + STEEPNESS));
        let share = (1.0 / (1.0 - END * self.random.unit()).sqrt() - 1.0) / STEEPNESS;
        let rank = (share * self.by_rank.len() as f64) as usize;
        self.by_rank[rank.min(self.by_rank.len() - 1)]
    }
}

/// A taste of mean length 1: its product with another one has mean 0 and variance 1.
pub(super) fn taste(random: &mut Random) -> Taste {
    let scale = 1.0 / (RANK as f64).sqrt().sqrt();
    std::array::from_fn(|_| (scale * random.gaussian()) as f32)
}

/// The number of items per user: the minimum, plus a log-normal share of the rest.
fn quotas(random: &mut Random, shape: &Synthetic) -> Vec<u32> {
    let (users, ratings) = (shape.users, shape.ratings as u64);
    let usual = (MOST_PER_USER * shape.items as f64).ceil() as usize;
    let least = shape.least_per_user.min(shape.ratings / users);
    // Allowing twice the mean prevents a dense shape from giving every user the same number.
    let most = usual
        .max(2 * shape.ratings.div_ceil(users))
        .min(shape.items);
    let shares: Vec<f64> = (0..users)
        .map(|_| exp(ACTIVITY * random.gaussian()))
        .collect();
    let quota = |share: f64, factor: f64| ((least as f64 + factor * share) as u64).min(most as u64);
    let sum = |factor: f64| -> u64 { shares.iter().map(|&share| quota(share, factor)).sum() };
    // The largest factor that does not exceed the total, to sufficient precision.
    let (mut low, mut high) = (0.0, 1.0);
    while high < 1e18 && sum(high) <= ratings {
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        match sum(middle) <= ratings {
            true => low = middle,
            false => high = middle,
        }
    }
    let mut quotas: Vec<u32> = shares
        .iter()
        .map(|&share| quota(share, low) as u32)
        .collect();
    // The remainder from rounding down goes to the first users with room, one each.
    let mut missing = ratings - quotas.iter().map(|&quota| u64::from(quota)).sum::<u64>();
    while missing > 0 {
        for quota in quotas.iter_mut().filter(|quota| (**quota as usize) < most) {
            if missing > 0 {
                *quota += 1;
                missing -= 1;
            }
        }
    }
    quotas
}

/// Ascending ids: one from each of `items` equal intervals, the last one being the largest id.
fn ids(random: &mut Random, shape: &Synthetic) -> Vec<u32> {
    let (items, largest) = (shape.items as u64, u64::from(shape.item_ids_up_to));
    let end = |stretch: u64| (stretch * largest / items) as u32;
    let mut ids: Vec<u32> = (0..items)
        .map(|item| end(item) + 1 + random.below(end(item + 1) - end(item)))
        .collect();
    if let Some(last) = ids.last_mut() {
        *last = shape.item_ids_up_to;
    }
    ids
}

/// Assigns each item to a first user, with a probability proportional to activity: a slot drawn from all users' slots.
fn firsts(random: &mut Random, quotas: &[u32], items: u32) -> Vec<(u32, u32)> {
    let ends: Vec<u32> = quotas
        .iter()
        .scan(0, |end, quota| {
            *end += quota;
            Some(*end)
        })
        .collect();
    let all = ends.last().copied().unwrap_or_default();
    let mut left = quotas.to_vec();
    let mut firsts: Vec<(u32, u32)> = (0..items)
        .map(|item| {
            loop {
                let drawn = random.below(all);
                let user = ends.partition_point(|&end| end <= drawn);
                if left[user] > 0 {
                    left[user] -= 1;
                    return (user as u32, item);
                }
            }
        })
        .collect();
    firsts.sort_unstable();
    firsts
}

fn levels(shape: &Synthetic) -> Vec<f32> {
    let (min, max) = (f64::from(shape.scale.min), f64::from(shape.scale.max));
    let steps = shape.steps();
    // Not repeated sums of the step, which accumulate its rounding error: 0.7 and not 0.70000005.
    (0..=steps as u32)
        .map(|step| (min + f64::from(step) * (max - min) / steps) as f32)
        .collect()
}

/// The exponential by products only, since the library's differs between platforms in its last bit.
fn exp(power: f64) -> f64 {
    const HALVINGS: i32 = 20;
    let root = 1.0 + power / f64::from(1 << HALVINGS);
    (0..HALVINGS).fold(root, |value, _| value * value)
}
