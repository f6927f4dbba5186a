//! Journals: what a service reads at its start, and `train --add`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn::prelude::*;
use recburn_fuzz::{Scratch, in_words, patched};
use recburn_serve::{Service, Settings};
use std::fs;

const SOUND: &[u8] =
    b"user,item,rating,time\nu1,3,4.5,1700000000\nnew,3,5,1700000001\nnew,4,1,1700000002\n\
    new,3,,1700000003\n\"a,\"\"b\",4,2,1700000004\n";

std::thread_local! {
    static SCRATCH: Scratch = Scratch::new();
}

fuzz_target!(|input: &[u8]| {
    let [kind, bytes @ ..] = input else {
        return;
    };
    SCRATCH.with(|scratch| {
        let bytes = match kind & 1 {
            0 => patched(SOUND, bytes),
            _ => bytes.to_vec(),
        };
        let path = scratch.write("journal.csv", &bytes);
        let mut settings = Settings::new(scratch.folder(), Device::flex());
        settings.journal = Some(path.clone());
        match Service::new(settings.clone()) {
            Ok(service) => {
                drop(service);
                // What is left of it is read again, to the last line.
                let left = fs::read(&path).expect("the file");
                drop(Service::new(settings).expect("a journal that was read before"));
                assert_eq!(fs::read(&path).expect("the file"), left);
                assert!(
                    bytes.is_empty()
                        || left.starts_with(b"user,item,rating,time\n")
                        || bytes.starts_with(&left)
                );
            }
            Err(error) => {
                in_words(&error);
            }
        }
        let ratings = scratch.write("ratings.csv", b"user,item,rating\nu1,3,4\nu1,4,2\nu2,3,5\n");
        let how = OpenOptions {
            add: Some(path),
            ..OpenOptions::default()
        };
        match how.open(&ratings.to_string_lossy()) {
            Ok(dataset) => assert!(
                dataset
                    .ratings
                    .ratings
                    .iter()
                    .all(|rating| rating.is_finite())
            ),
            Err(error) => {
                in_words(&error);
            }
        }
    });
});
