//! GRU4Rec: which item comes next in a history, by recurrent units over its latest items (Hidasi et al. 2016). Every
//! position of a history is an example; validation ranks the whole catalogue.
//!
//!     cargo run --example gru4rec

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("gru4rec")?;
    let (device, out) = (flags.device()?, flags.out("gru4rec"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;
    Ok(())
}
