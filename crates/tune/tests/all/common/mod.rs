//! Spaces and objectives shared by the tests.

use recburn_tune::{
    Event, Finished, Leaderboard, Outcome, Results, Sampler, Space, Stop, Study, Trial,
};
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two floats, an integer and a choice.
pub const FOUR: &str = r#"
[parameters]
"options.factors" = { int = [8, 128], log = true }
"options.l2" = { float = [1e-7, 1e-3], log = true }
"options.bias" = { choice = [true, false] }
"training.dropout" = { float = [0.0, 0.9] }
"#;

pub fn space(text: &str) -> Space {
    Space::parse("space.toml", text).expect("a valid space")
}

pub fn number(trial: &Trial, name: &str) -> f64 {
    trial.values[name].as_f64().expect("a number")
}

/// Smallest (0) at 32 factors, l2 1e-5, a bias, dropout 0.3.
pub fn bowl(trial: &Trial) -> f64 {
    let factors = (number(trial, "options.factors") / 32.0).log2();
    let l2 = number(trial, "options.l2").log10() + 5.0;
    let dropout = (number(trial, "training.dropout") - 0.3) * 3.0;
    let bias = if trial.values["options.bias"] == true {
        0.0
    } else {
        1.0
    };
    factors.powi(2) + l2.powi(2) + dropout.powi(2) + bias
}

/// Runs a study of an objective that cannot fail.
pub fn run(
    study: &Study,
    workers: usize,
    journal: Option<&Path>,
    objective: fn(&Trial) -> f64,
) -> Results {
    let evaluate = |trial: &Trial, _: Stop| Ok::<_, Infallible>(Outcome::new(objective(trial)));
    study
        .run(workers, journal, evaluate, |_| {})
        .expect("a result")
}

/// Without the seconds, which differ from run to run.
pub fn timeless(trials: &[Finished]) -> Vec<Finished> {
    let mut trials = trials.to_vec();
    trials.iter_mut().for_each(|of| of.seconds = 0.0);
    trials
}

pub fn timeless_board(results: &Results) -> (Vec<Finished>, Vec<Finished>) {
    let Leaderboard {
        entries, failed, ..
    } = results.leaderboard();
    (timeless(&entries), timeless(&failed))
}

/// The notes among the events.
pub fn notes(events: &[Event]) -> Vec<String> {
    let note = |event: &Event| match event {
        Event::Note(note) => Some(note.clone()),
        _ => None,
    };
    events.iter().filter_map(note).collect()
}

/// TPE, in five generations.
pub fn study() -> Study {
    Study::new(space(FOUR), Sampler::Tpe { startup: 4 }, 11)
        .trials(14)
        .generation(3)
}

/// A path in a folder that is removed in the end.
pub fn journal() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("journal.jsonl");
    (home, path)
}

/// The study with a change.
pub fn with(mut study: Study, change: impl FnOnce(&mut Study)) -> Study {
    change(&mut study);
    study
}
