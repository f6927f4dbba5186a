//! What a step reads of the tables, and the way of its gradients back to their rows.

use crate::row_gradients::RowGradients;
use crate::store::{Store, matrix};
use burn::module::ParamId;
use burn::tensor::Tensor;
use recburn_nn::{Embedding, Factors, Ids, RowSource};
use recburn_optim::{Column, RowTable, examples, row_sums};

impl Store {
    /// The gradients of the rows behind a factor score, from that of each example's score.
    pub fn factor_gradients(
        &mut self,
        factors: [ParamId; 2],
        biases: [Option<ParamId>; 2],
        [users, items]: [&Ids; 2],
        of_scores: &[f32],
        out: &mut RowGradients,
    ) {
        let mut gradients = std::mem::take(&mut self.gradients);
        let Some(score) = self.factors(factors, biases) else {
            unreachable!("only rows are read as a factor score");
        };
        score.gradients(column(users), column(items), of_scores, &mut gradients);
        out.add(factors[0], users, &mut gradients.user_factors);
        out.add(factors[1], items, &mut gradients.item_factors);
        if let Some(bias) = biases[0] {
            out.add(bias, users, &mut gradients.user_bias);
        }
        if let Some(bias) = biases[1] {
            out.add(bias, items, &mut gradients.item_bias);
        }
        self.gradients = gradients;
    }

    /// The gradients of the rows behind examples of tables side by side, `[batch, sum of widths]`.
    pub fn example_gradients(
        &mut self,
        reads: &[(ParamId, Ids)],
        of_examples: &[f32],
        out: &mut RowGradients,
    ) {
        let mut sums = std::mem::take(&mut self.gradients.user_factors);
        let width = |id| self.rows_of(id).map_or(0, RowTable::width);
        let total = reads.iter().map(|(id, _)| width(*id)).sum();
        let mut start = 0;
        for (id, ids) in reads {
            let columns = start..start + width(*id);
            start = columns.end;
            row_sums(column(ids), of_examples, columns, total, &mut sums);
            out.add(*id, ids, &mut sums);
        }
        self.gradients.user_factors = sums;
    }
}

/// A column of ids as the kernels take it.
fn column(ids: &Ids) -> Column<'_> {
    Column {
        rows: ids.rows(),
        inverse: ids
            .inverse()
            .expect("the ids of a training step are coalesced"),
    }
}

impl RowSource for Store {
    fn gather(&mut self, table: &Embedding, ids: &Ids) -> Tensor<2> {
        let id = table.weight.id;
        if let Some(weights) = self.tensor_of(id) {
            return weights.clone().select(0, ids.rows_on_device());
        }
        self.make_up(id, ids.rows());
        let rows = self.rows_of(id).expect("a table is rows or a tensor");
        let values = ids.rows().iter().flat_map(|&row| rows.row(row));
        let device = table.weight.lazy_device().inner();
        matrix(values.copied().collect(), rows.width(), &device)
    }

    fn examples(&mut self, reads: &[(&Embedding, &Ids)]) -> Option<Tensor<2>> {
        let (first, first_ids) = reads.first()?;
        for (table, ids) in reads {
            ids.inverse()?;
            if !self.make_up(table.weight.id, ids.rows()) {
                return None;
            }
        }
        let total = reads.iter().map(|(table, _)| table.shape()[1]).sum();
        let mut values = vec![0.0; first_ids.batch() * total];
        let mut start = 0;
        for (table, ids) in reads {
            let rows = self.rows_of(table.weight.id)?;
            let columns = start..start + rows.width();
            start = columns.end;
            examples(rows, column(ids), columns, total, &mut values);
        }
        let device = first.weight.lazy_device().inner();
        Some(matrix(values, total, &device))
    }

    fn factor_score(
        &mut self,
        factors: &Factors<'_>,
        users: &Ids,
        items: &Ids,
    ) -> Option<Tensor<2>> {
        let id = |table: &Embedding| table.weight.id;
        users.inverse().and(items.inverse())?;
        let of = [id(factors.user_factors), id(factors.item_factors)];
        let biases = [factors.user_bias.map(id), factors.item_bias.map(id)];
        let tables = [
            (Some(of[0]), users),
            (Some(of[1]), items),
            (biases[0], users),
            (biases[1], items),
        ];
        for (id, ids) in tables {
            if id.is_some_and(|id| !self.make_up(id, ids.rows())) {
                return None;
            }
        }
        let score = self.factors(of, biases)?;
        let mut scores = vec![0.0; users.batch()];
        score.scores(column(users), column(items), &mut scores);
        let device = factors.user_factors.weight.lazy_device().inner();
        Some(matrix(scores, 1, &device))
    }
}
