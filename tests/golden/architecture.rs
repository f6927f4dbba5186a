//! What files say that are older than their `graph` key: which model of the zoo it is, in the words of another program.

use recburn::data::Schema;
use recburn::graph::L2On;
use recburn::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// A model of the zoo by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InZoo {
    model: String,
    options: Value,
}

impl InZoo {
    /// The graph that the zoo draws of it for this data.
    pub fn graph(&self, schema: &Schema) -> Graph {
        let model = recburn::models::find(&self.model).unwrap_or_else(|error| panic!("{error}"));
        let graph = model.graph(&self.options, schema);
        graph.unwrap_or_else(|error| panic!("{}: {error}", self.model))
    }
}

/// The `architecture` key of older files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    kind: String,
    #[serde(default)]
    bias: bool,
    #[serde(default)]
    reg: f64,
    #[serde(default)]
    reg_bias: f64,
    #[serde(default)]
    reg_on: L2On,
    #[serde(default)]
    reg_dense: f64,
    #[serde(default)]
    nonneg: bool,
    rescale: Option<(f32, f32)>,
    #[serde(default)]
    dense: Vec<(usize, Option<Activation>)>,
    user_dim: Option<usize>,
    item_dim: Option<usize>,
}

impl Architecture {
    /// The model of the zoo that it means.
    pub fn in_zoo(&self, factors: usize) -> InZoo {
        let mut options = json!({ "l2": self.reg, "l2_on": self.reg_on });
        let mut set = |name: &str, value: Value| options[name] = value;
        if self.kind != "mlp" {
            set("factors", json!(factors));
        }
        if self.bias {
            set("bias_l2", json!(self.reg_bias));
        }
        let model = match (self.kind.as_str(), self.bias) {
            ("mf", false) if self.nonneg => "non_negative_mf",
            ("mf", false) => "dot_mf",
            ("mf", true) if self.rescale.is_some() => {
                set("range", json!(self.rescale));
                "scaled_mf"
            }
            ("mf", true) => "biased_mf",
            ("mlp", false) => {
                set("user_factors", json!(self.user_dim.unwrap_or(factors)));
                set("item_factors", json!(self.item_dim.unwrap_or(factors)));
                set("dense_l2", json!(self.reg_dense));
                let block = |(units, activation): &(usize, Option<Activation>)| {
                    let activation = activation.unwrap_or_default();
                    json!({ "dense": { "units": units, "activation": activation } })
                };
                set("stack", self.dense.iter().map(block).collect());
                "concat_mlp"
            }
            ("residual", true) => {
                set("hidden", json!(self.dense[0].0));
                set("activation", json!(self.dense[0].1.unwrap_or_default()));
                set("dense_l2", json!(self.reg_dense));
                "residual_mf"
            }
            (kind, bias) => panic!("no model of the zoo is `{kind}`, bias {bias}"),
        };
        InZoo {
            model: model.to_string(),
            options,
        }
    }
}
