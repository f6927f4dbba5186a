//! Bars over an axis.

use crate::axis::Axis;
use crate::chart::{
    Area, COLOURS, EDGE, FRAME, GRID, INK, LABEL_SIZE, MARGIN, TITLE_SIZE, letters, write,
};
use crate::error::ReportError;
use crate::font::{fitting, printable, width};
use crate::picture::{Picture, refused};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH: u32 = 420;
const HEIGHT: u32 = 360;
/// Approximate length of the axis; the space for the labels next to it varies.
pub(crate) const AXIS: f64 = 330.0;
/// Space above the axes for text.
const HEAD: u32 = 60;
/// Pixels between two bars.
const GAP: i32 = 2;

/// A bar.
pub(crate) struct Column {
    /// Its start and end, in units of the axis.
    pub(crate) ends: (f64, f64),
    /// Its height.
    pub(crate) height: f64,
    /// The label on top of it, if there is room.
    pub(crate) name: String,
}

/// Bars over an axis, with a title and a line below it.
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) note: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) across: Axis,
    pub(crate) columns: Vec<Column>,
    /// A highlighted value of the axis, with its label.
    pub(crate) mark: Option<(f64, String)>,
}

/// Draws charts side by side, each in its own colour.
pub(crate) fn row(all: &[Bars]) -> Result<Picture, ReportError> {
    if all.is_empty() {
        return Err(ReportError::NoCharts);
    }
    let mut svg = String::new();
    {
        let size = (WIDTH * all.len() as u32, HEIGHT);
        let page = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        page.fill(&WHITE).map_err(refused)?;
        let areas = page.split_evenly((1, all.len()));
        for ((bars, area), colour) in all.iter().zip(areas).zip(COLOURS.iter().cycle()) {
            bars.panel(&page, &area, *colour)?;
        }
        page.present().map_err(refused)?;
    }
    Picture::checked(svg)
}

impl Bars {
    fn panel(&self, page: &Area<'_>, area: &Area<'_>, colour: RGBColor) -> Result<(), ReportError> {
        let heights = self.columns.iter().map(|column| column.height);
        let up = Axis::of_counts(heights.fold(0.0, f64::max));
        let names = up
            .ticks
            .iter()
            .map(|tick| width(&up.label(*tick), LABEL_SIZE));
        let room = names.fold(0.0, f64::max) as i32 + 32;
        let left = area.get_pixel_range().0.start + EDGE;
        let wide = WIDTH as i32 - EDGE - MARGIN;
        for (text, y, size) in [(&self.title, 22, TITLE_SIZE), (&self.note, 45, LABEL_SIZE)] {
            let text = printable(text);
            write(page, &text, (left, y), fitting(&text, size, wide.into()))?;
        }
        let (_, body) = area.split_vertically(HEAD);
        let mut plane = ChartBuilder::on(&body)
            .margin_left(EDGE)
            .margin_top(6)
            .margin_right(MARGIN)
            .margin_bottom(8)
            .x_label_area_size(44)
            .y_label_area_size(room)
            .build_cartesian_2d(self.across.clone(), up)
            .map_err(refused)?;
        plane
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .axis_style(FRAME)
            .label_style(letters(LABEL_SIZE))
            .axis_desc_style(letters(LABEL_SIZE + 1.0))
            .x_desc(printable(&self.x_label))
            .y_desc(printable(&self.y_label))
            .draw()
            .map_err(refused)?;
        for column in self.columns.iter().filter(|column| column.height > 0.0) {
            let (from, to) = column.ends;
            let foot = plane.backend_coord(&(from, 0.0));
            let top = plane.backend_coord(&(to, column.height));
            // A bar of almost no height is drawn as a line, so that it remains visible.
            let right = (top.0 - GAP).max(foot.0 + 1);
            let corners = [(foot.0, top.1.min(foot.1 - 1)), (right, foot.1)];
            page.draw(&Rectangle::new(corners, lighter(colour).filled()))
                .map_err(refused)?;
            let middle = ((foot.0 + right) / 2, top.1 - 4);
            if width(&column.name, LABEL_SIZE - 2.0) <= f64::from(top.0 - foot.0 + 8) {
                above(page, &column.name, middle)?;
            }
        }
        if let Some((at, words)) = &self.mark {
            let high = plane.y_range().end;
            let (x, top) = plane.backend_coord(&(*at, high));
            let (_, foot) = plane.backend_coord(&(*at, 0.0));
            let line = PathElement::new(vec![(x, top), (x, foot)], INK.stroke_width(1));
            page.draw(&line).map_err(refused)?;
            // On the side with more room.
            let half = area.get_pixel_range().0.start + WIDTH as i32 / 2;
            let side = if x > half { HPos::Right } else { HPos::Left };
            let aside = if x > half { x - 5 } else { x + 5 };
            let style = letters(LABEL_SIZE - 1.0).pos(Pos::new(side, VPos::Center));
            page.draw_text(&printable(words), &style, (aside, top + 8))
                .map_err(refused)?;
        }
        Ok(())
    }
}

/// A fifth of the way to white, and opaque, so that the grid does not show through.
fn lighter(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let part = |part: u8| part + (255 - part) / 5;
    RGBColor(part(red), part(green), part(blue))
}

fn above(page: &Area<'_>, text: &str, at: (i32, i32)) -> Result<(), ReportError> {
    let style = letters(LABEL_SIZE - 2.0).pos(Pos::new(HPos::Center, VPos::Bottom));
    page.draw_text(text, &style, at).map_err(refused)
}
