//! The exchange of a distributed step, between processes on one machine, through the system's MPI.
//!
//! ```sh
//! apt-get install libopenmpi-dev openmpi-bin libclang-dev # Debian; the binding is generated from the headers
//! cargo build --release
//! mpirun --allow-run-as-root --oversubscribe -n 2 -x RAYON_NUM_THREADS=1 target/release/exchange
//! ```
//!
//! First a small factorisation is trained by all processes together and by each alone; if the tables differ, the
//! program fails. Then steps are timed, at the batch sizes of one machine among many. `--mca btl tcp,self --mca
//! btl_tcp_if_include lo` after `mpirun` uses TCP instead of shared memory. `docs/scale.md` has the results.

mod check;
mod draw;
mod shard;

use check::{Difference, differences};
use draw::{Draw, owned};
use mpi::Threading;
use mpi::collective::SystemOperation;
use mpi::traits::*;
use recburn_optim::{Mode, Penalty, Rule};
use shard::{Batch, Shard};
use std::process::ExitCode;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The largest difference between weights that have moved by about a tenth, as in the tests against Keras: additions
/// are done in a different order, and Adam divides by numbers close to 0.
const TOLERANCE: f32 = 1e-4;

/// Users and items of the timed tables, in total, and their factors.
const TABLES: [u32; 2] = [2_000_000, 1_000_000];
const FACTORS: usize = 64;
/// Ratings per process and step, and the number of timed steps.
const BATCHES: [(usize, usize); 5] = [
    (64, 400),
    (1_024, 400),
    (4_096, 200),
    (8_192, 100),
    (65_536, 20),
];

/// Microseconds of the slowest process in each step; of all steps, the fastest tenth and the median.
fn of_slowest(world: &impl CommunicatorCollectives, own: &[f64]) -> [f64; 2] {
    let mut slowest = vec![0.0; own.len()];
    world.all_reduce_into(own, &mut slowest[..], SystemOperation::max());
    slowest.sort_by(f64::total_cmp);
    [10, 2].map(|part| slowest[slowest.len() / part] * 1e6)
}

fn timings(world: &impl CommunicatorCollectives) {
    let (rank, processes) = (world.rank() as u32, world.size() as u32);
    let mut start = Draw(u64::from(rank));
    let weights = TABLES.map(|rows| start.weights(owned(rows, rank, processes) as usize * FACTORS));
    let weights = weights.each_ref().map(Vec::as_slice);
    let rule = (Rule::ADAM, Mode::Exact);
    let mut shard = Shard::new(world, weights, FACTORS, Penalty::default(), rule);
    if rank == 0 {
        println!("\nMicroseconds: median (fastest tenth)\n");
        println!(
            "| ratings per process | items requested | KB sent | exchange | GB/s | step | of which outside MPI | ns per rating |"
        );
        println!("|{}", "---|".repeat(8));
    }
    for (size, count) in BATCHES {
        let [mut exchange, mut whole, mut work] = [const { Vec::new() }; 3];
        let (mut asked, mut sent) = (0, 0);
        for step in 0..count {
            let batch = Batch::draw(TABLES, size, step, rank, processes);
            asked += batch.items.rows.len();
            world.barrier();
            let before = shard.in_mpi;
            sent += shard.exchange(&batch);
            exchange.push((shard.in_mpi - before).as_secs_f64());
            world.barrier();
            let (begun, before) = (Instant::now(), shard.in_mpi);
            shard.step(&batch, 1.0 / processes as f32, 0.001);
            whole.push(begun.elapsed().as_secs_f64());
            work.push((begun.elapsed() - (shard.in_mpi - before)).as_secs_f64());
        }
        let (asked, sent) = (asked / count, sent as f64 / count as f64 / 1e3);
        let [exchange, whole, work] = [exchange, whole, work].map(|own| of_slowest(world, &own));
        if rank == 0 {
            let times = |[fast, median]: [f64; 2]| format!("{median:.0} ({fast:.0})");
            let a_rating = work.map(|time| time * 1e3 / size as f64);
            let rate = exchange.map(|time| sent / time);
            println!(
                "| {size} | {asked} | {sent:.0} | {} | {:.1} ({:.1}) | {} | {} | {} |",
                times(exchange),
                rate[1],
                rate[0],
                times(whole),
                times(work),
                times(a_rating)
            );
        }
    }
}

fn main() -> ExitCode {
    // Rayon's threads compute; only the main thread communicates.
    let Some((universe, _)) = mpi::initialize_with_threading(Threading::Funneled) else {
        eprintln!("MPI has been initialised before");
        return ExitCode::FAILURE;
    };
    let world = universe.world();
    let mut verdict = ExitCode::SUCCESS;
    for Difference { case, worst, moved } in differences(&world) {
        if world.rank() == 0 {
            let processes = world.size();
            println!(
                "{case}: weights move by {moved:.3}, {processes} and 1 process differ by {worst:.1e} at most"
            );
        }
        // NaN counts as a difference.
        if !(0.0..=TOLERANCE).contains(&worst) {
            verdict = ExitCode::FAILURE;
        }
    }
    if verdict == ExitCode::SUCCESS {
        timings(&world);
    }
    verdict
}
