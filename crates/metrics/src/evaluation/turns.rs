//! Sums in the order of users, whichever thread measures them.

use super::result::PerUser;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Sum and spread of one measure.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Column {
    count: u64,
    sum: f64,
    mean: f64,
    /// The sum of squared deviations from the mean (Welford 1962).
    square: f64,
}

impl Column {
    /// Adds a user's value, unless it is undefined.
    fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        self.count += 1;
        self.sum += value;
        let off = value - self.mean;
        self.mean += off / self.count as f64;
        self.square += off * (value - self.mean);
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    pub(super) fn standard_error(&self) -> f64 {
        let count = self.count as f64;
        match self.count > 1 {
            true => (self.square / (count - 1.0) / count).sqrt(),
            false => f64::NAN,
        }
    }
}

/// Sums over users.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) users: usize,
    pub(super) nan_users: usize,
    pub(super) columns: Vec<Column>,
    pub(super) kept: Option<PerUser>,
}

impl Sums {
    pub(super) fn new(columns: usize, keep: bool) -> Self {
        Self {
            columns: vec![Column::default(); columns],
            kept: keep.then(PerUser::default),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, users: &[u32], rows: &[f64], nan_users: usize) {
        self.users += users.len();
        self.nan_users += nan_users;
        for row in rows.chunks_exact(self.columns.len()) {
            for (column, &value) in self.columns.iter_mut().zip(row) {
                column.add(value);
            }
        }
        if let Some(kept) = &mut self.kept {
            kept.users.extend_from_slice(users);
            kept.values.extend_from_slice(rows);
        }
    }
}

struct State<E> {
    next: usize,
    /// No further block is added: one had an error, or a thread has panicked.
    stopped: bool,
    sums: Sums,
    error: Option<E>,
}

/// Adds blocks in order: a thread that finishes early waits for its turn. Blocks are handed out in order and are about
/// equally large, so the wait is short.
pub(super) struct Turns<E> {
    state: Mutex<State<E>>,
    changed: Condvar,
}

impl<E> Turns<E> {
    pub(super) fn new(sums: Sums) -> Self {
        Self {
            state: Mutex::new(State {
                next: 0,
                stopped: false,
                sums,
                error: None,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In the turn of this block, adds it or stores its error. Returns whether to go on.
    pub(super) fn take(
        &self,
        block: usize,
        outcome: Result<(), E>,
        add: impl FnOnce(&mut Sums),
    ) -> bool {
        let mut state = self.lock();
        while state.next != block && !state.stopped {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return false;
        }
        match outcome {
            Ok(()) => add(&mut state.sums),
            Err(error) => {
                state.error = Some(error);
                state.stopped = true;
            }
        }
        state.next += 1;
        self.changed.notify_all();
        !state.stopped
    }

    /// For the life of a thread: if it panics, the others do not wait for its block.
    pub(super) fn watch(&self) -> impl Drop + '_ {
        struct Watch<'a, E>(&'a Turns<E>);
        impl<E> Drop for Watch<'_, E> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.lock().stopped = true;
                    self.0.changed.notify_all();
                }
            }
        }
        Watch(self)
    }

    pub(super) fn finish(self) -> Result<Sums, E> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        match state.error {
            Some(error) => Err(error),
            None => Ok(state.sums),
        }
    }
}
