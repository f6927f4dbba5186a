//! Parts of a data set, for several processes, and folders of part files.

use std::fs;

use crate::common::{folder, gzip};
use proptest::prelude::*;
use recburn_read::{FilePart, OpenOptions};

/// Users, items and ratings by their ids.
fn rows(part: &FilePart) -> Vec<(String, String, f32)> {
    let ratings = &part.ratings;
    let pairs = ratings.users.iter().zip(&ratings.items);
    pairs
        .zip(&ratings.ratings)
        .map(|((&user, &item), &rating)| {
            let user = part.users.id(user).expect("an id").into_owned();
            (
                user,
                part.items.id(item).expect("an id").into_owned(),
                rating,
            )
        })
        .collect()
}

/// The rows of all parts, one after the other.
fn together(path: &str, parts: usize) -> Vec<(String, String, f32)> {
    let read = |part| OpenOptions::default().open_part(path, part, parts);
    let parts = (0..parts).map(|part| read(part).expect("a good part"));
    parts.flat_map(|part| rows(&part)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_parts_of_a_table_are_the_whole(
        lines in prop::collection::vec(("[a-z]{1,12}", 0u16..999, 1u8..=5), 1..40),
        header in any::<bool>(),
        windows in any::<bool>(),
        last in any::<bool>(),
    ) {
        let end = if windows { "\r\n" } else { "\n" };
        let mut text: Vec<String> = header.then(|| "user,item,rating".to_string()).into_iter().collect();
        text.extend(lines.iter().map(|(user, item, rating)| format!("{user},{item},{rating}")));
        let mut text = text.join(end);
        text += if last { end } else { "" };
        let folder = folder(&[("r.csv", text.as_bytes())]);
        let path = folder.path().join("r.csv").to_string_lossy().into_owned();
        let wanted: Vec<(String, String, f32)> = lines
            .iter()
            .map(|(user, item, rating)| (user.clone(), item.to_string(), f32::from(*rating)))
            .collect();
        for parts in 1..=5 {
            prop_assert_eq!(together(&path, parts), wanted.clone(), "{} parts", parts);
        }
    }
}

#[test]
fn the_fault_of_a_part_is_named_by_its_line_in_the_file() {
    let mut lines: Vec<String> = (0..50).map(|row| format!("u{row},i{row},3")).collect();
    lines[41] = "u41,i41,much".to_string();
    let text = format!("user,item,rating\n{}\n", lines.join("\n"));
    let folder = folder(&[("r.csv", text.as_bytes())]);
    let path = folder.path().join("r.csv").to_string_lossy().into_owned();
    let how = OpenOptions::default();
    let said: Vec<String> = (0..4)
        .filter_map(|part| how.open_part(&path, part, 4).err())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("r.csv, line 43"), "{said:?}");
}

#[test]
fn what_cannot_be_cut_is_read_by_the_first() {
    let text = b"user,item,rating\n1,2,3\n4,5,1\n";
    let marked = [&[0xEF, 0xBB, 0xBF][..], text].concat();
    let json = b"{\"user\":\"1\",\"item\":\"2\",\"rating\":3}\n{\"user\":\"4\",\"item\":\"5\",\"rating\":1}\n";
    let packed = gzip(text);
    let folder = folder(&[("a.csv", &marked), ("b.csv.gz", &packed), ("c.jsonl", json)]);
    for name in ["a.csv", "b.csv.gz", "c.jsonl"] {
        let path = folder.path().join(name).to_string_lossy().into_owned();
        let count = |part| {
            let part = OpenOptions::default().open_part(&path, part, 3);
            part.expect("a good part").ratings.len()
        };
        assert_eq!([0, 1, 2].map(count), [2, 0, 0], "{name}");
    }
}

#[test]
fn a_folder_of_part_files_is_one_data_set() {
    let folder = folder(&[
        ("set/part-00001.csv", b"user,item,rating\nb,2,2\n"),
        ("set/part-00000.csv", b"user,item,rating\na,1,1\n"),
        ("set/part-00002.csv", b"user,item,rating\nc,3,3\n"),
        ("set/_SUCCESS", b""),
        ("set/.part-00000.csv.crc", b"crc"),
    ]);
    let path = folder.path().join("set");
    let dataset = OpenOptions::default()
        .open(&path.to_string_lossy())
        .expect("a good folder");
    assert_eq!(dataset.ratings.ratings, [1.0, 2.0, 3.0]);
    assert_eq!(dataset.name, "set");
    let text = path.to_string_lossy();
    for parts in 1..=5 {
        let rows = together(&text, parts);
        let users: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
        assert_eq!(users, ["a", "b", "c"], "{parts} parts");
    }
    let own = |part| OpenOptions::default().open_part(&text, part, 3);
    let counts = [0, 1, 2].map(|part| own(part).expect("a good part").ratings.len());
    assert_eq!(counts, [1, 1, 1], "files of the same size");
    fs::remove_file(path.join("part-00002.csv")).expect("it is there");
    let dataset = OpenOptions::default()
        .open(&format!("{text}/"))
        .expect("with a slash");
    assert_eq!(dataset.ratings.len(), 2);
}
