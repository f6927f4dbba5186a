//! Recognition of columns by common names, which are in `names`.
//!
//! Case, blanks, `_`, `-` and `.` are ignored in names. User and item must be unambiguous: if two columns could be the
//! user or the item, none is chosen.

mod names;
#[cfg(test)]
mod tests;

use crate::text::utf_8_or_latin_1;
use names::{
    COUNTS, ID_ENDINGS, ITEM_IDS, ITEMS, OF_WHOM, RATINGS, TIMES, USER_IDS, USER_NAMES, USERS,
};

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Item,
    Rating,
    Timestamp,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Item => "item",
            Self::Rating => "rating",
            Self::Timestamp => "timestamp",
        }
    }
}

/// The columns that could have a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    None,
    One(usize),
    Several(Vec<usize>),
}

impl Found {
    /// The first column that could have the role.
    pub(crate) fn first(&self) -> Option<usize> {
        match self {
            Self::None => None,
            Self::One(place) => Some(*place),
            Self::Several(places) => places.first().copied(),
        }
    }

    fn of(places: Vec<usize>) -> Self {
        match places.as_slice() {
            [] => Self::None,
            [only] => Self::One(*only),
            _ => Self::Several(places),
        }
    }
}

/// The roles recognised from the names in a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) user: Found,
    pub(crate) item: Found,
    pub(crate) rating: Found,
    /// Whether the ratings are counts, such as plays, purchases or views.
    pub(crate) counts: bool,
    /// All columns that could be the timestamp, the more likely ones first.
    pub(crate) times: Vec<usize>,
}

impl Roles {
    pub(crate) fn of(header: &[&[u8]]) -> Self {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let rating = Found::of(places(&names, |name| {
            is_rating(name).then_some(usize::from(name != "rating"))
        }));
        let counts = Found::of(places(&names, |name| COUNTS.contains(&name).then_some(0)));
        let counted = rating == Found::None && counts != Found::None;
        let mut times: Vec<(usize, usize)> = names
            .iter()
            .enumerate()
            .filter_map(|(place, name)| {
                Some((TIMES.iter().position(|known| known == name)?, place))
            })
            .collect();
        times.sort_unstable();
        Self {
            user: side(&names, &USERS, &USER_IDS, &USER_NAMES),
            item: side(&names, &ITEMS, &ITEM_IDS, &[]),
            rating: if counted { counts } else { rating },
            counts: counted,
            times: times.into_iter().map(|(_, place)| place).collect(),
        }
    }

    /// How many of user and item have a candidate column.
    pub(crate) fn sides(&self) -> usize {
        usize::from(self.user != Found::None) + usize::from(self.item != Found::None)
    }
}

/// A name in the normalised form used for comparison.
pub(crate) fn plain(name: &[u8]) -> String {
    let name = utf_8_or_latin_1(name);
    let letters = name.chars().filter(|letter| {
        !letter.is_whitespace() && !matches!(letter, '_' | '-' | '.' | '"' | '\'' | '#')
    });
    letters.flat_map(char::to_lowercase).collect()
}

fn is_rating(name: &str) -> bool {
    let of_whom = OF_WHOM.iter().find_map(|whom| name.strip_prefix(whom));
    let of_what = |name: &str| {
        let whose = name.strip_suffix("rating").or(name.strip_suffix("score"));
        whose.is_some_and(|whose| ITEMS.contains(&whose) || USERS.contains(&whose))
    };
    RATINGS.contains(&name) || of_what(name) || of_whom.is_some_and(|rest| RATINGS.contains(&rest))
}

/// The positions of the best of these names: `rank` returns 0 for the best, and `None` for a name that does not match.
fn places(names: &[String], rank: impl Fn(&str) -> Option<usize>) -> Vec<usize> {
    let ranks: Vec<Option<usize>> = names.iter().map(|name| rank(name)).collect();
    let best = ranks.iter().flatten().min().copied();
    (0..names.len())
        .filter(|&place| ranks[place].is_some() && ranks[place] == best)
        .collect()
}

/// The columns that could be the user, or the item.
///
/// An id takes precedence over the bare word (`artist_id` over `artist`, which is then its name), and names of people
/// come last. Two ids, or an id and another word, are ambiguous.
fn side(names: &[String], words: &[&str], ids: &[&str], called: &[&str]) -> Found {
    let stem_of = |name: &str| {
        let endings = ID_ENDINGS.iter();
        let mut stems = endings.filter_map(|ending| name.strip_suffix(ending));
        stems.find_map(|stem| words.iter().copied().find(|word| *word == stem))
    };
    // `review_userid`, which is not `reviewer_id`.
    let stem = |name: &str| stem_of(name).or_else(|| stem_of(name.strip_prefix("review")?));
    let is_id = |name: &str| ids.contains(&name) || stem(name).is_some();
    let mut found: Vec<usize> = (0..names.len())
        .filter(|&place| is_id(&names[place]))
        .collect();
    let stems: Vec<&str> = found
        .iter()
        .filter_map(|&place| stem(&names[place]))
        .collect();
    let bare = (0..names.len()).filter(|&place| {
        let name = names[place].as_str();
        words.contains(&name) && !stems.contains(&name)
    });
    found.extend(bare);
    if found.is_empty() {
        let by_name = |place: &usize| {
            let name = names[*place].as_str();
            let name = name
                .strip_prefix("review")
                .filter(|rest| called.contains(rest))
                .unwrap_or(name);
            called.contains(&name)
        };
        found = (0..names.len()).filter(by_name).collect();
    }
    found.sort_unstable();
    Found::of(found)
}
