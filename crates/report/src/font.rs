//! The font of the pictures, and text widths.

use resvg::usvg::{Options, Tree, fontdb::Database};
use std::sync::{Arc, LazyLock};

/// Parsed once and shared by all pictures.
static LETTERS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut letters = Database::new();
    letters.load_font_data(dejavu::sans::regular().to_vec());
    // Pictures name only the generic family, so that a browser uses its own font.
    letters.set_sans_serif_family("DejaVu Sans");
    Arc::new(letters)
});

/// Options for parsing pictures: only the embedded font, none of the system's.
pub(crate) fn options() -> Options<'static> {
    Options {
        font_family: "sans-serif".to_string(),
        fontdb: LETTERS.clone(),
        ..Options::default()
    }
}

/// The width of a line of text in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let probe = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'>\
         <text font-family='sans-serif' font-size='{size}'>{}</text></svg>",
        escape(text)
    );
    Tree::from_str(&probe, &options()).map_or(0.0, |tree| {
        f64::from(tree.root().abs_bounding_box().width())
    })
}

/// The largest size up to `size` at which `text` is at most `room` pixels wide.
pub(crate) fn fitting(text: &str, size: f64, room: f64) -> f64 {
    let width = width(text, size);
    if width > room {
        size * room / width
    } else {
        size
    }
}

/// Text escaped for XML; control characters, which XML does not allow, become blanks.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in printable(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            _ => out.push(letter),
        }
    }
    out
}

/// Text without characters that XML does not allow.
pub(crate) fn printable(text: &str) -> String {
    text.replace(
        |letter: char| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'),
        " ",
    )
}
