//! A finished drawing.

use crate::error::ReportError;
use crate::font;
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::Tree;
use std::path::{Path, PathBuf};

/// Pixels per unit of the drawing in a saved PNG: sharp on high-resolution screens and in print.
const SAVED_SCALE: f32 = 2.0;

/// The most pixels of a PNG, which take 256 MiB.
const MOST_PIXELS: f64 = 64.0 * 1024.0 * 1024.0;

/// A drawing as SVG text, and as PNG on request.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    svg: String,
}

impl Picture {
    /// Checks that a text is valid SVG.
    pub(crate) fn checked(svg: String) -> Result<Self, ReportError> {
        Tree::from_str(&svg, &font::options()).map_err(refused)?;
        Ok(Self { svg })
    }

    /// The drawing as SVG. It uses the font family `sans-serif`, so that the browser chooses the font.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The drawing as the bytes of a PNG file, `scale` pixels per unit, on white.
    ///
    /// # Errors
    ///
    /// If the scale is not above 0, or yields more than 64 Mi pixels.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, ReportError> {
        let tree = Tree::from_str(&self.svg, &font::options()).map_err(refused)?;
        let size = tree.size();
        let wrong = || ReportError::Scale {
            width: size.width(),
            height: size.height(),
            scale,
        };
        let pixels = f64::from(size.width())
            * f64::from(size.height())
            * f64::from(scale)
            * f64::from(scale);
        if !(scale > 0.0 && pixels <= MOST_PIXELS) {
            return Err(wrong());
        }
        let wide = (size.width() * scale).ceil() as u32;
        let high = (size.height() * scale).ceil() as u32;
        let mut canvas = Pixmap::new(wide, high).ok_or_else(wrong)?;
        canvas.fill(Color::WHITE);
        resvg::render(
            &tree,
            Transform::from_scale(scale, scale),
            &mut canvas.as_mut(),
        );
        canvas.encode_png().map_err(refused)
    }

    /// Writes `STEM.svg` and `STEM.png` (two pixels per unit) to `folder`, which is created if missing, and returns the
    /// two paths in this order.
    ///
    /// # Errors
    ///
    /// If the system refuses an operation.
    pub fn save(&self, folder: &Path, stem: &str) -> Result<[PathBuf; 2], ReportError> {
        let png = self.png(SAVED_SCALE)?;
        let paths = ["svg", "png"].map(|kind| folder.join(format!("{stem}.{kind}")));
        recburn_files::write_whole(&paths[0], self.svg.as_bytes())?;
        recburn_files::write_whole(&paths[1], &png)?;
        Ok(paths)
    }
}

pub(crate) fn refused(error: impl std::fmt::Display) -> ReportError {
    ReportError::Draw(error.to_string())
}
