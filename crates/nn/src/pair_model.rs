//! Anything that scores a user and an item.

use crate::embedding::Embedding;
use crate::factors::Factorisation;
use crate::ids::{Ids, Side};
use crate::tape::{RowSource, Tape};
use crate::walk::paths;
use burn::module::{Module, ParamId};
use burn::tensor::{Device, Tensor};
use recburn_graph::Table;
use std::cell::RefCell;
use std::rc::Rc;

/// A module that scores pairs. This is all that the training loop asks of a model: tables are found by watching one
/// forward pass.
pub trait PairModel: Module {
    /// One score per pair.
    ///
    /// # Shapes
    /// - users and items: `[batch]`
    /// - output: `[batch, 1]`
    fn score(&self, users: &Ids, items: &Ids) -> Tensor<2>;

    /// The model as one factor score and a link, if that is all there is to it: what [`PairModel::score`] computes, said
    /// in a way that needs no autodiff. A model that leaves this out trains by what `score` says.
    fn factorisation(&self) -> Option<Factorisation<'_>> {
        None
    }

    /// The parameters beside the tables that carry a penalty `l2 * sum(w^2)`, with their `l2`: the kernels of dense
    /// layers, as a rule. A [`Network`](crate::Network) takes them from its graph; a model of your own that wants them
    /// names them here, as in `vec![(self.hidden.weight.id, 1e-4)]`. Tables have theirs in
    /// [`Embedding::table`](crate::Embedding).
    fn penalties(&self) -> Vec<(ParamId, f64)> {
        Vec::new()
    }
}

/// A table of a model, as one forward pass shows it.
#[derive(Clone, Debug)]
pub struct TableInfo {
    /// Its weight's path in the module, such as `user_factors.weight`.
    pub name: String,
    /// Its weight.
    pub id: ParamId,
    /// Rows.
    pub rows: usize,
    /// Width of a row.
    pub width: usize,
    /// Initial values, penalty, constraint.
    pub table: Table,
    /// Whose ids index it: one of the two, or both.
    pub sides: Vec<Side>,
    /// The table itself, off the autodiff device: `[rows, width]`.
    pub weights: Tensor<2>,
}

/// Watches a forward pass over the pair of first rows.
#[derive(Default)]
struct Watch(Vec<TableInfo>);

impl RowSource for Watch {
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let id = table.weight.id;
        let side = ids.side();
        if let Some(seen) = self.0.iter_mut().find(|seen| seen.id == id) {
            if !seen.sides.contains(&side) {
                seen.sides.push(side);
            }
        } else {
            let [rows, width] = table.shape();
            self.0.push(TableInfo {
                name: String::new(),
                id,
                rows,
                width,
                table: table.table,
                sides: vec![side],
                weights: table.weights(),
            });
        }
        table.weights().select(0, ids.rows_on_device())
    }
}

/// The device that holds a model's weights, without autodiff.
pub fn device_of(model: &impl Module) -> Device {
    model
        .devices()
        .into_iter()
        .next()
        .unwrap_or_default()
        .inner()
}

/// The tables of a model in the order in which a forward pass reads them.
pub fn tables<M: PairModel>(model: &M) -> Vec<TableInfo> {
    let model = model.valid();
    let device = device_of(&model);
    let watch = Rc::new(RefCell::new(Watch::default()));
    let tape = Tape::new(watch.clone(), 0);
    let first = |side| Ids::new(side, &[0], &[0], &device).on_tape(&tape);
    model.score(&first(Side::User), &first(Side::Item));
    let names = paths(&model);
    let mut tables = std::mem::take(&mut watch.borrow_mut().0);
    for table in &mut tables {
        table.name = names
            .get(&table.id)
            .cloned()
            .unwrap_or_else(|| table.id.to_string());
    }
    tables
}

/// The scores of pairs, `batch` at a time, without training: dropout rests, so the same pair has the same score.
///
/// # Panics
/// If the two columns differ in length, `batch` is 0, or an id is beyond the tables.
pub fn predict<M: PairModel>(model: &M, users: &[u32], items: &[u32], batch: usize) -> Vec<f32> {
    assert_eq!(users.len(), items.len(), "a pair is a user and an item");
    let model = model.valid();
    let device = device_of(&model);
    let mut scores = Vec::with_capacity(users.len());
    for (users, items) in users.chunks(batch).zip(items.chunks(batch)) {
        let users = Ids::of(Side::User, users, &device);
        let items = Ids::of(Side::Item, items, &device);
        let batch = model.score(&users, &items).into_data();
        scores.extend(batch.iter::<f32>());
    }
    scores
}

/// The scores of one user's pairs with these items, `batch` at a time, by a model that is not in training: it is taken as
/// it is, and not copied off autodiff as [`predict`] does.
///
/// # Panics
/// If `batch` is 0, or an id is beyond the tables.
pub fn predict_for_user<M: PairModel>(
    model: &M,
    user: u32,
    items: &[u32],
    batch: usize,
) -> Vec<f32> {
    let device = device_of(model);
    let places = vec![0; items.len().min(batch)];
    let mut scores = Vec::with_capacity(items.len());
    for items in items.chunks(batch) {
        let users = Ids::new(Side::User, &[user], &places[..items.len()], &device);
        let items = Ids::of(Side::Item, items, &device);
        let batch = model.score(&users, &items).into_data();
        scores.extend(batch.iter::<f32>());
    }
    scores
}
