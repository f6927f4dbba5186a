//! How well visitors are predicted by the ratings that are folded in, how long that takes, and how many lists a second a
//! model makes.
//!
//!     cargo bench --bench visitors
//!     cargo bench --bench visitors -- --data ml-latest-small --models biased_mf:small18,concat_mlp
//!
//! A fifth of the users is taken out of the data before the split. The error is that on their other ratings, clipped to the
//! scale, after some of them have been folded in: 3 draws of each number.

#[path = "../common/processor.rs"]
mod processor;

use anyhow::Context;
use clap::Parser;
use recburn::data::{ItemIx, Part, UserIx};
use recburn::prelude::*;
use recburn::recommender::{ListOptions, Query};
use std::path::PathBuf;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Visitors and lists.
#[derive(Parser)]
struct Options {
    /// A data set.
    #[arg(long, default_value = "sample")]
    data: String,
    /// The folder that holds the data sets' folders.
    #[arg(long, env = "RECBURN_DATA")]
    data_dir: Option<PathBuf>,
    /// Models, each with a preset; all with their default preset if left out.
    #[arg(long, value_delimiter = ',')]
    models: Vec<String>,
    /// Epochs in place of the preset's.
    #[arg(long)]
    epochs: Option<usize>,
    /// What `cargo bench` passes on.
    #[arg(long, hide = true)]
    bench: bool,
}

/// How many ratings are folded in.
const GIVEN: [usize; 7] = [0, 1, 3, 5, 10, 20, 50];
const DRAWS: usize = 3;

type Rated = Vec<(String, f32)>;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    println!("{}", processor::processor()?);
    let models = match options.models.is_empty() {
        true => zoo().iter().map(|entry| entry.name.to_string()).collect(),
        false => options.models.clone(),
    };
    for model in &models {
        let (name, preset) = model.split_once(':').unwrap_or((model, "default"));
        let mut experiment = Experiment::preset(name, preset)?;
        experiment.training.data = options.data.clone();
        if let Some(epochs) = options.epochs {
            experiment.set_epochs(epochs);
        }
        run(model, &experiment, &options)?;
    }
    Ok(())
}

fn run(name: &str, experiment: &Experiment, options: &Options) -> anyhow::Result<()> {
    let dataset = experiment.open(options.data_dir.as_deref())?;
    let new: Vec<Rated> = (0..dataset.users.rows() as u32)
        .step_by(5)
        .map(|user| rated(&dataset, &dataset.ratings, UserIx(user), 0.0))
        .collect();
    let ratings = &dataset.ratings;
    let rows: Vec<usize> = (0..ratings.len())
        .filter(|&row| ratings.users[row].0 % 5 != 0)
        .collect();
    let kept = Ratings {
        users: rows.iter().map(|&row| ratings.users[row]).collect(),
        items: rows.iter().map(|&row| ratings.items[row]).collect(),
        ratings: rows.iter().map(|&row| ratings.ratings[row]).collect(),
        ..Ratings::default()
    };
    let mut known = Dataset::new("known users", dataset.users, dataset.items, kept)?;
    known.catalogue = dataset.catalogue;
    let parts: Vec<Part> = known.parts(&SplitKind::Fraction { train: 0.8 }, 1)?;
    let centre = experiment.training.centre;
    let prepared = Prepared::of_parts(known, parts, |train| match centre {
        true => Centre::of(train),
        false => Centre::none(),
    });
    let device = pick_device(None)?;
    let mut model = experiment.network(&prepared, &device)?;
    let mut trainer = experiment.trainer();
    experiment.fit(&mut trainer, &mut model, &prepared)?;
    let recommender = experiment.recommender(&model, &prepared)?;

    let started = Instant::now();
    fold(&recommender, &[])?;
    let first = started.elapsed().as_secs_f64() * 1e3;
    println!("\n{name}: what fold-ins need is made in {first:.1} ms");
    of_known(&recommender, &prepared)?;
    of_new(&recommender, &new)?;
    lists(&recommender)
}

fn rated(dataset: &Dataset, ratings: &Ratings, user: UserIx, mean: f32) -> Rated {
    let rows = ratings
        .users
        .iter()
        .zip(&ratings.items)
        .zip(&ratings.ratings);
    let own = rows.filter(|((by, _), _)| **by == user);
    let named = own.filter_map(|((_, item), rating)| {
        Some((dataset.items.id(*item)?.into_owned(), rating + mean))
    });
    named.collect()
}

fn fold(
    recommender: &Recommender,
    rated: &[(String, f32)],
) -> anyhow::Result<recburn::recommender::Profile> {
    let ratings: Vec<(&str, f32)> = rated
        .iter()
        .map(|(id, stars)| (id.as_str(), *stars))
        .collect();
    let query = Query {
        user: None,
        ratings: &ratings,
    };
    Ok(recommender.profile(&query)?)
}

fn squared_error(
    recommender: &Recommender,
    profile: &recburn::recommender::Profile,
    rated: &[(String, f32)],
) -> anyhow::Result<f64> {
    let items: Option<Vec<ItemIx>> = rated
        .iter()
        .map(|(id, _)| recommender.items().index(id))
        .collect();
    let said = recommender.stars_for(profile, &items.context("an unknown item")?)?;
    let errors = said
        .iter()
        .zip(rated)
        .map(|(said, (_, stars))| f64::from(recommender.scale().clip(*said) - stars).powi(2));
    Ok(errors.sum())
}

/// Known users by their trained rows, and folded in from their training ratings.
fn of_known(recommender: &Recommender, prepared: &Prepared) -> anyhow::Result<()> {
    let (mut trained, mut folded, mut count, mut longest) = (0.0, 0.0, 0, 0.0_f64);
    let (dataset, mean) = (&prepared.dataset, prepared.centre.mean);
    for (user, id) in dataset.users.iter() {
        let train = rated(dataset, &prepared.train, user, mean);
        let valid = rated(dataset, &prepared.valid, user, mean);
        if train.is_empty() || valid.is_empty() || train.len() > Query::MOST_RATINGS {
            continue;
        }
        let query = Query {
            user: Some(&id),
            ratings: &[],
        };
        trained += squared_error(recommender, &recommender.profile(&query)?, &valid)?;
        let started = Instant::now();
        let visitor = fold(recommender, &train)?;
        longest = longest.max(started.elapsed().as_secs_f64() * 1e3);
        folded += squared_error(recommender, &visitor, &valid)?;
        count += valid.len();
    }
    let rmse = |sum: f64| (sum / count as f64).sqrt();
    println!(
        "  known users, held-out RMSE: {:.4} by trained rows, {:.4} folded in; the longest took {longest:.1} ms",
        rmse(trained),
        rmse(folded)
    );
    Ok(())
}

/// New users after so many of their ratings.
fn of_new(recommender: &Recommender, new: &[Rated]) -> anyhow::Result<()> {
    println!("  ratings   RMSE    steps  most   ms");
    for given in GIVEN {
        let (mut sum, mut count) = (0.0, 0);
        let (mut steps, mut most, mut folds, mut seconds) = (0, 0, 0, 0.0);
        for rated in new.iter().filter(|rated| rated.len() > given) {
            for draw in 0..DRAWS {
                let mut mixed = rated.clone();
                mix(&mut mixed, draw as u64);
                let (first, rest) = mixed.split_at(given);
                let started = Instant::now();
                let profile = fold(recommender, first)?;
                seconds += started.elapsed().as_secs_f64();
                (folds, steps, most) = (folds + 1, steps + profile.steps, most.max(profile.steps));
                sum += squared_error(recommender, &profile, rest)?;
                count += rest.len();
            }
        }
        let of_fold = 1.0 / folds.max(1) as f64;
        println!(
            "  {given:>7}  {:.4}  {:>5.1}  {most:>4}  {:>5.2}",
            (sum / count.max(1) as f64).sqrt(),
            steps as f64 * of_fold,
            seconds * 1e3 * of_fold,
        );
    }
    Ok(())
}

/// A fixed shuffle for each draw.
fn mix(rated: &mut Rated, draw: u64) {
    let mut state = draw * 7_919 + rated.len() as u64;
    for at in (1..rated.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        rated.swap(at, (state >> 33) as usize % (at + 1));
    }
}

/// The lists of all users, item by item and by one product.
fn lists(recommender: &Recommender) -> anyhow::Result<()> {
    let options = ListOptions::default();
    let time = |recommender: &Recommender| -> anyhow::Result<f64> {
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let started = Instant::now();
            let mut count = 0;
            recommender.lists(&options, |_| -> anyhow::Result<()> {
                count += 1;
                Ok(())
            })?;
            best = best.min(started.elapsed().as_secs_f64() / f64::from(count));
        }
        Ok(best)
    };
    let slow = time(&recommender.clone().item_by_item())?;
    let fast = time(recommender)?;
    println!(
        "  lists of ten a second: {:.0} item by item, {:.0} as it is ({:.1} times)",
        1.0 / slow,
        1.0 / fast,
        slow / fast
    );
    Ok(())
}
