//! Lines that are not quite those of items, and files that are something else.

use super::line;
use crate::common;
use recburn_data::{Dataset, ItemIx};
use recburn_read::OpenDataset;

/// The titles of the items 7 to 9, and what was said of this file of them next to the ratings.
fn titles_of(name: &str, content: &[u8]) -> ([String; 3], Vec<String>) {
    let (ratings, rows) = match name {
        "movies.csv" | "movies.csv.gz" => (
            "ratings.csv",
            "userId,movieId,rating\n1,7,3\n1,8,4\n2,9,5\n",
        ),
        "movie.csv" => ("rating.csv", "userId,movieId,rating\n1,7,3\n1,8,4\n2,9,5\n"),
        "u.item" | "u.genre" => ("u.data", "1\t7\t3\n1\t8\t4\n2\t9\t5\n"),
        "movies.dat" => ("ratings.dat", "1::7::3\n1::8::4\n2::9::5\n"),
        _ => (
            "small.inter",
            "user_id:token\titem_id:token\trating:float\n1\t7\t3\n1\t8\t4\n2\t9\t5\n",
        ),
    };
    let files = [(ratings, rows.as_bytes()), (name, content)];
    let folder = common::folder(&files);
    let path = folder.path().join(ratings);
    let dataset = Dataset::open(&path.to_string_lossy()).expect("ratings");
    assert_eq!(dataset.ratings.ratings, [3.0, 4.0, 5.0], "{name}");
    let below = |said: String| said.replace(&format!("{}/", folder.path().display()), "");
    let titles = [0, 1, 2].map(|item| dataset.title(ItemIx(item)));
    (titles, dataset.warnings.into_iter().map(below).collect())
}

#[track_caller]
fn check(name: &str, content: &[u8], titles: [&str; 3], said: &[&str]) {
    let (seen, warnings) = titles_of(name, content);
    assert_eq!(seen, titles, "{name}: {warnings:?}");
    assert_eq!(warnings, said, "{name}");
}

#[test]
fn a_title_with_a_bare_separator_is_still_a_title() {
    let comma = "movies.csv, line 2: a title has ',' in it and no quotes around it; it is read as one title";
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Quiet, Very Quiet (1990),Comedy|Drama\n8,Eight,Drama\n9,\"Nine, Again\",Drama\n",
        ["Quiet, Very Quiet (1990)", "Eight", "Nine, Again"],
        &[comma],
    );
    // The title at the end, and the id behind it.
    check(
        "movies.csv",
        b"movieId,title\n7,A, B, C\n8,Eight\n9,Nine\n",
        ["A, B, C", "Eight", "Nine"],
        &[comma],
    );
    check(
        "movies.csv",
        b"title,movieId\nA, B,7\nEight,8\nNine,9\n",
        ["A, B", "Eight", "Nine"],
        &[comma],
    );
    check(
        "movie.csv",
        b"movieId,title,genres\n8,Eight,Drama\n7,A, B,Drama\n9,C, D,Drama\n",
        ["A, B", "Eight", "C, D"],
        &[
            "movie.csv, line 3: a title has ',' in it and no quotes around it; this and 1 more lines of the file are read \
           with one title each",
        ],
    );
    check(
        "movies.dat",
        b"7::One::Two::Drama\n8::Eight::\n9::Nine::Drama\n",
        ["One::Two", "Eight", "Nine"],
        &[
            "movies.dat, line 1: a title has '::' in it and no quotes around it; it is read as one title",
        ],
    );
    check(
        "u.item",
        &[
            line(7, b"One|Two", &[5]),
            line(8, b"Eight", &[]),
            line(9, b"Nine", &[3]),
        ]
        .concat(),
        ["One|Two", "Eight", "Nine"],
        &["u.item, line 1: a title has '|' in it and no quotes around it; it is read as one title"],
    );
    check(
        "small.item",
        b"item_id:token\ttitle:token_seq\tclass:token_seq\n7\tOne\tTwo\tDrama\n8\tEight\tDrama\n9\tNine\tDrama\n",
        ["One\tTwo", "Eight", "Nine"],
        &["small.item, line 2: a title has '\\t' in it and no quotes around it; it is read as one title"],
    );
    // Commas at the end belong to nobody, and genres stay genres.
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Seven,Drama,,\n8,Eight,,\n9,Nine,\n",
        ["Seven", "Eight", "Nine"],
        &[],
    );
}

#[test]
fn lines_that_are_none_of_an_item_are_passed_over_and_the_others_are_not() {
    check(
        "movies.csv",
        b"movieId,title,genres\n7,Seven,Drama\n8\n9,Nine,Drama\n",
        ["Seven", "8", "Nine"],
        &["movies.csv, line 3: expected 3 fields, found 1; that line is passed over"],
    );
    check(
        "movies.dat",
        b"7::Seven::Drama\nrubbish\n\x008\n9::Nine::Drama\n",
        ["Seven", "8", "Nine"],
        &[
            "movies.dat, line 2: expected 3 fields, found 1; this and 1 more lines of the file are passed over",
        ],
    );
    check(
        "u.item",
        &[
            line(7, b"Seven", &[5]),
            b"8|Eight|too|short\n".to_vec(),
            line(9, b"Nine", &[3]),
        ]
        .concat(),
        ["Seven", "8", "Nine"],
        &["u.item, line 2: expected 24 fields, found 4; that line is passed over"],
    );
    check(
        "small.item",
        b"item_id:token\ttitle:token_seq\n7\tSeven\n8\n9\tNine\n",
        ["Seven", "8", "Nine"],
        &["small.item, line 3: expected 2 fields, found 1; that line is passed over"],
    );
    // More flags than there are genres are not the end of a title.
    check(
        "u.item",
        b"7|Seven|||x|0|0|1\n8|Eight|||x|1|1|1\n9|Nine|||x|1|1|1\n",
        ["7", "8", "9"],
        &[
            "u.item: none of these items has ratings: do they belong to another data set?; no titles are taken from it",
        ],
    );
    // A line in Latin-1 among others, and one without a title.
    check(
        "movies.csv",
        b"movieId,title\n7,Caf\xE9\n8,\n9,\xC3\x87a\n",
        ["Café", "8", "Ça"],
        &[],
    );
    // A tab needs no quotes, and some programs write them.
    check(
        "movies.csv",
        b"movieId\ttitle\n7\t\"Seven, \"\"7\"\"\"\n8\tEight \"8\n9\tNine\n",
        ["Seven, \"7\"", "Eight \"8", "Nine"],
        &[],
    );
}

#[test]
fn a_quote_that_nothing_closes_costs_one_title() {
    check(
        "movies.csv",
        b"movieId,title,genres\n7,\"Seven,Drama\n8,Eight,Drama\n9,\"Nine, Again\",Drama\n",
        ["Seven", "Eight", "Nine, Again"],
        &[],
    );
    check(
        "movies.csv",
        b"movieId,title\r\n7,\"Seven\r\n8,Eight\r\n9,Nine\r\n",
        ["Seven", "Eight", "Nine"],
        &[],
    );
    // A title may well have two lines.
    check(
        "movies.csv",
        b"movieId,title\n7,\"Seven\nand more\"\n8,Eight\n9,Nine\n",
        ["Seven\nand more", "Eight", "Nine"],
        &[],
    );
}

#[test]
fn a_table_of_something_else_is_passed_over() {
    let taken = "; no titles are taken from it";
    for (name, content, said) in [
        (
            "movies.csv",
            &b"colour,size\nred,7\n"[..],
            "movies.csv, line 1, column movieId: no such column; the columns are: colour, size",
        ),
        ("movies.csv", b"", "movies.csv: the file is empty"),
        (
            "movies.csv",
            b"movieId,title\n1,One\n",
            "movies.csv: none of these items has ratings",
        ),
        (
            "movies.csv.gz",
            b"\x1f\x8bnothing",
            "cannot access movies.csv.gz: ",
        ),
        (
            "movie.csv",
            b"movieId|title\n7|Seven\n",
            "movie.csv, line 1, column movieId: no such column",
        ),
        (
            "small.item",
            b"item_id:token\tprice:float\n7\t3\n",
            "small.item, line 1, column title: no such column",
        ),
        (
            "small.item",
            b"item_id,title\n7,Seven\n",
            "small.item, line 1: expected a column's name and type",
        ),
        (
            "u.item",
            b"nothing of the kind\n",
            "u.item: none of these items has ratings",
        ),
        (
            "movies.dat",
            b"nothing of the kind\n",
            "movies.dat: none of these items has ratings",
        ),
    ] {
        let (titles, warnings) = titles_of(name, content);
        assert_eq!(titles, ["7", "8", "9"], "{name}");
        let [only] = warnings.as_slice() else {
            panic!("{name}: {warnings:?}")
        };
        assert!(only.starts_with(said) && only.ends_with(taken), "{only}");
    }
}
