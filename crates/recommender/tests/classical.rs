//! Every method of the registry as a recommender: lists, visitors, evaluation, saving and loading.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use recburn_classical::{ClassicalError, Context, Method, methods};
use recburn_data::{Dataset, IdOrder, Split, SplitKind};
use recburn_recommender::{
    AnyRecommender, ClassicalRecommender, ListOptions, Query, RecommenderError, Role, Scores, Seen,
    Source,
};
use serde_json::{Value, json};

/// A few users of the sample and what they have rated, so that dense models are quick.
fn small() -> (Dataset, Split) {
    let sample = Dataset::sample(IdOrder::FirstSight);
    let filter: recburn_data::Filter = "items>=60,users>=20".parse().unwrap();
    let dataset = filter.apply(&sample).unwrap().0;
    let kind: SplitKind = "by-user-hashed:0.8/0.1/0.1".parse().unwrap();
    dataset.into_split(&kind, 42).unwrap()
}

fn options(name: &str) -> Value {
    match name {
        "bayesian_fm" => json!({ "sweeps": 6, "burn_in": 2, "saved_samples": 2, "features": [] }),
        _ => json!({}),
    }
}

fn fitted(method: &dyn Method, dataset: &Dataset, split: &Split) -> ClassicalRecommender {
    let context = Context {
        train: &split.train,
        users: dataset.users.rows(),
        items: dataset.items.rows(),
        scale: (dataset.scale.min, dataset.scale.max),
        features: None,
        seed: 1,
        threads: 1,
    };
    let fitted = method.fit(&context).unwrap();
    let seen = Seen::of_split(dataset, split);
    ClassicalRecommender::new(
        method,
        fitted,
        dataset,
        &split.train,
        seen,
        json!({"by": "hand"}),
    )
    .unwrap()
}

/// What it answers to many questions.
fn answers(model: &AnyRecommender, user: &str, item: &str) -> String {
    let options = ListOptions::default();
    let visitor = model
        .profile(&Query {
            user: None,
            ratings: &[(item, 5.0)],
        })
        .unwrap();
    let both = model
        .profile(&Query {
            user: Some(user),
            ratings: &[(item, 5.0)],
        })
        .unwrap();
    let mut lists = Vec::new();
    model
        .lists(&options, |list| {
            lists.push(list);
            Ok::<(), RecommenderError>(())
        })
        .unwrap();
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        model.predict(user, item).unwrap(),
        model.list(user, &options).unwrap(),
        lists,
        (visitor.source, model.top(&visitor, &options).unwrap()),
        (both.source, model.top(&both, &options).unwrap()),
        model.evaluate_held_out(Role::Test).unwrap(),
        (model.name(), model.scores(), model.training()),
    )
}

#[test]
fn a_loaded_model_answers_as_the_saved_one() {
    let (dataset, split) = small();
    let folder = tempfile::tempdir().unwrap();
    let (user, item) = (
        dataset.users.iter().next().unwrap(),
        dataset.items.iter().nth(3).unwrap(),
    );
    for entry in methods() {
        let method = entry.from_options(options(entry.name)).unwrap();
        let model = fitted(&*method, &dataset, &split);
        let place = folder.path().join(entry.name);
        model.save(&place).unwrap();
        let before = answers(
            &AnyRecommender::Classical(Box::new(model)),
            &user.1,
            &item.1,
        );
        let loaded = AnyRecommender::load(&place, &Device::flex()).unwrap();
        assert_eq!(answers(&loaded, &user.1, &item.1), before, "{}", entry.name);
        assert!(matches!(
            loaded.network(),
            Err(RecommenderError::NoTables { .. })
        ));
    }
}

#[test]
fn lists_leave_out_what_was_rated_and_are_sorted() {
    let (dataset, split) = small();
    for entry in methods() {
        let method = entry.from_options(options(entry.name)).unwrap();
        let model = fitted(&*method, &dataset, &split);
        let by_rating = model.scores() == Scores::Ratings;
        assert_eq!(
            by_rating,
            method.scores() == recburn_classical::Scores::Ratings
        );
        for (_, user) in dataset.users.iter().take(5) {
            let list = model.list(&user, &ListOptions::default()).unwrap();
            assert_eq!(list.items.len(), 10, "{}", entry.name);
            assert!(list.items.is_sorted_by(|a, b| a.rating >= b.rating));
            let row = dataset.users.index(&user).unwrap();
            for line in &list.items {
                let item = dataset.items.index(&line.item).unwrap();
                assert!(!Seen::of_split(&dataset, &split).holds(row, item));
                let prediction = model.predict(&user, &line.item).unwrap();
                assert!(
                    (prediction.rating - line.rating).abs() < 1e-3,
                    "{}",
                    entry.name
                );
            }
        }
    }
}

#[test]
fn a_visitor_with_a_users_ratings_gets_nearly_the_users_list() {
    let (dataset, split) = small();
    let user = split.train.users[0];
    let id = dataset.users.id(user).unwrap().into_owned();
    let own = (0..split.train.len()).filter(|&row| split.train.users[row] == user);
    let own: Vec<(String, f32)> = own
        .map(|row| {
            let item = dataset.items.id(split.train.items[row]).unwrap();
            (item.into_owned(), split.train.ratings[row])
        })
        .collect();
    let own: Vec<(&str, f32)> = own.iter().map(|(id, stars)| (&**id, *stars)).collect();
    let all = ListOptions {
        count: 10,
        seen: true,
        min_ratings: Some(0),
        ..ListOptions::default()
    };
    for entry in methods() {
        let method = entry.from_options(options(entry.name)).unwrap();
        let model = fitted(&*method, &dataset, &split);
        let visitor = model
            .profile(&Query {
                user: None,
                ratings: &own,
            })
            .unwrap();
        assert_eq!(
            (visitor.source, visitor.ratings),
            (Source::Folded, own.len())
        );
        let of_visitor = model.top(&visitor, &all).unwrap();
        let of_user = model.list(&id, &all).unwrap();
        let shared = of_visitor
            .items
            .iter()
            .filter(|line| of_user.items.iter().any(|other| other.item == line.item));
        assert!(shared.count() >= 5, "{}", entry.name);
    }
}

#[test]
fn lists_are_measured_as_by_hand() {
    let (dataset, split) = small();
    let method = recburn_classical::find("popularity").unwrap();
    let method = method.from_options(json!({})).unwrap();
    let model = fitted(&*method, &dataset, &split);
    let measured = model
        .ranking(&split.test, Role::Test, &[10])
        .unwrap()
        .unwrap();
    let of_users = recburn_data::ByUser::of(&split.test);
    let (mut hits, mut users) = (0, 0);
    for (user, items) in of_users.iter().filter(|(_, items)| !items.is_empty()) {
        let id = dataset.users.id(user).unwrap();
        // Rated items are left out of both, but only those of the test part may be in the list.
        let all = ListOptions {
            count: usize::MAX,
            seen: true,
            min_ratings: Some(0),
            ..ListOptions::default()
        };
        let list = model.list(&id, &all).unwrap();
        let known = |id: &str| {
            let item = dataset.items.index(id).unwrap();
            let parts = [&split.train, &split.valid];
            parts.iter().any(|part| {
                (0..part.len()).any(|row| part.users[row] == user && part.items[row] == item)
            })
        };
        let top = list.items.iter().filter(|line| !known(&line.item)).take(10);
        let hit = top
            .map(|line| dataset.items.index(&line.item).unwrap())
            .any(|item| items.contains(&item));
        hits += usize::from(hit);
        users += 1;
    }
    let hit = measured.means.get("hit@10").unwrap();
    assert!((hit - f64::from(hits as u32) / f64::from(users)).abs() < 1e-12);
}

#[test]
fn a_damaged_model_is_refused() {
    let (dataset, split) = small();
    let method = recburn_classical::find("bias").unwrap();
    let method = method.from_options(json!({})).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let model = fitted(&*method, &dataset, &split);
    let place = folder.path().join("model");
    let file = place.join("fitted.msgpack");
    model.save(&place).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    for damage in [&bytes[..bytes.len() / 2], &[], b"\xc1nothing"] {
        std::fs::write(&file, damage).unwrap();
        let error = ClassicalRecommender::load(&place).unwrap_err();
        assert!(matches!(error, RecommenderError::NotAModel { path, .. } if path == file));
    }
    std::fs::remove_file(&file).unwrap();
    let error = AnyRecommender::load(&place, &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("fitted.msgpack"), "{error}");
    // A model of other data.
    let other = dataset.users.rows() + 1;
    let context = Context {
        train: &split.train,
        users: other,
        items: dataset.items.rows() + 1,
        scale: (1.0, 5.0),
        features: None,
        seed: 1,
        threads: 1,
    };
    let larger = method.fit(&context).unwrap();
    let seen = Seen::of_split(&dataset, &split);
    let misfit =
        ClassicalRecommender::new(&*method, larger, &dataset, &split.train, seen, Value::Null);
    assert!(matches!(
        misfit,
        Err(RecommenderError::Classical(ClassicalError::Length { .. }))
    ));
}
