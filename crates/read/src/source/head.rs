//! What is known of a file by its first bytes.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Source, fault, file_name};
use crate::error::{Place, ReadError};

/// A file's name and first bytes. They stay when its stream has gone to whoever reads it, and tell where a fault is.
#[derive(Default)]
pub(crate) struct Head {
    pub(super) path: PathBuf,
    pub(super) archive: Option<PathBuf>,
    pub(crate) bytes: Arc<[u8]>,
    /// Whether those are all.
    pub(crate) whole: bool,
    pub(super) size: Option<u64>,
    pub(super) again: bool,
}

impl Head {
    /// The file; one in an archive has a path that leads through it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The archive that the file is in.
    pub(crate) fn archive(&self) -> Option<&Path> {
        self.archive.as_deref()
    }

    /// The file's name without a `.gz` at its end.
    pub(crate) fn file_name(&self) -> String {
        file_name(&self.path)
    }

    /// How many bytes the file has, unpacked, as far as that is known without unpacking it.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// What the system says of the file.
    pub(crate) fn fault(&self, source: io::Error) -> ReadError {
        fault(&self.path, source)
    }

    /// The file, and the column where one is meant.
    pub(crate) fn at(&self, column: impl Into<Cow<'static, str>>) -> Place {
        Place::new(&self.path, None, column)
    }

    /// The line of the record that begins at or a few line ends behind this byte, and the column where one is meant.
    pub(crate) fn place(&self, byte: u64, column: impl Into<Cow<'static, str>>) -> Place {
        Place::new(&self.path, self.line_at(byte), column)
    }

    /// The line, counted from one, of the record that begins at or a few line ends behind this byte.
    ///
    /// The csv reader counts lines up to where it begins to look for a record, which is before blank lines and, with
    /// Windows line ends, one line early. So they are counted again, and behind the first bytes the file is read again: it
    /// happens once, on the way out with an error. `None` where that cannot be.
    pub(crate) fn line_at(&self, byte: u64) -> Option<u64> {
        let mut lines = Lines {
            sought: byte,
            passed: 0,
            line: 1,
        };
        if lines.pass(&self.bytes) || self.whole {
            return Some(lines.line);
        }
        if !self.again {
            return None;
        }
        let mut rest = Source::open(&self.path).ok()?.rest;
        let mut buffer = [0; 1 << 16];
        loop {
            let filled = rest.read(&mut buffer).ok()?;
            if filled == 0 || lines.pass(&buffer[..filled]) {
                return Some(lines.line);
            }
        }
    }
}

/// Lines that are counted.
struct Lines {
    sought: u64,
    /// How many bytes have been passed.
    passed: u64,
    line: u64,
}

impl Lines {
    /// Whether the byte sought is among these, or behind it and no line end.
    fn pass(&mut self, bytes: &[u8]) -> bool {
        for &seen in bytes {
            if self.passed >= self.sought && seen != b'\n' && seen != b'\r' {
                return true;
            }
            self.line += u64::from(seen == b'\n');
            self.passed += 1;
        }
        false
    }
}
