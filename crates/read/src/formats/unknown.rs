//! Errors for files that are not recognised, with advice on how to open them.

use super::hint::Hint;
use super::roles::{Found, Roles};
use super::sample::Sample;
use crate::error::ReadError;
use crate::field::{decimal_point, float};
use crate::source::Head;
use recburn_data::internals::excerpt;

/// The error for an unrecognised file, with advice on how to open it.
pub(super) fn unknown(samples: &[Sample], head: &Head, start: usize) -> ReadError {
    let seen = excerpt(
        head.bytes[start..]
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default()
            .trim_ascii_end(),
    );
    let refused = |advice: String| ReadError::UnknownFormat {
        path: head.path().to_path_buf(),
        seen: seen.clone(),
        advice,
    };
    let likely = samples
        .iter()
        .filter(|sample| sample.width() > 1)
        .max_by_key(|sample| {
            let roles = Roles::of(&sample.names());
            let known = roles.sides() + usize::from(roles.rating != Found::None);
            (
                known,
                sample.is_even(),
                sample.width(),
                std::cmp::Reverse(sample.delimiter.rank()),
            )
        });
    if is_netflix(head) {
        let made =
            "awk -F, '/:\\r?$/{split($1,m,\":\");next}{print m[1]\",\"$0}' FILE > ratings.csv";
        return refused(format!(
            "this is the form of the Netflix Prize, with each film's number on a line of its own: `{made}` makes a \
             table of it that --columns user=2,item=1,rating=3,timestamp=4 opens"
        ));
    }
    let Some(sample) = likely else {
        return refused(
            "its fields have to be separated by tabs, '::', semicolons, commas, pipes or spaces; if another file of \
             the data set has users, items and ratings, give that one, and say where they are: \
             --columns user=NAME,item=NAME,rating=NAME"
                .to_string(),
        );
    };
    let names = sample.names();
    let number = |field: &[u8]| float(&decimal_point(field)).is_ok();
    let first = &sample.rows[0];
    let header = !first.fields.iter().any(|field| number(field))
        && (sample.rows.len() < 2
            || sample.rows[1].fields.iter().any(|field| number(field))
            || Roles::of(&names).sides() > 0);
    let width = names.len();
    let numbers = first
        .fields
        .iter()
        .filter(|field| number(field) || field.is_empty())
        .count();
    if !header && width > 20 && numbers == width {
        return refused(format!(
            "with {width} numbers on a line this seems to be a matrix of users by items; a line for each rating is \
             read, with user, item and rating, as `melt` or `stack` of pandas makes of it"
        ));
    }
    let row = sample.rows.get(usize::from(header));
    let fields: Vec<&[u8]> = row
        .map(|row| row.fields.iter().map(Vec::as_slice).collect())
        .unwrap_or_default();
    let flag = Hint {
        names: header.then_some(&names),
        row: &fields,
        keys: false,
    }
    .flag();
    refused(format!("say it: {flag}"))
}

/// Whether a line of a number and a colon is followed by other lines.
fn is_netflix(head: &Head) -> bool {
    let line = head.first_line().trim_ascii();
    line.strip_suffix(b":")
        .is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}
