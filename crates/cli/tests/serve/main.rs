//! The service as a user runs it: started, asked, told by signals, killed.

#![cfg(all(unix, feature = "serve"))]
#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/disk.rs"]
mod disk;
mod journal;
mod running;

use common::{command, recburn};
use running::Running;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A folder with a trained model in `run`.
fn trained() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    train(home.path(), "1");
    home
}

fn train(home: &Path, epochs: &str) {
    recburn(home, &["train", "--out", "run", "--epochs", epochs]).fine();
}

#[test]
fn it_answers_what_it_says_and_ends_when_asked() {
    let home = trained();
    let mut running = Running::of(home.path(), &["--drain", "5s"]);
    let [serving, digest, memory, example] = &running.said[..] else {
        panic!("{:?}", running.said);
    };
    assert!(
        serving.starts_with("serving run (610 users, 9,724 items) on http://127.0.0.1:"),
        "{serving}"
    );
    assert_eq!(
        digest.strip_prefix("digest: "),
        Some(running.digest().as_str())
    );
    assert!(
        memory.starts_with("memory: ") && memory.ends_with(" MB"),
        "{memory}"
    );
    // The command that it says works.
    let url = example
        .strip_prefix("try: curl 'http://")
        .unwrap()
        .strip_suffix('\'')
        .unwrap();
    let path = &url[url.find('/').unwrap()..];
    assert_eq!(running.json(path)["items"].as_array().unwrap().len(), 5);
    // The same list as on the command line.
    let own = recburn(home.path(), &["recommend", "run", "--user", "1", "--json"])
        .fine()
        .json();
    let list = running.json("/v1/users/1/recommendations");
    for (own, served) in own
        .as_array()
        .unwrap()
        .iter()
        .zip(list["items"].as_array().unwrap())
    {
        assert_eq!(
            (&own["item"], &own["title"]),
            (&served["item"], &served["title"])
        );
    }
    let url = format!("http://{}/readyz", running.address);
    recburn(home.path(), &["serve", "--check", &url]).fine();

    running.signal("-TERM");
    let begun = Instant::now();
    let draining = loop {
        let (status, text) = running.get("/readyz");
        if status == 503 {
            break text;
        }
        assert!(begun.elapsed() < Duration::from_secs(60));
    };
    assert_eq!(draining, "{\"reason\":\"draining\"}");
    assert_eq!(running.get("/v1/model").0, 200, "answers go on for a while");
    recburn(home.path(), &["serve", "--check", &url]).fails(1, &["answers 503"]);
    let status = running.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    recburn(home.path(), &["serve", "--check", &url]).fails(1, &["readyz"]);
}

#[test]
fn another_model_is_served_on_a_signal_or_when_the_folder_changes() {
    let home = trained();
    let [mut told, watching] =
        [&[][..], &["--watch", "100ms"]].map(|flags| Running::of(home.path(), flags));
    let first = told.digest();
    train(home.path(), "2");
    let second = watching.await_other(&first);
    assert_eq!(told.digest(), first);
    told.signal("-HUP");
    assert_eq!(told.await_other(&first), second);
    // A bad one is not.
    let weights = home.path().join("run/model/weights.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, &bytes[1..]).unwrap();
    told.signal("-HUP");
    sleep(Duration::from_millis(500));
    assert_eq!((told.digest(), watching.digest()), (second.clone(), second));
    told.signal("-INT");
    assert_eq!(told.child.wait().unwrap().code(), Some(0));
    recburn(home.path(), &["serve", "run", "--bind", "127.0.0.1:0"])
        .fails(3, &["weights.safetensors", "SHA-256"]);
    recburn(home.path(), &["recommend", "run", "--user", "1"])
        .fails(3, &["weights.safetensors", "SHA-256"]);
    fs::write(&weights, &bytes).unwrap();
    recburn(home.path(), &["recommend", "run", "--user", "1"]).fine();
}

#[test]
fn nobody_is_served_by_accident() {
    let home = trained();
    let here = home.path();
    recburn(here, &["serve", "run", "--bind", "0.0.0.0:0"]).fails(2, &["RECBURN_TOKEN", "--open"]);
    recburn(here, &["serve"]).fails(2, &["MODEL"]);
    recburn(here, &["serve", "run", "--bind", "here"]).fails(2, &["--bind"]);
    recburn(here, &["serve", "run", "--watch", "2y"]).fails(2, &["2s"]);
    recburn(here, &["serve", "nowhere"]).fails(3, &["not a saved model"]);
    fs::write(here.join("token"), "a b").unwrap();
    recburn(here, &["serve", "run", "--token-file", "token"]).fails(2, &["visible ASCII"]);
    recburn(here, &["serve", "run", "--token-file", "none"]).fails(2, &["none"]);
    fs::write(here.join("token"), "s3cret\n").unwrap();
    let taken = Running::of(
        here,
        &["--token-file", "token", "--metrics-bind", "127.0.0.1:0"],
    );
    assert!(
        taken.said[3].contains("-H \"Authorization: Bearer $RECBURN_TOKEN\""),
        "{:?}",
        taken.said
    );
    assert!(!taken.said.concat().contains("s3cret"));
    assert_eq!(taken.get("/v1/model").0, 401);
    let (status, _) = taken
        .ask("GET /v1/model HTTP/1.1\r\nAuthorization: Bearer s3cret", "")
        .unwrap();
    assert_eq!((status, taken.get("/livez").0), (200, 200));
    recburn(here, &["serve", "run", "--bind", &taken.address])
        .fails(1, &["cannot listen", &taken.address]);
    // By variables, and by a file, which comes after them.
    fs::write(
        here.join("serve.toml"),
        "[serve]\nmodel = \"run\"\nbind = \"127.0.0.1:1\"\nlog = \"off\"\n",
    )
    .unwrap();
    let mut by_file = command(here);
    by_file.args(["--config", "serve.toml", "serve"]);
    by_file
        .env("RECBURN_SERVE_BIND", "127.0.0.1:0")
        .env("RECBURN_TOKEN", "from-a-variable");
    let by_file = Running::start(&mut by_file);
    assert_eq!(by_file.get("/v1/model").0, 401);
}

#[test]
fn a_folder_of_an_older_version_is_read_with_a_word() {
    let home = trained();
    let path = home.path().join("run/model/model.json");
    let mut model: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    model.as_object_mut().unwrap().remove("files").unwrap();
    fs::write(&path, model.to_string()).unwrap();
    let ran = recburn(home.path(), &["recommend", "run", "--user", "1"]).fine();
    assert!(ran.err.contains("no digests"), "{}", ran.err);
    let mut running = Running::of(home.path(), &[]);
    running.signal("-TERM");
    running.child.wait().unwrap();
    let mut said = String::new();
    running
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.contains("no digests"), "{said}");
}

#[test]
fn the_description_is_the_one_in_docs() {
    let home = tempfile::tempdir().unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let printed = recburn(home.path(), &["serve", "--openapi"]).fine().out;
    assert!(
        printed == fs::read_to_string(docs).unwrap(),
        "recburn serve --openapi > docs/openapi.json"
    );
}
