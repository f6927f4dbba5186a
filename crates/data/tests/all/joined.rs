//! Two parts of ratings as one.

use proptest::prelude::*;
use recburn_data::{Feature, ItemIx, Lists, Ratings, Scaling, Side, UserIx};

/// Ratings with times and a column of every kind.
fn some_ratings() -> impl Strategy<Value = Ratings> {
    let row = (0..9_u32, 0..9_u32, 1..=5_u8, any::<i64>());
    let list = prop::collection::vec((0..4_u32, 0.5..2.0_f32), 0..3);
    let rows = prop::collection::vec((row, list), 1..20);
    (rows, any::<bool>()).prop_map(|(rows, weighted)| {
        let mut lists = Lists::default();
        for (_, list) in &rows {
            match weighted {
                true => lists.push_weighted(list.iter().copied()),
                false => lists.push(list.iter().map(|entry| entry.0)),
            }
        }
        let of = |row: &(u32, u32, u8, i64)| [f32::from(row.2), row.1 as f32];
        Ratings {
            users: rows.iter().map(|(row, _)| UserIx(row.0)).collect(),
            items: rows.iter().map(|(row, _)| ItemIx(row.1)).collect(),
            ratings: rows.iter().map(|(row, _)| f32::from(row.2)).collect(),
            timestamps: Some(rows.iter().map(|(row, _)| row.3).collect()),
            others: vec![
                Feature::ids(
                    "device",
                    Side::Event,
                    9,
                    rows.iter().map(|(row, _)| row.0).collect(),
                ),
                Feature::bags("tags", Side::Event, 4, lists),
                Feature::numbers(
                    "prices",
                    Side::Event,
                    2,
                    rows.iter().flat_map(|(row, _)| of(row)).collect(),
                ),
            ],
        }
    })
}

/// The value of a column in a row, weights of 1 included.
fn entry(lists: &Lists, at: usize) -> (Vec<u32>, Vec<f32>) {
    let ids = lists.ids(at).to_vec();
    let weights = lists
        .weights(at)
        .map_or(vec![1.0; ids.len()], <[f32]>::to_vec);
    (ids, weights)
}

fn assert_same_rows(found: &Ratings, expected: &Ratings) {
    use recburn_data::FeatureValues::{Ids, Lists, Numbers};
    assert_eq!(found.users, expected.users);
    assert_eq!(found.items, expected.items);
    assert_eq!(found.ratings, expected.ratings);
    assert_eq!(found.timestamps, expected.timestamps);
    assert_eq!(found.others.len(), expected.others.len());
    for (found, expected) in found.others.iter().zip(&expected.others) {
        assert_eq!(found.input, expected.input);
        match (&found.values, &expected.values) {
            (Lists(found), Lists(expected)) => {
                assert_eq!(found.len(), expected.len());
                for at in 0..found.len() {
                    assert_eq!(entry(found, at), entry(expected, at));
                }
            }
            (Ids(_) | Lists(_) | Numbers(_), _) => assert_eq!(found.values, expected.values),
        }
    }
}

proptest! {
    /// The rows of one part are first, those of the other follow, with all their columns.
    #[test]
    fn both_parts_are_found_again(one in some_ratings(), other in some_ratings()) {
        let joined = one.joined(&other);
        joined.check(9, 9)?;
        let (first, all) = (one.len() as u32, joined.len() as u32);
        prop_assert_eq!(joined.len(), one.len() + other.len());
        assert_same_rows(&joined.take(&(0..first).collect::<Vec<_>>()), &one);
        assert_same_rows(&joined.take(&(first..all).collect::<Vec<_>>()), &other);
    }

    #[test]
    fn a_part_without_rows_changes_nothing(ratings in some_ratings()) {
        let nothing = Ratings::default();
        prop_assert_eq!(&ratings.joined(&nothing), &ratings);
        prop_assert_eq!(&nothing.joined(&ratings), &ratings);
    }

    /// A column that only one part has, or that means something else in the other, has no values for all rows.
    #[test]
    fn columns_of_one_part_are_left_out(one in some_ratings(), other in some_ratings()) {
        let mut less = other.clone();
        less.timestamps = None;
        less.others.remove(0);
        for other in [less.clone(), Ratings { others: Vec::new(), ..less.clone() }] {
            let joined = one.joined(&other);
            joined.check(9, 9)?;
            prop_assert_eq!(&joined.timestamps, &None);
            prop_assert_eq!(joined.others.len(), other.others.len());
            prop_assert_eq!(other.joined(&one).others.len(), other.others.len());
        }
        let mut scaled = other.clone();
        scaled.others[2].scaling = Some(Scaling { mean: 1.0, deviation: 2.0 });
        let mut wider = other;
        wider.others[0] = Feature::ids("device", Side::Event, 10, vec![9; wider.len()]);
        for (other, left) in [(scaled, ["device", "tags"]), (wider, ["tags", "prices"])] {
            let joined = one.joined(&other);
            let names: Vec<_> = joined.others.iter().map(|column| &*column.input.name).collect();
            prop_assert_eq!(names, left);
        }
    }
}
