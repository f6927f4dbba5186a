//! Walks over a module's parameters, by path.

use crate::weights::{Weight, Weights};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use std::collections::{BTreeMap, HashMap};

/// The path of every float parameter.
pub(crate) fn paths<M: Module>(module: &M) -> HashMap<ParamId, String> {
    let mut shapes = Shapes::default();
    module.visit(&mut shapes);
    shapes.paths
}

/// Reads every float parameter, or a single one.
#[derive(Default)]
pub(crate) struct Read {
    pub only: Option<String>,
    /// Parameters that are left out.
    pub except: Vec<ParamId>,
    pub path: Vec<String>,
    pub weights: BTreeMap<String, Weight>,
}

impl ModuleVisitor for Read {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        let left_out = self.except.contains(&param.id);
        if left_out || self.only.as_ref().is_some_and(|only| *only != path) {
            return;
        }
        let data = param.val().without_autodiff().into_data();
        let shape = param.lazy_shape().to_vec();
        let values = data.iter::<f32>().collect();
        self.weights.insert(path, Weight { shape, values });
    }
}

/// Records the shape and path of every float parameter.
#[derive(Default)]
pub(crate) struct Shapes {
    pub path: Vec<String>,
    pub shapes: BTreeMap<String, Vec<usize>>,
    pub paths: HashMap<ParamId, String>,
}

impl ModuleVisitor for Shapes {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        self.paths.insert(param.id, path.clone());
        self.shapes.insert(path, param.lazy_shape().to_vec());
    }
}

/// Replaces every float parameter for which there is a weight.
pub(crate) struct Write<'a> {
    pub path: Vec<String>,
    pub weights: &'a Weights,
}

impl ModuleMapper for Write<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(weight) = self.weights.0.get(&self.path.join(".")) else {
            return param;
        };
        let id = param.id;
        let data = TensorData::new(weight.values.clone(), weight.shape.clone());
        let value = Tensor::from_data(data, &param.lazy_device());
        param.transform_for_load(value, id)
    }
}
