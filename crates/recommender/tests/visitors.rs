//! Visitors: people whom the training has not seen, with ratings of their own.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use proptest::prelude::*;
use recburn_data::{Centre, Dataset, Features, IdMap, IdOrder, ItemIx, Ratings, UserIx};
use recburn_graph::{Activation, Graph, Input, Kind, Pool, Side, Sym, Table, add, concat, dot};
use recburn_graph::{Initializer, TableOptions};
use recburn_nn::{Model, Network};
use recburn_recommender::{
    ListOptions, Profile, Query, Recommender, RecommenderError, Scores, Seen, Source,
};

const USERS: u32 = 12;
const ITEMS: u32 = 9;

/// Every user rates two thirds of the items; nobody rates the last one.
fn dataset() -> Dataset {
    let ids = |prefix: &str, count: u32| -> Vec<String> {
        (0..count).map(|at| format!("{prefix}{at}")).collect()
    };
    let (users, items) = (ids("u", USERS), ids("i", ITEMS));
    let map = |ids: &[String]| IdMap::new(ids.iter().map(String::as_str), IdOrder::FirstSight);
    let mut ratings = Ratings::default();
    for user in 0..USERS {
        for item in (0..ITEMS - 1).filter(|item| (user * 2 + item) % 3 != 0) {
            ratings.users.push(UserIx(user));
            ratings.items.push(ItemIx(item));
            let halves = 1 + (user * 7 + item * 5) % 10;
            ratings.ratings.push(halves as f32 / 2.0);
        }
    }
    let items = IdMap::new(items.iter().map(String::as_str), IdOrder::FirstSight).unwrap();
    Dataset::new("tiny", map(&users).unwrap(), items, ratings).unwrap()
}

fn graph(name: &str) -> Graph {
    let start = TableOptions {
        initializer: Initializer::Normal {
            mean: 0.2,
            std: 0.5,
        },
        ..TableOptions::default()
    };
    let (user, item) = (Sym::user(USERS as usize), Sym::item(ITEMS as usize));
    let (p, q) = (
        user.embed_with("p", 3, start),
        item.embed_with("q", 3, start),
    );
    let (b, c) = (
        user.embed_with("b", 1, start),
        item.embed_with("c", 1, start),
    );
    let score = match name {
        "biased" => add("score", [&dot("affinity", &p, &q), &b, &c]),
        "bounded" => dot("affinity", &p, &q)
            .activation("squashed", Activation::Sigmoid)
            .rescale("stars", -3.0, 3.0),
        "perceptron" => concat("pair", [&p, &q])
            .dense("hidden", 6, Activation::Relu)
            .batch_norm("normed")
            .dense("score", 1, Activation::Linear),
        "history" => {
            let rows = ITEMS as usize;
            let history = Input::new(Features::HISTORY, Side::User, Kind::Bag { rows });
            let table = Table::with("y", rows, 3, start);
            let said = Sym::bag(&history).pool("said", &table, Pool::RootMean);
            dot("score", &add("person", [&p, &said]), &q)
        }
        "items alone" => add("score", [&c, &q.dense("deep", 1, Activation::Tanh)]),
        _ => unreachable!("a name of this list"),
    };
    Graph::new(name, &score).unwrap()
}

const NAMES: [&str; 5] = ["biased", "bounded", "perceptron", "history", "items alone"];

fn recommender(name: &str) -> Recommender {
    let dataset = dataset();
    let centre = Centre::of(&dataset.ratings);
    let model = Network::new(graph(name), 5, &Device::flex());
    let mut features = Features::default();
    features
        .set_histories(
            &centre.applied(&dataset.ratings),
            USERS as usize,
            ITEMS as usize,
        )
        .unwrap();
    assert_eq!(model.inputs().len() == 3, name == "history");
    let seen = Seen::all_trained(&dataset);
    Recommender::new(model, &dataset, seen, centre, serde_json::Value::Null)
        .unwrap()
        .with_features(&features)
        .unwrap()
}

fn visitor<'a>(ratings: &'a [(&'a str, f32)]) -> Query<'a> {
    Query {
        user: None,
        ratings,
    }
}

fn all_items() -> Vec<ItemIx> {
    (0..ITEMS).map(ItemIx).collect()
}

/// The bits of all scores.
fn bits(recommender: &Recommender, profile: &Profile) -> Vec<u32> {
    let stars = recommender.stars_for(profile, &all_items()).unwrap();
    stars.iter().map(|stars| stars.to_bits()).collect()
}

const RATED: [(&str, f32); 4] = [("i0", 5.0), ("i4", 1.5), ("i2", 4.0), ("i8", 3.5)];

#[test]
fn two_threads_ask_one_recommender_and_get_one_answer() {
    fn shared<T: Send + Sync>(_: &T) {}
    for name in NAMES {
        let recommender = recommender(name);
        shared(&recommender);
        let ask = || {
            let profile = recommender.profile(&visitor(&RATED)).unwrap();
            shared(&profile);
            bits(&recommender, &profile)
        };
        let (one, other) = std::thread::scope(|scope| {
            let threads = [scope.spawn(ask), scope.spawn(ask)];
            let [one, other] = threads.map(|thread| thread.join().unwrap());
            (one, other)
        });
        assert_eq!(one, other, "{name}");
        assert_eq!(one, ask(), "{name}");
    }
}

#[test]
fn an_answer_is_the_same_to_the_bit_after_reading_the_model_again() {
    for name in NAMES {
        let before = recommender(name);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        before.save(&path).unwrap();
        let after = Recommender::load(&path, &Device::flex()).unwrap();
        for query in [
            visitor(&RATED),
            visitor(&[]),
            Query {
                user: Some("u3"),
                ratings: &RATED,
            },
        ] {
            let (one, other) = (
                before.profile(&query).unwrap(),
                after.profile(&query).unwrap(),
            );
            assert_eq!(one, other, "{name}");
            assert_eq!(bits(&before, &one), bits(&after, &other), "{name}");
        }
    }
}

#[test]
fn a_known_users_profile_is_the_trained_row_and_its_list_that_of_the_user() {
    for name in NAMES {
        let recommender = recommender(name);
        let profile = recommender
            .profile(&Query {
                user: Some("u3"),
                ratings: &[],
            })
            .unwrap();
        assert_eq!(
            (profile.source, profile.steps),
            (Source::Known, 0),
            "{name}"
        );
        for row in &profile.rows {
            let table = recommender.embedding(&row.table).unwrap();
            assert_eq!(row.values, table.values[3 * table.width..][..table.width]);
        }
        let options = ListOptions::default();
        assert_eq!(
            recommender.top(&profile, &options).unwrap(),
            recommender.list("u3", &options).unwrap(),
            "{name}"
        );
        let one = recommender.predict_for(&profile, "i1").unwrap();
        assert_eq!(one, recommender.predict("u3", "i1").unwrap(), "{name}");
    }
}

#[test]
fn a_visitor_without_ratings_has_the_mean_row() {
    for name in NAMES {
        let recommender = recommender(name);
        let profile = recommender.profile(&visitor(&[])).unwrap();
        assert_eq!(
            (profile.source, profile.ratings),
            (Source::Mean, 0),
            "{name}"
        );
        for row in &profile.rows {
            let table = recommender.embedding(&row.table).unwrap();
            for (at, value) in row.values.iter().enumerate() {
                let column = table.values.chunks_exact(table.width).map(|row| row[at]);
                let mean = column.sum::<f32>() / USERS as f32;
                assert!((mean - value).abs() < 1e-6, "{name}");
            }
        }
    }
}

#[test]
fn a_visitors_ratings_come_closer_to_what_is_predicted_and_are_not_recommended() {
    for name in NAMES.into_iter().filter(|name| *name != "items alone") {
        let recommender = recommender(name);
        let error = |profile: &Profile| -> f64 {
            let off = |(item, stars): &(&str, f32)| {
                let predicted = recommender.predict_for(profile, item).unwrap().rating;
                f64::from(predicted - stars).powi(2)
            };
            RATED.iter().map(off).sum()
        };
        let folded = recommender.profile(&visitor(&RATED)).unwrap();
        assert_eq!((folded.source, folded.ratings), (Source::Folded, 4));
        assert!(folded.steps > 0, "{name}");
        let mean = recommender.profile(&visitor(&[])).unwrap();
        // A history says something of itself: nobody has trained what this one says.
        assert!(name == "history" || error(&folded) < error(&mean), "{name}");

        let options = ListOptions {
            count: 20,
            min_ratings: Some(0),
            seen: false,
            ..ListOptions::default()
        };
        let listed = |options: &ListOptions| -> Vec<String> {
            let list = recommender.top(&folded, options).unwrap();
            list.items.into_iter().map(|line| line.item).collect()
        };
        let list = listed(&options);
        assert_eq!(list.len(), 5, "{name}");
        assert!(
            RATED
                .iter()
                .all(|(rated, _)| !list.iter().any(|item| item == rated))
        );
        let seen = ListOptions {
            seen: true,
            ..options.clone()
        };
        assert_eq!(listed(&seen).len(), 9, "{name}");
        let wanted = recommender
            .top_of(&folded, &options, |item| item.0 % 2 == 1)
            .unwrap();
        assert_eq!(wanted.items.len(), 4, "{name}");
    }
}

#[test]
fn a_model_of_positives_moves_visitors_to_what_they_have_rated_whatever_the_rating() {
    for name in ["biased", "bounded", "perceptron"] {
        let recommender = recommender(name).with_scores(Scores::Order);
        let said = |ratings: &[(&str, f32)]| -> Vec<f32> {
            let profile = recommender.profile(&visitor(ratings)).unwrap();
            recommender.stars_for(&profile, &all_items()).unwrap()
        };
        let low = RATED.map(|(item, _)| (item, 0.5));
        assert_eq!(said(&RATED), said(&low), "{name}");
        let (mut sum, mut count) = (0.0, 0);
        for user in 0..USERS {
            let user = format!("u{user}");
            let known = Query {
                user: Some(&user),
                ratings: &[],
            };
            let profile = recommender.profile(&known).unwrap();
            let scores = recommender.stars_for(&profile, &profile.seen).unwrap();
            sum += scores.iter().sum::<f32>();
            count += scores.len();
        }
        let typical = sum / count as f32;
        // What folding in minimises, next to the prior.
        let off = |scores: &[f32]| -> f32 {
            let squares = [0, 2, 4, 8].map(|item: usize| (scores[item] - typical).powi(2));
            squares.iter().sum()
        };
        assert!(off(&said(&RATED)) <= off(&said(&[])) + 1e-4, "{name}");
    }
}

#[test]
fn new_ratings_move_a_known_users_row() {
    for name in NAMES.into_iter().filter(|name| *name != "items alone") {
        let recommender = recommender(name);
        let known = Query {
            user: Some("u3"),
            ratings: &[],
        };
        let before = recommender.profile(&known).unwrap();
        let with = |stars: f32| {
            let query = Query {
                user: Some("u3"),
                ratings: &[("i8", stars)],
            };
            recommender.profile(&query).unwrap()
        };
        let (high, low) = (with(5.0), with(0.5));
        assert_eq!(high.source, Source::KnownAndFolded);
        assert_eq!(high.ratings, before.ratings + 1);
        assert!(high.seen.len() == before.seen.len() + 1 && high.seen.contains(&ItemIx(8)));
        let says = |profile: &Profile| recommender.predict_for(profile, "i8").unwrap().rating;
        assert!(says(&high) > says(&low), "{name}");
    }
}

#[test]
fn items_that_the_model_does_not_know_are_listed_and_left_out() {
    let recommender = recommender("biased");
    let with = [RATED.as_slice(), &[("nobody's", 3.0), ("nobody's", 3.0)]].concat();
    let (one, other) = (
        recommender.profile(&visitor(&RATED)).unwrap(),
        recommender.profile(&visitor(&with)).unwrap(),
    );
    assert_eq!(one.rows, other.rows);
    assert_eq!(other.unknown_items, ["nobody's"]);
}

#[test]
fn what_is_no_rating_is_refused_in_words() {
    let recommender = recommender("biased");
    let said = |ratings: &[(&str, f32)]| {
        let error = recommender.profile(&visitor(ratings)).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        said(&[("i0", 5.5)]),
        "the rating 5.5 of item `i0` is not on the scale of 0.5 to 5"
    );
    assert_eq!(
        said(&[("nobody's", f32::NAN)]),
        "the rating NaN of item `nobody's` is not on the scale of 0.5 to 5"
    );
    assert!(said(&[("i0", f32::INFINITY)]).contains("inf"));
    assert_eq!(
        said(&[("i0", 4.0), ("i1", 1.0), ("i0", 3.0)]),
        "item `i0` has two different ratings, 4 and 3"
    );
    assert_eq!(
        said(&[("a", 4.0), ("b", 1.0)]),
        "the model knows none of the 2 rated items, such as `a`"
    );
    assert_eq!(
        said(&[("i0", 4.0); 1_001]),
        "1001 ratings, but at most 1000 can be folded in"
    );
    let unknown = recommender.profile(&Query {
        user: Some("nobody"),
        ratings: &RATED,
    });
    assert!(matches!(unknown, Err(RecommenderError::UnknownId { .. })));
}

#[test]
fn a_profile_of_another_model_is_refused() {
    let profile = recommender("biased").profile(&visitor(&RATED)).unwrap();
    let other = recommender("bounded");
    let refused = other.top(&profile, &ListOptions::default());
    assert!(matches!(refused, Err(RecommenderError::OtherProfile)));
}

#[test]
fn one_rating_all_equal_ratings_and_more_ratings_than_numbers_have_finite_rows() {
    for name in NAMES {
        let recommender = recommender(name);
        let ids: Vec<String> = (0..ITEMS).map(|item| format!("i{item}")).collect();
        let all: Vec<(&str, f32)> = ids.iter().map(|id| (id.as_str(), 0.5)).collect();
        for ratings in [&RATED[..1], &all] {
            let profile = recommender.profile(&visitor(ratings)).unwrap();
            let mut numbers = profile.rows.iter().flat_map(|row| &row.values);
            assert!(numbers.all(|number| number.is_finite()), "{name}");
        }
    }
}

/// The row of a profile in the order of exported factors: the bias last.
fn row_of(profile: &Profile) -> Vec<f64> {
    let mut tables: Vec<_> = profile.rows.iter().collect();
    tables.sort_by_key(|row| row.table == "b");
    let numbers = tables.iter().flat_map(|row| &row.values);
    numbers.map(|&number| f64::from(number)).collect()
}

#[test]
fn exported_factors_score_as_the_model_does_and_other_models_have_none() {
    for name in ["biased", "bounded"] {
        let recommender = recommender(name);
        let factors = recommender.fold_in_factors().unwrap();
        assert_eq!((factors.width, factors.user_bias), (3, name == "biased"));
        assert_eq!(factors.target, None);
        let size = factors.mean.len();
        assert_eq!(size, 3 + usize::from(factors.user_bias));
        assert_eq!(factors.precision.len(), size * size);
        let mean = recommender.profile(&visitor(&[])).unwrap();
        for (own, theirs) in factors.mean.iter().zip(row_of(&mean)) {
            assert!((own - theirs).abs() < 1e-6, "{name}");
        }
        for profile in [mean, recommender.profile(&visitor(&RATED)).unwrap()] {
            let row = row_of(&profile);
            let bias = if factors.user_bias { row[3] } else { 0.0 };
            let stars = recommender.stars_for(&profile, &all_items()).unwrap();
            for (item, stars) in stars.into_iter().enumerate() {
                let vector = &factors.items[item * 3..][..3];
                let dot: f64 = vector
                    .iter()
                    .zip(&row)
                    .map(|(q, p)| f64::from(*q) * p)
                    .sum();
                let sum = dot + f64::from(factors.item_bias[item]) + bias;
                let score = factors.centre + factors.link.of(sum as f32);
                assert!((score - stars).abs() < 1e-5, "{name}: {score} and {stars}");
            }
        }
    }
    for (name, why) in [
        ("perceptron", "other layers"),
        ("history", "more of a user"),
        ("items alone", "are the same"),
    ] {
        let error = recommender(name).fold_in_factors().unwrap_err();
        assert!(
            matches!(error, RecommenderError::NotLinear { .. }),
            "{name}"
        );
        assert!(error.to_string().contains(why), "{name}: {error}");
    }
    let order = recommender("biased").with_scores(Scores::Order);
    assert!(order.fold_in_factors().unwrap().target.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn neither_order_nor_repetition_of_ratings_matters(
        places in prop::collection::vec((0usize..9, 1u8..11), 1..9),
        turn in 0usize..9,
    ) {
        for name in NAMES {
            let recommender = recommender(name);
            let ids: Vec<String> = (0..ITEMS).map(|item| format!("i{item}")).collect();
            let mut rated: Vec<(&str, f32)> = Vec::new();
            for &(item, halves) in &places {
                if rated.iter().all(|(id, _)| *id != ids[item]) {
                    rated.push((&ids[item], f32::from(halves) / 2.0));
                }
            }
            let one = recommender.profile(&visitor(&rated)).unwrap();
            let count = rated.len();
            let mut other = rated.clone();
            other.rotate_left(turn % count);
            other.push(rated[0]);
            let other = recommender.profile(&visitor(&other)).unwrap();
            prop_assert_eq!(bits(&recommender, &one), bits(&recommender, &other));
            prop_assert_eq!(one, other);
        }
    }
}
