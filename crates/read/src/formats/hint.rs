//! A suggested flag that opens a file, filled in from its contents.

use super::roles::Roles;
use crate::field::{decimal_point, float};
use crate::moment;

/// What is known about the columns of a file that was not recognised.
pub(super) struct Hint<'a> {
    /// The column names, if the file has a header.
    pub(super) names: Option<&'a [&'a [u8]]>,
    /// The fields of a line other than the header; empty if there is none.
    pub(super) row: &'a [&'a [u8]],
    /// Whether the names are keys, which have no positions.
    pub(super) keys: bool,
}

impl Hint<'_> {
    /// `--columns user=..,item=..,rating=..`: by known names, then by the appearance of the fields.
    pub(super) fn flag(&self) -> String {
        let names = self.names.unwrap_or_default();
        let roles = Roles::of(names);
        let width = names.len().max(self.row.len());
        let mut used = Vec::new();
        let mut take = |known: Option<usize>, fits: &dyn Fn(usize) -> bool| {
            let free = |place: &usize| !used.contains(place) && fits(*place);
            let place = known
                .filter(|place| !used.contains(place))
                .or_else(|| (0..width).find(free))?;
            used.push(place);
            Some(place)
        };
        let known = |role: Option<usize>| role.is_some();
        let swapped = names.is_empty() && is_product_ahead_of_person(self.row);
        let user = roles.user.first().or(swapped.then_some(1));
        let item = roles.item.first().or(swapped.then_some(0));
        // A known column is not assigned to an unknown role.
        let reserved: Vec<usize> = [item, roles.rating.first(), roles.times.first().copied()]
            .into_iter()
            .flatten()
            .collect();
        let named =
            |place: usize| names.is_empty() || !names[place.min(names.len() - 1)].is_empty();
        let id =
            |place: usize| named(place) && !reserved.contains(&place) && !self.is_fraction(place);
        let (has_user, has_item) = (known(user), known(item));
        let user = take(user, &id);
        let item = take(item, &id);
        let rating = take(roles.rating.first(), &|place| {
            named(place) && self.is_rating(place)
        });
        let timestamp = match roles.times.first() {
            Some(&place) => take(Some(place), &|_| false),
            None if names.is_empty() => take(None, &|place| self.is_time(place)),
            None => None,
        };
        let rating = rating.or_else(|| {
            // Without a number or a row to look at, take the next column.
            (self.row.is_empty() && !(has_user && has_item)).then(|| take(None, &named))?
        });
        let columns = [
            ("user", user, true),
            ("item", item, true),
            ("rating", rating, false),
            ("timestamp", timestamp, false),
        ];
        let word = |(role, place, needed): (&str, Option<usize>, bool)| match place {
            Some(place) => Some(format!("{role}={}", self.column(place))),
            None => needed.then(|| format!("{role}=NAME")),
        };
        let words: Vec<String> = columns.into_iter().filter_map(word).collect();
        let mut flag = words.join(",");
        let numbers = columns.iter().filter_map(|(_, place, _)| *place);
        if !names.is_empty() && numbers.clone().all(|place| self.name(place).is_none()) {
            flag += ",header=yes";
        }
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.:=,".contains(letter);
        match flag.chars().all(plain) {
            true => format!("--columns {flag}"),
            false => format!("--columns '{}'", flag.replace('\'', "'\\''")),
        }
    }

    /// The column as written on the command line.
    fn column(&self, place: usize) -> String {
        self.name(place).unwrap_or_else(|| (place + 1).to_string())
    }

    /// Its name, if it can be written on the command line.
    fn name(&self, place: usize) -> Option<String> {
        let names = self.names?;
        let name = names.get(place)?.trim_ascii();
        let same = |other: &&&[u8]| other.trim_ascii().eq_ignore_ascii_case(name);
        let name_is_one = names.iter().filter(same).count() == 1;
        let name = crate::text::utf_8_or_latin_1(name);
        let sayable = !name.is_empty() && !name.contains([',', '=', '\n', '\r']);
        let number = name.parse::<usize>().is_ok();
        (self.keys || (sayable && !number && name_is_one)).then(|| name.into_owned())
    }

    fn field(&self, place: usize) -> &[u8] {
        self.row.get(place).copied().unwrap_or_default()
    }

    /// Whether the field is a fraction, which no id is.
    fn is_fraction(&self, place: usize) -> bool {
        is_fraction(self.field(place))
    }

    fn is_rating(&self, place: usize) -> bool {
        let field = decimal_point(self.field(place));
        float(&field).is_ok_and(|value| value.abs() < LEAST_TIME as f32)
    }

    fn is_time(&self, place: usize) -> bool {
        is_time(self.field(place))
    }
}

/// Seconds below this would be before 1974, and are more likely a count, a year or an id.
pub(super) const LEAST_TIME: i64 = 100_000_000;

/// Whether this is almost certainly a time.
pub(super) fn is_time(field: &[u8]) -> bool {
    let field = field.trim_ascii();
    let written = field.contains(&b'-') || field.contains(&b':');
    moment::seconds(field)
        .is_ok_and(|seconds| seconds >= LEAST_TIME || (written && field[0] != b'-'))
}

/// A number with decimals, or below zero.
pub(super) fn is_fraction(field: &[u8]) -> bool {
    let field = decimal_point(field.trim_ascii());
    let odd = field.contains(&b'.') || field.starts_with(b"-");
    odd && float(&field).is_ok_and(|value| value.fract() != 0.0 || value < 0.0)
}

/// Whether the first two fields of a line are swapped: Amazon's ratings of 2018 begin with the product (`0001713353`,
/// `B00004SB92`), all others with the user (`A1C6M8LCIX4M6M`).
pub(super) fn is_product_ahead_of_person(row: &[&[u8]]) -> bool {
    let [product, person, ..] = row else {
        return false;
    };
    let letters = |field: &[u8]| {
        let plain = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
        field.iter().all(plain)
    };
    let product = product.trim_ascii();
    let person = person.trim_ascii();
    let known_product = product.len() == 10
        && letters(product)
        && (product[0] == b'B' || product[..9].iter().all(u8::is_ascii_digit));
    known_product
        && person.first() == Some(&b'A')
        && (11..=21).contains(&person.len())
        && letters(person)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(header: &str, row: &str) -> String {
        let part = |line: &'static str| -> Vec<&'static [u8]> {
            match line {
                "" => Vec::new(),
                _ => line.split(';').map(str::as_bytes).collect(),
            }
        };
        let names = part(Box::leak(header.to_string().into_boxed_str()));
        let row = part(Box::leak(row.to_string().into_boxed_str()));
        Hint {
            names: (!names.is_empty()).then_some(&names),
            row: &row,
            keys: false,
        }
        .flag()
    }

    #[test]
    fn the_flag_is_filled_in_from_what_is_there() {
        for (header, row, expected) in [
            (
                "user_id;book_id;rating",
                "1;2;3",
                "user=user_id,item=book_id,rating=rating",
            ),
            (
                "who;what;note;stars",
                "a;b;nice;3.5",
                "user=who,item=what,rating=stars",
            ),
            (
                "user;ID;comment;score",
                "a;13;nice;3",
                "user=user,item=ID,rating=score",
            ),
            (
                "user;item;rating;when",
                "a;13;4;881250949",
                "user=user,item=item,rating=rating",
            ),
            (
                "user;book_id;isbn;stars;date",
                "",
                "user=user,item=book_id,rating=stars,timestamp=date",
            ),
            ("", "1;2;3", "user=1,item=2,rating=3"),
            ("", "1;2;3;881250949", "user=1,item=2,rating=3,timestamp=4"),
            ("", "1;Castle, The;play;294.6;0", "user=1,item=2,rating=4"),
            (
                "",
                "4,5;7;9;2005-04-02",
                "user=2,item=3,rating=1,timestamp=4",
            ),
            (
                "",
                "0001713353;A1C6M8LCIX4M6M;5.0;1123804800",
                "user=2,item=1,rating=3,timestamp=4",
            ),
            (
                "userId;rating;timestamp",
                "1;3;4",
                "user=userId,item=NAME,rating=rating,timestamp=timestamp",
            ),
            ("a;b;c", "x;y;z", "user=a,item=b"),
            ("a;b;c", "", "user=a,item=b,rating=c"),
        ] {
            assert_eq!(
                flag(header, row),
                format!("--columns {expected}"),
                "{header} {row}"
            );
        }
        assert_eq!(
            flag("User ID;It's;n", "1;2;3"),
            "--columns 'user=User ID,item=It'\\''s,rating=n'"
        );
        assert_eq!(
            flag("1;2;3", "1;2;3"),
            "--columns user=1,item=2,rating=3,header=yes"
        );
        assert_eq!(flag("id;id;n", "1;2;3"), "--columns user=1,item=2,rating=n");
    }
}
