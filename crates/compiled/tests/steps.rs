//! Steps of sequences, compiled: the gradients of their operations, and what each computes.

mod common;

use common::{ITEMS, Model, USERS, column, numbers};
use recburn_compiled::{Compiled, Pass};
use recburn_graph::{
    Activation, Graph, Initializer, Input, Kind, Pool, Side, Sym, Table, add, concat, dot, multiply,
};
use recburn_schema::{Bags, Batch, Candidates, Column, Values};

const LENGTH: usize = 4;

const LISTS: [&[u32]; 5] = [&[3, 1, 0, 1], &[2], &[], &[0, 2, 3], &[1, 1]];

fn recent() -> Input {
    let kind = Kind::Sequence {
        rows: ITEMS,
        length: LENGTH,
    };
    Input::new("recent", Side::User, kind)
}

/// A query for each position of these lists, or for each list.
fn batch(lists: &[&[u32]], every_position: bool, candidates: Candidates) -> Batch {
    let users: Vec<u32> = match every_position {
        true => (0..)
            .zip(lists)
            .flat_map(|(user, list)| list.iter().map(move |_| user))
            .collect(),
        false => (0..lists.len() as u32).collect(),
    };
    let queries = users.len();
    let items = match candidates {
        Candidates::Each(count) => queries * count,
        Candidates::Shared(count) => count,
    };
    let ends = lists.iter().scan(0, |end, list| {
        *end += list.len() as u32;
        Some(*end)
    });
    let entries: Vec<u32> = lists.iter().flat_map(|list| list.iter().copied()).collect();
    let items: Vec<u32> = (0..items)
        .map(|at| ((at * 3 + at / 2) % ITEMS) as u32)
        .collect();
    Batch {
        queries,
        candidates,
        users: Column {
            rows: (0..lists.len() as u32).collect(),
            inverse: users,
        },
        items: column(&items),
        others: vec![Values::Bags(Bags {
            column: column(&entries),
            ends: ends.collect(),
            weights: Vec::new(),
        })],
        every_position,
        ..Batch::default()
    }
}

/// Batches that ask in every way.
fn batches() -> Vec<Batch> {
    [true, false]
        .into_iter()
        .flat_map(|every| {
            [
                Candidates::Each(1),
                Candidates::Each(2),
                Candidates::Shared(3),
            ]
            .map(|candidates| batch(&LISTS, every, candidates))
        })
        .collect()
}

fn scored(steps: &Sym, items: &Table) -> Sym {
    let item = Sym::item(ITEMS).look_up("item_row", items);
    dot("score", &steps.at_query("user_vector"), &item)
}

#[test]
fn the_gradients_of_operations_on_steps_are_those_of_finite_differences() {
    let items = Table::new("q", ITEMS, 4);
    let steps = Sym::sequence(&recent()).look_up("steps", &items);
    let attended = steps.attention("attention", 2);
    let placed = steps.positions("positions", Initializer::EMBEDDING);
    let row = Sym::user(USERS).embed("p", 4);
    let item = Sym::item(ITEMS).look_up("item_row", &items);
    let graphs = [
        ("steps", scored(&steps, &items)),
        ("steps that go side by side, too", {
            let both = concat("both", [&steps, &placed]).dense("d", 4, Activation::Tanh);
            let both = add("users", [&steps.at_query("one"), &both.at_query("two")]);
            dot("score", &both, &item)
        }),
        ("positions", scored(&placed, &items)),
        ("layer norm", scored(&steps.layer_norm("norm"), &items)),
        ("attention", scored(&attended, &items)),
        ("one head", scored(&steps.attention("attention", 1), &items)),
        (
            "attention after attention",
            scored(&attended.attention("more", 4), &items),
        ),
        (
            "dropped steps",
            scored(&placed.dropout("dropped", 0.3), &items),
        ),
        (
            "steps that others take, too",
            scored(
                &add(
                    "sum",
                    [&placed, &placed.layer_norm("norm").attention("seen", 2)],
                ),
                &items,
            ),
        ),
        (
            "dense layers, products and columns side by side",
            scored(
                &multiply(
                    "product",
                    [
                        &concat("both", [&placed, &steps]).dense("d", 4, Activation::Tanh),
                        &attended.rescale("wide", -1.0, 2.0),
                    ],
                ),
                &items,
            ),
        ),
        ("states", scored(&placed.gru("gru", 4), &items)),
        (
            "states of states, of other widths",
            scored(
                &steps
                    .gru("gru", 3)
                    .gru("gru_2", 5)
                    .dense("d", 4, Activation::Tanh),
                &items,
            ),
        ),
        (
            "states that are dropped, next to the steps",
            scored(
                &add(
                    "sum",
                    [&steps, &steps.gru("gru", 4).dropout("dropped", 0.3)],
                ),
                &items,
            ),
        ),
        (
            "additive attention",
            scored(&placed.additive_attention("look"), &items),
        ),
        ("states, and attention to all of them", {
            let states = steps.dropout("input", 0.2).gru("gru", 3);
            let both = concat("both", [&states, &states.additive_attention("look")]);
            let user = both
                .dropout("dropped", 0.2)
                .dense("d", 4, Activation::Linear);
            scored(&user, &items)
        }),
        ("a block of a transformer", {
            let seen = placed.layer_norm("norm").attention("attention", 2);
            let seen = add("seen", [&placed, &seen.dropout("dropped", 0.2)]);
            let dense = seen
                .layer_norm("norm_2")
                .dense("hidden", 4, Activation::Tanh)
                .dense("dense", 4, Activation::Linear)
                .dropout("dropped_2", 0.2);
            scored(&add("block", [&seen, &dense]).layer_norm("last"), &items)
        }),
        (
            "a step beside a row of the user",
            dot(
                "score",
                &add("row_and_step", [&row, &attended.at_query("step")]),
                &item,
            ),
        ),
        (
            "dense layers after the step",
            dot(
                "score",
                &attended
                    .at_query("step")
                    .dense("after", 4, Activation::Tanh),
                &item,
            ),
        ),
        (
            "dropout after the step",
            dot(
                "score",
                &attended.at_query("step").dropout("after", 0.3),
                &item,
            ),
        ),
        (
            "the sequence as a bag, too",
            dot(
                "score",
                &attended.at_query("step"),
                &add(
                    "sum",
                    [
                        &item,
                        &Sym::bag(&recent()).pool("pooled", &items, Pool::Mean),
                    ],
                ),
            ),
        ),
    ];
    for (name, output) in &graphs {
        for batch in batches() {
            let error = Model::new(output, 3).error_of_gradients(&batch);
            let how = (batch.every_position, batch.candidates);
            assert!(error < 6e-3, "{name}, {how:?}: {error}");
        }
    }
}

#[test]
fn rows_of_users_are_normalised_one_by_one() {
    let norm = Sym::user(USERS).embed("p", 3).layer_norm("norm");
    let mut model = Model::new(&norm.dense("score", 1, Activation::Linear), 3);
    let batch = common::batch(7);
    let error = model.error_of_gradients(&batch);
    assert!(error < 4e-3, "{error}");
}

/// Scores, gradients of these parameters and of the rows of a model that reads long sequences, on so many threads.
fn on_threads(
    layer: impl Fn(&Sym) -> Sym,
    parameters: &[&str],
    threads: usize,
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let items = Table::new("q", 50, 16);
    let kind = Kind::Sequence {
        rows: 50,
        length: 40,
    };
    let recent = Input::new("recent", Side::User, kind);
    let steps = Sym::sequence(&recent).look_up("steps", &items);
    let user = layer(&steps).at_query("user_vector");
    let item = Sym::item(50).look_up("item_row", &items);
    let output = dot("score", &user, &item);
    let lists: Vec<Vec<u32>> = (0..90)
        .map(|user| (0..user % 41).map(|at| (user * 7 + at * 3) % 50).collect())
        .collect();
    let lists: Vec<&[u32]> = lists.iter().map(Vec::as_slice).collect();
    let mut batch = batch(&lists, true, Candidates::Shared(3));
    batch.items = column(&[7, 40, 3]);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let (mut model, batch) = (Model::new(&output, 3), &batch);
    pool.expect("threads").install(move || {
        let scores = model.scores(batch, Pass::Training { seed: 4 });
        let slopes = numbers(5, scores.len());
        model.compiled.backward(batch, &slopes);
        let of = |name: &&str| model.compiled.parameters().gradient(name);
        let gradients = parameters.iter().map(|name| of(name).expect("a parameter"));
        let mut gradients: Vec<Vec<f32>> = gradients.collect();
        gradients.push(model.compiled.row_gradients(batch, 0).clone());
        (scores, gradients)
    })
}

#[test]
fn layers_over_many_sequences_are_the_same_on_any_number_of_threads() {
    let block = |steps: &Sym| {
        let steps = steps.positions("positions", Initializer::EMBEDDING);
        let seen = steps.layer_norm("norm").attention("attention", 2);
        add("block", [&steps, &seen])
    };
    let states = |steps: &Sym| steps.gru("gru", 16);
    let looks = |steps: &Sym| steps.additive_attention("look");
    let all = |threads| {
        [
            on_threads(block, &["attention.query"], threads),
            on_threads(
                states,
                &["gru.weight", "gru.recurrent", "gru.bias"],
                threads,
            ),
            on_threads(looks, &["look.query", "look.scale"], threads),
        ]
    };
    let one = all(1);
    assert_eq!(all(2), one);
    assert_eq!(all(5), one);
}

/// A sequence's scores do not depend on the sequences next to it, however many there are and whatever their lengths.
#[test]
fn states_of_a_sequence_are_its_own() {
    let items = Table::new("q", ITEMS, 4);
    let steps = Sym::sequence(&recent()).look_up("steps", &items);
    let mut model = Model::new(&scored(&steps.gru("gru", 4), &items), 3);
    let lists: Vec<Vec<u32>> = (0..40)
        .map(|user| {
            (0..user * 5 % 7)
                .map(|at| (user + at) % ITEMS as u32)
                .collect()
        })
        .collect();
    let lists: Vec<&[u32]> = lists.iter().map(Vec::as_slice).collect();
    let candidates = Candidates::Shared(3);
    let together = model.scores(&batch(&lists, false, candidates), Pass::Inference);
    for (list, together) in lists.iter().zip(together.chunks(3)) {
        let alone = model.scores(&batch(&[list], false, candidates), Pass::Inference);
        for (alone, together) in alone.iter().zip(together) {
            assert!((alone - together).abs() < 1e-6, "{alone} {together}");
        }
    }
}

#[test]
fn without_any_step_every_score_is_0_and_nothing_moves() {
    let items = Table::new("q", ITEMS, 4);
    let steps = Sym::sequence(&recent()).look_up("steps", &items);
    let user = steps
        .positions("positions", Initializer::EMBEDDING)
        .layer_norm("norm")
        .attention("attention", 2)
        .gru("gru", 4)
        .additive_attention("look");
    let mut model = Model::new(&scored(&user, &items), 3);
    let none: [&[u32]; 2] = [&[], &[]];
    let batch = batch(&none, false, Candidates::Shared(3));
    assert_eq!(model.scores(&batch, Pass::Training { seed: 1 }), [0.0; 6]);
    model.compiled.backward(&batch, &[1.0; 6]);
    for name in [
        "attention.key",
        "norm.gamma",
        "positions.weight",
        "gru.weight",
        "gru.recurrent",
        "gru.bias",
        "look.query",
        "look.scale",
    ] {
        let gradient = model.compiled.parameters().gradient(name);
        assert!(gradient.expect("a parameter").iter().all(|g| *g == 0.0));
    }
}

#[test]
#[should_panic(expected = "has 2 queries for 3 positions")]
fn queries_for_every_position_of_another_sequence_are_refused() {
    let items = Table::new("q", ITEMS, 4);
    let steps = Sym::sequence(&recent()).look_up("steps", &items);
    let lists: [&[u32]; 1] = [&[1, 2, 3]];
    let mut batch = batch(&lists, true, Candidates::Shared(3));
    batch.queries = 2;
    batch.users.inverse.pop();
    Model::new(&scored(&steps, &items), 3).scores(&batch, Pass::Inference);
}

#[test]
fn parameters_have_the_names_of_the_networks() {
    let items = Table::new("q", ITEMS, 4);
    let steps = Sym::sequence(&recent()).look_up("steps", &items);
    let steps = steps
        .positions("positions", Initializer::EMBEDDING)
        .layer_norm("norm")
        .attention("attention", 2)
        .gru("gru", 4)
        .additive_attention("look");
    let graph = Graph::new("test", &scored(&steps, &items)).expect("a graph that can run");
    let compiled = Compiled::new(&graph);
    let names: Vec<&str> = compiled
        .parameters()
        .all()
        .map(|parameter| parameter.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "positions.weight",
            "norm.gamma",
            "norm.beta",
            "attention.query",
            "attention.key",
            "attention.value",
            "gru.weight",
            "gru.recurrent",
            "gru.bias",
            "look.query",
            "look.key",
            "look.scale"
        ]
    );
}
