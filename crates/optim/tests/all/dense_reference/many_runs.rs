//! Any rule, any penalty, any batches.

use super::{Moves, WIDTH, take};
use crate::common::Dense;
use proptest::prelude::*;
use recburn_optim::{Mode, Penalty, RowTable, Rule, Step, Steps};

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
