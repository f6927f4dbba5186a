//! DeepFM: a factorisation machine and dense layers that share their factors, so that each row is trained by both.
//!
//!     cargo run --example deep_fm
//!     cargo run --example deep_fm -- --preset 100k

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("deep_fm")?;
    let (device, out) = (flags.device()?, flags.out("deep_fm"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;

    // One table for each field, read by the products and by the dense layers.
    for table in model.graph().tables() {
        let readers = model.graph().nodes().iter();
        let readers = readers.filter(|node| node.op.table() == Some(table.name.as_str()));
        let readers: Vec<_> = readers.map(|node| node.name.as_str()).collect();
        println!(
            "{}: {} rows, read as {}",
            table.name,
            table.rows,
            readers.join(", ")
        );
    }
    Ok(())
}
