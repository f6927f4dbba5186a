//! A split saved to files is the split that is read again.

mod common;

use std::fs;

use common::{in_order, named, open_file, orders};
use proptest::prelude::*;
use recburn_data::{DataError, IdMap, IdOrder, ItemIx, Open, Ratings, Split, UserIx, open_pair};

/// Ids and ratings as they stand in the data, row by row.
fn told(
    ratings: &Ratings,
    users: &IdMap<UserIx>,
    items: &IdMap<ItemIx>,
) -> Vec<(String, String, f32)> {
    (0..ratings.len())
        .map(|row| {
            let user = users.id(ratings.users[row]).expect("its own row");
            let item = items.id(ratings.items[row]).expect("its own row");
            (user.into_owned(), item.into_owned(), ratings.ratings[row])
        })
        .collect()
}

#[test]
fn the_files_hold_ids_stars_and_rows() {
    let content =
        b"userId,movieId,rating,timestamp\nu7,\"a, \"\"b\"\"\",4.5,-3\nu7,m2,3,4\nu8,m2,0.1,5\n";
    let dataset = open_file("ratings.csv", content, IdOrder::FirstSight).expect("a good file");
    let split = dataset
        .split(&"time:0.6".parse().expect("a split"), 0)
        .expect("two parts");
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("new/folder");
    let [train, valid] = dataset.save_split(&split, &folder).expect("a free place");
    assert_eq!(
        (&train, &valid),
        (&folder.join("train.csv"), &folder.join("valid.csv"))
    );
    let read = |path| fs::read_to_string(path).expect("what was written");
    assert_eq!(
        read(&train),
        "user,item,rating,user_row,item_row,timestamp\nu7,\"a, \"\"b\"\"\",4.5,0,0,-3\nu7,m2,3.0,0,1,4\n"
    );
    assert_eq!(
        read(&valid),
        "user,item,rating,user_row,item_row,timestamp\nu8,m2,0.1,1,1,5\n"
    );
    // Others in the folder stay, and nothing else comes there.
    fs::write(folder.join("notes"), "mine").expect("a file");
    let split = dataset
        .split(&"time:0.4".parse().expect("a split"), 0)
        .expect("two parts");
    dataset
        .save_split(&split, &folder)
        .expect("files are replaced");
    assert_eq!(read(&valid).lines().count(), 3);
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
}

#[test]
fn without_timestamps_there_is_no_column_of_them() {
    let dataset = open_file("u.data", b"1\t2\t3\n1\t3\t4\n", IdOrder::Raw).expect("a good file");
    let split = dataset
        .split(&"fraction:0.5".parse().expect("a split"), 0)
        .expect("two parts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [train, _] = dataset
        .save_split(&split, folder.path())
        .expect("a free place");
    let text = fs::read_to_string(train).expect("what was written");
    assert!(text.starts_with("user,item,rating,user_row,item_row\n1,"));
}

#[test]
fn what_cannot_be_written_leaves_the_old_files() {
    let dataset = open_file("u.data", b"1\t2\t3\n1\t3\t4\n", IdOrder::Raw).expect("a good file");
    let kind = "fraction:0.5".parse().expect("a split");
    let split = dataset.split(&kind, 0).expect("two parts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["train.csv", "valid.csv"] {
        fs::write(folder.path().join(name), "old").expect("a file");
    }
    let mut foreign = split.clone();
    foreign.valid.items[0].0 = 4;
    let mut nobodys = split.clone();
    nobodys.valid.users[0].0 = 0;
    for wrong in [&foreign, &nobodys] {
        let error = dataset
            .save_split(wrong, folder.path())
            .expect_err("no such row");
        assert!(matches!(error, DataError::OutOfTable { .. }), "{error}");
    }
    for name in ["train.csv", "valid.csv"] {
        let text = fs::read_to_string(folder.path().join(name)).expect("the old file");
        assert_eq!(text, "old");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    let file = folder.path().join("train.csv");
    let error = dataset
        .save_split(&split, &file)
        .expect_err("a file stands there");
    assert!(error.to_string().contains("train.csv"), "{error}");
}

proptest! {
    // Each file is made durable, which takes a while.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_saved_is_read(
        rows in prop::collection::vec((0..9_u32, 0..9_u32, any::<f32>(), any::<i64>()), 2..60),
        order in orders(), odd in any::<bool>(), train in 0.1..0.9_f64, seed in any::<u64>(),
    ) {
        // Ids that need quotes are texts, which raw order has none of.
        let odd = odd && order != IdOrder::Raw;
        let mut text = "user;item;rating;timestamp\n".to_string();
        for (user, item, rating, time) in &rows {
            let rating = if rating.is_finite() { *rating } else { 3.5 };
            text += &match odd {
                true => format!("\"u,\"\" {user}\";é{item};{rating:?};{time}\n"),
                false => format!("{user};{item};{rating:?};{time}\n"),
            };
        }
        let columns = "user=user,item=item,rating=rating,timestamp=timestamp";
        let how = Open { order, ..named(columns) };
        let dataset = common::open_in(&[("t", text.as_bytes())], "t", &how).expect("a good file");
        let kind = recburn_data::SplitKind::Fraction { train };
        let split: Split = match dataset.split(&kind, seed) {
            Err(DataError::EmptyPart { .. }) => return Ok(()),
            split => split.expect("a share"),
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [train, valid] = dataset.save_split(&split, folder.path()).expect("a free place");

        let (by_ids, again) = open_pair(&train, &valid, &in_order(order)).expect("its own files");
        for (part, saved) in [(&again.train, &split.train), (&again.valid, &split.valid)] {
            prop_assert_eq!(
                told(part, &by_ids.users, &by_ids.items),
                told(saved, &dataset.users, &dataset.items)
            );
            prop_assert_eq!(&part.timestamps, &saved.timestamps);
        }
        let how = Open {
            order: IdOrder::Raw,
            ..named("user=user_row,item=item_row,rating=rating,timestamp=timestamp")
        };
        let (_, again) = open_pair(&train, &valid, &how).expect("its own files");
        prop_assert_eq!((again.train, again.valid), (split.train, split.valid));
    }
}
