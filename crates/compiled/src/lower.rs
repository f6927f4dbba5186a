//! Lowering a graph to a program: the only place that knows the graph's operations.

use crate::dropout::Rate;
use crate::parameters::Parameters;
use crate::program::{
    Attends, Axis, Dropout, Ids, Norm, Operation, Place, Program, Read, RowNorm, Span, Step, Value,
    ValueIx,
};
use crate::steps::Attention;
use crate::thinned;
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
        | Op::BatchNorm { .. }
        | Op::Positions { .. }
        | Op::LayerNorm { .. }
        | Op::Attention { .. }
        | Op::AtQuery
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
            | Operation::BatchNorm { .. }
            | Operation::LayerNorm { .. }
            | Operation::Positions { .. }
            | Operation::Attention { .. } => true,
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

    /// The axis along which a node's value varies.
    fn axis(&self, node: usize) -> Axis {
        let node = self.same_as[node];
        if let Shape::Steps { .. } = self.nodes[node].shape {
            return Axis::Entries;
        }
        match &self.nodes[node].op {
            Op::Input { side, .. } => Axis::of(*side),
            Op::Embedding { .. } | Op::Pool { .. } => {
                Axis::of(self.input(self.nodes[node].sources[0]).side)
            }
            Op::Dense { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::BatchNorm { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::AtQuery
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => {
                let first = self.computed[node].first();
                first.map_or(Axis::Pairs, |(axis, _)| *axis)
            }
        }
    }

    /// A node's value on this axis, which is the node's own or the axis of pairs.
    fn on(&mut self, node: usize, axis: Axis) -> ValueIx {
        let node = self.same_as[node];
        let known = |computed: &[(Axis, ValueIx)], axis: Axis| {
            let mut known = computed.iter();
            known.find(|(own, _)| *own == axis).map(|(_, value)| *value)
        };
        if let Some(value) = known(&self.computed[node], axis) {
            return value;
        }
        let (own, width) = (self.axis(node), self.nodes[node].width());
        let leaf = self.leaf(node);
        // Rows of users and items are read where they are used, everything else once per entry of its own side.
        let anywhere = match &leaf {
            Some(Operation::Gather { read }) => {
                matches!(self.reads[*read].ids, Ids::Users | Ids::Items)
            }
            _ => false,
        };
        let value = match leaf {
            Some(leaf) if anywhere || own == axis => self.push(leaf, axis, width),
            _ => {
                let input = self.on(node, own);
                self.push(Operation::Spread { input }, axis, width)
            }
        };
        self.computed[node].push((axis, value));
        value
    }

    /// The operation of a node that uses no other value.
    fn leaf(&mut self, node: usize) -> Option<Operation> {
        match &self.nodes[node].op {
            Op::Input { .. } => Some(Operation::Numbers {
                input: self.other(&self.nodes[node].name),
            }),
            Op::Embedding { .. } => Some(Operation::Gather {
                read: self.read(node),
            }),
            Op::Pool { how, .. } => Some(Operation::Pool {
                read: self.read(node),
                how: *how,
            }),
            Op::Dense { .. }
            | Op::Activation { .. }
            | Op::Dropout { .. }
            | Op::BatchNorm { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::AtQuery
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => None,
        }
    }

    /// The read of a node's table.
    fn read(&mut self, node: usize) -> usize {
        let node = &self.nodes[node];
        let table = node.op.table();
        let table = self.tables.iter().position(|own| Some(*own) == table);
        let read = Read {
            table: table.expect("a checked graph has the tables that its nodes read"),
            ids: self.ids(&self.input(node.sources[0])),
            width: node.width(),
        };
        match self.reads.iter().position(|own| *own == read) {
            Some(at) => at,
            None => {
                self.reads.push(read);
                self.reads.len() - 1
            }
        }
    }

    fn node(&mut self, at: usize) {
        if self.same_as[at] != at {
            return;
        }
        let node = &self.nodes[at];
        let axes = node.sources.iter().map(|&source| self.axis(source));
        // Values that depend only on users are computed once per user; masks and statistics are per pair.
        let common = axes.reduce(|one, other| if one == other { one } else { Axis::Pairs });
        let axis = match &node.op {
            Op::AtQuery => self.axis_of_queries(),
            _ if matches!(node.shape, Shape::Steps { .. }) => Axis::Entries,
            // Read where they are used.
            Op::Input { .. } | Op::Embedding { .. } | Op::Pool { .. } => return,
            Op::Dropout { .. } | Op::BatchNorm { .. } => Axis::Pairs,
            Op::Dense { .. }
            | Op::Activation { .. }
            | Op::Positions { .. }
            | Op::LayerNorm { .. }
            | Op::Attention { .. }
            | Op::Dot
            | Op::Pairwise
            | Op::Sum
            | Op::Add
            | Op::Multiply
            | Op::Concat
            | Op::Rescale { .. } => common.unwrap_or(Axis::Pairs),
        };
        if let (Op::Embedding { .. }, Axis::Entries) = (&node.op, axis) {
            return; // also read where it is used
        }
        if self.queries.shared
            && matches!(node.op, Op::Dot)
            && let Some((users, items)) = self.sides(node)
        {
            let users = self.on(users, self.axis(users));
            let items = self.on(items, Axis::Items);
            let products = self.push(Operation::Products { users, items }, axis, 1);
            self.computed[at].push((axis, products));
            return;
        }
        let of_inputs = match node.op {
            Op::AtQuery => Axis::Entries,
            _ => axis,
        };
        let inputs: Vec<ValueIx> = node
            .sources
            .iter()
            .map(|&source| self.on(source, of_inputs))
            .collect();
        let input = inputs[0];
        let operation = match &node.op {
            Op::Input { .. } | Op::Embedding { .. } | Op::Pool { .. } => return,
            Op::Dropout { rate } => {
                let output = self.dropout(self.same_as[node.sources[0]], input, *rate);
                self.computed[at].push((axis, output));
                return;
            }
            Op::Dense {
                units,
                activation,
                l2,
                initializer: _,
            } => {
                let width = self.values[input.0].2;
                let name = &node.name;
                let thinned = self.thins(at, *units);
                Operation::Dense {
                    input,
                    kernel: self.parameters.kernel(
                        format!("{name}.weight"),
                        [width, *units],
                        *l2,
                        thinned.is_some(),
                    ),
                    thinned,
                    bias: self
                        .parameters
                        .moved(format!("{name}.bias"), vec![*units], 0.0),
                    activation: *activation,
                }
            }
            Op::Activation { function } => Operation::Activation {
                input,
                function: *function,
            },
            Op::BatchNorm { momentum, epsilon } => Operation::BatchNorm {
                input,
                norm: self.norm(node, *momentum, *epsilon),
            },
            Op::Positions { .. } => {
                let length = match node.shape {
                    Shape::Steps { length, .. } => length,
                    Shape::Ids | Shape::Bags | Shape::Sequence(_) | Shape::Row(_) => {
                        unreachable!("a checked graph has positions on steps alone")
                    }
                };
                let [rows] = self.kernels(node, [("weight", [length, node.width()])]);
                Operation::Positions { input, rows }
            }
            Op::LayerNorm { epsilon } => Operation::LayerNorm {
                input,
                norm: self.row_norm(node, *epsilon),
            },
            Op::Attention { heads, .. } => Operation::Attention {
                input,
                attends: self.attends(node, *heads),
            },
            Op::AtQuery => Operation::AtQuery { input },
            Op::Dot => Operation::Dot {
                inputs: [inputs[0], inputs[1]],
            },
            Op::Pairwise => Operation::Pairwise { inputs },
            Op::Sum => Operation::Sum { input },
            Op::Add => Operation::Add { inputs },
            Op::Multiply => Operation::Multiply { inputs },
            Op::Concat => {
                let widths = inputs.iter().map(|input| self.values[input.0].2);
                let starts = widths.scan(0, |start, width| {
                    *start += width;
                    Some(*start - width)
                });
                let starts: Vec<usize> = starts.collect();
                Operation::Concat {
                    parts: inputs.into_iter().zip(starts).collect(),
                }
            }
            Op::Rescale { min, max } => Operation::Rescale {
                input,
                min: *min,
                max: *max,
            },
        };
        let output = self.push(operation, axis, node.width());
        self.computed[at].push((axis, output));
    }

    /// The factors of a dot product, if one depends only on the user or the query and the other only on the item.
    fn sides(&self, node: &Node) -> Option<(usize, usize)> {
        let (left, right) = (node.sources[0], node.sources[1]);
        match (self.axis(left), self.axis(right)) {
            (Axis::Users | Axis::Queries, Axis::Items) => Some((left, right)),
            (Axis::Items, Axis::Users | Axis::Queries) => Some((right, left)),
            _ => None,
        }
    }

    /// The axis of the step that each query follows.
    fn axis_of_queries(&self) -> Axis {
        match self.sequence {
            Some((_, Side::User)) if self.queries.every_position => Axis::Queries,
            Some((_, side)) => Axis::of(side),
            None => unreachable!("a checked graph asks for steps of a sequence"),
        }
    }

    /// The weight matrices of a node.
    fn kernels<const N: usize>(
        &mut self,
        node: &Node,
        parts: [(&str, [usize; 2]); N],
    ) -> [Span; N] {
        parts.map(|(part, shape)| {
            let name = format!("{}.{part}", node.name);
            self.parameters.kernel(name, shape, 0.0, false)
        })
    }

    fn row_norm(&mut self, node: &Node, epsilon: f64) -> RowNorm {
        let (name, width) = (&node.name, vec![node.width()]);
        self.row_norms += 1;
        RowNorm {
            gamma: self
                .parameters
                .moved(format!("{name}.gamma"), width.clone(), 0.0),
            beta: self.parameters.moved(format!("{name}.beta"), width, 0.0),
            epsilon,
            kept: self.row_norms - 1,
        }
    }

    fn attends(&mut self, node: &Node, heads: usize) -> Attends {
        let width = node.width();
        self.attentions += 1;
        let parts = ["query", "key", "value"].map(|part| (part, [width, width]));
        Attends {
            kernels: self.kernels(node, parts),
            attention: Attention { width, heads },
            kept: self.attentions - 1,
        }
    }

    /// Memory for a layer of which dropout, in place, drops most units.
    fn thins(&mut self, at: usize, units: usize) -> Option<usize> {
        let mut users = self.nodes.iter().filter(|node| {
            let mut sources = node.sources.iter();
            sources.any(|&source| self.same_as[source] == at)
        });
        let dropped = users.any(|user| match user.op {
            Op::Dropout { rate } => rate >= thinned::RATE,
            _ => false,
        });
        // On its own axis the layer is computed once per row, but dropout is per pair.
        let by_pair = self.nodes[at].sources.iter().all(|&source| {
            let computed = &self.computed[self.same_as[source]];
            computed.iter().any(|(axis, _)| *axis == Axis::Pairs)
        });
        if !dropped || !by_pair || self.uses[at] != 1 || units == 1 {
            return None;
        }
        self.thinned += 1;
        Some(self.thinned - 1)
    }

    fn norm(&mut self, node: &Node, momentum: f64, epsilon: f64) -> Norm {
        let (name, width) = (&node.name, vec![node.width()]);
        let kept = self.norms;
        self.norms += 1;
        let parameters = &mut self.parameters;
        Norm {
            gamma: parameters.moved(format!("{name}.gamma"), width.clone(), 0.0),
            beta: parameters.moved(format!("{name}.beta"), width.clone(), 0.0),
            mean: parameters.kept(format!("{name}.running_mean"), width.clone()),
            variance: parameters.kept(format!("{name}.running_var"), width),
            // The graph's momentum is the weight of the old statistics.
            momentum: 1.0 - momentum,
            epsilon,
            kept,
        }
    }

    /// Dropout of a node's value: in place if nothing else uses it.
    fn dropout(&mut self, source: usize, input: ValueIx, rate: f64) -> ValueIx {
        let dropout = Dropout {
            rate: Rate::new(rate),
            mask: self.masks,
        };
        self.masks += 1;
        let (step, axis, width) = self.values[input.0];
        let (step, output) = match self.uses[source] == 1 && self.steps[step].dropout.is_none() {
            true => (step, input),
            false => {
                let output = self.push(Operation::Copy { input }, axis, width);
                (self.steps.len() - 1, output)
            }
        };
        self.steps[step].dropout = Some(dropout);
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
            sequence: self.sequence.map(|(ids, _)| ids),
            every_position: self.queries.every_position
                && matches!(self.sequence, Some((_, Side::User))),
        };
        (program, self.parameters)
    }

    /// Assigns each value its place: table rows that are concatenated are read directly into place.
    fn places(&mut self) -> Vec<Value> {
        let mut values: Vec<Value> = self
            .values
            .iter()
            .enumerate()
            .map(|(buffer, &(_, axis, width))| {
                let place = Place {
                    buffer,
                    start: 0,
                    width,
                    stride: width,
                };
                Value { axis, place }
            })
            .collect();
        let mut uses = vec![0; values.len()];
        for step in &self.steps {
            step.operation.each_input(|input| uses[input.0] += 1);
        }
        for at in 0..self.steps.len() {
            let Operation::Concat { parts } = &self.steps[at].operation else {
                continue;
            };
            let (output, dropped) = (self.steps[at].output, self.steps[at].dropout.is_some());
            let stride = values[output.0].place.width;
            let mut left = Vec::new();
            for &(input, start) in parts {
                let (step, ..) = self.values[input.0];
                let leaf = self.steps[step].operation.is_leaf();
                let free = values[input.0].place.buffer == input.0;
                let once = parts.iter().filter(|(own, _)| *own == input).count() == 1;
                // A value that is dropped in place must have no other use.
                if leaf && free && once && (!dropped || uses[input.0] == 1) {
                    let place = &mut values[input.0].place;
                    (place.buffer, place.start, place.stride) = (output.0, start, stride);
                } else {
                    left.push((input, start));
                }
            }
            self.steps[at].operation = Operation::Concat { parts: left };
        }
        values
    }

    /// Derives the backward pass: for each gradient that a step propagates, whether it is the first one written to its
    /// place. Returns the buffers that are written in parts.
    fn derive(&mut self, values: &[Value], output: ValueIx) -> Vec<usize> {
        let mut written = vec![false; values.len()];
        let mut rows_written = vec![false; self.reads.len()];
        let mut begin_at_0 = Vec::new();
        written[values[output.0].place.buffer] = true;
        for step in self.steps.iter_mut().rev() {
            let mut adds = Vec::new();
            step.operation.each_input(|input| {
                if !self.learns[input.0] {
                    adds.push(None);
                    return;
                }
                let place = values[input.0].place;
                let written = &mut written[place.buffer];
                if !*written && !place.is_whole() {
                    begin_at_0.push(place.buffer);
                    *written = true;
                }
                adds.push(Some(*written));
                *written = true;
            });
            if let Some(read) = step.operation.read() {
                adds.push(Some(rows_written[read]));
                rows_written[read] = true;
            }
            step.adds = adds;
        }
        begin_at_0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recburn_graph::{GraphError, Sym, add, concat, dot, multiply};

    /// Each step as text, with the place of its output.
    fn shown(output: &Sym) -> Result<Vec<String>, GraphError> {
        let graph = Graph::new("test", output)?;
        let (program, _) = lower(&graph, Queries::default());
        let word = |operation: &Operation| match operation {
            Operation::Gather { read } => {
                let table = program.reads[*read].table;
                format!("gather {}", graph.tables()[table].name)
            }
            Operation::Pool { .. } => "pool".to_string(),
            Operation::Numbers { .. } => "numbers".to_string(),
            Operation::Spread { .. } => "spread".to_string(),
            Operation::Dense { .. } => "dense".to_string(),
            Operation::Activation { .. } => "activation".to_string(),
            Operation::BatchNorm { .. } => "batch norm".to_string(),
            Operation::LayerNorm { .. } => "layer norm".to_string(),
            Operation::Positions { .. } => "positions".to_string(),
            Operation::Attention { .. } => "attention".to_string(),
            Operation::AtQuery { .. } => "at query".to_string(),
            Operation::Dot { .. } => "dot".to_string(),
            Operation::Products { .. } => "products".to_string(),
            Operation::Pairwise { .. } => "pairwise".to_string(),
            Operation::Sum { .. } => "sum".to_string(),
            Operation::Add { .. } => "add".to_string(),
            Operation::Multiply { .. } => "multiply".to_string(),
            Operation::Concat { parts } => format!("concat of {} copies", parts.len()),
            Operation::Rescale { .. } => "rescale".to_string(),
            Operation::Copy { .. } => "copy".to_string(),
        };
        let show = |step: &Step| {
            let Value { axis, place } = program.values[step.output.0];
            let dropped = if step.dropout.is_some() {
                " dropped"
            } else {
                ""
            };
            let range = place.start..place.start + place.width;
            format!(
                "{}{dropped}: {axis:?} {range:?} of {}",
                word(&step.operation),
                place.stride
            )
        };
        Ok(program.steps.iter().map(show).collect())
    }

    #[test]
    fn rows_that_go_side_by_side_are_read_to_where_they_go() -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let (p, q) = (user.embed("p", 2), item.embed("q", 3));
        let tower = concat("pair", [&p, &q])
            .dropout("dropped", 0.5)
            .dense("hidden", 4, Activation::Relu)
            .dropout("dropped_too", 0.5)
            .dense("score", 1, Activation::Linear);
        assert_eq!(
            shown(&tower)?,
            [
                "gather p: Pairs 0..2 of 5",
                "gather q: Pairs 2..5 of 5",
                "concat of 0 copies dropped: Pairs 0..5 of 5",
                "dense dropped: Pairs 0..4 of 4",
                "dense: Pairs 0..1 of 1",
            ]
        );
        Ok(())
    }

    #[test]
    fn what_something_else_reads_is_not_dropped_in_place() -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let (p, q) = (user.embed("p", 2), item.embed("q", 2));
        let pair = concat("pair", [&p, &q]).dropout("dropped", 0.5);
        let deep = pair.dense("deep", 1, Activation::Linear);
        let score = add("score", [&dot("affinity", &p, &q), &deep]);
        assert_eq!(
            shown(&score)?[..3],
            [
                "gather p: Pairs 0..2 of 2",
                "gather q: Pairs 0..2 of 2",
                "dot: Pairs 0..1 of 1",
            ]
        );
        Ok(())
    }

    #[test]
    fn what_depends_on_users_alone_is_computed_once_for_each() -> Result<(), GraphError> {
        let (user, item) = (Sym::user(3), Sym::item(4));
        let tower = user.embed("p", 2).dense("tower", 2, Activation::Tanh);
        let score = dot("score", &tower, &item.embed("q", 2));
        assert_eq!(
            shown(&score)?,
            [
                "gather p: Users 0..2 of 2",
                "dense: Users 0..2 of 2",
                "spread: Pairs 0..2 of 2",
                "gather q: Pairs 0..2 of 2",
                "dot: Pairs 0..1 of 1",
            ]
        );
        let product = multiply("product", [&tower, &user.embed("o", 2)]);
        let shown = shown(&dot("score", &product, &item.embed("q", 2)))?;
        assert_eq!(shown[3], "multiply: Users 0..2 of 2");
        Ok(())
    }
}
