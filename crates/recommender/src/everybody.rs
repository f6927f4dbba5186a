//! The lists of all users, on all cores.

use crate::candidates::Candidates;
use crate::error::RecommenderError;
use crate::library::Library;
use crate::lists::{List, ListOptions};
use crate::recommender::Recommender;
use recburn_data::{ItemIx, UserIx};
use recburn_nn::Model;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

/// The number of users whose lists a thread makes at a time: few enough for memory, and for somebody who waits for a sign of
/// progress; enough to keep the thread busy.
const USERS_OF_BLOCK: usize = 32;

/// Blocks that wait, per thread, for those before them to be taken.
const WAITING: usize = 4;

impl<M: Model + Sync> Recommender<M> {
    /// Calls `each` with the lists of all users in the order of their rows, computed on all cores in blocks of users.
    /// `each` may stop with its own error.
    ///
    /// # Errors
    /// Those of `each`, and an unknown genre.
    pub fn lists<E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        each: impl FnMut(List) -> Result<(), E>,
    ) -> Result<(), E> {
        self.lists_as(options, |list| list, each)
    }

    /// As [`Recommender::lists`], with each list first turned into something else by the thread that has made it, such as
    /// lines of a file.
    ///
    /// # Errors
    /// As there.
    pub fn lists_as<T: Send, E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        make: impl Fn(List) -> T + Sync,
        each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.all_user_rows();
        let part = |users: &[UserIx], candidates: &Candidates| {
            let lists = self.lists_of(users, options, candidates).into_iter();
            lists.map(&make).collect()
        };
        self.library.in_blocks(options, part, each)
    }

    /// The lists of some users, as [`Recommender::list`] has them.
    fn lists_of(
        &self,
        users: &[UserIx],
        options: &ListOptions,
        candidates: &Candidates,
    ) -> Vec<List> {
        let Some(vectors) = self.vectors() else {
            let list = |user: &UserIx| self.list_of(*user, options, candidates);
            return users.iter().map(list).collect();
        };
        let mut lists = Vec::with_capacity(users.len());
        for users in users.chunks(vectors.users_at_a_time()) {
            let Some(rows) = self.kept_rows(users) else {
                continue; // there are items' rows, so there are users'
            };
            let best = vectors.best(&rows, options.count, |user, item: ItemIx| {
                candidates.has(item)
                    && (options.seen || !self.library.seen.holds(users[user], item))
            });
            let best = users.iter().zip(best);
            lists.extend(best.map(|(user, best)| self.library.listed(*user, best, candidates)));
        }
        lists
    }
}

impl Library {
    /// Calls `each` with what `part` makes of all users, in the order of their rows; `part` is called for a few users at a time, on
    /// all cores.
    pub fn in_blocks<T: Send, E: From<RecommenderError>>(
        &self,
        options: &ListOptions,
        part: impl Fn(&[UserIx], &Candidates) -> Vec<T> + Sync,
        each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let candidates = self.candidates_of(options)?;
        let users: Vec<UserIx> = self.users.iter().map(|(user, _)| user).collect();
        let blocks: Vec<&[UserIx]> = users.chunks(USERS_OF_BLOCK).collect();
        let next = AtomicUsize::new(0);
        let (sender, receiver) = sync_channel(threads * WAITING);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(blocks.len()) {
                let sender = sender.clone();
                let (next, blocks, part, candidates) = (&next, &blocks, &part, &candidates);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(users) = blocks.get(at) else {
                            break;
                        };
                        if sender.send((at, part(users, candidates))).is_err() {
                            break; // nobody wants more
                        }
                    }
                });
            }
            drop(sender);
            in_order(receiver, each)
        })
    }
}

/// Takes blocks by their numbers. At its end, and at an error, the threads see that nobody takes more.
fn in_order<T, E>(
    blocks: Receiver<(usize, Vec<T>)>,
    mut each: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let mut waiting = BTreeMap::new();
    let mut due = 0;
    for (at, block) in blocks {
        waiting.insert(at, block);
        while let Some(block) = waiting.remove(&due) {
            due += 1;
            block.into_iter().try_for_each(&mut each)?;
        }
    }
    Ok(())
}
