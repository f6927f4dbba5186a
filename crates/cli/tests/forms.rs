//! Files of ratings as people have them: what opens, what is said of it, and the way out where it does not.

mod common;

use common::recburn;
use std::fs;
use std::path::Path;
use tempfile::{TempDir, tempdir};

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempdir().expect("a temporary folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a temporary file");
    }
    folder
}

/// Some thirty rows of three fields, with this between them.
fn rows(sign: &str) -> String {
    let row = |number: u32| {
        let (reader, book, half) = (number % 6, number / 6, 2 + number % 7);
        format!("r{reader}{sign}b{book}{sign}{}\n", f64::from(half) / 2.0)
    };
    (0..30).map(row).collect()
}

#[track_caller]
fn described(folder: &Path, file: &str) -> String {
    recburn(folder, &["data", "describe", file]).fine().out
}

#[test]
fn common_forms_open_and_what_was_understood_is_said() {
    let books = format!("reader_id;book_id;stars\n{}", rows(";").replace('.', ","));
    let lines: String = rows(" ")
        .lines()
        .map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            format!(
                "{{\"user_id\": \"{}\", \"asin\": \"{}\", \"overall\": {}}}\n",
                fields[0], fields[1], fields[2]
            )
        })
        .collect();
    let folder = folder(&[
        ("books.csv", books.as_bytes()),
        ("reviews.json", lines.as_bytes()),
        ("plain.txt", rows("   ").as_bytes()),
    ]);
    for (file, said) in [
        (
            "books.csv",
            "user=reader_id, item=book_id, rating=stars, separated by semicolons",
        ),
        (
            "reviews.json",
            "user=user_id, item=asin, rating=overall, lines of JSON",
        ),
        (
            "plain.txt",
            "user=1, item=2, rating=3 by place, separated by spaces, without a header",
        ),
    ] {
        let out = described(folder.path(), file);
        assert!(out.contains("ratings           30\n"), "{out}");
        assert!(
            out.contains(&format!("read as           {said}\n")),
            "{out}"
        );
    }
    let json = recburn(folder.path(), &["data", "describe", "books.csv", "--json"])
        .fine()
        .json();
    assert_eq!(
        json["read_as"],
        "user=reader_id, item=book_id, rating=stars, separated by semicolons"
    );
}

#[test]
fn a_refusal_has_the_flag_that_opens_the_file() {
    let named = format!("who,what,stars\n{}", rows(","));
    let two = format!(
        "user_id,book_id,isbn,rating\n{}",
        rows(",").replace(',', ",x,").replacen("x,", "", 1)
    );
    let folder = folder(&[("named.csv", named.as_bytes()), ("two.csv", two.as_bytes())]);
    let refused = recburn(folder.path(), &["data", "describe", "named.csv"]);
    refused.fails(
        3,
        &[
            "named.csv: cannot tell which column holds what",
            "--columns user=who,item=what,rating=stars",
        ],
    );
    let columns = "user=who,item=what,rating=stars";
    recburn(
        folder.path(),
        &["data", "describe", "named.csv", "--columns", columns],
    )
    .fine();
    let refused = recburn(folder.path(), &["data", "describe", "two.csv"]);
    refused.fails(
        3,
        &[
            "more than one column could be the item: book_id, isbn",
            "--columns user=user_id,item=book_id,rating=rating",
        ],
    );
    for columns in [
        "user=who,item=who,rating=stars",
        "user=who,item=1,rating=stars",
        "user=who,item=what,rating=what",
    ] {
        let refused = recburn(
            folder.path(),
            &["data", "describe", "named.csv", "--columns", columns],
        );
        refused.fails(
            3,
            &[
                "are the same column",
                "--columns user=who,item=what,rating=stars",
            ],
        );
    }
}

#[test]
fn bad_lines_stop_or_are_counted() {
    let mut content = format!("userId,movieId,rating\n{}", rows(","));
    content += "r1,b9,good\nr2\n";
    let folder = folder(&[("ratings.csv", content.as_bytes())]);
    let stopped = recburn(folder.path(), &["data", "describe", "ratings.csv"]);
    stopped.fails(
        3,
        &[
            "ratings.csv, line 32, column rating: expected a number, found 'good'",
            "hint: --bad-lines skip",
        ],
    );
    let skip = ["data", "describe", "ratings.csv", "--bad-lines", "skip"];
    let skipped = recburn(folder.path(), &skip).fine();
    assert!(
        skipped.out.contains("ratings           30\n"),
        "{}",
        skipped.out
    );
    assert!(
        skipped
            .err
            .contains("warning: 2 lines that cannot be read are left out: "),
        "{}",
        skipped.err
    );
    let train = [
        "train",
        "--data",
        "ratings.csv",
        "--bad-lines",
        "skip",
        "--epochs",
        "1",
        "--out",
        "o",
    ];
    let trained = recburn(folder.path(), &train).fine();
    assert!(
        trained.err.contains("2 lines that cannot be read"),
        "{}",
        trained.err
    );
    let saved = fs::read_to_string(folder.path().join("o/experiment.toml")).expect("it is written");
    assert!(saved.contains("bad_lines = \"skip\""), "{saved}");
    recburn(
        folder.path(),
        &["data", "describe", "ratings.csv", "--bad-lines", "perhaps"],
    )
    .fails(2, &["expected stop or skip"]);
}

#[test]
fn features_are_read_and_remembered() {
    let users: String = (0..40)
        .map(|user| format!("r{user},{}\n", 20 + user))
        .collect();
    let folder = folder(&[
        ("ratings.csv", rows(",").as_bytes()),
        ("users.csv", format!("who,age\n{users}").as_bytes()),
        ("few.csv", b"who,age\nr0,20\n"),
    ]);
    let train = |features: &str| {
        let train = [
            "train",
            "--data",
            "ratings.csv",
            "--epochs",
            "1",
            "--out",
            "o",
            "--user-features",
            features,
        ];
        recburn(folder.path(), &train)
    };
    train("few.csv").fails(3, &["users are not in it, such as", "missing=allow"]);
    train("users.csv:id=who,age").fails(2, &["unknown list of features"]);
    train("users.csv:id=who,age:number").fine();
    let saved = fs::read_to_string(folder.path().join("o/experiment.toml")).expect("it is written");
    assert!(
        saved.contains("user_features = \"users.csv:id=who,age:number\""),
        "{saved}"
    );
}

#[test]
fn quotes_and_letters_do_not_get_into_ids() {
    let quoted = rows("\"\t\"")
        .replace('r', "\"caf\u{e9} ")
        .replace('\n', "\"\n");
    let latin: Vec<u8> = format!("\"user\"\t\"item\"\t\"rating\"\n{quoted}")
        .chars()
        .map(|letter| letter as u8)
        .collect();
    let folder = folder(&[("r.tsv", &latin)]);
    let train = ["train", "--data", "r.tsv", "--epochs", "1", "--out", "o"];
    let trained = recburn(folder.path(), &train).fine();
    assert!(
        trained
            .err
            .contains("user ids are not UTF-8 and read as Latin-1, such as 'café 0'"),
        "{}",
        trained.err
    );
    recburn(
        folder.path(),
        &["predict", "o/model", "--user", "café 1", "--item", "b2"],
    )
    .fine();
}
