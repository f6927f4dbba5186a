//! Held-out ratings of users or items that training never sees.

use std::fmt;

use crate::dataset::thousands;
use crate::ratings::Ratings;

/// Users and items of the validation part that the training part never shows: nothing can be learnt of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cold {
    /// Distinct users of the validation part that the training part lacks.
    pub users: usize,
    /// Distinct items of the validation part that the training part lacks.
    pub items: usize,
    /// Validation rows with such a user or such an item.
    pub rows: usize,
}

impl fmt::Display for Cold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} validation ratings are of {} users and {} items that training never sees",
            thousands(self.rows),
            thousands(self.users),
            thousands(self.items),
        )
    }
}

impl Cold {
    /// Counts what of `valid` is new to whoever has seen `train`.
    pub fn of(train: &Ratings, valid: &Ratings) -> Self {
        /// Untold, seen in training, or new in validation and counted.
        #[derive(Clone, Copy, PartialEq)]
        enum Met {
            Never,
            Trained,
            Cold,
        }
        fn mark(met: &mut Met, count: &mut usize) -> bool {
            if *met == Met::Never {
                *met = Met::Cold;
                *count += 1;
            }
            *met == Met::Cold
        }
        let ((users, items), (valid_users, valid_items)) = (train.table_rows(), valid.table_rows());
        let mut met_users = vec![Met::Never; users.max(valid_users)];
        let mut met_items = vec![Met::Never; items.max(valid_items)];
        train
            .users
            .iter()
            .for_each(|user| met_users[user.index()] = Met::Trained);
        train
            .items
            .iter()
            .for_each(|item| met_items[item.index()] = Met::Trained);
        let mut cold = Self::default();
        for (user, item) in valid.users.iter().zip(&valid.items) {
            let user = mark(&mut met_users[user.index()], &mut cold.users);
            let item = mark(&mut met_items[item.index()], &mut cold.items);
            cold.rows += usize::from(user || item);
        }
        cold
    }
}
