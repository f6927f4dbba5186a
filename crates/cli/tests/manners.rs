//! Answers as people and scripts meet them: ids, lists, output, schedules, flags.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ran, recburn};
use std::fs;
use std::path::Path;

/// Ten users who rate eight items each; `twins` is rated twice, `lonely` once. Ids as the world has them.
fn ratings() -> String {
    let mut csv = "userId,movieId,rating\n".to_string();
    for user in 0..10 {
        for item in 0..8 {
            let stars = 1 + (user * 3 + item * 5) % 5;
            csv += &format!("-u{user},--i{item},{stars}\n");
        }
    }
    csv + "-u0,twins,5\n-u1,twins,5\n-u2,lonely,5\n"
}

fn trained(folder: &Path) {
    fs::write(folder.join("ratings.csv"), ratings()).unwrap();
    let arguments = [
        "train",
        "--data",
        "ratings.csv",
        "--epochs",
        "1",
        "--out",
        "o",
    ];
    recburn(folder, &arguments).fine();
}

#[test]
fn an_id_may_begin_with_dashes_and_a_forgotten_id_is_told_from_one() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let run = |arguments: &[&str]| recburn(home.path(), arguments);
    run(&["recommend", "o/model", "--user", "-u1"]).fine();
    let list = run(&["recommend", "o/model", "--user=-u1", "--seen", "--json"])
        .fine()
        .json();
    assert!(list[0]["ratings"].is_u64() && list[0]["clipped"].is_f64());
    run(&["similar", "o/model", "--item", "--i3"]).fine();
    run(&["predict", "o/model", "--user", "-u1", "--item", "--i3"]).fine();
    run(&["recommend", "o/model", "--user", "--count", "5"])
        .fails(2, &["--user needs an id", "--user=--count"]);
}

#[test]
fn a_list_shows_its_ratings_leaves_out_what_hardly_anybody_rated_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let list = recburn(
        home.path(),
        &["recommend", "o/model", "--user", "-u9", "--seen"],
    )
    .fine();
    assert!(
        list.out.lines().next().unwrap().contains("ratings"),
        "{}",
        list.out
    );
    assert!(!list.out.contains("lonely"), "{}", list.out);
    assert!(
        list.err.contains("left out") && list.err.contains("--min-ratings 0"),
        "{}",
        list.err
    );
    let all = [
        "recommend",
        "o/model",
        "--user",
        "-u9",
        "--seen",
        "--min-ratings",
        "0",
        "-n",
        "99",
    ];
    let all = recburn(home.path(), &all).fine();
    assert_eq!(all.out.lines().count(), 11);
    assert!(
        all.out.contains("lonely") && all.err.is_empty(),
        "{}",
        all.err
    );
}

#[test]
fn the_lists_of_all_users_go_into_one_file() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let arguments = [
        "recommend",
        "o",
        "--all-users",
        "--seen",
        "-n",
        "3",
        "--out",
        "lists.csv",
    ];
    recburn(home.path(), &arguments).fine();
    let csv = fs::read_to_string(home.path().join("lists.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + 10 * 3);
    assert!(csv.starts_with("user,rank,item,rating,clipped,ratings,title,genres\n"));
    let arguments = [
        "recommend",
        "o",
        "--user",
        "-u1",
        "--user",
        "-u2",
        "--out",
        "lists.jsonl",
    ];
    recburn(home.path(), &arguments).fine();
    let lines = fs::read_to_string(home.path().join("lists.jsonl")).unwrap();
    let users: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["user"].to_string())
        .collect();
    assert_eq!(users, ["\"-u1\"", "\"-u2\""]);
}

#[test]
fn a_dash_is_standard_output_and_what_is_said_goes_to_the_other_one() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let seen = recburn(
        home.path(),
        &["predict", "o", "--data", "ratings.csv", "--out", "-"],
    )
    .fine();
    assert_eq!(seen.out.lines().count(), 84);
    assert!(seen.out.starts_with("user,item,rating,predicted,clipped\n"));
    assert!(
        seen.err.contains("83 predictions in standard output"),
        "{}",
        seen.err
    );
    assert!(!home.path().join("-").exists());
    let synth = [
        "data",
        "synth",
        "--users",
        "5",
        "--items",
        "5",
        "--ratings",
        "9",
        "--out",
        "-",
    ];
    assert_eq!(recburn(home.path(), &synth).fine().out.lines().count(), 10);
}

#[cfg(unix)]
#[test]
fn a_link_stays_and_a_folder_is_no_file() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    std::os::unix::fs::symlink("real.csv", home.path().join("link.csv")).unwrap();
    recburn(
        home.path(),
        &["predict", "o", "--data", "ratings.csv", "--out", "link.csv"],
    )
    .fine();
    assert!(
        fs::symlink_metadata(home.path().join("link.csv"))
            .unwrap()
            .is_symlink()
    );
    assert!(home.path().join("real.csv").is_file());
    recburn(
        home.path(),
        &["predict", "o", "--data", "ratings.csv", "--out", "o"],
    )
    .fails(1, &["cannot write o", "folder"]);
}

#[test]
fn pairs_need_no_ratings_to_be_predicted() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    fs::write(
        home.path().join("pairs.csv"),
        "userId,movieId\n-u1,--i2\nnobody,--i2\n",
    )
    .unwrap();
    recburn(
        home.path(),
        &["predict", "o", "--data", "pairs.csv", "--out", "p.csv"],
    )
    .fine();
    let csv = fs::read_to_string(home.path().join("p.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[1].starts_with("-u1,--i2,,") && lines[1].len() > 12,
        "{csv}"
    );
    assert_eq!(lines[2], "nobody,--i2,,,");
    fs::write(home.path().join("bare.txt"), "-u1,--i2\n-u2,--i3\n").unwrap();
    let bare = [
        "predict",
        "o",
        "--data",
        "bare.txt",
        "--columns",
        "user=1,item=2",
        "--out",
        "b.csv",
    ];
    recburn(home.path(), &bare).fine();
    let csv = fs::read_to_string(home.path().join("b.csv")).unwrap();
    assert!(csv.contains("\n-u2,--i3,,"), "{csv}");
}

#[test]
fn epochs_are_counted_over_all_phases_and_a_schedule_can_be_ones_own() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("ratings.csv"), ratings()).unwrap();
    let train = [
        "train",
        "--data",
        "ratings.csv",
        "--phase",
        "2@0.01",
        "--phase",
        "1@0.001",
        "--out",
        "o",
    ];
    let run = recburn(home.path(), &train).fine();
    let epochs: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.starts_with("epoch"))
        .collect();
    assert_eq!(epochs.len(), 3, "{}", run.out);
    assert!(epochs[0].starts_with("epoch 1/3") && epochs[2].starts_with("epoch 3/3"));
    assert!(home.path().join("o/model").is_dir());
    let wrong = [
        "train",
        "--data",
        "ratings.csv",
        "--phase",
        "2",
        "--out",
        "o",
    ];
    recburn(home.path(), &wrong).fails(2, &["EPOCHS@RATE"]);
}

#[test]
fn a_model_that_is_no_better_than_the_mean_is_told() {
    let home = tempfile::tempdir().unwrap();
    let csv = ratings()
        .replace(",1\n", ",-1\n")
        .replace(",2\n", ",-2\n")
        .replace(",3\n", ",-3\n");
    let csv = csv.replace(",4\n", ",-4\n").replace(",5\n", ",-5\n");
    fs::write(home.path().join("below.csv"), csv).unwrap();
    let train = [
        "train",
        "--model",
        "non_negative_mf",
        "--data",
        "below.csv",
        "--epochs",
        "1",
        "--out",
        "o",
    ];
    let run = recburn(home.path(), &train).fine();
    assert!(
        run.out.contains("baselines on the same rows"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("worse than always predicting the training mean"),
        "{}",
        run.out
    );
    let report = fs::read_to_string(home.path().join("o/report.json")).unwrap();
    assert!(report.contains("\"user_mean\""), "{report}");
}

#[test]
fn a_flag_that_would_do_nothing_is_refused() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let run = |arguments: &[&str]| recburn(home.path(), arguments);
    run(&[
        "predict",
        "o",
        "--user",
        "-u1",
        "--item",
        "--i1",
        "--columns",
        "user=1,item=2",
    ])
    .fails(2, &["--columns", "--data"]);
    run(&["data", "describe", "ratings.csv", "--data-dir", "sets"])
        .fails(2, &["--data-dir", "path"]);
    run(&["train", "--data-dir", "sets"]).fails(2, &["--data-dir", "built in"]);
    run(&[
        "data",
        "split",
        "ratings.csv",
        "--split",
        "by-user:0.8",
        "--seed",
        "7",
        "--out",
        "s",
    ])
    .fails(2, &["--seed", "random"]);
    run(&["train", "-o", "factors=2", "-o", "factors=3"]).fails(2, &["factors", "twice"]);
}

#[test]
fn what_was_meant_is_said_for_folders_tables_and_ids() {
    let home = tempfile::tempdir().unwrap();
    trained(home.path());
    let run = |arguments: &[&str]| recburn(home.path(), arguments);
    run(&["recommend", "o", "--user", "-u1"]).fine();
    run(&["recommend", "p", "--user", "-u1"]).fails(3, &["did you mean", "model"]);
    run(&["similar", "o", "--item", "--i1", "--table", "user_factors"])
        .fails(2, &["`user_factors` is a table of users"]);
    run(&["recommend", "o", "--user", "-U1"]).fails(3, &["`-u1`"]);
}

#[test]
fn an_id_with_line_ends_takes_one_line_of_a_table() {
    let home = tempfile::tempdir().unwrap();
    let csv = ratings().replace("--i7", "\"a\nb\u{1b}[2J\"");
    fs::write(home.path().join("r.csv"), csv).unwrap();
    recburn(
        home.path(),
        &["train", "--data", "r.csv", "--epochs", "1", "--out", "o"],
    )
    .fine();
    let list = recburn(
        home.path(),
        &["recommend", "o", "--user", "-u1", "--seen", "-n", "8"],
    )
    .fine();
    assert_eq!(list.out.lines().count(), 9, "{}", list.out);
    assert!(list.out.contains("a\\nb\\u{1b}[2J"), "{}", list.out);
}

#[cfg(target_os = "linux")]
#[test]
fn a_table_too_large_for_the_limit_of_the_process_is_refused_in_words() {
    let home = tempfile::tempdir().unwrap();
    let csv = ratings()
        .replace("-u", "10000000")
        .replace("--i", "")
        .replace("twins", "8")
        .replace("lonely", "9");
    fs::write(home.path().join("r.csv"), csv).unwrap();
    let binary = env!("CARGO_BIN_EXE_recburn");
    let limited = format!(
        "ulimit -v 3000000; {binary} train --data r.csv --ids raw --epochs 1 --checkpoint-every 0 --out o"
    );
    let run = std::process::Command::new("bash")
        .args(["-c", &limited])
        .current_dir(home.path())
        .output();
    ran(run.unwrap()).fails(5, &["takes at least", "this machine has"]);
}
