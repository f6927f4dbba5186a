//! The reads of tables in a step, and the gradients of the rows behind them.

use crate::home::{Fetched, matrix};
use crate::row_gradients::RowGradients;
use crate::store::Store;
use burn::module::ParamId;
use burn::tensor::Tensor;
use recburn_nn::{
    Bag, ColumnId, Columns, Embedding, Factors, Ids, Key, Pool, RowSource, pool_scale,
};
use recburn_optim::{Column, RowTable, examples, row_sums};

/// A column of ids in the form that the kernels use.
fn column<'s>(columns: &'s Columns<'_>, key: Key) -> Column<'s> {
    Column {
        rows: columns.rows(key.column),
        inverse: columns.inverse(key),
    }
}

fn of_ids(ids: Ids<'_>) -> Column<'_> {
    Column {
        rows: ids.rows(),
        inverse: ids.inverse(),
    }
}

impl Store {
    /// The gradients of the rows behind a factor score, from the gradient of each pair's score.
    pub fn factor_gradients(
        &mut self,
        factors: [ParamId; 2],
        biases: [Option<ParamId>; 2],
        [users, items]: [Key; 2],
        columns: &Columns<'_>,
        of_scores: &[f32],
        out: &mut RowGradients,
    ) {
        let mut gradients = std::mem::take(&mut self.gradients);
        let Some(score) = self.factors(factors, biases) else {
            unreachable!("only rows are read as a factor score");
        };
        let (of_users, of_items) = (column(columns, users), column(columns, items));
        score.gradients(of_users, of_items, of_scores, &mut gradients);
        let rows_of = |column| columns.rows(column);
        let mut add = |id, key: Key, gradient| out.add(id, key.column, &rows_of, gradient);
        add(factors[0], users, &mut gradients.user_factors);
        add(factors[1], items, &mut gradients.item_factors);
        if let Some(bias) = biases[0] {
            add(bias, users, &mut gradients.user_bias);
        }
        if let Some(bias) = biases[1] {
            add(bias, items, &mut gradients.item_bias);
        }
        self.gradients = gradients;
    }

    /// The gradients of the rows behind examples that concatenate tables, `[entries, sum of widths]`.
    pub fn example_gradients(
        &mut self,
        reads: &[(ParamId, Key)],
        columns: &Columns<'_>,
        of_examples: &[f32],
        out: &mut RowGradients,
    ) {
        let mut sums = std::mem::take(&mut self.gradients.user_factors);
        let width = |id| self.rows_of(id).map_or(0, RowTable::width);
        let total = reads.iter().map(|(id, _)| width(*id)).sum();
        let mut start = 0;
        for &(id, key) in reads {
            let part = start..start + width(id);
            start = part.end;
            row_sums(column(columns, key), of_examples, part, total, &mut sums);
            out.add(id, key.column, &|column| columns.rows(column), &mut sums);
        }
        self.gradients.user_factors = sums;
    }

    /// The gradients of the rows behind pooled bags, `[bags, width]`.
    pub fn pool_gradients(
        &mut self,
        table: ParamId,
        bags: ColumnId,
        how: Pool,
        columns: &Columns<'_>,
        of_bags: &[f32],
        out: &mut RowGradients,
    ) {
        let Some((of, values)) = self.rows_of(table).zip(columns.bags(bags)) else {
            unreachable!("only bags of rows are pooled");
        };
        let width = of.width();
        let mut sums = std::mem::take(&mut self.gradients.user_factors);
        sums.clear();
        sums.resize(values.column.rows.len() * width, 0.0);
        let mut begin = 0;
        for (&end, gradient) in values.ends.iter().zip(of_bags.chunks_exact(width)) {
            let scale = pool_scale((end - begin) as usize, how);
            for entry in begin as usize..end as usize {
                let scale = scale * values.weights.get(entry).copied().unwrap_or(1.0);
                let at = values.column.inverse[entry] as usize * width;
                for (sum, gradient) in sums[at..][..width].iter_mut().zip(gradient) {
                    *sum += scale * gradient;
                }
            }
            begin = end;
        }
        out.add(table, bags, &|column| columns.rows(column), &mut sums);
        self.gradients.user_factors = sums;
    }
}

impl RowSource for Store {
    fn gather(&mut self, table: &Embedding, ids: Ids<'_>) -> Tensor<2> {
        let id = table.weight.id;
        let of = match self.fetch(id, ids.rows()) {
            Fetched::Rows(weights) => return *weights,
            Fetched::Memory(of) => of,
        };
        let values = ids.rows().iter().flat_map(|&row| of.row(row));
        let device = table.weight.lazy_device().inner();
        matrix(values.copied().collect(), of.width(), &device)
    }

    fn examples(&mut self, reads: &[(&Embedding, Ids<'_>)]) -> Option<Tensor<2>> {
        let (first, first_ids) = reads.first()?;
        for (table, ids) in reads {
            if !self.fetch_in_memory(table.weight.id, ids.rows()) {
                return None;
            }
        }
        let total = reads.iter().map(|(table, _)| table.shape()[1]).sum();
        let mut values = vec![0.0; first_ids.len() * total];
        let mut start = 0;
        for (table, ids) in reads {
            let rows = self.rows_of(table.weight.id)?;
            let columns = start..start + rows.width();
            start = columns.end;
            examples(rows, of_ids(*ids), columns, total, &mut values);
        }
        let device = first.weight.lazy_device().inner();
        Some(matrix(values, total, &device))
    }

    fn factor_score(
        &mut self,
        factors: &Factors<'_>,
        users: Ids<'_>,
        items: Ids<'_>,
    ) -> Option<Tensor<2>> {
        let id = |table: &Embedding| table.weight.id;
        let of = [id(factors.user_factors), id(factors.item_factors)];
        let biases = [factors.user_bias.map(id), factors.item_bias.map(id)];
        let tables = [
            (Some(of[0]), users),
            (Some(of[1]), items),
            (biases[0], users),
            (biases[1], items),
        ];
        for (id, ids) in tables {
            if id.is_some_and(|id| !self.fetch_in_memory(id, ids.rows())) {
                return None;
            }
        }
        let score = self.factors(of, biases)?;
        let mut scores = vec![0.0; users.len()];
        score.scores(of_ids(users), of_ids(items), &mut scores);
        let device = factors.user_factors.weight.lazy_device().inner();
        Some(matrix(scores, 1, &device))
    }

    fn pool(&mut self, table: &Embedding, bag: Bag<'_>, how: Pool) -> Option<Tensor<2>> {
        let (id, ids) = (table.weight.id, bag.ids());
        if !self.fetch_in_memory(id, ids.rows()) {
            return None;
        }
        let of = self.rows_of(id)?;
        let width = of.width();
        let mut pooled = vec![0.0; bag.ends().len() * width];
        let mut begin = 0;
        for (&end, out) in bag.ends().iter().zip(pooled.chunks_exact_mut(width)) {
            let scale = pool_scale((end - begin) as usize, how);
            for entry in begin as usize..end as usize {
                let scale = scale * bag.weights().get(entry).copied().unwrap_or(1.0);
                let row = of.row(ids.rows()[ids.inverse()[entry] as usize]);
                for (out, weight) in out.iter_mut().zip(row) {
                    *out += scale * weight;
                }
            }
            begin = end;
        }
        Some(matrix(pooled, width, &table.weight.lazy_device().inner()))
    }
}
