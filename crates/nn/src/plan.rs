//! What a graph is lowered to.
//!
//! Some nodes are computed together: a dot product of two embeddings with the biases beside it is one
//! [`Factors`](crate::Factors) score, embeddings side by side are one read. The picture stays as it was drawn.

use recburn_graph::{Graph, Op};

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

/// Which column an embedding node reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Users,
    Items,
}

/// How each node of a graph is run.
pub(crate) fn plan(graph: &Graph) -> Vec<Run> {
    let nodes = graph.nodes();
    let embeds = |at: usize| {
        let column = || &nodes[nodes[at].sources[0]].op;
        match &nodes[at].op {
            Op::Embedding { .. } if matches!(column(), Op::User { .. }) => Some(Of::Users),
            Op::Embedding { .. } => Some(Of::Items),
            _ => None,
        }
    };
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
            (Some(Of::Users), Some(Of::Items)) => (left, right),
            (Some(Of::Items), Some(Of::Users)) => (right, left),
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
                Some(Of::Users) if user_bias.is_none() => user_bias = Some(source),
                Some(Of::Items) if item_bias.is_none() => item_bias = Some(source),
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
