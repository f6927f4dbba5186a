//! Which rows a step moves.

/// Which rows a step moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Every row ends where the dense optimizer would have it: a resting row catches up with the steps that it missed when
    /// it is next read.
    #[default]
    Exact,
    /// Only the rows of the batch move, penalty included (LIBMF's and PyTorch SparseAdam's way). Faster, and another
    /// algorithm: momentum does not coast and the penalty does not pull on rows at rest.
    Touched,
}
