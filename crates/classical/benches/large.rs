//! Seconds at the size of MovieLens 20M, on made-up ratings: of the simple models of a report, and of an evaluation by
//! full ranking with the scores of a factorisation, 50 factors wide.
//!
//! `cargo bench -p recburn-classical --bench large [-- users=138493]`. Two threads; the processor's seconds, which are
//! summed over them, say more on a busy machine. The peak is that of the process so far, ratings included.

use recburn_classical::{Context, find};
use recburn_data::{IdOrder, Ratings, Synthetic, UserIx, splitmix64};
use recburn_metrics::{Popularity, RankingEvaluator, UserItems};
use serde_json::{Value, json};
use std::convert::Infallible;
use std::error::Error;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let users = std::env::args().find_map(|word| word.strip_prefix("users=")?.parse().ok());
    let mut shape = Synthetic::ml_20m();
    if let Some(users) = users {
        shape.ratings = shape.ratings / shape.users * users;
        shape.users = users;
    }
    let dataset = shape.dataset(IdOrder::FirstSight)?;
    let (users, items) = (dataset.users.rows(), dataset.items.rows());
    // A fifth of the ratings is held out.
    let (test, train): (Vec<u32>, Vec<u32>) = (0..dataset.ratings.len() as u32)
        .partition(|&row| splitmix64(u64::from(row)).is_multiple_of(5));
    println!(
        "{users} users, {items} items, {} ratings",
        dataset.ratings.len()
    );
    let constant = json!({ "user_damping": null, "item_damping": null });
    for (method, options) in [
        ("mean", constant),
        ("mean", json!({})),
        ("bias", json!({})),
        ("popularity", json!({})),
    ] {
        let settings = find(method)?.from_options(options.clone())?;
        let context = context(&dataset.ratings, users, items);
        let memory = settings.memory(&context) >> 10;
        let label = format!("{method} {options}, all ratings, {memory} kB by its own account");
        timed(&label, || settings.fit(&context))?;
    }

    let train = dataset.ratings.take(&train);
    let test = dataset.ratings.take(&test);
    drop(dataset);
    let options: Value = json!({ "factors": 50, "oversampling": 6, "iterations": 1 });
    let settings = find("pure_svd")?.from_options(options)?;
    let model = timed("pure_svd with 50 factors, one iteration", || {
        settings.fit(&context(&train, users, items))
    })?;
    let pairs = |ratings: &Ratings| {
        let pairs = ratings.users.iter().zip(&ratings.items);
        UserItems::of(pairs.map(|(user, item)| (user.0, item.0)))
    };
    let (known, relevant) = (pairs(&train), pairs(&test));
    let mut counts = vec![0; items];
    for item in &train.items {
        counts[item.index()] += 1;
    }
    let counts = counts.as_slice();
    let evaluator = RankingEvaluator::new(users, items, &relevant)
        .leaving_out(&known)
        .at([5, 10, 20, 100])
        .popularity(Popularity { counts, users })
        .threads(2);
    let fill = |users: &[u32], scores: &mut [f32]| {
        let users: Vec<UserIx> = users.iter().map(|&user| UserIx(user)).collect();
        model.score_block(&users, scores);
        Ok::<(), Infallible>(())
    };
    let found = timed("all measures of all users", || evaluator.evaluate(fill))?;
    println!("ndcg@10 {:.6}", found.means["ndcg@10"]);
    timed("of which scores, one thread", || {
        let users: Vec<u32> = (0..users as u32).collect();
        let mut scores = vec![0.0; 64 * items];
        for users in users.chunks(64) {
            let Ok(()) = fill(users, &mut scores[..users.len() * items]);
        }
    });
    Ok(())
}

fn context(train: &Ratings, users: usize, items: usize) -> Context<'_> {
    Context {
        train,
        users,
        items,
        scale: (0.5, 5.0),
        features: None,
        seed: 1,
        threads: 2,
    }
}

/// Prints the seconds of a call.
fn timed<T>(label: &str, call: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), processor_seconds());
    let result = call();
    let (seconds, processor) = (start.elapsed(), processor_seconds() - before);
    println!(
        "{label}: {:.2} s (processor {processor:.2} s), peak {} MB",
        seconds.as_secs_f64(),
        peak() >> 10
    );
    result
}

/// The seconds that all threads have computed; 0 where Linux does not count them.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks = ticks.filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The most memory so far, in kB; 0 where Linux does not count it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
