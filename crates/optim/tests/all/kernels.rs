//! The kernels of a batch against the loops that they stand for, below and above the size from which threads share.

use proptest::prelude::*;
use recburn_optim::{
    Column, FactorScore, Gradients, Mode, Penalty, RowTable, Rule, Steps, examples, row_sums,
};

const USERS: u32 = 300;
const ITEMS: u32 = 200;

/// Numbers that look random and are exact in single precision.
fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / 16_777_216.0) - 0.5
    };
    (0..count).map(|_| next()).collect()
}

/// Distinct rows and each id's place among them; ascending, as for large batches, or by first sight.
fn column(ids: &[u32], ascending: bool) -> (Vec<u32>, Vec<u32>) {
    let mut rows: Vec<u32> = Vec::new();
    for &id in ids {
        if !rows.contains(&id) {
            rows.push(id);
        }
    }
    if ascending {
        rows.sort_unstable();
    }
    let place = |id: &u32| rows.iter().position(|row| row == id).map(|at| at as u32);
    let inverse = ids.iter().filter_map(place).collect();
    (rows, inverse)
}

fn close(ours: &[f32], exact: &[f64], what: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(ours.len(), exact.len());
    for (at, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        let error = (f64::from(*ours) - exact).abs();
        prop_assert!(
            error < 1e-4 * exact.abs().max(1.0),
            "{what} {at}: {ours}, not {exact}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_factor_score_and_its_gradients_are_those_of_the_plain_loops(
        width in 1usize..24,
        pairs in prop::collection::vec((0..USERS, 0..ITEMS), 1..400),
        copies in prop_oneof![Just(1usize), Just(40)],
        biases in (any::<bool>(), any::<bool>()),
        ascending in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let pairs = pairs.repeat(copies);
        let (users, items): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
        let steps = Steps::after(0, Rule::ADAM, Mode::Exact);
        let table = |rows: u32, width: usize, salt: u64| {
            let start = numbers(rows as usize * width, seed ^ salt);
            RowTable::new(&start, width, Penalty::default(), &steps)
        };
        let (p, q) = (table(USERS, width, 1), table(ITEMS, width, 2));
        let (b, c) = (table(USERS, 1, 3), table(ITEMS, 1, 4));
        let score = FactorScore {
            user_factors: &p,
            item_factors: &q,
            user_bias: biases.0.then_some(&b),
            item_bias: biases.1.then_some(&c),
        };
        let (user_rows, user_inverse) = column(&users, ascending);
        let (item_rows, item_inverse) = column(&items, ascending);
        let of_users = Column { rows: &user_rows, inverse: &user_inverse };
        let of_items = Column { rows: &item_rows, inverse: &item_inverse };

        let mut scores = vec![0.0; pairs.len()];
        score.scores(of_users, of_items, &mut scores);
        let of_scores = numbers(pairs.len(), seed ^ 5);
        let mut gradients = Gradients::default();
        score.gradients(of_users, of_items, &of_scores, &mut gradients);

        let mut exact = Vec::new();
        let mut of_p = vec![0.0; user_rows.len() * width];
        let mut of_q = vec![0.0; item_rows.len() * width];
        let (mut of_b, mut of_c) = (vec![0.0; user_rows.len()], vec![0.0; item_rows.len()]);
        for (n, &(user, item)) in pairs.iter().enumerate() {
            let (u, i) = (user_inverse[n] as usize, item_inverse[n] as usize);
            let g = f64::from(of_scores[n]);
            let mut sum = 0.0;
            for k in 0..width {
                let (x, y) = (f64::from(p.row(user)[k]), f64::from(q.row(item)[k]));
                sum += x * y;
                of_p[u * width + k] += g * y;
                of_q[i * width + k] += g * x;
            }
            if biases.0 {
                sum += f64::from(b.row(user)[0]);
                of_b[u] += g;
            }
            if biases.1 {
                sum += f64::from(c.row(item)[0]);
                of_c[i] += g;
            }
            exact.push(sum);
        }
        close(&scores, &exact, "score")?;
        close(&gradients.user_factors, &of_p, "user factor")?;
        close(&gradients.item_factors, &of_q, "item factor")?;
        if biases.0 {
            close(&gradients.user_bias, &of_b, "user bias")?;
        }
        if biases.1 {
            close(&gradients.item_bias, &of_c, "item bias")?;
        }
    }

    #[test]
    fn rows_side_by_side_come_back_as_row_sums(
        width in 1usize..40,
        ids in prop::collection::vec(0..USERS, 1..300),
        copies in prop_oneof![Just(1usize), Just(40)],
        before in 0usize..5,
        after in 0usize..5,
        seed in any::<u64>(),
    ) {
        let ids = ids.repeat(copies);
        let steps = Steps::after(0, Rule::sgd(0.9), Mode::Exact);
        let start = numbers(USERS as usize * width, seed);
        let table = RowTable::new(&start, width, Penalty::default(), &steps);
        let (rows, inverse) = column(&ids, false);
        let column = Column { rows: &rows, inverse: &inverse };
        let total = before + width + after;
        let mut out = vec![7.0; ids.len() * total];
        examples(&table, column, before..before + width, total, &mut out);
        for (id, out) in ids.iter().zip(out.chunks_exact(total)) {
            prop_assert_eq!(&out[before..before + width], table.row(*id));
            prop_assert!(out[..before].iter().chain(&out[before + width..]).all(|x| *x == 7.0));
        }
        let mut sums = Vec::new();
        row_sums(column, &out, before..before + width, total, &mut sums);
        let mut exact = vec![0.0; rows.len() * width];
        for (&place, out) in inverse.iter().zip(out.chunks_exact(total)) {
            for k in 0..width {
                exact[place as usize * width + k] += f64::from(out[before + k]);
            }
        }
        close(&sums, &exact, "sum")?;
    }

    #[test]
    fn many_rows_move_as_they_would_one_by_one(
        rule in prop_oneof![Just(Rule::ADAM), Just(Rule::ADAMW), Just(Rule::sgd(0.9)), Just(Rule::ADAGRAD)],
        l2 in prop_oneof![Just(0.0), Just(1e-3)],
        seed in any::<u64>(),
    ) {
        // Wide enough that threads share the rows.
        const ROWS: u32 = 500;
        const WIDTH: usize = 300;
        let rows: Vec<u32> = (0..ROWS).filter(|row| row % 3 != 1).collect();
        let backwards: Vec<u32> = rows.iter().rev().copied().collect();
        let start = numbers(ROWS as usize * WIDTH, seed);
        let gradient = numbers(rows.len() * WIDTH, seed ^ 9);
        let turned: Vec<f32> = gradient.chunks(WIDTH).rev().flatten().copied().collect();
        let penalty = Penalty { l2, ..Penalty::default() };
        // Rows that ascend are shared between threads, rows that do not are not.
        let whole = |rows: &[u32], gradient: &[f32]| {
            let mut steps = Steps::after(0, rule, Mode::Exact);
            let mut table = RowTable::new(&start, WIDTH, penalty, &steps);
            for step in 0..6 {
                table.catch_up(rows, &steps);
                let rate = steps.begin(0.01);
                // Every other step they rest.
                if step % 2 == 0 {
                    table.step(rows, gradient, rate, &steps);
                }
            }
            table.catch_up_all(&steps);
            (0..=rule.states()).flat_map(|part| table.part(part).collect::<Vec<_>>()).collect::<Vec<f32>>()
        };
        prop_assert_eq!(whole(&rows, &gradient), whole(&backwards, &turned));
    }
}
