//! Another model in the same folder.

use super::models::{self, home, load, settings};
use super::{Client, ids};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_model_is_served_and_a_bad_one_is_refused() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let path = "/v1/users/u1/recommendations";
    let first = client.get(path).await.fine();
    models::save(&folder, 2);
    assert_eq!(
        client.get(path).await.fine(),
        first,
        "not before it is asked for"
    );
    let answer = client.post("/v1/reload", json!({})).await.fine();
    assert_eq!(answer["before"], first["model"]);
    assert_eq!(answer["after"], load(&folder).saved_as().unwrap().digest);
    let second = client.get(path).await.fine();
    assert_eq!(second["model"], answer["after"]);
    assert_ne!(second["items"], first["items"]);

    let bytes = fs::read(folder.join("weights.safetensors")).unwrap();
    fs::write(
        folder.join("weights.safetensors"),
        &bytes[..bytes.len() - 4],
    )
    .unwrap();
    let problem = client
        .post("/v1/reload", json!({}))
        .await
        .fails(422, "refused");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("weights.safetensors") && detail.contains("SHA-256"),
        "{detail}"
    );
    fs::remove_dir_all(&folder).unwrap();
    client
        .post("/v1/reload", json!({}))
        .await
        .fails(422, "refused");
    assert_eq!(client.get(path).await.fine(), second);
    assert_eq!(
        client
            .figure("recburn_model_reloads_total{result=\"ok\"}")
            .await,
        Some(2.0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_predicts_no_numbers_is_not_served() {
    let (_home, folder) = home();
    let data = models::dataset();
    let network = models::biased(&data, 1);
    let mut weights = recburn_nn::Weights::of(&network);
    weights.0.get_mut("item_bias.weight").unwrap().values[3] = f32::NAN;
    let network = weights.load_into(network);
    // Reading refuses such weights already, or serving does.
    if let Ok(network) = network {
        let client = Client::of(&folder);
        if models::recommender(network, &data).save(&folder).is_ok() {
            client
                .post("/v1/reload", json!({}))
                .await
                .fails(422, "refused");
        }
    }
}

/// The two models by their digests: each with its list.
fn lists(folder: &Path, path: &str, client: &tokio::runtime::Handle) -> BTreeMap<String, Value> {
    let mut lists = BTreeMap::new();
    for seed in [1, 2] {
        models::save(folder, seed);
        let answer = tokio::task::block_in_place(|| {
            client.block_on(async { Client::of(folder).get(path).await.fine() })
        });
        lists.insert(
            answer["model"].as_str().unwrap().to_string(),
            answer["items"].clone(),
        );
    }
    lists
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_mixes_two_models_and_memory_does_not_grow() {
    let (_home, folder) = home();
    let path = "/v1/users/u1/recommendations?count=8";
    let lists = lists(&folder, path, &tokio::runtime::Handle::current());
    assert_eq!(lists.len(), 2);
    let client = Arc::new(Client::of(&folder));
    let done = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..3)
        .map(|_| {
            let (client, done, lists) = (client.clone(), done.clone(), lists.clone());
            tokio::spawn(async move {
                let mut seen = BTreeMap::new();
                while !done.load(Ordering::Relaxed) {
                    let answer = client.get(path).await.fine();
                    let digest = answer["model"].as_str().unwrap();
                    assert_eq!(answer["items"], lists[digest]);
                    *seen.entry(digest.to_string()).or_insert(0) += 1;
                    // Folded in by one model, listed by the same.
                    let body = json!({"ratings": [{"item": "101", "rating": 5}], "explain": 1, "count": 2});
                    client.post("/v1/recommendations", body).await.fine();
                }
                seen
            })
        })
        .collect();
    let memory = async || client.figure("process_resident_memory_bytes").await;
    let mut after_ten = None;
    for round in 0..50 {
        models::save(&folder, 1 + round % 2);
        client.post("/v1/reload", json!({})).await.fine();
        if round == 10 {
            after_ten = memory().await;
        }
    }
    done.store(true, Ordering::Relaxed);
    let mut seen = 0;
    for task in asking {
        seen += task.await.unwrap().len();
    }
    assert!(seen >= 2, "both models were served");
    if let Some((before, now)) = after_ten.zip(memory().await) {
        assert!(now < before + 64e6, "{before} bytes became {now}");
    }
    assert_eq!(client.figure("recburn_panics_total").await, Some(0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_model_is_read_at_a_time() {
    let (_home, folder) = home();
    let client = Client::of(&folder);
    let both = (
        client.post("/v1/reload", json!({})),
        client.post("/v1/reload", json!({})),
    );
    let (one, other) = tokio::join!(both.0, both.1);
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(
        statuses.contains(&200) && statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_an_older_version_is_served_and_said_to_be_unchecked() {
    let (_home, folder) = home();
    let path = folder.join("model.json");
    let mut model: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    model.as_object_mut().unwrap().remove("files").unwrap();
    fs::write(&path, model.to_string()).unwrap();
    let client = Client::with(settings(&folder));
    assert_eq!(client.get("/v1/model").await.fine()["verified"], false);
    assert_eq!(
        ids(&client.get("/v1/users/u1/recommendations").await.fine()).len(),
        10
    );
}
