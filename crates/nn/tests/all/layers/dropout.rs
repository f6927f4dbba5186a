//! Dropout in training and out of it.

use super::*;

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
