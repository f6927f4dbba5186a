//! What cannot be trained.

use crate::common::{cpu, experiment, network, prepared};
use crate::refusals::refusal;
use recburn::data::{Featured, IdMap, Index, ItemIx, UserIx};
use recburn::graph::TableOptions;
use recburn::prelude::*;
use recburn::recipe::Phase;
use recburn::train::TrainError;

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
        // A model of histories has no table of users, and one of the ratings of items none of items.
        let has_users = model.as_graph().is_none_or(|graph| graph.user_rows() > 0);
        let has_items = model.as_graph().is_none_or(|graph| graph.item_rows() > 0);
        let sound = &prepared.train;
        let mut trainer = Trainer::new(Rule::ADAM, 0.01).batch(16);
        let (mut far_user, mut far_item) = (sound.clone(), sound.clone());
        far_user.users[5] = UserIx(40);
        far_item.items[7] = ItemIx(u32::MAX);
        let user_words = ["row 5", "users", "id 40", "40 rows"];
        let item_words = match has_items {
            true => ["row 7", "items", "id 4294967295", "30 rows"],
            false => ["`raters`", "30 items", "but there are", "4294967296"],
        };
        if has_users {
            fit_refusal(&mut trainer, &mut model, [&far_user, sound], &user_words);
            fit_refusal(&mut trainer, &mut model, [sound, &far_user], &user_words);
        }
        fit_refusal(&mut trainer, &mut model, [&far_item, sound], &item_words);
        // A validation part is looked at as well, and before training rather than after it.
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
        let dataset = crate::common::dataset();
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
