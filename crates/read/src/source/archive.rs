//! Files in a zip archive, read in place.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::{Origin, Source, Stream, fault};
use crate::error::ReadError;

/// The maximum expansion of deflate, per byte.
const MOST_PER_BYTE: u64 = 1_032;

/// The first bytes of an archive with a file, which no text begins with.
const HEAD: [u8; 4] = *b"PK\x03\x04";

/// A zip archive.
pub(crate) struct Archive {
    path: PathBuf,
    directory: ZipArchive<BufReader<File>>,
    /// The names of all files, with the folders ahead of them; those that systems add are left out.
    members: Vec<String>,
}

impl Archive {
    /// The archive that a file is: by its name, whatever it holds, or by its first bytes and its directory.
    pub(super) fn of(path: &Path, file: &mut File) -> Result<Option<Self>, ReadError> {
        let ending = path.extension().unwrap_or_default();
        let is_named = ending.eq_ignore_ascii_case("zip");
        let mut head = [0; HEAD.len()];
        if !is_named && (file.read_exact(&mut head).is_err() || head != HEAD) {
            return Ok(None);
        }
        let again = file.try_clone().map_err(|source| fault(path, source))?;
        let directory = match ZipArchive::new(BufReader::with_capacity(1 << 16, again)) {
            Ok(directory) => directory,
            Err(error) if is_named => return Err(unreadable(path, &error)),
            Err(_) => return Ok(None),
        };
        let mut members = Vec::new();
        for name in directory.file_names() {
            let name = name.map_err(|error| unreadable(path, &error))?;
            let hidden =
                name.starts_with("__MACOSX/") || name.split('/').any(|part| part.starts_with('.'));
            if !name.ends_with('/') && !hidden {
                members.push(name.into_owned());
            }
        }
        Ok(Some(Self {
            path: path.to_path_buf(),
            directory,
            members,
        }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of all files, with the folders ahead of them.
    pub(crate) fn members(&self) -> &[String] {
        &self.members
    }

    /// The names of the files in a folder.
    pub(crate) fn files(&self, folder: &Path) -> impl Iterator<Item = &str> {
        let files = self.members.iter().map(Path::new);
        let inside = files.filter(move |file| file.parent() == Some(folder));
        inside.filter_map(|file| file.file_name()?.to_str())
    }

    /// Its only file.
    pub(crate) fn open_only(self) -> Result<Source, ReadError> {
        match self.members.as_slice() {
            [only] => {
                let only = PathBuf::from(only);
                self.open(&only)
            }
            members => Err(ReadError::Packed {
                wrong: format!(
                    "an archive of {} files: name one of them, such as {}",
                    members.len(),
                    self.path
                        .join(members.iter().min().map_or("FILE", String::as_str))
                        .display()
                ),
                path: self.path,
            }),
        }
    }

    /// The file of this name, or of that name with `.gz` appended.
    pub(super) fn open_existing(self, inside: &Path) -> Result<Option<Source>, ReadError> {
        let mut packed = inside.as_os_str().to_os_string();
        packed.push(".gz");
        let names = [inside, Path::new(&packed)];
        let found = names.into_iter().find(|name| self.index(name).is_some());
        found.map(|name| self.open(name)).transpose()
    }

    pub(super) fn index(&self, inside: &Path) -> Option<usize> {
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        self.directory.index_for_name(&parts.join("/"))
    }

    /// Opens one of its files.
    pub(super) fn open(mut self, inside: &Path) -> Result<Source, ReadError> {
        let path = self.path.join(inside);
        let wrong = |wrong: &str| ReadError::Packed {
            path: path.clone(),
            wrong: wrong.to_string(),
        };
        let index = self.index(inside).ok_or_else(|| wrong("no such file"))?;
        let file = self
            .directory
            .by_index_raw(index)
            .map_err(|error| unreadable(&path, &error))?;
        if file.encrypted() {
            return Err(wrong("the file is encrypted"));
        }
        let deflated = match file.compression() {
            CompressionMethod::DEFLATE => true,
            CompressionMethod::STORE => false,
            _ => {
                return Err(wrong(
                    "packed in another way than by deflate; unpack it first",
                ));
            }
        };
        let start = file
            .data_start()
            .ok_or_else(|| wrong("its bytes are nowhere in the archive"))?;
        let (packed, sum) = (file.compressed_size(), file.crc32());
        // An archive may lie about a size, but not about more than its bytes can make.
        let size = file.size().min(packed.saturating_mul(MOST_PER_BYTE));
        drop(file);
        let mut bytes = self.directory.into_inner();
        bytes
            .seek(SeekFrom::Start(start))
            .map_err(|source| fault(&path, source))?;
        let packed = bytes.take(packed);
        let bytes: Stream = match deflated {
            true => Box::new(DeflateDecoder::new(packed)),
            false => Box::new(packed),
        };
        let origin = Origin {
            path,
            archive: Some(self.path),
            size: Some(size),
            again: true,
        };
        // The bytes are checked against the archive's sum when the last one has been read.
        let checked = Checked {
            bytes,
            seen: Crc::new(),
            sum,
        };
        Source::new(origin, Box::new(checked))
    }
}

/// A reader that computes a checksum.
struct Checked {
    bytes: Stream,
    seen: Crc,
    sum: u32,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.seen.update(&buffer[..read]);
        if read == 0 && !buffer.is_empty() && self.seen.sum() != self.sum {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the bytes do not make the archive's check sum: it is damaged",
            ));
        }
        Ok(read)
    }
}

fn unreadable(path: &Path, error: &zip::result::ZipError) -> ReadError {
    ReadError::Packed {
        path: path.to_path_buf(),
        wrong: format!("not a readable zip archive: {error}"),
    }
}
