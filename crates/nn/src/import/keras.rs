//! The way back: weights under the paths that Keras gives them.

use super::Layout;
use crate::weights::{Weights, WeightsError};
use recburn_graph::{Graph, Op};

impl Weights {
    /// These weights under the paths of a Keras 3 model whose layers have the names of the graph's nodes, in Keras's shapes: the
    /// inverse of [`Weights::import`] with [`Layout::Keras`].
    ///
    /// In Keras, with the file in `weights`:
    ///
    /// ```python
    /// for variable in model.weights:
    ///     variable.assign(weights[variable.path])
    /// ```
    ///
    /// # Errors
    ///
    /// [`WeightsError::Missing`] or [`WeightsError::Shape`], if these are not the weights of the graph.
    pub fn to_keras(&self, graph: &Graph) -> Result<Self, WeightsError> {
        let recurrent = |name: &str| {
            let mut nodes = graph.nodes().iter();
            nodes.any(|node| node.name == name && matches!(node.op, Op::Gru { .. }))
        };
        let mut named = Self::default();
        for (of, parameter) in Layout::Keras.all_parameters(graph) {
            let ours = format!("{of}.{}", parameter.ours);
            self.fits(&ours, &parameter.shape)?;
            let cell = if recurrent(of) { super::gru::CELL } else { "" };
            let path = format!("{of}{cell}/{}", parameter.theirs);
            named.0.insert(path, self.0[&ours].clone());
        }
        Ok(named)
    }
}
