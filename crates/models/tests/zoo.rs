//! What holds for every architecture of the table, and the parameter counts that the notebooks print.

use recburn_models::biased_mf::BiasedMf;
use recburn_models::concat_mlp::{Block, ConcatMlp};
use recburn_models::dot_mf::DotMf;
use recburn_models::{Architecture, Schema, find, nominal_schema, zoo};
use serde_json::json;

/// A table of users and one of items, and nothing else.
fn pairs(users: usize, items: usize) -> Schema {
    Schema::of_pairs(users, items, (1.0, 5.0))
}

#[test]
fn every_preset_of_every_model_draws_a_graph_under_the_models_name() {
    for entry in zoo() {
        for preset in (entry.presets)() {
            let graph = entry
                .graph(&preset.options, &nominal_schema(30, 40))
                .expect(preset.name);
            assert_eq!(graph.name(), entry.name);
            // A model that reads neither has no rows of it.
            assert!([0, 30].contains(&graph.user_rows()) && [0, 40].contains(&graph.item_rows()));
            assert!(!preset.source.is_empty() && !preset.training.phases.is_empty());
        }
    }
}

#[test]
fn every_model_takes_its_defaults_for_options_left_out_and_refuses_unknown_ones() {
    for entry in zoo() {
        let by_default = entry
            .graph(&(entry.options)(), &nominal_schema(5, 6))
            .expect(entry.name);
        assert_eq!(
            entry
                .graph(&json!({}), &nominal_schema(5, 6))
                .expect(entry.name),
            by_default
        );
        let error = entry
            .graph(&json!({"factorz": 3}), &nominal_schema(5, 6))
            .expect_err("an unknown option");
        let cause = std::error::Error::source(&error).expect("what is wrong with them");
        assert!(cause.to_string().contains("factorz"), "{cause}");
        assert!(error.to_string().contains(entry.name), "{error}");
    }
}

#[test]
fn every_graph_survives_json_and_is_checked_on_the_way_in() {
    for entry in zoo() {
        let graph = entry
            .graph(&json!({}), &nominal_schema(5, 6))
            .expect(entry.name);
        let text = serde_json::to_string(&graph).expect("plain data");
        let back: recburn_graph::Graph = serde_json::from_str(&text).expect("a checked graph");
        assert_eq!(back, graph);
        let mut taken = graph.nodes().iter().flat_map(|node| &node.inputs);
        let taken = taken.next().expect("a layer takes an input");
        let taken = format!("\"inputs\":[\"{taken}\"");
        let broken = text.replacen(&taken, "\"inputs\":[\"nobody\"", 1);
        let error =
            serde_json::from_str::<recburn_graph::Graph>(&broken).expect_err("an unknown input");
        assert!(error.to_string().contains("nobody"), "{error}");
    }
}

#[test]
fn parameters_are_counted_as_the_notebooks_print_them() {
    let total = |graph: recburn_graph::Graph| graph.parameters().total();
    let dot = |factors| DotMf {
        factors,
        ..DotMf::default()
    };
    assert_eq!(
        total(dot(3).graph(&pairs(944, 1_683)).expect("a graph")),
        7_881
    );
    assert_eq!(
        total(dot(40).graph(&pairs(943, 1_682)).expect("a graph")),
        105_000
    );
    let biased = BiasedMf {
        factors: 40,
        ..BiasedMf::default()
    };
    assert_eq!(
        total(biased.graph(&pairs(943, 1_682)).expect("a graph")),
        107_625
    );
    let tower = find("concat_mlp").and_then(|entry| {
        let preset = entry.preset("100k-tower")?;
        entry.graph(&preset.options, &pairs(944, 1_683))
    });
    assert_eq!(total(tower.expect("the tower")), 25_675);
    let large = BiasedMf {
        factors: 10,
        ..BiasedMf::default()
    }
    .graph(&pairs(138_494, 131_263))
    .expect("a graph");
    let of = |name| large.node(name).expect("a table").parameters.trainable;
    assert_eq!(
        (of("user_factors"), of("item_factors")),
        (1_384_940, 1_312_630)
    );
}

#[test]
fn a_model_is_not_drawn_for_data_that_lack_what_it_reads_and_says_what_there_is() {
    let entry = find("svdpp").expect("a model of the zoo");
    let error = entry
        .graph(&json!({}), &pairs(5, 6))
        .expect_err("no history");
    assert_eq!(
        error.to_string(),
        "there is no input `history`; there are user (user, ids below 5), item (item, ids below 6)"
    );
}

#[test]
fn a_stack_that_does_not_end_in_one_number_is_refused_by_name() {
    let model = ConcatMlp {
        stack: vec![Block::Dropout(0.1)],
        ..ConcatMlp::default()
    };
    let error = model.graph(&pairs(3, 3)).expect_err("100 wide");
    assert_eq!(
        error.to_string(),
        "the output `dropout_1` has width 100; a score has width 1"
    );
}

#[test]
fn unknown_models_and_presets_are_answered_with_what_there_is() {
    let error = find("svd").expect_err("no such model").to_string();
    assert!(
        error.contains("svd") && error.contains("biased_mf"),
        "{error}"
    );
    let error = find("biased_mf")
        .and_then(|e| e.preset("x"))
        .expect_err("no such preset")
        .to_string();
    assert!(
        error.contains("biased_mf has no preset `x`; it has default"),
        "{error}"
    );
}
