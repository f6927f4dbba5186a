//! Seconds of every fit on MovieLens, with the measures of its rankings and their paired t against EASE.
//!
//! `RECBURN_DATA=FOLDER cargo bench -p recburn-classical --bench fit -- [p1|p1-from-4|p2|p2-ls] [METHOD [options=JSON]]
//! [calls=7] [valid] [tune]` fits train and valid and measures on test; with `valid` it fits train and measures on valid, with
//! `tune` so for every setting of small grids. `rank` is the time to score all items for all users, leave out those that
//! were rated and list the best 20. Seconds are those of the fastest call; on a busy machine the seconds of the processor,
//! means over all calls and summed over two threads, say more. FOLDER holds `ml-100k`, and `ml-latest-small` for `p2-ls`.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "fit/grids.rs"]
mod grids;

use common::{P1, P2, context_of, items_of, measures, movielens, split};
use rayon::prelude::*;
use recburn_classical::{Fitted, find};
use recburn_data::{Dataset, Filter, Ratings, Split, UserIx};
use recburn_metrics::{RankingEvaluation, UserItems, paired_t, top};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

/// Any error, from any thread.
type Failure = Box<dyn Error + Send + Sync>;

const THREADS: usize = 2;

/// Protocols: name, file, filter and split.
const PROTOCOLS: [(&str, &str, &str, &str); 4] = [
    ("p1", "ml-100k/u.data", "", P1),
    ("p1-from-4", "ml-100k/u.data", "rating>=4,users>=5", P1),
    ("p2", "ml-100k/u.data", "", P2),
    ("p2-ls", "ml-latest-small/ratings.csv", "", P2),
];

fn main() -> Result<(), Failure> {
    let Some(folder) = std::env::var_os("RECBURN_DATA") else {
        println!("skipped: RECBURN_DATA is not set");
        return Ok(());
    };
    let words: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| words.iter().any(|given| given == word);
    let calls = words.iter().find_map(|word| word.strip_prefix("calls="));
    let named = PROTOCOLS.into_iter().find(|protocol| given(protocol.0));
    let (name, file, filter, kind) = named.unwrap_or(PROTOCOLS[0]);
    let mut dataset = movielens::read(&Path::new(&folder).join(file));
    if !filter.is_empty() {
        dataset = filter.parse::<Filter>()?.apply(&dataset)?.0;
    }
    let bench = Bench {
        parts: split(&dataset, kind),
        dataset,
        calls: calls.map_or(Ok(7), str::parse)?,
        ease: None,
    };
    let settings = match given("tune") {
        true => grids::grids(),
        false => grids::chosen(name),
    };
    let only = |method: &str| {
        let methods = recburn_classical::methods();
        let named = methods.iter().find(|entry| given(entry.name));
        named.is_none_or(|entry| entry.name == method)
    };
    let mut settings = settings;
    settings.retain(|(method, _)| only(method));
    let options = words.iter().find_map(|word| word.strip_prefix("options="));
    if let Some(options) = options {
        let options: Value = serde_json::from_str(options)?;
        for (_, chosen) in &mut settings {
            chosen.clone_from(&options);
        }
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build()?;
    pool.install(|| bench.run(settings, given("valid") || given("tune")))
}

struct Bench {
    dataset: Dataset,
    parts: Split,
    calls: usize,
    /// The measures of EASE, once it has been fitted.
    ease: Option<RankingEvaluation>,
}

impl Bench {
    fn run(mut self, settings: Vec<(&'static str, Value)>, valid: bool) -> Result<(), Failure> {
        let (train, test) = match valid {
            true => (self.parts.train.clone(), self.parts.valid.clone()),
            false => (
                self.parts.train.joined(&self.parts.valid),
                self.parts.test.clone(),
            ),
        };
        for (method, options) in settings {
            let found = self.row(method, &options, &train, &test)?;
            if method == "ease" && self.ease.is_none() {
                self.ease = Some(found);
            }
        }
        Ok(())
    }

    /// Prints the measures and seconds of a method.
    fn row(
        &self,
        method: &str,
        options: &Value,
        train: &Ratings,
        test: &Ratings,
    ) -> Result<RankingEvaluation, Failure> {
        let settings = find(method)?.from_options(options.clone())?;
        let context = context_of(&self.dataset, train, 1);
        let (fit, processor, model) = timed(self.calls, 0.0, || settings.fit(&context));
        let model = model?;
        let seen = items_of(train);
        let (users, items) = (self.dataset.users.rows(), self.dataset.items.rows());
        let (rank, rank_processor, _) =
            timed(self.calls, 0.5, || top_20(&*model, &seen, users, items));
        let found = measures(&*model, &self.dataset, train, test);
        print!("{method:10}");
        for name in ["ndcg@10", "recall@10", "recall@20", "hit@10"] {
            print!(" {name} {:.4}", found.means[name]);
        }
        if let Some(ease) = &self.ease
            && let (Some(own), Some(ease)) = (ndcg(&found), ndcg(ease))
        {
            print!(" t {:.2}", paired_t(&own, &ease)?.t);
        }
        print!(" fit {fit:.4} s (processor {processor:.4})");
        println!(" rank {rank:.4} s (processor {rank_processor:.4}) {options}");
        Ok(found)
    }
}

fn ndcg(found: &RankingEvaluation) -> Option<Vec<f64>> {
    found.per_user.as_ref()?.column("ndcg@10")
}

/// The best 20 items of every user without those of `seen`.
fn top_20(model: &dyn Fitted, seen: &UserItems, users: usize, items: usize) -> Vec<Vec<u32>> {
    const BLOCK: usize = 64;
    let users: Vec<UserIx> = (0..users as u32).map(UserIx).collect();
    let lists = users.par_chunks(BLOCK).map_init(Vec::new, |scores, users| {
        scores.resize(users.len() * items, 0.0);
        model.score_block(users, scores);
        let rows = scores.chunks_exact_mut(items).zip(users);
        rows.map(|(scores, user)| {
            for &item in seen.get(user.0) {
                scores[item as usize] = f32::NEG_INFINITY;
            }
            top(scores, 20)
        })
        .collect::<Vec<_>>()
    });
    lists.flatten_iter().collect()
}

/// The seconds of the fastest of several calls, the processor's seconds per call, and the last result. Calls go on for as
/// many seconds as are given.
fn timed<T>(calls: usize, seconds: f64, mut call: impl FnMut() -> T) -> (f64, f64, T) {
    let (start, before) = (Instant::now(), processor_seconds());
    let (mut best, mut made) = (f64::INFINITY, 0);
    loop {
        let began = Instant::now();
        let result = call();
        best = best.min(began.elapsed().as_secs_f64());
        made += 1;
        if made >= calls && start.elapsed().as_secs_f64() >= seconds {
            return (best, (processor_seconds() - before) / made as f64, result);
        }
    }
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
