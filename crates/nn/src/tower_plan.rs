//! Which graphs are a product of two sides.
//!
//! The score is followed back through sums. What depends on one side alone is a number of that side; what multiplies a
//! value of the user with one of the item, column by column, and adds the columns up is a product. A score that comes
//! apart so completely is a product of two rows. Dropout is the identity, since only trained models are taken apart.

use crate::factors::Link;
use recburn_graph::{Activation, Graph, Node, Op, Side};

/// A score as a product of two rows and what is added to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TowerPlan {
    pub products: Vec<Product>,
    /// Numbers of the users alone, and of the items alone.
    pub lone: [Vec<Lone>; 2],
    pub constant: f32,
    /// Dense layers and biases of one column, each of whose bias is added times a number.
    pub biases: Vec<(usize, f32)>,
    pub link: Link,
}

/// The sum over the columns of a value of the user times one of the item, each column with a weight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Product {
    pub user: Factor,
    pub item: Factor,
    pub weighing: Weighing,
}

/// A value of one side, made of nodes of one width.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Factor {
    Product(Vec<usize>),
    Sum(Vec<usize>),
}

/// The weighed sum of the columns of a value of one side.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Lone {
    Value {
        node: usize,
        weighing: Weighing,
    },
    /// The products of all pairs of these nodes, column by column.
    Pairwise {
        nodes: Vec<usize>,
        weighing: Weighing,
    },
}

/// The weights of the columns of a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighing {
    /// The dense layer of one unit whose kernel has them, from this number on; all 1 without.
    pub kernel: Option<(usize, usize)>,
    pub scale: f32,
}

impl Lone {
    pub fn nodes(&self) -> &[usize] {
        match self {
            Self::Value { node, .. } => std::slice::from_ref(node),
            Self::Pairwise { nodes, .. } => nodes,
        }
    }

    pub fn weighing(&self) -> &Weighing {
        match self {
            Self::Value { weighing, .. } | Self::Pairwise { weighing, .. } => weighing,
        }
    }
}

impl Factor {
    fn nodes(&self) -> &[usize] {
        match self {
            Self::Product(nodes) | Self::Sum(nodes) => nodes,
        }
    }
}

/// The side that a value depends on alone, in a model that is not in training.
pub(crate) fn side(node: &Node) -> Option<Side> {
    let depends = node.depends_on;
    match (depends.user, depends.item, depends.event) {
        (true, false, false) => Some(Side::User),
        (false, true, false) => Some(Side::Item),
        _ => None,
    }
}

impl TowerPlan {
    /// How a graph comes apart; `None` where it does not.
    pub fn new(graph: &Graph) -> Option<Self> {
        let nodes = graph.nodes();
        // A step of a history is a row of a query, and a user may have several of these.
        if nodes.iter().any(|node| node.op == Op::AtQuery) {
            return None;
        }
        let (score, link) = linked(nodes)?;
        let mut plan = Self {
            products: Vec::new(),
            lone: [Vec::new(), Vec::new()],
            constant: 0.0,
            biases: Vec::new(),
            link,
        };
        let whole = Weighing {
            kernel: None,
            scale: 1.0,
        };
        plan.take(nodes, score, &whole)?;
        Some(plan)
    }

    /// The nodes that the rows of one side are made of.
    pub fn nodes_of(&self, side: Side) -> Vec<usize> {
        let factors = self.products.iter().map(|product| match side {
            Side::User => &product.user,
            Side::Item | Side::Event => &product.item,
        });
        let lone = self.lone_of(side).flat_map(Lone::nodes);
        factors
            .flat_map(Factor::nodes)
            .chain(lone)
            .copied()
            .collect()
    }

    /// What is added on one side.
    pub fn lone_of(&self, side: Side) -> impl Iterator<Item = &Lone> {
        let at = usize::from(side != Side::User);
        self.lone[at].iter()
    }

    /// Adds the weighed sum of the columns of a node.
    fn take(&mut self, nodes: &[Node], at: usize, weighing: &Weighing) -> Option<()> {
        let node = &nodes[at];
        if let Some(side) = side(node) {
            let lone = Lone::Value {
                node: at,
                weighing: weighing.clone(),
            };
            self.lone[usize::from(side != Side::User)].push(lone);
            return Some(());
        }
        let sources = &node.sources;
        match &node.op {
            Op::Dropout { .. }
            | Op::Activation {
                function: Activation::Linear,
            } => self.take(nodes, sources[0], weighing),
            Op::Add => sources
                .iter()
                .try_for_each(|&at| self.take(nodes, at, weighing)),
            Op::Concat => {
                let mut from = weighing.kernel.map(|(_, from)| from);
                for &source in sources {
                    let part = Weighing {
                        kernel: weighing
                            .kernel
                            .zip(from)
                            .map(|((layer, _), from)| (layer, from)),
                        scale: weighing.scale,
                    };
                    self.take(nodes, source, &part)?;
                    from = from.map(|from| from + nodes[source].width());
                }
                Some(())
            }
            Op::Dot | Op::Multiply => {
                // A dot product is one column, whose weight is that of all its factors' columns.
                let weighing = match (&node.op, weighing.kernel) {
                    (Op::Dot, Some(_)) => return None,
                    _ => weighing.clone(),
                };
                let of = |wanted: Side| -> Vec<usize> {
                    let own = sources.iter().copied();
                    own.filter(|&at| side(&nodes[at]) == Some(wanted)).collect()
                };
                let (user, item) = (of(Side::User), of(Side::Item));
                let whole = user.len() + item.len() == sources.len();
                (whole && !user.is_empty() && !item.is_empty()).then(|| {
                    self.products.push(Product {
                        user: Factor::Product(user),
                        item: Factor::Product(item),
                        weighing,
                    });
                })
            }
            Op::Pairwise => {
                let of = |wanted: Side| -> Vec<usize> {
                    let own = sources.iter().copied();
                    own.filter(|&at| side(&nodes[at]) == Some(wanted)).collect()
                };
                let (user, item) = (of(Side::User), of(Side::Item));
                if user.len() + item.len() != sources.len() {
                    return None;
                }
                for (lone, nodes) in self.lone.iter_mut().zip([&user, &item]) {
                    if nodes.len() > 1 {
                        lone.push(Lone::Pairwise {
                            nodes: nodes.clone(),
                            weighing: weighing.clone(),
                        });
                    }
                }
                self.products.push(Product {
                    user: Factor::Sum(user),
                    item: Factor::Sum(item),
                    weighing: weighing.clone(),
                });
                Some(())
            }
            // From here on one column that is a sum of columns: it has no weights of its own.
            Op::Sum if weighing.kernel.is_none() => self.take(nodes, sources[0], weighing),
            Op::Dense {
                units: 1,
                activation: Activation::Linear,
                ..
            } if weighing.kernel.is_none() => {
                self.biases.push((at, weighing.scale));
                let kernel = Weighing {
                    kernel: Some((at, 0)),
                    scale: weighing.scale,
                };
                self.take(nodes, sources[0], &kernel)
            }
            Op::Bias if weighing.kernel.is_none() && node.width() == 1 => {
                self.biases.push((at, weighing.scale));
                self.take(nodes, sources[0], weighing)
            }
            Op::Rescale { min, max } if weighing.kernel.is_none() && node.width() == 1 => {
                self.constant += weighing.scale * min;
                let stretched = Weighing {
                    kernel: None,
                    scale: weighing.scale * (max - min),
                };
                self.take(nodes, sources[0], &stretched)
            }
            Op::Input { .. }
            | Op::Embedding { .. }
            | Op::Pool { .. }
            | Op::Dense { .. }
            | Op::Activation { .. }
            | Op::Bias
            | Op::BatchNorm { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::Sampling { .. }
            | Op::Gru { .. }
            | Op::AdditiveAttention { .. }
            | Op::AtQuery
            | Op::Sum
            | Op::Rescale { .. } => None,
        }
    }
}

/// The node before the link, and the link.
fn linked(nodes: &[Node]) -> Option<(usize, Link)> {
    let last = nodes.len().checked_sub(1)?;
    let squashed = |at: usize| match nodes[at].op {
        Op::Activation {
            function: Activation::Sigmoid,
        } => Some(nodes[at].sources[0]),
        _ => None,
    };
    if let Some(score) = squashed(last) {
        return Some((score, Link::Sigmoid { min: 0.0, max: 1.0 }));
    }
    match nodes[last].op {
        Op::Rescale { min, max } if max > min => {
            let link = Link::Sigmoid { min, max };
            let score = squashed(nodes[last].sources[0]);
            Some(score.map_or((last, Link::Identity), |score| (score, link)))
        }
        _ => Some((last, Link::Identity)),
    }
}
