//! Bayesian personalised ranking: a factorisation that learns to rank, with each positive compared to a sampled
//! negative (Rendle et al. 2009). Validation ranks the whole catalogue; the weights of the best epoch are kept.
//!
//!     cargo run --release --example bpr_mf

mod common;

use recburn::data::{Implicit, Negatives};
use recburn::prelude::*;
use recburn::train::FullRanking;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    // Every rating is a positive.
    let experiment = flags.experiment("bpr_mf")?;
    let (device, out) = (flags.device()?, flags.out("bpr_mf"));
    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let train = Implicit::new(&prepared.train, Negatives::uniform(1))?;
    let items = prepared.schema.items();
    let judge = FullRanking::new(&prepared.valid, &[&prepared.train], items, 10);
    let epochs = flags.epochs.unwrap_or(40);
    let mut trainer = Trainer::new(Rule::ADAM, 0.005)
        .loss(Loss::Bpr)
        .batch(flags.batch.unwrap_or(1_024))
        .seed(experiment.seed)
        .with(Progress::new())
        .with(EarlyStopping::new(5).watch("ndcg@10", Best::Highest));
    trainer.out_of(epochs);
    let stop = trainer.fit(&mut model, &train, Some(&judge), epochs)?;
    if let Some(stop) = &stop {
        println!("stopped: {}", stop.reason);
    }

    let mut report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    // Its scores are not ratings.
    (report.metrics, report.baselines) = (None, None);
    common::keep(&out, &report, trainer.history())?;
    Ok(())
}
