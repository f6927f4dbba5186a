//! One way to a file, however it is stored: plain, packed by gzip, or in a zip archive. Nothing is unpacked to disk.
//!
//! A file is opened once: its format is recognised from the same [`Source`] that its records are read from, so pipes can be
//! read, too. A file in an archive has a path through it, such as `ml-1m.zip/ml-1m/ratings.dat`, and so have its
//! neighbours: formats need not know about archives, and messages name such a path.

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;

use crate::error::ReadError;

mod archive;
mod folder;
mod head;
mod range;
mod unicode;

pub(crate) use archive::Archive;
pub(crate) use folder::Folder;
pub(crate) use head::Head;

/// The bytes of a file, unpacked and without a byte order mark; UTF-16 is converted to UTF-8.
pub(crate) type Stream = Box<dyn Read + Send>;

/// The first bytes of every gzip file, and of no text.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// How many bytes are examined to recognise a format.
const HEAD: u64 = 1 << 16;

/// What a path leads to.
pub(crate) enum Found {
    Nothing,
    File(Source),
    Folder(Folder),
    Archive(Archive),
}

/// Finds out what a path leads to, which may be in an archive.
pub(crate) fn find(path: &Path) -> Result<Found, ReadError> {
    let Ok(about) = fs::metadata(path) else {
        return find_inside(path);
    };
    if about.is_dir() {
        return Ok(Found::Folder(Folder::of(path)));
    }
    let fault = |source| fault(path, source);
    let mut file = File::open(path).map_err(fault)?;
    if !about.is_file() {
        return Source::new(Origin::pipe(path), Box::new(file)).map(Found::File);
    }
    if let Some(archive) = Archive::of(path, &mut file)? {
        return Ok(Found::Archive(archive));
    }
    file.rewind().map_err(fault)?;
    let origin = Origin {
        size: Some(about.len()),
        again: true,
        ..Origin::pipe(path)
    };
    #[cfg(feature = "parquet")]
    let seekable = file.try_clone().ok();
    let source = Source::new(origin, Box::new(file))?;
    #[cfg(feature = "parquet")]
    let source = Source {
        seekable: seekable.filter(|_| source.head.size.is_some()),
        ..source
    };
    Ok(Found::File(source))
}

/// What a path leads to in an archive.
fn find_inside(path: &Path) -> Result<Found, ReadError> {
    let Some(above) = path.ancestors().skip(1).find(|above| above.is_file()) else {
        return Ok(Found::Nothing);
    };
    let Found::Archive(archive) = find(above)? else {
        return Ok(Found::Nothing);
    };
    let inside = path.strip_prefix(above).unwrap_or(path);
    if archive.index(inside).is_some() {
        return archive.open(inside).map(Found::File);
    }
    let is_folder = archive.files(inside).next().is_some();
    Ok(match is_folder {
        true => Found::Folder(Folder::inside(archive, inside)),
        false => Found::Nothing,
    })
}

/// The file of this name, or of that name with `.gz` appended; `None` if neither exists.
pub(crate) fn existing(path: &Path) -> Result<Option<Source>, ReadError> {
    let mut packed = path.as_os_str().to_os_string();
    packed.push(".gz");
    for path in [path, Path::new(&packed)] {
        match find(path)? {
            Found::File(source) => return Ok(Some(source)),
            // An archive, whatever its name says.
            Found::Archive(archive) => return archive.open_only().map(Some),
            Found::Folder(_) | Found::Nothing => {}
        }
    }
    Ok(None)
}

/// The origin of a stream of bytes.
struct Origin {
    path: PathBuf,
    /// The archive that the file is in.
    archive: Option<PathBuf>,
    /// The unpacked size in bytes, if known.
    size: Option<u64>,
    /// Whether the bytes can be read a second time.
    again: bool,
}

impl Origin {
    /// Bytes about which only the path is known.
    fn pipe(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            archive: None,
            size: None,
            again: false,
        }
    }
}

/// An open file: its first bytes and a stream of the rest.
pub(crate) struct Source {
    head: Arc<Head>,
    rest: Stream,
    /// Which part, of how many, of the lines of the file are read; all of them without.
    part: Option<(u64, u64)>,
    /// The file itself, if it is stored unpacked.
    #[cfg(feature = "parquet")]
    seekable: Option<File>,
}

impl Source {
    /// Opens the file at a path, or the only file of an archive.
    pub(crate) fn open(path: &Path) -> Result<Self, ReadError> {
        match find(path)? {
            Found::File(source) => Ok(source),
            Found::Archive(archive) => archive.open_only(),
            // The system says why.
            Found::Folder(_) | Found::Nothing => {
                let refused = fs::read(path).err();
                Err(fault(
                    path,
                    refused.unwrap_or(io::ErrorKind::NotFound.into()),
                ))
            }
        }
    }

    /// Reads the head. Gzip is detected by its first bytes, whatever the name: some programs unpack a file in transit and
    /// keep the name.
    fn new(origin: Origin, mut packed: Stream) -> Result<Self, ReadError> {
        let Origin {
            path,
            archive,
            size,
            again,
        } = origin;
        let fault = |source| fault(&path, source);
        let mut start = Vec::with_capacity(GZIP.len());
        let taken = packed
            .by_ref()
            .take(GZIP.len() as u64)
            .read_to_end(&mut start);
        taken.map_err(fault)?;
        let gzip = start == GZIP;
        let whole = Cursor::new(start).chain(packed);
        let bytes: Stream = match gzip {
            true => Box::new(MultiGzDecoder::new(whole)),
            false => Box::new(whole),
        };
        let mut rest = unicode::marked(bytes).map_err(fault)?;
        let mut bytes = Vec::new();
        rest.by_ref()
            .take(HEAD)
            .read_to_end(&mut bytes)
            .map_err(fault)?;
        let whole = (bytes.len() as u64) < HEAD;
        let head = Head {
            path,
            archive,
            bytes: bytes.into(),
            whole,
            size: size.filter(|_| !gzip),
            again,
        };
        Ok(Self {
            head: Arc::new(head),
            rest,
            part: None,
            #[cfg(feature = "parquet")]
            seekable: None,
        })
    }

    /// What is known about the file from its first bytes.
    pub(crate) fn head(&self) -> &Arc<Head> {
        &self.head
    }

    /// The bytes from this offset on.
    pub(crate) fn stream(self, start: u64) -> Result<Stream, ReadError> {
        let Self { head, mut rest, .. } = self;
        let mut first = Cursor::new(head.bytes.clone());
        first.set_position(start);
        if let Some(behind) = start.checked_sub(head.bytes.len() as u64) {
            io::copy(&mut rest.by_ref().take(behind), &mut io::sink())
                .map_err(|source| head.fault(source))?;
        }
        Ok(Box::new(first.chain(rest)))
    }

    /// Whether the file can be read from any byte on: it is neither compressed nor a pipe, nor in another encoding.
    pub(crate) fn can_be_cut(&self) -> bool {
        let plain = self.head.again && self.head.size.is_some() && self.head.archive.is_none();
        plain && matches!(range::is_marked(&self.head.path), Ok(false))
    }

    /// Restricts the lines that are read to this part of so many.
    pub(crate) fn cut(&mut self, part: u64, parts: u64) {
        self.part = Some((part, parts));
    }

    /// The bytes of the lines from this offset on, or of the part of them that is read, and where they begin.
    pub(crate) fn lines(self, start: u64) -> Result<(Stream, u64), ReadError> {
        match self.part {
            None => Ok((self.stream(start)?, start)),
            Some(part) => {
                let cut = range::lines(&self.head.path, start, part);
                cut.map_err(|source| self.head.fault(source))
            }
        }
    }

    /// All bytes.
    pub(crate) fn read(self) -> Result<Vec<u8>, ReadError> {
        let head = self.head.clone();
        let mut bytes = Vec::new();
        let read = self.stream(0)?.read_to_end(&mut bytes);
        read.map_err(|source| head.fault(source))?;
        Ok(bytes)
    }

    /// The file itself, if it is stored unpacked.
    #[cfg(feature = "parquet")]
    pub(crate) fn seekable(&mut self) -> Option<File> {
        self.seekable.take()
    }
}

/// The name of the file without a trailing `.gz`.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(".gz").unwrap_or(&name).to_string()
}

fn fault(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io {
        path: path.to_path_buf(),
        source,
    }
}
