//! Two towers: `score = f(user, user features) . g(item, item features) + b_u + c_i`.
//!
//! - each tower concatenates the row of its id (table `[rows, k]`), a row for each feature of ids and a mean row for each bag
//!   (tables `[rows, m]`), and numbers as they are; hidden layers with relu and a linear layer lead to `[batch, width]`
//! - a tower is computed once per distinct user or item of a batch, and its outputs can be stored in an index
//! - source: Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus item recommendations"; Covington,
//!   Adams and Sargin 2016

use crate::architecture::{Architecture, ModelError};
use crate::features::{chosen, embedded};
use recburn_graph::{
    Activation, Graph, Initializer, Kernel, L2On, Sym, TableOptions, add, concat, dot,
};
use recburn_schema::{Input, Kind, Schema, Side};
use serde::{Deserialize, Serialize};

/// Options of two towers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TwoTower {
    /// Factors of a user's and of an item's id.
    pub factors: usize,
    /// Factors of a feature of ids or bags.
    pub feature_factors: usize,
    /// The features of users and items that the towers read; `null` for all that the data have. Histories (`history`,
    /// `rated_history`, `recent`, `raters`) are read only if named here.
    pub features: Option<Vec<String>>,
    /// Widths of the hidden layers of each tower.
    pub hidden: Vec<usize>,
    /// Width of a tower's output.
    pub width: usize,
    /// Whether to add a bias for each user and item, which ratings need.
    pub biases: bool,
    /// Penalty on all tables of factors.
    pub l2: f64,
    /// Penalty on both bias tables.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all tables.
    pub initializer: Initializer,
    /// Penalty on the kernel of every dense layer.
    pub dense_l2: f64,
}

impl Default for TwoTower {
    fn default() -> Self {
        Self {
            factors: 32,
            feature_factors: 8,
            features: None,
            hidden: vec![64],
            width: 32,
            biases: true,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
        }
    }
}

impl TwoTower {
    fn table(&self, l2: f64) -> TableOptions {
        TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        }
    }

    /// The tower over `id` and the features of its side.
    fn tower(&self, side: &str, id: &Input, features: &[Input]) -> Sym {
        let kernel = Kernel {
            l2: self.dense_l2,
            ..Kernel::default()
        };
        let table = self.table(self.l2);
        let read = |input: &Input| match &input.kind {
            Kind::Numbers { .. } => Sym::numbers(input),
            Kind::Id { .. } | Kind::Bag { .. } | Kind::Sequence { .. } => {
                let name = format!("{}_factors", input.name);
                embedded(input, &name, self.feature_factors, table, kernel)
            }
        };
        let own = Sym::column(id).embed_with(&format!("{side}_factors"), self.factors, table);
        let features = features.iter().filter(|input| input.side == id.side);
        let known: Vec<Sym> = std::iter::once(own.clone())
            .chain(features.map(read))
            .collect();
        let known = match known.len() {
            1 => own,
            _ => concat(&format!("{side}_known"), &known),
        };
        let hidden = (1..).zip(&self.hidden).fold(known, |value, (at, &units)| {
            let name = format!("{side}_hidden_{at}");
            value.dense_with(&name, units, Activation::Relu, kernel)
        });
        hidden.dense_with(
            &format!("{side}_tower"),
            self.width,
            Activation::Linear,
            kernel,
        )
    }
}

impl Architecture for TwoTower {
    const NAME: &'static str = "two_tower";
    const ABOUT: &'static str =
        "dense layers over user and user features . dense layers over item and item features";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let features = chosen(schema, self.features.as_deref(), &[Side::User, Side::Item])?;
        let (user, item) = (Input::users(schema.users()), Input::items(schema.items()));
        let (users, items) = (
            self.tower("user", &user, &features),
            self.tower("item", &item, &features),
        );
        if !self.biases {
            return Ok(Graph::new(Self::NAME, &dot("score", &users, &items))?);
        }
        let bias = |of: &Input, name: &str| {
            let table = self.table(self.bias_l2);
            Sym::column(of).embed_with(name, 1, table)
        };
        let score = add(
            "score",
            [
                &dot("affinity", &users, &items),
                &bias(&user, "user_bias"),
                &bias(&item, "item_bias"),
            ],
        );
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
