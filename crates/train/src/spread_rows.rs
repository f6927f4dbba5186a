//! Where the rows of a training on several processes are: with its trainer, and there only.
//!
//! A row in training is kept by its [home](crate::home::TableHome), next to its state. The tables of the model would be a
//! second copy of all rows, and an evaluation or a checkpoint a third. So the model of a process has *forms* of its tables:
//! tensors with the shape of the table that consist of a single zero. Whoever reads rows finds them by [`Kept`].

use crate::error::TrainError;
use crate::optimizer::Optimizer;
use crate::spread::{Of, Spread};
use crate::store::{Rows, Store};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::tensor::Tensor;
use recburn_data::splitmix64;
use recburn_nn::{Draw, Model, TableInfo, Weight, Weights, tables};
use recburn_optim::RowTable;
use recburn_spread::hash_of;
use std::cell::RefCell;
use std::rc::Rc;

/// Rows that are drawn at a time.
const DRAWN: usize = 1_024;

/// What has the rows of the tables.
#[derive(Clone, Default)]
pub(crate) enum Kept {
    /// The model.
    #[default]
    Model,
    /// Nothing yet: they are drawn with this seed once training begins. The model has forms.
    Drawn(u64),
    /// The trainer. The model has forms.
    Held(Rc<RefCell<Store>>),
}

/// The model with forms instead of these tables.
pub(crate) fn with_forms<M: Module>(model: M, of: Vec<ParamId>) -> M {
    model.map(&mut Forms(of))
}

struct Forms(Vec<ParamId>);

impl ModuleMapper for Forms {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if !self.0.contains(&param.id) {
            return param;
        }
        let shape = param.lazy_shape();
        let zero = Tensor::<D>::zeros([1; D], &param.lazy_device().inner());
        let (id, _, mapper) = param.consume();
        Param::from_mapped_value(id, zero.expand(shape), mapper)
    }
}

impl Spread {
    /// Draws the initial rows of a table that live here: they depend on the seed and the raw ids, and not on the number of
    /// processes.
    fn draw(&self, seed: u64, info: &TableInfo, of: Of, table: &mut RowTable) {
        let rows = match of {
            Of::Users => self.all_users(),
            Of::Items => self.items.rows(),
            Of::Numbers(all) => all,
        };
        let key = |id: &str| match of {
            Of::Users | Of::Items => hash_of(id),
            Of::Numbers(_) => splitmix64(id.parse().unwrap_or(0)),
        };
        let draw = Draw::new(seed);
        let name = info.name.strip_suffix(".weight").unwrap_or(&info.name);
        let mut keys = self.each_id(of).map(|id| key(&id));
        let mut first = 0;
        loop {
            let some: Vec<u64> = keys.by_ref().take(DRAWN).collect();
            if some.is_empty() {
                break;
            }
            let drawn = some.len();
            let shape = [rows, info.width];
            let initializer = info.options.initializer;
            table.set_rows(
                first,
                &draw.keyed(name, initializer, shape, some.into_iter()),
            );
            first += drawn;
        }
    }

    /// The weights of a table of the model that live here, without those that stand in for missing rows.
    pub(crate) fn numbers<M: Model>(
        &self,
        model: &M,
        info: &TableInfo,
        of: Of,
    ) -> Result<Vec<f32>, TrainError> {
        let mut numbers = self.weights(model, info)?;
        numbers.truncate(self.own(of) * info.width);
        Ok(numbers)
    }

    /// The weights of a table of the model that live here, wherever they are.
    pub(crate) fn weights<M: Model>(
        &self,
        model: &M,
        info: &TableInfo,
    ) -> Result<Vec<f32>, TrainError> {
        let elsewhere = match &*self.kept.borrow() {
            Kept::Model => None,
            Kept::Held(store) => store
                .borrow()
                .own_rows(info.id)
                .map(|rows| rows.part(0).collect()),
            Kept::Drawn(seed) => {
                let all = self.tables(model)?.into_iter();
                let of = all.filter(|(known, _)| known.id == info.id);
                let drawn = |(info, of): (TableInfo, Of)| {
                    let mut table = crate::spread_table::zeros(&info);
                    self.draw(*seed, &info, of, &mut table);
                    table.part(0).collect()
                };
                of.map(drawn).next()
            }
        };
        Ok(elsewhere.unwrap_or_else(|| info.weights.to_data().iter::<f32>().collect()))
    }

    /// Whether the model has forms of its tables.
    pub(crate) fn has_forms(&self) -> bool {
        !matches!(*self.kept.borrow(), Kept::Model)
    }
}

impl Optimizer {
    /// Adopts a model as [`Optimizer::adopt`] does, and returns it: on several processes with forms of its tables if it
    /// `hands_over` its rows, and otherwise with the rows that live here.
    pub(crate) fn take<M: Model>(&mut self, model: &M, hands_over: bool) -> M {
        self.adopt(model);
        let Some(spread) = self.spread.clone() else {
            return model.clone();
        };
        let had_forms = spread.has_forms();
        if hands_over {
            spread.kept.replace(Kept::Held(self.store.clone()));
            let of = self.store.borrow().ids();
            return with_forms(model.clone(), of);
        }
        spread.kept.replace(Kept::Model);
        match had_forms {
            true => self.hand_back(model.clone()),
            false => model.clone(),
        }
    }

    /// Adopts tables, with rows from wherever they are.
    pub(crate) fn adopt_tables<M: Model>(&self, model: &M) {
        let mut store = self.store.borrow_mut();
        let (infos, inputs) = (tables(model), model.inputs());
        let Some(spread) = &self.spread else {
            return store.adopt(infos, inputs, &Rows::OfModel);
        };
        let kept = spread.kept.borrow().clone();
        match kept {
            Kept::Model => store.adopt(infos, inputs, &Rows::OfModel),
            Kept::Held(other) if Rc::ptr_eq(&other, &self.store) => {
                store.adopt(infos, inputs, &Rows::Own);
            }
            Kept::Held(other) => {
                let other = other.borrow();
                let fill = |info: &TableInfo, table: &mut RowTable| {
                    if let Some(rows) = other.rows_named(&info.name) {
                        for row in 0..rows.rows().min(table.rows()) {
                            table.set_rows(row, rows.row(row as u32));
                        }
                    }
                };
                store.adopt(infos, inputs, &Rows::Filled(&fill));
            }
            Kept::Drawn(seed) => {
                // A model whose tables have no single index was refused when it was started.
                let all = spread.tables(model).unwrap_or_default();
                let fill = |info: &TableInfo, table: &mut RowTable| {
                    if let Some((_, of)) = all.iter().find(|(known, _)| known.id == info.id) {
                        spread.draw(seed, info, *of, table);
                    }
                };
                store.adopt(infos, inputs, &Rows::Filled(&fill));
            }
        }
    }

    /// The weights of a settled model, wherever they are.
    pub(crate) fn weights_of<M: Model>(&self, model: &M) -> Weights {
        if !self.holds_rows() {
            return Weights::of(&model.valid());
        }
        let store = self.store.borrow();
        let mut weights = Weights::except(&model.valid(), store.ids());
        for (name, rows) in store.own_tables() {
            let weight = Weight {
                shape: vec![rows.rows(), rows.width()],
                values: rows.part(0).collect(),
            };
            weights.0.insert(name.to_string(), weight);
        }
        weights
    }

    /// Lets the next model that is adopted have its own rows; returns whether those of the last one are here.
    pub(crate) fn give_up_rows(&self) -> bool {
        let held = self.holds_rows();
        if let Some(spread) = &self.spread {
            spread.kept.replace(Kept::Model);
        }
        held
    }

    /// Whether the rows of the model are here, and not in the model.
    pub(crate) fn holds_rows(&self) -> bool {
        let spread = self.spread.as_ref();
        spread.is_some_and(|spread| matches!(*spread.kept.borrow(), Kept::Held(_)))
    }

    /// A sum that is finite if all weights of the settled model are.
    pub(crate) fn sum_of_weights<M: Model>(&self, model: &M) -> f64 {
        struct Sum(f64, Vec<ParamId>);
        impl ModuleVisitor for Sum {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                if self.1.contains(&param.id) {
                    return;
                }
                // Weights are multiplied by 0, so that large but finite ones do not sum to infinity.
                let zero = param.val().without_autodiff() * 0.0;
                self.0 += f64::from(zero.sum().into_scalar::<f32>());
            }
        }
        let store = self.store.borrow();
        let elsewhere = match self.holds_rows() {
            true => store.ids(),
            false => Vec::new(),
        };
        let mut sum = Sum(0.0, elsewhere);
        if !sum.1.is_empty() {
            let rows = store.own_tables().flat_map(|(_, rows)| rows.part(0));
            sum.0 = rows.map(|weight| f64::from(weight * 0.0)).sum();
        }
        model.visit(&mut sum);
        sum.0
    }
}
