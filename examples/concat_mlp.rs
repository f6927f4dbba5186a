//! A multilayer perceptron over both embeddings, with dropout.
//!
//!     cargo run --release --example concat_mlp
//!     cargo run --release --example concat_mlp -- --preset small18
//!     cargo run --release --example concat_mlp -- --preset 100k-tower

mod common;

use recburn::prelude::*;

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    let experiment = flags.experiment("concat_mlp")?;
    let device = flags.device()?;

    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let graph = experiment.graph(&prepared)?;
    let mut model = Network::new(graph.clone(), experiment.seed, &device);
    println!("{model}");

    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&flags.out("concat_mlp"), &report, &graph, trainer.history())?;

    // Dropout rests outside of training: the same pair has the same score twice.
    let (once, again) = (
        score_rows(&model, &prepared.valid),
        score_rows(&model, &prepared.valid),
    );
    println!("scores are the same when asked twice: {}", once == again);
    Ok(())
}
