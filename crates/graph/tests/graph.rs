//! What a graph refuses, and how it says so; how it is sorted, stored and drawn.

#![allow(clippy::unwrap_used)]

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

#[test]
fn two_layers_of_one_name_are_refused_by_that_name() {
    let user = Sym::user(3);
    let twice = add("score", [&user.embed("bias", 1), &user.embed("bias", 1)]);
    assert_eq!(
        refused(&twice),
        "two nodes are called `bias`: each layer needs a name of its own"
    );
    // The columns' names are taken too.
    assert_eq!(
        Graph::new("test", &user.embed("user", 1)),
        Err(GraphError::DuplicateName {
            name: "user".to_string()
        })
    );
}

#[test]
fn names_that_would_break_mermaid_dot_or_the_paths_of_weights_are_refused() {
    for name in [
        "", " ", "a b", "a.b", "a/b", "a\\b", "a\"b", "a'b", "a`b", "a[b", "a]b", "a(b", "a{b",
        "a<br/>b", "a;b", "a#b", "a|b", "a\nb", "a\0b", "größe", "大",
    ] {
        let text = refused(&Sym::user(3).embed(name, 1));
        assert_eq!(
            text,
            format!("`{name}` cannot name a node: use letters, digits, `_` and `-`")
        );
        let text = stored(json!([user(3), embedding(name)])).expect_err(name);
        assert!(text.contains("cannot name a node"), "{text}");
    }
    for name in ["a", "A-1", "_", "-", "end", "7", "user_factors"] {
        Graph::new("test", &Sym::user(3).embed(name, 1)).expect(name);
    }
}

#[test]
fn unequal_widths_are_refused_with_the_node_both_inputs_and_both_widths() {
    let (user, item) = (Sym::user(3), Sym::item(4));
    let (wide, narrow) = (user.embed("wide", 5), item.embed("narrow", 2));
    assert_eq!(
        refused(&dot("affinity", &wide, &narrow)),
        "Dot `affinity` needs equal widths, but `wide` has 5 and `narrow` has 2"
    );
    let third = user.embed("third", 5);
    assert_eq!(
        refused(&add("sum", [&wide, &third, &narrow])),
        "Add `sum` needs equal widths, but `wide` has 5 and `narrow` has 2"
    );
    assert_eq!(
        refused(&multiply("product", [&narrow, &wide])),
        "Multiply `product` needs equal widths, but `narrow` has 2 and `wide` has 5"
    );
    // No width is stretched over another one, not even 1.
    let one = user.embed("one", 1);
    assert_eq!(
        refused(&multiply("scaled", [&wide, &one])),
        "Multiply `scaled` needs equal widths, but `wide` has 5 and `one` has 1"
    );
}

#[test]
fn a_layer_with_too_few_or_too_many_inputs_is_refused_by_name_and_number() {
    let one = Sym::user(3).embed("one", 1);
    assert_eq!(
        refused(&add("sum", [&one])),
        "Add `sum` takes two values or more, but has 1"
    );
    assert_eq!(
        refused(&multiply("product", [])),
        "Multiply `product` takes two values or more, but has 0"
    );
    assert_eq!(
        refused(&concat("both", [&one])),
        "Concat `both` takes two values or more, but has 1"
    );
    for (op, inputs, text) in [
        (
            json!("dot"),
            vec!["one"],
            "Dot `last` takes two values, but has 1",
        ),
        (
            json!("dot"),
            vec!["one", "one", "one"],
            "Dot `last` takes two values, but has 3",
        ),
        (
            json!({"activation": {"function": "relu"}}),
            vec!["one", "one"],
            "Activation `last` takes one input, but has 2",
        ),
        (
            json!({"dropout": {"rate": 0.1}}),
            vec![],
            "Dropout `last` takes one input, but has 0",
        ),
        (
            json!({"input": {"side": "item", "kind": {"id": {"rows": 3}}}}),
            vec!["one"],
            "Input `last` takes no input, but has 1",
        ),
        (
            json!({"embedding": {"table": "last"}}),
            vec!["user", "user"],
            "Embedding `last` takes one input, but has 2",
        ),
    ] {
        let nodes = json!([user(3), embedding("one"), layer("last", op, &inputs)]);
        assert_eq!(stored(nodes).expect_err(text), text);
    }
}

#[test]
fn ids_are_embedded_and_values_are_not() {
    let nodes = json!([
        user(3),
        embedding("one"),
        layer("again", json!({"embedding": {"table": "again"}}), &["one"]),
    ]);
    assert_eq!(
        stored(nodes).expect_err("an embedding of a value"),
        "Embedding `again` takes a column of ids, but `one` is a value"
    );
    for op in [
        json!({"activation": {"function": "tanh"}}),
        json!({"dense": {"units": 1, "activation": "linear", "initializer": "zeros"}}),
    ] {
        let text = stored(json!([user(3), layer("last", op, &["user"])])).expect_err("ids");
        assert!(
            text.ends_with("`last` takes a value, but `user` is a column of ids"),
            "{text}"
        );
    }
    let nodes = json!([
        user(3),
        embedding("one"),
        layer("sum", json!("add"), &["one", "user"])
    ]);
    assert_eq!(
        stored(nodes).expect_err("ids among values"),
        "Add `sum` takes a value, but `user` is a column of ids"
    );
}

#[test]
fn every_setting_out_of_its_range_is_refused_with_the_node_the_range_and_the_number() {
    let one = || Sym::user(3).embed("one", 1);
    let table = |l2, initializer| {
        let table = TableOptions {
            l2,
            initializer,
            non_negative: false,
            ..TableOptions::default()
        };
        Sym::user(3).embed_with("factors", 1, table)
    };
    let uniform = |min, max| table(0.0, Initializer::Uniform { min, max });
    let normal = |mean, std| table(0.0, Initializer::Normal { mean, std });
    let start = Initializer::EMBEDDING;
    let (inf, nan) = (f32::INFINITY, f32::NAN);
    let bounds = "uniform's bounds must be finite, with the first below the second, not";
    let moments = "normal's mean and deviation must be finite, with a deviation of 0 or above, not";
    for (output, text) in [
        (
            Sym::user(0).embed("one", 1),
            "Input `user`: rows must be between 1 and 2,147,483,647, not 0".to_string(),
        ),
        (
            Sym::item(1 << 31).embed("one", 1),
            "Input `item`: rows must be between 1 and 2,147,483,647, not 2147483648".to_string(),
        ),
        (
            Sym::user(3).embed("factors", 0),
            "Table `factors`: width must be 1 or more, not 0".to_string(),
        ),
        (
            table(-0.5, start),
            "Table `factors`: l2 must be finite and 0 or above, not -0.5".to_string(),
        ),
        (
            table(f64::NAN, start),
            "Table `factors`: l2 must be finite and 0 or above, not NaN".to_string(),
        ),
        (
            table(f64::INFINITY, start),
            "Table `factors`: l2 must be finite and 0 or above, not inf".to_string(),
        ),
        (
            uniform(0.5, 0.5),
            format!("Table `factors`: {bounds} 0.5 and 0.5"),
        ),
        (
            uniform(0.0, inf),
            format!("Table `factors`: {bounds} 0 and inf"),
        ),
        (
            uniform(nan, 1.0),
            format!("Table `factors`: {bounds} NaN and 1"),
        ),
        (
            normal(0.0, -1.0),
            format!("Table `factors`: {moments} 0 and -1"),
        ),
        (
            normal(nan, 1.0),
            format!("Table `factors`: {moments} NaN and 1"),
        ),
        (
            one().dense("hidden", 0, Activation::Relu),
            "Dense `hidden`: units must be 1 or more, not 0".to_string(),
        ),
        (
            one().dropout("drop", 1.0),
            "Dropout `drop`: rate must be in [0, 1), not 1".to_string(),
        ),
        (
            one().dropout("drop", -0.1),
            "Dropout `drop`: rate must be in [0, 1), not -0.1".to_string(),
        ),
        (
            one().dropout("drop", f64::NAN),
            "Dropout `drop`: rate must be in [0, 1), not NaN".to_string(),
        ),
        (
            one().rescale("stars", 5.0, 0.5),
            "Rescale `stars`: the scale must be finite, its lower end below its upper, not 5 to 0.5"
                .to_string(),
        ),
        (
            one().rescale("stars", 1.0, inf),
            "Rescale `stars`: the scale must be finite, its lower end below its upper, not 1 to inf"
                .to_string(),
        ),
    ] {
        assert_eq!(refused(&output), text);
    }
}

#[test]
fn settings_of_a_stored_graph_are_held_to_the_same_ranges() {
    let norm =
        |momentum, epsilon| json!({"batch_norm": {"momentum": momentum, "epsilon": epsilon}});
    let dense = |initializer: Value| json!({"dense": {"units": 1, "activation": "relu", "initializer": initializer}});
    for (op, text) in [
        (
            norm(1.0, 0.001),
            "BatchNorm `last`: momentum must be in [0, 1), not 1",
        ),
        (
            norm(-0.5, 0.001),
            "BatchNorm `last`: momentum must be in [0, 1), not -0.5",
        ),
        (
            norm(0.5, 0.0),
            "BatchNorm `last`: epsilon must be above 0, not 0",
        ),
        (
            json!({"dropout": {"rate": 1.5}}),
            "Dropout `last`: rate must be in [0, 1), not 1.5",
        ),
        (
            json!({"rescale": {"min": 2.0, "max": 2.0}}),
            "Rescale `last`: the scale must be finite, its lower end below its upper, not 2 to 2",
        ),
        // Beyond what a 32-bit float holds.
        (
            json!({"rescale": {"min": 2.0, "max": 1e300}}),
            "Rescale `last`: the scale must be finite, its lower end below its upper, not 2 to inf",
        ),
        (
            dense(json!({"uniform": {"min": 1.0, "max": -1.0}})),
            "Dense `last`: uniform's bounds must be finite, with the first below the second, not 1 and -1",
        ),
        (
            dense(json!({"normal": {"mean": 0.0, "std": -0.1}})),
            "Dense `last`: normal's mean and deviation must be finite, with a deviation of 0 or above, not 0 and -0.1",
        ),
    ] {
        let nodes = json!([user(3), embedding("one"), layer("last", op, &["one"])]);
        assert_eq!(stored(nodes).expect_err(text), text);
    }
    assert_eq!(
        stored(json!([user(0), embedding("one")])).expect_err("no rows"),
        "Input `user`: rows must be between 1 and 2,147,483,647, not 0"
    );
}

#[test]
fn a_layer_of_more_weights_than_can_be_counted_is_refused_by_name_and_sizes() {
    for width in [1 << 40, usize::MAX / 2, usize::MAX] {
        let wide = Sym::user(4).embed("wide", width);
        let error = refused(&wide.dense("score", 1, Activation::Linear));
        assert!(error.starts_with("Embedding `wide`: "), "{error}");
        assert!(error.ends_with(&format!("4 times {width}")), "{error}");
        let deep = Sym::user(4)
            .embed("x", 1)
            .dense("wide", width, Activation::Relu);
        let error = refused(&deep.dense("score", 1, Activation::Linear));
        assert!(error.starts_with("Dense `wide`: "), "{error}");
        assert!(error.ends_with(&format!("2 times {width}")), "{error}");
    }
    // Large is not too large.
    let large = Sym::user(2_000_000_000).embed("large", 500);
    let graph = Graph::new("test", &large.dense("score", 1, Activation::Linear)).unwrap();
    assert_eq!(graph.parameters().total(), 1_000_000_000_000 + 501);
}

#[test]
fn an_output_that_is_not_one_number_a_pair_is_refused_with_its_width() {
    assert_eq!(
        refused(&Sym::user(3).embed("factors", 7)),
        "the output `factors` has width 7; a score has width 1"
    );
}

#[test]
fn a_column_of_ids_is_no_output() {
    let error = stored(json!([user(3)])).expect_err("ids are no score");
    assert!(error.contains("`user`"), "{error}");
}

#[test]
fn a_stored_graph_of_nothing_is_refused_by_its_name() {
    assert_eq!(
        stored(json!([])).expect_err("no nodes"),
        "the graph `test` has no nodes"
    );
}

#[test]
fn a_stored_node_takes_its_inputs_from_before_it() {
    let sum = |name, inputs: &[&str]| layer(name, json!("add"), inputs);
    for (nodes, text) in [
        // A name that is nowhere.
        (
            json!([user(3), embedding("one"), sum("sum", &["one", "nobody"])]),
            "node `sum` takes its input from `nobody`, which does not come before it",
        ),
        // A name that comes later.
        (
            json!([embedding("one"), user(3)]),
            "node `one` takes its input from `user`, which does not come before it",
        ),
        // Itself.
        (
            json!([user(3), embedding("one"), sum("sum", &["one", "sum"])]),
            "node `sum` takes its input from `sum`, which does not come before it",
        ),
        // A cycle of two.
        (
            json!([
                user(3),
                embedding("one"),
                sum("a", &["one", "b"]),
                sum("b", &["one", "a"])
            ]),
            "node `a` takes its input from `b`, which does not come before it",
        ),
    ] {
        assert_eq!(stored(nodes).expect_err(text), text);
    }
}

#[test]
fn a_stored_graph_with_fields_that_nobody_knows_is_refused() {
    let good = json!([user(3), embedding("one")]);
    stored(good.clone()).expect("the graph without the field");
    for (path, field) in [
        ("", "graph"),
        ("/nodes/0", "node"),
        ("/nodes/0/op/input", "column"),
        ("/nodes/1/op/embedding", "layer"),
        ("/tables/0", "table"),
        ("/tables/0/options", "options"),
    ] {
        let mut graph = with_tables(good.clone());
        graph["tables"][0]["options"] = json!({});
        graph.pointer_mut(path).unwrap()["colour"] = json!(1);
        let error = serde_json::from_value::<Graph>(graph)
            .expect_err(field)
            .to_string();
        assert!(error.contains("colour"), "{field}: {error}");
    }
    for (op, inputs) in [
        (json!({"lstm": {"units": 3}}), vec!["one"]),
        (json!({"activation": {"function": "swish"}}), vec!["one"]),
        (
            json!({"dense": {"units": -1, "activation": "relu", "initializer": "zeros"}}),
            vec!["one"],
        ),
        (
            json!({"dense": {"units": 1, "activation": "relu"}}),
            vec!["one"],
        ),
        (json!({"dropout": {"rate": null}}), vec!["one"]),
    ] {
        let nodes = json!([
            user(3),
            embedding("one"),
            layer("last", op.clone(), &inputs)
        ]);
        stored(nodes).expect_err(&op.to_string());
    }
}

#[test]
fn a_value_used_twice_is_one_node() {
    let user = Sym::user(3);
    let factors = user.embed("factors", 4);
    let graph = Graph::new("test", &dot("norm", &factors, &factors)).unwrap();
    let names: Vec<_> = graph
        .nodes()
        .iter()
        .map(|node| node.name.as_str())
        .collect();
    assert_eq!(names, ["user", "factors", "norm"]);
    assert_eq!(graph.nodes()[2].sources, [1, 1]);
    assert_eq!(graph.parameters().total(), 12);

    // Sixty doublings are sixty nodes, not 2^60.
    let mut value = user.embed("start", 1);
    for depth in 0..60 {
        value = add(&format!("double_{depth}"), [&value, &value]);
    }
    assert_eq!(Graph::new("test", &value).unwrap().nodes().len(), 62);
}

#[test]
fn a_column_written_twice_is_one_column_and_with_other_rows_an_error() {
    let score = add(
        "score",
        [
            &Sym::user(3).embed("a", 1),
            &Sym::item(5).embed("b", 1),
            &Sym::user(3).embed("c", 1),
        ],
    );
    let graph = Graph::new("test", &score).unwrap();
    let names: Vec<_> = graph
        .nodes()
        .iter()
        .map(|node| node.name.as_str())
        .collect();
    assert_eq!(names, ["user", "a", "item", "b", "c", "score"]);
    assert_eq!(graph.node("c").unwrap().sources, [0]);
    assert_eq!((graph.user_rows(), graph.item_rows()), (3, 5));

    let score = add(
        "score",
        [&Sym::user(3).embed("a", 1), &Sym::user(4).embed("c", 1)],
    );
    assert_eq!(
        Graph::new("test", &score),
        Err(GraphError::DuplicateName {
            name: "user".to_string()
        })
    );
}

#[test]
fn every_node_stands_behind_its_inputs_and_the_output_last() {
    let graph = residual();
    for (at, node) in graph.nodes().iter().enumerate() {
        assert_eq!(node.inputs.len(), node.sources.len());
        for (input, &source) in node.inputs.iter().zip(&node.sources) {
            assert!(source < at, "{} before {}", node.name, input);
            assert_eq!(&graph.nodes()[source].name, input);
        }
    }
    assert_eq!(graph.nodes().last().unwrap().name, "stars");
    assert!(graph.node("nobody").is_none());
}

#[test]
fn widths_and_parameters_are_those_of_the_formulas() {
    let graph = residual();
    let of = |name: &str| {
        let node = graph.node(name).unwrap();
        (
            node.width(),
            node.parameters.trainable,
            node.parameters.fixed,
        )
    };
    assert_eq!(of("user"), (1, 0, 0));
    assert_eq!(of("user_factors"), (4, 4_000, 0));
    assert_eq!(of("item_factors"), (4, 80, 0));
    assert_eq!(of("product"), (4, 0, 0));
    assert_eq!(of("dense_1"), (4, 4 * 4 + 4, 0));
    assert_eq!(of("batch_norm_1"), (4, 8, 8));
    assert_eq!(of("dropout_1"), (4, 0, 0));
    assert_eq!(of("sum"), (4, 0, 0));
    assert_eq!(of("affinity"), (1, 0, 0));
    assert_eq!(of("both"), (5, 0, 0));
    assert_eq!(of("score"), (1, 5 + 1, 0));
    assert_eq!(of("stars"), (1, 0, 0));
    let sum = graph.parameters();
    assert_eq!((sum.trainable, sum.fixed, sum.total()), (4_114, 8, 4_122));
}

#[test]
fn a_graph_comes_back_from_json_equal() {
    let graph = residual();
    for text in [
        serde_json::to_string(&graph).unwrap(),
        serde_json::to_string_pretty(&graph).unwrap(),
    ] {
        let back: Graph = serde_json::from_str(&text).unwrap();
        assert_eq!(back, graph);
        assert_eq!(back.summary(), graph.summary());
    }
    // Widths, positions and counts are worked out again, not believed.
    let value = serde_json::to_value(&graph).unwrap();
    let fields: Vec<_> = value["nodes"][0].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["inputs", "name", "op"]);
}

#[test]
fn settings_of_a_table_left_out_are_those_of_keras() {
    let graph = stored(json!([user(3), embedding("one")])).unwrap();
    let keras = TableOptions {
        initializer: Initializer::Uniform {
            min: -0.05,
            max: 0.05,
        },
        l2: 0.0,
        l2_on: L2On::Table,
        non_negative: false,
    };
    assert_eq!(graph.tables(), [Table::with("one", 3, 1, keras)]);
}

#[test]
fn the_summary_of_a_residual_graph() {
    assert_eq!(
        residual().summary(),
        r#"Model: residual
| Layer (type)             | Output shape | Parameters | Connected to               |
|--------------------------|--------------|------------|----------------------------|
| user (Input)             | [batch]      |          0 | -                          |
| user_factors (Embedding) | [batch, 4]   |      4,000 | user                       |
| item (Input)             | [batch]      |          0 | -                          |
| item_factors (Embedding) | [batch, 4]   |         80 | item                       |
| product (Multiply)       | [batch, 4]   |          0 | user_factors, item_factors |
| dense_1 (Dense)          | [batch, 4]   |         20 | product                    |
| batch_norm_1 (BatchNorm) | [batch, 4]   |         16 | dense_1                    |
| dropout_1 (Dropout)      | [batch, 4]   |          0 | batch_norm_1               |
| sum (Add)                | [batch, 4]   |          0 | product, dropout_1         |
| affinity (Dot)           | [batch, 1]   |          0 | user_factors, item_factors |
| both (Concat)            | [batch, 5]   |          0 | sum, affinity              |
| score (Dense)            | [batch, 1]   |          6 | both                       |
| squash (Activation)      | [batch, 1]   |          0 | score                      |
| stars (Rescale)          | [batch, 1]   |          0 | squash                     |
Total parameters: 4,122
Trainable parameters: 4,114
Non-trainable parameters: 8
"#
    );
}

#[test]
fn the_mermaid_diagram_of_a_residual_graph() {
    assert_eq!(
        residual().mermaid(),
        r#"flowchart TD
    n0(["user<br/>Input 1000 rows<br/>[batch]"])
    n1["user_factors<br/>Embedding 4 l2 0.000001 non-negative<br/>[batch, 4]"]
    n2(["item<br/>Input 20 rows<br/>[batch]"])
    n3["item_factors<br/>Embedding 4<br/>[batch, 4]"]
    n4["product<br/>Multiply<br/>[batch, 4]"]
    n5["dense_1<br/>Dense 4 relu<br/>[batch, 4]"]
    n6["batch_norm_1<br/>BatchNorm<br/>[batch, 4]"]
    n7["dropout_1<br/>Dropout 0.25<br/>[batch, 4]"]
    n8["sum<br/>Add<br/>[batch, 4]"]
    n9["affinity<br/>Dot<br/>[batch, 1]"]
    n10["both<br/>Concat<br/>[batch, 5]"]
    n11["score<br/>Dense 1 linear<br/>[batch, 1]"]
    n12["squash<br/>Activation sigmoid<br/>[batch, 1]"]
    n13["stars<br/>Rescale 0.5 to 5<br/>[batch, 1]"]
    n0 --> n1
    n2 --> n3
    n1 --> n4
    n3 --> n4
    n4 --> n5
    n5 --> n6
    n6 --> n7
    n4 --> n8
    n7 --> n8
    n1 --> n9
    n3 --> n9
    n8 --> n10
    n9 --> n10
    n10 --> n11
    n11 --> n12
    n12 --> n13
"#
    );
}

#[test]
fn the_dot_diagram_of_a_residual_graph() {
    assert_eq!(
        residual().dot(),
        r#"digraph model_residual {
    n0 [label="user\nInput 1000 rows\n[batch]", shape=ellipse];
    n1 [label="user_factors\nEmbedding 4 l2 0.000001 non-negative\n[batch, 4]", shape=box];
    n2 [label="item\nInput 20 rows\n[batch]", shape=ellipse];
    n3 [label="item_factors\nEmbedding 4\n[batch, 4]", shape=box];
    n4 [label="product\nMultiply\n[batch, 4]", shape=box];
    n5 [label="dense_1\nDense 4 relu\n[batch, 4]", shape=box];
    n6 [label="batch_norm_1\nBatchNorm\n[batch, 4]", shape=box];
    n7 [label="dropout_1\nDropout 0.25\n[batch, 4]", shape=box];
    n8 [label="sum\nAdd\n[batch, 4]", shape=box];
    n9 [label="affinity\nDot\n[batch, 1]", shape=box];
    n10 [label="both\nConcat\n[batch, 5]", shape=box];
    n11 [label="score\nDense 1 linear\n[batch, 1]", shape=box];
    n12 [label="squash\nActivation sigmoid\n[batch, 1]", shape=box];
    n13 [label="stars\nRescale 0.5 to 5\n[batch, 1]", shape=box];
    n0 -> n1;
    n2 -> n3;
    n1 -> n4;
    n3 -> n4;
    n4 -> n5;
    n5 -> n6;
    n6 -> n7;
    n4 -> n8;
    n7 -> n8;
    n1 -> n9;
    n3 -> n9;
    n8 -> n10;
    n9 -> n10;
    n10 -> n11;
    n11 -> n12;
    n12 -> n13;
}
"#
    );
}

#[test]
fn any_name_of_a_graph_is_one_word_in_dot() {
    for (name, word) in [
        ("biased_mf", "model_biased_mf"),
        ("my \"model\"-1.0\n", "model_my__model__1_0_"),
        ("größe", "model_gr__e"),
        ("", "model_"),
    ] {
        let graph = Graph::new(name, &Sym::user(3).embed("bias", 1)).unwrap();
        assert_eq!(graph.name(), name);
        let dot = graph.dot();
        assert_eq!(dot.lines().next(), Some(&*format!("digraph {word} {{")));
    }
}

#[test]
fn a_stored_table_has_a_row_for_every_id() {
    // Its tables have 3 rows: user 5 would be looked up beyond them.
    let error = stored(json!([user(9), embedding("one")])).expect_err("too few rows");
    assert_eq!(
        error,
        "`one` looks up `user`, with ids below 9, in the table `one` of 3 rows"
    );
}

#[test]
fn a_stored_initializer_with_fields_that_nobody_knows_is_refused() {
    let start = json!({"uniform": {"min": 0.0, "max": 1.0, "colour": 1}});
    let mut graph = with_tables(json!([user(3), embedding("one")]));
    graph["tables"][0]["options"] = json!({"initializer": start});
    let error = serde_json::from_value::<Graph>(graph).expect_err("a colour");
    assert!(error.to_string().contains("colour"), "{error}");
}

#[test]
fn an_output_of_ids_is_refused_as_ids() {
    let error = stored(json!([user(3)])).expect_err("ids are no score");
    assert!(!error.contains("a score has width 1"), "{error}");
}

#[test]
fn a_kernel_starts_and_is_penalised_as_it_is_told() {
    let kernel = Kernel {
        initializer: Initializer::Normal {
            mean: 0.0,
            std: 0.1,
        },
        l2: 1e-3,
    };
    let hidden = Sym::user(9)
        .embed("factors", 4)
        .dense_with("hidden", 3, Activation::Relu, kernel);
    let graph = Graph::new("test", &hidden.dense("score", 1, Activation::Linear)).unwrap();
    let op = |name| &graph.node(name).unwrap().op;
    assert_eq!(
        *op("hidden"),
        Op::Dense {
            units: 3,
            activation: Activation::Relu,
            initializer: kernel.initializer,
            l2: 1e-3,
        }
    );
    assert_eq!(op("hidden").to_string(), "Dense 3 relu l2 0.001");
    assert_eq!(op("score").to_string(), "Dense 1 linear");

    let stored = serde_json::to_value(&graph).unwrap();
    assert_eq!(
        serde_json::from_value::<Graph>(stored.clone()).unwrap(),
        graph
    );
    let ops = |name: &str| -> Value {
        let nodes = stored["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["name"] == name).unwrap();
        node["op"]["dense"].clone()
    };
    assert_eq!(ops("hidden")["l2"], json!(1e-3));
    // A layer without a penalty is written as it was before there was one.
    assert_eq!(
        ops("score"),
        json!({"units": 1, "activation": "linear", "initializer": "glorot_uniform"})
    );
}

#[test]
fn a_penalty_below_zero_or_without_end_is_refused_on_a_kernel_too() {
    for l2 in [-1e-9, f64::NAN, f64::INFINITY] {
        let kernel = Kernel {
            l2,
            ..Kernel::default()
        };
        let score =
            Sym::user(9)
                .embed("factors", 4)
                .dense_with("score", 1, Activation::Linear, kernel);
        assert_eq!(
            refused(&score),
            format!("Dense `score`: l2 must be finite and 0 or above, not {l2}")
        );
    }
}

#[test]
fn two_inputs_may_look_up_in_one_table_whose_weights_count_once() {
    let items = Table::new("item_factors", 5, 4);
    let history = Input::new("history", Side::User, Kind::Bag { rows: 5 });
    let item = Sym::item(5).look_up("item", &items);
    let taste = Sym::bag(&history).pool("taste", &items, Pool::RootMean);
    let refused = Graph::new("test", &dot("score", &taste, &item)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "two nodes are called `item`: each layer needs a name of its own"
    );

    let item = Sym::item(5).look_up("item_row", &items);
    let graph = Graph::new("test", &dot("score", &taste, &item)).unwrap();
    assert_eq!(graph.tables(), std::slice::from_ref(&items));
    assert_eq!(graph.parameters().total(), 20);
    assert_eq!(graph.inputs(), [history, Input::items(5)]);
    let of = |name: &str| graph.describe(graph.node(name).unwrap());
    assert_eq!(of("taste"), "Pool root mean of item_factors 4");
    assert_eq!(of("item_row"), "Embedding of item_factors 4");
    let back: Graph = serde_json::from_str(&serde_json::to_string(&graph).unwrap()).unwrap();
    assert_eq!(back, graph);
}

#[test]
fn tables_that_do_not_fit_are_refused_with_what_reads_them() {
    let small = Table::new("small", 4, 2);
    let value = Sym::item(5).look_up("item_row", &small);
    assert_eq!(
        refused(&value.sum("score")),
        "`item_row` looks up `item`, with ids below 5, in the table `small` of 4 rows"
    );
    let other = Table::new("small", 9, 2);
    let both = dot(
        "score",
        &Sym::item(4).look_up("a", &small),
        &Sym::user(3).look_up("b", &other),
    );
    assert_eq!(
        refused(&both),
        "two tables are called `small`: one of them, or the same settings, would do"
    );
    let named = Sym::item(4)
        .look_up("row", &Table::new("hidden", 4, 2))
        .dense("hidden", 1, Activation::Linear);
    assert_eq!(
        refused(&named),
        "two nodes are called `hidden`: each layer needs a name of its own"
    );
    let missing = json!({"name": "test", "tables": [], "nodes": [user(3), embedding("one")]});
    let error = serde_json::from_value::<Graph>(missing).unwrap_err();
    assert_eq!(
        error.to_string(),
        "node `one` looks up in the table `one`, which the graph does not have"
    );
}

#[test]
fn bags_are_pooled_ids_looked_up_and_numbers_computed_with() {
    let genres = Input::new("genres", Side::Item, Kind::Bag { rows: 19 });
    let age = Input::new("age", Side::User, Kind::Numbers { width: 1 });
    let value = Sym::bag(&genres).embed("genre", 3, Pool::Mean);
    let score = concat("all", [&value, &Sym::numbers(&age)]).dense("score", 1, Activation::Linear);
    let graph = Graph::new("test", &score).unwrap();
    assert_eq!(graph.parameters().total(), 19 * 3 + 5);
    assert_eq!(
        refused(&Sym::column(&genres).embed("genre", 1)),
        "Embedding `genre` takes a column of ids, but `genres` is a column of bags"
    );
    assert_eq!(
        refused(&Sym::bag(&age).embed("aged", 1, Pool::Sum)),
        "Pool `aged` takes a column of bags, but `age` is a value"
    );
    assert_eq!(
        refused(&pairwise("pairs", [&value, &Sym::numbers(&age)]).sum("score")),
        "Pairwise `pairs` needs equal widths, but `genre` has 3 and `age` has 1"
    );
}

#[test]
fn a_value_knows_what_it_depends_on() {
    let (user, item) = (Sym::user(3).embed("u", 2), Sym::item(4).embed("i", 2));
    let tower = user.dense("tower", 2, Activation::Relu);
    let noisy = item.dropout("noisy", 0.5);
    let hour = Input::new("hour", Side::Event, Kind::Id { rows: 24 });
    let hour = Sym::column(&hour).embed("h", 2);
    let score = add("all", [&tower, &noisy, &hour]).sum("score");
    let graph = Graph::new("test", &score).unwrap();
    let of = |name: &str| graph.node(name).unwrap().depends_on;
    assert_eq!(of("tower").one_side(), Some(Side::User));
    assert_eq!(of("i").one_side(), Some(Side::Item));
    assert_eq!(of("noisy").one_side(), None);
    assert_eq!(of("h").one_side(), None);
    let all = Dependence {
        user: true,
        item: true,
        event: true,
        batch: true,
    };
    assert_eq!(of("score"), all);
}
