//! An update rule with its state: tables by row, everything else whole.

use crate::compiled::CompiledStep;
use crate::dense::{Dense, MoveDense, Trained};
use crate::home::Gradient;
use crate::hyper::Ways;
use crate::row_gradients::RowGradients;
use crate::spread::Spread;
use crate::spread_ahead::{Ahead, LookAhead};
use crate::store::Store;
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Gradients, IndexingUpdateOp, Int, Tensor, TensorData};
use recburn_data::Batch;
use recburn_nn::{
    Columns, Factorisation, Model, Pass, Read, RowSource, TableInfo, Weight, Weights, tables,
};
use recburn_optim::{Loss, Mode, Rule};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Updates a model's weights by their gradients. During training it holds the tables; [`Optimizer::hand_back`] copies
/// them into the model.
pub struct Optimizer {
    rule: Rule,
    pub(crate) store: Rc<RefCell<Store>>,
    /// State of the parameters that are not tables, flattened.
    dense: HashMap<ParamId, Dense>,
    /// Whether the model has such parameters.
    has_dense: bool,
    /// Kept to reuse the memory.
    row_gradients: RowGradients,
    /// State read from a checkpoint, until it is assigned to the parameter with that name.
    pub(crate) waiting: BTreeMap<String, Weight>,
    /// The steps of a model that is a graph.
    pub(crate) compiled: Option<CompiledStep>,
    /// Whether such a model trains by autodiff nevertheless.
    pub(crate) by_autodiff: bool,
    /// `l2` of the parameters that have one and are not tables.
    pub(crate) penalties: HashMap<ParamId, f64>,
    /// Their penalty when the model last held all its weights.
    pub(crate) penalty_of_dense: f64,
    /// The processes that tables are distributed over.
    pub(crate) spread: Option<Rc<Spread>>,
}

impl Optimizer {
    /// An optimizer without state.
    pub(crate) fn new(rule: Rule, mode: Mode, ways: Ways) -> Self {
        let mut store = Store::new(rule, mode);
        (store.as_tensors, store.walks) = (ways.tensors, ways.walks);
        Self {
            rule,
            store: Rc::new(RefCell::new(store)),
            dense: HashMap::new(),
            has_dense: true,
            row_gradients: RowGradients::default(),
            waiting: BTreeMap::new(),
            compiled: None,
            by_autodiff: ways.autodiff,
            penalties: HashMap::new(),
            penalty_of_dense: 0.0,
            spread: None,
        }
    }

    /// An optimizer with the same state, which it assigns to the model that it adopts.
    pub(crate) fn copy(&self) -> Self {
        let (mode, ways) = {
            let mut store = self.store.borrow_mut();
            // As adopting a model does.
            store.settle();
            let ways = Ways {
                tensors: store.as_tensors,
                walks: store.walks,
                autodiff: self.by_autodiff,
            };
            (store.steps.mode(), ways)
        };
        let mut copy = Self::new(self.rule, mode, ways);
        copy.restore(self.state(), self.steps());
        copy
    }

    /// The rule.
    pub(crate) fn rule(&self) -> Rule {
        self.rule
    }

    /// Whether the optimizer already holds state for these tables.
    pub(crate) fn holds_all(&self, tables: &[TableInfo]) -> bool {
        self.store.borrow().holds_all(tables)
    }

    /// Rows of the smallest adopted table that the ids of each side index.
    pub(crate) fn rows(&self) -> [usize; 2] {
        self.store.borrow().rows
    }

    /// Adopts a model: its tables, with their current weights, and the state held for them.
    pub fn adopt<M: Model>(&mut self, model: &M) {
        // Steps that a row has not caught up with belong to its former weights.
        self.settle();
        self.adopt_tables(model);
        let mut trained = Trained::default();
        model.clone().train().visit(&mut trained);
        self.has_dense = !trained.shapes.is_empty();
        self.penalties = model.penalties().into_iter().collect();
        self.note_penalty(model);
        let names = self.rule.state_names();
        self.waiting.retain(|name, weight| {
            let Some((table, state)) = name.rsplit_once('.') else {
                return true;
            };
            let state = names.iter().position(|known| *known == state);
            !state.is_some_and(|state| {
                self.store
                    .borrow_mut()
                    .set_state(table, state, &weight.values)
            })
        });
        self.compile(model);
    }

    /// The pass of the next step, which reads rows from this optimizer.
    pub fn pass(&self, seed: u64) -> Pass {
        let source: Rc<RefCell<dyn RowSource>> = self.store.clone();
        Pass::training(source, seed).at_step(self.steps() + 1)
    }

    /// Begins the step of this batch.
    pub(crate) fn begin_step(&self, batch: &Batch) {
        self.store.borrow_mut().begin_step(batch);
    }

    /// Distributes the rows of models that are adopted from here on.
    pub(crate) fn spread(&mut self, spread: Rc<Spread>) {
        self.store.borrow_mut().spread = Some(spread.spreading());
        self.spread = Some(spread);
    }

    /// Asks other processes for the rows of the batch, if they are distributed, and returns it with their positions in place
    /// of their numbers.
    pub(crate) fn ask(&self, batch: &Batch) -> Option<Batch> {
        Some(self.store.borrow().spread.as_ref()?.ask(batch))
    }

    /// Prepares to ask other processes for the rows of the batch after the current one; `None` if there are none.
    pub(crate) fn look_ahead(&self, next: &Batch) -> Option<LookAhead> {
        let store = self.store.borrow();
        let spread = store.spread.as_ref()?;
        (spread.ranks.size() > 1).then(|| spread.look_ahead(next))
    }

    /// Keeps what has been asked for until the next [`Optimizer::ask`].
    pub(crate) fn looked_ahead(&self, ahead: Ahead) {
        if let Some(spread) = &self.store.borrow().spread {
            spread.keep(ahead);
        }
    }

    /// Whether a process has asked all of them to stop after the current step.
    pub(crate) fn stops(&self) -> bool {
        let store = self.store.borrow();
        let spread = store.spread.as_ref();
        spread.is_some_and(|spread| spread.whole().stop())
    }

    /// Whether all processes write a checkpoint after the current step; `None` if there is only this one.
    pub(crate) fn saves(&self) -> Option<bool> {
        let store = self.store.borrow();
        store.spread.as_ref().map(|spread| spread.whole().save())
    }

    /// Asks all processes to write a checkpoint after the next step, or no longer.
    pub(crate) fn ask_to_save(&self, save: bool) {
        if let Some(spread) = &self.store.borrow().spread {
            spread.save.set(save);
        }
    }

    /// Begins another epoch.
    pub(crate) fn begin_epoch(&self) {
        self.store.borrow_mut().begin_epoch();
    }

    /// Whether all tables of the model are rows in host memory.
    pub(crate) fn on_host(&self) -> bool {
        self.store.borrow().on_host()
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.store.borrow().steps.taken()
    }

    /// Takes one step: updates the rows that the pass recorded, and every parameter with a gradient.
    pub fn step<M: Module>(
        &mut self,
        model: M,
        pass: &Pass,
        columns: &Columns<'_>,
        mut gradients: Gradients,
        learning_rate: f64,
    ) -> M {
        let mut store = self.store.borrow_mut();
        // All gradients first: the gradient of one table is computed from the rows of another, as they were read.
        let (rows, of_tensors) = (&mut self.row_gradients, &mut Vec::new());
        rows.clear();
        for touched in pass.take() {
            // Without a gradient these rows are treated like all others.
            let Some(gradient) = touched.leaf.grad_remove(&mut gradients) else {
                continue;
            };
            match touched.read {
                Read::Rows(table, key) => {
                    add_up_tensors(of_tensors, table, columns.rows(key.column), gradient);
                }
                Read::Examples(reads) => with_numbers(gradient, |gradient| {
                    store.example_gradients(&reads, columns, gradient, rows);
                }),
                Read::FactorScore {
                    factors,
                    biases,
                    users,
                    items,
                } => with_numbers(gradient, |gradient| {
                    let keys = [users, items];
                    store.factor_gradients(factors, biases, keys, columns, gradient, rows);
                }),
                Read::Pooled { table, bags, how } => with_numbers(gradient, |gradient| {
                    store.pool_gradients(table, bags, how, columns, gradient, rows);
                }),
            }
        }
        let pace = store.steps.begin(learning_rate);
        rows.each(&|column| columns.rows(column), |table, rows, gradient| {
            store.push(table, rows, Gradient::Numbers(gradient), pace);
        });
        for (table, rows, gradient) in of_tensors.drain(..) {
            store.push(table, &rows, Gradient::Rows(Box::new(gradient)), pace);
        }
        let on_host = store.on_host();
        drop(store);
        if !self.has_dense {
            return model;
        }
        model.map(&mut MoveDense {
            path: Vec::new(),
            rule: self.rule,
            pace,
            on_host,
            gradients,
            penalties: &self.penalties,
            state: &mut self.dense,
            waiting: &mut self.waiting,
        })
    }

    /// Takes one step of a model that is a plain factorisation whose tables are rows in host memory; returns the scores
    /// before it. `None` for other models.
    pub(crate) fn step_factorisation(
        &mut self,
        model: &Factorisation<'_>,
        batch: &Batch,
        loss: Loss,
        learning_rate: f64,
    ) -> Option<Vec<f32>> {
        let mut store = self.store.borrow_mut();
        store.step_factorisation(model, batch, loss, learning_rate)
    }

    /// Brings every row of every table up to date.
    pub fn settle(&mut self) {
        self.store.borrow_mut().settle();
    }

    /// Copies the weights of the tables into the model, unless it leaves them here; settle first.
    pub fn hand_back<M: Module>(&mut self, model: M) -> M {
        let model = match self.holds_rows() {
            true => model,
            false => model.map(&mut HandBack(&self.store.borrow())),
        };
        let model = self.hand_back_dense(model);
        self.note_penalty(&model);
        model
    }

    /// All state by name, such as `user_factors.weight.velocity`.
    pub fn state(&self) -> Weights {
        let mut all = self.dense_state().0;
        let names = self.rule.state_names();
        for (table, width, states) in self.store.borrow().states() {
            for (state, values) in names.iter().zip(states) {
                let shape = vec![values.len() / width, width];
                all.insert(format!("{table}.{state}"), Weight { shape, values });
            }
        }
        Weights(all)
    }

    /// As [`Optimizer::state`], without that of tables.
    pub(crate) fn dense_state(&self) -> Weights {
        // State from a checkpoint that is not assigned yet belongs to it as well.
        let mut all = self.waiting.clone();
        let names = self.rule.state_names();
        for dense in self.dense.values() {
            for (state, values) in names.iter().zip(dense.state.numbers()) {
                let shape = dense.shape.clone();
                all.insert(format!("{}.{state}", dense.name), Weight { shape, values });
            }
        }
        self.compiled_state(&mut all);
        Weights(all)
    }

    /// Restores the state of another optimizer with the same rule after `steps` steps, for the model that is adopted
    /// next. [`Optimizer::misfit`] checks that it belongs to that model.
    pub fn restore(&mut self, state: Weights, steps: u64) {
        self.dense.clear();
        self.compiled = None;
        self.waiting = state.0;
        self.store.borrow_mut().restart(steps);
    }

    /// Why a state of these shapes does not fit a model, if so: every trained parameter must have each of the rule's states in its
    /// own shape, and there must be nothing else.
    pub fn misfit<M: Model>(
        &self,
        state: &BTreeMap<String, Vec<usize>>,
        model: &M,
    ) -> Option<String> {
        let mut wanted = Trained::default();
        model.clone().train().visit(&mut wanted);
        let tables = tables(model).into_iter();
        wanted.shapes.extend(tables.map(|table| {
            (
                table.name,
                vec![table.rows, self.rule.state_width(table.width)],
            )
        }));
        let mut left: Vec<&String> = state.keys().collect();
        for (name, shape) in &wanted.shapes {
            for part in self.rule.state_names() {
                let name = format!("{name}.{part}");
                match state.get(&name) {
                    None => return Some(format!("it has no `{name}`")),
                    Some(saved) if saved != shape => {
                        return Some(format!("`{name}` is {saved:?}, the model needs {shape:?}"));
                    }
                    Some(_) => left.retain(|known| **known != name),
                }
            }
        }
        left.first()
            .map(|name| format!("it has `{name}`, which the model does not train"))
    }
}

/// Calls `hand` with the numbers of a tensor, without a copy if they are contiguous.
fn with_numbers(tensor: Tensor<2>, hand: impl FnOnce(&[f32])) {
    let data = tensor.into_data();
    match data.as_slice::<f32>() {
        Ok(numbers) => hand(numbers),
        Err(_) => hand(&data.iter::<f32>().collect::<Vec<_>>()),
    }
}

/// A table, rows of it, and their gradient: `[rows, width]`.
type OfRows<'a> = (ParamId, Cow<'a, [u32]>, Tensor<2>);

/// Records the gradient of a table's rows. The gradients of a table that was read more than once in a step are summed.
fn add_up_tensors<'a>(
    noted: &mut Vec<OfRows<'a>>,
    table: ParamId,
    rows: &'a [u32],
    gradient: Tensor<2>,
) {
    match noted.iter_mut().find(|(id, ..)| *id == table) {
        None => noted.push((table, Cow::Borrowed(rows), gradient)),
        Some((_, first, sum)) => {
            let (rows, total) = add_up((first, sum.clone()), (rows, gradient));
            (*first, *sum) = (Cow::Owned(rows), total);
        }
    }
}

fn add_up(
    (left, left_gradient): (&[u32], Tensor<2>),
    (right, right_gradient): (&[u32], Tensor<2>),
) -> (Vec<u32>, Tensor<2>) {
    let mut rows = left.to_vec();
    let mut at: HashMap<u32, u32> = rows.iter().copied().zip(0..).collect();
    let mut place = |row: u32| {
        *at.entry(row).or_insert_with(|| {
            rows.push(row);
            rows.len() as u32 - 1
        }) as i32
    };
    let places: [Vec<i32>; 2] =
        [left, right].map(|ids| ids.iter().map(|&row| place(row)).collect());
    let device = left_gradient.device();
    let mut sum = Tensor::zeros([rows.len(), left_gradient.dims()[1]], &device);
    for (places, gradient) in places.into_iter().zip([left_gradient, right_gradient]) {
        let count = places.len();
        let places: Tensor<1, Int> = Tensor::from_data(TensorData::new(places, [count]), &device);
        sum = sum.select_assign(0, places, gradient, IndexingUpdateOp::Add);
    }
    (rows, sum)
}

struct HandBack<'a>(&'a Store);

impl ModuleMapper for HandBack<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !self.0.holds(param.id) {
            return param;
        }
        let device = param.lazy_device().inner();
        let Some(weights) = self.0.weights(param.id, &device) else {
            return param;
        };
        let (id, old, mapper) = param.consume();
        // A table is a matrix, so D is 2 and the reshape changes only the type.
        Param::from_mapped_value(id, weights.reshape(old.shape()), mapper)
    }
}
