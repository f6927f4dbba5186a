//! Batches made ahead of the step that takes them.

use recburn_data::{Batch, Batches};
use std::ops::ControlFlow;
use std::sync::mpsc::{channel, sync_channel};
use std::thread;

/// Ratings that go from thread to thread at once: a hand-over costs what a small batch does.
const RATINGS_A_HAND_OVER: usize = 8_192;

/// Some batches; those behind the first `filled` are memory for later.
#[derive(Default)]
struct Handful {
    batches: Vec<Batch>,
    filled: usize,
}

/// Calls `visit` with each batch, in order, until it breaks. Where there is a second core, the next batches are made on
/// it while `visit` is at work; how many cores there are changes nothing else.
pub(crate) fn each<T>(
    batches: &mut Batches<'_>,
    size: usize,
    mut visit: impl FnMut(&Batch) -> ControlFlow<T>,
) -> Option<T> {
    if rayon::current_num_threads() < 2 {
        let mut batch = Batch::default();
        while batches.fill(&mut batch) {
            if let ControlFlow::Break(answer) = visit(&batch) {
                return Some(answer);
            }
        }
        return None;
    }
    let at_once = (RATINGS_A_HAND_OVER / size.max(1)).clamp(1, 256);
    thread::scope(|scope| {
        let (send, receive) = sync_channel::<Handful>(2);
        let (send_back, back) = channel::<Handful>();
        scope.spawn(move || {
            loop {
                let mut handful = back.try_recv().unwrap_or_default();
                handful.batches.resize_with(at_once, Batch::default);
                handful.filled = 0;
                while handful.filled < at_once && batches.fill(&mut handful.batches[handful.filled])
                {
                    handful.filled += 1;
                }
                // Nothing left to make, or nobody who wants it.
                if handful.filled == 0 || send.send(handful).is_err() {
                    return;
                }
            }
        });
        for handful in receive {
            for batch in &handful.batches[..handful.filled] {
                if let ControlFlow::Break(answer) = visit(batch) {
                    return Some(answer);
                }
            }
            // Where the other thread is done, the memory goes.
            let _ = send_back.send(handful);
        }
        None
    })
}
