//! Statistics of effects.

/// Spearman's rank correlation: Pearson's correlation of the ranks, where equal values have the mean of their ranks,
///
/// rho = sum (r_i - r) (s_i - s) / sqrt(sum (r_i - r)^2 sum (s_i - s)^2),
///
/// with the ranks r_i and s_i of the two columns and their mean r = s = (n + 1) / 2. In `[-1, 1]`; `None` if there are fewer
/// than two pairs or if a column is constant.
///
/// ```
/// use recburn_tune::spearman;
///
/// assert_eq!(spearman(&[(1.0, 10.0), (2.0, 100.0), (3.0, 1000.0)]), Some(1.0));
/// assert_eq!(spearman(&[(1.0, 2.0), (2.0, 2.0)]), None);
/// ```
pub fn spearman(pairs: &[(f64, f64)]) -> Option<f64> {
    let left = ranks(pairs.iter().map(|pair| pair.0));
    let right = ranks(pairs.iter().map(|pair| pair.1));
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let (mut both, mut of_left, mut of_right) = (0.0, 0.0, 0.0);
    for (left, right) in left.iter().zip(&right) {
        both += (left - mean) * (right - mean);
        of_left += (left - mean).powi(2);
        of_right += (right - mean).powi(2);
    }
    let product: f64 = of_left * of_right;
    (product > 0.0).then(|| (both / product.sqrt()).clamp(-1.0, 1.0))
}

/// Ranks from 1; equal values have the mean of theirs.
fn ranks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[one].total_cmp(&values[other]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&one, &other| values[one] == values[other]) {
        for &at in equal {
            ranks[at] = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        }
        before += equal.len();
    }
    ranks
}

/// The share of variance between groups, corrected for their number; see [`Effect`](crate::Effect).
pub(crate) fn explained(groups: &[Vec<f64>]) -> Option<f64> {
    let count: usize = groups.iter().map(Vec::len).sum();
    let free = count.checked_sub(groups.len()).filter(|free| *free > 0)?;
    if groups.len() < 2 {
        return None;
    }
    let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let around = |values: &[f64], mean: f64| -> f64 {
        values.iter().map(|value| (value - mean).powi(2)).sum()
    };
    let total_mean = groups.iter().flatten().sum::<f64>() / count as f64;
    let total: f64 = groups.iter().map(|of| around(of, total_mean)).sum();
    let within: f64 = groups.iter().map(|of| around(of, mean_of(of))).sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let chance = (groups.len() - 1) as f64 * within / free as f64;
    Some(((total - within - chance) / total).clamp(0.0, 1.0))
}

/// At most `groups` groups of nearly equal size, by value; equal values are in the same group.
pub(crate) fn quantile_groups(pairs: &[(f64, f64)], groups: usize) -> Vec<Vec<f64>> {
    let mut sorted = pairs.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut into: Vec<Vec<f64>> = Vec::new();
    let (mut before, mut last) = (0, None);
    for equal in sorted.chunk_by(|one, other| one.0 == other.0) {
        let group = Some(before * groups / sorted.len());
        if group != last {
            into.push(Vec::new());
            last = group;
        }
        if let Some(into) = into.last_mut() {
            into.extend(equal.iter().map(|pair| pair.1));
        }
        before += equal.len();
    }
    into
}
