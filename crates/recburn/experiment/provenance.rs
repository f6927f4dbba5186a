//! The identity of a training run, which distinguishes its checkpoints and model from others.

use super::{Experiment, Prepared};
use serde_json::{Map, Value, json};

/// Settings that only locate the data or set the duration of training, or that the trainer compares itself.
const ASIDE: [&str; 12] = [
    "add",
    "bad_lines",
    "data",
    "data_dir",
    "columns",
    "items",
    "phases",
    "patience",
    "loss",
    "rule",
    "mode",
    "batch",
];

impl Experiment {
    /// All settings that identify the training, by name, with fingerprints of the data.
    pub fn provenance(&self, prepared: &Prepared) -> Value {
        let mut all = self.settings();
        self.add_rows(&mut all, prepared);
        Value::Object(all)
    }

    /// The settings alone.
    pub(super) fn settings(&self) -> Map<String, Value> {
        let mut all = Map::new();
        all.insert("model".to_string(), json!(self.model));
        for (name, value) in self.options.as_object().into_iter().flatten() {
            all.insert(format!("option {name}"), value.clone());
        }
        let training = serde_json::to_value(&self.training).expect("a training is plain data");
        for (name, value) in training.as_object().into_iter().flatten() {
            if !ASIDE.contains(&name.as_str()) {
                all.insert(name.clone(), value.clone());
            }
        }
        all.insert("seed".to_string(), json!(self.seed));
        all
    }

    fn add_rows(&self, all: &mut Map<String, Value>, prepared: &Prepared) {
        let dataset = &prepared.dataset;
        let (users, items) = (dataset.users.fingerprint(), dataset.items.fingerprint());
        let parts = [
            ("training", prepared.train.fingerprint()),
            ("validation", prepared.valid.fingerprint()),
            ("test", prepared.test.fingerprint()),
        ];
        let mut counts = Map::new();
        let mut hashes = Map::new();
        counts.insert("the number of users".to_string(), json!(users.rows));
        counts.insert("the number of items".to_string(), json!(items.rows));
        for (name, print) in parts {
            counts.insert(format!("the number of {name} rows"), json!(print.rows));
            let hash = format!("{:016x}", print.hash);
            hashes.insert(format!("the hash of the {name} rows"), json!(hash));
        }
        for (name, print) in [("users", users), ("items", items)] {
            let hash = format!("{:016x}", print.hash);
            hashes.insert(format!("the hash of the ids of {name}"), json!(hash));
        }
        counts.insert("hashes".to_string(), Value::Object(hashes));
        all.insert("rows".to_string(), Value::Object(counts));
    }
}
