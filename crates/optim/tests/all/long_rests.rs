//! Rows that rest for hundreds of steps: they end where a dense optimizer in double precision ends, and no number of theirs
//! becomes subnormal on the way.

use crate::common::Dense;
use proptest::prelude::*;
use recburn_optim::{Lane, Mode, Penalty, RowTable, Rule, Step, Steps};

const STEPS: u64 = 700;

/// A training of a few rows: each row has its own gradient's size and is touched every so many steps, or never.
#[derive(Clone, Debug)]
struct Training {
    rule: Rule,
    penalty: Penalty,
    width: usize,
    rows: Vec<(u64, f64)>,
    rate: f64,
    seed: u64,
}

impl Training {
    /// A number in [-1, 1) that depends on nothing but where it is asked for.
    fn noise(&self, at: u64) -> f64 {
        let mut bits = at
            .wrapping_add(self.seed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits >> 11) as f64) / (1u64 << 52) as f64 - 1.0
    }

    fn start(&self) -> Vec<f32> {
        let count = (self.rows.len() * self.width) as u64;
        (0..count).map(|at| self.noise(at) as f32 * 0.1).collect()
    }

    fn touched(&self, number: u64) -> Vec<u32> {
        let rows = self.rows.iter().zip(0u32..);
        rows.filter(|((every, _), row)| {
            *every > 0 && (number + u64::from(*row)).is_multiple_of(*every)
        })
        .map(|(_, row)| row)
        .collect()
    }

    fn gradient(&self, row: u32, number: u64) -> impl Iterator<Item = f32> {
        let size = self.rows[row as usize].1;
        (0..self.width as u64)
            .map(move |at| (size * self.noise((number << 20) + (u64::from(row) << 8) + at)) as f32)
    }

    /// A rate that a schedule might change.
    fn rate_at(&self, number: u64) -> f64 {
        if number < STEPS / 2 {
            self.rate
        } else {
            self.rate * 0.3
        }
    }

    fn by_rows(&self, mode: Mode) -> RowTable {
        let mut steps = Steps::after(0, self.rule, mode);
        let mut table = RowTable::new(&self.start(), self.width, self.penalty, &steps);
        for number in 1..=STEPS {
            let rows = self.touched(number);
            let gradient: Vec<f32> = rows
                .iter()
                .flat_map(|&row| self.gradient(row, number))
                .collect();
            table.catch_up(&rows, &steps);
            let pace = steps.begin(self.rate_at(number));
            table.step(&rows, &gradient, pace, &steps);
        }
        table.catch_up_all(&steps);
        table
    }

    fn dense<L: Lane + From<f32>>(&self) -> Dense<L> {
        let mut dense = Dense::new(self.rule, self.penalty, &self.start());
        for number in 1..=STEPS {
            let mut gradients = vec![0.0; self.rows.len() * self.width];
            for row in self.touched(number) {
                let own = &mut gradients[row as usize * self.width..][..self.width];
                for (own, value) in own.iter_mut().zip(self.gradient(row, number)) {
                    *own = value;
                }
            }
            let learning_rate = self.rate_at(number);
            let step = Step {
                number,
                learning_rate,
            };
            dense.step(step, &gradients);
        }
        dense
    }
}

fn trainings() -> impl Strategy<Value = Training> {
    let rules = prop_oneof![
        4 => Just(Rule::ADAM),
        1 => Just(Rule::ADAMW),
        1 => (0.8f64..0.95).prop_map(|beta_1| Rule::Adam { beta_1, beta_2: 0.99, epsilon: 1e-7 }),
        1 => Just(Rule::sgd(0.9)),
        1 => Just(Rule::sgd(0.0)),
        1 => Just(Rule::ADAGRAD),
    ];
    let l2 = prop_oneof![Just(0.0), Just(1e-6), Just(1e-4), Just(1e-2)];
    let widths = prop_oneof![Just(1usize), Just(3), Just(10), Just(50), Just(70)];
    let every = prop_oneof![Just(0u64), 1u64..10, 50u64..600];
    let size = (-9i32..1).prop_map(|power| 10f64.powi(power));
    (
        rules,
        l2,
        any::<bool>(),
        widths,
        prop::collection::vec((every, size), 1..8),
        prop_oneof![Just(1e-3), Just(1e-2)],
        any::<u64>(),
    )
        .prop_map(
            |(rule, l2, non_negative, width, rows, rate, seed)| Training {
                rule,
                penalty: Penalty {
                    l2,
                    non_negative,
                    ..Penalty::default()
                },
                width,
                rows,
                rate,
                seed,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_long_rest_ends_where_the_dense_optimizer_ends(training in trainings()) {
        let (table, dense) = (training.by_rows(Mode::Exact), training.dense::<f64>());
        // Weights that swing around 0 amplify what rounding does to them, whoever takes their steps.
        let rounded = training.dense::<f32>();
        let rounding = rounded.weights.iter().zip(&dense.weights);
        let rounding = rounding.fold(0.0, |most: f64, (w, exact)| most.max((f64::from(*w) - exact).abs()));
        for (at, (ours, exact)) in table.part(0).zip(&dense.weights).enumerate() {
            let error = (f64::from(ours) - exact).abs();
            prop_assert!(
                error < 1e-2 * training.rate + 1e-5 * exact.abs() + 10.0 * rounding,
                "weight {at} is {ours}, not {exact}; rounding {rounding}"
            );
        }
    }

    #[test]
    fn nothing_becomes_subnormal(
        training in trainings(),
        mode in prop_oneof![Just(Mode::Exact), Just(Mode::Touched)],
    ) {
        let table = training.by_rows(mode);
        for part in 0..=training.rule.states() {
            for (at, number) in table.part(part).enumerate() {
                prop_assert!(!number.is_subnormal(), "{}: {number} at {at} of part {part}", training.rule);
            }
        }
    }
}

/// Weights under a strong penalty, left alone for long: all of it ends at 0 and stays there.
#[test]
fn a_table_that_nobody_reads_comes_to_rest_at_zero() {
    for rule in [Rule::ADAM, Rule::ADAMW, Rule::sgd(0.9), Rule::sgd(0.0)] {
        let penalty = Penalty {
            l2: 0.05,
            ..Penalty::default()
        };
        let mut steps = Steps::after(0, rule, Mode::Exact);
        let start: Vec<f32> = (0..60).map(|at| at as f32 * 0.01 - 0.3).collect();
        let mut table = RowTable::new(&start, 20, penalty, &steps);
        for _ in 0..60_000 {
            steps.begin(0.01);
        }
        table.catch_up_all(&steps);
        assert!(table.part(0).all(|weight| weight == 0.0), "{rule}");
        assert!(
            table
                .part(1)
                .take(60 * rule.states().min(1))
                .all(|state| state == 0.0),
            "{rule}"
        );
    }
}

/// A parameter that is no table, pushed once and then left without a gradient.
#[test]
fn a_dense_parameter_without_a_gradient_has_no_subnormal_state() {
    for rule in [Rule::ADAM, Rule::ADAMW, Rule::sgd(0.9), Rule::ADAGRAD] {
        let mut weights = vec![1e-17f32, 0.5, -1e-30, 0.0];
        let mut state = vec![vec![rule.initial_state(); 4]; rule.states()];
        for number in 1..=120_000u64 {
            let size = if number < 3 { 1e-8 } else { 0.0 };
            let learning_rate = 1e-3;
            let pace = rule.pace(Step {
                number,
                learning_rate,
            });
            rule.step(pace, &mut weights, &mut state, &[size; 4]);
        }
        let all = weights.iter().chain(state.iter().flatten());
        for number in all {
            assert!(!number.is_subnormal(), "{rule}: {number}");
        }
    }
}
