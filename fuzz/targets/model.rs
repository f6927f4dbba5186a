//! Folders of models of which one file is another one: read, and asked for a list, or refused in words.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn::prelude::*;
use recburn::recommender::{AnyRecommender, ListOptions, Query};
use recburn_fuzz::{Scratch, in_words, models, patched};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const MODELS: [&str; 4] = ["biased_mf", "concat_mlp", "ease", "sasrec"];

struct Saved {
    folder: PathBuf,
    files: BTreeMap<String, Vec<u8>>,
}

struct World {
    _scratch: Scratch,
    saved: Vec<Saved>,
    device: Device,
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new();
        let ratings = models::ratings(&scratch);
        let of = |name: &&str| {
            let folder = scratch.path(name);
            models::save(name, &ratings, &folder);
            // Without digests every other change would be found by them.
            let path = folder.join("model.json");
            let text = fs::read(&path).expect("a model");
            let mut model: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
            model.as_object_mut().expect("an object").remove("files");
            fs::write(&path, model.to_string()).expect("a file");
            let files = fs::read_dir(&folder).expect("a folder").map(|entry| {
                let path = entry.expect("a file").path();
                let name = path.file_name().expect("a name").to_string_lossy();
                (name.into_owned(), fs::read(&path).expect("a file"))
            });
            let files = files.collect();
            Saved { folder, files }
        };
        Self {
            saved: MODELS.iter().map(of).collect(),
            _scratch: scratch,
            device: pick_device(None).expect("a device"),
        }
    }
}

std::thread_local! {
    static WORLD: World = World::new();
}

fuzz_target!(|input: &[u8]| {
    let [kind, bytes @ ..] = input else {
        return;
    };
    WORLD.with(|world| {
        let saved = &world.saved[usize::from(kind & 3)];
        let at = usize::from(kind >> 2 & 7) % saved.files.len();
        let (name, original) = saved.files.iter().nth(at).expect("a file");
        let bytes = match kind & 128 {
            0 => patched(original, bytes),
            _ => bytes.to_vec(),
        };
        let path = saved.folder.join(name);
        fs::write(&path, bytes).expect("a file");
        match AnyRecommender::load(&saved.folder, &world.device) {
            Ok(model) => {
                let options = ListOptions {
                    min_ratings: Some(0),
                    ..ListOptions::default()
                };
                let known = model.users().iter().next().map(|(_, id)| id.into_owned());
                if let Some(user) = known {
                    if let Err(error) = model.list(&user, &options) {
                        in_words(&error);
                    }
                }
                let item = model.items().iter().next().map(|(_, id)| id.into_owned());
                if let Some(item) = item {
                    let ratings = [(item.as_str(), 4.0)];
                    let query = Query {
                        user: None,
                        ratings: &ratings,
                    };
                    let list = model
                        .profile(&query)
                        .and_then(|profile| model.top(&profile, &options));
                    if let Err(error) = list {
                        in_words(&error);
                    }
                }
            }
            Err(error) => {
                in_words(&error);
            }
        }
        fs::write(&path, original).expect("a file");
    });
});
