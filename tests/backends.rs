//! The same on every backend that is compiled in: what training comes to, and what is refused before it starts.
//!
//! A plain `cargo test` has flex alone, where it holds tables of rows against tables of tensors. `.ci/run` has ndarray and
//! wgpu too.

mod common;

use common::{devices, distance, prepared};
use recburn::data::{Batch, Candidates, Column, DataError, ItemIx, UserIx};
use recburn::graph::TableOptions;
use recburn::models::biased_mf::BiasedMf;
use recburn::nn::{L2On, Memory, MemoryError, predict};
use recburn::prelude::*;
use recburn::train::{TrainError, check_rows};
use recburn::{DeviceError, backends};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

/// Any module: both columns, multiplied.
#[derive(Module, Debug)]
struct Product {
    user: Embedding,
    item: Embedding,
}

impl Product {
    fn new(device: &Device) -> Self {
        let table = |name, rows| {
            Embedding::new(name, rows, 3, TableOptions::default(), Draw::new(1), device)
        };
        Self {
            user: table("user", 40),
            item: table("item", 30),
        }
    }
}

impl PairModel for Product {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        (self.user.forward(users) * self.item.forward(items)).sum_dim(1)
    }
}

/// A factorisation of so many users, by so many factors.
fn biased(users: usize, factors: usize) -> Graph {
    let options = BiasedMf {
        factors,
        ..BiasedMf::default()
    };
    options
        .graph(&Schema::of_pairs(users, 30, (0.5, 5.0)))
        .expect("a sound graph")
}

/// The message of a panic, without its noise.
fn panics(act: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(act)).expect_err("nothing was refused");
    let text = panic.downcast_ref::<String>().cloned();
    text.or(panic.downcast_ref::<&str>().map(|text| text.to_string()))
        .expect("a panic says why")
}

/// Asks every backend for the same refusal.
fn same_everywhere(said: Vec<(&str, String)>) -> String {
    for (name, message) in &said {
        assert_eq!(*message, said[0].1, "{name} says it otherwise");
    }
    said[0].1.clone()
}

// ---- What training comes to.

/// The validation loss after each of three epochs on the embedded sample. Batches are large: a step costs a GPU's driver
/// the same whatever is in it.
fn valid_losses(model: &str, device: &Device, dense_tables: bool) -> Vec<f64> {
    let mut experiment = Experiment::preset(model, "default").expect("a preset");
    experiment.training.data = "sample".to_string();
    experiment.training.batch = 2_048;
    experiment.training.patience = None;
    experiment.set_epochs(3);
    let prepared = experiment.prepare(None).expect("the sample");
    let mut network = experiment.network(&prepared, device).expect("room");
    let mut trainer = experiment.trainer();
    if dense_tables {
        trainer = trainer.dense_tables();
    }
    experiment
        .fit(&mut trainer, &mut network, &prepared)
        .expect("a training");
    let epochs = trainer.history().epochs.iter();
    epochs
        .map(|epoch| epoch.valid.as_ref().expect("a validation part").loss())
        .collect()
}

/// The largest distance of two trainings' losses, relative to the first's.
fn apart(wanted: &[f64], seen: &[f64]) -> f64 {
    assert_eq!(wanted.len(), seen.len());
    let pairs = wanted.iter().zip(seen);
    pairs.fold(0.0, |worst, (wanted, seen)| {
        assert!(seen.is_finite());
        f64::max(worst, (seen - wanted).abs() / wanted)
    })
}

/// Every backend reaches the validation loss of the first processor; tables of tensors, which are what a GPU has, reach
/// that of tables of rows. Whatever is random is drawn on the host, so they differ by rounding alone; that is less than one
/// part in a million, until an example lies so near the corner of a ReLU that rounding decides on which side.
fn reaches_the_same_loss(model: &str) {
    let devices = devices();
    let on_processor = |name: &str| ["flex", "ndarray"].contains(&name);
    let mut reference: Option<Vec<f64>> = None;
    let processors = devices.iter().filter(|(name, _)| on_processor(name));
    let gpus = devices.iter().filter(|(name, _)| !on_processor(name));
    for (name, device) in processors.chain(gpus) {
        // Where tables are tensors anyway, once is enough. Much slower on ndarray, and the same code as on flex.
        let ways: &[bool] = match *name {
            "flex" => &[false, true],
            _ => &[false],
        };
        for &dense in ways {
            let seen = valid_losses(model, device, dense);
            let wanted = reference.get_or_insert_with(|| seen.clone());
            let (apart, last) = (apart(wanted, &seen), seen[seen.len() - 1]);
            println!(
                "{model} on {name}{}: validation loss {last:.6}, apart by {apart:.1e}",
                if dense { ", tables of tensors" } else { "" }
            );
            assert!(apart < 0.01, "{model} on {name}: {seen:?}, not {wanted:?}");
            // The mean alone leaves 1.06.
            assert!(last < 1.03, "{model} on {name} has not learnt: {seen:?}");
        }
    }
}

#[test]
fn biased_mf_reaches_the_same_validation_loss_on_every_backend() {
    reaches_the_same_loss("biased_mf");
}

#[test]
fn concat_mlp_reaches_the_same_validation_loss_on_every_backend() {
    reaches_the_same_loss("concat_mlp");
}

/// Tables of tensors in a training of small batches, most of whose rows rest.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tables {
    /// Rows in host memory.
    Rows,
    /// Tensors whose rows catch up when they are next read.
    Resting,
    /// Tensors of which every row moves at every step.
    Walked,
}

/// The weights after two epochs.
fn trained(
    rule: Rule,
    table: TableOptions,
    mode: Mode,
    tables: Tables,
    device: &Device,
) -> Weights {
    let prepared = prepared(true);
    let user = Sym::user(40).embed_with("user_factors", 5, table);
    let item = Sym::item(30).embed_with("item_factors", 5, table);
    let bias = Sym::item(30).embed_with("item_bias", 1, table);
    let score = add("score", [&dot("affinity", &user, &item), &bias]);
    let graph = Graph::new("small", &score).expect("a sound graph");
    let mut model = Network::new(graph, 3, device);
    let trainer = Trainer::new(rule, 0.02).batch(24).mode(mode).seed(5);
    let mut trainer = match tables {
        Tables::Rows => trainer,
        Tables::Resting => trainer.dense_tables(),
        Tables::Walked => trainer.dense_tables().walk_tables(),
    };
    for _ in 0..2 {
        trainer
            .fit(&mut model, &prepared.train, None, 1)
            .expect("a training");
    }
    Weights::of(&model)
}

/// Whatever the rule, the penalty and the mode, tables of tensors end where tables of rows end, on every backend, whether
/// their rows rest or move at every step.
#[test]
fn tensors_end_where_rows_end_under_every_rule_penalty_and_mode() {
    let free = TableOptions::default();
    let penalties = [
        free,
        TableOptions { l2: 1e-3, ..free },
        TableOptions {
            l2: 1e-3,
            l2_on: L2On::Batch,
            ..free
        },
        TableOptions {
            non_negative: true,
            ..free
        },
        TableOptions {
            l2: 1e-3,
            non_negative: true,
            ..free
        },
    ];
    let rules = [
        Rule::sgd(0.0),
        Rule::sgd(0.9),
        Rule::ADAGRAD,
        Rule::ROWWISE_ADAGRAD,
        Rule::ADAM,
        Rule::adamw(0.1),
    ];
    let devices = devices();
    let host = pick_device(Some("flex")).expect("a processor");
    let mut worst = 0f32;
    for rule in rules {
        for table in penalties {
            for mode in [Mode::Exact, Mode::Touched] {
                let wanted = trained(rule, table, mode, Tables::Rows, &host);
                for (name, device) in &devices {
                    let ways = match mode {
                        Mode::Exact => &[Tables::Resting, Tables::Walked][..],
                        Mode::Touched => &[Tables::Resting][..],
                    };
                    for &way in ways {
                        let apart = distance(&wanted, &trained(rule, table, mode, way, device));
                        assert!(
                            apart < 2e-5,
                            "{rule}, {table:?}, {mode}, {way:?} on {name}: apart by {apart}"
                        );
                        worst = worst.max(apart);
                    }
                }
            }
        }
    }
    println!("apart by {worst:.1e} at most");
}

// ---- What is refused.

#[test]
fn an_id_beyond_the_tables_is_refused_before_the_first_step_on_every_backend() {
    fn refusals(mut model: impl Model, prepared: &Prepared) -> String {
        let mut far = prepared.train.clone();
        far.items[7] = ItemIx(30);
        let before = Weights::of(&model);
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let mut said = Vec::new();
        for (train, valid) in [(&far, &prepared.valid), (&prepared.train, &far)] {
            let error = trainer
                .fit(&mut model, train, Some(valid), 1)
                .expect_err("a row of no table");
            assert!(matches!(
                error,
                TrainError::Data(DataError::OutOfTable { .. })
            ));
            said.push(error.to_string());
        }
        said.push(check_rows(&model, &far).expect_err("it").to_string());
        assert!(said.iter().all(|words| *words == said[0]), "{said:?}");
        assert!(Weights::of(&model) == before, "the model has changed");
        check_rows(&model, &prepared.train).expect("rows that there are");
        said.swap_remove(0)
    }
    let prepared = prepared(true);
    let mut said = Vec::new();
    for (name, device) in devices() {
        let network = Network::new(biased(40, 4), 1, &device);
        said.push((name, refusals(network, &prepared)));
        said.push((name, refusals(Product::new(&device), &prepared)));
    }
    let message = same_everywhere(said);
    for word in ["row 7", "items", "id 30", "30 rows"] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_step_refuses_a_batch_beyond_the_tables_on_every_backend() {
    let prepared = prepared(true);
    for (name, device) in devices() {
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let mut batch = recburn::data::Batches::shuffled(&prepared.train, 16, 1, 0)
            .expect("batches")
            .next()
            .expect("a batch");
        let model = Network::new(biased(40, 4), 1, &device);
        let mut session = trainer.begin(&model).expect("a model that trains");
        let sound = batch.clone();
        batch.users.rows[3] = 40;
        let error = session.step(&batch).expect_err("a row of no table");
        let message = error.to_string();
        assert!(
            ["row 3", "users", "id 40", "40 rows"]
                .iter()
                .all(|word| message.contains(word)),
            "{name}: {message}"
        );
        let mut batch = sound.clone();
        batch.items.inverse[2] = 99;
        let error = session.step(&batch).expect_err("a position of no row");
        assert!(
            error.to_string().contains("positions of items"),
            "{name}: {error}"
        );
        let scores = session.step(&sound).expect("a sound batch");
        assert_eq!(scores.dims(), [16, 1]);
    }
}

#[test]
fn scoring_stops_at_an_id_beyond_the_tables_with_the_same_words_on_every_backend() {
    let far = Ratings {
        users: vec![UserIx(3), UserIx(40)],
        items: vec![ItemIx(0), ItemIx(1)],
        ratings: vec![3.0, 4.0],
        ..Ratings::default()
    };
    let mut said = Vec::new();
    for (name, device) in devices() {
        let (network, own) = (
            Network::new(biased(40, 4), 1, &device),
            Product::new(&device),
        );
        let mut told = |act: &dyn Fn()| said.push((name, panics(act)));
        told(&|| {
            drop(predict(
                &network,
                &[UserIx(3), UserIx(40)],
                &[ItemIx(0), ItemIx(1)],
                8,
            ))
        });
        told(&|| {
            drop(predict(
                &own,
                &[UserIx(3), UserIx(40)],
                &[ItemIx(0), ItemIx(1)],
                8,
            ))
        });
        told(&|| drop(score_rows(&network, &far)));
        let error = evaluate(&own, &far, Loss::Mse).expect_err("an id beyond the tables");
        assert!(matches!(
            error,
            TrainError::Data(DataError::OutOfTable { .. })
        ));
    }
    let message = same_everywhere(said);
    assert_eq!(message, "user id 40 is beyond the table's 40 rows");
}

#[test]
fn a_model_without_room_is_refused_before_it_is_made_on_every_backend() {
    for (name, device) in devices() {
        // Half a million million numbers: no machine's.
        let error = Network::try_new(biased(1 << 30, 512), 1, &device).expect_err("no room");
        let message = error.to_string();
        // As the whole, or as the tensor that is too large for a device.
        let words = [
            "the model takes at least 2203.3 GB (2203318284408 bytes)",
            "`user_factors.weight` takes 2199.0 GB (2199023255552 bytes)",
        ];
        assert!(
            words.iter().any(|words| message.contains(words)),
            "{name}: {message}"
        );
        println!("{name}: {message}");
        if let Some(most) = Memory::of(&device).tensor {
            let rows = usize::try_from(most / 4).expect("an address") + 1;
            let error = Network::try_new(biased(rows, 1), 1, &device).expect_err("no room");
            assert!(
                matches!(error, MemoryError::Tensor { .. }),
                "{name}: {error}"
            );
            let message = error.to_string();
            for word in ["user_factors", &format!("{most} bytes"), "flex"] {
                assert!(message.contains(word), "{name}: {message}");
            }
        }
        Network::try_new(biased(40, 4), 1, &device).expect("room for a small model");
    }
}

#[test]
fn a_training_without_room_is_refused_before_its_first_step_on_every_backend() {
    let prepared = prepared(true);
    for (name, device) in devices() {
        let mut model = Network::new(biased(40, 4), 1, &device);
        let before = Weights::of(&model);
        let mut fit = |limit| {
            let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16).memory_limit(limit);
            trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        };
        let error = fit(1_000).expect_err("no room");
        let TrainError::Memory(MemoryError::All { needed, free, .. }) = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(free.0, 1_000);
        // At least both states of every weight; not more than can be told from here.
        assert!(
            (2 * 350 * 4..20_000).contains(&needed.0),
            "{name}: {needed}"
        );
        let message = error.to_string();
        for word in [&needed.to_string(), "1000 bytes", "batch"] {
            assert!(message.contains(word), "{name}: {message}");
        }
        fit(needed.0 - 1).expect_err("a byte too little");
        fit(needed.0).expect("room enough");
        assert!(Weights::of(&model) != before, "{name}: it has not trained");
    }
}

/// A GPU's tensors are limited, and ranking losses have a score per query and candidate.
#[test]
fn more_scores_than_a_tensor_holds_are_refused_before_the_step() {
    for (name, device) in devices() {
        let Some(most) = Memory::of(&device).tensor else {
            continue;
        };
        let queries = 65_536;
        let candidates = (most / (4 * queries as u64) + 1) as usize;
        let column = |examples| Column {
            rows: vec![0],
            inverse: vec![0; examples],
        };
        let batch = Batch {
            queries,
            candidates: Candidates::Shared(candidates),
            users: column(queries),
            items: column(candidates),
            ..Batch::default()
        };
        let model = Network::new(biased(40, 3), 1, &device);
        let mut trainer = Trainer::new(Rule::Sgd { momentum: 0.0 }, 0.1).loss(Loss::Softmax);
        let mut session = trainer.begin(&model).expect("a session");
        let error = session.step(&batch).expect_err("too many scores");
        let TrainError::Memory(MemoryError::Scores { .. }) = &error else {
            panic!("{name}: {error}");
        };
        let message = error.to_string();
        for word in [
            &format!("65536 queries x {candidates} candidates"),
            "smaller batch",
        ] {
            assert!(message.contains(word), "{name}: {message}");
        }
    }
}

/// In a process of its own: the driver is looked for once in a program's life, where the environment says.
#[test]
fn a_missing_driver_is_told_before_anything_runs() {
    const CHILD: &str = "RECBURN_TEST_WITHOUT_DRIVER";
    if std::env::var_os(CHILD).is_some() {
        for name in ["wgpu", "cuda"] {
            if backends().contains(&name) {
                let error = pick_device(Some(name)).expect_err("no driver");
                assert!(matches!(error, DeviceError::NoDriver { .. }), "{error}");
                println!("refused: {error}");
            }
        }
        // Without a name, what is there is taken.
        match pick_device(None) {
            Ok(device) => assert!(["flex", "ndarray"].contains(&device_name(&device).as_str())),
            Err(error) => assert!(matches!(error, DeviceError::NoDriver { .. }), "{error}"),
        }
        return;
    }
    let output = Command::new(std::env::current_exe().expect("a program"))
        .args([
            "--exact",
            "a_missing_driver_is_told_before_anything_runs",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .env_remove("BURN_DEVICE")
        // Neither Vulkan nor OpenGL finds a driver; CUDA sees no GPU.
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent")
        .env("CUDA_VISIBLE_DEVICES", "-1")
        .output()
        .expect("a child");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{text}");
    println!("{text}");
    let gpus = backends()
        .iter()
        .filter(|name| ["wgpu", "cuda"].contains(name))
        .count();
    assert_eq!(text.matches("found no device").count(), gpus, "{text}");
    assert!(!text.contains("panicked"), "{text}");
}
