//! A visitor's row, folded in: the model stays as it is, and one row is fitted to a few ratings.
//!
//! The trained rows of all tables of users, side by side, are taken for draws from a Gaussian of mean `mu` and covariance
//! `Sigma = 0.9 cov + 0.1 diag(cov)`, and the model's mean squared error `sigma^2` for the noise of a rating. The row
//! minimises `|r - f(x)|^2 / sigma^2 + (x - mu)ᵀ Sigma^-1 (x - mu)`. The slopes of any model's scores along the row are had from
//! one pass forwards and one backwards with the row repeated once for each rating; where scores are products with a row that is
//! affine in `x`, they are known beforehand.

mod affine;
mod cholesky;
mod fit;
mod prior;
mod visitor;

pub(crate) use affine::{Affine, Lines};
pub(crate) use cholesky::Cholesky;
pub(crate) use fit::{Fitted, Known, fit};
pub(crate) use prior::{Folding, UserTable};
pub(crate) use visitor::{Asked, Own, Visitor, of_users};
