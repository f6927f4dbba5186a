//! A graph, compiled.

use crate::backward::backward;
use crate::buffers::Buffers;
use crate::forward::forward;
use crate::layout::{Layout, rows_of};
use crate::lower::{Queries, lower};
use crate::parameters::Parameters;
use crate::program::{Program, Read};
use recburn_graph::Graph;
use recburn_optim::RowTable;
use recburn_schema::{Batch, Candidates};

/// The purpose of a forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Training: dropout draws its masks, batch normalisation uses the statistics of the batch and updates its moving
    /// statistics.
    Training {
        /// The seed of the masks.
        seed: u64,
    },
    /// Inference: dropout is inactive, batch normalisation uses its moving statistics.
    Inference,
}

/// Replaces numbers by their sums over all processes that share a batch; `None` on one process. Normalisation over the
/// batch needs it, and calls it equally often in each process, whatever its part of the batch.
pub type Sums<'a> = Option<&'a dyn Fn(&mut [f64])>;

/// A graph as operations over buffers, with its dense parameters. Tables belong to the caller.
#[derive(Clone, Debug)]
pub struct Compiled {
    tables: Vec<String>,
    parameters: Parameters,
    /// For queries with their own candidates, and for queries that share them; the same again for batches with a query at
    /// every position of a sequence, if the graph reads one step by step.
    ways: Vec<Way>,
}

/// A program and its memory.
#[derive(Clone, Debug)]
struct Way {
    program: Program,
    buffers: Buffers,
}

impl Compiled {
    /// Compiles the graph's operations in order, and their backward pass. All parameters are 0.
    pub fn new(graph: &Graph) -> Self {
        let tables = graph.tables().iter();
        let (own, parameters) = lower(graph, Queries::default());
        let mut programs = vec![own];
        let all = [(true, false), (false, true), (true, true)];
        for (shared, every_position) in all {
            let queries = Queries {
                shared,
                every_position,
            };
            // Without steps both forms are the same.
            if programs[0].sequence.is_some() || !every_position {
                programs.push(lower(graph, queries).0);
            }
        }
        let way = |program| Way {
            buffers: Buffers::new(&program),
            program,
        };
        Self {
            tables: tables.map(|table| table.name.clone()).collect(),
            parameters,
            ways: programs.into_iter().map(way).collect(),
        }
    }

    /// Which of the programs a batch uses.
    fn way(&self, batch: &Batch) -> usize {
        let shared = match batch.candidates {
            Candidates::Each(_) => 0,
            Candidates::Shared(_) => 1,
        };
        match batch.every_position && self.ways.len() > 2 {
            true => 2 + shared,
            false => shared,
        }
    }

    /// The names of the graph's tables, in the order in which passes expect them.
    pub fn tables(&self) -> &[String] {
        &self.tables
    }

    /// The reads of tables for a batch: each table once per column whose ids look it up.
    pub fn reads(&self, batch: &Batch) -> &[Read] {
        &self.ways[self.way(batch)].program.reads
    }

    /// The parameters that are not tables.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// As [`Compiled::parameters`], mutable.
    pub fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    /// The passes from here on are those of the step with this number, counted from 1: penalties that are introduced
    /// gradually depend on it.
    pub fn at_step(&mut self, step: u64) {
        for way in &mut self.ways {
            way.buffers.step = step;
        }
    }

    /// The scores of a batch, `queries * candidates`.
    ///
    /// # Panics
    /// If there are fewer tables than in [`Compiled::tables`], the width of one differs from the graph, the batch names a row that is not in its table, or its other inputs are not those of the graph.
    pub fn forward(&mut self, batch: &Batch, tables: &[&RowTable], pass: Pass) -> &[f32] {
        self.forward_of_part(batch, tables, pass, None)
    }

    /// As [`Compiled::forward`], of a part of a batch.
    ///
    /// # Panics
    /// As [`Compiled::forward`].
    pub fn forward_of_part(
        &mut self,
        batch: &Batch,
        tables: &[&RowTable],
        pass: Pass,
        sums: Sums<'_>,
    ) -> &[f32] {
        let way = self.way(batch);
        let Way { program, buffers } = &mut self.ways[way];
        if !batch.is_empty() || program.needs(sums) {
            let layout = Layout::new(batch, program);
            forward(
                program,
                &mut self.parameters,
                buffers,
                &layout,
                tables,
                pass,
                sums,
            );
        }
        let output = program.values[program.output.0].place;
        &buffers.values[output.buffer][..batch.scores()]
    }

    /// Computes the gradients of the dense parameters, see [`Parameters::to_move`], and of table rows, see
    /// [`Compiled::row_gradients`], from the gradient of the scores that the last forward pass in training computed for
    /// this batch.
    ///
    /// # Panics
    /// If the number of slopes differs from the number of scores.
    pub fn backward(&mut self, batch: &Batch, slopes: &[f32]) {
        self.backward_of_part(batch, slopes, None);
    }

    /// As [`Compiled::backward`], of a part of a batch: the gradients are its share of those of the whole.
    ///
    /// # Panics
    /// As [`Compiled::backward`].
    pub fn backward_of_part(&mut self, batch: &Batch, slopes: &[f32], sums: Sums<'_>) {
        assert_eq!(slopes.len(), batch.scores(), "a slope per score");
        let way = self.way(batch);
        let Way { program, buffers } = &mut self.ways[way];
        if !batch.is_empty() || program.needs(sums) {
            let layout = Layout::new(batch, program);
            backward(
                program,
                &mut self.parameters,
                buffers,
                &layout,
                slopes,
                sums,
            );
        }
    }

    /// The distinct rows of a batch for one of [`Compiled::reads`].
    pub fn rows<'a>(&self, batch: &'a Batch, read: usize) -> &'a [u32] {
        rows_of(batch, self.reads(batch)[read].ids)
    }

    /// The gradients of those rows, row by row. The next backward pass reuses whatever memory it finds here.
    pub fn row_gradients(&mut self, batch: &Batch, read: usize) -> &mut Vec<f32> {
        let way = self.way(batch);
        &mut self.ways[way].buffers.of_rows[read]
    }
}
