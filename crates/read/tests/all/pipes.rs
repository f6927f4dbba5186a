//! A file is opened once, whatever it turns out to be: a pipe, which gives its bytes once, is read like a file.

#![cfg(target_os = "linux")] // where a process finds its pipes by path

use std::error::Error;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::thread;

use crate::common::{gzip, in_order, open_file};
use proptest::prelude::*;
use recburn_data::{Dataset, IdOrder};
use recburn_read::ReadError;

/// What is read from a pipe of these bytes.
fn piped(content: Vec<u8>) -> Result<Dataset, ReadError> {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let writing = thread::spawn(move || {
        // Whoever reads may have had enough.
        let _ = writer.write_all(&content);
    });
    let dataset = (in_order(IdOrder::FirstSight)).open(&path);
    drop(reader);
    writing.join().expect("the bytes are written");
    dataset
}

#[test]
fn every_form_of_text_is_read_from_a_pipe() {
    let csv = b"userId,movieId,rating,timestamp\n1,2,3,10\n1,3,4.5,11\n";
    let json = b"{\"user_id\": 1, \"item_id\": 2, \"rating\": 3}\n{\"user_id\": 1, \"item_id\": 3, \"rating\": 4.5}\n";
    let matrix = b"%%MatrixMarket matrix coordinate real general\n1 3 2\n1 2 3\n1 3 4.5\n";
    let atomic = b"user_id:token\titem_id:token\trating:float\n1\t2\t3\n1\t3\t4.5\n";
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain("1\t2\t3\n1\t3\t4.5\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for content in [
        csv.to_vec(),
        gzip(csv),
        json.to_vec(),
        matrix.to_vec(),
        atomic.to_vec(),
        b"1\t2\t3\n1\t3\t4.5\n".to_vec(),
        b"1::2::3\n1::3::4.5\n".to_vec(),
        utf_16,
    ] {
        let dataset = piped(content).expect("a good pipe");
        assert_eq!(dataset.ratings.ratings, [3.0, 4.5]);
        assert_eq!((dataset.users.len(), dataset.items.len()), (1, 2));
    }
}

#[test]
fn a_fault_in_a_pipe_names_its_line_while_that_is_known() {
    let line = |error: ReadError| match error {
        ReadError::NotANumber { at, .. } => at.line,
        error => panic!("{error}: {:?}", error.source()),
    };
    let mut content = b"userId,movieId,rating\n1,2,3\n".to_vec();
    content.extend(b"1,3,good\n");
    assert_eq!(line(piped(content).expect_err("a bad line")), Some(3));
    // The beginning of the pipe is gone by then, and cannot be counted again.
    let mut content = b"userId,movieId,rating\n".to_vec();
    content.extend(b"1,2,3\n".repeat(50_000));
    content.extend(b"1,3,good\n");
    assert_eq!(line(piped(content).expect_err("a bad line")), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_pipe_is_read_like_a_file(
        rows in prop::collection::vec((0..500_u32, 0..500_u32, 1..6_u32), 1..20_000),
        packed in any::<bool>(),
    ) {
        let text: String = rows.iter().map(|(user, item, rating)| format!("{user}\t{item}\t{rating}\n")).collect();
        let content = if packed { gzip(text.as_bytes()) } else { text.into_bytes() };
        let file = open_file("u.data", &content, IdOrder::FirstSight).expect("a good file");
        let pipe = piped(content).expect("a good pipe");
        prop_assert_eq!(pipe.ratings, file.ratings);
        prop_assert_eq!((pipe.users, pipe.items), (file.users, file.items));
    }
}
