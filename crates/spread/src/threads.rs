//! Threads of one process as ranks: for tests, and to try a program without MPI.

use crate::ranks::Ranks;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// One of several threads that communicate by channels.
pub struct Threads {
    rank: usize,
    now: Channels,
    /// For exchanges during which others take place.
    meanwhile: Channels,
}

/// Channels to each rank, and from each.
#[derive(Default)]
struct Channels {
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Receiver<Vec<u8>>>,
}

const GONE: &str = "another rank has ended";

impl Channels {
    fn send(&self, rank: usize, bytes: Vec<u8>) {
        self.to[rank].send(bytes).expect(GONE);
    }

    fn receive(&self, rank: usize) -> Vec<u8> {
        self.from[rank].recv().expect(GONE)
    }

    /// Sends each rank its part of a buffer.
    fn send_parts(&self, send: &[u8], counts: &[usize]) {
        assert_eq!(counts.len(), self.to.len());
        assert_eq!(counts.iter().sum::<usize>(), send.len());
        let mut rest = send;
        for (rank, &count) in counts.iter().enumerate() {
            let (part, others) = rest.split_at(count);
            rest = others;
            self.send(rank, part.to_vec());
        }
    }

    /// Fills a buffer with the parts from each rank.
    fn receive_parts(&self, expected: &[usize], receive: &mut [u8]) {
        assert_eq!(expected.len(), self.from.len());
        let mut rest = receive;
        for (rank, &count) in expected.iter().enumerate() {
            let (part, others) = rest.split_at_mut(count);
            rest = others;
            part.copy_from_slice(&self.receive(rank));
        }
        assert!(rest.is_empty(), "the buffer is as long as what is expected");
    }
}

/// Channels between so many ranks, as each has them.
fn channels(size: usize) -> Vec<Channels> {
    let mut all: Vec<Channels> = (0..size).map(|_| Channels::default()).collect();
    for from in 0..size {
        for to in 0..size {
            let (send, receive) = channel();
            all[from].to.push(send);
            all[to].from.push(receive);
        }
    }
    all
}

impl Ranks for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.now.to.len()
    }

    fn exchange(&self, send: &[u8], counts: &[usize], expected: &[usize], receive: &mut [u8]) {
        self.now.send_parts(send, counts);
        self.now.receive_parts(expected, receive);
    }

    fn exchange_during(
        &self,
        send: &[u8],
        counts: &[usize],
        expected: &[usize],
        receive: &mut [u8],
        work: &mut dyn FnMut(),
    ) {
        self.meanwhile.send_parts(send, counts);
        work();
        self.meanwhile.receive_parts(expected, receive);
    }

    fn gather(&self, own: &[u8]) -> Vec<Vec<u8>> {
        for rank in 0..self.size() {
            self.now.send(rank, own.to_vec());
        }
        (0..self.size())
            .map(|rank| self.now.receive(rank))
            .collect()
    }
}

/// Runs a program on this many ranks; returns what each returned.
///
/// # Panics
/// If one of them does.
pub fn threads<T: Send>(size: usize, program: impl Fn(Threads) -> T + Sync) -> Vec<T> {
    let all = channels(size).into_iter().zip(channels(size)).enumerate();
    thread::scope(|scope| {
        let program = &program;
        let running: Vec<_> = all
            .map(|(rank, (now, meanwhile))| {
                let own = Threads {
                    rank,
                    now,
                    meanwhile,
                };
                scope.spawn(move || program(own))
            })
            .collect();
        let ended = running.into_iter().map(|rank| rank.join());
        ended
            .map(|answer| answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
