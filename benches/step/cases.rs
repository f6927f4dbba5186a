//! The cases: sizes, batches and rules of the notebooks.

use recburn::data::{ItemIx, UserIx};
use recburn::graph::{GraphError, TableOptions};
use recburn::prelude::*;
use serde::Serialize;

/// One training setup.
#[derive(Clone, Copy, Serialize)]
pub struct Case {
    #[serde(rename = "case")]
    pub name: &'static str,
    pub users: usize,
    pub items: usize,
    pub ratings: usize,
    pub factors: usize,
    pub biases: bool,
    pub l2: f64,
    pub bias_l2: f64,
    #[serde(serialize_with = "rule_name", rename = "optimizer")]
    pub adam: bool,
    pub learning_rate: f64,
    pub momentum: f64,
    pub batch: usize,
    #[serde(serialize_with = "model_name", rename = "model")]
    pub perceptron: bool,
    /// Units of the perceptron's hidden layer.
    pub hidden: Option<usize>,
    /// Dropout before and after it.
    pub dropout: Option<[f64; 2]>,
    pub activation: &'static str,
}

fn rule_name<S: serde::Serializer>(adam: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *adam { "adam" } else { "momentum" })
}

fn model_name<S: serde::Serializer>(perceptron: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *perceptron { "mlp" } else { "factorisation" })
}

/// Notebook 002: MovieLens latest small of 2016.
const A: Case = Case {
    name: "A",
    users: 671,
    items: 9_066,
    ratings: 100_004,
    factors: 50,
    biases: true,
    l2: 1e-4,
    bias_l2: 0.0,
    adam: true,
    learning_rate: 0.001,
    momentum: 0.9,
    batch: 64,
    perceptron: false,
    hidden: None,
    dropout: None,
    activation: "relu",
};

/// Notebook 003: MovieLens 100K.
const B: Case = Case {
    name: "B",
    users: 943,
    items: 1_682,
    ratings: 100_000,
    factors: 40,
    biases: false,
    l2: 1e-6,
    batch: 32,
    ..A
};

/// Notebook 000: MovieLens 20M, with a row for every id up to the highest.
const C: Case = Case {
    name: "C",
    users: 138_494,
    items: 131_263,
    ratings: 4_000_000,
    factors: 10,
    l2: 0.0,
    adam: false,
    learning_rate: 0.01,
    batch: 128,
    ..A
};

/// The perceptron of notebook 001.
const D: Case = Case {
    name: "D",
    biases: false,
    l2: 0.0,
    batch: 128,
    perceptron: true,
    hidden: Some(70),
    dropout: Some([0.3, 0.75]),
    ..A
};

/// The perceptron of notebook 000.
const E: Case = Case {
    name: "E",
    biases: false,
    perceptron: true,
    hidden: Some(400),
    ..C
};

/// Every case, in the order of the table.
pub const CASES: [Case; 12] = [
    A,
    Case {
        name: "A0",
        l2: 0.0,
        ..A
    },
    B,
    Case {
        name: "B0",
        l2: 0.0,
        ..B
    },
    C,
    D,
    // With the penalty of the notebook, on the whole tables.
    Case {
        name: "D-l2",
        l2: 1e-4,
        ..D
    },
    E,
    Case {
        name: "F-A0-4096",
        l2: 0.0,
        batch: 4_096,
        ..A
    },
    Case {
        name: "F-A0-65536",
        l2: 0.0,
        batch: 65_536,
        ..A
    },
    Case {
        name: "F-C-4096",
        batch: 4_096,
        ..C
    },
    Case {
        name: "F-C-65536",
        batch: 65_536,
        ..C
    },
];

impl Case {
    pub fn rule(&self) -> Rule {
        if self.adam {
            Rule::ADAM
        } else {
            Rule::sgd(self.momentum)
        }
    }

    /// The model as in the notebook.
    pub fn graph(&self) -> Result<Graph, GraphError> {
        let table = |l2| TableOptions {
            l2,
            ..TableOptions::default()
        };
        let (user, item) = (Sym::user(self.users), Sym::item(self.items));
        let users = user.embed_with("user_factors", self.factors, table(self.l2));
        let items = item.embed_with("item_factors", self.factors, table(self.l2));
        let score = match self.hidden {
            Some(hidden) => {
                let mut value = concat("pair", [&users, &items]);
                if let Some([before, _]) = self.dropout {
                    value = value.dropout("dropout_1", before);
                }
                value = value.dense("dense_1", hidden, Activation::Relu);
                if let Some([_, behind]) = self.dropout {
                    value = value.dropout("dropout_2", behind);
                }
                value.dense("score", 1, Activation::Linear)
            }
            None if self.biases => {
                let affinity = dot("affinity", &users, &items);
                let user_bias = user.embed_with("user_bias", 1, table(self.bias_l2));
                let item_bias = item.embed_with("item_bias", 1, table(self.bias_l2));
                add("score", [&affinity, &user_bias, &item_bias])
            }
            None => dot("score", &users, &items),
        };
        Graph::new(self.name, &score)
    }

    /// Epochs of training before timing. A data set of millions has more steps in one epoch than others in ten.
    pub fn age(&self) -> usize {
        if self.ratings < 1_000_000 { 10 } else { 1 }
    }

    /// Synthetic ratings around 0 of this size: few users and items have most of them, as in real data, and their
    /// common patterns can be learnt, so that some weights grow while others vanish.
    pub fn draw(&self) -> Ratings {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let mut ratings = Ratings::default();
        for _ in 0..self.ratings {
            // Rows of the tables are not ordered by popularity.
            let mut row = |rows: usize, tail: f64| {
                let rank = ((rows as f64).powf(next().powf(tail)) - 1.0) as u64;
                (rank.wrapping_mul(2_654_435_761) % rows as u64) as u32
            };
            let (user, item) = (row(self.users, 0.35), row(self.items, 0.5));
            ratings.users.push(UserIx(user));
            ratings.items.push(ItemIx(item));
            let tastes = (1..=3).map(|at| taste(user, at) * taste(item, -at));
            let score = 0.6 * (taste(user, 0) + taste(item, 0)) + tastes.sum::<f64>();
            let half_stars = (2.0 * (score + 2.0 * next() - 1.0)).round() as f32;
            ratings.ratings.push((half_stars / 2.0).clamp(-2.0, 2.5));
        }
        ratings
    }
}

/// The taste of a row, between -1 and 1.
fn taste(row: u32, of: i64) -> f64 {
    let mut hash = (u64::from(row) << 8 ^ of as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 29;
    (hash >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}
