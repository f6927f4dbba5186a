//! Checks that there is enough memory for a model, before it is allocated.

use crate::host;
use crate::walk::Shapes;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
use burn::backend::DispatchDevice;
use burn::module::Module;
use burn::tensor::Device;
use recburn_graph::Graph;
use std::fmt;
use thiserror::Error;

/// A number of bytes, printed both rounded and exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ ..1_000_000 => write!(f, "{bytes} bytes"),
            bytes @ ..1_000_000_000 => write!(f, "{:.1} MB ({bytes} bytes)", bytes as f64 / 1e6),
            bytes => write!(f, "{:.1} GB ({bytes} bytes)", bytes as f64 / 1e9),
        }
    }
}

/// There is too little memory.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// A tensor is larger than the device supports.
    #[error(
        "`{name}` takes {needed}; a tensor can have {most} at most on {place}: fewer rows or a smaller width would do, or a processor (`flex`)"
    )]
    Tensor {
        /// The parameter.
        name: String,
        /// The memory needed.
        needed: Bytes,
        /// The limit.
        most: Bytes,
        /// The device.
        place: String,
    },
    /// The scores of a batch are more than the device's largest tensor holds.
    #[error(
        "the scores of a batch, {queries} queries x {candidates} candidates, take {needed}; a tensor can have {most} at most on {place}: a smaller batch or fewer negatives would do, or a processor (`flex`)"
    )]
    Scores {
        /// The rows of the scores.
        queries: usize,
        /// The columns of the scores.
        candidates: usize,
        /// The memory needed.
        needed: Bytes,
        /// The limit.
        most: Bytes,
        /// The device.
        place: String,
    },
    /// More memory is needed than available.
    #[error(
        "{what} takes at least {needed}; {place} has {free} for it: fewer rows, a smaller width or a smaller batch would do"
    )]
    All {
        /// What needs the memory.
        what: &'static str,
        /// The memory needed.
        needed: Bytes,
        /// The memory available.
        free: Bytes,
        /// The device.
        place: String,
    },
}

/// The memory of a device in bytes; `None` if the device does not report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// `this machine`, or the name of a device.
    pub place: String,
    /// The largest possible tensor.
    pub tensor: Option<u64>,
    /// The free memory or, if that is unknown, the total.
    pub all: Option<u64>,
    /// Whether `all` is free memory, which excludes the model's weights.
    pub free: bool,
}

impl Memory {
    /// The memory of the host: on Linux the available memory as reported by the kernel, within the limits of control
    /// groups and of the process (`ulimit -v`, `ulimit -d`).
    pub fn host() -> Self {
        Self {
            place: "this machine".to_string(),
            tensor: None,
            all: host::free(),
            free: true,
        }
    }

    /// The memory of `device`, which is opened for it.
    pub fn of(device: &Device) -> Self {
        match device.clone().inner().as_dispatch() {
            #[cfg(any(feature = "wgpu", feature = "cuda"))]
            DispatchDevice::Cube(device) => {
                let client = device.client();
                let properties = client.properties();
                let tensor = Some(properties.memory.max_page_size);
                let place = properties.identity.name.clone();
                // A software GPU uses the memory of the host.
                match properties.identity.physical {
                    None => Self {
                        tensor,
                        place: format!("{place}, on this machine"),
                        ..Self::host()
                    },
                    Some(_) => Self {
                        place,
                        tensor,
                        all: properties.memory.max_memory(),
                        free: false,
                    },
                }
            }
            _ => Self::host(),
        }
    }

    /// Refuses a demand that is known to exceed the memory.
    pub fn take(&self, what: &'static str, needed: u64) -> Result<(), MemoryError> {
        match self.all {
            Some(free) if needed > free => Err(MemoryError::All {
                what,
                needed: Bytes(needed),
                free: Bytes(free),
                place: self.place.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Refuses a tensor that is known to be too large.
    fn take_tensor(&self, name: &str, needed: u64) -> Result<(), MemoryError> {
        match self.tensor {
            Some(most) if needed > most => Err(MemoryError::Tensor {
                name: name.to_string(),
                needed: Bytes(needed),
                most: Bytes(most),
                place: self.place.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Checks that the scores of a batch fit into a tensor here.
    pub fn check_scores(&self, queries: usize, candidates: usize) -> Result<(), MemoryError> {
        let needed = bytes([queries, candidates]);
        match self.tensor {
            Some(most) if needed > most => Err(MemoryError::Scores {
                queries,
                candidates,
                needed: Bytes(needed),
                most: Bytes(most),
                place: self.place.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Checks that every parameter of a module fits into a tensor here.
    pub fn check_tensors<M: Module>(&self, module: &M) -> Result<(), MemoryError> {
        let mut shapes = Shapes::default();
        module.visit(&mut shapes);
        for (name, shape) in &shapes.shapes {
            self.take_tensor(name, bytes(shape.iter().copied()))?;
        }
        Ok(())
    }

    /// Checks that there is room for the weights of a graph, which are drawn on the host first.
    pub(crate) fn check_graph(&self, graph: &Graph) -> Result<(), MemoryError> {
        let (mut all, mut largest) = (0u64, 0);
        let mut weight = |name: &str, shape: [usize; 2]| {
            let needed = bytes(shape);
            largest = largest.max(needed);
            self.take_tensor(name, needed)
        };
        for table in graph.tables() {
            let name = format!("{}.weight", table.name);
            weight(&name, [table.rows, table.width])?;
        }
        for node in graph.nodes() {
            for (part, shape) in graph.kernels(node) {
                weight(&format!("{}.{part}", node.name), shape)?;
            }
            all = all.saturating_add(bytes([node.parameters.total()]));
        }
        self.take("the model", all)?;
        Self::host().take("drawing the model's largest weight", largest)
    }
}

/// The size in bytes of a tensor of 32-bit numbers with this shape.
pub fn bytes(shape: impl IntoIterator<Item = usize>) -> u64 {
    let sizes = shape.into_iter();
    sizes.fold(4, |bytes, size| bytes.saturating_mul(size as u64))
}
