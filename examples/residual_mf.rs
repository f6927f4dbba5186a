//! Matrix factorisation with biases, plus a perceptron that learns what it leaves over.
//!
//!     cargo run --release --example residual_mf
//!     cargo run --release --example residual_mf -- --preset ml20m --data ml-latest-small --epochs 3

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("residual_mf")?;
    let device = flags.device()?;

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let graph = experiment.graph(&prepared)?;
    let mut model = Network::new(graph.clone(), experiment.seed, &device);
    println!("{model}");

    let mut trainer = experiment
        .trainer()
        .with(Progress::new())
        .with(Plateau::new(0.5, 2));
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(
        &flags.out("residual_mf"),
        &report,
        &graph,
        trainer.history(),
    )?;

    // The same diagram for a page that draws Mermaid.
    println!("\n{}", graph.mermaid());
    Ok(())
}
