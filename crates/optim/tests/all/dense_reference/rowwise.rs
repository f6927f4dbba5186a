//! Row-wise AdaGrad beside its formula, written out in double precision.

use super::{WIDTH, take};
use proptest::prelude::*;
use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};

const ROWS: usize = 5;

/// One step of the dense algorithm on all rows.
fn step(weights: &mut [f64], sums: &mut [f64], gradient: &[f64], rate: f64, penalty: Penalty) {
    for (row, sum) in sums.iter_mut().enumerate() {
        let columns = row * WIDTH..(row + 1) * WIDTH;
        let pulls: Vec<f64> = columns
            .clone()
            .map(|at| gradient[at] + 2.0 * penalty.l2 * weights[at])
            .collect();
        *sum += pulls.iter().map(|g| g * g).sum::<f64>() / WIDTH as f64;
        for (at, pull) in columns.zip(pulls) {
            weights[at] -= rate * pull / (sum.sqrt() + 1e-8);
            if penalty.non_negative {
                weights[at] = weights[at].max(0.0);
            }
        }
    }
}

/// A learning rate, and the gradients of some rows.
type Given = (f64, Vec<(u32, [f32; WIDTH])>);

fn gradients() -> impl Strategy<Value = Vec<Given>> {
    let gradient = prop::array::uniform3(prop_oneof![3 => -1.0f32..1.0, 1 => Just(0.0)]);
    let touched = prop::collection::btree_map(0..ROWS as u32, gradient, 0..4);
    let step = (1e-3f64..0.1, touched).prop_map(|(rate, rows)| (rate, rows.into_iter().collect()));
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_row_has_one_sum_of_the_means_of_its_squared_gradients(
        start in prop::collection::vec(-1.0f32..1.0, ROWS * WIDTH),
        moves in gradients(),
        l2 in prop_oneof![Just(0.0), 1e-4f64..1e-2],
        non_negative in any::<bool>(),
    ) {
        let penalty = Penalty { l2, non_negative, ..Penalty::default() };
        let mut steps = Steps::after(0, Rule::ROWWISE_ADAGRAD, Mode::Exact);
        let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
        let mut weights: Vec<f64> = start.iter().map(|&w| f64::from(w)).collect();
        let mut sums = vec![0.0; ROWS];
        for (rate, rows) in &moves {
            take(&mut table, &mut steps, &(*rate, rows.clone()));
            let mut gradient = vec![0.0; ROWS * WIDTH];
            for (row, values) in rows {
                for (at, value) in values.iter().enumerate() {
                    gradient[*row as usize * WIDTH + at] = f64::from(*value);
                }
            }
            step(&mut weights, &mut sums, &gradient, *rate, penalty);
        }
        table.catch_up_all(&steps);
        let state: Vec<f32> = table.part(1).collect();
        prop_assert_eq!(state.len(), ROWS);
        for (ours, exact) in state.iter().zip(&sums) {
            prop_assert!((f64::from(*ours) - exact).abs() < 1e-4 * exact.max(1e-3), "{} beside {}", ours, exact);
        }
        // Without a penalty a step is as exact as its gradient; a tiny weight under a penalty alone moves by its sign.
        let near = if l2 == 0.0 { 1e-4 } else { 2e-3 };
        for (ours, exact) in table.part(0).zip(&weights) {
            prop_assert!((f64::from(ours) - exact).abs() < near, "{} beside {}", ours, exact);
        }
    }
}
