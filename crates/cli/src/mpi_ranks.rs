//! Processes that communicate by MPI.

use crate::exit;
use anyhow::{Result, anyhow};
use mpi::Count;
use mpi::Threading;
use mpi::collective::CommunicatorCollectives;
use mpi::datatype::{Partition, PartitionMut};
use mpi::environment::Universe;
use mpi::topology::{Communicator, SimpleCommunicator};
use recburn::spread::Ranks;
use std::cell::Cell;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// The status of a process that panicked, as Rust's own.
const PANICKED: i32 = 101;

/// All processes that the launcher has started, as one of them sees them.
pub struct World {
    world: SimpleCommunicator,
    waits: Waits,
    /// Whether every process ends at the same point, so that none waits for another.
    all_end: Cell<bool>,
    fault: Option<Fault>,
}

/// The variable that makes a process panic, for tests of what happens to the others: `RANK:OPERATION`, where operations are
/// counted from 1, or `RANK:OPERATION:thread` for a panic on another thread than that of MPI.
const PANIC_AT: &str = "RECBURN_PANIC_AT";

/// When this process is to panic.
struct Fault {
    left: Cell<u64>,
    on_thread: bool,
}

impl Fault {
    fn of(rank: i32) -> Option<Self> {
        let at = std::env::var(PANIC_AT).ok()?;
        let mut parts = at.split(':');
        let own = parts.next()?.parse() == Ok(rank);
        let left = Cell::new(parts.next()?.parse().ok()?);
        let on_thread = parts.next() == Some("thread");
        own.then_some(Self { left, on_thread })
    }

    /// Counts an operation.
    fn count(&self) {
        self.left.set(self.left.get().saturating_sub(1));
        let fail = || panic!("{PANIC_AT} asks for it");
        match (self.left.get(), self.on_thread) {
            (0, false) => fail(),
            // The panic hook ends the process before the thread could be joined.
            (0, true) => drop(thread::spawn(fail).join()),
            _ => {}
        }
    }
}

/// Since when this process waits for others.
#[derive(Clone)]
struct Waits {
    begun: Instant,
    /// In milliseconds after `begun`, and 1 more; 0 while it does not wait.
    since: Arc<AtomicU64>,
    /// The longest wait in milliseconds; 0 for any.
    longest: Arc<AtomicU64>,
}

/// Runs a command as one of the processes. If it fails or panics, all processes end: without that, the others would wait
/// for this one for ever.
pub fn run(json: bool, command: impl FnOnce(Rc<World>) -> Result<()>) -> Result<ExitCode> {
    let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)
        .ok_or_else(|| anyhow!("MPI has been initialised before"))?;
    abort_on_panic(thread::current().id());
    let world = Rc::new(World::new(&universe));
    let Err(error) = command(world.clone()) else {
        return Ok(ExitCode::SUCCESS);
    };
    let code = exit::report(&error, json);
    match world.all_end.get() {
        true => {
            // The launcher ends the rest once the first has ended: nobody leaves before the report is out.
            world.barrier();
            Ok(code)
        }
        false => universe.world().abort(i32::from(exit::status(&error))),
    }
}

/// Ends all processes when this one panics. Only the thread that initialised MPI may call it; a panic on another one ends
/// this process, and the launcher the rest.
fn abort_on_panic(main: ThreadId) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        match thread::current().id() == main {
            true => SimpleCommunicator::world().abort(PANICKED),
            false => std::process::abort(),
        }
    }));
}

impl World {
    fn new(universe: &Universe) -> Self {
        let waits = Waits {
            begun: Instant::now(),
            since: Arc::default(),
            longest: Arc::default(),
        };
        let watched = waits.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_millis(500));
                watched.check();
            }
        });
        Self {
            world: universe.world(),
            waits,
            all_end: Cell::new(false),
            fault: Fault::of(universe.world().rank()),
        }
    }

    /// Ends all processes when this one waits for the others longer than this: MPI itself waits for ever.
    pub fn watch(&self, longest: Duration) {
        let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        self.waits.longest.store(longest, Ordering::Relaxed);
    }

    /// Waits for any time again.
    pub fn unwatch(&self) {
        self.waits.longest.store(0, Ordering::Relaxed);
    }

    /// Says that every process ends with an error at this point.
    pub fn all_end(&self) {
        self.all_end.set(true);
    }

    /// Runs a collective operation.
    fn wait<T>(&self, operation: impl FnOnce() -> T) -> T {
        if let Some(fault) = &self.fault {
            fault.count();
        }
        let now = self.waits.now() + 1;
        self.waits.since.store(now, Ordering::Relaxed);
        let done = operation();
        self.waits.since.store(0, Ordering::Relaxed);
        done
    }
}

impl Waits {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn check(&self) {
        let longest = self.longest.load(Ordering::Relaxed);
        let Some(since) = self.since.load(Ordering::Relaxed).checked_sub(1) else {
            return;
        };
        let waited = self.now().saturating_sub(since);
        if longest > 0 && waited > longest {
            anstream::eprintln!(
                "error: waited {} s for the other processes, longer than --step-timeout: one is gone, or the network is",
                waited / 1_000
            );
            // Not an ordered end: that would wait for the same network.
            std::process::abort();
        }
    }
}

/// The counts and offsets of the parts of a buffer.
fn cut(counts: &[usize], buffer: usize) -> (Vec<i32>, Vec<i32>) {
    let whole: usize = counts.iter().sum();
    assert_eq!(whole, buffer, "the parts of a buffer are all of it");
    let small = |count: usize| i32::try_from(count).expect("messages stay below 2 GB");
    small(whole);
    let mut begin = 0;
    let mut offset = |count: &usize| {
        begin += count;
        small(begin - count)
    };
    let offsets = counts.iter().map(&mut offset).collect();
    (counts.iter().map(|&count| small(count)).collect(), offsets)
}

/// A buffer at a place of its own. Rust places an empty one at address 1, which is Open MPI's `MPI_IN_PLACE`.
fn placed<'a>(buffer: &'a [u8], none: &'a [u8; 1]) -> &'a [u8] {
    match buffer {
        [] => &none[..0],
        buffer => buffer,
    }
}

/// As [`placed`], to be written to.
fn placed_mut<'a>(buffer: &'a mut [u8], none: &'a mut [u8; 1]) -> &'a mut [u8] {
    match buffer.is_empty() {
        true => &mut none[..0],
        false => buffer,
    }
}

/// Hands over what is sent and what is received as partitions of these counts.
fn in_partitions(
    send: &[u8],
    counts: &[usize],
    expected: &[usize],
    receive: &mut [u8],
    exchange: impl FnOnce(&Sent<'_>, &mut Received<'_>),
) {
    let (counts, offsets) = cut(counts, send.len());
    let (expected, places) = cut(expected, receive.len());
    let (none, mut none_mut) = ([0], [0]);
    let send = Partition::new(placed(send, &none), counts, offsets);
    let receive = placed_mut(receive, &mut none_mut);
    exchange(&send, &mut PartitionMut::new(receive, expected, places));
}

type Sent<'a> = Partition<'a, [u8], Vec<Count>, Vec<Count>>;
type Received<'a> = PartitionMut<'a, [u8], Vec<Count>, Vec<Count>>;

impl Ranks for World {
    fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    fn size(&self) -> usize {
        self.world.size() as usize
    }

    fn exchange(&self, send: &[u8], counts: &[usize], expected: &[usize], receive: &mut [u8]) {
        in_partitions(send, counts, expected, receive, |send, receive| {
            self.wait(|| self.world.all_to_all_varcount_into(send, receive));
        });
    }

    fn exchange_during(
        &self,
        send: &[u8],
        counts: &[usize],
        expected: &[usize],
        receive: &mut [u8],
        work: &mut dyn FnMut(),
    ) {
        in_partitions(send, counts, expected, receive, |send, receive| {
            mpi::request::scope(|scope| {
                let world = &self.world;
                let request = world.immediate_all_to_all_varcount_into(scope, send, receive);
                work();
                self.wait(|| request.wait_without_status());
            });
        });
    }

    fn gather(&self, own: &[u8]) -> Vec<Vec<u8>> {
        let mut lengths = vec![0_u64; self.size()];
        let length = own.len() as u64;
        self.wait(|| self.world.all_gather_into(&length, &mut lengths[..]));
        let lengths: Vec<usize> = lengths.iter().map(|&length| length as usize).collect();
        let mut whole = vec![0; lengths.iter().sum()];
        let (counts, offsets) = cut(&lengths, whole.len());
        let (none, mut none_mut) = ([0], [0]);
        let received = placed_mut(&mut whole, &mut none_mut);
        let mut receive = PartitionMut::new(received, &counts[..], &offsets[..]);
        let own = placed(own, &none);
        self.wait(|| self.world.all_gather_varcount_into(own, &mut receive));
        let mut rest = &whole[..];
        let mut take = |length: &usize| {
            let (part, others) = rest.split_at(*length);
            rest = others;
            part.to_vec()
        };
        lengths.iter().map(&mut take).collect()
    }

    fn barrier(&self) {
        self.wait(|| self.world.barrier());
    }
}
