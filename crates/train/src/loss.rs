//! The loss as tensor operations for autodiff.

use burn::tensor::{Gradients, Int, Tensor, TensorData, activation};
use recburn_optim::{Goal, Loss};

fn matrix(numbers: Vec<f32>, shape: [usize; 2], like: &Tensor<2>) -> Tensor<2> {
    let device = like.device().inner();
    Tensor::from_inner(Tensor::from_data(TensorData::new(numbers, shape), &device))
}

/// `log(1 + exp(x))`, without overflow.
fn softplus(x: Tensor<2>) -> Tensor<2> {
    x.clone().clamp_min(0.0) + (x.abs().neg().exp() + 1.0).log()
}

/// The mean loss of a batch, as in [`Loss::slopes`].
///
/// # Shapes
/// - scores: `[queries, candidates]`
/// - output: `[1]`
pub(crate) fn mean_loss(loss: Loss, scores: Tensor<2>, goal: &Goal<'_>) -> Tensor<1> {
    let shape = scores.dims();
    let [queries, candidates] = shape;
    let positive = |query: usize| goal.positives.get(query).map_or(0, |&place| place as usize);
    let skipped: Option<Vec<f32>> = (!goal.left_out.is_empty()).then(|| {
        let mut counts = vec![1.0; queries * candidates];
        for &place in goal.left_out {
            counts[place as usize] = 0.0;
        }
        counts
    });
    // The number of candidates per query that count, without the positive if it is compared with the others.
    let of_each = |without: usize| -> Vec<f32> {
        let counts = |query: usize| match &skipped {
            None => candidates,
            Some(counts) => counts[query * candidates..][..candidates]
                .iter()
                .filter(|&&count| count > 0.0)
                .count(),
        };
        (0..queries)
            .map(|query| 1.0 / counts(query).saturating_sub(without).max(1) as f32)
            .collect()
    };
    let counts = skipped.clone().map(|counts| matrix(counts, shape, &scores));
    let counted = |values: Tensor<2>| match &counts {
        Some(counts) => values * counts.clone(),
        None => values,
    };
    let of_positive = |scores: Tensor<2>| {
        let places: Vec<i32> = (0..queries).map(|query| positive(query) as i32).collect();
        let places = TensorData::new(places, [queries, 1]);
        let places: Tensor<2, Int> = Tensor::from_data(places, &scores.device());
        scores.gather(1, places)
    };
    // One number per query: `[queries, 1]`.
    let of_queries = match loss {
        Loss::Mse | Loss::Mae | Loss::Huber { .. } | Loss::Logistic => {
            let targets = match goal.targets.is_empty() {
                false => goal.targets.to_vec(),
                true => {
                    let mut targets = vec![0.0; queries * candidates];
                    for query in 0..queries {
                        targets[query * candidates + positive(query)] = 1.0;
                    }
                    targets
                }
            };
            let targets = matrix(targets, shape, &scores);
            let losses = match loss {
                Loss::Logistic => softplus(scores.clone()) - targets * scores.clone(),
                _ => of_errors(loss, scores.clone() - targets),
            };
            let each = matrix(of_each(0), [queries, 1], &scores);
            counted(losses).sum_dim(1) * each
        }
        Loss::Bpr | Loss::Hinge => {
            let lead = of_positive(scores.clone()) - scores.clone();
            let losses = match loss {
                Loss::Bpr => softplus(lead.neg()),
                _ => (lead.neg() + 1.0).clamp_min(0.0),
            };
            let each = matrix(of_each(1), [queries, 1], &scores);
            let mut others = skipped
                .clone()
                .unwrap_or_else(|| vec![1.0; queries * candidates]);
            for query in 0..queries {
                others[query * candidates + positive(query)] = 0.0;
            }
            let others = matrix(others, shape, &scores);
            (losses * others).sum_dim(1) * each
        }
        Loss::Softmax => {
            let mut corrected = scores.clone();
            if !goal.log_q.is_empty() {
                let rows = goal.log_q.len() / candidates;
                let log_q = matrix(goal.log_q.to_vec(), [rows, candidates], &scores);
                corrected = corrected - log_q;
            }
            if let Some(counts) = &skipped {
                // Far below any score: its exponential is 0.
                let away = counts.iter().map(|&count| (count - 1.0) * 1e30).collect();
                corrected = corrected + matrix(away, shape, &scores);
            }
            let logs = activation::log_softmax(corrected, 1);
            match goal.targets.is_empty() {
                true => of_positive(logs).neg(),
                false => {
                    let targets = counted(matrix(goal.targets.to_vec(), shape, &scores));
                    (targets * logs).sum_dim(1).neg()
                }
            }
        }
    };
    let total = goal.total_weight();
    let share = if total > 0.0 { 1.0 / total as f32 } else { 0.0 };
    let weights = match goal.weights.is_empty() {
        true => return of_queries.sum() * share,
        false => matrix(goal.weights.to_vec(), [queries, 1], &scores),
    };
    (of_queries * weights).sum() * share
}

/// The loss of each error.
fn of_errors(loss: Loss, error: Tensor<2>) -> Tensor<2> {
    match loss {
        Loss::Mae => error.abs(),
        Loss::Huber { delta } => {
            // With |e| split at delta: the square of the part below it, a line over the part above it.
            let size = error.abs();
            let below = size.clone().clamp_max(delta);
            let above = size - below.clone();
            below.clone() * below * 0.5 + above * delta
        }
        Loss::Mse | Loss::Logistic | Loss::Bpr | Loss::Hinge | Loss::Softmax => {
            error.clone() * error
        }
    }
}

/// The gradients of the mean loss of a batch, the scores on the host, and the sum of the losses. For devices whose scores the host reads
/// without waiting: the derivatives by the scores are a few numbers, computed on the host, and autodiff starts from
/// them.
///
/// # Shapes
/// - scores: `[queries, candidates]`
pub(crate) fn backward_on_host(
    loss: Loss,
    scores: Tensor<2>,
    goal: &Goal<'_>,
    penalty: Option<Tensor<1>>,
) -> (Gradients, Vec<f32>, f64) {
    let numbers: Vec<f32> = scores.clone().inner().into_data().iter::<f32>().collect();
    let mut slopes = vec![0.0; numbers.len()];
    let sum = loss.slopes(goal, &numbers, &mut slopes);
    let slopes = matrix(slopes, scores.dims(), &scores);
    let whole = match penalty {
        Some(penalty) => (scores * slopes).sum() + penalty,
        None => (scores * slopes).sum(),
    };
    (whole.backward(), numbers, sum)
}
