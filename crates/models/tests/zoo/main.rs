//! What holds for every architecture of the table, and the parameter counts that the notebooks print.

mod columns;

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
fn every_model_draws_a_graph_under_its_name() {
    for entry in zoo() {
        let graph = entry
            .graph(&(entry.options)(), &nominal_schema(30, 40))
            .expect(entry.name);
        assert_eq!(graph.name(), entry.name);
        // A model that reads neither has no rows of it.
        assert!([0, 30].contains(&graph.user_rows()) && [0, 40].contains(&graph.item_rows()));
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
        "there is no input `history`; the data have user (user, ids below 5), item (item, ids below 6)"
    );
}

/// What a model reads, with this list of features.
fn read(model: &str, features: serde_json::Value) -> Result<Vec<String>, String> {
    let entry = find(model).expect("a model of the zoo");
    let graph = entry.graph(&json!({ "features": features }), &nominal_schema(5, 6));
    let mut names: Vec<String> = graph
        .map_err(|error| error.to_string())?
        .inputs()
        .into_iter()
        .map(|input| input.name)
        .collect();
    names.sort();
    Ok(names)
}

#[test]
fn models_read_every_feature_that_there_is_but_histories_or_those_that_are_named() {
    let of_sides = [
        "age",
        "gender",
        "genres",
        "item",
        "occupation",
        "title_words",
        "user",
        "year",
        "zip",
    ];
    assert_eq!(read("two_tower", json!(null)).expect("towers"), of_sides);
    let mut all = [&of_sides[..], &["day", "day_of_week", "hour_of_day"]].concat();
    all.sort_unstable();
    for model in columns::MODELS {
        assert_eq!(read(model, json!(null)).expect(model), all);
    }
    for model in columns::MODELS.into_iter().chain(["two_tower"]) {
        assert_eq!(read(model, json!([])).expect(model), ["item", "user"]);
        let named = json!(["recent", "raters", "age", "age", "user"]);
        let named = read(model, named).expect(model);
        assert_eq!(named, ["age", "item", "raters", "recent", "user"]);
        let error = read(model, json!(["height"])).expect_err("no such feature");
        assert!(
            error.starts_with("there is no input `height`; the data have user"),
            "{error}"
        );
        assert!(
            error.contains("genres (item, a bag of ids below 18)"),
            "{error}"
        );
    }
    assert_eq!(
        read("two_tower", json!(["hour_of_day"])).expect_err("a column of ratings"),
        "the input `hour_of_day` is ids below 24 of the event, but the model needs an input of the user or the item"
    );
}

#[test]
fn every_model_that_reads_more_than_users_and_items_says_what_is_missing() {
    for entry in zoo() {
        match entry.graph(&json!({}), &pairs(5, 6)) {
            Ok(graph) => assert_eq!(graph.inputs().len(), 2, "{}", entry.name),
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with("there is no input `"), "{error}");
                assert!(
                    error.ends_with(
                        "the data have user (user, ids below 5), item (item, ids below 6)"
                    ),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn a_machine_of_users_and_items_has_the_weights_of_a_factorisation_and_one_more() {
    let of = |model: &str| {
        let graph =
            find(model).and_then(|entry| entry.graph(&json!({ "factors": 7 }), &pairs(5, 6)));
        graph.expect(model).parameters().total()
    };
    assert_eq!(of("factorisation_machine"), of("biased_mf") + 1);
}

#[test]
fn recurrent_models_have_the_weights_of_their_layers_and_one_table() {
    let graph = |model: &str, options: serde_json::Value| {
        let graph = find(model).and_then(|entry| entry.graph(&options, &nominal_schema(5, 6)));
        graph.expect(model)
    };
    let total = |model: &str, options| graph(model, options).parameters().total();
    let gru = |inputs: usize, units: usize| 3 * units * (inputs + units + 2);
    // Without a dense layer where states are as wide as items.
    let square = json!({ "width": 4, "units": 4, "layers": 2 });
    assert_eq!(total("gru4rec", square), 6 * 4 + 2 * gru(4, 4));
    let wide = json!({ "width": 4, "units": 7, "dropout": 0.0, "hidden_dropout": 0.1 });
    assert_eq!(
        total("gru4rec", wide.clone()),
        6 * 4 + gru(4, 7) + 4 * (7 + 1)
    );
    let wide = graph("gru4rec", wide);
    assert!(wide.node("input_dropout").is_none() && wide.node("state_dropout_1").is_some());
    let narm = json!({ "width": 4, "units": 7 });
    let attention = 7 * (2 * 7 + 1);
    assert_eq!(
        total("narm", narm),
        6 * 4 + gru(4, 7) + attention + 4 * (2 * 7 + 1)
    );
    let error = find("gru4rec")
        .and_then(|entry| entry.graph(&json!({ "dropout": 1.5 }), &nominal_schema(5, 6)));
    assert_eq!(
        error.expect_err("a rate beyond 1").to_string(),
        "Dropout `input_dropout`: rate must be in [0, 1), not 1.5"
    );
}

#[test]
fn an_autoencoder_reads_the_ratings_of_items_or_of_users() {
    let graph = |by: &str| {
        let entry = find("autorec").expect("a model of the zoo");
        let options = json!({ "by": by, "hidden": 4 });
        entry.graph(&options, &nominal_schema(5, 6)).expect(by)
    };
    let (item, user) = (graph("item"), graph("user"));
    assert!(item.node("raters").is_some() && item.node("item").is_none());
    assert!(user.node("rated_history").is_some() && user.node("user").is_none());
    // Encoder and decoder, mu, and a bias for each user (or item).
    assert_eq!(item.parameters().total(), 2 * 5 * 4 + 4 + 5);
    assert_eq!(user.parameters().total(), 2 * 6 * 4 + 4 + 6);
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
fn unknown_models_are_answered_with_what_there_is() {
    let error = find("svd").expect_err("no such model").to_string();
    assert!(
        error.contains("svd") && error.contains("biased_mf"),
        "{error}"
    );
}
