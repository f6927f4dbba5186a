//! What can be seen of a picture.

use recburn_report::Picture;
use resvg::tiny_skia::Pixmap;

/// Width and height of the PNG, and how many of its pixels are not white.
pub(crate) fn seen(picture: &Picture, scale: f32) -> (u32, u32, usize) {
    let png = picture.png(scale).expect("the picture rasterises");
    let pixels = Pixmap::decode_png(&png).expect("the PNG decodes");
    let inked = pixels
        .pixels()
        .iter()
        .filter(|pixel| (pixel.red(), pixel.green(), pixel.blue()) != (255, 255, 255))
        .count();
    assert!(pixels.pixels().iter().all(|pixel| pixel.alpha() == 255));
    (pixels.width(), pixels.height(), inked)
}

/// The texts of a picture, blanks trimmed.
pub(crate) fn texts(picture: &Picture) -> Vec<String> {
    picture
        .svg()
        .split("<text")
        .skip(1)
        .filter_map(|rest| {
            let (_, rest) = rest.split_once('>')?;
            Some(rest.split_once("</text>")?.0.trim().to_string())
        })
        .collect()
}
