//! The inputs of a model.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What an input depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The user only: one value per user.
    User,
    /// The item only: one value per item.
    Item,
    /// The individual example: when it happened, on which device.
    Event,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Item => "item",
            Self::Event => "event",
        })
    }
}

/// The form of an input's values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// One row number below `rows`.
    Id {
        /// Rows of every table indexed by it.
        rows: usize,
    },
    /// Any number of row numbers below `rows`, each with a weight: genres, the items of a history.
    Bag {
        /// Rows of every table indexed by it.
        rows: usize,
    },
    /// The last `length` row numbers below `rows`, oldest first; shorter ones are padded in front.
    Sequence {
        /// Rows of every table indexed by it.
        rows: usize,
        /// The maximum length.
        length: usize,
    },
    /// `width` numbers: an age, a text embedding.
    Numbers {
        /// The number of values.
        width: usize,
    },
}

impl Kind {
    /// Rows of the tables indexed by it; `None` for numbers.
    pub fn rows(&self) -> Option<usize> {
        match self {
            Self::Id { rows } | Self::Bag { rows } | Self::Sequence { rows, .. } => Some(*rows),
            Self::Numbers { .. } => None,
        }
    }

    /// Whether the other kind is the same, except possibly in size.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// `ids below 943`, `a bag of ids below 19`, `the last 50 ids below 1682`, `3 numbers`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id { rows } => write!(f, "ids below {rows}"),
            Self::Bag { rows } => write!(f, "a bag of ids below {rows}"),
            Self::Sequence { rows, length } => write!(f, "the last {length} ids below {rows}"),
            Self::Numbers { width: 1 } => f.write_str("a number"),
            Self::Numbers { width } => write!(f, "{width} numbers"),
        }
    }
}

/// A named input of a model or data set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Unique in a schema.
    pub name: String,
    /// What it depends on.
    pub side: Side,
    /// The form of its values.
    pub kind: Kind,
}

impl Input {
    /// The name of [`Input::users`].
    pub const USERS: &'static str = "user";

    /// The name of [`Input::items`].
    pub const ITEMS: &'static str = "item";

    /// The name of the items of each user, a bag.
    pub const HISTORY: &'static str = "history";

    /// The name of the items of each user with the ratings as weights, a bag.
    pub const RATED_HISTORY: &'static str = "rated_history";

    /// The name of the users of each item with the ratings as weights, a bag.
    pub const RATERS: &'static str = "raters";

    /// The name of the items of each user, oldest first, a sequence.
    pub const RECENT: &'static str = "recent";

    /// An input with this name.
    pub fn new(name: impl Into<String>, side: Side, kind: Kind) -> Self {
        Self {
            name: name.into(),
            side,
            kind,
        }
    }

    /// The users themselves, as rows of tables of `rows` rows.
    pub fn users(rows: usize) -> Self {
        Self::new(Self::USERS, Side::User, Kind::Id { rows })
    }

    /// The items themselves, as rows of tables of `rows` rows.
    pub fn items(rows: usize) -> Self {
        Self::new(Self::ITEMS, Side::Item, Kind::Id { rows })
    }

    /// Whether this is made of the ratings that a model is trained on: who has rated what.
    pub fn is_history(&self) -> bool {
        let histories = [
            Self::HISTORY,
            Self::RATED_HISTORY,
            Self::RATERS,
            Self::RECENT,
        ];
        self.side != Side::Event && histories.contains(&self.name.as_str())
    }

    /// Whether this is [`Input::users`].
    pub fn is_users(&self) -> bool {
        self.side == Side::User && self.name == Self::USERS
    }

    /// Whether this is [`Input::items`].
    pub fn is_items(&self) -> bool {
        self.side == Side::Item && self.name == Self::ITEMS
    }
}

/// `genres (item, a bag of ids below 19)`.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.side, self.kind)
    }
}
