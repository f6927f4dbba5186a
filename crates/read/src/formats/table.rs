//! Tables of lines that are recognised by the names in their header, or by their shape.

use super::hint::{Hint, LEAST_TIME, is_fraction, is_product_ahead_of_person, is_time};
use super::layout::Layout;
use super::roles::{Found, Role, Roles, plain};
use super::sample::{Sample, Sampled};
use super::unknown::unknown;
use crate::column::Delimiter;
use crate::error::{Place, ReadError};
use crate::features::FeatureColumn;
use crate::field::{decimal_point, float};
use crate::moment;
use crate::row::Names;
use crate::source::Head;
use recburn_data::internals::excerpt;

/// How a table of lines is read.
pub(super) struct Table {
    pub(super) delimiter: Delimiter,
    /// The byte at which the lines after the header begin.
    pub(super) start: u64,
    pub(super) header: bool,
    pub(super) layout: Layout,
    pub(super) names: Names,
    /// Other columns and their positions.
    pub(super) others: Vec<(FeatureColumn, usize)>,
    /// The interpretation, if it should be reported.
    pub(super) said: Option<String>,
}

/// Interprets a file by its beginning. With `pairs` it need not have ratings.
pub(super) fn understand(head: &Head, pairs: bool) -> Result<Table, ReadError> {
    let start = head.behind_comments();
    let samples = Delimiter::ALL.map(|delimiter| head.sample(start, delimiter));
    let named = samples
        .iter()
        .filter(|sample| sample.width() > 1)
        .max_by_key(|sample| {
            let roles = Roles::of(&sample.names());
            // On ties the first delimiter wins, by its position in the list.
            (roles.sides(), std::cmp::Reverse(sample.delimiter.rank()))
        });
    if let Some(sample) = named
        && is_header(sample)
    {
        return by_names(sample, head, pairs);
    }
    let by_shape = samples.iter().find_map(|sample| by_shape(sample, head));
    by_shape.ok_or_else(|| unknown(&samples, head, start))
}

/// Whether the first line names user and item, or one of them if nothing in it is a number.
fn is_header(sample: &Sample) -> bool {
    match Roles::of(&sample.names()).sides() {
        0 => false,
        1 => !sample.rows[0]
            .fields
            .iter()
            .any(|field| float(&decimal_point(field)).is_ok()),
        _ => true,
    }
}

/// Interprets a table whose header names user and item.
fn by_names(sample: &Sample, head: &Head, pairs: bool) -> Result<Table, ReadError> {
    let names = sample.names();
    let row = sample.rows.get(1);
    let times = |place: usize| {
        let rows = sample.rows.iter().skip(1);
        let mut fields = rows.map(|row| row.field(place)).peekable();
        fields.peek().is_none() || fields.any(|field| moment::seconds(field).is_ok())
    };
    let known = columns(
        &names,
        row,
        &times,
        head.place(sample.rows[0].at, ""),
        pairs,
        false,
    )?;
    let classic = sample.delimiter == Delimiter::Comma && known.is_classic();
    let said = (!classic).then(|| {
        let delimiter = sample.delimiter.plural();
        format!("{}, separated by {delimiter}", known.said)
    });
    Ok(Table {
        delimiter: sample.delimiter,
        start: sample.start(true),
        header: true,
        layout: known.layout,
        names: known.names,
        others: Vec::new(),
        said,
    })
}

/// Columns found by name.
pub(super) struct Known {
    pub(super) layout: Layout,
    pub(super) names: Names,
    /// As text: `user=user_id, item=book_id, rating=stars`.
    pub(super) said: String,
}

impl Known {
    /// Whether the columns have MovieLens's names, or entirely standard ones.
    pub(super) fn is_classic(&self) -> bool {
        const USER: [&str; 2] = ["userid", "user"];
        const ITEM: [&str; 3] = ["movieid", "itemid", "item"];
        let is = |name: &str, known: &[&str]| known.contains(&plain(name.as_bytes()).as_str());
        let Names {
            user,
            item,
            rating,
            timestamp,
        } = &self.names;
        is(user, &USER)
            && is(item, &ITEM)
            && is(rating, &["rating"])
            && is(timestamp, &["timestamp", ""])
    }
}

/// Finds the columns by these names; `keys` have no positions.
///
/// A column that is a time only by its name is ignored if `times` finds no time in it.
pub(super) fn columns(
    names: &[&[u8]],
    row: Option<&Sampled>,
    times: &dyn Fn(usize) -> bool,
    at: Place,
    pairs: bool,
    keys: bool,
) -> Result<Known, ReadError> {
    let roles = Roles::of(names);
    let fields: Vec<&[u8]> = row
        .map(|row| row.fields.iter().map(Vec::as_slice).collect())
        .unwrap_or_default();
    let flag = || {
        Hint {
            names: Some(names),
            row: &fields,
            keys,
        }
        .flag()
    };
    let one = |role: Role, found: &Found| match found {
        Found::One(place) => Ok(Some(*place)),
        Found::None => Ok(None),
        Found::Several(places) => Err(ReadError::AmbiguousColumn {
            at: Box::new(at.clone()),
            role: role.word(),
            seen: list(places.iter().map(|&place| names[place])),
            advice: format!("say which: {}", flag()),
        }),
    };
    let lacking = |role: Role, more: &str| ReadError::UnknownColumn {
        at: Box::new(at.clone()),
        role: role.word(),
        seen: list(names.iter().copied()),
        advice: format!("say which: {}{more}", flag()),
    };
    let user = one(Role::User, &roles.user)?.ok_or_else(|| lacking(Role::User, ""))?;
    let item = one(Role::Item, &roles.item)?.ok_or_else(|| lacking(Role::Item, ""))?;
    let rating = match one(Role::Rating, &roles.rating)? {
        None if !pairs => {
            let more = "; without a rating= every row is a rating of 1";
            return Err(lacking(Role::Rating, more));
        }
        found => found,
    };
    let exact = |place: &usize| plain(names[*place]) == "timestamp";
    let timestamp = roles
        .times
        .iter()
        .copied()
        .find(|place| exact(place) || times(*place));
    let name = |place: usize| crate::text::utf_8_or_latin_1(names[place].trim_ascii()).into_owned();
    let mut said = format!("user={}, item={}", name(user), name(item));
    match rating {
        Some(place) => said += &format!(", rating={}", name(place)),
        None => said += ", no ratings",
    }
    if roles.counts && rating.is_some() {
        said += " (a count)";
    }
    match (timestamp, roles.times.first()) {
        (Some(place), _) => said += &format!(", timestamp={}", name(place)),
        (None, Some(&place)) => {
            said += &format!(" ({} is not read: no time that is known)", name(place))
        }
        (None, None) => {}
    }
    let optional = |place: Option<usize>| place.map(name).unwrap_or_default();
    Ok(Known {
        layout: Layout {
            count: names.len(),
            user,
            item,
            rating,
            timestamp,
        },
        names: Names {
            user: name(user).into(),
            item: name(item).into(),
            rating: optional(rating).into(),
            timestamp: optional(timestamp).into(),
        },
        said,
    })
}

/// Interprets a table without a header: user, item, rating and optionally the time.
fn by_shape(sample: &Sample, head: &Head) -> Option<Table> {
    let first = sample.rows.first()?;
    let width = first.fields.len();
    let name = head.file_name();
    // Files with this name have always had this form, whatever follows the rating.
    let claimed = match sample.delimiter {
        Delimiter::Tab => name == "u.data" || name.ends_with(".base") || name.ends_with(".test"),
        Delimiter::Colons => name == "ratings.dat",
        _ => false,
    };
    let usual = matches!(sample.delimiter, Delimiter::Tab | Delimiter::Colons);
    let is_rating = |row: &Sampled| {
        let field = row.field(2);
        match sample.delimiter {
            Delimiter::Comma => float(field).is_ok(),
            _ => float(&decimal_point(field)).is_ok(),
        }
    };
    let plausible = |row: &Sampled| {
        let fields: Vec<&[u8]> = row.fields.iter().map(Vec::as_slice).collect();
        let id = |place: usize| {
            !row.field(place).trim_ascii().is_empty() && !is_fraction(row.field(place))
        };
        let time = |field: &[u8]| match usual {
            true => field.trim_ascii().is_empty() || moment::seconds(field).is_ok(),
            false => is_time(field),
        };
        let large =
            float(&decimal_point(row.field(2))).is_ok_and(|value| value.abs() >= LEAST_TIME as f32);
        let rest = row.fields.get(3).is_none_or(|field| time(field));
        id(0) && id(1) && is_rating(row) && !large && rest && !is_product_ahead_of_person(&fields)
    };
    let fits = match claimed {
        true => width >= 3 && is_rating(first),
        false => {
            let even = sample.rows.iter().filter(|row| row.fields.len() == width);
            (width == 3 || width == 4)
                && plausible(first)
                && 2 * even.filter(|row| plausible(row)).count() >= sample.rows.len()
        }
    };
    if !fits {
        return None;
    }
    let timed = width > 3;
    let delimiter = sample.delimiter.plural();
    let time = if timed { ", timestamp=4" } else { "" };
    Some(Table {
        delimiter: sample.delimiter,
        start: sample.start(false),
        header: false,
        layout: Layout {
            count: width,
            user: 0,
            item: 1,
            rating: Some(2),
            timestamp: timed.then_some(3),
        },
        names: Names::PLAIN,
        others: Vec::new(),
        said: (!usual).then(|| {
            format!("user=1, item=2, rating=3{time} by place, separated by {delimiter}, without a header")
        }),
    })
}

/// A list of names for messages.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a [u8]>) -> String {
    let names: Vec<&[u8]> = names.map(<[u8]>::trim_ascii).collect();
    excerpt(&names.join(&b", "[..]))
}
