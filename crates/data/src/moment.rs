//! Points in time: whole seconds since 1970, and dates as people write them, in Coordinated Universal Time.

use crate::field::{Fault, digits, whole};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// How a file tells the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// In whole seconds or as a date.
    Exact,
    /// In seconds that may have a fraction or an exponent, too, as floating-point columns are written; the fraction
    /// is dropped.
    Loose,
}

impl Clock {
    /// Seconds since 1970.
    pub(crate) fn seconds(self, field: &[u8]) -> Result<i64, Fault> {
        // Nearly every timestamp is a whole number: that comes first.
        match whole(field) {
            Ok(seconds) => Ok(seconds),
            Err(fault) => self.unusual(field.trim_ascii()).ok_or(fault),
        }
    }

    fn unusual(self, field: &[u8]) -> Option<i64> {
        date(field).or_else(|| match self {
            Self::Exact => None,
            Self::Loose => fraction(field),
        })
    }
}

/// A number of seconds, rounded down.
fn fraction(field: &[u8]) -> Option<i64> {
    // Beyond this, numbers in floating point are no longer exact to the second.
    const LARGEST: f64 = 9e15;
    let seconds: f64 = std::str::from_utf8(field).ok()?.parse().ok()?;
    (seconds.abs() <= LARGEST).then(|| seconds.floor() as i64)
}

/// `2005-04-02`, `2005-04-02 23:53:47` with a `T` for the space, a fraction of a second (dropped) or a `Z` at will.
fn date(field: &[u8]) -> Option<i64> {
    let (day, rest) = field.split_at_checked(10)?;
    let [year, month, day_of_month] = numbers(day, b'-', [4, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day_of_month) {
        return None;
    }
    let midnight = DAY * days_from_civil(year, month, day_of_month);
    if rest.is_empty() {
        return Some(midnight);
    }
    let (&gap, time) = rest.split_first()?;
    let (clock, rest) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(clock, b':', [2, 2, 2])?;
    let rest = rest.strip_suffix(b"Z").unwrap_or(rest);
    let fraction = match rest.split_first() {
        None => true,
        Some((b'.', fraction)) => {
            !fraction.is_empty() && fraction.iter().all(|byte| byte.is_ascii_digit())
        }
        Some(_) => false,
    };
    let known = matches!(gap, b' ' | b'T') && hour < 24 && minute < 60 && second < 60 && fraction;
    known.then_some(midnight + 3_600 * hour + 60 * minute + second)
}

/// Three numbers of so many digits each, parted by a sign.
fn numbers(text: &[u8], sign: u8, lengths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(|&byte| byte == sign);
    let mut found = [0; 3];
    for (found, length) in found.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length)?;
        *found = digits(part, length)? as i64;
    }
    parts.next().is_none().then_some(found)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of January 1970 to this day of the Gregorian calendar; negative before.
///
/// Years are taken to begin in March, so that the leap day is a year's last, and in cycles of 400 years, which are
/// 146,097 days each.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    146_097 * cycle + 365 * year + year / 4 - year / 100 + day_of_year - 719_468
}

/// The day of these seconds as `2005-04-02`.
pub(crate) fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(DAY) + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    // The last day of 4 years, of 100 and of 400 must not be counted into the next of them.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * cycle + year + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_are_seconds() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1970-01-01 00:00:01", 1),
            ("1969-12-31T23:59:59Z", -1),
            ("2005-04-02 23:53:47", 1_112_486_027),
            ("2005-04-02 23:53:47.999", 1_112_486_027),
            ("2000-02-29 12:00:00", 951_825_600),
            ("  1997-12-04 15:55:49 ", 881_250_949),
            ("881250949", 881_250_949),
        ] {
            assert_eq!(Clock::Exact.seconds(text.as_bytes()), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "yesterday",
            "2005-13-01",
            "2005-00-01",
            "2005-02-29",
            "1900-02-29",
            "2005-04-31",
            "2005-04-02 24:00:00",
            "2005-04-02 23:60:00",
            "2005-04-02 23:53",
            "2005-04-02x23:53:47",
            "2005-04-02 23:53:47.",
            "2005-04-02 23:53:47.x",
            "2005-4-2",
            "05-04-2002",
            "4.5",
            "1e9",
            "2005-04-02 23:53:47+02:00",
        ] {
            assert_eq!(
                Clock::Exact.seconds(text.as_bytes()),
                Err(Fault::NotWhole),
                "{text}"
            );
        }
        assert_eq!(Clock::Loose.seconds(b"4.5"), Ok(4));
        assert_eq!(Clock::Loose.seconds(b"-4.5"), Ok(-5));
        assert_eq!(Clock::Loose.seconds(b"8.8e8"), Ok(880_000_000));
        for text in ["NaN", "inf", "1e300", "x"] {
            assert_eq!(
                Clock::Loose.seconds(text.as_bytes()),
                Err(Fault::NotWhole),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_day_comes_back(days in -719_000..2_900_000_i64, seconds in 0..DAY) {
            let text = day(DAY * days + seconds);
            prop_assert_eq!(date(text.as_bytes()), Some(DAY * days), "{}", text);
        }

        #[test]
        fn days_follow_each_other(days in -719_000..2_900_000_i64) {
            let (today, tomorrow) = (day(DAY * days), day(DAY * (days + 1)));
            prop_assert!(today < tomorrow, "{} {}", today, tomorrow);
        }
    }
}
