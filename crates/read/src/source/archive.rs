//! Files in a zip archive, read where they lie.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::{Stream, fault};
use crate::error::ReadError;

/// Deflate makes no more of a byte than this.
const MOST_PER_BYTE: u64 = 1_032;

/// A file in an archive.
pub(super) struct Member {
    archive: PathBuf,
    path: PathBuf,
    /// Where its bytes begin and how many they are, packed and unpacked.
    start: u64,
    packed: u64,
    unpacked: u64,
    sum: u32,
    deflated: bool,
}

/// How an archive that holds a file begins, and no text.
const HEAD: [u8; 4] = *b"PK\x03\x04";

/// Whether a zip archive lies there: by its name, whatever it holds, or by its first bytes and its directory.
pub(crate) fn is_archive(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let ending = path.extension().unwrap_or_default();
    let mut head = [0; HEAD.len()];
    // What cannot be read is told when it is opened.
    let mut begins = || {
        File::open(path).is_ok_and(|mut file| file.read_exact(&mut head).is_ok() && head == HEAD)
    };
    ending.eq_ignore_ascii_case("zip") || (begins() && directory(path).is_ok())
}

/// The names of all files in an archive, with the folders ahead of them; those that systems add are left out.
pub(crate) fn members(archive: &Path) -> Result<Vec<String>, ReadError> {
    let mut names = Vec::new();
    for name in directory(archive)?.file_names() {
        let name = name.map_err(|error| unreadable(archive, &error))?;
        let hidden =
            name.starts_with("__MACOSX/") || name.split('/').any(|part| part.starts_with('.'));
        if !name.ends_with('/') && !hidden {
            names.push(name.into_owned());
        }
    }
    Ok(names)
}

/// The file that a path leads to through an archive; `None` where it leads through none, or to nothing.
pub(super) fn find(path: &Path) -> Result<Option<Member>, ReadError> {
    let Some(archive) = path.ancestors().skip(1).find(|above| is_archive(above)) else {
        return Ok(None);
    };
    let Ok(inside) = path.strip_prefix(archive) else {
        return Ok(None);
    };
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    let mut directory = directory(archive)?;
    let Some(index) = directory.index_for_name(&parts.join("/")) else {
        return Ok(None);
    };
    let file = directory
        .by_index_raw(index)
        .map_err(|error| unreadable(path, &error))?;
    let wrong = |wrong: &str| ReadError::Packed {
        path: path.to_path_buf(),
        wrong: wrong.to_string(),
    };
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
    Ok(Some(Member {
        archive: archive.to_path_buf(),
        path: path.to_path_buf(),
        start: file
            .data_start()
            .ok_or_else(|| wrong("its bytes are nowhere in the archive"))?,
        packed: file.compressed_size(),
        unpacked: file.size(),
        sum: file.crc32(),
        deflated,
    }))
}

impl Member {
    /// How many bytes it has, unpacked. An archive may lie, but not about more than its bytes can make.
    pub(super) fn size(&self) -> u64 {
        self.unpacked.min(self.packed.saturating_mul(MOST_PER_BYTE))
    }

    /// Its bytes, unpacked. They are checked against the archive's sum when the last one has been read.
    pub(super) fn open(self) -> Result<Stream, ReadError> {
        let mut file = File::open(&self.archive).map_err(|source| fault(&self.archive, source))?;
        file.seek(SeekFrom::Start(self.start))
            .map_err(|source| fault(&self.path, source))?;
        let packed = BufReader::with_capacity(1 << 16, file.take(self.packed));
        let bytes: Stream = match self.deflated {
            true => Box::new(DeflateDecoder::new(packed)),
            false => Box::new(packed),
        };
        Ok(Box::new(Checked {
            bytes,
            seen: Crc::new(),
            sum: self.sum,
        }))
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

fn directory(archive: &Path) -> Result<ZipArchive<BufReader<File>>, ReadError> {
    let file = File::open(archive).map_err(|source| fault(archive, source))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| unreadable(archive, &error))
}

fn unreadable(path: &Path, error: &zip::result::ZipError) -> ReadError {
    ReadError::Packed {
        path: path.to_path_buf(),
        wrong: format!("not a readable zip archive: {error}"),
    }
}
