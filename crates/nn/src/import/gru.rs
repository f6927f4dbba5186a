//! The parameters of a gated recurrent unit in other programs.

use super::{Found, Layout, Parameter};
use recburn_graph::{Graph, Node, Op};

/// The part of a path that Keras adds for the cell of a recurrent layer.
pub(super) const CELL: &str = "/gru_cell";

/// A layer's path without that of its cell.
pub(super) fn without_cell(layer: &str) -> &str {
    layer.strip_suffix(CELL).unwrap_or(layer)
}

/// Both kernels, and both biases as one matrix: see [`adopt`].
pub(super) fn parameters(layout: Layout, graph: &Graph, node: &Node) -> Vec<Parameter> {
    let kernels = graph.kernels(node).into_iter();
    let parameter = |(ours, shape): (&'static str, [usize; 2])| {
        let (keras, pytorch) = match ours {
            "weight" => ("kernel", "weight_ih_l0"),
            "recurrent" => ("recurrent_kernel", "weight_hh_l0"),
            other => (other, other),
        };
        Parameter {
            turned: layout == Layout::PyTorch && ours != "bias",
            ..layout.parameter(ours, keras, pytorch, shape.into())
        }
    };
    kernels.map(parameter).collect()
}

/// Brings the tensors of PyTorch's recurrent layers into the order of the graph: the update gate comes before the reset
/// gate, and both biases are rows of one matrix. Tensors of other shapes are left as they are, to be reported.
pub(super) fn adopt(layout: Layout, graph: &Graph, found: &mut Found) {
    if layout != Layout::PyTorch {
        return;
    }
    for node in graph.nodes() {
        let Op::Gru { units, .. } = node.op else {
            continue;
        };
        let place = |part: &str| (node.name.clone(), part.to_string());
        let parts = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map(place);
        for part in &parts {
            if let Some((_, weight)) = found.get_mut(part)
                && weight.shape.first() == Some(&(3 * units))
                && weight.values.len() == weight.shape.iter().product::<usize>()
            {
                let gate = weight.values.len() / 3;
                let (reset, others) = weight.values.split_at_mut(gate);
                reset.swap_with_slice(&mut others[..gate]);
            }
        }
        let [_, _, of_input, of_state] = parts;
        let fits = |part| {
            let weight = found.get(part).map(|(_, weight)| &weight.shape[..]);
            weight == Some(&[3 * units])
        };
        if !fits(&of_input) || !fits(&of_state) {
            continue;
        }
        if let (Some((name, mut bias)), Some((_, other))) =
            (found.remove(&of_input), found.remove(&of_state))
        {
            bias.values.extend(other.values);
            bias.shape.insert(0, 2);
            found.insert(place("bias"), (name, bias));
        }
    }
}
