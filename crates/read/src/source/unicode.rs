//! Byte order marks: they determine the encoding and are removed.

use std::io::{self, Cursor, Read};

use super::Stream;

/// The text after a byte order mark, in UTF-8; other bytes unchanged.
pub(super) fn marked(mut bytes: Stream) -> io::Result<Stream> {
    let mut head = Vec::with_capacity(3);
    bytes.by_ref().take(3).read_to_end(&mut head)?;
    let big = match head.as_slice() {
        [0xEF, 0xBB, 0xBF] => return Ok(bytes),
        [0xFE, 0xFF, ..] => true,
        [0xFF, 0xFE, ..] => false,
        _ => return Ok(Box::new(Cursor::new(head).chain(bytes))),
    };
    head.drain(..2);
    Ok(Box::new(Utf16 {
        bytes: Box::new(Cursor::new(head).chain(bytes)),
        big,
        left: Vec::new(),
        text: Vec::new(),
        given: 0,
    }))
}

/// Converts UTF-16 to UTF-8 while reading. Invalid units become replacement characters.
struct Utf16 {
    bytes: Stream,
    /// Whether units are big-endian.
    big: bool,
    /// Bytes of an incomplete character.
    left: Vec<u8>,
    text: Vec<u8>,
    /// How much of the text has been read.
    given: usize,
}

impl Utf16 {
    /// Converts the next bytes; the text is empty at the end.
    fn refill(&mut self) -> io::Result<()> {
        const BYTES: u64 = 1 << 15;
        self.text.clear();
        self.given = 0;
        let read = self
            .bytes
            .by_ref()
            .take(BYTES)
            .read_to_end(&mut self.left)?;
        let last = (read as u64) < BYTES;
        let unit = |pair: &[u8]| match self.big {
            true => u16::from_be_bytes([pair[0], pair[1]]),
            false => u16::from_le_bytes([pair[0], pair[1]]),
        };
        let mut whole = self.left.len() / 2 * 2;
        // The first half of a surrogate pair waits for the second.
        let half = |unit: u16| (0xD800..0xDC00).contains(&unit);
        if !last && whole >= 2 && half(unit(&self.left[whole - 2..])) {
            whole -= 2;
        }
        let units = self.left[..whole].chunks_exact(2).map(unit);
        for letter in char::decode_utf16(units) {
            let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
            let mut room = [0; 4];
            self.text
                .extend_from_slice(letter.encode_utf8(&mut room).as_bytes());
        }
        self.left.drain(..whole);
        if last && !std::mem::take(&mut self.left).is_empty() {
            self.text.extend_from_slice("\u{FFFD}".as_bytes());
        }
        Ok(())
    }
}

impl Read for Utf16 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.text.len() {
            self.refill()?;
        }
        let read = buffer.len().min(self.text.len() - self.given);
        buffer[..read].copy_from_slice(&self.text[self.given..self.given + read]);
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: Vec<u8>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut stream = marked(Box::new(Cursor::new(bytes))).expect("memory");
        stream.read_to_end(&mut text).expect("memory");
        text
    }

    proptest! {
        #[test]
        fn text_comes_out_of_utf_16(text in "\\PC{0,40}", times in 1..1500_usize, big in any::<bool>()) {
            let text = text.repeat(times);
            let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let marked: String = format!("\u{FEFF}{text}");
            let bytes: Vec<u8> = marked.encode_utf16().flat_map(unit).collect();
            prop_assert_eq!(read(bytes), text.as_bytes());
        }

        #[test]
        fn what_has_no_mark_stays_as_it_is(bytes in prop::collection::vec(0_u8..0xEF, 0..9)) {
            prop_assert_eq!(read(bytes.clone()), bytes);
        }
    }

    #[test]
    fn a_broken_end_is_marked() {
        assert_eq!(read(b"\xFF\xFEa\0b".to_vec()), "a\u{FFFD}".as_bytes());
        assert_eq!(
            read(b"\xFF\xFEa\0\x00\xD8".to_vec()),
            "a\u{FFFD}".as_bytes()
        );
        assert_eq!(read(b"\xEF\xBB\xBFa".to_vec()), b"a");
        assert_eq!(read(b"\xFF\xFE".to_vec()), b"");
    }
}
