//! The ratings of all rated pairs, as codes of a byte.

use crate::seen::{Role, Rows, Seen};
use recburn_data::{Centre, ItemIx, Scale, UserIx};

/// How far a rating that was centred and restored may be from the one in the data.
const ROUNDING: f32 = 1e-3;

/// The ratings of pairs in the order of [`Seen`]: a byte for each, which is a place in a list of levels.
///
/// Empty where ratings have more than 256 levels, or are not those of the data.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stars {
    /// The distinct ratings, ascending.
    pub levels: Vec<f32>,
    /// One for each pair, or none.
    pub codes: Vec<u8>,
}

impl Stars {
    /// The levels of the ratings of these rows, without codes as yet.
    pub fn levels_of(scale: Scale, parts: &[Rows<'_>]) -> Vec<f32> {
        let mut levels: Vec<f32> = Vec::new();
        // Ratings that were centred come back almost as they were: the others say what they were.
        let is_plain = |part: &&Rows<'_>| part.centre == Centre::none();
        let centred = parts.iter().filter(|part| !is_plain(part));
        for part in parts.iter().filter(is_plain).chain(centred) {
            let mut last = None;
            for &rating in part.ratings {
                if last == Some(rating) {
                    continue;
                }
                last = Some(rating);
                let stars = match is_plain(&part) {
                    true => rating,
                    false => on_scale(scale, part.centre.restore(rating)),
                };
                let known = levels.binary_search_by(|level| level.total_cmp(&stars));
                let Err(at) = known else {
                    continue;
                };
                if is_plain(&part) || Self::code(&levels, stars).is_none() {
                    levels.insert(at, stars);
                    if levels.len() > 256 {
                        return Vec::new();
                    }
                }
            }
        }
        levels
    }

    /// As [`Stars::levels_of`], of all parts of a model, of which these are the rows of one: `all` replaces the levels of this
    /// part by those of all.
    pub fn levels_of_all(
        scale: Scale,
        parts: &[Rows<'_>],
        all: &dyn Fn(Vec<f32>) -> Vec<f32>,
    ) -> Vec<f32> {
        let own = Self::levels_of(scale, parts);
        let too_many = own.is_empty() && parts.iter().any(|part| !part.ratings.is_empty());
        let mut levels = all(match too_many {
            true => vec![f32::NAN],
            false => own,
        });
        levels.sort_unstable_by(f32::total_cmp);
        levels.dedup();
        match levels.len() > 256 || levels.iter().any(|level| level.is_nan()) {
            true => Vec::new(),
            false => levels,
        }
    }

    /// The place of a rating among the levels; `None` if it is none of them.
    pub fn code(levels: &[f32], rating: f32) -> Option<u8> {
        let above = levels.partition_point(|&level| level < rating);
        let near = [above.checked_sub(1), Some(above)].into_iter().flatten();
        let near = near.filter(|&at| at < levels.len());
        let away = |at: usize| (levels[at] - rating).abs();
        let nearest = near.min_by(|&a, &b| away(a).total_cmp(&away(b)))?;
        (away(nearest) <= ROUNDING)
            .then(|| u8::try_from(nearest).ok())
            .flatten()
    }

    /// Whether there is a level for each of so many pairs, or no code at all.
    pub fn is_sound(&self, pairs: usize) -> bool {
        let whole = self.codes.is_empty() || self.codes.len() == pairs;
        whole
            && self.levels.iter().all(|level| level.is_finite())
            && self
                .codes
                .iter()
                .all(|&code| usize::from(code) < self.levels.len())
    }

    fn at(&self, place: usize) -> Option<f32> {
        self.levels
            .get(usize::from(*self.codes.get(place)?))
            .copied()
    }
}

/// A rating as the step of the scale that it almost is, if there is one.
fn on_scale(scale: Scale, rating: f32) -> f32 {
    if scale.step <= 0.0 {
        return rating;
    }
    let step = scale.min + ((rating - scale.min) / scale.step).round() * scale.step;
    match (step - rating).abs() <= ROUNDING {
        true => step,
        false => rating,
    }
}

impl Seen {
    /// Whether the ratings of all pairs are known, and not only of those that were held out. They are not in a folder of an
    /// older version, and not of data with more than 256 different ratings.
    pub fn has_ratings(&self) -> bool {
        !self.stars.codes.is_empty()
    }

    /// The rating of a pair, if it is known.
    pub(crate) fn star_at(&self, place: usize) -> Option<f32> {
        self.stars.at(place)
    }

    /// The training ratings of a user by item, in stars; of several of an item the last one. `None` if they are not known.
    pub fn ratings_of(&self, user: UserIx) -> Option<Vec<(ItemIx, f32)>> {
        if !self.has_ratings() {
            return None;
        }
        let mut rated: Vec<(ItemIx, f32)> = Vec::new();
        for place in self
            .places(user)
            .filter(|&at| self.role_at(at) == Role::Train)
        {
            let (item, stars) = (ItemIx(self.items[place]), self.stars.at(place)?);
            match rated.last_mut() {
                Some(last) if last.0 == item => last.1 = stars,
                _ => rated.push((item, stars)),
            }
        }
        Some(rated)
    }

    /// How often each rating occurs among the training ratings of every item: the ratings, ascending, and `[items, ratings]`
    /// counts. `None` if they are not known.
    pub fn histograms(&self) -> Option<(Vec<f32>, Vec<u32>)> {
        // A part of a model has some ratings of an item, whose number is that of all.
        if !self.has_ratings() || self.of_all {
            return None;
        }
        let width = self.stars.levels.len();
        let mut counts = vec![0; self.of_items.len() * width];
        let pairs = self.items.iter().zip(&self.stars.codes).enumerate();
        for (place, (&item, &code)) in pairs {
            if self.role_at(place) == Role::Train {
                counts[item as usize * width + usize::from(code)] += 1;
            }
        }
        Some((self.stars.levels.clone(), counts))
    }
}

/// The codes of rows in the order of their parts, if each of them has one.
pub(crate) fn codes(levels: &[f32], parts: &[Rows<'_>]) -> Option<Vec<Vec<u8>>> {
    if levels.is_empty() {
        return None;
    }
    let of_part = |part: &Rows<'_>| -> Option<Vec<u8>> {
        let rows = 0..part.users.len();
        rows.map(|row| Stars::code(levels, part.stars(row)))
            .collect()
    };
    parts.iter().map(of_part).collect()
}
