//! Whatever the bytes, opening gives a data set or an error.

use crate::common;
use crate::common::{open_file, orders};
use proptest::prelude::*;
use recburn_data::Dataset;
use recburn_read::OpenDataset;

/// Pieces that get further into the readers than plain noise does.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    // Small numbers only: in raw order a large one rightly asks for a large table.
    let piece = prop_oneof![
        Just(b"userId,movieId,rating,timestamp\n".to_vec()),
        Just(b"1,2,3.5,4\n".to_vec()),
        Just(b"1\t2\t3\t4\n".to_vec()),
        Just(b"1::2::3.5::2005-04-02 23:53:47\n".to_vec()),
        Just(b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n".to_vec()),
        Just(b"::".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\"".to_vec()),
        Just(b",".to_vec()),
        Just(b"\t".to_vec()),
        Just(b"12".to_vec()),
        Just(b"-1e9".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b"\xE9".to_vec()),
        Just(b"\0".to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn on_noise(bytes in prop::collection::vec(any::<u8>(), 0..200), order in orders()) {
        for name in ["ratings.csv", "u.data", "ratings.dat", "a.inter", "a.zip", "a.gz", "noise"] {
            let _ = open_file(name, &bytes, order);
        }
    }

    #[test]
    fn on_files_that_are_nearly_right(bytes in pieces(), order in orders()) {
        for name in ["ratings.csv", "u.data", "u1.base", "ratings.dat", "a.inter", "nearly"] {
            if let Ok(dataset) = open_file(name, &bytes, order) {
                prop_assert!(!dataset.ratings.is_empty());
                prop_assert!(dataset.ratings.check(dataset.users.rows(), dataset.items.rows()).is_ok());
            }
        }
    }

    #[test]
    fn on_item_files_of_noise(bytes in pieces()) {
        for (ratings, items) in [("ratings.csv", "movies.csv"), ("u.data", "u.item"), ("u.data", "u.genre")] {
            let good: &[u8] = if ratings == "u.data" { b"1\t2\t3\n" } else { b"userId,movieId,rating\n1,2,3\n" };
            let folder = common::folder(&[(ratings, good), (items, &bytes), ("u.item", b"1|x")]);
            let _ = Dataset::open(&folder.path().to_string_lossy());
        }
    }
}
