//! Graphs on and off JSON.

use super::*;

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
