//! Denoising autoencoder of all items of a user, with a multinomial likelihood (Liang et al. 2018). Validation ranks the
//! whole catalogue; the weights of the best epoch are kept.
//!
//!     cargo run --example mult_dae

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    // Every rating is a positive.
    let experiment = flags.experiment("mult_dae")?;
    let (device, out) = (flags.device()?, flags.out("mult_dae"));
    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // Its scores are no ratings: they order a list.
    let recommender = experiment.recommender(&model, &prepared)?;
    if let Some((_, user)) = prepared.dataset.users.iter().next() {
        println!("\nfor user {user}:");
        for recommended in recommender.recommend(&user, 5)? {
            println!("  {}", recommended.title);
        }
    }
    Ok(())
}
