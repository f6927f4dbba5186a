//! Seconds of every fit on MovieLens 100K, with the measures of its rankings.
//!
//! `RECBURN_DATA=FOLDER cargo bench -p recburn-classical --bench fit` fits train and valid and measures on test;
//! `... -- tune` fits train for every setting of small grids and measures on valid.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Parts, context, items_of, joined, measures, p1, rows, top_20};
use recburn_classical::find;
use recburn_data::Ratings;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

const THREADS: usize = 2;

fn main() {
    let Some(folder) = std::env::var_os("RECBURN_DATA") else {
        println!("skipped: RECBURN_DATA is not set");
        return;
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let pool = pool.expect("threads can be started");
    let parts = p1(rows(&Path::new(&folder).join("ml-100k/u.data")));
    let words: Vec<String> = std::env::args().skip(1).collect();
    let only = words
        .iter()
        .find(|word| *word != "tune" && !word.starts_with("--"));
    pool.install(|| match words.iter().any(|word| word == "tune") {
        true => tune(&parts, only),
        false => fit(&parts, only),
    });
}

/// The seconds of the fastest of several calls, and the result.
fn fastest<T>(calls: usize, mut call: impl FnMut() -> T) -> (f64, T) {
    let mut timed = || {
        let start = Instant::now();
        let result = call();
        (start.elapsed().as_secs_f64(), result)
    };
    let mut best = timed();
    for _ in 1..calls {
        let next = timed();
        if next.0 < best.0 {
            best = next;
        }
    }
    best
}

/// The seconds that all threads have computed; on a busy machine they say more than the time that passed. 0 where Linux
/// does not count them.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn row(
    method: &str,
    options: &Value,
    train: &Ratings,
    test: &Ratings,
    parts: &Parts,
    calls: usize,
) -> f64 {
    let (users, items) = (parts.users, parts.items);
    let model = find(method).and_then(|entry| entry.from_options(options.clone()));
    let method_of = model.expect("the options are in range");
    let context = context(train, users, items, 1, THREADS);
    let before = processor_seconds();
    let (fit, model) = fastest(calls, || method_of.fit(&context).expect("it can be fitted"));
    let processor = (processor_seconds() - before) / calls as f64;
    let seen = items_of(train, users);
    let (rank, _) = fastest(calls, || top_20(&*model, &seen, items));
    let found = measures(&*model, train, test, users, items);
    println!(
        "{method:10} NDCG@10 {:.4} Recall@10 {:.4} Recall@20 {:.4} HR@10 {:.4} fit {fit:.4} s (processor {processor:.3}) rank {rank:.4} s {options}",
        found.ndcg_10, found.recall_10, found.recall_20, found.hit_10
    );
    found.ndcg_10
}

fn fit(parts: &Parts, only: Option<&String>) {
    let train = joined(&parts.train, &parts.valid);
    for (method, options) in [
        ("popularity", json!({})),
        ("ease", json!({ "lambda": 400.0 })),
        ("slim", json!({ "l1": 1.0, "l2": 60.0 })),
        ("ials", json!({})),
        ("item_knn", json!({})),
        ("user_knn", json!({})),
        ("pure_svd", json!({})),
    ] {
        if only.is_none_or(|only| only == method) {
            row(method, &options, &train, &parts.test, parts, 7);
        }
    }
}

fn tune(parts: &Parts, only: Option<&String>) {
    for (method, grid) in grids() {
        if only.is_some_and(|only| only != method) {
            continue;
        }
        let tried = grid.into_iter().map(|options| {
            let valid = row(method, &options, &parts.train, &parts.valid, parts, 1);
            (valid, options)
        });
        let best = tried.max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((valid, options)) = best {
            println!("best on valid: {method} {valid:.4} {options}");
        }
    }
}

fn grids() -> Vec<(&'static str, Vec<Value>)> {
    let mut ials = Vec::new();
    for factors in [32, 64, 96] {
        for alpha0 in [0.3, 0.5, 1.0, 2.0] {
            for (exponent, lambdas) in [
                (1.0, [0.006, 0.012, 0.024]),
                (0.5, [0.2, 0.4, 0.8]),
                (0.0, [7.0, 15.0, 30.0]),
            ] {
                for lambda in lambdas {
                    ials.push(json!({
                        "factors": factors, "alpha0": alpha0, "exponent": exponent, "lambda": lambda
                    }));
                }
            }
        }
    }
    let ease = [100.0, 200.0, 400.0, 800.0].map(|lambda| json!({ "lambda": lambda }));
    let slim = [
        (0.5, 60.0),
        (1.0, 20.0),
        (1.0, 60.0),
        (1.0, 120.0),
        (2.0, 60.0),
    ];
    let slim = slim.map(|(l1, l2)| json!({ "l1": l1, "l2": l2 }));
    let svd = [8, 12, 16, 24, 32].map(|factors| json!({ "factors": factors }));
    vec![
        ("ease", ease.to_vec()),
        ("slim", slim.to_vec()),
        ("ials", ials),
        ("pure_svd", svd.to_vec()),
    ]
}
