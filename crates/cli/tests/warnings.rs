//! What is odd about the data is said and stops nothing.

#![allow(clippy::unwrap_used)]

mod common;

use common::recburn;
use std::fs;
use std::path::Path;

/// 40 ratings by five users of eight items, below this header, with this behind each row.
fn ratings(header: &str, behind: impl Fn(usize) -> String) -> String {
    (0..40).fold(format!("{header}\n"), |text, row| {
        text + &format!("u{},i{},{}{}\n", row / 8, row % 8, 1 + row % 5, behind(row))
    })
}

fn write(here: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        fs::write(here.join(name), text).unwrap();
    }
}

#[test]
fn ratings_that_are_all_equal_are_trained_on_with_a_warning() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let clicks = ratings("user,item,count", |_| String::new());
    write(here, &[("clicks.csv", &clicks)]);
    let columns = ["--columns", "user=user,item=item"];
    let train = [
        "train",
        "--data",
        "clicks.csv",
        "--epochs",
        "1",
        "--out",
        "o",
    ];
    let ran = recburn(here, &[&train[..], &columns].concat()).fine();
    assert!(
        ran.err
            .contains("warning: every rating is 1: a rating model learns nothing"),
        "{}",
        ran.err
    );
    // Wherever data are opened, and for programs, too.
    let words: [&[&str]; 4] = [
        &["data", "describe", "clicks.csv"],
        &["data", "crosstab", "clicks.csv"],
        &["data", "split", "clicks.csv", "--out", "parts"],
        &["evaluate", "o/model", "--data", "clicks.csv"],
    ];
    for words in words {
        let ran = recburn(here, &[words, &columns].concat()).fine();
        assert!(
            ran.err.contains("warning: every rating is 1"),
            "{words:?}: {}",
            ran.err
        );
    }
    let json = recburn(here, &[words[0], &columns, &["--json"]].concat())
        .fine()
        .json();
    let warnings = json["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|said| said.as_str().unwrap().starts_with("every rating is 1"))
    );
}

#[test]
fn times_and_titles_that_cannot_be_read_stop_only_what_needs_them() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let time = |row: usize| match row {
        6 => ",".to_string(),
        _ => format!(",{}.0", 1_100_000_000 + row),
    };
    let titles = "movieId,title,genres\ni0,None, the First (1990),Drama\ni1\ni2,Two,Drama\n";
    write(
        here,
        &[
            (
                "ratings.csv",
                &ratings("userId,movieId,rating,timestamp", time),
            ),
            ("movies.csv", titles),
        ],
    );
    let train = [
        "train",
        "--data",
        "ratings.csv",
        "--epochs",
        "1",
        "--out",
        "o",
    ];
    let ran = recburn(here, &train).fine();
    for said in [
        "warning: ratings.csv, line 8, column timestamp: there is no time; 1 of 40 ratings have none",
        "warning: movies.csv, line 2: a title has ',' in it and no quotes around it; it is read as one title",
        "warning: movies.csv, line 3: expected 3 fields, found 1; that line is passed over",
    ] {
        assert!(ran.err.contains(said), "no `{said}` in {}", ran.err);
    }
    let all = ["similar", "o/model", "--item", "i2", "--min-ratings", "0"];
    let similar = recburn(here, &all).fine();
    assert!(
        similar.out.contains("None, the First (1990)"),
        "{}",
        similar.out
    );
    let by_time = [&train[..], &["--split", "time:0.8"]].concat();
    recburn(here, &by_time).fails(
        3,
        &["ratings.csv, line 8, column timestamp", "fraction:0.8"],
    );
    // A file of titles that was asked for has to be one.
    write(here, &[("other.csv", "colour,size\nred,7\n")]);
    let with_items = [&train[..], &["--items", "other.csv"]].concat();
    recburn(here, &with_items).fails(3, &["other.csv: not a known file of items"]);
    write(here, &[("movies.csv", "colour,size\nred,7\n")]);
    let ran = recburn(here, &train).fine();
    assert!(
        ran.err
            .contains("movies.csv, line 1, column movieId: no such column"),
        "{}",
        ran.err
    );
}

#[test]
fn milliseconds_and_hundredths_are_shown_as_people_mean_them() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let rows = (0..40).map(|row| {
        let (user, item) = (row / 8, row % 8);
        format!(
            "u{user},i{item},{:.2},{}\n",
            -9.95 + 0.07 * f64::from(row),
            1_100_000_000_000_i64 + i64::from(row)
        )
    });
    let text = "userId,movieId,rating,timestamp\n".to_string() + &rows.collect::<String>();
    write(here, &[("r.csv", &text)]);
    let ran = recburn(here, &["data", "describe", "r.csv"]).fine();
    assert!(
        ran.err
            .contains("warning: the times are in milliseconds since 1970"),
        "{}",
        ran.err
    );
    assert!(
        ran.out
            .contains("time              2004-11-09 to 2004-11-09"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("-9.95 to -7.22 in steps of 0.07"),
        "{}",
        ran.out
    );
}

#[test]
fn folds_and_shares_are_refused_in_the_users_words() {
    let home = tempfile::tempdir().unwrap();
    for (split, said) in [
        ("fold:6/5", "there is no fold 6 of 5"),
        ("fold:0/5", "there is no fold 0 of 5"),
        ("fold:1/1", "at least 2 folds are needed"),
        ("by-user:80", "80 percent is 0.8"),
        ("leave-last-out:0", "leave-last-out:1"),
    ] {
        let ran = recburn(home.path(), &["train", "--split", split, "--out", "o"]);
        assert!(
            ran.code != Some(0) && ran.err.contains(said),
            "{split}: {}",
            ran.err
        );
        assert!(!home.path().join("o").exists(), "{split}");
    }
}

#[test]
fn what_a_report_says_of_its_split_can_be_said_again() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    write(
        here,
        &[(
            "r.csv",
            &ratings("userId,movieId,rating", |_| String::new()),
        )],
    );
    for split in [
        "stratified-shuffled:0.75",
        "fold:2/5",
        "fraction:0.6/0.2/0.2",
    ] {
        let train = [
            "train", "--data", "r.csv", "--epochs", "1", "--out", "o", "--json", "--split",
        ];
        let first = recburn(here, &[&train[..], &[split]].concat())
            .fine()
            .json();
        let said = first["split"].as_str().unwrap();
        let again = recburn(here, &[&train[..], &[said]].concat()).fine().json();
        assert_eq!(again["split"], first["split"]);
        assert_eq!(again["metrics"], first["metrics"]);
    }
}

#[test]
fn repeated_pairs_have_a_policy() {
    let home = tempfile::tempdir().unwrap();
    let here = home.path();
    let mut text = ratings("userId,movieId,rating", |_| String::new());
    text += "u0,i0,5\nu1,i1,5\n";
    write(here, &[("r.csv", &text)]);
    let describe = ["data", "describe", "r.csv", "--json"];
    let json = recburn(here, &describe).fine().json();
    assert_eq!(
        (&json["ratings"], &json["duplicates"]),
        (&42.into(), &2.into())
    );
    let json = recburn(here, &[&describe[..], &["--repeats", "last"]].concat())
        .fine()
        .json();
    assert_eq!(
        (&json["ratings"], &json["duplicates"]),
        (&40.into(), &0.into())
    );
    let train = ["train", "--data", "r.csv", "--epochs", "1", "--out", "o"];
    let ran = recburn(here, &train).fine();
    assert!(ran.out.contains("2 repeated pairs kept"), "{}", ran.out);
    let refused = recburn(here, &[&train[..], &["--repeats", "error"]].concat());
    refused.fails(
        3,
        &[
            "user u0 has rated item i0 more than once (rows 1 and 41",
            "--repeats first, last or mean",
        ],
    );
    // The policy goes with the model: its validation part is that of the ratings that were left.
    let ran = recburn(here, &[&train[..], &["--repeats", "mean"]].concat()).fine();
    assert!(ran.out.contains("40 ratings by"), "{}", ran.out);
    let experiment = fs::read_to_string(here.join("o/experiment.toml")).unwrap();
    assert!(experiment.contains("repeats=mean"), "{experiment}");
    recburn(here, &["evaluate", "o/model"]).fine();
    recburn(here, &[&train[..], &["--repeats", "newest"]].concat())
        .fails(2, &["keep, first, last, mean or error"]);
}
