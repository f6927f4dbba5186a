//! Wide and deep: a learnt number for each id and feature, plus dense layers over the factors of all of them.
//!
//!     cargo run --example wide_and_deep
//!     cargo run --example wide_and_deep -- --preset 100k

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("wide_and_deep")?;
    let (device, out) = (flags.device()?, flags.out("wide_and_deep"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The wide part by itself: what each column adds to a score, whatever the others are.
    let weights = Weights::of(&model);
    let linear = |name: &&String| name.ends_with("_bias.weight");
    for name in weights.0.keys().filter(linear) {
        println!(
            "\n{name}:\n{}",
            Description::overall(&weights.0[name].values)?
        );
    }
    Ok(())
}
