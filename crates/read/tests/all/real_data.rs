//! What the MovieLens files hold, where they are at hand: `RECBURN_DATA` names the folder of their folders.

use crate::common;
use std::path::PathBuf;

use crate::at_hand::at_hand;
use recburn_data::{Dataset, IdOrder, RowOrder, SplitKind, UserIx};
use recburn_read::OpenOptions;

fn folder() -> Option<PathBuf> {
    at_hand("RECBURN_DATA")
}

fn opened(name: &str, order: IdOrder) -> Option<Dataset> {
    let how = OpenOptions {
        order,
        data_dir: Some(folder()?),
        ..OpenOptions::default()
    };
    Some(how.open(name).expect("the published files"))
}

fn counts(dataset: &Dataset) -> (usize, usize, usize) {
    (
        dataset.users.len(),
        dataset.items.len(),
        dataset.ratings.len(),
    )
}

#[test]
fn movielens_100k_has_its_published_counts() {
    let Some(dataset) = opened("ml-100k", IdOrder::FirstSight) else {
        return;
    };
    assert_eq!(counts(&dataset), (943, 1_682, 100_000));
    assert_eq!(
        (dataset.duplicates, dataset.scale.to_string()),
        (0, "1 to 5 in steps of 1".into())
    );
    assert!(dataset.catalogue.iter().all(Option::is_some));
    assert!(dataset.ratings.timestamps.is_some());
    // 20 per user at least, and the mean that every textbook prints.
    assert!((dataset.ratings.mean() - 3.529_86).abs() < 1e-9);
}

#[test]
fn ids_of_movielens_100k_begin_at_one() {
    let Some(dataset) = opened("ml-100k", IdOrder::Raw) else {
        return;
    };
    assert_eq!((dataset.users.rows(), dataset.items.rows()), (944, 1_683));
    assert_eq!((dataset.users.len(), dataset.items.len()), (943, 1_682));
    assert!(dataset.catalogue[0].is_none());
}

#[test]
fn ml_latest_small_has_its_published_counts() {
    let Some(dataset) = opened("ml-latest-small", IdOrder::FirstSight) else {
        return;
    };
    assert_eq!(counts(&dataset), (610, 9_724, 100_836));
    assert_eq!(dataset.scale.to_string(), "0.5 to 5 in steps of 0.5");
    assert!(dataset.catalogue.iter().all(Option::is_some));
}

#[test]
fn ml_latest_small_of_2016_has_its_published_counts() {
    let Some(dataset) = opened("ml-latest-small-2016", IdOrder::Sorted) else {
        return;
    };
    assert_eq!(counts(&dataset), (671, 9_066, 100_004));
    let first = dataset.users.id(UserIx(0));
    assert_eq!(first.as_deref(), Some("1"));
}

#[test]
fn four_fifths_by_user_are_80_000_rows() {
    let Some(dataset) = opened("ml-100k", IdOrder::FirstSight) else {
        return;
    };
    let kind = SplitKind::ByUser {
        train: 0.8,
        order: RowOrder::File,
    };
    let split = dataset.split(&kind, 0).expect("a share");
    assert_eq!((split.train.len(), split.valid.len()), (80_000, 20_000));
    assert_eq!(split.cold.users, 0);
}

#[test]
fn given_splits_are_read_as_one() {
    let Some(folder) = folder() else { return };
    let (train, valid) = (
        folder.join("ml-100k/u1.base"),
        folder.join("ml-100k/u1.test"),
    );
    let (dataset, split) = common::in_order(IdOrder::Raw)
        .open_pair(&train, &valid)
        .expect("the published files");
    assert_eq!((split.train.len(), split.valid.len()), (80_000, 20_000));
    assert_eq!(counts(&dataset), (943, 1_682, 100_000));
    let kind = SplitKind::Given { train, valid };
    assert_eq!(
        dataset.split(&kind, 7).expect("it was read from them"),
        split
    );
}
