//! Neural matrix factorisation: an elementwise product and a perceptron over tables of their own, weighted by one layer.
//!
//!     cargo run --example neumf

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("neumf")?;
    let (device, out) = (flags.device()?, flags.out("neumf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The output layer says how much each half counts: the product comes first, then the perceptron.
    let output = &Weights::of(&model).0["score.weight"].values;
    let factors = model.graph().node("product").map_or(0, |node| node.width());
    let (product, perceptron) = output.split_at(factors);
    for (half, weights) in [("product", product), ("perceptron", perceptron)] {
        println!("\n{half}:\n{}", Description::overall(weights)?);
    }
    Ok(())
}
