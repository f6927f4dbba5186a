//! The lines within a range of bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::Stream;

/// Whether a file begins with a byte order mark, so that its text does not begin at byte 0, or is in UTF-16.
pub(super) fn is_marked(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(3).read_to_end(&mut start)?;
    Ok(start == [0xEF, 0xBB, 0xBF]
        || start.starts_with(&[0xFF, 0xFE])
        || start.starts_with(&[0xFE, 0xFF]))
}

/// The lines that begin in part `part` of `parts` of the bytes from `start` on, and where the first of them begins.
pub(super) fn lines(
    path: &Path,
    start: u64,
    (part, parts): (u64, u64),
) -> io::Result<(Stream, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len().max(start);
    let border = |part: u64| {
        let bytes = u128::from(size - start) * u128::from(part) / u128::from(parts);
        start + bytes as u64
    };
    let begin = line_from(&mut file, border(part), start)?;
    let end = line_from(&mut file, border(part + 1), start)?;
    file.seek(SeekFrom::Start(begin))?;
    Ok((Box::new(file.take(end - begin)), begin))
}

/// Where the first line begins that begins at this byte or after it.
fn line_from(file: &mut File, byte: u64, start: u64) -> io::Result<u64> {
    if byte <= start {
        return Ok(start);
    }
    // The line before it ends at its last byte, at the earliest.
    file.seek(SeekFrom::Start(byte - 1))?;
    let mut passed = Vec::new();
    BufReader::new(file).read_until(b'\n', &mut passed)?;
    Ok(byte - 1 + passed.len() as u64)
}
