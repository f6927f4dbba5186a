//! A part of a data set, for one of several processes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::builder::Builder;
use crate::error::ReadError;
use crate::formats::{is_table, read_ratings};
use crate::how::{DATA_VARIABLE, OpenOptions};
use crate::names::NamedSet;
use crate::open::name_of;
use crate::places::{advice, part_files, places, ratings_file};
use crate::source::Source;
use recburn_data::{Dataset, IdMap, ItemIx, Ratings, UserIx};

/// The ratings that one process reads, which may be none, with ids of their own.
#[derive(Clone, Debug)]
pub struct FilePart {
    /// What the data set is called.
    pub name: String,
    /// The ids of the users in this part.
    pub users: IdMap<UserIx>,
    /// The ids of the items in this part.
    pub items: IdMap<ItemIx>,
    /// The ratings, in the order of the files.
    pub ratings: Ratings,
    /// Warnings from reading, one sentence each.
    pub warnings: Vec<String>,
}

impl OpenOptions {
    /// Reads part `part` of `parts` of a data set, found as by [`OpenOptions::open`]. The parts one after the other are the
    /// whole, in its order, whatever their number.
    ///
    /// Of a folder of part files, each part is whole files that follow one another, of about as many bytes. A single table of lines that is neither
    /// compressed nor a pipe is cut at ends of lines into ranges of bytes of equal length; a quoted field that contains a
    /// line end cannot be read in this way. Files of other formats are read by part 0. Titles, features and added ratings
    /// are not read; see [`OpenOptions::read_titles`] and [`FeatureFile::read_part`](crate::FeatureFile::read_part).
    ///
    /// # Errors
    ///
    /// As [`OpenOptions::open`], except that a part may be empty.
    pub fn open_part(
        &self,
        name_or_path: &str,
        part: usize,
        parts: usize,
    ) -> Result<FilePart, ReadError> {
        let encoding = self.columns.as_ref().and_then(|columns| columns.encoding);
        let mut builder = Builder::new(self.order).lenient(self.bad_lines, encoding);
        builder.may_be_empty();
        if name_or_path == NamedSet::SAMPLE.name {
            let sample = Dataset::sample(self.order);
            return Ok(match part {
                0 => FilePart {
                    name: sample.name,
                    users: sample.users,
                    items: sample.items,
                    ratings: sample.ratings,
                    warnings: Vec::new(),
                },
                _ => finished(builder, sample.name),
            });
        }
        let looked = places(
            name_or_path,
            self.data_dir.as_deref(),
            env::var_os(DATA_VARIABLE),
        );
        for place in &looked {
            if let Some(mut source) = ratings_file(place)? {
                let head = source.head().clone();
                let name = match NamedSet::find(name_or_path) {
                    Some(_) => name_or_path.to_string(),
                    None => name_of(head.path(), head.archive()),
                };
                let cut = source.can_be_cut() && is_table(&head, self);
                if cut {
                    source.cut(part as u64, parts as u64);
                }
                if cut || part == 0 {
                    read_ratings(source, self, &mut builder)?;
                }
                return Ok(finished(builder, name));
            }
            if let Some(files) = part_files(place)? {
                for file in files_of(&files, part, parts)? {
                    read_ratings(Source::open(file)?, self, &mut builder)?;
                }
                return Ok(finished(builder, folder_name(place)));
            }
        }
        Err(ReadError::NotFound {
            name: name_or_path.to_string(),
            looked,
            advice: advice(name_or_path),
        })
    }
}

/// The files of a part. The middle of a file among all bytes decides, so that the parts have about as many bytes, and files
/// remain in their order.
fn files_of(files: &[PathBuf], part: usize, parts: usize) -> Result<Vec<&Path>, ReadError> {
    let size = |file: &PathBuf| match fs::metadata(file) {
        Ok(known) => Ok(known.len().max(1)),
        Err(source) => Err(ReadError::Io {
            path: file.clone(),
            source,
        }),
    };
    let sizes: Vec<u64> = files.iter().map(size).collect::<Result<_, _>>()?;
    let all: u64 = sizes.iter().sum();
    let mut begin = 0;
    let of_part = files.iter().zip(sizes).filter(|(_, size)| {
        let twice_middle = u128::from(2 * begin + size);
        begin += size;
        twice_middle * parts as u128 / u128::from(2 * all) == part as u128
    });
    Ok(of_part.map(|(file, _)| file.as_path()).collect())
}

/// The name of a folder.
pub(crate) fn folder_name(folder: &Path) -> String {
    let name = folder.components().next_back();
    name.map_or_else(String::new, |name| {
        name.as_os_str().to_string_lossy().into_owned()
    })
}

fn finished(builder: Builder, name: String) -> FilePart {
    let warnings = builder.warnings();
    let (users, items, ratings) = builder.finish();
    FilePart {
        name,
        users,
        items,
        ratings,
        warnings,
    }
}
