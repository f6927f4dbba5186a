//! Visitors of published ratings: users who are held out whole.

use crate::at_hand::at_hand;
use crate::{Rated, fold, rated, squared_error};
use recburn::data::{Part, UserIx};
use recburn::prelude::*;
use recburn::recommender::Prior;

/// How many ratings of a visitor are given.
const GIVEN: [usize; 6] = [1, 3, 5, 10, 20, 50];

/// Draws of visitors and of the ratings that they give.
const DRAWS: u32 = 3;

/// Every so many users is a visitor.
const EVERY: u32 = 5;

/// A fixed shuffle for each draw.
fn mixed(rated: &Rated, draw: u32) -> Rated {
    let mut mixed = rated.clone();
    let mut state = u64::from(draw) * 7_919 + rated.len() as u64;
    for at in (1..mixed.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        mixed.swap(at, (state >> 33) as usize % (at + 1));
    }
    mixed
}

/// A model of the other users, and the ratings of a draw of visitors.
fn trained(experiment: &Experiment, dataset: Dataset, draw: u32) -> (Recommender, Vec<Rated>) {
    let users = 0..dataset.users.rows() as u32;
    let visitors = users
        .skip(draw as usize)
        .step_by(EVERY as usize)
        .map(|user| rated(&dataset, &dataset.ratings, UserIx(user)))
        .collect();
    let parts = dataset
        .parts(&SplitKind::Fraction { train: 0.8 }, 1)
        .expect("two parts");
    let known = |row: &u32| dataset.ratings.users[*row as usize].0 % EVERY != draw;
    let rows: Vec<u32> = (0..dataset.ratings.len() as u32).filter(known).collect();
    let parts: Vec<Part> = rows.iter().map(|&row| parts[row as usize]).collect();
    let kept = dataset.ratings.take(&rows);
    let dataset =
        Dataset::new("known users", dataset.users, dataset.items, kept).expect("as before");
    let centre = experiment.training.centre;
    let prepared = Prepared::of_parts(dataset, parts, |train| match centre {
        true => Centre::of(train),
        false => Centre::none(),
    });
    let mut model = crate::common::network(experiment, &prepared);
    let mut trainer = experiment.trainer();
    experiment
        .fit(&mut trainer, &mut model, &prepared)
        .expect("a training");
    let recommender = experiment.recommender(&model, &prepared);
    (recommender.expect("a recommender"), visitors)
}

#[test]
fn whoever_has_rated_ten_films_is_predicted_better_than_by_the_mean_and_nobody_worse() {
    let Some(data) = at_hand("RECBURN_DATA") else {
        return;
    };
    let models = std::env::var("RECBURN_VISITORS");
    let models = models.unwrap_or_else(|_| "biased_mf/default".to_string());
    for name in models.split(',') {
        let (model, preset) = name.split_once('/').expect("MODEL/PRESET");
        let mut experiment = Experiment::preset(model, preset).expect("a preset");
        experiment.training.data = "ml-latest-small".to_string();
        let dataset = experiment.open(Some(&data)).expect("published ratings");
        let mut sums = [(0.0, 0.0, 0); GIVEN.len()];
        for draw in 0..DRAWS {
            let (recommender, visitors) = trained(&experiment, dataset.clone(), draw);
            let mean = fold(&recommender, &[], Prior::Rows);
            for (given, (folded, without, count)) in GIVEN.into_iter().zip(&mut sums) {
                for rated in visitors.iter().filter(|rated| rated.len() > given) {
                    let mixed = mixed(rated, draw);
                    let (first, rest) = mixed.split_at(given);
                    let profile = fold(&recommender, first, Prior::Rows);
                    *folded += squared_error(&recommender, &profile, rest);
                    *without += squared_error(&recommender, &mean, rest);
                    *count += rest.len();
                }
            }
        }
        println!("{name}\nratings   RMSE    without");
        for (given, (folded, without, count)) in GIVEN.into_iter().zip(sums) {
            assert!(count > 30_000, "{count} ratings of visitors");
            let rmse = |sum: f64| (sum / count as f64).sqrt();
            let (folded, without) = (rmse(folded), rmse(without));
            println!("{given:>7}  {folded:.4}  {without:.4}");
            assert!(
                folded <= without,
                "{name}, {given} ratings: {folded} and {without}"
            );
            assert!(
                given < 10 || folded <= 0.94,
                "{name}, {given} ratings: {folded}"
            );
        }
    }
}
