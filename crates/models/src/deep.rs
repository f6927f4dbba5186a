//! The deep part of models over columns: dense layers, each with relu.

use recburn_graph::{Activation, Kernel, Sym};

/// A stack of dense layers.
pub(crate) struct Deep<'a> {
    /// Widths of the layers.
    pub hidden: &'a [usize],
    /// Dropout after each layer; 0 for none.
    pub dropout: f64,
    /// Whether each layer is normalised over the batch, before its relu.
    pub batch_norm: bool,
    /// Start of the kernels, and the penalty on them.
    pub kernel: Kernel,
}

impl Deep<'_> {
    /// The stack over `input`: `[batch, width]` to `[batch, last width]`. Without layers it is the input itself.
    pub(crate) fn over(&self, input: Sym) -> Sym {
        (1..).zip(self.hidden).fold(input, |value, (at, &units)| {
            let name = format!("hidden_{at}");
            let value = if self.batch_norm {
                value
                    .dense_with(&name, units, Activation::Linear, self.kernel)
                    .batch_norm(&format!("norm_{at}"))
                    .activation(&format!("relu_{at}"), Activation::Relu)
            } else {
                value.dense_with(&name, units, Activation::Relu, self.kernel)
            };
            if self.dropout == 0.0 {
                return value;
            }
            value.dropout(&format!("dropout_{at}"), self.dropout)
        })
    }
}
