//! A pair of a user and an item that is rated more than once.

use crate::common::{of_rows, written};
use proptest::prelude::*;
use recburn_data::{Dataset, Filter, IdOrder, Repeats};

/// Anna rates tea three times and Bert milk twice; the file is not in the order of the times.
const TIMED: &str =
    "anna,tea,1,30\nbert,milk,4,10\nanna,tea,2,10\nanna,rum,5,5\nbert,milk,5,10\nanna,tea,4,20\n";

fn opened(text: &str) -> Dataset {
    written(text, IdOrder::FirstSight)
}

/// The ratings that are left, in the order of the file.
fn left(dataset: &Dataset, filter: &str) -> Vec<f32> {
    let filter: Filter = filter.parse().expect(filter);
    let (kept, _) = filter.apply(dataset).expect("some are left");
    kept.ratings.ratings
}

#[test]
fn each_policy_leaves_what_it_says() {
    let dataset = opened(TIMED);
    assert_eq!(dataset.duplicates, 3);
    assert!(dataset.describe_line().ends_with(", 3 repeated pairs kept"));
    for (policy, ratings) in [
        ("keep", &[1.0, 4.0, 2.0, 5.0, 5.0, 4.0][..]),
        // By time; of the same time by their order in the file.
        ("first", &[4.0, 2.0, 5.0]),
        ("last", &[1.0, 5.0, 5.0]),
        ("mean", &[7.0 / 3.0, 5.0, 4.5]),
    ] {
        assert_eq!(
            left(&dataset, &format!("repeats={policy}")),
            ratings,
            "{policy}"
        );
        let filter: Filter = format!("repeats={policy}").parse().expect("a filter");
        let (kept, said) = filter.apply(&dataset).expect("some are left");
        assert_eq!(kept.duplicates, if policy == "keep" { 3 } else { 0 });
        let lines = format!(
            "repeats={policy}: {} ratings left out\n{} of 6 ratings kept",
            6 - ratings.len(),
            ratings.len()
        );
        assert_eq!(said.to_string(), lines);
    }
    let filter: Filter = "repeats=error".parse().expect("a filter");
    let refused = filter
        .apply(&dataset)
        .expect_err("a pair is there twice")
        .to_string();
    assert_eq!(
        refused,
        "user anna has rated item tea more than once (rows 1 and 3 of the data), and 1 more pairs are repeated; --repeats \
         first, last or mean leaves one rating of each pair"
    );
}

#[test]
fn without_times_the_file_tells_what_is_first() {
    let dataset = opened("a,x,1\na,y,2\na,x,3\na,x,5\n");
    assert_eq!(left(&dataset, "repeats=first"), [1.0, 2.0]);
    assert_eq!(left(&dataset, "repeats=last"), [2.0, 5.0]);
    assert_eq!(left(&dataset, "repeats=mean"), [2.0, 3.0]);
    // A rating without a time comes before those that have one.
    let dataset = opened("a,x,1,9\na,x,2,\n");
    assert_eq!(left(&dataset, "repeats=first"), [2.0]);
    assert_eq!(left(&dataset, "repeats=last"), [1.0]);
}

#[test]
fn it_is_a_step_like_the_others() {
    let dataset = opened(TIMED);
    // Counts are those of the ratings that are left before.
    assert_eq!(left(&dataset, "repeats=last,users>=2"), [1.0, 5.0]);
    assert_eq!(left(&dataset, "users>=2,repeats=last"), [1.0, 5.0, 5.0]);
    assert_eq!(left(&dataset, "rating>=2,repeats=last"), [5.0, 5.0, 4.0]);
    // Means are what later steps see.
    assert_eq!(left(&dataset, "repeats=mean,rating>=4.5"), [5.0, 4.5]);
    assert!(matches!("mean".parse(), Ok(Repeats::Mean)));
    for word in ["repeats=", "repeats=latest", "repeats>=2"] {
        let said = word.parse::<Filter>().expect_err(word).to_string();
        assert!(said.contains("first") && said.contains("mean"), "{said}");
    }
    // Nothing to settle is nothing to refuse.
    let clean = opened("a,x,1\na,y,2\n");
    assert_eq!(left(&clean, "repeats=error"), [1.0, 2.0]);
}

#[test]
fn ids_in_the_refusal_take_one_line() {
    let rows = [("a\nb", "x", 1.0, None), ("a\nb", "x", 2.0, None)];
    let dataset = of_rows(&rows, IdOrder::FirstSight);
    let filter: Filter = "repeats=error".parse().expect("a filter");
    let refused = filter.apply(&dataset).expect_err("twice").to_string();
    assert!(
        refused.starts_with("user a\\nb has rated item x more than once (rows 1 and 2"),
        "{refused}"
    );
}

proptest! {
    #[test]
    fn one_rating_of_each_pair_is_left(pairs in prop::collection::vec((0..6_u32, 0..6_u32, 1..6_u32), 1..60)) {
        let text: String = pairs.iter().map(|(user, item, rating)| format!("{user},{item},{rating}\n")).collect();
        let dataset = opened(&text);
        let distinct = pairs.len() - dataset.duplicates;
        for policy in ["first", "last", "mean"] {
            let ratings = left(&dataset, &format!("repeats={policy}"));
            prop_assert_eq!(ratings.len(), distinct);
        }
        let sum = |user: u32, item: u32| {
            let same = pairs.iter().filter(|pair| (pair.0, pair.1) == (user, item));
            (same.clone().map(|pair| pair.2 as f32).sum::<f32>(), same.count() as f32)
        };
        let filter: Filter = "repeats=mean".parse().expect("a filter");
        let (kept, _) = filter.apply(&dataset).expect("some are left");
        for row in 0..kept.ratings.len() {
            let user = kept.users.id(kept.ratings.users[row]).expect("an id").parse().expect("a number");
            let item = kept.items.id(kept.ratings.items[row]).expect("an id").parse().expect("a number");
            let (sum, count) = sum(user, item);
            prop_assert!((kept.ratings.ratings[row] - sum / count).abs() < 1e-6);
        }
    }
}
