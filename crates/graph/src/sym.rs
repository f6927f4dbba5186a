//! Symbolic values: what an architecture is written with. Building one never fails; [`crate::Graph::new`] checks.

use crate::op::{Activation, Kernel, Op, Table};
use std::rc::Rc;

#[derive(Debug)]
pub(crate) struct Symbol {
    pub name: String,
    pub op: Op,
    pub inputs: Vec<Rc<Symbol>>,
}

/// A value of shape `[batch, width]` that a graph will compute.
#[derive(Clone, Debug)]
pub struct Sym(pub(crate) Rc<Symbol>);

/// A column of ids, one a row of the batch. It can only be embedded.
#[derive(Clone, Debug)]
pub struct Column(Rc<Symbol>);

fn symbol(name: &str, op: Op, inputs: Vec<Rc<Symbol>>) -> Rc<Symbol> {
    Rc::new(Symbol {
        name: name.to_string(),
        op,
        inputs,
    })
}

fn merge<'a>(name: &str, op: Op, inputs: impl IntoIterator<Item = &'a Sym>) -> Sym {
    Sym(symbol(
        name,
        op,
        inputs.into_iter().map(|input| input.0.clone()).collect(),
    ))
}

impl Column {
    /// Looks each id up in a table of its own with Keras's defaults: `[batch, width]`.
    pub fn embed(&self, name: &str, width: usize) -> Sym {
        self.embed_with(name, width, Table::default())
    }

    /// As [`Column::embed`], saying how the table starts, what penalty it carries and whether it stays non-negative.
    pub fn embed_with(&self, name: &str, width: usize, table: Table) -> Sym {
        Sym(symbol(
            name,
            Op::Embedding { width, table },
            vec![self.0.clone()],
        ))
    }
}

impl Sym {
    /// The users of a batch, numbered below `rows`.
    pub fn user(rows: usize) -> Column {
        Column(symbol("user", Op::User { rows }, vec![]))
    }

    /// The items of a batch, numbered below `rows`.
    pub fn item(rows: usize) -> Column {
        Column(symbol("item", Op::Item { rows }, vec![]))
    }

    fn then(&self, name: &str, op: Op) -> Sym {
        merge(name, op, [self])
    }

    /// `activation(x W + b)`, kernel Glorot uniform, bias 0: `[batch, units]`.
    pub fn dense(&self, name: &str, units: usize, activation: Activation) -> Sym {
        self.dense_with(name, units, activation, Kernel::default())
    }

    /// As [`Sym::dense`], saying how the kernel starts and what penalty it carries.
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

    /// `min + (max - min) x`, same width.
    pub fn rescale(&self, name: &str, min: f32, max: f32) -> Sym {
        self.then(name, Op::Rescale { min, max })
    }
}

/// Row by row dot product: `[batch, k]` twice to `[batch, 1]`.
pub fn dot(name: &str, left: &Sym, right: &Sym) -> Sym {
    merge(name, Op::Dot, [left, right])
}

/// Sum of values of one width.
pub fn add<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Add, values)
}

/// Elementwise product of values of one width.
pub fn multiply<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Multiply, values)
}

/// Values side by side: the widths add up.
pub fn concat<'a>(name: &str, values: impl IntoIterator<Item = &'a Sym>) -> Sym {
    merge(name, Op::Concat, values)
}
