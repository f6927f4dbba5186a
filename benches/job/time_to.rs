//! Time from a file to a validation error, which `benches/peers/compare.py --time-to` compares with LIBMF.

use crate::Options;
use clap::Args;
use recburn::prelude::*;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// The settings of --time-to.
#[derive(Args)]
pub struct Settings {
    /// Factors of the model of --time-to.
    #[arg(long, default_value_t = 8)]
    factors: usize,
    /// Its learning rate.
    #[arg(long, default_value_t = 0.15)]
    rate: f64,
    /// Its batch.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Its penalty on factors.
    #[arg(long, default_value_t = 0.0016)]
    l2: f64,
    /// The penalty on its biases.
    #[arg(long, default_value_t = 0.0005)]
    bias_l2: f64,
}

/// Trains from a file to a model with this validation error, with settings tuned on ml-100k.
pub fn time_to(target: f64, file: &Path, options: &Options) -> anyhow::Result<Value> {
    let settings = &options.settings;
    let start = Instant::now();
    let dataset = Dataset::open(&file.display().to_string())?;
    let schema = dataset.schema_for(&dataset.ratings);
    let (_, mut split) = dataset.into_split(&"fraction:0.8".parse()?, options.seed)?;
    let centre = Centre::of(&split.train);
    for part in [&mut split.train, &mut split.valid] {
        centre.apply(part);
    }
    let device = recburn::pick_device(Some("flex"))?;
    let model = recburn::models::biased_mf::BiasedMf {
        factors: settings.factors,
        l2: settings.l2,
        bias_l2: settings.bias_l2,
        initializer: Initializer::EMBEDDING,
        ..Default::default()
    };
    let mut model = Network::new(model.graph(&schema)?, options.seed, &device);
    // As in LIBMF, whose sums start from the squared gradient of one example; ours is the mean over a batch.
    let rule = Rule::AdaGrad {
        initial_accumulator_value: (2.0 / settings.batch as f64).powi(2),
        epsilon: 1e-12,
    };
    let mut trainer = Trainer::new(rule, settings.rate)
        .batch(settings.batch)
        .seed(options.seed)
        .mode(Mode::Touched);
    let mut rmse = f64::INFINITY;
    let (mut epochs, mut best) = (0, f64::INFINITY);
    while rmse > target && epochs < 30 {
        trainer.fit(&mut model, &split.train, None, 1)?;
        rmse = evaluate(&model, &split.valid, Loss::Mse)?[Measures::RMSE];
        best = rmse.min(best);
        epochs += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    let epoch_seconds: f64 = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.seconds)
        .sum();
    println!("of which epochs {epoch_seconds:.4} s, lowest error {best:.4}");
    println!(
        "{} after {epochs} epochs: validation rmse {rmse:.4} in {seconds:.4} s",
        file.display()
    );
    Ok(json!({
        "seconds": (rmse <= target).then_some(seconds), "rmse": rmse, "epochs": epochs,
    }))
}
