//! What is in the files of a split that is saved.

use std::fs;

use crate::common::{of_rows, written};
use recburn_data::{DataError, IdOrder};

#[test]
fn the_files_hold_ids_stars_and_rows() {
    let rows = [
        ("u7", "a, \"b\"", 4.5, Some(-3)),
        ("u7", "m2", 3.0, Some(4)),
        ("u8", "m2", 0.1, Some(5)),
    ];
    let dataset = of_rows(&rows, IdOrder::FirstSight);
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
    let dataset = written("1\t2\t3\n1\t3\t4\n", IdOrder::Raw);
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
    let dataset = written("1\t2\t3\n1\t3\t4\n", IdOrder::Raw);
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
