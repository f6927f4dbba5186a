//! Rows at rest catch up: whatever the batches, the rates, the rule and the penalty, a table ends where a dense
//! optimizer in double precision ends.

mod common;

use common::Dense;
use proptest::prelude::*;
use recburn_optim::{Mode, Penalty, RowTable, Rule, Step, Steps};

const WIDTH: usize = 3;

/// One step: a rate, and a gradient for some distinct rows.
type Moves = (f64, Vec<(u32, [f32; WIDTH])>);

fn moves(rows: u32) -> impl Strategy<Value = Moves> {
    let gradient = prop::array::uniform3(-2.0f32..2.0);
    let touched = prop::collection::btree_map(0..rows, gradient, 0..4);
    (1e-3f64..0.1, touched).prop_map(|(rate, touched)| (rate, touched.into_iter().collect()))
}

fn rules() -> impl Strategy<Value = Rule> {
    prop_oneof![
        Just(Rule::sgd(0.0)),
        (0.1f64..0.95).prop_map(Rule::sgd),
        Just(Rule::ADAM),
        (0.5f64..0.95, 0.9f64..0.999).prop_map(|(beta_1, beta_2)| Rule::Adam {
            beta_1,
            beta_2,
            epsilon: 1e-7
        }),
        (0.0f64..5.0).prop_map(Rule::adamw),
        Just(Rule::ADAGRAD),
    ]
}

fn penalties() -> impl Strategy<Value = Penalty> {
    (prop_oneof![Just(0.0), 1e-5f64..1e-2], any::<bool>()).prop_map(|(l2, non_negative)| Penalty {
        l2,
        non_negative,
        ..Penalty::default()
    })
}

/// What a step hands to a table: the rows of the batch are read, and then moved.
fn take(table: &mut RowTable, steps: &mut Steps, (learning_rate, touched): &Moves) {
    let rows: Vec<u32> = touched.iter().map(|(row, _)| *row).collect();
    let gradient: Vec<f32> = touched.iter().flat_map(|(_, gradient)| *gradient).collect();
    table.catch_up(&rows, steps);
    let rate = steps.begin(*learning_rate);
    table.step(&rows, &gradient, rate, steps);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn an_exact_table_ends_where_the_dense_optimizer_ends(
        rule in rules(),
        penalty in penalties(),
        start in prop::collection::vec(-1.0f32..1.0, 6 * WIDTH),
        moves in prop::collection::vec(moves(5), 1..60),
        settled_at in 0usize..60,
    ) {
        let mut dense = Dense::<f64>::new(rule, penalty, &start);
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        for (at, step) in moves.iter().enumerate() {
            let mut gradient = vec![0.0; start.len()];
            for (row, values) in &step.1 {
                for (i, value) in values.iter().enumerate() {
                    gradient[*row as usize * WIDTH + i] = *value;
                }
            }
            dense.step(Step { number: at as u64 + 1, learning_rate: step.0 }, &gradient);
            take(&mut table, &mut steps, step);
            if at == settled_at {
                table.catch_up_all(&steps);
                steps.settle();
            }
        }
        table.catch_up_all(&steps);
        for (at, (ours, exact)) in table.part(0).zip(&dense.weights).enumerate() {
            prop_assert!(
                (f64::from(ours) - exact).abs() < 2e-4 * exact.abs().max(1.0),
                "weight {at}: {ours} in the table, {exact} by {rule}"
            );
        }
        let expected: f64 = penalty.l2 * dense.weights.iter().map(|w| w * w).sum::<f64>();
        prop_assert!((table.penalty_value() - expected).abs() <= 1e-3 * expected + 1e-9);
    }

    #[test]
    fn rows_that_are_not_in_the_batch_do_not_move_in_touched_mode(
        rule in rules(),
        penalty in penalties(),
        start in prop::collection::vec(-1.0f32..1.0, 6 * WIDTH),
        moves in prop::collection::vec(moves(5), 1..20),
    ) {
        let mut steps = Steps::after(0, rule, Mode::Touched);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        for step in &moves {
            let before: Vec<f32> = table.part(0).collect();
            take(&mut table, &mut steps, step);
            for (at, (before, after)) in before.iter().zip(table.part(0)).enumerate() {
                let touched = step.1.iter().any(|(row, _)| *row as usize == at / WIDTH);
                prop_assert!(touched || *before == after);
            }
        }
    }
}

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn rows_decay_and_coast_under_adamw_as_the_dense_optimizer_has_it_however_long_they_rest(
        weight_decay in prop_oneof![0.0f64..0.01, 0.01f64..3.0, 3.0f64..99.0],
        betas in prop_oneof![Just((0.9, 0.999)), (0.5f64..0.95, 0.99f64..0.9995)],
        epsilon in prop_oneof![Just(1e-7), Just(1e-3)],
        non_negative in any::<bool>(),
        start in prop::array::uniform3(-1.0f32..1.0),
        // How long the row rests before it is moved, at which rate, and by what.
        rests in prop::collection::vec(
            (1usize..900, 0.0f64..0.01, prop::array::uniform3(-1.0f32..1.0)),
            1..5,
        ),
        settled_at in 0usize..2_000,
    ) {
        let (beta_1, beta_2) = betas;
        let rule = Rule::AdamW { beta_1, beta_2, epsilon, weight_decay };
        let penalty = Penalty { non_negative, ..Penalty::default() };
        let mut dense = Dense::<f64>::new(rule, penalty, &start);
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        let mut number = 0;
        for (rest, learning_rate, gradient) in rests {
            for at in 0..rest {
                let gradient = if at + 1 == rest { Some(gradient) } else { None };
                // A rate that changes at every step, as a schedule would have it.
                let learning_rate = learning_rate / (1.0 + at as f64 / 100.0);
                number += 1;
                dense.step(
                    Step { number, learning_rate },
                    &gradient.unwrap_or_default(),
                );
                let touched = gradient.map(|gradient| (0, gradient)).into_iter().collect();
                take(&mut table, &mut steps, &(learning_rate, touched));
                if number as usize == settled_at {
                    table.catch_up_all(&steps);
                    steps.settle();
                }
            }
        }
        table.catch_up_all(&steps);
        for (at, (ours, exact)) in table.part(0).zip(&dense.weights).enumerate() {
            prop_assert!(
                (f64::from(ours) - exact).abs() < 1e-5,
                "weight {at}: {ours} in the table, {exact} by {rule:?}"
            );
        }
        for (part, exact) in dense.state.iter().enumerate() {
            for (ours, exact) in table.part(part + 1).zip(exact) {
                prop_assert!((f64::from(ours) - exact).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn weight_decay_alone_takes_the_plain_learning_rates_share_of_rows_that_never_moved() {
    let rule = Rule::adamw(0.1);
    let mut steps = Steps::after(0, rule, Mode::Exact);
    let mut table = RowTable::new(&[0.5; WIDTH], WIDTH, Penalty::default(), &steps);
    let rates = [0.5, 0.25, 0.0, 1.0];
    rates.iter().for_each(|&rate| {
        steps.begin(rate);
    });
    table.catch_up_all(&steps);
    let expected = rates.iter().fold(0.5, |w, rate| w * (1.0 - 0.1 * rate)) as f32;
    assert!(table.part(0).all(|weight| weight == expected));
}

#[test]
fn a_learning_rate_at_which_decay_would_take_all_of_a_weight_is_refused() {
    let shown = |rule: Rule, rate| rule.check_rate(rate).map_err(|error| error.to_string());
    assert_eq!(shown(Rule::ADAMW, 0.1), Ok(()));
    assert_eq!(shown(Rule::ADAMW, 0.0), Ok(()), "a schedule may rest");
    assert_eq!(shown(Rule::ADAM, 1e6), Ok(()));
    assert_eq!(
        shown(Rule::adamw(20.0), 0.05),
        Err(
            "learning rate times weight_decay, the share of every weight that a step removes, must be below 1, not 1"
                .to_string()
        )
    );
    for rate in [-0.1, f64::NAN, f64::INFINITY] {
        assert!(shown(Rule::ADAMW, rate).is_err() && shown(Rule::sgd(0.0), rate).is_err());
    }
    for decay in [-0.1, f64::NAN, f64::INFINITY] {
        let refused = Rule::adamw(decay)
            .check()
            .map_err(|error| error.to_string());
        assert_eq!(
            refused,
            Err(format!(
                "weight_decay must be finite and 0 or above, not {decay}"
            ))
        );
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

#[test]
fn a_table_taken_up_from_its_parts_goes_on_as_if_nothing_had_happened() {
    for rule in [
        Rule::sgd(0.0),
        Rule::sgd(0.9),
        Rule::ADAM,
        Rule::ADAMW,
        Rule::ADAGRAD,
    ] {
        let penalty = Penalty {
            l2: 1e-3,
            ..Penalty::default()
        };
        let start = [0.5f32, -0.5, 0.25, 0.1, 0.2, 0.3];
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        let step: Moves = (0.05, vec![(1, [0.3, -0.7, 1.0])]);
        for _ in 0..4 {
            take(&mut table, &mut steps, &step);
        }
        table.catch_up_all(&steps);
        steps.settle();

        let weights: Vec<f32> = table.part(0).collect();
        let mut again = Steps::after(steps.taken(), rule, Mode::Exact);
        let mut taken_up = RowTable::new(&weights, WIDTH, penalty, &again);
        for part in 1..=rule.states() {
            let state: Vec<f32> = table.part(part).collect();
            taken_up.set_part(part, &state);
        }
        for _ in 0..3 {
            take(&mut table, &mut steps, &step);
            take(&mut taken_up, &mut again, &step);
        }
        table.catch_up_all(&steps);
        taken_up.catch_up_all(&again);
        let (ours, theirs): (Vec<f32>, Vec<f32>) =
            (table.part(0).collect(), taken_up.part(0).collect());
        assert_eq!(ours, theirs, "{rule}");
    }
}

#[test]
fn hyper_parameters_out_of_range_are_named() {
    let shown = |rule: Rule| rule.check().map_err(|error| error.to_string());
    assert_eq!(shown(Rule::ADAM), Ok(()));
    assert_eq!(
        shown(Rule::sgd(1.0)),
        Err("momentum must be in [0, 1), not 1".to_string())
    );
    let adam = Rule::Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 0.0,
    };
    assert_eq!(
        shown(adam),
        Err("epsilon must be finite and above 0, not 0".to_string())
    );
    let adagrad = Rule::AdaGrad {
        initial_accumulator_value: f64::NAN,
        epsilon: 1e-7,
    };
    assert!(shown(adagrad).is_err());
}
