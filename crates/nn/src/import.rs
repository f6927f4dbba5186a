//! Import of weights from Keras and PyTorch, by name.

mod gru;
mod keras;

use crate::weights::{Weight, Weights, WeightsError};
use recburn_graph::{Graph, Node, Op};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::fmt;
use std::path::Path;

/// The origin of a file, which determines the names and the orientation of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `user_factors/embeddings`, `dense_1/kernel` and `/bias`, `batch_norm_1/gamma`, `/beta`, `/moving_mean` and
    /// `/moving_variance`, `layer_norm_1/gamma` and `/beta`, `positions/embeddings`, `attention_1/query`, `/key` and
    /// `/value`, `[inputs, outputs]` each, `gru_1/gru_cell/kernel`, `/recurrent_kernel` and `/bias` of a `GRU` with
    /// `reset_after=True`: the paths of a Keras 3 model's weights.
    Keras,
    /// `user_factors.weight`, `dense_1.weight` and `.bias`, `batch_norm_1.weight`, `.bias`, `.running_mean` and
    /// `.running_var`, `layer_norm_1.weight` and `.bias`, `positions.weight`, `attention_1.query`, `.key` and `.value`: the
    /// keys of a `state_dict`. The weight of a `Linear` is `[outputs, inputs]` and is turned, and so are those of attention.
    /// A `GRU` of one layer has `gru_1.weight_ih_l0`, `.weight_hh_l0`, `.bias_ih_l0` and `.bias_hh_l0`, which are turned, too,
    /// and whose first two gates are exchanged.
    PyTorch,
}

/// The differences between a file and a graph. Names and shapes are those of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misfit {
    /// Parameters that the graph needs and the file lacks, with their shape in the file.
    pub missing: Vec<(String, Vec<usize>)>,
    /// Parameters of the file that the graph does not use, with their shape.
    pub left_over: Vec<(String, Vec<usize>)>,
    /// Parameters with the wrong shape: the shape needed, and the actual one.
    pub misshapen: Vec<(String, Vec<usize>, Vec<usize>)>,
    /// Layers to rename that are not in the file.
    pub unknown: Vec<String>,
}

impl Weights {
    /// Reads weights that Keras or PyTorch saved for a model with this graph, for [`Weights::load_into`].
    ///
    /// ```python
    /// # Keras 3, whatever its backend
    /// safetensors.numpy.save_file({v.path: v.numpy() for v in model.weights}, "model.safetensors")
    /// # PyTorch
    /// safetensors.torch.save_file(model.state_dict(), "model.safetensors")
    /// ```
    ///
    /// A layer of the file corresponds to the node with its name. The part before the last `/` or `.` of the layer's
    /// path is ignored, so `net.user_factors.weight` belongs to the node `user_factors`. Layers with other names are
    /// renamed by pairs of the layer's whole path and the node, as in `("mlp.0", "dense_1")`. A [`Graph`] has no nested
    /// names and no layers without a bias; its batch normalisation uses Keras's epsilon of 0.001, whereas PyTorch's
    /// default is 0.00001. Counters (`num_batches_tracked`) and states of random generators are skipped. Row `n` of a
    /// table belongs to the id with number `n` in the other program.
    ///
    /// # Errors
    ///
    /// As [`Weights::load`]; and [`WeightsError::Misfit`], which lists everything that is missing, left over or of the
    /// wrong shape, since the file must provide every parameter of the graph.
    pub fn import(
        path: &Path,
        layout: Layout,
        graph: &Graph,
        renames: &[(&str, &str)],
    ) -> Result<Self, WeightsError> {
        let file = Self::load_where(path, |name| !layout.passes_over(name))?;
        let (weights, misfit) = layout.matched(file, graph, renames);
        if misfit == Misfit::default() {
            return Ok(weights);
        }
        Err(WeightsError::Misfit {
            path: path.to_path_buf(),
            graph: graph.name().to_string(),
            misfit: Box::new(misfit),
        })
    }
}

/// The tensors of a file by node and the file's name of the parameter, each with its whole name.
type Found = BTreeMap<(String, String), (String, Weight)>;

/// A parameter of a node, here and in the file.
struct Parameter {
    ours: &'static str,
    theirs: &'static str,
    /// Its shape in the graph.
    shape: Vec<usize>,
    /// Whether it is transposed in the file.
    turned: bool,
}

impl Parameter {
    /// Its shape in the file.
    fn shape_there(&self) -> Vec<usize> {
        let mut shape = self.shape.clone();
        if self.turned {
            shape.reverse();
        }
        shape
    }

    fn taken(&self, weight: Weight) -> Weight {
        let values = match *self.shape {
            [rows, columns] if self.turned => (0..rows * columns)
                .map(|at| weight.values[at % columns * rows + at / columns])
                .collect(),
            _ => weight.values,
        };
        Weight {
            shape: self.shape.clone(),
            values,
        }
    }
}

impl Layout {
    fn separator(self) -> char {
        match self {
            Self::Keras => '/',
            Self::PyTorch => '.',
        }
    }

    /// Whether this is bookkeeping that does not affect predictions.
    fn passes_over(self, name: &str) -> bool {
        let last = name.rsplit(self.separator()).next();
        last == Some(match self {
            Self::Keras => "seed_generator_state",
            Self::PyTorch => "num_batches_tracked",
        })
    }

    /// A parameter by its names in recburn, Keras and PyTorch.
    fn parameter(
        self,
        ours: &'static str,
        keras: &'static str,
        pytorch: &'static str,
        shape: Vec<usize>,
    ) -> Parameter {
        Parameter {
            ours,
            theirs: match self {
                Self::Keras => keras,
                Self::PyTorch => pytorch,
            },
            shape,
            turned: false,
        }
    }

    /// All parameters of a graph, each with the name of its table or node.
    fn all_parameters(self, graph: &Graph) -> Vec<(&str, Parameter)> {
        let tables = graph.tables().iter().map(|table| {
            let shape = vec![table.rows, table.width];
            let parameter = self.parameter("weight", "embeddings", "weight", shape);
            (table.name.as_str(), parameter)
        });
        let nodes = graph.nodes().iter().flat_map(|node| {
            let parameters = self.parameters(graph, node).into_iter();
            parameters.map(|parameter| (node.name.as_str(), parameter))
        });
        tables.chain(nodes).collect()
    }

    fn parameters(self, graph: &Graph, node: &Node) -> Vec<Parameter> {
        let parameter = |ours, keras, pytorch, shape| self.parameter(ours, keras, pytorch, shape);
        let width = node.width();
        match node.op {
            Op::Dense { .. } => {
                let inputs = graph.nodes()[node.sources[0]].width();
                let shape = vec![inputs, width];
                let kernel = Parameter {
                    turned: self == Self::PyTorch,
                    ..parameter("weight", "kernel", "weight", shape)
                };
                vec![kernel, parameter("bias", "bias", "bias", vec![width])]
            }
            Op::Bias => vec![parameter("bias", "bias", "bias", vec![width])],
            Op::BatchNorm { .. } => [
                ("gamma", "gamma", "weight"),
                ("beta", "beta", "bias"),
                ("running_mean", "moving_mean", "running_mean"),
                ("running_var", "moving_variance", "running_var"),
            ]
            .map(|(ours, keras, pytorch)| parameter(ours, keras, pytorch, vec![width]))
            .into(),
            Op::LayerNorm { .. } => [("gamma", "gamma", "weight"), ("beta", "beta", "bias")]
                .map(|(ours, keras, pytorch)| parameter(ours, keras, pytorch, vec![width]))
                .into(),
            Op::Positions { .. } => graph
                .kernels(node)
                .into_iter()
                .map(|(ours, shape)| parameter(ours, "embeddings", "weight", shape.into()))
                .collect(),
            Op::Attention { .. } => graph
                .kernels(node)
                .into_iter()
                .map(|(ours, shape)| Parameter {
                    turned: self == Self::PyTorch,
                    ..parameter(ours, ours, ours, shape.into())
                })
                .collect(),
            Op::AdditiveAttention { .. } => graph
                .kernels(node)
                .into_iter()
                .map(|(ours, shape)| Parameter {
                    turned: self == Self::PyTorch && ours != "scale",
                    ..parameter(ours, ours, ours, shape.into())
                })
                .collect(),
            Op::Gru { .. } => gru::parameters(self, graph, node),
            Op::Input { .. }
            | Op::Embedding { .. }
            | Op::Pool { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::AtQuery
            | Op::Sampling { .. }
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => Vec::new(),
        }
    }

    /// The file's tensors under the graph's names, and the differences.
    fn matched(self, file: Weights, graph: &Graph, renames: &[(&str, &str)]) -> (Weights, Misfit) {
        let (mut weights, mut misfit) = (Weights::default(), Misfit::default());
        // By node and the file's name of the parameter. If two map to the same place, the first one is used.
        let mut found = Found::new();
        let mut layers = BTreeSet::new();
        for (name, weight) in file.0 {
            let (layer, parameter) = name.rsplit_once(self.separator()).unwrap_or(("", &name));
            let node = match renames.iter().find(|(theirs, _)| *theirs == layer) {
                Some((_, ours)) => ours,
                None => {
                    let layer = gru::without_cell(layer);
                    layer.rsplit(self.separator()).next().unwrap_or(layer)
                }
            };
            layers.insert(layer.to_string());
            let place = (node.to_string(), parameter.to_string());
            match found.entry(place) {
                Entry::Occupied(_) => misfit.left_over.push((name, weight.shape)),
                Entry::Vacant(empty) => {
                    empty.insert((name, weight));
                }
            }
        }
        gru::adopt(self, graph, &mut found);
        for (of, parameter) in self.all_parameters(graph) {
            let wanted = parameter.shape_there();
            let place = (of.to_string(), parameter.theirs.to_string());
            match found.remove(&place) {
                None => {
                    let name = format!("{}{}{}", place.0, self.separator(), place.1);
                    misfit.missing.push((name, wanted));
                }
                Some((name, weight)) if weight.shape != wanted => {
                    misfit.misshapen.push((name, wanted, weight.shape));
                }
                Some((_, weight)) => {
                    let name = format!("{of}.{}", parameter.ours);
                    weights.0.insert(name, parameter.taken(weight));
                }
            }
        }
        let unused = found
            .into_values()
            .map(|(name, weight)| (name, weight.shape));
        misfit.left_over.extend(unused);
        let theirs = renames.iter().map(|(theirs, _)| theirs.to_string());
        misfit.unknown = theirs.filter(|layer| !layers.contains(layer)).collect();
        (weights, misfit)
    }
}

/// One line.
impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |what: &str, tensors: &[(String, Vec<usize>)]| {
            let tensors = tensors
                .iter()
                .map(|(name, shape)| format!("`{name}` {shape:?}"));
            let tensors = tensors.collect::<Vec<_>>().join(", ");
            (!tensors.is_empty()).then(|| format!("{what} {tensors}"))
        };
        let misshapen = self.misshapen.iter().map(|(name, wanted, seen)| {
            Some(format!("`{name}` must be {wanted:?}, but is {seen:?}"))
        });
        let unknown = self
            .unknown
            .iter()
            .map(|layer| Some(format!("there is no layer `{layer}` to rename")));
        let faults: Vec<String> = [
            listed("missing are", &self.missing),
            listed("left over are", &self.left_over),
        ]
        .into_iter()
        .chain(misshapen)
        .chain(unknown)
        .flatten()
        .collect();
        f.write_str(&faults.join("; "))
    }
}
