//! Saving and loading a recommender as a folder.

use crate::digests::{self, Digests, SavedAs};
use crate::error::RecommenderError;
use crate::library::{Library, Scores};
use crate::noise::Noise;
use crate::of_all::AllUsers;
use crate::part::Part;
use crate::parts::ModelParts;
use crate::portable::{Portable, RebuildError};
use crate::recommender::Recommender;
use crate::seen::Seen;
use burn::tensor::Device;
use recburn_data::{Centre, IdMap, Item, ItemIx, Scale, UserIx};
use recburn_nn::{Weights, WeightsError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub(crate) const MODEL: &str = "model.json";
const IDS: &str = "ids.json";
pub(crate) const WEIGHTS: &str = "weights.safetensors";
const SEEN: &str = "seen.safetensors";
pub(crate) const FEATURES: &str = "features.json";
const VISITORS: &str = "visitors.json";

/// Incremented when the folder changes in a way that older versions would misread.
const FORMAT: u32 = 3;

/// The part of `model.json` that every model has: how it was trained.
#[derive(Serialize, Deserialize)]
pub(crate) struct Header {
    format: u32,
    recburn: String,
    scale: Scale,
    centre: Centre,
    training: Value,
    provenance: Value,
    #[serde(default)]
    scores: Scores,
    /// Which part of a model this is; `None` for a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
    /// SHA-256 of the other files.
    #[serde(default, skip_serializing_if = "Digests::is_empty")]
    files: Digests,
}

/// `model.json`: the model and how it was trained.
#[derive(Serialize, Deserialize)]
pub(crate) struct ModelFile {
    #[serde(flatten)]
    pub header: Header,
    /// What the model is made of; of a network its graph.
    #[serde(rename = "graph")]
    pub described: Value,
    /// How far its scores are from what they stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

/// The part common to all versions of `model.json`.
#[derive(Deserialize)]
struct Format {
    format: u32,
    /// The digests of the other files; older versions of the same format wrote none.
    #[serde(default)]
    files: Digests,
}

fn other_format(format: u32) -> String {
    let way_out = match format < FORMAT {
        true => "train it again",
        false => "read it with the version that wrote it, or train it again",
    };
    format!("it is of format {format}, this version reads format {FORMAT}: {way_out}")
}

/// `ids.json`: raw ids by row, and the titles and genres of items.
#[derive(Serialize, Deserialize)]
struct IdsFile {
    users: IdMap<UserIx>,
    items: IdMap<ItemIx>,
    catalogue: Vec<Option<Item>>,
}

impl<M: Portable> Recommender<M> {
    /// Writes the folder, completely or not at all, replacing an existing one.
    pub fn save(&self, folder: &Path) -> Result<(), RecommenderError> {
        recburn_files::write_folder(folder, |folder| {
            Weights::of(&self.model).save(&folder.join(WEIGHTS))?;
            self.complete(folder)
        })
    }

    /// Writes all other files into a folder under construction that has the [weights](Recommender::WEIGHTS) of this model
    /// already.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn complete(&self, folder: &Path) -> Result<(), RecommenderError> {
        self.library.save(folder)?;
        if !self.features.is_empty() {
            write_json(&folder.join(FEATURES), &self.features)?;
        }
        if let Some(all_users) = &self.all_users {
            write_json(&folder.join(VISITORS), &**all_users)?;
        }
        // Last, since it has the digests of the others.
        let file = ModelFile {
            header: self.library.header(folder)?,
            described: self.model.describe(),
            noise: self.has_features().then(|| self.noise()),
        };
        write_json(&folder.join(MODEL), &file)
    }

    /// Reads such a folder with a model of this kind, onto this device: `Recommender::<NeuMf>::load_as(folder, device)`.
    ///
    /// # Errors
    /// A folder that holds no model, or another one.
    pub fn load_as(folder: &Path, device: &Device) -> Result<Self, RecommenderError> {
        let saved_as = check_format(folder)?;
        let ModelFile {
            header,
            described,
            noise,
        } = read_json(&folder.join(MODEL))?;
        let weights = Weights::load(&folder.join(WEIGHTS)).map_err(|error| match error {
            WeightsError::Read { path, source } => unreadable(path, source),
            other => other.into(),
        })?;
        let misfit = |source| RecommenderError::Saved {
            path: folder.join(WEIGHTS),
            source,
        };
        let other = |error| match error {
            RebuildError::Weights(source) => misfit(source),
            RebuildError::Memory(error) => error.into(),
            RebuildError::Description(error) => RecommenderError::NotAModel {
                path: folder.join(MODEL),
                reason: error.to_string(),
            },
            RebuildError::Other(reason) => RecommenderError::NotAModel {
                path: folder.join(MODEL),
                reason,
            },
        };
        // Before anything of the described sizes is made: a file may say what it likes.
        M::check(&described, &weights).map_err(other)?;
        let model = M::rebuild(&described, device).map_err(other)?;
        let model = weights.load_into(model).map_err(misfit)?.valid();
        let library = Library::load(folder, header, saved_as)?;
        let whole = Self::assembled(model, library).checked().map_err(|error| {
            RecommenderError::NotAModel {
                path: folder.join(IDS),
                reason: error.to_string(),
            }
        })?;
        let mut whole = match whole.reads_features() {
            true => {
                let path = folder.join(FEATURES);
                let features = read_json(&path)?;
                whole
                    .with_features(&features)
                    .map_err(|error| RecommenderError::NotAModel {
                        path,
                        reason: error.to_string(),
                    })?
            }
            false => whole,
        };
        if let Some(part) = whole.library.part {
            if !part.is_sound() {
                return Err(RecommenderError::NotAModel {
                    path: folder.join(MODEL),
                    reason: format!("there is no {part}"),
                });
            }
            let path = folder.join(VISITORS);
            let all_users: AllUsers = read_json(&path)?;
            whole = whole.with_all_users(all_users).ok_or_else(|| {
                let reason = "it belongs to a model with other tables".to_string();
                RecommenderError::NotAModel { path, reason }
            })?;
        }
        whole.library.load_seen(folder)?;
        let sound = noise.filter(Noise::is_sound);
        Ok(Self {
            noise: sound.map_or_else(OnceLock::new, OnceLock::from),
            ..whole
        })
    }
}

impl Recommender {
    /// The name of the file of the weights in the folder of a network.
    pub const WEIGHTS: &'static str = WEIGHTS;

    /// Reads the folder of a network, onto this device: of a whole one, of one part, or of all parts, which become one model.
    ///
    /// # Errors
    /// A folder that holds no model.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, RecommenderError> {
        match ModelParts::are_in(folder) {
            true => ModelParts::open(folder)?.load(device),
            false => Self::load_as(folder, device),
        }
    }
}

impl Library {
    /// The part of `model.json` that every model has, for a folder with all other files.
    pub fn header(&self, folder: &Path) -> Result<Header, RecommenderError> {
        Ok(Header {
            format: FORMAT,
            recburn: env!("CARGO_PKG_VERSION").to_string(),
            scale: self.scale,
            centre: self.centre,
            training: self.training.clone(),
            provenance: self.provenance.clone(),
            scores: self.scores,
            part: self.part,
            files: digests::of_files(folder)?,
        })
    }

    /// Writes ids, titles and rated items into a folder under construction.
    pub fn save(&self, folder: &Path) -> Result<(), RecommenderError> {
        let file = IdsFile {
            users: self.users.clone(),
            items: self.items.clone(),
            catalogue: self.catalogue.clone(),
        };
        write_json(&folder.join(IDS), &file)?;
        self.seen.save(&folder.join(SEEN))
    }

    /// Reads ids and titles; rated items are read by [`Library::load_seen`], once the ids are known to fit the model.
    pub fn load(
        folder: &Path,
        header: Header,
        saved_as: SavedAs,
    ) -> Result<Self, RecommenderError> {
        let IdsFile {
            users,
            items,
            catalogue,
        } = read_json(&folder.join(IDS))?;
        Ok(Self {
            seen: Seen::default(),
            users,
            items,
            catalogue,
            scale: header.scale,
            centre: header.centre,
            training: header.training,
            provenance: header.provenance,
            scores: header.scores,
            part: header.part,
            saved_as: Some(saved_as),
        })
    }

    /// Reads the rated items.
    pub fn load_seen(&mut self, folder: &Path) -> Result<(), RecommenderError> {
        let (users, items) = (self.users.rows(), self.items.rows());
        self.seen = Seen::load(&folder.join(SEEN), users, items)?;
        Ok(())
    }
}

/// Checks the format first, since a file in another format may lack fields, and then the digests of the other files.
pub(crate) fn check_format(folder: &Path) -> Result<SavedAs, RecommenderError> {
    let path = folder.join(MODEL);
    let bytes = read(&path)?;
    let Format { format, files } = parse(&path, &bytes)?;
    if format != FORMAT {
        return Err(RecommenderError::NotAModel {
            path,
            reason: other_format(format),
        });
    }
    digests::check(folder, &files)?;
    Ok(SavedAs {
        digest: digests::sha256(&bytes),
        verified: !files.is_empty(),
    })
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RecommenderError> {
    let json = serde_json::to_vec_pretty(value).expect("a recommender is plain data");
    Ok(recburn_files::write_whole(path, &json)?)
}

/// The bytes of one file of a model's folder; without it the folder is not a model.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, RecommenderError> {
    std::fs::read(path).map_err(|source| unreadable(path.to_path_buf(), source))
}

pub(crate) fn unreadable(path: PathBuf, source: io::Error) -> RecommenderError {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RecommenderError::NotAModel {
            path,
            reason: "there is no such file".to_string(),
        },
        _ => RecommenderError::Read { path, source },
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, RecommenderError> {
    parse(path, &read(path)?)
}

pub(crate) fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, RecommenderError> {
    serde_json::from_slice(bytes).map_err(|error| RecommenderError::NotAModel {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}
