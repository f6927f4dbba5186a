//! Small models, trained once for each target.

use crate::Scratch;
use recburn::prelude::*;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Ratings of twelve users.
///
/// # Panics
///
/// If they cannot be written.
pub fn ratings(scratch: &Scratch) -> PathBuf {
    let mut text = "user,item,rating,timestamp\n".to_string();
    for (user, item) in (0..12).flat_map(|user| (0..9).map(move |item| (user, item))) {
        if (user * 5 + item * 3) % 4 < 3 {
            let (stars, time) = (
                1 + (user * 7 + item * 11) % 5,
                1_000 + user * 100 + item * 7 % 9,
            );
            writeln!(text, "u{user},{item},{stars},{time}").expect("memory");
        }
    }
    scratch.write("ratings.csv", text.as_bytes())
}

/// Trains a model on these ratings and saves it.
///
/// # Panics
///
/// If the model cannot be trained or saved.
pub fn save(model: &str, ratings: &Path, folder: &Path) {
    let mut experiment = Experiment::preset(model, "default").expect("a preset");
    experiment.training.data = ratings.display().to_string();
    experiment.set_epochs(1);
    let prepared = experiment.prepare(None).expect("data");
    if let Some(method) = experiment.method().expect("options") {
        let (recommender, _) = experiment.fit_whole(&*method, &prepared).expect("a fit");
        return recommender.save(folder).expect("a place for it");
    }
    let device = pick_device(None).expect("a device");
    let mut network = experiment.network(&prepared, &device).expect("a model");
    let mut trainer = experiment.trainer();
    experiment
        .fit(&mut trainer, &mut network, &prepared)
        .expect("a training");
    let recommender = experiment.recommender(&network, &prepared);
    recommender
        .expect("a recommender")
        .save(folder)
        .expect("a place for it");
}
