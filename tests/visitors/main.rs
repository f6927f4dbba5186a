//! Visitors before every model of the zoo: what is folded in must be worth it.

#[path = "../common/at_hand.rs"]
mod at_hand;
#[path = "../common/mod.rs"]
mod common;
mod published;

use recburn::data::{Centre, ItemIx, Part, Synthetic, UserIx};
use recburn::prelude::*;
use recburn::recommender::{ListOptions, Prior, Profile, Query, RecommenderError, Scores, Source};

/// The last users have no rating in the training.
const NEW: u32 = 40;
const USERS: u32 = 240;

/// No more ratings of a new user than this are folded in.
const MOST_GIVEN: usize = 20;

/// Ratings of a user: raw ids of items with stars.
type Rated = Vec<(String, f32)>;

struct World {
    prepared: Prepared,
    new: Vec<Rated>,
}

fn rated(dataset: &Dataset, ratings: &Ratings, user: UserIx) -> Rated {
    let rows = ratings
        .users
        .iter()
        .zip(&ratings.items)
        .zip(&ratings.ratings);
    let own = rows.filter(|((by, _), _)| **by == user);
    own.map(|((_, item), stars)| {
        let id = dataset
            .items
            .id(*item)
            .expect("an item of the data")
            .into_owned();
        (id, *stars)
    })
    .collect()
}

fn world(experiment: &Experiment) -> World {
    let shape = Synthetic {
        seed: 3,
        ..Synthetic::of(USERS as usize, 90, 9_600)
    };
    let dataset = shape
        .dataset(IdOrder::FirstSight)
        .expect("a shape that can be");
    let is_new = |user: UserIx| user.0 >= USERS - NEW;
    let users = (0..USERS).map(UserIx).filter(|&user| is_new(user));
    let new = users
        .map(|user| rated(&dataset, &dataset.ratings, user))
        .collect();
    let parts = dataset
        .parts(&SplitKind::Fraction { train: 0.8 }, 1)
        .expect("two parts");
    // What new users have rated is in neither part: a filter leaves it out.
    let ratings = &dataset.ratings;
    let rows: Vec<usize> = (0..ratings.len())
        .filter(|&row| !is_new(ratings.users[row]))
        .collect();
    let kept = Ratings {
        users: rows.iter().map(|&row| ratings.users[row]).collect(),
        items: rows.iter().map(|&row| ratings.items[row]).collect(),
        ratings: rows.iter().map(|&row| ratings.ratings[row]).collect(),
        ..Ratings::default()
    };
    let parts: Vec<Part> = rows.iter().map(|&row| parts[row]).collect();
    let dataset = Dataset::new("known", dataset.users, dataset.items, kept).expect("as before");
    let centre = |train: &Ratings| match experiment.training.centre {
        true => Centre::of(train),
        false => Centre::none(),
    };
    World {
        prepared: Prepared::of_parts(dataset, parts, centre),
        new,
    }
}

/// Runs a claim for every model of the zoo that predicts ratings, trained to its best validation error or nearly.
fn for_every_model(claim: impl Fn(&str, &Recommender, &World)) {
    for entry in zoo() {
        let mut experiment = Experiment::preset(entry.name, "default").expect("a default");
        experiment.training.batch = 64;
        let world = world(&experiment);
        let mut model = common::network(&experiment, &world.prepared);
        let mut trainer = experiment.trainer();
        experiment
            .fit(&mut trainer, &mut model, &world.prepared)
            .expect("a training");
        let recommender = experiment
            .recommender(&model, &world.prepared)
            .expect("a recommender");
        claim(entry.name, &recommender, &world);
    }
}

fn fold(recommender: &Recommender, rated: &[(String, f32)], prior: Prior) -> Profile {
    let ratings: Vec<(&str, f32)> = rated
        .iter()
        .map(|(id, stars)| (id.as_str(), *stars))
        .collect();
    let query = Query {
        user: None,
        ratings: &ratings,
    };
    recommender
        .profile_by(&query, prior)
        .expect("sound ratings")
}

/// The sum of squared errors of clipped predictions.
fn squared_error(recommender: &Recommender, profile: &Profile, rated: &[(String, f32)]) -> f64 {
    let items: Vec<ItemIx> = rated
        .iter()
        .map(|(id, _)| recommender.items().index(id).expect("a known item"))
        .collect();
    let said = recommender
        .stars_for(profile, &items)
        .expect("an own profile");
    let errors = said
        .iter()
        .zip(rated)
        .map(|(said, (_, stars))| f64::from(recommender.scale().clip(*said) - stars).powi(2));
    errors.sum()
}

#[test]
fn known_users_folded_in_as_visitors_are_predicted_as_well_as_by_their_trained_rows() {
    for_every_model(|name, recommender, World { prepared, .. }| {
        if recommender.scores() == Scores::Order {
            return; // there is no error of ratings
        }
        let dataset = &prepared.dataset;
        let (mut trained, mut folded, mut count) = (0.0, 0.0, 0);
        for (user, id) in dataset.users.iter().take((USERS - NEW) as usize) {
            let stars = prepared.centre;
            let back = |rated: Rated| -> Rated {
                rated
                    .into_iter()
                    .map(|(id, score)| (id, stars.restore(score)))
                    .collect()
            };
            let train = back(rated(dataset, &prepared.train, user));
            let valid = back(rated(dataset, &prepared.valid, user));
            let known = Query {
                user: Some(&id),
                ratings: &[],
            };
            let known = recommender.profile(&known).expect("a known user");
            let visitor = fold(recommender, &train, Prior::Rows);
            trained += squared_error(recommender, &known, &valid);
            folded += squared_error(recommender, &visitor, &valid);
            count += valid.len();
        }
        let rmse = |sum: f64| (sum / f64::from(count as u32)).sqrt();
        let (trained, folded) = (rmse(trained), rmse(folded));
        println!("{name}: {trained:.4} by trained rows, {folded:.4} folded in");
        assert!(folded <= trained + 0.005, "{name}: {trained} and {folded}");
    });
}

#[test]
fn the_more_a_visitor_has_rated_the_better_the_predictions_and_never_worse_than_without() {
    for_every_model(|name, recommender, World { new, .. }| {
        let has_rows = !fold(recommender, &[], Prior::Rows).rows.is_empty();
        if recommender.scores() == Scores::Order || !has_rows {
            return; // there is no error of ratings, or nothing is fitted
        }
        // Three draws of each user's ratings, each measured on the same ratings, however many of the others are given.
        let mixed = |rated: &Rated, step: usize| -> Rated {
            let mut places: Vec<usize> = (0..rated.len()).collect();
            places.sort_by_key(|at| at * step % rated.len());
            places.iter().map(|&at| rated[at].clone()).collect()
        };
        let long = new.iter().filter(|rated| rated.len() >= 30);
        let new: Vec<Rated> = long
            .flat_map(|rated| [7, 11, 13].map(|step| mixed(rated, step)))
            .collect();
        let count: usize = new.iter().map(|rated| rated.len() - MOST_GIVEN).sum();
        assert!(count > 1_500, "{count} ratings of new users");
        let rmse = |given: usize| {
            let errors = new.iter().map(|rated| {
                let (first, rest) = rated.split_at(MOST_GIVEN);
                let profile = fold(recommender, &first[..given], Prior::Rows);
                assert_eq!(profile.source == Source::Mean, given == 0);
                squared_error(recommender, &profile, rest)
            });
            (errors.sum::<f64>() / f64::from(count as u32)).sqrt()
        };
        let errors = [0, 1, 3, 5, 10, MOST_GIVEN].map(rmse);
        println!("{name}: {errors:.4?}");
        // Where a score is a product, nothing but the way is another than by passes of the model.
        let by_passes = recommender.clone().item_by_item();
        for rated in &new[..4] {
            let [one, other] =
                [recommender, &by_passes].map(|one| fold(one, &rated[..10], Prior::Rows));
            for (one, other) in one.rows.iter().zip(&other.rows) {
                for (one, other) in one.values.iter().zip(&other.values) {
                    let most = 2e-3 * (1.0 + one.abs());
                    assert!((one - other).abs() < most, "{name}: {one} and {other}");
                }
            }
        }
        assert!(
            errors.iter().all(|error| *error <= errors[0] + 0.005),
            "{name}: {errors:?}"
        );
        for pair in errors.windows(2) {
            // A few hundred ratings: what is not a line has this much noise.
            assert!(pair[1] <= pair[0] + 0.015, "{name}: {errors:?}");
        }
    });
}

#[test]
fn lists_have_what_is_predicted_in_its_order() {
    for_every_model(|name, recommender, World { prepared, .. }| {
        let is_product = recommender.model().towers().is_some();
        println!(
            "{name}: {}",
            if is_product {
                "a product"
            } else {
                "item by item"
            }
        );
        let options = ListOptions {
            count: 90,
            ..ListOptions::default()
        };
        let mut lists = Vec::new();
        let kept: Result<(), RecommenderError> = recommender.lists(&options, |list| {
            lists.push(list);
            Ok(())
        });
        kept.expect("nothing ends the lists");
        assert_eq!(lists.len(), prepared.dataset.users.len());
        for list in lists.iter().step_by(37) {
            assert!(
                list.items
                    .is_sorted_by(|one, next| one.rating >= next.rating),
                "{name}"
            );
            for line in &list.items {
                let predicted = recommender
                    .predict(&list.user, &line.item)
                    .expect("known ids");
                let off = (predicted.rating - line.rating).abs();
                assert!(
                    off < 1e-5 * predicted.rating.abs().max(1.0),
                    "{name}: {off}"
                );
                assert_eq!(predicted.item_ratings, line.ratings);
            }
            let alone = recommender
                .list(&list.user, &options)
                .expect("a known user");
            assert_eq!(alone.items.len(), list.items.len(), "{name}");
            for (one, other) in alone.items.iter().zip(&list.items) {
                assert!((one.rating - other.rating).abs() < 1e-5, "{name}");
            }
        }
    });
}

/// With the training's own penalty as the prior, a row that was trained to its end is where the fold-in ends, too.
#[test]
fn under_the_trainings_own_penalty_trained_rows_are_found_again() {
    let mut experiment = Experiment::preset("biased_mf", "default").expect("a default");
    experiment.options = serde_json::json!({"factors": 6, "l2": 1e-3});
    experiment.training.batch = 64;
    experiment.training.patience = None;
    let world = world(&experiment);
    let mut model = common::network(&experiment, &world.prepared);
    let mut trainer = experiment.trainer();
    for (epochs, rate) in [(40, 0.01), (30, 0.001), (20, 0.0001)] {
        trainer.set_learning_rate(rate);
        let (train, valid) = (&world.prepared.train, &world.prepared.valid);
        trainer
            .fit(&mut model, train, Some(valid), epochs)
            .expect("a training");
    }
    let prepared = &world.prepared;
    let recommender = experiment
        .recommender(&model, prepared)
        .expect("a recommender");
    let items: Vec<ItemIx> = recommender.items().iter().map(|(item, _)| item).collect();
    let (mut apart, mut scores) = (0.0, 0);
    let (mut trained, mut folded, mut count) = (0.0, 0.0, 0);
    let in_stars = |part: &Ratings, user: UserIx| -> Rated {
        let own = rated(&prepared.dataset, part, user).into_iter();
        own.map(|(id, score)| (id, prepared.centre.restore(score)))
            .collect()
    };
    for (user, id) in prepared.dataset.users.iter().take((USERS - NEW) as usize) {
        let query = Query {
            user: Some(&id),
            ratings: &[],
        };
        let known = recommender.profile(&query).expect("a known user");
        let visitor = fold(
            &recommender,
            &in_stars(&prepared.train, user),
            Prior::Training,
        );
        let stars = |profile: &Profile| recommender.stars_for(profile, &items).expect("its own");
        for (one, other) in stars(&known).iter().zip(stars(&visitor)) {
            apart += f64::from(one - other).powi(2);
            scores += 1;
        }
        let valid = in_stars(&prepared.valid, user);
        trained += squared_error(&recommender, &known, &valid);
        folded += squared_error(&recommender, &visitor, &valid);
        count += valid.len();
    }
    let apart = (apart / f64::from(scores)).sqrt();
    let [trained, folded] = [trained, folded].map(|sum| (sum / f64::from(count as u32)).sqrt());
    println!("{apart:.4} apart; {trained:.4} by trained rows, {folded:.4} folded in");
    assert!(apart <= 0.03, "{apart}");
    assert!((trained - folded).abs() <= 0.002, "{trained} and {folded}");
}
