//! Settings out of their range, in code and in files.

use super::*;

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
