//! Deep and cross network, version 2: `x_{l+1} = x_0 * (W_l x_l + b_l) + x_l`, cross layers over all columns, with dense layers
//! after or next to them.
//!
//! - `x_0` `[batch, d]` concatenates the factors of users and items `[rows, k]`, those of each other column `[rows, m]` (a bag
//!   is the mean of its rows) and numbers as they are
//! - a cross layer multiplies `x_0` elementwise by a linear layer of `x_l`: after `l` layers there are products of up to
//!   `l + 1` columns. Its kernel is `[d, d]`, or `U V` with `V` `[d, rank]` and `U` `[rank, d]`; both of these layers have a
//!   bias, of which the inner one adds nothing that the outer one could not
//! - stacked, the hidden layers (with relu) take the crossed columns; in parallel they take `x_0`, and both are
//!   concatenated. A linear layer leads to one number
//! - the output is linear: the rating itself, or the logit of the logistic loss on clicks
//! - source: Wang et al. 2021, "DCN V2: improved deep & cross network and practical lessons for web-scale learning to rank
//!   systems", equations 1 to 3; without their mixture of low-rank experts

use crate::architecture::{Architecture, ModelError};
use crate::deep::Deep;
use crate::features::{Joined, fields, joined};
use recburn_graph::{
    Activation, Graph, Initializer, Kernel, L2On, Sym, TableOptions, add, concat, multiply,
};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Where the hidden layers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structure {
    /// After the cross layers.
    #[default]
    Stacked,
    /// Next to them.
    Parallel,
}

/// Options of deep and cross networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DcnV2 {
    /// Factors of a user's and of an item's id.
    pub factors: usize,
    /// Factors of another column of ids or bags.
    pub feature_factors: usize,
    /// The columns besides users and items; `null` for every feature of users and items and every column of ratings in the
    /// data. Histories (`history`, `rated_history`, `recent`, `raters`) are read only if named here.
    pub features: Option<Vec<String>>,
    /// The number of cross layers.
    pub cross_layers: usize,
    /// The rank of their kernels; `null` for full ones.
    pub rank: Option<usize>,
    /// Whether the hidden layers come after the cross layers, `stacked`, or next to them, `parallel`.
    pub structure: Structure,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Dropout after each hidden layer; 0 for none.
    pub dropout: f64,
    /// Whether each hidden layer is normalised over the batch, before its relu.
    pub batch_norm: bool,
    /// Penalty on all tables.
    pub l2: f64,
    /// Whether it is one on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all tables.
    pub initializer: Initializer,
    /// Penalty on the kernel of every layer.
    pub dense_l2: f64,
}

impl Default for DcnV2 {
    fn default() -> Self {
        Self {
            factors: 32,
            feature_factors: 8,
            features: None,
            cross_layers: 2,
            rank: None,
            structure: Structure::Stacked,
            hidden: vec![64, 32],
            dropout: 0.0,
            batch_norm: false,
            l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
        }
    }
}

impl DcnV2 {
    fn kernel(&self) -> Kernel {
        Kernel {
            l2: self.dense_l2,
            ..Kernel::default()
        }
    }

    /// The cross layers over `columns`, `x_0`.
    fn crossed(&self, columns: &Joined) -> Sym {
        let kernel = self.kernel();
        (1..=self.cross_layers).fold(columns.value.clone(), |value, at| {
            let inner = match self.rank {
                None => value.clone(),
                Some(rank) => {
                    let name = format!("cross_{at}_down");
                    value.dense_with(&name, rank, Activation::Linear, kernel)
                }
            };
            let name = format!("cross_{at}_linear");
            let linear = inner.dense_with(&name, columns.width, Activation::Linear, kernel);
            let product = multiply(&format!("cross_{at}_product"), [&columns.value, &linear]);
            add(&format!("cross_{at}"), [&product, &value])
        })
    }
}

impl Architecture for DcnV2 {
    const NAME: &'static str = "dcn_v2";
    const ABOUT: &'static str =
        "cross layers and dense layers over the factors of user, item, features and columns";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let fields = fields(schema, self.features.as_deref())?;
        let table = TableOptions {
            initializer: self.initializer,
            l2: self.l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let stack = Deep {
            hidden: &self.hidden,
            dropout: self.dropout,
            batch_norm: self.batch_norm,
            kernel: self.kernel(),
        };
        let widths = [self.factors, self.feature_factors];
        let columns = joined("columns", &fields, widths, table);
        let crossed = self.crossed(&columns);
        let last = match self.structure {
            Structure::Stacked => stack.over(crossed),
            Structure::Parallel if self.hidden.is_empty() => crossed,
            Structure::Parallel => concat("both", [&crossed, &stack.over(columns.value)]),
        };
        let score = last.dense_with("score", 1, Activation::Linear, self.kernel());
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
