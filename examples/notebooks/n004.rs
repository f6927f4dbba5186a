//! Notebook 004, MovieLens 100K: three factors, three that are not negative, and a tower of dense layers.

use crate::Run;
use recburn::metrics::rating_metrics;
use recburn::prelude::*;

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let dataset = run.open(IdOrder::Raw)?;
    let split = dataset.split(&SplitKind::Fraction { train: 0.8 }, 42)?;
    let user = Sym::user(dataset.users.rows());
    let item = Sym::item(dataset.items.rows());

    let (u, m) = (user.embed("users", 3), item.embed("movies", 3));
    let three = dot("three_factors", &u, &m);

    let non_negative = TableOptions {
        non_negative: true,
        ..TableOptions::default()
    };
    let u = user.embed_with("users", 3, non_negative);
    let m = item.embed_with("movies", 3, non_negative);
    let nnmf = dot("nnmf", &u, &m);

    let u = user.embed("users", 5).dropout("user_dropout", 0.2);
    let m = item.embed("movies", 8).dropout("movie_dropout", 0.2);
    let tower = concat("both", [&u, &m])
        .dense("fully_connected_1", 100, Activation::Linear)
        .dense("fully_connected_2", 50, Activation::Linear)
        .dense("fully_connected_3", 20, Activation::Relu)
        .dense("activation", 1, Activation::Relu);

    for (name, score, loss, rate, epochs) in [
        ("three_factors", &three, Loss::Mse, 0.001, 100),
        ("nnmf", &nnmf, Loss::Mse, 0.001, 10),
        ("tower", &tower, Loss::Mae, 0.005, 250),
    ] {
        let mut model = Network::new(Graph::new(name, score)?, 42, &run.device);
        let mut trainer = Trainer::new(Rule::ADAM, rate)
            .loss(loss)
            .batch(32)
            .with(Progress::new());
        trainer.fit(
            &mut model,
            &split.train,
            Some(&split.valid),
            run.epochs(epochs),
        )?;

        let y_hat = score_rows(&model, &split.valid);
        let scale = (dataset.scale.min, dataset.scale.max);
        let metrics = rating_metrics(&y_hat, &split.valid.ratings, scale)?;
        println!("rounded to whole stars: mae {:.4}", metrics.mae_rounded);
        run.keep(&format!("n004_{name}"), &model, &trainer, &metrics)?;
    }
    Ok(())
}
