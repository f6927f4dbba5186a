//! Weights by name: reading and writing modules and files.

use crate::import::Misfit;
use crate::walk::{Read, Shapes, Write};
use crate::weights_file::WeightsFile;
use burn::module::{Module, ParamId};
use recburn_graph::Graph;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The numbers of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, row by row.
    pub values: Vec<f32>,
}

/// Named parameters, such as `user_factors.weight`; stored as safetensors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(pub BTreeMap<String, Weight>);

/// Why weights cannot be read, written or loaded.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file cannot be written; the message names it.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The file is not a safetensors file.
    #[error("{path} is not a safetensors file: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// The reader's error.
        reason: String,
    },
    /// A tensor has another number type.
    #[error("{path}: `{name}` holds {seen} numbers; weights are F32")]
    Numbers {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its number type.
        seen: String,
    },
    /// The model has a parameter that the weights lack.
    #[error("the model needs `{name}`, which the weights do not have; they have {seen}")]
    Missing {
        /// The parameter.
        name: String,
        /// The names in the weights.
        seen: String,
    },
    /// The weights have a parameter that the model lacks.
    #[error("the weights have `{name}`, which the model does not")]
    Unexpected {
        /// The parameter.
        name: String,
    },
    /// A parameter has another shape.
    #[error("`{name}` is {wanted:?} in the model and {seen:?} in the weights")]
    Shape {
        /// The parameter.
        name: String,
        /// Its shape in the model.
        wanted: Vec<usize>,
        /// Its shape in the weights.
        seen: Vec<usize>,
    },
    /// The numbers do not fill their shape.
    #[error("`{name}` is {shape:?}, but has {seen} numbers")]
    Count {
        /// The parameter.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// The number of values.
        seen: usize,
    },
    /// A number is not finite.
    #[error("{path}: `{name}` holds {seen} at position {at}")]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: String,
        /// The position in the flattened tensor.
        at: usize,
        /// The value.
        seen: f32,
    },
    /// The layers of an imported file do not match the graph.
    #[error("{path} does not fit `{graph}`: {misfit}")]
    Misfit {
        /// The file.
        path: PathBuf,
        /// The graph's name.
        graph: String,
        /// What is missing, left over, or of another shape.
        misfit: Box<Misfit>,
    },
}

impl Weights {
    /// All float parameters of a module, by path.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut read = Read::default();
        module.visit(&mut read);
        Self(read.weights)
    }

    /// As [`Weights::of`], without these parameters, which are not copied.
    pub fn except<M: Module>(module: &M, except: Vec<ParamId>) -> Self {
        let mut read = Read {
            except,
            ..Read::default()
        };
        module.visit(&mut read);
        Self(read.weights)
    }

    /// The float parameter at this path, such as `user_factors.weight`, without copying any other.
    pub fn one<M: Module>(module: &M, path: &str) -> Option<Weight> {
        let mut read = Read {
            only: Some(path.to_string()),
            ..Read::default()
        };
        module.visit(&mut read);
        read.weights.remove(path)
    }

    /// Whether the tables and kernels of a graph have their weights here, without making them.
    pub fn check(&self, graph: &Graph) -> Result<(), WeightsError> {
        for table in graph.tables() {
            let shape = [table.rows, table.width];
            self.fits(&format!("{}.weight", table.name), &shape)?;
        }
        for node in graph.nodes() {
            for (part, shape) in graph.kernels(node) {
                self.fits(&format!("{}.{part}", node.name), &shape)?;
            }
        }
        Ok(())
    }

    /// Checks that there is a weight with this name and shape.
    pub(crate) fn fits(&self, name: &str, wanted: &[usize]) -> Result<(), WeightsError> {
        match self.0.get(name) {
            None => Err(WeightsError::Missing {
                name: name.to_string(),
                seen: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
            }),
            Some(weight) if weight.values.len() != weight.shape.iter().product::<usize>() => {
                Err(WeightsError::Count {
                    name: name.to_string(),
                    shape: weight.shape.clone(),
                    seen: weight.values.len(),
                })
            }
            Some(weight) if weight.shape != wanted => Err(WeightsError::Shape {
                name: name.to_string(),
                wanted: wanted.to_vec(),
                seen: weight.shape.clone(),
            }),
            Some(_) => Ok(()),
        }
    }

    /// The module with these weights instead of its own. All names and shapes must match.
    pub fn load_into<M: Module>(&self, module: M) -> Result<M, WeightsError> {
        self.load_all_but(module, &|_| false)
    }

    /// As [`Weights::load_into`], but the module keeps its own weights of these names, which need not be here.
    pub fn load_all_but<M: Module>(
        &self,
        module: M,
        but: &dyn Fn(&str) -> bool,
    ) -> Result<M, WeightsError> {
        let own = {
            let mut shapes = Shapes::default();
            module.visit(&mut shapes);
            shapes.shapes
        };
        for (name, wanted) in own.iter().filter(|(name, _)| !but(name)) {
            self.fits(name, wanted)?;
        }
        if let Some(name) = self.0.keys().find(|name| !own.contains_key(*name)) {
            return Err(WeightsError::Unexpected { name: name.clone() });
        }
        Ok(module.map(&mut Write {
            path: Vec::new(),
            weights: self,
        }))
    }

    /// Writes a safetensors file, completely or not at all, without copying the numbers. Weights that could not be
    /// loaded again are refused.
    pub fn save(&self, path: &Path) -> Result<(), WeightsError> {
        self.save_with(path, &BTreeMap::new())
    }

    /// As [`Weights::save`], with texts by name in the metadata of the file.
    pub fn save_with(
        &self,
        path: &Path,
        about: &BTreeMap<String, String>,
    ) -> Result<(), WeightsError> {
        let named = self.0.iter();
        let named = named.map(|(name, weight)| (name.clone(), Numbers::of(weight)));
        save_numbers_with(path, &named.collect(), about)
    }

    /// Reads a safetensors file of 32-bit floats, without a second copy of its numbers.
    pub fn load(path: &Path) -> Result<Self, WeightsError> {
        Self::load_where(path, |_| true)
    }

    /// Reads the tensors with the wanted names.
    pub(crate) fn load_where(
        path: &Path,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, WeightsError> {
        let mut file = WeightsFile::open(path)?;
        let mut weights = BTreeMap::new();
        for name in file.names().into_iter().filter(|name| wanted(name)) {
            let weight = file.read(&name)?;
            weights.insert(name, weight);
        }
        Ok(Self(weights))
    }
}

/// The numbers of a tensor, wherever they are.
pub struct Numbers<'a> {
    /// Its shape.
    pub shape: Vec<usize>,
    /// The numbers as slices in their order, by their place; `None` behind the last.
    pub slices: Box<dyn Fn(usize) -> Option<&'a [f32]> + 'a>,
}

impl<'a> Numbers<'a> {
    /// Those of a weight.
    pub fn of(weight: &'a Weight) -> Self {
        Self {
            shape: weight.shape.clone(),
            slices: Box::new(|at| (at == 0).then_some(weight.values.as_slice())),
        }
    }

    fn each(&self) -> impl Iterator<Item = &'a [f32]> + '_ {
        (0..).map_while(|at| (self.slices)(at))
    }
}

/// Writes a safetensors file, completely or not at all, of numbers that are read in place. Numbers that do not fill their
/// shape, or are not finite, are refused.
///
/// # Errors
/// [`WeightsError`]
pub fn save_numbers(
    path: &Path,
    named: &BTreeMap<String, Numbers<'_>>,
) -> Result<(), WeightsError> {
    save_numbers_with(path, named, &BTreeMap::new())
}

/// As [`save_numbers`], with texts by name in the metadata of the file.
fn save_numbers_with(
    path: &Path,
    named: &BTreeMap<String, Numbers<'_>>,
    about: &BTreeMap<String, String>,
) -> Result<(), WeightsError> {
    for (name, numbers) in named {
        let seen = numbers.each().map(<[f32]>::len).sum();
        if seen != numbers.shape.iter().product::<usize>() {
            return Err(WeightsError::Count {
                name: name.clone(),
                shape: numbers.shape.clone(),
                seen,
            });
        }
        let mut first = 0;
        for slice in numbers.each() {
            finite(path, name, slice, first)?;
            first += slice.len();
        }
    }
    let shapes = named.iter();
    let shapes = shapes.map(|(name, numbers)| (name.clone(), numbers.shape.clone()));
    let header = header_of(&shapes.collect(), about);
    Ok(recburn_files::write_with(path, |file| {
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        let values = named.values().flat_map(Numbers::each).flatten();
        values
            .copied()
            .try_for_each(|value| file.write_all(&value.to_le_bytes()))
    })?)
}

/// The header of a safetensors file; the tensors follow in this order. Written by hand, so that the numbers are written
/// directly from their memory: the library would first collect all of them as bytes.
pub(crate) fn header_of(
    shapes: &BTreeMap<String, Vec<usize>>,
    about: &BTreeMap<String, String>,
) -> String {
    let mut at = 0;
    let tensors = shapes.iter().map(|(name, shape)| {
        let from = at;
        at += 4 * shape.iter().product::<usize>();
        let tensor = serde_json::json!({
            "dtype": "F32",
            "shape": shape,
            "data_offsets": [from, at],
        });
        (name.clone(), tensor)
    });
    let mut tensors: BTreeMap<String, serde_json::Value> = tensors.collect();
    if !about.is_empty() {
        tensors.insert("__metadata__".to_string(), serde_json::json!(about));
    }
    let mut header = serde_json::to_string(&tensors).expect("names and numbers are plain data");
    // The tensors begin at a multiple of eight bytes.
    let padded = header.len().next_multiple_of(8);
    header.extend(std::iter::repeat_n(' ', padded - header.len()));
    header
}

/// Refuses numbers that are not finite, of which the first has the position `first`.
pub(crate) fn finite(
    path: &Path,
    name: &str,
    values: &[f32],
    first: usize,
) -> Result<(), WeightsError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(WeightsError::NotFinite {
            path: path.to_path_buf(),
            name: name.to_string(),
            at: first + at,
            seen: values[at],
        }),
    }
}
