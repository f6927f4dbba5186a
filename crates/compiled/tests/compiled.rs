//! A compiled graph does what its operations say, forwards and backwards.
//!
//! That it trains as Burn's autodiff does is tested where both are at hand.

mod common;

use common::{ITEMS, Model, USERS, batch, column, numbers, with_candidates};
use proptest::prelude::*;
use recburn_compiled::{Pass, Rate};
use recburn_graph::{
    Activation, Input, Kind, Pool, Side, Sym, Table, add, concat, dot, multiply, pairwise, sample,
};
use recburn_schema::{Bags, Batch, Candidates, Column, Values};

/// One number per pair from a value: something that every column of it moves.
fn score(value: &Sym) -> Sym {
    value.dense("score", 1, Activation::Linear)
}

#[test]
fn the_gradients_of_every_operation_are_those_of_finite_differences() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let (p, q) = (user.embed("p", 3), item.embed("q", 3));
    let both = concat("both", [&p, &q]);
    let smooth = [
        Activation::Linear,
        Activation::Elu,
        Activation::Sigmoid,
        Activation::Tanh,
    ];
    let mut graphs = vec![
        ("gather", user.embed("b", 1)),
        ("dot", dot("score", &p, &q)),
        ("dot of one value", dot("score", &p, &p)),
        ("add", score(&add("sum", [&p, &q, &p]))),
        ("multiply", score(&multiply("product", [&p, &q, &p]))),
        ("concat", score(&both)),
        ("concat twice", score(&concat("twice", [&p, &q, &p]))),
        ("concat of a concat", score(&concat("more", [&both, &q]))),
        (
            "bias",
            p.bias("shift")
                .bias("again")
                .dense("score", 1, Activation::Tanh),
        ),
        ("rescale", score(&both.rescale("wide", 1.0, 5.0))),
        ("batch norm", score(&both.batch_norm("norm"))),
        ("dropout", score(&both.dropout("dropped", 0.4))),
        // Without a divergence, which is no part of the scores.
        ("sampling", score(&sample("drawn", &p, &q, 0.0, 0))),
        (
            "two samplings of users",
            dot(
                "score",
                &sample("one", &p, &sample("other", &p, &p, 0.0, 0), 0.0, 0),
                &q,
            ),
        ),
        (
            "two dropouts",
            score(&both.dropout("one", 0.2).dropout("two", 0.3)),
        ),
        (
            "dropout of most of a layer",
            score(
                &both
                    .dense("dense", 13, Activation::Tanh)
                    .dropout("dropped", 0.6),
            ),
        ),
        (
            "dropout of most of a layer that something else takes the input of",
            add(
                "sum",
                [
                    &dot("affinity", &p, &q),
                    &score(
                        &concat("more", [&both, &concat("wide", [&both, &p]), &q])
                            .dense("dense", 9, Activation::Elu)
                            .dropout("dropped", 0.5),
                    ),
                ],
            ),
        ),
        (
            "dropout that others do not see",
            add(
                "sum",
                [
                    &score(&both.dropout("dropped", 0.4)),
                    &dot("affinity", &p, &q),
                ],
            ),
        ),
        (
            "dropout of rows",
            score(&concat(
                "pair",
                [&p.dropout("one", 0.3), &q.dropout("two", 0.3)],
            )),
        ),
        (
            "side by side and on their own",
            add("sum", [&dot("affinity", &p, &q), &score(&both)]),
        ),
        (
            "towers",
            dot(
                "score",
                &p.dense("left", 2, Activation::Tanh),
                &q.dense("right", 2, Activation::Tanh),
            ),
        ),
        (
            "a tower and its rows for pairs",
            add(
                "sum",
                [
                    &dot("affinity", &p, &q),
                    &score(&p.dense("left", 2, Activation::Tanh)),
                ],
            ),
        ),
    ];
    for (name, activation) in ["linear", "elu", "sigmoid", "tanh"].into_iter().zip(smooth) {
        let dropped = both.dense("dense", 4, activation).dropout("dropped", 0.4);
        graphs.push((name, score(&dropped)));
        let function = both.activation("function", activation);
        graphs.push((name, score(&function.dropout("dropped", 0.4))));
    }
    for (name, output) in graphs {
        for pairs in [1, 2, 7] {
            // A batch of one has no deviation: rounding is all that there is to see.
            if name == "batch norm" && pairs < 7 {
                continue;
            }
            let error = Model::new(&output, 3).error_of_gradients(&batch(pairs));
            assert!(error < 4e-3, "{name}, {pairs} pairs: {error}");
        }
    }
}

/// Inputs of every kind and side, and a batch that has them.
fn features() -> ([Sym; 4], Batch) {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let genres = Sym::bag(&Input::new("genres", Side::Item, Kind::Bag { rows: 6 }));
    let history = Sym::bag(&Input::new(
        "history",
        Side::User,
        Kind::Bag { rows: ITEMS },
    ));
    let age = Sym::numbers(&Input::new("age", Side::User, Kind::Numbers { width: 2 }));
    let weekday = Sym::column(&Input::new("weekday", Side::Event, Kind::Id { rows: 3 }));
    let items = Table::new("q", ITEMS, 3);
    let values = [
        add(
            "user_side",
            [
                &user.embed("p", 3),
                &history.pool("history_rows", &items, Pool::RootMean),
            ],
        ),
        add(
            "item_side",
            [
                &item.look_up("item_rows", &items),
                &genres.embed("g", 3, Pool::Mean),
            ],
        ),
        weekday.embed("w", 3),
        concat("about", [&age, &user.embed("o", 1)]).dense("aged", 3, Activation::Tanh),
    ];
    let mut batch = batch(5);
    let bags = |ids: &[u32], ends: &[u32], weights: &[f32]| {
        Values::Bags(Bags {
            column: column(ids),
            ends: ends.to_vec(),
            weights: weights.to_vec(),
        })
    };
    // One entry per distinct user or item, of which there are so many.
    assert_eq!((batch.users.rows.len(), batch.items.rows.len()), (3, 4));
    batch.others = vec![
        bags(&[1, 3, 0, 1, 2], &[2, 2, 5], &[]),
        bags(&[5, 0, 5, 2], &[1, 3, 3, 4], &[0.5, 1.0, 2.0, -1.0]),
        Values::Ids(column(&[2, 0, 2, 1, 2])),
        Values::Numbers(numbers(5, 6)),
    ];
    (values, batch)
}

#[test]
fn inputs_of_every_kind_are_read_and_their_rows_learnt() {
    let ([users, items, weekday, about], batch) = features();
    let graphs = [
        add(
            "score",
            [
                &pairwise("interactions", [&users, &items, &weekday, &about]).sum("second"),
                &dot("affinity", &users, &items),
            ],
        ),
        concat("all", [&users, &items, &weekday, &about])
            .dense("hidden", 4, Activation::Tanh)
            .dense("score", 1, Activation::Linear),
    ];
    for output in &graphs {
        let error = Model::new(output, 3).error_of_gradients(&batch);
        assert!(error < 4e-3, "{error}");
    }
}

#[test]
fn queries_may_have_several_candidates_or_share_them() {
    let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
    let (p, q) = (user.embed("p", 3), item.embed("q", 3));
    let tower = p.dense("tower", 3, Activation::Tanh);
    let affinity = add("sum", [&dot("affinity", &tower, &q), &item.embed("c", 1)]);
    let graphs = [
        affinity.activation("score", Activation::Sigmoid),
        add(
            "score",
            [
                &affinity,
                &concat("pair", [&p, &q]).dense("deep", 1, Activation::Linear),
            ],
        ),
    ];
    for output in &graphs {
        for candidates in [Candidates::Each(3), Candidates::Shared(4)] {
            let batch = with_candidates(batch(5), candidates);
            let mut model = Model::new(output, 3);
            let error = model.error_of_gradients(&batch);
            assert!(error < 4e-3, "{candidates:?}: {error}");
            // The same scores as pair by pair.
            let scores = model.scores(&batch, Pass::Inference);
            assert_eq!(scores.len(), batch.scores());
            let count = candidates.per_query();
            let of = |column: &Column, entry: usize| column.rows[column.inverse[entry] as usize];
            let pairs = (0..batch.scores()).map(|pair| {
                let entry = match candidates {
                    Candidates::Each(_) => pair,
                    Candidates::Shared(_) => pair % count,
                };
                (of(&batch.users, pair / count), of(&batch.items, entry))
            });
            let (users, items): (Vec<u32>, Vec<u32>) = pairs.unzip();
            let apart = Batch::of_ratings(column(&users), column(&items), vec![0.0; scores.len()]);
            let alone = model.scores(&apart, Pass::Inference);
            for (score, alone) in scores.iter().zip(&alone) {
                assert!((score - alone).abs() < 1e-6, "{scores:?} {alone:?}");
            }
        }
    }
}

#[test]
fn relu_hands_on_what_is_above_0() {
    let user = Sym::user(USERS);
    let model = user.embed("p", 1).activation("score", Activation::Relu);
    let mut model = Model::new(&model, 3);
    model.tables[0].set_weights(&[-1.0, 2.0, 0.5, -0.1, 0.0]);
    let batch = Batch::of_ratings(column(&[0, 1, 4, 1]), column(&[0, 0, 0, 0]), vec![0.0; 4]);
    assert_eq!(model.scores(&batch, Pass::Inference), [0.0, 2.0, 0.0, 2.0]);
    model.compiled.backward(&batch, &[1.0, 2.0, 4.0, 8.0]);
    assert_eq!(model.compiled.rows(&batch, 0), [0, 1, 4]);
    assert_eq!(*model.compiled.row_gradients(&batch, 0), [0.0, 10.0, 0.0]);
}

#[test]
fn dropout_scales_what_it_keeps_and_rests_in_inference() {
    let user = Sym::user(USERS);
    let output = user.embed("p", 1).dropout("score", 0.25);
    let mut model = Model::new(&output, 3);
    model.tables[0].set_weights(&[1.0; USERS]);
    let batch = Batch::of_ratings(column(&[1; 4_000]), column(&[0; 4_000]), vec![0.0; 4_000]);
    let scale = Rate::new(0.25).scale();
    let scores = model.scores(&batch, Pass::Training { seed: 5 });
    let kept = scores.iter().filter(|score| **score == scale).count();
    let dropped = scores.iter().filter(|score| **score == 0.0).count();
    assert_eq!(kept + dropped, 4_000);
    assert!((900..1_100).contains(&dropped), "{dropped}");
    assert_eq!(model.scores(&batch, Pass::Training { seed: 5 }), scores);
    assert_ne!(model.scores(&batch, Pass::Training { seed: 6 }), scores);
    assert_eq!(model.scores(&batch, Pass::Inference), [1.0; 4_000]);
}

#[test]
fn batch_norm_keeps_statistics_as_keras_does() {
    let user = Sym::user(USERS);
    let output = user.embed("p", 1).batch_norm("norm");
    let mut model = Model::new(&output, 3);
    for (name, value) in [
        ("norm.gamma", 1.0),
        ("norm.beta", 0.0),
        ("norm.running_mean", 0.0),
        ("norm.running_var", 1.0),
    ] {
        assert!(model.compiled.parameters_mut().set(name, &[value]));
    }
    model.tables[0].set_weights(&[1.0, 3.0, 0.0, 0.0, 0.0]);
    let batch = Batch::of_ratings(column(&[0, 1]), column(&[0, 0]), vec![0.0; 2]);
    let scores = model.scores(&batch, Pass::Training { seed: 1 });
    // Mean 2, variance 1 (divided by the count, not by one less), epsilon 0.001.
    let deviation = 1.001f32.sqrt();
    for (score, exact) in scores.iter().zip([-1.0 / deviation, 1.0 / deviation]) {
        assert!((score - exact).abs() < 1e-6, "{scores:?}");
    }
    // A hundredth of the way from 0 to 2, and from 1 to 1.
    let scores = model.scores(&batch, Pass::Inference);
    for (score, x) in scores.iter().zip([1.0f32, 3.0]) {
        assert!((score - (x - 0.02) / deviation).abs() < 1e-5, "{scores:?}");
    }
}

/// A random graph: layers that take what is there already.
fn graphs() -> impl Strategy<Value = Sym> {
    let layer = (0usize..10, any::<u16>(), any::<u16>());
    proptest::collection::vec(layer, 1..7).prop_map(|layers| {
        let (user, item) = (Sym::user(USERS), Sym::item(ITEMS));
        let mut values = vec![
            (user.embed("p", 3), 3),
            (item.embed("q", 3), 3),
            (user.embed("b", 1), 1),
        ];
        let mut used = vec![false; values.len()];
        for (at, (kind, left, right)) in layers.into_iter().enumerate() {
            let name = format!("layer_{at}");
            let left = usize::from(left) % values.len();
            let alike = |width: usize, values: &[(Sym, usize)]| {
                let fit: Vec<usize> = (0..values.len())
                    .filter(|&at| values[at].1 == width)
                    .collect();
                fit[usize::from(right) % fit.len()]
            };
            let (value, width) = values[left].clone();
            let other = match kind {
                0 => usize::from(right) % values.len(),
                1..=3 => alike(width, &values),
                _ => left,
            };
            used[left] = true;
            used[other] = true;
            let (second, more) = &values[other];
            let made = match kind {
                0 => (concat(&name, [&value, second]), width + more),
                1 => (add(&name, [&value, second]), width),
                2 => (multiply(&name, [&value, second]), width),
                3 => (dot(&name, &value, second), 1),
                4 => (value.dense(&name, 3, Activation::Tanh), 3),
                5 => (value.dense(&name, 2, Activation::Sigmoid), 2),
                6 => (value.activation(&name, Activation::Elu), width),
                7 => (value.dropout(&name, 0.3), width),
                8 => (value.bias(&name), width),
                _ => (value.rescale(&name, 0.5, 1.5), width),
            };
            values.push(made);
            used.push(false);
        }
        // Everything that nothing has used goes into the score.
        let left = values.iter().zip(&used).filter(|(_, used)| !**used);
        let left: Vec<&Sym> = left.map(|((value, _), _)| value).collect();
        match left[..] {
            [one] => score(one),
            ref more => score(&concat("last", more.iter().copied())),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_gradients_of_random_graphs_are_those_of_finite_differences(
        output in graphs(), seed in 0u64..1_000, pairs in 1usize..9
    ) {
        let error = Model::new(&output, seed).error_of_gradients(&batch(pairs));
        prop_assert!(error < 8e-3, "{error}");
    }

    #[test]
    fn a_smaller_batch_after_a_larger_one_is_as_if_it_came_first(
        output in graphs(), seed in 0u64..1_000
    ) {
        let (large, small) = (batch(9), batch(4));
        let run = |before: Option<&Batch>| {
            let mut model = Model::new(&output, seed);
            if let Some(batch) = before {
                let slopes = vec![1.0; batch.len()];
                model.loss(batch, &slopes);
                model.compiled.backward(batch, &slopes);
            }
            let scores = model.scores(&small, Pass::Training { seed: 2 });
            model.compiled.backward(&small, &[0.5; 4]);
            let gradients: Vec<Vec<f32>> = (0..model.compiled.reads(&small).len())
                .map(|read| model.compiled.row_gradients(&small, read).clone())
                .collect();
            (scores, gradients)
        };
        let (alone, after) = (run(None), run(Some(&large)));
        prop_assert_eq!(alone, after);
    }
}
