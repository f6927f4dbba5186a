//! Products of queries and candidates.

use super::{Forward, placed};
use crate::columns::Axis;
use crate::plan::FactorNodes;
use burn::tensor::Tensor;
use recburn_graph::{Node, Side};

impl Forward<'_, '_> {
    /// The value of a node that has one entry per distinct row, if it has.
    fn by_rows(&self, at: usize, wanted: Axis) -> Option<Tensor<2>> {
        let value = self.values[at].as_ref()?;
        (value.axis == wanted).then(|| value.tensor.clone())
    }

    /// A product of each query with each shared candidate where one factor is the query's and the other the candidate's.
    pub(super) fn dot(&self, node: &Node, axis: Axis) -> Tensor<2> {
        let (left, right) = (node.sources[0], node.sources[1]);
        if self.inputs.shares_candidates() {
            for (user, item) in [(left, right), (right, left)] {
                let Some(item) = self.by_rows(item, Axis::Items) else {
                    continue;
                };
                if let Some(user) = self.by_rows(user, Axis::Users) {
                    return self.all_products(user, item);
                }
                if let Some(queries) = self.by_rows(user, Axis::Queries) {
                    return self.products_of_queries(queries, item);
                }
            }
        }
        (self.at(left, axis) * self.at(right, axis)).sum_dim(1)
    }

    /// The product of each query's row and each candidate's: `[queries * candidates, 1]`.
    fn all_products(&self, users: Tensor<2>, items: Tensor<2>) -> Tensor<2> {
        let queries = placed(users, &self.inputs.batch().users.inverse);
        self.products_of_queries(queries, items)
    }

    fn products_of_queries(&self, queries: Tensor<2>, items: Tensor<2>) -> Tensor<2> {
        let batch = self.inputs.batch();
        let candidates = placed(items, &batch.items.inverse);
        queries
            .matmul(candidates.transpose())
            .reshape([batch.scores(), 1])
    }

    /// A factor score of each query with each shared candidate: `[queries * candidates, 1]`.
    pub(super) fn score_of_shared(&self, of: &FactorNodes) -> Tensor<2> {
        let factors = self.network.factors(of);
        let users = self.inputs.by_row(Side::User).users();
        let items = self.inputs.by_row(Side::Item).items();
        let mut score = self.all_products(
            factors.user_factors.forward(users),
            factors.item_factors.forward(items),
        );
        if let Some(bias) = factors.user_bias {
            score = score + self.inputs.spread(Side::User, bias.forward(users));
        }
        if let Some(bias) = factors.item_bias {
            score = score + self.inputs.spread(Side::Item, bias.forward(items));
        }
        score
    }
}
