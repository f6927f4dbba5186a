//! Compiled graphs with weights of their own, and their gradients by finite differences.

#![allow(dead_code)] // each test program uses a part of it

use recburn_compiled::{Compiled, Keys, Pass};
use recburn_graph::{Graph, Sym};
use recburn_optim::{Mode, Penalty, RowTable, Rule, Steps};
use recburn_schema::{Batch, Candidates, Column};
use std::collections::BTreeMap;

pub const USERS: usize = 5;
pub const ITEMS: usize = 4;

/// Numbers that look random, the same for the same seed.
pub fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut keys = Keys::new(seed);
    let unit = |key: u64| (key >> 40) as f32 / (1u64 << 24) as f32;
    (0..count).map(|_| 1.6 * unit(keys.draw()) - 0.8).collect()
}

/// Distinct ids, and each entry's place among them.
pub fn column(ids: &[u32]) -> Column {
    let mut column = Column::default();
    for id in ids {
        let known = column.rows.iter().position(|row| row == id);
        let place = known.unwrap_or_else(|| {
            column.rows.push(*id);
            column.rows.len() - 1
        });
        column.inverse.push(place as u32);
    }
    column
}

/// A batch of so many pairs, with users and items that return.
pub fn batch(pairs: usize) -> Batch {
    let ids = |step: usize, rows: usize| -> Vec<u32> {
        let ids = (0..pairs).map(|at| ((at * step + at / 3) % rows) as u32);
        ids.collect()
    };
    let ratings = (0..pairs).map(|at| (at % 5) as f32).collect();
    Batch::of_ratings(column(&ids(2, USERS)), column(&ids(3, ITEMS)), ratings)
}

/// The same batch with other candidates than one of its own per query.
pub fn with_candidates(batch: Batch, candidates: Candidates) -> Batch {
    let items = match candidates {
        Candidates::Each(count) => batch.queries * count,
        Candidates::Shared(count) => count,
    };
    let ids: Vec<u32> = (0..items)
        .map(|at| ((at * 3 + at / 2) % ITEMS) as u32)
        .collect();
    Batch {
        candidates,
        items: column(&ids),
        ..batch
    }
}

/// A compiled graph with weights of its own, and its tables.
pub struct Model {
    pub compiled: Compiled,
    pub tables: Vec<RowTable>,
    pub weights: Vec<Vec<f32>>,
}

pub fn table(weights: &[f32], width: usize) -> RowTable {
    let steps = Steps::after(0, Rule::sgd(0.0), Mode::Exact);
    RowTable::new(weights, width, Penalty::default(), &steps)
}

impl Model {
    pub fn new(output: &Sym, seed: u64) -> Self {
        let graph = Graph::new("model", output).expect("a graph that can run");
        let mut compiled = Compiled::new(&graph);
        let names: Vec<(String, usize)> = compiled
            .parameters()
            .all()
            .map(|parameter| (parameter.name.clone(), parameter.shape.iter().product()))
            .collect();
        for (at, (name, count)) in names.into_iter().enumerate() {
            let mut values = numbers(seed + 100 + at as u64, count);
            if name.ends_with("running_var") || name.ends_with("gamma") {
                values.iter_mut().for_each(|value| *value += 1.5);
            }
            assert!(compiled.parameters_mut().set(&name, &values));
        }
        let weights: Vec<Vec<f32>> = (0..)
            .zip(graph.tables())
            .map(|(at, table)| numbers(seed + at, table.rows * table.width))
            .collect();
        let tables = graph.tables().iter().zip(&weights);
        let tables = tables.map(|(of, weights)| table(weights, of.width));
        Self {
            tables: tables.collect(),
            compiled,
            weights,
        }
    }

    pub fn scores(&mut self, batch: &Batch, pass: Pass) -> Vec<f32> {
        let tables: Vec<&RowTable> = self.tables.iter().collect();
        self.compiled.forward(batch, &tables, pass).to_vec()
    }

    /// The sum of the scores times some slopes, in training. Statistics that move are put back.
    pub fn loss(&mut self, batch: &Batch, slopes: &[f32]) -> f64 {
        let before = self.compiled.parameters().clone();
        let scores = self.scores(batch, Pass::Training { seed: 9 });
        *self.compiled.parameters_mut() = before;
        let products = scores.iter().zip(slopes);
        products
            .map(|(score, slope)| f64::from(*score) * f64::from(*slope))
            .sum()
    }

    /// The largest difference between a gradient and that by finite differences, relative to the largest gradient.
    pub fn error_of_gradients(&mut self, batch: &Batch) -> f64 {
        const STEP: f32 = 4e-3;
        let slopes = numbers(77, batch.scores());
        self.loss(batch, &slopes);
        self.compiled.backward(batch, &slopes);

        let mut worst = 0.0f64;
        let mut largest = 1e-3f64;
        let mut compare = |exact: f32, more: f64, less: f64| {
            let found = (more - less) / (2.0 * f64::from(STEP));
            worst = worst.max((f64::from(exact) - found).abs());
            largest = largest.max(found.abs());
        };
        let trained = self.compiled.parameters().trained().to_vec();
        let gradients: BTreeMap<String, Vec<f32>> = trained
            .iter()
            .map(|parameter| {
                let gradient = self.compiled.parameters().gradient(&parameter.name);
                (parameter.name.clone(), gradient.expect("a parameter"))
            })
            .collect();
        let mut of_tables: Vec<BTreeMap<u32, Vec<f32>>> = vec![BTreeMap::new(); self.tables.len()];
        for read in 0..self.compiled.reads(batch).len() {
            let table = self.compiled.reads(batch)[read].table;
            let width = self.tables[table].width();
            let rows = self.compiled.rows(batch, read);
            let gradient = self.compiled.row_gradients(batch, read);
            for (row, gradient) in rows.iter().zip(gradient.chunks(width)) {
                let sum = of_tables[table].entry(*row).or_insert(vec![0.0; width]);
                sum.iter_mut()
                    .zip(gradient)
                    .for_each(|(sum, more)| *sum += more);
            }
        }
        for (name, gradient) in gradients {
            let (_, before) = self.compiled.parameters().get(&name).expect("a parameter");
            for (at, exact) in gradient.into_iter().enumerate() {
                let mut at_distance = |distance: f32| {
                    let mut moved = before.clone();
                    moved[at] += distance;
                    assert!(self.compiled.parameters_mut().set(&name, &moved));
                    self.loss(batch, &slopes)
                };
                let (more, less) = (at_distance(STEP), at_distance(-STEP));
                compare(exact, more, less);
            }
            self.compiled.parameters_mut().set(&name, &before);
        }
        for (at, of_table) in of_tables.iter().enumerate() {
            let (before, width) = (self.weights[at].clone(), self.tables[at].width());
            for number in 0..before.len() {
                let row = (number / width) as u32;
                let exact = of_table
                    .get(&row)
                    .map_or(0.0, |gradient| gradient[number % width]);
                let mut at_distance = |distance: f32| {
                    let mut moved = before.clone();
                    moved[number] += distance;
                    self.tables[at].set_weights(&moved);
                    self.loss(batch, &slopes)
                };
                let (more, less) = (at_distance(STEP), at_distance(-STEP));
                compare(exact, more, less);
            }
            self.tables[at].set_weights(&before);
        }
        worst / largest
    }
}
