//! The traits of models.

use crate::columns::Ids;
use crate::factors::Factorisation;
use crate::halves::Halves;
use crate::inputs::Inputs;
use crate::towers::Towers;
use burn::module::{Module, ParamId};
use burn::tensor::{Device, Tensor};
use recburn_graph::Graph;
use recburn_schema::Input;

/// A module that scores queries against candidates. Training and recommending require nothing else: tables are found by
/// observing one forward pass.
///
/// A rating is a query with one candidate, a pairwise loss has two candidates, a sampled softmax has one positive and
/// its negatives, and a list is a query against the catalogue: one method covers all of them. A model that reads only
/// users and items can implement [`PairModel`] instead.
pub trait Model: Module {
    /// The inputs that it reads. They are compared with the data before anything is allocated.
    fn inputs(&self) -> Vec<Input>;

    /// The score of each query and candidate.
    ///
    /// # Shapes
    /// - output: `[queries, candidates]`
    fn score(&self, inputs: &Inputs<'_>) -> Tensor<2>;

    /// The model as a factor score and a link, if it consists only of these. It must describe the same function as
    /// [`Model::score`], and allows training without autodiff. Without it a model trains through `score`.
    fn factorisation(&self) -> Option<Factorisation<'_>> {
        None
    }

    /// The model as a dot product of user and item vectors, if it is one: lists are then computed from the cached vectors of
    /// all items. Call it on a model that is not in training.
    fn towers(&self) -> Option<Box<dyn Towers + '_>> {
        None
    }

    /// The model as layers over a row of the user and one of the item, if it is that: lists are then computed from the cached
    /// rows of all items, and only what depends on both is computed for each pair. Call it on a model that is not in
    /// training.
    fn halves(&self) -> Option<Box<dyn Halves + '_>> {
        None
    }

    /// The graph whose nodes name this model's parameters, if the model consists only of it; on a CPU it is then
    /// trained by steps compiled from the graph. Without it a model trains through `score`.
    fn as_graph(&self) -> Option<&Graph> {
        None
    }

    /// The parameters other than tables that have a penalty `l2 * sum(w^2)`, with their `l2`: usually kernels of dense
    /// layers. A [`Network`](crate::Network) takes them from its graph; a custom model lists them here, as in
    /// `vec![(self.hidden.weight.id, 1e-4)]`. The penalties of tables are in [`Embedding::options`](crate::Embedding).
    fn penalties(&self) -> Vec<(ParamId, f64)> {
        Vec::new()
    }
}

/// A module that scores pairs of a user and an item. Every `PairModel` is a [`Model`].
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

    /// As [`Model::towers`].
    fn towers(&self) -> Option<Box<dyn Towers + '_>> {
        None
    }

    /// As [`Model::halves`].
    fn halves(&self) -> Option<Box<dyn Halves + '_>> {
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
        // Scores with another shape are refused by the caller.
        match scores.dims() == [inputs.batch().scores(), 1] {
            true => scores.reshape([inputs.queries(), inputs.candidates()]),
            false => scores,
        }
    }

    fn factorisation(&self) -> Option<Factorisation<'_>> {
        PairModel::factorisation(self)
    }

    fn towers(&self) -> Option<Box<dyn Towers + '_>> {
        PairModel::towers(self)
    }

    fn halves(&self) -> Option<Box<dyn Halves + '_>> {
        PairModel::halves(self)
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
