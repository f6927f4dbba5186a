//! Recipes: experiments as files. A preset of a model is one of the repository's recipes, which are compiled in.
//!
//! A recipe names the model, its options, data, split and every hyper-parameter, and optionally the published figures that
//! its results are compared with. `recipes/README.md` describes the format.
//!
//! ```
//! use recburn::recipe::Recipe;
//!
//! let recipe = Recipe::preset("biased_mf", "small18")?;
//! assert_eq!((recipe.training.data.as_str(), recipe.epochs()), ("ml-latest-small", 17));
//! # Ok::<(), recburn::recipe::RecipeError>(())
//! ```

mod embedded;
mod error;
mod figure;
mod objective;
mod training;

pub use error::RecipeError;
pub use figure::{Compared, Figure, Measure, Run, mean_and_deviation};
pub use objective::{ExampleKind, Watch};
pub use training::{Phase, Training};

use crate::Experiment;
use crate::classical;
use crate::models::{ModelError, find};
use embedded::RECIPES;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
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

/// The default options of a model: one of the zoo, or a method of [`classical`].
///
/// # Errors
///
/// For an unknown model.
pub fn options_of(model: &str) -> Result<Value, ModelError> {
    match (find(model), classical::find(model)) {
        (Ok(entry), _) => Ok((entry.options)()),
        (_, Ok(entry)) => Ok((entry.options)()),
        (Err(ModelError::Unknown { name, known }), Err(_)) => {
            let methods = classical::methods();
            let methods: Vec<&str> = methods.iter().map(|entry| entry.name).collect();
            let known = format!("{known}, {}", methods.join(", "));
            Err(ModelError::Unknown { name, known })
        }
        (Err(error), Err(_)) => Err(error),
    }
}

/// TOML has no null: missing keys take their defaults.
fn without_nulls(options: &Value) -> Value {
    let mut options = options.clone();
    if let Some(options) = options.as_object_mut() {
        options.retain(|_, value| !value.is_null());
    }
    options
}

fn three() -> Vec<u64> {
    vec![1, 2, 3]
}

impl Recipe {
    /// A recipe that repeats one run of an experiment.
    pub fn of(experiment: &Experiment) -> Self {
        Self {
            about: String::new(),
            source: String::new(),
            model: experiment.model.clone(),
            seeds: vec![experiment.seed],
            stand_in: None,
            options: without_nulls(&experiment.options),
            training: experiment.training.clone(),
            figures: Vec::new(),
            variants: BTreeMap::new(),
        }
    }

    /// A preset of a model: the recipe `recipes/MODEL/NAME.toml` of this version, with every option of the model.
    ///
    /// # Errors
    ///
    /// For an unknown model, or a name that is not one of [`Recipe::presets`].
    pub fn preset(model: &str, name: &str) -> Result<Self, RecipeError> {
        let mut presets = Self::presets(model)?;
        match presets.iter().position(|(known, _)| *known == name) {
            Some(at) => Ok(presets.swap_remove(at).1),
            None => Err(RecipeError::Unknown {
                model: model.to_string(),
                name: name.to_string(),
                known: presets
                    .iter()
                    .map(|(known, _)| *known)
                    .collect::<Vec<_>>()
                    .join(", "),
            }),
        }
    }

    /// All presets of a model by name; the first is its default. A model without a recipe has one preset, `default`: its
    /// default options, trained on the sample.
    ///
    /// # Errors
    ///
    /// For an unknown model.
    pub fn presets(model: &str) -> Result<Vec<(&'static str, Self)>, RecipeError> {
        let defaults = options_of(model)?;
        let of_model = RECIPES.iter().find(|(known, _)| *known == model);
        let recipes = of_model.map_or(&[][..], |(_, recipes)| recipes);
        if recipes.is_empty() {
            let of_defaults = Self::of(&Experiment {
                model: model.to_string(),
                options: defaults,
                training: Training::default(),
                seed: 42,
            });
            return Ok(vec![("default", of_defaults)]);
        }
        let presets = recipes.iter().map(|(name, text)| {
            let mut recipe = Self::parse(&format!("recipes/{model}/{name}.toml"), text)?;
            let mut options = defaults.clone();
            if let (Some(all), Value::Object(own)) = (options.as_object_mut(), recipe.options) {
                all.extend(own);
            }
            recipe.options = options;
            Ok((*name, recipe))
        });
        presets.collect()
    }

    /// Reads a recipe.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is not a recipe, with line and column.
    pub fn load(path: &Path) -> Result<Self, RecipeError> {
        let text = std::fs::read_to_string(path).map_err(|source| RecipeError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        Self::parse(&path.display().to_string(), &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self, RecipeError> {
        let mut recipe: Self = toml::from_str(text).map_err(|source| RecipeError::Parse {
            name: name.to_string(),
            source: Box::new(source),
        })?;
        if recipe.options.is_null() {
            recipe.options = Value::Object(Map::new());
        }
        for figure in recipe.all_figures() {
            figure.check().map_err(|what| RecipeError::Figure {
                name: name.to_string(),
                what,
            })?;
        }
        Ok(recipe)
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), RecipeError> {
        let written = Self {
            options: without_nulls(&self.options),
            ..self.clone()
        };
        let text = toml::to_string(&written).map_err(std::io::Error::other)?;
        Ok(crate::files::write_whole(path, text.as_bytes())?)
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
