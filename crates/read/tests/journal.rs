//! Ratings that were added since.

#![allow(clippy::unwrap_used)]

use recburn_data::{Dataset, IdOrder, ItemIx};
use recburn_read::{OpenOptions, ReadError};
use std::fs;
use tempfile::TempDir;

const RATINGS: &str = "userId,movieId,rating,timestamp\na,1,4,10\na,2,3,11\nb,1,5,12\nc,3,2,13\n";
const TITLES: &str = "movieId,title,genres\n1,One (2001),Drama\n2,Two (2002),Comedy\n3,Three (2003),War\n9,Nine (2009),War\n";

fn opened(
    home: &TempDir,
    ratings: &str,
    journal: &str,
    order: IdOrder,
) -> Result<Dataset, ReadError> {
    let path = |name: &str| home.path().join(name);
    fs::write(path("ratings.csv"), ratings).unwrap();
    fs::write(path("movies.csv"), TITLES).unwrap();
    fs::write(path("journal.csv"), journal).unwrap();
    let how = OpenOptions {
        add: Some(path("journal.csv")),
        order,
        ..OpenOptions::default()
    };
    how.open(&path("ratings.csv").to_string_lossy())
}

/// All ratings by raw id.
fn rows(dataset: &Dataset) -> Vec<(String, String, f32)> {
    let ratings = &dataset.ratings;
    let rows = 0..ratings.len();
    rows.map(|row| {
        let user = dataset.users.id(ratings.users[row]).unwrap().into_owned();
        let item = dataset.items.id(ratings.items[row]).unwrap().into_owned();
        (user, item, ratings.ratings[row])
    })
    .collect()
}

fn row(user: &str, item: &str, rating: f32) -> (String, String, f32) {
    (user.to_string(), item.to_string(), rating)
}

#[test]
fn later_lines_take_the_place_of_earlier_ones_and_may_take_back() {
    let home = tempfile::tempdir().unwrap();
    let journal = "user,item,rating,time\na,1,1,20\nnew,9,5,21\na,1,2.5,22\nc,3,,23\nnew,2,4,24\nnew,2,,25\nx,1,,26\n";
    for (order, journal) in [
        (IdOrder::FirstSight, journal),
        (IdOrder::Sorted, journal),
        (IdOrder::FirstSight, journal.split_once('\n').unwrap().1),
    ] {
        let dataset = opened(&home, RATINGS, journal, order).unwrap();
        let wanted = [
            row("a", "2", 3.0),
            row("b", "1", 5.0),
            row("new", "9", 5.0),
            row("a", "1", 2.5),
        ];
        assert_eq!(rows(&dataset), wanted, "{order}");
        assert_eq!(
            dataset.ratings.timestamps.as_deref().unwrap(),
            [11, 12, 21, 22]
        );
        assert_eq!(
            (dataset.users.len(), dataset.items.len()),
            (3, 3),
            "c and x have no rating left"
        );
        assert!(dataset.left_out.is_empty() && dataset.duplicates == 0);
        assert_eq!((dataset.scale.min, dataset.scale.max), (2.5, 5.0));
        let nine = dataset.items.index("9").unwrap();
        assert_eq!(dataset.title(nine), "Nine (2009)");
        assert_ne!(nine, ItemIx(0));
    }
    let none = opened(
        &home,
        RATINGS,
        "user,item,rating,time\n",
        IdOrder::FirstSight,
    )
    .unwrap();
    assert_eq!(none.ratings.len(), 4);
}

#[test]
fn data_without_times_take_no_times_from_a_journal() {
    let home = tempfile::tempdir().unwrap();
    let ratings = "userId,movieId,rating\na,1,4\nb,1,5\n";
    let dataset = opened(&home, ratings, "a,2,3,100\n", IdOrder::FirstSight).unwrap();
    assert_eq!(dataset.ratings.len(), 3);
    assert!(
        dataset.ratings.timestamps.is_none() && dataset.warnings.is_empty(),
        "{:?}",
        dataset.warnings
    );
}

#[test]
fn a_line_that_is_none_is_named() {
    let home = tempfile::tempdir().unwrap();
    for (journal, said) in [
        ("a,1,x,5\n", ["line 1", "rating", "x"]),
        ("user,item,rating,time\na,1,5\n", ["line 2", "3", "4"]),
        (
            "user,item,rating,time\na,1,5,1\n,1,5,2\n",
            ["line 3", "user", "empty"],
        ),
    ] {
        let error = opened(&home, RATINGS, journal, IdOrder::FirstSight)
            .unwrap_err()
            .to_string();
        assert!(error.contains("journal.csv"), "{error}");
        for word in said {
            assert!(error.contains(word), "no `{word}` in {error}");
        }
    }
    let how = OpenOptions {
        add: Some("nowhere.csv".into()),
        ..OpenOptions::default()
    };
    let path = home.path().join("ratings.csv");
    let error = how.open(&path.to_string_lossy()).unwrap_err();
    assert!(matches!(error, ReadError::NotFound { .. }), "{error}");
    let error = how.open("sample").unwrap_err();
    assert!(matches!(error, ReadError::NoFile { .. }), "{error}");
}
