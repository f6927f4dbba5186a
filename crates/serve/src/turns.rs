//! How many requests are answered at a time, and how many wait.

use crate::problem::Problem;
use crate::state::Shared;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// The turns of requests.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
}

/// Counts somebody who waits, until dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    pub fn new(at_a_time: usize, most_waiting: usize) -> Self {
        Self {
            free: Semaphore::new(at_a_time.max(1)),
            waiting: AtomicUsize::new(0),
            most_waiting,
        }
    }

    /// Waits for a turn, unless too many wait already.
    async fn next(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        let busy = || {
            Problem::unavailable(
                "busy",
                format!(
                    "{} requests wait already: ask again later",
                    self.most_waiting
                ),
            )
        };
        if let Ok(turn) = self.free.try_acquire() {
            return Ok(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        match before < self.most_waiting {
            true => self.free.acquire().await.map_err(|_| busy()),
            false => Err(busy()),
        }
    }
}

/// Answers a request when it is its turn, and within the time for an answer.
pub(crate) async fn in_turn(
    State(service): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let answer = async {
        let _turn = match service.turns.next().await {
            Ok(turn) => turn,
            Err(problem) => return problem.into_response(),
        };
        next.run(request).await
    };
    // The body has its own time limit, and may come as late as that.
    let most = service.limits().answer + service.limits().body_time;
    match tokio::time::timeout(most, answer).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("timeout", format!("no answer in {} s", most.as_secs()))
            .into_response(),
    }
}
