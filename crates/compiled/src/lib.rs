//! Training steps compiled from a graph.
//!
//! A [`Graph`](recburn_graph::Graph) is plain data, known before the first batch, and so is its backward pass:
//! [`Compiled`] lowers the graph to a list of operations over buffers, decides which gradients are set and which are
//! added, and then runs the list forward and backward without allocating. Dense layers are matrix products written
//! directly to their buffers; bias and activation take one pass, and so do their gradients; embeddings that a model
//! concatenates are read from their tables directly into place; values that depend only on the user are computed once
//! per distinct user of a batch. The steps of sequences are the rows of one matrix without padding; attention runs
//! sequence by sequence.
//!
//! The results equal those of the same graph on Burn's autodiff, dropout masks included, to single precision.
//!
//! ```
//! use recburn_compiled::{Compiled, Pass};
//! use recburn_graph::{Activation, Graph, Sym, concat};
//! use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};
//! use recburn_schema::{Batch, Column};
//!
//! let (user, item) = (Sym::user(3), Sym::item(2));
//! let pair = concat("pair", [&user.embed("p", 2), &item.embed("q", 2)]);
//! let graph = Graph::new("model", &pair.dense("score", 1, Activation::Linear))?;
//!
//! let mut compiled = Compiled::new(&graph);
//! assert_eq!(compiled.tables(), ["p", "q"]);
//! compiled.parameters_mut().set("score.weight", &[1.0, 1.0, -1.0, 0.0]);
//!
//! let steps = Steps::after(0, Rule::sgd(0.0), Mode::Exact);
//! let users = RowTable::new(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 2, Penalty::default(), &steps);
//! let items = RowTable::new(&[0.5, 0.0, 1.5, 0.0], 2, Penalty::default(), &steps);
//! let column = |rows: &[u32]| Column { rows: rows.to_vec(), inverse: (0..rows.len() as u32).collect() };
//! let batch = Batch::of_ratings(column(&[2, 0]), column(&[0, 1]), vec![4.0, 1.0]);
//! let scores = compiled.forward(&batch, &[&users, &items], Pass::Training { seed: 1 });
//! assert_eq!(scores, [8.5, -0.5]);
//!
//! compiled.backward(&batch, &[1.0, 0.0]);
//! assert_eq!(compiled.rows(&batch, 1), [0, 1]);
//! assert_eq!(*compiled.row_gradients(&batch, 1), [-1.0, 0.0, 0.0, 0.0]);
//! assert_eq!(compiled.parameters().gradient("score.weight"), Some(vec![4.0, 5.0, 0.5, 0.0]));
//! # Ok::<(), recburn_graph::GraphError>(())
//! ```

mod backward;
mod buffers;
mod compiled;
mod dropout;
mod elementwise;
mod forward;
mod gaussian;
mod halves;
mod kernels;
mod layout;
mod lower;
mod parameters;
mod product;
mod program;
mod queries;
mod steps;
mod thinned;
mod widest;

pub use compiled::{Compiled, Pass, Sums};
pub use dropout::{Keys, Rate};
pub use elementwise::{bend, unbend};
pub use gaussian::{divergence_weight, noise};
pub use halves::{Halves, Head, HeadStep, Operand, Term};
pub use parameters::{Parameter, Parameters};
pub use product::Matrix;
pub use program::{Ids, Read};
pub use queries::Rows;
