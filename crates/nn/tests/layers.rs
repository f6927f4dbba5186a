//! What each layer computes, how its numbers start, what it differentiates, and how models are watched and scored.

#![allow(clippy::unwrap_used)]

mod common;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use common::{Step, predict, rows_of};
use recburn_graph::{
    Activation, Graph, Initializer, Sym, TableOptions, add, concat, dot, multiply,
};
use recburn_nn::{
    ColumnId, Dense, Draw, Dropout, Embedding, Ids, Network, PairModel, Pass, RowSource, Weight,
    Weights, activate, tables,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Rows straight from the module's own table.
struct FromModule;

impl RowSource for FromModule {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        table.weights().select(0, ids.rows_on_device())
    }
}

fn training(seed: u64) -> Pass {
    Pass::training(Rc::new(RefCell::new(FromModule)), seed)
}

fn matrix(values: &[f32], shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), device)
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// The network of this output with these weights, by name, shape and numbers.
fn network(output: &Sym, weights: &[(&str, &[usize], &[f32])]) -> Network {
    let graph = Graph::new("test", output).unwrap();
    let weights: BTreeMap<String, Weight> = weights
        .iter()
        .map(|&(name, shape, values)| {
            let (shape, values) = (shape.to_vec(), values.to_vec());
            (name.to_string(), Weight { shape, values })
        })
        .collect();
    Weights(weights)
        .load_into(Network::new(graph, 0, &Device::flex()))
        .unwrap()
}

/// The scores of users 0, 1, 2, ... with item 0, without training.
fn scores(network: &Network, users: usize) -> Vec<f32> {
    let rows: Vec<u32> = (0..users as u32).collect();
    predict(network, &rows, &vec![0; users], 2)
}

#[track_caller]
fn assert_close(seen: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(seen.len(), wanted.len(), "{seen:?} against {wanted:?}");
    for (a, b) in seen.iter().zip(wanted) {
        assert!(
            (a - b).abs() <= tolerance,
            "{seen:?} against {wanted:?}, further than {tolerance}"
        );
    }
}

// What each kind of node computes.

#[test]
fn an_embedding_is_the_row_of_its_id() {
    let model = network(
        &Sym::user(3).embed("bias", 1),
        &[("bias.weight", &[3, 1], &[0.5, -2.0, 7.25])],
    );
    assert_eq!(
        predict(&model, &[2, 0, 2, 1], &[0; 4], 4),
        [7.25, 0.5, 7.25, -2.0]
    );
}

#[test]
fn a_column_of_items_looks_into_the_tables_of_items() {
    let score = add(
        "score",
        [&Sym::user(2).embed("u", 1), &Sym::item(3).embed("i", 1)],
    );
    let model = network(
        &score,
        &[
            ("u.weight", &[2, 1], &[1.0, 2.0]),
            ("i.weight", &[3, 1], &[10.0, 20.0, 30.0]),
        ],
    );
    assert_eq!(
        predict(&model, &[0, 1, 1], &[2, 0, 1], 8),
        [31.0, 12.0, 22.0]
    );
}

#[test]
fn a_dense_layer_is_the_input_times_the_kernel_plus_the_bias_under_each_activation() {
    // Two inputs, three units: x W + b is [-1, 0.5, 2] for the first row and [3, -0.25, -2] for the second.
    let tables: &[(&str, &[usize], &[f32])] = &[
        ("x.weight", &[2, 2], &[1.0, 2.0, -1.0, 0.5]),
        ("hidden.weight", &[2, 3], &[-2.0, 1.0, 2.0, 0.0, 0.5, 0.0]),
        ("hidden.bias", &[3], &[1.0, -1.5, 0.0]),
        // Takes the three units apart: their weights are powers that do not mix.
        ("out.weight", &[3, 1], &[1.0, 100.0, 10_000.0]),
        ("out.bias", &[1], &[0.0]),
    ];
    let before = [[-1.0f64, 0.5, 2.0], [3.0, -2.25, -2.0]];
    type Formula = fn(f64) -> f64;
    let activations: [(Activation, Formula); 5] = [
        (Activation::Linear, |x| x),
        (Activation::Relu, |x| x.max(0.0)),
        (Activation::Elu, |x| if x > 0.0 { x } else { x.exp() - 1.0 }),
        (Activation::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        (Activation::Tanh, f64::tanh),
    ];
    for (activation, formula) in activations {
        let hidden = Sym::user(2).embed("x", 2).dense("hidden", 3, activation);
        let model = network(&hidden.dense("out", 1, Activation::Linear), tables);
        let wanted = before.map(|row| {
            let out = row.map(formula);
            (out[0] + 100.0 * out[1] + 10_000.0 * out[2]) as f32
        });
        assert_close(&scores(&model, 2), &wanted, 2e-3);

        // The same function as a layer of its own, unit by unit.
        let points = [-3.0f32, -1.0, -0.5, 0.0, 0.25, 1.0, 4.0];
        let wanted = points.map(|x| formula(f64::from(x)) as f32);
        let seen = activate(activation, matrix(&points, [7, 1], &Device::flex()));
        assert_close(&numbers(seen), &wanted, 1e-6);
        let alone = Sym::user(7).embed("x", 1).activation("squash", activation);
        let model = network(&alone, &[("x.weight", &[7, 1], &points)]);
        assert_close(&scores(&model, 7), &wanted, 1e-6);
    }
}

#[test]
fn activations_far_out_stay_finite() {
    let far = [-1e30f32, -200.0, 200.0, 1e30];
    for (activation, wanted) in [
        (Activation::Sigmoid, [0.0, 0.0, 1.0, 1.0]),
        (Activation::Tanh, [-1.0, -1.0, 1.0, 1.0]),
        (Activation::Relu, [0.0, 0.0, 200.0, 1e30]),
        (Activation::Elu, [-1.0, -1.0, 200.0, 1e30]),
    ] {
        let seen = numbers(activate(activation, matrix(&far, [4, 1], &Device::flex())));
        assert_eq!(seen, wanted, "{activation}");
    }
}

#[test]
fn dot_is_the_sum_of_the_products_of_a_row() {
    let score = dot(
        "affinity",
        &Sym::user(2).embed("u", 3),
        &Sym::item(1).embed("i", 3),
    );
    let model = network(
        &score,
        &[
            ("u.weight", &[2, 3], &[1.0, 2.0, 3.0, -1.0, 0.5, 0.0]),
            ("i.weight", &[1, 3], &[4.0, -5.0, 6.0]),
        ],
    );
    assert_eq!(scores(&model, 2), [12.0, -6.5]);
}

#[test]
fn add_takes_three_values_and_multiply_too() {
    let user = Sym::user(2);
    let parts = [user.embed("a", 1), user.embed("b", 1), user.embed("c", 1)];
    let weights: &[(&str, &[usize], &[f32])] = &[
        ("a.weight", &[2, 1], &[1.0, 2.0]),
        ("b.weight", &[2, 1], &[10.0, -4.0]),
        ("c.weight", &[2, 1], &[100.0, 0.5]),
    ];
    let sum = network(&add("sum", &parts), weights);
    assert_eq!(scores(&sum, 2), [111.0, -1.5]);
    let product = network(&multiply("product", &parts), weights);
    assert_eq!(scores(&product, 2), [1_000.0, -4.0]);
    // A value with itself.
    let square = multiply("square", [&parts[1], &parts[1]]);
    assert_eq!(scores(&network(&square, &weights[1..2]), 2), [100.0, 16.0]);
}

#[test]
fn multiply_and_add_go_column_by_column() {
    let (a, b) = (Sym::user(1).embed("a", 2), Sym::item(1).embed("b", 2));
    for (merged, wanted) in [
        (multiply("merged", [&a, &b]), 3.0 + 10.0 * 8.0),
        (add("merged", [&a, &b]), 4.0 + 10.0 * 6.0),
    ] {
        let model = network(
            &merged.dense("out", 1, Activation::Linear),
            &[
                ("a.weight", &[1, 2], &[1.0, 2.0]),
                ("b.weight", &[1, 2], &[3.0, 4.0]),
                ("out.weight", &[2, 1], &[1.0, 10.0]),
                ("out.bias", &[1], &[0.0]),
            ],
        );
        assert_eq!(scores(&model, 1), [wanted]);
    }
}

#[test]
fn concat_puts_values_side_by_side_in_their_order() {
    let both = concat(
        "both",
        [&Sym::item(1).embed("i", 1), &Sym::user(2).embed("u", 2)],
    );
    let model = network(
        &both.dense("out", 1, Activation::Linear),
        &[
            ("i.weight", &[1, 1], &[7.0]),
            ("u.weight", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
            ("out.weight", &[3, 1], &[1.0, 10.0, 100.0]),
            ("out.bias", &[1], &[0.5]),
        ],
    );
    assert_eq!(scores(&model, 2), [217.5, 437.5]);
}

#[test]
fn rescale_carries_0_and_1_onto_the_ends_of_the_scale() {
    let model = network(
        &Sym::user(4).embed("x", 1).rescale("stars", 0.5, 5.0),
        &[("x.weight", &[4, 1], &[0.0, 1.0, 0.5, 2.0])],
    );
    assert_close(&scores(&model, 4), &[0.5, 5.0, 2.75, 9.5], 1e-6);
}

fn normalised() -> Network {
    network(
        &Sym::user(2)
            .embed("x", 2)
            .batch_norm("norm")
            .dense("out", 1, Activation::Linear),
        &[
            ("x.weight", &[2, 2], &[3.0, -1.0, 0.0, 4.0]),
            ("norm.gamma", &[2], &[2.0, -0.5]),
            ("norm.beta", &[2], &[0.25, 1.0]),
            ("norm.running_mean", &[2], &[1.0, -2.0]),
            ("norm.running_var", &[2], &[4.0, 0.25]),
            ("out.weight", &[2, 1], &[1.0, 10.0]),
            ("out.bias", &[1], &[0.0]),
        ],
    )
}

#[test]
fn batch_norm_without_training_normalises_by_the_moving_statistics_as_keras_does() {
    // gamma (x - moving mean) / sqrt(moving variance + 0.001) + beta
    let keras = |x: [f64; 2]| {
        let first = 2.0 * (x[0] - 1.0) / (4.0f64 + 0.001).sqrt() + 0.25;
        let second = -0.5 * (x[1] + 2.0) / (0.25f64 + 0.001).sqrt() + 1.0;
        (first + 10.0 * second) as f32
    };
    let wanted = [keras([3.0, -1.0]), keras([0.0, 4.0])];
    assert_close(&scores(&normalised(), 2), &wanted, 2e-5);
}

#[test]
fn batch_norm_in_training_normalises_by_the_batch_and_moves_its_statistics_as_keras_does() {
    let model = normalised().train();
    let step = Step::training(FromModule, (&[0, 1], &[0, 1, 1]), (&[0], &[0, 0, 0]));
    let seen = numbers(step.score(&model).inner());
    // The batch is [3, -1], [0, 4], [0, 4]; Keras divides its sums of squares by the size of the batch.
    let columns = [[3.0f64, 0.0, 0.0], [-1.0, 4.0, 4.0]];
    let mean = columns.map(|column| column.iter().sum::<f64>() / 3.0);
    let variance = [0, 1].map(|at| {
        let squares = columns[at].map(|x| (x - mean[at]).powi(2));
        squares.iter().sum::<f64>() / 3.0
    });
    let (gamma, beta) = ([2.0, -0.5], [0.25, 1.0]);
    let normal = |at: usize, row: usize| {
        gamma[at] * (columns[at][row] - mean[at]) / (variance[at] + 0.001).sqrt() + beta[at]
    };
    let wanted = [0, 1, 2].map(|row| (normal(0, row) + 10.0 * normal(1, row)) as f32);
    assert_close(&seen, &wanted, 1e-4);

    let moved = Weights::of(&model.valid()).0;
    let moving = |old: f64, new: f64| (0.99 * old + 0.01 * new) as f32;
    assert_close(
        &moved["norm.running_mean"].values,
        &[moving(1.0, mean[0]), moving(-2.0, mean[1])],
        1e-6,
    );
    assert_close(
        &moved["norm.running_var"].values,
        &[moving(4.0, variance[0]), moving(0.25, variance[1])],
        1e-6,
    );
}

#[test]
fn a_dense_layer_by_itself_starts_with_a_bias_of_zeros() {
    let device = Device::flex();
    let dense = Dense::new(
        "dense",
        [3, 2],
        Activation::Linear,
        Initializer::GlorotUniform,
        Draw::new(1),
        &device,
    );
    let zeros = dense.forward(matrix(&[0.0; 6], [2, 3], &device));
    assert_eq!(numbers(zeros), [0.0; 4]);
    let kernel = numbers(dense.weight.val());
    let unit = dense.forward(matrix(&[0.0, 1.0, 0.0], [1, 3], &device));
    assert_eq!(numbers(unit), kernel[2..4]);
}

// Dropout.

const CELLS: [usize; 2] = [500, 200];

/// What dropout of `rate` makes of ones, in training.
fn dropped(rate: f64, pass: &Pass) -> Vec<f32> {
    let ones = Tensor::<2>::ones(CELLS, &Device::flex().autodiff());
    numbers(Dropout { rate }.forward(ones, pass).inner())
}

#[test]
fn dropout_in_inference_is_the_identity() {
    let values: Vec<f32> = (0..12).map(|at| at as f32 - 5.5).collect();
    let device = Device::flex();
    for rate in [0.0, 0.5, 0.99] {
        for device in [device.clone(), device.clone().autodiff()] {
            let input = matrix(&values, [3, 4], &device);
            let output = Dropout { rate }.forward(input, &Pass::inference());
            assert_eq!(numbers(output.without_autodiff()), values);
        }
    }
}

#[test]
fn dropout_of_rate_0_is_the_identity_in_training_and_draws_nothing() {
    let pass_a = training(5);
    assert_eq!(dropped(0.0, &pass_a), vec![1.0; CELLS[0] * CELLS[1]]);
    assert_eq!(dropped(0.5, &pass_a), dropped(0.5, &training(5)));
}

#[test]
fn dropout_in_training_drops_about_its_rate_and_keeps_the_expected_value() {
    let cells = (CELLS[0] * CELLS[1]) as f64;
    for (seed, rate) in [(1, 0.1), (2, 0.25), (3, 0.5), (4, 0.8), (5, 0.95)] {
        let seen = dropped(rate, &training(seed));
        // The rate is met to 1/65,536, and what is kept is scaled for the rate that is met.
        let kept = 65_536.0 / (65_536.0 - (rate * 65_536.0).floor() as f32);
        assert!(seen.iter().all(|&value| value == 0.0 || value == kept));
        let zeros = seen.iter().filter(|&&value| value == 0.0).count() as f64;
        let deviation = (rate * (1.0 - rate) * cells).sqrt();
        assert!(
            (zeros - rate * cells).abs() < 3.0 * deviation,
            "{zeros} zeros at rate {rate}"
        );
        let mean = seen.iter().map(|&value| f64::from(value)).sum::<f64>() / cells;
        let deviation = (rate / (1.0 - rate) / cells).sqrt();
        assert!(
            (mean - 1.0).abs() < 3.0 * deviation,
            "mean {mean} at rate {rate}"
        );
    }
}

#[test]
fn dropout_of_one_seed_is_one_mask_and_of_another_seed_another() {
    assert_eq!(dropped(0.5, &training(7)), dropped(0.5, &training(7)));
    let other = dropped(0.5, &training(8));
    let same = dropped(0.5, &training(7));
    let equal = same.iter().zip(&other).filter(|(a, b)| a == b).count();
    // Two independent masks agree on half of the cells.
    assert!((equal as f64 / same.len() as f64 - 0.5).abs() < 0.01);
}

#[test]
fn two_dropout_layers_of_one_step_have_masks_of_their_own() {
    let pass = training(7);
    assert_ne!(dropped(0.5, &pass), dropped(0.5, &pass));
}

#[test]
fn masks_of_dropout_do_not_repeat_along_rows_or_columns() {
    let [rows, columns] = CELLS;
    let seen = dropped(0.5, &training(9));
    let agreement = |shift: usize| {
        let pairs = seen.iter().zip(&seen[shift..]);
        let equal = pairs.filter(|(a, b)| a == b).count();
        equal as f64 / (seen.len() - shift) as f64
    };
    for shift in [1, 2, 3, 4, 8, columns, columns + 1, columns * rows / 2] {
        let share = agreement(shift);
        assert!((share - 0.5).abs() < 0.01, "{share} at distance {shift}");
    }
}

#[test]
fn what_dropout_drops_gets_no_gradient() {
    let device = Device::flex().autodiff();
    let input = matrix(&[1.0; 64], [8, 8], &device).require_grad();
    let output = Dropout { rate: 0.5 }.forward(input.clone(), &training(3));
    let seen = numbers(output.clone().inner());
    let gradients = output.sum().backward();
    assert_eq!(numbers(input.grad(&gradients).unwrap()), seen);
}

#[test]
fn a_networks_dropout_rests_in_predict_and_works_in_training() {
    let model = network(
        &Sym::user(1).embed("x", 1).dropout("drop", 0.5),
        &[("x.weight", &[1, 1], &[3.0])],
    )
    .train();
    assert_eq!(scores(&model, 1), [3.0]);
    let step = Step::seeded(
        Rc::new(RefCell::new(FromModule)),
        1,
        (&[0], &[0; 1_000]),
        (&[0], &[0; 1_000]),
    );
    let seen = numbers(step.score(&model).inner());
    assert!(seen.contains(&0.0) && seen.contains(&6.0));
    assert!(seen.iter().all(|&value| value == 0.0 || value == 6.0));
}

// How numbers start.

fn moments(values: &[f32]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / count;
    let squares = values.iter().map(|&v| (f64::from(v) - mean).powi(2));
    (mean, (squares.sum::<f64>() / count).sqrt())
}

/// Within 4 deviations of what uniform numbers of this range would have, and the range used to its ends.
#[track_caller]
fn assert_uniform(values: &[f32], min: f32, max: f32) {
    assert!(values.iter().all(|value| (min..max).contains(value)));
    let (mean, deviation) = moments(values);
    let (width, count) = (f64::from(max - min), values.len() as f64);
    let wanted = width / 12f64.sqrt();
    let middle = f64::from(min) + width / 2.0;
    assert!((mean - middle).abs() < 4.0 * wanted / count.sqrt());
    // The deviation of a deviation: sqrt((kurtosis - 1) / 4n), 1.8 for uniform numbers.
    assert!((deviation - wanted).abs() < 4.0 * wanted * (0.2 / count).sqrt());
    let smallest = values.iter().copied().fold(f32::INFINITY, f32::min);
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert!(f64::from(smallest - min) < 0.001 * width && f64::from(max - largest) < 0.001 * width);
}

#[test]
fn uniform_numbers_fill_their_range_evenly() {
    let draw = Draw::new(42);
    for (min, max) in [(-0.05, 0.05), (0.0, 1.0), (2.0, 5.0)] {
        let values = draw.numbers("table", Initializer::Uniform { min, max }, 1_000, 50);
        assert_eq!(values.len(), 50_000);
        assert_uniform(&values, min, max);
    }
}

#[test]
fn normal_numbers_have_their_mean_and_deviation() {
    let (mean, std) = (0.5f32, 0.05f32);
    let values = Draw::new(42).numbers("table", Initializer::Normal { mean, std }, 1_000, 50);
    let (seen_mean, seen_std) = moments(&values);
    let count = values.len() as f64;
    assert!((seen_mean - 0.5).abs() < 4.0 * 0.05 / count.sqrt());
    assert!((seen_std - 0.05).abs() < 4.0 * 0.05 / (2.0 * count).sqrt());
    // A deviation of 0 is the mean.
    let still = Draw::new(1).numbers("table", Initializer::Normal { mean, std: 0.0 }, 2, 3);
    assert_eq!(still, [0.5; 6]);
}

#[test]
fn glorot_numbers_lie_within_the_bound_of_their_shape() {
    for (inputs, outputs) in [(100, 70), (300, 100), (400, 3)] {
        let bound = (6.0 / (inputs + outputs) as f32).sqrt();
        let values = Draw::new(3).numbers("kernel", Initializer::GlorotUniform, inputs, outputs);
        assert_eq!(values.len(), inputs * outputs);
        if values.len() > 5_000 {
            assert_uniform(&values, -bound, bound);
        } else {
            assert!(values.iter().all(|value| value.abs() <= bound));
        }
    }
    // 6 / (2 + 4) is 1.
    let values = Draw::new(3).numbers("kernel", Initializer::GlorotUniform, 2, 4);
    assert!(values.iter().all(|value| value.abs() <= 1.0));
    let zeros = Draw::new(3).numbers("kernel", Initializer::Zeros, 2, 4);
    assert_eq!(zeros, [0.0; 8]);
}

#[test]
fn one_seed_and_name_are_one_start_and_another_of_either_is_another() {
    let numbers = |seed, name| Draw::new(seed).numbers(name, Initializer::EMBEDDING, 20, 5);
    assert_eq!(numbers(1, "user_factors"), numbers(1, "user_factors"));
    let starts: Vec<_> = [1, 2, 3]
        .into_iter()
        .flat_map(|seed| {
            ["user_factors", "item_factors", "user_bias", "a", "b", ""]
                .map(|name| numbers(seed, name))
        })
        .collect();
    for (at, left) in starts.iter().enumerate() {
        for right in &starts[at + 1..] {
            let equal = left.iter().zip(right).filter(|(a, b)| a == b).count();
            assert!(equal < 3, "{equal} of 100 numbers are equal");
        }
    }
}

#[test]
fn the_first_numbers_of_neighbouring_seeds_and_names_are_spread_evenly() {
    let uniform = Initializer::Uniform { min: 0.0, max: 1.0 };
    let spread = |firsts: Vec<f32>| {
        let (mean, deviation) = moments(&firsts);
        let root = (firsts.len() as f64).sqrt();
        assert!((mean - 0.5).abs() < 4.0 * 0.289 / root, "mean {mean}");
        assert!((deviation - 0.2887).abs() < 0.6 / root, "{deviation}");
    };
    for place in 0..4 {
        let of = |draw: Draw, name: &str| draw.numbers(name, uniform, 2, 2)[place];
        spread(
            (0..4_000)
                .map(|seed| of(Draw::new(seed), "user_factors"))
                .collect(),
        );
        let named = |number| of(Draw::new(42), &format!("dense_{number}"));
        spread((0..4_000).map(named).collect());
    }
}

#[test]
fn the_numbers_of_a_seed_are_these_on_every_machine_and_in_every_version() {
    let start = |initializer| Draw::new(42).numbers("user_factors", initializer, 2, 2);
    let normal = Initializer::Normal {
        mean: 0.0,
        std: 1.0,
    };
    assert_eq!(
        start(Initializer::EMBEDDING),
        [0.029491115, 0.047358807, 0.028507698, 0.043342765]
    );
    assert_eq!(
        start(Initializer::GlorotUniform),
        [0.72238183, 1.1600491, 0.6982932, 1.0616766]
    );
    assert_eq!(start(normal), [1.0657939, 1.1405581, 0.5239135, 1.1154683]);
}

#[test]
fn adding_a_layer_does_not_change_where_the_others_start() {
    let user = Sym::user(6);
    let (u, i) = (user.embed("u", 4), Sym::item(7).embed("i", 4));
    let small = concat("both", [&u, &i]).dense("out", 1, Activation::Linear);
    let large = add(
        "score",
        [
            &user.embed("first", 1),
            &concat("both", [&u, &i])
                .batch_norm("norm")
                .dense("out", 1, Activation::Linear),
        ],
    );
    let start = |output: &Sym| {
        let graph = Graph::new("test", output).unwrap();
        Weights::of(&Network::new(graph, 9, &Device::flex())).0
    };
    let (small, large) = (start(&small), start(&large));
    for (name, weight) in &small {
        assert_eq!(&large[name], weight, "{name}");
    }
    assert_eq!(large.len(), small.len() + 5);
}

#[test]
fn a_network_starts_as_its_graph_says_from_its_seed() {
    let table = TableOptions {
        initializer: Initializer::Normal {
            mean: 3.0,
            std: 0.0,
        },
        ..TableOptions::default()
    };
    let both = concat(
        "both",
        [
            &Sym::user(6).embed_with("u", 2, table),
            &Sym::item(7).embed("i", 3),
        ],
    );
    let output = both
        .dense("hidden", 4, Activation::Relu)
        .batch_norm("norm")
        .dense("out", 1, Activation::Linear);
    let start = |seed| {
        let graph = Graph::new("test", &output).unwrap();
        Weights::of(&Network::new(graph, seed, &Device::flex())).0
    };
    let weights = start(11);
    let draw = Draw::new(11);
    let numbers = |name: &str| weights[name].values.clone();
    assert_eq!(numbers("u.weight"), [3.0; 12]);
    assert_eq!(
        numbers("i.weight"),
        draw.numbers("i", Initializer::EMBEDDING, 7, 3)
    );
    assert_eq!(
        numbers("hidden.weight"),
        draw.numbers("hidden", Initializer::GlorotUniform, 5, 4)
    );
    assert_eq!(numbers("hidden.bias"), [0.0; 4]);
    assert_eq!(numbers("norm.gamma"), [1.0; 4]);
    assert_eq!(numbers("norm.beta"), [0.0; 4]);
    assert_eq!(numbers("norm.running_mean"), [0.0; 4]);
    assert_eq!(numbers("norm.running_var"), [1.0; 4]);
    assert_eq!(start(11), weights);
    assert_ne!(start(12)["i.weight"], weights["i.weight"]);
}

// Ids.

fn counting_table(rows: usize, width: usize, device: &Device) -> Embedding {
    let table = Embedding::new(
        "t",
        rows,
        width,
        TableOptions::default(),
        Draw::new(0),
        device,
    );
    let count = (rows * width) as i64;
    let values: Vec<f32> = (0..count).map(|value| value as f32).collect();
    let values = matrix(&values, [rows, width], device);
    Embedding {
        weight: table.weight.map(|_| values),
        ..table
    }
}

#[test]
fn distinct_rows_spread_over_the_batch_are_a_plain_lookup() {
    let device = Device::flex();
    let table = counting_table(6, 2, &device);
    assert_eq!(table.shape(), [6, 2]);
    for (rows, inverse) in [
        (vec![4, 0, 2], vec![0, 1, 0, 2, 2, 0]),
        (vec![5], vec![0, 0, 0]),
        (vec![0, 1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1, 0]),
        (vec![3], vec![0]),
    ] {
        let plain: Vec<u32> = inverse.iter().map(|&at: &u32| rows[at as usize]).collect();
        let wanted: Vec<f32> = plain
            .iter()
            .flat_map(|&row| [2.0 * row as f32, 2.0 * row as f32 + 1.0])
            .collect();
        let seen = |step: &Step| step.look(|inputs| table.forward(inputs.users()));
        let zeros = vec![0; inverse.len()];
        let spread = Step::training(FromModule, (&rows, &inverse), (&[0], &zeros));
        let repeated = Step::inference(&plain, &zeros);
        assert_eq!(numbers(seen(&spread).inner()), wanted);
        assert_eq!(numbers(seen(&repeated)), wanted);
        let own = spread.look(|inputs| inputs.users().rows().to_vec());
        assert_eq!(own, rows);
    }
}

#[test]
fn rows_sent_to_the_device_are_the_rows() {
    let step = Step::training(
        FromModule,
        (&[0], &[0, 0, 0, 0]),
        (&[7, 3, 2_000_000_000], &[0, 1, 2, 0]),
    );
    step.look(|inputs| {
        let ids = inputs.items();
        for _ in 0..2 {
            let rows: Vec<i64> = ids.rows_on_device().into_data().iter::<i64>().collect();
            assert_eq!(rows, [7, 3, 2_000_000_000]);
        }
        assert_eq!(ids.key().column, ColumnId::ITEMS);
    });
}

#[test]
#[should_panic(expected = "user id 6 is beyond the table's 6 rows")]
fn an_id_beyond_the_table_panics_on_a_processor() {
    let table = counting_table(6, 2, &Device::flex());
    let step = Step::inference(&[6], &[0]);
    numbers(step.look(|inputs| table.forward(inputs.users())));
}

// Gradients.

#[test]
fn the_gradient_of_a_repeated_row_is_the_sum_over_its_examples() {
    let device = Device::flex();
    let score = dot(
        "affinity",
        &Sym::user(3).embed("u", 2),
        &Sym::item(4).embed("i", 2),
    );
    let u: [[f32; 2]; 3] = [[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]];
    let i: [[f32; 2]; 4] = [[2.0, 0.0], [-1.0, 4.0], [1.0, 1.0], [0.0, -3.0]];
    let model = network(
        &score,
        &[
            ("u.weight", &[3, 2], u.as_flattened()),
            ("i.weight", &[4, 2], i.as_flattened()),
        ],
    )
    .train();
    // Pairs (2, 1), (0, 1), (2, 3), (2, 1): user 2 stands three times, item 1 too.
    let step = Step::training(
        FromModule,
        (&[2, 0], &[0, 1, 0, 0]),
        (&[1, 3], &[0, 0, 1, 0]),
    );
    let scores = step.score(&model);
    assert_eq!(numbers(scores.clone().inner()), [0.5, 7.0, -0.75, 0.5]);
    let weights = [1.0f32, 10.0, 100.0, 1_000.0];
    let loss = (scores * matrix(&weights, [4, 1], &device.clone().autodiff())).sum();
    let gradients = loss.backward();

    let touched = step.pass.take();
    assert_eq!(touched.len(), 2);
    assert!(step.pass.take().is_empty());
    let of = |column| {
        let touched = touched
            .iter()
            .find(|touched| rows_of(touched).1.column == column);
        let touched = touched.unwrap();
        (
            step.rows(rows_of(touched).1),
            numbers(touched.leaf.grad(&gradients).unwrap()),
        )
    };
    // User 2: 1 i1 + 100 i3 + 1000 i1; user 0: 10 i1.
    assert_eq!(
        of(ColumnId::USERS),
        (vec![2, 0], vec![-1_001.0, 4_004.0 - 300.0, -10.0, 40.0])
    );
    // Item 1: 1 u2 + 10 u0 + 1000 u2; item 3: 100 u2.
    assert_eq!(
        of(ColumnId::ITEMS),
        (
            vec![1, 3],
            vec![0.5 * 1_001.0 + 10.0, 0.25 * 1_001.0 + 20.0, 50.0, 25.0]
        )
    );
}

#[test]
fn gradients_of_rows_follow_finite_differences_through_a_whole_network() {
    let device = Device::flex();
    let (u, i) = (Sym::user(4).embed("u", 3), Sym::item(5).embed("i", 3));
    let hidden = concat("both", [&u, &i, &multiply("product", [&u, &i])])
        .dense("hidden", 6, Activation::Tanh)
        .dense("squeezed", 3, Activation::Sigmoid);
    let output = add(
        "score",
        [
            &hidden.dense("out", 1, Activation::Elu),
            &dot("affinity", &u, &i),
        ],
    )
    .rescale("stars", 1.0, 5.0);
    let graph = Graph::new("test", &output).unwrap();
    let start = Weights::of(&Network::new(graph.clone(), 1, &device));
    // Wider than the usual start, so that the functions bend.
    let start = Weights(
        start
            .0
            .into_iter()
            .map(|(name, mut weight)| {
                for value in &mut weight.values {
                    *value = *value * if name.len() == 8 { 15.0 } else { 1.0 } + 0.1;
                }
                (name, weight)
            })
            .collect(),
    );
    let load = |weights: &Weights| {
        let fresh = Network::new(graph.clone(), 0, &device);
        weights.load_into(fresh).unwrap()
    };
    let (users, items) = ([3u32, 1, 3, 0], [2u32, 2, 4, 2]);
    let loss = |weights: &Weights| -> f64 {
        let scores = predict(&load(weights), &users, &items, 4);
        scores.iter().map(|&score| f64::from(score).powi(2)).sum()
    };

    let model = load(&start).train();
    let step = Step::training(
        FromModule,
        (&[3, 1, 0], &[0, 1, 0, 2]),
        (&[2, 4], &[0, 0, 1, 0]),
    );
    let scores = step.score(&model);
    let gradients = (scores.clone() * scores).sum().backward();
    let infos = tables(&model);
    let width = 1e-2f32;
    for touched in step.pass.take() {
        let name = &infos
            .iter()
            .find(|info| info.id == rows_of(&touched).0)
            .unwrap()
            .name;
        let seen = numbers(touched.leaf.grad(&gradients).unwrap());
        let mut wanted = Vec::new();
        for &row in step.rows(rows_of(&touched).1).iter() {
            for column in 0..3 {
                let moved = |by: f32| {
                    let mut weights = start.clone();
                    let weight = weights.0.get_mut(name).unwrap();
                    weight.values[row as usize * 3 + column] += by;
                    loss(&weights)
                };
                wanted.push(((moved(width) - moved(-width)) / (2.0 * f64::from(width))) as f32);
            }
        }
        let largest = wanted.iter().fold(0f32, |max, value| max.max(value.abs()));
        assert!(largest > 1.0, "{name} matters: {wanted:?}");
        assert_close(&seen, &wanted, 2e-3 * largest);
    }
}

#[test]
fn a_leaf_is_no_larger_than_the_distinct_rows_of_its_batch() {
    let device = Device::flex();
    let table = counting_table(100_000, 2, &device).train();
    let step = Step::training(
        FromModule,
        (&[0], &[0; 5]),
        (&[99_999, 5], &[0, 1, 1, 0, 0]),
    );
    let values = step.look(|inputs| table.forward(inputs.items()));
    assert_eq!(values.dims(), [5, 2]);
    let gradients = values.sum().backward();
    assert!(table.weight.val().grad(&gradients).is_none());
    let touched = step.pass.take();
    assert_eq!(touched[0].leaf.dims(), [2, 2]);
    assert_eq!(rows_of(&touched[0]).0, table.weight.id);
    let gradient = touched[0].leaf.grad(&gradients).unwrap();
    assert_eq!(numbers(gradient), [3.0, 3.0, 2.0, 2.0]);
}

// Models watched and scored.

/// A model by hand, whose one table of nodes is read by both columns.
#[derive(Module, Debug)]
struct Friends {
    nodes: Embedding,
    user_bias: Embedding,
    item_bias: Embedding,
    unused: Embedding,
    head: Dense,
}

impl Friends {
    fn new(device: &Device) -> Self {
        let draw = Draw::new(3);
        let table = |name: &str, rows, width, l2| {
            let table = TableOptions {
                l2,
                non_negative: name == "item_bias",
                ..TableOptions::default()
            };
            Embedding::new(name, rows, width, table, draw, device)
        };
        Self {
            nodes: table("nodes", 9, 4, 0.25),
            user_bias: table("user_bias", 9, 1, 0.0),
            item_bias: table("item_bias", 7, 1, 1e-3),
            unused: table("unused", 2, 2, 0.0),
            head: Dense::new(
                "head",
                [4, 1],
                Activation::Linear,
                Initializer::GlorotUniform,
                draw,
                device,
            ),
        }
    }
}

impl PairModel for Friends {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        let both = self.nodes.forward(users) * self.nodes.forward(items);
        self.head.forward(both) + self.item_bias.forward(items) + self.user_bias.forward(users)
    }
}

#[test]
fn the_tables_of_a_network_are_found_with_names_sides_and_settings() {
    let device = Device::flex();
    let penalised = TableOptions {
        l2: 1e-4,
        non_negative: true,
        initializer: Initializer::Zeros,
        ..TableOptions::default()
    };
    let (user, item) = (Sym::user(6), Sym::item(8));
    let affinity = dot(
        "affinity",
        &user.embed_with("user_factors", 3, penalised),
        &item.embed("item_factors", 3),
    );
    let score = add(
        "score",
        [
            &affinity,
            &item.embed("item_bias", 1),
            &user.embed("user_bias", 1),
        ],
    );
    let graph = Graph::new("test", &score).unwrap();
    let model = Network::new(graph, 5, &device);
    for model in [model.clone(), model.clone().train(), model.valid()] {
        let found = tables(&model);
        let shown: Vec<_> = found
            .iter()
            .map(|info| (info.name.as_str(), info.rows, info.width, info.columns[0]))
            .collect();
        assert_eq!(
            shown,
            [
                ("user_factors.weight", 6, 3, ColumnId::USERS),
                ("item_factors.weight", 8, 3, ColumnId::ITEMS),
                ("user_bias.weight", 6, 1, ColumnId::USERS),
                ("item_bias.weight", 8, 1, ColumnId::ITEMS),
            ]
        );
        assert_eq!(found[0].options, penalised);
        assert_eq!(found[1].options, TableOptions::default());
        let weights = Weights::of(&model).0;
        for info in found {
            assert!(!info.weights.is_autodiff());
            assert_eq!(numbers(info.weights), weights[&info.name].values);
        }
    }
}

#[test]
fn the_tables_of_a_module_by_hand_are_found_once_each_also_one_that_both_columns_read() {
    let device = Device::flex();
    let model = Friends::new(&device);
    for model in [model.clone(), model.clone().train()] {
        let found = tables(&model);
        let shown: Vec<_> = found
            .iter()
            .map(|info| {
                let name = info.name.as_str();
                (name, info.rows, info.width, info.options.l2)
            })
            .collect();
        // `unused` is not read, so it is no table of the model.
        assert_eq!(
            shown,
            [
                ("nodes.weight", 9, 4, 0.25),
                ("item_bias.weight", 7, 1, 1e-3),
                ("user_bias.weight", 9, 1, 0.0),
            ]
        );
        assert_eq!(found[0].columns, [ColumnId::USERS, ColumnId::ITEMS]);
        assert_eq!(
            (&found[1].columns, &found[2].columns),
            (&vec![ColumnId::ITEMS], &vec![ColumnId::USERS])
        );
        assert!(found[1].options.non_negative && !found[2].options.non_negative);
        assert_eq!(found[0].id, model.nodes.weight.id);
        assert!(!Weights::of(&model).0.contains_key("nodes"));
    }
}

#[test]
fn a_table_that_both_columns_read_collects_the_gradient_of_both() {
    let device = Device::flex();
    let model = Friends::new(&device).train();
    let step = Step::training(FromModule, (&[3, 0], &[0, 1, 0]), (&[3], &[0, 0, 0]));
    let gradients = step.score(&model).sum().backward();
    let touched = step.pass.take();
    let nodes: Vec<_> = touched
        .iter()
        .filter(|touched| rows_of(touched).0 == model.nodes.weight.id)
        .collect();
    assert_eq!(nodes.len(), 2);
    let all = numbers(model.nodes.weights());
    let head = numbers(model.head.weight.val().inner());
    let row = |row: usize| &all[row * 4..][..4];
    // Of users: rows 3 (twice) and 0, each times row 3 of the items.
    let wanted: Vec<f32> = [2.0, 1.0]
        .iter()
        .flat_map(|times| (0..4).map(move |at| (times, at)))
        .map(|(times, at)| times * head[at] * row(3)[at])
        .collect();
    assert_close(
        &numbers(nodes[0].leaf.grad(&gradients).unwrap()),
        &wanted,
        1e-6,
    );
    let wanted: Vec<f32> = (0..4)
        .map(|at| head[at] * (2.0 * row(3)[at] + row(0)[at]))
        .collect();
    assert_close(
        &numbers(nodes[1].leaf.grad(&gradients).unwrap()),
        &wanted,
        1e-6,
    );
}

/// A tower with every kind of layer that behaves differently in training.
fn tower() -> Network {
    let (user, item) = (Sym::user(30), Sym::item(40));
    let output = concat("both", [&user.embed("u", 5), &item.embed("i", 5)])
        .dropout("dropout_1", 0.3)
        .dense("dense_1", 8, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dropout("dropout_2", 0.5)
        .dense("dense_2", 1, Activation::Sigmoid)
        .rescale("stars", 0.5, 5.0);
    let graph = Graph::new("tower", &output).unwrap();
    let start = Network::new(graph, 2, &Device::flex());
    // Statistics that a batch of these tables would not have.
    let mut weights = Weights::of(&start);
    for (name, from) in [
        ("batch_norm_1.running_mean", -0.1),
        ("batch_norm_1.running_var", 0.5),
        ("batch_norm_1.gamma", 1.5),
        ("batch_norm_1.beta", 0.2),
    ] {
        let values = &mut weights.0.get_mut(name).unwrap().values;
        for (at, value) in values.iter_mut().enumerate() {
            *value = from + 0.05 * at as f32;
        }
    }
    weights.load_into(start).unwrap()
}

fn pairs(count: u32) -> (Vec<u32>, Vec<u32>) {
    (0..count).map(|at| (at * 7 % 30, at * 11 % 40)).unzip()
}

/// A forward pass in training, which moves the statistics of batch normalisation.
fn one_step(model: &Network, seed: u64) {
    let step = Step::seeded(
        Rc::new(RefCell::new(FromModule)),
        seed,
        (&[0, 5, 9], &[0, 1, 2, 1]),
        (&[3, 1, 39], &[2, 1, 0, 0]),
    );
    step.score(model).sum().backward();
}

#[test]
fn predict_gives_one_score_a_pair_in_order_the_same_whatever_the_batch() {
    let (users, items) = pairs(2_000);
    let tower = tower();
    let whole = predict(&tower, &users, &items, 10_000);
    assert_eq!(whole.len(), 2_000);
    assert!(whole.iter().all(|score| (0.5..=5.0).contains(score)));
    for batch in [1, 3, 1_000, 1_999, 2_000] {
        // A matrix product of few rows adds up in another order than one of many.
        let seen = predict(&tower, &users, &items, batch);
        assert_close(&seen, &whole, 1e-6);
        assert!(seen == predict(&tower, &users, &items, batch), "{batch}");
    }
    assert!(predict(&tower, &[], &[], 5).is_empty());
}

#[test]
fn a_factorisation_predicts_the_same_bits_whatever_the_batch() {
    let (user, item) = (Sym::user(30), Sym::item(40));
    let affinity = dot("affinity", &user.embed("u", 17), &item.embed("i", 17));
    let score = add(
        "score",
        [
            &affinity,
            &user.embed("user_bias", 1),
            &item.embed("item_bias", 1),
        ],
    );
    let graph = Graph::new("mf", &score).unwrap();
    let model = Network::new(graph, 4, &Device::flex());
    let (users, items) = pairs(1_200);
    let whole = predict(&model, &users, &items, 10_000);
    for batch in [1, 3, 1_000] {
        assert!(predict(&model, &users, &items, batch) == whole, "{batch}");
    }
}

#[test]
fn predict_is_the_same_for_a_model_in_training_form_and_out_of_it() {
    let (users, items) = pairs(100);
    let model = tower();
    let wanted = predict(&model, &users, &items, 32);
    for form in [
        model.clone().train(),
        model.valid(),
        model.clone().train().valid(),
        model.clone().train().train(),
        model.valid().train(),
    ] {
        assert_eq!(predict(&form, &users, &items, 32), wanted);
    }
    // Nor does it depend on what a pass drew in between.
    let training = model.clone().train();
    one_step(&training, 1);
    let after = predict(&training, &users, &items, 32);
    assert_eq!(predict(&training, &users, &items, 7), after);
    assert_eq!(predict(&training.valid(), &users, &items, 32), after);
    assert_ne!(after, wanted, "the step moved the statistics");
    assert_eq!(predict(&model, &users, &items, 32), wanted);
}

#[test]
#[should_panic(expected = "a pair is a user and an item")]
fn predict_refuses_columns_of_unequal_length() {
    predict(&tower(), &[0, 1], &[0], 8);
}

#[test]
fn finding_tables_and_predicting_leave_the_statistics_of_batch_norm_alone() {
    let (users, items) = pairs(100);
    let start = Weights::of(&tower());
    for model in [tower(), tower().train(), tower().train().valid()] {
        tables(&model);
        predict(&model, &users, &items, 10);
        assert_eq!(Weights::of(&model), start);
        assert_eq!(Weights::of(&model.valid()), start);
    }
    // In the middle of training too.
    let model = tower().train();
    one_step(&model, 1);
    one_step(&model, 2);
    let before = Weights::of(&model.valid());
    assert_ne!(before, start);
    tables(&model);
    predict(&model, &users, &items, 10);
    assert_eq!(Weights::of(&model), before);
    assert_eq!(Weights::of(&model.valid()), before);
}

#[test]
fn dropout_of_a_rate_close_to_1_keeps_the_expected_value() {
    let rate = 0.999_99;
    let mean = |seed| {
        let seen = dropped(rate, &training(seed));
        seen.iter().map(|&value| f64::from(value)).sum::<f64>() / seen.len() as f64
    };
    let rounds = 200;
    let seen = (0..rounds).map(mean).sum::<f64>() / rounds as f64;
    let cells = (CELLS[0] * CELLS[1]) as f64 * rounds as f64;
    let deviation = (rate / (1.0 - rate) / cells).sqrt();
    assert!((seen - 1.0).abs() < 4.0 * deviation, "mean {seen}");
}
