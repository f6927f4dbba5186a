//! Matrix factorisation with biases, from a ratings file to recommendations in one run.
//!
//!     cargo run --example biased_mf
//!     cargo run --example biased_mf -- --data ml-latest-small --preset small18
//!     cargo run --example biased_mf -- --preset small16

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("biased_mf")?;
    let (device, out) = (flags.device()?, flags.out("biased_mf"));

    // Open, split and centre the data.
    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    // The model, printed like Keras's `model.summary()`.
    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    // Train: every phase of the preset continues from the optimizer's state, at its own learning rate.
    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // Save the model with its ids, load it and ask for recommendations.
    let folder = out.join("model");
    experiment.recommender(&model, &prepared)?.save(&folder)?;
    let recommender = Recommender::load(&folder, &device)?;
    println!("model: {}\n", folder.display());

    let factors = recommender.embedding("item_factors")?;
    factors.save_csv(&out.join("item_factors.csv"))?;
    println!(
        "item factors (item_factors.csv):\n{}\n",
        Description::of(&factors.values, factors.width, None)?
    );

    let user = prepared
        .dataset
        .users
        .id(prepared.valid.users[0])
        .unwrap_or_default();
    let item = prepared
        .dataset
        .items
        .id(prepared.valid.items[0])
        .unwrap_or_default();
    let given = prepared.valid_stars[0];
    let title = prepared.dataset.title(prepared.valid.items[0]);
    println!(
        "user {user} gave {title:?} {given} stars; predicted: {:.2}",
        recommender.predict(&user, &item)?.rating
    );
    println!("ten more for user {user}:");
    for line in recommender.recommend(&user, 10)? {
        println!(
            "  {:.2}  {}  ({})",
            line.rating,
            line.title,
            line.genres.join(", ")
        );
    }
    Ok(())
}
