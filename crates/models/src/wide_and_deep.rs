//! Wide and deep: `score = sum of w_a x_a + f(x)`, linear terms next to dense layers over the same columns.
//!
//! - wide: the table `NAME_bias` `[rows, 1]` holds the weight of each id of a column; a bag (genres, a history) is the mean of
//!   its weights, and a number is multiplied by one, plus a bias
//! - deep: the factors of users and items `[rows, k]`, those of each other column `[rows, m]` (a bag is the mean of its rows)
//!   and numbers as they are, concatenated to `[batch, 2 k + m + ...]`; hidden layers with relu and a linear layer lead to
//!   one number
//! - the output is linear: the rating itself, or the logit of the logistic loss on clicks
//! - there are no crossed terms of users and items, such as a weight for each user and genre: a graph reads columns of
//!   users, items and ratings and makes none of pairs. A crossed column that the data have (gender and occupation in one) is
//!   read like any other; products of factors, which are crossed terms of low rank, are what
//!   [`deep_fm`](crate::deep_fm) adds. Both parts are trained by the same rule, where the paper has FTRL for the wide and
//!   AdaGrad for the deep part
//! - source: Cheng et al. 2016, "Wide & deep learning for recommender systems", equation 3

use crate::architecture::{Architecture, ModelError};
use crate::deep::Deep;
use crate::features::{fields, joined, linear};
use recburn_graph::{Activation, Graph, Initializer, Kernel, L2On, TableOptions, add};
use recburn_schema::Schema;
use serde::{Deserialize, Serialize};

/// Options of wide and deep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WideAndDeep {
    /// Factors of a user's and of an item's id.
    pub factors: usize,
    /// Factors of another column of ids or bags.
    pub feature_factors: usize,
    /// The columns besides users and items; `null` for every feature of users and items and every column of ratings in the
    /// data. Histories (`history`, `rated_history`, `recent`, `raters`) are read only if named here.
    pub features: Option<Vec<String>>,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Dropout after each hidden layer; 0 for none.
    pub dropout: f64,
    /// Whether each hidden layer is normalised over the batch, before its relu.
    pub batch_norm: bool,
    /// Penalty on all tables of factors.
    pub l2: f64,
    /// Penalty on the tables of linear terms.
    pub bias_l2: f64,
    /// Whether these are penalties on the whole tables, as Keras has it, or on the rows of each batch.
    pub l2_on: L2On,
    /// Start of all tables.
    pub initializer: Initializer,
    /// Penalty on the kernel of every dense layer, and on the weights of numbers.
    pub dense_l2: f64,
}

impl Default for WideAndDeep {
    fn default() -> Self {
        Self {
            factors: 32,
            feature_factors: 8,
            features: None,
            hidden: vec![64, 32],
            dropout: 0.0,
            batch_norm: false,
            l2: 0.0,
            bias_l2: 0.0,
            l2_on: L2On::Table,
            initializer: Initializer::EMBEDDING,
            dense_l2: 0.0,
        }
    }
}

impl Architecture for WideAndDeep {
    const NAME: &'static str = "wide_and_deep";
    const ABOUT: &'static str =
        "linear terms of user, item, features and columns, plus dense layers over their factors";

    fn graph(&self, schema: &Schema) -> Result<Graph, ModelError> {
        let fields = fields(schema, self.features.as_deref())?;
        let table = |l2| TableOptions {
            initializer: self.initializer,
            l2,
            l2_on: self.l2_on,
            non_negative: false,
        };
        let kernel = Kernel {
            l2: self.dense_l2,
            ..Kernel::default()
        };
        let widths = [self.factors, self.feature_factors];
        let stack = Deep {
            hidden: &self.hidden,
            dropout: self.dropout,
            batch_norm: self.batch_norm,
            kernel,
        };
        let columns = joined("columns", &fields, widths, table(self.l2));
        let deep = stack
            .over(columns.value)
            .dense_with("deep", 1, Activation::Linear, kernel);
        let wide = linear(&fields, table(self.bias_l2), kernel);
        let score = add("score", wide.iter().chain([&deep]));
        Ok(Graph::new(Self::NAME, &score)?)
    }
}
