//! Cards as files.

use crate::card::Card;
use crate::error::CardError;
use serde::Deserialize;
use std::path::Path;

impl Card {
    /// The card as JSON, indented.
    ///
    /// # Errors
    ///
    /// If the options of the model cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Writes the card to `path` as JSON, whole or not at all; an existing file is replaced, a missing folder is created.
    ///
    /// # Errors
    ///
    /// [`CardError::Write`] if the system refuses an operation; the message names the path.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CardError> {
        let path = path.as_ref();
        let text = self.to_json().map_err(|source| CardError::Json {
            path: path.to_path_buf(),
            source,
        })?;
        recburn_files::write_whole(path, (text + "\n").as_bytes()).map_err(CardError::Write)
    }

    /// Reads a card that was [saved](Self::save).
    ///
    /// # Errors
    ///
    /// [`CardError::Read`] if the file cannot be read, [`CardError::Version`] if it is of another version, and
    /// [`CardError::Json`] if it is no card. Each names the file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CardError> {
        /// Of any version.
        #[derive(Deserialize)]
        struct Any {
            version: u64,
        }
        let path = path.as_ref();
        let json = |source| CardError::Json {
            path: path.to_path_buf(),
            source,
        };
        let text = std::fs::read(path).map_err(|source| CardError::Read {
            path: path.to_path_buf(),
            source,
        })?;
        let Any { version } = serde_json::from_slice(&text).map_err(json)?;
        match version == u64::from(Self::VERSION) {
            true => serde_json::from_slice(&text).map_err(json),
            false => Err(CardError::Version {
                path: path.to_path_buf(),
                found: version,
                expected: Self::VERSION,
            }),
        }
    }
}
