//! Notebook 003, MovieLens 100K: an explicit factorisation, and one under a sigmoid that is scaled to the ratings.

use crate::Run;
use recburn::data::RowOrder;
use recburn::metrics::rating_metrics;
use recburn::prelude::*;

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let dataset = run.open(IdOrder::FirstSight)?;
    let by_user = SplitKind::ByUser {
        train: 0.8,
        order: RowOrder::File,
    };
    let split = dataset.split(&by_user, 42)?;

    let l2 = TableOptions {
        l2: 1e-6,
        ..TableOptions::default()
    };
    let user = Sym::user(dataset.users.rows());
    let item = Sym::item(dataset.items.rows());
    let u = user.embed_with("user_factors", 40, l2);
    let m = item.embed_with("item_factors", 40, l2);
    let explicit = dot("explicit", &u, &m);

    let ub = user.embed_with("user_bias", 1, l2);
    let mb = item.embed_with("item_bias", 1, l2);
    let (low, high) = (dataset.scale.min, dataset.scale.max);
    let scaled = add("sum", [&explicit, &ub, &mb])
        .activation("between_0_and_1", Activation::Sigmoid)
        .rescale("scaled", low, high);

    for (name, score) in [("explicit", &explicit), ("scaled", &scaled)] {
        let mut model = Network::new(Graph::new(name, score)?, 42, &run.device);
        let mut trainer = Trainer::new(Rule::ADAM, 0.001)
            .batch(32)
            .with(Progress::new());
        trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(5))?;
        let metrics = rating_metrics(
            &score_rows(&model, &split.valid),
            &split.valid.ratings,
            (low, high),
        )?;
        run.keep(&format!("n003_{name}"), &model, &trainer, &metrics)?;
    }
    Ok(())
}
