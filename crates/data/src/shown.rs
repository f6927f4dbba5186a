//! Safe display of text from data.

use std::borrow::Cow;

/// The text on one line, with everything that would move the cursor or change the writing direction escaped as in Rust
/// (`\\n`, `\\u{1b}`): control characters, line and paragraph separators, and direction marks.
///
/// Used for ids and titles in all output for people. Files and JSON contain them unchanged.
///
/// ```
/// use recburn_data::shown;
///
/// assert_eq!(shown("Alien (1979)"), "Alien (1979)");
/// assert_eq!(shown("two\nlines"), "two\\nlines");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(moves) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match moves(letter) {
            true => escaped.extend(letter.escape_default()),
            false => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

/// Whether a terminal would do anything other than draw the character in its place.
fn moves(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{2028}' | '\u{2029}' // separators of lines and paragraphs
                | '\u{200e}' | '\u{200f}' | '\u{061c}' // marks of direction
                | '\u{202a}'..='\u{202e}' // embeddings and overrides of direction
                | '\u{2066}'..='\u{2069}' // isolates of direction
                | '\u{feff}' // a byte order mark
        )
}

#[cfg(test)]
mod tests {
    use super::shown;
    use std::borrow::Cow;

    #[test]
    fn what_moves_the_cursor_is_escaped_and_all_else_is_left() {
        for (text, seen) in [
            ("", ""),
            ("Amélie (2001) – 愛", "Amélie (2001) – 愛"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}2J", "\\u{9b}2J"),
            (
                "a\u{2028}b\u{2029}c\u{85}d",
                "a\\u{2028}b\\u{2029}c\\u{85}d",
            ),
            ("\u{202e}abc\u{2066}", "\\u{202e}abc\\u{2066}"),
        ] {
            assert_eq!(shown(text), seen);
        }
        assert!(matches!(shown("plain"), Cow::Borrowed(_)));
    }
}
