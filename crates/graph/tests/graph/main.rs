//! What a graph refuses, and how it says so; how it is sorted, stored and drawn.

#![allow(clippy::unwrap_used)]

mod drawn;
mod order;
mod refused;
mod settings;
mod stored;

use recburn_graph::{
    Activation, Dependence, Graph, GraphError, Initializer, Input, Kernel, Kind, L2On, Op, Pool,
    Side, Sym, Table, TableOptions, add, concat, dot, multiply, pairwise,
};
use serde_json::{Value, json};

/// The text of what is wrong with this output.
fn refused(output: &Sym) -> String {
    Graph::new("test", output)
        .expect_err("a graph that cannot run")
        .to_string()
}

/// A graph from its stored form.
fn stored(nodes: Value) -> Result<Graph, String> {
    serde_json::from_value(with_tables(nodes)).map_err(|error| error.to_string())
}

/// A stored graph of these nodes, each embedding of which has a table of width 1 and three rows.
fn with_tables(nodes: Value) -> Value {
    let tables = nodes.as_array().unwrap().iter().filter_map(|node| {
        let name = &node["op"].get("embedding")?["table"];
        Some(json!({"name": name, "rows": 3, "width": 1}))
    });
    let tables: Vec<Value> = tables.collect();
    json!({"name": "test", "tables": tables, "nodes": nodes})
}

fn user(rows: usize) -> Value {
    let input = json!({"side": "user", "kind": {"id": {"rows": rows}}});
    json!({"name": "user", "op": {"input": input}, "inputs": []})
}

/// A look-up of the users in a table of the same name.
fn embedding(name: &str) -> Value {
    layer(name, json!({"embedding": {"table": name}}), &["user"])
}

fn layer(name: &str, op: Value, inputs: &[&str]) -> Value {
    json!({"name": name, "op": op, "inputs": inputs})
}

/// A small graph with a skip connection, and most kinds of layers.
fn residual() -> Graph {
    let table = TableOptions {
        initializer: Initializer::Normal {
            mean: 0.0,
            std: 0.05,
        },
        l2: 1e-6,
        non_negative: true,
        ..TableOptions::default()
    };
    let user = Sym::user(1_000).embed_with("user_factors", 4, table);
    let item = Sym::item(20).embed("item_factors", 4);
    let product = multiply("product", [&user, &item]);
    let hidden = product
        .dense("dense_1", 4, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dropout("dropout_1", 0.25);
    let sum = add("sum", [&product, &hidden]);
    let both = concat("both", [&sum, &dot("affinity", &user, &item)]);
    let score = both
        .dense("score", 1, Activation::Linear)
        .activation("squash", Activation::Sigmoid)
        .rescale("stars", 0.5, 5.0);
    Graph::new("residual", &score).unwrap()
}
