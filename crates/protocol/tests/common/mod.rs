//! Small data sets, and contestants that were never fitted.

#![allow(dead_code, reason = "each test file uses its own part")]

use proptest::prelude::*;
use recburn_data::{Dataset, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use recburn_protocol::{
    Contestant, Data, Fold, ModelError, Occasion, Opened, Protocol, Scorer, Task, find,
};
use serde_json::{Value, json};
use std::sync::Mutex;

pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The protocol with this split and task, on any data.
pub(crate) fn protocol(split: &str, task: Task) -> Protocol {
    let base = find("p1").expect("a named protocol");
    Protocol {
        name: "mine".to_string(),
        about: "a test".to_string(),
        data: Data::named("sample"),
        folds: vec![Fold::of(split.parse().expect("a split"))],
        task,
        ..base
    }
}

/// A quarter of the sample, which is fast to rank.
pub(crate) fn small() -> Dataset {
    let whole = Dataset::sample(IdOrder::Sorted);
    let rows: Vec<u32> = (0..whole.ratings.len() as u32)
        .filter(|&row| {
            let (user, item) = (
                whole.ratings.users[row as usize],
                whole.ratings.items[row as usize],
            );
            user.0 < 60 && item.0 % 8 == 0
        })
        .collect();
    let rows: Vec<(String, String, f32, i64)> = rows
        .into_iter()
        .map(|row| {
            let at = row as usize;
            let ratings = &whole.ratings;
            let time = ratings.timestamps.as_ref().map_or(0, |times| times[at]);
            let (user, item) = (ratings.users[at].0, ratings.items[at].0 / 8);
            (
                user.to_string(),
                item.to_string(),
                ratings.ratings[at],
                time,
            )
        })
        .collect();
    of_rows(&rows)
}

pub(crate) fn of_rows(rows: &[(String, String, f32, i64)]) -> Dataset {
    let users: IdMap<UserIx> =
        IdMap::new(rows.iter().map(|row| row.0.as_str()), IdOrder::Sorted).expect("ids");
    let items: IdMap<ItemIx> =
        IdMap::new(rows.iter().map(|row| row.1.as_str()), IdOrder::Sorted).expect("ids");
    let ratings = Ratings {
        users: rows
            .iter()
            .map(|row| users.index(&row.0).expect("an id"))
            .collect(),
        items: rows
            .iter()
            .map(|row| items.index(&row.1).expect("an id"))
            .collect(),
        ratings: rows.iter().map(|row| row.2).collect(),
        timestamps: Some(rows.iter().map(|row| row.3).collect()),
        ..Ratings::default()
    };
    Dataset::new("made", users, items, ratings).expect("ratings")
}

/// Ratings of distinct pairs, at least two per user.
pub(crate) fn datasets() -> impl Strategy<Value = Dataset> {
    let pairs = prop::collection::btree_set((0_u32..8, 0_u32..12), 30..70);
    (pairs, any::<u64>()).prop_map(|(pairs, salt)| {
        let rows: Vec<_> = pairs
            .iter()
            .map(|&(user, item)| {
                let key = recburn_data::row_key(salt, u64::from(user), u64::from(item));
                (
                    user.to_string(),
                    item.to_string(),
                    (1 + key % 5) as f32,
                    (key % 7) as i64,
                )
            })
            .collect();
        of_rows(&rows)
    })
}

/// What a contestant was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) train: Ratings,
    pub(crate) valid: Option<Ratings>,
    pub(crate) asked: Ratings,
    pub(crate) epochs: Option<usize>,
    pub(crate) seed: u64,
    pub(crate) ratings_at_hand: usize,
}

/// A contestant that records what it is given, and scores by a hash of user, item and seed.
#[derive(Default)]
pub(crate) struct Spy {
    pub(crate) validates: bool,
    pub(crate) orders: bool,
    pub(crate) shared: bool,
    /// What is added to its predictions.
    pub(crate) shift: f32,
    /// The number of predictions that are missing.
    pub(crate) missing: usize,
    pub(crate) given: Mutex<Vec<Given>>,
}

impl Contestant for Spy {
    fn name(&self) -> String {
        "spy".to_string()
    }

    fn describe(&self) -> Value {
        json!({ "shift": self.shift })
    }

    fn needs_validation(&self) -> bool {
        self.validates
    }

    fn predicts_ratings(&self) -> bool {
        !self.orders
    }

    fn versions(&self) -> Vec<(String, String)> {
        vec![("spyglass".to_string(), "1.0".to_string())]
    }

    fn fit(&self, occasion: &Occasion<'_>) -> Result<Box<dyn Scorer>, ModelError> {
        self.given.lock().expect("no panic").push(Given {
            train: occasion.train.clone(),
            valid: occasion.valid.cloned(),
            asked: occasion.asked.clone(),
            epochs: occasion.epochs,
            seed: occasion.seed,
            ratings_at_hand: occasion.dataset.ratings.len(),
        });
        Ok(Box::new(Hashed {
            seed: occasion.seed,
            items: occasion.dataset.items.rows(),
            shift: self.shift,
            missing: self.missing,
            is_shared: self.shared,
            epochs: self.validates.then_some(7),
        }))
    }
}

struct Hashed {
    seed: u64,
    items: usize,
    shift: f32,
    missing: usize,
    is_shared: bool,
    epochs: Option<usize>,
}

impl Hashed {
    fn score(&self, user: u32, item: u32) -> f32 {
        let key = recburn_data::row_key(self.seed, u64::from(user), u64::from(item));
        (key % 1000) as f32 / 250.0 + 1.0 + self.shift
    }
}

impl Scorer for Hashed {
    fn rate(&self, rows: &Ratings) -> Result<Vec<f32>, ModelError> {
        let pairs = rows.users.iter().zip(&rows.items);
        let scores = pairs.map(|(user, item)| self.score(user.0, item.0));
        Ok(scores.skip(self.missing).collect())
    }

    fn score_block(&self, users: &[UserIx], into: &mut [f32]) -> Result<(), ModelError> {
        for (user, into) in users.iter().zip(into.chunks_exact_mut(self.items)) {
            for (item, into) in (0..).zip(into) {
                *into = self.score(user.0, item);
            }
        }
        Ok(())
    }

    fn epochs(&self) -> Option<usize> {
        self.epochs
    }

    fn shared(&self) -> Option<&(dyn Scorer + Sync)> {
        self.is_shared.then_some(self as _)
    }
}

pub(crate) fn opened(split: &str, task: Task) -> Opened {
    protocol(split, task).with(small()).expect("a data set")
}
