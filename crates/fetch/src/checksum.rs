//! Checksums of files, and parsing of published checksums.

use crate::FetchError;
use crate::part::Part;
use md5::{Digest, Md5};
use std::fmt::Write;
use std::io::Read;

/// The MD5 sum of all received bytes, as hexadecimal digits.
pub(crate) fn md5_of(part: &mut Part) -> Result<String, FetchError> {
    let mut digest = Md5::new();
    let mut bytes = vec![0; 1 << 16];
    let path = part.path().to_path_buf();
    let mut file = part.rewound()?;
    loop {
        match file.read(&mut bytes).map_err(FetchError::io(&path))? {
            0 => break,
            count => digest.update(&bytes[..count]),
        }
    }
    let mut text = String::with_capacity(32);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The first word of 32 hexadecimal digits: `MD5 (FILE) = SUM` and `SUM  FILE` are both in use.
pub(crate) fn md5_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .find(|word| word.len() == 32 && word.bytes().all(|letter| letter.is_ascii_hexdigit()))
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::md5_in;

    #[test]
    fn both_ways_of_writing_a_sum_are_read() {
        let sum = Some("0123456789abcdef0123456789abcdef".to_string());
        assert_eq!(
            md5_in("MD5 (ml-20m.zip) = 0123456789ABCDEF0123456789abcdef\n"),
            sum
        );
        assert_eq!(
            md5_in("0123456789abcdef0123456789abcdef  ml-20m.zip\n"),
            sum
        );
        assert_eq!(md5_in("<html>not found</html>"), None);
        assert_eq!(md5_in("0123456789abcdef"), None);
    }
}
