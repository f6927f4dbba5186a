//! Sequences in a graph: their shapes, what takes them, and what is refused.

#![allow(clippy::unwrap_used)]

use recburn_graph::{
    Activation, Graph, Initializer, Input, Kind, Pool, Shape, Side, Sym, Table, add, concat, dot,
};

fn recent(name: &str) -> Input {
    let kind = Kind::Sequence { rows: 9, length: 5 };
    Input::new(name, Side::User, kind)
}

fn refused(output: &Sym) -> String {
    Graph::new("test", output)
        .expect_err("a graph that cannot run")
        .to_string()
}

/// A small transformer over the table of the items.
fn transformer() -> Sym {
    let items = Table::new("items", 9, 4);
    let steps = Sym::sequence(&recent("recent"))
        .look_up("recent_items", &items)
        .positions("positions", Initializer::EMBEDDING);
    let seen = steps.layer_norm("norm").attention("attention", 2);
    let steps = add("attended", [&steps, &seen.dropout("dropped", 0.1)]);
    let user = steps
        .dense("wide", 6, Activation::Relu)
        .dense("narrow", 4, Activation::Linear)
        .at_query("user_vector");
    dot("score", &user, &Sym::item(9).look_up("item_row", &items))
}

#[test]
fn steps_keep_their_length_until_one_of_them_is_taken_for_the_query() {
    let graph = Graph::new("sequence", &transformer()).unwrap();
    let shape = |name: &str| graph.node(name).unwrap().shape;
    assert_eq!(shape("recent"), Shape::Sequence(5));
    let steps = |width| Shape::Steps { length: 5, width };
    for (name, width) in [
        ("recent_items", 4),
        ("positions", 4),
        ("norm", 4),
        ("attention", 4),
        ("dropped", 4),
        ("attended", 4),
        ("wide", 6),
        ("narrow", 4),
    ] {
        assert_eq!(shape(name), steps(width), "{name}");
    }
    assert_eq!(shape("user_vector"), Shape::Row(4));
    assert_eq!(shape("wide").to_string(), "[batch, 5, 6]");
    assert_eq!(shape("recent").to_string(), "[batch, 5]");
    let parameters = |name: &str| graph.node(name).unwrap().parameters.trainable;
    assert_eq!(parameters("recent_items"), 9 * 4);
    assert_eq!(parameters("item_row"), 0, "the same table");
    assert_eq!(parameters("positions"), 5 * 4);
    assert_eq!(parameters("norm"), 2 * 4);
    assert_eq!(parameters("attention"), 3 * 4 * 4);
    assert_eq!(parameters("wide"), 5 * 6);
    let described = |name: &str| graph.describe(graph.node(name).unwrap());
    assert_eq!(described("recent_items"), "Embedding of items 4");
    assert_eq!(described("attention"), "Attention 2 heads");
    let kernels = graph.kernels(graph.node("attention").unwrap());
    assert_eq!(
        kernels,
        ["query", "key", "value"].map(|name| (name, [4, 4]))
    );
    let back: Graph = serde_json::from_str(&serde_json::to_string(&graph).unwrap()).unwrap();
    assert_eq!(back, graph);
}

#[test]
fn masks_of_steps_leave_a_value_of_the_user_alone() {
    let graph = Graph::new("sequence", &transformer()).unwrap();
    let of = |name: &str| graph.node(name).unwrap().depends_on;
    assert!(of("dropped").batch && of("narrow").batch);
    assert_eq!(of("user_vector").one_side(), Some(Side::User));
}

#[test]
fn steps_and_rows_are_not_mixed_up() {
    let steps = Sym::sequence(&recent("recent")).embed("steps", 4);
    let row = Sym::user(3).embed("row", 4);
    let step = "a value of each step of a sequence";
    assert_eq!(
        refused(&add("sum", [&row, &steps]).sum("score")),
        format!("Add `sum` takes a value, but `steps` is {step}")
    );
    assert_eq!(
        refused(&concat("both", [&steps, &row]).at_query("user").sum("score")),
        format!("Concat `both` takes {step}, but `row` is a value")
    );
    assert_eq!(
        refused(&dot("score", &steps, &steps)),
        format!("Dot `score` takes a value, but `steps` is {step}")
    );
    assert_eq!(
        refused(&steps.batch_norm("norm").at_query("user").sum("score")),
        format!("BatchNorm `norm` takes a value, but `steps` is {step}")
    );
    for output in [
        row.attention("taken", 1),
        row.at_query("taken"),
        row.gru("taken", 4),
        row.additive_attention("taken"),
        row.positions("taken", Initializer::Zeros),
    ] {
        let error = refused(&output.sum("score"));
        assert!(
            error.ends_with(&format!("`taken` takes {step}, but `row` is a value")),
            "{error}"
        );
    }
    assert_eq!(
        refused(&steps.dense("score", 1, Activation::Linear)),
        format!("Graph `test` takes one score of each pair, but `score` is {step}")
    );
    assert_eq!(
        refused(
            &Sym::sequence(&Input::items(4))
                .embed("row", 1)
                .at_query("score")
        ),
        format!("AtQuery `score` takes {step}, but `row` is a value")
    );
}

#[test]
fn a_row_can_be_normalised_as_a_step_can() {
    let score = Sym::user(3).embed("row", 4).layer_norm("norm").sum("score");
    let graph = Graph::new("test", &score).unwrap();
    assert_eq!(graph.node("norm").unwrap().shape, Shape::Row(4));
    assert_eq!(graph.parameters().total(), 3 * 4 + 2 * 4);
}

#[test]
fn states_have_as_many_numbers_as_the_layer_units() {
    let states = Sym::sequence(&recent("recent"))
        .embed("steps", 4)
        .gru("gru", 6);
    let score = states
        .additive_attention("look")
        .at_query("user")
        .sum("score");
    let graph = Graph::new("test", &score).unwrap();
    let node = |name: &str| graph.node(name).unwrap();
    for name in ["gru", "look"] {
        let wanted = Shape::Steps {
            length: 5,
            width: 6,
        };
        assert_eq!(node(name).shape, wanted, "{name}");
        let kernels = graph.kernels(node(name)).into_iter();
        let numbers: usize = kernels
            .map(|(_, shape)| shape.iter().product::<usize>())
            .sum();
        assert_eq!(node(name).parameters.trainable, numbers, "{name}");
    }
    assert_eq!(node("gru").parameters.trainable, 3 * 6 * (4 + 6 + 2));
    assert_eq!(graph.describe(node("gru")), "Gru 6");
    assert_eq!(graph.describe(node("look")), "AdditiveAttention");
    assert!(!node("look").depends_on.batch);
    let back: Graph = serde_json::from_str(&serde_json::to_string(&graph).unwrap()).unwrap();
    assert_eq!(back, graph);
    let none = Sym::sequence(&recent("recent"))
        .embed("steps", 4)
        .gru("gru", 0);
    assert_eq!(
        refused(&none.at_query("user").sum("score")),
        "Gru `gru`: units must be 1 or more, not 0"
    );
}

#[test]
fn heads_divide_the_width_and_there_is_one_sequence() {
    let steps = Sym::sequence(&recent("recent")).embed("steps", 4);
    for heads in [0, 3, 8] {
        let score = steps.attention("seen", heads).at_query("user").sum("score");
        assert_eq!(
            refused(&score),
            format!(
                "Attention `seen`: the number of heads must be a divisor of the width, not {heads}"
            )
        );
    }
    let other = Sym::sequence(&recent("watched")).embed("watched_steps", 4);
    let both = concat("both", [&steps.at_query("one"), &other.at_query("two")]);
    assert_eq!(
        refused(&both.sum("score")),
        "`watched_steps` looks up the steps of `watched`; a graph takes one sequence step by step, which is `recent` here: the other can be pooled"
    );
    // A sequence is a bag, too.
    let pooled = Sym::bag(&recent("watched")).embed("watched_row", 4, Pool::Mean);
    let both = concat("both", [&steps.at_query("one"), &pooled]);
    assert!(Graph::new("test", &both.sum("score")).is_ok());
}
