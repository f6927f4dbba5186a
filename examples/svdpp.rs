//! SVD++: which items a user has rated counts in addition to the ratings; the history is pooled once per user of a
//! batch.
//!
//!     cargo run --example svdpp

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("svdpp")?;
    let (device, out) = (flags.device()?, flags.out("svdpp"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The sizes of a user's own factors and of the pooled history.
    let weights = Weights::of(&model);
    for table in ["user_factors", "implicit_factors"] {
        let values = &weights.0[&format!("{table}.weight")].values;
        println!("\n{table}:\n{}", Description::overall(values)?);
    }
    Ok(())
}
