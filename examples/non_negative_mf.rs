//! Matrix factorisation with non-negative factors: each is kept at 0 or above after every update.
//!
//!     cargo run --example non_negative_mf
//!     cargo run --example non_negative_mf -- --preset 100k-nnmf

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("non_negative_mf")?;
    let (device, out) = (flags.device()?, flags.out("non_negative_mf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // Non-negative factors are interpretable: no factor cancels another.
    let recommender = experiment.recommender(&model, &prepared)?;
    for name in recommender.embedding_names() {
        let table = recommender.embedding(&name)?;
        println!("\n{name}:\n{}", Description::overall(&table.values)?);
    }
    Ok(())
}
