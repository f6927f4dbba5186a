//! The two directions in which rows differ most.

/// Steps of the power iteration for each direction at most.
const STEPS: usize = 500;

/// It ends where a direction moves by less than this.
const STILL: f64 = 1e-9;

/// Places of rows on the plane of their two principal components.
#[derive(Debug)]
pub(crate) struct Pca {
    /// The parts of the variance along both.
    pub explained: [f32; 2],
    /// Both coordinates of each row.
    pub points: Vec<[f32; 2]>,
}

/// The principal components of the rows of `of`, by power iteration, and the places of the rows of `all`; both are
/// `[rows, width]`. `None` where the rows do not differ, or are not finite.
pub(crate) fn components(all: &[f32], of: &[f32], width: usize) -> Option<Pca> {
    let rows = of.len().checked_div(width)?;
    let mut mean = vec![0.0; width];
    for row in of.chunks_exact(width) {
        let sums = mean.iter_mut().zip(row);
        sums.for_each(|(sum, x)| *sum += f64::from(*x) / rows as f64);
    }
    let mut covariance = vec![0.0; width * width];
    for row in of.chunks_exact(width) {
        let away: Vec<f64> = row
            .iter()
            .zip(&mean)
            .map(|(x, mean)| f64::from(*x) - mean)
            .collect();
        for (x, sums) in away.iter().zip(covariance.chunks_exact_mut(width)) {
            sums.iter_mut()
                .zip(&away)
                .for_each(|(sum, y)| *sum += x * y);
        }
    }
    let trace: f64 = (0..width).map(|at| covariance[at * (width + 1)]).sum();
    if !(trace.is_finite() && trace > 0.0) {
        return None;
    }
    let first = strongest(&mut covariance, width);
    let second = strongest(&mut covariance, width);
    let places = all.chunks_exact(width).map(|row| {
        let along = |direction: &[f64]| -> f32 {
            let away = row.iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean);
            away.zip(direction).map(|(x, d)| x * d).sum::<f64>() as f32
        };
        [along(&first.0), along(&second.0)]
    });
    Some(Pca {
        explained: [first.1, second.1].map(|value| (value / trace) as f32),
        points: places.collect(),
    })
}

/// The eigenvector of the largest eigenvalue, and that value, which are then taken out of the matrix. Its largest number is
/// positive, so that a map does not turn over from one day to the next.
fn strongest(matrix: &mut [f64], width: usize) -> (Vec<f64>, f64) {
    // The longest column is not at right angles to the direction that is looked for.
    let longest = matrix
        .chunks_exact(width)
        .max_by(|a, b| length(a).total_cmp(&length(b)));
    let mut direction = longest.map_or_else(Vec::new, <[f64]>::to_vec);
    let mut value = length(&direction);
    if value == 0.0 {
        return (direction, 0.0);
    }
    direction.iter_mut().for_each(|x| *x /= value);
    for _ in 0..STEPS {
        let rows = matrix.chunks_exact(width);
        let mut next: Vec<f64> = rows.map(|row| dot(row, &direction)).collect();
        value = length(&next);
        if value == 0.0 {
            return (direction, 0.0);
        }
        next.iter_mut().for_each(|x| *x /= value);
        let moved: f64 = next
            .iter()
            .zip(&direction)
            .map(|(a, b)| (a - b).powi(2))
            .sum();
        direction = next;
        if moved < STILL * STILL {
            break;
        }
    }
    let largest = direction
        .iter()
        .copied()
        .max_by(|a, b| a.abs().total_cmp(&b.abs()));
    if largest.is_some_and(|x| x < 0.0) {
        direction.iter_mut().for_each(|x| *x = -*x);
    }
    for (x, row) in direction.iter().zip(matrix.chunks_exact_mut(width)) {
        row.iter_mut()
            .zip(&direction)
            .for_each(|(cell, y)| *cell -= value * x * y);
    }
    (direction, value)
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn length(row: &[f64]) -> f64 {
    dot(row, row).sqrt()
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn the_directions_are_those_in_which_the_rows_differ_most() {
        // Three times as far along (3, 4, 0) / 5 as along (0, 0, 1); nothing along the third direction.
        let rows: Vec<f32> = [[3.0, 1.0], [-3.0, 1.0], [3.0, -1.0], [-3.0, -1.0]]
            .iter()
            .flat_map(|[a, b]| [0.6 * a + 7.0, 0.8 * a, *b])
            .collect();
        let pca = components(&rows, &rows, 3).expect("they differ");
        assert!((pca.explained[0] - 0.9).abs() < 1e-6 && (pca.explained[1] - 0.1).abs() < 1e-6);
        let wanted = [[3.0, 1.0], [-3.0, 1.0], [3.0, -1.0], [-3.0, -1.0]];
        for (point, wanted) in pca.points.iter().zip(wanted) {
            assert!((point[0] - wanted[0]).abs() < 1e-5 && (point[1] - wanted[1]).abs() < 1e-5);
        }
    }

    #[test]
    fn rows_that_are_alike_have_no_map() {
        assert!(components(&[1.0, 2.0, 1.0, 2.0], &[1.0, 2.0, 1.0, 2.0], 2).is_none());
        assert!(components(&[f32::NAN, 1.0], &[f32::NAN, 1.0], 2).is_none());
        assert!(components(&[], &[], 2).is_none());
    }
}
