//! Saving and loading classical models.

use super::ClassicalRecommender;
use crate::error::RecommenderError;
use crate::folder::{Header, MODEL, check_format, read, read_json, write_json};
use crate::library::{Library, Scores};
use recburn_classical::Saved;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FITTED: &str = "fitted.msgpack";

/// `model.json`.
#[derive(Serialize, Deserialize)]
struct ModelFile {
    #[serde(flatten)]
    header: Header,
    /// The name of the method.
    method: String,
}

/// `fitted.msgpack`: the model, and the training ratings.
#[derive(Serialize, Deserialize)]
struct FittedFile {
    saved: Saved,
    stars: Vec<f32>,
}

impl ClassicalRecommender {
    /// Writes the folder, completely or not at all, replacing an existing one.
    ///
    /// # Errors
    ///
    /// If a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), RecommenderError> {
        recburn_files::write_folder(folder, |folder| {
            self.library.save(folder)?;
            let fitted = FittedFile {
                saved: self.fitted.saved(),
                stars: self.stars.to_vec(),
            };
            let bytes = rmp_serde::to_vec(&fitted).map_err(std::io::Error::other)?;
            recburn_files::write_whole(folder.join(FITTED), &bytes)?;
            let file = ModelFile {
                header: self.library.header(folder)?,
                method: self.method.clone(),
            };
            write_json(&folder.join(MODEL), &file)
        })
    }

    /// Reads such a folder.
    ///
    /// # Errors
    ///
    /// A folder that holds no classical model, or a damaged one.
    pub fn load(folder: &Path) -> Result<Self, RecommenderError> {
        let saved_as = check_format(folder)?;
        let ModelFile { header, method } = read_json(&folder.join(MODEL))?;
        let mut library = Library::load(folder, header, saved_as)?;
        library.load_seen(folder)?;
        let path = folder.join(FITTED);
        let damaged = |reason: String| RecommenderError::NotAModel {
            path: path.clone(),
            reason,
        };
        let FittedFile { saved, stars } =
            rmp_serde::from_slice(&read(&path)?).map_err(|error| damaged(error.to_string()))?;
        let fitted = saved.fitted().map_err(|error| damaged(error.to_string()))?;
        let wanted = match library.scores {
            Scores::Ratings => library.seen.items.len(),
            Scores::Order => 0,
        };
        if stars.len() != wanted {
            return Err(damaged(format!(
                "it has {} training ratings for {wanted} rated pairs",
                stars.len()
            )));
        }
        let own = Self {
            library,
            method,
            fitted: fitted.into(),
            stars: stars.into(),
        };
        own.everybody()
            .map_err(|error| damaged(error.to_string()))?;
        Ok(own)
    }

    /// Whether a folder holds a model of this kind.
    pub(crate) fn is_in(folder: &Path) -> bool {
        read_json::<serde_json::Value>(&folder.join(MODEL))
            .is_ok_and(|file| file.get("method").is_some())
    }
}
