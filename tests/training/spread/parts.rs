//! Parts of a model: alone and together they answer as the model that one process collects.

use super::models::Files;
use super::{experiment, prepared};
use recburn::data::{ItemIx, UserIx};
use recburn::nn::Model;
use recburn::optim::Rule;
use recburn::prelude::*;
use recburn::recommender::{List, ListOptions, ModelParts, Part, Query, RecommenderError, Role};
use recburn::spread::{Ranks, threads};
use serde_json::{Value, json};
use std::path::Path;
use std::rc::Rc;

/// Trains on this many ranks, and writes the collected model into `model` and the parts into `parts`.
fn train(size: usize, experiment: &Experiment, folder: &Path) {
    threads(size, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let prepared = prepared(experiment, &ranks);
        let device = pick_device(Some("flex")).unwrap();
        let mut model = experiment.spread_network(&prepared, &device).unwrap();
        let mut trainer = experiment.spread_trainer(&prepared);
        experiment
            .fit_spread(&mut trainer, &mut model, &prepared)
            .unwrap();
        let whole = experiment.collect(&prepared, &model, &device).unwrap();
        if let Some((data, whole)) = whole {
            let gathered = experiment.recommender(&whole, &data).unwrap();
            gathered.save(&folder.join("model")).unwrap();
        }
        let parts = folder.join("parts");
        experiment
            .save_parts(&parts, &prepared, model, trainer, &device)
            .unwrap();
    });
}

#[track_caller]
fn assert_same(own: &List, wanted: &List, within: f32, what: &str) {
    let ids =
        |list: &List| -> Vec<String> { list.items.iter().map(|line| line.item.clone()).collect() };
    assert_eq!(ids(own), ids(wanted), "{what}");
    assert!(!own.items.is_empty(), "{what}");
    assert_eq!(
        (own.user_ratings, own.min_ratings, own.left_out),
        (wanted.user_ratings, wanted.min_ratings, wanted.left_out),
        "{what}"
    );
    for (own, wanted) in own.items.iter().zip(&wanted.items) {
        let apart = (own.rating - wanted.rating).abs();
        assert!(apart <= within, "{what}: apart by {apart}");
        assert_eq!(
            (own.ratings, &own.title, &own.genres),
            (wanted.ratings, &wanted.title, &wanted.genres),
            "{what}"
        );
    }
}

/// The same data, but for rounding of numbers and for their order, which bags do not have.
#[track_caller]
fn assert_near(own: &Value, wanted: &Value, what: &str) {
    match (own, wanted) {
        (Value::Array(own), Value::Array(wanted)) => {
            assert_eq!(own.len(), wanted.len(), "{what}");
            let sorted = |all: &[Value]| {
                let mut all = all.to_vec();
                all.sort_by(|one, other| match (one.as_f64(), other.as_f64()) {
                    (Some(one), Some(other)) => one.total_cmp(&other),
                    _ => std::cmp::Ordering::Equal,
                });
                all
            };
            let (own, wanted) = (sorted(own), sorted(wanted));
            let each = own.iter().zip(&wanted);
            each.for_each(|(own, wanted)| assert_near(own, wanted, what));
        }
        (Value::Object(own), Value::Object(wanted)) => {
            assert!(own.keys().eq(wanted.keys()), "{what}");
            let each = own.values().zip(wanted.values());
            each.for_each(|(own, wanted)| assert_near(own, wanted, what));
        }
        (Value::Number(one), Value::Number(other)) => {
            let [one, other] = [one, other].map(|number| number.as_f64().unwrap());
            assert!((one - other).abs() <= 1e-6, "{what}: {one} and {other}");
        }
        (own, wanted) => assert_eq!(own, wanted, "{what}"),
    }
}

/// Compares the parts of one to four ranks with the collected model: the lists of all users, those of visitors, the error on
/// what was held out, and the files.
#[track_caller]
fn same_in_parts(experiment: &Experiment, what: &str) {
    let device = pick_device(Some("flex")).unwrap();
    let options = ListOptions::default();
    for size in 1..=4 {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        train(size, experiment, folder);
        let gathered = Recommender::load(&folder.join("model"), &device).unwrap();
        let whole = Recommender::load(&folder.join("parts"), &device).unwrap();
        let parts = ModelParts::open(&folder.join("parts")).unwrap();
        assert_eq!(parts.count(), size, "{what}");
        let each: Vec<Recommender> = (1..=size)
            .map(|number| parts.load_part(Part { number, of: size }, &device).unwrap())
            .collect();
        assert!(whole.part().is_none(), "{what}");
        let mut known = 0;
        for (_, user) in gathered.users().iter() {
            let wanted = gathered.list(&user, &options).unwrap();
            let what = format!("{what} on {size} ranks, user {user}");
            assert_same(&whole.list(&user, &options).unwrap(), &wanted, 1e-6, &what);
            for part in &each {
                match part.list(&user, &options) {
                    Ok(list) => {
                        known += 1;
                        assert_eq!(part.part(), Some(parts.of_user(&user)), "{what}");
                        assert_same(&list, &wanted, 1e-6, &what);
                    }
                    Err(RecommenderError::UnknownId { near, .. }) => {
                        let home = parts.of_user(&user).folder();
                        assert!(near.contains(&format!("would be in {home}")), "{near}");
                    }
                    Err(other) => panic!("{what}: {other}"),
                }
            }
        }
        assert_eq!(
            known,
            gathered.users().len(),
            "{what}: each user is in one part"
        );

        let rated = [("i1", 5.0), ("i7", 1.0), ("i12", 4.0)];
        for ratings in [&rated[..], &[]] {
            let query = Query {
                user: None,
                ratings,
            };
            let list = |model: &Recommender| {
                let profile = model.profile(&query).unwrap();
                model.top(&profile, &options).unwrap()
            };
            let wanted = list(&gathered);
            let what = format!("{what} on {size} ranks, a visitor");
            assert_same(&list(&whole), &wanted, 1e-6, &what);
            for part in &each {
                assert_same(&list(part), &wanted, 1e-4, &what);
            }
        }

        let held_out = |model: &Recommender| model.evaluate_held_out(Role::Valid).unwrap();
        let (own, wanted) = (held_out(&whole), held_out(&gathered));
        assert_eq!(own.rows, wanted.rows, "{what}");
        let of_parts: usize = each.iter().map(|part| held_out(part).rows).sum();
        assert_eq!(of_parts, wanted.rows, "{what}");
        if wanted.rows > 0 {
            let (own, wanted) = (own.metrics().unwrap(), wanted.metrics().unwrap());
            assert!((own.rmse - wanted.rmse).abs() <= 1e-6, "{what}");
        }
        // The files are those of the collected model, but for rounding in the sums of ratings.
        let again = folder.join("again");
        whole.save(&again).unwrap();
        for file in ["ids.json", "weights.safetensors"] {
            let read = |of: &Path| std::fs::read(of.join(file)).unwrap();
            assert!(
                read(&again) == read(&folder.join("model")),
                "{what} on {size} ranks: {file}"
            );
        }
        let json = |model: &Recommender| serde_json::to_value(model.features()).unwrap();
        assert_near(
            &json(&whole),
            &json(&gathered),
            &format!("{what} on {size} ranks"),
        );
        assert_eq!(
            whole.seen().pairs(Role::Train),
            gathered.seen().pairs(Role::Train)
        );
        assert_eq!(
            whole.seen().held_out(Role::Valid),
            gathered.seen().held_out(Role::Valid)
        );
        assert_eq!(whole.model().inputs(), gathered.model().inputs(), "{what}");
    }
}

#[test]
fn ratings() {
    let files = Files::new();
    same_in_parts(
        &files.of("biased_mf", json!({ "factors": 4, "l2": 1e-5 })),
        "biased_mf",
    );
    let mut averaged = files.of("scaled_mf", json!({ "factors": 4 }));
    averaged.training.average = Some("swa:1".parse().unwrap());
    averaged.training.split = "none".to_string();
    same_in_parts(&averaged, "scaled_mf, averaged, on all ratings");
}

#[test]
fn positives() {
    let files = Files::new();
    let mut positives = files.of("bpr_mf", json!({ "factors": 4 }));
    positives.training.examples = "positives".parse().unwrap();
    positives.training.loss = "bpr".parse().unwrap();
    same_in_parts(&positives, "bpr_mf");
}

#[test]
fn features_and_layers() {
    let files = Files::new();
    let options =
        json!({ "factors": 4, "hidden": [8], "batch_norm": true, "dropout": 0.1, "l2": 1e-4 });
    let mut experiment = files.with_features("deep_fm", options);
    experiment.training.rule = Rule::sgd(0.9);
    same_in_parts(&experiment, "deep_fm");
    same_in_parts(&files.with_features("two_tower", json!({})), "two_tower");
    same_in_parts(&files.of("neumf", json!({})), "neumf");
    let mut times = files.of("factorisation_machine", json!({ "factors": 4 }));
    times.training.time_columns = true;
    same_in_parts(&times, "columns of times");
}

#[test]
fn histories() {
    let files = Files::new();
    same_in_parts(&files.of("svdpp", json!({ "factors": 4 })), "svdpp");
    let options = json!({ "length": 10, "width": 8, "blocks": 1, "heads": 1 });
    let mut next = files.of("sasrec", options);
    next.training.examples = "next-item".parse().unwrap();
    next.training.loss = "softmax".parse().unwrap();
    next.training.negatives = Some("uniform:3".to_string());
    next.training.batch = 16;
    same_in_parts(&next, "sasrec");
}

#[test]
fn titles_and_filters() {
    let files = Files::new();
    let mut text = "item_id,title,genres\n".to_string();
    for at in 0..45 {
        text += &format!(
            "i{at},Film {at} ({}),{}\n",
            1950 + at,
            ["Drama", "War"][at % 2]
        );
    }
    std::fs::write(files.path("titles.csv"), text).unwrap();
    let options = json!({ "factors": 4, "features": ["genres", "year"] });
    let mut experiment = files.of("factorisation_machine", options);
    experiment.training.items = Some(files.path("titles.csv"));
    experiment.training.filter = Some("users>=10,items>=5".to_string());
    same_in_parts(&experiment, "titles and genres");
}

#[test]
fn a_part_may_have_no_users() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ratings.csv");
    let mut text = "user,item,rating\n".to_string();
    for row in 0..40 {
        text += &format!("u{},i{},{}\n", row % 2, row * 7 % 31, row % 5 + 1);
    }
    std::fs::write(&file, text).unwrap();
    let mut experiment = experiment("biased_mf", json!({ "factors": 2 }), Rule::ADAM, 1);
    experiment.training.data = file.display().to_string();
    experiment.training.split = "none".to_string();
    experiment.training.batch = 10;
    same_in_parts(&experiment, "two users");
    let users = folder.path().join("users.csv");
    std::fs::write(&users, "id,age,job\nu0,20,cook\nu1,30,nurse\n").unwrap();
    let users = users.display();
    experiment.model = "factorisation_machine".to_string();
    experiment.training.user_features = Some(format!("{users}:id,age:number,job:id"));
    same_in_parts(&experiment, "two users with features");
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let files = Files::new();
    let experiment = files.of("biased_mf", json!({ "factors": 4 }));
    let device = pick_device(Some("flex")).unwrap();
    let folders = [2, 2].map(|size| {
        let folder = tempfile::tempdir().unwrap();
        let mut own = experiment.clone();
        own.seed += u64::from(size == 2);
        train(size, &own, folder.path());
        folder
    });
    let [one, other] = &folders;
    let refused = || {
        let loaded = Recommender::load(&one.path().join("parts"), &device);
        loaded.map(|_| ()).unwrap_err().to_string()
    };
    let first = one.path().join("parts/1-of-2");
    std::fs::rename(&first, one.path().join("aside")).unwrap();
    assert!(refused().contains("there is no such file"), "{}", refused());
    std::fs::rename(other.path().join("parts/2-of-2"), &first).unwrap();
    assert!(refused().contains("it is not the one in"), "{}", refused());
    std::fs::write(
        one.path().join("parts/parts.json"),
        "{\"format\": 1, \"recburn\": \"0\", \"parts\": {}}",
    )
    .unwrap();
    assert!(
        refused().contains("does not list all parts"),
        "{}",
        refused()
    );
}

#[test]
fn smoothed_rows_and_titles_are_in_every_part() {
    let files = Files::new();
    let mut text = "item_id,title,genres\n".to_string();
    for at in 0..50 {
        text += &format!("i{at},Film {at} (1990),Drama\n");
    }
    std::fs::write(files.path("titles.csv"), text).unwrap();
    let mut experiment = files.of("light_gcn", json!({ "factors": 4, "layers": 2 }));
    experiment.training.examples = "positives".parse().unwrap();
    experiment.training.loss = "bpr".parse().unwrap();
    experiment.training.items = Some(files.path("titles.csv"));
    same_in_parts(&experiment, "light_gcn");

    // `ids.json`, which has been compared, has the titles.
    let folder = tempfile::tempdir().unwrap();
    train(2, &experiment, folder.path());
    for of in ["model", "parts/1-of-2"] {
        let ids = std::fs::read_to_string(folder.path().join(of).join("ids.json")).unwrap();
        assert!(ids.contains("Film 7 (1990)"), "{of}");
    }
}

#[test]
fn what_a_filter_leaves_out_is_known_to_its_users() {
    let files = Files::new();
    let mut experiment = files.of("biased_mf", json!({ "factors": 4 }));
    experiment.training.filter = Some("rating>=3,users>=5".to_string());
    let folder = tempfile::tempdir().unwrap();
    train(3, &experiment, folder.path());
    let device = pick_device(Some("flex")).unwrap();
    let gathered = Recommender::load(&folder.path().join("model"), &device).unwrap();
    let alone = experiment.prepare(None).unwrap();
    let pairs = |model: &Recommender| {
        let left_out = model.seen().pairs(Role::LeftOut);
        let both = left_out.users.iter().zip(&left_out.items);
        let id = |(user, item): (&UserIx, &ItemIx)| {
            let ids = (model.users().id(*user), model.items().id(*item));
            format!("{:?}", ids)
        };
        let mut pairs: Vec<String> = both.map(id).collect();
        pairs.sort();
        pairs
    };
    let network = experiment.network(&alone, &device).unwrap();
    let wanted = pairs(&experiment.recommender(&network, &alone).unwrap());
    assert!(wanted.len() > 100);
    assert_eq!(pairs(&gathered), wanted);
    let parts = Recommender::load(&folder.path().join("parts"), &device).unwrap();
    assert_eq!(pairs(&parts), wanted);
}

#[test]
fn profiles_and_whole_users() {
    let files = Files::new();
    let mut profiles = files.of("mult_vae", json!({ "hidden": 8, "latent": 4 }));
    profiles.training.examples = "profiles".parse().unwrap();
    profiles.training.loss = "softmax".parse().unwrap();
    profiles.training.batch = 20;
    same_in_parts(&profiles, "mult_vae");
    let mut users = files.of("autorec", json!({ "by": "user", "hidden": 5 }));
    users.training.examples = "whole-users".parse().unwrap();
    users.training.batch = 20;
    same_in_parts(&users, "autorec by user");
}

#[test]
fn a_model_that_reads_all_users_of_an_item_has_no_parts() {
    let files = Files::new();
    let options = json!({ "factors": 4, "features": ["raters"] });
    let raters = files.of("factorisation_machine", options);
    let folder = tempfile::tempdir().unwrap();
    threads(2, |ranks| {
        let ranks: Rc<dyn Ranks> = Rc::new(ranks);
        let prepared = prepared(&raters, &ranks);
        let device = pick_device(Some("flex")).unwrap();
        let model = raters.spread_network(&prepared, &device).unwrap();
        let trainer = raters.spread_trainer(&prepared);
        assert!(!raters.has_parts(&model));
        let to = folder.path().join("none");
        let refused = raters.save_parts(&to, &prepared, model, trainer, &device);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("reads all users of an item"), "{refused}");
    });
}
