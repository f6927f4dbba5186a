//! A planted truth, and small fits to it.

use recburn_classical::bayesian_fm::BayesianFm;
use recburn_classical::{Context, Fitted};
use recburn_data::{ItemIx, Ratings, UserIx};

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Numbers that look random, from -1 to 1: a linear congruential generator.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn below(&mut self, bound: u32) -> u32 {
        ((self.next() + 1.0) * 0.5 * bound as f32) as u32 % bound
    }

    /// About standard normal.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.next()).sum::<f32>() / 2.0
    }
}

pub const USERS: usize = 120;
pub const ITEMS: usize = 90;
pub const NOISE: f32 = 0.5;

/// Training and test ratings of a planted model of rank 2 with biases, and the planted values of the test ratings.
pub fn planted() -> (Ratings, Ratings, Vec<f32>) {
    let mut numbers = Numbers(5);
    let mut table = |rows: usize| -> Vec<[f32; 3]> {
        let mut row = || {
            [
                0.4 * numbers.normal(),
                0.7 * numbers.normal(),
                0.7 * numbers.normal(),
            ]
        };
        (0..rows).map(|_| row()).collect()
    };
    let (users, items) = (table(USERS), table(ITEMS));
    let mut numbers = Numbers(6);
    let (mut train, mut test, mut truth) = (Ratings::default(), Ratings::default(), Vec::new());
    for (u, user) in users.iter().enumerate() {
        for (i, item) in items.iter().enumerate() {
            let value = 3.5 + user[0] + item[0] + user[1] * item[1] + user[2] * item[2];
            let part = match numbers.below(10) {
                0..5 => &mut train,
                5 => {
                    truth.push(value);
                    &mut test
                }
                _ => continue,
            };
            part.users.push(UserIx(u as u32));
            part.items.push(ItemIx(i as u32));
            part.ratings.push(value + NOISE * numbers.normal());
        }
    }
    (train, test, truth)
}

pub fn context(train: &Ratings) -> Context<'_> {
    Context {
        train,
        users: USERS,
        items: ITEMS,
        scale: (1.0, 5.0),
        features: None,
        seed: 42,
        threads: 1,
    }
}

pub fn small() -> BayesianFm {
    BayesianFm {
        rank: 3,
        sweeps: 60,
        burn_in: 10,
        saved_samples: 10,
        ..BayesianFm::default()
    }
}

/// The root mean squared difference of as many numbers on both sides.
pub fn rmse(one: &[f32], other: &[f32]) -> f64 {
    recburn_metrics::rmse(one, other).expect("finite numbers")
}

pub fn predicted(fit: &dyn Fitted, rows: &Ratings) -> Vec<f32> {
    let pairs = rows.users.iter().zip(&rows.items);
    pairs
        .map(|(&user, &item)| fit.predict(user, item))
        .collect()
}
