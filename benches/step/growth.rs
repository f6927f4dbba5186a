//! Scaling: ratings per second as a function of table size, batch and factors, as a chart and as JSON.

use crate::cases::{CASES, Case};
use crate::floor::Floor;
use recburn::data::{Batch, Batches, ItemIx, UserIx};
use recburn::prelude::*;
use recburn::report::{Chart, Series};
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

/// One point of a curve.
#[derive(Serialize)]
struct Point {
    against: &'static str,
    value: usize,
    batch: usize,
    factors: usize,
    rows: usize,
    recburn: f64,
    floor: f64,
}

/// Ratings to draw batches from: enough that caches are not warmer than in a longer round.
const RATINGS: usize = 1 << 20;

pub fn draw(folder: &Path, seconds: f64) -> anyhow::Result<()> {
    let c = CASES.into_iter().find(|case| case.name == "C");
    let base = Case {
        users: 100_000,
        items: 100_000,
        ..c.ok_or_else(|| anyhow::anyhow!("case C is the base of the picture"))?
    };
    let mut points = Vec::new();
    for power in 3..=7 {
        let rows = 10usize.pow(power);
        let case = Case {
            users: rows,
            items: rows,
            ..base
        };
        points.push(point("rows", rows, &case, seconds)?);
    }
    for power in 5..=16 {
        let batch = 1 << power;
        points.push(point("batch", batch, &Case { batch, ..base }, seconds)?);
    }
    for factors in [1, 2, 4, 8, 10, 16, 32, 50, 64, 128] {
        points.push(point(
            "factors",
            factors,
            &Case { factors, ..base },
            seconds,
        )?);
    }
    std::fs::create_dir_all(folder)?;
    recburn::files::write_whole(
        folder.join("growth.json"),
        &serde_json::to_vec_pretty(&points)?,
    )?;
    let charts = [
        ("rows", "rows of each table, as a power of ten", 10.0f64),
        ("batch", "batch, as a power of two", 2.0),
        ("factors", "factors, as a power of two", 2.0),
    ];
    let charts: Vec<Chart> = charts
        .into_iter()
        .map(|(against, label, base)| {
            let own = || points.iter().filter(move |point| point.against == against);
            let series = |name: &str, of: fn(&Point) -> f64| Series {
                name: name.to_string(),
                points: own()
                    .map(|point| ((point.value as f64).log(base), of(point) / 1e6))
                    .collect(),
            };
            Chart {
                title: format!("against {against}"),
                x_label: label.to_string(),
                y_label: "million ratings per second".to_string(),
                series: vec![
                    series("recburn, exact", |point| point.recburn),
                    series("floor", |point| point.floor),
                ],
                ..Chart::default()
            }
        })
        .collect();
    for file in Chart::row(&charts)?.save(folder, "growth")? {
        println!("{}", file.display());
    }
    Ok(())
}

/// The median of several rounds of single steps, without the end of an epoch, whose cost depends on the table.
fn point(against: &'static str, value: usize, case: &Case, seconds: f64) -> anyhow::Result<Point> {
    let ratings = uniform(case);
    let ours = ours(case, &ratings, seconds)?;
    let floor = floor(case, &ratings, seconds);
    println!(
        "{against:>8} {value:>9}: recburn {ours:>10.0} floor {floor:>10.0} ratings per second"
    );
    Ok(Point {
        against,
        value,
        batch: case.batch,
        factors: case.factors,
        rows: case.users,
        recburn: ours,
        floor,
    })
}

/// All rows are equally likely, which is the worst case for a cache.
fn uniform(case: &Case) -> Ratings {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut below = |rows: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((u128::from(state) * rows as u128) >> 64) as u32
    };
    let mut ratings = Ratings::default();
    for _ in 0..RATINGS {
        ratings.users.push(UserIx(below(case.users)));
        ratings.items.push(ItemIx(below(case.items)));
        ratings.ratings.push(below(9) as f32 / 2.0 - 2.0);
    }
    ratings
}

/// The median of all rounds except the first, in which the rows are fresh.
fn median(mut rates: Vec<f64>) -> f64 {
    let mut rates = rates.split_off(1);
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn ours(case: &Case, ratings: &Ratings, seconds: f64) -> anyhow::Result<f64> {
    let device = recburn::pick_device(Some("flex"))?;
    let mut trainer = Trainer::new(case.rule(), case.learning_rate).batch(case.batch);
    let mut session = trainer.begin(&Network::new(case.graph()?, 1, &device))?;
    let (mut rates, start) = (Vec::new(), Instant::now());
    while rates.len() < 4 || start.elapsed().as_secs_f64() < seconds {
        let (mut batches, mut batch) = (Batches::in_order(ratings, case.batch)?, Batch::default());
        let round = Instant::now();
        while batches.fill(&mut batch) {
            session.step(&batch)?;
        }
        rates.push(ratings.len() as f64 / round.elapsed().as_secs_f64());
    }
    Ok(median(rates))
}

fn floor(case: &Case, ratings: &Ratings, seconds: f64) -> f64 {
    let mut floor = Floor::new(case, Mode::Exact);
    let users: Vec<u32> = ratings.users.iter().map(|user| user.0).collect();
    let items: Vec<u32> = ratings.items.iter().map(|item| item.0).collect();
    let (mut rates, start) = (Vec::new(), Instant::now());
    while rates.len() < 4 || start.elapsed().as_secs_f64() < seconds {
        let round = Instant::now();
        let ids = users.chunks(case.batch).zip(items.chunks(case.batch));
        for ((users, items), ratings) in ids.zip(ratings.ratings.chunks(case.batch)) {
            std::hint::black_box(floor.step(users, items, ratings));
        }
        rates.push(ratings.len() as f64 / round.elapsed().as_secs_f64());
    }
    median(rates)
}
