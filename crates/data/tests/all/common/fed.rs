//! What a feed has handed out.

use recburn_data::{Batch, Candidates, Column, Feed, Side, Values};
use std::collections::HashSet;

/// The batches of one epoch, each sound.
pub(crate) fn epoch(feed: &mut dyn Feed, seed: u64, epoch: u64) -> Vec<Batch> {
    feed.begin(seed, epoch);
    let mut batches = Vec::new();
    // It was used before, so that whatever is not made anew shows.
    let mut batch = used();
    while feed.fill(&mut batch) {
        assert_sound(&batch);
        batches.push(batch.clone());
    }
    let queries: usize = batches.iter().map(Batch::len).sum();
    assert_eq!((queries, batches.len()), (feed.queries(), feed.steps()));
    batches
}

/// A batch with something in every field.
fn used() -> Batch {
    let column = Column {
        rows: vec![9],
        inverse: vec![0, 0],
    };
    Batch {
        queries: 2,
        candidates: Candidates::Shared(7),
        users: column.clone(),
        items: column.clone(),
        others: vec![Values::Ids(column), Values::Numbers(vec![1.0])],
        every_position: true,
        targets: vec![1.0],
        positives: vec![1],
        left_out: vec![2],
        log_q: vec![3.0],
        weights: vec![4.0],
        keys: vec![5],
    }
}

/// The ids of all entries.
pub(crate) fn expand(column: &Column) -> Vec<u32> {
    let rows = column.inverse.iter();
    rows.map(|&position| column.rows[position as usize])
        .collect()
}

pub(crate) fn is_distinct(column: &Column) -> bool {
    let used: HashSet<_> = column.inverse.iter().collect();
    let rows: HashSet<_> = column.rows.iter().collect();
    rows.len() == column.rows.len() && used.len() == rows.len()
}

/// What the description of a batch says of the lengths of its fields.
fn assert_sound(batch: &Batch) {
    assert!(is_distinct(&batch.users) && is_distinct(&batch.items));
    assert_eq!(batch.users.len(), batch.queries);
    let entries = match batch.candidates {
        Candidates::Each(count) => batch.queries * count,
        Candidates::Shared(count) => count,
    };
    assert_eq!(batch.items.len(), entries);
    assert!(batch.targets.is_empty() || batch.targets.len() == batch.scores());
    assert!(batch.positives.is_empty() || batch.positives.len() == batch.queries);
    let count = batch.candidates.per_query();
    assert!(
        batch
            .positives
            .iter()
            .all(|&place| (place as usize) < count)
    );
    assert!(batch.left_out.is_sorted_by(|one, other| one < other));
    assert!(
        batch
            .left_out
            .iter()
            .all(|&place| (place as usize) < batch.scores())
    );
    assert!(batch.log_q.is_empty() || batch.log_q.len() == entries);
    assert!(batch.weights.is_empty() || batch.weights.len() == batch.queries);
}

/// How many entries an input of this side has.
pub(crate) fn entries(batch: &Batch, side: Side) -> usize {
    match side {
        Side::User => batch.users.rows.len(),
        Side::Item => batch.items.rows.len(),
        Side::Event => batch.queries,
    }
}

/// User and items of each query, by candidates.
pub(crate) fn queries(batch: &Batch) -> Vec<(u32, Vec<u32>)> {
    let (users, items) = (expand(&batch.users), expand(&batch.items));
    let own = |query: usize| match batch.candidates {
        Candidates::Each(count) => items[query * count..(query + 1) * count].to_vec(),
        Candidates::Shared(_) => items.clone(),
    };
    let users = users.into_iter().enumerate();
    users.map(|(query, user)| (user, own(query))).collect()
}
