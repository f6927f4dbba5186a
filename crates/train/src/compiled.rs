//! Compiled steps of models that are graphs: derived once, run without autodiff.

use crate::home::Gradient;
use crate::optimizer::Optimizer;
use crate::row_gradients::RowGradients;
use crate::store::Store;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::{Tensor, TensorData};
use recburn_compiled::{Compiled, Ids, Parameter, Parameters, Pass};
use recburn_data::Batch;
use recburn_graph::Graph;
use recburn_nn::{ColumnId, Model, Weight};
use recburn_optim::{Goal, Loss, RowTable, Rule};
use std::collections::BTreeMap;

/// A compiled graph in training. It holds the dense parameters, as the store holds the tables, until training returns
/// them to the model.
pub(crate) struct CompiledStep {
    compiled: Compiled,
    /// The parameters of its tables.
    tables: Vec<ParamId>,
    /// The optimizer's states for the dense parameters, each as long as all of them together.
    state: Vec<Vec<f32>>,
    /// Kept to reuse the memory.
    row_gradients: RowGradients,
    slopes: Vec<f32>,
}

fn column_of(ids: Ids) -> ColumnId {
    match ids {
        Ids::Users => ColumnId::USERS,
        Ids::Items => ColumnId::ITEMS,
        Ids::Other(at) => ColumnId::other(at),
    }
}

impl CompiledStep {
    /// Takes one step; returns the scores before it and the sum of their losses.
    fn step(
        &mut self,
        store: &mut Store,
        rule: Rule,
        batch: &Batch,
        loss: Loss,
        learning_rate: f64,
        seed: u64,
    ) -> Option<(Vec<f32>, f64)> {
        let compiled = &mut self.compiled;
        let reads = compiled.reads(batch).len();
        for read in 0..reads {
            let table = self.tables[compiled.reads(batch)[read].table];
            store.fetch(table, compiled.rows(batch, read));
        }
        let tables = self.tables.iter().map(|table| store.rows_of(*table));
        let tables: Vec<&RowTable> = tables.collect::<Option<_>>()?;
        compiled.at_step(store.steps.taken() + 1);
        let add_up = store.spread.as_ref().map(|spread| {
            let ranks = spread.ranks.clone();
            move |numbers: &mut [f64]| recburn_spread::sum(&*ranks, numbers)
        });
        let sums = add_up.as_ref().map(|add_up| add_up as &dyn Fn(&mut [f64]));
        let scores = compiled
            .forward_of_part(batch, &tables, Pass::Training { seed }, sums)
            .to_vec();
        self.slopes.resize(scores.len(), 0.0);
        let sum = loss.slopes(&Goal::of(batch), &scores, &mut self.slopes);
        if let Some(spread) = &store.spread {
            // The loss is the mean of the whole batch, of which this process has a part.
            let share = spread.whole().share();
            self.slopes.iter_mut().for_each(|slope| *slope *= share);
        }
        compiled.backward_of_part(batch, &self.slopes, sums);
        self.row_gradients.clear();
        let columns: Vec<(ColumnId, &[u32])> = (0..reads)
            .map(|read| {
                let ids = compiled.reads(batch)[read].ids;
                (column_of(ids), compiled.rows(batch, read))
            })
            .collect();
        let rows_of = |wanted: ColumnId| {
            let mut columns = columns.iter();
            let found = columns.find(|(column, _)| *column == wanted);
            found.map_or(&[][..], |(_, rows)| rows)
        };
        for (read, (column, _)) in columns.iter().enumerate() {
            let table = self.tables[compiled.reads(batch)[read].table];
            let gradient = compiled.row_gradients(batch, read);
            if batch.is_empty() {
                gradient.clear(); // there was no backward pass
            }
            self.row_gradients.add(table, *column, &rows_of, gradient);
        }
        let pace = store.steps.begin(learning_rate);
        self.row_gradients.each(&rows_of, |table, rows, gradient| {
            store.push(table, rows, Gradient::Numbers(gradient), pace);
        });
        if let Some(spread) = &store.spread {
            spread.add_up(compiled.parameters_mut().gradient_mut(), batch.is_empty());
        }
        let (weights, gradient) = compiled.parameters_mut().to_move();
        rule.step(pace, weights, &mut self.state, gradient);
        Some((scores, sum))
    }
}

impl Optimizer {
    /// Compiles the graph of a model, if it has one and its tables are rows in host memory. Existing state for the same
    /// parameters is kept, as is state from a checkpoint that has not been assigned yet.
    pub(crate) fn compile<M: Model>(&mut self, model: &M) {
        let before = self.compiled.take();
        if self.by_autodiff || !self.on_host() {
            return;
        }
        let Some(graph) = model.as_graph() else {
            return;
        };
        let Some(compiled) = compiled_of(model, graph) else {
            return;
        };
        let store = self.store.borrow();
        let ids = compiled.tables().iter();
        let ids = ids.map(|name| store.id_of(&format!("{name}.weight")));
        let Some(tables) = ids.collect::<Option<Vec<_>>>() else {
            return;
        };
        drop(store);
        let trained = compiled.parameters().trained();
        let state = match before {
            Some(before) if before.compiled.parameters().trained() == trained => before.state,
            _ => self.waiting_state(compiled.parameters()),
        };
        self.compiled = Some(CompiledStep {
            compiled,
            tables,
            state,
            row_gradients: RowGradients::default(),
            slopes: Vec::new(),
        });
    }

    /// The states of dense parameters: those from a checkpoint, or fresh ones.
    fn waiting_state(&mut self, parameters: &Parameters) -> Vec<Vec<f32>> {
        let (rule, waiting) = (self.rule(), &mut self.waiting);
        let names = rule.state_names().iter();
        let state = names.map(|state| {
            let mut numbers = vec![rule.initial_state(); parameters.len()];
            for parameter in parameters.trained() {
                let name = format!("{}.{state}", parameter.name);
                if let Some(saved) = waiting.remove(&name)
                    && saved.shape == parameter.shape
                {
                    parameters.write(parameter, &saved.values, &mut numbers);
                }
            }
            numbers
        });
        state.collect()
    }

    /// Takes one step of a model that is a graph whose tables are rows in host memory; returns the scores before it and
    /// the sum of their losses. `None` for other models.
    pub(crate) fn step_compiled(
        &mut self,
        batch: &Batch,
        loss: Loss,
        learning_rate: f64,
        seed: u64,
    ) -> Option<(Vec<f32>, f64)> {
        let rule = self.rule();
        let compiled = self.compiled.as_mut()?;
        let store = &mut self.store.borrow_mut();
        compiled.step(store, rule, batch, loss, learning_rate, seed)
    }

    /// Copies the dense parameters of the compiled graph into the model.
    pub(crate) fn hand_back_dense<M: Module>(&self, model: M) -> M {
        match &self.compiled {
            None => model,
            Some(CompiledStep { compiled, .. }) => model.map(&mut HandBack {
                path: Vec::new(),
                parameters: compiled.parameters(),
            }),
        }
    }

    /// Adds the states of the compiled graph's dense parameters, by name.
    pub(crate) fn compiled_state(&self, all: &mut BTreeMap<String, Weight>) {
        let Some(CompiledStep {
            compiled, state, ..
        }) = &self.compiled
        else {
            return;
        };
        let parameters = compiled.parameters();
        for (name, numbers) in self.rule().state_names().iter().zip(state) {
            for parameter in parameters.trained() {
                let weight = Weight {
                    shape: parameter.shape.clone(),
                    values: parameters.read(parameter, numbers),
                };
                all.insert(format!("{}.{name}", parameter.name), weight);
            }
        }
    }
}

/// The graph of a model, compiled, with its dense parameters; `None` if the model lacks one.
pub(crate) fn compiled_of<M: Module>(model: &M, graph: &Graph) -> Option<Compiled> {
    let mut compiled = Compiled::new(graph);
    let mut take = Take {
        path: Vec::new(),
        parameters: compiled.parameters_mut(),
        taken: 0,
    };
    model.visit(&mut take);
    (take.taken == compiled.parameters().all().count()).then_some(compiled)
}

/// Reads the dense parameters of a module.
struct Take<'a> {
    path: Vec<String>,
    parameters: &'a mut Parameters,
    taken: usize,
}

impl ModuleVisitor for Take<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.join(".");
        if !self
            .parameters
            .all()
            .any(|parameter| parameter.name == name)
        {
            return;
        }
        let data = param.val().without_autodiff().into_data();
        let values: Vec<f32> = data.iter::<f32>().collect();
        self.taken += usize::from(self.parameters.set(&name, &values));
    }
}

/// Writes the dense parameters of a module.
struct HandBack<'a> {
    path: Vec<String>,
    parameters: &'a Parameters,
}

impl ModuleMapper for HandBack<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_string());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some((Parameter { shape, .. }, values)) = self.parameters.get(&self.path.join("."))
        else {
            return param;
        };
        let id = param.id;
        let data = TensorData::new(values, shape.clone());
        let value = Tensor::from_data(data, &param.lazy_device());
        param.transform_for_load(value, id)
    }
}
