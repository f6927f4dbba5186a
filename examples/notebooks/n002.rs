//! Notebook 002, MovieLens latest small of 2016: biased factorisation from uniform weights between 0 and 1.

use crate::Run;
use recburn::metrics::rating_metrics;
use recburn::prelude::*;

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let dataset = run.open(IdOrder::FirstSight)?;
    let split = dataset.split(&SplitKind::Mask { train: 0.8 }, 42)?;

    let initializer = Initializer::Uniform { min: 0.0, max: 1.0 };
    let table = |l2| TableOptions {
        initializer,
        l2,
        ..TableOptions::default()
    };
    let user = Sym::user(dataset.users.rows());
    let item = Sym::item(dataset.items.rows());
    let u = user.embed_with("user_factors", 50, table(1e-4));
    let m = item.embed_with("item_factors", 50, table(1e-4));
    let ub = user.embed_with("user_bias", 1, table(0.0));
    let mb = item.embed_with("item_bias", 1, table(0.0));
    let score = add("score", [&dot("affinity", &u, &m), &ub, &mb]);
    let mut model = Network::new(Graph::new("biased_mf", &score)?, 42, &run.device);

    let mut trainer = Trainer::new(Rule::ADAM, 0.001)
        .batch(64)
        .with(Progress::new());
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(10))?;
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(10))?;

    let scale = (dataset.scale.min, dataset.scale.max);
    let metrics = rating_metrics(
        &score_rows(&model, &split.valid),
        &split.valid.ratings,
        scale,
    )?;
    run.keep("n002_biased_mf", &model, &trainer, &metrics)
}
