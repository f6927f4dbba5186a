//! What lies beside ratings: titles, features, and ratings that a service was given. The first byte chooses which it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn_fuzz::{Scratch, in_words};
use recburn_read::{FeatureFile, OpenOptions};
use std::path::Path;

const RATINGS: &[u8] =
    b"userId,movieId,rating,timestamp\n1,10,4,100\n1,20,3.5,101\n2,10,1,102\n3,30,5,103\n";

std::thread_local! {
    static SCRATCH: Scratch = Scratch::new();
}

fn features(path: &Path) -> Option<FeatureFile> {
    path.to_string_lossy().parse().ok()
}

fuzz_target!(|input: &[u8]| {
    let [kind, file @ ..] = input else {
        return;
    };
    SCRATCH.with(|scratch| {
        let ratings = scratch.write("ratings.csv", RATINGS);
        let name = [
            "titles.csv",
            "x.item",
            "u.item",
            "movies.dat",
            "added.csv",
            "u.user",
            "users.csv",
            "items.tsv",
        ][usize::from(kind & 7)];
        let path = scratch.write(name, file);
        let mut how = OpenOptions::default();
        match kind & 7 {
            0..=3 => how.items = Some(path.clone()),
            4 => how.add = Some(path.clone()),
            5 | 6 => how.user_features = features(&path),
            _ => how.item_features = features(&path),
        }
        match how.open(&ratings.to_string_lossy()) {
            Ok(dataset) => {
                let known = dataset.items.iter().map(|(item, _)| dataset.title(item));
                assert!(known.into_iter().all(|title| !title.is_empty()));
                assert!(
                    dataset
                        .ratings
                        .ratings
                        .iter()
                        .all(|rating| rating.is_finite())
                );
            }
            Err(error) => {
                in_words(&error);
            }
        }
        let _ = std::fs::remove_file(path);
    });
});
