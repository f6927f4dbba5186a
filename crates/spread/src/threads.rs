//! Threads of one process as ranks: for tests, and to try a program without MPI.

use crate::ranks::Ranks;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// One of several threads that communicate by channels.
pub struct Threads {
    rank: usize,
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Receiver<Vec<u8>>>,
}

const GONE: &str = "another rank has ended";

impl Threads {
    fn send(&self, rank: usize, bytes: Vec<u8>) {
        self.to[rank].send(bytes).expect(GONE);
    }

    fn receive(&self, rank: usize) -> Vec<u8> {
        self.from[rank].recv().expect(GONE)
    }
}

impl Ranks for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn exchange(&self, send: &[u8], counts: &[usize], expected: &[usize], receive: &mut [u8]) {
        assert_eq!((counts.len(), expected.len()), (self.size(), self.size()));
        assert_eq!(counts.iter().sum::<usize>(), send.len());
        let mut rest = send;
        for (rank, &count) in counts.iter().enumerate() {
            let (part, others) = rest.split_at(count);
            rest = others;
            self.send(rank, part.to_vec());
        }
        let mut rest = receive;
        for (rank, &count) in expected.iter().enumerate() {
            let (part, others) = rest.split_at_mut(count);
            rest = others;
            part.copy_from_slice(&self.receive(rank));
        }
        assert!(rest.is_empty(), "the buffer is as long as what is expected");
    }

    fn gather(&self, own: &[u8]) -> Vec<Vec<u8>> {
        for rank in 0..self.size() {
            self.send(rank, own.to_vec());
        }
        (0..self.size()).map(|rank| self.receive(rank)).collect()
    }
}

/// Runs a program on this many ranks; returns what each returned.
///
/// # Panics
/// If one of them does.
pub fn threads<T: Send>(size: usize, program: impl Fn(Threads) -> T + Sync) -> Vec<T> {
    let mut to: Vec<Vec<_>> = (0..size).map(|_| Vec::new()).collect();
    let mut from: Vec<Vec<_>> = (0..size).map(|_| Vec::new()).collect();
    for sender in &mut to {
        for receiver in &mut from {
            let (send, receive) = channel();
            sender.push(send);
            receiver.push(receive);
        }
    }
    let ranks = to.into_iter().zip(from).enumerate();
    thread::scope(|scope| {
        let program = &program;
        let running: Vec<_> = ranks
            .map(|(rank, (to, from))| scope.spawn(move || program(Threads { rank, to, from })))
            .collect();
        let ended = running.into_iter().map(|rank| rank.join());
        ended
            .map(|answer| answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}
