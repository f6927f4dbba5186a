//! Matrix factorisation with scores bounded to the rating scale: a sigmoid, then rescaled.
//!
//!     cargo run --example scaled_mf
//!     cargo run --example scaled_mf -- --preset 100k

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("scaled_mf")?;
    let (device, out) = (flags.device()?, flags.out("scaled_mf"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // However extreme a user and an item are, the prediction is a valid rating.
    let predicted = score_rows(&model, &prepared.valid);
    let (low, high) = predicted
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), &p| {
            (low.min(p), high.max(p))
        });
    let scale = prepared.dataset.scale;
    println!(
        "predictions range from {low:.2} to {high:.2}, ratings from {} to {}",
        scale.min, scale.max
    );
    Ok(())
}
