//! Sequences step by step: what the layers compute and differentiate, against formulas written out in 64 bits.

mod recurrent;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use recburn_graph::{
    Activation, Graph, Initializer, Input, Kind, Side, Sym, Table, TableOptions, add, dot,
};
use recburn_nn::{
    Attention, Columns, Draw, Embedding, Ids, Inputs, Model, Network, Pass, Positions, Read,
    RowSource, Weights, score_batch,
};
use recburn_schema::{Bags, Batch, Candidates, Column, Values};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const ITEMS: usize = 7;
const WIDTH: usize = 4;
const LENGTH: usize = 5;
const EPSILON: f64 = 1e-3;

const START: Initializer = Initializer::Uniform {
    min: -0.9,
    max: 0.9,
};

/// A transformer of one block, with the item table shared by sequence and candidates.
fn transformer(heads: usize) -> Network {
    let options = TableOptions {
        initializer: START,
        ..TableOptions::default()
    };
    let items = Table::with("items", ITEMS, WIDTH, options);
    let kind = Kind::Sequence {
        rows: ITEMS,
        length: LENGTH,
    };
    let recent = Sym::sequence(&Input::new("recent", Side::User, kind));
    let steps = recent
        .look_up("recent_items", &items)
        .positions("positions", START);
    let seen = steps.layer_norm("norm").attention("attention", heads);
    let steps = add("attended", [&steps, &seen]);
    let dense = steps.dense("dense", WIDTH, Activation::Tanh);
    let steps = add("block", [&steps, &dense]);
    let user = steps.at_query("user");
    let score = dot(
        "score",
        &user,
        &Sym::item(ITEMS).look_up("item_row", &items),
    );
    Network::new(Graph::new("test", &score).unwrap(), 7, &Device::flex())
}

fn column(ids: impl Iterator<Item = u32>) -> Column {
    let mut column = Column::default();
    for id in ids {
        let known = column.rows.iter().position(|row| *row == id);
        let place = known.unwrap_or_else(|| {
            column.rows.push(id);
            column.rows.len() - 1
        });
        column.inverse.push(place as u32);
    }
    column
}

fn ends(lists: &[&[u32]]) -> Vec<u32> {
    let sizes = lists.iter().map(|list| list.len() as u32);
    sizes
        .scan(0, |end, size| {
            *end += size;
            Some(*end)
        })
        .collect()
}

/// A query for each position of these lists, or for each list; shared candidates are all items, others one each.
fn batch(lists: &[&[u32]], every_position: bool, shared: bool) -> Batch {
    let users: Vec<u32> = match every_position {
        true => (0..)
            .zip(lists)
            .flat_map(|(user, list)| list.iter().map(move |_| user))
            .collect(),
        false => (0..lists.len() as u32).collect(),
    };
    let queries = users.len();
    let items: Vec<u32> = match shared {
        true => (0..ITEMS as u32).collect(),
        false => (0..queries as u32)
            .map(|at| (at * 3 + 1) % ITEMS as u32)
            .collect(),
    };
    Batch {
        queries,
        candidates: match shared {
            true => Candidates::Shared(ITEMS),
            false => Candidates::Each(1),
        },
        users: Column {
            rows: (0..lists.len() as u32).collect(),
            inverse: users,
        },
        items: column(items.into_iter()),
        others: vec![Values::Bags(Bags {
            column: column(lists.iter().flat_map(|list| list.iter().copied())),
            ends: ends(lists),
            weights: Vec::new(),
        })],
        every_position,
        ..Batch::default()
    }
}

fn scores(model: &Network, batch: &Batch) -> Vec<f32> {
    score_batch(&model.valid(), &model.inputs(), batch, &Device::flex())
}

// The same in 64 bits, step by step.

type Numbers = BTreeMap<String, Vec<f64>>;

fn weights_of(model: &Network) -> Numbers {
    let widened = |values: Vec<f32>| values.into_iter().map(f64::from).collect();
    Weights::of(model)
        .0
        .into_iter()
        .map(|(name, weight)| (name, widened(weight.values)))
        .collect()
}

fn times(x: &[f64], kernel: &[f64], units: usize) -> Vec<f64> {
    let unit = |unit: usize| {
        let products = x.iter().enumerate();
        products
            .map(|(at, x)| x * kernel[at * units + unit])
            .sum::<f64>()
    };
    (0..units).map(unit).collect()
}

fn plus(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(a, b)| a + b).collect()
}

fn dotted(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn norm(x: &[f64], gamma: &[f64], beta: &[f64]) -> Vec<f64> {
    let count = x.len() as f64;
    let mean = x.iter().sum::<f64>() / count;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
    let scaled = x.iter().zip(gamma).zip(beta);
    scaled
        .map(|((x, gamma), beta)| (x - mean) / (variance + EPSILON).sqrt() * gamma + beta)
        .collect()
}

fn attended(x: &[Vec<f64>], weights: &Numbers, heads: usize) -> Vec<Vec<f64>> {
    let part = WIDTH / heads;
    let rows = |name: &str| -> Vec<Vec<f64>> {
        let kernel = &weights[&format!("attention.{name}")];
        x.iter().map(|x| times(x, kernel, WIDTH)).collect()
    };
    let (queries, keys, values) = (rows("query"), rows("key"), rows("value"));
    let mut out = vec![vec![0.0; WIDTH]; x.len()];
    for (at, out) in out.iter_mut().enumerate() {
        for head in 0..heads {
            let own = head * part..(head + 1) * part;
            let weight = |other: usize| {
                let product = dotted(&queries[at][own.clone()], &keys[other][own.clone()]);
                (product / (part as f64).sqrt()).exp()
            };
            let all: f64 = (0..=at).map(weight).sum();
            for (other, value) in values.iter().enumerate().take(at + 1) {
                for column in own.clone() {
                    out[column] += weight(other) / all * value[column];
                }
            }
        }
    }
    out
}

/// The vectors of a list's positions.
fn vectors(list: &[u32], weights: &Numbers, heads: usize) -> Vec<Vec<f64>> {
    let row = |name: &str, at: usize| weights[name][at * WIDTH..][..WIDTH].to_vec();
    let steps: Vec<Vec<f64>> = list
        .iter()
        .enumerate()
        .map(|(at, &item)| {
            let place = LENGTH.saturating_sub(list.len() - at);
            plus(
                &row("items.weight", item as usize),
                &row("positions.weight", place),
            )
        })
        .collect();
    let (gamma, beta) = (&weights["norm.gamma"], &weights["norm.beta"]);
    let normed: Vec<Vec<f64>> = steps.iter().map(|step| norm(step, gamma, beta)).collect();
    let seen = attended(&normed, weights, heads);
    let step = |(step, seen): (&Vec<f64>, &Vec<f64>)| {
        let step = plus(step, seen);
        let before = plus(
            &times(&step, &weights["dense.weight"], WIDTH),
            &weights["dense.bias"],
        );
        plus(&step, &before.iter().map(|x| x.tanh()).collect::<Vec<_>>())
    };
    steps.iter().zip(&seen).map(step).collect()
}

/// The scores from the vectors of a list's positions.
fn reference(
    lists: &[&[u32]],
    batch: &Batch,
    weights: &Numbers,
    vectors: impl Fn(&[u32], &Numbers) -> Vec<Vec<f64>>,
) -> Vec<f64> {
    let queries = lists.iter().flat_map(|list| {
        let all = vectors(list, weights);
        match batch.every_position {
            true => all,
            false => vec![all.last().cloned().unwrap_or(vec![0.0; WIDTH])],
        }
    });
    let count = batch.candidates.per_query();
    let score = |(at, query): (usize, Vec<f64>)| {
        let entry = |candidate: usize| match batch.candidates {
            Candidates::Shared(_) => candidate,
            Candidates::Each(_) => at * count + candidate,
        };
        let item = |candidate| batch.items.rows[batch.items.inverse[entry(candidate)] as usize];
        let row = |candidate| &weights["items.weight"][item(candidate) as usize * WIDTH..][..WIDTH];
        (0..count)
            .map(|candidate| dotted(&query, row(candidate)))
            .collect::<Vec<f64>>()
    };
    queries.enumerate().flat_map(score).collect()
}

const LISTS: [&[u32]; 4] = [&[3, 1, 4, 1, 5], &[2], &[6, 5, 3], &[0, 2]];

#[test]
fn the_scores_of_a_transformer_are_those_of_its_formulas() {
    for heads in [1, 2, 4] {
        let model = transformer(heads);
        let weights = weights_of(&model);
        for (every_position, shared) in [(true, false), (true, true), (false, false), (false, true)]
        {
            let batch = batch(&LISTS, every_position, shared);
            let wanted = reference(&LISTS, &batch, &weights, |list, weights| {
                vectors(list, weights, heads)
            });
            let seen = scores(&model, &batch);
            assert_eq!(seen.len(), wanted.len());
            for (seen, wanted) in seen.iter().zip(&wanted) {
                assert!(
                    (f64::from(*seen) - wanted).abs() < 1e-5,
                    "{heads} heads, every position {every_position}, shared {shared}: {seen} {wanted}"
                );
            }
        }
    }
}

#[test]
fn a_sequence_without_steps_scores_0_and_does_not_touch_its_neighbours() {
    let model = transformer(2);
    let lists: [&[u32]; 4] = [&[], &[2, 3], &[], &[1]];
    let seen = scores(&model, &batch(&lists, false, true));
    assert!(seen[..ITEMS].iter().all(|score| *score == 0.0));
    assert!(seen[2 * ITEMS..3 * ITEMS].iter().all(|score| *score == 0.0));
    let alone = scores(&model, &batch(&[&[2, 3], &[1]], false, true));
    let apart = [&seen[ITEMS..2 * ITEMS], &seen[3 * ITEMS..]].concat();
    for (seen, alone) in apart.iter().zip(&alone) {
        assert!((seen - alone).abs() < 1e-6, "{seen} {alone}");
    }
    // Nobody has a history.
    let none: [&[u32]; 2] = [&[], &[]];
    assert_eq!(scores(&model, &batch(&none, false, true)), [0.0; 2 * ITEMS]);
}

#[test]
fn a_step_knows_nothing_of_what_comes_after_it() {
    let layer = Attention::new("layer", 4, 2, START, Draw::new(3), &Device::flex());
    let numbers = Draw::new(4).numbers("steps", START, 5, 4);
    let steps = |count: usize| {
        let numbers = numbers[..count * 4].to_vec();
        Tensor::<2>::from_data(TensorData::new(numbers, [count, 4]), &Device::flex())
    };
    let values = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
    let all = values(layer.forward(steps(5), &[5]));
    for count in 1..5 {
        let first = values(layer.forward(steps(count), &[count as u32]));
        for (first, all) in first.iter().zip(&all) {
            assert!((first - all).abs() < 1e-6, "{count} steps: {first} {all}");
        }
    }
}

#[test]
fn steps_beyond_the_positions_have_the_row_of_the_first() {
    let positions = Positions::new("places", [2, 1], START, Draw::new(1), &Device::flex());
    let weight = positions.weight.val().into_data();
    let weight: Vec<f32> = weight.iter::<f32>().collect();
    let zeros = Tensor::zeros([4, 1], &Device::flex());
    let seen = positions.forward(zeros, &[3, 4]).into_data();
    let wanted = [weight[0], weight[0], weight[1], weight[1]];
    assert_eq!(seen.iter::<f32>().collect::<Vec<_>>(), wanted);
}

#[test]
#[should_panic(expected = "has 2 queries for 3 positions")]
fn queries_for_every_position_of_another_sequence_are_refused() {
    let lists: [&[u32]; 1] = [&[1, 2, 3]];
    let mut batch = batch(&lists, true, true);
    batch.queries = 2;
    batch.users.inverse.pop();
    scores(&transformer(1), &batch);
}

/// Rows straight from the module's own table.
struct FromModule;

impl RowSource for FromModule {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        table.weights().select(0, ids.rows_on_device())
    }
}

/// The gradients of a module's parameters.
struct Gradient<'a> {
    path: Vec<String>,
    gradients: &'a mut Gradients,
    found: Numbers,
}

impl ModuleVisitor for Gradient<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad_remove(self.gradients) {
            let gradient = gradient.into_data().iter::<f64>().collect();
            self.found.insert(self.path.join("."), gradient);
        }
    }
}

/// The gradients of `sum of slope * score`, of every weight.
fn gradients(model: &Network, batch: &Batch, slopes: &[f32]) -> Numbers {
    let model = model.clone().train();
    let inputs = model.inputs();
    let columns = Columns::new(batch, &inputs, &Device::flex());
    let pass = Pass::training(Rc::new(RefCell::new(FromModule)), 1);
    let scores = model.score(&Inputs::new(&columns, &pass));
    let shape = scores.dims();
    let slopes = Tensor::<2>::from_data(TensorData::new(slopes.to_vec(), shape), &scores.device());
    let mut gradients = (scores * slopes).sum().backward();
    let mut of_items = vec![0.0; ITEMS * WIDTH];
    for touched in pass.take() {
        let Read::Rows(_, key) = touched.read else {
            panic!("a source that only gathers notes rows");
        };
        let gradient = touched.leaf.grad_remove(&mut gradients).unwrap();
        let gradient: Vec<f64> = gradient.into_data().iter::<f64>().collect();
        for (row, gradient) in columns.rows(key.column).iter().zip(gradient.chunks(WIDTH)) {
            let sums = &mut of_items[*row as usize * WIDTH..][..WIDTH];
            sums.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
        }
    }
    let mut visitor = Gradient {
        path: Vec::new(),
        gradients: &mut gradients,
        found: Numbers::new(),
    };
    model.visit(&mut visitor);
    visitor.found.insert("items.weight".to_string(), of_items);
    visitor.found
}

/// Compares the gradients of a model's weights with finite differences of its formulas.
fn compare_gradients(
    model: &Network,
    batch: &Batch,
    vectors: impl Fn(&[u32], &Numbers) -> Vec<Vec<f64>>,
) {
    const STEP: f64 = 1e-5;
    let weights = weights_of(model);
    let slopes = Draw::new(9).numbers("slopes", START, batch.scores(), 1);
    let seen = gradients(model, batch, &slopes);
    assert_eq!(
        seen.keys().collect::<Vec<_>>(),
        weights.keys().collect::<Vec<_>>()
    );
    let loss = |weights: &Numbers| -> f64 {
        let scores = reference(&LISTS, batch, weights, &vectors);
        let products = scores.iter().zip(&slopes);
        products
            .map(|(score, slope)| score * f64::from(*slope))
            .sum()
    };
    for (name, gradient) in &seen {
        assert!(gradient.iter().any(|g| *g != 0.0), "{name} does not move");
        for (at, gradient) in gradient.iter().enumerate() {
            let moved = |distance: f64| {
                let mut weights = weights.clone();
                weights.get_mut(name).unwrap()[at] += distance;
                loss(&weights)
            };
            let wanted = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            assert!(
                (gradient - wanted).abs() < 2e-4 * wanted.abs().max(1.0),
                "{name} {at}: {gradient} against {wanted}"
            );
        }
    }
}

#[test]
fn the_gradients_of_a_transformer_are_those_of_finite_differences_of_its_formulas() {
    let heads = 2;
    let model = transformer(heads);
    for (every_position, shared) in [(true, true), (true, false), (false, true)] {
        let batch = batch(&LISTS, every_position, shared);
        compare_gradients(&model, &batch, |list, weights| {
            vectors(list, weights, heads)
        });
    }
}
