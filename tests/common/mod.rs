//! What the tests share.

#![allow(dead_code)] // each test file is a program of its own and uses a part

use recburn::backends;
use recburn::data::{IdMap, Index, ItemIx, UserIx};
use recburn::prelude::*;
use recburn::recipe::ExampleKind;

/// A small data set with something to learn: 40 users, 30 items, half of all pairs, ratings of rank two.
pub fn dataset() -> Dataset {
    let (users, items) = (40u32, 30u32);
    let mut ratings = Ratings::default();
    for user in 0..users {
        for item in 0..items {
            // A fixed scatter that no row or column escapes.
            if (user * 7 + item * 11 + user * item) % 4 < 2 {
                let (u, i) = (f64::from(user), f64::from(item));
                let taste =
                    (u * 0.7).sin() * (i * 1.3).cos() + 0.6 * (u * 0.2).cos() * (i * 0.5).sin();
                let stars = 3.2 + 0.5 * (u * 1.1).cos() + 0.4 * (i * 0.9).sin() + taste;
                ratings.users.push(UserIx(user));
                ratings.items.push(ItemIx(item));
                ratings
                    .ratings
                    .push(((stars * 2.0).round() / 2.0).clamp(0.5, 5.0) as f32);
            }
        }
    }
    fn ids<Ix: Index>(prefix: &str, count: u32) -> IdMap<Ix> {
        let names: Vec<String> = (0..count).map(|n| format!("{prefix}{n}")).collect();
        IdMap::new(names.iter().map(String::as_str), IdOrder::FirstSight).expect("plain ids")
    }
    Dataset::new("tiny", ids("u", users), ids("i", items), ratings).expect("ids within the maps")
}

/// The small data set, split and centred if asked.
pub fn prepared(centre: bool) -> Prepared {
    Prepared::new(dataset(), &SplitKind::Fraction { train: 0.8 }, 1, centre).expect("two parts")
}

/// A model of the zoo with its default preset, on the small data set; as a predictor of ratings, whatever it is a model for.
pub fn experiment(model: &str) -> Experiment {
    let mut experiment =
        Experiment::preset(model, "default").expect("every model has a default preset");
    experiment.training.batch = 16;
    experiment.training.patience = None;
    experiment.training.phases.truncate(1);
    experiment.training.examples = ExampleKind::Ratings;
    if experiment.training.loss.ranks() || experiment.training.negatives.is_some() {
        experiment.training.negatives = None;
        experiment.training.loss = Loss::Mse;
        experiment.training.centre = true;
    }
    experiment
}

/// The network of an experiment.
pub fn network(experiment: &Experiment, prepared: &Prepared) -> Network {
    let graph = experiment.graph(prepared).expect("a sound graph");
    Network::new(graph, experiment.seed, &cpu())
}

/// The device of the tests, which `BURN_DEVICE` may change.
pub fn cpu() -> Device {
    pick_device(None).expect("a backend")
}

/// Every backend that is compiled in, with its device, or those that `RECBURN_TEST_DEVICE` names, with commas. A backend
/// without a driver fails the test: it would be left out unseen.
pub fn devices() -> Vec<(&'static str, Device)> {
    let asked = std::env::var("RECBURN_TEST_DEVICE").ok();
    let devices: Vec<_> = backends()
        .into_iter()
        .filter(|name| match &asked {
            Some(asked) => asked.split(',').any(|asked| asked == *name),
            None => true,
        })
        .map(|name| match pick_device(Some(name)) {
            Ok(device) => (name, device),
            Err(error) => panic!("{error}"),
        })
        .collect();
    assert!(!devices.is_empty(), "none of {:?} is {asked:?}", backends());
    devices
}

/// The largest distance between weights of the same names.
pub fn distance(left: &Weights, right: &Weights) -> f32 {
    assert_eq!(
        left.0.keys().collect::<Vec<_>>(),
        right.0.keys().collect::<Vec<_>>()
    );
    let pairs = left
        .0
        .iter()
        .flat_map(|(name, left)| left.values.iter().zip(&right.0[name].values));
    pairs
        .map(|(left, right)| (left - right).abs())
        .fold(0.0, f32::max)
}
