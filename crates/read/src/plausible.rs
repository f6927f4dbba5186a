//! Plausibility checks of the data read.
//!
//! Every check costs at most one pass over a column or the ids. Findings are not errors: they are added to the
//! [warnings](crate::Dataset::warnings) of the data. Times in units other than seconds are converted.

use std::collections::HashSet;

use crate::moment::day_of_digits;
use recburn_data::internals::day;
use recburn_data::{Dataset, IdMap, Ratings, Untimed, shown, thousands};
use recburn_schema::Index;

/// With fewer rows than this, the contents of a column say little.
const FEW: usize = 20;
/// The number of rows whose ratings are compared with one another.
const COMPARED: usize = 10_000;
/// No rating reaches this, but every time of the last fifty years does, in seconds.
const LIKE_A_TIME: f32 = 1e8;
/// 1 January 2100.
const YEAR_2100: i64 = 4_102_444_800;
/// The end of 1970.
const YEAR_1970: i64 = 31_536_000;

/// Runs all checks, converts times, and adds findings to the warnings. With `pairs`, missing ratings are not reported.
pub(crate) fn look(dataset: &mut Dataset, pairs: bool) {
    let mut found = Vec::new();
    if let Some(Untimed { rows, first }) = &dataset.untimed {
        let (rows, all) = (*rows, dataset.ratings.len());
        found.push(match dataset.ratings.timestamps {
            None => format!("{first}, nor has any other row one: the column is left out"),
            Some(_) => format!(
                "{first}; {} of {} ratings have none",
                thousands(rows),
                thousands(all)
            ),
        });
    }
    if let Some(times) = &mut dataset.ratings.timestamps {
        found.extend(in_seconds(times));
        found.extend(span(times));
    }
    found.extend(dataset.all_equal().filter(|_| !(pairs && dataset.unrated)));
    found.extend(no_ratings(&dataset.ratings.ratings));
    let rows = dataset.ratings.len();
    found.extend(odd_ids(&dataset.users, "user"));
    found.extend(count(&dataset.users, "user", rows));
    found.extend(odd_ids(&dataset.items, "item"));
    found.extend(count(&dataset.items, "item", rows));
    dataset.warnings.extend(found);
}

/// Converts milliseconds, microseconds, nanoseconds and days written as digits to seconds.
fn in_seconds(times: &mut [i64]) -> Vec<String> {
    // In seconds these numbers would be dates after the year 5000; in finer units they are dates from 1973 on.
    const UNITS: [(&str, u64, i64); 3] = [
        ("nanoseconds", 100_000_000_000_000_000, 1_000_000_000),
        ("microseconds", 100_000_000_000_000, 1_000_000),
        ("milliseconds", 100_000_000_000, 1_000),
    ];
    let is_known = |time: i64| time != Ratings::NO_TIME;
    let known = times.iter().filter(|&&time| is_known(time)).count();
    let sizes = times.iter().filter(|&&time| is_known(time));
    let largest = sizes.map(|time| time.unsigned_abs()).max().unwrap_or(0);
    let mut said = Vec::new();
    for (name, least, per_second) in UNITS {
        // There are almost never any.
        if largest < least {
            continue;
        }
        let mut converted = 0;
        for time in times.iter_mut() {
            if is_known(*time) && time.unsigned_abs() >= least {
                *time = time.div_euclid(per_second);
                converted += 1;
            }
        }
        if converted > 0 {
            let which = match converted == known {
                true => "the times are".to_string(),
                false => format!("{} of {} times are", thousands(converted), thousands(known)),
            };
            said.push(format!(
                "{which} in {name} since 1970, not in seconds: they are converted"
            ));
        }
    }
    let days = |time: &i64| !is_known(*time) || day_of_digits(*time).is_some();
    if known > 0 && times.iter().all(days) {
        let first = times.iter().copied().find(|&time| is_known(time));
        for time in times.iter_mut() {
            *time = day_of_digits(*time).unwrap_or(*time);
        }
        said.push(format!(
            "the times are days written as digits, such as {}: they are converted",
            first.unwrap_or_default()
        ));
    }
    said
}

/// Implausible times.
fn span(times: &[i64]) -> Option<String> {
    let known = times.iter().filter(|&&time| time != Ratings::NO_TIME);
    let (first, last) = known.fold((i64::MAX, i64::MIN), |(first, last), &time| {
        (first.min(time), last.max(time))
    });
    let odd = first < 0 || last >= YEAR_2100 || (last < YEAR_1970 && first < last);
    (first <= last && odd).then(|| {
        format!(
            "the times run from {} to {}: is their column the right one, and are they seconds since 1970?",
            day(first),
            day(last)
        )
    })
}

/// A rating column that contains something else.
fn no_ratings(ratings: &[f32]) -> Option<String> {
    let least = ratings.iter().copied().fold(f32::INFINITY, f32::min);
    if (LIKE_A_TIME..f32::INFINITY).contains(&least) {
        return Some(format!(
            "the least rating is {least}: that column looks like times or ids, not ratings \
             (--columns names another)"
        ));
    }
    let some = &ratings[..ratings.len().min(COMPARED)];
    let whole = |rating: &f32| rating.fract() == 0.0;
    let distinct: HashSet<u32> = some.iter().map(|rating| rating.to_bits()).collect();
    (some.len() >= FEW && distinct.len() == some.len() && some.iter().all(whole)).then(|| {
        "no two ratings are equal, and all are whole numbers: that column looks like ids or a count of the rows, not \
         ratings (--columns names another)"
            .to_string()
    })
}

/// Ids that were probably not read as intended.
fn odd_ids<Ix: Index>(ids: &IdMap<Ix>, whose: &str) -> Vec<String> {
    // Plain numbers are fine.
    if ids.order() == recburn_data::IdOrder::Raw {
        return Vec::new();
    }
    let quoted = |id: &str| {
        id.starts_with('"')
            || id.ends_with('"')
            || (id.len() > 1 && id.starts_with('\'') && id.ends_with('\''))
    };
    let blank = |id: &str| id.trim() != id;
    let float = |id: &str| {
        id.strip_suffix(".0").is_some_and(|whole| {
            !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut said = Vec::new();
    for (what, why, odd) in [
        (
            "quotes around them",
            "they are kept as part of the id",
            &quoted as &dyn Fn(&str) -> bool,
        ),
        (
            "blanks around them",
            "they are kept as part of the id",
            &blank,
        ),
        (
            "a .0 at the end",
            "a table that has them as whole numbers will not match",
            &float,
        ),
    ] {
        let mut first = None;
        let mut count = 0;
        for (_, id) in ids.iter() {
            if odd(&id) {
                count += 1;
                first.get_or_insert_with(|| shown(&id).into_owned());
            }
        }
        if let Some(first) = first {
            said.push(format!(
                "{} of {} {whose} ids have {what}, such as {first}: {why}",
                thousands(count),
                thousands(ids.len())
            ));
        }
    }
    said
}

/// A single user or item, or so many that no two rows share one.
fn count<Ix: Index>(ids: &IdMap<Ix>, whose: &str, rows: usize) -> Option<String> {
    match ids.len() {
        1 if rows > 1 => {
            let only = ids.iter().next().map(|(_, id)| shown(&id).into_owned());
            Some(format!(
                "every rating has the same {whose}, {}: is that column the right one? (--columns names another)",
                only.unwrap_or_default()
            ))
        }
        count if count == rows && rows >= FEW => Some(format!(
            "every rating has {} {whose} of its own: is that column the right one? (--columns names another)",
            if whose == "item" { "an" } else { "a" }
        )),
        _ => None,
    }
}
