//! Data that differ in anything that a training sees have different fingerprints.

#![allow(clippy::unwrap_used)]

use recburn_data::{Dataset, Fingerprint, IdMap, IdOrder, ItemIx, Ratings, UserIx};

fn ratings() -> Ratings {
    Ratings {
        users: [0, 0, 1, 2].map(UserIx).to_vec(),
        items: [1, 2, 1, 0].map(ItemIx).to_vec(),
        ratings: vec![4.0, 3.5, 1.0, 5.0],
        ..Ratings::default()
    }
}

#[test]
fn whatever_changes_in_the_rows_shows() {
    let print = ratings().fingerprint();
    assert_eq!(print.rows, 4);
    let changed = |change: &dyn Fn(&mut Ratings)| {
        let mut other = ratings();
        change(&mut other);
        other.fingerprint()
    };
    let changes: [&dyn Fn(&mut Ratings); 6] = [
        &|all| all.ratings[2] = 1.5,
        &|all| all.users[0] = UserIx(1),
        &|all| all.items[3] = ItemIx(2),
        &|all| all.ratings.swap(0, 1),
        &|all| *all = all.take(&[1, 0, 2, 3]),
        &|all| *all = all.take(&[0, 1, 2]),
    ];
    for (at, change) in changes.into_iter().enumerate() {
        assert_ne!(changed(change), print, "change {at}");
    }
    // When it was rated is nothing that a model learns.
    assert_eq!(changed(&|all| all.timestamps = Some(vec![1; 4])), print);
}

#[test]
fn ids_that_are_renamed_or_in_another_order_show() {
    let print = |ids: &[&str], order| {
        IdMap::<UserIx>::new(ids.iter().copied(), order)
            .unwrap()
            .fingerprint()
    };
    let first = print(&["b", "a", "ab"], IdOrder::FirstSight);
    assert_eq!(first, print(&["b", "a", "ab"], IdOrder::FirstSight));
    for other in [
        print(&["b", "a", "ab"], IdOrder::Sorted),
        print(&["b", "a", "ac"], IdOrder::FirstSight),
        print(&["b", "aa", "b2"], IdOrder::FirstSight),
        print(&["b", "a"], IdOrder::FirstSight),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn fingerprints_are_the_same_on_every_machine_and_in_every_version() {
    // Saved models and checkpoints hold them: whoever changes this makes every one of them strange to its own data.
    assert_eq!(ratings().fingerprint().to_string(), "4-da2ab870caf09138");
    let sample = Dataset::sample(IdOrder::FirstSight);
    assert_eq!(
        sample.users.fingerprint().to_string(),
        "610-7015db87c52a8284"
    );
    let stored = serde_json::to_string(&sample.ratings.fingerprint()).unwrap();
    let read: Fingerprint = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, sample.ratings.fingerprint());
    assert!(serde_json::from_str::<Fingerprint>("\"many\"").is_err());
}
