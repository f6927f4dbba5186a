//! What is known about a file from its first bytes.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Source, fault, file_name};
use crate::error::{Place, ReadError};

/// The path and first bytes of a file. They remain available after its stream has been handed over, and locate errors.
#[derive(Default)]
pub(crate) struct Head {
    pub(super) path: PathBuf,
    pub(super) archive: Option<PathBuf>,
    pub(crate) bytes: Arc<[u8]>,
    /// Whether those are all bytes of the file.
    pub(crate) whole: bool,
    pub(super) size: Option<u64>,
    pub(super) again: bool,
}

impl Head {
    /// The path of the file; through the archive for a file in an archive.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The archive that the file is in.
    pub(crate) fn archive(&self) -> Option<&Path> {
        self.archive.as_deref()
    }

    /// The name of the file without a trailing `.gz`.
    pub(crate) fn file_name(&self) -> String {
        file_name(&self.path)
    }

    /// The unpacked size of the file in bytes, if known without unpacking it.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// An error of the system about this file.
    pub(crate) fn fault(&self, source: io::Error) -> ReadError {
        fault(&self.path, source)
    }

    /// A column of the file, which may be empty.
    pub(crate) fn at(&self, column: impl Into<Cow<'static, str>>) -> Place {
        Place::new(&self.path, None, column)
    }

    /// The line of the record that begins at this byte or a few line ends after it, and a column, which may be empty.
    pub(crate) fn place(&self, byte: u64, column: impl Into<Cow<'static, str>>) -> Place {
        Place::new(&self.path, self.line_at(byte), column)
    }

    /// The line, counted from 1, of the record that begins at this byte or a few line ends after it.
    ///
    /// The csv reader counts lines up to where it starts looking for a record, which is before blank lines and, with Windows
    /// line ends, one line early. So the lines are counted again; beyond the first bytes this reads the file a second time,
    /// which happens once, when an error is reported. `None` for a pipe, which cannot be read again.
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

/// A line count in progress.
struct Lines {
    sought: u64,
    /// How many bytes have been counted.
    passed: u64,
    line: u64,
}

impl Lines {
    /// Counts these bytes. True once a byte at or after the one sought is not part of a line end.
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
