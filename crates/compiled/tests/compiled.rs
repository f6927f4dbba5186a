//! A compiled graph does what its operations say, forwards and backwards.
//!
//! That it trains as Burn's autodiff does is tested where both are at hand.

use proptest::prelude::*;
use recburn_compiled::{Compiled, Keys, Pass, Rate};
use recburn_graph::{
    Activation, Graph, Input, Kind, Pool, Side, Sym, Table, add, concat, dot, multiply, pairwise,
};
use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};
use recburn_schema::{Bags, Batch, Candidates, Column, Values};
use std::collections::BTreeMap;

const USERS: usize = 5;
const ITEMS: usize = 4;

/// Numbers that look random, the same for the same seed.
fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut keys = Keys::new(seed);
    let unit = |key: u64| (key >> 40) as f32 / (1u64 << 24) as f32;
    (0..count).map(|_| 1.6 * unit(keys.draw()) - 0.8).collect()
}

/// Distinct ids, and each entry's place among them.
fn column(ids: &[u32]) -> Column {
    let mut column = Column::default();
    for id in ids {
        let known = column.rows.iter().position(|row| row == id);
        let place = known.unwrap_or_else(|| {
            column.rows.push(*id);
            column.rows.len() - 1
        });
        column.inverse.push(place as u32);
    }
    column
}

/// A batch of so many pairs, with users and items that return.
fn batch(pairs: usize) -> Batch {
    let ids = |step: usize, rows: usize| -> Vec<u32> {
        let ids = (0..pairs).map(|at| ((at * step + at / 3) % rows) as u32);
        ids.collect()
    };
    let ratings = (0..pairs).map(|at| (at % 5) as f32).collect();
    Batch::of_ratings(column(&ids(2, USERS)), column(&ids(3, ITEMS)), ratings)
}

/// The same batch with other candidates than one of its own per query.
fn with_candidates(batch: Batch, candidates: Candidates) -> Batch {
    let items = match candidates {
        Candidates::Each(count) => batch.queries * count,
        Candidates::Shared(count) => count,
    };
    let ids: Vec<u32> = (0..items)
        .map(|at| ((at * 3 + at / 2) % ITEMS) as u32)
        .collect();
    Batch {
        candidates,
        items: column(&ids),
        ..batch
    }
}

/// A compiled graph with weights of its own, and its tables.
struct Model {
    compiled: Compiled,
    tables: Vec<RowTable>,
    weights: Vec<Vec<f32>>,
}

fn table(weights: &[f32], width: usize) -> RowTable {
    let steps = Steps::after(0, Rule::sgd(0.0), Mode::Exact);
    RowTable::new(weights, width, Penalty::default(), &steps)
}

impl Model {
    fn new(output: &Sym, seed: u64) -> Self {
        let graph = Graph::new("model", output).expect("a graph that can run");
        let mut compiled = Compiled::new(&graph);
        let names: Vec<(String, usize)> = compiled
            .parameters()
            .all()
            .map(|parameter| (parameter.name.clone(), parameter.shape.iter().product()))
            .collect();
        for (at, (name, count)) in names.into_iter().enumerate() {
            let mut values = numbers(seed + 100 + at as u64, count);
            if name.ends_with("running_var") || name.ends_with("gamma") {
                values.iter_mut().for_each(|value| *value += 1.5);
            }
            assert!(compiled.parameters_mut().set(&name, &values));
        }
        let weights: Vec<Vec<f32>> = (0..)
            .zip(graph.tables())
            .map(|(at, table)| numbers(seed + at, table.rows * table.width))
            .collect();
        let tables = graph.tables().iter().zip(&weights);
        let tables = tables.map(|(of, weights)| table(weights, of.width));
        Self {
            tables: tables.collect(),
            compiled,
            weights,
        }
    }

    fn scores(&mut self, batch: &Batch, pass: Pass) -> Vec<f32> {
        let tables: Vec<&RowTable> = self.tables.iter().collect();
        self.compiled.forward(batch, &tables, pass).to_vec()
    }

    /// The sum of the scores times some slopes, in training. Statistics that move are put back.
    fn loss(&mut self, batch: &Batch, slopes: &[f32]) -> f64 {
        let before = self.compiled.parameters().clone();
        let scores = self.scores(batch, Pass::Training { seed: 9 });
        *self.compiled.parameters_mut() = before;
        let products = scores.iter().zip(slopes);
        products
            .map(|(score, slope)| f64::from(*score) * f64::from(*slope))
            .sum()
    }

    /// The largest difference between a gradient and that by finite differences, relative to the largest gradient.
    fn error_of_gradients(&mut self, batch: &Batch) -> f64 {
        const STEP: f32 = 4e-3;
        let slopes = numbers(77, batch.scores());
        self.loss(batch, &slopes);
        self.compiled.backward(batch, &slopes);

        let mut worst = 0.0f64;
        let mut largest = 1e-3f64;
        let mut compare = |exact: f32, more: f64, less: f64| {
            let found = (more - less) / (2.0 * f64::from(STEP));
            worst = worst.max((f64::from(exact) - found).abs());
            largest = largest.max(found.abs());
        };
        let trained = self.compiled.parameters().trained().to_vec();
        let gradients: BTreeMap<String, Vec<f32>> = trained
            .iter()
            .map(|parameter| {
                let gradient = self.compiled.parameters().gradient(&parameter.name);
                (parameter.name.clone(), gradient.expect("a parameter"))
            })
            .collect();
        let mut of_tables: Vec<BTreeMap<u32, Vec<f32>>> = vec![BTreeMap::new(); self.tables.len()];
        for read in 0..self.compiled.reads(batch).len() {
            let table = self.compiled.reads(batch)[read].table;
            let width = self.tables[table].width();
            let rows = self.compiled.rows(batch, read);
            let gradient = self.compiled.row_gradients(batch, read);
            for (row, gradient) in rows.iter().zip(gradient.chunks(width)) {
                let sum = of_tables[table].entry(*row).or_insert(vec![0.0; width]);
                sum.iter_mut()
                    .zip(gradient)
                    .for_each(|(sum, more)| *sum += more);
            }
        }
        for (name, gradient) in gradients {
            let (_, before) = self.compiled.parameters().get(&name).expect("a parameter");
            for (at, exact) in gradient.into_iter().enumerate() {
                let mut at_distance = |distance: f32| {
                    let mut moved = before.clone();
                    moved[at] += distance;
                    assert!(self.compiled.parameters_mut().set(&name, &moved));
                    self.loss(batch, &slopes)
                };
                let (more, less) = (at_distance(STEP), at_distance(-STEP));
                compare(exact, more, less);
            }
            self.compiled.parameters_mut().set(&name, &before);
        }
        for (at, of_table) in of_tables.iter().enumerate() {
            let (before, width) = (self.weights[at].clone(), self.tables[at].width());
            for number in 0..before.len() {
                let row = (number / width) as u32;
                let exact = of_table
                    .get(&row)
                    .map_or(0.0, |gradient| gradient[number % width]);
                let mut at_distance = |distance: f32| {
                    let mut moved = before.clone();
                    moved[number] += distance;
                    self.tables[at].set_weights(&moved);
                    self.loss(batch, &slopes)
                };
                let (more, less) = (at_distance(STEP), at_distance(-STEP));
                compare(exact, more, less);
            }
            self.tables[at].set_weights(&before);
        }
        worst / largest
    }
}

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
