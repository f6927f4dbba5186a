//! Long rests under Adam.

use super::{WIDTH, take};
use crate::common::Dense;
use recburn_optim::{Mode, Penalty, RowTable, Rule, Step, Steps};

#[test]
fn a_long_rest_under_adam_ends_where_the_dense_optimizer_ends() {
    let (rule, penalty, start) = (Rule::ADAM, Penalty::default(), [0.3f32, -0.2, 0.1]);
    let mut dense = Dense::<f64>::new(rule, penalty, &start);
    let mut steps = Steps::after(0, rule, Mode::Exact);
    let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
    for number in 1..=5_000u64 {
        let gradient = if number <= 3 { 1.0 } else { 0.0 };
        dense.step(
            Step {
                number,
                learning_rate: 0.01,
            },
            &[gradient; WIDTH],
        );
        let touched = if number <= 3 {
            vec![(0, [1.0; WIDTH])]
        } else {
            vec![]
        };
        take(&mut table, &mut steps, &(0.01, touched));
    }
    table.catch_up_all(&steps);
    for (ours, exact) in table.part(0).zip(&dense.weights) {
        assert!((f64::from(ours) - exact).abs() < 1e-6, "{ours} {exact}");
    }
    for (part, exact) in dense.state.iter().enumerate() {
        for (ours, exact) in table.part(part + 1).zip(exact) {
            assert!(
                (f64::from(ours) - exact).abs() < 1e-6,
                "state {part}: {ours} {exact}"
            );
        }
    }
}

#[test]
fn resting_under_adam_follows_the_dense_optimizer_where_gradients_are_as_small_as_epsilon() {
    for size in [1e-9f32, 1e-8, 1e-7, 1e-6, 1e-3] {
        let start = [0.0f32; WIDTH];
        let mut dense = Dense::<f64>::new(Rule::ADAM, Penalty::default(), &start);
        let mut steps = Steps::after(0, Rule::ADAM, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, Penalty::default(), &steps);
        let mut largest = 0.0f64;
        for number in 1..=300u64 {
            // Rates that change as a schedule would have them.
            let learning_rate = 0.01 / (1.0 + number as f64 / 50.0);
            let pushed = number % 40 == 1;
            let gradient = if pushed { size } else { 0.0 };
            let gradients = [1.0, -0.5, 0.3].map(|part| part * gradient);
            dense.step(
                Step {
                    number,
                    learning_rate,
                },
                &gradients,
            );
            let touched = if pushed { vec![(0, gradients)] } else { vec![] };
            take(&mut table, &mut steps, &(learning_rate, touched));
            largest = dense.weights.iter().fold(largest, |a, w| a.max(w.abs()));
        }
        table.catch_up_all(&steps);
        for (ours, exact) in table.part(0).zip(&dense.weights) {
            let error = (f64::from(ours) - exact).abs() / largest;
            assert!(error < 3e-6, "gradients of {size}: {ours}, not {exact}");
        }
    }
}

#[test]
fn a_row_that_never_moved_stays_where_it_is_however_small_epsilon() {
    let rule = Rule::Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-300,
    };
    let mut steps = Steps::after(0, rule, Mode::Exact);
    let mut table = RowTable::new(&[0.5; WIDTH], WIDTH, Penalty::default(), &steps);
    steps.begin(0.1);
    table.catch_up_all(&steps);
    assert!(table.part(0).all(|weight| weight == 0.5));
}
