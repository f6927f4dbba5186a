//! What each kind of node computes.

use super::*;

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
