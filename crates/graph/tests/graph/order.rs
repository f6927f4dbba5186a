//! Nodes, their order, widths and parameters.

use super::*;

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
