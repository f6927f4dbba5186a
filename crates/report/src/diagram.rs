//! The diagram of an architecture.

use crate::error::ReportError;
use crate::font::{escape, width};
use crate::picture::Picture;
use crate::place::{Frame, Placed, Route, place};
use recburn_graph::{Graph, Node, Op};
use std::fmt::Write;

const NAME_SIZE: f64 = 15.0;
const DETAIL_SIZE: f64 = 12.0;
const LINE: f64 = 19.0;
const BOX_HEIGHT: f64 = 3.0 * LINE + 14.0;
const MARGIN: f64 = 20.0;
const TITLE_SIZE: f64 = 18.0;
const TITLE_HEIGHT: f64 = 34.0;
const ARROW_HEAD: f64 = 9.0;

/// Draws every layer as a box (name, operation, shape of its value) with arrows along the data flow, ids on top. The id
/// columns are rounded; colours distinguish trained layers (blue), merges (orange) and the rest (grey).
///
/// # Errors
///
/// [`ReportError::Draw`] if the picture cannot be drawn.
pub fn diagram(graph: &Graph) -> Result<Picture, ReportError> {
    let labels: Vec<_> = graph
        .nodes()
        .iter()
        .map(|node| Label::of(graph, node))
        .collect();
    let widths: Vec<_> = labels.iter().map(|label| label.width).collect();
    let placed = place(graph, &widths, BOX_HEIGHT);
    Picture::checked(draw(graph, &labels, &placed))
}

/// The lines of a box and their size.
struct Label {
    lines: [String; 3],
    width: f64,
}

impl Label {
    fn of(graph: &Graph, node: &Node) -> Self {
        let shape = node.shape.to_string();
        let lines = [node.name.clone(), graph.describe(node), shape];
        let widest = lines
            .iter()
            .zip([NAME_SIZE, DETAIL_SIZE, DETAIL_SIZE])
            .map(|(line, size)| width(line, size))
            .fold(60.0, f64::max);
        // A rounded box needs extra room for its ends.
        let sides = if node.is_column() { 44.0 } else { 28.0 };
        Self {
            lines,
            width: widest + sides,
        }
    }
}

/// Fill and outline; dark text is readable on every fill, and the outlines survive greyscale printing.
fn colours(op: &Op) -> (&'static str, &'static str) {
    match op {
        Op::Input { .. } => ("#ffffff", "#333333"),
        Op::Embedding { .. }
        | Op::Pool { .. }
        | Op::Dense { .. }
        | Op::Bias
        | Op::BatchNorm { .. }
        | Op::LayerNorm { .. }
        | Op::Positions { .. }
        | Op::Attention { .. }
        | Op::Gru { .. }
        | Op::AdditiveAttention { .. } => ("#dcebf7", "#0072b2"),
        Op::Dot | Op::Pairwise | Op::Sum | Op::Add | Op::Multiply | Op::Concat => {
            ("#fdf0d5", "#b87a00")
        }
        Op::Activation { .. }
        | Op::Dropout { .. }
        | Op::Rescale { .. }
        | Op::AtQuery
        | Op::Sampling { .. } => ("#f0f0f0", "#777777"),
    }
}

fn draw(graph: &Graph, labels: &[Label], placed: &Placed) -> String {
    // Curves stay between the points that they join, so points and boxes determine the size of the picture.
    let points = placed.arrows.iter().flatten().copied();
    let corners = placed
        .boxes
        .iter()
        .flat_map(|frame| [(frame.left, frame.top), (frame.right, frame.bottom)]);
    let (mut low, mut high) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
    for (x, y) in points.chain(corners) {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    let inner = (high.0 - low.0).max(width(graph.name(), TITLE_SIZE));
    let aside = (inner - (high.0 - low.0)) / 2.0;
    let shift = (MARGIN + aside - low.0, MARGIN + TITLE_HEIGHT - low.1);
    let wide = (inner + 2.0 * MARGIN).ceil();
    let tall = (high.1 - low.1 + TITLE_HEIGHT + 2.0 * MARGIN).ceil();

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{tall}\" \
         viewBox=\"0 0 {wide} {tall}\" font-family=\"sans-serif\" text-anchor=\"middle\">\n\
         <rect width=\"{wide}\" height=\"{tall}\" fill=\"#ffffff\"/>\n"
    );
    let title = (wide / 2.0, MARGIN + TITLE_SIZE - 4.0);
    text(&mut out, title, TITLE_SIZE, "#111111", graph.name());
    let _ = writeln!(
        out,
        "<g transform=\"translate({:.1} {:.1})\">",
        shift.0, shift.1
    );
    for route in &placed.arrows {
        arrow(&mut out, route);
    }
    for ((node, label), frame) in graph.nodes().iter().zip(labels).zip(&placed.boxes) {
        layer(&mut out, node, label, frame);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn text(out: &mut String, at: (f64, f64), size: f64, colour: &str, text: &str) {
    let (x, y) = at;
    let text = escape(text);
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\">{text}</text>"
    );
}

fn layer(out: &mut String, node: &Node, label: &Label, frame: &Frame) {
    let (x, y) = (frame.left, frame.top);
    let (wide, tall) = (frame.right - x, frame.bottom - y);
    let (fill, outline) = colours(&node.op);
    let round = if node.is_column() { tall / 2.0 } else { 5.0 };
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" rx=\"{round:.1}\" \
         fill=\"{fill}\" stroke=\"{outline}\" stroke-width=\"1.5\"/>"
    );
    let styles = [
        (NAME_SIZE, "#111111"),
        (DETAIL_SIZE, "#333333"),
        (DETAIL_SIZE, "#555555"),
    ];
    for (at, (line, (size, colour))) in label.lines.iter().zip(styles).enumerate() {
        // Explicit baselines: viewers interpret `dominant-baseline` differently.
        let baseline = y + 7.0 + LINE * (at as f64 + 0.75);
        text(out, (frame.middle(), baseline), size, colour, line);
    }
}

/// Straight past rows, curved between them with vertical ends, and a head that points down.
fn arrow(out: &mut String, route: &Route) {
    let (Some(start), Some(tip)) = (route.first(), route.last()) else {
        return;
    };
    // The line ends within the head, so that its blunt end does not show next to the tip.
    let neck = tip.1 - ARROW_HEAD + 1.0;
    let _ = write!(out, "<path d=\"M {:.1} {:.1}", start.0, start.1);
    for pair in route.chunks(2) {
        let [from, to] = pair else { continue };
        let end = if to == tip { neck } else { to.1 };
        let half = f64::midpoint(from.1, end);
        let _ = write!(
            out,
            " L {:.1} {:.1} C {:.1} {half:.1}, {:.1} {half:.1}, {:.1} {end:.1}",
            from.0, from.1, from.0, to.0, to.0
        );
    }
    out.push_str("\" fill=\"none\" stroke=\"#444444\" stroke-width=\"1.5\"/>\n");
    let (base, side) = (tip.1 - ARROW_HEAD, ARROW_HEAD * 0.42);
    let _ = writeln!(
        out,
        "<path d=\"M {:.1} {:.1} L {:.1} {base:.1} L {:.1} {base:.1} Z\" fill=\"#444444\"/>",
        tip.0,
        tip.1,
        tip.0 - side,
        tip.0 + side
    );
}
