//! Blocks of users, scored and ranked on several threads.

use super::RankingEvaluator;
use super::one_user::{Worker, names};
use super::result::{EvaluationError, RankingEvaluation};
use super::turns::{Sums, Turns};
use crate::gain::Discounts;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// The outcome of an evaluation.
type Evaluated<E> = Result<RankingEvaluation, EvaluationError<E>>;

/// A block of users and their scores.
#[derive(Default)]
struct Filled {
    index: usize,
    users: Vec<u32>,
    scores: Vec<f32>,
}

impl Filled {
    /// Computes the scores of its users.
    fn fill<E>(
        &mut self,
        items: usize,
        fill: impl FnOnce(&[u32], &mut [f32]) -> Result<(), E>,
    ) -> Result<(), EvaluationError<E>> {
        self.scores.clear();
        self.scores.resize(self.users.len() * items, f32::NAN);
        fill(&self.users, &mut self.scores).map_err(EvaluationError::Scores)
    }
}

/// The users with relevant items, in blocks.
struct Blocks<'a> {
    evaluator: &'a RankingEvaluator<'a>,
    user: usize,
    index: usize,
    relevant: Vec<u32>,
}

impl<'a> Blocks<'a> {
    fn new(evaluator: &'a RankingEvaluator<'a>) -> Self {
        Self {
            evaluator,
            user: 0,
            index: 0,
            relevant: Vec::new(),
        }
    }

    /// Writes the users of the next block; `false` if there are no more.
    fn next(&mut self, block: &mut Filled) -> bool {
        block.users.clear();
        while self.user < self.evaluator.users && block.users.len() < self.evaluator.block {
            let user = self.user as u32;
            self.user += 1;
            self.relevant.clear();
            self.evaluator.relevant.push(user, &mut self.relevant);
            if !self.relevant.is_empty() {
                block.users.push(user);
            }
        }
        block.index = self.index;
        self.index += 1;
        !block.users.is_empty()
    }
}

/// What all threads share.
struct Shared<'a, E> {
    evaluator: &'a RankingEvaluator<'a>,
    discounts: Discounts,
    turns: Turns<EvaluationError<E>>,
    /// The sum of the threads' counts of lists.
    lists: Mutex<Vec<u32>>,
}

impl<'a, E> Shared<'a, E> {
    fn new(evaluator: &'a RankingEvaluator<'a>) -> Self {
        let longest = evaluator.cutoffs.last().copied().unwrap_or(0);
        let sums = Sums::new(names(evaluator).len(), evaluator.keep_users);
        Self {
            evaluator,
            discounts: Discounts::new(longest.min(evaluator.items)),
            turns: Turns::new(sums),
            lists: Mutex::default(),
        }
    }

    /// Ranks a block, unless its scores have failed, and adds it in its turn. Returns whether to go on.
    fn rank(
        &self,
        worker: &mut Worker<'_>,
        block: &mut Filled,
        filled: Result<(), EvaluationError<E>>,
    ) -> bool {
        let outcome = filled.and_then(|()| Ok(worker.measure(&block.users, &mut block.scores)?));
        self.turns.take(block.index, outcome, |sums| {
            sums.add(&block.users, &worker.rows, worker.nan_users);
        })
    }

    /// Adds the counts of a thread that is done. Whole numbers have the same sum in every order.
    fn retire(&self, worker: Worker<'_>) {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        match lists.is_empty() {
            true => *lists = worker.lists,
            false => {
                for (sum, own) in lists.iter_mut().zip(worker.lists) {
                    *sum += own;
                }
            }
        }
    }

    fn finish(self) -> Evaluated<E> {
        let lists = self.lists.into_inner();
        let lists = lists.unwrap_or_else(PoisonError::into_inner);
        let sums = self.turns.finish()?;
        Ok(RankingEvaluation::of(self.evaluator, sums, &lists)?)
    }
}

/// Each thread scores and ranks the next block.
pub(super) fn in_parallel<E: Send>(
    evaluator: &RankingEvaluator<'_>,
    fill: &(impl Fn(&[u32], &mut [f32]) -> Result<(), E> + Sync),
) -> Evaluated<E> {
    let shared = Shared::new(evaluator);
    let blocks = Mutex::new(Blocks::new(evaluator));
    let work = || {
        let _watch = shared.turns.watch();
        let mut worker = Worker::new(evaluator, &shared.discounts);
        let mut block = Filled::default();
        let next = |block: &mut Filled| {
            let mut blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
            blocks.next(block)
        };
        while next(&mut block) {
            let filled = block.fill(evaluator.items, fill);
            if !shared.rank(&mut worker, &mut block, filled) {
                break;
            }
        }
        shared.retire(worker);
    };
    let most = evaluator.users.div_ceil(evaluator.block).max(1);
    std::thread::scope(|scope| {
        for _ in 1..evaluator.threads.min(most) {
            scope.spawn(work);
        }
        work();
    });
    shared.finish()
}

/// The calling thread scores, the others rank.
pub(super) fn serially<E: Send>(
    evaluator: &RankingEvaluator<'_>,
    fill: &mut impl FnMut(&[u32], &mut [f32]) -> Result<(), E>,
) -> Evaluated<E> {
    let shared = Shared::new(evaluator);
    let mut blocks = Blocks::new(evaluator);
    if evaluator.threads == 1 {
        let mut worker = Worker::new(evaluator, &shared.discounts);
        let mut block = Filled::default();
        while blocks.next(&mut block) {
            let filled = block.fill(evaluator.items, &mut *fill);
            if !shared.rank(&mut worker, &mut block, filled) {
                break;
            }
        }
        shared.retire(worker);
        return shared.finish();
    }
    type Sent<E> = (Filled, Result<(), EvaluationError<E>>);
    let (full, filled): (Sender<Sent<E>>, Receiver<Sent<E>>) = channel();
    let (free, freed) = channel();
    let filled = Mutex::new(filled);
    let shared_ref = &shared;
    let work = |free: Sender<Filled>| {
        let _watch = shared_ref.turns.watch();
        let mut worker = Worker::new(evaluator, &shared_ref.discounts);
        let next = || {
            let filled = filled.lock().unwrap_or_else(PoisonError::into_inner);
            filled.recv()
        };
        while let Ok((mut block, outcome)) = next() {
            if !shared_ref.rank(&mut worker, &mut block, outcome) {
                break;
            }
            // The calling thread may have sent its last block.
            let _ = free.send(block);
        }
        shared_ref.retire(worker);
    };
    std::thread::scope(|scope| {
        // One block per thread that ranks, and one that is being scored: no more memory than that.
        for _ in 0..evaluator.threads {
            let _ = free.send(Filled::default());
        }
        for _ in 1..evaluator.threads {
            let (free, work) = (free.clone(), &work);
            scope.spawn(move || work(free));
        }
        drop(free);
        let full = full;
        // Without a thread left that returns blocks, one has failed.
        while let Ok(mut block) = freed.recv() {
            if !blocks.next(&mut block) {
                break;
            }
            let outcome = block.fill(evaluator.items, &mut *fill);
            let failed = outcome.is_err();
            if full.send((block, outcome)).is_err() || failed {
                break;
            }
        }
    });
    shared.finish()
}
