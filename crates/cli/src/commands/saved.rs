//! The flags of commands that read a saved model.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use recburn::data::thousands;
use recburn::recommender::{AnyRecommender, ModelParts, Part, RecommenderError};
use recburn::train::parts_in;
use recburn::{device_name, pick_device};
use std::path::{Path, PathBuf};

/// Which saved model, and the device that it runs on.
#[derive(Args)]
pub struct Saved {
    /// The folder of a saved model, such as out/biased_mf/model, or the output folder of `train`
    #[arg(value_name = "MODEL")]
    pub folder: PathBuf,
    /// flex, ndarray, wgpu or cuda, if built in [default: BURN_DEVICE, or the fastest kind there is]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
}

impl Saved {
    /// The folder that holds the model.
    pub fn folder(&self) -> Result<PathBuf> {
        model_folder(&self.folder)
    }

    /// Loads the model.
    pub fn load(&self) -> Result<AnyRecommender> {
        let folder = self.folder()?;
        let device = pick_device(self.device.as_deref())?;
        heeded(AnyRecommender::load(&folder, &device)?, &folder)
    }

    /// Loads what is needed to answer for these users, or for none of them: of a model in parts the one in which they live.
    pub fn load_for(&self, users: &[String]) -> Result<AnyRecommender> {
        let folder = self.folder()?;
        if !ModelParts::are_in(&folder) {
            return self.load();
        }
        let parts = ModelParts::open(&folder)?;
        let mut homes = users.iter().map(|user| parts.of_user(user));
        let first = homes.next().unwrap_or(Part {
            number: 1,
            of: parts.count(),
        });
        match homes.all(|home| home == first) {
            false => self.load(),
            true => {
                let device = pick_device(self.device.as_deref())?;
                let part = parts.load_part(first, &device)?;
                Ok(AnyRecommender::Network(Box::new(part)))
            }
        }
    }

    /// Loads the model and prints which device runs it.
    pub fn load_aloud(&self, output: &Output) -> Result<AnyRecommender> {
        let folder = self.folder()?;
        let device = pick_device(self.device.as_deref())?;
        let recommender = heeded(AnyRecommender::load(&folder, &device)?, &folder)?;
        if let AnyRecommender::Network(_) = &recommender {
            output.say(format_args!("device: {}", device_name(&device)))?;
        }
        Ok(recommender)
    }
}

/// Says so if a folder has no digests by which its files could be checked.
fn heeded(recommender: AnyRecommender, folder: &Path) -> Result<AnyRecommender> {
    if recommender.saved_as().is_some_and(|saved| !saved.verified) {
        Output::new(false).note(Some(unverified(&folder.display().to_string())))?;
    }
    Ok(recommender)
}

/// The note on a folder without digests.
pub fn unverified(name: &str) -> String {
    format!(
        "{name} was written by an older version: it has no digests of its files, so whether they belong together is unchecked"
    )
}

/// The model folder that a given path refers to: the path itself, its subfolder `model` or `parts`, or the folder of a file
/// in it.
///
/// If there is none, the error names saved models nearby.
pub fn model_folder(given: &Path) -> Result<PathBuf> {
    let [below, parts] = ["model", "parts"].map(|name| given.join(name));
    let around = given.parent().filter(|_| given.is_file());
    let all = [Some(given), Some(&below), Some(&parts), around];
    for folder in all.into_iter().flatten() {
        if folder.join(MODEL).is_file() || ModelParts::are_in(folder) {
            return Ok(folder.to_path_buf());
        }
    }
    let outputs = [
        Some(given),
        given.parent().filter(|_| given.ends_with("model")),
    ];
    for output in outputs.into_iter().flatten() {
        if let Some(processes) = parts_in(&output.join("checkpoint")) {
            return Err(RecommenderError::NotAModel {
                path: given.to_path_buf(),
                reason: format!(
                    "there are the parts of {processes} processes: `recburn gather {}` makes one model of them",
                    output.display()
                ),
            }
            .into());
        }
    }
    let near = near(given);
    if near.is_empty() {
        return Ok(given.to_path_buf()); // the library says what is missing
    }
    let near: Vec<String> = near.iter().map(|path| path.display().to_string()).collect();
    Err(RecommenderError::NotAModel {
        path: given.to_path_buf(),
        reason: format!(
            "there is no {MODEL} in it; did you mean {}?",
            near.join(" or ")
        ),
    }
    .into())
}

/// A file that every model folder contains.
const MODEL: &str = "model.json";

/// The most models that an error names.
const MOST_NEAR: usize = 3;

/// The saved models below a folder, or else next to it, sorted by name.
fn near(given: &Path) -> Vec<PathBuf> {
    let in_folder = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = entries.map(|entry| entry.path());
        let models = folders.flat_map(|folder| [folder.join("model"), folder]);
        let mut models: Vec<_> = models.filter(|it| it.join(MODEL).is_file()).collect();
        models.sort();
        models.truncate(MOST_NEAR);
        models
    };
    let below = in_folder(given);
    let beside = || match given.parent() {
        Some(parent) if parent.as_os_str().is_empty() => in_folder(Path::new(".")),
        Some(parent) => in_folder(parent),
        None => Vec::new(),
    };
    match below.is_empty() {
        true => beside(),
        false => below,
    }
}

/// An entry of a list as a row of a table: number, score, training ratings, title, id, genres.
pub fn row(
    number: usize,
    score: f32,
    ratings: u32,
    title: &str,
    id: &str,
    genres: &[String],
) -> Vec<String> {
    vec![
        number.to_string(),
        format!("{score:.3}"),
        thousands(ratings as usize),
        title.to_string(),
        id.to_string(),
        genres.join(", "),
    ]
}
