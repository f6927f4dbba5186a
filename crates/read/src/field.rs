//! Parsing of numeric fields.
//!
//! Nearly all fields are a few plain digits, and there are tens of millions of them, so these take a fast path. It
//! gives bit-identical results to the general path, which handles everything else, including errors.

use std::borrow::Cow;

use crate::error::{Place, ReadError};
use recburn_data::internals::excerpt;

/// The error of a field, before its position is determined.
#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    Empty,
    Broken,
    NotRaw,
    TooMany,
    NotANumber,
    DecimalComma,
    NotFinite,
    NotWhole,
}

impl Fault {
    /// The fault of this field, which is at this place.
    pub(crate) fn at(self, at: Place, field: &[u8]) -> ReadError {
        if field.contains(&0) {
            return ReadError::Binary { at };
        }
        let seen = excerpt(field);
        match self {
            Self::Empty => ReadError::EmptyId { at },
            Self::Broken => ReadError::BrokenText { at, seen },
            Self::NotRaw => ReadError::RawId { at, seen },
            Self::TooMany => ReadError::TooMany { at },
            Self::NotANumber | Self::NotWhole => ReadError::NotANumber { at, seen },
            Self::DecimalComma => ReadError::DecimalComma { at, seen },
            Self::NotFinite => ReadError::NotFinite { at, seen },
        }
    }
}

/// A finite number.
pub(crate) fn float(field: &[u8]) -> Result<f32, Fault> {
    let field = field.trim_ascii();
    match few_digits(field) {
        Some(value) => Ok(value),
        None => any_float(field),
    }
}

/// The number with a decimal point instead of a single decimal comma.
pub(crate) fn decimal_point(field: &[u8]) -> Cow<'_, [u8]> {
    let commas = field.iter().filter(|byte| **byte == b',').count();
    match commas == 1 && !field.contains(&b'.') {
        true => field
            .iter()
            .map(|&byte| if byte == b',' { b'.' } else { byte })
            .collect::<Vec<u8>>()
            .into(),
        false => field.into(),
    }
}

/// A whole number.
pub(crate) fn whole(field: &[u8]) -> Result<i64, Fault> {
    let field = field.trim_ascii();
    // Any 18 digits are below 2^63.
    match digits(field, 18) {
        Some(value) => Ok(value as i64),
        None => any_whole(field),
    }
}

/// The value of one to `most` digits and nothing else; `most` is at most 19.
pub(crate) fn digits(field: &[u8], most: usize) -> Option<u64> {
    if field.is_empty() || field.len() > most {
        return None;
    }
    field.iter().try_fold(0, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then(|| 10 * value + u64::from(digit))
    })
}

/// At most seven digits with a point before, among or after them.
///
/// The digits (below 2^24) and the power of ten are both exact, so that the quotient is rounded once, correctly.
fn few_digits(field: &[u8]) -> Option<f32> {
    const TENS: [f32; 8] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];
    if field.len() > 8 {
        return None;
    }
    let (mut value, mut count, mut behind) = (0_u32, 0, None);
    for &byte in field {
        match byte {
            b'0'..=b'9' => {
                value = 10 * value + u32::from(byte - b'0');
                count += 1;
                behind = behind.map(|behind| behind + 1);
            }
            b'.' if behind.is_none() => behind = Some(0),
            _ => return None,
        }
    }
    (1..=7)
        .contains(&count)
        .then(|| value as f32 / TENS[behind.unwrap_or(0_usize)])
}

#[cold]
fn any_float(field: &[u8]) -> Result<f32, Fault> {
    let text = std::str::from_utf8(field).map_err(|_| Fault::NotANumber)?;
    let value: f32 = text.parse().map_err(|_| Fault::NotANumber)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Fault::NotFinite)
    }
}

#[cold]
fn any_whole(field: &[u8]) -> Result<i64, Fault> {
    let text = std::str::from_utf8(field).map_err(|_| Fault::NotWhole)?;
    text.parse().map_err(|_| Fault::NotWhole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_short_way_of_a_float_is_the_long_one(text in "[0-9]{0,8}(\\.[0-9]{0,8})?|[-+.0-9eE ]{0,9}") {
            let long = any_float(text.as_bytes().trim_ascii());
            prop_assert_eq!(float(text.as_bytes()).map(f32::to_bits), long.map(f32::to_bits));
        }

        #[test]
        fn the_short_way_of_a_whole_number_is_the_long_one(text in "[-+]?[0-9]{0,21}|[-+.0-9 ]{0,9}") {
            let long = any_whole(text.as_bytes().trim_ascii());
            prop_assert_eq!(whole(text.as_bytes()), long);
        }
    }

    #[test]
    fn every_rating_of_up_to_four_digits_is_read_as_the_library_reads_it() {
        for value in 0..10_000 {
            for point in 0..=4 {
                let digits = format!("{value:04}");
                let text = format!("{}.{}", &digits[..point], &digits[point..]);
                assert_eq!(float(text.as_bytes()).ok(), text.parse().ok(), "{text}");
            }
        }
    }
}
