//! Time per step if tables are tensors, as on a GPU: exact mode, touched mode, and whole tables updated at every step.
//!
//!     cargo bench --features wgpu --bench device -- --device wgpu
//!     cargo bench --features wgpu --bench device -- --device wgpu --users 2000 --items 500 --batches 256 --steps 20
//!
//! The program only needs a driver, so it can be built on one machine and run on another.

#[path = "../common/processor.rs"]
mod processor;

use anyhow::Context;
use clap::Parser;
use recburn::data::{ItemIx, UserIx};
use recburn::graph::{GraphError, TableOptions};
use recburn::prelude::*;
use serde::Serialize;
use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Time per step if tables are tensors, as on a GPU.
#[derive(Parser)]
struct Options {
    /// Backend: wgpu, cuda, or flex, which then also keeps its tables as tensors.
    #[arg(long, default_value = "wgpu")]
    device: String,
    /// Rows of the users' tables.
    #[arg(long, default_value_t = 138_493)]
    users: usize,
    /// Rows of the items' tables.
    #[arg(long, default_value_t = 27_000)]
    items: usize,
    /// Width of the factors.
    #[arg(long, default_value_t = 50)]
    factors: usize,
    /// Ratings per step.
    #[arg(long, value_delimiter = ',', default_values_t = [1_024, 65_536])]
    batches: Vec<usize>,
    /// Update rules.
    #[arg(long, value_delimiter = ',', default_values = ["adam", "sgd:0.9"])]
    rules: Vec<String>,
    /// l2 penalty on the whole tables of factors.
    #[arg(long, default_value_t = 0.0)]
    l2: f64,
    /// exact: rows outside the batch catch up; touched: only rows of the batch; walked: every row at every step.
    #[arg(long, value_delimiter = ',', default_values = ["exact", "touched", "walked"])]
    ways: Vec<String>,
    /// Steps per epoch.
    #[arg(long, default_value_t = 500)]
    steps: usize,
    /// The most ratings per epoch.
    #[arg(long, default_value_t = 8_000_000)]
    ratings: usize,
    /// Timed epochs, after one that is not timed; the fastest is reported.
    #[arg(long, default_value_t = 2)]
    epochs: usize,
    /// Write the figures as JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Passed by cargo to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Serialize)]
struct Figure {
    device: String,
    users: usize,
    items: usize,
    factors: usize,
    l2: f64,
    rule: String,
    batch: usize,
    way: String,
    steps: usize,
    seconds_per_step: f64,
    steps_per_second: f64,
    ratings_per_second: f64,
    train_loss: f64,
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let device = recburn::pick_device(Some(&options.device))?;
    println!("device: {}", device_name(&device));
    println!("processor: {}", processor::processor()?);
    println!(
        "biased_mf, {} x {} x {}, l2 {}",
        options.users, options.items, options.factors, options.l2
    );
    println!("\n| rule | batch | way | steps per s | ratings per s | ms per step | train loss |");
    println!("|---|---|---|---|---|---|---|");
    let mut figures = Vec::new();
    for &batch in &options.batches {
        let steps = options.steps.min(options.ratings / batch.max(1)).max(1);
        let ratings = draw(&options, steps * batch);
        for rule in &options.rules {
            for way in &options.ways {
                let figure = time(&options, &ratings, (rule, way), (batch, steps), &device)
                    .with_context(|| format!("{rule}, batches of {batch}, {way}"))?;
                println!(
                    "| {rule} | {batch} | {way} | {:.1} | {:.0} | {:.3} | {:.6} |",
                    figure.steps_per_second,
                    figure.ratings_per_second,
                    figure.seconds_per_step * 1e3,
                    figure.train_loss,
                );
                figures.push(figure);
            }
        }
    }
    if let Some(file) = &options.json {
        recburn::files::write_whole(file, &serde_json::to_vec_pretty(&figures)?)?;
    }
    Ok(())
}

/// Times whole epochs: batches, steps, history, and bringing every row up to date at the end.
fn time(
    options: &Options,
    ratings: &Ratings,
    (word, way): (&str, &str),
    (batch, steps): (usize, usize),
    device: &Device,
) -> anyhow::Result<Figure> {
    let rule: Rule = word.parse()?;
    let mode = match way {
        "walked" => Mode::Exact,
        mode => mode.parse()?,
    };
    let rate = if rule.states() == 2 { 0.001 } else { 0.01 };
    let mut trainer = Trainer::new(rule, rate).mode(mode).batch(batch).seed(1);
    trainer = trainer.dense_tables();
    if way == "walked" {
        trainer = trainer.walk_tables();
    }
    let mut model = Network::new(graph(options)?, 1, device);
    // In the first epoch the driver compiles its kernels.
    trainer.fit(&mut model, ratings, None, 1 + options.epochs)?;
    let epochs = &trainer.history().epochs;
    let timed = epochs.iter().skip(1).map(|epoch| epoch.seconds);
    let seconds = timed.fold(f64::INFINITY, f64::min) / steps as f64;
    Ok(Figure {
        device: device_name(device),
        users: options.users,
        items: options.items,
        factors: options.factors,
        l2: options.l2,
        rule: rule.to_string(),
        batch,
        way: way.to_string(),
        steps,
        seconds_per_step: seconds,
        steps_per_second: 1.0 / seconds,
        ratings_per_second: batch as f64 / seconds,
        train_loss: epochs.last().map_or(f64::NAN, |epoch| epoch.train.loss()),
    })
}

fn graph(options: &Options) -> Result<Graph, GraphError> {
    let table = TableOptions {
        l2: options.l2,
        ..TableOptions::default()
    };
    let (user, item) = (Sym::user(options.users), Sym::item(options.items));
    let users = user.embed_with("user_factors", options.factors, table);
    let items = item.embed_with("item_factors", options.factors, table);
    let biases = [user.embed("user_bias", 1), item.embed("item_bias", 1)];
    let affinity = dot("affinity", &users, &items);
    Graph::new(
        "biased_mf",
        &add("score", [&affinity, &biases[0], &biases[1]]),
    )
}

/// Synthetic ratings around 0. Few users and items have most of them, as in real data.
fn draw(options: &Options, count: usize) -> Ratings {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut ratings = Ratings::default();
    for _ in 0..count {
        let mut row = |rows: usize, tail: f64| {
            let rank = ((rows as f64).powf(next().powf(tail)) - 1.0) as u64;
            (rank.wrapping_mul(2_654_435_761) % rows as u64) as u32
        };
        let (user, item) = (row(options.users, 0.35), row(options.items, 0.5));
        ratings.users.push(UserIx(user));
        ratings.items.push(ItemIx(item));
        let taste = (f64::from(user) * 0.7).sin() * (f64::from(item) * 1.3).cos();
        ratings.ratings.push((taste + 0.5 * next() - 0.25) as f32);
    }
    ratings
}
