//! A factorisation machine: every pair of user, item and the features that the data have is a product of two rows.
//!
//!     cargo run --example factorisation_machine
//!     cargo run --example factorisation_machine -- --preset 100k

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("factorisation_machine")?;
    let (device, out) = (flags.device()?, flags.out("factorisation_machine"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // How long the rows of each field are: what counts in the products.
    let weights = Weights::of(&model);
    let factors = |name: &&String| name.ends_with("_factors.weight");
    for name in weights.0.keys().filter(factors) {
        println!(
            "\n{name}:\n{}",
            Description::overall(&weights.0[name].values)?
        );
    }
    Ok(())
}
