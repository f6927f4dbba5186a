//! Checks and small steps that all models share.

use crate::error::ClassicalError;
use crate::method::{Context, Fitted};
use recburn_data::{ItemIx, UserIx};

/// Whether there are ratings, all within the tables.
pub(crate) fn check(method: &'static str, context: &Context<'_>) -> Result<(), ClassicalError> {
    context.train.check(context.users, context.items)?;
    match context.train.is_empty() {
        true => Err(ClassicalError::NoRatings { method }),
        false => Ok(()),
    }
}

/// Checks a profile and the slice for its scores.
pub(crate) fn check_fold_in(
    profile: &[(ItemIx, f32)],
    items: usize,
    into: &[f32],
) -> Result<(), ClassicalError> {
    if into.len() != items {
        return Err(ClassicalError::Length {
            expected: items,
            given: into.len(),
        });
    }
    for &(ItemIx(item), rating) in profile {
        if item as usize >= items {
            return Err(ClassicalError::Item { item, items });
        }
        if !rating.is_finite() {
            return Err(ClassicalError::NotARating { item, rating });
        }
    }
    Ok(())
}

/// The items of a profile, ascending and each once.
pub(crate) fn items(profile: &[(ItemIx, f32)]) -> Vec<u32> {
    let mut items: Vec<u32> = profile.iter().map(|(item, _)| item.0).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// The score of an item, NaN outside the table.
pub(crate) fn at(scores: &[f32], item: ItemIx) -> f32 {
    scores.get(item.index()).copied().unwrap_or(f32::NAN)
}

/// Copies scores as far as both slices reach, and NaN beyond them.
pub(crate) fn fill(scores: &[f32], into: &mut [f32]) {
    let shared = scores.len().min(into.len());
    into[..shared].copy_from_slice(&scores[..shared]);
    into[shared..].fill(f32::NAN);
}

/// Calls `score` with a slice of one entry per item, and copies it where `into` has another length.
pub(crate) fn sized(items: usize, into: &mut [f32], score: impl FnOnce(&mut [f32])) {
    if into.len() == items {
        return score(into);
    }
    let mut scores = vec![0.0; items];
    score(&mut scores);
    fill(&scores, into);
}

/// Calls `score` for a block with one entry per user and item; a block of another shape is scored user by user.
pub(crate) fn block(
    items: usize,
    users: &[UserIx],
    into: &mut [f32],
    model: &dyn Fitted,
    score: impl FnOnce(&mut [f32]),
) {
    if items > 0 && into.len() == users.len() * items {
        return score(into);
    }
    let given = into.len().checked_div(users.len()).unwrap_or(0);
    if given > 0 {
        for (&user, into) in users.iter().zip(into.chunks_exact_mut(given)) {
            model.score_all(user, into);
        }
    }
}
