//! What a service asks for: all ratings at once, their parts, and explanations.

use super::*;
use recburn_recommender::{AnyRecommender, Query};

fn of(model: Network, dataset: &Dataset) -> AnyRecommender {
    AnyRecommender::Network(Box::new(recommender(model, dataset, 3.0)))
}

#[test]
fn all_ratings_at_once_are_those_of_the_pairs_before_and_after_warming() {
    let data = films();
    for model in [
        deep(&data, 5),
        sums(&[0.0, 1.0, -4.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]),
    ] {
        let model = of(model, &data);
        for warm in [false, true] {
            if warm {
                model.warm();
            }
            for (user, id) in data.users.iter() {
                let all = model.all_of_user(user);
                let profile = model.profile(&Query {
                    user: Some(&id),
                    ratings: &[],
                });
                assert_eq!(model.all_for(&profile.unwrap()).unwrap(), all);
                for (item, name) in data.items.iter() {
                    let predicted = model.predict(&id, &name).unwrap().rating;
                    assert!((all[item.index()] - predicted).abs() < 1e-6);
                    assert!((model.of_pairs(&[user], &[item])[0] - predicted).abs() < 1e-6);
                }
            }
        }
        let nobody = model.all_of_user(recburn_data::UserIx(99));
        assert!(nobody.len() == 5 && nobody.iter().all(|rating| rating.is_nan()));
    }
}

#[test]
fn rows_without_an_id_are_no_numbers() {
    let raw = dataset(
        &["1", "2"],
        &["1", "3"],
        IdOrder::Raw,
        &[("1", "3", 3.0), ("2", "1", 4.5)],
    );
    for model in [deep(&raw, 1), sums(&[0.0; 3], &[0.0, 1.0, 2.0, 3.0])] {
        let all = of(model, &raw).all_of_user(recburn_data::UserIx(1));
        let known: Vec<bool> = all.iter().map(|rating| !rating.is_nan()).collect();
        assert_eq!(known, [false, true, false, true]);
    }
}

#[test]
fn a_sum_has_parts_and_a_network_of_layers_has_none() {
    let data = films();
    let model = of(
        sums(&[0.0, 1.0, -4.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]),
        &data,
    );
    let (user, item) = (
        data.users.index("ben").unwrap(),
        data.items.index("dune").unwrap(),
    );
    let parts = model.parts(user, item).unwrap();
    let all = (parts.mean, parts.user_bias, parts.item_bias, parts.r#match);
    assert_eq!(all, (3.0, 1.0, 1.5, 0.0));
    assert!(of(deep(&data, 5), &data).parts(user, item).is_none());
    assert!(model.parts(recburn_data::UserIx(99), item).is_none());
}

#[test]
fn ratings_are_kept_with_the_model_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    tiny().save(&folder).unwrap();
    let data = films();
    let loaded = Recommender::load(&folder, &Device::flex()).unwrap();
    for seen in [tiny().seen(), loaded.seen()] {
        let (ann, item) = (data.users.index("ann").unwrap(), |id: &str| {
            data.items.index(id).unwrap()
        });
        assert_eq!(
            seen.ratings_of(ann).unwrap(),
            [(item("alien"), 5.0), (item("brazil"), 4.0)]
        );
        let (levels, counts) = seen.histograms().unwrap();
        assert_eq!(levels, [0.5, 1.0, 4.0, 5.0]);
        assert_eq!(counts[item("dune").index() * 4..][..4], [0, 1, 0, 0]);
        assert_eq!(counts.iter().sum::<u32>(), 4);
    }
}

#[test]
fn more_different_ratings_than_a_byte_counts_are_not_kept() {
    let users: Vec<String> = (0..300).map(|user| user.to_string()).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let rated: Vec<(&str, &str, f32)> = users
        .iter()
        .zip(0_u8..=255)
        .map(|(user, at)| (*user, "x", f32::from(at)))
        .collect();
    let few = dataset(&users, &["x"], IdOrder::FirstSight, &rated);
    assert!(Seen::all_trained(&few).has_ratings());
    let more = [&rated[..], &[(users[299], "x", 0.25)]].concat();
    let many = dataset(&users, &["x"], IdOrder::FirstSight, &more);
    let seen = Seen::all_trained(&many);
    assert!(
        !seen.has_ratings()
            && seen.ratings_of(recburn_data::UserIx(0)).is_none()
            && seen.histograms().is_none()
    );
}

#[test]
fn an_explanation_adds_up_where_the_row_is_all_that_is_fitted() {
    let data = films();
    let model = of(
        sums(&[0.0, 1.0, -4.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]),
        &data,
    );
    let query = Query {
        user: None,
        ratings: &[("alien", 5.0), ("dune", 4.5)],
    };
    let explained = model.explain(&query, &["brazil", "casablanca"]).unwrap();
    let profile = model.profile(&query).unwrap();
    let all = model.all_for(&profile).unwrap();
    for (one, id) in explained.iter().zip(["brazil", "casablanca"]) {
        assert!((one.rating - all[data.items.index(id).unwrap().index()]).abs() < 1e-5);
        let sum: f32 = one.base + one.contributions.iter().map(|own| own.weight).sum::<f32>();
        assert!(one.exact && (sum - one.rating).abs() < 1e-4);
        assert_eq!(one.contributions.len(), 2);
        assert!(one.contributions[0].weight.abs() >= one.contributions[1].weight.abs());
    }
    let unknown = model.explain(&query, &["nothing"]).unwrap_err();
    assert!(matches!(unknown, RecommenderError::UnknownId { .. }));
}
