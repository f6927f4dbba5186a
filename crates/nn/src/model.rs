//! What a model is.

use crate::columns::Ids;
use crate::factors::Factorisation;
use crate::inputs::Inputs;
use burn::module::{Module, ParamId};
use burn::tensor::{Device, Tensor};
use recburn_graph::Graph;
use recburn_schema::Input;

/// A module that scores queries against candidates. This is all that training and recommending ask of a model: tables are
/// found by watching one forward pass.
///
/// A rating is a query with one candidate, a pair loss has two candidates, a sampled softmax has one positive and its
/// negatives, and a list is a query against the catalogue: a model says once how it scores. One that needs no more than
/// users and items is a [`PairModel`].
pub trait Model: Module {
    /// What it reads. It is compared with what the data offer before anything is allocated.
    fn inputs(&self) -> Vec<Input>;

    /// The score of each query and candidate.
    ///
    /// # Shapes
    /// - output: `[queries, candidates]`
    fn score(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// The model as one factor score and a link, if that is all there is to it: what [`Model::score`] computes, said in a
    /// way that needs no autodiff. A model that leaves this out trains by what `score` says.
    fn factorisation(&self) -> Option<Factorisation<'_>> {
        None
    }

    /// The graph whose nodes name this model's parameters, if it is one and nothing else: a processor trains it by steps
    /// that are compiled from the graph. A model that leaves this out trains by what `score` says.
    fn as_graph(&self) -> Option<&Graph> {
        None
    }

    /// The parameters besides the tables that carry a penalty `l2 * sum(w^2)`, with their `l2`: the kernels of dense
    /// layers, as a rule. A [`Network`](crate::Network) takes them from its graph; a model of your own that wants them
    /// names them here, as in `vec![(self.hidden.weight.id, 1e-4)]`. Tables have theirs in
    /// [`Embedding::options`](crate::Embedding).
    fn penalties(&self) -> Vec<(ParamId, f64)> {
        Vec::new()
    }
}

/// A module that scores pairs of a user and an item. Every one of them is a [`Model`].
pub trait PairModel: Module {
    /// One score per pair.
    ///
    /// # Shapes
    /// - users and items: `[pairs]`
    /// - output: `[pairs, 1]`
    fn score(&self, users: Ids<'_>, items: Ids<'_>) -> Tensor<2>;

    /// As [`Model::factorisation`].
    fn factorisation(&self) -> Option<Factorisation<'_>> {
        None
    }

    /// As [`Model::penalties`].
    fn penalties(&self) -> Vec<(ParamId, f64)> {
        Vec::new()
    }
}

impl<M: PairModel> Model for M {
    fn inputs(&self) -> Vec<Input> {
        Vec::new()
    }

    fn score(&self, inputs: &Inputs<'_>) -> Tensor<2> {
        let scores = PairModel::score(self, inputs.users(), inputs.items());
        // What has another shape is refused by whoever asked.
        match scores.dims() == [inputs.batch().scores(), 1] {
            true => scores.reshape([inputs.queries(), inputs.candidates()]),
            false => scores,
        }
    }

    fn factorisation(&self) -> Option<Factorisation<'_>> {
        PairModel::factorisation(self)
    }

    fn penalties(&self) -> Vec<(ParamId, f64)> {
        PairModel::penalties(self)
    }
}

/// The device that holds a model's weights, without autodiff.
pub fn device_of(model: &impl Module) -> Device {
    model
        .devices()
        .into_iter()
        .next()
        .unwrap_or_default()
        .inner()
}
