//! Times as programs write them, times that are missing, and who needs them.

use crate::common;
use crate::common::{named, open_file, open_in};
use recburn_data::{Dataset, IdOrder, Ratings, SplitKind};
use recburn_read::{OpenDataset, OpenOptions};

const NONE: i64 = Ratings::NO_TIME;

/// The same three rows in every text form, with these times.
fn forms(times: [&str; 3]) -> Vec<(&'static str, String, &'static str)> {
    let rows = |sign: &str| {
        let row = |(row, time): (usize, &str)| {
            [&format!("u{row}"), "i1", ["3", "4", "5"][row], time].join(sign) + "\n"
        };
        times.into_iter().enumerate().map(row).collect::<String>()
    };
    let typed = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n";
    vec![
        (
            "ratings.csv",
            format!("userId,movieId,rating,timestamp\n{}", rows(",")),
            "",
        ),
        (
            "rating.csv",
            format!("userId,movieId,rating,timestamp\n{}", rows(",")),
            "",
        ),
        ("u.data", rows("\t"), ""),
        ("ratings.dat", rows("::"), ""),
        ("small.inter", typed.to_string() + &rows("\t"), ""),
        (
            "other.txt",
            format!("who;what;stars;when\n{}", rows(";")),
            "user=who,item=what,rating=stars,timestamp=when",
        ),
    ]
}

fn opened(name: &str, text: &str, columns: &str) -> Dataset {
    let how = match columns {
        "" => OpenOptions::default(),
        columns => named(columns),
    };
    open_in(&[(name, text.as_bytes())], name, &how).expect(name)
}

#[test]
fn times_are_read_alike_in_every_form() {
    for (times, seconds) in [
        (["1100000000.0", "1.1e9", "1100000000"], [1_100_000_000; 3]),
        (
            [
                "2005-04-02",
                "2005-04-02T00:00:00Z",
                "2005/04/02 02:00+02:00",
            ],
            [1_112_400_000; 3],
        ),
        // Milliseconds, microseconds and nanoseconds, also of pandas.
        (
            ["1100000000123", "1.1000000005e12", "1100000000999.0"],
            [1_100_000_000; 3],
        ),
        (
            ["1100000000000001", "1100000000000002", "1.1e15"],
            [1_100_000_000; 3],
        ),
        (
            ["1100000000000000001", "1100000000000000002", "1.1e18"],
            [1_100_000_000; 3],
        ),
        (["20050402", "20050402", "20050402"], [1_112_400_000; 3]),
    ] {
        for (name, text, columns) in forms(times) {
            let dataset = opened(name, &text, columns);
            assert_eq!(
                dataset.ratings.timestamps,
                Some(seconds.to_vec()),
                "{name} {text}"
            );
            assert_eq!(dataset.describe().time_span, Some((seconds[0], seconds[0])));
        }
    }
}

#[test]
fn a_missing_time_stops_only_what_needs_times() {
    for (missing, seen) in [
        ("", "there is no time"),
        ("  ", "there is no time"),
        ("yesterday", "'yesterday' is not a time"),
        ("NaN", "'NaN' is not a time"),
        ("\\N", "'\\N' is not a time"),
        ("2005-02-30 00:00:00", "'2005-02-30 00:00:00' is not a time"),
    ] {
        for (name, text, columns) in forms(["1100000000", missing, "1100000002"]) {
            // Some forms have no place for an empty field at the end.
            let dataset = opened(name, &text, columns);
            let times = dataset.ratings.timestamps.clone();
            assert_eq!(
                times,
                Some(vec![1_100_000_000, NONE, 1_100_000_002]),
                "{name}"
            );
            let line = text
                .lines()
                .position(|line| line.starts_with("u1"))
                .expect("the row")
                + 1;
            let [warning] = dataset
                .warnings
                .iter()
                .filter(|said| said.contains("time"))
                .collect::<Vec<_>>()[..]
            else {
                panic!("{:?}", dataset.warnings)
            };
            let place = format!("{name}, line {line}, column ");
            assert!(
                warning.contains(&place) && warning.contains(seen),
                "{warning}"
            );
            assert!(warning.ends_with("; 1 of 3 ratings have none"), "{warning}");
            let description = dataset.describe();
            assert_eq!(description.time_span, Some((1_100_000_000, 1_100_000_002)));
            assert!(
                description
                    .to_string()
                    .contains("2004-11-09 to 2004-11-09, 1 without")
            );

            assert!(
                dataset
                    .split(&SplitKind::Fraction { train: 0.6 }, 1)
                    .is_ok()
            );
            for kind in ["time:0.5", "leave-last-out"] {
                let refused = dataset
                    .split(&kind.parse().expect(kind), 1)
                    .expect_err(kind)
                    .to_string();
                assert!(
                    refused.contains(&place) && refused.contains("1 of the ratings have none"),
                    "{refused}"
                );
                assert!(refused.contains("fraction:0.8"), "{refused}");
            }
            // Without the row nothing is missing.
            let (kept, _) = "rating>=5"
                .parse::<recburn_data::Filter>()
                .expect("a filter")
                .apply(&dataset)
                .expect("one");
            assert_eq!(kept.ratings.timestamps, Some(vec![1_100_000_002]));
        }
    }
}

#[test]
fn a_column_that_has_no_times_at_all_is_left_out() {
    for time in ["", "soon", "12 Apr 2005"] {
        for (name, text, columns) in forms([time; 3]) {
            let dataset = opened(name, &text, columns);
            assert_eq!(dataset.ratings.timestamps, None, "{name}");
            assert_eq!(
                (dataset.describe().time_span, dataset.describe().untimed),
                (None, 0)
            );
            let warned = dataset
                .warnings
                .iter()
                .any(|said| said.contains("the column is left out"));
            assert!(warned, "{:?}", dataset.warnings);
            let refused = dataset
                .split(&SplitKind::ByTime { train: 0.5 }, 1)
                .expect_err("no times")
                .to_string();
            assert!(
                refused.contains("3 of the ratings have none") && refused.contains(", line "),
                "{refused}"
            );
        }
    }
}

#[test]
fn a_missing_time_is_written_and_read_again() {
    let text = "userId,movieId,rating,timestamp\na,1,3,1100000000\nb,1,4,\nc,1,5,1100000002\n";
    let dataset = open_file("ratings.csv", text.as_bytes(), IdOrder::FirstSight).expect("good");
    let folder = tempfile::tempdir().expect("a folder");
    let split = dataset
        .split(&SplitKind::Fraction { train: 0.6 }, 3)
        .expect("a split");
    let [train, valid] = dataset.save_split(&split, folder.path()).expect("written");
    let (again, parts) = OpenOptions::default()
        .open_pair(&train, &valid)
        .expect("read again");
    assert_eq!(parts.train.timestamps, split.train.timestamps);
    assert_eq!(parts.valid.timestamps, split.valid.timestamps);
    assert_eq!(again.describe().untimed, 1);
}

#[test]
fn units_are_said_and_a_mixture_is_counted() {
    let said = |times: [&str; 3]| {
        let (name, text, columns) = &forms(times)[0];
        let mut warnings = opened(name, text, columns).warnings;
        warnings.retain(|said| said.contains("time"));
        warnings.join("\n")
    };
    assert_eq!(
        said(["1100000000000", "1100000000000", "1100000000000"]),
        "the times are in milliseconds since 1970, not in seconds: they are converted"
    );
    assert_eq!(
        said(["1100000000000", "1100000000", "0"]),
        "1 of 3 times are in milliseconds since 1970, not in seconds: they are converted"
    );
    assert!(
        said(["1100000000000000", "1100000000000000", "1100000000000000"])
            .contains("in microseconds")
    );
    assert!(
        said(["20050402", "20060402", "20050403"])
            .contains("days written as digits, such as 20050402")
    );
    for (times, span) in [
        (
            ["-86401", "1100000000", "1100000000"],
            "1969-12-30 to 2004-11-09",
        ),
        (
            ["5000000000", "1100000000", "1100000000"],
            "2004-11-09 to 2128-06-11",
        ),
        (["1", "2", "3"], "1970-01-01 to 1970-01-01"),
    ] {
        assert!(
            said(times).starts_with(&format!("the times run from {span}: is their column")),
            "{}",
            said(times)
        );
    }
    assert_eq!(said(["1100000000", "1100000001", "2005-04-02"]), "");
    // What is made in memory is not looked at.
    assert!(
        Dataset::open("sample")
            .expect("the sample")
            .warnings
            .is_empty()
    );
}

#[test]
fn times_of_one_file_alone_are_left_out() {
    let folder = common::folder(&[
        (
            "a.csv",
            b"userId,movieId,rating,timestamp\na,1,3,1100000000\n",
        ),
        ("b.csv", b"userId,movieId,rating\nb,1,4\n"),
    ]);
    let paths = ["a.csv", "b.csv"].map(|name| folder.path().join(name));
    let (dataset, _) = OpenOptions::default()
        .open_pair(&paths[0], &paths[1])
        .expect("two good files");
    assert_eq!(dataset.ratings.timestamps, None);
    let warnings = &dataset.warnings;
    assert!(
        warnings[0].contains("the others have none: they are left out"),
        "{warnings:?}"
    );
}
