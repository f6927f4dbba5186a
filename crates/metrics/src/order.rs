//! The order of a ranked list, and its first items.

use std::cmp::Ordering;

/// The order of two candidates in a ranked list, each given as its score and its item: by score, descending; equal
/// scores by item, ascending. `Less` means that `left` comes first.
///
/// Every score has a rank: NaN comes after all numbers, infinities included, and equals NaN; `0.0` equals `-0.0`. A
/// model that diverges to NaN is therefore ranked by item alone, and cannot gain from it.
///
/// ```
/// use recburn_metrics::rank_order;
/// use std::cmp::Ordering::{Greater, Less};
///
/// assert_eq!(rank_order((0.5, 9), (0.4, 1)), Less);
/// assert_eq!(rank_order((0.5, 9), (0.5, 1)), Greater);
/// assert_eq!(rank_order((f32::NAN, 0), (f32::NEG_INFINITY, 1)), Greater);
/// ```
pub fn rank_order(left: (f32, u32), right: (f32, u32)) -> Ordering {
    by_score(right.0, left.0).then(left.1.cmp(&right.1))
}

/// Scores ascending, NaN first.
pub(crate) fn by_score(left: f32, right: f32) -> Ordering {
    left.partial_cmp(&right)
        .unwrap_or_else(|| right.is_nan().cmp(&left.is_nan()))
}

/// The first `k` items of the list ranked by [`rank_order`], best first; all items if there are fewer than `k`. Item
/// `n` has the score `scores[n]`.
///
/// The time is linear in the number of scores for small `k`: the catalogue is not sorted.
///
/// ```
/// assert_eq!(recburn_metrics::top(&[0.1, 0.7, 0.7, 0.2], 3), [1, 2, 3]);
/// ```
pub fn top(scores: &[f32], k: usize) -> Vec<u32> {
    let mut best = Vec::new();
    select(scores, k, &mut best);
    best.into_iter().map(item).collect()
}

/// The entries of [`top`], best first, into `best`, whose memory is reused; see [`item`].
pub(crate) fn select(scores: &[f32], k: usize, best: &mut Vec<u64>) {
    best.clear();
    let k = k.min(scores.len());
    if k == 0 {
        return;
    }
    // At least 64 more, so that a list of one is not cut at every second item.
    let room = (2 * k).max(k + 64);
    let cut = |best: &mut Vec<u64>| {
        best.select_nth_unstable_by(k - 1, |left, right| right.cmp(left));
        best.truncate(k);
        scores[item(best[k - 1]) as usize]
    };
    let (first, rest) = scores.split_at(k);
    best.extend(
        first
            .iter()
            .zip(0..)
            .map(|(&score, item)| entry(score, item)),
    );
    let mut last = cut(best);
    for (block, block_scores) in rest.chunks(BLOCK).enumerate() {
        // Items come in ascending order, so one that equals the last of the list does not enter. Negated, so that no
        // score is lost where one of the two is NaN.
        #[allow(clippy::neg_cmp_op_on_partial_ord, reason = "NaN")]
        let enters = |score: f32| !(score <= last);
        let any = block_scores
            .iter()
            .fold(false, |any, &score| any | enters(score));
        if !any {
            continue;
        }
        let from = k + block * BLOCK;
        let entering = block_scores.iter().zip(from as u32..);
        let entering = entering.filter(|(score, _)| enters(**score));
        best.extend(entering.map(|(&score, item)| entry(score, item)));
        if best.len() + BLOCK > room {
            last = cut(best);
        }
    }
    cut(best);
    best.sort_unstable_by(|left, right| right.cmp(left));
}

/// Scores compared at a time: a few wide instructions.
const BLOCK: usize = 32;

/// A candidate as a whole number that is larger the earlier it comes, which is compared faster than score and item.
fn entry(score: f32, item: u32) -> u64 {
    // The sum is 0.0 for -0.0.
    let bits = (score + 0.0).to_bits();
    let key = match (score.is_nan(), bits >> 31) {
        (true, _) => 0,
        (false, 0) => bits | 1 << 31,
        (false, _) => !bits,
    };
    u64::from(key) << 32 | u64::from(!item)
}

/// The item of an entry.
pub(crate) fn item(entry: u64) -> u32 {
    !(entry as u32)
}
