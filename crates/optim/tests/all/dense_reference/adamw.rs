//! Rows that decay while they rest, under AdamW.

use super::{WIDTH, take};
use crate::common::Dense;
use proptest::prelude::*;
use recburn_optim::{Mode, Penalty, RowTable, Rule, Step, Steps};

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
