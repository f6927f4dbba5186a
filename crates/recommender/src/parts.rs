//! A model in parts: a folder with a model folder for each part, and a manifest.

use crate::digests::{SavedAs, sha256};
use crate::error::RecommenderError;
use crate::folder::{
    FEATURES, MODEL, ModelFile, WEIGHTS, check_format, parse, read, read_json, write_json,
};
use crate::library::Library;
use crate::noise::Noise;
use crate::part::Part;
use crate::recommender::Recommender;
use crate::seen::Seen;
use crate::warm::side_of;
use burn::module::Module;
use burn::tensor::Device;
use recburn_data::{Features, IdMap, IdOrder, Index, Side, UserIx};
use recburn_graph::Graph;
use recburn_nn::{Network, Weight, Weights, WeightsFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub(crate) const MANIFEST: &str = "parts.json";

/// Incremented when the folder changes in a way that older versions would misread.
const FORMAT: u32 = 1;

/// `parts.json`
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    recburn: String,
    /// SHA-256 of the `model.json` of each part, by the name of its folder.
    parts: BTreeMap<String, String>,
}

/// A folder with all parts of a model, which several processes have trained. Each part is a model folder of its own, with
/// the users of one process and all items: `1-of-4`, `2-of-4` and so on.
///
/// [`Recommender::load`] makes one model of them; whoever asks for few users needs no more than [their
/// part](ModelParts::of_user).
#[derive(Debug)]
pub struct ModelParts {
    folder: PathBuf,
    manifest: PathBuf,
    digest: String,
    /// The digest of each part's `model.json`, in the order of the parts.
    parts: Vec<String>,
}

/// One part, with what all parts have to agree in.
struct Read {
    folder: PathBuf,
    library: Library,
    graph: Graph,
    noise: Option<Noise>,
    features: Option<Features>,
}

impl ModelParts {
    /// Whether a folder holds the parts of a model, and no whole one.
    pub fn are_in(folder: &Path) -> bool {
        folder.join(MANIFEST).is_file() && !folder.join(MODEL).is_file()
    }

    /// Reads the manifest.
    ///
    /// # Errors
    /// [`RecommenderError::NotAModel`] without a manifest, or with one of something else.
    pub fn open(folder: &Path) -> Result<Self, RecommenderError> {
        let path = folder.join(MANIFEST);
        let bytes = read(&path)?;
        let manifest: Manifest = parse(&path, &bytes)?;
        let count = manifest.parts.len();
        let digest_of = |number| {
            let part = Part { number, of: count };
            manifest.parts.get(&part.folder()).cloned()
        };
        let parts: Option<Vec<String>> = (1..=count).map(digest_of).collect();
        let refused = |reason: String| RecommenderError::NotAModel {
            path: path.clone(),
            reason,
        };
        if manifest.format != FORMAT {
            return Err(refused(format!(
                "it is of format {}, this version reads format {FORMAT}",
                manifest.format
            )));
        }
        let parts = parts.filter(|parts| !parts.is_empty()).ok_or_else(|| {
            refused("it does not list all parts of a model, as 1-of-2 and 2-of-2".to_string())
        })?;
        Ok(Self {
            folder: folder.to_path_buf(),
            digest: sha256(&bytes),
            manifest: path,
            parts,
        })
    }

    /// Writes the manifest of a folder under construction that has so many parts.
    ///
    /// # Errors
    /// If a part is missing, or the manifest cannot be written.
    pub fn complete(folder: &Path, count: usize) -> Result<(), RecommenderError> {
        let mut parts = BTreeMap::new();
        for number in 1..=count {
            let name = Part { number, of: count }.folder();
            let digest = sha256(&read(&folder.join(&name).join(MODEL))?);
            parts.insert(name, digest);
        }
        let manifest = Manifest {
            format: FORMAT,
            recburn: env!("CARGO_PKG_VERSION").to_string(),
            parts,
        };
        write_json(&folder.join(MANIFEST), &manifest)
    }

    /// How many parts there are.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// The part in which a user lives, if there is such a user.
    pub fn of_user(&self, id: &str) -> Part {
        Part::of_user(id, self.count())
    }

    /// Loads a part, onto this device.
    ///
    /// # Errors
    /// As [`Recommender::load`].
    pub fn load_part(&self, part: Part, device: &Device) -> Result<Recommender, RecommenderError> {
        let folder = self.folder.join(part.folder());
        let loaded = Recommender::load_as(&folder, device)?;
        self.check(
            &folder,
            part,
            loaded.library.part,
            saved_as_of(&loaded.library),
        )?;
        Ok(loaded)
    }

    /// Loads all parts as one model, onto this device: the users of all of them, and the items once.
    ///
    /// # Errors
    /// As [`Recommender::load`], and for parts that are not of the same training.
    pub fn load(&self, device: &Device) -> Result<Recommender, RecommenderError> {
        let count = self.count();
        let parts = (1..=count).map(|number| self.read(Part { number, of: count }));
        let mut parts: Vec<Read> = parts.collect::<Result<_, _>>()?;
        let users = self.users(&parts)?;
        let rows: Vec<Vec<u32>> = parts
            .iter()
            .map(|part| {
                let own = part.library.users.iter();
                own.filter_map(|(_, id)| Some(users.index(&id)?.row()))
                    .collect()
            })
            .collect();
        let graph = self.graph(&parts, users.rows())?;
        let weights = self.weights(&parts, &graph, &rows)?;
        let path = parts[0].folder.join(WEIGHTS);
        let misfit = |source| RecommenderError::Saved {
            path: path.clone(),
            source,
        };
        weights.check(&graph).map_err(misfit)?;
        let model = Network::try_new(graph, 0, device)?;
        let model = weights.load_into(model).map_err(misfit)?.valid();
        drop(weights);
        let seen = parts.iter().map(|part| &part.library.seen);
        let seen = Seen::merged(&seen.collect::<Vec<_>>(), &rows, users.rows());
        let features: Option<Vec<Features>> =
            parts.iter_mut().map(|part| part.features.take()).collect();
        let first = parts.swap_remove(0);
        let library = Library {
            users,
            seen,
            part: None,
            saved_as: Some(SavedAs {
                digest: self.digest.clone(),
                verified: true,
            }),
            ..first.library
        };
        let whole = Recommender::assembled(model, library)
            .checked()
            .map_err(|error| self.refused(error.to_string()))?;
        let whole = match features {
            None => whole,
            Some(features) => {
                let merged = Features::merged(&features, &rows)
                    .ok_or_else(|| self.refused("their features differ".to_string()))?;
                whole
                    .with_features(&merged)
                    .map_err(|error| self.refused(error.to_string()))?
            }
        };
        let sound = first.noise.filter(Noise::is_sound);
        Ok(Recommender {
            noise: sound.map_or_else(OnceLock::new, OnceLock::from),
            ..whole
        })
    }

    fn read(&self, part: Part) -> Result<Read, RecommenderError> {
        let folder = self.folder.join(part.folder());
        let saved_as = check_format(&folder)?;
        let path = folder.join(MODEL);
        let ModelFile {
            header,
            described,
            noise,
        } = read_json(&path)?;
        let mut library = Library::load(&folder, header, saved_as)?;
        self.check(&folder, part, library.part, saved_as_of(&library))?;
        library.load_seen(&folder)?;
        let features = folder.join(FEATURES);
        let graph = serde_json::from_value(described);
        Ok(Read {
            library,
            graph: graph.map_err(|error| RecommenderError::NotAModel {
                path,
                reason: error.to_string(),
            })?,
            noise,
            features: match features.is_file() {
                true => Some(read_json(&features)?),
                false => None,
            },
            folder,
        })
    }

    /// Refuses a part that is not the one of the manifest.
    fn check(
        &self,
        folder: &Path,
        wanted: Part,
        part: Option<Part>,
        digest: &str,
    ) -> Result<(), RecommenderError> {
        let listed = self.parts.get(wanted.number - 1);
        match part == Some(wanted) && listed.is_some_and(|listed| listed == digest) {
            true => Ok(()),
            false => Err(RecommenderError::NotAModel {
                path: folder.join(MODEL),
                reason: format!("it is not the one in {}", self.manifest.display()),
            }),
        }
    }

    fn refused(&self, reason: String) -> RecommenderError {
        RecommenderError::NotAModel {
            path: self.manifest.clone(),
            reason: format!("its parts do not belong together: {reason}"),
        }
    }

    /// The users of all parts, each of which has its own, and the same of everything else.
    fn users(&self, parts: &[Read]) -> Result<IdMap<UserIx>, RecommenderError> {
        let first = &parts[0].library;
        for part in &parts[1..] {
            let own = &part.library;
            let same = own.items == first.items
                && own.training == first.training
                && own.provenance == first.provenance
                && (own.scale, own.centre, own.scores) == (first.scale, first.centre, first.scores);
            if !same {
                return Err(
                    self.refused(format!("{} is of another training", part.folder.display()))
                );
            }
        }
        let ids: Vec<String> = parts
            .iter()
            .flat_map(|part| part.library.users.iter().map(|(_, id)| id.into_owned()))
            .collect();
        let users: IdMap<UserIx> = IdMap::new(ids.iter().map(String::as_str), IdOrder::Sorted)?;
        match users.len() == ids.len() {
            true => Ok(users),
            false => Err(self.refused("a user is in two of them".to_string())),
        }
    }

    fn graph(&self, parts: &[Read], users: usize) -> Result<Graph, RecommenderError> {
        let whole = |part: &Read| {
            let graph = part.graph.with_users(users.max(1));
            graph.map_err(|error| self.refused(error.to_string()))
        };
        let first = whole(&parts[0])?;
        for part in &parts[1..] {
            if whole(part)? != first {
                return Err(self.refused("their graphs differ".to_string()));
            }
        }
        Ok(first)
    }

    /// The weights of all parts: the rows of users where `rows` says, everything else once.
    fn weights(
        &self,
        parts: &[Read],
        graph: &Graph,
        rows: &[Vec<u32>],
    ) -> Result<Weights, RecommenderError> {
        let mut weights = Weights::default();
        let mut files = Vec::new();
        for part in parts {
            files.push(WeightsFile::open(&part.folder.join(WEIGHTS))?);
        }
        for name in files[0].names() {
            let mut tables = graph.tables().iter();
            let table = tables.find(|table| name == format!("{}.weight", table.name));
            let of_users = table.filter(|table| side_of(graph, &table.name) == Some(Side::User));
            let Some(table) = of_users else {
                weights.0.insert(name.clone(), files[0].read(&name)?);
                continue;
            };
            let width = table.width;
            let fit = |(file, rows): (&WeightsFile, &Vec<u32>)| {
                file.shape(&name) == Some(&[rows.len().max(1), width])
            };
            if !files.iter().zip(rows).all(fit) {
                return Err(self.refused(format!("`{name}` is not of their users")));
            }
            let mut values = vec![0.0; table.rows * width];
            for (file, rows) in files.iter_mut().zip(rows) {
                let mut own = rows.iter();
                file.each(&name, width, |numbers| {
                    for (row, to) in numbers.chunks_exact(width).zip(&mut own) {
                        values[*to as usize * width..][..width].copy_from_slice(row);
                    }
                })?;
            }
            let shape = vec![table.rows, width];
            weights.0.insert(name, Weight { shape, values });
        }
        Ok(weights)
    }
}

/// The digest of a library that was read.
fn saved_as_of(library: &Library) -> &str {
    library.saved_as.as_ref().map_or("", |saved| &saved.digest)
}
