//! Lists by somebody's own ratings, from a file.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Ran, recburn};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A model of the sample in `run/model`.
fn trained() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    recburn(home.path(), &["train", "--epochs", "1", "--out", "run"]).fine();
    home
}

fn recommend(here: &Path, file: &str, text: &str, flags: &[&str]) -> Ran {
    fs::write(here.join(file), text).unwrap();
    let arguments = [&["recommend", "run/model", "--ratings", file][..], flags].concat();
    recburn(here, &arguments)
}

fn items(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|line| line["item"].as_str().unwrap()).collect()
}

#[test]
fn a_file_of_ratings_makes_a_list() {
    let home = trained();
    let here = home.path();
    // Two items that are well known.
    let known = recburn(
        here,
        &["recommend", "run/model", "--user", "1", "-n", "2", "--json"],
    );
    let known = known.fine().json();
    let id = |at: usize| known[at]["item"].as_str().unwrap().to_string();
    let (one, other) = (id(0), id(1));

    let text = format!("{one},5\n{other},0.5\nnobody's,3\n");
    let ran = recommend(here, "mine.csv", &text, &["--json"]).fine();
    assert!(
        ran.err
            .contains("note: 1 item that the model does not know was left out: `nobody's`"),
        "{}",
        ran.err
    );
    let list = ran.json();
    assert_eq!(list["source"], "folded");
    assert_eq!(
        (&list["user"], &list["ratings"]),
        (&Value::Null, &Value::from(2))
    );
    assert_eq!(list["unknown_items"], serde_json::json!(["nobody's"]));
    assert_eq!(items(&list).len(), 10);
    assert!(
        !items(&list).contains(&one.as_str()),
        "what is rated is not on the list"
    );

    // A heading, in any order and with columns of no concern; a byte order mark; lines of Windows.
    let with_heading = format!(
        "\u{feff}timestamp,rating,movieId\r\n1,5,{one}\r\n2,0.5,{other}\r\n3,3,nobody's\r\n"
    );
    let again = recommend(here, "mine.csv", &with_heading, &["--json"])
        .fine()
        .json();
    assert_eq!(again, list);

    let of_user = recommend(
        here,
        "mine.csv",
        &format!("{one},5\n"),
        &["--user", "1", "--json"],
    );
    let of_user = of_user.fine().json();
    assert_eq!(of_user["source"], "known_and_folded");
    assert_eq!(of_user["user"], "1");
    assert!(of_user["ratings"].as_u64().unwrap() > 10);

    let shown = recommend(here, "mine.csv", &text, &["-n", "3"]).fine();
    assert_eq!(shown.out.lines().count(), 4, "{}", shown.out);
}

#[test]
fn what_is_wrong_with_a_file_of_ratings_is_said_with_its_place() {
    let home = trained();
    let here = home.path();
    let known = recburn(
        here,
        &["recommend", "run/model", "--user", "1", "-n", "1", "--json"],
    );
    let known = known.fine().json();
    let item = known[0]["item"].as_str().unwrap().to_string();
    let fails = |text: &str, said: &[&str]| {
        recommend(here, "mine.csv", &text.replace("ITEM", &item), &[]).fails(3, said);
    };
    fails(
        "ITEM,five\n",
        &["mine.csv, line 1, column rating: expected a number, found 'five'"],
    );
    fails(
        "item,rating\nITEM,\n",
        &["mine.csv, line 2, column rating", "found ''"],
    );
    fails(
        "item,rating\n,3\n",
        &["mine.csv, line 2, column item: the id is empty"],
    );
    fails(
        "ITEM,NaN\n",
        &["mine.csv, line 1, column rating: expected a finite number"],
    );
    fails(
        "ITEM,3,1\n",
        &["mine.csv, line 1: expected 2 fields, found 3"],
    );
    fails(
        "item,stars\nITEM,3,1\n",
        &["mine.csv, line 2: expected 2 fields, found 3"],
    );
    fails(
        "item,when\nITEM,3\n",
        &[
            "mine.csv, line 1, column rating: no such column",
            "item, when",
        ],
    );
    // The flag of data sets that leaves lines out is none of this command's.
    let ran = recommend(here, "mine.csv", "318,five\n", &[]);
    assert!(!ran.err.contains("--bad-lines"), "{}", ran.err);
    fails("", &["mine.csv: the file is empty"]);
    fails("item,rating\n", &["mine.csv: no ratings below the header"]);
    fails(
        "item,rating\nITEM,3\nITEM,7\n",
        &[
            "mine.csv, line 3, column rating",
            "the rating 7 of item",
            "0.5 to 5",
        ],
    );
    fails(
        "ITEM,3\nITEM,4\n",
        &[
            "mine.csv, line 2, column rating",
            "two different ratings, 3 and 4",
        ],
    );
    fails(
        "a,3\nb,4\n",
        &[
            "mine.csv",
            "the model knows none of the 2 rated items, such as `a`",
        ],
    );
    let many: String = (0..1_001).map(|at| format!("x{at},3\n")).collect();
    fails(&many, &["1001 ratings, but at most 1000"]);
    recburn(here, &["recommend", "run/model", "--ratings", "none.csv"])
        .fails(3, &["cannot access none.csv"]);
    fs::write(here.join("mine.csv"), format!("{item},3\n")).unwrap();
    let both = [
        "recommend",
        "run/model",
        "--ratings",
        "mine.csv",
        "--user",
        "1",
        "--user",
        "2",
    ];
    recburn(here, &both).fails(2, &["--ratings are those of one --user"]);
    let stranger = [
        "recommend",
        "run/model",
        "--ratings",
        "mine.csv",
        "--user",
        "nobody",
    ];
    recburn(here, &stranger).fails(3, &["there is no user `nobody`"]);
}
