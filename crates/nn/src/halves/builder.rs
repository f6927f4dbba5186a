//! How a graph comes apart into the rows of both sides and the layers behind them.

use super::{Half, Row};
use crate::network::{Layer, Network};
use crate::tower_plan::side;
use recburn_compiled::{HeadStep, Operand, Term};
use recburn_graph::{Activation, Node, Op, Side};

/// Where a node's value is.
#[derive(Clone, Debug)]
enum Place {
    /// With a row of one side.
    Side(Side),
    /// A step of the head.
    Step(usize),
    /// These nodes, one behind the other: they are not put together until something needs it.
    Parts(Vec<usize>),
    /// The product of these nodes of both sides, each with its own: computed where it is needed.
    Product(Vec<usize>),
}

/// Takes a graph apart, node by node.
pub(super) struct Builder<'a> {
    network: &'a Network,
    nodes: &'a [Node],
    places: Vec<Place>,
    rows: [Row; 2],
    steps: Vec<HeadStep>,
    /// Whether the steps get their weights, or only the rows are wanted: copying all kernels for one user's row would take
    /// longer than the row.
    with_weights: bool,
}

/// The numbers of a tensor of any shape; none if only rows are wanted.
macro_rules! numbers {
    ($builder:expr, $tensor:expr) => {
        match $builder.with_weights {
            true => $tensor.into_data().iter::<f32>().collect::<Vec<f32>>(),
            false => Vec::new(),
        }
    };
}

impl<'a> Builder<'a> {
    pub fn new(network: &'a Network, with_weights: bool) -> Self {
        let nodes = network.graph.nodes();
        Self {
            network,
            nodes,
            places: Vec::with_capacity(nodes.len()),
            rows: Default::default(),
            steps: Vec::new(),
            with_weights,
        }
    }

    /// The rows of users and of items, and the steps behind them.
    pub fn taken_apart(mut self) -> Option<([Row; 2], Vec<HeadStep>)> {
        for at in 0..self.nodes.len() {
            let place = self.place(at)?;
            self.places.push(place);
        }
        let score = self.operand(self.nodes.len().checked_sub(1)?)?;
        if score != Operand::Value(self.steps.len().checked_sub(1)?) {
            self.push(1, vec![Term::Plain(score, 0)]);
        }
        Some((self.rows, self.steps))
    }

    /// Where a node's value is; its sources have been placed.
    fn place(&mut self, at: usize) -> Option<Place> {
        let node = &self.nodes[at];
        if let Some(side) = side(node) {
            return Some(Place::Side(side));
        }
        let (sources, width) = (node.sources.as_slice(), node.width());
        if sources.is_empty() {
            return None; // it depends on neither side
        }
        let plain = |builder: &mut Self| -> Option<Vec<Term>> {
            let terms = sources
                .iter()
                .map(|&source| Some(Term::Plain(builder.operand(source)?, 0)));
            terms.collect()
        };
        let step = match &node.op {
            Op::Dropout { .. }
            | Op::Activation {
                function: Activation::Linear,
            } => return Some(self.places[sources[0]].clone()),
            Op::Concat => {
                let parts = sources
                    .iter()
                    .flat_map(|&source| match &self.places[source] {
                        Place::Parts(parts) => parts.clone(),
                        Place::Side(_) | Place::Step(_) | Place::Product(_) => vec![source],
                    });
                return Some(Place::Parts(parts.collect()));
            }
            Op::Multiply => {
                let apart = |source: &usize| matches!(self.places[*source], Place::Side(_));
                if sources.iter().all(apart) {
                    return Some(Place::Product(sources.to_vec()));
                }
                let of = self.operands(sources)?;
                self.push(width, vec![Term::Product(of)])
            }
            Op::Dot => {
                let of = self.operands(sources)?;
                self.push(1, vec![Term::Dot(of)])
            }
            Op::Sum => {
                let of = match self.places[sources[0]].clone() {
                    Place::Product(of) => self.operands(&of)?,
                    Place::Side(_) | Place::Step(_) | Place::Parts(_) => {
                        vec![self.operand(sources[0])?]
                    }
                };
                self.push(1, vec![Term::Dot(of)])
            }
            Op::Add => {
                let terms = plain(self)?;
                self.push(width, terms)
            }
            Op::Activation { function } => {
                let terms = plain(self)?;
                let step = self.push(width, terms);
                self.steps[step].activation = *function;
                step
            }
            Op::Pairwise => self.pairwise(sources, width)?,
            Op::Dense { activation, .. } => self.dense(at, *activation)?,
            Op::Bias => {
                let Layer::Bias(bias) = &self.network.layers[at] else {
                    return None;
                };
                let shift = numbers!(self, bias.bias.val());
                let terms = plain(self)?;
                self.affine(width, terms, (vec![1.0; width], shift))
            }
            Op::BatchNorm { epsilon, .. } => {
                let Layer::BatchNorm(norm) = &self.network.layers[at] else {
                    return None;
                };
                let deviation = (norm.running_var.value() + *epsilon).sqrt();
                let scale = norm.gamma.val() / deviation;
                let shift = norm.beta.val() - norm.running_mean.value() * scale.clone();
                let (scale, shift) = (numbers!(self, scale), numbers!(self, shift));
                let terms = plain(self)?;
                self.affine(width, terms, (scale, shift))
            }
            Op::Rescale { min, max } => {
                let terms = plain(self)?;
                self.affine(width, terms, (vec![max - min; width], vec![*min; width]))
            }
            Op::Input { .. }
            | Op::Embedding { .. }
            | Op::Pool { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::Gru { .. }
            | Op::AdditiveAttention { .. }
            | Op::AtQuery
            | Op::Sampling { .. } => return None,
        };
        Some(Place::Step(step))
    }

    fn push(&mut self, width: usize, terms: Vec<Term>) -> usize {
        self.steps.push(HeadStep {
            width,
            terms,
            affine: None,
            activation: Activation::Linear,
        });
        self.steps.len() - 1
    }

    fn affine(
        &mut self,
        width: usize,
        terms: Vec<Term>,
        (scale, shift): (Vec<f32>, Vec<f32>),
    ) -> usize {
        let step = self.push(width, terms);
        self.steps[step].affine = Some((scale, shift));
        step
    }

    /// A part of one side's row.
    fn half(&mut self, side: Side, half: Half, width: usize) -> Operand {
        let row = &mut self.rows[usize::from(side != Side::User)];
        let columns = row.columns(half, width);
        match side {
            Side::User => Operand::User(columns),
            Side::Item | Side::Event => Operand::Item(columns),
        }
    }

    /// A node's value as one operand.
    fn operand(&mut self, at: usize) -> Option<Operand> {
        let width = self.nodes[at].width();
        let step = match self.places[at].clone() {
            Place::Side(side) => return Some(self.half(side, Half::Value(at), width)),
            Place::Step(step) => return Some(Operand::Value(step)),
            Place::Product(nodes) => {
                let of = self.operands(&nodes)?;
                self.push(width, vec![Term::Product(of)])
            }
            Place::Parts(parts) => {
                let (mut terms, mut from) = (Vec::new(), 0);
                for part in parts {
                    terms.push(Term::Plain(self.operand(part)?, from));
                    from += self.nodes[part].width();
                }
                self.push(width, terms)
            }
        };
        self.places[at] = Place::Step(step);
        Some(Operand::Value(step))
    }

    fn operands(&mut self, nodes: &[usize]) -> Option<Vec<Operand>> {
        nodes.iter().map(|&at| self.operand(at)).collect()
    }

    /// Those of these nodes that belong to one side.
    fn of_side(&self, nodes: &[usize], wanted: Side) -> Vec<usize> {
        let own = nodes.iter().copied();
        own.filter(|&at| matches!(self.places[at], Place::Side(side) if side == wanted))
            .collect()
    }

    /// `(sum of all)^2 - sum of squares` comes apart into the pairs of each side and the product of both sums.
    fn pairwise(&mut self, sources: &[usize], width: usize) -> Option<usize> {
        let mut sums = Vec::new();
        let mut terms = Vec::new();
        for side in [Side::User, Side::Item] {
            let own = self.of_side(sources, side);
            if own.len() > 1 {
                terms.push(Term::Plain(
                    self.half(side, Half::Pairs(own.clone()), width),
                    0,
                ));
            }
            if !own.is_empty() {
                sums.push((self.half(side, Half::Sum(own.clone()), width), own.len()));
            }
        }
        let apart: usize = sums.iter().map(|(_, nodes)| nodes).sum();
        if apart < sources.len() {
            return None; // a pair of values that depend on both sides
        }
        let sums = sums.into_iter().map(|(sum, _)| sum).collect();
        terms.push(Term::Product(sums));
        Some(self.push(width, terms))
    }

    /// A dense layer: its halves, and the products with what depends on both sides.
    fn dense(&mut self, at: usize, activation: Activation) -> Option<usize> {
        let node = &self.nodes[at];
        let (source, units) = (node.sources[0], node.width());
        let parts = match self.places[source].clone() {
            Place::Parts(parts) => parts,
            Place::Side(_) | Place::Step(_) | Place::Product(_) => vec![source],
        };
        let dense = self.network.dense(at);
        let kernel = numbers!(self, dense.weight.val());
        let mut of_sides: [Vec<(usize, usize)>; 2] = Default::default();
        let (mut terms, mut from) = (Vec::new(), 0);
        for part in parts {
            let width = self.nodes[part].width();
            match self.places[part].clone() {
                Place::Side(side) => of_sides[usize::from(side != Side::User)].push((part, from)),
                // The weights of a product go to one of its sides.
                Place::Product(nodes) if units == 1 => {
                    let users = self.of_side(&nodes, Side::User);
                    let items = self.of_side(&nodes, Side::Item);
                    let weighed = Half::Weighed {
                        layer: at,
                        from,
                        nodes: users,
                    };
                    let mut of = vec![self.half(Side::User, weighed, width)];
                    of.extend(self.operands(&items)?);
                    terms.push(Term::Dot(of));
                }
                Place::Step(_) | Place::Product(_) | Place::Parts(_) => {
                    let Operand::Value(step) = self.operand(part)? else {
                        return None;
                    };
                    let rows = kernel.get(from * units..(from + width) * units);
                    terms.push(Term::Times(step, rows.unwrap_or_default().to_vec()));
                }
            }
            from += width;
        }
        let biased_half = !of_sides[0].is_empty();
        let mut halves = Vec::new();
        for (side, of) in [Side::User, Side::Item].into_iter().zip(of_sides) {
            if !of.is_empty() {
                let half = Half::Dense {
                    layer: at,
                    of,
                    biased: side == Side::User,
                };
                halves.push(Term::Plain(self.half(side, half, units), 0));
            }
        }
        halves.extend(terms);
        let step = self.push(units, halves);
        if !biased_half {
            let bias = numbers!(self, dense.bias.val());
            self.steps[step].affine = Some((vec![1.0; units], bias));
        }
        self.steps[step].activation = activation;
        Some(step)
    }
}
