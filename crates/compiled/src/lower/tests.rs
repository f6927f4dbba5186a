//! The steps that graphs are lowered to.

use super::{Queries, lower};
use crate::program::{Operation, Step, Value};
use recburn_graph::{Activation, Graph, GraphError, Sym, add, concat, dot, multiply};

/// Each step as text, with the place of its output.
fn shown(output: &Sym) -> Result<Vec<String>, GraphError> {
    let graph = Graph::new("test", output)?;
    let (program, _) = lower(&graph, Queries::default());
    let word = |operation: &Operation| match operation {
        Operation::Gather { read } => {
            let table = program.reads[*read].table;
            format!("gather {}", graph.tables()[table].name)
        }
        Operation::Pool { .. } => "pool".to_string(),
        Operation::Numbers { .. } => "numbers".to_string(),
        Operation::Spread { .. } => "spread".to_string(),
        Operation::Dense { .. } => "dense".to_string(),
        Operation::Bias { .. } => "bias".to_string(),
        Operation::Activation { .. } => "activation".to_string(),
        Operation::BatchNorm { .. } => "batch norm".to_string(),
        Operation::LayerNorm { .. } => "layer norm".to_string(),
        Operation::Positions { .. } => "positions".to_string(),
        Operation::Attention { .. } => "attention".to_string(),
        Operation::Gru { .. } => "gru".to_string(),
        Operation::AdditiveAttention { .. } => "additive attention".to_string(),
        Operation::AtQuery { .. } => "at query".to_string(),
        Operation::Dot { .. } => "dot".to_string(),
        Operation::Products { .. } => "products".to_string(),
        Operation::Pairwise { .. } => "pairwise".to_string(),
        Operation::Sum { .. } => "sum".to_string(),
        Operation::Add { .. } => "add".to_string(),
        Operation::Multiply { .. } => "multiply".to_string(),
        Operation::Sampling { .. } => "sampling".to_string(),
        Operation::Concat { parts } => format!("concat of {} copies", parts.len()),
        Operation::Rescale { .. } => "rescale".to_string(),
        Operation::Copy { .. } => "copy".to_string(),
    };
    let show = |step: &Step| {
        let Value { axis, place } = program.values[step.output.0];
        let dropped = if step.dropout.is_some() {
            " dropped"
        } else {
            ""
        };
        let range = place.start..place.start + place.width;
        format!(
            "{}{dropped}: {axis:?} {range:?} of {}",
            word(&step.operation),
            place.stride
        )
    };
    Ok(program.steps.iter().map(show).collect())
}

#[test]
fn rows_that_go_side_by_side_are_read_to_where_they_go() -> Result<(), GraphError> {
    let (user, item) = (Sym::user(3), Sym::item(4));
    let (p, q) = (user.embed("p", 2), item.embed("q", 3));
    let tower = concat("pair", [&p, &q])
        .dropout("dropped", 0.5)
        .dense("hidden", 4, Activation::Relu)
        .dropout("dropped_too", 0.5)
        .dense("score", 1, Activation::Linear);
    assert_eq!(
        shown(&tower)?,
        [
            "gather p: Pairs 0..2 of 5",
            "gather q: Pairs 2..5 of 5",
            "concat of 0 copies dropped: Pairs 0..5 of 5",
            "dense dropped: Pairs 0..4 of 4",
            "dense: Pairs 0..1 of 1",
        ]
    );
    Ok(())
}

#[test]
fn what_something_else_reads_is_not_dropped_in_place() -> Result<(), GraphError> {
    let (user, item) = (Sym::user(3), Sym::item(4));
    let (p, q) = (user.embed("p", 2), item.embed("q", 2));
    let pair = concat("pair", [&p, &q]).dropout("dropped", 0.5);
    let deep = pair.dense("deep", 1, Activation::Linear);
    let score = add("score", [&dot("affinity", &p, &q), &deep]);
    assert_eq!(
        shown(&score)?[..3],
        [
            "gather p: Pairs 0..2 of 2",
            "gather q: Pairs 0..2 of 2",
            "dot: Pairs 0..1 of 1",
        ]
    );
    Ok(())
}

#[test]
fn what_depends_on_users_alone_is_computed_once_for_each() -> Result<(), GraphError> {
    let (user, item) = (Sym::user(3), Sym::item(4));
    let tower = user.embed("p", 2).dense("tower", 2, Activation::Tanh);
    let score = dot("score", &tower, &item.embed("q", 2));
    assert_eq!(
        shown(&score)?,
        [
            "gather p: Users 0..2 of 2",
            "dense: Users 0..2 of 2",
            "spread: Pairs 0..2 of 2",
            "gather q: Pairs 0..2 of 2",
            "dot: Pairs 0..1 of 1",
        ]
    );
    let product = multiply("product", [&tower, &user.embed("o", 2)]);
    let shown = shown(&dot("score", &product, &item.embed("q", 2)))?;
    assert_eq!(shown[3], "multiply: Users 0..2 of 2");
    Ok(())
}
