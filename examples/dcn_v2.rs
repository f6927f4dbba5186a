//! Deep and cross network, version 2: each cross layer multiplies all columns by a linear layer of what came before it.
//!
//!     cargo run --example dcn_v2
//!     cargo run --example dcn_v2 -- --preset 100k

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("dcn_v2")?;
    let (device, out) = (flags.device()?, flags.out("dcn_v2"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // What a cross layer learns about pairs of columns: its kernel, over all of them.
    let weights = Weights::of(&model);
    let kernels = |name: &&String| name.starts_with("cross_") && name.ends_with(".weight");
    for name in weights.0.keys().filter(kernels) {
        println!(
            "\n{name}:\n{}",
            Description::overall(&weights.0[name].values)?
        );
    }
    Ok(())
}
