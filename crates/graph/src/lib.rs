//! Models as symbolic graphs.
//!
//! An architecture is written with symbolic values ([`Column`], [`Sym`]), much like the notebook it comes from.
//! [`Graph::new`] collects the nodes that the output depends on, sorts them, infers all widths and rejects invalid
//! graphs. The result is plain data that prints a summary, draws a diagram, counts parameters, is saved with the
//! weights, and is run by `recburn-nn`. This crate does not depend on tensors.
//!
//! Every value is `[batch, width]`, so there is no `Flatten`; the steps of a sequence are `[batch, length, width]` until one
//! of them is taken for the query ([`Sym::at_query`]).
//!
//! ```
//! use recburn_graph::{add, dot, Graph, Sym};
//!
//! let user = Sym::user(943);
//! let item = Sym::item(1_682);
//! let affinity = dot("affinity", &user.embed("user_factors", 40), &item.embed("item_factors", 40));
//! let score = add("score", [&affinity, &user.embed("user_bias", 1), &item.embed("item_bias", 1)]);
//! let graph = Graph::new("biased_mf", &score)?;
//! assert_eq!(graph.parameters().total(), 107_625);
//! # Ok::<(), recburn_graph::GraphError>(())
//! ```

mod check;
mod draw;
mod error;
mod graph;
mod node;
mod op;
mod summary;
mod sym;
mod table;

pub use error::GraphError;
pub use graph::Graph;
pub use node::{Dependence, Node, Parameters, Shape};
pub use op::{Activation, Initializer, Kernel, Op, Pool};
pub use recburn_schema::{Input, Kind, Side};
pub use sym::{Bag, Column, Sequence, Sym, add, concat, dot, multiply, pairwise, sample};
pub use table::{L2On, Table, TableOptions};
