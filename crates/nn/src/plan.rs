//! The execution plan of a graph.
//!
//! Some nodes are computed together: a dot product of two embeddings and its biases is one [`Factors`](crate::Factors)
//! score, concatenated embeddings are one read. The graph itself is unchanged.

use crate::factors::Link;
use crate::tower_plan::TowerPlan;
use recburn_graph::{Activation, Graph, Node, Op, Shape, Side};

/// How the nodes of a graph are run.
#[derive(Debug)]
pub(crate) struct Plan {
    /// How each node's value is computed.
    pub runs: Vec<Run>,
    /// For each node, the position of its table among the graph's tables.
    pub tables: Vec<Option<usize>>,
    /// The factor score and its link, if the graph consists only of them.
    pub whole: Option<(FactorNodes, Link)>,
    /// The score as a product of a row of the user and a row of the item.
    pub towers: Option<TowerPlan>,
    /// For each node, whether it is worth computing once per distinct row of the side that it depends on: if it is more
    /// than a table row of the user or item, or is used by such a node.
    pub by_row: Vec<bool>,
    /// The name of the sequence that is looked up step by step.
    pub sequence: Option<String>,
    /// Of each node, whether its value is that of a step of this sequence, or computed from such a value.
    pub of_step: Vec<bool>,
    /// For users and for items, whether there are other inputs of their side.
    pub has_features: [bool; 2],
}

/// The tables of a factor score, by their positions among the graph's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactorNodes {
    pub user_factors: usize,
    pub item_factors: usize,
    pub user_bias: Option<usize>,
    pub item_bias: Option<usize>,
}

/// How a node's value is computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// By its own operation, from its sources.
    Alone,
    /// Computed as part of another node, without a value of its own.
    Inside,
    /// As a factor score of these tables, plus the values of other nodes.
    FactorScore { of: FactorNodes, plus: Vec<usize> },
    /// As one read of these embedding nodes.
    SideBySide(Vec<usize>),
}

impl Plan {
    /// How a graph is run.
    pub fn new(graph: &Graph) -> Self {
        let runs = plan(graph);
        let nodes = graph.nodes();
        // From the end, since uses come after a node.
        let mut by_row = vec![false; nodes.len()];
        for at in (0..nodes.len()).rev() {
            let node = &nodes[at];
            if node.depends_on.one_side().is_none() || node.is_column() {
                continue;
            }
            by_row[at] |= embedded(graph, node).is_none();
            if by_row[at] {
                node.sources
                    .iter()
                    .for_each(|&source| by_row[source] = true);
            }
        }
        let has_features = [Side::User, Side::Item].map(|side| {
            let mut inputs = graph.nodes().iter().filter_map(Node::input);
            inputs.any(|input| input.side == side && !input.is_users() && !input.is_items())
        });
        let steps = |node: &Node| matches!(node.shape, Shape::Steps { .. });
        let first = nodes.iter().find(|node| steps(node));
        let sequence = first.map(|node| nodes[node.sources[0]].name.clone());
        let mut of_step = vec![false; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            of_step[at] = steps(node) || node.sources.iter().any(|&source| of_step[source]);
        }
        Self {
            sequence,
            of_step,
            whole: whole(graph, &runs),
            towers: TowerPlan::new(graph),
            runs,
            tables: nodes
                .iter()
                .map(|node| place_of_table(graph, node))
                .collect(),
            by_row,
            has_features,
        }
    }
}

fn place_of_table(graph: &Graph, node: &Node) -> Option<usize> {
    let name = node.op.table()?;
    graph.tables().iter().position(|table| table.name == name)
}

/// The side that a node embeds, if it is an embedding of the users or the items themselves.
fn embedded(graph: &Graph, node: &Node) -> Option<Side> {
    let Op::Embedding { .. } = node.op else {
        return None;
    };
    let input = graph.nodes()[node.sources[0]].input()?;
    match input {
        _ if input.is_users() => Some(Side::User),
        _ if input.is_items() => Some(Side::Item),
        _ => None,
    }
}

/// How each node of a graph is run.
fn plan(graph: &Graph) -> Vec<Run> {
    let nodes = graph.nodes();
    let embeds = |at: usize| embedded(graph, &nodes[at]);
    let table = |at: usize| place_of_table(graph, &nodes[at]);
    let mut runs = vec![Run::Alone; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if matches!(node.op, Op::Concat) && node.sources.iter().all(|&at| embeds(at).is_some()) {
            runs[at] = Run::SideBySide(node.sources.clone());
        }
        if !matches!(node.op, Op::Dot) {
            continue;
        }
        let (left, right) = (node.sources[0], node.sources[1]);
        let (user, item) = match (embeds(left), embeds(right)) {
            (Some(Side::User), Some(Side::Item)) => (left, right),
            (Some(Side::Item), Some(Side::User)) => (right, left),
            _ => continue,
        };
        let (Some(user_factors), Some(item_factors)) = (table(user), table(item)) else {
            continue;
        };
        // The sum that it is part of, if it has no other use, and no other product has claimed that sum.
        let mut uses = (0..nodes.len()).flat_map(|user| {
            let sources = nodes[user].sources.iter();
            sources.filter(|&&source| source == at).map(move |_| user)
        });
        let sum = match (uses.next(), uses.next()) {
            (Some(sum), None) if matches!(nodes[sum].op, Op::Add) && runs[sum] == Run::Alone => {
                Some(sum)
            }
            _ => None,
        };
        let (mut user_bias, mut item_bias, mut plus) = (None, None, Vec::new());
        for &source in sum.iter().flat_map(|&sum| &nodes[sum].sources) {
            match embeds(source) {
                _ if source == at => {}
                Some(Side::User) if user_bias.is_none() => user_bias = table(source),
                Some(Side::Item) if item_bias.is_none() => item_bias = table(source),
                _ => plus.push(source),
            }
        }
        let root = sum.unwrap_or(at);
        let of = FactorNodes {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
        };
        runs[root] = Run::FactorScore { of, plus };
    }
    leave_out_what_is_inside(graph, &mut runs);
    runs
}

/// The node of the factor score, if the graph consists only of it and a link.
fn whole(graph: &Graph, runs: &[Run]) -> Option<(FactorNodes, Link)> {
    let nodes = graph.nodes();
    let score = |at: usize| match &runs[at] {
        Run::FactorScore { of, plus } if plus.is_empty() => Some(of.clone()),
        _ => None,
    };
    let squashed = |at: usize| match nodes[at].op {
        Op::Activation {
            function: Activation::Sigmoid,
        } => score(nodes[at].sources[0]),
        _ => None,
    };
    let last = nodes.len().checked_sub(1)?;
    if let Some(of) = score(last) {
        return Some((of, Link::Identity));
    }
    if let Some(of) = squashed(last) {
        return Some((of, Link::Sigmoid { min: 0.0, max: 1.0 }));
    }
    match nodes[last].op {
        Op::Rescale { min, max } if max > min => {
            squashed(nodes[last].sources[0]).map(|of| (of, Link::Sigmoid { min, max }))
        }
        _ => None,
    }
}

/// Marks the nodes whose own value is not needed.
fn leave_out_what_is_inside(graph: &Graph, runs: &mut [Run]) {
    let nodes = graph.nodes();
    let mut asked = vec![false; nodes.len()];
    if let Some(output) = asked.last_mut() {
        *output = true;
    }
    for at in (0..nodes.len()).rev() {
        if !asked[at] {
            runs[at] = Run::Inside;
            continue;
        }
        let sources = match &runs[at] {
            Run::Alone => &nodes[at].sources,
            Run::FactorScore { plus, .. } => plus,
            Run::Inside | Run::SideBySide(_) => continue,
        };
        for &source in sources {
            asked[source] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recburn_graph::{GraphError, Sym, add, concat, dot};

    fn of(output: &Sym) -> Result<(Graph, Vec<Run>), GraphError> {
        let graph = Graph::new("test", output)?;
        let runs = plan(&graph);
        Ok((graph, runs))
    }

    /// The kinds of the nodes that are run, in order.
    fn shown(graph: &Graph, runs: &[Run]) -> Vec<String> {
        let nodes = graph.nodes();
        let names = |places: &[usize]| {
            let names: Vec<_> = places.iter().map(|&at| nodes[at].name.as_str()).collect();
            names.join(" ")
        };
        let show = |(at, run): (usize, &Run)| match run {
            Run::Inside => None,
            Run::Alone if nodes[at].is_column() => None,
            Run::Alone => Some(nodes[at].name.clone()),
            Run::SideBySide(reads) => Some(format!("{} reads {}", nodes[at].name, names(reads))),
            Run::FactorScore { of, plus } => {
                let table = |at: usize| graph.tables()[at].name.as_str();
                let tables: Vec<&str> = [
                    Some(of.user_factors),
                    Some(of.item_factors),
                    of.user_bias,
                    of.item_bias,
                ]
                .into_iter()
                .flatten()
                .map(table)
                .collect();
                Some(format!(
                    "{} scores {} plus [{}]",
                    nodes[at].name,
                    tables.join(" "),
                    names(plus)
                ))
            }
        };
        runs.iter().enumerate().filter_map(show).collect()
    }

    #[test]
    fn a_biased_factorisation_is_one_score_in_whatever_order_it_is_written()
    -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let affinity = dot("affinity", &item.embed("q", 2), &user.embed("p", 2));
        let score = add(
            "score",
            [&item.embed("c", 1), &affinity, &user.embed("b", 1)],
        );
        let (graph, runs) = of(&score)?;
        assert_eq!(shown(&graph, &runs), ["score scores p q b c plus []"]);
        assert_eq!(
            whole(&graph, &runs).map(|(_, link)| link),
            Some(Link::Identity)
        );

        let bounded = score
            .activation("squashed", Activation::Sigmoid)
            .rescale("stars", 1.0, 5.0);
        let (graph, runs) = of(&bounded)?;
        let link = Link::Sigmoid { min: 1.0, max: 5.0 };
        assert_eq!(whole(&graph, &runs).map(|(_, link)| link), Some(link));
        Ok(())
    }

    #[test]
    fn the_factorisation_half_of_a_residual_model_is_one_score() -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let (p, q) = (user.embed("p", 2), item.embed("q", 2));
        let sum = add("sum", [&dot("affinity", &p, &q), &user.embed("b", 1)]);
        let deep = concat("pair", [&p, &q]).dense("deep", 1, Activation::Linear);
        let (graph, runs) = of(&add("score", [&sum, &deep]))?;
        assert_eq!(
            shown(&graph, &runs),
            [
                "sum scores p q b plus []",
                "pair reads p q",
                "deep",
                "score"
            ]
        );
        assert_eq!(whole(&graph, &runs), None);
        Ok(())
    }

    #[test]
    fn what_is_used_twice_or_is_no_pair_of_tables_keeps_its_value() -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let (p, q) = (user.embed("p", 2), item.embed("q", 2));
        let affinity = dot("affinity", &p, &q);
        let twice = add("twice", [&affinity, &affinity, &user.embed("b", 1)]);
        let (graph, runs) = of(&twice)?;
        assert_eq!(
            shown(&graph, &runs),
            ["affinity scores p q plus []", "b", "twice"]
        );

        let alike = dot("alike", &p, &user.embed("o", 2));
        let (graph, runs) = of(&add("score", [&alike, &affinity]))?;
        assert_eq!(
            shown(&graph, &runs),
            ["p", "o", "alike", "score scores p q plus [alike]"],
            "a product of two user tables is none of a user and an item"
        );
        assert_eq!(whole(&graph, &runs), None);
        Ok(())
    }
}
