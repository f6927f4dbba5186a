//! The layout of a diagram: positions of boxes and routes of arrows.
//!
//! `layout-rs` assigns every box a row and a position in it (layers, few crossings, Brandes and Koepf's placement) and
//! determines where a long arrow passes the rows between its ends. It is given the size of each box, since it does not
//! know the font. The ends of arrows are distributed over the edges of the boxes here, since the library aims all of
//! them at the middle.

use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::{Point, Position};
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use recburn_graph::Graph;
use std::collections::HashSet;

/// The distance between neighbours in a row, and between rows.
const APART: (f64, f64) = (28.0, 52.0);
/// The distance between the ends of two arrows at one box, if the box is wide enough.
const ENDS_APART: f64 = 26.0;

/// A box.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Frame {
    pub(crate) fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

/// An arrow as pairs of points: a curve joins each pair (between rows), and a straight line leads to the next pair
/// (past a row).
pub(crate) type Route = Vec<(f64, f64)>;

/// The boxes in the order of the graph's nodes, and the arrows.
pub(crate) struct Placed {
    pub boxes: Vec<Frame>,
    pub arrows: Vec<Route>,
}

/// Places boxes with these widths and a common height.
pub(crate) fn place(graph: &Graph, widths: &[f64], height: f64) -> Placed {
    let mut plan = VisualGraph::new(Orientation::TopToBottom);
    let handles: Vec<_> = widths
        .iter()
        .map(|width| {
            let size = Point::new(*width, height);
            let mut element = Element::create(
                ShapeKind::new_box(""),
                StyleAttr::simple(),
                Orientation::TopToBottom,
                size,
            );
            let apart = Point::new(APART.0, APART.1);
            element.pos = Position::new(Point::zero(), size, Point::zero(), apart);
            plan.add_node(element)
        })
        .collect();
    // A value that is used twice (a square) is one arrow; the library does not support parallel ones.
    let mut seen = HashSet::new();
    let mut edges = Vec::new();
    for (to, node) in graph.nodes().iter().enumerate() {
        for &from in &node.sources {
            if seen.insert((from, to)) {
                plan.add_edge(Arrow::default(), handles[from], handles[to]);
                edges.push((from, to));
            }
        }
    }
    let mut arrows = Arrows::default();
    plan.do_it(false, false, false, &mut arrows);
    let boxes: Vec<_> = handles
        .iter()
        .map(|handle| {
            let (corner, opposite) = plan.pos(*handle).bbox(false);
            Frame {
                left: corner.x,
                top: corner.y,
                right: opposite.x,
                bottom: opposite.y,
            }
        })
        .collect();
    let arrows = routes(&boxes, &edges, &arrows.paths);
    Placed { boxes, arrows }
}

/// Collects the arrows in the order in which they were added; the boxes are read from the layout.
#[derive(Default)]
struct Arrows {
    paths: Vec<Vec<(Point, Point)>>,
}

impl RenderBackend for Arrows {
    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _: bool,
        _: (bool, bool),
        _: &StyleAttr,
        _: Option<String>,
        _: &str,
    ) {
        self.paths.push(path.to_vec());
    }

    fn draw_rect(
        &mut self,
        _: Point,
        _: Point,
        _: &StyleAttr,
        _: Option<String>,
        _: Option<ClipHandle>,
    ) {
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}

    fn draw_text(&mut self, _: Point, _: &str, _: &StyleAttr) {}

    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}

fn routes(boxes: &[Frame], edges: &[(usize, usize)], paths: &[Vec<(Point, Point)>]) -> Vec<Route> {
    // The points between the ends, at which a long arrow passes a row.
    let passes: Vec<Vec<Point>> = paths
        .iter()
        .map(|path| {
            let inner = path.len().saturating_sub(1);
            path[1.min(inner)..inner]
                .iter()
                .map(|pair| pair.1)
                .collect()
        })
        .collect();
    let leaving = ends(boxes, edges, |at| {
        let (from, to) = edges[at];
        (
            from,
            passes[at]
                .first()
                .map_or(boxes[to].middle(), |point| point.x),
        )
    });
    let arriving = ends(boxes, edges, |at| {
        let (from, to) = edges[at];
        (
            to,
            passes[at]
                .last()
                .map_or(boxes[from].middle(), |point| point.x),
        )
    });
    (0..edges.len())
        .map(|at| {
            let (from, to) = edges[at];
            let mut route = vec![(leaving[at], boxes[from].bottom)];
            for point in &passes[at] {
                // Straight past the whole row, so that the curve does not cut a neighbour's corner.
                let row = boxes
                    .iter()
                    .find(|frame| frame.top <= point.y && point.y <= frame.bottom);
                let (top, bottom) = row.map_or((point.y, point.y), |row| (row.top, row.bottom));
                route.push((point.x, top));
                route.push((point.x, bottom));
            }
            route.push((arriving[at], boxes[to].top));
            route
        })
        .collect()
}

/// Where each arrow meets its box: side by side around the middle, ordered by their other ends. `look` returns an
/// arrow's box and the position of its other end.
fn ends(
    boxes: &[Frame],
    edges: &[(usize, usize)],
    look: impl Fn(usize) -> (usize, f64),
) -> Vec<f64> {
    let mut places = vec![0.0; edges.len()];
    for (at, frame) in boxes.iter().enumerate() {
        let mut here: Vec<_> = (0..edges.len())
            .filter(|edge| look(*edge).0 == at)
            .collect();
        here.sort_by(|left, right| look(*left).1.total_cmp(&look(*right).1));
        let apart = ENDS_APART.min((frame.right - frame.left - 20.0) / here.len().max(1) as f64);
        for (rank, edge) in here.iter().enumerate() {
            places[*edge] =
                frame.middle() + apart * (rank as f64 - (here.len() as f64 - 1.0) / 2.0);
        }
    }
    places
}
