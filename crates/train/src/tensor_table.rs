//! Tables where the host does not compute: tensors, moved by tensor operations.

use crate::cells::Cells;
use burn::tensor::{IndexingUpdateOp, Int, Tensor};
use recburn_optim::{Lane, Mode, Penalty, Update, UpdateVisitor};

/// Weights and state of a table as tensors.
pub(crate) struct TensorTable {
    pub penalty: Penalty,
    pub weights: Tensor<2>,
    pub state: Vec<Tensor<2>>,
}

/// Moves the rows of a batch, or, in exact mode, all rows.
pub(crate) struct StepTensor<'a> {
    pub table: &'a mut TensorTable,
    pub rows: Tensor<1, Int>,
    pub gradient: Tensor<2>,
    pub mode: Mode,
}

impl UpdateVisitor for StepTensor<'_> {
    type Output = ();
    fn visit<const N: usize, U: Update<N>>(self, update: U) {
        let Self {
            table,
            rows,
            gradient,
            mode,
        } = self;
        let penalty = table.penalty;
        let advance = |weights: Tensor<2>, state: [Tensor<2>; N], gradient: Tensor<2>| {
            let mut pull = Cells(gradient);
            if penalty.l2 > 0.0 {
                pull = pull.plus(Cells(weights.clone()).scale(penalty.decay()));
            }
            let (weights, state) = update.step(Cells(weights), state.map(Cells), pull);
            let weights = if penalty.non_negative {
                weights.positive()
            } else {
                weights
            };
            (weights.0, state.map(|state| state.0))
        };
        let state: [Tensor<2>; N] = std::array::from_fn(|at| table.state[at].clone());
        // The rows are distinct, so this writes in parallel without a race.
        let put = |whole: Tensor<2>, part: Tensor<2>| {
            let rows: Tensor<2, Int> = rows.clone().unsqueeze_dim(1);
            whole.scatter_nd::<2, 2>(rows, part, IndexingUpdateOp::Assign)
        };
        let (weights, state) = match mode {
            Mode::Exact => {
                let whole = put(table.weights.zeros_like(), gradient);
                advance(table.weights.clone(), state, whole)
            }
            Mode::Touched => {
                let take = |whole: &Tensor<2>| whole.clone().select(0, rows.clone());
                let (weights, moved) =
                    advance(take(&table.weights), state.each_ref().map(take), gradient);
                let mut moved = moved.into_iter();
                let state = state.map(|whole| match moved.next() {
                    Some(part) => put(whole, part),
                    None => whole,
                });
                (put(table.weights.clone(), weights), state)
            }
        };
        table.weights = weights;
        table.state = state.to_vec();
    }
}
