//! Symbolic values, from which architectures are built. Building one never fails; [`crate::Graph::new`] checks.

mod steps;

use crate::op::{Activation, Initializer, Kernel, Op, Pool};
use crate::table::{Table, TableOptions};
use recburn_schema::{Input, Kind};
use std::rc::Rc;

#[derive(Debug)]
pub(crate) struct Symbol {
    pub name: String,
    pub op: Op,
    /// The table that it looks up in.
    pub table: Option<Table>,
    pub inputs: Vec<Rc<Symbol>>,
}

/// A value that a graph will compute: of shape `[batch, width]`, or `[batch, length, width]` for the steps of a sequence.
#[derive(Clone, Debug)]
pub struct Sym(pub(crate) Rc<Symbol>);

/// A column of ids, one per example, which can only be looked up.
#[derive(Clone, Debug)]
pub struct Column {
    symbol: Rc<Symbol>,
    rows: usize,
}

/// A column of bags of ids, which can only be pooled.
#[derive(Clone, Debug)]
pub struct Bag {
    symbol: Rc<Symbol>,
    rows: usize,
}

/// A sequence of ids. It can be looked up step by step.
#[derive(Clone, Debug)]
pub struct Sequence {
    symbol: Rc<Symbol>,
    rows: usize,
}

fn symbol(name: &str, op: Op, inputs: Vec<Rc<Symbol>>) -> Rc<Symbol> {
    Rc::new(Symbol {
        name: name.to_string(),
        op,
        table: None,
        inputs,
    })
}

fn input(input: &Input) -> Rc<Symbol> {
    let op = Op::Input {
        side: input.side,
        kind: input.kind.clone(),
    };
    symbol(&input.name, op, vec![])
}

fn reads(name: &str, op: Op, table: &Table, ids: &Rc<Symbol>) -> Sym {
    Sym(Rc::new(Symbol {
        name: name.to_string(),
        op,
        table: Some(table.clone()),
        inputs: vec![ids.clone()],
    }))
}

fn merge<'a>(name: &str, op: Op, inputs: impl IntoIterator<Item = &'a Sym>) -> Sym {
    Sym(symbol(
        name,
        op,
        inputs.into_iter().map(|input| input.0.clone()).collect(),
    ))
}

impl Column {
    /// Looks each id up in a new table with Keras's defaults: `[batch, width]`.
    pub fn embed(&self, name: &str, width: usize) -> Sym {
        self.embed_with(name, width, TableOptions::default())
    }

    /// As [`Column::embed`], with an initialiser, penalty and constraint of the table.
    pub fn embed_with(&self, name: &str, width: usize, options: TableOptions) -> Sym {
        self.look_up(name, &Table::with(name, self.rows, width, options))
    }

    /// Looks each id up in a table that may be shared with other look-ups: `[batch, width]`.
    pub fn look_up(&self, name: &str, table: &Table) -> Sym {
        let op = Op::Embedding {
            table: table.name.clone(),
        };
        reads(name, op, table, &self.symbol)
    }
}

impl Bag {
    /// Looks the ids of each bag up in a new table with Keras's defaults, and pools them into one row: `[batch,
    /// width]`.
    pub fn embed(&self, name: &str, width: usize, how: Pool) -> Sym {
        self.pool(name, &Table::new(name, self.rows, width), how)
    }

    /// Looks the ids of each bag up in a table that may be shared with other look-ups, and pools them into one row:
    /// `[batch, width]`.
    pub fn pool(&self, name: &str, table: &Table, how: Pool) -> Sym {
        let op = Op::Pool {
            table: table.name.clone(),
            how,
        };
        reads(name, op, table, &self.symbol)
    }
}

impl Sequence {
    /// Looks each step up in a table of its own with Keras's defaults: `[batch, length, width]`.
    pub fn embed(&self, name: &str, width: usize) -> Sym {
        self.look_up(name, &Table::new(name, self.rows, width))
    }

    /// Looks each step up in a table that others may look up in, too: `[batch, length, width]`.
    pub fn look_up(&self, name: &str, table: &Table) -> Sym {
        let op = Op::Embedding {
            table: table.name.clone(),
        };
        reads(name, op, table, &self.symbol)
    }
}

/// Rows of the tables that an input indexes; 0 for numbers, which index no table: the check refuses them.
fn rows(kind: &Kind) -> usize {
    kind.rows().unwrap_or(0)
}

impl Sym {
    /// The users of a batch, numbered below `rows`.
    pub fn user(rows: usize) -> Column {
        Self::column(&Input::users(rows))
    }

    /// The items of a batch, numbered below `rows`.
    pub fn item(rows: usize) -> Column {
        Self::column(&Input::items(rows))
    }

    /// An input of ids.
    pub fn column(of: &Input) -> Column {
        let (symbol, rows) = (input(of), rows(&of.kind));
        Column { symbol, rows }
    }

    /// An input of bags of ids.
    pub fn bag(of: &Input) -> Bag {
        let (symbol, rows) = (input(of), rows(&of.kind));
        Bag { symbol, rows }
    }

    /// An input of sequences of ids.
    pub fn sequence(of: &Input) -> Sequence {
        let (symbol, rows) = (input(of), rows(&of.kind));
        Sequence { symbol, rows }
    }

    /// An input of numbers: `[batch, width]`.
    pub fn numbers(of: &Input) -> Sym {
        Sym(input(of))
    }

    fn then(&self, name: &str, op: Op) -> Sym {
        merge(name, op, [self])
    }

    /// `activation(x W + b)`, kernel Glorot uniform, bias 0: `[batch, units]`.
    pub fn dense(&self, name: &str, units: usize, activation: Activation) -> Sym {
        self.dense_with(name, units, activation, Kernel::default())
    }

    /// As [`Sym::dense`], with an initialiser and penalty of the kernel.
    pub fn dense_with(
        &self,
        name: &str,
        units: usize,
        activation: Activation,
        Kernel { initializer, l2 }: Kernel,
    ) -> Sym {
        self.then(
            name,
            Op::Dense {
                units,
                activation,
                initializer,
                l2,
            },
        )
    }

    /// Adds one learnt number to each column, all of which start at 0; same width.
    pub fn bias(&self, name: &str) -> Sym {
        self.then(name, Op::Bias)
    }

    /// An elementwise function, same width.
    pub fn activation(&self, name: &str, function: Activation) -> Sym {
        self.then(name, Op::Activation { function })
    }

    /// Drops numbers with probability `rate` in training, same width.
    pub fn dropout(&self, name: &str, rate: f64) -> Sym {
        self.then(name, Op::Dropout { rate })
    }

    /// Batch normalisation with Keras's defaults (momentum 0.99, epsilon 0.001), same width.
    pub fn batch_norm(&self, name: &str) -> Sym {
        self.then(
            name,
            Op::BatchNorm {
                momentum: 0.99,
                epsilon: 1e-3,
            },
        )
    }

    /// Adds a learnt row to each step of a sequence, by its distance from the last step; they start as `initializer` says.
    pub fn positions(&self, name: &str, initializer: Initializer) -> Sym {
        self.then(name, Op::Positions { initializer })
    }

    /// Layer normalisation of each row or step with Keras's default (epsilon 0.001), same shape.
    pub fn layer_norm(&self, name: &str) -> Sym {
        self.then(name, Op::LayerNorm { epsilon: 1e-3 })
    }

    /// Self-attention with so many heads, in which each step of a sequence sees itself and those before it; same shape. The
    /// kernels of queries, keys and values start Glorot uniform; there are no biases, and no product behind it.
    pub fn attention(&self, name: &str, heads: usize) -> Sym {
        self.then(
            name,
            Op::Attention {
                heads,
                initializer: Initializer::GlorotUniform,
            },
        )
    }

    /// The step of a sequence that a query comes after: in training on what comes next each of them, otherwise the last,
    /// and zeros where there is none. `[batch, length, width]` to `[batch, width]`.
    pub fn at_query(&self, name: &str) -> Sym {
        self.then(name, Op::AtQuery)
    }

    /// The sum of each row: `[batch, 1]`.
    pub fn sum(&self, name: &str) -> Sym {
        self.then(name, Op::Sum)
    }

    /// `min + (max - min) x`, same width.
    pub fn rescale(&self, name: &str, min: f32, max: f32) -> Sym {
        self.then(name, Op::Rescale { min, max })
    }
}

/// Dot product by row: two `[batch, k]` to `[batch, 1]`.
pub fn dot(name: &str, left: &Sym, right: &Sym) -> Sym {
    merge(name, Op::Dot, [left, right])
}

/// The sum of the products of all pairs of values of equal width: `((sum v)^2 - sum v^2) / 2` in each column, the
/// second-order part of a factorisation machine (Rendle 2010). [`Sym::sum`] turns it into a score.
pub fn pairwise<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Pairwise, values)
}

/// Sum of values of equal width.
pub fn add<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Add, values)
}

/// Elementwise product of values of equal width.
pub fn multiply<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Multiply, values)
}

/// A draw from independent Gaussians with these means and logarithms of variances in training, otherwise the means; adds
/// `kl` times the divergence from the standard Gaussian to the loss, a weight that rises from 0 over `warm_up` steps (Kingma
/// and Welling 2014). Same width.
pub fn sample(name: &str, mean: &Sym, log_variance: &Sym, kl: f64, warm_up: u64) -> Sym {
    merge(name, Op::Sampling { kl, warm_up }, [mean, log_variance])
}

/// Concatenation of values: the widths add up.
pub fn concat<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Concat, values)
}
