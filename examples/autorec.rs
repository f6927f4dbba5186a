//! AutoRec: an autoencoder of all ratings of an item, whose code meets a user's row.
//!
//!     cargo run --example autorec

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("autorec")?;
    let (device, out) = (flags.device()?, flags.out("autorec"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // An item that nobody has rated has the code of `mu` alone.
    let shift = &Weights::of(&model).0["mu.bias"].values;
    println!("\nmu:\n{}", Description::overall(shift)?);
    Ok(())
}
