//! Plain matrix factorisation: the dot product of a user's and an item's factors.
//!
//!     cargo run --example dot_mf
//!     cargo run --example dot_mf -- --preset 100k-explicit
//!     cargo run --example dot_mf -- --preset 100k-mf3

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("dot_mf")?;
    let (device, out) = (flags.device()?, flags.out("dot_mf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // The loss with and without the penalty on the factors.
    if let Some(last) = trainer.history().last() {
        println!(
            "training loss {:.4} = {:.4} + penalty {:.4}",
            last.train_total(),
            last.train.loss(),
            last.penalty
        );
    }
    Ok(())
}
