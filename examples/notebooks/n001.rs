//! Notebook 001, MovieLens latest small: a dot product, the same with biases, and a neural net.

use crate::Run;
use recburn::metrics::rating_metrics;
use recburn::prelude::*;

pub fn run(run: &mut Run) -> anyhow::Result<()> {
    let dataset = run.open(IdOrder::FirstSight)?;
    println!("{}", dataset.crosstab(15));
    let split = dataset.split(&SplitKind::Mask { train: 0.8 }, 42)?;

    let l2 = TableOptions {
        l2: 1e-4,
        ..TableOptions::default()
    };
    let user = Sym::user(dataset.users.rows());
    let item = Sym::item(dataset.items.rows());
    let u = user.embed_with("user_factors", 50, l2);
    let m = item.embed_with("item_factors", 50, l2);

    let graph = Graph::new("dot_product", &dot("score", &u, &m))?;
    let mut model = Network::new(graph, 42, &run.device);
    let mut trainer = Trainer::new(Rule::ADAM, 0.001)
        .batch(64)
        .with(Progress::new());
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(1))?;
    trainer.set_learning_rate(0.01);
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(3))?;
    trainer.set_learning_rate(0.001);
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(6))?;
    let scale = (dataset.scale.min, dataset.scale.max);
    let judged = |model: &Network| {
        rating_metrics(
            &score_rows(model, &split.valid),
            &split.valid.ratings,
            scale,
        )
    };
    run.keep("n001_dot_product", &model, &trainer, &judged(&model)?)?;

    let affinity = dot("affinity", &u, &m);
    let (ub, mb) = (user.embed("user_bias", 1), item.embed("item_bias", 1));
    let score = add("score", [&affinity, &ub, &mb]);
    let mut model = Network::new(Graph::new("bias", &score)?, 42, &run.device);
    println!("{model}");
    let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(64);
    trainer = trainer.with(Progress::new());
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(1))?;
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(6))?;
    trainer.set_learning_rate(0.001);
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(10))?;
    run.keep("n001_bias", &model, &trainer, &judged(&model)?)?;

    Weights::of(&model).save(&run.flags.out.join("bias.safetensors"))?;
    let seen = recburn::recommender::Seen::of_split(&dataset, &split);
    let recommender = Recommender::new(model, &dataset, seen, Centre::none(), Default::default())?;
    let first = dataset.users.id(split.valid.users[0]).unwrap_or_default();
    for line in recommender.recommend(&first, 5)? {
        println!("{:.2}  {}", line.rating, line.title);
    }

    let x = concat("both", [&u, &m]).dropout("dropout_1", 0.3);
    let x = x.dense("dense_1", 70, Activation::Relu);
    let x = x.dropout("dropout_2", 0.75);
    let x = x.dense("dense_2", 1, Activation::Linear);
    let mut model = Network::new(Graph::new("neural_net", &x)?, 42, &run.device);
    let mut trainer = Trainer::new(Rule::ADAM, 0.001)
        .batch(128)
        .with(Progress::new());
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(10))?;
    trainer.fit(&mut model, &split.train, Some(&split.valid), run.epochs(5))?;
    run.keep("n001_neural_net", &model, &trainer, &judged(&model)?)
}
