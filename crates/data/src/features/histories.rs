//! Histories as features: the items of each user and the users of each item.

use crate::by_user::{ByItem, ByUser};
use crate::error::DataError;
use crate::features::{Feature, Features, Lists};
use crate::ratings::Ratings;
use recburn_schema::{Input, ItemIx, Kind, Side, UserIx};

impl Features {
    /// The input that holds the items of each user, a bag.
    pub const HISTORY: &'static str = Input::HISTORY;
    /// The input that holds the items of each user with the ratings as weights, a bag.
    pub const RATED_HISTORY: &'static str = Input::RATED_HISTORY;
    /// The input that holds the users of each item with the ratings as weights, a bag.
    pub const RATERS: &'static str = Input::RATERS;
    /// The input that holds the items of each user, oldest first, a sequence.
    pub const RECENT: &'static str = Input::RECENT;

    /// Adds the histories in these ratings: `history`, `rated_history`, `raters` and `recent`, replacing existing ones.
    /// Pass only the training part, centred if the model is trained on centred ratings: held-out ratings must not be
    /// part of a history.
    ///
    /// `users` and `items` are the rows of the tables; a user without a rating has empty lists. An item that a user has
    /// rated twice is in the user's bags twice.
    ///
    /// The rating to be predicted is itself part of the lists of its user and its item, as in SVD++ (Koren 2008): lists
    /// are stored per user or item and not per rating.
    ///
    /// # Errors
    ///
    /// [`DataError::OutOfTable`] for a user or an item outside the tables.
    pub fn set_histories(
        &mut self,
        train: &Ratings,
        users: usize,
        items: usize,
    ) -> Result<(), DataError> {
        train.check(users, items)?;
        let (by_user, by_item) = (ByUser::of(train), ByItem::of(train));
        let (mut bags, mut rated, mut raters) =
            (Lists::default(), Lists::default(), Lists::default());
        let mut longest = 1;
        for user in (0..users as u32).map(UserIx) {
            let own = by_user.others(user).iter().map(|item| item.0);
            longest = longest.max(own.len());
            rated.push_weighted(own.clone().zip(by_user.ratings(user).iter().copied()));
            bags.push(own);
        }
        for item in (0..items as u32).map(ItemIx) {
            let own = by_item.others(item).iter().map(|user| user.0);
            raters.push_weighted(own.zip(by_item.ratings(item).iter().copied()));
        }
        self.set(Feature::sequences(
            Self::RECENT,
            Side::User,
            items,
            longest,
            bags.clone(),
        ))?;
        self.set(Feature::bags(Self::HISTORY, Side::User, items, bags))?;
        self.set(Feature::bags(Self::RATED_HISTORY, Side::User, items, rated))?;
        self.set(Feature::bags(Self::RATERS, Side::Item, users, raters))
    }

    /// The inputs that [`Features::set_histories`] adds, in its order, without computing them.
    pub(crate) fn histories(train: &Ratings, users: usize, items: usize) -> [Input; 4] {
        let mut counts = vec![0; users];
        for user in &train.users {
            // Ids outside the tables are refused when histories are computed.
            if let Some(count) = counts.get_mut(user.index()) {
                *count += 1;
            }
        }
        let bag = |rows| Kind::Bag { rows };
        let recent = Kind::Sequence {
            rows: items,
            length: counts.into_iter().max().unwrap_or(0).max(1),
        };
        [
            Input::new(Self::RECENT, Side::User, recent),
            Input::new(Self::HISTORY, Side::User, bag(items)),
            Input::new(Self::RATED_HISTORY, Side::User, bag(items)),
            Input::new(Self::RATERS, Side::Item, bag(users)),
        ]
    }
}
