//! A disk that is full when something is saved: the old model stays, and nothing else is left.

use crate::common::recburn;
use crate::disk::SmallDisk;
use crate::places::{files, leftovers, write_ratings};

/// Bytes that are free when the second training begins. Somewhere between them a model, a report and pictures fit.
const FREE: [usize; 7] = [0, 4 << 10, 12 << 10, 24 << 10, 40 << 10, 64 << 10, 96 << 10];

#[test]
fn where_the_disk_is_full_the_old_model_stays() {
    let Some(disk) = SmallDisk::of(2 << 20) else {
        return;
    };
    let here = disk.path();
    write_ratings(&here.join("ratings.csv"));
    let train = |epochs: &str, every: &str| {
        let data = ["train", "--data", "ratings.csv", "--out", "run"];
        let flags = ["--epochs", epochs, "--checkpoint-every", every];
        recburn(here, &[&data[..], &flags].concat())
    };
    let list = || {
        let flags = ["recommend", "run", "--user", "u1", "--json"];
        recburn(here, &flags).fine().out
    };
    train("2", "1").fine();
    let (old, old_list) = (files(&here.join("run/model")), list());
    let old_checkpoint = files(&here.join("run/checkpoint"));
    let mut kept = 0;
    for free in FREE {
        // With checkpoints, and with the model as the first thing that is saved.
        for every in ["1", "0"] {
            disk.fill(free);
            let second = train("3", every);
            if second.code != Some(0) {
                assert!(
                    second.err.contains("cannot write") && second.err.contains("os error 28"),
                    "{}",
                    second.err
                );
                assert!(!second.err.contains("panicked"), "{}", second.err);
            }
            assert_eq!(leftovers(&here.join("run")), [""; 0], "{free} bytes");
            // A model is the old one or the new one, and is read either way.
            if list() == old_list {
                assert!(files(&here.join("run/model")) == old, "{free} bytes");
                kept += 1;
            } else {
                disk.empty();
                train("2", "1").fine();
                assert!(files(&here.join("run/model")) == old, "the same training");
            }
            if every == "1" && free == 0 {
                let checkpoint = files(&here.join("run/checkpoint"));
                assert!(checkpoint == old_checkpoint, "the checkpoint changed");
            }
        }
    }
    assert!(kept >= 4, "the disk was hardly ever full: {kept}");
    disk.empty();
    train("3", "1").fine();
    assert_ne!(list(), old_list);
}
