//! Text encodings.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use recburn_data::WordError;

/// The encoding of a file. A byte order mark takes precedence: UTF-8 and UTF-16 with a mark are always read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 only: other bytes are an error of their line.
    Utf8,
    /// Windows-1252, an extension of Latin-1 with one byte per character, which browsers and spreadsheets call Latin-1.
    Latin1,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin-1",
        })
    }
}

impl FromStr for Encoding {
    type Err = WordError;

    fn from_str(word: &str) -> Result<Self, WordError> {
        match word.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "utf8" => Ok(Self::Utf8),
            "latin1" | "iso88591" | "windows1252" | "cp1252" => Ok(Self::Latin1),
            _ => Err(WordError::Unknown {
                what: "encoding",
                seen: word.to_string(),
                expected: "utf-8 or latin-1; UTF-16 is known by its byte order mark, anything else has to be \
                           converted first, such as by `iconv -f NAME -t utf-8`",
            }),
        }
    }
}

/// Text in UTF-8, or else in Latin-1.
pub(crate) fn utf_8_or_latin_1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(latin_1(bytes)),
    }
}

/// Text with one byte per character.
pub(crate) fn latin_1(bytes: &[u8]) -> String {
    /// The characters of Windows-1252 in the place of Latin-1's control characters. Five are undefined.
    const SIGNS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let letter = |&byte: &u8| match byte {
        0x80..=0x9F => SIGNS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    };
    bytes.iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_a_letter() {
        assert_eq!(latin_1(b"caf\xE9 \x80 \x93x\x94 \xFF"), "café € “x” ÿ");
        assert_eq!(utf_8_or_latin_1("café".as_bytes()), "café");
        assert_eq!(utf_8_or_latin_1(b"caf\xE9"), "café");
    }

    #[test]
    fn encodings_go_by_their_usual_names() {
        for (word, encoding) in [
            ("utf-8", Encoding::Utf8),
            ("UTF8", Encoding::Utf8),
            ("latin-1", Encoding::Latin1),
            ("latin_1", Encoding::Latin1),
            ("ISO-8859-1", Encoding::Latin1),
            ("windows-1252", Encoding::Latin1),
        ] {
            assert_eq!(word.parse::<Encoding>().ok(), Some(encoding), "{word}");
            assert_eq!(
                encoding.to_string().parse::<Encoding>().ok(),
                Some(encoding)
            );
        }
        assert!("koi8-r".parse::<Encoding>().is_err());
    }
}
