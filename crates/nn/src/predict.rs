//! Scores without training: dropout rests, so the same pair has the same score.

use crate::columns::Columns;
use crate::inputs::Inputs;
use crate::model::{Model, device_of};
use crate::pass::Pass;
use burn::tensor::Device;
use recburn_schema::{Batch, Candidates, Column, Input, ItemIx, UserIx};

/// The scores of a batch, `queries * candidates` of them, by a model that is not in training.
///
/// # Panics
/// If an id is beyond the tables, or the batch was made for another model.
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

/// The scores of pairs, `batch` at a time, by a model that reads nothing but users and items.
///
/// # Panics
/// If the two columns differ in length, `batch` is 0, or an id is beyond the tables.
pub fn predict<M: Model>(model: &M, users: &[UserIx], items: &[ItemIx], batch: usize) -> Vec<f32> {
    assert_eq!(users.len(), items.len(), "a pair is a user and an item");
    let model = model.valid();
    let device = device_of(&model);
    let inputs = model.inputs();
    let mut scores = Vec::with_capacity(users.len());
    for (users, items) in users.chunks(batch).zip(items.chunks(batch)) {
        let batch = Batch::of_ratings(
            Column::plain(users.iter().map(|user| user.0).collect()),
            Column::plain(items.iter().map(|item| item.0).collect()),
            vec![0.0; users.len()],
        );
        scores.extend(score_batch(&model, &inputs, &batch, &device));
    }
    scores
}

/// The scores of one user with these items, `batch` at a time, by a model that reads nothing but users and items and is not
/// in training: it is taken as it is, and not copied off autodiff as [`predict`] does.
///
/// # Panics
/// If `batch` is 0, or an id is beyond the tables.
pub fn predict_for_user<M: Model>(
    model: &M,
    user: UserIx,
    items: &[ItemIx],
    batch: usize,
) -> Vec<f32> {
    let device = device_of(model);
    let inputs = model.inputs();
    let mut scores = Vec::with_capacity(items.len());
    for items in items.chunks(batch) {
        let batch = Batch {
            queries: 1,
            candidates: Candidates::Shared(items.len()),
            users: Column::plain(vec![user.0]),
            items: Column::plain(items.iter().map(|item| item.0).collect()),
            ..Batch::default()
        };
        scores.extend(score_batch(model, &inputs, &batch, &device));
    }
    scores
}
