//! Files of ratings: the first byte chooses a name, and with it a format where the name tells it, the others are the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn_fuzz::{Scratch, in_words};
use recburn_read::{BadLines, OpenOptions};

const NAMES: [&str; 8] = [
    "any",
    "ratings.csv",
    "rating.csv",
    "ratings.dat",
    "u.data",
    "x.inter",
    "ratings.parquet",
    "x.zip",
];

std::thread_local! {
    static SCRATCH: Scratch = Scratch::new();
}

fuzz_target!(|input: &[u8]| {
    let [kind, file @ ..] = input else {
        return;
    };
    SCRATCH.with(|scratch| {
        let path = scratch.write(NAMES[usize::from(kind & 7)], file);
        let how = OpenOptions {
            bad_lines: match kind & 8 {
                0 => BadLines::Stop,
                _ => BadLines::Skip,
            },
            pairs: kind & 16 != 0,
            columns: (kind & 32 != 0).then(|| "user=1,item=2,rating=3".parse().expect("columns")),
            ..OpenOptions::default()
        };
        match how.open(&path.to_string_lossy()) {
            Ok(dataset) => {
                let ratings = &dataset.ratings;
                assert_eq!(ratings.users.len(), ratings.ratings.len());
                assert_eq!(ratings.items.len(), ratings.ratings.len());
                assert!(ratings.ratings.iter().all(|rating| rating.is_finite()));
                for (user, item) in ratings.users.iter().zip(&ratings.items) {
                    assert!(dataset.users.id(*user).is_some());
                    assert!(dataset.items.id(*item).is_some());
                }
                assert!(!format!("{dataset}").is_empty());
            }
            Err(error) => {
                in_words(&error);
            }
        }
        let _ = std::fs::remove_file(path);
    });
});
