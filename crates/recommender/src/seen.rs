//! The items that each user has rated, and their role in training.

use crate::stars::{Stars, codes};
use recburn_data::{Centre, Dataset, ItemIx, Ratings, Split, UserIx};
use recburn_metrics::{Means, Sum};
use serde::{Deserialize, Serialize};

/// The role of a row in training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Used for training.
    Train,
    /// Held out for validation after every epoch.
    Valid,
    /// Held out for the final test.
    Test,
    /// Rated, but removed by a filter before the split.
    LeftOut,
}

impl Role {
    const ALL: [Self; 4] = [Self::Train, Self::Valid, Self::Test, Self::LeftOut];

    /// Whether rows with this role are stored with their ratings, so that a saved model can be evaluated on them.
    pub(crate) fn is_held_out(self) -> bool {
        matches!(self, Self::Valid | Self::Test)
    }
}

/// Rows with one role, as columns of equal length.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Their role.
    pub role: Role,
    /// The users.
    pub users: &'a [UserIx],
    /// The items.
    pub items: &'a [ItemIx],
    /// The ratings.
    pub ratings: &'a [f32],
    /// The centring of the ratings.
    pub centre: Centre,
}

impl<'a> Rows<'a> {
    /// Ratings in stars, as in a split before centring.
    pub fn new(role: Role, ratings: &'a Ratings) -> Self {
        Self {
            role,
            users: &ratings.users,
            items: &ratings.items,
            ratings: &ratings.ratings,
            centre: Centre::none(),
        }
    }

    pub(crate) fn stars(&self, row: usize) -> f32 {
        self.centre.restore(self.ratings[row])
    }
}

/// All rated pairs of a model's data, with their [`Role`]: rated items are not recommended again, but the model has
/// learnt only from those with the training role.
///
/// Flat lists: the pairs of user `u` are at `offsets[u]..offsets[u + 1]`, sorted by item, with training rows of an item
/// first. Five bytes and two bits per pair, the fifth for its rating, and eight more bytes for the rating and the position of a held-out pair. In
/// addition, the number of training rows of each user and item, and the sum of their ratings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub(crate) offsets: Vec<u32>,
    pub(crate) items: Vec<u32>,
    /// Four roles per byte, the first in the lowest bits.
    pub(crate) roles: Vec<u8>,
    /// The ratings of held-out pairs, in the order of the pairs.
    pub(crate) held_out: Vec<f32>,
    /// The position of each in its part, so that a part can be restored in its order.
    pub(crate) places: Vec<u32>,
    /// Sums of the training ratings per user and item, in stars.
    pub(crate) user_sums: Vec<f64>,
    pub(crate) item_sums: Vec<f64>,
    pub(crate) of_users: Vec<u32>,
    pub(crate) of_items: Vec<u32>,
    /// The ratings of all pairs, where they are known.
    pub(crate) stars: Stars,
    /// Whether the numbers and sums of the items are those of all parts of a model, of which this is one.
    pub(crate) of_all: bool,
}

impl Seen {
    /// The pairs of a data set and its split. Ratings removed by a filter count as rated.
    pub fn of_split(dataset: &Dataset, split: &Split) -> Self {
        Self::of(
            dataset,
            &[
                Rows::new(Role::Train, &split.train),
                Rows::new(Role::Valid, &split.valid),
                Rows::new(Role::Test, &split.test),
            ],
        )
    }

    /// The pairs of a data set that was used entirely for training.
    pub fn all_trained(dataset: &Dataset) -> Self {
        Self::of(dataset, &[Rows::new(Role::Train, &dataset.ratings)])
    }

    /// The rows of each role, and the ratings that a filter has removed from the data set.
    ///
    /// # Panics
    ///
    /// If a row is outside the ids of the data set.
    pub fn of(dataset: &Dataset, parts: &[Rows<'_>]) -> Self {
        let mut parts = parts.to_vec();
        parts.push(Rows::new(Role::LeftOut, &dataset.left_out));
        let levels = Stars::levels_of(dataset.scale, &parts);
        Self::new(dataset.users.rows(), dataset.items.rows(), &parts, levels)
    }

    /// As [`Seen::of`], of one of several parts of a model. The numbers and sums of the items are those of all parts: `sums`
    /// replaces numbers by their sums over the parts, and `levels` the distinct ratings of this part by those of all. All
    /// parts call this together.
    ///
    /// # Panics
    ///
    /// If a row is outside the ids of the data set.
    pub fn of_part(
        dataset: &Dataset,
        parts: &[Rows<'_>],
        levels: &dyn Fn(Vec<f32>) -> Vec<f32>,
        sums: &dyn Fn(&mut [f64]),
    ) -> Self {
        let levels = Stars::levels_of_all(dataset.scale, parts, levels);
        let mut seen = Self::new(dataset.users.rows(), dataset.items.rows(), parts, levels);
        sums(&mut seen.item_sums);
        let mut counts: Vec<f64> = seen.of_items.iter().map(|&own| f64::from(own)).collect();
        sums(&mut counts);
        // More than the largest number is no more popular.
        seen.of_items = counts.into_iter().map(|count| count as u32).collect();
        seen.of_all = true;
        seen
    }

    fn new(users: usize, items: usize, parts: &[Rows<'_>], levels: Vec<f32>) -> Self {
        let rows: usize = parts.iter().map(|part| part.users.len()).sum();
        let offsets = begins(users, parts, |_| true);
        let star_offsets = begins(users, parts, Role::is_held_out);
        // First in the order of the parts, so that no row needs more than its item and a byte temporarily.
        let mut next = offsets.clone();
        let mut next_star = star_offsets.clone();
        let mut seen = vec![0; rows];
        let mut unpacked = vec![Role::Train; rows];
        let mut stars = vec![0.0; star_offsets.last().map_or(0, |&last| last as usize)];
        let mut ranks = vec![0; stars.len()];
        let coded = codes(&levels, parts);
        let mut in_order = vec![0_u8; coded.as_ref().map_or(0, |_| rows)];
        let (mut user_sums, mut item_sums) = (vec![0.0; users], vec![0.0; items]);
        for (number, part) in parts.iter().enumerate() {
            for (row, (user, item)) in part.users.iter().zip(part.items).enumerate() {
                let place = &mut next[user.index()];
                seen[*place as usize] = item.0;
                unpacked[*place as usize] = part.role;
                if let Some(coded) = &coded {
                    in_order[*place as usize] = coded[number][row];
                }
                *place += 1;
                if part.role.is_held_out() {
                    let place = &mut next_star[user.index()];
                    stars[*place as usize] = part.stars(row);
                    ranks[*place as usize] = row as u32;
                    *place += 1;
                }
                if part.role == Role::Train {
                    user_sums[user.index()] += f64::from(part.stars(row));
                    item_sums[item.index()] += f64::from(part.stars(row));
                }
            }
        }
        drop((next, next_star, coded));
        let mut scratch: Vec<(u32, Role, (f32, u32), u8)> = Vec::new();
        for user in 0..users {
            let (from, to) = (offsets[user] as usize, offsets[user + 1] as usize);
            let (star_from, star_to) =
                (star_offsets[user] as usize, star_offsets[user + 1] as usize);
            let held = stars[star_from..star_to].iter().copied();
            let mut of_user = held.zip(ranks[star_from..star_to].iter().copied());
            scratch.clear();
            scratch.extend(
                seen[from..to]
                    .iter()
                    .zip(&unpacked[from..to])
                    .enumerate()
                    .map(|(at, (&item, &role))| {
                        let star = match role.is_held_out() {
                            true => of_user.next().unwrap_or_default(),
                            false => (0.0, 0),
                        };
                        let code = in_order.get(from + at).copied().unwrap_or_default();
                        (item, role, star, code)
                    }),
            );
            scratch.sort_by_key(|&(item, role, ..)| (item, role));
            let mut star = star_from;
            for (place, &(item, role, held, code)) in (from..to).zip(&scratch) {
                seen[place] = item;
                unpacked[place] = role;
                if let Some(into) = in_order.get_mut(place) {
                    *into = code;
                }
                if role.is_held_out() {
                    (stars[star], ranks[star]) = held;
                    star += 1;
                }
            }
        }
        let roles = packed(&unpacked);
        Self {
            offsets,
            items: seen,
            roles,
            held_out: stars,
            places: ranks,
            user_sums,
            item_sums,
            stars: match in_order.is_empty() {
                true => Stars::default(),
                false => Stars {
                    levels,
                    codes: in_order,
                },
            },
            ..Self::default()
        }
        .counted(items)
    }

    /// With the numbers of training rows per user and item.
    pub(crate) fn counted(mut self, items: usize) -> Self {
        let users = self.offsets.len().saturating_sub(1);
        let (mut of_users, mut of_items) = (vec![0; users], vec![0; items]);
        for (user, pair) in self.offsets.windows(2).enumerate() {
            for place in pair[0] as usize..pair[1] as usize {
                if self.role_at(place) == Role::Train {
                    of_users[user] += 1;
                    of_items[self.items[place] as usize] += 1;
                }
            }
        }
        (self.of_users, self.of_items) = (of_users, of_items);
        self
    }

    pub(crate) fn places(&self, user: UserIx) -> std::ops::Range<usize> {
        match self.offsets.get(user.index()..user.index() + 2) {
            Some(&[from, to]) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    pub(crate) fn role_at(&self, place: usize) -> Role {
        Role::ALL[usize::from(self.roles[place / 4] >> (2 * (place % 4)) & 3)]
    }

    /// The items that a user has rated, ascending, with repetitions. Empty for a user outside the table.
    pub fn items_of(&self, user: UserIx) -> &[u32] {
        &self.items[self.places(user)]
    }

    /// Whether a user has rated an item, in any role.
    pub fn holds(&self, user: UserIx, item: ItemIx) -> bool {
        self.items_of(user).binary_search(&item.0).is_ok()
    }

    /// The role of a pair; `None` if it was not rated. If a pair occurs in several rows, the training role takes
    /// precedence.
    pub fn role(&self, user: UserIx, item: ItemIx) -> Option<Role> {
        let items = self.items_of(user);
        let first = items.partition_point(|&known| known < item.0);
        let place = self.places(user).start + first;
        (items.get(first) == Some(&item.0)).then(|| self.role_at(place))
    }

    /// Whether the model was trained on this pair.
    pub fn is_trained(&self, user: UserIx, item: ItemIx) -> bool {
        self.role(user, item) == Some(Role::Train)
    }

    /// The number of training rows of this user; 0 outside the table.
    pub fn trained_of_user(&self, user: UserIx) -> u32 {
        self.of_users.get(user.index()).copied().unwrap_or(0)
    }

    /// The number of training rows of this item; 0 outside the table.
    pub fn trained_of_item(&self, item: ItemIx) -> u32 {
        self.of_items.get(item.index()).copied().unwrap_or(0)
    }

    /// The mean training rating of this user, in stars; `None` without any.
    pub fn mean_of_user(&self, user: UserIx) -> Option<f64> {
        let count = self.trained_of_user(user);
        (count > 0).then(|| self.user_sums[user.index()] / f64::from(count))
    }

    /// The mean training rating of this item, in stars; `None` without any.
    pub fn mean_of_item(&self, item: ItemIx) -> Option<f64> {
        let count = self.trained_of_item(item);
        (count > 0).then(|| self.item_sums[item.index()] / f64::from(count))
    }

    /// The mean of all training ratings, in stars; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        self.overall().mean()
    }

    /// The sum of all training ratings: by users, or by items where these have more of them.
    fn overall(&self) -> Sum {
        let (sums, counts) = match self.of_all {
            false => (&self.user_sums, &self.of_users),
            true => (&self.item_sums, &self.of_items),
        };
        Sum {
            sum: sums.iter().sum(),
            count: counts.iter().map(|&count| u64::from(count)).sum(),
        }
    }

    /// Sums of the training ratings, in stars.
    pub fn means(&self) -> Means {
        let sums = |sums: &[f64], counts: &[u32]| {
            let both = sums.iter().zip(counts);
            both.map(|(&sum, &count)| Sum {
                sum,
                count: u64::from(count),
            })
            .collect()
        };
        Means::from_sums(
            sums(&self.user_sums, &self.of_users),
            sums(&self.item_sums, &self.of_items),
        )
        .with_overall(self.overall())
    }

    /// The number of rows with this role.
    pub fn count(&self, role: Role) -> usize {
        let places = 0..self.items.len();
        places.filter(|&place| self.role_at(place) == role).count()
    }

    /// The pairs with this role by user, with 0 in the place of their ratings.
    pub fn pairs(&self, role: Role) -> Ratings {
        let mut pairs = Ratings::default();
        for user in 0..self.offsets.len().saturating_sub(1) {
            let user = UserIx(user as u32);
            let own = self.places(user).filter(|&at| self.role_at(at) == role);
            for place in own {
                pairs.users.push(user);
                pairs.items.push(ItemIx(self.items[place]));
                pairs.ratings.push(0.0);
            }
        }
        pairs
    }

    /// The held-out rows with this role, in stars and in the order of their part. Empty for [`Role::Train`] and
    /// [`Role::LeftOut`], whose rows are not stored.
    pub fn held_out(&self, role: Role) -> Ratings {
        let count = match role.is_held_out() {
            true => self.count(role),
            false => 0,
        };
        let mut ratings = Ratings {
            users: vec![UserIx(0); count],
            items: vec![ItemIx(0); count],
            ratings: vec![0.0; count],
            ..Ratings::default()
        };
        let mut held_out = self.held_out.iter().zip(&self.places);
        for (user, pair) in (0..).zip(self.offsets.windows(2)) {
            for place in pair[0] as usize..pair[1] as usize {
                let held = self.role_at(place);
                if !held.is_held_out() {
                    continue;
                }
                let Some((&star, &row)) = held_out.next() else {
                    return ratings;
                };
                if held == role {
                    ratings.users[row as usize] = UserIx(user);
                    ratings.items[row as usize] = ItemIx(self.items[place]);
                    ratings.ratings[row as usize] = star;
                }
            }
        }
        ratings
    }

    /// Whether there is one ascending list of valid items per user, with a role each and a rating for held-out pairs,
    /// since a file might contain anything.
    pub(crate) fn is_sound(&self, users: usize, items: usize) -> bool {
        let whole = self.offsets.len() == users + 1
            && self.offsets.is_sorted()
            && self.offsets[0] == 0
            && self.offsets[users] as usize == self.items.len()
            && self.roles.len() == self.items.len().div_ceil(4);
        whole
            && self.held_out.len() == self.count(Role::Valid) + self.count(Role::Test)
            && self.places.len() == self.held_out.len()
            && self.stars.is_sound(self.items.len())
            && self.places_are_sound()
            && self.held_out.iter().all(|star| star.is_finite())
            && (self.user_sums.len(), self.item_sums.len()) == (users, items)
            && self
                .user_sums
                .iter()
                .chain(&self.item_sums)
                .all(|sum| sum.is_finite())
            && (0..users as u32).all(|user| {
                let keys = self.places(UserIx(user));
                keys.map(|place| (self.items[place], self.role_at(place)))
                    .is_sorted()
            })
            && self.items.iter().all(|&item| (item as usize) < items)
    }
}

impl Seen {
    /// Whether the rows of each held-out part cover each of its positions once.
    fn places_are_sound(&self) -> bool {
        let mut taken = [Role::Valid, Role::Test].map(|role| vec![false; self.count(role)]);
        let held_out = (0..self.items.len()).map(|place| self.role_at(place));
        let held_out = held_out.filter(|role| role.is_held_out());
        held_out.zip(&self.places).all(|(role, &row)| {
            let part = &mut taken[usize::from(role == Role::Test)];
            let place = part.get_mut(row as usize);
            place.is_some_and(|taken| !std::mem::replace(taken, true))
        })
    }
}

/// Four roles per byte, the first in the lowest bits.
pub(crate) fn packed(roles: &[Role]) -> Vec<u8> {
    let four = roles.chunks(4).map(|four| {
        let bits = four.iter().enumerate();
        bits.fold(0, |byte, (at, &role)| byte | (role as u8) << (2 * at))
    });
    four.collect()
}

/// The start of each user's rows with the wanted roles, followed by the end of the last.
fn begins(users: usize, parts: &[Rows<'_>], wanted: impl Fn(Role) -> bool) -> Vec<u32> {
    let mut counts = vec![0_u32; users + 1];
    for part in parts.iter().filter(|part| wanted(part.role)) {
        for user in part.users {
            counts[user.index() + 1] += 1;
        }
    }
    for at in 1..counts.len() {
        counts[at] += counts[at - 1];
    }
    counts
}
