//! Help, flags from files, and what wrong input is answered with.

#![allow(clippy::unwrap_used)]

mod common;

use common::{command, ran, recburn};
use std::fs;

/// With the feature `mpi` a launcher's processes find each other.
#[cfg(not(feature = "mpi"))]
#[test]
fn one_of_several_processes_that_do_not_know_of_each_other_refuses_to_run() {
    let home = tempfile::tempdir().unwrap();
    for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
        let run = |processes: &str| {
            let mut command = command(home.path());
            command.env(variable, processes).args(["models", "list"]);
            ran(command.output().unwrap())
        };
        run("1").fine();
        let said = [
            "each of the 4 processes would train alone and overwrite the others",
            "--features mpi",
            variable,
        ];
        run("4").fails(2, &said);
    }
}

#[test]
fn every_command_teaches_by_example() {
    let home = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 15] = [
        &["data", "fetch"],
        &["data", "describe"],
        &["data", "crosstab"],
        &["data", "split"],
        &["data", "synth"],
        &["models", "list"],
        &["models", "show"],
        &["train"],
        &["run"],
        &["evaluate"],
        &["predict"],
        &["recommend"],
        &["similar"],
        &["export"],
        &["completions"],
    ];
    for words in commands {
        let help = recburn(home.path(), &[words, &["--help"]].concat())
            .fine()
            .out;
        let example = format!("recburn {}", words.join(" "));
        assert!(
            help.contains("Example") && help.matches(&example).count() > 1,
            "{example}: {help}"
        );
    }
    let help = recburn(home.path(), &["--help"]).fine().out;
    assert!(
        help.contains("Exit status") && help.contains("recburn train"),
        "{help}"
    );
}

#[test]
fn a_file_gives_flags_and_the_command_line_takes_precedence() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let file = "json = true\n[train]\nmodel = \"dot_mf\"\nepochs = 1\nout = \"a\"\noption = [\"factors=4\", \"l2=0.0\"]\n\
                centre = true\n[evaluate]\nMODEL = \"a/model\"\n[data.describe]\ndata = \"sample\"\n";
    fs::write(here.join("flags.toml"), file).unwrap();
    let report = recburn(here, &["--config", "flags.toml", "train"])
        .fine()
        .json();
    assert_eq!(report["model"], "dot_mf");
    assert_eq!(report["epochs"].as_array().unwrap().len(), 1);
    assert_eq!(report["parameters"], 4 * (610 + 9_724));
    let report = recburn(
        here,
        &[
            "train",
            "--config",
            "flags.toml",
            "--epochs=2",
            "--out",
            "b",
        ],
    );
    assert_eq!(report.fine().json()["epochs"].as_array().unwrap().len(), 2);
    assert!(here.join("a/report.json").is_file() && here.join("b/report.json").is_file());
}

#[test]
fn a_slip_in_the_file_is_told_with_its_place() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let tried = [
        (
            "[train]\nepoch = 1",
            "[train] has no setting `epoch`; it has model",
        ),
        ("[train]\nepochs = [[1]]", "`epochs` must be text"),
        ("[training]\nepochs = 1", "no command `training`"),
        ("[train]\nresume = 1", "`resume` must be true or false"),
        ("[train\n", "line 1"),
        (
            "[train]\nepochs = \"many\"",
            "some of these arguments come from flags.toml",
        ),
    ];
    for (file, said) in tried {
        fs::write(here.join("flags.toml"), file).unwrap();
        recburn(here, &["--config", "flags.toml", "train"]).fails(2, &[said, "flags.toml"]);
    }
    recburn(here, &["--config", "none.toml", "train"]).fails(2, &["none.toml"]);
}

#[test]
fn the_exit_status_says_what_kind_of_failure_it_was() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let tried: [(&[&str], i32, &[&str]); 16] = [
        (&["train", "--model", "svd"], 2, &["svd", "biased_mf"]),
        (&["train", "--preset", "huge"], 2, &["huge", "default"]),
        (
            &["train", "--option", "factor=3"],
            2,
            &["factor", "factors"],
        ),
        (
            &["train", "--split", "halves"],
            2,
            &["halves", "fraction:0.8"],
        ),
        (&["train", "--loss", "rmse"], 2, &["rmse", "mse"]),
        (&["train", "--loss", "bpr"], 2, &["bpr", "negatives"]),
        (&["train", "--rule", "lamb"], 2, &["lamb", "adam"]),
        (&["train", "--device", "tpu"], 2, &["tpu", "flex"]),
        (&["train", "--resume"], 2, &["no checkpoint"]),
        (
            &["train", "--data", "ml-1m"],
            3,
            &["ml-1m", "recburn data fetch ml-1m"],
        ),
        (
            &[
                "train",
                "--learning-rate",
                "1e30",
                "--rule",
                "sgd",
                "--out",
                "x",
            ],
            5,
            &["lower the rate"],
        ),
        (&["recommend", "nowhere", "--user", "1"], 3, &["nowhere"]),
        (
            &["recommend", "nowhere"],
            2,
            &["--user", "--all", "--ratings"],
        ),
        (&["predict", "nowhere"], 2, &["--user and --item"]),
        (&["data", "fetch", "netflix"], 2, &["netflix", "ml-100k"]),
        (&["run", "none.toml"], 2, &["none.toml"]),
    ];
    for (words, code, said) in tried {
        recburn(here, words).fails(code, said);
    }
    fs::write(here.join("r.csv"), "userId,movieId,rating\n1,2,x\n").unwrap();
    recburn(here, &["data", "describe", "r.csv"])
        .fails(3, &["r.csv", "line 2", "column rating", "'x'"]);
}

#[test]
fn without_a_network_a_fetch_says_at_once_where_to_put_the_files() {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path());
    command.args(["data", "fetch", "ml-100k", "--data-dir", "sets"]);
    // A proxy on a port where nobody listens.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let ran = ran(command.output().unwrap());
    assert!(
        ran.out.contains("licence:") && ran.out.contains("please cite:"),
        "{}",
        ran.out
    );
    ran.fails(4, &["ml-100k.zip", "sets"]);
    assert!(!home.path().join("sets/ml-100k").exists());
}

#[test]
fn data_are_listed_made_up_described_and_split() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let list = recburn(here, &["data", "list", "--json"]).fine().json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|set| set["name"].as_str().unwrap())
        .collect();
    let all = [
        "ml-100k",
        "ml-latest-small",
        "ml-1m",
        "ml-10m",
        "ml-20m",
        "ml-25m",
        "ml-32m",
    ];
    assert_eq!(names, all);
    let shape = [
        "--users",
        "60",
        "--items",
        "50",
        "--ratings",
        "1500",
        "--out",
        "s.csv",
    ];
    recburn(here, &[&["data", "synth"], &shape[..]].concat()).fine();
    let described = recburn(
        here,
        &["data", "describe", "s.csv", "--picture", "p/s", "--json"],
    );
    let described = described.fine().json();
    assert_eq!(
        (described["ratings"].as_u64(), described["users"].as_u64()),
        (Some(1_500), Some(60))
    );
    assert!(here.join("p/s.svg").is_file() && here.join("p/s.png").is_file());
    let text = recburn(here, &["data", "describe", "s.csv"]).fine().out;
    assert!(text.contains("1,500"), "{text}");
    let crosstab = recburn(here, &["data", "crosstab", "s.csv", "-n", "4", "--json"])
        .fine()
        .json();
    assert_eq!(crosstab["ratings"].as_array().unwrap().len(), 4);
    let flags = [
        "data",
        "split",
        "s.csv",
        "--split",
        "by-user:0.8",
        "--out",
        "parts",
        "--json",
    ];
    let parts = recburn(here, &flags).fine().json();
    let rows = |name: &str| {
        fs::read_to_string(here.join("parts").join(name))
            .unwrap()
            .lines()
            .count()
            - 1
    };
    assert_eq!(parts["train_rows"].as_u64(), Some(rows("train.csv") as u64));
    assert_eq!(rows("train.csv") + rows("valid.csv"), 1_500);
}

#[test]
fn models_are_listed_by_filter_and_shown_with_their_diagram() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let names = |words: &[&str]| -> Vec<String> {
        let list = recburn(here, words).fine().json();
        let list = list.as_array().unwrap().iter();
        list.map(|model| model["name"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(names(&["models", "list", "*mlp", "--json"]), ["concat_mlp"]);
    assert!(names(&["models", "list", "--json"]).len() >= 7);
    let flags = [
        "models",
        "show",
        "biased_mf",
        "-o",
        "factors=40",
        "--diagram",
        "d",
    ];
    let text = recburn(here, &flags).fine().out;
    assert!(
        text.contains("Total parameters: 107,625") && text.contains("small16"),
        "{text}"
    );
    for name in ["diagram.svg", "diagram.png", "diagram.mmd", "diagram.dot"] {
        assert!(here.join("d").join(name).is_file(), "{name}");
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path());
    let mut child = command
        .args(["models", "list"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
}
