//! Curves over epochs.

use crate::axis::Axis;
use crate::error::ReportError;
use crate::font::{fitting, printable, width};
use crate::picture::{Picture, refused};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH: u32 = 560;
const HEIGHT: u32 = 400;
/// Margin on the right, for the last tick's label, and on the left.
pub(crate) const MARGIN: i32 = 24;
pub(crate) const EDGE: i32 = 12;
pub(crate) const TITLE_SIZE: f64 = 17.0;
pub(crate) const LABEL_SIZE: f64 = 12.0;
const LEGEND_LINE: i32 = 20;
/// The number of points above which marks would overlap.
const MOST_MARKS: usize = 40;

/// Okabe and Ito's colours, which colour-blind readers can distinguish, without the yellow, which is faint on white.
pub(crate) const COLOURS: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x00, 0x00, 0x00),
];
pub(crate) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(crate) const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
pub(crate) const FRAME: RGBColor = RGBColor(0x88, 0x88, 0x88);

pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Pairs of x and y in the order in which they are joined. Pairs that are not finite are omitted.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The points that can be drawn. Beyond 1e150 the width of an axis would overflow.
    fn seen(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let fits = |value: f64| value.abs() < 1e150;
        self.points
            .iter()
            .copied()
            .filter(move |(x, y)| fits(*x) && fits(*y))
    }
}

/// Curves over one pair of axes, with a legend above.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The title.
    pub title: String,
    /// The quantity on the horizontal axis, with its unit.
    pub x_label: String,
    /// The quantity on the vertical axis, with its unit.
    pub y_label: String,
    /// The curves, distinguished by colour and by mark.
    pub series: Vec<Series>,
    /// Whether only the points are drawn, without the lines between them.
    pub scattered: bool,
}

impl Chart {
    /// Draws the chart. If every x is whole, as for epochs, so are the ticks; a chart without points shows axes from 0
    /// to 1.
    ///
    /// # Errors
    ///
    /// [`ReportError::Draw`] if the picture cannot be drawn.
    pub fn draw(&self) -> Result<Picture, ReportError> {
        Self::row(std::slice::from_ref(self))
    }

    /// Draws charts side by side in one picture, for example the loss and a metric, each for training and validation.
    ///
    /// # Errors
    ///
    /// If there is no chart, or [`ReportError::Draw`] if the picture cannot be drawn.
    pub fn row(charts: &[Self]) -> Result<Picture, ReportError> {
        if charts.is_empty() {
            return Err(ReportError::NoCharts);
        }
        let mut svg = String::new();
        {
            let size = (WIDTH * charts.len() as u32, HEIGHT);
            let page = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            page.fill(&WHITE).map_err(refused)?;
            for (chart, area) in charts.iter().zip(page.split_evenly((1, charts.len()))) {
                chart.panel(&page, &area)?;
            }
            page.present().map_err(refused)?;
        }
        Picture::checked(svg)
    }

    fn panel(&self, page: &Area<'_>, area: &Area<'_>) -> Result<(), ReportError> {
        let seen: Vec<Vec<_>> = self.series.iter().map(|one| one.seen().collect()).collect();
        let xs = || seen.iter().flatten().map(|point| point.0);
        let ys = || seen.iter().flatten().map(|point| point.1);
        let across = Axis::over(xs(), 10, xs().all(|x| x.fract() == 0.0));
        let up = Axis::over(ys(), 7, false);

        let left = area.get_pixel_range().0.start;
        let names = up
            .ticks
            .iter()
            .map(|tick| width(&up.label(*tick), LABEL_SIZE));
        let room = names.fold(0.0, f64::max) as i32 + 32;
        let legend = self.legend(page, left + EDGE + room, left + WIDTH as i32 - MARGIN)?;
        let (_, body) = area.split_vertically(legend);

        // One font size for both axis titles, at which the longer one fits next to its axis.
        let x_label = printable(&self.x_label);
        let y_label = printable(&self.y_label);
        let beside = (
            WIDTH as i32 - EDGE - room - MARGIN,
            HEIGHT as i32 - legend - 62,
        );
        let size = fitting(&x_label, LABEL_SIZE + 1.0, beside.0.into());
        let size = fitting(&y_label, size, beside.1.into());
        let mut plane = ChartBuilder::on(&body)
            .margin_left(EDGE)
            .margin_top(10)
            .margin_right(MARGIN)
            .margin_bottom(8)
            .x_label_area_size(44)
            .y_label_area_size(room)
            .build_cartesian_2d(across, up)
            .map_err(refused)?;
        plane
            .configure_mesh()
            .bold_line_style(GRID)
            .axis_style(FRAME)
            .label_style(letters(LABEL_SIZE))
            .axis_desc_style(letters(size))
            .x_desc(x_label)
            .y_desc(y_label)
            .draw()
            .map_err(refused)?;
        for (at, points) in seen.iter().enumerate() {
            let colour = COLOURS[at % COLOURS.len()];
            if !self.scattered {
                plane
                    .draw_series(LineSeries::new(
                        points.iter().copied(),
                        colour.stroke_width(2),
                    ))
                    .map_err(refused)?;
            }
            let every = match self.scattered {
                true => 1,
                false => points.len().div_ceil(MOST_MARKS).max(1),
            };
            for point in points.iter().step_by(every) {
                mark(page, plane.backend_coord(point), at)?;
            }
        }
        Ok(())
    }

    /// Draws title and legend between two horizontal positions; returns their height.
    fn legend(&self, page: &Area<'_>, left: i32, right: i32) -> Result<i32, ReportError> {
        let title = printable(&self.title);
        let size = fitting(&title, TITLE_SIZE, f64::from(right - left));
        write(page, &title, (left, 24), size)?;
        let (mut x, mut y) = (left, 48);
        for (at, series) in self.series.iter().enumerate() {
            let name = printable(&series.name);
            let size = fitting(&name, LABEL_SIZE, f64::from(right - left - 32));
            let wide = width(&name, size).ceil() as i32 + 32;
            if x > left && x + wide > right {
                (x, y) = (left, y + LEGEND_LINE);
            }
            let line = PathElement::new(
                vec![(x, y), (x + 24, y)],
                COLOURS[at % COLOURS.len()].stroke_width(2),
            );
            page.draw(&line).map_err(refused)?;
            mark(page, (x + 12, y), at)?;
            write(page, &name, (x + 31, y), size)?;
            x += wide + 18;
        }
        Ok(y + LEGEND_LINE / 2)
    }
}

pub(crate) fn letters(size: f64) -> TextStyle<'static> {
    // The SVG backend divides every size by this.
    ("sans-serif", size * 1.24).into_font().color(&INK)
}

/// Draws text that starts at a position, vertically centred.
pub(crate) fn write(
    page: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: f64,
) -> Result<(), ReportError> {
    let style = letters(size).pos(Pos::new(HPos::Left, VPos::Center));
    page.draw_text(text, &style, at).map_err(refused)
}

/// Draws the mark of a series at this position of the legend.
fn mark(page: &Area<'_>, at: (i32, i32), series: usize) -> Result<(), ReportError> {
    let colour = COLOURS[series % COLOURS.len()];
    let drawn = match series % 4 {
        0 => page.draw(&Circle::new(at, 4, colour.filled())),
        1 => page.draw(&TriangleMarker::new(at, 5, colour.filled())),
        2 => page
            .draw(&Circle::new(at, 4, WHITE.filled()))
            .and_then(|()| page.draw(&Circle::new(at, 4, colour.stroke_width(2)))),
        _ => page.draw(&Cross::new(at, 4, colour.stroke_width(2))),
    };
    drawn.map_err(refused)
}
