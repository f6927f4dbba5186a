//! A custom model: any Burn module that scores pairs trains in the same loop, with the same optimizers and row-sparse
//! tables. This one is GMF + MLP of neural collaborative filtering (He et al. 2017).
//!
//!     cargo run --example your_own_model

mod common;

use recburn::graph::{Activation, Initializer, TableOptions};
use recburn::prelude::*;

#[derive(Module, Debug)]
struct NeuMf {
    user: Embedding,
    item: Embedding,
    hidden: Dense,
    dropout: Dropout,
    output: Dense,
}

impl NeuMf {
    fn new(schema: &Schema, width: usize, seed: u64, device: &Device) -> Self {
        let (draw, table) = (
            Draw::new(seed),
            TableOptions {
                l2: 1e-5,
                ..TableOptions::default()
            },
        );
        let dense = |name, shape, activation| {
            Dense::new(
                name,
                shape,
                activation,
                Initializer::GlorotUniform,
                draw,
                device,
            )
        };
        Self {
            user: Embedding::new("user", schema.users(), width, table, draw, device),
            item: Embedding::new("item", schema.items(), width, table, draw, device),
            hidden: dense("hidden", [2 * width, width], Activation::Relu),
            dropout: Dropout { rate: 0.2 },
            output: dense("output", [2 * width, 1], Activation::Linear),
        }
    }
}

impl PairModel for NeuMf {
    /// Maps `[pairs]` users and `[pairs]` items to `[pairs, 1]` scores.
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        let (user, item) = (self.user.forward(users), self.item.forward(items));
        let product = user.clone() * item.clone();
        let hidden = self.hidden.forward(Tensor::cat(vec![user, item], 1));
        let hidden = self.dropout.forward(hidden, users.pass());
        self.output.forward(Tensor::cat(vec![product, hidden], 1))
    }
}

fn main() -> anyhow::Result<()> {
    let flags = common::Flags::read();
    // Data, split and training as for the perceptron of the zoo.
    let mut experiment = flags.experiment("concat_mlp")?;
    experiment.model = "your_own_model".to_string();
    let device = flags.device()?;
    let prepared = experiment.prepare(flags.data_dir.as_deref())?;
    println!("{prepared}");

    let mut model = NeuMf::new(&prepared.schema, 16, experiment.seed, &device);
    println!("{} parameters", model.num_params());
    let mut trainer = experiment.trainer().with(Progress::new());
    let stop = experiment.fit(&mut trainer, &mut model, &prepared)?;

    let out = flags.out("your_own_model");
    let report = experiment.report(&prepared, &model, &trainer, stop.as_ref(), &device)?;
    common::keep(&out, &report, trainer.history())?;
    Weights::of(&model).save(&out.join("weights.safetensors"))?;
    Ok(())
}
