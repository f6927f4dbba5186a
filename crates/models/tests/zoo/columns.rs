//! Models over all columns of a pair: linear terms, products and dense layers, in the shapes and sizes of their formulas.

use super::pairs;
use recburn_graph::{Graph, Op};
use recburn_models::{find, nominal_schema};
use serde_json::{Value, json};

/// The models that read users, items, their features, and columns of ratings.
pub const MODELS: [&str; 4] = [
    "factorisation_machine",
    "wide_and_deep",
    "deep_fm",
    "dcn_v2",
];

/// Those with hidden layers.
const DEEP: [&str; 3] = ["wide_and_deep", "deep_fm", "dcn_v2"];

/// A model of 5 users and 6 items, and of nothing else.
fn small(model: &str, options: Value) -> Result<Graph, String> {
    let entry = find(model).expect("a model of the zoo");
    let graph = entry.graph(&options, &pairs(5, 6));
    graph.map_err(|error| error.to_string())
}

fn parameters(model: &str, options: Value) -> usize {
    let graph = small(model, options).expect(model);
    graph.parameters().total()
}

/// The parameters of dense layers from `input` through `widths`.
fn dense(input: usize, widths: &[usize]) -> usize {
    let inputs = std::iter::once(&input).chain(widths);
    inputs.zip(widths).map(|(from, to)| from * to + to).sum()
}

/// What a node takes, by name.
fn taken<'a>(graph: &'a Graph, node: &str) -> Vec<&'a str> {
    let node = graph.node(node).expect(node);
    node.inputs.iter().map(String::as_str).collect()
}

#[test]
fn wide_and_deep_is_linear_terms_and_dense_layers_over_tables_of_their_own() {
    let options = json!({ "factors": 3, "hidden": [7, 4] });
    let tables = (5 + 6) * 3;
    let wide = 5 + 6;
    assert_eq!(
        parameters("wide_and_deep", options.clone()),
        wide + tables + dense(2 * 3, &[7, 4, 1])
    );
    let graph = small("wide_and_deep", options).expect("a graph");
    assert_eq!(taken(&graph, "score"), ["user_bias", "item_bias", "deep"]);
    assert_eq!(taken(&graph, "columns"), ["user_factors", "item_factors"]);
}

#[test]
fn deep_fm_is_a_factorisation_machine_whose_dense_layers_have_no_table_of_their_own() {
    let entry = |model: &str, options: Value| {
        let entry = find(model).expect("a model of the zoo");
        entry.graph(&options, &nominal_schema(5, 6)).expect(model)
    };
    let machine = entry("factorisation_machine", json!({ "factors": 4 }));
    let deep = entry("deep_fm", json!({ "factors": 4, "hidden": [9, 2] }));
    assert_eq!(deep.tables(), machine.tables());
    assert_eq!(taken(&deep, "fields"), taken(&deep, "pairs"));
    assert_eq!(taken(&deep, "pairs"), taken(&machine, "pairs"));
    // Twelve fields; the machine's own bias is that of the last dense layer.
    assert_eq!(
        deep.parameters().total(),
        machine.parameters().total() - 1 + dense(12 * 4, &[9, 2, 1])
    );
}

#[test]
fn dense_layers_read_rows_of_ids_and_bags_and_numbers_as_they_are() {
    for model in ["wide_and_deep", "dcn_v2"] {
        let options = json!({ "factors": 32, "feature_factors": 8 });
        let graph = find(model).expect("a model of the zoo");
        let graph = graph.graph(&options, &nominal_schema(5, 6)).expect(model);
        // Gender, occupation, zip, genres, title words, hour and day of the week; age, year and day.
        let columns = graph.node("columns").expect("the columns");
        assert_eq!(columns.width(), 2 * 32 + 7 * 8 + 3, "{model}");
        let inputs = taken(&graph, "columns");
        assert!(inputs.contains(&"age") && inputs.contains(&"genres_factors"));
    }
}

#[test]
fn cross_layers_have_full_kernels_or_kernels_of_a_rank() {
    let tables = (5 + 6) * 3;
    let of = |rank: Option<usize>, layers: usize| {
        let options = json!({
            "factors": 3, "hidden": [4], "cross_layers": layers, "rank": rank,
        });
        parameters("dcn_v2", options) - tables - dense(6, &[4, 1])
    };
    for layers in 0..4 {
        assert_eq!(of(None, layers), layers * (6 * 6 + 6));
        for rank in [1, 2, 5] {
            assert_eq!(of(Some(rank), layers), layers * dense(6, &[rank, 6]));
        }
    }
}

#[test]
fn a_cross_layer_multiplies_the_columns_and_adds_what_it_took() {
    let graph = small("dcn_v2", json!({ "factors": 3, "rank": 2 })).expect("a graph");
    let before = |at: usize| match at {
        1 => "columns".to_string(),
        _ => format!("cross_{}", at - 1),
    };
    for at in 1..=2 {
        let of = |part: &str| format!("cross_{at}{part}");
        assert_eq!(taken(&graph, &of("_down")), [before(at)]);
        assert_eq!(taken(&graph, &of("_linear")), [of("_down")]);
        assert_eq!(taken(&graph, &of("_product")), ["columns", &of("_linear")]);
        assert_eq!(taken(&graph, &of("")), [of("_product"), before(at)]);
    }
}

#[test]
fn hidden_layers_come_after_the_cross_layers_or_next_to_them() {
    let of = |structure: &str, hidden: &[usize]| {
        let options = json!({ "factors": 3, "structure": structure, "hidden": hidden });
        small("dcn_v2", options).expect("a graph")
    };
    let stacked = of("stacked", &[8, 5]);
    assert_eq!(taken(&stacked, "hidden_1"), ["cross_2"]);
    assert_eq!(taken(&stacked, "score"), ["hidden_2"]);
    let parallel = of("parallel", &[8, 5]);
    assert_eq!(taken(&parallel, "hidden_1"), ["columns"]);
    assert_eq!(taken(&parallel, "both"), ["cross_2", "hidden_2"]);
    let both = parallel.node("both").expect("both");
    assert_eq!(both.width(), 6 + 5);
    // Without hidden layers there is nothing to place.
    assert_eq!(of("stacked", &[]), of("parallel", &[]));
    assert_eq!(
        taken(&of("parallel", &[]), "score"),
        ["cross_2"],
        "the columns are not read a second time"
    );
    let unknown = find("dcn_v2").expect("a model of the zoo");
    let unknown = unknown.graph(&json!({ "structure": "beside" }), &pairs(5, 6));
    let error = unknown.expect_err("no such structure");
    let cause = std::error::Error::source(&error).expect("what is wrong");
    assert!(
        cause
            .to_string()
            .contains("expected `stacked` or `parallel`"),
        "{cause}"
    );
}

#[test]
fn hidden_layers_are_normalised_before_their_relu_and_dropped_after_it() {
    for model in DEEP {
        let options = json!({ "hidden": [6, 4], "dropout": 0.2, "batch_norm": true });
        let graph = small(model, options).expect(model);
        for at in 1..=2 {
            let of = |part: &str| format!("{part}_{at}");
            assert_eq!(taken(&graph, &of("norm")), [of("hidden")], "{model}");
            assert_eq!(taken(&graph, &of("relu")), [of("norm")], "{model}");
            assert_eq!(taken(&graph, &of("dropout")), [of("relu")], "{model}");
        }
        assert_eq!(taken(&graph, "hidden_2"), ["dropout_1"], "{model}");
        let plain = small(model, json!({ "hidden": [6, 4] })).expect(model);
        let regularised = |op: &Op| matches!(op, Op::Dropout { .. } | Op::BatchNorm { .. });
        assert!(
            plain.nodes().iter().all(|node| !regularised(&node.op)),
            "{model}"
        );
    }
}

#[test]
fn without_hidden_layers_the_deep_part_is_linear() {
    let graph = small("wide_and_deep", json!({ "hidden": [] })).expect("a graph");
    assert_eq!(taken(&graph, "deep"), ["columns"]);
    let graph = small("deep_fm", json!({ "hidden": [] })).expect("a graph");
    assert_eq!(taken(&graph, "deep"), ["fields"]);
    let options = json!({ "hidden": [], "cross_layers": 0 });
    let graph = small("dcn_v2", options).expect("a graph");
    assert_eq!(taken(&graph, "score"), ["columns"]);
}

#[test]
fn penalties_are_on_what_the_options_say() {
    let options = json!({ "l2": 0.25, "bias_l2": 0.5, "dense_l2": 0.125, "l2_on": "batch" });
    for model in ["wide_and_deep", "deep_fm"] {
        let graph = small(model, options.clone()).expect(model);
        for table in graph.tables() {
            let wanted = match table.width {
                1 => 0.5,
                _ => 0.25,
            };
            assert_eq!(table.options.l2, wanted, "{model}, {}", table.name);
        }
        assert_eq!(penalties(&graph), [0.125; 3], "{model}");
    }
    let mut options = options;
    options.as_object_mut().expect("options").remove("bias_l2");
    let graph = small("dcn_v2", options).expect("a graph");
    assert!(graph.tables().iter().all(|table| table.options.l2 == 0.25));
    assert_eq!(penalties(&graph), [0.125; 5], "two cross layers as well");
}

/// The penalty of each dense layer.
fn penalties(graph: &Graph) -> Vec<f64> {
    let of = |op: &Op| match op {
        Op::Dense { l2, .. } => Some(*l2),
        _ => None,
    };
    graph
        .nodes()
        .iter()
        .filter_map(|node| of(&node.op))
        .collect()
}

#[test]
fn settings_that_cannot_run_are_refused_with_the_layer_and_the_range() {
    for model in DEEP {
        let error = |options: Value| small(model, options).expect_err("a setting out of range");
        let said = error(json!({ "hidden": [4, 0] }));
        assert!(
            said.contains("`hidden_2`") && said.contains("units"),
            "{said}"
        );
        let said = error(json!({ "dropout": 1.0 }));
        assert!(
            said.contains("`dropout_1`") && said.contains("rate"),
            "{said}"
        );
        let said = error(json!({ "factors": 0 }));
        assert!(said.contains("must be 1 or more, not 0"), "{said}");
    }
    let said = small("dcn_v2", json!({ "rank": 0 })).expect_err("no rank");
    assert!(said.contains("`cross_1_down`"), "{said}");
}
