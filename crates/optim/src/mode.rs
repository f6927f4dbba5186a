//! Which rows a step updates.

/// Which rows a step updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Every row follows the dense optimizer: a row outside the batch catches up with the steps that it missed when it
    /// is next read.
    #[default]
    Exact,
    /// Only the rows of the batch are updated, penalty included (as in LIBMF and PyTorch's SparseAdam). Faster, but a
    /// different algorithm: momentum and penalty do not act on rows outside the batch.
    Touched,
}
