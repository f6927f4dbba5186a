//! What a graph refuses, and how it says so.

use super::*;

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
