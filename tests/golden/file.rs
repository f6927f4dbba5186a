//! A golden file, as `tests/golden/README.md` describes it.

use crate::architecture::{Architecture, InZoo};
use recburn::data::{Bags, Batch, Candidates, Coalescer, Input, Kind, Schema, Side, Values};
use recburn::nn::{Weight, Weights};
use recburn::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Weights as they are in the file: numbers nested in lists, by name.
pub type Nested = BTreeMap<String, Value>;

#[derive(Deserialize)]
pub struct Golden {
    pub case: String,
    pub users: usize,
    pub items: usize,
    pub loss: Loss,
    graph: Option<Graph>,
    zoo: Option<InZoo>,
    architecture: Option<Architecture>,
    factors: Option<usize>,
    hyper: Hyper,
    pub learning_rates: Option<Vec<f64>>,
    /// Inputs of users and items, one entry for each row.
    #[serde(default)]
    features: BTreeMap<String, Given>,
    pub initial: Nested,
    pub batches: Vec<Step>,
    pub losses: Vec<f64>,
    pub after_step: BTreeMap<usize, Nested>,
    #[serde(rename = "final")]
    pub last: Nested,
    pub predictions: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Hyper {
    optimizer: String,
    learning_rate: f64,
    #[serde(default)]
    momentum: f64,
    beta_1: Option<f64>,
    beta_2: Option<f64>,
    epsilon: Option<f64>,
    weight_decay: Option<f64>,
    initial_accumulator_value: Option<f64>,
}

/// A batch, its rows as they come.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    users: Vec<u32>,
    items: Vec<u32>,
    #[serde(default)]
    each: Option<usize>,
    #[serde(default)]
    shared: Option<usize>,
    #[serde(default, alias = "ratings")]
    targets: Vec<f32>,
    #[serde(default)]
    positives: Vec<u32>,
    #[serde(default)]
    left_out: Vec<u32>,
    #[serde(default)]
    log_q: Vec<f32>,
    #[serde(default)]
    weights: Vec<f32>,
    #[serde(default)]
    every_position: bool,
    /// Inputs of events, one entry for each query.
    #[serde(default)]
    others: BTreeMap<String, Given>,
}

/// The values of an input, one entry after the other.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Given {
    Ids(Vec<u32>),
    Numbers(Vec<Vec<f32>>),
    /// Ids of each bag, all of weight 1, or of each sequence.
    Bags(Vec<Vec<u32>>),
    /// Ids and weights of each bag.
    Weighted(Vec<Vec<(u32, f32)>>),
}

impl Given {
    /// The entries of these places.
    fn at(&self, places: &[u32], rows: usize) -> Values {
        let places = places.iter().map(|&place| place as usize);
        let column = |ids: Vec<u32>| Coalescer::new(rows).column(&ids);
        match self {
            Self::Ids(ids) => Values::Ids(column(places.map(|at| ids[at]).collect())),
            Self::Numbers(rows) => {
                Values::Numbers(places.flat_map(|at| rows[at].clone()).collect())
            }
            Self::Bags(bags) => {
                let (mut ids, mut ends) = (Vec::new(), Vec::new());
                for at in places {
                    ids.extend(&bags[at]);
                    ends.push(ids.len() as u32);
                }
                Values::Bags(Bags {
                    column: column(ids),
                    ends,
                    weights: Vec::new(),
                })
            }
            Self::Weighted(bags) => {
                let (mut entries, mut ends) = (Vec::new(), Vec::new());
                for at in places {
                    entries.extend(&bags[at]);
                    ends.push(entries.len() as u32);
                }
                let (ids, weights) = entries.into_iter().unzip();
                Values::Bags(Bags {
                    column: column(ids),
                    ends,
                    weights,
                })
            }
        }
    }
}

impl Golden {
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn graph(&self) -> Graph {
        match (&self.graph, &self.architecture, self.factors) {
            (Some(graph), ..) => graph.clone(),
            (None, Some(of_zoo), Some(factors)) => of_zoo.in_zoo(factors).graph(&self.pairs()),
            _ => panic!("{}: there is no `graph`", self.case),
        }
    }

    /// What the zoo draws of the model that the file names, if it names one, for data with the inputs of the file's graph.
    pub fn drawn_by_the_zoo(&self) -> Option<Graph> {
        let in_zoo = self.zoo.as_ref()?;
        let inputs = self.graph().inputs().into_iter();
        let others = inputs.filter(|input| !input.is_users() && !input.is_items());
        Some(in_zoo.graph(&others.fold(self.pairs(), Schema::with)))
    }

    fn pairs(&self) -> Schema {
        Schema::of_pairs(self.users, self.items, (0.5, 5.0))
    }

    pub fn trainer(&self) -> Trainer {
        let h = &self.hyper;
        let known = |value: Option<f64>| {
            value.unwrap_or_else(|| panic!("{}: a hyper-parameter is missing", self.case))
        };
        let rule = match h.optimizer.as_str() {
            "sgd" => Rule::sgd(h.momentum),
            "adam" => Rule::Adam {
                beta_1: known(h.beta_1),
                beta_2: known(h.beta_2),
                epsilon: known(h.epsilon),
            },
            "adamw" => Rule::AdamW {
                beta_1: known(h.beta_1),
                beta_2: known(h.beta_2),
                epsilon: known(h.epsilon),
                weight_decay: known(h.weight_decay),
            },
            "adagrad" => Rule::AdaGrad {
                initial_accumulator_value: known(h.initial_accumulator_value),
                epsilon: known(h.epsilon),
            },
            other => panic!("{}: no optimizer is called {other}", self.case),
        };
        Trainer::new(rule, h.learning_rate).loss(self.loss)
    }

    /// The batch of a step, for a model that reads these inputs.
    pub fn batch(&self, step: &Step, inputs: &[Input]) -> Batch {
        let mut batch = Batch {
            queries: step.users.len(),
            candidates: match (step.each, step.shared) {
                (each, None) => Candidates::Each(each.unwrap_or(1)),
                (None, Some(shared)) => Candidates::Shared(shared),
                _ => panic!("{}: candidates are each query's or shared", self.case),
            },
            users: Coalescer::new(self.users).column(&step.users),
            items: Coalescer::new(self.items).column(&step.items),
            targets: step.targets.clone(),
            positives: step.positives.clone(),
            left_out: step.left_out.clone(),
            log_q: step.log_q.clone(),
            weights: step.weights.clone(),
            every_position: step.every_position,
            ..Batch::default()
        };
        self.fill(&mut batch, inputs, &step.others);
        batch
    }

    /// Puts the other inputs into a batch.
    fn fill(&self, batch: &mut Batch, inputs: &[Input], of_queries: &BTreeMap<String, Given>) {
        let queries: Vec<u32> = (0..batch.queries as u32).collect();
        for input in inputs.iter().filter(|i| !i.is_users() && !i.is_items()) {
            let (given, places) = match input.side {
                Side::User => (&self.features, &batch.users.rows),
                Side::Item => (&self.features, &batch.items.rows),
                Side::Event => (of_queries, &queries),
            };
            let Some(given) = given.get(&input.name) else {
                panic!("{}: there are no values of `{}`", self.case, input.name);
            };
            let rows = match &input.kind {
                Kind::Id { rows } | Kind::Bag { rows } | Kind::Sequence { rows, .. } => *rows,
                Kind::Numbers { .. } => 0,
            };
            let values = given.at(places, rows);
            batch.others.push(values);
        }
    }

    /// The scores to be predicted, in the ways to ask for them: of every user with every item, as one matrix and as pairs,
    /// or, where an input is an event's, of the last batch.
    pub fn asked(&self, inputs: &[Input]) -> Vec<Batch> {
        if inputs.iter().any(|input| input.side == Side::Event) {
            let last = self.batches.last().expect("there are batches");
            return vec![self.batch(last, inputs)];
        }
        let (users, items) = (self.users as u32, self.items as u32);
        let matrix = Step {
            users: (0..users).collect(),
            items: (0..items).collect(),
            shared: Some(self.items),
            ..Step::default()
        };
        let pairs = Step {
            users: (0..users)
                .flat_map(|user| (0..items).map(move |_| user))
                .collect(),
            items: (0..users).flat_map(|_| 0..items).collect(),
            ..Step::default()
        };
        vec![self.batch(&matrix, inputs), self.batch(&pairs, inputs)]
    }
}

/// Numbers nested in lists, as a weight.
fn weight(value: &Value) -> Weight {
    fn walk(value: &Value, depth: usize, shape: &mut Vec<usize>, values: &mut Vec<f32>) {
        match value {
            Value::Array(list) => {
                if shape.len() == depth {
                    shape.push(list.len());
                }
                list.iter()
                    .for_each(|value| walk(value, depth + 1, shape, values));
            }
            number => values.push(number.as_f64().expect("a weight is a number") as f32),
        }
    }
    let (mut shape, mut values) = (Vec::new(), Vec::new());
    walk(value, 0, &mut shape, &mut values);
    Weight { shape, values }
}

pub fn weights(values: &Nested) -> Weights {
    let named = values.iter();
    Weights(
        named
            .map(|(name, value)| (name.clone(), weight(value)))
            .collect(),
    )
}
