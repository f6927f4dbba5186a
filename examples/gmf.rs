//! Generalised matrix factorisation: the elementwise product of both factors, weighted by a dense layer.
//!
//!     cargo run --example gmf

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("gmf")?;
    let (device, out) = (flags.device()?, flags.out("gmf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The weight of each factor; a dot product would weight all factors equally.
    let weights = Weights::of(&model);
    println!(
        "\nweights of the factors:\n{}",
        Description::overall(&weights.0["score.weight"].values)?
    );
    Ok(())
}
