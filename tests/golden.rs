//! Training follows Keras 3: from the same weights, over the same batches, every loss and every weight.
//!
//! On every backend that is compiled in; `RECBURN_TEST_DEVICE` names those to keep to. `tests/golden/README.md` says what
//! the files hold and how they are made. `RECBURN_GOLDEN` names a folder of further ones.

#[path = "golden/architecture.rs"]
mod architecture;
#[path = "common/at_hand.rs"]
mod at_hand;
mod common;
#[path = "golden/file.rs"]
mod file;
#[path = "golden/follow.rs"]
mod follow;
#[path = "golden/penalty.rs"]
mod penalty;

use at_hand::at_hand;
use common::devices;
use file::Golden;
use follow::{Way, Worst, follow};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    assert!(
        !files.is_empty(),
        "{} holds no golden file",
        folder.display()
    );
    files
}

/// Follows every file of a folder on every backend; returns the words for how steps were taken.
fn follow_all(folder: &Path) -> BTreeSet<&'static str> {
    let files = files(folder);
    let (mut failed, mut taken) = (Vec::new(), BTreeSet::new());
    for (backend, device) in devices() {
        let mut worst = Worst::default();
        println!("\ndeviations on {backend} of {}", folder.display());
        println!(
            "{:<28} {:<14} {:<10} {:>12} {:>12} {:>12}",
            "case", "tables", "steps", "loss", "weight", "prediction"
        );
        for path in &files {
            let golden = Golden::read(path);
            for way in Way::of(backend) {
                let (seen, steps) = follow(&golden, *way, &device);
                taken.insert(steps);
                let way = format!("{way:?}");
                println!("{:<28} {way:<14} {steps:<10} {seen}", golden.case);
                if !seen.is_tolerable() {
                    failed.push(format!("{backend}, {way}: {}: {seen}", path.display()));
                }
                worst = worst.or(seen);
            }
        }
        println!("{:<28} {:<14} {:<10} {worst}", "the worst of all", "", "");
    }
    assert!(
        failed.is_empty(),
        "left the trajectory of Keras (loss, weight, prediction):\n{}",
        failed.join("\n")
    );
    taken
}

#[test]
fn training_follows_keras_on_every_architecture_in_every_way_of_stepping() {
    let taken = follow_all(&own());
    if devices().iter().any(|(backend, _)| Way::on_host(backend)) {
        assert_eq!(
            Vec::from_iter(taken),
            ["autodiff", "compiled", "factorised"]
        );
    }
}

#[test]
fn training_follows_keras_on_the_files_of_recburn_golden() {
    if let Some(folder) = at_hand("RECBURN_GOLDEN") {
        follow_all(&folder);
    }
}

/// A file's graph is what is trained; that it is the zoo's is what makes its trajectory one of the zoo.
#[test]
fn the_zoo_draws_the_graphs_of_the_files_that_name_a_model() {
    let files: Vec<_> = files(&own())
        .iter()
        .map(|path| Golden::read(path))
        .collect();
    let drawn = files.iter().filter_map(|golden| {
        let drawn = golden.drawn_by_the_zoo()?;
        assert_eq!(drawn, golden.graph(), "{}", golden.case);
        Some(drawn.name().to_string())
    });
    let mut models: Vec<_> = drawn.collect();
    models.sort();
    models.dedup();
    assert!(models.len() >= 6, "{models:?}");
}
