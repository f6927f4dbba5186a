//! The folder that a recommender is saved in.

use crate::error::RecommenderError;
use crate::recommender::{Recommender, Scores};
use crate::seen::Seen;
use burn::tensor::Device;
use recburn_data::{Centre, Features, IdMap, Item, ItemIx, Scale, UserIx};
use recburn_graph::Graph;
use recburn_nn::{Network, Weights, WeightsError};
use safetensors::tensor::{Dtype, SafeTensors, View};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

const MODEL: &str = "model.json";
const IDS: &str = "ids.json";
const WEIGHTS: &str = "weights.safetensors";
const SEEN: &str = "seen.safetensors";
const FEATURES: &str = "features.json";

/// Incremented when the folder changes in a way that older versions would misread.
const FORMAT: u32 = 3;

/// `model.json`: the model and how it was trained.
#[derive(Serialize, Deserialize)]
struct ModelFile {
    format: u32,
    recburn: String,
    graph: Graph,
    scale: Scale,
    centre: Centre,
    training: Value,
    provenance: Value,
    #[serde(default)]
    scores: Scores,
}

/// What every version of `model.json` has.
#[derive(Deserialize)]
struct Format {
    format: u32,
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

impl Recommender {
    /// Writes the folder, whole or not at all; one that is there is replaced.
    pub fn save(&self, folder: &Path) -> Result<(), RecommenderError> {
        recburn_files::write_folder(folder, |folder| {
            write_json(
                &folder.join(MODEL),
                &ModelFile {
                    format: FORMAT,
                    recburn: env!("CARGO_PKG_VERSION").to_string(),
                    graph: self.model.graph().clone(),
                    scale: self.scale,
                    centre: self.centre,
                    training: self.training.clone(),
                    provenance: self.provenance.clone(),
                    scores: self.scores,
                },
            )?;
            let (users, items, catalogue) = (
                self.users.clone(),
                self.items.clone(),
                self.catalogue.clone(),
            );
            write_json(
                &folder.join(IDS),
                &IdsFile {
                    users,
                    items,
                    catalogue,
                },
            )?;
            if !self.features.is_empty() {
                write_json(&folder.join(FEATURES), &self.features)?;
            }
            Weights::of(&self.model).save(&folder.join(WEIGHTS))?;
            self.seen.save(&folder.join(SEEN))
        })
    }

    /// Reads such a folder, onto this device.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, RecommenderError> {
        // The format first: a file of another one may lack what this one has.
        let Format { format } = read_json(&folder.join(MODEL))?;
        if format != FORMAT {
            return Err(RecommenderError::NotAModel {
                path: folder.join(MODEL),
                reason: other_format(format),
            });
        }
        let ModelFile {
            graph,
            scale,
            centre,
            training,
            provenance,
            scores,
            ..
        } = read_json(&folder.join(MODEL))?;
        let IdsFile {
            users,
            items,
            catalogue,
        } = read_json(&folder.join(IDS))?;
        let weights = Weights::load(&folder.join(WEIGHTS)).map_err(|error| match error {
            WeightsError::Read { path, source } => unreadable(path, source),
            other => other.into(),
        })?;
        let misfit = |source| RecommenderError::Saved {
            path: folder.join(WEIGHTS),
            source,
        };
        // Before anything of the graph's sizes is made: a file may say what it likes.
        weights.check(&graph).map_err(misfit)?;
        let network = Network::try_new(graph, 0, device)?;
        let unseen = Self {
            model: weights.load_into(network).map_err(misfit)?,
            seen: Seen::default(),
            features: Features::default(),
            users,
            items,
            catalogue,
            scale,
            centre,
            training,
            provenance,
            scores,
        }
        .checked()
        .map_err(|error| RecommenderError::NotAModel {
            path: folder.join(IDS),
            reason: error.to_string(),
        })?;
        let unseen = match unseen.reads_features() {
            true => {
                let path = folder.join(FEATURES);
                let features = read_json(&path)?;
                unseen
                    .with_features(&features)
                    .map_err(|error| RecommenderError::NotAModel {
                        path,
                        reason: error.to_string(),
                    })?
            }
            false => unseen,
        };
        let (users, items) = (unseen.users.rows(), unseen.items.rows());
        Ok(Self {
            seen: Seen::load(&folder.join(SEEN), users, items)?,
            ..unseen
        })
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), RecommenderError> {
    let json = serde_json::to_vec_pretty(value).expect("a recommender is plain data");
    Ok(recburn_files::write_whole(path, &json)?)
}

/// The bytes of one file of a model's folder; without it the folder is not a model.
fn read(path: &Path) -> Result<Vec<u8>, RecommenderError> {
    std::fs::read(path).map_err(|source| unreadable(path.to_path_buf(), source))
}

fn unreadable(path: PathBuf, source: io::Error) -> RecommenderError {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RecommenderError::NotAModel {
            path,
            reason: "there is no such file".to_string(),
        },
        _ => RecommenderError::Read { path, source },
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, RecommenderError> {
    serde_json::from_slice(&read(path)?).map_err(|error| RecommenderError::NotAModel {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })
}

/// Numbers as the bytes of a tensor, converted when they are written, so that only one column at a time is held twice.
struct Column<'a> {
    dtype: Dtype,
    shape: [usize; 1],
    bytes: &'a dyn Fn() -> Vec<u8>,
}

impl View for &Column<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned((self.bytes)())
    }

    fn data_len(&self) -> usize {
        self.shape[0] * self.dtype.bitsize() / 8
    }
}

impl Seen {
    fn save(&self, path: &Path) -> Result<(), RecommenderError> {
        let column = |dtype, length, bytes| Column {
            dtype,
            shape: [length],
            bytes,
        };
        let whole = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        let offsets = || whole(&self.offsets);
        let items = || whole(&self.items);
        let roles = || self.roles.clone();
        let held_out = || self.held_out.iter().flat_map(|n| n.to_le_bytes()).collect();
        let places = || whole(&self.places);
        let sums = |sums: &[f64]| sums.iter().flat_map(|n| n.to_le_bytes()).collect();
        let user_sums = || sums(&self.user_sums);
        let item_sums = || sums(&self.item_sums);
        let columns = [
            ("offsets", column(Dtype::U32, self.offsets.len(), &offsets)),
            ("places", column(Dtype::U32, self.places.len(), &places)),
            (
                "user_sums",
                column(Dtype::F64, self.user_sums.len(), &user_sums),
            ),
            (
                "item_sums",
                column(Dtype::F64, self.item_sums.len(), &item_sums),
            ),
            ("items", column(Dtype::U32, self.items.len(), &items)),
            ("roles", column(Dtype::U8, self.roles.len(), &roles)),
            (
                "held_out",
                column(Dtype::F32, self.held_out.len(), &held_out),
            ),
        ];
        let views = columns.iter().map(|(name, column)| (*name, column));
        // Into a folder under construction, which is synced and renamed as a whole.
        safetensors::serialize_to_file(views, None, path).map_err(|error| {
            let path = path.display();
            io::Error::other(format!("cannot write {path}: {error}")).into()
        })
    }

    fn load(path: &Path, users: usize, items: usize) -> Result<Self, RecommenderError> {
        let wrong = |reason: String| RecommenderError::NotAModel {
            path: path.to_path_buf(),
            reason,
        };
        let bytes = read(path)?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| wrong(error.to_string()))?;
        let data = |name, dtype| {
            let view = file
                .tensor(name)
                .map_err(|error| wrong(error.to_string()))?;
            match view.dtype() == dtype {
                true => Ok(view.data()),
                false => Err(wrong(format!(
                    "`{name}` holds {} numbers, not {dtype}",
                    view.dtype()
                ))),
            }
        };
        let whole = |name| -> Result<Vec<u32>, RecommenderError> {
            let (four, _) = data(name, Dtype::U32)?.as_chunks();
            Ok(four.iter().map(|&four| u32::from_le_bytes(four)).collect())
        };
        let sums = |name| -> Result<Vec<f64>, RecommenderError> {
            let (eight, _) = data(name, Dtype::F64)?.as_chunks();
            let numbers = eight.iter().map(|&eight| f64::from_le_bytes(eight));
            Ok(numbers.collect())
        };
        let (four, _) = data("held_out", Dtype::F32)?.as_chunks();
        let seen = Self {
            offsets: whole("offsets")?,
            items: whole("items")?,
            roles: data("roles", Dtype::U8)?.to_vec(),
            places: whole("places")?,
            user_sums: sums("user_sums")?,
            item_sums: sums("item_sums")?,
            held_out: four.iter().map(|&four| f32::from_le_bytes(four)).collect(),
            ..Self::default()
        };
        if !seen.is_sound(users, items) {
            return Err(wrong(format!(
                "its lists are not those of {users} users and {items} items"
            )));
        }
        Ok(seen.counted(items))
    }
}
