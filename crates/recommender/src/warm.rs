//! Warm start: the weights of a saved model for a network on grown data.

use crate::error::RecommenderError;
use crate::recommender::Recommender;
use recburn_data::{Dataset, ItemIx, UserIx};
use recburn_graph::{Graph, Kind, Node, Op, Side, Table};
use recburn_nn::{Model, Network, Weight, Weights, WeightsError};
use serde_json::Value;

impl Recommender<Network> {
    /// A network for a data set with this model's weights: table rows are matched by raw id, all other layers are
    /// copied. Rows of unknown ids keep the weights of `network`, which are initial weights for a fresh one.
    ///
    /// The weights belong to ratings from which [`Recommender::centre`] is subtracted, so train with the same centre.
    /// The state of an optimizer is not part of a saved model.
    ///
    /// # Errors
    ///
    /// [`RecommenderError::OtherGraph`] if more than the number of rows differs, [`RecommenderError::Rows`] if the
    /// network has too few rows for the data set.
    pub fn warm_start(
        &self,
        network: Network,
        dataset: &Dataset,
    ) -> Result<Network, RecommenderError> {
        let (old, graph) = (self.model.graph(), network.graph().clone());
        let differences = differences(old, &graph);
        if !differences.is_empty() {
            return Err(RecommenderError::OtherGraph { differences });
        }
        for (what, rows, needed) in [
            ("user", graph.user_rows(), dataset.users.rows()),
            ("item", graph.item_rows(), dataset.items.rows()),
        ] {
            if rows != 0 && rows < needed {
                return Err(RecommenderError::Rows { what, rows, needed });
            }
        }
        let maps = self.library.row_maps(dataset);
        let mut known = Weights::of(&self.model).0;
        let mut weights = Weights::of(&network);
        for table in graph.tables() {
            let rows = match side_of(&graph, &table.name) {
                Some(Side::User) => &maps.users,
                Some(Side::Item) => &maps.items,
                Some(Side::Event) | None => continue,
            };
            let name = format!("{}.weight", table.name);
            let old = known.remove(&name);
            let (Some(old), Some(new)) = (old, weights.0.get_mut(&name)) else {
                return Err(missing(name, &weights));
            };
            copy_rows(rows, &old, new, table.width);
        }
        // The remaining weights have the same shape in both.
        weights.0.extend(known);
        Ok(weights.load_into(network)?)
    }
}

impl<M: Model + Sync> Recommender<M> {
    /// For each rating of a data set, whether this model was trained on its pair of raw ids.
    pub fn trained_on(&self, dataset: &Dataset) -> Vec<bool> {
        let maps = self.library.row_maps(dataset);
        let ratings = &dataset.ratings;
        let pairs = ratings.users.iter().zip(&ratings.items);
        let known = pairs.map(|(user, item)| maps.pair(*user, *item));
        known
            .map(|pair| {
                pair.is_some_and(|(user, item)| {
                    self.library.seen.is_trained(UserIx(user), ItemIx(item))
                })
            })
            .collect()
    }
}

/// Whose ids index a table of a graph: those of the users or of the items, if these are looked up in it.
pub(crate) fn side_of(graph: &Graph, table: &str) -> Option<Side> {
    let readers = graph.nodes().iter();
    let mut readers = readers.filter(|node| node.op.table() == Some(table));
    readers.find_map(|node| match graph.nodes()[node.sources[0]].input()? {
        input if input.is_users() => Some(Side::User),
        input if input.is_items() => Some(Side::Item),
        _ => None,
    })
}

fn missing(name: String, weights: &Weights) -> RecommenderError {
    let seen = weights.0.keys().cloned().collect::<Vec<_>>().join(", ");
    WeightsError::Missing { name, seen }.into()
}

fn copy_rows(rows: &[Option<u32>], old: &Weight, new: &mut Weight, width: usize) {
    for (to, from) in new.values.chunks_exact_mut(width).zip(rows) {
        if let Some(from) = from {
            let from = *from as usize * width;
            to.copy_from_slice(&old.values[from..from + width]);
        }
    }
}

/// The differences between two graphs, apart from numbers of rows, as text.
fn differences(saved: &Graph, own: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, saved: &str, own: &str| {
        if saved != own {
            found.push(format!(
                "{what} is {saved} in the saved model, but {own} here"
            ));
        }
    };
    differ("the graph", saved.name(), own.name());
    for node in saved.nodes() {
        match own.node(&node.name) {
            None => differ(&format!("`{}`", node.name), &node.op.to_string(), "missing"),
            Some(other) => {
                let mut leaves = Vec::new();
                leaves_that_differ("", &plain(saved, node), &plain(own, other), &mut leaves);
                for (path, theirs, ours) in leaves {
                    differ(&format!("`{}`{path}", node.name), &theirs, &ours);
                }
                let (theirs, ours) = (node.inputs.join(", "), other.inputs.join(", "));
                differ(&format!("the input of `{}`", node.name), &theirs, &ours);
            }
        }
    }
    for node in own.nodes() {
        if saved.node(&node.name).is_none() {
            differ(&format!("`{}`", node.name), "missing", &node.op.to_string());
        }
    }
    found
}

/// The operation of a node as data, with the table that it reads, but without numbers of rows.
fn plain(graph: &Graph, node: &Node) -> Value {
    let op = match &node.op {
        Op::Input { side, kind } => Op::Input {
            side: *side,
            kind: match kind {
                Kind::Id { .. } => Kind::Id { rows: 0 },
                Kind::Bag { .. } => Kind::Bag { rows: 0 },
                Kind::Sequence { length, .. } => Kind::Sequence {
                    rows: 0,
                    length: *length,
                },
                Kind::Numbers { width } => Kind::Numbers { width: *width },
            },
        },
        other => other.clone(),
    };
    let table = graph.table_of(node).map(|table| Table {
        rows: 0,
        ..table.clone()
    });
    serde_json::json!({"op": op, "table": table})
}

/// Compares two values recursively and names differences by the last part of their path.
fn leaves_that_differ(
    path: &str,
    saved: &Value,
    own: &Value,
    found: &mut Vec<(String, String, String)>,
) {
    if saved == own {
        return;
    }
    if let (Value::Object(left), Value::Object(right)) = (saved, own) {
        let none = Value::Null;
        let others = right.keys().filter(|key| !left.contains_key(*key));
        for key in left.keys().chain(others) {
            leaves_that_differ(
                &format!(" {key}"),
                left.get(key).unwrap_or(&none),
                right.get(key).unwrap_or(&none),
                found,
            );
        }
        return;
    }
    let word = |value: &Value| match value {
        Value::Null => "not set".to_string(),
        other => other.to_string(),
    };
    found.push((path.to_string(), word(saved), word(own)));
}
