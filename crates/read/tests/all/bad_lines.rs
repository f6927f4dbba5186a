//! Lines that cannot be read stop the reading, or are left out and counted.

use crate::common::{gzip, open_in};
use recburn_data::{Dataset, IdOrder};
use recburn_read::{BadLines, Columns, OpenOptions};

fn skipping() -> OpenOptions {
    OpenOptions {
        bad_lines: BadLines::Skip,
        ..OpenOptions::default()
    }
}

fn opened(name: &str, content: &[u8], how: &OpenOptions) -> Result<Dataset, String> {
    open_in(&[(name, content)], name, how)
}

#[test]
fn bad_lines_are_left_out_counted_and_reported() {
    for sign in [",", "\t", "::", ";", " ", "|"] {
        let line = |fields: &[&str]| fields.join(sign) + "\n";
        let content = [
            line(&["user", "item", "rating"]),
            line(&["1", "2", "3.5"]),
            line(&["7", "2", "x"]),
            line(&["8", "2"]),
            line(&["2", "2", "4"]),
            line(&["2", "2", "NaN"]),
        ]
        .concat();
        let dataset = opened("r.txt", content.as_bytes(), &skipping()).expect("two good lines");
        assert_eq!(dataset.ratings.ratings, [3.5, 4.0]);
        // Whoever is in no line that counts is nobody.
        assert_eq!((dataset.users.len(), dataset.items.len()), (2, 1));
        let said = &dataset.warnings[0];
        for part in [
            "3 lines that cannot be read are left out: ",
            "r.txt, line 3, column rating: expected a number, found 'x'; ",
            "r.txt, line 4: expected 3 fields, found 2; ",
            "r.txt, line 6, column rating: expected a finite number, found 'NaN'",
        ] {
            assert!(said.contains(part), "{said}");
        }
        let stopped = opened("r.txt", content.as_bytes(), &OpenOptions::default())
            .expect_err("the first bad line");
        assert!(stopped.contains("line 3"), "{stopped}");
    }
}

#[test]
fn only_the_first_few_are_told_one_by_one() {
    let mut content = "userId,movieId,rating\n".to_string();
    for row in 0..3_000 {
        content += &format!("{row},7,{}\n", if row % 3 == 0 { "bad" } else { "4" });
    }
    let dataset =
        opened("ratings.csv.gz", &gzip(content.as_bytes()), &skipping()).expect("most are good");
    assert_eq!((dataset.ratings.len(), dataset.users.len()), (2_000, 2_000));
    let said = &dataset.warnings[0];
    assert!(
        said.starts_with("1,000 lines that cannot be read are left out: "),
        "{said}"
    );
    assert!(
        said.ends_with("line 14, column rating: expected a number, found 'bad'; and so on"),
        "{said}"
    );
}

#[test]
fn an_id_of_a_line_that_is_left_out_is_none() {
    let content = b"1\t2\t3\n9\t\t3\n\t8\t3\n7\tx\t3\n2\t5\t4\n4\t\0\t3\n";
    let how = OpenOptions {
        order: IdOrder::Raw,
        ..skipping()
    };
    let dataset = opened("u.data", content, &how);
    assert!(
        dataset.is_err(),
        "a NUL byte at the beginning is a binary file"
    );
    let dataset = opened("u.data", &content[..content.len() - 6], &how).expect("two good lines");
    assert_eq!(
        (
            dataset.users.len(),
            dataset.items.len(),
            dataset.ratings.len()
        ),
        (2, 2, 2)
    );
}

#[test]
fn what_a_quote_swallows_is_counted_by_its_lines() {
    let content = b"userId,movieId,rating\n1,2,3\n1,\"open,4\n1,4,5\n1,5,5\n";
    let dataset = opened("ratings.csv", content, &skipping()).expect("one good line");
    assert_eq!(dataset.ratings.len(), 1);
    assert!(
        dataset.warnings[0].starts_with("4 lines that cannot be read")
            || dataset.warnings[0].starts_with("3 lines"),
        "{:?}",
        dataset.warnings
    );
}

#[test]
fn a_file_of_bad_lines_alone_is_refused() {
    let columns: Columns = "user=user,item=item,rating=note".parse().expect("columns");
    let how = OpenOptions {
        columns: Some(columns),
        ..skipping()
    };
    assert_eq!(
        opened("r.csv", b"user,item,note\n1,2,good\n1,3,bad\n", &how)
            .expect_err("no rating at all"),
        "r.csv: none of 2 lines can be read; the first fault: r.csv, line 2, column note: expected a number, found 'good'"
    );
    assert_eq!(
        opened("ratings.csv", b"userId,movieId,rating\n", &skipping()).expect_err("no rows"),
        "ratings.csv: no ratings below the header"
    );
}

#[test]
fn ways_are_words() {
    for way in [BadLines::Stop, BadLines::Skip] {
        assert_eq!(
            way.to_string().parse::<BadLines>().expect("its own word"),
            way
        );
    }
    assert!(
        "perhaps"
            .parse::<BadLines>()
            .expect_err("no way")
            .to_string()
            .contains("expected stop or skip")
    );
}
