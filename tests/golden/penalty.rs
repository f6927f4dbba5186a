//! What of a step's loss is penalty, worked out from the graph, the weights and the batch.

use recburn::data::{Batch, Column, Input, Side, Values};
use recburn::graph::{L2On, Op};
use recburn::nn::Weights;
use recburn::prelude::*;

fn squares(numbers: &[f32]) -> f64 {
    numbers.iter().map(|&w| f64::from(w).powi(2)).sum()
}

/// How many queries each distinct row of a side has.
fn queries_of(column: &Column) -> Vec<usize> {
    let places = 0..column.rows.len() as u32;
    let count = |place: u32| column.inverse.iter().filter(|&&at| at == place).count();
    places.map(count).collect()
}

/// The row of each look-up by an input, once for each query that it is made for.
fn look_ups(input: &Input, inputs: &[Input], batch: &Batch) -> Vec<u32> {
    let all = |column: &Column| -> Vec<u32> {
        let places = column.inverse.iter();
        places.map(|&place| column.rows[place as usize]).collect()
    };
    if input.is_users() {
        return all(&batch.users);
    }
    if input.is_items() {
        return all(&batch.items);
    }
    let mut others = inputs.iter().filter(|i| !i.is_users() && !i.is_items());
    let at = others
        .position(|other| other == input)
        .expect("an input of the graph");
    let owners = match input.side {
        Side::User => queries_of(&batch.users),
        Side::Item => queries_of(&batch.items),
        Side::Event => vec![1; batch.queries],
    };
    let repeated = |(owner, ids): (usize, &[u32])| ids.repeat(owners[owner]);
    match &batch.others[at] {
        Values::Numbers(_) => Vec::new(),
        Values::Ids(column) => all(column)
            .chunks(1)
            .enumerate()
            .flat_map(repeated)
            .collect(),
        Values::Bags(bags) => {
            let ids = all(&bags.column);
            let lists = (0..bags.len()).map(|at| (at, &ids[bags.entries(at)]));
            lists.flat_map(repeated).collect()
        }
    }
}

/// The penalty on these weights in the step of this batch.
pub fn penalty(graph: &Graph, weights: &Weights, batch: &Batch) -> f64 {
    let inputs = graph.inputs();
    let mut sum = 0.0;
    for table in graph.tables().iter().filter(|table| table.options.l2 > 0.0) {
        let weight = &weights.0[&format!("{}.weight", table.name)];
        let of_table = match table.options.l2_on {
            L2On::Table => squares(&weight.values),
            L2On::Batch => {
                let readers = graph.nodes().iter();
                let readers = readers.filter(|node| node.op.table() == Some(&table.name));
                let mut read: Vec<usize> = readers.map(|node| node.sources[0]).collect();
                read.sort_unstable();
                read.dedup();
                let of_input = |&at: &usize| {
                    let input = graph.nodes()[at].input().expect("look-ups are of inputs");
                    let ids = look_ups(&input, &inputs, batch).into_iter();
                    let row = |id: u32| &weight.values[id as usize * table.width..][..table.width];
                    ids.map(|id| squares(row(id))).sum::<f64>()
                };
                read.iter().map(of_input).sum::<f64>() / batch.queries as f64
            }
        };
        sum += table.options.l2 * of_table;
    }
    for node in graph.nodes() {
        if let Op::Dense { l2, .. } = node.op {
            sum += l2 * squares(&weights.0[&format!("{}.weight", node.name)].values);
        }
    }
    sum
}
