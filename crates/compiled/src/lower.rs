//! Lowering a graph to a program: the only place that knows the graph's operations.
//!
//! Nodes are lowered in order (`operations`), each on the axis along which its value varies (`axes`); values of inputs
//! and tables are read where they are used (`values`). Layers take their parameters and their memory (`layers`). At the
//! end each value has its place in a buffer, and the backward pass is derived (`places`).

mod axes;
mod gru;
mod layers;
mod operations;
mod places;
#[cfg(test)]
mod tests;
mod values;

use crate::parameters::Parameters;
use crate::program::{Axis, Ids, Operation, Program, Read, Step, ValueIx};
use recburn_graph::{Activation, Graph, Input, Node, Op, Shape, Side};

/// The form of a batch's queries.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Queries {
    /// Whether all queries have the same candidates.
    pub shared: bool,
    /// Whether every entry of the users' sequence is a query.
    pub every_position: bool,
}

/// Compiles a graph for batches with queries of this form.
pub(crate) fn lower(graph: &Graph, queries: Queries) -> (Program, Parameters) {
    let mut lowering = Lowering::new(graph, queries);
    for at in 0..graph.nodes().len() {
        lowering.node(at);
    }
    let output = lowering.on(graph.nodes().len() - 1, Axis::Pairs);
    lowering.finish(output)
}

struct Lowering<'a> {
    nodes: &'a [Node],
    queries: Queries,
    /// The names of the tables.
    tables: Vec<&'a str>,
    /// The names of the inputs other than users and items, in the order of a batch.
    others: Vec<String>,
    /// The node that computes each node's value: a different one if a node changes nothing.
    same_as: Vec<usize>,
    /// The number of uses of each node's value.
    uses: Vec<usize>,
    /// The values computed for each node so far, by axis.
    computed: Vec<Vec<(Axis, ValueIx)>>,
    steps: Vec<Step>,
    /// For each value, the step that computes it, its axis and its width.
    values: Vec<(usize, Axis, usize)>,
    /// For each value, whether trained weights contribute to it.
    learns: Vec<bool>,
    reads: Vec<Read>,
    parameters: Parameters,
    masks: usize,
    norms: usize,
    thinned: usize,
    row_norms: usize,
    attentions: usize,
    recurrent: usize,
    /// The sequence that is looked up step by step, and its side.
    sequence: Option<(Ids, Side)>,
}

/// Whether a node passes its input on unchanged.
fn changes_nothing(op: &Op) -> bool {
    match op {
        Op::Dropout { rate } => *rate == 0.0,
        Op::Activation { function } => *function == Activation::Linear,
        Op::Input { .. }
        | Op::Embedding { .. }
        | Op::Pool { .. }
        | Op::Dense { .. }
        | Op::Bias
        | Op::BatchNorm { .. }
        | Op::Positions { .. }
        | Op::LayerNorm { .. }
        | Op::Attention { .. }
        | Op::Gru { .. }
        | Op::AdditiveAttention { .. }
        | Op::AtQuery
        | Op::Sampling { .. }
        | Op::Dot
        | Op::Pairwise
        | Op::Sum
        | Op::Add
        | Op::Multiply
        | Op::Concat
        | Op::Rescale { .. } => false,
    }
}

impl<'a> Lowering<'a> {
    fn new(graph: &'a Graph, queries: Queries) -> Self {
        let nodes = graph.nodes();
        let inputs = graph.inputs().into_iter();
        let others = inputs.filter(|input| !input.is_users() && !input.is_items());
        let mut same_as: Vec<usize> = (0..nodes.len()).collect();
        let mut uses = vec![0; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            if changes_nothing(&node.op) {
                same_as[at] = same_as[node.sources[0]];
            } else {
                for &source in &node.sources {
                    uses[same_as[source]] += 1;
                }
            }
        }
        let mut lowering = Self {
            nodes,
            queries,
            tables: graph
                .tables()
                .iter()
                .map(|table| table.name.as_str())
                .collect(),
            others: others.map(|input| input.name).collect(),
            same_as,
            uses,
            computed: vec![Vec::new(); nodes.len()],
            steps: Vec::new(),
            values: Vec::new(),
            learns: Vec::new(),
            reads: Vec::new(),
            parameters: Parameters::default(),
            masks: 0,
            norms: 0,
            thinned: 0,
            row_norms: 0,
            attentions: 0,
            recurrent: 0,
            sequence: None,
        };
        let steps = |node: &&Node| matches!(node.shape, Shape::Steps { .. });
        let first = nodes.iter().find(steps);
        lowering.sequence = first.map(|node| {
            let input = lowering.input(node.sources[0]);
            (lowering.ids(&input), input.side)
        });
        lowering
    }

    /// The input that a node of ids represents.
    fn input(&self, node: usize) -> Input {
        let input = self.nodes[node].input();
        input.expect("a checked graph looks inputs up")
    }

    /// The column of an input.
    fn ids(&self, input: &Input) -> Ids {
        match input {
            _ if input.is_users() => Ids::Users,
            _ if input.is_items() => Ids::Items,
            _ => Ids::Other(self.other(&input.name)),
        }
    }

    /// The position of an input among those other than users and items.
    fn other(&self, name: &str) -> usize {
        let place = self.others.iter().position(|other| other == name);
        place.expect("a graph lists its own inputs")
    }

    fn push(&mut self, operation: Operation, axis: Axis, width: usize) -> ValueIx {
        let output = ValueIx(self.values.len());
        let mut learns = match operation {
            Operation::Dense { .. }
            | Operation::Bias { .. }
            | Operation::BatchNorm { .. }
            | Operation::LayerNorm { .. }
            | Operation::Positions { .. }
            | Operation::Attention { .. }
            | Operation::Gru { .. }
            | Operation::AdditiveAttention { .. } => true,
            ref other => other.read().is_some(),
        };
        operation.each_input(|input| learns |= self.learns[input.0]);
        self.learns.push(learns);
        self.values.push((self.steps.len(), axis, width));
        self.steps.push(Step {
            operation,
            output,
            dropout: None,
            adds: Vec::new(),
        });
        output
    }

    fn finish(mut self, output: ValueIx) -> (Program, Parameters) {
        let values = self.places();
        let buffers = {
            let mut buffers = vec![None; values.len()];
            for value in &values {
                buffers[value.place.buffer] = Some((value.axis, value.place.stride));
            }
            buffers
        };
        let begin_at_0 = self.derive(&values, output);
        let program = Program {
            steps: self.steps,
            values,
            buffers,
            begin_at_0,
            output,
            reads: self.reads,
            masks: self.masks,
            norms: self.norms,
            thinned: self.thinned,
            row_norms: self.row_norms,
            attentions: self.attentions,
            recurrent: self.recurrent,
            sequence: self.sequence.map(|(ids, _)| ids),
            every_position: self.queries.every_position
                && matches!(self.sequence, Some((_, Side::User))),
        };
        (program, self.parameters)
    }
}
