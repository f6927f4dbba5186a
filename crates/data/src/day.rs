//! Days of the Gregorian calendar, in Coordinated Universal Time.

/// Seconds per day.
const DAY: i64 = 86_400;

/// The day of these seconds as `2005-04-02`.
pub fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(DAY) + 719_468;
    let (cycle, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    // The last day of a period of 4, 100 or 400 years must not be counted in the next period.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * cycle + year + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
