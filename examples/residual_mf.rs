//! Matrix factorisation with biases, plus a perceptron that learns the residual.
//!
//!     cargo run --example residual_mf
//!     cargo run --example residual_mf -- --preset ml20m --data ml-latest-small --epochs 3

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("residual_mf")?;
    let (device, out) = (flags.device()?, flags.out("residual_mf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment
        .trainer()
        .with(Progress::new())
        .with(Plateau::new(0.5, 2));
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The same diagram for pages that render Mermaid.
    println!("\n{}", model.graph().mermaid());
    Ok(())
}
