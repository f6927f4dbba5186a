//! Recipes: an experiment as a file, with the figures that its results are compared with.

mod figure;

pub use figure::{Compared, Figure, Run, mean_and_deviation};

use crate::exit::wrong;
use anyhow::{Context, Result};
use recburn::Experiment;
use recburn::models::{Phase, Training};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// An experiment as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// A one-line description.
    #[serde(default)]
    pub about: String,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// Name of the model.
    pub model: String,
    /// It is run once per seed.
    #[serde(default = "three")]
    pub seeds: Vec<u64>,
    /// The data set whose shape synthetic ratings imitate if the recipe's own files are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<String>,
    /// Options of the model.
    #[serde(default)]
    pub options: Value,
    /// Data, split, hyper-parameters.
    #[serde(default)]
    pub training: Training,
    /// Published figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// Other ways to run it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, Variant>,
}

/// Another way to run a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// How it differs.
    pub about: String,
    /// Its phases of training.
    pub phases: Vec<Phase>,
    /// Published figures.
    #[serde(default)]
    pub figures: Vec<Figure>,
}

fn three() -> Vec<u64> {
    vec![1, 2, 3]
}

impl Recipe {
    /// A recipe that repeats one run of an experiment.
    pub fn of(experiment: &Experiment) -> Self {
        let mut options = experiment.options.clone();
        if let Some(options) = options.as_object_mut() {
            options.retain(|_, value| !value.is_null()); // TOML has no null: missing keys take their defaults
        }
        Self {
            about: String::new(),
            source: String::new(),
            model: experiment.model.clone(),
            seeds: vec![experiment.seed],
            stand_in: None,
            options,
            training: experiment.training.clone(),
            figures: Vec::new(),
            variants: BTreeMap::new(),
        }
    }

    /// Reads a recipe.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| wrong(format!("cannot read {}: {error}", path.display())))?;
        let mut recipe: Self =
            toml::from_str(&text).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        if recipe.options.is_null() {
            recipe.options = Value::Object(serde_json::Map::new());
        }
        for figure in recipe.all_figures() {
            figure
                .check()
                .map_err(|what| wrong(format!("{}: {what}", path.display())))?;
        }
        Ok(recipe)
    }

    /// Writes it, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = toml::to_string(self).context("an experiment can be written as TOML")?;
        Ok(recburn::files::write_whole(path, text.as_bytes())?)
    }

    fn all_figures(&self) -> impl Iterator<Item = &Figure> {
        let variants = self.variants.values().flat_map(|variant| &variant.figures);
        self.figures.iter().chain(variants)
    }

    /// The recipe with the changes of a variant.
    pub fn variant(&self, variant: &Variant) -> Self {
        let mut recipe = self.clone();
        recipe.about.clone_from(&variant.about);
        recipe.training.phases.clone_from(&variant.phases);
        recipe.figures.clone_from(&variant.figures);
        recipe.variants.clear();
        recipe
    }

    /// The run with this seed.
    pub fn experiment(&self, seed: u64) -> Experiment {
        Experiment {
            model: self.model.clone(),
            options: self.options.clone(),
            training: self.training.clone(),
            seed,
        }
    }

    /// The number of epochs in all phases.
    pub fn epochs(&self) -> usize {
        self.training.phases.iter().map(|phase| phase.epochs).sum()
    }
}
