//! The urn from which negatives are drawn.

use crate::error::DataError;
use crate::feed::alias::Alias;
use crate::feed::negatives::Sampler;
use crate::known::Known;
use crate::random::Random;
use crate::ratings::Ratings;
use recburn_schema::{ItemIx, UserIx};

/// The items that can be drawn, which of them each user knows, and their probabilities.
#[derive(Clone, Debug)]
pub(crate) struct Urn {
    /// Ascending; the place of an item is its position here.
    items: Vec<u32>,
    /// The places of the items that each user knows.
    known: Known,
    /// The same as bits, if they are not too many.
    bits: Option<Bits>,
    /// The number of positives per place.
    counts: Vec<u32>,
    /// The probability of each place, if they differ.
    chances: Option<(Vec<f64>, Alias)>,
}

/// After this many draws of known items, the unknown ones are enumerated instead.
const TRIES: usize = 16;

impl Urn {
    /// All items of `positives`, `known` and `more`; those of a user in the first two are known.
    pub(crate) fn new(
        positives: &Ratings,
        known: &[&Ratings],
        more: impl Iterator<Item = ItemIx>,
        sampler: Sampler,
    ) -> Result<Self, DataError> {
        let parts: Vec<&Ratings> = known.iter().copied().chain([positives]).collect();
        for part in &parts {
            part.check_lengths()?;
        }
        let mut place_of: Vec<u32> = Vec::new();
        let rated = parts.iter().flat_map(|part| part.items.iter().copied());
        for item in rated.chain(more) {
            if place_of.len() <= item.index() {
                place_of.resize(item.index() + 1, u32::MAX);
            }
            place_of[item.index()] = 0;
        }
        let mut items = Vec::new();
        for (item, place) in (0..).zip(&mut place_of) {
            if *place == 0 {
                *place = items.len() as u32;
                items.push(item);
            }
        }
        let mut known = Known::of(&parts);
        if items.len() < place_of.len() {
            known.rename(|item| ItemIx(place_of[item.index()]));
        }
        let mut counts = vec![0_u32; items.len()];
        for item in &positives.items {
            counts[place_of[item.index()] as usize] += 1;
        }
        Ok(Self {
            bits: Bits::of(&known, items.len()),
            items,
            known,
            chances: chances(&counts, sampler),
            counts,
        })
    }

    /// Replaces the number of positives of each item by these, by row.
    pub(crate) fn recount(&mut self, counts: &[u64], sampler: Sampler) {
        let count = |&item: &u32| counts.get(item as usize).copied().unwrap_or(0);
        let counts = self.items.iter().map(count);
        self.counts = counts
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
            .collect();
        self.chances = chances(&self.counts, sampler);
    }

    /// The items, ascending.
    pub(crate) fn items(&self) -> &[u32] {
        &self.items
    }

    /// Rows of the item table.
    pub(crate) fn rows(&self) -> usize {
        self.items.last().map_or(0, |&last| last as usize + 1)
    }

    /// The places of the items that a user knows, ascending.
    pub(crate) fn known(&self, user: u32) -> &[ItemIx] {
        self.known.items(UserIx(user))
    }

    /// The place of an item in the urn.
    pub(crate) fn place(&self, item: u32) -> u32 {
        match self.items.len() == self.rows() {
            true => item,
            false => self.items.partition_point(|&other| other < item) as u32,
        }
    }

    /// Whether a user knows every item.
    pub(crate) fn is_all_known(&self, user: u32) -> bool {
        self.known(user).len() == self.items.len()
    }

    /// The number of positives of the item at a place.
    pub(crate) fn count(&self, place: u32) -> u32 {
        self.counts[place as usize]
    }

    /// The total number of positives, as a divisor.
    pub(crate) fn positives(&self) -> f64 {
        self.counts.iter().map(|&count| f64::from(count)).sum()
    }

    /// The probability of the item at a place in one draw from all items.
    pub(crate) fn chance(&self, place: u32) -> f64 {
        match &self.chances {
            Some((chances, _)) => chances[place as usize],
            None => 1.0 / self.items.len() as f64,
        }
    }

    /// Draws the place of one item.
    pub(crate) fn draw(&self, random: &mut Random) -> u32 {
        match &self.chances {
            Some((_, alias)) => alias.draw(random),
            None => random.below(self.items.len() as u32),
        }
    }

    /// Draws an item that a user does not know; the user must not know all items.
    pub(crate) fn draw_unknown(&self, user: u32, random: &mut Random) -> u32 {
        let known = self.known(user);
        match &self.bits {
            Some(bits) => {
                let own = bits.of_user(user);
                self.draw_but(known, |place| own.contains(place), random)
            }
            None => {
                let is_known = |place| known.binary_search(&ItemIx(place)).is_ok();
                self.draw_but(known, is_known, random)
            }
        }
    }

    /// Draws an item other than this one.
    pub(crate) fn draw_other(&self, item: u32, random: &mut Random) -> u32 {
        let own = self.place(item);
        self.draw_but(&[ItemIx(own)], |place| place == own, random)
    }

    /// Draws an item that is not at one of the places `known`, which are ascending, distinct and not all places.
    fn draw_but(
        &self,
        known: &[ItemIx],
        is_known: impl Fn(u32) -> bool,
        random: &mut Random,
    ) -> u32 {
        let mut drawn = (0..TRIES).map(|_| self.draw(random));
        let unknown = drawn.find(|&place| !is_known(place));
        let place = match (unknown, &self.chances) {
            (Some(place), _) => place,
            (None, Some((chances, _))) => self.draw_of_the_rest(chances, known, random),
            (None, None) => self.draw_rank(known, random),
        };
        self.items[place as usize]
    }

    /// Draws uniformly from the unknown places: a rank among them, then its place.
    fn draw_rank(&self, known: &[ItemIx], random: &mut Random) -> u32 {
        let rank = random.below((self.items.len() - known.len()) as u32);
        // There are `place - at` unknown places before known place number `at`.
        let (mut from, mut to) = (0, known.len());
        while from < to {
            let at = (from + to) / 2;
            match known[at].0 - at as u32 <= rank {
                true => from = at + 1,
                false => to = at,
            }
        }
        rank + from as u32
    }

    /// Equivalent to drawing until the place is unknown, for a user who knows nearly all likely items.
    fn draw_of_the_rest(&self, chances: &[f64], known: &[ItemIx], random: &mut Random) -> u32 {
        let is_unknown = |place: &u32| known.binary_search(&ItemIx(*place)).is_err();
        let unknown = (0..self.items.len() as u32).filter(is_unknown);
        let chance = |place: u32| chances[place as usize];
        let sum: f64 = unknown.clone().map(chance).sum();
        if sum == 0.0 {
            // Nobody has any of them, so they are equally likely.
            return self.draw_rank(known, random);
        }
        let mut left = random.unit() * sum;
        let mut last = 0;
        for place in unknown.filter(|&place| chance(place) > 0.0) {
            last = place;
            left -= chance(place);
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

/// The probabilities of places with these numbers of positives, if they differ.
fn chances(counts: &[u32], sampler: Sampler) -> Option<(Vec<f64>, Alias)> {
    match sampler {
        Sampler::Uniform => None,
        Sampler::Popular { exponent } => {
            let powers: Vec<f64> = counts.iter().map(|&count| power(count, exponent)).collect();
            let sum: f64 = powers.iter().sum();
            let chances: Vec<f64> = powers.iter().map(|power| power / sum).collect();
            let alias = Alias::of(&chances);
            Some((chances, alias))
        }
    }
}

/// One bit per user and place: whether the user knows the item. One look-up instead of a search.
#[derive(Clone, Debug)]
struct Bits {
    words: Vec<u64>,
    /// Words per user.
    width: usize,
}

impl Bits {
    /// With more words than this, no cache holds them, and a search is as fast.
    const MOST: usize = 1 << 22;

    fn of(known: &Known, places: usize) -> Option<Self> {
        let width = places.div_ceil(64);
        let words = known.users().checked_mul(width);
        let mut words = vec![0_u64; words.filter(|&words| words <= Self::MOST)?];
        for (user, own) in (0..).zip(words.chunks_exact_mut(width.max(1))) {
            for place in known.items(UserIx(user)) {
                own[place.index() / 64] |= 1 << (place.0 % 64);
            }
        }
        Some(Self { words, width })
    }

    fn of_user(&self, user: u32) -> OwnBits<'_> {
        let from = user as usize * self.width;
        OwnBits(&self.words[from..from + self.width])
    }
}

/// The bits of one user.
#[derive(Clone, Copy)]
struct OwnBits<'a>(&'a [u64]);

impl OwnBits<'_> {
    fn contains(self, place: u32) -> bool {
        self.0[place as usize / 64] >> (place % 64) & 1 == 1
    }
}

/// Exact for common exponents, since `powf` may differ between platforms in the last bit.
fn power(count: u32, exponent: f64) -> f64 {
    let count = f64::from(count);
    match exponent {
        1.0 => count,
        0.75 => (count * count * count).sqrt().sqrt(),
        0.5 => count.sqrt(),
        _ => count.powf(exponent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_and_lists_draw_the_same() {
        let rows = 0..200_u32;
        let positives = Ratings {
            users: rows.clone().map(|row| UserIx(row % 9)).collect(),
            items: rows.map(|row| ItemIx(row * row % 83)).collect(),
            ratings: vec![1.0; 200],
            ..Ratings::default()
        };
        for sampler in [Sampler::Uniform, Sampler::Popular { exponent: 1.0 }] {
            let more = std::iter::once(ItemIx(99));
            let with_bits = Urn::new(&positives, &[], more, sampler).expect("good positives");
            assert!(with_bits.bits.is_some());
            let without = Urn {
                bits: None,
                ..with_bits.clone()
            };
            let (mut random, mut other) = (Random::new(1, 2), Random::new(1, 2));
            for user in (0..9).cycle().take(500) {
                let drawn = with_bits.draw_unknown(user, &mut random);
                assert_eq!(without.draw_unknown(user, &mut other), drawn);
            }
        }
    }
}
