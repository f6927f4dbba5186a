//! The kernels by themselves: nanoseconds a weight, or a weight's step, on one thread.
//!
//!     RAYON_NUM_THREADS=1 cargo bench -p recburn-optim

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use recburn_optim::{Column, FactorScore, Gradients, Mode, Penalty, RowTable, Rule, Steps};

const ROWS: usize = 256;
const WIDTHS: [usize; 4] = [1, 10, 50, 64];

fn main() {
    divan::main();
}

struct Bed {
    steps: Steps,
    table: RowTable,
    rows: Vec<u32>,
    gradient: Vec<f32>,
}

fn bed(rule: Rule, l2: f64, width: usize) -> Bed {
    let steps = Steps::after(0, rule, Mode::Exact);
    let start: Vec<f32> = (0..ROWS * width)
        .map(|at| (at % 13) as f32 * 0.01)
        .collect();
    let penalty = Penalty {
        l2,
        ..Penalty::default()
    };
    let mut bed = Bed {
        table: RowTable::new(&start, width, penalty, &steps),
        steps,
        rows: (0..ROWS as u32).collect(),
        gradient: start.iter().map(|w| w * 0.1 - 0.002).collect(),
    };
    // State as training leaves it, not zeros.
    for _ in 0..10 {
        step(&mut bed);
    }
    bed
}

fn step(bed: &mut Bed) {
    bed.table.catch_up(&bed.rows, &bed.steps);
    let rate = bed.steps.begin(1e-6);
    bed.table.step(&bed.rows, &bed.gradient, rate, &bed.steps);
}

/// Rests so many steps, and is brought up to date.
fn rest(bencher: Bencher<'_, '_>, rule: Rule, l2: f64, width: usize, missed: usize) {
    let weights = ROWS * width;
    bencher
        .counter(ItemsCount::new(if l2 > 0.0 {
            weights * missed
        } else {
            weights
        }))
        .with_inputs(|| {
            let mut bed = bed(rule, l2, width);
            (0..missed).for_each(|_| {
                bed.steps.begin(1e-6);
            });
            bed
        })
        .bench_local_refs(|bed| bed.table.catch_up(black_box(&bed.rows), &bed.steps));
}

#[divan::bench(args = WIDTHS)]
fn adam_at_rest_with_penalty(bencher: Bencher<'_, '_>, width: usize) {
    rest(bencher, Rule::ADAM, 1e-4, width, 100);
}

#[divan::bench(args = WIDTHS)]
fn adam_at_rest(bencher: Bencher<'_, '_>, width: usize) {
    rest(bencher, Rule::ADAM, 0.0, width, 100);
}

#[divan::bench(args = WIDTHS)]
fn momentum_at_rest(bencher: Bencher<'_, '_>, width: usize) {
    rest(bencher, Rule::sgd(0.9), 0.0, width, 100);
}

#[divan::bench(args = WIDTHS)]
fn adam_step(bencher: Bencher<'_, '_>, width: usize) {
    let mut bed = bed(Rule::ADAM, 0.0, width);
    bencher
        .counter(ItemsCount::new(ROWS * width))
        .bench_local(|| step(&mut bed));
}

#[divan::bench(args = WIDTHS)]
fn momentum_step(bencher: Bencher<'_, '_>, width: usize) {
    let mut bed = bed(Rule::sgd(0.9), 0.0, width);
    bencher
        .counter(ItemsCount::new(ROWS * width))
        .bench_local(|| step(&mut bed));
}

/// A thousand pairs of rows of one table with itself.
fn pairs(width: usize) -> (Bed, Vec<u32>) {
    let inverse = (0..1_024).map(|at| at * 2_654_435 % ROWS as u32).collect();
    (bed(Rule::ADAM, 0.0, width), inverse)
}

fn looked_up<'a>(bed: &'a Bed, inverse: &'a [u32]) -> (Column<'a>, FactorScore<'a>) {
    let column = Column {
        rows: &bed.rows,
        inverse,
    };
    let score = FactorScore {
        user_factors: &bed.table,
        item_factors: &bed.table,
        user_bias: None,
        item_bias: None,
    };
    (column, score)
}

#[divan::bench(args = WIDTHS)]
fn score(bencher: Bencher<'_, '_>, width: usize) {
    let (bed, inverse) = pairs(width);
    let (column, score) = looked_up(&bed, &inverse);
    let mut out = vec![0.0; inverse.len()];
    bencher
        .counter(ItemsCount::new(inverse.len() * width))
        .bench_local(|| score.scores(column, column, black_box(&mut out)));
}

#[divan::bench(args = WIDTHS)]
fn gradients(bencher: Bencher<'_, '_>, width: usize) {
    let (bed, inverse) = pairs(width);
    let (column, score) = looked_up(&bed, &inverse);
    let (of_scores, mut out) = (vec![0.01; inverse.len()], Gradients::default());
    bencher
        .counter(ItemsCount::new(inverse.len() * width))
        .bench_local(|| score.gradients(column, column, black_box(&of_scores), &mut out));
}
