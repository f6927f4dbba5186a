//! Running a study.

use crate::error::TuneError;
use crate::event::Event;
use crate::journal::{Journal, Recorded};
use crate::propose;
use crate::results::Results;
use crate::stop::Stop;
use crate::study::Study;
use crate::trial::{Finished, Outcome, Trial};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Instant;

/// A message of a worker.
enum Message {
    Started(Trial),
    Ended(Finished),
}

impl Study {
    /// Runs the study, or the rest of it.
    ///
    /// `evaluate` turns a trial into its objective. It is called on `workers` threads (0: one per core), which take trials
    /// in the order of their ids. An error, a panic or an objective that is not finite is recorded as the trial's failure.
    /// Proposals, ranking and winner do not depend on the number of workers, provided that `evaluate` is a function of the
    /// trial. The second argument is [`Study::stop`].
    ///
    /// `journal` is a file to which every finished trial is appended, and durably so, before the next event. A journal of
    /// the same study is continued: what it holds is not run again. Samplers other than halving accept a different
    /// number of trials, so a study can be extended. `watch` sees all events, on the calling thread.
    ///
    /// # Errors
    ///
    /// If the settings are not valid ([`Study::check`]), if all trials of the first generation fail, or if the journal
    /// belongs to another study, is in use, is damaged elsewhere than in its last line, or cannot be written.
    pub fn run<E: Display>(
        &self,
        workers: usize,
        journal: Option<&Path>,
        evaluate: impl Fn(&Trial, Stop) -> Result<Outcome, E> + Sync,
        mut watch: impl FnMut(&Event),
    ) -> Result<Results, TuneError> {
        self.check()?;
        let (mut journal, recorded) = match journal {
            Some(path) => {
                let (journal, recorded) = Journal::open(path, self)?;
                (Some(journal), recorded)
            }
            None => (None, Recorded::default()),
        };
        let Recorded { mut trials, note } = recorded;
        let planned = self.planned();
        if let Some(note) = note {
            watch(&Event::Note(note));
        }
        if !trials.is_empty() {
            let finished = trials.len();
            watch(&Event::Resumed { finished });
        }
        let mut finished: Vec<Finished> = Vec::new();
        let complete = loop {
            self.check_first_generation(&finished)?;
            let next = propose::next(self, &finished);
            if next.is_empty() {
                break true;
            }
            let ids: Vec<usize> = next.iter().map(|trial| trial.id).collect();
            let mut results = BTreeMap::new();
            let mut rest = Vec::new();
            for trial in next {
                match trials.remove(&trial.id) {
                    Some(known) => {
                        if known.trial != trial {
                            watch(&Event::Note(differs(&known, &trial)));
                        }
                        results.insert(trial.id, known);
                    }
                    None => rest.push(trial),
                }
            }
            self.run_all(workers, rest, &evaluate, |message| {
                let event = match message {
                    Message::Started(trial) => Event::Started(trial),
                    Message::Ended(trial) => {
                        if let Some(journal) = &mut journal {
                            journal.append(&trial)?;
                        }
                        results.insert(trial.trial.id, trial.clone());
                        Event::Finished {
                            trial,
                            finished: finished.len() + results.len(),
                            planned,
                        }
                    }
                };
                watch(&event);
                Ok(())
            })?;
            let is_whole = results.len() == ids.len();
            finished.extend(results.into_values());
            if !is_whole {
                break false;
            }
        };
        if complete && !trials.is_empty() {
            watch(&Event::Note(format!(
                "the journal holds {} trials beyond the {planned} of this study: they are left out",
                trials.len()
            )));
        }
        Ok(Results::of(self, finished, complete))
    }

    fn check_first_generation(&self, finished: &[Finished]) -> Result<(), TuneError> {
        let count = self.generation.min(self.configurations());
        let Some(first) = finished.get(..count) else {
            return Ok(());
        };
        match first.first().and_then(|trial| trial.error.clone()) {
            Some(message) if first.iter().all(|trial| trial.value.is_none()) => {
                let first = message;
                Err(TuneError::AllFailed { count, first })
            }
            _ => Ok(()),
        }
    }

    /// Evaluates trials on several threads and hands each message to `take`, on this thread.
    fn run_all<E: Display>(
        &self,
        workers: usize,
        trials: Vec<Trial>,
        evaluate: &(impl Fn(&Trial, Stop) -> Result<Outcome, E> + Sync),
        mut take: impl FnMut(Message) -> Result<(), TuneError>,
    ) -> Result<(), TuneError> {
        let workers = match workers {
            0 => thread::available_parallelism().map_or(1, usize::from),
            _ => workers,
        };
        let workers = workers.min(trials.len());
        let queue = Mutex::new(trials.into_iter());
        thread::scope(|scope| {
            let (sender, messages) = channel();
            for _ in 0..workers {
                let sender = sender.clone();
                scope.spawn(|| self.work(&queue, evaluate, sender));
            }
            drop(sender);
            let mut taken = Ok(());
            for message in messages {
                // After an error the others are awaited, but nothing more is taken.
                if taken.is_ok() {
                    taken = take(message);
                    if taken.is_err() {
                        self.stop.request();
                    }
                }
            }
            taken
        })
    }

    fn work<E: Display>(
        &self,
        queue: &Mutex<std::vec::IntoIter<Trial>>,
        evaluate: &(impl Fn(&Trial, Stop) -> Result<Outcome, E> + Sync),
        sender: Sender<Message>,
    ) {
        while !self.stop.is_requested() {
            // Nothing panics while the queue is locked, so it cannot be poisoned.
            let next = queue.lock().ok().and_then(|mut queue| queue.next());
            let Some(trial) = next else { return };
            let started = sender.send(Message::Started(trial.clone()));
            let begin = Instant::now();
            let stop = self.stop.clone();
            let outcome = catch_unwind(AssertUnwindSafe(|| evaluate(&trial, stop)));
            let seconds = begin.elapsed().as_secs_f64();
            let outcome = match outcome {
                Ok(outcome) => outcome.map_err(|error| format!("{error:#}")),
                Err(panic) => Err(format!("it panicked: {}", message_of(&*panic))),
            };
            // It was cut off: not a property of the configuration.
            if outcome.is_err() && self.stop.is_requested() {
                return;
            }
            let ended = sender.send(Message::Ended(finished(trial, outcome, seconds)));
            if started.and(ended).is_err() {
                return;
            }
        }
    }
}

fn finished(trial: Trial, outcome: Result<Outcome, String>, seconds: f64) -> Finished {
    let (value, error, more) = match outcome {
        Ok(Outcome { value, more }) if value.is_finite() => (Some(value), None, more),
        Ok(Outcome { value, more }) => {
            let error = format!("the objective is {value}, not a finite number");
            (None, Some(error), more)
        }
        Err(error) => (None, Some(error), Value::Null),
    };
    Finished {
        trial,
        value,
        error,
        more,
        seconds,
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_string())
}

fn differs(known: &Finished, proposed: &Trial) -> String {
    let id = proposed.id;
    let values = serde_json::to_string(&known.trial.values).unwrap_or_default();
    format!(
        "trial {id} of the journal has other values than this version would propose; they are kept: {values}"
    )
}
