//! Conditional distributions against brute force on small dense designs.

use super::block::Design;
use super::chain::{Chain, conditional};
use super::prior::Prior;
use super::random::Key;
use super::state::draw_column;
use super::sums::{Seen, Sums};
use super::{BayesianFm, Context};
use recburn_data::{Feature, ItemIx, Ratings, Side, UserIx};

const L: usize = 8;
const RANK: usize = 3;
const WIDTH: usize = RANK + 1;

/// A vector with entries in the first `WIDTH` places.
fn vector(key: Key) -> [f32; L] {
    let mut vector = key.stream().normals::<L>();
    vector[WIDTH..].fill(0.0);
    vector
}

fn vectors(key: Key, count: u64) -> Vec<[f32; L]> {
    (0..count).map(|at| vector(key.of(at))).collect()
}

/// The score by its definition: a constant, the linear weights, and the products of all pairs of blocks.
fn score(offset: f64, vectors: &[[f32; L]]) -> f64 {
    let mut score = offset;
    for (at, one) in vectors.iter().enumerate() {
        score += f64::from(one[0]);
        for other in &vectors[..at] {
            let pairs = one.iter().zip(other).skip(1);
            score += pairs
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>();
        }
    }
    score
}

/// Solves a system by elimination with pivots, in double precision.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let count = right.len();
    for at in 0..count {
        let best = (at..count).max_by(|&a, &b| matrix[a][at].abs().total_cmp(&matrix[b][at].abs()));
        let best = best.expect("not empty");
        matrix.swap(at, best);
        right.swap(at, best);
        for row in 0..count {
            if row != at {
                let factor = matrix[row][at] / matrix[at][at];
                let pivot = matrix[at].clone();
                for (entry, pivot) in matrix[row].iter_mut().zip(pivot) {
                    *entry -= factor * pivot;
                }
                right[row] -= factor * right[at];
            }
        }
    }
    (0..count).map(|at| right[at] / matrix[at][at]).collect()
}

fn assert_close(seen: f64, expected: f64, tolerance: f64) {
    let scale = expected.abs().max(1.0);
    assert!(
        (seen - expected).abs() <= tolerance * scale,
        "{seen} instead of {expected}"
    );
}

/// The density of a row's vector given all else is `exp` of a quadratic function, whose derivatives by differences of
/// predictions over ratings, one by one, give the same mean and the same errors as the sums over blocks.
#[test]
fn a_row_given_all_else_agrees_with_the_expanded_ratings() {
    let key = Key::new(11);
    let (items, days) = (vectors(key.of(1), 5), vectors(key.of(2), 3));
    let noise = [0.5, 2.0, 1.5, 0.7, 1.1];
    let (item_of, day_of) = ([0_u32, 3, 3, 4, 1, 2, 0, 2], [2_u32, 0, 0, 1, 1, 2, 0, 2]);
    let targets: Vec<f32> = vector(key.of(3))
        .iter()
        .map(|x| x + 0.3)
        .chain([1.0, -1.0, 0.5, 2.0])
        .take(8)
        .collect();
    let (offset, alpha, mean) = (0.25_f32, 1.7_f32, vector(key.of(4)));
    let precision = [3.0, 0.5, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let seen = [
        Seen {
            rows: &items,
            noise: Some(&noise),
        },
        Seen {
            rows: &days,
            noise: None,
        },
    ];
    let sums = Sums::of(&targets, &[&item_of, &day_of], &seen, offset, WIDTH);
    let value = conditional(&sums, alpha, &mean, &precision, WIDTH).value(&[0.0; L]);

    let predict = |own: &[f32; L], at: usize| {
        score(
            f64::from(offset),
            &[*own, items[item_of[at] as usize], days[day_of[at] as usize]],
        )
    };
    let mut matrix = vec![vec![0.0; WIDTH]; WIDTH];
    let mut right = vec![0.0; WIDTH];
    for at in 0..targets.len() {
        let rest = predict(&[0.0; L], at);
        let unit = |lane: usize| {
            let mut unit = [0.0; L];
            unit[lane] = 1.0;
            predict(&unit, at) - rest
        };
        let weight = f64::from(alpha) * f64::from(noise[item_of[at] as usize]);
        for row in 0..WIDTH {
            right[row] += weight * unit(row) * (f64::from(targets[at]) - rest);
            for (lane, entry) in matrix[row].iter_mut().enumerate() {
                *entry += weight * unit(row) * unit(lane);
            }
        }
    }
    for lane in 0..WIDTH {
        matrix[lane][lane] += f64::from(precision[lane]);
        right[lane] += f64::from(precision[lane]) * f64::from(mean[lane]);
    }
    let expected = solved(matrix.clone(), right.clone());
    for lane in 0..WIDTH {
        assert_close(f64::from(value[lane]), expected[lane], 2e-5);
    }

    // The draw moves from the mean by U^-1 z, so that z'z is the quadratic form of the precision matrix.
    let normals = vector(key.of(5));
    let drawn = conditional(&sums, alpha, &mean, &precision, WIDTH).value(&normals);
    let moved: Vec<f64> = (0..WIDTH)
        .map(|lane| f64::from(drawn[lane] - value[lane]))
        .collect();
    let form: f64 = (0..WIDTH)
        .map(|row| {
            (0..WIDTH)
                .map(|lane| moved[row] * matrix[row][lane] * moved[lane])
                .sum::<f64>()
        })
        .sum();
    let length: f64 = normals[..WIDTH].iter().map(|&z| f64::from(z).powi(2)).sum();
    assert_close(form, length, 1e-4);

    let (sum, squares) = sums.errors(&drawn, WIDTH);
    let errors = (0..targets.len()).map(|at| {
        let error = f64::from(targets[at]) - predict(&drawn, at);
        (f64::from(noise[item_of[at] as usize]), error)
    });
    assert_close(sum, errors.clone().map(|(w, e)| w * e).sum(), 1e-5);
    assert_close(squares, errors.map(|(w, e)| w * e * e).sum(), 1e-5);
}

/// One factor of one column has the normal distribution that its density on a grid describes.
#[test]
fn a_column_given_the_rows_agrees_with_its_density() {
    let key = Key::new(12);
    let (rows, values) = ([0_u32, 2, 3], [0.5_f32, 1.0, -0.7]);
    let level = Prior {
        mean: vector(key.of(1)),
        precision: [2.0; L],
    };
    let prior = Prior {
        mean: vector(key.of(2)),
        precision: [0.8; L],
    };
    let before = vectors(key.of(3), 4);
    let start = vector(key.of(4));
    let drawn = |normals: &[f32; L]| {
        let (mut own, mut column) = (before.clone(), start);
        draw_column(
            &mut column,
            &rows,
            &values,
            &mut own,
            &level,
            &prior,
            normals,
        );
        (column, own)
    };
    let (mean, own) = drawn(&[0.0; L]);
    let (one, _) = drawn(&[1.0; L]);
    for lane in 0..WIDTH {
        let density = |x: f64| {
            let own = rows.iter().zip(&values).map(|(&row, &value)| {
                let rest = before[row as usize][lane] - level.mean[lane];
                f64::from(rest) - f64::from(value) * (x - f64::from(start[lane]))
            });
            let rows: f64 = own.map(|rest| 2.0 * rest * rest).sum();
            (-0.5 * (rows + 0.8 * (x - f64::from(prior.mean[lane])).powi(2))).exp()
        };
        let grid: Vec<f64> = (-8_000..8_000)
            .map(|step| f64::from(step) / 1_000.0)
            .collect();
        let mass: f64 = grid.iter().map(|&x| density(x)).sum();
        let expected = grid.iter().map(|&x| x * density(x)).sum::<f64>() / mass;
        let variance = grid
            .iter()
            .map(|&x| (x - expected).powi(2) * density(x))
            .sum::<f64>()
            / mass;
        assert_close(f64::from(mean[lane]), expected, 1e-4);
        assert_close(f64::from(one[lane] - mean[lane]), variance.sqrt(), 1e-4);
        // What the column gives, the rows' own vectors lose.
        let moved = values[1] * (mean[lane] - start[lane]);
        assert_close(
            f64::from(own[2][lane]),
            f64::from(before[2][lane] - moved),
            1e-5,
        );
        assert_eq!(own[1], before[1]);
    }
}

/// Six ratings with a column of their own.
fn ratings() -> Ratings {
    let ids = vec![0, 1, 1, 0, 2, 2];
    Ratings {
        users: [0, 0, 1, 2, 2, 2].map(UserIx).to_vec(),
        items: [0, 1, 1, 0, 1, 3].map(ItemIx).to_vec(),
        ratings: vec![3.0, 4.0, 5.0, 1.0, 2.0, 3.5],
        timestamps: Some(vec![0, 90_000, 90_001, 0, 400_000, 86_399]),
        others: vec![Feature::ids("device", Side::Event, 3, ids)],
    }
}

fn context(train: &Ratings) -> Context<'_> {
    Context {
        train,
        users: 4,
        items: 5,
        scale: (1.0, 5.0),
        features: None,
        seed: 0,
        threads: 1,
    }
}

/// The history of a user holds each rated item with one over the square root of the number of ratings.
#[test]
fn histories_and_events_become_blocks() -> Result<(), crate::ClassicalError> {
    let train = ratings();
    let options = BayesianFm {
        day: true,
        events: vec!["device".to_string()],
        ..BayesianFm::default()
    };
    let design = Design::new(&options, &context(&train))?;
    let rows: Vec<usize> = design.blocks.iter().map(|block| block.rows()).collect();
    assert_eq!(rows, [4, 5, 3, 3]);
    let columns = &design.blocks[0].columns;
    assert_eq!((columns.len(), columns.groups().len()), (5, 1));
    let third = 1.0 / 3.0_f32.sqrt();
    let half = 1.0 / 2.0_f32.sqrt();
    assert_eq!(columns.entries(0), (&[0, 2][..], &[half, third][..]));
    assert_eq!(
        columns.entries(1),
        (&[0, 1, 2][..], &[half, 1.0, third][..])
    );
    assert_eq!(
        design.blocks[1].columns.entries(2),
        (&[0, 1, 3][..], &[half, third, 1.0][..])
    );
    // Block 2 holds the days: 0 for ratings 0, 3 and 5, then 1, then 4.
    assert_eq!(design.blocks[2].offsets, [0, 3, 5, 6]);
    assert_eq!(design.blocks[2].others[0], [0, 2, 2, 0, 1, 2]);
    assert_eq!(design.blocks[2].others[2], [0, 0, 2, 1, 1, 2]);
    Ok(())
}

/// The offset and every vector stay finite and the padding stays 0 over many sweeps.
#[test]
fn padding_stays_zero() -> Result<(), crate::ClassicalError> {
    let train = ratings();
    let design = Design::new(&BayesianFm::default(), &context(&train))?;
    let mut chain = Chain::<L>::new(&design, RANK, Some(5.0), Key::new(1));
    for sweep in 0..50 {
        chain.sweep(sweep);
    }
    for state in &chain.states {
        for vector in state.rows.iter().chain(&state.columns) {
            assert!(vector.iter().all(|x| x.is_finite()), "{vector:?}");
            assert_eq!(vector[WIDTH..], [0.0; L - WIDTH]);
        }
    }
    Ok(())
}
