//! Every bad file is refused with a message that says what, where, and what was seen.

use crate::common;
use crate::common::{open_file, refusal};
use recburn_data::{Dataset, IdOrder};
use recburn_read::{OpenDataset, ReadError};

fn refusal_in(order: IdOrder, name: &str, content: &[u8]) -> String {
    open_file(name, content, order).expect_err("a bad file")
}

#[test]
fn a_missing_file_is_told_with_what_would_do() {
    let error = Dataset::open("no/such/place").expect_err("nothing is there");
    let message = error.to_string();
    assert!(message.contains("looked at: no/such/place"), "{message}");
    assert!(message.contains("ratings.csv or u.data"), "{message}");
    assert!(
        message.contains("sample, ml-100k, ml-latest-small"),
        "{message}"
    );
}

#[test]
fn an_empty_file_is_refused() {
    assert_eq!(
        refusal("ratings.csv", b""),
        "ratings.csv: the file is empty"
    );
    assert_eq!(refusal("u.data", b""), "u.data: the file is empty");
    assert_eq!(refusal("u.data", b"\n \n\n"), "u.data: the file is empty");
}

#[test]
fn a_header_alone_is_refused() {
    let seen = refusal("ratings.csv", b"userId,movieId,rating,timestamp\n");
    assert_eq!(seen, "ratings.csv: no ratings below the header");
}

#[test]
fn a_binary_file_is_refused() {
    let said = "NUL bytes: this is a binary file, or UTF-16 text without a byte order mark \
                (`iconv -f utf-16le -t utf-8` converts that)";
    assert_eq!(
        refusal("u.data", b"GIF89a\x00\x00"),
        format!("u.data, line 1: {said}")
    );
    let header = b"userId,movieId,rating\n1,2,3\n\x001,2,3\n";
    assert_eq!(
        refusal("ratings.csv", header),
        format!("ratings.csv, line 3: {said}")
    );
}

#[test]
fn a_nul_byte_far_into_a_file_is_refused() {
    let mut rows = b"userId,movieId,rating\n".to_vec();
    for row in 0..1_000 {
        rows.extend_from_slice(format!("{row},1,3\n").as_bytes());
    }
    rows.extend_from_slice(b"7,\x00,3\n");
    let seen = refusal("ratings.csv", &rows);
    assert!(
        seen.starts_with("ratings.csv, line 1002, column movieId: NUL bytes"),
        "{seen}"
    );
}

#[test]
fn what_nothing_separates_is_refused() {
    for name in ["ratings.csv", "u.data", "notes.txt"] {
        let seen = refusal(name, b"rating\n3\n");
        let said = "cannot tell which column holds what; the first line is 'rating'; its fields have to be separated by";
        assert!(seen.starts_with(&format!("{name}: {said}")), "{seen}");
        assert!(
            seen.ends_with("--columns user=NAME,item=NAME,rating=NAME"),
            "{seen}"
        );
    }
}

#[test]
fn a_missing_column_is_named_with_those_present() {
    assert_eq!(
        refusal("ratings.csv", b"userId,rating,timestamp\n1,3,4\n"),
        "ratings.csv, line 1: no column is recognised as the item; the columns are: userId, rating, timestamp; say which: \
         --columns user=userId,item=NAME,rating=rating,timestamp=timestamp"
    );
}

#[test]
fn a_rating_must_be_a_finite_number() {
    let header = "userId,movieId,rating\n1,2,3.5\n";
    for (rating, said) in [
        ("four", "expected a number, found 'four'"),
        ("", "expected a number, found ''"),
        ("3,5", "expected 3 fields, found 4"),
        ("NaN", "expected a finite number, found 'NaN'"),
        ("inf", "expected a finite number, found 'inf'"),
        ("1e300", "expected a finite number, found '1e300'"),
    ] {
        let seen = refusal("ratings.csv", format!("{header}1,3,{rating}\n").as_bytes());
        assert!(seen.starts_with("ratings.csv, line 3"), "{seen}");
        assert!(seen.contains(said), "{seen}");
    }
    let seen = refusal("u.data", b"1\t2\t3\t4\n1\t3\tx\t4\n");
    assert_eq!(
        seen,
        "u.data, line 2, column rating: expected a number, found 'x'"
    );
}

#[test]
fn a_short_line_is_refused() {
    assert_eq!(
        refusal("ratings.csv", b"userId,movieId,rating\n1,2,3\n1,2\n"),
        "ratings.csv, line 3: expected 3 fields, found 2"
    );
    assert_eq!(
        refusal("u.data", b"1\t2\t3\t4\n1\t2\t3\n"),
        "u.data, line 2: expected 4 fields, found 3"
    );
}

#[test]
fn an_empty_id_is_refused() {
    let seen = refusal("ratings.csv", b"userId,movieId,rating\n1,2,3\n ,2,3\n");
    assert_eq!(seen, "ratings.csv, line 3, column userId: the id is empty");
    let seen = refusal("u.data", b"1\t\t3\n");
    assert_eq!(seen, "u.data, line 1, column item: the id is empty");
}

#[test]
fn a_raw_id_must_be_a_number_that_an_index_can_be() {
    for id in [
        "anna",
        "-1",
        "+1",
        "1.0",
        "2147483649",
        "99999999999999999999999",
    ] {
        let content = format!("1\t2\t3\n{id}\t2\t3\n");
        let seen = refusal_in(IdOrder::Raw, "u.data", content.as_bytes());
        assert_eq!(
            seen,
            format!(
                "u.data, line 2, column user: in raw order an id must be a whole number from 0 to \
                 2147483648, found '{id}'"
            )
        );
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    // Blank lines, Windows line ends, a byte order mark.
    let seen = refusal("u.data", b"1\t2\t3\n\n\n1\t3\tx\n");
    assert!(seen.starts_with("u.data, line 4, column rating"), "{seen}");
    let seen = refusal("u.data", b"1\t2\t3\r\n\r\n1\t3\tx\r\n");
    assert!(seen.starts_with("u.data, line 3, column rating"), "{seen}");
    let seen = refusal("ratings.csv", b"\xEF\xBB\xBFuserId,movieId,rating\n1,2,x\n");
    assert!(
        seen.starts_with("ratings.csv, line 2, column rating"),
        "{seen}"
    );
}

#[test]
fn a_quote_left_open_does_not_fill_the_screen() {
    let content = format!(
        "userId,movieId,rating\n1,2,\"{}\n",
        "1,2,3\n".repeat(10_000)
    );
    let seen = refusal("ratings.csv", content.as_bytes());
    assert!(seen.len() < 200, "{} letters", seen.len());
}

#[test]
fn a_folder_without_ratings_is_refused() {
    let folder = common::folder(&[("readme.txt", b"hello")]);
    let error = Dataset::open(&folder.path().to_string_lossy()).expect_err("no ratings");
    assert!(matches!(error, ReadError::NotFound { .. }), "{error}");
}
