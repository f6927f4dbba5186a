//! A model with its ids answers, is saved, and answers the same when loaded.

#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use recburn_data::{Centre, Dataset, IdMap, IdOrder, Item, Ratings};
use recburn_graph::{Activation, Graph, Sym, add, concat, dot};
use recburn_nn::{Network, Weight, Weights};
use recburn_recommender::{
    EmbeddingTable, ListOptions, Recommendation, Recommender, RecommenderError, Seen,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Ratings by raw id, users and items in this order of ids.
fn dataset(users: &[&str], items: &[&str], order: IdOrder, rated: &[(&str, &str, f32)]) -> Dataset {
    let users = IdMap::new(users.iter().copied(), order).unwrap();
    let items = IdMap::new(items.iter().copied(), order).unwrap();
    let ratings = Ratings {
        users: rated
            .iter()
            .map(|(user, ..)| users.index(user).unwrap())
            .collect(),
        items: rated
            .iter()
            .map(|(_, item, _)| items.index(item).unwrap())
            .collect(),
        ratings: rated.iter().map(|&(.., rating)| rating).collect(),
        ..Ratings::default()
    };
    Dataset::new("tiny", users, items, ratings).unwrap()
}

fn film(title: &str, genres: &[&str]) -> Option<Item> {
    Some(Item {
        title: title.to_string(),
        genres: genres.iter().map(|genre| genre.to_string()).collect(),
    })
}

/// Three users, five films; ann has rated two of them, ben one, cleo none that the others have not.
fn films() -> Dataset {
    let mut dataset = dataset(
        &["ann", "ben", "cleo"],
        &["alien", "brazil", "casablanca", "dune", "eraserhead"],
        IdOrder::FirstSight,
        &[
            ("ann", "brazil", 4.0),
            ("ann", "alien", 5.0),
            ("ben", "dune", 1.0),
            ("cleo", "eraserhead", 0.5),
        ],
    );
    dataset.catalogue = vec![
        film("Alien (1979)", &["Horror", "Sci-Fi"]),
        film("Brazil (1985)", &["Sci-Fi"]),
        None,
        film("Dune, Part \"One\" (2021)", &[]),
        film("Eraserhead (1977)", &["Horror"]),
    ];
    dataset
}

/// The sum of a bias of the user and one of the item, which makes every score a number known beforehand.
fn sums(users: &[f32], items: &[f32]) -> Network {
    let output = add(
        "score",
        [
            &Sym::user(users.len()).embed("user_bias", 1),
            &Sym::item(items.len()).embed("item_bias", 1),
        ],
    );
    let graph = Graph::new("sums", &output).unwrap();
    let column = |values: &[f32]| Weight {
        shape: vec![values.len(), 1],
        values: values.to_vec(),
    };
    let weights = BTreeMap::from([
        ("user_bias.weight".to_string(), column(users)),
        ("item_bias.weight".to_string(), column(items)),
    ]);
    Weights(weights)
        .load_into(Network::new(graph, 0, &Device::flex()))
        .unwrap()
}

fn recommender(model: Network, dataset: &Dataset, mean: f32) -> Recommender {
    let training = json!({"model": "sums", "epochs": 3});
    Recommender::new(
        model,
        dataset,
        Seen::all_trained(dataset),
        Centre { mean },
        training,
    )
    .unwrap()
}

/// Items best first for a user of bias 0: dune, brazil and casablanca alike, alien, eraserhead.
fn tiny() -> Recommender {
    let model = sums(&[0.0, 1.0, -4.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]);
    recommender(model, &films(), 3.0)
}

/// A user's list among all items, also those that nothing was learnt of.
fn every(recommender: &Recommender, user: &str, count: usize) -> Vec<Recommendation> {
    let options = ListOptions {
        count,
        min_ratings: Some(0),
        ..ListOptions::default()
    };
    recommender.list(user, &options).unwrap().items
}

fn items_of(list: &[Recommendation]) -> Vec<&str> {
    list.iter().map(|line| line.item.as_str()).collect()
}

/// A model with every kind of layer, over the rows of these data.
fn deep(dataset: &Dataset, seed: u64) -> Network {
    let (user, item) = (
        Sym::user(dataset.users.rows()).embed("user_factors", 3),
        Sym::item(dataset.items.rows()).embed("item_factors", 3),
    );
    let hidden = concat("both", [&user, &item])
        .dropout("dropout_1", 0.4)
        .dense("dense_1", 7, Activation::Relu)
        .batch_norm("batch_norm_1")
        .dense("score", 1, Activation::Tanh);
    let output = add("total", [&hidden, &dot("affinity", &user, &item)]);
    let graph = Graph::new("deep", &output).unwrap();
    Network::new(graph, seed, &Device::flex())
}

/// Everything that a recommender says, as bits where it says numbers.
fn everything(recommender: &Recommender, dataset: &Dataset) -> Vec<String> {
    let mut said = Vec::new();
    for (_, user) in dataset.users.iter() {
        for (_, item) in dataset.items.iter() {
            let seen = recommender.predict(&user, &item).unwrap();
            let bits = (seen.rating.to_bits(), seen.clipped.to_bits());
            said.push(format!("{user} {item} {bits:?}"));
        }
        for line in every(recommender, &user, usize::MAX) {
            let bits = line.rating.to_bits();
            said.push(format!("{user} {line:?} {bits}"));
        }
    }
    for name in recommender.embedding_names() {
        let table = recommender.embedding(&name).unwrap();
        let bits: Vec<u32> = table.values.iter().map(|value| value.to_bits()).collect();
        said.push(format!("{name} {:?} {} {bits:?}", table.ids, table.width));
    }
    said.push(recommender.training().to_string());
    said.push(recommender.model().to_string());
    said
}

// Predictions.

#[test]
fn a_prediction_is_the_score_with_the_mean_put_back() {
    let recommender = tiny();
    for (user, item, rating) in [
        ("ann", "alien", 2.5),
        ("ann", "dune", 4.5),
        ("ben", "brazil", 4.25),
        ("ben", "casablanca", 4.25),
    ] {
        let seen = recommender.predict(user, item).unwrap();
        assert_eq!((seen.rating, seen.clipped), (rating, rating));
    }
}

#[test]
fn a_prediction_is_clipped_to_the_scale_of_the_data_and_also_told_unclipped() {
    let recommender = tiny();
    // The data go from 0.5 to 5.
    let above = recommender.predict("ben", "dune").unwrap();
    assert_eq!((above.rating, above.clipped), (5.5, 5.0));
    let below = recommender.predict("cleo", "eraserhead").unwrap();
    assert_eq!((below.rating, below.clipped), (-3.0, 0.5));
}

#[test]
fn without_centring_a_prediction_is_the_score() {
    let model = sums(&[0.0, 1.0, 2.0], &[0.5, 1.5, 2.5, 3.5, 0.25]);
    let recommender = Recommender::new(
        model,
        &films(),
        Seen::all_trained(&films()),
        Centre::none(),
        Value::Null,
    )
    .unwrap();
    assert_eq!(recommender.predict("cleo", "dune").unwrap().rating, 5.5);
    assert_eq!(recommender.training(), &Value::Null);
}

#[test]
fn an_unknown_id_is_named_with_what_it_is_and_how_many_are_known() {
    let recommender = tiny();
    let user = "there is no user `dora` among the 3 that the model knows; known ones are, for example, `ann`, `ben`, \
                `cleo`";
    let item = "there is no item `fargo` among the 5 that the model knows; known ones are, for example, `alien`, \
                `brazil`, `casablanca`";
    for (error, text) in [
        (recommender.predict("dora", "alien").unwrap_err(), user),
        (recommender.predict("ann", "fargo").unwrap_err(), item),
        // The user is looked for first.
        (recommender.predict("dora", "fargo").unwrap_err(), user),
        (recommender.recommend("dora", 3).unwrap_err(), user),
    ] {
        assert!(matches!(&error, RecommenderError::UnknownId { .. }));
        assert_eq!(error.to_string(), text);
    }
    // Ids are text, to the letter.
    for odd in ["", "Ann", "ann ", "0"] {
        assert!(recommender.predict(odd, "alien").is_err(), "{odd}");
    }
}

// Recommendations.

#[test]
fn a_list_is_best_first_without_what_the_user_has_rated_and_ties_in_the_order_of_rows() {
    let recommender = tiny();
    let list = |user| every(&recommender, user, 10);
    assert_eq!(items_of(&list("ann")), ["dune", "casablanca", "eraserhead"]);
    // Brazil and casablanca have one score, and brazil's row comes first.
    assert_eq!(
        items_of(&list("ben")),
        ["brazil", "casablanca", "alien", "eraserhead"]
    );
    assert_eq!(
        items_of(&list("cleo")),
        ["dune", "brazil", "casablanca", "alien"]
    );
}

#[test]
fn a_list_is_no_longer_than_asked_for_and_no_longer_than_the_catalogue() {
    let recommender = tiny();
    for (count, length) in [(0, 0), (1, 1), (3, 3), (4, 4), (5, 4), (usize::MAX, 4)] {
        let list = every(&recommender, "ben", count);
        assert_eq!(list.len(), length);
        let whole = every(&recommender, "ben", 4);
        assert_eq!(list, whole[..length]);
    }
}

#[test]
fn a_user_who_has_rated_everything_gets_an_empty_list() {
    let data = dataset(
        &["all", "none"],
        &["a", "b"],
        IdOrder::FirstSight,
        &[("all", "b", 1.0), ("all", "a", 2.0), ("all", "a", 3.0)],
    );
    let recommender = recommender(sums(&[0.0; 2], &[0.0; 2]), &data, 0.0);
    assert!(every(&recommender, "all", 5).is_empty());
    let list = every(&recommender, "none", 5);
    assert_eq!(items_of(&list), ["a", "b"]);
}

#[test]
fn a_line_has_the_title_the_genres_the_training_ratings_and_the_rating_clipped_and_unclipped() {
    let recommender = tiny();
    let list = every(&recommender, "cleo", 10);
    let shown: Vec<_> = list
        .iter()
        .map(|line| (line.title.as_str(), line.genres.join("|"), line.rating))
        .collect();
    assert_eq!(
        shown,
        [
            ("Dune, Part \"One\" (2021)", String::new(), 0.5),
            ("Brazil (1985)", "Sci-Fi".to_string(), -0.75),
            // The item file lacks it: its id stands for the title.
            ("casablanca", String::new(), -0.75),
            ("Alien (1979)", "Horror|Sci-Fi".to_string(), -1.5),
        ]
    );
    let line = serde_json::to_value(&list[3]).unwrap();
    assert_eq!(
        line,
        json!({
            "item": "alien",
            "title": "Alien (1979)",
            "genres": ["Horror", "Sci-Fi"],
            "rating": -1.5,
            "clipped": 0.5,
            "ratings": 1,
        })
    );
}

#[test]
fn without_an_item_file_ids_stand_for_titles() {
    let mut data = films();
    data.catalogue.clear();
    let recommender = recommender(sums(&[0.0; 3], &[0.0; 5]), &data, 0.0);
    for line in every(&recommender, "ben", 9) {
        assert_eq!(line.title, line.item);
        assert!(line.genres.is_empty());
    }
}

#[test]
fn rows_that_stand_for_nothing_are_never_recommended_nor_predicted() {
    // Ids are rows: the tables have 8 and 10, of which users 2 and 7 and items 3, 4, 6 and 9 are somebody.
    let data = dataset(
        &["7", "2"],
        &["9", "3", "6", "4"],
        IdOrder::Raw,
        &[("7", "3", 3.0), ("2", "9", 5.0)],
    );
    assert_eq!((data.users.rows(), data.items.rows()), (8, 10));
    let mut items = [1_000.0; 10];
    for (row, score) in [(3, 0.5), (4, 1.0), (6, -1.0), (9, 2.0)] {
        items[row] = score;
    }
    let recommender = recommender(sums(&[0.0; 8], &items), &data, 0.0);
    let list = every(&recommender, "7", 10);
    assert_eq!(items_of(&list), ["9", "4", "6"]);
    assert_eq!(list[0].rating, 2.0);
    let list = every(&recommender, "2", 10);
    assert_eq!(items_of(&list), ["4", "3", "6"]);
    assert_eq!(recommender.predict("2", "9").unwrap().rating, 2.0);
    for (user, item) in [("0", "9"), ("1", "9"), ("8", "9"), ("2", "0"), ("2", "10")] {
        recommender.predict(user, item).unwrap_err();
    }
}

#[test]
fn a_catalogue_longer_than_a_batch_is_ranked_whole() {
    let names: Vec<String> = (0..20_000).map(|item| format!("i{item}")).collect();
    let items: Vec<&str> = names.iter().map(String::as_str).collect();
    let data = dataset(
        &["ann"],
        &items,
        IdOrder::FirstSight,
        &[("ann", "i7", 1.0), ("ann", "i19999", 5.0)],
    );
    // 7,919 is prime to 20,000, so every score stands once.
    let score = |item: usize| (item * 7_919 % 20_000) as f32;
    let biases: Vec<f32> = (0..20_000).map(score).collect();
    let recommender = recommender(sums(&[0.0], &biases), &data, 0.0);
    let list = every(&recommender, "ann", 30_000);
    assert_eq!(list.len(), 19_998);
    assert!(list.windows(2).all(|pair| pair[0].rating > pair[1].rating));
    let seen = [7, 19_999].map(score);
    for (place, line) in list.iter().enumerate() {
        let item: usize = line.item[1..].parse().unwrap();
        assert_eq!(line.rating, score(item), "place {place}");
        assert!(!seen.contains(&line.rating));
    }
}

#[test]
fn a_line_says_what_predict_says() {
    let data = films();
    let recommender = recommender(deep(&data, 4), &data, 2.75);
    for (_, user) in data.users.iter() {
        for line in every(&recommender, &user, 9) {
            let alone = recommender.predict(&user, &line.item).unwrap().rating;
            // Alone a pair may be added up in another order.
            assert!((line.rating - alone).abs() < 1e-5);
        }
    }
}

#[test]
fn a_model_with_too_few_rows_is_refused_by_side_with_both_numbers() {
    let new = |users, items| {
        Recommender::new(
            sums(&vec![0.0; users], &vec![0.0; items]),
            &films(),
            Seen::all_trained(&films()),
            Centre::none(),
            Value::Null,
        )
    };
    assert_eq!(
        new(2, 5).unwrap_err().to_string(),
        "the model's user table has 2 rows, but the ids need 3"
    );
    assert_eq!(
        new(3, 4).unwrap_err().to_string(),
        "the model's item table has 4 rows, but the ids need 5"
    );
    // More rows are rows that stand for nothing.
    let list = every(&new(9, 9).unwrap(), "ben", 20);
    assert_eq!(list.len(), 4);
}

// Saved and loaded.

fn load(folder: &Path) -> Result<Recommender, RecommenderError> {
    Recommender::load(folder, &Device::flex())
}

#[test]
fn what_was_saved_answers_the_same_when_loaded_bit_by_bit() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("models/deep");
    let raw = dataset(
        &["7", "2", "11"],
        &["9", "3", "6", "4", "30"],
        IdOrder::Raw,
        &[("7", "3", 3.0), ("2", "9", 4.5), ("11", "30", 0.5)],
    );
    let sorted = dataset(
        &["b, with a comma", "a \"quoted\"", "ü\nline"],
        &["10", "9", "x"],
        IdOrder::Sorted,
        &[("ü\nline", "10", 3.5), ("a \"quoted\"", "x", -1.25)],
    );
    for (data, seed) in [(films(), 1), (raw, 2), (sorted, 3)] {
        let centre = Centre::of(&data.ratings);
        let training = json!({"rule": {"adam": {"learning_rate": 0.1 + 0.2}}, "rmse": 1.0 / 3.0});
        let made = Recommender::new(
            deep(&data, seed),
            &data,
            Seen::all_trained(&data),
            centre,
            training,
        )
        .unwrap();
        made.save(&folder).unwrap();
        let loaded = load(&folder).unwrap();
        assert_eq!(everything(&loaded, &data), everything(&made, &data));
        // And again, from what was loaded.
        let again = home.path().join("again");
        loaded.save(&again).unwrap();
        assert_eq!(
            everything(&load(&again).unwrap(), &data),
            everything(&made, &data)
        );
    }
}

#[test]
fn a_saved_model_is_four_files_and_the_same_bytes_each_time() {
    let home = tempfile::tempdir().unwrap();
    let files = |name: &str| -> BTreeMap<String, Vec<u8>> {
        let folder = home.path().join(name);
        tiny().save(&folder).unwrap();
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect()
    };
    let first = files("a");
    let names: Vec<_> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "ids.json",
            "model.json",
            "seen.safetensors",
            "weights.safetensors"
        ]
    );
    assert!(first == files("b"));
}

#[test]
fn saving_over_a_model_replaces_it_whole() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    let data = films();
    let first = recommender(deep(&data, 1), &data, 3.0);
    first.save(&folder).unwrap();
    fs::write(folder.join("notes.txt"), "of the first").unwrap();

    let second = tiny();
    second.save(&folder).unwrap();
    let loaded = load(&folder).unwrap();
    assert_eq!(everything(&loaded, &data), everything(&second, &data));
    assert_ne!(everything(&loaded, &data), everything(&first, &data));
    assert!(!folder.join("notes.txt").exists());
    // Nothing stays beside it.
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_model_is_not_saved_over_a_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("model");
    fs::write(&path, "precious").unwrap();
    let error = tiny().save(&path).unwrap_err();
    assert!(matches!(&error, RecommenderError::Write(_)));
    assert!(error.to_string().contains(&path.display().to_string()));
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_holds_no_model_is_refused_with_the_file_that_is_missing() {
    let home = tempfile::tempdir().unwrap();
    for folder in [home.path().to_path_buf(), home.path().join("nowhere")] {
        let error = load(&folder).unwrap_err();
        assert!(matches!(&error, RecommenderError::NotAModel { .. }));
        let path = folder.join("model.json");
        assert_eq!(
            error.to_string(),
            format!(
                "{} is not a saved model: there is no such file",
                path.display()
            )
        );
    }
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let error = load(&file).unwrap_err();
    assert!(matches!(&error, RecommenderError::NotAModel { .. }));
    for name in [
        "model.json",
        "ids.json",
        "seen.safetensors",
        "weights.safetensors",
    ] {
        let folder = home.path().join("model");
        tiny().save(&folder).unwrap();
        fs::remove_file(folder.join(name)).unwrap();
        let error = load(&folder).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_damaged_file_of_a_model_is_named() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    for name in [
        "model.json",
        "ids.json",
        "seen.safetensors",
        "weights.safetensors",
    ] {
        for cut in [0, 1, 30] {
            tiny().save(&folder).unwrap();
            let path = folder.join(name);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..cut]).unwrap();
            let error = load(&folder).unwrap_err().to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }
}

/// A saved model with one of its JSON files changed.
fn changed(folder: &Path, file: &str, change: impl FnOnce(&mut Value)) -> RecommenderError {
    tiny().save(folder).unwrap();
    let path = folder.join(file);
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(&path, value.to_string()).unwrap();
    load(folder).unwrap_err()
}

#[test]
fn a_model_of_another_format_is_refused_with_both_numbers() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    for (format, way_out) in [
        (1, "train it again"),
        (
            4,
            "read it with the version that wrote it, or train it again",
        ),
    ] {
        // Of another format other keys may be there as well.
        let error = changed(&folder, "model.json", |model| {
            model["format"] = json!(format);
            model.as_object_mut().unwrap().remove("training");
        });
        assert_eq!(
            error.to_string(),
            format!(
                "{} is not a saved model: it is of format {format}, this version reads format 3: {way_out}",
                folder.join("model.json").display()
            )
        );
    }
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    // A graph that cannot run.
    let error = changed(&folder, "model.json", |model| {
        model["graph"]["nodes"][1]["inputs"] = json!(["nobody"]);
    });
    assert!(error.to_string().contains("`nobody`"), "{error}");
    // A graph of other sizes than the weights.
    let error = changed(&folder, "model.json", |model| {
        model["graph"]["tables"][0]["rows"] = json!(4);
    });
    assert_eq!(
        error.to_string(),
        format!(
            "{} holds the weights of another model",
            folder.join("weights.safetensors").display()
        )
    );
    let cause = std::error::Error::source(&error).expect("what does not fit");
    assert_eq!(
        cause.to_string(),
        "`user_bias.weight` is [4, 1] in the model and [3, 1] in the weights"
    );
    // More ids than rows.
    let error = changed(&folder, "ids.json", |ids| {
        ids["users"]["ids"]
            .as_array_mut()
            .unwrap()
            .push(json!("dora"));
    });
    assert_eq!(
        error.to_string(),
        format!(
            "{} is not a saved model: the model's user table has 3 rows, but the ids need 4",
            folder.join("ids.json").display()
        )
    );
    let error = changed(&folder, "ids.json", |ids| {
        ids["items"]["ids"][1] = json!("alien");
    });
    assert!(error.to_string().contains("listed twice"), "{error}");
    // Ratings of another type.
    tiny().save(&folder).unwrap();
    fs::copy(
        folder.join("weights.safetensors"),
        folder.join("seen.safetensors"),
    )
    .unwrap();
    let error = load(&folder).unwrap_err();
    assert!(matches!(&error, RecommenderError::NotAModel { .. }));
    assert!(error.to_string().contains("seen.safetensors"), "{error}");
}

// Embeddings.

#[test]
fn the_embeddings_of_a_model_are_listed_in_its_order() {
    assert_eq!(tiny().embedding_names(), ["user_bias", "item_bias"]);
    let data = films();
    let recommender = recommender(deep(&data, 1), &data, 0.0);
    assert_eq!(
        recommender.embedding_names(),
        ["user_factors", "item_factors"]
    );
}

#[test]
fn an_embedding_table_has_a_row_of_numbers_for_every_id() {
    let table = tiny().embedding("item_bias").unwrap();
    assert_eq!(
        table,
        EmbeddingTable {
            name: "item_bias".to_string(),
            ids: ["alien", "brazil", "casablanca", "dune", "eraserhead"]
                .map(str::to_string)
                .to_vec(),
            width: 1,
            values: vec![-0.5, 0.25, 0.25, 1.5, -2.0],
        }
    );
    let data = films();
    let model = deep(&data, 8);
    let weights = Weights::of(&model).0;
    let recommender = recommender(model, &data, 0.0);
    let table = recommender.embedding("user_factors").unwrap();
    assert_eq!(table.ids, ["ann", "ben", "cleo"]);
    assert_eq!(table.width, 3);
    assert_eq!(table.values, weights["user_factors.weight"].values);
}

#[test]
fn an_embedding_table_leaves_out_rows_that_stand_for_nothing() {
    let data = dataset(
        &["7", "2"],
        &["3", "1"],
        IdOrder::Raw,
        &[("7", "3", 3.0), ("2", "1", 5.0)],
    );
    let users: Vec<f32> = (0..8).map(|row| row as f32).collect();
    let recommender = recommender(sums(&users, &[10.0, 11.0, 12.0, 13.0]), &data, 0.0);
    let table = recommender.embedding("user_bias").unwrap();
    assert_eq!(
        (table.ids, table.values),
        (vec!["2".to_string(), "7".to_string()], vec![2.0, 7.0])
    );
    let table = recommender.embedding("item_bias").unwrap();
    assert_eq!(
        (table.ids, table.values),
        (vec!["1".to_string(), "3".to_string()], vec![11.0, 13.0])
    );
}

#[test]
fn an_embedding_table_as_csv_parses_back_to_the_same_bits() {
    let data = dataset(
        &["plain", "with, comma", "with \"quotes\"", "with\nline", "ü"],
        &["a", "b"],
        IdOrder::FirstSight,
        &[("plain", "a", 3.0), ("ü", "b", 4.0)],
    );
    let made = recommender(deep(&data, 5), &data, 0.0);
    let table = made.embedding("user_factors").unwrap();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tables/user_factors.csv");
    table.save_csv(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), table.to_csv());

    let mut reader = csv::Reader::from_path(&path).unwrap();
    let header: Vec<_> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_string)
        .collect();
    assert_eq!(header, ["id", "0", "1", "2"]);
    let (mut ids, mut bits) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        assert_eq!(record.len(), 4);
        ids.push(record[0].to_string());
        for field in record.iter().skip(1) {
            bits.push(field.parse::<f32>().unwrap().to_bits());
        }
    }
    assert_eq!(ids, table.ids);
    let wanted: Vec<u32> = table.values.iter().map(|value| value.to_bits()).collect();
    assert_eq!(bits, wanted);

    // Numbers that are hard to write.
    let odd = [1.0 / 3.0, -0.0, f32::MIN_POSITIVE, f32::MAX, 1e-40];
    let model = sums(&odd, &[0.0, 0.0]);
    let table = recommender(model, &data, 0.0)
        .embedding("user_bias")
        .unwrap();
    let text = table.to_csv();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    for (record, value) in reader.records().zip(odd) {
        let parsed: f32 = record.unwrap()[1].parse().unwrap();
        assert_eq!(parsed.to_bits(), value.to_bits());
    }
}

#[test]
fn an_unknown_table_is_named_with_those_that_there_are() {
    let data = films();
    let recommender = recommender(deep(&data, 1), &data, 0.0);
    // Layers that are no embedding are no table either.
    for name in [
        "user_factorz",
        "dense_1",
        "batch_norm_1",
        "user",
        "",
        "user_factors.weight",
    ] {
        let error = recommender.embedding(name).unwrap_err();
        assert!(matches!(&error, RecommenderError::UnknownTable { .. }));
        assert_eq!(
            error.to_string(),
            format!("the model has no embedding table `{name}`; it has user_factors, item_factors")
        );
    }
}

#[test]
fn a_folder_without_weights_is_no_model() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    tiny().save(&folder).unwrap();
    fs::remove_file(folder.join("weights.safetensors")).unwrap();
    let error = load(&folder).unwrap_err();
    assert!(
        matches!(&error, RecommenderError::NotAModel { .. }),
        "{error}"
    );
}

#[test]
fn what_users_have_rated_has_a_list_for_every_user() {
    let home = tempfile::tempdir().unwrap();
    let (folder, other) = (home.path().join("model"), home.path().join("other"));
    tiny().save(&folder).unwrap();
    let one = dataset(&["x"], &["y"], IdOrder::FirstSight, &[("x", "y", 1.0)]);
    recommender(sums(&[0.0], &[0.0]), &one, 0.0)
        .save(&other)
        .unwrap();
    fs::copy(
        other.join("seen.safetensors"),
        folder.join("seen.safetensors"),
    )
    .unwrap();
    // Loaded, it would recommend to ben and cleo what they have rated.
    let error = load(&folder).unwrap_err();
    assert!(error.to_string().contains("seen.safetensors"), "{error}");
}

#[test]
fn a_model_that_could_not_be_loaded_again_does_not_replace_one_that_can() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    tiny().save(&folder).unwrap();
    let diverged = sums(&[f32::NAN; 3], &[0.0; 5]);
    let _ = recommender(diverged, &films(), 3.0).save(&folder);
    load(&folder).unwrap();
}
