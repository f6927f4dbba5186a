//! Scoring outside training: dropout is inactive, so a pair always gets the same score.

use crate::columns::{Columns, others};
use crate::inputs::Inputs;
use crate::model::{Model, device_of};
use crate::pass::Pass;
use burn::tensor::Device;
use recburn_schema::{Batch, Candidates, Column, Input, ItemIx, UserIx};
use std::collections::HashMap;

/// Fills in the values of a model's other inputs for a batch with users and items.
pub type Fill<'a> = &'a mut dyn FnMut(&mut Batch);

/// The `queries * candidates` scores of a batch by a model that is not in training.
///
/// # Panics
/// If an id is outside the tables, or the batch was made for another model.
pub fn score_batch<M: Model>(
    model: &M,
    inputs: &[Input],
    batch: &Batch,
    device: &Device,
) -> Vec<f32> {
    let (columns, pass) = (Columns::new(batch, inputs, device), Pass::inference());
    let scores = model.score(&Inputs::new(&columns, &pass)).into_data();
    scores.iter::<f32>().collect()
}

/// A column of these rows, deduplicated if other inputs depend on them, which are then also read once.
fn column(rows: impl Iterator<Item = u32>, once: bool) -> Column {
    if !once {
        return Column::plain(rows.collect());
    }
    let (mut column, mut places) = (Column::default(), HashMap::new());
    for row in rows {
        let next = column.rows.len() as u32;
        let place = *places.entry(row).or_insert(next);
        if place == next {
            column.rows.push(row);
        }
        column.inverse.push(place);
    }
    column
}

/// The scores of pairs, `batch` at a time. `fill` provides the inputs other than users and items.
///
/// # Panics
/// If the two columns differ in length, `batch` is 0, an id is outside the tables, or `fill` omits an input.
pub fn predict_with<M: Model>(
    model: &M,
    users: &[UserIx],
    items: &[ItemIx],
    batch: usize,
    fill: Fill<'_>,
) -> Vec<f32> {
    assert_eq!(users.len(), items.len(), "a pair is a user and an item");
    let model = model.valid();
    let device = device_of(&model);
    let inputs = model.inputs();
    let once = others(&inputs).next().is_some();
    let mut scores = Vec::with_capacity(users.len());
    for (users, items) in users.chunks(batch).zip(items.chunks(batch)) {
        let mut batch = Batch::of_ratings(
            column(users.iter().map(|user| user.0), once),
            column(items.iter().map(|item| item.0), once),
            vec![0.0; users.len()],
        );
        fill(&mut batch);
        scores.extend(score_batch(&model, &inputs, &batch, &device));
    }
    scores
}

/// As [`predict_with`], for a model that reads only users and items.
///
/// # Panics
/// As [`predict_with`].
pub fn predict<M: Model>(model: &M, users: &[UserIx], items: &[ItemIx], batch: usize) -> Vec<f32> {
    predict_with(model, users, items, batch, &mut |_| {})
}

/// The scores of one user with these items, `batch` at a time, by a model that is not in training: unlike in
/// [`predict_with`], it is not copied off autodiff. `fill` provides the inputs other than users and items.
///
/// # Panics
/// As [`predict_with`].
pub fn predict_for_user<M: Model>(
    model: &M,
    user: UserIx,
    items: &[ItemIx],
    batch: usize,
    fill: Fill<'_>,
) -> Vec<f32> {
    let device = device_of(model);
    let inputs = model.inputs();
    let mut scores = Vec::with_capacity(items.len());
    for items in items.chunks(batch) {
        let mut batch = Batch {
            queries: 1,
            candidates: Candidates::Shared(items.len()),
            users: Column::plain(vec![user.0]),
            items: Column::plain(items.iter().map(|item| item.0).collect()),
            ..Batch::default()
        };
        fill(&mut batch);
        scores.extend(score_batch(model, &inputs, &batch, &device));
    }
    scores
}
