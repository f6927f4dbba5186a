//! Unpacking the archive into the folder.
//!
//! The names in the archive are checked before anything is written, and bytes are counted while writing: sizes stated
//! in the archive are not trusted.

use crate::part::Part;
use crate::{Entry, FetchError, Progress};
use recburn_files::write_folder;
use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use zip::ZipArchive;
use zip::result::ZipError;

/// The largest plausible compression ratio: columns of numbers deflate to a quarter or a fifth.
const RATIO: u64 = 16;
/// The unpacked size that even the smallest archive may have.
const FLOOR: u64 = 1 << 20;
/// The largest number of files; the largest MovieLens archive holds about thirty.
const FILES: usize = 1_000;

type Archive<'a> = ZipArchive<BufReader<&'a File>>;

/// Unpacks the data set's folder to `target`, completely or not at all.
pub(crate) fn unpack(
    part: &mut Part,
    entry: &Entry,
    target: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), FetchError> {
    let limit = part.have().saturating_mul(RATIO).saturating_add(FLOOR);
    let mut archive =
        ZipArchive::new(BufReader::new(part.rewound()?)).map_err(broken(entry, "its list"))?;
    let files = wanted(&archive, entry, limit)?;
    write_folder(target, |folder| {
        let mut left = limit;
        for (index, path) in &files {
            let path = folder.join(path);
            left = write_one(&mut archive, *index, &path, entry, (left, limit), progress)?;
        }
        Ok(())
    })
}

/// The files in the data set's folder, by their index in the archive. Other files are skipped, but their names are
/// checked as well.
fn wanted(
    archive: &Archive,
    entry: &Entry,
    limit: u64,
) -> Result<Vec<(usize, PathBuf)>, FetchError> {
    if archive.len() > FILES {
        return Err(too_large(entry, FILES as u64, "files"));
    }
    let mut files = Vec::new();
    let mut sum = 0_u64;
    for index in 0..archive.len() {
        let file = archive
            .by_index_data(index)
            .map_err(broken(entry, "its list"))?;
        let name = file.name().map_err(broken(entry, "its list"))?.into_owned();
        if let Some(why) = unsafe_name(&name).or_else(|| refusal(file.unix_mode())) {
            return Err(FetchError::Unsafe {
                url: entry.url.to_string(),
                name,
                why,
            });
        }
        sum = sum.saturating_add(file.size());
        let inner = Path::new(&name).strip_prefix(entry.folder);
        if let Ok(path) = inner
            && !file.is_dir()
            && !path.as_os_str().is_empty()
        {
            files.push((index, path.to_path_buf()));
        }
    }
    if sum > limit {
        return Err(too_large(entry, limit, "bytes"));
    }
    match files.is_empty() {
        true => Err(FetchError::NoFolder {
            url: entry.url.to_string(),
            folder: entry.folder.to_string(),
        }),
        false => Ok(files),
    }
}

/// Unpacks a file and returns the number of bytes left for the others.
fn write_one(
    archive: &mut Archive,
    index: usize,
    path: &Path,
    entry: &Entry,
    (mut left, limit): (u64, u64),
    progress: &mut dyn FnMut(Progress),
) -> Result<u64, FetchError> {
    let mut from = archive
        .by_index(index)
        .map_err(broken(entry, "the header of a file"))?;
    let name = from
        .name()
        .map_err(broken(entry, "the name of a file"))?
        .into_owned();
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(FetchError::io(parent))?;
    }
    // Must not exist yet, so that if this file system treats two names as equal, neither is lost silently.
    let mut to = File::create_new(path).map_err(FetchError::io(path))?;
    let mut bytes = vec![0; 1 << 16];
    loop {
        let count = match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Err(broken(entry, &name)(error.into())),
        };
        left = left
            .checked_sub(count as u64)
            .ok_or_else(|| too_large(entry, limit, "bytes"))?;
        to.write_all(&bytes[..count])
            .map_err(FetchError::io(path))?;
    }
    progress(Progress::Unpacking { file: name });
    Ok(left)
}

/// Why a kind of file is refused, by its Unix mode.
fn refusal(mode: Option<u32>) -> Option<&'static str> {
    const KIND: u32 = 0o170_000;
    match mode.unwrap_or_default() & KIND {
        // Unspecified, a file, a folder.
        0 | 0o100_000 | 0o040_000 => None,
        0o120_000 => Some("it is a link"),
        _ => Some("it is neither a file nor a folder"),
    }
}

/// Why a name is refused. Windows has more ways to lead out of a folder, and they are refused everywhere.
fn unsafe_name(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.contains(['\\', ':', '\0']) {
        return Some("its name is not allowed on every system");
    }
    if name.starts_with('/') {
        return Some("its path is absolute");
    }
    let path = name.strip_suffix('/').unwrap_or(name);
    match path.split('/').any(|step| matches!(step, "" | "." | "..")) {
        true => Some("its path leads elsewhere"),
        false => None,
    }
}

fn too_large(entry: &Entry, limit: u64, what: &'static str) -> FetchError {
    FetchError::TooLarge {
        url: entry.url.to_string(),
        limit,
        what,
    }
}

fn broken(entry: &Entry, what: &str) -> impl FnOnce(ZipError) -> FetchError {
    let url = entry.url.to_string();
    let what = what.to_string();
    move |error| FetchError::NotAZip {
        url,
        why: format!("{what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::unsafe_name;

    #[test]
    fn only_plain_relative_names_are_safe() {
        for name in ["a", "a/", "a/b.csv", "a/..b/c"] {
            assert_eq!(unsafe_name(name), None, "{name}");
        }
        for name in [
            "", "/", "/a", "a//b", "..", "../a", "a/../b", "a/./b", "a/..", "a\\b", "C:a", "a\0b",
        ] {
            assert!(unsafe_name(name).is_some(), "{name}");
        }
    }
}
