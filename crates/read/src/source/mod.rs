//! One way to a file, however it lies: as it is, packed by gzip, or in a zip archive. Nothing is unpacked to disk.
//!
//! A file in an archive goes by a path that leads through it, such as `ml-1m.zip/ml-1m/ratings.dat`, and its
//! neighbours by theirs: formats need not know of archives, and faults are told with such a path.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::error::ReadError;
mod archive;
mod unicode;

pub(crate) use archive::{is_archive, members};

/// The bytes of a file, unpacked, without a byte order mark; UTF-16 has become UTF-8.
pub(crate) type Stream = Box<dyn Read + Send>;

/// How every gzip file begins, and no text.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// Opens a file. What is packed by gzip is known by its first bytes, whatever the name: some programs unpack a file on
/// its way and leave the name.
pub(crate) fn open(path: &Path) -> Result<Stream, ReadError> {
    let mut packed: Stream = match archive::find(path)? {
        Some(member) => member.open()?,
        None => Box::new(File::open(path).map_err(|source| fault(path, source))?),
    };
    let mut head = Vec::with_capacity(GZIP.len());
    let taken = packed
        .by_ref()
        .take(GZIP.len() as u64)
        .read_to_end(&mut head);
    taken.map_err(|source| fault(path, source))?;
    let gzip = head == GZIP;
    let whole = Cursor::new(head).chain(packed);
    let bytes: Stream = match gzip {
        true => Box::new(MultiGzDecoder::new(whole)),
        false => Box::new(whole),
    };
    unicode::marked(bytes).map_err(|source| fault(path, source))
}

/// Whether a file lies there, be it in an archive. One that an archive has and cannot give is there: opening it tells why.
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file() || !matches!(archive::find(path), Ok(None))
}

/// The file of this name, or that name with `.gz` behind it.
pub(crate) fn existing(path: &Path) -> Option<PathBuf> {
    let mut packed = path.as_os_str().to_os_string();
    packed.push(".gz");
    [path.to_path_buf(), packed.into()]
        .into_iter()
        .find(|path| is_file(path))
}

/// How many bytes the file has, unpacked, as far as that is known without unpacking it.
pub(crate) fn size(path: &Path) -> Option<u64> {
    match archive::find(path) {
        Ok(Some(member)) => Some(member.size()),
        Ok(None) if file_name(path).len() == full_name(path).len() => {
            std::fs::metadata(path).ok().map(|about| about.len())
        }
        _ => None,
    }
}

/// The file's name without a `.gz` at its end.
pub(crate) fn file_name(path: &Path) -> String {
    let name = full_name(path);
    match name.strip_suffix(".gz") {
        Some(plain) => plain.to_string(),
        None => name,
    }
}

fn full_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn fault(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_path_buf(),
        source,
    }
}
