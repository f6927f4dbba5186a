//! Parameters that are not tables: updated whole, as tensors.

use crate::cells::Cells;
use burn::module::{ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{DType, Gradients, Tensor, TensorData};
use recburn_nn::Weight;
use recburn_optim::{Pace, Rule, Update, UpdateVisitor};
use std::collections::{BTreeMap, HashMap};

/// State of a parameter that is not a table, flattened.
#[derive(Clone)]
pub(crate) struct Dense {
    pub name: String,
    pub shape: Vec<usize>,
    pub state: State,
}

/// Where state is stored: on a CPU, in plain memory, like the weights of tables.
#[derive(Clone)]
pub(crate) enum State {
    Host(Vec<Vec<f32>>),
    Device(Vec<Tensor<1>>),
}

impl State {
    /// The numbers of each state.
    pub fn numbers(&self) -> Vec<Vec<f32>> {
        match self {
            Self::Host(state) => state.clone(),
            Self::Device(state) => state
                .iter()
                .map(|tensor| tensor.to_data().iter::<f32>().collect())
                .collect(),
        }
    }
}

/// The parameters that gradients update, except for tables.
#[derive(Default)]
pub(crate) struct Trained {
    pub path: Vec<String>,
    pub shapes: BTreeMap<String, Vec<usize>>,
}

impl ModuleVisitor for Trained {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.val().is_require_grad() {
            self.shapes
                .insert(self.path.join("."), param.lazy_shape().to_vec());
        }
    }
}

/// Updates every parameter that has a gradient.
pub(crate) struct MoveDense<'a> {
    pub path: Vec<String>,
    pub rule: Rule,
    pub pace: Pace,
    pub on_host: bool,
    pub gradients: Gradients,
    /// `l2` of the parameters that have one.
    pub penalties: &'a HashMap<ParamId, f64>,
    pub state: &'a mut HashMap<ParamId, Dense>,
    pub waiting: &'a mut BTreeMap<String, Weight>,
}

impl ModuleMapper for MoveDense<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let l2 = self.penalties.get(&param.id).copied().unwrap_or(0.0);
        let gradient = match param.val().grad_remove(&mut self.gradients) {
            Some(gradient) => gradient,
            // The penalty updates it nevertheless.
            None if l2 > 0.0 => param.val().inner().zeros_like(),
            None => return param,
        };
        // The gradient of `l2 * w^2`.
        let slope = 2.0 * l2 as f32;
        let (id, weight, mapper) = param.consume();
        let (rule, path, waiting, on_host) =
            (self.rule, &self.path, &mut *self.waiting, self.on_host);
        let dense = self.state.entry(id).or_insert_with(|| {
            let name = path.join(".");
            let count = weight.shape().num_elements();
            let device = weight.device().inner();
            let numbers = |state: &&str| match waiting.remove(&format!("{name}.{state}")) {
                Some(saved) => saved.values,
                None => vec![rule.initial_state(); count],
            };
            let numbers = rule.state_names().iter().map(numbers);
            let tensor = |numbers| Tensor::from_data(TensorData::new(numbers, [count]), &device);
            Dense {
                state: if on_host {
                    State::Host(numbers.collect())
                } else {
                    State::Device(numbers.map(tensor).collect())
                },
                shape: weight.shape().to_vec(),
                name,
            }
        });
        let moved = match &mut dense.state {
            State::Host(state) => {
                let (shape, device) = (weight.shape(), weight.device().inner());
                let mut weights: Vec<f32> = numbers(weight.inner());
                let mut gradient: Vec<f32> = numbers(gradient);
                if l2 > 0.0 {
                    for (gradient, weight) in gradient.iter_mut().zip(&weights) {
                        *gradient += slope * weight;
                    }
                }
                rule.step(self.pace, &mut weights, state, &gradient);
                Tensor::from_data(TensorData::new(weights, shape), &device)
            }
            State::Device(state) => {
                let weight = weight.inner();
                let gradient = match l2 > 0.0 {
                    true => gradient + weight.clone() * slope,
                    false => gradient,
                };
                rule.at(
                    self.pace,
                    MoveWhole {
                        weight,
                        state,
                        gradient,
                    },
                )
            }
        };
        Param::from_mapped_value(id, Tensor::from_inner(moved).require_grad(), mapper)
    }
}

/// Sums `l2 * sum(w^2)` over the parameters that have an `l2`.
pub(crate) struct DensePenalty<'a> {
    pub penalties: &'a HashMap<ParamId, f64>,
    pub sum: f64,
}

impl ModuleVisitor for DensePenalty<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(l2) = self.penalties.get(&param.id) {
            let weights = param.val().without_autodiff();
            self.sum += l2 * f64::from((weights.clone() * weights).sum().into_scalar::<f32>());
        }
    }
}

/// The numbers of a tensor, without a copy if it has no other owner.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data();
    match data.dtype() {
        DType::F32 => data.try_into_vec().expect("numbers of the requested type"),
        _ => data.iter::<f32>().collect(),
    }
}

struct MoveWhole<'a, const D: usize> {
    weight: Tensor<D>,
    state: &'a mut Vec<Tensor<1>>,
    gradient: Tensor<D>,
}

impl<const D: usize> UpdateVisitor for MoveWhole<'_, D> {
    type Output = Tensor<D>;
    fn visit<const N: usize, U: Update<N>>(self, update: U) -> Tensor<D> {
        let shape = self.weight.shape();
        let mut own = self.state.drain(..);
        let state = std::array::from_fn(|_| own.next().expect("the rule's own number of states"));
        drop(own);
        let state: [Tensor<1>; N] = state;
        let (weight, state) = update.step_alone(
            Cells(self.weight.flatten::<1>(0, D - 1)),
            state.map(Cells),
            Cells(self.gradient.flatten::<1>(0, D - 1)),
        );
        self.state.extend(state.map(|state| state.0));
        weight.0.reshape(shape)
    }
}
