//! The same on every backend that is compiled in: what training comes to, and what is refused before it starts.
//!
//! `cargo test` has one backend. `.ci/run` runs these on ndarray and on wgpu too.

mod common;

use common::prepared;
use recburn::data::{DataError, ItemIx, UserIx};
use recburn::graph::Table;
use recburn::models::biased_mf::BiasedMf;
use recburn::nn::{Memory, MemoryError, predict};
use recburn::prelude::*;
use recburn::train::{TrainError, check_rows};
use recburn::{DeviceError, backends};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

/// Every backend that is compiled in, with its device. One whose driver is missing fails the test: it would be left out
/// unseen.
fn devices() -> Vec<(&'static str, Device)> {
    let compiled = backends();
    assert!(!compiled.is_empty(), "no backend is compiled in");
    let open = |name| (name, device(Some(name)).expect("a device"));
    compiled.into_iter().map(open).collect()
}

/// Any module: both columns, multiplied.
#[derive(Module, Debug)]
struct Product {
    user: Embedding,
    item: Embedding,
}

impl Product {
    fn new(device: &Device) -> Self {
        let table =
            |name, rows| Embedding::new(name, rows, 3, Table::default(), Draw::new(1), device);
        Self {
            user: table("user", 40),
            item: table("item", 30),
        }
    }
}

impl PairModel for Product {
    fn score(&self, users: &Ids, items: &Ids) -> Tensor<2> {
        (self.user.forward(users) * self.item.forward(items)).sum_dim(1)
    }
}

/// A factorisation of so many users, by so many factors.
fn biased(users: usize, factors: usize) -> Graph {
    let dims = Dims {
        users,
        items: 30,
        scale: (0.5, 5.0),
    };
    let options = BiasedMf {
        factors,
        ..BiasedMf::default()
    };
    options.graph(dims).expect("a sound graph")
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

#[test]
fn an_id_beyond_the_tables_is_refused_before_the_first_step_on_every_backend() {
    fn refusals(mut model: impl PairModel, prepared: &Prepared) -> String {
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
        let model = trainer.take_up(&Network::new(biased(40, 4), 1, &device));
        let sound = batch.clone();
        batch.users.rows[3] = 40;
        let error = trainer
            .step(model.clone(), &batch, &device)
            .expect_err("a row of no table");
        let message = error.to_string();
        assert!(
            ["row 3", "users", "id 40", "40 rows"]
                .iter()
                .all(|word| message.contains(word)),
            "{name}: {message}"
        );
        let mut batch = sound.clone();
        batch.items.inverse[2] = 99;
        let error = trainer
            .step(model.clone(), &batch, &device)
            .expect_err("a position of no row");
        assert!(
            error.to_string().contains("positions of items"),
            "{name}: {error}"
        );
        let (_, scores) = trainer.step(model, &sound, &device).expect("a sound batch");
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
        told(&|| drop(predict(&network, &[3, 40], &[0, 1], 8)));
        told(&|| drop(predict(&own, &[3, 40], &[0, 1], 8)));
        told(&|| drop(score_rows(&network, &far)));
        told(&|| assert_eq!(evaluate(&own, &far, Loss::Mse).loss, 0.0));
    }
    let message = same_everywhere(said);
    assert_eq!(message, "user id 40 lies beyond the table's 40 rows");
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

/// In a process of its own: the driver is looked for once in a program's life, where the environment says.
#[test]
fn a_missing_driver_is_told_before_anything_runs() {
    const CHILD: &str = "RECBURN_TEST_WITHOUT_DRIVER";
    if std::env::var_os(CHILD).is_some() {
        for name in ["wgpu", "cuda"] {
            if backends().contains(&name) {
                let error = device(Some(name)).expect_err("no driver");
                assert!(matches!(error, DeviceError::NoDriver { .. }), "{error}");
                println!("refused: {error}");
            }
        }
        // Without a name, what is there is taken.
        match device(None) {
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
    assert_eq!(text.matches("has no device here").count(), gpus, "{text}");
    assert!(!text.contains("panicked"), "{text}");
}
