//! What a graph is lowered to.
//!
//! Some nodes are computed together: a dot product of two embeddings with the biases beside it is one
//! [`Factors`](crate::Factors) score, embeddings side by side are one read. The picture stays as it was drawn.

use crate::factors::Link;
use crate::ids::Side;
use recburn_graph::{Activation, Graph, Node, Op};

/// How a node's value comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// By its own operation, from its sources.
    Alone,
    /// Inside another node: it has no value of its own.
    Inside,
    /// As a factor score of these embedding nodes, plus the values of other nodes.
    FactorScore {
        user_factors: usize,
        item_factors: usize,
        user_bias: Option<usize>,
        item_bias: Option<usize>,
        plus: Vec<usize>,
    },
    /// As one read of these embedding nodes.
    SideBySide(Vec<usize>),
}

/// Whose ids a node embeds, if it is an embedding.
pub(crate) fn embedded(graph: &Graph, node: &Node) -> Option<Side> {
    match node.op {
        Op::Embedding { .. } => Side::of(&graph.nodes()[node.sources[0]].op),
        _ => None,
    }
}

/// How each node of a graph is run.
pub(crate) fn plan(graph: &Graph) -> Vec<Run> {
    let nodes = graph.nodes();
    let embeds = |at: usize| embedded(graph, &nodes[at]);
    let mut runs = vec![Run::Alone; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if matches!(node.op, Op::Concat) && node.sources.iter().all(|&at| embeds(at).is_some()) {
            runs[at] = Run::SideBySide(node.sources.clone());
        }
        if !matches!(node.op, Op::Dot) {
            continue;
        }
        let (left, right) = (node.sources[0], node.sources[1]);
        let (user_factors, item_factors) = match (embeds(left), embeds(right)) {
            (Some(Side::User), Some(Side::Item)) => (left, right),
            (Some(Side::Item), Some(Side::User)) => (right, left),
            _ => continue,
        };
        // The sum that it is part of, if nothing else uses it, and no other product has taken that sum.
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
                Some(Side::User) if user_bias.is_none() => user_bias = Some(source),
                Some(Side::Item) if item_bias.is_none() => item_bias = Some(source),
                _ => plus.push(source),
            }
        }
        let root = sum.unwrap_or(at);
        runs[root] = Run::FactorScore {
            user_factors,
            item_factors,
            user_bias,
            item_bias,
            plus,
        };
    }
    leave_out_what_is_inside(graph, &mut runs);
    runs
}

/// The node of the factor score that is the whole of a graph, but for a link.
pub(crate) fn whole(graph: &Graph, runs: &[Run]) -> Option<(usize, Link)> {
    let nodes = graph.nodes();
    let score = |at: usize| match &runs[at] {
        Run::FactorScore { plus, .. } if plus.is_empty() => Some(at),
        _ => None,
    };
    let squashed = |at: usize| match nodes[at].op {
        Op::Activation {
            function: Activation::Sigmoid,
        } => score(nodes[at].sources[0]),
        _ => None,
    };
    let last = nodes.len().checked_sub(1)?;
    if let Some(at) = score(last) {
        return Some((at, Link::Identity));
    }
    if let Some(at) = squashed(last) {
        return Some((at, Link::Sigmoid { min: 0.0, max: 1.0 }));
    }
    match nodes[last].op {
        Op::Rescale { min, max } if max > min => {
            squashed(nodes[last].sources[0]).map(|at| (at, Link::Sigmoid { min, max }))
        }
        _ => None,
    }
}

/// Marks the nodes whose value nobody asks for.
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
            Run::Alone if nodes[at].op.is_column() => None,
            Run::Alone => Some(nodes[at].name.clone()),
            Run::SideBySide(reads) => Some(format!("{} reads {}", nodes[at].name, names(reads))),
            Run::FactorScore {
                user_factors,
                item_factors,
                user_bias,
                item_bias,
                plus,
            } => {
                let tables: Vec<usize> = [
                    Some(*user_factors),
                    Some(*item_factors),
                    *user_bias,
                    *item_bias,
                ]
                .into_iter()
                .flatten()
                .collect();
                Some(format!(
                    "{} scores {} plus [{}]",
                    nodes[at].name,
                    names(&tables),
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
