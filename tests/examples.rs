//! The examples, run as a user runs them: as programs, from a folder that holds nothing.
//!
//! `cargo test` builds the examples with the tests; for this file alone build them first: `cargo build --examples`, with
//! the same profile and features.

#![allow(clippy::unwrap_used)]

#[path = "common/at_hand.rs"]
mod at_hand;

use at_hand::at_hand;
use recburn::prelude::*;
use recburn::{BACKENDS, BURN_VERSION};
use serde_json::Value;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The name of every example of this build, read off the folder, so that a new one is covered by itself.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let paths = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_string())
        .filter(|name| cfg!(feature = "learner") || name != "burn_learner")
        .collect();
    names.sort();
    assert!(!names.is_empty(), "{} holds no example", folder.display());
    names
}

/// Those that train on a data set: they have a flag that names one.
fn training_examples() -> Vec<String> {
    let mut names = examples();
    names.retain(|name| Run::of(name, &["--help"], &[]).said().contains("--data <"));
    assert!(names.len() > 1, "{names:?}");
    names
}

/// The program of an example: tests are in `deps` of the folder that has `examples` as well.
fn program(name: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let folder = tests.parent().unwrap().parent().unwrap().join("examples");
    let path = folder.join(name).with_extension(env::consts::EXE_EXTENSION);
    assert!(
        path.is_file(),
        "{} is not built; `cargo test` builds it, or `cargo build --examples` with the same profile and features",
        path.display()
    );
    path
}

/// One run of an example, in a folder of its own, with what it makes in `results` there.
struct Run {
    home: TempDir,
    output: Output,
}

impl Run {
    fn of(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(program(name));
        command
            .args(["--out", "results"])
            .args(arguments)
            .current_dir(home.path());
        // What would choose the device, the threads, and how much an error says.
        for variable in [
            "BURN_DEVICE",
            "RAYON_NUM_THREADS",
            "RUST_BACKTRACE",
            "RUST_LIB_BACKTRACE",
        ] {
            command.env_remove(variable);
        }
        command.envs(variables.iter().copied());
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { home, output }
    }

    /// One epoch, with what else is asked.
    fn epoch(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let epoch = ["--epochs", "1"];
        let run = Self::of(name, &[&epoch, arguments].concat(), variables);
        let (said, erred) = (run.said(), run.erred());
        assert!(
            run.output.status.success(),
            "{name} {arguments:?}: {}\n{said}\n{erred}",
            run.output.status
        );
        assert_eq!(erred, "", "{name} {arguments:?} complained");
        run
    }

    fn said(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    fn erred(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    /// A file that it left.
    fn result(&self, file: &str) -> PathBuf {
        self.home.path().join("results").join(file)
    }

    fn bytes(&self, file: &str) -> Vec<u8> {
        let path = self.result(file);
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The history without the columns of the clock.
    fn history(&self) -> String {
        let table = String::from_utf8(self.bytes("history.csv")).unwrap();
        let header: Vec<_> = table.lines().next().unwrap().split(',').collect();
        let timed: Vec<_> = header
            .iter()
            .map(|column| ["seconds", "ratings_per_second"].contains(column))
            .collect();
        assert_eq!(
            timed.iter().filter(|timed| **timed).count(),
            2,
            "{header:?}"
        );
        let untimed = |line: &str| {
            let cells = line.split(',').zip(&timed).filter(|(_, timed)| !**timed);
            cells.map(|(cell, _)| cell).collect::<Vec<_>>().join(",")
        };
        table.lines().map(untimed).collect::<Vec<_>>().join("\n")
    }

    /// The one line of a run that was refused.
    fn refusal(&self) -> String {
        let (said, erred) = (self.said(), self.erred());
        assert!(
            !self.output.status.success(),
            "nothing was refused:\n{said}"
        );
        assert!(!erred.contains("panicked at"), "{erred}");
        let lines: Vec<_> = erred.lines().collect();
        assert_eq!(lines.len(), 1, "more than one line, or none:\n{erred}");
        assert!(
            !self.result("report.json").exists(),
            "a refused run has nothing to report"
        );
        erred.trim_end().to_string()
    }
}

/// The backends of this build, the one that is taken without being asked for first.
fn backends() -> impl Iterator<Item = &'static str> {
    let built_in = |name: &&str| match *name {
        "cuda" => cfg!(feature = "cuda"),
        "wgpu" => cfg!(feature = "wgpu"),
        "flex" => cfg!(feature = "flex"),
        "ndarray" => cfg!(feature = "ndarray"),
        other => panic!("the backend {other} is new here"),
    };
    BACKENDS.into_iter().filter(built_in)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn every_training_example_runs_and_leaves_its_report_and_curves() {
    for name in training_examples() {
        let run = Run::epoch(&name, &[], &[]);
        let said = run.said();
        let device = backends().next().unwrap();
        assert!(
            said.lines().any(|line| line == format!("device: {device}")),
            "{name}:\n{said}"
        );
        assert!(said.contains("synthetic"), "{name}:\n{said}");
        assert!(said.contains("epoch 1/1  loss "), "{name}:\n{said}");
        report_is_sound(&name, &run, device);
        let svg = String::from_utf8(run.bytes("curves.svg")).unwrap();
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{name}"
        );
        assert!(
            run.bytes("curves.png").starts_with(b"\x89PNG\r\n\x1a\n"),
            "{name}"
        );
        // A model of the zoo has a picture besides.
        if recburn::models::find(&name).is_ok() {
            assert!(
                run.bytes("diagram.png").starts_with(b"\x89PNG\r\n\x1a\n"),
                "{name}"
            );
            assert_eq!(
                run.history().lines().count(),
                2,
                "{name}: a header and an epoch"
            );
            assert!(
                said.contains(&format!("Model: {name}\n")),
                "{name}:\n{said}"
            );
        }
    }
}

/// What holds of a report on a model whose scores are ratings.
fn ratings_are_sound(name: &str, json: &Value, report: &RunReport) {
    let of_metrics = [
        "mse",
        "rmse",
        "mae",
        "mae_rounded",
        "rmse_clipped",
        "mae_clipped",
    ];
    assert_eq!(keys(&json["metrics"]), BTreeSet::from(of_metrics), "{name}");

    // An epoch teaches something, and not more than there is to learn.
    let (floor, metrics) = (report.noise_floor.unwrap(), report.metrics.unwrap());
    assert!((0.5..1.0).contains(&floor), "{name}: {floor}");
    assert!(
        (0.99 * floor..2.5).contains(&metrics.rmse),
        "{name}: {metrics:?}"
    );
    assert!(
        metrics.mae < metrics.rmse && metrics.rmse_clipped <= metrics.rmse,
        "{name}: {metrics:?}"
    );
    assert!(
        (metrics.rmse * metrics.rmse - metrics.mse).abs() < 1e-9,
        "{name}: {metrics:?}"
    );
    let epoch = &report.epochs[0];
    assert!(
        (epoch.valid_loss.unwrap() - metrics.mse).abs() < 1e-3,
        "{name}: {epoch:?}, {metrics:?}"
    );
    assert!(
        epoch.train_penalty >= 0.0 && epoch.valid_penalty == Some(epoch.train_penalty),
        "{name}: {epoch:?}"
    );
}

/// The documented keys, no more and no less, with values that can be true.
fn report_is_sound(name: &str, run: &Run, device: &str) {
    let json: Value = serde_json::from_slice(&run.bytes("report.json")).unwrap();
    let documented = [
        "model",
        "data",
        "split",
        "seed",
        "parameters",
        "train_rows",
        "valid_rows",
        "test_rows",
        "noise_floor",
        "fit_seconds",
        "epochs",
        "metrics",
        "baselines",
        "ranking",
        "popularity",
        "test",
        "test_ranking",
        "cold",
        "test_cold",
        "device",
        "versions",
        "stopped",
    ];
    assert_eq!(keys(&json), BTreeSet::from(documented), "{name}");
    let of_epoch = [
        "epoch",
        "train_loss",
        "train_penalty",
        "valid_loss",
        "valid_penalty",
        "valid",
        "seconds",
        "ratings_per_second",
    ];
    assert_eq!(keys(&json["epochs"][0]), BTreeSet::from(of_epoch), "{name}");
    let report = RunReport::load(run.result("report.json")).unwrap();
    let sample = Dataset::open("sample").unwrap();
    // Histories are continued by their last items, all others leave a random fifth out.
    let random = report.split == "fraction:0.8";
    assert!(random || report.split == "leave-last-out:1", "{name}");
    assert_eq!((&*report.model, &*report.data), (name, "sample"));
    assert_eq!(
        (report.seed, &*report.device, report.stopped.as_deref()),
        (42, device, None),
        "{name}"
    );
    assert_eq!(
        (&*report.versions.recburn, &*report.versions.burn),
        (env!("CARGO_PKG_VERSION"), BURN_VERSION)
    );
    assert_eq!(
        report.train_rows + report.valid_rows,
        sample.ratings.len(),
        "{name}"
    );
    let fifths = report.train_rows == sample.ratings.len() * 4 / 5;
    assert_eq!(fifths, random, "{name}");
    assert!(
        report.parameters > sample.users.rows() + sample.items.rows(),
        "{name}: {}",
        report.parameters
    );
    assert!(
        report.cold.rows >= report.cold.items.max(report.cold.users),
        "{name}: {:?}",
        report.cold
    );
    assert!(
        report.cold.rows < report.valid_rows / 2,
        "{name}: {:?}",
        report.cold
    );

    assert_eq!(report.epochs.len(), 1, "{name}");
    let epoch = &report.epochs[0];
    assert_eq!(epoch.epoch, 1, "{name}");
    // The likelihood of whole users is a sum over their items.
    let most = if name.starts_with("mult_") {
        5_000.0
    } else {
        15.0
    };
    assert!(
        epoch.train_loss > 0.0 && epoch.train_loss < most,
        "{name}: {epoch:?}"
    );
    // Of lists there are other measures, which the history has.
    match report.metrics {
        Some(_) => ratings_are_sound(name, &json, &report),
        None => assert!(run.history().contains("valid_ndcg@10"), "{name}"),
    }
    // A history has no query of its first item, and a whole user is one query.
    let fewer = !random || name.starts_with("mult_");
    let speed = report.train_rows as f64 / epoch.seconds;
    let exact = (epoch.ratings_per_second / speed - 1.0).abs() < 1e-6;
    let sound = exact || fewer && epoch.ratings_per_second < speed;
    assert!(epoch.seconds > 0.0 && sound, "{name}: {epoch:?}");
}

#[test]
fn biased_mf_goes_all_the_way_to_recommendations() {
    let run = Run::epoch("biased_mf", &[], &[]);
    let said = run.said();
    let list = said
        .split("ten more for user ")
        .nth(1)
        .unwrap_or_else(|| panic!("no list:\n{said}"));
    let stars: Vec<f64> = list
        .lines()
        .skip(1)
        .map(|line| {
            line.split_whitespace()
                .next()
                .unwrap()
                .parse()
                .unwrap_or_else(|_| panic!("{line}"))
        })
        .collect();
    assert_eq!(stars.len(), 10, "{said}");
    assert!(stars.is_sorted_by(|left, right| left >= right), "{stars:?}");
    assert!(
        stars.iter().all(|stars| (0.0..6.0).contains(stars)),
        "{stars:?}"
    );
    assert!(said.contains(" stars; predicted: "), "{said}");

    // The folder that it speaks of is a model, of the list that it printed.
    let recommender = Recommender::load(
        &run.result("model"),
        &pick_device(backends().next()).unwrap(),
    )
    .unwrap();
    let user = list.split(':').next().unwrap();
    let again = recommender.recommend(user, 10).unwrap();
    for (line, recommendation) in list.lines().skip(1).zip(&again) {
        assert!(
            line.contains(&recommendation.title),
            "{line} is not {recommendation:?}"
        );
    }
    let mut files: Vec<_> = fs::read_dir(run.result("model"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "ids.json",
            "model.json",
            "seen.safetensors",
            "weights.safetensors"
        ]
    );

    let factors = String::from_utf8(run.bytes("item_factors.csv")).unwrap();
    let items = Dataset::open("sample").unwrap().items.len();
    assert_eq!(factors.lines().count(), items + 1);
    assert!(
        factors.starts_with("id,0,1,2,"),
        "{}",
        factors.lines().next().unwrap()
    );
}

#[test]
fn weights_of_keras_and_pytorch_predict_here_what_they_predicted_there() {
    let run = Run::of("import_weights", &[], &[]);
    let (said, erred) = (run.said(), run.erred());
    assert!(run.output.status.success() && erred.is_empty(), "{erred}");
    let lines: Value = serde_json::from_slice(&run.bytes("report.json")).unwrap();
    let lines = lines.as_array().unwrap();
    let files: Vec<_> = lines.iter().map(|line| &line["file"]).collect();
    assert_eq!(
        files,
        [
            "keras_biased_mf",
            "keras_concat_mlp",
            "pytorch_biased_mf",
            "pytorch_concat_mlp"
        ]
    );
    for line in lines {
        assert_eq!(line["pairs"], 180, "{line}");
        assert!(line["parameters"].as_u64().unwrap() > 100, "{line}");
        let deviation = line["largest_deviation"].as_f64().unwrap();
        assert!((0.0..=1e-5).contains(&deviation), "{line}");
        let file = line["file"].as_str().unwrap();
        assert!(said.lines().any(|said| said.starts_with(file)), "{said}");
    }
    for picture in ["predictions.svg", "biased_mf.svg", "concat_mlp.svg"] {
        assert!(run.bytes(picture).starts_with(b"<svg"), "{picture}");
    }
}

#[cfg(feature = "learner")]
#[test]
fn burns_learner_trains_as_ours_and_hands_its_weights_on() {
    let [theirs, ours] = ["burn_learner", "concat_mlp"].map(|name| Run::epoch(name, &[], &[]));
    let rmse = |run: &Run| {
        let report = RunReport::load(run.result("report.json")).unwrap();
        report.metrics.unwrap().rmse
    };
    // The same start and the same steps, but for the order of the ratings and the masks of dropout.
    let (left, right) = (rmse(&theirs), rmse(&ours));
    assert!((left - right).abs() < 0.02, "{left} and {right}");
    assert!(
        theirs.said().contains("Learner Summary"),
        "{}",
        theirs.said()
    );

    // What Burn's users look for.
    for file in [
        "experiment.log",
        "checkpoint/model-1.bpk",
        "checkpoint/optim-1.bpk",
        "train/epoch-1/RMSE.log",
        "valid/epoch-1/RMSE.log",
    ] {
        assert!(
            !theirs.bytes(&format!("learner/{file}")).is_empty(),
            "{file}"
        );
    }
    // The folder that it left is a model, of the list that it printed.
    let device = pick_device(backends().next()).unwrap();
    let recommender = Recommender::load(&theirs.result("model"), &device).unwrap();
    let said = theirs.said();
    let list = said.split("five for user ").nth(1).unwrap();
    let user = list.split(':').next().unwrap();
    let again = recommender.recommend(user, 5).unwrap();
    assert_eq!(again.len(), 5);
    for (line, recommendation) in list.lines().skip(1).zip(&again) {
        assert!(line.contains(&recommendation.title), "{line}");
    }
}

#[test]
fn a_seed_fixes_the_history_whatever_the_number_of_threads() {
    // The backends of processors stand last.
    let processor = backends().last().unwrap();
    for name in ["biased_mf", "concat_mlp"] {
        // Small steps, and ones that are worth a second thread.
        for batch in [&[][..], &["--batch", "4096"]] {
            let of = |seed: &str, threads: &str| {
                let arguments = [batch, &["--seed", seed, "--device", processor]].concat();
                Run::epoch(name, &arguments, &[("RAYON_NUM_THREADS", threads)]).history()
            };
            let first = of("7", "1");
            assert_eq!(first, of("7", "1"), "{name} {batch:?}: the same seed twice");
            assert_eq!(first, of("7", "2"), "{name} {batch:?}: one thread and two");
            assert_ne!(first, of("8", "1"), "{name} {batch:?}: another seed");
        }
    }
}

#[test]
fn an_unknown_device_ends_in_one_line() {
    for name in examples() {
        for (arguments, variables) in [
            (&["--device", "nonsense"][..], &[][..]),
            (&[], &[("BURN_DEVICE", "nonsense")]),
        ] {
            let message = Run::of(&name, arguments, variables).refusal();
            assert!(
                message.contains("unknown device `nonsense`"),
                "{name}: {message}"
            );
            assert!(
                message.contains("cuda, wgpu, flex, ndarray"),
                "{name}: {message}"
            );
        }
    }
}

#[test]
fn a_device_that_is_not_built_in_ends_in_one_line_with_its_feature() {
    for device in BACKENDS
        .into_iter()
        .filter(|name| !backends().any(|built_in| built_in == *name))
    {
        let by_flag = Run::of("biased_mf", &["--device", device], &[]);
        let by_variable = Run::of("biased_mf", &[], &[("BURN_DEVICE", device)]);
        for run in [by_flag, by_variable] {
            let message = run.refusal();
            assert!(
                message.contains(&format!("--features {device}")),
                "{message}"
            );
        }
    }
}

#[test]
fn every_device_that_is_built_in_can_be_asked_for() {
    // A graphics processor may be missing where the tests run: what is asked for here needs none.
    for device in backends().filter(|name| ["flex", "ndarray"].contains(name)) {
        let run = Run::epoch("dot_mf", &["--device", device], &[]);
        assert!(
            run.said().contains(&format!("device: {device}\n")),
            "{}",
            run.said()
        );
    }
}

#[test]
fn data_that_are_nowhere_end_in_one_line_that_lists_where_it_looked() {
    for name in training_examples() {
        let message = Run::of(&name, &["--data", "nowhere"], &[]).refusal();
        assert!(
            message.contains("'nowhere'") && message.contains("looked at: nowhere"),
            "{name}: {message}"
        );
        assert!(message.contains("sample, ml-100k"), "{name}: {message}");
    }
    let variables = [("RECBURN_DATA", "shelf")];
    let message = Run::of(
        "biased_mf",
        &["--data", "ml-100k", "--data-dir", "desk"],
        &variables,
    )
    .refusal();
    let looked = ["desk", "shelf", "datasets"].map(|folder| {
        let folder = Path::new(folder).join("ml-100k");
        format!("{0}, {0}.zip", folder.display())
    });
    assert!(message.contains(&looked.join(", ")), "{message}");
    assert!(message.contains("u.data and u.item"), "{message}");
}

#[test]
fn settings_that_cannot_be_end_in_one_line() {
    for (arguments, word) in [
        (&["--preset", "nonsense"][..], "no preset `nonsense`"),
        (&["--batch", "0"], "a batch must hold at least one example"),
    ] {
        let message = Run::of("biased_mf", arguments, &[]).refusal();
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn the_movielens_files_are_read_where_they_are_at_hand() {
    let Some(folder) = at_hand("RECBURN_DATA") else {
        return;
    };
    let folder = std::path::absolute(folder).unwrap();
    let variables = [("RECBURN_DATA", folder.to_str().unwrap())];
    let run = Run::epoch("biased_mf", &["--data", "ml-latest-small"], &variables);
    let said = run.said();
    assert!(said.contains("610 users of 9,724 items"), "{said}");
    assert!(
        said.contains("100,836 ratings") && !said.contains("synthetic"),
        "{said}"
    );
    assert_eq!(
        RunReport::load(run.result("report.json")).unwrap().data,
        "ml-latest-small"
    );
}
