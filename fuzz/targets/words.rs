//! Settings that are words: whatever can be read is written as words that are read as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn_data::{Filter, IdOrder, Negatives, SplitKind};
use recburn_fuzz::in_words;
use recburn_read::{Columns, FeatureColumns};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::str::FromStr;

fn there_and_back<T>(words: &str)
where
    T: FromStr + Display + PartialEq + Debug,
    T::Err: Error + 'static,
{
    match words.parse::<T>() {
        Ok(read) => {
            let written = read.to_string();
            match written.parse::<T>() {
                Ok(again) => assert_eq!(read, again, "{words:?} and {written:?}"),
                Err(error) => panic!("{words:?} is {written:?}: {error}"),
            }
        }
        Err(error) => {
            in_words(&error);
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let [kind, words @ ..] = input else {
        return;
    };
    let Ok(words) = std::str::from_utf8(words) else {
        return;
    };
    match kind % 6 {
        0 => there_and_back::<Columns>(words),
        1 => there_and_back::<FeatureColumns>(words),
        2 => there_and_back::<SplitKind>(words),
        3 => there_and_back::<Filter>(words),
        4 => there_and_back::<Negatives>(words),
        _ => {
            let _ = words.parse::<IdOrder>();
        }
    }
});
