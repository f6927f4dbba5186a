//! Recipes: TOML, and what is asked of one before anything is trained.

#![no_main]

use libfuzzer_sys::fuzz_target;
use recburn::prelude::*;
use recburn::recipe::Recipe;
use recburn_fuzz::{Scratch, in_words, models, patched};
use std::cell::OnceCell;
use std::sync::LazyLock;

std::thread_local! {
    static SCRATCH: Scratch = Scratch::new();
    static DATA: OnceCell<Dataset> = const { OnceCell::new() };
}

/// Recipes as they are in the repository, to be changed.
static SOUND: LazyLock<Vec<String>> = LazyLock::new(|| {
    let scratch = Scratch::new();
    let names = ["biased_mf", "concat_mlp", "ease", "sasrec", "two_tower"];
    let text = |name: &&str| {
        let path = scratch.path("recipe.toml");
        let recipe = Recipe::preset(name, "default").expect("a preset");
        recipe.save(&path).expect("a file");
        std::fs::read_to_string(path).expect("the file")
    };
    names.iter().map(text).collect()
});

fuzz_target!(|input: &[u8]| {
    let [kind, bytes @ ..] = input else {
        return;
    };
    SCRATCH.with(|scratch| {
        let bytes = match SOUND.get(usize::from(*kind)) {
            Some(sound) => patched(sound.as_bytes(), bytes),
            None => bytes.to_vec(),
        };
        let path = scratch.write("recipe.toml", &bytes);
        let recipe = match Recipe::load(&path) {
            Ok(recipe) => recipe,
            Err(error) => {
                in_words(&error);
                return;
            }
        };
        recipe.save(&path).expect("what was read can be written");
        let again = Recipe::load(&path).expect("what was written can be read");
        assert_eq!(recipe, again);
        let experiment = recipe.experiment(1);
        let dataset = DATA.with(|data| {
            let read = || {
                let path = models::ratings(scratch);
                Dataset::open(&path.to_string_lossy()).expect("ratings")
            };
            data.get_or_init(read).clone()
        });
        let graph = experiment
            .prepare_from(dataset)
            .and_then(|prepared| experiment.graph(&prepared));
        match graph {
            Ok(graph) => assert!(!graph.nodes().is_empty()),
            Err(error) => {
                in_words(&error);
            }
        }
    });
});
