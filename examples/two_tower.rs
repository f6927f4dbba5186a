//! Two towers: dense layers over a user and what is known of users meet dense layers over an item and what is known of
//! items. The features are those that the data have.
//!
//!     cargo run --example two_tower
//!     cargo run --example two_tower -- --preset 100k

mod common;

use recburn::graph::Node;
use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("two_tower")?;
    let (device, out) = (flags.device()?, flags.out("two_tower"));

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = experiment.network(&prepared, &device)?;
    println!("{model}");
    diagram(model.graph())?.save(&out, "diagram")?;
    println!("inputs:");
    for input in model.graph().nodes().iter().filter_map(Node::input) {
        println!("  {input}");
    }

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;
    Ok(())
}
