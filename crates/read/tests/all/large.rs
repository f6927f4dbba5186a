//! Files of many records: what is read on two threads is what stands there, and a fault far in is told exactly.

use std::collections::HashSet;

use crate::common::open_file;
use proptest::prelude::*;
use recburn_data::{IdOrder, Ratings};

/// So many rows of ids and ratings in all forms, with Windows line ends, quotes and blank lines here and there.
fn text(rows: usize) -> (String, Vec<(String, String, f32, i64)>) {
    let mut text = "userId,movieId,rating,timestamp\r\n".to_string();
    let mut expected = Vec::new();
    for row in 0..rows {
        let user = match row % 3 {
            0 => (row / 40).to_string(),
            1 => format!("u{}", row / 40),
            _ => format!("{}", 9_999_990 + row / 40),
        };
        let item = format!("{}{}", if row % 7 == 0 { "0" } else { "" }, row * 31 % 977);
        let rating = [0.5, 3.0, 4.5, 1234.25][row % 4];
        let (quote, end) = (
            if row % 5 == 0 { "\"" } else { "" },
            if row % 11 == 0 { "\n\n" } else { "\r\n" },
        );
        let time = row as i64 - 100;
        text += &format!("{user},{quote}{item}{quote}, {rating:.2} ,{time}{end}");
        expected.push((user, item, rating, time));
    }
    (text, expected)
}

#[test]
fn many_records_are_read_as_they_stand() {
    let (text, expected) = text(20_000);
    for order in [IdOrder::FirstSight, IdOrder::Sorted] {
        let dataset = open_file("ratings.csv", text.as_bytes(), order).expect("a good file");
        let Ratings {
            users,
            items,
            ratings,
            timestamps,
            ..
        } = &dataset.ratings;
        let timestamps = timestamps.as_ref().expect("a column of them");
        assert_eq!(ratings.len(), expected.len());
        for (row, (user, item, rating, time)) in expected.iter().enumerate() {
            assert_eq!(dataset.users.id(users[row]).as_deref(), Some(user.as_str()));
            assert_eq!(dataset.items.id(items[row]).as_deref(), Some(item.as_str()));
            assert_eq!((ratings[row], timestamps[row]), (*rating, *time));
        }
        // Columns that are held for long hold nothing else.
        assert!(users.capacity() < users.len() + 64 && timestamps.capacity() < users.len() + 64);
    }
}

#[test]
fn a_fault_far_in_is_told_by_line_and_column_and_the_first_of_two_is() {
    let mut lines: Vec<String> = vec!["userId,movieId,rating,timestamp".to_string()];
    lines.extend((0..50_000).map(|row| format!("{},{},3.5,{row}", row / 50, row % 50)));
    for (line, bad, said) in [
        (
            1_025,
            "1,2,x,4",
            "line 1025, column rating: expected a number, found 'x'",
        ),
        (1_026, "1,2,3", "line 1026: expected 4 fields, found 3"),
        (
            8_193,
            "1,,3,4",
            "line 8193, column movieId: the id is empty",
        ),
        (
            50_001,
            "1,2,inf,4",
            "line 50001, column rating: expected a finite number, found 'inf'",
        ),
    ] {
        let mut lines = lines.clone();
        lines[line - 1] = bad.to_string();
        if line < 50_000 {
            lines[50_000] = "worse".to_string();
        }
        let content = lines.join("\n");
        let error = open_file("ratings.csv", content.as_bytes(), IdOrder::FirstSight);
        let message = error.expect_err("a bad line").to_string();
        assert!(message.ends_with(said), "{message}");
    }
}

proptest! {
    #[test]
    fn repeated_pairs_are_counted_wherever_they_stand(
        pairs in prop::collection::vec((0..8_u32, 0..8_u32), 1..60), sorted in any::<bool>(),
    ) {
        let mut pairs = pairs;
        // Each user's rows together, and each user's rows anywhere, are counted in two ways.
        if sorted {
            pairs.sort_by_key(|pair| pair.0);
        }
        let text: String = pairs.iter().map(|(user, item)| format!("{user}\t{item}\t3\n")).collect();
        let dataset = open_file("u.data", text.as_bytes(), IdOrder::FirstSight).expect("good");
        let distinct = pairs.iter().collect::<HashSet<_>>().len();
        prop_assert_eq!(dataset.duplicates, pairs.len() - distinct);
    }
}
