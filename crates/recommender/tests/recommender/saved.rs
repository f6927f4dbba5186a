//! Models saved and loaded.

use super::*;

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

/// Takes the digests out of a folder, as if an older version had written it.
fn without_digests(folder: &Path) {
    let path = folder.join("model.json");
    let mut model: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    model.as_object_mut().unwrap().remove("files").unwrap();
    fs::write(&path, model.to_string()).unwrap();
}

#[test]
fn a_file_that_is_not_the_one_that_was_saved_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let (folder, other) = (home.path().join("model"), home.path().join("other"));
    let model = sums(&[0.0, 1.0, -3.0], &[-0.5, 0.25, 0.25, 1.5, -2.0]);
    recommender(model, &films(), 3.0).save(&other).unwrap();
    tiny().save(&folder).unwrap();
    let saved = load(&folder).unwrap();
    let digest = AnyRecommender::digest_in(&folder).unwrap();
    let saved = AnyRecommender::Network(Box::new(saved)).saved_as().cloned();
    assert_eq!(
        saved,
        Some(SavedAs {
            digest: digest.clone(),
            verified: true
        })
    );
    assert!(digest.len() == 64 && digest != AnyRecommender::digest_in(&other).unwrap());
    // Swapped for that of another model, which fits in every other way; cut short; longer.
    let weights = fs::read(folder.join("weights.safetensors")).unwrap();
    let theirs = fs::read(other.join("weights.safetensors")).unwrap();
    for spoilt in [
        &theirs[..],
        &weights[..weights.len() - 4],
        &[&weights[..], b" "].concat(),
    ] {
        fs::write(folder.join("weights.safetensors"), spoilt).unwrap();
        let error = load(&folder).unwrap_err().to_string();
        assert!(
            error.contains("weights.safetensors") && error.contains("SHA-256"),
            "{error}"
        );
    }
    fs::write(folder.join("weights.safetensors"), &weights).unwrap();
    load(&folder).unwrap();
    // A digest of a file elsewhere, and of none.
    for name in ["../other/ids.json", "..", "nothing"] {
        tiny().save(&folder).unwrap();
        let path = folder.join("model.json");
        let mut model: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        model["files"][name] = json!("00");
        fs::write(&path, model.to_string()).unwrap();
        let error = load(&folder).unwrap_err();
        assert!(
            matches!(error, RecommenderError::NotAModel { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_folder_of_an_older_version_is_read_and_said_to_be_unchecked() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    tiny().save(&folder).unwrap();
    without_digests(&folder);
    let loaded = AnyRecommender::load(&folder, &Device::flex()).unwrap();
    assert_eq!(loaded.saved_as().map(|saved| saved.verified), Some(false));
    assert!(
        AnyRecommender::Network(Box::new(tiny()))
            .saved_as()
            .is_none()
    );
}

/// A saved model of an older version with one of its JSON files changed.
fn changed(folder: &Path, file: &str, change: impl FnOnce(&mut Value)) -> RecommenderError {
    tiny().save(folder).unwrap();
    without_digests(folder);
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
    without_digests(&folder);
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
fn a_model_that_could_not_be_loaded_again_does_not_replace_one_that_can() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("model");
    tiny().save(&folder).unwrap();
    let diverged = sums(&[f32::NAN; 3], &[0.0; 5]);
    let _ = recommender(diverged, &films(), 3.0).save(&folder);
    load(&folder).unwrap();
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
    without_digests(&folder);
    fs::copy(
        other.join("seen.safetensors"),
        folder.join("seen.safetensors"),
    )
    .unwrap();
    // Loaded, it would recommend to ben and cleo what they have rated.
    let error = load(&folder).unwrap_err();
    assert!(error.to_string().contains("seen.safetensors"), "{error}");
}
