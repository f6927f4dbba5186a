//! Splits that are decided where the users live.

use crate::ranks::{Ranks, counts_of_all, exchange_parts, most, sum_whole};
use recburn_data::{DataError, Dataset, IdMap, ItemIx, Part, Ratings, SplitKind, UserIx};

/// Places asked for at a time.
const ROUND: usize = 1 << 16;

/// Places, ascending, and their ratings.
pub type PlacedRatings = (Vec<u64>, Ratings);

/// The training part and the other of the ratings of the users at home, each with places of its own; `all` are the places of
/// `count` ratings of all ranks, which call it together. Also the number of ratings of all ranks that are held out.
///
/// # Errors
/// On all ranks: for ratings without times where the split goes by them, and if a part is empty.
pub fn held_out(
    ranks: &dyn Ranks,
    (places, ratings): PlacedRatings,
    count: u64,
    (kind, seed): (&SplitKind, u64),
    (users, items): (&IdMap<UserIx>, &IdMap<ItemIx>),
) -> Result<([PlacedRatings; 2], u64), DataError> {
    check_times(ranks, &ratings, kind)?;
    let dataset = Dataset {
        ratings,
        ..Dataset::without_ratings(String::new(), users.clone(), items.clone())
    };
    let held: Vec<bool> = match dataset.parts(kind, seed) {
        Ok(parts) => parts.iter().map(|part| *part != Part::Train).collect(),
        // Another rank may have what this one lacks.
        Err(DataError::EmptyPart { .. }) => vec![false; places.len()],
        Err(error) => return Err(error),
    };
    let own = held.iter().filter(|held| **held).count() as u64;
    let all = sum_whole(ranks, own);
    for (rows, part) in [(count - all, "training"), (all, "validation")] {
        if rows == 0 {
            return Err(DataError::EmptyPart {
                kind: kind.to_string(),
                rows: count as usize,
                part,
            });
        }
    }
    let before = held_before(ranks, &places, &held, count);
    let part = |wanted: bool| {
        let rows = (0..places.len()).filter(|&row| held[row] == wanted);
        let place = |row: usize| match wanted {
            true => before[row],
            false => places[row] - before[row],
        };
        let own: Vec<u64> = rows.clone().map(place).collect();
        let rows: Vec<u32> = rows.map(|row| row as u32).collect();
        (own, dataset.ratings.take(&rows))
    };
    Ok(([part(false), part(true)], all))
}

/// Refuses ratings without times, wherever they are, for a split that goes by them.
fn check_times(ranks: &dyn Ranks, ratings: &Ratings, kind: &SplitKind) -> Result<(), DataError> {
    if !matches!(kind, SplitKind::LeaveLastOut { .. }) {
        return Ok(());
    }
    let lacks = match &ratings.timestamps {
        Some(times) => times
            .iter()
            .filter(|&&time| time == Ratings::NO_TIME)
            .count(),
        None => ratings.len(),
    };
    let kind = kind.to_string();
    let rows = sum_whole(ranks, lacks as u64) as usize;
    let all = sum_whole(ranks, ratings.len() as u64) as usize;
    match rows {
        0 => Ok(()),
        rows if rows == all => Err(DataError::NoTimestamps { kind }),
        rows => Err(DataError::NoTime {
            kind,
            rows,
            first: String::new(),
        }),
    }
}

/// For each of these places the number of smaller ones that are held out at any rank. Each rank counts for a range of places.
fn held_before(ranks: &dyn Ranks, places: &[u64], held: &[bool], count: u64) -> Vec<u64> {
    let size = ranks.size();
    let range = count.div_ceil(size as u64).max(1);
    let by_range = |places: &mut dyn Iterator<Item = u64>| {
        let mut parts = vec![Vec::new(); size];
        for place in places {
            parts[(place / range) as usize].push(place);
        }
        parts
    };
    let own = places.iter().zip(held).filter(|(_, held)| **held);
    let arrived = exchange_parts(ranks, &by_range(&mut own.map(|(&place, _)| place)));
    let mut there = arrived.concat();
    there.sort_unstable();
    let counts = counts_of_all(ranks, there.len() as u64);
    let first: u64 = counts[..ranks.rank()].iter().sum();
    let mut before = Vec::with_capacity(places.len());
    let mut asked = places.chunks(ROUND);
    for _ in 0..most(ranks, asked.len() as u64) {
        let some = asked.next().unwrap_or_default();
        let wanted = exchange_parts(ranks, &by_range(&mut some.iter().copied()));
        let smaller = |place: &u64| first + there.partition_point(|held| held < place) as u64;
        let answers = wanted
            .iter()
            .map(|places| places.iter().map(smaller).collect());
        // Places are ascending, and so are their ranges.
        before.extend(exchange_parts(ranks, &answers.collect::<Vec<_>>()).concat());
    }
    before
}
