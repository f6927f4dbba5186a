//! Matrix factorisation with factors that only add up: each is kept at 0 or above after every update.
//!
//!     cargo run --release --example non_negative_mf
//!     cargo run --release --example non_negative_mf -- --preset 100k-nnmf

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("non_negative_mf")?;
    let device = flags.device()?;

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let graph = experiment.graph(&prepared)?;
    let mut model = Network::new(graph.clone(), experiment.seed, &device);
    println!("{model}");

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(
        &flags.out("non_negative_mf"),
        &report,
        &graph,
        trainer.history(),
    )?;

    // Non-negative factors can be read: what an item has most of, nothing else takes away again.
    let recommender = experiment.recommender(&model, &prepared)?;
    for name in recommender.embedding_names() {
        let table = recommender.embedding(&name)?;
        println!("\n{name}:\n{}", Description::overall(&table.values)?);
    }
    Ok(())
}
