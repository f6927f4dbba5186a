//! Batches prepared ahead of the steps that use them.

use rayon::Yield;
use recburn_data::Feed;
use recburn_schema::Batch;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::thread;

/// Ratings handed from thread to thread at once: a hand-over costs as much as a small batch.
const RATINGS_A_HAND_OVER: usize = 8_192;

/// Targets handed over at once, at most, unless a single batch has more: a whole user has one for every item.
const TARGETS_A_HAND_OVER: usize = 1 << 20;

/// Some batches; those after the first `filled` are memory for later use.
#[derive(Default)]
struct Handful {
    batches: Vec<Batch>,
    filled: usize,
}

/// The batch size from which the other thread takes part in the step, and stays awake for it.
const LARGE: usize = 2_048;

impl Handful {
    /// Fills up to `at_once` batches, fewer if they are large; `false` if there are none left.
    fn fill(&mut self, batches: &mut dyn Feed, at_once: usize) -> bool {
        self.batches.resize_with(at_once, Batch::default);
        self.filled = 0;
        let mut targets = 0;
        while self.filled < at_once
            && targets < TARGETS_A_HAND_OVER
            && batches.fill(&mut self.batches[self.filled])
        {
            targets += self.batches[self.filled].targets.len();
            self.filled += 1;
        }
        self.filled > 0
    }
}

/// Calls `visit` with each batch, in order, until it breaks. If there is a second core, it prepares the next batches
/// while `visit` runs; the number of cores affects nothing else. If it `peeks`, `visit` also gets the batch after that.
pub(crate) fn each<T>(
    batches: &mut dyn Feed,
    size: usize,
    peeks: bool,
    mut visit: impl FnMut(&Batch, Option<&Batch>) -> ControlFlow<T>,
) -> Option<T> {
    // On a thread of the pool itself there may be no other thread to prepare them.
    if rayon::current_num_threads() < 2 || rayon::current_thread_index().is_some() {
        let (mut batch, mut next) = (Batch::default(), Batch::default());
        let mut filled = batches.fill(&mut batch);
        while filled {
            let follows = peeks && batches.fill(&mut next);
            let visited = visit(&batch, follows.then_some(&next));
            if let ControlFlow::Break(answer) = visited {
                return Some(answer);
            }
            match peeks {
                true => std::mem::swap(&mut batch, &mut next),
                false => filled = batches.fill(&mut batch),
            }
            filled &= follows || !peeks;
        }
        return None;
    }
    let at_once = (RATINGS_A_HAND_OVER / size.max(1)).clamp(1, 256);
    let (send, receive) = sync_channel::<Handful>(2);
    let (send_back, back) = channel::<Handful>();
    let take = move || {
        let mut handfuls = receive.into_iter();
        let mut current = handfuls.next();
        while let Some(handful) = current {
            let mut following = None;
            let batches = &handful.batches[..handful.filled];
            for (at, batch) in batches.iter().enumerate() {
                let mut next = batches.get(at + 1).filter(|_| peeks);
                if peeks && next.is_none() {
                    following = handfuls.next();
                    next = following.as_ref().map(|handful| &handful.batches[0]);
                }
                if let ControlFlow::Break(answer) = visit(batch, next) {
                    return Some(answer);
                }
            }
            // When the other thread has finished, the memory is freed.
            let _ = send_back.send(handful);
            current = match peeks {
                true => following,
                false => handfuls.next(),
            };
        }
        None
    };
    if size >= LARGE {
        rayon::in_place_scope(|scope| {
            scope.spawn(move |_| make_and_help(batches, at_once, &send, &back));
            take()
        })
    } else {
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut handful = Handful::default();
                while handful.fill(batches, at_once) && send.send(handful).is_ok() {
                    handful = back.try_recv().unwrap_or_default();
                }
            });
            take()
        })
    }
}

/// Prepares batches on a thread of the pool, and between them runs the tasks that steps hand to the pool. It does not
/// sleep: waking it would take as long as its half of a step.
fn make_and_help(
    batches: &mut dyn Feed,
    at_once: usize,
    send: &SyncSender<Handful>,
    back: &Receiver<Handful>,
) {
    let mut handful = Handful::default();
    while handful.fill(batches, at_once) {
        loop {
            handful = match send.try_send(handful) {
                Ok(()) => break,
                Err(TrySendError::Full(handful)) => handful,
                // The receiver is gone.
                Err(TrySendError::Disconnected(_)) => return,
            };
            if rayon::yield_now() != Some(Yield::Executed) {
                std::hint::spin_loop();
            }
        }
        handful = back.try_recv().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::{Handful, TARGETS_A_HAND_OVER};
    use recburn_data::Feed;
    use recburn_schema::Batch;

    /// Batches with so many targets.
    struct Large(usize);

    impl Feed for Large {
        fn queries(&self) -> usize {
            usize::MAX
        }

        fn steps(&self) -> usize {
            usize::MAX
        }

        fn begin(&mut self, _: u64, _: u64) {}

        fn fill(&mut self, batch: &mut Batch) -> bool {
            batch.targets.resize(self.0, 0.0);
            true
        }
    }

    #[test]
    fn large_batches_are_handed_over_one_by_one_and_small_ones_together() {
        for (targets, filled) in [
            (1, 64),
            (TARGETS_A_HAND_OVER / 3, 4),
            (TARGETS_A_HAND_OVER, 1),
        ] {
            let mut handful = Handful::default();
            assert!(handful.fill(&mut Large(targets), 64));
            assert_eq!(handful.filled, filled, "{targets} targets a batch");
        }
    }
}
