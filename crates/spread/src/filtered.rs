//! Filters of ratings that several ranks have read.

use crate::homes::home_of;
use crate::items::{packed, unpacked};
use crate::ranks::{Ranks, exchange_parts, or, sum_whole};
use crate::route::SpreadError;
use recburn_data::{DataError, Filter, FilterStep, IdMap, Index, ItemIx, Ratings, UserIx};
use std::collections::HashMap;

/// What a filter leaves of the ratings of a rank.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The ids of the users that are left.
    pub users: IdMap<UserIx>,
    /// The ids of the items that are left.
    pub items: IdMap<ItemIx>,
    /// The ratings that are left.
    pub ratings: Ratings,
    /// The others, without times, by the numbers before the filter.
    pub left_out: Ratings,
}

/// How many ratings each id has at all ranks. Each id is counted at a rank of its own.
struct Totals {
    /// Where each id of this rank is counted; ids are sent in their order.
    homes: Vec<usize>,
    /// For the ids that each rank has sent here, their numbers among the distinct ones.
    here: Vec<Vec<usize>>,
    distinct: usize,
}

impl Totals {
    /// Of these ids, by row. All ranks call it.
    fn new<Ix: Index>(ranks: &dyn Ranks, ids: &IdMap<Ix>) -> Self {
        let size = ranks.size();
        let rows = 0..ids.rows() as u32;
        let texts: Vec<_> = rows.map(|row| ids.id(Ix::new(row))).collect();
        // A row without an id has no ratings.
        let text = |row: usize| texts[row].as_deref().unwrap_or("");
        let homes: Vec<usize> = (0..texts.len())
            .map(|row| home_of(text(row), size))
            .collect();
        let to = |rank: usize| {
            let rows = (0..texts.len()).filter(|&row| homes[row] == rank);
            packed(rows.map(text))
        };
        let arrived = exchange_parts(ranks, &(0..size).map(to).collect::<Vec<_>>());
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let here = arrived.iter().map(|bytes| {
            let mut number = |id| {
                let next = numbers.len();
                *numbers.entry(id).or_insert(next)
            };
            unpacked(bytes).map(&mut number).collect()
        });
        let here: Vec<Vec<usize>> = here.collect();
        Self {
            homes,
            here,
            distinct: numbers.len(),
        }
    }

    /// Replaces the counts of this rank's ids by those of all ranks, all of which call it.
    fn add_up(&self, ranks: &dyn Ranks, counts: &mut [u64]) {
        let mut to: Vec<Vec<u64>> = vec![Vec::new(); ranks.size()];
        for (&home, &count) in self.homes.iter().zip(&*counts) {
            to[home].push(count);
        }
        let mut sums = vec![0; self.distinct];
        for (numbers, counts) in self.here.iter().zip(exchange_parts(ranks, &to)) {
            for (&number, count) in numbers.iter().zip(counts) {
                sums[number] += count;
            }
        }
        let answers = self.here.iter().map(|numbers| {
            let sums = numbers.iter().map(|&number| sums[number]);
            sums.collect::<Vec<u64>>()
        });
        let answers = exchange_parts(ranks, &answers.collect::<Vec<_>>());
        let mut next = vec![0; ranks.size()];
        for (&home, count) in self.homes.iter().zip(counts) {
            *count = answers[home][next[home]];
            next[home] += 1;
        }
    }
}

/// Which ratings of this rank are left, and how many each id has.
struct Rows<'a> {
    ranks: &'a dyn Ranks,
    rows: Vec<u32>,
}

impl Rows<'_> {
    /// Keeps the ratings of whoever has at least so many at all ranks.
    fn at_least<Ix: Index>(&mut self, totals: &Totals, of: &[Ix], least: usize) {
        let mut counts = vec![0; totals.homes.len()];
        for &row in &self.rows {
            counts[of[row as usize].row() as usize] += 1;
        }
        totals.add_up(self.ranks, &mut counts);
        let has = |row: &u32| counts[of[*row as usize].row() as usize] >= least as u64;
        self.rows.retain(has);
    }
}

/// What a filter leaves of the ratings that a rank has read: its steps count the ratings of all ranks, as
/// [`Filter::apply`] does on one. Ratings stay where they are; counts are exchanged. All ranks call it.
///
/// # Errors
/// [`SpreadError::Repeats`] for a step that resolves repeated ratings, whose pairs may be on several ranks;
/// [`DataError::NothingLeft`] on all ranks if no rating is kept.
pub fn filtered(
    ranks: &dyn Ranks,
    users: &IdMap<UserIx>,
    items: &IdMap<ItemIx>,
    ratings: &Ratings,
    filter: &Filter,
) -> Result<Kept, SpreadError> {
    let [of_users, of_items] = [Totals::new(ranks, users), Totals::new(ranks, items)];
    let mut left = Rows {
        ranks,
        rows: (0..ratings.len() as u32).collect(),
    };
    loop {
        let at_start = left.rows.len();
        for &step in &filter.steps {
            match step {
                FilterStep::Users(least) => left.at_least(&of_users, &ratings.users, least),
                FilterStep::Items(least) => left.at_least(&of_items, &ratings.items, least),
                FilterStep::Rating(least) => {
                    let ratings = &ratings.ratings;
                    left.rows.retain(|&row| ratings[row as usize] >= least);
                }
                FilterStep::Repeats(_) => return Err(SpreadError::Repeats),
            }
        }
        if !filter.repeat || !or(ranks, left.rows.len() < at_start) {
            break;
        }
    }
    if sum_whole(ranks, left.rows.len() as u64) == 0 {
        let filter = filter.to_string();
        let rows = sum_whole(ranks, ratings.len() as u64) as usize;
        return Err(DataError::NothingLeft { filter, rows }.into());
    }
    let mut kept = ratings.take(&left.rows);
    let mut next = left.rows.iter().peekable();
    let others = (0..ratings.len() as u32).filter(|row| next.next_if_eq(&row).is_none());
    let others: Vec<u32> = others.collect();
    Ok(Kept {
        users: renumbered(users, &mut kept.users)?,
        items: renumbered(items, &mut kept.items)?,
        ratings: kept,
        left_out: Ratings {
            timestamps: None,
            ..ratings.take(&others)
        },
    })
}

/// The ids that these ratings have, to which their numbers are changed.
fn renumbered<Ix: Index>(ids: &IdMap<Ix>, of: &mut [Ix]) -> Result<IdMap<Ix>, DataError> {
    let mut has = vec![false; ids.rows()];
    of.iter().for_each(|index| has[index.row() as usize] = true);
    let kept = ids.iter().filter(|(index, _)| has[index.row() as usize]);
    let (old, texts): (Vec<Ix>, Vec<_>) = kept.unzip();
    let fewer = IdMap::<Ix>::new(texts.iter().map(AsRef::as_ref), ids.order())?;
    let mut new = vec![Ix::new(0); ids.rows()];
    for (old, text) in old.into_iter().zip(&texts) {
        if let Some(index) = fewer.index(text) {
            new[old.row() as usize] = index;
        }
    }
    for index in of {
        *index = new[index.row() as usize];
    }
    Ok(fewer)
}
