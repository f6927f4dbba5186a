//! Parts of a model that several processes have trained.

use recburn_spread::home_of;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One of the parts of a model that several processes have trained: it has the users of one process, and all items.
///
/// A user belongs to the part that a hash of the raw id selects, so everybody can tell in which one to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Part {
    /// The part, of so many, in which a user lives if there is such a user.
    pub fn of_user(id: &str, of: usize) -> Self {
        Self {
            number: home_of(id, of) + 1,
            of,
        }
    }

    /// The name of its folder: `2-of-4`.
    pub fn folder(self) -> String {
        format!("{}-of-{}", self.number, self.of)
    }

    /// Whether there can be such a part: a file may say what it likes.
    pub(crate) fn is_sound(self) -> bool {
        (1..=self.of).contains(&self.number)
    }

    /// Where to look for a user that this part does not know, as the end of a sentence.
    pub fn instead(self, user: &str) -> String {
        let home = Self::of_user(user, self.of);
        match home == self {
            true => format!("; this is {self}, in which such a user would be"),
            false => format!(
                "; this is {self}, and such a user would be in {}",
                home.folder()
            ),
        }
    }
}

/// `part 2 of 4`
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "part {} of {}", self.number, self.of)
    }
}
