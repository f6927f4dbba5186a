//! Seconds of an evaluation by full ranking, without those of the scores, on made-up data of two sizes: that of MovieLens 100K
//! and that of MovieLens 20M. `cargo bench -p recburn-metrics --bench ranking [-- small|large]`.
//!
//! All measures are computed at 5, 10, 20 and 100. Scores are copied from a table of random numbers; a run that only
//! copies is subtracted. The processor time of one thread, where the system tells it, is meaningful on a busy machine, too.

use recburn_data::splitmix64;
use recburn_metrics::{Popularity, RankingEvaluator, UserItems};
use std::convert::Infallible;
use std::time::Instant;

/// A shape of data: `known` and `relevant` are means per user, exponentially distributed.
struct Shape {
    name: &'static str,
    users: u32,
    items: u32,
    known: f64,
    relevant: f64,
    repeats: usize,
}

const SHAPES: [Shape; 2] = [
    Shape {
        name: "small",
        users: 943,
        items: 1_682,
        known: 85.0,
        relevant: 21.0,
        repeats: 20,
    },
    Shape {
        name: "large",
        users: 138_000,
        items: 27_000,
        known: 115.0,
        relevant: 29.0,
        repeats: 1,
    },
];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        let bits = splitmix64(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits
    }

    /// Uniform in [0, 1).
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, bound: u32) -> u32 {
        (self.unit() * f64::from(bound)) as u32
    }

    /// A number of items with this mean, at least 1 and at most half of them.
    fn count(&mut self, mean: f64, items: u32) -> u32 {
        let count = 1.0 - (mean - 1.0) * (1.0 - self.unit()).ln();
        (count as u32).min(items / 2)
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for shape in SHAPES {
        let named = wanted
            .iter()
            .any(|name| SHAPES.iter().any(|shape| shape.name == name));
        if !named || wanted.iter().any(|name| name == shape.name) {
            run(&shape);
        }
    }
}

fn run(shape: &Shape) {
    let mut random = Random(42);
    let (mut known, mut relevant) = (Vec::new(), Vec::new());
    for user in 0..shape.users {
        for _ in 0..random.count(shape.known, shape.items) {
            known.push((user, random.below(shape.items)));
        }
        for _ in 0..random.count(shape.relevant, shape.items) {
            relevant.push((user, random.below(shape.items)));
        }
    }
    let pairs = [known.len(), relevant.len()];
    let known = UserItems::of(known.iter().copied());
    let relevant = UserItems::of(relevant.iter().copied());
    let items = shape.items as usize;
    // Sums of uniform numbers, so that most scores are near the middle, as those of models are.
    let table: Vec<f32> = (0..3 * items)
        .map(|_| (random.unit() + random.unit() + random.unit()) as f32)
        .collect();
    let counts: Vec<u32> = (0..shape.items).map(|item| 1 + item % 97).collect();
    let popularity = Popularity {
        counts: &counts,
        users: shape.users as usize,
    };
    let fill = |users: &[u32], scores: &mut [f32]| {
        for (user, scores) in users.iter().zip(scores.chunks_exact_mut(items)) {
            let from = (u64::from(*user) * 7919) as usize % (2 * items);
            scores.copy_from_slice(&table[from..from + items]);
        }
        Ok::<(), Infallible>(())
    };
    println!(
        "{}: {} users, {} items, {} known and {} relevant pairs",
        shape.name, shape.users, shape.items, pairs[0], pairs[1]
    );
    for threads in [1, 2] {
        let evaluator = RankingEvaluator::new(shape.users as usize, items, &relevant)
            .leaving_out(&known)
            .at([5, 10, 20, 100])
            .popularity(popularity)
            .threads(threads);
        let (mut best, mut least) = (f64::INFINITY, f64::INFINITY);
        let mut ndcg = 0.0;
        for _ in 0..shape.repeats {
            let (start, before) = (Instant::now(), processor());
            match evaluator.evaluate(fill) {
                Ok(result) => ndcg = result.means["ndcg@10"],
                Err(error) => println!("{error}"),
            }
            best = best.min(start.elapsed().as_secs_f64());
            least = least.min(processor() - before);
        }
        let mut copying = f64::INFINITY;
        for _ in 0..shape.repeats {
            let start = Instant::now();
            copies(shape, threads, fill);
            copying = copying.min(start.elapsed().as_secs_f64());
        }
        println!(
            "  {threads} threads: {best:.4} s, of which {copying:.4} s copy scores: {:.4} s (ndcg@10 {ndcg:.6})",
            best - copying
        );
        if threads == 1 && least > 0.0 {
            println!("  processor time with the copies: {least:.4} s");
        }
    }
}

/// The processor time of this thread in seconds; 0 where the system does not tell.
fn processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|first| first.parse().ok());
    nanoseconds.unwrap_or(0.0) * 1e-9
}

/// Only copies the scores of all users, on this many threads.
fn copies(
    shape: &Shape,
    threads: usize,
    fill: impl Fn(&[u32], &mut [f32]) -> Result<(), Infallible> + Sync,
) {
    let users: Vec<u32> = (0..shape.users).collect();
    let share = users.len().div_ceil(threads);
    std::thread::scope(|scope| {
        for users in users.chunks(share) {
            let fill = &fill;
            scope.spawn(move || {
                let mut scores = vec![0.0; 64 * shape.items as usize];
                for users in users.chunks(64) {
                    scores.fill(f32::NAN);
                    let _ = fill(users, &mut scores[..users.len() * shape.items as usize]);
                    std::hint::black_box(&scores);
                }
            });
        }
    });
}
