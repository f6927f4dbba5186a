//! Notebook 000, MovieLens 20M: biased factorisation on centred ratings, a deeper model, and both together.

use crate::Run;
use recburn::metrics::rating_metrics;
use recburn::prelude::*;

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let dataset = run.open(IdOrder::Raw)?;
    let split = dataset.split(&SplitKind::Fraction { train: 0.8 }, 42)?;
    let mu = Centre::of(&split.train);
    let (train, valid) = (mu.applied(&split.train), mu.applied(&split.valid));

    let k = 10;
    let (u, m) = (
        Sym::user(dataset.users.rows()),
        Sym::item(dataset.items.rows()),
    );
    let (p, q) = (u.embed("user_factors", k), m.embed("item_factors", k));
    let (b, c) = (u.embed("user_bias", 1), m.embed("item_bias", 1));
    let baseline = add("baseline", [&dot("affinity", &p, &q), &b, &c]);

    let hidden = concat("both", [&p, &q]).dense("hidden", 400, Activation::Relu);
    let deeper = hidden.dense("deeper", 1, Activation::Linear);

    let side = concat("both", [&p, &q]).dense("side", 400, Activation::Elu);
    let side = side.dense("correction", 1, Activation::Linear);
    let residual = add("residual", [&baseline, &side]);

    for (name, score) in [
        ("baseline", &baseline),
        ("deeper", &deeper),
        ("residual", &residual),
    ] {
        let mut model = Network::new(Graph::new(name, score)?, 42, &run.device);
        println!("{model}");

        let mut trainer = Trainer::new(Rule::sgd(0.9), 0.08)
            .batch(128)
            .with(Progress::new());
        trainer.fit(&mut model, &train, Some(&valid), run.epochs(10))?;

        let scores = score_rows(&model, &valid);
        let stars: Vec<f32> = scores.iter().map(|&score| mu.restore(score)).collect();
        let scale = (dataset.scale.min, dataset.scale.max);
        let metrics = rating_metrics(&stars, &split.valid.ratings, scale)?;
        run.keep(&format!("n000_{name}"), &model, &trainer, &metrics)?;
    }
    Ok(())
}
