//! Ctrl-C: what a user presses, and what is left.

use crate::common::{command, ran, recburn};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn an_interrupted_training_goes_on_from_its_last_whole_epoch() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let flags = ["train", "--out", "run", "--epochs"];
    let child = command(here)
        .args(flags)
        .arg("100000")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !here.join("run/checkpoint/progress.json").is_file() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "no checkpoint in two minutes"
        );
        sleep(Duration::from_millis(20));
    }
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.unwrap().success());
    let stopped = ran(child.wait_with_output().unwrap());
    let said = ["interrupted", "--resume", "run/checkpoint"];
    stopped.fails(130, &said);
    assert!(
        !here.join("run/report.json").exists(),
        "an interrupted run reports nothing"
    );

    // As many epochs as it has, and three more.
    let progress = std::fs::read_to_string(here.join("run/checkpoint/progress.json")).unwrap();
    let progress: serde_json::Value = serde_json::from_str(&progress).unwrap();
    let done = progress["history"].as_array().unwrap().len();
    let epochs = (done + 3).to_string();
    let resumed = recburn(
        here,
        &[&flags[..], &[&epochs, "--resume", "--json"]].concat(),
    )
    .fine();
    let resumed = resumed.json();
    assert_eq!(resumed["epochs"].as_array().unwrap().len(), done + 3);

    // It ends where a training that nobody interrupted ends.
    let straight = ["train", "--out", "straight", "--json", "--epochs", &epochs];
    let straight = recburn(here, &straight).fine().json();
    assert_eq!(resumed["metrics"], straight["metrics"]);
}
