//! A multilayer perceptron over both embeddings, with dropout.
//!
//!     cargo run --example concat_mlp
//!     cargo run --example concat_mlp -- --preset small18
//!     cargo run --example concat_mlp -- --preset 100k-tower

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("concat_mlp")?;
    let (device, out) = (flags.device()?, flags.out("concat_mlp"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // Dropout is inactive outside training: the same pair gets the same score twice.
    let (once, again) = (
        score_rows(&model, &prepared.valid),
        score_rows(&model, &prepared.valid),
    );
    println!("scores are the same when computed twice: {}", once == again);
    Ok(())
}
