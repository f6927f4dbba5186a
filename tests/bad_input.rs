//! Bad input of every kind, through the public door: an error that says what, where and what was seen; no panic, and
//! nothing half-written.

#![allow(clippy::unwrap_used)]

mod common;

use common::{cpu, experiment, network, prepared};
use recburn::data::{Featured, IdMap, Index, ItemIx, UserIx};
use recburn::graph::TableOptions;
use recburn::models::Phase;
use recburn::nn::Weight;
use recburn::prelude::*;
use recburn::train::{Answer, Callback, Judge, Moment, TrainError};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;

// ---- What is expected of every refusal.

/// The message of an error that must be there, causes included.
fn said<T, E: Error>(result: Result<T, E>) -> String {
    let Err(error) = result else {
        panic!("nothing was refused")
    };
    let (mut message, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        message += &format!(": {error}");
        cause = error.source();
    }
    message
}

/// The same, held to a form: it is one line in plain words, names no path twice, and holds each of the words.
fn refusal<T, E: Error>(result: Result<T, E>, words: &[&str]) -> String {
    let message = said(result);
    for word in words {
        assert!(
            message.contains(word),
            "`{word}` should stand in: {message}"
        );
    }
    assert!(
        message.starts_with(|letter: char| letter.is_alphanumeric() || "'`/.".contains(letter)),
        "{message}"
    );
    assert!(!message.contains('\n'), "{message}");
    for debug in ["Os {", "Some(", "None", "Error {", "Kind("] {
        assert!(!message.contains(debug), "{message}");
    }
    for path in message
        .split([' ', ':', ','])
        .filter(|word| word.matches('/').count() > 1)
    {
        assert_eq!(
            message.matches(path).count(),
            1,
            "{path} is said twice in: {message}"
        );
    }
    message
}

/// A folder of a test's own, whose content can be held against what it was.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Every path below, files with their bytes.
    fn content(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, into);
                    into.insert(path, None);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    into.insert(path, Some(bytes));
                }
            }
        }
        let mut all = BTreeMap::new();
        walk(self.0.path(), &mut all);
        all
    }

    /// Runs what must leave no trace.
    fn unchanged<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = self.content();
        let answer = act();
        let after = self.content();
        let paths = |content: &BTreeMap<PathBuf, _>| content.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&before), paths(&after), "files came or went");
        assert!(before == after, "a file has changed");
        answer
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

// ---- Files of ratings.

/// The refusal of an experiment on a file of this name and content; it names the file.
fn file_refusal(name: &str, content: &[u8], words: &[&str]) -> String {
    let home = Home::new();
    let path = home.file(name, content);
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&path).to_string();
    home.unchanged(|| refusal(experiment.prepare(None), &[&[text(&path)], words].concat()))
}

#[test]
fn a_missing_file_is_told_with_where_it_was_looked_for() {
    let home = Home::new();
    let path = home.path("ratings.csv");
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&path).to_string();
    let message = home.unchanged(|| said(experiment.prepare(None)));
    assert!(
        message.contains(&format!("looked at: {}", text(&path))),
        "{message}"
    );
    assert!(message.contains("sample, ml-100k"), "{message}");
}

#[test]
fn a_missing_part_of_a_given_split_is_told() {
    let home = Home::new();
    let train = home.file("u1.base", b"1\t2\t3\t4\n");
    let mut experiment = experiment("biased_mf");
    experiment.training.split = format!("given:{},{}", text(&train), text(&home.path("u1.test")));
    let message = said(experiment.prepare(None));
    assert!(message.contains(text(&home.path("u1.test"))), "{message}");
}

#[test]
fn a_folder_without_ratings_is_refused() {
    let home = Home::new();
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(home.0.path()).to_string();
    let message = said(experiment.prepare(None));
    assert!(message.contains(text(home.0.path())), "{message}");
    assert!(message.contains("ratings.csv or u.data"), "{message}");
}

#[test]
fn an_empty_file_is_refused() {
    file_refusal("ratings.csv", b"", &["the file is empty"]);
    file_refusal("u.data", b"\n\n", &["the file is empty"]);
    file_refusal(
        "ratings.csv",
        b"userId,movieId,rating\n",
        &["no rating below the header"],
    );
}

#[test]
fn a_binary_file_is_refused() {
    file_refusal(
        "ratings.csv",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        &["line 3", "binary"],
    );
    file_refusal("u.data", b"PK\x03\x04\x00\x00\x00", &["line 1", "binary"]);
}

#[test]
fn a_line_that_nothing_separates_is_refused_with_the_way_out() {
    file_refusal("ratings.csv", b"rating\n3\n", &["'rating'", "--columns"]);
}

#[test]
fn a_missing_column_is_named_with_those_there_are() {
    file_refusal(
        "ratings.csv",
        b"userId,rating,when\n1,3,4\n",
        &["line 1", "userId, rating, when", "--columns"],
    );
}

#[test]
fn a_rating_that_is_no_finite_number_is_refused_by_line_and_column() {
    for (seen, wanted) in [
        ("four", "a number is expected"),
        ("", "a number is expected"),
        ("NaN", "a finite number is expected"),
        ("inf", "a finite number is expected"),
        ("-Infinity", "a finite number is expected"),
        ("1e99", "a finite number is expected"),
    ] {
        let seen_text = format!("'{seen}' seen");
        let csv = format!("userId,movieId,rating\n1,2,3\n1,3,{seen}\n");
        file_refusal(
            "ratings.csv",
            csv.as_bytes(),
            &["line 3, column rating", wanted, &seen_text],
        );
        let tabs = format!("1\t2\t3\t0\n1\t3\t{seen}\t0\n");
        file_refusal(
            "u.data",
            tabs.as_bytes(),
            &["line 2, column rating", wanted, &seen_text],
        );
    }
}

#[test]
fn a_short_line_is_refused_by_its_number() {
    file_refusal(
        "ratings.csv",
        b"userId,movieId,rating\n1,2,3\n1,2\n",
        &["line 3", "3 fields expected, 2 seen"],
    );
    file_refusal(
        "u.data",
        b"1\t2\t3\t4\n1\t2\t3\n",
        &["line 2", "4 fields expected, 3 seen"],
    );
}

#[test]
fn repeated_pairs_are_kept_counted_and_said() {
    let home = Home::new();
    let mut rows = String::from("userId,movieId,rating\n");
    // Each pair of five users and four items once, then three of them again.
    for row in 0..20 {
        rows += &format!("{},{},{}\n", row % 5, row % 4, 1 + row % 3);
    }
    rows += "0,0,5\n0,0,4\n3,1,2\n";
    let mut experiment = experiment("biased_mf");
    experiment.training.data = text(&home.file("ratings.csv", rows.as_bytes())).to_string();
    let prepared = experiment.prepare(None).unwrap();
    assert_eq!(prepared.rows, 23);
    assert_eq!(prepared.train.len() + prepared.valid.len(), 23);
    assert_eq!(prepared.dataset.duplicates, 3);
    assert!(
        prepared.to_string().contains("3 repeated pairs"),
        "{}",
        prepared.dataset
    );
    assert!(
        prepared.to_string().contains("3 repeated pairs"),
        "{prepared}"
    );
}

// ---- Splits, words, names.

#[test]
fn a_split_that_leaves_a_part_empty_is_refused() {
    let rows = b"userId,movieId,rating\n1,2,3\n1,3,4\n2,2,5\n";
    for (split, words) in [
        ("fraction:0.99", ["3 rows", "validation part empty"]),
        ("fraction:0.01", ["3 rows", "training part empty"]),
        ("by-user:0.999", ["3 rows", "validation part empty"]),
        ("mask:0.000001", ["3 rows", "training part empty"]),
    ] {
        let home = Home::new();
        let mut experiment = experiment("biased_mf");
        experiment.training.data = text(&home.file("ratings.csv", rows)).to_string();
        experiment.training.split = split.to_string();
        let message = refusal(experiment.prepare(None), &words);
        let number = split.split_once(':').unwrap().1;
        assert!(
            message.contains(number),
            "{number} should stand in: {message}"
        );
    }
}

#[test]
fn a_share_outside_of_0_to_1_is_refused() {
    for share in ["0", "1", "-0.2", "1.5", "NaN", "inf"] {
        for kind in ["fraction", "mask", "by-user", "by-user-shuffled"] {
            let mut experiment = experiment("biased_mf");
            experiment.training.split = format!("{kind}:{share}");
            refusal(
                experiment.prepare(None),
                &["share must be between 0 and 1", share],
            );
        }
    }
    let dataset = common::dataset();
    for train in [0.0, 1.0, -0.2, 1.5, f64::NAN, f64::INFINITY] {
        refusal(
            dataset.split(&SplitKind::Fraction { train }, 1),
            &["between 0 and 1", &train.to_string()],
        );
        refusal(
            dataset.split(&SplitKind::Mask { train }, 1),
            &["between 0 and 1", &train.to_string()],
        );
    }
}

#[test]
fn a_word_that_is_not_understood_is_told_with_those_that_are() {
    for (split, seen) in [
        ("half", "'half'"),
        ("fraction:most", "'fraction:most'"),
        ("fold:5", "'fold:5'"),
    ] {
        let mut experiment = experiment("biased_mf");
        experiment.training.split = split.to_string();
        refusal(
            experiment.prepare(None),
            &[seen, "fraction:0.8", "mask:0.8", "by-user:0.8"],
        );
    }
    let mut of_five = experiment("biased_mf");
    of_five.training.split = "fold:6/5".to_string();
    refusal(of_five.prepare(None), &["fold 6 of 5"]);
    let mut ordered = experiment("biased_mf");
    ordered.training.ids = "random".to_string();
    refusal(
        ordered.prepare(None),
        &["'random'", "first_sight, sorted or raw"],
    );
}

#[test]
fn an_unknown_model_is_told_with_those_there_are() {
    let known: Vec<_> = zoo().iter().map(|entry| entry.name).collect();
    let words: Vec<_> = known.iter().copied().chain(["`ncf`"]).collect();
    refusal(Experiment::preset("ncf", "default"), &words);
    let mut renamed = experiment("biased_mf");
    renamed.model = "ncf".to_string();
    refusal(renamed.graph(&prepared(false)), &words);
}

#[test]
fn an_unknown_preset_is_told_with_those_there_are() {
    for entry in zoo() {
        refusal(
            Experiment::preset(entry.name, "best"),
            &[entry.name, "`best`", "default"],
        );
    }
}

#[test]
fn an_unknown_option_is_told_with_those_there_are() {
    let prepared = prepared(false);
    for entry in zoo() {
        let mut experiment = experiment(entry.name);
        experiment.options["colour"] = json!("red");
        let message = refusal(experiment.graph(&prepared), &[entry.name, "`colour`"]);
        for option in (entry.options)().as_object().unwrap().keys() {
            assert!(
                message.contains(&format!("`{option}`")),
                "`{option}` should stand in: {message}"
            );
        }
    }
}

#[test]
fn an_option_of_another_type_is_told() {
    let prepared = prepared(false);
    for entry in zoo() {
        let mut experiment = experiment(entry.name);
        experiment.options["l2"] = json!("much");
        refusal(experiment.graph(&prepared), &[entry.name, "\"much\""]);
        experiment.options = json!("small");
        refusal(experiment.graph(&prepared), &[entry.name]);
    }
}

#[test]
fn an_option_out_of_its_range_is_told_by_layer() {
    let prepared = prepared(false);
    let mut experiment = experiment("biased_mf");
    experiment.options["factors"] = json!(0);
    refusal(
        experiment.graph(&prepared),
        &["`user_factors`", "width", "1 or more, not 0"],
    );
    experiment.options["factors"] = json!(4);
    experiment.options["l2"] = json!(-0.1);
    refusal(
        experiment.graph(&prepared),
        &["`user_factors`", "l2", "not -0.1"],
    );
}

#[test]
fn an_unknown_device_is_told_with_those_there_are() {
    for name in ["tpu", "", "wgpu0"] {
        refusal(
            device(Some(name)),
            &[&format!("`{name}`"), "cuda, wgpu, flex, ndarray"],
        );
    }
}

#[test]
fn a_device_that_is_not_built_in_is_told_with_its_feature() {
    let built_in = [
        ("cuda", cfg!(feature = "cuda")),
        ("wgpu", cfg!(feature = "wgpu")),
        ("flex", cfg!(feature = "flex")),
        ("ndarray", cfg!(feature = "ndarray")),
    ];
    for (name, built_in) in built_in {
        match built_in {
            true => assert_eq!(device_name(&device(Some(name)).unwrap()), name),
            false => {
                refusal(
                    device(Some(name)),
                    &[
                        &format!("`{name}`"),
                        &format!("--features {name}"),
                        "it has ",
                    ],
                );
            }
        }
    }
}

// ---- Training.

/// Asks for a refusal that leaves the model and the history as they were.
fn fit_refusal<M: Model>(
    trainer: &mut Trainer,
    model: &mut M,
    parts: [&Ratings; 2],
    words: &[&str],
) -> String {
    let (before, epochs) = (Weights::of(model), trainer.history().epochs.len());
    let inputs = model.inputs();
    let features = prepared(true).features(&inputs).unwrap();
    let [train, valid] = parts.map(|part| Featured::new(part, &features));
    let message = refusal(trainer.fit(model, &train, Some(&valid), 1), words);
    assert!(Weights::of(model) == before, "the model has changed");
    assert_eq!(trainer.history().epochs.len(), epochs);
    message
}

/// Any Burn module: both columns, multiplied.
#[derive(Module, Debug)]
struct Product {
    user: Embedding,
    item: Embedding,
    #[module(skip)]
    output: Output,
}

#[derive(Clone, Copy, Debug)]
enum Output {
    Score,
    /// One number for each factor.
    Factors,
    /// One number for the whole batch.
    Mean,
    /// The scores, lying.
    Row,
}

impl Product {
    fn new(output: Output) -> Self {
        let table = |name, rows| {
            Embedding::new(name, rows, 3, TableOptions::default(), Draw::new(1), &cpu())
        };
        Self {
            user: table("user", 40),
            item: table("item", 30),
            output,
        }
    }
}

impl PairModel for Product {
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2> {
        let product = self.user.forward(users) * self.item.forward(items);
        match self.output {
            Output::Score => product.sum_dim(1),
            Output::Factors => product,
            Output::Mean => product.sum_dim(1).mean_dim(0),
            Output::Row => product.sum_dim(1).transpose(),
        }
    }
}

#[test]
fn an_id_beyond_the_tables_is_refused_before_the_first_step() {
    fn claims(mut model: impl Model, prepared: &Prepared) {
        let sound = &prepared.train;
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let (mut far_user, mut far_item) = (sound.clone(), sound.clone());
        far_user.users[5] = UserIx(40);
        far_item.items[7] = ItemIx(u32::MAX);
        let user_words = ["row 5", "users", "id 40", "40 rows"];
        let item_words = ["row 7", "items", "id 4294967295", "30 rows"];
        fit_refusal(&mut trainer, &mut model, [&far_user, sound], &user_words);
        fit_refusal(&mut trainer, &mut model, [&far_item, sound], &item_words);
        // A validation part is looked at as well, and before training rather than after it.
        fit_refusal(&mut trainer, &mut model, [sound, &far_user], &user_words);
        fit_refusal(&mut trainer, &mut model, [sound, &far_item], &item_words);
    }
    let prepared = prepared(true);
    for entry in zoo() {
        claims(network(&experiment(entry.name), &prepared), &prepared);
    }
    claims(Product::new(Output::Score), &prepared);
}

#[test]
fn columns_of_unequal_length_are_refused() {
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut uneven = prepared.train.clone();
    uneven.items.pop();
    let (users, items) = (
        format!("{} users", uneven.users.len()),
        format!("{} items", uneven.items.len()),
    );
    let mut trainer = Trainer::new(Rule::ADAM, 0.01);
    fit_refusal(
        &mut trainer,
        &mut model,
        [&uneven, &prepared.valid],
        &[&users, &items],
    );
    fn ids<Ix: Index>(count: usize) -> IdMap<Ix> {
        let names: Vec<_> = (0..count).map(|id| id.to_string()).collect();
        IdMap::new(names.iter().map(String::as_str), IdOrder::FirstSight).unwrap()
    }
    refusal(
        Dataset::new("uneven", ids(40), ids(30), uneven),
        &[&users, &items],
    );
}

#[test]
fn hyper_parameters_out_of_range_are_refused_by_name() {
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let parts = [&prepared.train, &prepared.valid];
    for rate in [0.0, -0.01, f64::NAN, f64::INFINITY] {
        let words = [
            "the learning rate",
            "finite and above 0",
            &format!("not {rate}"),
        ];
        fit_refusal(
            &mut Trainer::new(Rule::ADAM, rate),
            &mut model,
            parts,
            &words,
        );
        let mut later = Trainer::new(Rule::ADAM, 0.01);
        later.set_learning_rate(rate);
        fit_refusal(&mut later, &mut model, parts, &words);
    }
    let adam = |beta_1, beta_2, epsilon| Rule::Adam {
        beta_1,
        beta_2,
        epsilon,
    };
    for (rule, what, seen) in [
        (Rule::sgd(1.0), "momentum", "not 1"),
        (Rule::sgd(-0.5), "momentum", "not -0.5"),
        (Rule::sgd(f64::NAN), "momentum", "not NaN"),
        (adam(1.0, 0.999, 1e-7), "beta_1", "not 1"),
        (adam(0.9, 1.0, 1e-7), "beta_2", "not 1"),
        (adam(0.9, 0.999, 0.0), "epsilon", "not 0"),
        (
            Rule::AdaGrad {
                initial_accumulator_value: -1.0,
                epsilon: 1e-7,
            },
            "initial_accumulator_value",
            "not -1",
        ),
    ] {
        fit_refusal(
            &mut Trainer::new(rule, 0.01),
            &mut model,
            parts,
            &[what, seen],
        );
    }
    for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).loss(Loss::Huber { delta });
        fit_refusal(
            &mut trainer,
            &mut model,
            parts,
            &["huber's delta", &format!("not {delta}")],
        );
    }
    fit_refusal(
        &mut Trainer::new(Rule::ADAM, 0.01).batch(0),
        &mut model,
        parts,
        &["batch", "at least one"],
    );
}

#[test]
fn hyper_parameters_out_of_range_are_refused_by_an_experiment() {
    let prepared = prepared(true);
    let mut experiment = experiment("biased_mf");
    experiment.training.phases = vec![Phase {
        epochs: 1,
        learning_rate: -0.1,
    }];
    let mut model = network(&experiment, &prepared);
    let before = Weights::of(&model);
    let answer = experiment.fit(&mut experiment.trainer(), &mut model, &prepared);
    refusal(answer, &["the learning rate", "not -0.1"]);
    experiment.training.phases[0].learning_rate = 0.1;
    experiment.training.batch = 0;
    refusal(
        experiment.fit(&mut experiment.trainer(), &mut model, &prepared),
        &["batch"],
    );
    assert!(Weights::of(&model) == before);
}

#[test]
fn a_schedule_that_turns_the_rate_around_is_refused() {
    // Down to 0 is a cosine's way to end.
    let prepared = prepared(true);
    for rate in [-0.1, f64::NAN] {
        let mut model = network(&experiment("biased_mf"), &prepared);
        let schedule = Schedule::new(move |epoch| if epoch == 1 { 0.01 } else { rate });
        let mut trainer = Trainer::new(Rule::sgd(0.0), 0.01).batch(16).with(schedule);
        let answer = trainer.fit(&mut model, &prepared.train, None, 3);
        refusal(answer, &["learning rate", &rate.to_string()]);
        assert_eq!(trainer.history().epochs.len(), 1);
    }
}

#[test]
fn no_ratings_are_refused() {
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let none = Ratings::default();
    let mut trainer = Trainer::new(Rule::ADAM, 0.01);
    fit_refusal(
        &mut trainer,
        &mut model,
        [&none, &prepared.valid],
        &["no ratings"],
    );
}

#[test]
fn an_empty_validation_part_is_not_taken_for_a_loss_of_0() {
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
    // Either way is honest: to refuse it, or to train as without a validation part.
    if trainer
        .fit(&mut model, &prepared.train, Some(&Ratings::default()), 1)
        .is_ok()
    {
        let seen = trainer.history().last().unwrap().valid.clone();
        assert!(seen.is_none(), "{seen:?} of no ratings");
    }
}

#[test]
fn a_rating_in_memory_that_is_no_number_is_refused_by_a_data_set() {
    for rating in [f32::NAN, f32::INFINITY] {
        let dataset = common::dataset();
        let mut ratings = dataset.ratings.clone();
        ratings.ratings[9] = rating;
        let answer = Dataset::new(
            "spoilt",
            dataset.users.clone(),
            dataset.items.clone(),
            ratings,
        );
        refusal(answer, &["row 9", &rating.to_string()]);
    }
}

#[test]
fn a_rating_in_memory_that_is_no_number_is_not_put_down_to_the_rate() {
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    for rating in [f32::NAN, f32::INFINITY] {
        let mut spoilt = prepared.train.clone();
        spoilt.ratings[9] = rating;
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let words = ["row 9", &rating.to_string()];
        fit_refusal(&mut trainer, &mut model, [&spoilt, &prepared.valid], &words);
        fit_refusal(&mut trainer, &mut model, [&prepared.train, &spoilt], &words);
    }
}

#[test]
fn scores_of_another_shape_are_refused_with_the_shape_seen() {
    let prepared = prepared(true);
    for (output, seen) in [
        (Output::Factors, "[16, 3]"),
        (Output::Mean, "[1, 1]"),
        (Output::Row, "[1, 16]"),
    ] {
        let mut model = Product::new(output);
        let before = Weights::of(&model);
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let error = trainer
            .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
            .unwrap_err();
        assert!(
            matches!(
                error,
                TrainError::ScoreShape {
                    wanted: [16, 1],
                    ..
                }
            ),
            "{error:?}"
        );
        refusal(Err::<(), _>(error), &["scores", seen, "[16, 1]"]);
        assert!(Weights::of(&model) == before, "the model has changed");
    }
}

/// Keeps the weights of every whole epoch.
#[derive(Clone, Default)]
struct Keep(Rc<RefCell<Vec<Weights>>>);

impl Callback for Keep {
    fn name(&self) -> &'static str {
        "keep"
    }
    fn on_epoch_end(&mut self, moment: &mut Moment<'_>) -> Answer {
        self.0.borrow_mut().push(moment.live.weights());
        Ok(ControlFlow::Continue(()))
    }
}

fn finite(weights: &Weights) -> bool {
    weights
        .0
        .values()
        .all(|weight| weight.values.iter().all(|value| value.is_finite()))
}

#[test]
fn a_loss_that_diverges_names_epoch_step_and_rate_and_leaves_the_last_whole_epoch() {
    for entry in zoo() {
        println!("{}", entry.name);
        let experiment = experiment(entry.name);
        let prepared = prepared(experiment.training.centre);
        let mut model = network(&experiment, &prepared);
        let features = prepared.features(&model.inputs()).unwrap();
        let train = Featured::new(&prepared.train, &features);
        let valid = Featured::new(&prepared.valid, &features);
        let (home, kept) = (Home::new(), Keep::default());
        let folder = home.path("checkpoint");
        let mut trainer = Trainer::new(Rule::sgd(0.0), 0.001)
            .batch(16)
            .with(kept.clone())
            .checkpoint(&folder, 1);
        trainer.fit(&mut model, &train, Some(&valid), 2).unwrap();
        trainer.set_learning_rate(1e30);
        let error = trainer.fit(&mut model, &train, Some(&valid), 4);
        let Err(TrainError::Diverged {
            epoch,
            step,
            loss,
            learning_rate,
        }) = error
        else {
            // What is squashed into the scale cannot blow up.
            assert!(
                entry.name == "scaled_mf" && finite(&Weights::of(&model)),
                "{error:?}"
            );
            continue;
        };
        assert_eq!((epoch, learning_rate), (3, 1e30));
        assert!(step >= 1 && !loss.is_finite(), "step {step}, loss {loss}");
        refusal(
            error,
            &[
                "epoch 3",
                &format!("step {step}"),
                &learning_rate.to_string(),
                &loss.to_string(),
            ],
        );
        let weights = Weights::of(&model);
        assert!(finite(&weights));
        assert!(
            Some(&weights) == kept.0.borrow().last(),
            "not the weights of the last whole epoch"
        );
        assert_eq!(trainer.history().epochs.len(), 2);
        // So does the checkpoint, which is whole.
        let mut again = network(&experiment, &prepared);
        let mut other = Trainer::new(Rule::sgd(0.0), 0.001).batch(16);
        other.resume(&folder, &mut again).unwrap();
        assert!(Weights::of(&again) == weights);
        assert_eq!(other.history().epochs.len(), 2);
    }
}

#[test]
fn weights_that_diverge_in_the_last_step_of_an_epoch_are_not_handed_out() {
    // The loss of a step is taken before it, so that an epoch of finite losses may end in weights that are not.
    let prepared = prepared(false);
    let mut experiment = experiment("dot_mf");
    experiment.options["initializer"] = json!({ "normal": { "mean": 0.0, "std": 10.0 } });
    experiment.options["l2"] = json!(0.0); // a penalty would tell
    for valid in [None, Some(&prepared.valid as &dyn Judge<Network>)] {
        for epochs in [1, 3] {
            let mut model = network(&experiment, &prepared);
            let mut trainer = Trainer::new(Rule::sgd(0.0), 3e38).batch(prepared.train.len());
            let answer = trainer.fit(&mut model, &prepared.train, valid, epochs);
            assert!(
                finite(&Weights::of(&model)),
                "{epochs} epochs ended in {answer:?}"
            );
            assert!(
                matches!(answer, Err(TrainError::Diverged { epoch: 1, .. })),
                "{answer:?}"
            );
        }
    }
}

#[test]
fn a_validation_loss_that_diverges_is_not_put_down_to_a_step() {
    let prepared = prepared(false);
    let mut model = network(&experiment("dot_mf"), &prepared);
    let mut trainer = Trainer::new(Rule::sgd(0.0), 3e38).batch(prepared.train.len());
    let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 1);
    let message = refusal(answer, &["epoch 1"]);
    assert!(!message.contains("step 0"), "{message}");
}

#[test]
fn a_training_that_diverged_goes_on_at_a_lower_rate() {
    let prepared = prepared(true);
    for rule in [Rule::sgd(0.0), Rule::sgd(0.9), Rule::ADAGRAD, Rule::ADAM] {
        let mut model = network(&experiment("biased_mf"), &prepared);
        let mut trainer = Trainer::new(rule, 0.001).batch(16);
        trainer
            .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
            .unwrap();
        trainer.set_learning_rate(1e38);
        refusal(
            trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 3),
            &["epoch 2"],
        );
        trainer.set_learning_rate(0.001);
        let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 2);
        assert!(answer.is_ok(), "{rule}: {answer:?}");
        assert_eq!(trainer.history().epochs.len(), 3);
    }
}

#[test]
fn a_training_that_diverged_resumes_from_its_checkpoint() {
    let (home, prepared) = (Home::new(), prepared(true));
    let folder = home.path("checkpoint");
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut trainer = Trainer::new(Rule::ADAM, 0.001)
        .batch(16)
        .checkpoint(&folder, 2);
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 3)
        .unwrap();
    trainer.set_learning_rate(1e38);
    refusal(
        trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 3),
        &["epoch 4"],
    );
    trainer.resume(&folder, &mut model).unwrap();
    let answer = trainer.fit(&mut model, &prepared.train, Some(&prepared.valid), 1);
    assert!(answer.is_ok(), "{answer:?}");
    // As if nothing had happened since.
    let mut straight = network(&experiment("biased_mf"), &prepared);
    let mut other = Trainer::new(Rule::ADAM, 0.001).batch(16);
    other
        .fit(&mut straight, &prepared.train, Some(&prepared.valid), 3)
        .unwrap();
    assert!(
        Weights::of(&model) == Weights::of(&straight),
        "not the weights of three epochs in a row"
    );
}

// ---- Checkpoints.

/// A checkpoint of two epochs, and the trainer that goes on from it.
fn checkpoint(home: &Home, prepared: &Prepared) -> (PathBuf, Network) {
    let folder = home.path("checkpoint");
    let mut model = network(&experiment("biased_mf"), prepared);
    let mut trainer = resumer().checkpoint(&folder, 1);
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 2)
        .unwrap();
    (folder, model)
}

fn resumer() -> Trainer {
    Trainer::new(Rule::sgd(0.9), 0.01).batch(16).seed(7)
}

/// Asks for a refusal that leaves the folder, the model and the trainer as they were.
fn resume_refusal(
    home: &Home,
    folder: &Path,
    mut trainer: Trainer,
    model: &mut Network,
    words: &[&str],
) -> String {
    let before = Weights::of(model);
    let message = home.unchanged(|| refusal(trainer.resume(folder, model), words));
    assert!(Weights::of(model) == before, "the model has changed");
    assert!(
        trainer.history().epochs.is_empty(),
        "the trainer has changed"
    );
    message
}

#[test]
fn a_folder_that_is_no_checkpoint_is_refused() {
    let (home, prepared) = (Home::new(), prepared(true));
    let mut model = network(&experiment("biased_mf"), &prepared);
    let empty = home.folder("empty");
    let missing = home.path("missing");
    let file = home.file("file", b"hello");
    for folder in [&empty, &missing, &file] {
        resume_refusal(
            &home,
            folder,
            resumer(),
            &mut model,
            &[text(&folder.join("progress.json"))],
        );
    }
    home.file("garbage/progress.json", b"\x00\x01 not json");
    let words = [
        &*text(&home.path("garbage/progress.json")).to_string(),
        "not a checkpoint",
        "line 1",
    ];
    resume_refusal(&home, &home.path("garbage"), resumer(), &mut model, &words);
    home.file("other/progress.json", b"{\"format\": 1}");
    resume_refusal(
        &home,
        &home.path("other"),
        resumer(),
        &mut model,
        &["progress.json", "missing field"],
    );
}

#[test]
fn a_checkpoint_with_a_broken_file_is_refused_by_that_file() {
    let prepared = prepared(true);
    for name in ["weights.safetensors", "optimizer.safetensors"] {
        let home = Home::new();
        let (folder, mut model) = checkpoint(&home, &prepared);
        let whole = fs::read(folder.join(name)).unwrap();
        for broken in [&b""[..], b"garbage", &whole[..whole.len() / 2]] {
            fs::write(folder.join(name), broken).unwrap();
            resume_refusal(
                &home,
                &folder,
                resumer(),
                &mut model,
                &[text(&folder.join(name))],
            );
        }
        fs::remove_file(folder.join(name)).unwrap();
        resume_refusal(
            &home,
            &folder,
            resumer(),
            &mut model,
            &[text(&folder.join(name))],
        );
    }
}

#[test]
fn a_checkpoint_whose_optimizer_state_does_not_fit_is_refused() {
    /// Takes the state of one parameter and gives it back spoilt.
    type Spoil = fn(String, Weight) -> Option<(String, Weight)>;
    let spoils: [(&str, Spoil); 3] = [
        ("of another shape", |name, weight| {
            Some((
                name,
                Weight {
                    shape: vec![1],
                    values: weight.values[..1].to_vec(),
                },
            ))
        }),
        ("missing", |_, _| None),
        ("of a parameter that the model lacks", |name, weight| {
            Some((format!("another.{name}"), weight))
        }),
    ];
    let prepared = prepared(true);
    // Of a dense layer, and of a table.
    for (model, parameter) in [
        ("concat_mlp", "dense_1.weight"),
        ("biased_mf", "item_factors.weight"),
    ] {
        for (what, spoil) in spoils {
            let home = Home::new();
            let folder = home.path("checkpoint");
            let experiment = experiment(model);
            let mut network = network(&experiment, &prepared);
            let mut first = resumer().checkpoint(&folder, 1);
            first.fit(&mut network, &prepared.train, None, 1).unwrap();

            let path = folder.join("optimizer.safetensors");
            let mut state = Weights::load(&path).unwrap();
            let name = format!("{parameter}.velocity");
            let weight = state
                .0
                .remove(&name)
                .unwrap_or_else(|| panic!("{:?}", state.0.keys()));
            state.0.extend(spoil(name.clone(), weight));
            state.save(&path).unwrap();
            // At the latest when training goes on: from another state it would be another trajectory.
            let mut trainer = resumer();
            let resumed = trainer.resume(&folder, &mut network);
            let answer = resumed.and_then(|()| trainer.fit(&mut network, &prepared.train, None, 1));
            assert!(
                answer.is_err(),
                "the state of {parameter}, {what}, was taken"
            );
            refusal(answer, &[&name]);
        }
    }
}

#[test]
fn a_checkpoint_of_other_hyper_parameters_is_refused_by_their_name() {
    let (home, prepared) = (Home::new(), prepared(true));
    let (folder, mut model) = checkpoint(&home, &prepared);
    let other = |rule| Trainer::new(rule, 0.01).batch(16).seed(7);
    for (trainer, words) in [
        (other(Rule::sgd(0.8)), ["rule", "0.9", "0.8"]),
        (other(Rule::ADAM), ["rule", "0.9", "0.999"]),
        (resumer().mode(Mode::Touched), ["mode", "Exact", "Touched"]),
        (resumer().loss(Loss::Mae), ["loss", "Mse", "Mae"]),
        (resumer().batch(32), ["batch", "16", "32"]),
        (resumer().seed(8), ["seed", "7", "8"]),
    ] {
        resume_refusal(&home, &folder, trainer, &mut model, &words);
    }
    resumer().resume(&folder, &mut model).unwrap();
}

#[test]
fn a_checkpoint_of_another_model_is_refused() {
    let (home, prepared) = (Home::new(), prepared(true));
    let (folder, _) = checkpoint(&home, &prepared);
    let mut wider = experiment("biased_mf");
    wider.options["factors"] = json!(17);
    let mut model = network(&wider, &prepared);
    resume_refusal(
        &home,
        &folder,
        resumer(),
        &mut model,
        &["item_factors.weight", "[30, 17]"],
    );
    let mut model = network(&experiment("dot_mf"), &prepared);
    resume_refusal(&home, &folder, resumer(), &mut model, &["the weights"]);
}

// ---- Saved models.

/// A trained model with its ids.
fn trained() -> Recommender {
    let (experiment, prepared) = (experiment("biased_mf"), prepared(true));
    let mut model = network(&experiment, &prepared);
    let mut trainer = experiment.trainer();
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        .unwrap();
    experiment.recommender(&model, &prepared).unwrap()
}

/// A saved model, spoilt. What refuses it names the file.
fn load_refusal(file: &str, spoil: impl FnOnce(&Path), words: &[&str]) {
    let home = Home::new();
    let folder = home.path("model");
    trained().save(&folder).unwrap();
    Recommender::load(&folder, &cpu()).unwrap();
    spoil(&folder.join(file));
    let path = folder.join(file);
    let answer = home.unchanged(|| Recommender::load(&folder, &cpu()).map(|_| ()));
    refusal(answer, &[&[text(&path)], words].concat());
}

fn edit_json(path: &Path, edit: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, serde_json::to_vec(&value).unwrap()).unwrap();
}

fn edit_weights(path: &Path, edit: impl FnOnce(&mut BTreeMap<String, Weight>)) {
    let mut weights = Weights::load(path).unwrap();
    edit(&mut weights.0);
    weights.save(path).unwrap();
}

#[test]
fn a_folder_that_holds_no_model_is_refused() {
    let home = Home::new();
    let folders = [
        home.folder("empty"),
        home.path("missing"),
        home.file("file", b"hello"),
    ];
    for folder in folders {
        let answer = home.unchanged(|| Recommender::load(&folder, &cpu()).map(|_| ()));
        refusal(
            answer,
            &[
                text(&folder.join("model.json")),
                "not a saved model",
                "no such file",
            ],
        );
    }
}

#[test]
fn a_model_with_a_missing_file_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        load_refusal(file, |path| fs::remove_file(path).unwrap(), &[]);
    }
}

#[test]
fn a_model_with_a_file_of_garbage_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        for garbage in [
            &b""[..],
            b"garbage",
            b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
            b"{}",
            b"[]",
            b"null",
        ] {
            load_refusal(file, |path| fs::write(path, garbage).unwrap(), &[]);
        }
    }
}

#[test]
fn a_model_with_a_truncated_file_is_refused_by_that_file() {
    for file in [
        "model.json",
        "ids.json",
        "weights.safetensors",
        "seen.safetensors",
    ] {
        let cut = |path: &Path| {
            let whole = fs::read(path).unwrap();
            fs::write(path, &whole[..whole.len() - 5]).unwrap();
        };
        load_refusal(file, cut, &[]);
    }
}

#[test]
fn a_model_of_another_format_is_refused() {
    load_refusal(
        "model.json",
        |path| edit_json(path, |json| json["format"] = json!(1)),
        &["format 1", "format 3", "train it again"],
    );
}

#[test]
fn a_model_whose_graph_does_not_check_is_refused_by_its_node() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &[&str]); 6] = [
        (
            |nodes| nodes[1]["op"]["embedding"]["table"] = json!("nobody"),
            &["`user_factors`", "the table `nobody`"],
        ),
        (
            |nodes| nodes[1]["inputs"] = json!(["nobody"]),
            &["`user_factors`", "`nobody`"],
        ),
        (|nodes| nodes[1]["name"] = json!("user"), &["`user`"]),
        (|nodes| nodes[1]["name"] = json!("../x"), &["`../x`"]),
        (
            |nodes| nodes[1]["op"] = json!({ "convolution": {} }),
            &["`convolution`"],
        ),
        (|nodes| *nodes = json!([]), &["no nodes"]),
    ];
    for (edit, words) in edits {
        let edit = |json: &mut Value| edit(&mut json["graph"]["nodes"]);
        load_refusal("model.json", |path| edit_json(path, edit), words);
    }
}

#[test]
fn a_model_whose_graph_asks_for_more_than_there_can_be_is_refused() {
    // More numbers than an address can count; nothing should be made of it before it is held against the weights.
    for width in [1_u64 << 61, (1 << 61) + 1] {
        let edit = |json: &mut Value| {
            for table in [0, 1] {
                json["graph"]["tables"][table]["width"] = json!(width);
            }
        };
        let home = Home::new();
        let folder = home.path("model");
        trained().save(&folder).unwrap();
        edit_json(&folder.join("model.json"), edit);
        refusal(
            Recommender::load(&folder, &cpu()).map(|_| ()),
            &["user_factors"],
        );
    }
}

#[test]
fn weights_that_do_not_fit_the_graph_are_refused_by_name() {
    let file = "weights.safetensors";
    let reshape = |weights: &mut BTreeMap<String, Weight>| {
        let weight = weights.get_mut("user_factors.weight").unwrap();
        weight.shape.swap(0, 1);
    };
    load_refusal(
        file,
        |path| edit_weights(path, reshape),
        &["`user_factors.weight`", "[40, ", ", 40]"],
    );
    let remove = |weights: &mut BTreeMap<String, Weight>| drop(weights.remove("item_bias.weight"));
    load_refusal(
        file,
        |path| edit_weights(path, remove),
        &["`item_bias.weight`", "user_bias.weight"],
    );
    let add = |weights: &mut BTreeMap<String, Weight>| {
        weights.insert(
            "third.weight".to_string(),
            Weight {
                shape: vec![1],
                values: vec![0.0],
            },
        );
    };
    load_refusal(file, |path| edit_weights(path, add), &["`third.weight`"]);
    // No saving writes such a number, so the file itself is spoilt.
    let spoil = |path: &Path| {
        let at = |start: usize| start + 3 * 4;
        overwrite(path, "item_bias.weight", at, &f32::NAN.to_le_bytes());
    };
    load_refusal(file, spoil, &["`item_bias.weight`", "NaN", "position 3"]);
}

/// Replaces bytes of one tensor of a safetensors file, at a place found from the tensor's first byte.
fn overwrite(path: &Path, tensor: &str, at: impl Fn(usize) -> usize, with: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let json: Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let start = json[tensor]["data_offsets"][0].as_u64().unwrap() as usize;
    let at = 8 + header + at(start);
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(path, bytes).unwrap();
}

#[test]
fn seen_items_that_are_no_lists_are_refused() {
    // Tensors of another number type under the right names, and under wrong ones.
    let floats = |name: &str| {
        let weight = Weight {
            shape: vec![2],
            values: vec![0.0, 0.0],
        };
        Weights(BTreeMap::from([
            (name.to_string(), weight.clone()),
            ("items".to_string(), weight.clone()),
            ("held_out".to_string(), weight),
        ]))
    };
    load_refusal(
        "seen.safetensors",
        |path| floats("offsets").save(path).unwrap(),
        &["F32", "U32"],
    );
    load_refusal(
        "seen.safetensors",
        |path| floats("from").save(path).unwrap(),
        &["offsets"],
    );
    // Numbers that lead nowhere: the first offset, which is 0, becomes 255.
    let lead_astray = |path: &Path| overwrite(path, "offsets", |start| start, &[255]);
    load_refusal("seen.safetensors", lead_astray, &["lists are not those of"]);
}

#[test]
fn ids_that_need_more_rows_than_the_graph_has_are_refused() {
    for (what, side, rows) in [("user", "users", 40), ("item", "items", 30)] {
        let add = |json: &mut Value| {
            json[side]["ids"]
                .as_array_mut()
                .unwrap()
                .push(json!("one more"))
        };
        let words = [what, &format!("{rows} rows"), &(rows + 1).to_string()];
        load_refusal("ids.json", |path| edit_json(path, add), &words);
    }
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let twice = |json: &mut Value| json["users"]["ids"][3] = json!("u2");
    load_refusal("ids.json", |path| edit_json(path, twice), &["listed twice"]);
}

#[test]
fn a_recommender_of_fewer_rows_than_the_data_is_refused() {
    let (experiment, prepared) = (experiment("biased_mf"), prepared(true));
    let small = Schema::of_pairs(39, prepared.schema.items(), prepared.schema.scale);
    let graph = find("biased_mf")
        .unwrap()
        .graph(&experiment.options, &small)
        .unwrap();
    let answer = experiment.recommender(&Network::new(graph, 1, &cpu()), &prepared);
    refusal(answer.map(|_| ()), &["user", "39 rows", "40"]);
}

#[test]
fn a_stranger_is_told_by_name() {
    let recommender = trained();
    refusal(
        recommender.predict("nobody", "i1"),
        &["user", "`nobody`", "40"],
    );
    refusal(
        recommender.predict("u1", "nothing"),
        &["item", "`nothing`", "30"],
    );
    refusal(recommender.recommend("nobody", 3), &["user", "`nobody`"]);
    refusal(
        recommender.embedding("score"),
        &["`score`", "user_factors, "],
    );
}

// ---- Places that cannot be written.

#[test]
fn saving_below_a_file_is_refused_and_leaves_the_file() {
    let home = Home::new();
    let taken = home.file("taken", b"mine");
    let recommender = trained();
    let factors = recommender.embedding("item_factors").unwrap();
    let prepared = prepared(true);
    let mut model = network(&experiment("biased_mf"), &prepared);
    let mut trainer = resumer();
    trainer
        .fit(&mut model, &prepared.train, Some(&prepared.valid), 1)
        .unwrap();
    let report = experiment("biased_mf")
        .report(&prepared, &model, &trainer, None, &cpu())
        .unwrap();
    let (history, picture) = (trainer.history(), curves(trainer.history()).unwrap());

    let path = |name: &str| taken.join(name);
    let mut log = resumer().with(CsvLog::new(path("log.csv")));
    let mut checkpoints = resumer().checkpoint(path("checkpoint"), 1);
    let mut fit = |trainer: &mut Trainer| {
        trainer
            .fit(&mut model, &prepared.train, None, 1)
            .map(|_| ())
    };
    home.unchanged(|| {
        // In the way is not what was to be written but what should have been its folder.
        let words = |name: &str| [text(&path(name)).to_string(), "folder".to_string()];
        let faults = [
            check(recommender.save(&path("model")), &words("model")),
            check(
                factors.save_csv(&path("factors.csv")),
                &words("factors.csv"),
            ),
            check(
                Weights::of(recommender.model()).save(&path("weights.safetensors")),
                &words("weights.safetensors"),
            ),
            check(
                history.save_csv(&path("history.csv")),
                &words("history.csv"),
            ),
            check(
                history.save_json(&path("history.json")),
                &words("history.json"),
            ),
            check(report.save(path("report.json")), &words("report.json")),
            check(picture.save(&taken, "curves"), &words("curves.svg")),
            check(fit(&mut log), &words("log.csv")),
            check(fit(&mut checkpoints), &words("checkpoint")),
        ];
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

#[test]
fn saving_over_what_is_of_another_kind_is_refused_and_leaves_it() {
    let home = Home::new();
    let (file, folder) = (home.file("file", b"mine"), home.folder("folder/with"));
    let recommender = trained();
    let factors = recommender.embedding("item_factors").unwrap();
    home.unchanged(|| {
        let faults = [
            check(
                recommender.save(&file),
                &[text(&file).to_string(), "not a folder".to_string()],
            ),
            check(factors.save_csv(&folder), &[text(&folder).to_string()]),
            check(
                Weights::of(recommender.model()).save(&folder),
                &[text(&folder).to_string()],
            ),
        ];
        let faults: Vec<_> = faults.into_iter().flatten().collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    });
}

/// What is wrong with a refusal, so that a test can tell of all of them.
fn check<T, E: Error>(answer: Result<T, E>, words: &[String]) -> Option<String> {
    let Err(error) = answer else {
        return Some("nothing was refused".to_string());
    };
    let message = error.to_string();
    let lacks = words
        .iter()
        .find(|word| !message.contains(*word))
        .map(|word| format!("`{word}` lacks"));
    let twice =
        (message.matches(&words[0]).count() > 1).then(|| "the path is said twice".to_string());
    let bare = message
        .starts_with(':')
        .then(|| "there is nothing before the colon".to_string());
    let fault = bare.or(twice).or(lacks)?;
    Some(format!("{fault} in: {message}"))
}
