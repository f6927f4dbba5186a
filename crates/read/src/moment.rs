//! Timestamps: seconds since 1970 and written dates, in Coordinated Universal Time.

use crate::field::{Fault, digits, whole};

/// Seconds per day.
const DAY: i64 = 86_400;

/// Parses a number, possibly with a fraction or an exponent, or a date. The unit of numbers (seconds or finer) is
/// determined once all are read.
pub(crate) fn seconds(field: &[u8]) -> Result<i64, Fault> {
    // Nearly all timestamps are whole numbers, so they are tried first.
    match whole(field) {
        // The smallest number marks a row without a time.
        Ok(seconds) if seconds != i64::MIN => Ok(seconds),
        _ => unusual(field.trim_ascii()).ok_or(Fault::NotWhole),
    }
}

#[cold]
fn unusual(field: &[u8]) -> Option<i64> {
    date(field).or_else(|| fraction(field))
}

/// A number of seconds, rounded down.
fn fraction(field: &[u8]) -> Option<i64> {
    // Nanoseconds as floating-point numbers are close to the limit of 64 bits.
    const LARGEST: f64 = 9.2e18;
    let seconds: f64 = std::str::from_utf8(field).ok()?.parse().ok()?;
    (seconds.abs() <= LARGEST).then(|| seconds.floor() as i64)
}

/// `2005-04-02` or `2005/04/02`, optionally followed by a space or a `T` and `23:53`, `23:53:47` or `23:53:47.25` (the
/// fraction is dropped), and then by `Z`, `UTC` or the offset from Coordinated Universal Time (`+02:00`, `-0530`).
fn date(field: &[u8]) -> Option<i64> {
    let (day, rest) = field.split_at_checked(10)?;
    let [year, month, day_of_month] =
        numbers(day, b'-', [4, 2, 2]).or_else(|| numbers(day, b'/', [4, 2, 2]))?;
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day_of_month) {
        return None;
    }
    let midnight = DAY * days_from_civil(year, month, day_of_month);
    let Some((gap, rest)) = rest.split_first() else {
        return Some(midnight);
    };
    if !matches!(gap, b' ' | b'T') {
        return None;
    }
    let (time, rest) = rest.split_at_checked(5)?;
    let [hour, minute] = numbers(time, b':', [2, 2])?;
    let (second, rest) = match rest.split_first() {
        Some((b':', rest)) => {
            let (second, rest) = rest.split_at_checked(2)?;
            (digits(second, 2)? as i64, without_fraction(rest)?)
        }
        _ => (0, rest),
    };
    let east = east_of_utc(rest.trim_ascii_start())?;
    let known = hour < 24 && minute < 60 && second < 60;
    known.then_some(midnight + 3_600 * hour + 60 * minute + second - east)
}

/// The text after an optional fraction of a second; `None` for a point without digits.
fn without_fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some((b'.' | b',', behind)) = rest.split_first() else {
        return Some(rest);
    };
    let end = behind.iter().position(|byte| !byte.is_ascii_digit());
    let end = end.unwrap_or(behind.len());
    (end > 0).then(|| &behind[end..])
}

/// The offset from Coordinated Universal Time in seconds, positive to the east.
fn east_of_utc(zone: &[u8]) -> Option<i64> {
    let (sign, distance) = match zone {
        b"" | b"Z" | b"UTC" | b"GMT" => return Some(0),
        [b'+', distance @ ..] => (1, distance),
        [b'-', distance @ ..] => (-1, distance),
        _ => return None,
    };
    let [hours, minutes] = match distance.len() {
        2 => [digits(distance, 2)? as i64, 0],
        4 => {
            let (hours, minutes) = distance.split_at(2);
            [digits(hours, 2)? as i64, digits(minutes, 2)? as i64]
        }
        _ => numbers(distance, b':', [2, 2])?,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (3_600 * hours + 60 * minutes))
}

/// Numbers with these numbers of digits, separated by a character.
fn numbers<const N: usize>(text: &[u8], sign: u8, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(|&byte| byte == sign);
    let mut found = [0; N];
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

/// Days from 1 January 1970 to this day of the Gregorian calendar; negative before.
///
/// Years are shifted to begin in March, so that the leap day comes last, and grouped into cycles of 400 years with
/// 146,097 days each.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    146_097 * cycle + 365 * year + year / 4 - year / 100 + day_of_year - 719_468
}

/// The midnight that begins the day of a number such as 20050402, for years from 1900 to 2100.
pub(crate) fn day_of_digits(number: i64) -> Option<i64> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let known = (1_900..=2_100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day);
    known.then(|| DAY * days_from_civil(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use recburn_data::internals::day;

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
            ("2005/04/02", 1_112_400_000),
            ("2005-04-02 23:53", 1_112_485_980),
            ("2005-04-02T23:53:47.123456Z", 1_112_486_027),
            ("2005-04-02 23:53:47+02:00", 1_112_478_827),
            ("2005-04-02 23:53:47 -0530", 1_112_505_827),
            ("2005-04-02 23:53:47 UTC", 1_112_486_027),
            ("2005-04-02 23:53:47+02", 1_112_478_827),
            ("4.5", 4),
            ("-4.5", -5),
            ("8.8e8", 880_000_000),
            ("1100000000.0", 1_100_000_000),
            ("1.1e18", 1_100_000_000_000_000_000),
        ] {
            assert_eq!(super::seconds(text.as_bytes()), Ok(seconds), "{text}");
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
            "2005-04-02x23:53:47",
            "2005-04-02 23:53:47.",
            "2005-04-02 23:53:47.x",
            "2005-4-2",
            "05-04-2002",
            "2005/04-02",
            "2005-04-02 23:53:47 CET",
            "2005-04-02 23:53:47+15:00",
            "2005-04-02 23:53:4",
            "2005-04-02 23",
            "NaN",
            "inf",
            "1e300",
            "x",
            "-9223372036854775808",
        ] {
            assert_eq!(seconds(text.as_bytes()), Err(Fault::NotWhole), "{text}");
        }
        assert_eq!(day_of_digits(20_050_402), date(b"2005-04-02"));
        assert_eq!(day_of_digits(20_051_302), None);
        assert_eq!(day_of_digits(2_005), None);
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
