//! All weights under the names of Keras.

use crate::commands::saved::Saved;
use crate::output::{Output, place};
use anyhow::Result;
use recburn::prelude::*;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Serialize)]
struct Written<'a> {
    file: &'a Path,
    model: &'a str,
    weights: Vec<String>,
    mean: f32,
}

/// Writes the file, whole or not at all. Its metadata have the row of each id, as JSON, and the mean that is added to scores.
pub fn write(saved: &Saved, out: &Path, output: &Output) -> Result<()> {
    let output = output.next_to(out);
    let loaded = saved.load()?;
    let recommender = loaded.network()?;
    let network = recommender.model();
    let weights = Weights::of(network).to_keras(network.graph())?;
    let mean = recommender.centre().mean;
    let users = recommender.users().iter().map(|(at, id)| row(&id, at.0));
    let items = recommender.items().iter().map(|(at, id)| row(&id, at.0));
    let about = BTreeMap::from([
        ("model".to_string(), network.graph().name().to_string()),
        ("mean".to_string(), mean.to_string()),
        (
            "users".to_string(),
            Value::Object(users.collect()).to_string(),
        ),
        (
            "items".to_string(),
            Value::Object(items.collect()).to_string(),
        ),
    ]);
    weights.save_with(out, &about)?;
    let names: Vec<String> = weights.0.keys().cloned().collect();
    let text = format!(
        "{}: {} weights ({}), in {}",
        network.graph().name(),
        names.len(),
        names.join(", "),
        place(out)
    );
    let written = Written {
        file: out,
        model: network.graph().name(),
        weights: names,
        mean,
    };
    output.answer(&written, text)
}

fn row(id: &str, at: u32) -> (String, Value) {
    (id.to_string(), at.into())
}
