//! Recurrent layers, and attention by a layer over two steps.

use super::Lowering;
use crate::program::{Gates, Looks};
use crate::steps::{AdditiveAttention, Gru};
use recburn_graph::Node;

impl Lowering<'_> {
    pub(super) fn gates(&mut self, node: &Node, inputs: usize, units: usize) -> Gates {
        let columns = 3 * units;
        let parts = [
            ("weight", [inputs, columns]),
            ("recurrent", [units, columns]),
            ("bias", [2, columns]),
        ];
        let [weight, recurrent, bias] = self.kernels(node, parts);
        self.recurrent += 1;
        Gates {
            kernels: [weight, recurrent],
            bias,
            gru: Gru { inputs, units },
            kept: self.recurrent - 1,
        }
    }

    pub(super) fn looks(&mut self, node: &Node) -> Looks {
        let width = node.width();
        let parts = [
            ("query", [width, width]),
            ("key", [width, width]),
            ("scale", [width, 1]),
        ];
        let [query, key, scale] = self.kernels(node, parts);
        self.attentions += 1;
        Looks {
            kernels: [query, key],
            scale,
            attention: AdditiveAttention { width },
            kept: self.attentions - 1,
        }
    }
}
