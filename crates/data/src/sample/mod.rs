//! A synthetic data set with the size and shape of ml-latest-small, so that everything runs without a download.
//!
//! Nothing in it comes from real ratings. Users and items have planted biases and low-rank tastes over genres; a rating
//! is
//!
//! ```text
//! truth  = clip(3.55 + user_bias + item_bias + user_taste . item_taste)
//! rating = half_star(clip(truth + noise))
//! ```
//!
//! The truth is kept, so that the smallest achievable error is known. Only sums, products, quotients and square roots
//! are used, which every platform rounds identically: the sample is bit-identical everywhere.

use crate::dataset::Dataset;
use crate::ids::{IdMap, IdOrder};
use crate::intern::Interner;
use crate::random::Random;
use crate::ratings::Ratings;
use recburn_schema::{ItemIx, UserIx};

mod catalogue;
mod words;

use catalogue::Catalogue;

const USERS: usize = 610;
const ITEMS: usize = 9_724;
const RATINGS: usize = 100_000;
/// The minimum number of ratings per user, as in all MovieLens files.
const LEAST_PER_USER: usize = 20;

/// Standard deviations, in stars unless noted otherwise.
const USER_BIAS: f64 = 0.36;
const ITEM_BIAS: f64 = 0.40;
const TASTE: f64 = 0.42;
const NOISE: f64 = 0.87;
const MEAN: f64 = 3.55;

/// How many numbers describe a taste.
const RANK: usize = 4;

/// Arbitrary, but fixed.
const SEED: u64 = 610_9724;

type Taste = [f64; RANK];

impl Dataset {
    /// The sample: 100,000 synthetic ratings, half stars, by 610 users of 9,724 items with titles and genres, in the shape of
    /// MovieLens latest small. Bit-identical everywhere; generated in a few hundredths of a second.
    ///
    /// ```
    /// use recburn_data::{Dataset, IdOrder};
    ///
    /// let dataset = Dataset::sample(IdOrder::FirstSight);
    /// assert_eq!(dataset.ratings.len(), 100_000);
    /// ```
    pub fn sample(order: IdOrder) -> Self {
        sample(order)
    }
}

fn sample(order: IdOrder) -> Dataset {
    let mut random = Random::new(SEED, 0);
    let catalogue = Catalogue::new(&mut random);
    let quotas = quotas(&mut random);
    let watched = watched(&mut random, &quotas, &catalogue.popularity);

    let user_biases: Vec<f64> = (0..USERS).map(|_| USER_BIAS * random.gaussian()).collect();
    let user_tastes: Vec<Taste> = (0..USERS).map(|_| taste(&mut random)).collect();

    let fits = "a few thousand short ids";
    let (mut users, mut items) = (Interner::default(), Interner::default());
    let mut columns = Ratings::default();
    let mut times = Vec::with_capacity(RATINGS);
    let mut truths = Vec::with_capacity(RATINGS);
    for (user, rated) in watched.iter().enumerate() {
        let user_number = users.intern(&(user + 1).to_string()).expect(fits);
        let mut time = 830_000_000 + i64::from(random.below(700_000_000));
        for &item in rated {
            let item = item as usize;
            let dot: f64 = user_tastes[user]
                .iter()
                .zip(&catalogue.tastes[item])
                .map(|(a, b)| a * b)
                .sum();
            let truth = clip(MEAN + user_biases[user] + catalogue.biases[item] + TASTE * dot);
            let noisy = clip(truth + NOISE * random.gaussian());
            let rating = (2.0 * noisy).round_ties_even() / 2.0;
            time += 5 + i64::from(random.below(120));
            let item_number = items.intern(&catalogue.ids[item]).expect(fits);
            columns.users.push(UserIx(user_number));
            columns.items.push(ItemIx(item_number));
            columns.ratings.push(rating as f32);
            times.push(time);
            truths.push(truth as f32);
        }
    }

    columns.timestamps = Some(times);
    let users = IdMap::of_column(users, order, &mut columns.users);
    let items = IdMap::of_column(items, order, &mut columns.items);
    let mut dataset = Dataset::new("sample", users, items, columns).expect("columns made together");
    dataset.catalogue = vec![None; dataset.items.rows()];
    for (id, item) in catalogue.ids.iter().zip(catalogue.items) {
        if let Some(index) = dataset.items.index(id) {
            dataset.catalogue[index.index()] = Some(item);
        }
    }
    dataset.synthetic = true;
    dataset.truth = Some(truths);
    let all: Vec<u32> = (0..dataset.ratings.len() as u32).collect();
    dataset.noise_floor = dataset.noise_floor_of(&all);
    dataset
}

/// The number of items per user: a few users rate thousands, half of them fewer than a hundred.
fn quotas(random: &mut Random) -> Vec<usize> {
    let shares: Vec<f64> = (0..USERS)
        .map(|_| 1.0 / (random.unit() + 0.03) - 0.95)
        .collect();
    let all: f64 = shares.iter().sum();
    let spare = (RATINGS - LEAST_PER_USER * USERS) as f64;
    let mut quotas: Vec<usize> = shares
        .iter()
        .map(|share| LEAST_PER_USER + (spare * share / all) as usize)
        .collect();
    // The remainder from rounding down goes to the first users, one each.
    let missing = RATINGS - quotas.iter().sum::<usize>();
    quotas
        .iter_mut()
        .take(missing)
        .for_each(|quota| *quota += 1);
    quotas
}

/// The items of each user, in order of rating. Every item is rated by somebody.
fn watched(random: &mut Random, quotas: &[usize], popularity: &[f64]) -> Vec<Vec<u32>> {
    let mut watched: Vec<Vec<u32>> = quotas
        .iter()
        .map(|&quota| Vec::with_capacity(quota))
        .collect();
    // Each item is first assigned to one user, with a probability proportional to activity: a slot drawn from all
    // slots.
    let mut places: Vec<u32> = Vec::with_capacity(RATINGS);
    for (user, &quota) in (0..).zip(quotas) {
        places.extend(std::iter::repeat_n(user, quota));
    }
    random.shuffle(&mut places);
    for (item, &user) in (0..ITEMS as u32).zip(&places) {
        watched[user as usize].push(item);
    }
    // All other slots are filled by popularity.
    let cumulated: Vec<f64> = popularity
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let all = cumulated[ITEMS - 1];
    let mut rated_by = vec![u32::MAX; ITEMS];
    for (user, (items, &quota)) in (0..).zip(watched.iter_mut().zip(quotas)) {
        for &item in items.iter() {
            rated_by[item as usize] = user;
        }
        while items.len() < quota {
            let drawn = random.unit() * all;
            let item = cumulated
                .partition_point(|&sum| sum <= drawn)
                .min(ITEMS - 1);
            if rated_by[item] != user {
                rated_by[item] = user;
                items.push(item as u32);
            }
        }
        random.shuffle(items);
    }
    watched
}

/// A taste of mean length 1: its product with another one has mean 0 and variance 1.
fn taste(random: &mut Random) -> Taste {
    let scale = 1.0 / (RANK as f64).sqrt().sqrt();
    std::array::from_fn(|_| scale * random.gaussian())
}

fn clip(rating: f64) -> f64 {
    rating.clamp(0.5, 5.0)
}
