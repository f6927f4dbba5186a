//! The recipes of the repository, which are the presets of the models.

use recburn::models::{find, nominal_schema};
use recburn::prelude::*;
use recburn::recipe::Recipe;
use std::collections::BTreeSet;
use std::path::Path;

/// The presets of all models, as `model/preset`.
fn presets() -> Vec<(String, Recipe)> {
    let of_model = zoo().into_iter().flat_map(|entry| {
        let presets = Recipe::presets(entry.name).expect(entry.name);
        assert!(!presets.is_empty(), "{}", entry.name);
        let named = presets.into_iter().map(move |(preset, recipe)| {
            assert_eq!(recipe.model, entry.name, "{preset}");
            (format!("{}/{preset}", entry.name), recipe)
        });
        named.collect::<Vec<_>>()
    });
    of_model.collect()
}

/// A file that is not compiled in would be a preset that nobody finds.
#[test]
fn every_file_of_the_folder_is_a_preset() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes");
    let names = |folder: &Path| -> Vec<_> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("a name").path()).collect()
    };
    let folders = names(&folder).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| names(&folder)).map(|path| {
        let path = path.strip_prefix(&folder).expect("below it");
        path.with_extension("").to_str().expect("text").to_string()
    });
    let files: BTreeSet<String> = files.collect();
    let known: BTreeSet<String> = presets().into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, known);
}

#[test]
fn every_preset_is_an_experiment_that_can_be_written_and_read() {
    let home = tempfile::tempdir().expect("a folder");
    for (name, recipe) in presets() {
        let experiment = recipe.experiment(42);
        let entry = find(&experiment.model).expect(&name);
        let unknown = |word: &dyn std::fmt::Display| panic!("{name}: {word}");
        if let Err(error) = experiment.split() {
            unknown(&error);
        }
        if let Err(error) = experiment.order() {
            unknown(&error);
        }
        // A preset may name features of the data that it is for.
        let graph = entry.graph(&experiment.options, &nominal_schema(40, 30));
        assert_eq!(graph.expect(&name).name(), entry.name);
        let phases = &experiment.training.phases;
        assert!(!phases.is_empty(), "{name}");
        assert!(
            phases
                .iter()
                .all(|phase| phase.epochs > 0 && phase.learning_rate > 0.0)
        );
        assert!(
            !recipe.about.is_empty() && !recipe.source.is_empty(),
            "{name}"
        );
        let text = serde_json::to_string(&experiment).expect("plain data");
        let again: Experiment = serde_json::from_str(&text).expect("the same data");
        assert_eq!(again, experiment);
        let path = home.path().join("recipe.toml");
        let kept = Recipe::of(&experiment);
        kept.save(&path).expect(&name);
        assert_eq!(Recipe::load(&path).expect(&name), kept);
        // With every option of the model, of which some may have no value, which TOML cannot say.
        recipe.save(&path).expect(&name);
        let written = Recipe::load(&path).expect(&name);
        assert_eq!(written.training, recipe.training);
        assert_eq!(written.figures, recipe.figures);
    }
}

/// What a file leaves out takes the model's default, so that the options of a preset are always all of them.
#[test]
fn a_preset_has_every_option_of_its_model() {
    for (name, recipe) in presets() {
        let defaults = (find(&recipe.model).expect(&name).options)();
        let keys = |options: &serde_json::Value| -> BTreeSet<String> {
            let options = options.as_object().expect("options by name");
            options.keys().cloned().collect()
        };
        assert_eq!(keys(&recipe.options), keys(&defaults), "{name}");
    }
}

#[test]
fn the_tower_of_the_notebook_has_the_parameters_that_it_prints() {
    let recipe = Recipe::preset("concat_mlp", "100k-tower").expect("a preset");
    let schema = Schema::of_pairs(944, 1_683, (1.0, 5.0));
    let graph = find(&recipe.model).and_then(|entry| entry.graph(&recipe.options, &schema));
    assert_eq!(graph.expect("the tower").parameters().total(), 25_675);
}

#[test]
fn an_unknown_preset_is_answered_with_those_that_there_are() {
    let error = Recipe::preset("biased_mf", "x").expect_err("no such preset");
    let said = error.to_string();
    assert!(
        said.contains("biased_mf has no preset `x`; it has default, ml20m"),
        "{said}"
    );
    let said = Recipe::preset("svd", "x")
        .expect_err("no such model")
        .to_string();
    assert!(said.contains("svd") && said.contains("biased_mf"), "{said}");
}
